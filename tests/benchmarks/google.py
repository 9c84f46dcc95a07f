"""Syncs of a Google spreadsheet, counted in the log of the fake server. Time is virtual: none is measured here."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from mailers.memory import MemoryOutbox
from sync.journeys import Outcome, sync
from sync.office import Office
from sync.plan import Plan
from sync.snapshot import Sheet
from sync.storage.google import GoogleWorkbook
from sync.storage.google_batch import LARGEST_REQUEST, parts
from tests.benchmarks.office import NOW, SETTINGS, look, set_up
from tests.benchmarks.register import sheets
from tests.fakes.clocks import VirtualClock
from tests.fakes.sheets_server import FakeSheets
from tests.fakes.spreadsheet import Spreadsheet
from tests.google_for_tests import google_workbook

INVOICES_PER_CLIENT = 4
INVOICES, HISTORY = "Faktury", "Historia"


@dataclass(frozen=True, slots=True)
class Counted:
    """Requests that syncs of a workbook of `rows` clients and invoices need: the first, one with nothing to do, and one
    after `paid` invoices were paid, which set `cells` and appended `appended` rows."""

    rows: int
    first: int
    quiet: int
    busy: int
    paid: int
    cells: int
    appended: int


class Desk:
    """The spreadsheet `book` of `server`, known from an earlier run, and runs that share the state in `folder`."""

    def __init__(self, server: FakeSheets, book: Spreadsheet, folder: Path, clock: VirtualClock) -> None:
        self.server, self.book = server, book
        self._folder, self._clock = folder, clock
        self.workbook().prepare()

    def workbook(self, largest: int = LARGEST_REQUEST) -> GoogleWorkbook:
        """The workbook as a new run opens it."""
        return google_workbook(self.server, self.book, self._folder, self._clock, largest=largest)

    def sync(self, largest: int = LARGEST_REQUEST) -> tuple[int, Outcome]:
        """The requests of one sync, as the server counts them, and what it did."""
        before = self.server.count()
        done = sync(Office(self.workbook(largest), MemoryOutbox(), SETTINGS), NOW, "again")
        return self.server.count() - before, done

    def pay(self, most: int) -> int:
        """Somebody notes that the first `most` open invoices are paid; how many there were."""
        tab = self.book.tab(INVOICES)
        header, *lines = next(sheet.rows for sheet in self.book.snapshot() if sheet.title == INVOICES)
        paid, on = header.index("Zapłacono"), header.index("Data zapłaty")
        unpaid = [row for row, line in enumerate(lines, 1) if not line[paid] and not line[on]][:most]
        for row in unpaid:
            tab.set(row, paid, "tak")
        return len(unpaid)


@contextmanager
def desk(tabs: Sequence[Sheet]) -> Iterator[Desk]:
    """A spreadsheet of `tabs` that an earlier run has seen."""
    clock = VirtualClock()
    with TemporaryDirectory() as folder, FakeSheets(clock=clock) as server:
        yield Desk(server, server.add("Kartoteka", tabs), Path(folder), clock)


def counted(clients: int) -> Counted:
    """Count the syncs of `clients` clients and four times as many invoices.

    The first is counted in its plan, for the fake would need minutes for its many answers; then its history is put
    away, which is longer than all else.
    """
    workbook = set_up(sheets(clients, INVOICES_PER_CLIENT))
    new = workbook.read()
    first = look(new, "first").plan
    workbook.apply(first, new)
    with desk([begun_anew(sheet) for sheet in workbook.read().sheets]) as google:
        quiet, nothing = google.sync()
        assert not nothing.written
        paid = google.pay(max(clients // 40, 5))
        busy, done = google.sync()
    changes, appended = (sum(map(len, of)) for of in zip(*((p.changes, p.appended) for p in done.written), strict=True))
    return Counted(clients * (1 + INVOICES_PER_CLIENT), requests(first), quiet, busy, paid, changes, appended)


def requests(plan: Plan, largest: int = LARGEST_REQUEST) -> int:
    """How many requests a sync needs that writes `plan`: it is read in one."""
    return 1 + len(list(parts(plan, largest)))


def begun_anew(sheet: Sheet) -> Sheet:
    """The sheet; of the history the header alone."""
    return Sheet(sheet.title, sheet.rows[:1]) if sheet.title == HISTORY else sheet
