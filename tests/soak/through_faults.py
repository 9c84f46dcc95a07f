"""Writes to a Google that refuses, loses answers and applies late: each must be there once, and cheaply.

`python -m tests.soak.through_faults` makes ten thousand writes and prints their cost; a short run is in the test suite.
"""

import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from sync.book import locate
from sync.plan import AppendRow, Plan, SetCell
from sync.snapshot import Snapshot
from sync.storage.google import GoogleWorkbook
from tests.fakes.clocks import VirtualClock
from tests.fakes.faults import Faults
from tests.fakes.sheets_server import FakeSheets, Logged
from tests.fakes.spreadsheet import Spreadsheet
from tests.google_for_tests import google_workbook
from tests.making import CLIENTS, HISTORY, Sheet
from validators.errors import OutOfReach, WorkbookMoved
from validators.rows import as_text

RECORDS = 8
MOST_HISTORY = 300  # rows; a person moves the older ones away: what was read of them is not what is tried here
STARTING = 1.0  # seconds that a new process needs before its first request
MOST_A_MINUTE = 60


@dataclass
class Tally:
    """What a run of writes cost and left. `told` counts each number of the history, `outages` the runs that gave up."""

    writes: int
    requests: int = 0
    in_a_minute: int = 0
    seconds: float = 0.0
    outages: int = 0
    moved: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    told: Counter[int] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    @property
    def twice(self) -> list[int]:
        """The numbers that stand in the history more than once."""
        return [number for number, count in self.told.items() if count > 1]

    @property
    def lost(self) -> list[int]:
        """The numbers that do not stand there."""
        return [number for number in range(self.writes) if number not in self.told]

    def sound(self, undisturbed: int) -> bool:
        """Whether every promise was kept, when the same without faults takes `undisturbed` requests."""
        good = not (self.twice or self.lost or self.wrong)
        return good and self.in_a_minute <= MOST_A_MINUTE and self.requests <= 3 * undisturbed


class Office:
    """Somebody who writes number after number, each as a run of its own in the loop that sync uses."""

    def __init__(self, server: FakeSheets, folder: Path, clock: VirtualClock, tally: Tally) -> None:
        rows = [(f"K-{n:04}", f"Firma {n}", *[None] * (len(CLIENTS) - 2)) for n in range(RECORDS)]
        self.book = server.add("Kartoteka", [Sheet("Klienci", [CLIENTS, *rows]), Sheet("Historia", [HISTORY])])
        self._server, self._folder, self._clock, self._tally = server, folder, clock, tally
        self._workbook = self._started()

    def write(self, number: int) -> None:
        """Put `number` down, whatever happens, until it is there."""
        while True:
            try:
                if self._tried(number):
                    return
            except WorkbookMoved:
                self._tally.moved += 1
            except OutOfReach:
                self._tally.outages += 1
                self._workbook = self._started()

    def tidy(self, most: int = MOST_HISTORY) -> None:
        """A person moves all rows of the history but the last `most` away."""
        with self._server.lock:
            tab = self.book.tab("Historia")
            surplus = tab.last_row - 1 - most
            if surplus > 0:
                self._tally.told += Counter(numbers(self.book)[:surplus])
                tab.delete_rows(1, surplus)

    def _tried(self, number: int) -> bool:
        """Whether a run has put `number` down or found that it stands there."""
        self._workbook.recover()
        snapshot = self._workbook.read()
        if number in [int(text) for text in _details(snapshot)[-RECORDS:]]:
            return True
        id_ = f"K-{number % RECORDS:04}"
        changes = (SetCell("clients", id_, "problems", None, f"zapis {number}"),)
        rows = (AppendRow("history", {"run": "r", "event": "problem", "id": id_, "details": str(number)}),)
        self._workbook.apply(Plan("r", snapshot.register, "pl", changes=changes, appended=rows), after=snapshot)
        return True

    def _started(self) -> GoogleWorkbook:
        self._clock.sleep(STARTING)
        return google_workbook(self._server, self.book, self._folder, self._clock)


def write(folder: Path, writes: int, faults: Faults | None) -> Tally:
    """Make `writes` writes under `faults` and count."""
    clock, tally = VirtualClock(), Tally(writes)
    with FakeSheets(clock=clock.now, faults=faults) as server:
        office = Office(server, folder, clock, tally)
        for number in range(writes):
            office.write(number)
            office.tidy(2 * MOST_HISTORY if number % MOST_HISTORY else MOST_HISTORY)
        server.settle()
        tally.told += Counter(numbers(office.book))
        tally.requests, tally.seconds = server.count(), clock.now()
        tally.in_a_minute = most_in_a_minute(server.log)
        tally.wrong = list(_wrong(office.book, writes))
    tally.faults = faults.counted if faults else tally.faults
    return tally


def most_in_a_minute(log: list[Logged]) -> int:
    """The most requests, sign-in apart, that any sixty seconds saw."""
    moments = [request.at for request in log if request.book]
    first, most = 0, 0
    for number, moment in enumerate(moments):
        while moments[first] <= moment - 60:
            first += 1
        most = max(most, number + 1 - first)
    return most


def numbers(book: Spreadsheet) -> list[int]:
    """The numbers that stand in the history, from above."""
    return [int(text) for text in _details(Snapshot("", "", book.snapshot()))]


def _details(snapshot: Snapshot) -> list[str]:
    return [as_text(cell) for cell in locate(snapshot)["history"].table().column("details")]


def _wrong(book: Spreadsheet, writes: int) -> Iterator[str]:
    """Service cells that do not hold the last number written for their record."""
    table = locate(Snapshot("", "", book.snapshot()))["clients"].table()
    for position, (id_, cell) in enumerate(zip(table.ids(), table.column("problems"), strict=True)):
        right = max(n for n in range(writes) if n % RECORDS == position)
        if id_ != f"K-{position:04}" or cell != f"zapis {right}":
            yield f"{id_}: {cell!r} instead of 'zapis {right}'"


def main(writes: int) -> int:
    """Print what the writes cost without faults and with them. Exit status 1 when a promise was broken."""
    kinds = {
        "none": None,
        "20 % refused, 5 % lost, 2 % late by 30 s": Faults(11),
        "the same, late by 3 minutes": Faults(12, late_by=180.0),
        "half of the answers lost": Faults(13, refused=0.1, lost=0.5, late=0.05),
    }
    print(
        f"{'faults':<44}{'writes':>7}{'requests':>10}{'a minute':>10}{'gave up':>9}{'twice':>7}{'lost':>6}{'wrong':>7}"
    )
    status = undisturbed = 0
    for name, faults in kinds.items():
        with TemporaryDirectory() as folder:
            tally = write(Path(folder), writes, faults)
        undisturbed = undisturbed or tally.requests
        print(
            f"{name:<44}{tally.writes:>7}{tally.requests:>10}{tally.in_a_minute:>10}{tally.outages:>9}"
            f"{len(tally.twice):>7}{len(tally.lost):>6}{len(tally.wrong):>7}",
            flush=True,
        )
        print(f"    {dict(tally.faults)}; {tally.requests / undisturbed:.2f} times the requests without faults")
        if not tally.sound(undisturbed):
            status = 1
            print(f"    twice {tally.twice[:10]} lost {tally.lost[:10]} wrong {tally.wrong[:3]}")
    return status


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000))
