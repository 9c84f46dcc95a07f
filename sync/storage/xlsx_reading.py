"""From the bytes of an .xlsx file to a snapshot: typed cells, formula results, the workbook's own identity.

The only place that reads cells through openpyxl; nothing is written here.
"""

import re
import uuid
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

from openpyxl import Workbook, load_workbook
from openpyxl.packaging.custom import CustomPropertyList, StringProperty

from sync.snapshot import Sheet, Snapshot
from sync.storage.replacing import fingerprint
from sync.storage.xlsx_blank import without_blank_rows
from sync.storage.xlsx_parts import computed, parse, sheet_parts
from sync.storage.xlsx_safety import check_readable, check_writable, sound
from validators.rows import Cell

IDENTITY = "kartoteka"
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")


def snapshot(path: Path, content: bytes) -> Snapshot:
    """All worksheets of the workbook `content`, which lies at `path`.

    Raises:
        OutOfReach: it is no workbook, or damaged; the advice says what to do.
        Refused: it is too big to be a register, or holds what a write would drop.
    """
    with sound(path.name):
        check_readable(path.name, content)
        found = _snapshot(path, content, without_blank_rows(content, most=0))
        check_writable(path.name, content)
    return found


def _snapshot(path: Path, content: bytes, filled: bytes) -> Snapshot:
    formulas = _formulas(filled)
    book = load_workbook(BytesIO(filled), read_only=True, data_only=True, keep_links=False)
    sheets = []
    for sheet in book.worksheets:
        # The dimension a file claims may be a million rows; what it holds counts.
        sheet.reset_dimensions()
        rows = _trimmed(tuple(_cell(value) for value in row) for row in sheet.iter_rows(values_only=True))
        sheets.append(Sheet(sheet.title, rows, formulas.get(sheet.title, frozenset())))
    identity = next((str(p.value) for p in properties(book).props if p.name == IDENTITY), "")
    identity = identity or first_identity(path, content)
    return Snapshot(fingerprint(content), identity, tuple(sheets))


def properties(book: Workbook) -> "CustomPropertyList[StringProperty]":
    """The custom document properties of `book`."""
    found: CustomPropertyList[StringProperty] = vars(book)["custom_doc_props"]
    return found


def first_identity(path: Path, content: bytes) -> str:
    """The identity of a workbook that has none yet, the same for the same file in the same state."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{path.resolve().as_posix()}#{fingerprint(content)}"))


def _formulas(content: bytes) -> dict[str, frozenset[tuple[int, int]]]:
    found = {}
    with ZipFile(BytesIO(content)) as archive:
        for title, part in sheet_parts(archive).items():
            xml = archive.read(part)
            if b"<f" in xml or b":f" in xml:
                found[title] = frozenset((c.row, c.column) for c in computed(parse(xml)))
    return found


def _trimmed(rows: Iterable[tuple[Cell, ...]]) -> list[tuple[Cell, ...]]:
    """The rows without blank cells at their ends and without blank rows at the end."""
    kept: list[tuple[Cell, ...]] = []
    blank = 0
    for row in rows:
        end = len(row)
        while end and row[end - 1] is None:
            end -= 1
        if not end:
            blank += 1
            continue
        kept.extend([()] * blank)
        blank = 0
        kept.append(row[:end])
    return kept


def _cell(value: object) -> Cell:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return _ESCAPED.sub(_unescaped, value) if "_x" in value else value
    if isinstance(value, datetime):
        return value.date() if value.time() == time() else value
    if isinstance(value, date | time):
        return value
    if isinstance(value, timedelta):
        return value.total_seconds() / 86400
    return str(value)


def _unescaped(match: re.Match[str]) -> str:
    """ECMA-376 22.4.2.4: characters that XML cannot hold are written as _xHHHH_."""
    return chr(int(match.group(1), 16))
