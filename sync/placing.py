"""Where the values of a plan belong on the sheets as read: record ids and fields become cells. Pure; for all storages.

Nothing here knows files, styles or the network, and nothing remembers a row number between two reads.
"""

from collections import defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sync.book import Place, locate
from sync.plan import AppendRow, Plan, SetCell
from sync.snapshot import Sheet, Snapshot
from validators.errors import Trouble, WorkbookMoved, WrongUse
from validators.rows import Cell, Table, as_text
from validators.tabs import Owner, tab


@dataclass(frozen=True, slots=True)
class Put:
    """Cell (`row`, `column`), both 0-based, of the sheet titled `sheet` shall hold `value`; it is `field` of `tab`."""

    sheet: str
    row: int
    column: int
    value: Cell
    tab: str
    field: str


@dataclass(frozen=True, slots=True)
class Layout:
    """Where a tab lies once the plan's tabs and columns are there.

    `header` is the 0-based row of its headers, `columns` the 0-based column of each field, `end` the first row below
    everything that stands on the sheet, `added` the fields whose column is new, `new` whether the sheet itself is.
    """

    sheet: str
    header: int
    columns: Mapping[str, int]
    end: int
    added: tuple[str, ...] = ()
    new: bool = False


@dataclass(frozen=True, slots=True)
class Placing:
    """A plan in cells: the layout of every tab by name, the headers, the values of rows that stand, the new rows."""

    layouts: Mapping[str, Layout]
    headers: tuple[Put, ...]
    cells: tuple[Put, ...]
    rows: tuple[Put, ...] = ()

    @property
    def puts(self) -> tuple[Put, ...]:
        """Everything to write, headers first."""
        return self.headers + self.cells + self.rows

    @property
    def new_sheets(self) -> tuple[str, ...]:
        """Titles of the sheets to create."""
        return tuple(layout.sheet for layout in self.layouts.values() if layout.new)


def place(snapshot: Snapshot, plan: Plan, titles: Mapping[str, str] | None = None) -> Placing:
    """The exact cells that `plan` writes into the workbook as read in `snapshot`.

    New columns go right of the header row, under nothing that stands there; new rows below everything on the sheet.
    Formulas in team columns are left alone. `titles` maps tab names to titles of the team's own.

    Raises:
        WorkbookMoved: a record, or a row that was to get its id, is not there.
        WrongUse: the workbook lacks a tab or a column that the plan writes to.
    """
    places = locate(snapshot, titles)
    layouts = {name: _standing(p) for name, p in places.items() if p.header is not None}
    for name in plan.tabs:
        if name not in layouts:
            layouts[name] = _new(name, places.get(name), plan.language)
    for column in plan.columns:
        layout = _layout(layouts, column.tab)
        if column.field not in layout.columns:
            sheet = places[column.tab].sheet if column.tab in places else None
            layouts[column.tab] = _widened(layout, column.field, sheet)
    headers = tuple(_headers(layouts, plan.language))
    cells = tuple(_changes(layouts, places, plan.changes))
    return Placing(layouts, headers, cells, tuple(_rows(layouts, plan.appended)))


def end_of(sheet: Sheet) -> int:
    """The number of rows down to the last one in which anything stands, a formula without a result included."""
    filled = (i for i in range(len(sheet.rows), 0, -1) if any(cell not in (None, "") for cell in sheet.rows[i - 1]))
    return max([next(filled, 0), *(row + 1 for row, _ in sheet.formulas)])


def _standing(found: Place) -> Layout:
    assert found.header is not None
    header = found.header
    return Layout(found.sheet.title, header.index, header.columns, max(end_of(found.sheet), header.index + 1))


def _new(name: str, empty: Place | None, language: str) -> Layout:
    fields = tuple(f.name for f in tab(name).fields)
    title = empty.sheet.title if empty else tab(name).label(language)
    return Layout(title, 0, {f: i for i, f in enumerate(fields)}, 1, fields, new=empty is None)


def _widened(layout: Layout, field: str, sheet: Sheet | None) -> Layout:
    tab_rows: Sequence[Sequence[Cell]] = sheet.rows[layout.header :] if sheet else ()
    headers = tab_rows[0] if tab_rows else ()
    used = [i for i, cell in enumerate(headers) if cell not in (None, "")]
    column = max([*used, *layout.columns.values()], default=-1) + 1
    while any(len(row) > column and row[column] not in (None, "") for row in tab_rows):
        column += 1
    return replace(layout, columns={**layout.columns, field: column}, added=(*layout.added, field))


def _headers(layouts: Mapping[str, Layout], language: str) -> Iterator[Put]:
    for name, layout in layouts.items():
        for field in layout.added:
            label = tab(name).field(field).label(language)
            yield Put(layout.sheet, layout.header, layout.columns[field], label, name, field)


def _changes(layouts: Mapping[str, Layout], places: Mapping[str, Place], changes: Sequence[SetCell]) -> Iterator[Put]:
    by_tab: dict[str, list[SetCell]] = defaultdict(list)
    for change in changes:
        by_tab[change.tab].append(change)
    for name, wanted in by_tab.items():
        layout = _layout(layouts, name)
        table = places[name].table() if name in places else Table(tab(name), (), {})
        rows = _Rows(table, layout.sheet, wanted)
        for change in wanted:
            column = _column(layout, name, change.field)
            kept = tab(name).field(change.field).owner is not Owner.SERVICE
            for position in rows.of(change):
                if kept and (position, change.field) in table.formulas:
                    continue
                yield Put(layout.sheet, table.lines[position] - 1, column, change.after, name, change.field)


class _Rows:
    """The rows that each change of one tab means: by key for a new id, by id, old or new, for all else."""

    def __init__(self, table: Table, sheet: str, changes: Sequence[SetCell]) -> None:
        self._sheet = sheet
        self._by_id: dict[str, list[int]] = defaultdict(list)
        for position, id_ in enumerate(table.ids()):
            if id_:
                self._by_id[id_].append(position)
        self._given: dict[int, int] = {}
        named = [change for change in changes if _gives_id(change)]
        waiting = self._waiting(table) if named else {}
        for change in named:
            queue = waiting.get((change.key, as_text(change.before)))
            if not queue:
                raise self._moved(change)
            self._given[id(change)] = position = queue.popleft()
            self._by_id[change.id] = [*self._by_id[change.id], position]

    def of(self, change: SetCell) -> list[int]:
        if _gives_id(change):
            return [self._given[id(change)]]
        if not self._by_id.get(change.id):
            raise self._moved(change)
        return self._by_id[change.id]

    @staticmethod
    def _waiting(table: Table) -> dict[tuple[str, str], deque[int]]:
        waiting: dict[tuple[str, str], deque[int]] = defaultdict(deque)
        for position, id_ in enumerate(table.ids()):
            waiting[table.key(position), id_].append(position)
        return waiting

    def _moved(self, change: SetCell) -> WorkbookMoved:
        what = f"The row that was to become {change.id}" if _gives_id(change) else f"The record {change.id}"
        return WorkbookMoved(
            f"{what} is not in the tab '{self._sheet}'.", "Nothing was written. Run again: everything is decided anew."
        )


def _gives_id(change: SetCell) -> bool:
    return change.field == "id" and bool(change.key)


def _rows(layouts: Mapping[str, Layout], appended: Sequence[AppendRow]) -> Iterator[Put]:
    following: dict[str, int] = {}
    for row in appended:
        layout = _layout(layouts, row.tab)
        line = following.get(row.tab, layout.end)
        following[row.tab] = line + 1
        for field, value in row.values.items():
            if value is not None:
                yield Put(layout.sheet, line, _column(layout, row.tab, field), value, row.tab, field)


def _layout(layouts: Mapping[str, Layout], name: str) -> Layout:
    if name not in layouts:
        raise WrongUse(
            f"The workbook has no tab '{tab(name).pl}' ({tab(name).en}).",
            "Run 'kartoteka init' to add it.",
            trouble=Trouble.SHAPE,
            about=f"{tab(name).pl} ({tab(name).en})",
        )
    return layouts[name]


def _column(layout: Layout, name: str, field: str) -> int:
    if field not in layout.columns:
        label = tab(name).field(field)
        raise WrongUse(
            f"The tab '{layout.sheet}' has no column '{label.pl}' ({label.en}).",
            "Run 'kartoteka init' to add it.",
            trouble=Trouble.SHAPE,
            about=f"{layout.sheet} / {label.pl} ({label.en})",
        )
    return layout.columns[field]
