"""How tabs and columns that Kartoteka adds to an .xlsx workbook look: widths, colours, formats, drop-downs, notes.

What the team made itself is never restyled. No values are written here.
"""

from collections.abc import Iterator
from copy import copy
from datetime import date, datetime
from decimal import Decimal

from openpyxl import Workbook
from openpyxl.formatting.rule import Rule
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.dimensions import ColumnDimension
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from sync.placing import Layout, Placing
from sync.storage.look import (
    ALIGNED,
    AMOUNT_FORMAT,
    HEADER_LINE,
    INTEGER_FORMAT,
    KEPT_BY_US,
    SERVICE_FILL,
    STATUS_COLOURS,
    TEXT_FORMAT,
    frozen_columns,
    header_colours,
    is_text,
    is_wrapped,
    listed,
    tab_colour,
    width,
)
from validators.rows import Cell
from validators.tabs import VOCABULARY_KINDS, Field, Kind, Owner, tab

LAST_ROW = 1_048_576
_FILTER_ROWS = 5_000
_PAGE_WIDTH = 220  # characters on a page across that can still be read
_FORMATS = {
    Kind.AMOUNT: AMOUNT_FORMAT,
    Kind.PAYMENT: AMOUNT_FORMAT,
    Kind.DATE: "yyyy-mm-dd",
    Kind.HOLD: "yyyy-mm-dd",
    Kind.PAID_ON: "yyyy-mm-dd",
    Kind.MOMENT: "yyyy-mm-dd hh:mm",
    Kind.INTEGER: INTEGER_FORMAT,
}
_FONT = "Calibri"
_FILTERED = ("clients", "invoices")
_CHOOSE = {
    "pl": ("Spoza listy", "Tej wartości nie ma na liście. Zostawić ją mimo to?"),
    "en": ("Not on the list", "This value is not on the list. Keep it all the same?"),
}


def number_format(field: Field, value: Cell) -> str:
    """The number format for `value` in a column of `field`, or "" for none in particular."""
    if isinstance(value, datetime):
        return _FORMATS[Kind.MOMENT]
    if isinstance(value, date):
        return _FORMATS[Kind.DATE]
    if isinstance(value, str):
        return TEXT_FORMAT if is_text(field) else ""
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return _FORMATS.get(field.kind, "") if field.kind in (Kind.AMOUNT, Kind.PAYMENT, Kind.INTEGER) else ""
    return ""


def set_up(book: Workbook, placing: Placing, language: str) -> None:
    """Give the tabs and columns that `placing` adds their look. Its new sheets must be there already."""
    for name, layout in placing.layouts.items():
        if not layout.added:
            continue
        sheet = book[layout.sheet]
        for field in (tab(name).field(f) for f in layout.added):
            _column(sheet, layout, field)
        for validation in _validations(book, name, placing, language):
            sheet.add_data_validation(validation)
        if "status" in layout.added and name == "invoices":
            _colour_status(sheet, _range(layout, "status"), _first(layout, "status"))
        if set(layout.added) == set(layout.columns):
            _whole(sheet, name, layout)


def _column(sheet: Worksheet, layout: Layout, field: Field) -> None:
    column = layout.columns[field.name] + 1
    dimension = _dimension(sheet, column)
    dimension.width = width(field)
    dimension.number_format = _column_format(field)
    dimension.alignment = Alignment(
        horizontal=ALIGNED.get(field.kind),
        vertical="top",
        wrap_text=is_wrapped(field),
    )
    if field.owner is Owner.SERVICE:
        dimension.fill = _fill(SERVICE_FILL)
    colour, background = header_colours(field)
    header = sheet.cell(layout.header + 1, column)
    header.font = Font(name=_FONT, size=11, bold=True, color=colour)
    header.fill = _fill(background)
    header.alignment = Alignment(horizontal=ALIGNED.get(field.kind), vertical="center", wrap_text=True)
    header.border = Border(bottom=Side("thin", color=HEADER_LINE))


def _dimension(sheet: Worksheet, column: int) -> ColumnDimension:
    """The dimension of one column alone: one that spans several is split, for overlapping ones break the file."""
    dimensions = sheet.column_dimensions
    for wide in list(dimensions.values()):
        if wide.min and wide.max and wide.min <= column <= wide.max and wide.min < wide.max:
            del dimensions[wide.index]
            for first, last in ((wide.min, column - 1), (column, column), (column + 1, wide.max)):
                if first <= last:
                    piece = copy(wide)
                    piece.index, piece.min, piece.max = get_column_letter(first), first, last
                    dimensions[piece.index] = piece
            break
    return dimensions[get_column_letter(column)]


def _whole(sheet: Worksheet, name: str, layout: Layout) -> None:
    """The look of a tab that is new as a whole."""
    last = get_column_letter(len(layout.columns))
    sheet.row_dimensions[1].height = 32
    sheet.freeze_panes = f"{get_column_letter(frozen_columns(name) + 1)}2"
    if name in _FILTERED:
        sheet.auto_filter.ref = f"A1:{last}{_FILTER_ROWS}"
    sheet.sheet_properties.tabColor = tab_colour(name)
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 9
    sheet.page_setup.fitToHeight = 0
    sheet.page_setup.fitToWidth = 1 + sum(f.width for f in tab(name).fields) // _PAGE_WIDTH
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = "1:1"


def _validations(book: Workbook, name: str, placing: Placing, language: str) -> Iterator[DataValidation]:
    layout = placing.layouts[name]
    for field in (tab(name).field(f) for f in layout.added):
        source = _source(book, field, placing, language)
        if source:
            title, error = _CHOOSE[language]
            yield DataValidation(
                type="list",
                formula1=source,
                allow_blank=True,
                showErrorMessage=True,
                errorStyle="warning",
                errorTitle=title,
                error=error,
                sqref=_range(layout, field.name),
            )
    kept = [_range(layout, f) for f in layout.added if tab(name).field(f).owner is Owner.SERVICE]
    if kept:
        yield DataValidation(
            showInputMessage=True,
            allow_blank=True,
            promptTitle="Kartoteka",
            prompt=KEPT_BY_US[language],
            sqref=" ".join(kept),
        )


def _source(book: Workbook, field: Field, placing: Placing, language: str) -> str:
    labels = listed(field, language)
    if labels:
        return f'"{",".join(labels)}"'
    if field.kind is Kind.ONE_OF and "vocabulary" in placing.layouts:
        return _vocabulary_name(book, field.vocabulary, placing.layouts["vocabulary"], language)
    return ""


def _vocabulary_name(book: Workbook, kind: str, layout: Layout, language: str) -> str:
    """The defined name of the entries of `kind`. A name, because Excel moves a direct reference to another sheet into
    an extension (x14) that openpyxl would drop."""
    name = f"kartoteka_{kind}"
    if name not in book.defined_names:
        label = next(c.pl if language == "pl" else c.en for c in VOCABULARY_KINDS if c.code == kind)
        kinds, names = (get_column_letter(layout.columns[f] + 1) for f in ("kind", "name"))
        sheet = quote_sheetname(layout.sheet)
        column = f"{sheet}!${kinds}$1:${kinds}${_FILTER_ROWS}"
        formula = f'OFFSET({sheet}!${names}$1,MATCH("{label}",{column},0)-1,0,COUNTIF({column},"{label}"),1)'
        book.defined_names[name] = DefinedName(name, attr_text=formula)
    return name


def _colour_status(sheet: Worksheet, cells: str, first: str) -> None:
    for labels, colour, background in STATUS_COLOURS:
        tests = ",".join(f'LEFT({first},{len(label)})="{label}"' for label in labels)
        look = DifferentialStyle(font=Font(color=colour), fill=PatternFill(bgColor=background))
        sheet.conditional_formatting.add(cells, Rule("expression", dxf=look, formula=[f"OR({tests})"]))


def _column_format(field: Field) -> str:
    return TEXT_FORMAT if is_text(field) else _FORMATS.get(field.kind, "General")


def _first(layout: Layout, field: str) -> str:
    return f"${get_column_letter(layout.columns[field] + 1)}{layout.header + 2}"


def _range(layout: Layout, field: str) -> str:
    letter = get_column_letter(layout.columns[field] + 1)
    return f"{letter}{layout.header + 2}:{letter}{LAST_ROW}"


def _fill(colour: str) -> PatternFill:
    return PatternFill("solid", start_color=colour, end_color=colour)
