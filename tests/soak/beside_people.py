"""Syncs beside people who sort, insert, delete, move and type: what must hold at the end of each sync.

`python -m tests.soak.beside_people [SYNCS [SEED ...]]` runs a thousand syncs at each pace and prints a table; a short
run is in the test suite.
"""

import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import perf_counter

from config.settings import Settings
from mailers.memory import MemoryOutbox
from sync.book import locate
from sync.changes import same
from sync.journeys import Outcome, sync
from sync.office import Office
from sync.setup import setup
from sync.snapshot import Sheet, Snapshot
from sync.storage.google import GoogleWorkbook
from tests.fakes.clocks import VirtualClock
from tests.fakes.editing import Editor
from tests.fakes.people import Adversary, People
from tests.fakes.sheets_server import FakeSheets, Logged
from tests.fakes.spreadsheet import Spreadsheet
from tests.google_for_tests import google_workbook
from tests.workbooks_for_tests import at, sheet
from validators.errors import KartotekaError
from validators.rows import as_text
from validators.tabs import Owner, tab

PAUSE = 10.0  # seconds between two syncs
CLIENTS, INVOICES = 15, 25
EDITS_BETWEEN = 4  # of an adversary, who else would leave nothing to write


@dataclass
class Tally:
    """What happened in a run of syncs. `rounds` counts syncs by how many rounds of repair they took."""

    edits: int = 0
    syncs: int = 0
    unsettled: int = 0
    rounds: Counter[int] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    misplaced: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        """Whether nothing was lost, nothing stands where it does not belong, nothing was told twice."""
        return not (self.lost or self.misplaced or self.wrong or self.twice)


class Witness:
    """Remembers how the workbook stood right after the last write: what people do later no sync can know of.

    Nor what they do in service columns that were not written, where answers do not show a tab whole: `sees_all` is
    then False.
    """

    def __init__(self, server: FakeSheets, book: Spreadsheet, *, sees_all: bool) -> None:
        self._server, self._book, self.sees_all = server, book, sees_all
        self._stood: tuple[Sheet, ...] = ()
        server.before.append(self.act)

    def act(self, server: FakeSheets, request: Logged) -> None:
        """Look, before anybody acts, if the request before was a write."""
        if len(server.log) > 1 and server.log[-2].kind == "batchUpdate":
            self._stood = self._book.snapshot()

    def stood(self) -> Snapshot:
        """The workbook after the last write."""
        if self._server.log[-1].kind == "batchUpdate":
            self._stood = self._book.snapshot()
        return Snapshot("", "", self._stood)


def soak(
    folder: Path, syncs: int, people: Callable[[VirtualClock], Editor], seed: int = 1, *, whole: int = 60_000
) -> Tally:
    """`syncs` syncs beside `people`, each followed by a look at everything that must hold."""
    clock, tally, random = VirtualClock(), Tally(), Random(seed)
    with FakeSheets(clock=clock.now, quota=60, latency=lambda: random.uniform(0.1, 0.5)) as server:
        book = server.add("Kartoteka", _register())
        workbook = google_workbook(server, book, folder, clock, whole=whole)
        settings = Settings()
        snapshot = workbook.read()
        workbook.apply(setup(snapshot, settings, "setup"), after=snapshot)
        workbook.prepare()
        office = Office(workbook, MemoryOutbox(), settings)
        beside, witness = people(clock), Witness(server, book, sees_all=whole > 0)
        server.before.append(beside.act)
        for _ in range(syncs):
            clock.sleep(PAUSE)
            if isinstance(beside, Adversary):
                beside.begin()
                for _ in range(EDITS_BETWEEN):
                    beside.edit(book)
            _one(office, workbook, witness, book, beside, clock, tally)
            if not tally.sound:
                break
        server.before.clear()
        tally.edits = sum(beside.done.values())
        _at_rest(office, book, beside, clock, tally)
    return tally


def _one(
    office: Office,
    workbook: GoogleWorkbook,
    witness: Witness,
    book: Spreadsheet,
    beside: Editor,
    clock: VirtualClock,
    tally: Tally,
) -> None:
    rounds, tally.syncs = workbook.rounds, tally.syncs + 1
    now = at("2026-11-23T09:00") + timedelta(seconds=round(clock.now()))
    try:
        outcome = sync(office, now, f"{now:%Y%m%dT%H%M%S}-soak")
    except KartotekaError:
        # People were faster for two minutes on end: it says so, and the next sync finishes.
        tally.unsettled += 1
        return
    tally.rounds[workbook.rounds - rounds] += 1
    tally.lost += [f"{t.text} in {t.tab}, {t.header or t.field}" for t in beside.lost(book)]
    tally.misplaced += [f"{t.text} of {t.key} in {t.tab}, {t.header or t.field}" for t in beside.misplaced(book)]
    tally.wrong += list(_wrong(outcome, witness))
    tally.twice += _twice(book)


def _at_rest(office: Office, book: Spreadsheet, beside: Editor, clock: VirtualClock, tally: Tally) -> None:
    """When the people have gone home, one more sync puts everything right, and the next finds nothing to do."""
    now = at("2026-11-23T09:00") + timedelta(seconds=round(clock.now()))
    sync(office, now, "rest-1")
    after = sync(office, now, "rest-2")
    tally.wrong += [f"still to be written: {change}" for change in after.decision.plan.changes]
    tally.lost += [typed.text for typed in beside.lost(book)]


def _wrong(outcome: Outcome, witness: Witness) -> Sequence[str]:
    """Service cells that do not hold what was decided for their record, in the tabs that were written."""
    found, stands = outcome.decision.found, witness.stood()
    decided = {(c.tab, c.id, c.field): c.after for plan in outcome.written for c in plan.changes}
    wrong = []
    for name in {tab_ for tab_, _, _ in decided}:
        now, before = locate(stands)[name].table(), found.tables[name]
        written = {field for tab_, _, field in decided if tab_ == name}
        looked_at = [f.name for f in tab(name).owned(Owner.SERVICE) if witness.sees_all or f.name in written]
        known = {id_: position for position, id_ in enumerate(found.ids[name])}
        ids = Counter(now.ids())
        for position, id_ in enumerate(now.ids()):
            if id_ and id_ not in known:
                wrong.append(f"{id_} was given to nobody")
            if not id_ or id_ not in known or ids[id_] > 1:
                continue
            for described in looked_at:
                right = decided.get((name, id_, described), before.column(described)[known[id_]])
                there = now.column(described)[position]
                if not same(there, right):
                    wrong.append(f"{id_} {described}: {there!r} instead of {right!r}")
        wrong += [f"{id_} twice" for id_, count in ids.items() if id_ and count > 1]
    return wrong


def _twice(book: Spreadsheet) -> list[str]:
    history = locate(Snapshot("", "", book.snapshot()))["history"].table()
    rows = Counter(tuple(as_text(cell) for cell in row.cells.values()) for row in history.rows())
    return [f"{row} {count} times" for row, count in rows.items() if count > 1]


def _register() -> tuple[Sheet, ...]:
    words = ("oferta", "klient", "nowy", "Klient ")
    clients = [
        {"name": f"Firma {n:02}", "email": f"firma{n}@example.pl", "stage": words[n % 4], "notes": f"notatka {n}"}
        for n in range(1, CLIENTS + 1)
    ]
    invoices = [
        {
            "number": f"FV/{n:02}/2026",
            "client": f"Firma {n % CLIENTS + 1:02}",
            "due_on": (datetime(2026, 11, 1) + timedelta(days=n)).date(),  # noqa: DTZ001 - a day has no zone
            "amount": 100 + n,
            "paid": 100 + n if n % 5 == 0 else None,
        }
        for n in range(1, INVOICES + 1)
    ]
    fields = {name: [f.name for f in tab(name).fields] for name in ("clients", "invoices")}
    return sheet("clients", clients, fields["clients"]), sheet("invoices", invoices, fields["invoices"])


def main(syncs: int, seeds: Sequence[int]) -> int:
    """Print what happened at each pace. Exit status 1 when something did not hold."""
    kinds: dict[str, Callable[[VirtualClock, int], Editor]] = {
        f"{rate} edits a second": lambda clock, seed, rate=rate: People(seed, rate, clock=clock.now)
        for rate in (0.2, 1, 5)
    }
    kinds["between read and write"] = lambda _, seed: Adversary(seed)
    kinds["and between write and repair"] = lambda _, seed: Adversary(seed, repairs=3)
    # Of big tabs an answer shows only some columns.
    tries = [(name, 60_000) for name in kinds] + [(name, 0) for name in list(kinds)[:2] + list(kinds)[3:4]]
    print(
        f"{'people':<36}{'syncs':>7}{'edits':>8}{'lost':>6}{'wrong':>7}{'twice':>7}{'unsettled':>11}{'s':>6}  repairs"
    )
    return max([_told(name, kinds[name], syncs, seed, whole) for name, whole in tries for seed in seeds])


def _told(name: str, people: Callable[[VirtualClock, int], Editor], syncs: int, seed: int, whole: int) -> int:
    started = perf_counter()
    with TemporaryDirectory() as folder:
        tally = soak(Path(folder), syncs, lambda clock: people(clock, seed), seed, whole=whole)
    wrong = len(tally.misplaced) + len(tally.wrong)
    rounds = ", ".join(f"{r}: {n}" for r, n in sorted(tally.rounds.items()))
    print(
        f"{name + ('' if whole else ', big'):<36}{tally.syncs:>7}{tally.edits:>8}{len(tally.lost):>6}{wrong:>7}"
        f"{len(tally.twice):>7}{tally.unsettled:>11}{perf_counter() - started:>6.0f}  {rounds}",
        flush=True,
    )
    for line in (*tally.lost, *tally.misplaced, *tally.wrong, *tally.twice):
        print(f"    {line}")
    return 0 if tally.sound else 1


if __name__ == "__main__":
    asked = [int(number) for number in sys.argv[1:]] or [1000]
    sys.exit(main(asked[0], asked[1:] or [7]))
