"""A shared workbook in Google Sheets: one request reads it, one writes it, beside people who type, sort and insert.

The main flow of chapter 6 of the design. A write takes the next step of the register, which only one runner can; its
answer shows where every value landed; what moved is mended, round after round, until all of it stands.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from sync.book import locate
from sync.heartbeat import Heartbeat
from sync.mending import undisturbed
from sync.plan import Plan, SetCell
from sync.recognising import HeaderLost
from sync.snapshot import Sheet, Snapshot
from sync.storage.google_answers import ENTERED, IMAGES, Known, entered, formulas, grids, known
from sync.storage.google_archives import move_out, with_headers
from sync.storage.google_batch import LARGEST_REQUEST, WHOLE_CELLS, Batch, compose, images_shown, parts, with_appended
from sync.storage.google_connection import Connection, NotApplied, Pace
from sync.storage.google_heartbeat import beat
from sync.storage.google_journal import GoogleJournal, Pending
from sync.storage.google_reading import digest, is_complete, read_sheets
from sync.storage.google_register import AGAIN, InDoubt, Register, moved
from sync.storage.google_repair import Images, corrected, headless, kept_out, repairing, repairs, unclear, unsettled
from sync.storage.google_requests import images_sheet
from sync.storage.port import Applied
from validators.errors import KartotekaError, OutOfReach, WorkbookMoved
from validators.rows import Grid
from validators.tabs import TABS

_GIVING_WAY = 5.0  # seconds


class GoogleWorkbook:
    """The spreadsheet of `connection`. `state` is Kartoteka's own folder; `titles` maps tab names to the team's titles.

    At most `read_rows` rows are read in one request; a request is at most `largest` bytes; the answer to a write shows
    a tab of up to `whole` cells whole. `rounds` counts the repairs that were needed.

    Of a bigger tab the answer shows the head and the columns that were written or tell of moves. When those have moved
    it is read again; what people move in the second between is recognised as a rule, but what somebody typed just
    before our value fell on it is lost if the very cell is moved once more in that second. Service cells that were not
    to be written are not looked at: what was pasted over them is put right by the next run.
    """

    def __init__(
        self,
        connection: Connection,
        state: Path,
        pace: Pace,
        *,
        titles: Mapping[str, str] | None = None,
        read_rows: int = 200_000,
        whole: int = WHOLE_CELLS,
        largest: int = LARGEST_REQUEST,
    ) -> None:
        self.rounds = 0
        self._connection = connection
        self._journal = GoogleJournal(state, connection.spreadsheet_id)
        self._register = Register(connection, self._journal, pace)
        self._pace = pace
        self._titles = titles
        self._read_rows = read_rows
        self._whole = whole
        self._largest = largest
        self._step = 0  # of our last write: images are of it

    def prepare(self) -> None:
        """Add the hidden sheets in which Google keeps what stood in cells before we wrote into them.

        Without them a write that met people who moved columns is mended from what was read before; what somebody
        typed in the very second between would be lost. A spreadsheet that refuses them is used without.

        Raises:
            OutOfReach: the spreadsheet cannot be read.
        """
        now = self.describe()
        names = [tab.name for tab in TABS if tab.prefix and now.images(tab.name) is None]
        used = {sheet.id for sheet in now.sheets}
        free = (number for number in range(now.step + 1, 2**31) if number not in used)
        for name in names:
            step, token = self._register.next()
            try:
                self._register.take(step, token, images_sheet(next(free), IMAGES + name))
            except (OutOfReach, WorkbookMoved):
                return
        if names:
            self.describe()

    def describe(self) -> Known:
        """What Google tells of the spreadsheet now, without its cells.

        Raises:
            OutOfReach: it cannot be read.
        """
        return self._register.describe()

    def read(self) -> Snapshot:
        """Everything in it.

        Raises:
            OutOfReach: it is not there, not shared with the account, or Google does not answer.
            WorkbookMoved: its tabs or rows were moved again and again while it was read.
        """
        before = self._connection.requests["read"]
        remembered = self._register.is_remembered
        sheets = self._sheets()
        if sheets is None or (remembered and not is_complete(sheets, self._titles)):
            self.describe()
            sheets = self._sheets()
        if sheets is None:
            raise WorkbookMoved("Tabs were renamed or deleted while the spreadsheet was read.", AGAIN)
        register = f"{self._register.known.step}-{digest(sheets)}"
        asked = self._connection.requests["read"] - before
        return Snapshot(register, self._connection.spreadsheet_id, sheets, asked)

    def apply(self, plan: Plan, after: Snapshot) -> Applied:
        """Write the whole plan, in one request as long as it is small enough.

        Raises:
            WorkbookMoved: another run has written since `after`, or a record of the plan is not there.
            OutOfReach: Google refuses the write, or does not answer.
            WrongUse: the spreadsheet lacks a tab or column of the plan.
        """
        if plan.empty:
            return Applied(requests=0)
        if int(after.register.split("-")[0]) != self._register.known.step:
            raise moved()
        before = self._connection.requests.copy()
        if plan.archives:
            move_out(plan, after, self._titles, self._register, self._journal, self.read)
            made = self._connection.requests - before
            return Applied(made["write"], made["read"])
        missed: list[SetCell] = []
        base = after
        for part in parts(plan, self._largest):
            base, formulas_kept = self._carried_out(part, base)
            missed += formulas_kept
        made = self._connection.requests - before
        return Applied(made["write"], made["read"], tuple(missed), self._standing(base, plan))

    def beat(self, heartbeat: Heartbeat) -> bool:
        """Say how the service does.

        Raises:
            OutOfReach: Google refuses, or does not answer.
        """
        return beat(heartbeat, self._connection, self._register, list((self._titles or {}).values()))

    def _standing(self, base: Snapshot, plan: Plan) -> Snapshot | None:
        """The workbook after `plan`; None when tabs or columns were added: then it is read anew."""
        if plan.tabs or plan.columns:
            return None
        sheets = with_appended(base, plan, self._titles)
        return replace(base, register=f"{self._register.known.step}-written", sheets=sheets, requests=0)

    def recover(self) -> None:
        """Finish the write of a run that was killed, wherever it stood.

        Raises:
            OutOfReach: the spreadsheet cannot be read or written.
        """
        pending = self._journal.pending()
        if pending is None:
            return
        now = self.describe()
        if pending.step > now.step:
            now = self._fenced(pending.step)
        arrived = now.holders.get(pending.step) == pending.token
        if pending.divided:
            with_headers(self._register, self.read, pending.divided)
        elif pending.is_repair or arrived:
            self._step = pending.step if arrived else 0
            self._settled(self._restored(pending, now), None)
        self._journal.end()

    def _fenced(self, step: int) -> Known:
        """Take the step of a write that may still be on its way: it can no longer arrive."""
        try:
            self._register.take(step, "fence")
        except WorkbookMoved:
            return self.describe()
        return self._register.known

    def _restored(self, pending: Pending, now: Known) -> Batch:
        places = locate(self._fresh(), self._titles)
        titles = {name: places[name].sheet.title for name in pending.pages if name in places}
        return Batch(
            (),
            pages={name: pending.pages[name] for name in titles},
            hits={name: pending.hits[name] for name in titles},
            sheets={name: now.sheet(title).id for name, title in titles.items()},
            titles=titles,
        )

    def _carried_out(self, part: Plan, base: Snapshot) -> tuple[Snapshot, list[SetCell]]:
        """The workbook after `part` was written, and what did not take."""
        batch = compose(part, base, self._titles, self._register.known, self._whole)
        answer = self._sent(batch, first=True)
        if part.tabs or part.columns:
            self.describe()
        stand, computed = self._settled(batch, answer)
        self._journal.end()
        sheets = {sheet.title: sheet for sheet in base.sheets}
        sheets |= {batch.titles[name]: Sheet(batch.titles[name], grid) for name, grid in stand.items()}
        return replace(base, sheets=tuple(sheets.values())), list(kept_out(part, batch, stand, computed))

    def _settled(
        self, batch: Batch, answer: Mapping[str, Any] | None
    ) -> tuple[dict[str, Grid], dict[int, set[tuple[int, int]]]]:
        """What stands on every tab of `batch` when all of it is where it belongs, mended until then; and which of its
        cells are formulas, by sheet id, as far as Google told."""
        deadline = self._pace.clock() + self._pace.patience
        while True:
            stand = {name: page.wanted for name, page in batch.pages.items()}
            seen, later = self._seen(batch, answer)
            try:
                pages = corrected(batch, seen, self._images(answer, batch, seen), later)
            except HeaderLost as lost:
                raise headless(batch, str(lost)) from lost
            computed = formulas(answer or {})
            hits = repairs(batch, seen, pages, computed)
            if not hits:
                return stand | {name: page.wanted for name, page in pages.items()}, computed
            if self._pace.clock() > deadline:
                raise unsettled(batch, hits)
            self.rounds += 1
            batch = repairing(batch, seen, pages, hits, self._register.known)
            answer = self._repaired(batch)

    def _repaired(self, batch: Batch) -> dict[str, Any] | None:
        """The answer to a repair; None as well when another run was faster: then all is looked at again."""
        try:
            return self._sent(batch)
        except WorkbookMoved:
            return None

    def _images(self, answer: Mapping[str, Any] | None, batch: Batch, seen: Mapping[str, Grid]) -> Images:
        """What stood in cells just before our last write hit them: `answer` to it shows it, or it is asked for where
        that matters; nothing where no image was taken, or it is gone."""
        sheets = {name: sheet for name in seen if batch.hits[name] and (sheet := self._register.known.images(name))}
        titles = {sheet.title for sheet in sheets.values()}
        stood = entered((answer or {}).get("updatedSpreadsheet", {}).get("sheets", []), titles)
        ranges = [
            cells
            for name in unclear(batch, seen)
            if name in sheets and sheets[name].title not in stood
            for cells in images_shown(sheets[name], batch.hits[name])
        ]
        if ranges:
            told = self._connection.describe(ENTERED, ranges, grid=True)
            if known(told).step == self._step:
                stood |= entered(told.get("sheets", []), titles)
        return {
            name: {(hit.row, hit.column): stood[sheet.title].get((hit.row, hit.column)) for hit in batch.hits[name]}
            for name, sheet in sheets.items()
            if sheet.title in stood
        }

    def _seen(self, batch: Batch, answer: Mapping[str, Any] | None) -> tuple[dict[str, Grid], list[str]]:
        """The tabs of the batch that may stand otherwise than they should: from its answer, or read again; and which
        of them no longer stand as the answer shows them."""
        shown = grids(answer or {})
        told = {name: shown.get(batch.sheets[name], []) for name in batch.pages}
        columns = {name: batch.shown.get(name) or () for name in told}
        seen: dict[str, Grid] = {name: grid for name, grid in told.items() if grid and batch.shown.get(name) is None}
        again = [n for n in told if n not in seen and not undisturbed(batch.pages[n], told[n], columns[n])]
        if again:
            fresh = {sheet.title: sheet.rows for sheet in self._fresh().sheets}
            now = {sheet.id: fresh[sheet.title] for sheet in self._register.known.sheets if sheet.title in fresh}
            seen |= {name: now[batch.sheets[name]] for name in again if batch.sheets[name] in now}
        then = {name: replace(batch.pages[name], wanted=told[name]) for name in again if name in seen}
        return seen, [name for name, page in then.items() if not undisturbed(page, seen[name], columns[name])]

    def _sent(self, batch: Batch, *, first: bool = False) -> dict[str, Any] | None:
        """The answer to the batch; None when it was lost on its way, although the write arrived."""
        step, token = self._register.next()
        pages = {name: page for name, page in batch.pages.items() if batch.hits[name]}
        self._journal.begin(Pending(step, token, pages, batch.hits, is_repair=not first))
        try:
            ranges = [cells for of in batch.ranges.values() for cells in of]
            titles = {id_: batch.titles[name] for name, id_ in batch.sheets.items()}
            answer = self._register.take(step, token, batch.requests, ranges, titles)
        except InDoubt:
            raise
        except KartotekaError as error:
            if first:
                self._journal.end()
                if isinstance(error, WorkbookMoved):
                    # Whoever was faster may still be mending what it wrote: it must not be read before that.
                    self._pace.sleep(_GIVING_WAY)
            raise
        self._step = step
        return answer

    def _fresh(self) -> Snapshot:
        self.describe()
        return self.read()

    def _sheets(self) -> tuple[Sheet, ...] | None:
        try:
            return read_sheets(self._connection, self._register.known, self._read_rows, self._titles)
        except NotApplied:
            return None
