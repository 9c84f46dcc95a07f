"""A shared workbook in Google Sheets: one request reads it, one writes it, beside people who type, sort and insert.

The main flow of chapter 6 of the design. A write takes the next step of the register, which only one runner can; its
answer shows where every value landed; what moved is mended, round after round, until all of it stands.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from sync.book import locate
from sync.mending import HeaderLost, Hit, Page, differences, filled, mended, realigned, service_columns, undisturbed
from sync.plan import Plan, SetCell
from sync.snapshot import Sheet, Snapshot
from sync.storage.google_answers import Known, grids, letters, quoted
from sync.storage.google_batch import LARGEST_REQUEST, WHOLE_CELLS, Batch, Rows, compose, guarded, parts, positioned
from sync.storage.google_connection import Connection, NotApplied, Pace
from sync.storage.google_journal import GoogleJournal, Pending
from sync.storage.google_reading import digest, is_complete, read_sheets
from sync.storage.google_register import AGAIN, InDoubt, Register, moved
from sync.storage.port import Applied
from validators.errors import KartotekaError, WorkbookMoved
from validators.headers import Header, find_header
from validators.rows import Grid, as_text
from validators.tabs import Owner


class GoogleWorkbook:
    """The spreadsheet of `connection`. `state` is Kartoteka's own folder; `titles` maps tab names to the team's titles.

    At most `read_rows` rows are read in one request; a request is at most `largest` bytes; the answer to a write shows
    a tab of up to `whole` cells whole. `rounds` counts the repairs that were needed.
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
        kept_out: list[SetCell] = []
        base = after
        for part in parts(plan, self._largest):
            base, missed = self._carried_out(part, base)
            kept_out += missed
        made = self._connection.requests - before
        return Applied(made["write"], made["read"], tuple(kept_out))

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
        if now.holders.get(pending.step) == pending.token:
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
        answer = self._sent(batch)
        if part.tabs or part.columns:
            self.describe()
        stand = self._settled(batch, answer)
        self._journal.end()
        sheets = {sheet.title: sheet for sheet in base.sheets}
        sheets |= {batch.titles[name]: Sheet(batch.titles[name], grid) for name, grid in stand.items()}
        return replace(base, sheets=tuple(sheets.values())), list(_missed(part, batch, stand))

    def _settled(self, batch: Batch, answer: Mapping[str, Any] | None) -> dict[str, Grid]:
        """What stands on every tab of `batch` when all of it is where it belongs; mended until then."""
        deadline = self._pace.clock() + self._pace.patience
        stand: dict[str, Grid] = {}
        while True:
            stand |= {name: batch.pages[name].wanted for name in batch.pages}
            seen = self._seen(batch, answer)
            pages = {name: _mended(batch, name, grid) for name, grid in seen.items()}
            stand |= {name: page.wanted for name, page in pages.items()}
            repairs = {name: hits for name in pages if (hits := _repairs(batch, name, seen[name], pages[name]))}
            if not repairs:
                return stand
            if self._pace.clock() > deadline:
                raise WorkbookMoved(_unsettled(batch, repairs), "Run again when fewer people move rows and columns.")
            self.rounds += 1
            batch = _repairing(batch, seen, pages, repairs)
            answer = self._sent(batch)

    def _seen(self, batch: Batch, answer: Mapping[str, Any] | None) -> dict[str, Grid]:
        """The tabs of the batch that may stand otherwise than they should: from its answer, or read again."""
        shown = grids(answer) if answer else {}
        seen: dict[str, Grid] = {}
        unclear = []
        for name, page in batch.pages.items():
            grid, columns = shown.get(batch.sheets[name]), batch.shown.get(name)
            if grid is not None and columns is None:
                seen[name] = grid
            elif grid is None or not undisturbed(page, grid, columns or ()):
                unclear.append(name)
        if unclear:
            fresh = {sheet.title: sheet.rows for sheet in self._fresh().sheets}
            now = {sheet.id: fresh[sheet.title] for sheet in self._register.known.sheets if sheet.title in fresh}
            seen |= {name: now[batch.sheets[name]] for name in unclear if batch.sheets[name] in now}
        return seen

    def _sent(self, batch: Batch) -> dict[str, Any] | None:
        """The answer to the batch; None when it was lost on its way, although the write arrived."""
        step, token = self._register.next()
        pages = {name: page for name, page in batch.pages.items() if batch.hits[name]}
        self._journal.begin(Pending(step, token, pages, batch.hits))
        try:
            return self._register.take(step, token, batch.requests, batch.ranges)
        except InDoubt:
            raise
        except KartotekaError:
            self._journal.end()
            raise

    def _fresh(self) -> Snapshot:
        self.describe()
        return self.read()

    def _sheets(self) -> tuple[Sheet, ...] | None:
        try:
            return read_sheets(self._connection, self._register.known, self._read_rows, self._titles)
        except NotApplied:
            return None


def _mended(batch: Batch, name: str, seen: Grid) -> Page:
    page = batch.pages[name]
    try:
        page = mended(page, batch.hits[name], seen)
    except HeaderLost as lost:
        raise WorkbookMoved(
            f"The header row of the tab '{batch.titles[name]}' is gone since it was read.",
            "Put it back (File → Version history shows it), then run again: what was half-written is mended.",
        ) from lost
    rows, header = batch.appended.get(name), find_header(seen, page.tab)
    if rows and isinstance(header, Header) and rows.columns != header.columns:
        hits = list(realigned(rows.columns, header.columns, rows.rows, seen))
        page = replace(page, clean=filled(page.clean, hits), wanted=filled(page.wanted, hits))
    return page


def _repairs(batch: Batch, name: str, seen: Grid, page: Page) -> list[Hit]:
    """What must be written so that the tab stands as it should; in team columns only over what we saw there.

    Text that could not be replaced under that condition although it stands there is set without it.
    """
    header = find_header(page.wanted, page.tab)
    service = service_columns(page.tab, header) if isinstance(header, Header) else frozenset()
    tried = {(hit.row, hit.column) for hit in batch.hits[name] if hit.guarded}
    return [
        hit if hit.column in service or (hit.row, hit.column) in tried else guarded(hit)
        for hit in differences(seen, page.wanted)
    ]


def _repairing(
    batch: Batch, seen: Mapping[str, Grid], pages: Mapping[str, Page], repairs: Mapping[str, list[Hit]]
) -> Batch:
    """The batch that puts right what stands wrong in `seen`."""
    appended = {
        name: Rows(header.columns, rows.rows)
        for name, rows in batch.appended.items()
        if name in repairs and isinstance(header := find_header(seen[name], pages[name].tab), Header)
    }
    return replace(
        batch,
        requests=[r for name, hits in repairs.items() for r in positioned(batch.sheets[name], hits)],
        ranges=[quoted(batch.titles[name]) for name in repairs],
        pages={name: pages[name] for name in repairs},
        hits=repairs,
        appended=appended,
        shown=dict.fromkeys(repairs),
    )


def _missed(part: Plan, batch: Batch, stand: Mapping[str, Grid]) -> Iterator[SetCell]:
    """Changes of the team's texts that did not take, although the cell is as it was."""
    by_tab: dict[str, list[SetCell]] = defaultdict(list)
    for change in part.changes:
        page = batch.pages.get(change.tab)
        if page and change.tab in stand and page.tab.field(change.field).owner is not Owner.SERVICE:
            by_tab[change.tab].append(change)
    for name, changes in by_tab.items():
        header = find_header(stand[name], batch.pages[name].tab)
        if not isinstance(header, Header):
            continue
        id_ = header.columns["id"]
        rows = {as_text(row[id_]): row for row in stand[name] if id_ < len(row)}
        for change in changes:
            row, column = rows.get(change.id, ()), header.columns.get(change.field, -1)
            stands = as_text(row[column]) if 0 <= column < len(row) else ""
            if stands == as_text(change.before) != as_text(change.after):
                yield change


def _unsettled(batch: Batch, repairs: Mapping[str, list[Hit]]) -> str:
    cells = [f"{letters(h.column)}{h.row + 1} of '{batch.titles[n]}'" for n, hits in repairs.items() for h in hits]
    more = f" and {len(cells) - 5} more" if len(cells) > 5 else ""
    return f"People moved rows or columns again and again; these cells are not yet right: {', '.join(cells[:5])}{more}."
