"""The heartbeat in an .xlsx file: on the sheet of a defined name, which follows it whatever people call it.

In place only the XML of that one sheet is changed, and the rest of the file is copied as it is: it costs little, and
nothing can be lost. The tab is made, and written anew where people have taken it apart, with openpyxl.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

from lxml import etree
from openpyxl import Workbook, load_workbook
from openpyxl.formatting.rule import Rule
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.utils import absolute_coordinate, get_column_letter, quote_sheetname
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from config.heartbeat_words import LABELS
from sync.heartbeat import Heartbeat, title
from sync.heartbeat_place import Spots, is_heartbeat, spots
from sync.history import EPOCH
from sync.snapshot import Sheet
from sync.storage.look import HEARTBEAT_COLOUR, HEARTBEAT_LATE, HEARTBEAT_WIDTHS, late_formula
from sync.storage.xlsx_blank import without_blank_rows
from sync.storage.xlsx_cells import sheet_of
from sync.storage.xlsx_parts import MAIN, cells_at, defined_names, has_1904_dates, parse, sheet_parts
from sync.storage.xlsx_results import put_back
from sync.storage.xlsx_safety import check_readable, check_writable, sound
from sync.storage.xlsx_writing import LINE_HEIGHT
from validators.rows import Cell

NAME = "kartoteka_heartbeat"
_MOMENT = "yyyy-mm-dd hh:mm"
_FONT = "Calibri"
_LINES = {list(LABELS).index("state"): 2}  # at least


def with_heartbeat(name: str, content: bytes, heartbeat: Heartbeat, taken: Iterable[str] = ()) -> bytes | None:
    """The workbook `content` of the file `name` with the heartbeat; None when it has no tab for it, and none may be
    made. `taken` are titles that are none for it, besides those of the sheets.

    Raises:
        OutOfReach: it is no workbook, or damaged.
        Refused: the tab must be written anew, and that would drop something that the file holds.
    """
    with sound(name):
        check_readable(name, content)
        sheet = _standing(content, heartbeat)
        if sheet is None and not heartbeat.may_make:
            return None
        wanted = spots(sheet or Sheet("", ()), heartbeat)
        if sheet and not wanted.is_new:
            patched = _patched(content, sheet.title, wanted.cells)
            if patched is not None:
                return patched
        check_writable(name, content)
        return _rewritten(content, sheet, wanted, heartbeat, taken)


def _standing(content: bytes, heartbeat: Heartbeat) -> Sheet | None:
    """The sheet that the name refers to; or else one of its title that bears its heading, for names get lost."""
    with ZipFile(BytesIO(content)) as archive:
        titles, reference = [*sheet_parts(archive)], defined_names(archive).get(NAME, "")
    of = reference.rpartition("!")[0]
    of = of[1:-1].replace("''", "'") if of.startswith("'") else of
    if of in titles:
        return sheet_of(content, of)
    alike = (sheet_of(content, each) for each in titles if each in heartbeat.titles)
    return next((sheet for sheet in alike if is_heartbeat(sheet)), None)


def _patched(content: bytes, of: str, cells: Mapping[tuple[int, int], Cell]) -> bytes | None:
    """The workbook with other values in cells that stand on its sheet `of`; None where that is not so simple."""
    with ZipFile(BytesIO(content)) as source:
        part = sheet_parts(source)[of]
        sheet = parse(source.read(part))
        found = cells_at(sheet, cells)
        if len(found) < len(cells) or has_1904_dates(source):
            return None
        for spot, cell in found.items():
            _fill(cell, cells[spot])
        result = BytesIO()
        with ZipFile(result, "w", ZIP_DEFLATED) as target:
            for each in source.infolist():
                is_ours = each.filename == part
                target.writestr(each, _as_bytes(sheet) if is_ours else source.read(each), each.compress_type)
    return result.getvalue()


def _fill(cell: etree._Element, value: Cell) -> None:
    """Give a cell another value, and leave it its look (18.3.1.4)."""
    for child in list(cell):
        cell.remove(child)
    if "t" in cell.attrib:
        del cell.attrib["t"]
    if isinstance(value, str):
        cell.set("t", "inlineStr")
        etree.SubElement(etree.SubElement(cell, f"{MAIN}is"), f"{MAIN}t").text = value
    else:
        serial = (value - EPOCH) / timedelta(days=1) if isinstance(value, datetime) else value
        etree.SubElement(cell, f"{MAIN}v").text = str(serial)


def _as_bytes(part: etree._Element) -> bytes:
    return etree.tostring(part, xml_declaration=True, encoding="UTF-8", standalone=True)


def _rewritten(content: bytes, sheet: Sheet | None, wanted: Spots, heartbeat: Heartbeat, taken: Iterable[str]) -> bytes:
    book = load_workbook(BytesIO(without_blank_rows(content)), rich_text=True)
    tab = book[sheet.title] if sheet else _made(book, title(heartbeat.titles, [*book.sheetnames, *taken]))
    if wanted.is_new:
        _dress(tab, wanted, heartbeat)
    for (row, column), value in wanted.cells.items():
        tab.cell(row + 1, column + 1).value = value
    cells = f"{get_column_letter(wanted.left + 1)}{wanted.top + 1}"
    place = f"{quote_sheetname(tab.title)}!{absolute_coordinate(cells)}"
    book.defined_names[NAME] = DefinedName(NAME, attr_text=place)
    book.calculation.fullCalcOnLoad = True
    saved = BytesIO()
    book.save(saved)
    return put_back(content, saved.getvalue())


def _made(book: Workbook, name: str) -> Worksheet:
    """The new tab. A time by which it should have been written again turns red by itself when it has passed."""
    tab: Worksheet = book.create_sheet(name)
    for column, width in enumerate(HEARTBEAT_WIDTHS, start=1):
        tab.column_dimensions[get_column_letter(column)].width = width
    text, background = HEARTBEAT_LATE
    late = DifferentialStyle(font=Font(color=text), fill=PatternFill(bgColor=background))
    tab.conditional_formatting.add("A1:B1000", Rule("expression", dxf=late, formula=[late_formula().removeprefix("=")]))
    tab.sheet_properties.tabColor = HEARTBEAT_COLOUR
    tab.sheet_view.showGridLines = False
    tab.page_setup.paperSize, tab.page_setup.fitToHeight = 9, 0
    tab.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    return tab


def _dress(tab: Worksheet, wanted: Spots, heartbeat: Heartbeat) -> None:
    """The look of heading, labels and values."""
    tab.cell(wanted.top + 1, wanted.left + 1).font = Font(name=_FONT, bold=True, size=14)
    for row, (_, value) in enumerate(heartbeat.lines, start=wanted.top + 2):
        label, beside = (tab.cell(row, wanted.left + column) for column in (1, 2))
        label.font, beside.font = Font(name=_FONT, size=11, bold=True), Font(name=_FONT, size=11)
        beside.number_format = _MOMENT
        for cell in (label, beside):
            cell.alignment = Alignment(horizontal="left", vertical="top", wrap_text=True)
        # Not every program fits the height of a row to its text by itself; one that changes later has room as well.
        lines = 1 + len(value) // (HEARTBEAT_WIDTHS[1] - 6) if isinstance(value, str) else 1
        tab.row_dimensions[row].height = LINE_HEIGHT * max(lines, _LINES.get(row - wanted.top - 2, 1))
