"""From the bytes of a workbook and the cells of a plan to the bytes of the new workbook; the rest stays in place."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from datetime import date, datetime, time
from decimal import Decimal
from io import BytesIO

from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import Cell as XlsxCell
from openpyxl.packaging.custom import CustomPropertyList, StringProperty
from openpyxl.styles.numbers import is_date_format
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from sync.archives import Moving
from sync.placing import Placing, Put
from sync.snapshot import Sheet
from sync.storage.xlsx_archives import move_out
from sync.storage.xlsx_blank import without_blank_rows
from sync.storage.xlsx_look import number_format, set_up
from sync.storage.xlsx_reading import IDENTITY
from sync.storage.xlsx_results import put_back
from sync.storage.xlsx_safety import sound
from validators.errors import Refused, Trouble
from validators.rows import Cell
from validators.tabs import tab

# One attribute for the whole look: setting font, fill and the rest one by one takes a minute for 100,000 cells.
_STYLE = "_style"
LONGEST_TEXT = 32_767
LINE_HEIGHT, TALLEST_ROW = 14.5, 409.0  # points; Excel knows no taller row
_NOT_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ESCAPED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")


def rewritten(
    name: str,
    content: bytes | None,
    placing: Placing,
    identity: str,
    language: str,
    moved: Sequence[Moving] = (),
) -> bytes:
    """The workbook `content` of the file `name` (None: a new one) with the cells of `placing` and its `identity`; then
    the rows of `moved` go to sheets of their own.

    Raises:
        Refused: a cell to write, or a row to move, lies inside merged cells.
    """
    if content is not None:
        content = without_blank_rows(content)
    book = _opened(name, content)
    for title in placing.new_sheets:
        book.create_sheet(title)
    set_up(book, placing, language)
    for put in placing.puts:
        _write(book[put.sheet], put)
    move_out(book, moved)
    _identify(book, identity)
    book.calculation.fullCalcOnLoad = True
    saved = BytesIO()
    book.save(saved)
    return put_back(content, saved.getvalue())


def _opened(name: str, content: bytes | None) -> Workbook:
    if content is None:
        book = Workbook()
        book.remove(book.worksheets[0])
        return book
    with sound(name):
        return load_workbook(BytesIO(content), rich_text=True)


def _identify(book: Workbook, identity: str) -> None:
    properties: CustomPropertyList[StringProperty] = vars(book)["custom_doc_props"]
    if IDENTITY not in properties.names:
        properties.append(StringProperty(name=IDENTITY, value=identity))


def _write(sheet: Worksheet, put: Put) -> None:
    cell = sheet.cell(put.row + 1, put.column + 1)
    if not isinstance(cell, XlsxCell):
        raise Refused(
            f"The cell {cell.coordinate} of the tab '{put.sheet}' is merged with others.",
            "Unmerge it (only titles above the headers may be merged), then run again. Nothing was changed.",
            trouble=Trouble.MERGED,
            about=f"{put.sheet} / {cell.coordinate}",
        )
    if not cell.has_style:
        _dress(sheet, cell)
    stood = cell.number_format
    _set(cell, put.value)
    wanted = number_format(tab(put.tab).field(put.field), put.value)
    if wanted and (stood in ("General", "@") or is_date_format(stood) != isinstance(put.value, date)):
        cell.number_format = wanted
    if isinstance(put.value, str) and "\n" in put.value:
        _make_room(sheet, put)


def _make_room(sheet: Worksheet, put: Put) -> None:
    """A text of several lines is seen whole: not every program fits the height of a row to it by itself."""
    row = sheet.row_dimensions[put.row + 1]
    if row.height is None:
        width = tab(put.tab).field(put.field).width
        lines = sum(1 + len(line) // width for line in str(put.value).split("\n"))
        row.height = min(LINE_HEIGHT * lines, TALLEST_ROW)


def _dress(sheet: Worksheet, cell: XlsxCell) -> None:
    """Give a fresh cell the look of its column, as a spreadsheet program would."""
    column = sheet.column_dimensions.get(get_column_letter(cell.column))
    if column is not None and column.has_style:
        setattr(cell, _STYLE, copy(getattr(column, _STYLE)))


def _set(cell: XlsxCell, value: Cell) -> None:
    if isinstance(value, str):
        cell.value = _text(value)
        # openpyxl takes a leading "=" for a formula and "#N/A" for an error; a name stays a name.
        cell.data_type = "s"
    elif isinstance(value, Decimal):
        cell.value = int(value) if value == value.to_integral_value() else float(value)
    elif isinstance(value, datetime):
        cell.value = value.replace(tzinfo=None)
    else:
        cell.value = value


def _text(text: str) -> str:
    return _ESCAPED.sub("_x005F_", _plain(text))


def _plain(text: str) -> str:
    plain = _NOT_XML.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    if len(plain) > LONGEST_TEXT // 2 and len(plain.encode("utf-16-le")) > LONGEST_TEXT * 2:
        cut = plain.encode("utf-16-le")[: (LONGEST_TEXT - 1) * 2]
        plain = cut.decode("utf-16-le", errors="ignore") + "…"
    return plain


def standing(sheets: Iterable[Sheet], puts: Iterable[Put]) -> Iterator[Sheet]:
    """The sheets as they read once `puts` are written."""
    by_sheet: dict[str, list[Put]] = defaultdict(list)
    for put in puts:
        by_sheet[put.sheet].append(put)
    for sheet in sheets:
        written = by_sheet.get(sheet.title)
        yield _overlaid(sheet, written) if written else sheet


def _overlaid(sheet: Sheet, puts: Sequence[Put]) -> Sheet:
    rows: list[Sequence[Cell]] = list(sheet.rows)
    touched: dict[int, list[Cell]] = {}
    rows.extend(() for _ in range(max(put.row for put in puts) + 1 - len(rows)))
    for put in puts:
        row = touched.get(put.row) or touched.setdefault(put.row, list(rows[put.row]))
        row.extend([None] * (put.column + 1 - len(row)))
        row[put.column] = _as_read(put.value)
    for number, row in touched.items():
        rows[number] = tuple(row)
    return Sheet(sheet.title, rows, sheet.formulas - {(put.row, put.column) for put in puts})


def _as_read(value: Cell) -> Cell:
    """What a cell that was set to `value` reads as."""
    if isinstance(value, str):
        return _plain(value) or None
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, datetime):
        local = value.replace(tzinfo=None)
        return local.date() if local.time() == time() else local
    return value
