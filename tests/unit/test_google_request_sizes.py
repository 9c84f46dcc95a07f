"""How large the requests of an import into Google are: near the limit, never above it."""

from collections.abc import Iterator
from decimal import Decimal

import pytest

from mailers.memory import MemoryOutbox
from sync.importing import bring
from sync.office import Office
from tests.benchmarks.google import desk
from tests.benchmarks.office import NOW, SETTINGS, empty
from tests.imports_for_tests import lot
from validators.rows import Cell


def rows(count: int, notes: str) -> Iterator[dict[str, Cell]]:
    for number in range(count):
        yield {
            "Numer": f"FV/{number}/2026",
            "Nabywca": f"Zakład Usługowy „Źrebię” nr {number} sp. z o.o.",
            "E-mail nabywcy": f"biuro{number}@firma.example",
            "Adres nabywcy": f"ul. Długa {number}, 80-180 Gdańsk",
            "Data wystawienia": "2026-11-02",
            "Termin płatności": "2026-11-16",
            "Kwota brutto": Decimal(number + 1) / 3,
            "Waluta": "EUR",
            "Uwagi": notes,
        }


def bodies(count: int, size: int, notes: str, largest: int = 2_000_000) -> list[int]:
    """The sizes of the writes of an import of so many invoices, each with a client of its own."""
    with desk(empty().read().sheets) as google:
        first = len(google.server.log)
        office = Office(google.workbook(largest), MemoryOutbox(), SETTINGS)
        bring(office, [lot(list(rows(count, notes)))], NOW, "import", size=size)
        return [len(made.body) for made in google.server.log[first:] if made.body and b'"requests"' in made.body]


def test_five_hundred_invoices_that_each_bring_a_client_are_one_write() -> None:
    assert len(bodies(500, 500, "dowóz własny")) == 1


@pytest.mark.parametrize("notes", ["", "zażółć gęślą jaźń " * 20, '"\\\n' * 90])
def test_no_request_is_larger_than_it_may_be_and_most_are_nearly_as_large(notes: str) -> None:
    sizes = bodies(60, 60, notes, largest=60_000)
    assert max(sizes) <= 60_000
    assert len(sizes) > 2
    assert sum(sizes[:-1]) > 0.8 * 60_000 * len(sizes[:-1])
