"""Files that went wrong, or that somebody means harm with: made here, and never kept."""

import io
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path

from openpyxl import Workbook

from tests.raw_workbooks import raw_workbook, worksheet

HEAD = "Nazwa;NIP;E-mail\n"
ROWS = 1_048_576
_CELL = '<c r="{}" t="str"><v>{}</v></c>'
_LIST = (
    f'<row r="1">{_CELL.format("A1", "Nazwa")}{_CELL.format("B1", "NIP")}</row>'
    f'<row r="2">{_CELL.format("A2", "Alfa")}{_CELL.format("B2", "5260250274")}</row>'
)


def workbook(rows: str, level: int = 9) -> bytes:
    """An XLSX whose one sheet has these rows, in XML."""
    whole, out = io.BytesIO(), io.BytesIO()
    Workbook().save(whole)
    with (
        zipfile.ZipFile(whole) as plain,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as archive,
    ):
        for part in plain.namelist():
            text = plain.read(part).decode()
            archive.writestr(part, text.replace("</sheetData>", f"{rows}</sheetData>"))
    return out.getvalue()


def _archive(name: str, content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return out.getvalue()


def _repeated(text: str, times: int) -> bytes:
    """An ODS with so many rows of one text, which stands in it once."""
    office, table, paragraph = (
        f"urn:oasis:names:tc:opendocument:xmlns:{name}:1.0" for name in ("office", "table", "text")
    )
    row = (
        f'<t:table-row t:number-rows-repeated="{times}"><t:table-cell o:value-type="string"><x:p>{text}</x:p>'
        "</t:table-cell></t:table-row>"
    )
    body = f'<o:body><o:spreadsheet><t:table t:name="A">{row}</t:table></o:spreadsheet></o:body>'
    spaces = f'xmlns:o="{office}" xmlns:t="{table}" xmlns:x="{paragraph}"'
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", f"<o:document-content {spaces}>{body}</o:document-content>")
    return out.getvalue()


def _entities(dtd: str) -> bytes:
    return f'<?xml version="1.0"?><!DOCTYPE Faktura [{dtd}]><Faktura><Fa><P_2>&a;</P_2></Fa></Faktura>'.encode()


def contents() -> Iterator[tuple[str, bytes]]:
    """Name and bytes of each."""
    bomb = "".join(f'<!ENTITY {"abcdefgh"[n]} "{f"&{chr(98 + n)};" * 10}">' for n in range(7))
    yield "entities.xml", _entities(f'{bomb}<!ENTITY h "ha">')
    yield "outside.xml", _entities('<!ENTITY a SYSTEM "file:///etc/passwd">')
    yield "bomb.xlsx", workbook(" " * 60_000_000)
    yield "bomb.zip", _archive("faktura.xml", b"<Faktura>" + b" " * 40_000_000)
    blank = "".join(f'<row r="{n}" s="1" customFormat="1"/>' for n in range(3, ROWS + 1))
    yield "blank.xlsx", workbook(_LIST + blank, level=1)
    yield "far.xlsx", workbook(_LIST + f'<row r="{ROWS}">{_CELL.format(f"XFD{ROWS}", "x")}</row>')
    text = "ab cd " * 20_000
    shared = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, 20_000))
    yield "shared.xlsx", raw_workbook(worksheet(shared), f"<si><t>{text}</t></si>")
    yield "repeated.ods", _repeated(text, 20_000)
    yield "cell.csv", HEAD.encode() + b'"' + b"a" * 50_000_000 + b'";5260250274;a@b.pl\n'
    yield "columns.csv", b";".join(b"k%d" % n for n in range(10_000)) + b"\n" + b";" * 9_999 + b"\n"
    yield "long.csv", HEAD.encode() + (b"ab;" * 333_000 + b"\n") * 60
    yield (
        "wide.csv",
        b"Nazwa;NIP;" + b";".join(b"k%d" % n for n in range(1_900)) + b"\n" + (b"ab;" * 1_900 + b"\n") * 9_000,
    )
    yield "rows.csv", HEAD.encode() + b";;\n" * 200_000 + "Żuraw;;\n".encode()
    yield "nuls.csv", f"{HEAD}Al\0fa;5260250274;a@b.pl\0\n".encode()
    yield "half.csv", f"{HEAD}Beta;5260250274;a@b.pl\nŻ".encode()[:-1]
    yield "formulas.csv", f"{HEAD}=cmd|' /C calc'!A0;@SUM(A1);+48\n-1+1;;\n".encode()
    yield "nothing.csv", b""


def put_into(folder: Path) -> list[Path]:
    """All of them in `folder`, with what is no file at all."""
    for name, content in contents():
        (folder / name).write_bytes(content)
    (folder / "folder.csv").mkdir()
    os.mkfifo(folder / "pipe.csv")
    return sorted(folder.iterdir())
