"""A firm at a Google of our own, ready for a next sync: set up once, copied for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.clocks import VirtualClock
from tests.fakes.sheets_server import FakeSheets
from tests.google_desk_for_tests import FAKTURY, KLIENCI, Firm
from tests.google_troubles_for_tests import Cells, cells

CLOCK = VirtualClock()


@pytest.fixture(scope="module")
def google() -> Iterator[FakeSheets]:
    with FakeSheets(clock=CLOCK) as server:
        yield server


@pytest.fixture(scope="module")
def ready(google: FakeSheets, tmp_path_factory: pytest.TempPathFactory) -> Firm:
    """A firm that is set up and synced, and has something new to write; others are copies of it."""
    firm = Firm(google, google.add("Kartoteka", [KLIENCI, FAKTURY]), tmp_path_factory.mktemp("ready"), CLOCK)
    firm.trimmed()
    assert firm.run("init").status == 0
    firm.trimmed()
    assert firm.run("sync").status == 0
    firm.types("Faktury", "FV/1", "Zapłacono", 500)
    firm.types("Klienci", "Beta Jan Kos", "Etap", "OFERTA")
    return firm


@pytest.fixture(scope="module")
def undisturbed(ready: Firm, tmp_path_factory: pytest.TempPathFactory) -> Cells:
    """How such a firm's sheet looks after its next sync, when nothing goes wrong."""
    quiet = ready.copied(tmp_path_factory.mktemp("undisturbed"))
    assert quiet.run("sync").status == 0
    return cells(quiet)


@pytest.fixture
def firm(ready: Firm, tmp_path: Path) -> Iterator[Firm]:
    yield ready.copied(tmp_path)
    ready.server.before.clear()
    ready.server.faults, ready.server.unplugged, ready.server.api_enabled = None, False, True
