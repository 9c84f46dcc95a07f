"""Nothing of a team's workbook is lost by a write: everything in it is compared before and after."""

import re
from collections.abc import Iterator
from datetime import date, datetime, time
from itertools import pairwise
from pathlib import Path
from zipfile import ZipFile

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.comments import Comment
from openpyxl.formatting.rule import ColorScale, FormatObject, Rule
from openpyxl.packaging.custom import StringProperty
from openpyxl.styles import Alignment, Border, Color, Font, NamedStyle, PatternFill, Protection, Side
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.table import Table, TableStyleInfo
from openpyxl.worksheet.worksheet import Worksheet

from sync.plan import AddColumn, AppendRow, Plan
from sync.storage.xlsx import XlsxWorkbook
from tests.making import CLIENTS, KLIENCI, client, edited, plan, repacked, written
from validators.errors import Refused

RESULTS = {"SUM(I4:I5)": ("n", "10.5"), "UPPER(B4)": ("str", "ŻURAW"), "1/0": ("e", "#DIV/0!"), "1=1": ("b", "1")}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = written(tmp_path / "klienci.xlsx")
    edited(path, furnish)
    repacked(path, with_results)
    return path


def furnish(book: Workbook) -> None:
    """What teams do to their sheets."""
    clients, notes = book.worksheets[0], book.worksheets[3]
    _cells(clients)
    _sheet(clients)
    for line, formula in enumerate(RESULTS, start=10):
        notes.cell(line, 1).value = f"={formula}"
    notes["C10"] = ArrayFormula("C10:C11", "=A10:A11*2")
    notes["A20"] = datetime.fromisoformat("2026-03-04T05:06:07")
    notes["A21"] = time(7, 30)
    notes["A22"] = date(2026, 3, 4)
    notes["A23"] = 0.1
    notes["A24"] = 123456789012345
    notes["A24"].number_format = '0.00" zł"'
    for row in (("Towar", "Ile"), ("A", 1), ("B", 2)):
        notes.append(row)
    table = Table(displayName="Towary", ref="A25:B27")
    table.tableStyleInfo = TableStyleInfo(name="TableStyleMedium2", showRowStripes=True)
    notes.add_table(table)
    notes.sheet_state = "hidden"
    notes.protection.sheet = True
    notes.sheet_properties.tabColor = "FF8800"
    book.defined_names["Stawka"] = DefinedName("Stawka", attr_text="'Notatnik Ani'!$A$23")
    clients.defined_names["Lokalna"] = DefinedName("Lokalna", attr_text="Klienci!$A$1")
    book.properties.title = "Rejestr"
    book.properties.creator = "Ania"
    vars(book)["custom_doc_props"].append(StringProperty(name="Dział", value="Biuro"))
    book.active = 1


def _cells(clients: Worksheet) -> None:
    clients["B4"].font = Font(name="Arial", size=14, bold=True, color="FF0000")
    clients["B4"].fill = PatternFill("solid", start_color="FFFF00")
    clients["B4"].border = Border(left=Side("thick"))
    clients["B4"].alignment = Alignment(horizontal="center", wrap_text=True, text_rotation=45)
    clients["B4"].protection = Protection(locked=False)
    clients["J4"].fill = PatternFill("solid", start_color="00FF00")
    clients["J4"].number_format = "@"
    clients["C4"].comment = Comment("dzwonić rano", "Ania")
    clients["C5"].hyperlink = "https://example.pl/?a=1&b=2"
    clients["C6"].hyperlink = "#Faktury!A1"
    clients["G4"] = CellRichText("czer", TextBlock(InlineFont(b=True), "wony"), " bardzo")
    clients["G5"].style = NamedStyle("Ważne", font=Font(italic=True))
    clients["M4"] = "=VLOOKUP(A4,Faktury!A:B,2,FALSE)"
    clients["N4"] = "  spacje\n  i linie  "
    clients["N5"] = "=nie formuła"
    clients["N5"].data_type = "s"


def _sheet(clients: Worksheet) -> None:
    clients.merge_cells("A1:D1")
    clients.column_dimensions["B"].width = 41.5
    clients.column_dimensions["G"].hidden = True
    clients.column_dimensions.group("P", "S", outline_level=1, hidden=True)
    clients.row_dimensions[4].height = 40
    clients.row_dimensions[6].hidden = True
    clients.freeze_panes = "C4"
    clients.auto_filter.ref = "A2:J6"
    clients.auto_filter.add_filter_column(5, ["Klient"])
    red = DifferentialStyle(fill=PatternFill(bgColor="FF0000"))
    clients.conditional_formatting.add("I3:I9", Rule("cellIs", operator="greaterThan", formula=["5"], dxf=red))
    scale = ColorScale(cfvo=[FormatObject("min"), FormatObject("max")], color=[Color("FF0000"), Color("00FF00")])
    clients.conditional_formatting.add("H3:H9", Rule("colorScale", colorScale=scale))
    clients.add_data_validation(DataValidation("list", formula1='"a,b"', sqref="F3:F99", showErrorMessage=True))
    clients.print_title_rows = "2:2"
    clients.print_area = "A1:J50"
    clients.page_setup.orientation = "landscape"
    clients.page_margins.left = 0.3
    header = clients.oddHeader
    assert header is not None
    header.center.text = "Rejestr &P"
    clients.row_breaks.append(Break(id=20))
    clients.sheet_view.zoomScale = 85
    clients.sheet_view.showGridLines = False


def with_results(part: str, content: bytes) -> bytes:
    """The results that a spreadsheet program would have left in the file."""
    text = content.decode()
    for formula, (kind, value) in RESULTS.items():
        pattern = rf'(<c r="\w+")((?: s="\d+")?)(?: t="\w+")?><f>{re.escape(formula)}</f>(<v ?/>|<v></v>)'
        text = re.sub(pattern, rf'\1\2 t="{kind}"><f>{formula}</f><v>{value}</v>', text)
    return text.encode() if part.startswith("xl/worksheets/") and part.endswith(".xml") else content


def everything(path: Path) -> dict[str, object]:
    """All that openpyxl can tell of the workbook, by where it stands."""
    book = load_workbook(path, rich_text=True)
    told: dict[str, object] = {
        "sheets": book.sheetnames,
        "active": book.active.title if book.active else "",
        "names": {n: d.attr_text for n, d in book.defined_names.items()},
        "title": (book.properties.title, book.properties.creator),
        "custom": {p.name: p.value for p in vars(book)["custom_doc_props"].props if p.name != "kartoteka"},
    }
    for sheet in book.worksheets:
        told |= {f"{sheet.title}!{k}": v for k, v in _of_sheet(sheet)}
    return told


def _of_sheet(sheet: Worksheet) -> Iterator[tuple[str, object]]:
    for row in sheet.iter_rows():
        for cell in row:
            value = cell.value
            told = (value.ref, value.text) if isinstance(value, ArrayFormula) else value
            look = [repr(getattr(cell, a)) for a in ("font", "fill", "border", "alignment", "protection")]
            note = (cell.comment.text, cell.comment.author) if cell.comment else None
            link = (cell.hyperlink.target, cell.hyperlink.location) if cell.hyperlink else None
            yield cell.coordinate, (repr(told), cell.data_type, cell.number_format, look, note, link)
    columns = sheet.column_dimensions
    yield "columns", {k: (d.width, d.hidden, d.min, d.max, d.outlineLevel) for k, d in columns.items()}
    yield "rows", {k: (d.height, d.hidden) for k, d in sheet.row_dimensions.items() if d.height or d.hidden}
    yield "merged", sorted(map(str, sheet.merged_cells.ranges))
    yield "validations", [repr(v) for v in sheet.data_validations.dataValidation]
    yield "formats", [(str(c.sqref), [repr(r) for r in c.rules]) for c in sheet.conditional_formatting]
    yield "tables", [repr(t) for t in dict.values(sheet.tables)]
    yield "local names", {n: d.attr_text for n, d in sheet.defined_names.items()}
    for part in ("auto_filter", "page_setup", "page_margins", "sheet_view", "protection", "row_breaks"):
        yield part, repr(getattr(sheet, part))
    yield "header", sheet.oddHeader.center.text if sheet.oddHeader else ""
    yield "print", (sheet.print_title_rows, sheet.print_area, sheet.freeze_panes, sheet.sheet_state)
    yield "colour", repr(sheet.sheet_properties.tabColor)


def opened(path: Path) -> XlsxWorkbook:
    return XlsxWorkbook(path, path.parent / ".kartoteka")


def changed(before: dict[str, object], after: dict[str, object]) -> set[str]:
    return {k for k in before.keys() | after.keys() if before.get(k) != after.get(k)}


def test_only_the_planned_cells_change(path: Path) -> None:
    before = everything(path)
    opened(path).apply(
        plan(client("K-0001", "problems", "x"), client("K-0002", "stage", "Oferta")), opened(path).read()
    )
    assert changed(before, everything(path)) == {"Klienci!J3", "Klienci!F4"}


def test_a_cell_keeps_its_look_when_its_value_changes(path: Path) -> None:
    opened(path).apply(plan(client("K-0002", "problems", "nowe")), opened(path).read())
    cell = load_workbook(path).worksheets[0]["J4"]
    assert (cell.value, cell.fill.start_color.rgb, cell.number_format) == ("nowe", "0000FF00", "@")


def test_writing_twice_is_as_safe_as_writing_once(path: Path) -> None:
    before = everything(path)
    for text in ("a", "b", "c"):
        opened(path).apply(plan(client("K-0001", "problems", text)), opened(path).read())
    assert changed(before, everything(path)) == {"Klienci!J3"}


def test_results_of_formulas_are_there_before_and_after(path: Path) -> None:
    def results() -> list[object]:
        return [row[0] for row in opened(path).read().sheets[3].rows[9:13]]

    assert results() == [10.5, "ŻURAW", "#DIV/0!", True]
    computed = [s.formulas for s in opened(path).read().sheets]
    opened(path).apply(plan(client("K-0001", "problems", "x")), opened(path).read())
    assert results() == [10.5, "ŻURAW", "#DIV/0!", True]
    assert [s.formulas for s in opened(path).read().sheets] == computed


def test_programs_are_told_to_compute_formulas_again(path: Path) -> None:
    opened(path).apply(plan(client("K-0001", "problems", "x")), opened(path).read())
    with ZipFile(path) as archive:
        assert b'fullCalcOnLoad="1"' in archive.read("xl/workbook.xml")
        assert b"<Application>Kartoteka</Application>" in archive.read("docProps/app.xml")


def test_a_formula_in_a_team_column_is_never_overwritten(path: Path) -> None:
    edited(path, lambda book: setattr(book.worksheets[0]["F3"], "value", '="oferta"'))
    opened(path).apply(
        plan(client("K-0001", "stage", "Oferta"), client("K-0001", "problems", "x")), opened(path).read()
    )
    row = load_workbook(path).worksheets[0][3]
    assert (row[5].value, row[9].value) == ('="oferta"', "x")


def test_extensions_that_stand_on_their_own_are_carried_over(path: Path) -> None:
    """Drop-downs that refer to another sheet, sparklines, ignored errors, ranges that may be edited."""
    x14 = "http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"
    extension = (
        f'<extLst><ext xmlns:x14="{x14}" uri="{{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}}"><x14:dataValidations count="1">'
        '<x14:dataValidation type="list"><x14:formula1><xm:f xmlns:xm="http://schemas.microsoft.com/office/excel/2006/'
        'main">Faktury!$A$1:$A$9</xm:f></x14:formula1></x14:dataValidation></x14:dataValidations></ext></extLst>'
    )
    ignored = '<ignoredErrors><ignoredError sqref="E3:E9" numberStoredAsText="1"/></ignoredErrors>'

    def add(part: str, content: bytes) -> bytes:
        if not part.endswith("worksheets/sheet2.xml"):
            return content
        return content.replace(b"</worksheet>", f"{ignored}{extension}</worksheet>".encode())

    repacked(path, add)
    for _ in range(2):
        opened(path).apply(plan(appended=[AppendRow("clients", {"name": "x"})]), opened(path).read())
    with ZipFile(path) as archive:
        sheet = archive.read("xl/worksheets/sheet2.xml")
    assert sheet.count(b"<x14:dataValidation ") == 1
    assert b"Faktury!$A$1:$A$9" in sheet
    assert sheet.index(b"<ignoredErrors") < sheet.index(b"<extLst")


def test_columns_added_beside_a_group_do_not_overlap_it(path: Path) -> None:
    """Two descriptions of one column make Excel call the file broken."""
    edited(path, lambda book: book.worksheets[0].column_dimensions.group("K", "Z", outline_level=1))
    new = Plan("r", "", "pl", (), (AddColumn("clients", "open_balance"), AddColumn("clients", "duplicate_of")))
    opened(path).apply(new, opened(path).read())
    with ZipFile(path) as archive:
        xml = archive.read("xl/worksheets/sheet1.xml").decode()
    spans = sorted((int(a), int(b)) for a, b in re.findall(r'<col [^>]*?min="(\d+)" max="(\d+)"', xml))
    assert all(first[1] < second[0] for first, second in pairwise(spans))


def test_columns_added_to_a_team_s_tab_leave_its_own_as_they_are(path: Path) -> None:
    before = everything(path)
    opened(path).apply(Plan("r", "", "pl", (), (AddColumn("clients", "duplicate_of"),)), opened(path).read())
    touched = changed(before, everything(path))
    assert {k for k in touched if re.fullmatch(r"Klienci!([A-J]|M|N)\d+", k)} == set()
    assert {k for k in touched if not k.startswith("Klienci!")} == set()


def test_a_planned_cell_inside_merged_cells_is_refused(path: Path) -> None:
    edited(path, lambda book: book.worksheets[0].merge_cells("I3:J3"))
    before = path.read_bytes()
    with pytest.raises(Refused, match=r"J3 .*merged"):
        opened(path).apply(plan(client("K-0001", "problems", "x")), opened(path).read())
    assert path.read_bytes() == before


def test_merged_titles_read_as_their_first_cell(path: Path) -> None:
    assert opened(path).read().sheets[0].rows[0] == ("Nasi klienci",)


def test_typed_cells_read_as_what_they_are(path: Path) -> None:
    rows = opened(path).read().sheets[3].rows
    assert rows[19][0] == datetime.fromisoformat("2026-03-04T05:06:07")
    assert rows[20][0] == time(7, 30)
    assert rows[21][0] == date(2026, 3, 4)
    assert type(rows[21][0]) is date
    assert (rows[22][0], rows[23][0]) == (0.1, 123456789012345)


def test_control_characters_and_endless_texts_are_no_crash(path: Path) -> None:
    nasty = "a\x00b\x0bc\ud800d\ufffee\r\nf"
    opened(path).apply(
        plan(client("K-0001", "problems", nasty), client("K-0002", "problems", "ż😀" * 20_000)), opened(path).read()
    )
    rows = opened(path).read().sheets[0].rows
    assert rows[2][9] == "abcde\nf"
    long = rows[3][9]
    assert isinstance(long, str)
    assert long.endswith("…")
    assert len(long.encode("utf-16-le")) // 2 <= 32_767


def test_a_sheet_that_claims_a_million_rows_reads_as_what_it_holds(tmp_path: Path) -> None:
    path = written(tmp_path / "k.xlsx", [KLIENCI])

    def claim(part: str, content: bytes) -> bytes:
        rows = "".join(f'<row r="{n}" ht="15"><c r="A{n}" s="0"/></row>' for n in range(6, 300_000))
        content = re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="A1:XFD1048576"', content)
        return content.replace(b"</sheetData>", f"{rows}</sheetData>".encode())

    repacked(path, lambda part, old: claim(part, old) if part.endswith("sheet1.xml") else old)
    assert len(opened(path).read().sheets[0].rows) == len(KLIENCI.rows)
    opened(path).apply(plan(appended=[AppendRow("clients", {"name": "ostatni"})]), opened(path).read())
    assert opened(path).read().sheets[0].rows[-1] == (None, "ostatni")
    assert len(opened(path).read().sheets[0].rows) == len(KLIENCI.rows) + 1
    assert CLIENTS[1] == "Nazwa"
