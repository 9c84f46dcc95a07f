"""Imports of long lists: reading and deciding, beside pandas that only reads; and the requests of one into Google."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from importers.mapping import mapping
from importers.port import Listing
from importers.source import held
from importers.verdicts import counts
from mailers.memory import MemoryOutbox
from sync.importing import Lot, bring
from sync.office import Office
from tests.benchmarks.google import desk
from tests.benchmarks.measuring import Alone, alone, spread
from tests.benchmarks.office import NOW, SETTINGS, empty
from tests.benchmarks.register import client_rows
from tests.raw_workbooks import shared_workbook
from validators.rows import Row

FORMATS = ("csv", "xlsx")
HEADERS = ("Nazwa", "Adres", "NIP", "E-mail", "Telefon")
INVOICE_HEADERS = ("Numer", "Klient", "Data wystawienia", "Kwota brutto")
MEGABYTE = 1e6


@dataclass(frozen=True, slots=True)
class Sizes:
    """Rows of the two lists, how often each is read, rows of the lists for Google, and of a batch there."""

    small: int = 10_000
    large: int = 100_000
    rounds: int = 5
    google: int = 10_000
    batch: int = 500


QUICK = Sizes(small=10, large=20, rounds=1, google=20, batch=5)


@dataclass(frozen=True, slots=True)
class Listed:
    """A list of `rows` rows in a format, its `size` in MB, and what it took: round by round, each in a new process."""

    format: str
    rows: int
    size: float
    ours: Sequence[Alone]
    pandas: Sequence[Alone]

    @property
    def ratios(self) -> list[float]:
        """How many times as long as pandas, each with its neighbour in time."""
        return [ours.seconds / theirs.seconds for ours, theirs in zip(self.ours, self.pandas, strict=True)]

    def growth(self, small: "Listed") -> list[float]:
        """How many times as long as a `small` list of the format."""
        return [large.seconds / few.seconds for large, few in zip(self.ours, small.ours, strict=True)]

    def memory(self, runs: Sequence[Alone]) -> list[float]:
        """The memory that was needed beside what the program itself takes, in sizes of the file."""
        return [(run.peak - run.before) / self.size for run in runs]


@dataclass(frozen=True, slots=True)
class Sent:
    """An import of `rows` rows into Google: what they are, how many requests it made, and how many it may."""

    what: str
    rows: int
    batch: int
    requests: int

    @property
    def most(self) -> int:
        """The aim: a request for each batch, and three."""
        return self.rows // self.batch + 3


def measured(sizes: Sizes) -> list[tuple[Listed, Listed]]:
    """The small and the large list in each format; both, and pandas, take turns."""
    with TemporaryDirectory() as folder:
        found = []
        for format_ in FORMATS:
            files = [made(Path(folder), rows, format_) for rows in (sizes.small, sizes.large)]
            runs = [[(alone("list", str(f)), alone("pandas", str(f))) for f in files] for _ in range(sizes.rounds)]
            small, large = (
                Listed(
                    format_,
                    rows,
                    file.stat().st_size / MEGABYTE,
                    [run[i][0] for run in runs],
                    [run[i][1] for run in runs],
                )
                for i, (rows, file) in enumerate(zip((sizes.small, sizes.large), files, strict=True))
            )
            found.append((small, large))
        return found


def made(folder: Path, rows: int, format_: str) -> Path:
    """A file with a list of `rows` clients, as Excel in Polish writes it."""
    file = folder / f"klienci{rows}.{format_}"
    if format_ == "csv":
        with file.open("w", encoding="utf-8-sig", newline="") as text:
            csv.writer(text, delimiter=";").writerows([HEADERS, *client_rows(rows)])
    else:
        file.write_bytes(shared_workbook([HEADERS, *client_rows(rows)]))
    return file


def sent(sizes: Sizes) -> list[Sent]:
    """What imports into Google take: of clients, and of invoices that each bring a client."""
    rows = list(client_rows(sizes.google))
    clients = (Row(i, "", dict(zip(HEADERS, row, strict=True))) for i, row in enumerate(rows, 2))
    bills = (
        Row(i, "", dict(zip(INVOICE_HEADERS, (f"FV/{i}/2026", f"{row[0]} {i}", "2026-11-02", "123,45"), strict=True)))
        for i, row in enumerate(rows, 2)
    )
    return [
        _sent("clients", Listing("", "", HEADERS, clients), sizes),
        _sent("invoices, each with a new client", Listing("", "", INVOICE_HEADERS, bills), sizes),
    ]


def _sent(what: str, listing: Listing, sizes: Sizes) -> Sent:
    source = held(listing)
    lot = Lot("lista.csv", source, mapping(source))
    with desk(empty().read().sheets) as google:
        before = google.server.count()
        office = Office(google.workbook(), MemoryOutbox(), SETTINGS)
        done = bring(office, [lot], NOW, "import", size=sizes.batch)
        requests = google.server.count() - before
    assert sum(counts(done.rulings[0]).values()) == sizes.google
    return Sent(what, sizes.google, sizes.batch, requests)


def lines(found: Sequence[tuple[Listed, Listed]]) -> Iterator[tuple[str, str, str]]:
    """What was measured, as rows of a table: what, how much, the aim."""
    aims = {"csv": "read_csv", "xlsx": 'read_excel(engine="calamine")'}
    for small, large in found:
        what = f"{large.rows:,} clients in {large.format.upper()} ({large.size:.1f} MB)"
        yield f"{what}: read, map, validate, decide, against `{aims[large.format]}`", spread(large.ratios), "≤ 8"
        yield f"{what}: the same, CPU time", spread([run.seconds for run in large.ours], " s"), ""
        yield f"{what}: growth from {small.rows:,}", spread(large.growth(small)), "≤ 11"
        yield f"{what}: memory, in sizes of the file", spread(large.memory(large.ours)), "≤ 10"
        yield f"{what}: the same, of pandas", spread(large.memory(large.pandas)), ""


def request_lines(found: Sequence[Sent]) -> Iterator[tuple[str, str, str]]:
    """The requests as rows of the same table."""
    for each in found:
        what = f"{each.rows:,} {each.what}, into Google by {each.batch}: requests"
        yield what, f"{each.requests}", f"≤ {each.most}"
