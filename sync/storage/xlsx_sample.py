"""Writing the sample as an .xlsx file that looks like one kept by hand. What stands in it is sync/sample.py's part."""

import io
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from lxml import etree
from openpyxl import Workbook
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.comments import Comment
from openpyxl.formatting.rule import Rule
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from sync.sample.sheets import FIRM, sample
from sync.sample.values import Formula, Known, SampleCell, SampleSheet
from sync.storage.xlsx_parts import MAIN, computed, parse, sheet_parts
from validators.errors import OutOfReach, WrongUse

MONEY, DATE, PERCENT, AS_TEXT = '#,##0.00\\ "zł"', "dd\\.mm\\.yyyy", "0%", "@"
_HEADER = PatternFill("solid", fgColor="D9E7DD")
_YELLOW = PatternFill("solid", fgColor="FFF2A8")
_LARGE = PatternFill("solid", bgColor="FDE3CF")
_LINE = Border(bottom=Side("thin", "8AA394"))
# The formats of the firm's own columns; others follow from the value.
_FORMATS = {"folder_number": AS_TEXT, "amount": "#,##0.00", "paid": "#,##0.00", "rate": PERCENT, "net": MONEY}
# Serial dates count from here.
_EPOCH = date(1899, 12, 30)
_MODIFIED = "{http://purl.org/dc/terms/}modified"


def write_sample(path: Path, today: date) -> None:
    """Write the sample of `today` to the new file `path`: the same bytes for the same day.

    Raises:
        WrongUse: the file is there already; it is never overwritten.
        OutOfReach: it cannot be written.
    """
    sheets = sample(today)
    content = _with_results(_drawn(sheets, today), sheets, today)
    try:
        with path.open("xb") as file:
            file.write(content)
    except FileExistsError:
        raise WrongUse(f"There is already a file '{path}'.", "Name another folder, or move the file away.") from None
    except OSError as error:
        raise OutOfReach(f"'{path}' cannot be written: {error.strerror}.", "Name a folder you may write to.") from error


def _drawn(sheets: tuple[SampleSheet, ...], today: date) -> bytes:
    book = Workbook()
    book.remove(book.worksheets[0])
    book.properties.creator = FIRM
    book.properties.created = datetime.combine(today, time())
    for sheet in sheets:
        _draw(book.create_sheet(sheet.title), sheet)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _draw(paper: Worksheet, sheet: SampleSheet) -> None:
    _draw_heading(paper, sheet)
    for position, cells in enumerate(sheet.rows):
        for number, (column, content) in enumerate(zip(sheet.columns, cells, strict=bool(cells)), start=1):
            cell = paper.cell(sheet.header_row + 1 + position, number)
            _fill(cell, content, column.field)
            if position in sheet.marked:
                cell.fill = _YELLOW
    _decorate(paper, sheet)


def _draw_heading(paper: Worksheet, sheet: SampleSheet) -> None:
    paper["A1"].value, paper["A2"].value = sheet.banner, sheet.note
    paper["A1"].font = Font("Calibri", 16, bold=True, color="2E5E4E")
    paper["A2"].font = Font("Calibri", 10, italic=True, color="777777")
    last = get_column_letter(min(len(sheet.columns), 8))
    paper.merge_cells(f"A1:{last}1")
    paper.row_dimensions[1].height = 26
    paper.row_dimensions[sheet.header_row].height = 32
    for number, column in enumerate(sheet.columns, start=1):
        heading = paper.cell(sheet.header_row, number, column.header)
        heading.font, heading.fill, heading.border = Font("Calibri", 11, bold=True), _HEADER, _LINE
        heading.alignment = Alignment(wrap_text=True, vertical="center")
        paper.column_dimensions[get_column_letter(number)].width = column.width
    paper.freeze_panes = f"{'C' if len(sheet.columns) > 8 else 'A'}{sheet.header_row + 1}"
    paper.page_setup.orientation, paper.page_setup.fitToHeight = "landscape", 0
    paper.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    paper.print_title_rows = f"{sheet.header_row}:{sheet.header_row}"


def _fill(cell: Cell | MergedCell, content: SampleCell, field: str) -> None:
    shown = content.result if isinstance(content, Formula) else content
    cell.value = content.text if isinstance(content, Formula) else content
    if isinstance(shown, date):
        cell.number_format = DATE
        cell.alignment = Alignment(horizontal="left")
    elif field in _FORMATS and (_FORMATS[field] == AS_TEXT or not isinstance(shown, str)):
        cell.number_format = _FORMATS[field]
    elif isinstance(shown, Decimal):
        cell.number_format = MONEY
    if isinstance(shown, bool):
        cell.alignment = Alignment(horizontal="center")
    if field == "notes":
        cell.font = Font("Calibri", 9, color="555555")


def _decorate(paper: Worksheet, sheet: SampleSheet) -> None:
    """The firm's own conditional formats, drop-down and comment: what must survive Kartoteka."""
    letters = {column.field: get_column_letter(n) for n, column in enumerate(sheet.columns, start=1)}
    first, last = sheet.header_row + 1, sheet.header_row + len(sheet.rows)
    if "amount" in letters:
        column = letters["amount"]
        large = Rule("cellIs", operator="greaterThan", formula=["5000"], dxf=DifferentialStyle(fill=_LARGE))
        paper.conditional_formatting.add(f"{column}{first}:{column}{last}", large)
        paper[f"{column}{sheet.header_row}"].comment = Comment("Zawsze brutto, z VAT!", "Ewa Żuraw")
    if "segment" in letters:
        column, folder = letters["segment"], letters["folder_colour"]
        choice = DataValidation("list", formula1='"A,B,C"', allow_blank=True)
        choice.add(f"{column}{first}:{column}{last + 50}")
        paper.add_data_validation(choice)
        style = DifferentialStyle(font=Font(color="B3261E", bold=True))
        red = Rule("expression", formula=[f'${folder}{first}="czerwona"'], dxf=style)
        paper.conditional_formatting.add(f"{folder}{first}:{folder}{last}", red)
        paper[f"{letters['boiler_key']}{sheet.header_row}"].comment = Comment("Kody do bram są u Marka.", "Zofia Łącka")


def _with_results(content: bytes, sheets: tuple[SampleSheet, ...], today: date) -> bytes:
    """The file with the result of every formula in it, as a spreadsheet program saves it; openpyxl writes none.

    Times are those of `today`, so that the same day gives the same bytes.
    """
    result = io.BytesIO()
    with ZipFile(io.BytesIO(content)) as source, ZipFile(result, "w", ZIP_DEFLATED) as target:
        results = {part: dict(_results(sheets, title)) for title, part in sheet_parts(source).items()}
        for info in source.infolist():
            part = source.read(info)
            if info.filename in results:
                part = _settled(part, results[info.filename])
            elif info.filename == "docProps/core.xml":
                part = _dated(part, today)
            target.writestr(ZipInfo(info.filename, (today.year, today.month, today.day, 0, 0, 0)), part, ZIP_DEFLATED)
    return result.getvalue()


def _results(sheets: tuple[SampleSheet, ...], title: str) -> Iterator[tuple[tuple[int, int], Known]]:
    for sheet in (s for s in sheets if s.title == title):
        for row, cells in enumerate(sheet.rows, start=sheet.header_row):
            for column, cell in enumerate(cells):
                if isinstance(cell, Formula):
                    yield (row, column), cell.result


def _settled(part: bytes, results: Mapping[tuple[int, int], Known]) -> bytes:
    sheet = parse(part)
    for row, column, cell in computed(sheet):
        result = results[row, column]
        for empty in cell.findall(f"{MAIN}v"):
            cell.remove(empty)
        if isinstance(result, str):
            cell.set("t", "str")
        value = (result - _EPOCH).days if isinstance(result, date) else result
        etree.SubElement(cell, f"{MAIN}v").text = str(value)
    return etree.tostring(sheet, xml_declaration=True, encoding="UTF-8", standalone=True)


def _dated(part: bytes, today: date) -> bytes:
    core = parse(part)
    for modified in core.iter(_MODIFIED):
        modified.text = f"{today.isoformat()}T00:00:00Z"
    return etree.tostring(core, xml_declaration=True, encoding="UTF-8", standalone=True)
