"""The requests of a batch that change cells. Each takes the book, the request's content and who asks."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from tests.fakes.sheet_areas import Area
from tests.fakes.sheet_book import Book
from tests.fakes.sheet_cells import BLANK, Cell, entered, of_formula, with_data
from tests.fakes.sheet_errors import invalid, unbuilt
from tests.fakes.sheet_formats import displayed, typed
from tests.fakes.sheet_schema import Message, chosen, mask_paths, merged
from tests.fakes.sheet_tab import Tab

Reply: TypeAlias = dict[str, Any] | None
Kind: TypeAlias = Callable[[Book, Message, str], Reply]
Hit: TypeAlias = tuple[int, int, Cell, int]
EDGES = ("top", "bottom", "left", "right")


def target(book: Book, grid_range: Message | None, account: str) -> tuple[Tab, Area]:
    """The tab and the cells of a GridRange that is about to be edited.

    Raises:
        ApiError: 400, it is not there, or protected from this account.
    """
    if grid_range is None:
        raise invalid("Must specify a range.")
    tab = book.tab_of(grid_range.get("sheetId") or 0)
    area = tab.area(grid_range)
    book.guard(tab, area, account)
    return tab, area


def update_cells(book: Book, content: Message, account: str) -> Reply:
    """`updateCells`: under `start` only the given cells, under `range` all of its cells."""
    mask = mask_paths(content.get("fields"), "CellData")
    rows = [row.get("values") or [] for row in content.get("rows") or ()]
    start, whole = content.get("start"), content.get("range")
    if (start is None) == (whole is None):
        raise invalid("Must set exactly one of 'start' and 'range'.")
    if whole is not None:
        tab, area = target(book, whole, account)
    else:
        tab, area = _from(book, start or {}, rows)
        book.guard(tab, area, account)
    _fits(rows, area)

    def new(row: int, column: int, cell: Cell) -> Cell:
        given = rows[row - area.top] if row - area.top < len(rows) else []
        if column - area.left < len(given):
            return with_data(cell, given[column - area.left] or {}, mask)
        return with_data(cell, {}, mask) if whole is not None else cell

    tab.edit(area, new)
    return None


def _from(book: Book, start: Message, rows: Sequence[Sequence[Any]]) -> tuple[Tab, Area]:
    tab = book.tab_of(start.get("sheetId") or 0)
    top, left = start.get("rowIndex") or 0, start.get("columnIndex") or 0
    for name, at, size in (("row", top, tab.row_count), ("column", left, tab.column_count)):
        if at >= size:
            raise invalid(f"GridCoordinate.{name}Index[{at}] is after last {name} in grid[{size - 1}]")
        if at < 0:
            raise invalid(f"GridCoordinate.{name}Index[{at}] must be >= 0")
    width = max(map(len, rows), default=0)
    return tab, Area(top, min(top + len(rows), tab.row_count), left, min(left + width, tab.column_count))


def _fits(rows: Sequence[Sequence[Any]], area: Area) -> None:
    bottom, right = area.bottom or 0, area.right or 0
    width = max(map(len, rows), default=0)
    if area.top + len(rows) > bottom:
        raise invalid(f"Attempting to write row: {bottom}, beyond the last requested row of: {bottom - 1}")
    if area.left + width > right:
        raise invalid(f"Attempting to write column: {right}, beyond the last requested column of: {right - 1}")


def append_cells(book: Book, content: Message, account: str) -> Reply:
    """`appendCells`: after the last row of the sheet that holds data; the grid grows when it must."""
    if content.get("tableId"):
        raise unbuilt("appendCells with tableId")
    mask = mask_paths(content.get("fields"), "CellData")
    tab = book.tab_of(content.get("sheetId") or 0)
    rows = [row.get("values") or [] for row in content.get("rows") or ()]
    top = tab.last_row
    if top + len(rows) > tab.row_count:
        tab.resize(top + len(rows), tab.column_count)
        book.check_size()
    width = max(map(len, rows), default=0)
    area = Area(top, top + len(rows), 0, min(width, tab.column_count))
    _fits(rows, area)
    book.guard(tab, area, account)
    tab.edit(
        area,
        lambda r, c, cell: with_data(cell, rows[r - top][c] or {}, mask) if c < len(rows[r - top]) else cell,
    )
    return None


def repeat_cell(book: Book, content: Message, account: str) -> Reply:
    """`repeatCell`."""
    mask = mask_paths(content.get("fields"), "CellData")
    tab, area = target(book, content.get("range"), account)
    data = content.get("cell") or {}
    tab.edit(area, lambda _r, _c, cell: with_data(cell, data, mask))
    return None


def set_data_validation(book: Book, content: Message, account: str) -> Reply:
    """`setDataValidation`: without a rule, the rule goes."""
    tab, area = target(book, content.get("range"), account)
    tab.edit(area, lambda _r, _c, cell: cell._replace(validation=content.get("rule") or None))
    return None


def update_borders(book: Book, content: Message, account: str) -> Reply:
    """`updateBorders`: kept in the format of each cell."""
    tab, area = target(book, content.get("range"), account)
    inner = {"top": "innerHorizontal", "bottom": "innerHorizontal", "left": "innerVertical", "right": "innerVertical"}

    def new(row: int, column: int, cell: Cell) -> Cell:
        outer = (row == area.top, row + 1 == area.bottom, column == area.left, column + 1 == area.right)
        style: Mapping[str, Any] | None = cell.style
        for edge, outermost in zip(EDGES, outer, strict=True):
            border = content.get(edge if outermost else inner[edge])
            if border is not None:
                style = merged(style, {"borders": {edge: border}}, ("borders", edge))
        return cell._replace(style=style)

    tab.edit(area, new)
    return None


def sort_range(book: Book, content: Message, account: str) -> Reply:
    """`sortRange`: by the values of columns."""
    tab, area = target(book, content.get("range"), account)
    specs = content.get("sortSpecs") or []
    if not specs:
        raise invalid("Must specify at least one sortSpec.")
    keys = [(spec.get("dimensionIndex") or 0, spec.get("sortOrder") == "DESCENDING") for spec in specs]
    if any(not area.left <= column < (area.right or 0) for column, _ in keys):
        raise invalid("sortSpecs.dimensionIndex is outside of the range.")
    tab.sort_area(area, keys)
    return None


def cut_paste(book: Book, content: Message, account: str) -> Reply:
    """`cutPaste`: the source is left blank, what stood at the destination is overwritten."""
    tab, source = target(book, content.get("source"), account)
    goal, top, left = _corner(book, content.get("destination") or {})
    book.guard(goal, _sized(source, top, left), account)
    cells = _cells(tab, source)
    tab.edit(source, lambda _r, _c, _cell: BLANK)
    _paste(goal, cells, _sized(source, top, left), content.get("pasteType"))
    return None


def copy_paste(book: Book, content: Message, account: str) -> Reply:
    """`copyPaste`: the source is repeated as often as it fits into the destination whole."""
    if content.get("pasteOrientation") == "TRANSPOSE":
        raise unbuilt("copyPaste with TRANSPOSE")
    source_range = content.get("source") or {}
    tab = book.tab_of(source_range.get("sheetId") or 0)
    source = tab.area(source_range)
    goal, area = target(book, content.get("destination"), account)
    height, width = (source.bottom or 0) - source.top, (source.right or 0) - source.left
    bottom = area.top + max(1, ((area.bottom or 0) - area.top) // height) * height
    right = area.left + max(1, ((area.right or 0) - area.left) // width) * width
    whole = Area(area.top, bottom, area.left, right)
    book.guard(goal, whole, account)
    _paste(goal, _cells(tab, source), whole, content.get("pasteType"))
    return None


def _corner(book: Book, at: Message) -> tuple[Tab, int, int]:
    tab, area = _from(book, at, [])
    return tab, area.top, area.left


def _sized(source: Area, top: int, left: int) -> Area:
    return Area(top, top + (source.bottom or 0) - source.top, left, left + (source.right or 0) - source.left)


def _cells(tab: Tab, area: Area) -> list[list[Cell]]:
    return [[tab.cell(r, c) for c in range(area.left, area.right or 0)] for r in range(area.top, area.bottom or 0)]


def _paste(tab: Tab, cells: Sequence[Sequence[Cell]], area: Area, kind: str | None) -> None:
    if (area.bottom or 0) > tab.row_count or (area.right or 0) > tab.column_count:
        raise invalid(f"Range ({area.a1(tab.title)}) exceeds grid limits. "
                      f"Max rows: {tab.row_count}, max columns: {tab.column_count}")  # fmt: skip
    if kind not in (None, "PASTE_NORMAL", "PASTE_VALUES", "PASTE_FORMULA"):
        raise unbuilt(f"pasteType {kind}")

    def new(row: int, column: int, cell: Cell) -> Cell:
        pasted = cells[(row - area.top) % len(cells)][(column - area.left) % len(cells[0])]
        if kind == "PASTE_FORMULA":  # Google would shift what a formula refers to; ours names no cells
            return entered(cell, Cell(pasted.value, pasted.formula, pasted.error))
        return entered(cell, Cell(pasted.value, error=pasted.error)) if kind == "PASTE_VALUES" else pasted

    tab.edit(area, new)


def find_replace(book: Book, content: Message, account: str) -> Reply:
    """`findReplace`: by the displayed text, or the formula's when formulas are included.

    What comes out is taken as if typed (a number becomes a number): our assumption, Google does not say.
    """
    swap = _swap(content)
    counts = dict.fromkeys(
        ("valuesChanged", "formulasChanged", "rowsChanged", "sheetsChanged", "occurrencesChanged"), 0
    )
    for tab, area in _scope(book, content):
        hits = list(_hits(tab, area, swap, formulas=bool(content.get("includeFormulas"))))
        for row, column, cell, occurrences in hits:
            spot = Area(row, row + 1, column, column + 1)
            book.guard(tab, spot, account)
            tab.put(row, column, cell)
            counts["formulasChanged" if cell.formula is not None else "valuesChanged"] += 1
            counts["occurrencesChanged"] += occurrences
        counts["rowsChanged"] += len({row for row, *_ in hits})
        counts["sheetsChanged"] += bool(hits)
    return {name: count for name, count in counts.items() if count}


def _scope(book: Book, content: Message) -> list[tuple[Tab, Area]]:
    scopes = chosen(content, "range", "sheetId", "allSheets")
    if len(scopes) != 1:
        raise invalid("Must specify exactly one of 'range', 'sheetId' and 'allSheets'.")
    if scopes == ["range"]:
        tab = book.tab_of(content["range"].get("sheetId") or 0)
        return [(tab, tab.area(content["range"]))]
    tabs = [t for t in book.tabs if t.row_count] if scopes == ["allSheets"] else [book.tab_of(content["sheetId"])]
    return [(tab, Area(0, tab.row_count, 0, tab.column_count)) for tab in tabs]


def _swap(content: Message) -> Callable[[str], tuple[str, int]]:
    find, replacement = content.get("find") or "", content.get("replacement") or ""
    if not find:
        raise invalid("Must specify 'find'.")
    by_pattern = bool(content.get("searchByRegex"))
    pattern = find if by_pattern else re.escape(find)
    if content.get("matchEntireCell"):
        pattern = rf"\A(?:{pattern})\Z"
    template = re.sub(r"\$(\d)", r"\\\1", replacement.replace("\\", "\\\\"))
    try:
        wanted = re.compile(pattern, 0 if content.get("matchCase") else re.IGNORECASE)
        if by_pattern and (groups := re.findall(r"\$([1-9])", replacement)) and int(max(groups)) > wanted.groups:
            raise re.error("no such group")
    except re.error as wrong:
        raise invalid(f"Invalid regular expression: {find}") from wrong
    return lambda text: wanted.subn(lambda m: m.expand(template) if by_pattern else replacement, text)


def _hits(tab: Tab, area: Area, swap: Callable[[str], tuple[str, int]], *, formulas: bool) -> Iterable[Hit]:
    for number, row in enumerate(tab.rows[area.top : area.bottom], area.top):
        for column, cell in enumerate(row[area.left : area.right], area.left):
            if cell is None or not cell.filled or (cell.formula is not None and not formulas):
                continue
            text, occurrences = swap(displayed(cell, tab.locale) if cell.formula is None else cell.formula)
            if not occurrences:
                continue
            new = of_formula(text) if cell.formula and text.startswith("=") else typed(text, tab.locale)
            yield number, column, entered(cell, new), occurrences


KINDS: dict[str, Kind] = {
    "updateCells": update_cells,
    "appendCells": append_cells,
    "repeatCell": repeat_cell,
    "setDataValidation": set_data_validation,
    "updateBorders": update_borders,
    "sortRange": sort_range,
    "cutPaste": cut_paste,
    "copyPaste": copy_paste,
    "findReplace": find_replace,
}
