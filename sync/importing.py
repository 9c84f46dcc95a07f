"""The journey of an import: read → decide → write batch by batch. Touches only through the workbook's port.

The workbook is the memory: what is in it is *known*. So an import that was stopped anywhere goes on by being run again,
and a workbook that has moved on is read and everything decided anew.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from importers.client_verdicts import judge_clients
from importers.invoice_shaping import shape_invoices
from importers.invoice_verdicts import judge_invoices
from importers.mapping import ColumnMap
from importers.shaping import shape_clients
from importers.source import Source
from importers.verdicts import Ruling, Terms, Verdict
from sync.batches import Origin, batches, plan
from sync.book import locate, require
from sync.changes import Log
from sync.gather import Gathered, gather
from sync.imported import register
from sync.journeys import ROUNDS
from sync.office import Office
from sync.plan import Plan
from sync.posting import FRESH_SECONDS
from sync.snapshot import Snapshot
from validators.columns import Context
from validators.errors import WorkbookMoved

BATCH = 50
NEEDED = ("clients", "invoices", "history")


@dataclass(frozen=True, slots=True)
class Lot:
    """One list of a file, its columns understood. `answers`: what a person said of rows, by line (verdicts.Terms)."""

    file: str
    source: Source
    mapping: ColumnMap
    answers: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Looked:
    """One look at the workbook: what it holds, and what every row of a list is to it."""

    snapshot: Snapshot
    found: Gathered
    rulings: Sequence[Ruling]


@dataclass(frozen=True, slots=True)
class Written:
    """One batch that was written: its number, how many there are as far as is known, and the records in it."""

    number: int
    last: int
    rulings: Sequence[Ruling]


# Told of every batch but the last; says whether to go on.
Between = Callable[[Written], bool]


@dataclass(slots=True)
class Brought:
    """What an import did: the verdicts list by list, those of rows that it wrote as they were then, and which of them
    were `written` (None: all that needed it); its plans, how many reads and writes it took; whether it was stopped, and
    the workbook as it stands, where that is known."""

    rulings: list[Sequence[Ruling]] = field(default_factory=list)
    written: list[Sequence[Ruling] | None] = field(default_factory=list)
    plans: list[Plan] = field(default_factory=list)
    reads: int = 0
    writes: int = 0
    stopped: bool = False
    standing: Snapshot | None = None


def look(office: Office, lot: Lot, now: datetime, *, update: bool = False, snapshot: Snapshot | None = None) -> Looked:
    """What every row of the list is to the workbook, as it stands in `snapshot`, or as it is read now.

    Raises:
        KartotekaError: the workbook cannot be read, or lacks a tab.
    """
    if snapshot is None:
        office.progress("Reading the workbook")
        snapshot = office.workbook.read()
    require(locate(snapshot, office.settings.workbook.tabs), snapshot, *NEEDED)
    office.progress(f"Deciding about {len(lot.source)} rows")
    found = gather(snapshot, office.settings, now)
    book = office.settings.workbook
    context = Context(book.country)
    terms = Terms(context, book.currency, now.date(), book.language, update, lot.answers, office.settings.firm.tax_ids)
    rulings: Sequence[Ruling]
    if lot.mapping.kind == "clients":
        rulings = judge_clients(shape_clients(lot.source, lot.mapping), register(found), terms)
    else:
        rulings = judge_invoices(shape_invoices(lot.source, lot.mapping, context), register(found), terms)
    return Looked(snapshot, found, rulings)


def bring(
    office: Office,
    lots: Sequence[Lot],
    now: datetime,
    run: str,
    *,
    size: int = BATCH,
    update: bool = False,
    between: Between | None = None,
) -> Brought:
    """Write what the lists bring, `size` records at a time. Between two batches somebody is asked, if there is anybody.

    Raises:
        WorkbookMoved: the workbook moved on five times in a row; what was written stays, and the next run goes on.
        KartotekaError: the workbook cannot be reached, or lacks a tab or column.
    """
    office.workbook.recover()
    journey = _Journey(office, Log(now, run, office.settings.workbook.language), size, update, between)
    for lot in lots:
        journey.carry(lot)
    return journey.done


class _Journey:
    """An import on its way: `done` is what it did so far. `_standing` is the workbook after our last write, if nobody
    can have written since."""

    def __init__(self, office: Office, log: Log, size: int, update: bool, between: Between | None) -> None:
        self.done = Brought()
        self._office, self._log, self._size, self._update, self._between = office, log, size, update, between
        self._number = 0
        self._standing: Snapshot | None = None
        self._seen_at = 0.0

    def carry(self, lot: Lot) -> None:
        """One list, to its end or until somebody stops.

        Where rows wait for a person, it is looked at again when all else is written, as the same command would do:
        what was written may tell who such a row is.
        """
        written: dict[tuple[int, ...], Ruling] = {}
        told: Sequence[Ruling] | None = None
        moved = passes = 0
        while True:
            looked, before = self._look(lot), self._number
            try:
                finished = self._batches(lot, looked, written)
            except WorkbookMoved:
                moved = 1 if self._number > before else moved + 1
                if moved == ROUNDS:
                    raise
                self._office.progress("The workbook has moved on: deciding anew")
                self._standing = None
                continue
            moved = 0
            if finished:
                told, passes = looked.rulings if told is None else told, passes + 1
                waiting = any(ruling.verdict is Verdict.CONFLICT for ruling in looked.rulings)
                if waiting and self._number > before and not self.done.stopped and passes < ROUNDS:
                    continue
                self.done.rulings.append(tuple(written.get(r.rows, r) for r in told))
                self.done.written.append(tuple(written.values()) if self.done.stopped else None)
                self.done.standing = self._standing
                return

    def _look(self, lot: Lot) -> Looked:
        looked = look(self._office, lot, self._log.now, update=self._update, snapshot=self._standing)
        if self._standing is None:
            self.done.reads += looked.snapshot.requests
            self._seen_at = self._office.seconds()
            self._standing = looked.snapshot
        return looked

    def _batches(self, lot: Lot, looked: Looked, written: dict[tuple[int, ...], Ruling]) -> bool:
        """Write one batch after another; False when the workbook must be looked at before the next."""
        waiting = [] if self.done.stopped else batches(looked.rulings, self._size)
        snapshot: Snapshot | None = looked.snapshot
        for place, batch in enumerate(waiting):
            if snapshot is None:
                return False
            self._write(lot, looked, batch, snapshot, first=place == 0)
            written.update((ruling.rows, ruling) for ruling in batch)
            left = len(waiting) - place - 1
            snapshot = self._standing
            if left and self._between is not None:
                self.done.stopped = not self._between(Written(self._number, self._number + left, batch))
                self._standing = snapshot = None  # who knows how long that took
                if self.done.stopped:
                    return True
        return True

    def _write(self, lot: Lot, looked: Looked, batch: tuple[Ruling, ...], snapshot: Snapshot, *, first: bool) -> None:
        self._office.progress(f"Writing batch {self._number + 1}")
        origin = Origin(lot.file, lot.mapping.kind)
        wanted = plan(batch, self._number + 1, origin, looked.found, snapshot.register, self._log, first=first)
        applied = self._office.workbook.apply(wanted, after=snapshot)
        self._number += 1
        self.done.plans.append(wanted)
        self.done.writes += applied.requests
        self.done.reads += applied.reads
        fresh = self._office.seconds() - self._seen_at <= FRESH_SECONDS
        self._standing = applied.after if fresh else None
