"""How the fake answers reads: value ranges and grid data. Changes nothing."""

from collections.abc import Iterable, Sequence
from typing import Any

from tests.fakes.sheet_areas import Area
from tests.fakes.sheet_cells import Cell, Value, resource
from tests.fakes.sheet_errors import invalid
from tests.fakes.sheet_formats import Locale, displayed
from tests.fakes.sheet_tab import OBJECT, Row, Tab

FORMATTED, UNFORMATTED, FORMULA = "FORMATTED_VALUE", "UNFORMATTED_VALUE", "FORMULA"
SERIAL, DATE_TEXT = "SERIAL_NUMBER", "FORMATTED_STRING"
DATES = ("DATE", "TIME", "DATE_TIME")


def value_range(tab: Tab, area: Area, render: str, dates: str, major: str) -> dict[str, Any]:
    """A ValueRange: ragged, without `values` when nothing stands there.

    Raises:
        ApiError: 400, an option that does not exist.
    """
    for option, choices in ((render, (FORMATTED, UNFORMATTED, FORMULA)), (dates, (SERIAL, DATE_TEXT))):
        if option not in choices:
            raise invalid(f"Invalid value at 'value_render_option', {option!r}")
    found = _trimmed([_line(row, area, render, dates, tab.locale) for row in tab.rows[area.top : area.bottom]])
    answer: dict[str, Any] = {"range": area.a1(tab.title), "majorDimension": major}
    if found:
        answer["values"] = found if major == "ROWS" else _transposed(found)
    return answer


def _line(row: Row, area: Area, render: str, dates: str, locale: Locale) -> list[Value]:
    cells = row[area.left : area.right]
    if render == UNFORMATTED and dates == SERIAL:
        line: list[Value] = [
            "" if c is None or c[0] is None else c[0] if c[2] is None else _error(c) for c in cells
        ]  # by position: whole tabs are read this way
    else:
        line = ["" if c is None else shown(c, render, dates, locale) for c in cells]
    while line and line[-1] == "" and (cells[len(line) - 1] is None or not cells[len(line) - 1].filled):
        line.pop()
    return line


def _error(cell: Cell) -> str:
    return f"{cell.value} ({cell.error})"


def shown(cell: Cell, render: str, dates: str, locale: Locale) -> Value:
    """One cell's value as this way of rendering gives it; "" for none."""
    if render == FORMULA and cell.formula is not None:
        return cell.formula
    if render == FORMATTED:
        return displayed(cell, locale)
    if cell.error is not None:
        return _error(cell)
    if dates == DATE_TEXT and (cell.number_format or {}).get("type") in DATES:
        return displayed(cell, locale)
    return "" if cell.value is None else cell.value


def _trimmed(lines: list[list[Value]]) -> list[list[Value]]:
    while lines and not lines[-1]:
        lines.pop()
    return lines


def _transposed(lines: Sequence[Sequence[Value]]) -> list[list[Value]]:
    width = max(map(len, lines))
    columns: list[list[Value]] = []
    for number in range(width):
        column = [line[number] if number < len(line) else "" for line in lines]
        while column and column[-1] == "":
            column.pop()
        columns.append(column)
    return _trimmed(columns)


def properties(tab: Tab) -> dict[str, Any]:
    """The tab's SheetProperties; a sheet of one chart has no grid."""
    own = {"sheetId": 0, "title": "", "index": 0, "sheetType": "GRID", **tab.properties}
    return {k: v for k, v in own.items() if not (k == "gridProperties" and tab.kind == OBJECT)}


def sheet(tab: Tab, areas: Sequence[Area] | None, account_edits: Iterable[bool]) -> dict[str, Any]:
    """The Sheet resource; `areas` are those whose cells are wanted, None for no cells at all.

    `account_edits` tells of each protected range whether whoever asks may edit it.
    """
    answer: dict[str, Any] = {"properties": properties(tab)}
    if areas is not None and tab.kind != OBJECT:
        answer["data"] = [grid_data(tab, area) for area in areas]
    protected = [
        {**item, **({"requestingUserCanEdit": True} if may else {})}
        for item, may in zip(tab.protected_ranges, account_edits, strict=True)
    ]
    optional = {
        "conditionalFormats": list(tab.conditional_formats),
        "protectedRanges": protected,
        "bandedRanges": list(tab.banded_ranges),
        "basicFilter": tab.basic_filter,
        "developerMetadata": [item for item in tab.metadata if "dimensionRange" not in item["location"]],
    }
    return answer | {name: item for name, item in optional.items() if item}


def grid_data(tab: Tab, area: Area) -> dict[str, Any]:
    """The cells of a bounded area with what belongs to its rows and columns; trailing empty cells and rows left out."""
    known: dict[int, dict[str, Any]] = {}
    rows = [_cells(row[area.left : area.right], tab.locale, known) for row in tab.rows[area.top : area.bottom]]
    while rows and not rows[-1]:
        rows.pop()
    answer: dict[str, Any] = {}
    if area.top:
        answer["startRow"] = area.top
    if area.left:
        answer["startColumn"] = area.left
    if rows:
        answer["rowData"] = [{"values": cells} if cells else {} for cells in rows]
    answer["rowMetadata"] = _dimension(tab, "ROWS", tab.row_properties, 21, range(area.top, area.bottom or 0))
    answer["columnMetadata"] = _dimension(tab, "COLUMNS", tab.column_properties, 100, range(area.left, area.right or 0))
    return answer


def _cells(row: Row, locale: Locale, known: dict[int, dict[str, Any]]) -> list[dict[str, Any]]:
    """The cells as CellData; `known` keeps those made already, by the identity of the cell, for sheets repeat them."""
    cells = []
    for cell in row:
        data = known.get(id(cell))
        if data is None:
            data = known[id(cell)] = {} if cell is None else resource(cell, displayed(cell, locale))
        cells.append(data)
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _dimension(
    tab: Tab, name: str, own: dict[int, dict[str, Any]], pixels: int, numbers: range
) -> list[dict[str, Any]]:
    answer: list[dict[str, Any]] = [{"pixelSize": pixels}] * len(numbers)
    for number in set(own) & set(numbers):
        answer[number - numbers.start] = {"pixelSize": pixels, **own[number]}
    for item in tab.metadata:
        place = item["location"].get("dimensionRange")
        if place and place["dimension"] == name and place["startIndex"] in numbers:
            at = place["startIndex"] - numbers.start
            answer[at] = {**answer[at], "developerMetadata": [*answer[at].get("developerMetadata", ()), item]}
    return answer
