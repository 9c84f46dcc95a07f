"""One tab of the fake: its grid of cells, all that belongs to rows and columns, and what people do with them.

Rows and cells are frozen by custom: a change puts a new row in the place of the old one, so a state is cheap to keep.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from tests.fakes.sheet_areas import COLUMNS, ROWS, Area, area_of
from tests.fakes.sheet_cells import BLANK, Cell, Value, computed, entered, of_formula, of_python, plain, sort_key
from tests.fakes.sheet_changes import Change, Delete, Insert, Move, metadata, moved, ranges, rules
from tests.fakes.sheet_errors import invalid
from tests.fakes.sheet_formats import Locale, typed
from validators.rows import Grid

Row: TypeAlias = list[Cell | None]
GRID, OBJECT = "GRID", "OBJECT"


class Undoable:
    """Something that can be put back to how it stood; lists and dicts are kept one level deep."""

    def state(self) -> dict[str, Any]:
        """How it stands."""
        return {name: item.copy() if isinstance(item, list | dict) else item for name, item in vars(self).items()}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Put it back."""
        vars(self).update(state)


class Tab(Undoable):
    """A sheet of the spreadsheet. `properties` is its SheetProperties; `changes` rises with every change."""

    def __init__(self, properties: Mapping[str, Any], locale: Locale) -> None:
        self.properties: dict[str, Any] = dict(properties)
        self.locale = locale
        self.rows: list[Row] = []
        self.protected_ranges: list[dict[str, Any]] = []
        self.conditional_formats: list[dict[str, Any]] = []
        self.banded_ranges: list[dict[str, Any]] = []
        self.named_ranges: list[dict[str, Any]] = []
        self.basic_filter: dict[str, Any] | None = None
        self.row_properties: dict[int, dict[str, Any]] = {}
        self.column_properties: dict[int, dict[str, Any]] = {}
        self.metadata: list[dict[str, Any]] = []
        self.changes = 0

    @property
    def sheet_id(self) -> int:
        return int(self.properties["sheetId"])

    @property
    def title(self) -> str:
        return str(self.properties["title"])

    @property
    def index(self) -> int:
        return int(self.properties.get("index", 0))

    @property
    def kind(self) -> str:
        """GRID, or OBJECT for a sheet of one chart."""
        return str(self.properties.get("sheetType", GRID))

    @property
    def hidden(self) -> bool:
        return bool(self.properties.get("hidden"))

    @property
    def grid(self) -> Mapping[str, Any]:
        """Its GridProperties."""
        return self.properties.get("gridProperties") or {}

    @property
    def row_count(self) -> int:
        return int(self.grid.get("rowCount", 0))

    @property
    def column_count(self) -> int:
        return int(self.grid.get("columnCount", 0))

    @property
    def frozen_rows(self) -> int:
        return int(self.grid.get("frozenRowCount", 0))

    @property
    def widths(self) -> dict[int, int]:
        """The columns whose width somebody set, in pixels."""
        return {column: own["pixelSize"] for column, own in self.column_properties.items() if "pixelSize" in own}

    @property
    def validations(self) -> dict[tuple[int, int], Mapping[str, Any]]:
        """The data validation rule of each cell that has one."""
        return {
            (r, c): cell.validation
            for r, row in enumerate(self.rows)
            for c, cell in enumerate(row)
            if cell is not None and cell.validation
        }

    @property
    def last_row(self) -> int:
        """How many rows there are down to the last one with data."""
        for number in range(len(self.rows), 0, -1):
            if any(cell is not None and cell.filled for cell in self.rows[number - 1]):
                return number
        return 0

    def cell(self, row: int, column: int) -> Cell:
        """What stands there; a blank cell where nothing does."""
        standing = self.rows[row] if row < len(self.rows) else ()
        return (standing[column] if column < len(standing) else None) or BLANK

    def area(self, grid_range: Mapping[str, Any]) -> Area:
        """A GridRange of this tab, cut to the grid.

        Raises:
            ApiError: 400, it starts outside of the grid.
        """
        return area_of(grid_range).cut(self.row_count, self.column_count, self.title)

    def edit(self, area: Area, new: Callable[[int, int, Cell], Cell]) -> None:
        """Put `new(row, column, cell)` in the place of every cell of a bounded area."""
        columns = range(area.left, area.right or 0)
        for number in range(area.top, area.bottom or 0):
            row = list(self.rows[number]) if number < len(self.rows) else []
            for column in columns:
                cell = new(number, column, (row[column] if column < len(row) else None) or BLANK)
                if cell != BLANK:
                    row.extend([None] * (column + 1 - len(row)))
                    row[column] = cell
                elif column < len(row):
                    row[column] = None
            self._put(number, row)
        self.changes += 1

    def put(self, row: int, column: int, cell: Cell) -> None:
        """Put a cell in the place of what stands there."""
        self.edit(Area(row, row + 1, column, column + 1), lambda _r, _c, _cell: cell)

    def _put(self, number: int, row: Row) -> None:
        if number < len(self.rows):
            self.rows[number] = row
        elif row:
            self.rows.extend([] for _ in range(number - len(self.rows)))
            self.rows.append(row)

    def fill(self, rows: Grid, formulas: Iterable[tuple[int, int]] = ()) -> None:
        """Let these Python values stand in the grid from A1 on; those at `formulas` as results of formulas."""
        patterns = self.locale.patterns
        self.rows = [[plain(v) if type(v) is str else of_python(v, patterns) for v in row] for row in rows]
        for row, column in formulas:
            self.rows[row][column] = computed(self.cell(row, column))
        self.changes += 1

    def resize(self, rows: int, columns: int) -> None:
        """Give the grid this size; what lies beyond is gone."""
        if rows < self.row_count:
            self.change(ROWS, Delete(rows, self.row_count - rows))
        if columns < self.column_count:
            self.change(COLUMNS, Delete(columns, self.column_count - columns))
        self.properties["gridProperties"] = {**self.grid, "rowCount": rows, "columnCount": columns}
        self.changes += 1

    def change(self, dimension: str, change: Change) -> None:
        """Let rows or columns come, go or move, and with them all that is bound to them; the grid keeps its count."""
        if dimension == ROWS:
            self.rows = change.items(self.rows, [])
            self.row_properties = moved(self.row_properties, change)
        else:
            self.rows = [change.items(row, None) for row in self.rows]
            self.column_properties = moved(self.column_properties, change)
        self.protected_ranges = list(ranges(self.protected_ranges, "range", dimension, change))
        self.banded_ranges = list(ranges(self.banded_ranges, "range", dimension, change))
        self.named_ranges = list(ranges(self.named_ranges, "range", dimension, change))
        self.conditional_formats = list(rules(self.conditional_formats, dimension, change))
        kept = [self.basic_filter] if self.basic_filter else []
        self.basic_filter = next(iter(ranges(kept, "range", dimension, change)), None)
        self.metadata = list(metadata(self.metadata, dimension, change))
        self.changes += 1

    def insert_rows(self, at: int, count: int = 1, *, inherit: bool | None = None) -> None:
        """Insert `count` rows before row `at` (0-based). They take over the looks of the row before (`inherit`) or,
        with False, after; None: of the row before, as a person's insertion does."""
        model = at - 1 if inherit is not False and at else at + count
        self._grow(ROWS, at, count)
        if model < len(self.rows) and self.rows[model]:
            looks: Row = [_looks(cell) for cell in self.rows[model]]
            for number in range(at, at + count):
                self._put(number, looks)

    def insert_columns(self, at: int, count: int = 1, *, inherit: bool | None = None) -> None:
        """The same with columns."""
        model = at - 1 if inherit is not False and at else at + count
        self._grow(COLUMNS, at, count)
        for number in range(len(self.rows)):
            if looks := _looks(self.cell(number, model)):
                for column in range(at, at + count):
                    self.put(number, column, looks)

    def _grow(self, dimension: str, at: int, count: int) -> None:
        size = self.row_count if dimension == ROWS else self.column_count
        if at > size:
            raise invalid(f"range.startIndex[{at}] is after last {'row' if dimension == ROWS else 'column'} [{size}]")
        self.change(dimension, Insert(at, count))
        self.extend(dimension, count)

    def extend(self, dimension: str, count: int) -> None:
        """Add rows or columns at the end of the grid."""
        name = "rowCount" if dimension == ROWS else "columnCount"
        self.properties["gridProperties"] = {**self.grid, name: self.grid.get(name, 0) + count}
        self.changes += 1

    def delete_rows(self, at: int, count: int = 1) -> None:
        """Delete `count` rows from row `at` on.

        Raises:
            ApiError: 400, they are not all there, or none would be left.
        """
        self._shrink(ROWS, at, count)

    def delete_columns(self, at: int, count: int = 1) -> None:
        """The same with columns."""
        self._shrink(COLUMNS, at, count)

    def _shrink(self, dimension: str, at: int, count: int) -> None:
        one, size = ("row", self.row_count) if dimension == ROWS else ("column", self.column_count)
        if at + count > size or at < 0:
            raise invalid(f"Cannot delete a {one} that doesn't exist. Tried to delete {one} index {at + count - 1}"
                          f" but there are only {size} {one}s.")  # fmt: skip
        if count >= size:
            raise invalid(f"You can't delete all the {one}s on the sheet.")
        frozen = self.grid.get("frozenRowCount" if dimension == ROWS else "frozenColumnCount") or 0
        if at <= frozen and at + count == size and frozen:
            raise invalid(f"Sorry, it is not possible to delete all non-frozen {one}s.")
        self.change(dimension, Delete(at, count))
        self.extend(dimension, -count)

    def move_rows(self, first: int, count: int, to: int) -> None:
        """Move rows before the row that was at `to`, as dragging them does; nothing is overwritten."""
        self.move(ROWS, first, count, to)

    def move_column(self, first: int, to: int) -> None:
        """Move a column before the one that was at `to`; `to` may be the number of columns."""
        self.move(COLUMNS, first, 1, to)

    def move(self, dimension: str, first: int, count: int, to: int) -> None:
        """Move rows or columns before the one that was at `to`.

        Raises:
            ApiError: 400, source or target is not there.
        """
        size = self.row_count if dimension == ROWS else self.column_count
        if first < 0 or first + count > size or not 0 <= to <= size:
            raise invalid(f"Cannot move {dimension} {first} to {first + count} to {to}: there are only {size}.")
        if first < to < first + count:
            raise invalid("The destinationIndex must not be within the source range.")
        self.change(dimension, Move(first, count, to))

    def paste(self, source: Area, cells: Sequence[Sequence[Cell]], top: int, left: int) -> None:
        """Paste `cells` cut from `source` at (`top`, `left`) over what stands there; the source is left blank."""
        self.edit(source, lambda _r, _c, _cell: BLANK)
        self.edit(Area(top, top + len(cells), left, left + len(cells[0])), lambda r, c, _: cells[r - top][c - left])

    def cut_paste_row(self, row: int, to: int) -> None:
        """Cut a whole row and paste it over the row `to`; an empty row stays behind."""
        source = Area(row, row + 1, 0, self.column_count)
        self.paste(source, [[self.cell(row, column) for column in range(self.column_count)]], to, 0)

    def sort(self, column: int, from_row: int = 1, descending: bool = False) -> None:
        """Sort all rows from `from_row` down to the last one with data."""
        self.sort_area(Area(from_row, self.last_row, 0, self.column_count), [(column, descending)])

    def sort_area(self, area: Area, keys: Sequence[tuple[int, bool]]) -> None:
        """Sort a bounded area by (column, descending). Cells move; what is bound to rows, as metadata, stays (a guess).

        Numbers come before texts, texts before truth values; blank cells are last both ways.
        """
        lines = [
            [self.cell(r, c) for c in range(area.left, area.right or 0)] for r in range(area.top, area.bottom or 0)
        ]
        for column, descending in reversed(keys):
            lines.sort(key=lambda line: sort_key(line[column - area.left].value), reverse=descending)
            lines.sort(key=lambda line: line[column - area.left].value is None)
        self.edit(area, lambda r, c, _: lines[r - area.top][c - area.left])

    def set(self, row: int, column: int, value: object, *, shows: Value = None) -> None:
        """Type `value` into a cell, as a person does: a text is taken for what it looks like. None clears.

        A formula shows `shows`, or what the fake's small evaluator makes of it.
        """
        if isinstance(value, str):
            new = of_formula(value, shows) if shows is not None else typed(value, self.locale)
        else:
            new = of_python(value, self.locale.patterns)
        area = Area(row, row + 1, column, column + 1).cut(self.row_count, self.column_count, self.title)
        self.edit(area, lambda _r, _c, cell: entered(cell, new))

    def rename(self, title: str) -> None:
        """Give the tab another title."""
        self.properties["title"] = title
        self.changes += 1


def _looks(cell: Cell | None) -> Cell | None:
    if cell is None or not (cell.style or cell.validation):
        return None
    return Cell(style=cell.style, validation=cell.validation)
