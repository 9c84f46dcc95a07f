"""The requests of a batch that change tabs, rows and columns, and the spreadsheet's own properties."""

from collections.abc import Mapping
from typing import Any

from tests.fakes.sheet_areas import COLUMNS, ROWS, Area
from tests.fakes.sheet_book import Book
from tests.fakes.sheet_errors import invalid, unbuilt
from tests.fakes.sheet_reading import properties
from tests.fakes.sheet_requests import Kind, Reply
from tests.fakes.sheet_schema import Message, mask_paths, merged
from tests.fakes.sheet_tab import Tab


def add_sheet(book: Book, content: Message, account: str) -> Reply:
    """`addSheet`: at the end unless an index is given."""
    wanted = {name: item for name, item in (content.get("properties") or {}).items() if item is not None}
    if wanted.get("sheetType", "GRID") != "GRID":
        raise unbuilt(f"addSheet of sheetType {wanted['sheetType']}")
    return {"properties": properties(book.add_tab(wanted))}


def delete_sheet(book: Book, content: Message, account: str) -> Reply:
    """`deleteSheet`."""
    tab = next((tab for tab in book.tabs if tab.sheet_id == (content.get("sheetId") or 0)), None)
    if tab is None:
        raise invalid(f"No sheet with id: {content.get('sheetId') or 0}")
    if not any(not other.hidden for other in book.tabs if other is not tab):
        raise invalid("You can't remove all the visible sheets in a document.")
    book.guard(tab, Area(), account)
    book.tabs = [other for other in book.tabs if other is not tab]
    book.changes += tab.changes
    book.renumber()
    return None


def duplicate_sheet(book: Book, content: Message, account: str) -> Reply:
    """`duplicateSheet`: all that stands on it, its looks and rules included; first of all sheets unless told where."""
    source = book.tab_of(content.get("sourceSheetId") or 0)
    title = content.get("newSheetName") or f"Copy of {source.title}"
    wanted: dict[str, Any] = {**source.properties, "title": title, "index": content.get("insertSheetIndex") or 0}
    del wanted["sheetId"]
    if content.get("newSheetId") is not None:
        wanted["sheetId"] = content["newSheetId"]
    copy = book.add_tab(wanted)
    copy.restore({**source.state(), "properties": copy.properties, "metadata": []})
    return {"properties": properties(copy)}


def update_sheet_properties(book: Book, content: Message, account: str) -> Reply:
    """`updateSheetProperties`."""
    mask = mask_paths(content.get("fields"), "SheetProperties")
    wanted = content.get("properties") or {}
    tab = book.tab_of(wanted.get("sheetId") or 0)
    new: dict[str, Any] = dict(tab.properties)
    for path in mask:
        new = merged(new, wanted, path)
    if not new.get("title"):
        raise invalid("Sheet title cannot be empty.")
    book.check_title(new["title"], tab)
    grid = {**{name: tab.grid[name] for name in ("rowCount", "columnCount")}, **new.get("gridProperties", {})}
    _check_grid(grid)
    tab.resize(grid["rowCount"], grid["columnCount"])
    tab.properties = {**new, "sheetId": tab.sheet_id, "gridProperties": grid}
    if all(other.hidden for other in book.tabs):
        raise invalid("You can't hide all the sheets in a document.")
    if any(path[0] == "index" for path in mask):
        book.tabs.remove(tab)
        book.tabs.insert(wanted.get("index") or 0, tab)
        book.renumber()
    book.check_size()
    return None


def _check_grid(grid: Mapping[str, Any]) -> None:
    for one, size, frozen in (("row", "rowCount", "frozenRowCount"), ("column", "columnCount", "frozenColumnCount")):
        if grid[size] < 1:
            raise invalid(f"Sheet must have at least one {one}.")
        if grid.get(frozen, 0) >= grid[size]:
            raise invalid(f"You can't freeze all visible {one}s on the sheet.")


def update_spreadsheet_properties(book: Book, content: Message, account: str) -> Reply:
    """`updateSpreadsheetProperties`: title, locale, time zone and the like."""
    new = dict(book.properties)
    for path in mask_paths(content.get("fields"), "SpreadsheetProperties"):
        new = merged(new, content.get("properties"), path)
    book.properties = {**book.properties, **new}
    book.set_locale(book.locale)
    return None


def span(book: Book, place: Message | None) -> tuple[Tab, str, int, int]:
    """The tab, dimension, start and end of a DimensionRange.

    Raises:
        ApiError: 400, no dimension, or an end before its start.
    """
    if not place or place.get("dimension") not in (ROWS, COLUMNS):
        raise invalid("No dimension specified.")
    tab = book.tab_of(place.get("sheetId") or 0)
    dimension = str(place["dimension"])
    start, end = place.get("startIndex") or 0, place.get("endIndex")
    size = tab.row_count if dimension == ROWS else tab.column_count
    end = size if end is None else end
    if start < 0 or end < start:
        raise invalid("DimensionRange indexes must be >= 0 and end after they start.")
    return tab, dimension, start, end


def whole(dimension: str, start: int, end: int) -> Area:
    """All cells of these rows or columns."""
    return Area(start, end) if dimension == ROWS else Area(left=start, right=end)


def update_dimension_properties(book: Book, content: Message, account: str) -> Reply:
    """`updateDimensionProperties`: widths, and what is hidden."""
    mask = mask_paths(content.get("fields"), "DimensionProperties")
    tab, dimension, start, end = span(book, content.get("range"))
    _within(tab, dimension, start, end)
    standing = tab.row_properties if dimension == ROWS else tab.column_properties
    for number in range(start, end):
        for path in mask:
            standing[number] = merged(standing.get(number), content.get("properties"), path)
    tab.changes += 1
    return None


def append_dimension(book: Book, content: Message, account: str) -> Reply:
    """`appendDimension`: rows or columns at the end of the grid."""
    tab = book.tab_of(content.get("sheetId") or 0)
    if content.get("dimension") not in (ROWS, COLUMNS) or (content.get("length") or 0) < 1:
        raise invalid("Must specify a dimension and a length of at least 1.")
    tab.extend(content["dimension"], content["length"])
    book.check_size()
    return None


def insert_dimension(book: Book, content: Message, account: str) -> Reply:
    """`insertDimension`: looks are taken over from the row or column after, or before."""
    tab, dimension, start, end = span(book, content.get("range"))
    before = bool(content.get("inheritFromBefore"))
    if before and not start:
        raise invalid("inheritFromBefore cannot be true when inserting at index 0.")
    book.guard(tab, whole(dimension, max(start - 1, 0), start + 1), account)
    insert = tab.insert_rows if dimension == ROWS else tab.insert_columns
    insert(start, end - start, inherit=before)
    book.check_size()
    return None


def delete_dimension(book: Book, content: Message, account: str) -> Reply:
    """`deleteDimension`."""
    tab, dimension, start, end = span(book, content.get("range"))
    book.guard(tab, whole(dimension, start, end), account)
    delete = tab.delete_rows if dimension == ROWS else tab.delete_columns
    delete(start, end - start)
    return None


def move_dimension(book: Book, content: Message, account: str) -> Reply:
    """`moveDimension`: the destination is counted before the move."""
    tab, dimension, start, end = span(book, content.get("source"))
    book.guard(tab, whole(dimension, start, end), account)
    tab.move(dimension, start, end - start, content.get("destinationIndex") or 0)
    return None


def auto_resize_dimensions(book: Book, content: Message, account: str) -> Reply:
    """`autoResizeDimensions`: checked only; the fake measures no letters."""
    _within(*span(book, content.get("dimensions")))
    return None


def _within(tab: Tab, dimension: str, start: int, end: int) -> None:
    if end > (tab.row_count if dimension == ROWS else tab.column_count):
        raise invalid(f"{dimension} {start} to {end} are not all in the grid.")


KINDS: dict[str, Kind] = {
    "addSheet": add_sheet,
    "deleteSheet": delete_sheet,
    "duplicateSheet": duplicate_sheet,
    "updateSheetProperties": update_sheet_properties,
    "updateSpreadsheetProperties": update_spreadsheet_properties,
    "updateDimensionProperties": update_dimension_properties,
    "appendDimension": append_dimension,
    "insertDimension": insert_dimension,
    "deleteDimension": delete_dimension,
    "moveDimension": move_dimension,
    "autoResizeDimensions": auto_resize_dimensions,
}
