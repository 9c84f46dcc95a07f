"""The `spreadsheets.values` calls that write: as typed or raw, growing the grid. Callers undo what is refused."""

from collections.abc import Sequence
from itertools import zip_longest
from typing import Any

from tests.fakes.sheet_areas import COLUMNS, Area, cells_of, split
from tests.fakes.sheet_book import Book
from tests.fakes.sheet_cells import Cell, checked, entered, number, plain
from tests.fakes.sheet_errors import invalid
from tests.fakes.sheet_formats import Locale, typed
from tests.fakes.sheet_schema import Message
from tests.fakes.sheet_tab import Tab

RAW, USER_ENTERED = "RAW", "USER_ENTERED"
Lines = Sequence[Sequence[Any]]


def update(book: Book, text: str, values: Lines, input_option: str, major: str, account: str) -> dict[str, Any]:
    """Write values from the range's first cell on, and say what was updated."""
    tab, area = book.place(text)
    lines = [list(line) for line in zip_longest(*values)] if major == COLUMNS else values
    height, width = len(lines), max(map(len, lines), default=0)
    given = cells_of(split(text)[1] or "") or Area()
    if (given.bottom, given.right) != (given.top + 1, given.left + 1):
        _fits(tab, area, given, height, width)
    return _write(
        book, tab, Area(area.top, area.top + height, area.left, area.left + width), lines, input_option, account
    )


def _fits(tab: Tab, area: Area, given: Area, height: int, width: int) -> None:
    for name, end, size in (
        ("row", given.bottom and given.bottom - area.top, height),
        ("column", given.right and given.right - area.left, width),
    ):
        if end is not None and size > end:
            at = area.top + end + 1 if name == "row" else area.left + end
            where = at if name == "row" else Area(left=at, right=at + 1, bottom=1).a1()[:-1]
            raise invalid(
                f"Requested writing within range [{area.a1(tab.title)}], but tried writing to {name} [{where}]"
            )


def _write(book: Book, tab: Tab, area: Area, lines: Lines, input_option: str, account: str) -> dict[str, Any]:
    bottom, right = area.bottom or 0, area.right or 0
    if bottom > tab.row_count or right > tab.column_count:
        tab.resize(max(bottom, tab.row_count), max(right, tab.column_count))
        book.check_size()
    book.guard(tab, area, account)

    def new(row: int, column: int, cell: Cell) -> Cell:
        line = lines[row - area.top]
        value = line[column - area.left] if column - area.left < len(line) else None
        return cell if value is None else entered(cell, _cell(value, input_option, tab.locale))

    tab.edit(area, new)
    given = [value for line in lines for value in line if value is not None]
    answer: dict[str, Any] = {"spreadsheetId": book.id, "updatedRange": area.a1(tab.title)}
    counts = {"updatedRows": bottom - area.top, "updatedColumns": right - area.left, "updatedCells": len(given)}
    return answer | {name: count for name, count in counts.items() if count and given}


def _cell(value: object, input_option: str, locale: Locale) -> Cell:
    if input_option not in (RAW, USER_ENTERED):
        raise invalid("'valueInputOption' is required but not specified")
    if isinstance(value, str):
        return typed(value, locale) if input_option == USER_ENTERED else plain(checked(value))
    if isinstance(value, bool):
        return plain(value)
    if isinstance(value, int | float):
        return plain(number(value))
    raise invalid(f"Invalid values: {value!r}")


def append(book: Book, text: str, values: Lines, input_option: str, insert_option: str, account: str) -> dict[str, Any]:
    """Write below the table that is found in the range, and say which it was.

    The fake takes for the table what ends in the last row with data in the range and begins with that row's first
    filled cell: so a gap at the start of that row shifts the columns, as has been seen of Google's own search.
    """
    tab, area = book.place(text)
    table = _table(tab, area)
    top, left = (table.bottom or 0, table.left) if table else (area.top, area.left)
    if insert_option == "INSERT_ROWS" and table and top < tab.row_count:
        tab.insert_rows(top, len(values))
    width = max(map(len, values), default=0)
    updates = _write(book, tab, Area(top, top + len(values), left, left + width), values, input_option, account)
    found = {"tableRange": table.a1(tab.title)} if table else {}
    return {"spreadsheetId": book.id, **found, "updates": updates}


def _table(tab: Tab, area: Area) -> Area | None:
    for row in range(min(len(tab.rows), area.bottom or 0) - 1, area.top - 1, -1):
        filled = [c for c in range(area.left, area.right or 0) if tab.cell(row, c).filled]
        if filled:
            top = row
            while top > area.top and any(cell and cell.filled for cell in tab.rows[top - 1]):
                top -= 1
            return Area(top, row + 1, filled[0], filled[-1] + 1)
    return None


def batch_update(book: Book, body: Message, account: str) -> dict[str, Any]:
    """Several ranges at once, with the totals."""
    option = body.get("valueInputOption") or ""
    answers = [
        update(book, d.get("range") or "", d.get("values") or (), option, d.get("majorDimension") or "ROWS", account)
        for d in body.get("data") or ()
    ]
    totals = {
        f"totalUpdated{name}": sum(answer.get(f"updated{name}", 0) for answer in answers)
        for name in ("Rows", "Columns", "Cells")
    }
    sheets = len({answer["updatedRange"].rpartition("!")[0] for answer in answers})
    return {"spreadsheetId": book.id, **totals, "totalUpdatedSheets": sheets, "responses": answers}


def clear(book: Book, text: str, account: str) -> str:
    """Clear the values of a range; the range as the grid bounds it."""
    tab, area = book.place(text)
    book.guard(tab, area, account)
    bottom = min(len(tab.rows), area.bottom or 0)
    tab.edit(Area(area.top, bottom, area.left, area.right), lambda _r, _c, cell: entered(cell, Cell()))
    return area.a1(tab.title)
