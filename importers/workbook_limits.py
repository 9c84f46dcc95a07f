"""What is looked at in a workbook before calamine opens it, so that no file uses up the memory or hangs. Pure.

The reader lays a sheet out as a rectangle from its first to its last cell: two cells far apart would take gigabytes.
So the places of all cells are read here first, a piece at a time. Formats: ISO/IEC 29500 (XLSX), MS-XLSB 2.4 (XLSB).
"""

import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO
from itertools import chain
from typing import NamedTuple

from importers.ods_limits import laid_out
from importers.shared_strings import SharedStrings, longest_entry, shared_cells
from validators.errors import WrongUse

MOST_CELLS = 4_000_000  # of all sheets; each takes some 32 bytes in the reader
MOST_UNPACKED = 320 * 1024 * 1024
MOST_TEXT = 64 * 1024 * 1024  # bytes in all cells, where many share them: as much as a text file may have
STRINGS = "xl/sharedstrings.xml"  # the part, in whatever case
_MOST_PARTS = 10_000
_HIGHEST_RATIO, _SMALL = 250, 4 * 1024 * 1024
BLOCK = 1 << 18
_COLUMN = re.compile(rb"""r\s*=\s*["']([A-Za-z]{1,3})[0-9]""")
_ROW = re.compile(rb"""r\s*=\s*["'][A-Za-z]{0,3}([0-9]{1,10})""")
_CELL = re.compile(rb"<(?:\w+:)?c\b([^>]*)>(</)?")
_PLACE = re.compile(rb"""\br\s*=\s*["']([A-Za-z]{1,3})([0-9]{1,10})["']""")
_NO_RESULT = (b"</f></c>", b"</f><v></v>", b"</f><v/>", b"</f><v />")
_XLSB_ROW, _XLSB_CELLS = 0, range(1, 12)
_AGAIN = "Open it in a spreadsheet program, save it anew, and import that."


def blank_cells(data: bytes, name: str) -> tuple[int, int]:
    """How many cells of a zipped workbook read as blank, though something is meant to stand there: errors such as
    #REF!, and formulas whose result the file does not hold; as far as its format tells.

    Raises:
        WrongUse: the workbook is damaged, protected by a password, or takes too much room when it is unpacked.
    """
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            _check_sizes(archive, name)
            sheets = [_sheet(archive, part) for part in archive.infolist()]
            _check_texts(archive, name, sheets)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError) as error:
        raise WrongUse(f"{name} is damaged: {error}.", _AGAIN) from error
    cells = sum(sheet.cells for sheet in sheets)
    if cells > MOST_CELLS:
        raise WrongUse(
            f"The sheets of {name} stretch over {cells} cells, to the last that is filled; {MOST_CELLS} can be read.",
            "Copy the list alone to a new workbook, or save it as CSV, and import that.",
        )
    return sum(sheet.errors for sheet in sheets), sum(sheet.unknown for sheet in sheets)


class _Sheet(NamedTuple):
    """How many cells the rectangle of a sheet has, how many of them are errors, formulas without a result, cells whose
    text is shared with others; and how many bytes of text they have where the sheet says a cell but once for many."""

    cells: int
    errors: int = 0
    unknown: int = 0
    shared: int = 0
    repeated: int = 0


def _check_sizes(archive: zipfile.ZipFile, name: str) -> None:
    parts = archive.infolist()
    if any(part.flag_bits & 1 for part in parts):
        raise WrongUse(f"{name} is protected by a password.", "Save a copy without a password and import that.")
    swollen = [p for p in parts if p.file_size > _SMALL and p.file_size > p.compress_size * _HIGHEST_RATIO]
    if swollen or len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise WrongUse(f"{name} is far larger inside than it looks (a zip bomb?).", f"Is it from you? {_AGAIN}")


def _check_texts(archive: zipfile.ZipFile, name: str, sheets: Sequence["_Sheet"]) -> None:
    """Few long texts that very many cells have would fill the memory from a small file."""
    total, cells = sum(sheet.repeated for sheet in sheets), sum(sheet.shared for sheet in sheets)
    strings = [part for part in archive.infolist() if part.filename.casefold() == STRINGS] if cells else []
    if max((longest_entry(part_in_blocks(archive, part)) for part in strings), default=0) * cells > MOST_TEXT:
        shared = SharedStrings(chain.from_iterable(part_in_blocks(archive, part) for part in strings))
        sharing = [part for part, sheet in zip(archive.infolist(), sheets, strict=True) if sheet.shared]
        blocks = chain.from_iterable(part_in_blocks(archive, part) for part in sharing)
        total += sum(map(shared.weight, blocks))
    if total > MOST_TEXT:
        raise WrongUse(
            f"The cells of {name} hold more than {MOST_TEXT >> 20} MB of text, far more than the file itself.",
            "Is it from you? Split the list into several files and import each.",
        )


def _sheet(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> _Sheet:
    if part.filename.endswith(".bin"):
        with archive.open(part) as file:
            return _Sheet(_cells_of_xlsb(file.read()))
    if part.filename.endswith("content.xml"):
        cells, repeated = laid_out(part_in_blocks(archive, part))
        return _Sheet(cells, repeated=repeated)
    rows, columns, errors, unknown, shared = 0, 0, 0, 0, 0
    for piece in part_in_blocks(archive, part):
        rows = max(rows, max(map(int, set(_ROW.findall(piece))), default=0))
        columns = max(columns, max(map(column_number, set(_COLUMN.findall(piece))), default=0))
        errors += piece.count(b't="e"')
        unknown += sum(map(piece.count, _NO_RESULT))
        shared += shared_cells(piece)
    cells = rows * columns
    if cells > MOST_CELLS:
        cells = min(cells, _filled(part_in_blocks(archive, part), cells))
    return _Sheet(cells, errors, unknown, shared)


def _filled(pieces: Iterable[bytes], otherwise: int) -> int:
    """The same as far as cells are filled: programs write styles for rows and columns that hold nothing."""
    rows, columns = 0, 0
    for piece in pieces:
        for attributes, closed in _CELL.findall(piece):
            if closed or attributes.endswith(b"/"):
                continue
            place = _PLACE.search(attributes)
            if not place:
                return otherwise
            rows, columns = max(rows, int(place[2])), max(columns, column_number(place[1]))
    return rows * columns


def part_in_blocks(archive: zipfile.ZipFile, part: zipfile.ZipInfo, length: int = BLOCK) -> Iterator[bytes]:
    """The part in blocks of about that length, cut before a cell, or at least before a tag, where that is possible."""
    rest = b""
    with archive.open(part) as file:
        while read := file.read(length):
            rest += read
            cut = max(rest.rfind(b"<c "), 0) or max(rest.rfind(b"<"), 0)
            cut = cut if len(rest) - cut <= BLOCK else len(rest)
            yield rest[:cut]
            rest = rest[cut:]
    yield rest


def column_number(letters: bytes) -> int:
    """
    >>> column_number(b"A"), column_number(b"AB")
    (1, 28)
    """
    found = 0
    for letter in letters.upper():
        found = found * 26 + letter - 64
    return found


def _cells_of_xlsb(data: bytes) -> int:
    """The last row by the last column of a binary sheet: each record has a kind and a length, seven bits a byte."""
    position = rows = columns = 0
    while position < len(data):
        kind, position = _sevens(data, position, 2)
        length, position = _sevens(data, position, 4)
        if kind == _XLSB_ROW:
            rows = max(rows, int.from_bytes(data[position : position + 4], "little") + 1)
        elif kind in _XLSB_CELLS:
            columns = max(columns, int.from_bytes(data[position : position + 4], "little") + 1)
        position += length
    return rows * columns


def _sevens(data: bytes, position: int, most: int) -> tuple[int, int]:
    found = 0
    for index, byte in enumerate(data[position : position + most]):
        found |= (byte & 0x7F) << (7 * index)
        if byte < 0x80:
            return found, position + index + 1
    return found, position + most
