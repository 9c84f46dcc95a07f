"""The typed cells of a sheet part, read straight from its XML, results and places of formulas in one pass.

openpyxl needs a minute for what takes seconds here: it builds objects for texts, and a second pass for formulas.
ECMA-376 part 1, 18.3.1.4 (cells), 18.4 (shared strings), 18.8 (styles).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from io import BytesIO
from zipfile import ZipFile

from lxml import etree
from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format, is_timedelta_format
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900, from_excel

from sync.snapshot import Sheet
from sync.storage.xlsx_parts import MAIN, has_1904_dates, parse, part_of_workbook, sheet_parts
from validators.rows import Cell

_ROW, _VALUE, _FORMULA, _INLINE = f"{MAIN}row", f"{MAIN}v", f"{MAIN}f", f"{MAIN}is"
_FORMULAS = re.compile(rb"<(?:\w+:)?f[\s/>]")
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")


@dataclass(frozen=True, slots=True)
class _Book:
    """What cells refer to: texts by number, styles that mean a day or a span of time, and day zero."""

    texts: tuple[str, ...]
    dates: frozenset[str]
    spans: frozenset[str]
    epoch: datetime


def sheets(content: bytes) -> tuple[Sheet, ...]:
    """All sheets of a workbook, without blank cells and rows at their ends."""
    with ZipFile(BytesIO(content)) as archive:
        book = _book(archive)
        return tuple(_sheet(title, archive.read(part), book) for title, part in sheet_parts(archive).items())


def sheet_of(content: bytes, title: str) -> Sheet:
    """One sheet alone; KeyError when the workbook has none such."""
    with ZipFile(BytesIO(content)) as archive:
        return _sheet(title, archive.read(sheet_parts(archive)[title]), _book(archive))


def _book(archive: ZipFile) -> _Book:
    texts: tuple[str, ...] = ()
    strings = part_of_workbook(archive, "sharedStrings")
    if strings:
        texts = tuple(_text(item) for item in parse(archive.read(strings)).iterfind(f"{MAIN}si"))
    styles = part_of_workbook(archive, "styles")
    formats = list(_formats(parse(archive.read(styles)))) if styles else []
    return _Book(
        texts,
        frozenset(str(i) for i, f in enumerate(formats) if is_date_format(f)),
        frozenset(str(i) for i, f in enumerate(formats) if is_timedelta_format(f)),
        CALENDAR_MAC_1904 if has_1904_dates(archive) else CALENDAR_WINDOWS_1900,
    )


def _formats(styles: etree._Element) -> Iterator[str]:
    """The number format of every cell style, in order."""
    own = {f.get("numFmtId"): f.get("formatCode", "") for f in styles.iterfind(f"{MAIN}numFmts/{MAIN}numFmt")}
    for style in styles.iterfind(f"{MAIN}cellXfs/{MAIN}xf"):
        number = style.get("numFmtId", "0")
        yield own.get(number) or BUILTIN_FORMATS.get(int(number), "General")


def _sheet(title: str, xml: bytes, book: _Book) -> Sheet:
    rows: list[list[Cell]] = []
    formulas: set[tuple[int, int]] = set()
    looked_for = formulas if _FORMULAS.search(xml) else None
    line = 0
    for _, row in etree.iterparse(BytesIO(xml), tag=_ROW, resolve_entities=False, no_network=True, huge_tree=True):
        line = int(float(row.get("r", line + 1)))
        cells = _cells(row, line - 1, book, looked_for)
        if cells:
            rows.extend([] for _ in range(line - 1 - len(rows)))
            rows.append(cells)
        row.clear()
    return Sheet(title, [tuple(row) for row in rows], frozenset(formulas))


def _cells(row: etree._Element, line: int, book: _Book, formulas: set[tuple[int, int]] | None) -> list[Cell]:
    cells: list[Cell] = []
    column = -1
    for cell in row:
        reference = cell.get("r")
        column = _column(reference.rstrip("0123456789")) if reference else column + 1
        if not len(cell):
            continue
        value = _cell(cell, book)
        if formulas is not None and cell.find(_FORMULA) is not None:
            formulas.add((line, column))
            if value is None and cell.get("t") == "str" and cell.find(_VALUE) is not None:
                value = ""  # the formula's result is an empty text; None means that nobody has computed it yet
        if value is not None:
            cells.extend([None] * (column - len(cells)))
            cells.append(value)
    return cells


def _cell(cell: etree._Element, book: _Book) -> Cell:
    kind = cell.get("t", "n")
    if kind == "inlineStr":
        inline = cell.find(_INLINE)
        return _text(inline) or None if inline is not None else None
    value = cell.findtext(_VALUE)
    if not value:
        return None
    if kind == "n":
        return _number(value, cell.get("s", "0"), book)
    if kind == "s":
        return book.texts[int(value)] or None
    if kind == "b":
        return value in ("1", "true")
    if kind == "d":
        return _iso(value)
    return _plain(value)


def _number(value: str, style: str, book: _Book) -> Cell:
    number = int(value) if value.lstrip("-").isdigit() else float(value)
    if style not in book.dates:
        return number
    try:
        return _day(from_excel(number, book.epoch, timedelta=style in book.spans))
    except (OverflowError, ValueError):
        return number  # too big for a day: shown as ##### there, a number here


def _iso(value: str) -> Cell:
    """A day or time in a cell of type "d" (18.18.11), which few programs write."""
    if "-" not in value:
        return time.fromisoformat(value)
    return _day(datetime.fromisoformat(value).replace(tzinfo=None))


def _day(value: object) -> Cell:
    if isinstance(value, datetime):
        return value.date() if value.time() == time() else value
    if isinstance(value, timedelta):
        return value.total_seconds() / 86400
    return value if isinstance(value, date | time) else None


def _text(item: etree._Element) -> str:
    """The text of a string item: its runs, without the readings that Japanese adds (rPh)."""
    if len(item) == 1:
        return _plain(item[0].text or "" if item[0].tag == f"{MAIN}t" else item[0].findtext(f"{MAIN}t") or "")
    runs = (t.text or "" for t in item.iter(f"{MAIN}t"))
    readings = item.find(f"{MAIN}rPh")
    if readings is not None:
        runs = (t.text or "" for part in item if part.tag != readings.tag for t in part.iter(f"{MAIN}t"))
    return _plain("".join(runs))


def _plain(text: str) -> str:
    """Without escapes: characters that XML cannot hold are written as _xHHHH_ (22.9.2.19)."""
    return _ESCAPED.sub(lambda match: chr(int(match.group(1), 16)), text) if "_x" in text else text


@lru_cache(maxsize=20_000)
def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1
