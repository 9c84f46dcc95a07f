"""Sheets of XLSX workbooks that are too long to be laid out at once, cut into workbooks of some thousand rows. Pure.

What reads a sheet holds each of its cells: of a long one ten times as much as the file. Each of these workbooks has
what all sheets of the first share, and a piece of the one. Format: ISO/IEC 29500-1, 18.3.1.55, 18.3.1.73, 18.3.1.80.
"""

import re
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from itertools import chain
from typing import NamedTuple

from importers.shared_strings import SharedStrings
from importers.workbook_limits import BLOCK, STRINGS, column_number, part_in_blocks
from importers.xml_files import Source, records

_FURTHEST = 8 << 20  # bytes between two places at which a sheet can be cut
_MOST_STRINGS = 64 << 20  # bytes of XML
_BOOK, _LINKS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
_COMMON = frozenset(("[content_types].xml", "_rels/.rels", _BOOK, _LINKS, "xl/styles.xml"))  # in whatever case
_START = re.compile(rb"<((?:\w+:)?)sheetData\s*>")
_MERGED = re.compile(rb"""mergeCell\s[^>]{0,200}?\bref\s*=\s*["']([A-Z]{1,3})([0-9]{1,7}):([A-Z]{1,3})([0-9]{1,7})""")

Range = tuple[tuple[int, int], tuple[int, int]]  # its first and its last cell, by row and column (0 = first)


class Lengths(NamedTuple):
    """Of sheets, in bytes of XML: up to which one is read as a `whole`, and of each `piece` of a longer one."""

    whole: int = 1 << 20
    piece: int = 1 << 18


@dataclass(frozen=True)
class LongSheet:
    """A sheet of the workbook in `data`, in that `part`, to be cut into pieces of that length; its `merged` ranges."""

    data: bytes
    part: str
    piece: int
    merged: tuple[Range, ...]

    def workbooks(self) -> Iterator[BytesIO]:
        """Workbooks, one after the other, of which this sheet has some of its rows, where they stand in the whole."""
        common = hollow(self.data)
        with zipfile.ZipFile(BytesIO(self.data)) as archive:
            for piece in _Cut(archive, self.part, self.piece).pieces():
                yield self._workbook(common, piece, archive)

    def _workbook(self, common: bytes, piece: bytes, archive: zipfile.ZipFile) -> BytesIO:
        book = BytesIO()
        book.write(common)
        with zipfile.ZipFile(book, "a") as whole:
            plain = self._strings.put_into(piece)
            whole.writestr(self.part, plain or piece)
            for part in _strings_of(archive) if plain is None else ():
                whole.writestr(part.filename, archive.read(part))
        book.seek(0)
        return book

    @cached_property
    def _strings(self) -> SharedStrings:
        with zipfile.ZipFile(BytesIO(self.data)) as archive:
            parts = (part_in_blocks(archive, part) for part in _strings_of(archive))
            return SharedStrings(chain.from_iterable(parts))


def long_sheets(data: bytes, lengths: Lengths) -> dict[str, LongSheet]:
    """The long sheets of a workbook that can be cut, by the names of their tabs."""
    found: dict[str, LongSheet] = {}
    with zipfile.ZipFile(BytesIO(data)) as archive:
        sizes = {part.filename: part.file_size for part in archive.infolist()}
        if max(sizes.values(), default=0) <= lengths.whole or not {_BOOK, _LINKS} <= sizes.keys():
            return found
        if sum(part.file_size for part in _strings_of(archive)) > _MOST_STRINGS:
            return found
        for name, part in _parts(archive):
            if sizes.get(part, 0) > lengths.whole:
                with suppress(_Uncut):
                    merged = _merged(_Cut(archive, part, lengths.piece))
                    found[name] = LongSheet(data, part, lengths.piece, merged)
    return found


def hollow(data: bytes) -> bytes:
    """A workbook of the same sheets, with nothing in them."""
    book = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as archive, zipfile.ZipFile(book, "w", zipfile.ZIP_DEFLATED) as common:
        for part in archive.infolist():
            if part.filename.casefold() in _COMMON:
                common.writestr(part.filename, archive.read(part))
    return book.getvalue()


def _strings_of(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """The part of the shared strings, if there is one."""
    return [part for part in archive.infolist() if part.filename.casefold() == STRINGS][:1]


def _parts(archive: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """The name of each tab, and the part where its sheet stands."""
    book, links = (Source(name, archive.read(name)) for name in (_BOOK, _LINKS))
    named = (link.attributes for link in records(links, {"Relationship"}))
    targets = {link.get("Id"): link.get("Target", "") for link in named}
    for sheet in records(book, {"sheet"}):
        target = targets.get(sheet.attributes.get("id"), "").removeprefix("/")
        yield sheet.attributes.get("name", ""), target if target.startswith("xl/") else f"xl/{target}"


def _merged(cut: "_Cut") -> tuple[Range, ...]:
    """The merged ranges of a sheet.

    Raises:
        _Uncut: it cannot be cut.
    """
    for _ in cut.pieces():
        pass
    found = (places for block in cut.below() for places in _MERGED.findall(block))
    return tuple(
        ((int(top) - 1, column_number(left) - 1), (int(bottom) - 1, column_number(right) - 1))
        for left, top, right, bottom in found
    )


class _Uncut(Exception):
    """A sheet whose rows do not say, or not often enough, which they are."""


class _Cut:
    """A sheet on its way, cut before rows into sheets of some `length` and not many more."""

    def __init__(self, archive: zipfile.ZipFile, part: str, length: int) -> None:
        self._blocks, self._length = part_in_blocks(archive, archive.getinfo(part), length), length
        first, start = b"", None
        while start is None and len(first) <= BLOCK and (block := next(self._blocks, None)) is not None:
            first += block
            start = _START.search(first)
        self._head = first[: start.end()] if start else b""
        self._left = first[len(self._head) :]
        prefix = start[1] if start else b""
        self._tag, self._end = b"<" + prefix + b"row", b"</" + prefix + b"sheetData"
        self._tail = self._end + b"></" + prefix + b"worksheet>"
        self._row = re.compile(self._tag + rb"""\s(?:[^>]{0,300}?\s)?r\s*=\s*["'][0-9]""")

    def pieces(self) -> Iterator[bytes]:
        """The sheets, up to the end of the rows.

        Raises:
            _Uncut: there is no place to cut for too long.
        """
        if not self._head:
            raise _Uncut
        waiting: list[bytes] = []
        for block in chain([self._left], self._blocks):
            end = block.find(self._end)
            place = end if end >= 0 else self._last_row(block)
            size = sum(map(len, waiting))
            if end < 0 and (place < 0 or size + place < self._length):
                if size > _FURTHEST:
                    raise _Uncut
                waiting.append(block)
                continue
            yield b"".join((self._head, *waiting, block[:place], self._tail))
            waiting = [block[place:]]
            if end >= 0:
                self._left = block[place:]
                return
        raise _Uncut

    def below(self) -> Iterator[bytes]:
        """What stands below the rows, when all pieces have gone by."""
        return chain([self._left], self._blocks)

    def _last_row(self, block: bytes) -> int:
        """The place of the last row that says its number; -1 where there is none."""
        place = len(block)
        while (place := block.rfind(self._tag, 0, place)) >= 0:
            if self._row.match(block, place):
                return place
        return -1
