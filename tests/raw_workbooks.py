"""XLSX workbooks of one sheet, written as text: as no program would write them, or as Excel does for long lists."""

import zipfile
from collections.abc import Iterable, Sequence
from io import BytesIO
from xml.sax.saxutils import escape

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override PartName="/xl/workbook.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>'
)
_BOOK = (
    f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}">'
    '<sheets><sheet name="A" sheetId="1" r:id="r1"/></sheets></workbook>'
)


def raw_workbook(worksheet: str, shared: str = "", method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A workbook whose only sheet is that XML; cells of type "s" are those of the `shared` strings (their XML)."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        archive.writestr("[Content_Types].xml", _TYPES)
        archive.writestr("_rels/.rels", _relations(("officeDocument", "xl/workbook.xml")))
        archive.writestr("xl/workbook.xml", _BOOK)
        parts = [("worksheet", "worksheets/sheet1.xml"), *([("sharedStrings", "sharedStrings.xml")] if shared else [])]
        archive.writestr("xl/_rels/workbook.xml.rels", _relations(*parts))
        if shared:
            archive.writestr("xl/sharedStrings.xml", f'<sst xmlns="{MAIN}">{shared}</sst>')
        archive.writestr("xl/worksheets/sheet1.xml", worksheet)
    return out.getvalue()


def worksheet(rows: str, below: str = "", prefix: str = "") -> str:
    """The XML of a sheet: its rows, and what stands `below` these; `prefix` is that of its own tags."""
    space = f":{prefix.rstrip(':')}" if prefix else ""
    data = f"<{prefix}sheetData>{rows}</{prefix}sheetData>"
    return f'<{prefix}worksheet xmlns{space}="{MAIN}">{data}{below}</{prefix}worksheet>'


def text_cell(place: str, text: str, prefix: str = "") -> str:
    """A cell with a text of its own."""
    p = prefix
    return f'<{p}c r="{place}" t="inlineStr"><{p}is><{p}t>{escape(text)}</{p}t></{p}is></{p}c>'


def shared_workbook(rows: Iterable[Sequence[str]]) -> bytes:
    """A workbook of these texts, few columns of them, as Excel writes it: each text once, all cells by its number."""
    numbers: dict[str, int] = {}
    lines = []
    for line, texts in enumerate(rows, 1):
        each = ((f"{chr(ord('A') + i)}{line}", text) for i, text in enumerate(texts) if text)
        cells = "".join(f'<c r="{at}" t="s"><v>{numbers.setdefault(text, len(numbers))}</v></c>' for at, text in each)
        lines.append(f'<row r="{line}" spans="1:{len(texts)}">{cells}</row>')
    return raw_workbook(worksheet("".join(lines)), "".join(f"<si><t>{escape(text)}</t></si>" for text in numbers))


def _relations(*links: tuple[str, str]) -> str:
    each = (
        f'<Relationship Id="r{number}" Type="{RELATIONS}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(links, 1)
    )
    return f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{"".join(each)}</Relationships>'
