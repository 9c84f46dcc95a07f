"""Text cut into records of cells: the delimiter, cells over several lines, quotation marks never closed. Pure."""

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice
from typing import Literal

from importers.header_rows import find_header_row
from importers.tables import Record
from validators.errors import WrongUse

DELIMITERS = ";,\t|"
LONGEST_LINE = 1_000_000
_SAMPLE_LINES, _SAMPLE_CHARACTERS = 200, 200_000
_SNIFFED = 8_192
_LINES_IN_A_RECORD = 200
_MOST_UNCLOSED = 1_000
_HINT = re.compile(r"sep=(.)\r?\n?")
_END_IN_QUOTES = "unexpected end of data"  # how csv.Error names it
_NEVER = "\x1f"
_QUOTE = '"'


@dataclass(frozen=True, slots=True)
class Delimited:
    """A text with cells between `delimiter`, "" when it has one column; `data` are its bytes, without NULs."""

    data: bytes
    encoding: str
    delimiter: str

    def records(self, unclosed: list[int] | None = None) -> Iterator[Record]:
        """Every record with the line where it begins; anew with each call.

        A quotation mark that is never closed does not swallow the lines below: its own line is cut at the delimiters
        as it stands, and its number is added to `unclosed`.

        Raises:
            WrongUse: a line or cell is longer than any list has, or a thousand quotation marks are never closed.
        """
        lines = _lines(self.data, self.encoding)
        first = next(lines, "")
        hinted = _HINT.fullmatch(first) is not None
        cutter = _Cutter(
            lines if hinted else chain([first], lines), self.delimiter, [] if unclosed is None else unclosed
        )
        return cutter.records(2 if hinted else 1)


def delimited(data: bytes, encoding: str) -> Delimited:
    """`data` with its delimiter: the one that Excel's first line `sep=;` names, else the one that shows the most known
    headers, else what csv.Sniffer takes it for.
    """
    sample = _sample(_lines(data, encoding))
    hint = _HINT.fullmatch(sample[0]) if sample else None
    return Delimited(data, encoding, hint[1] if hint else _delimiter(sample))


def _sample(lines: Iterator[str]) -> list[str]:
    """The first lines; fewer where they are long, for each is cut in several ways."""
    found: list[str] = []
    size = 0
    for line in islice(lines, _SAMPLE_LINES):
        found.append(line)
        size += len(line)
        if size > _SAMPLE_CHARACTERS:
            break
    return found


def _delimiter(sample: Sequence[str]) -> str:
    known = {delimiter: _known_headers(sample, delimiter) for delimiter in DELIMITERS}
    best = max(known, key=known.__getitem__)
    if known[best] > 1:
        return best
    text = "".join(sample)[:_SNIFFED]
    try:
        return csv.Sniffer().sniff(text, delimiters=DELIMITERS).delimiter
    except csv.Error:
        return ""


def _known_headers(sample: Sequence[str], delimiter: str) -> int:
    return find_header_row(cells for _, cells in _Cutter(iter(sample), delimiter, []).records(1)).known


def _lines(data: bytes, encoding: str) -> Iterator[str]:
    """The lines with their ends; none longer than LONGEST_LINE + 1 characters."""
    source = io.BytesIO(data)
    if encoding == "utf-8-sig" and data.startswith(codecs.BOM_UTF8):  # the decoder of plain UTF-8 is quicker
        source.seek(len(codecs.BOM_UTF8))
        encoding = "utf-8"
    text = io.TextIOWrapper(source, encoding, errors="replace", newline="")
    return iter(text) if _has_short_lines(data) else iter(partial(text.readline, LONGEST_LINE + 1), "")


def _has_short_lines(data: bytes) -> bool:
    """Whether lines need not be measured one by one: none is longer than LONGEST_LINE bytes."""
    place = 0
    while len(data) - place > LONGEST_LINE:
        place = data.rfind(b"\n", place, place + LONGEST_LINE) + 1
        if not place:
            return False
    return True


class _Cutter:
    """Cuts lines into records; those with quotation marks are for csv.reader, which takes further lines from here."""

    def __init__(self, lines: Iterator[str], delimiter: str, unclosed: list[int]) -> None:
        self._lines, self._delimiter, self._unclosed = lines, delimiter, unclosed
        self._first, self._held = "", list[str]()  # of the record with quotation marks that is being read
        self._reader = _reader(self, delimiter, strict=True)

    def records(self, line: int) -> Iterator[Record]:
        """The records, the first of which begins in `line`."""
        delimiter = self._delimiter or _NEVER
        while (text := next(self._lines, None)) is not None:
            if len(text) > LONGEST_LINE:
                raise _too_long(line, LONGEST_LINE)
            if _QUOTE in text:
                yield line, self._quoted(text, line)
                line += len(self._held)
            else:  # as csv.reader would cut it, several times faster
                yield line, text.rstrip("\r\n").split(delimiter)
                line += 1

    def _quoted(self, first: str, line: int) -> list[str]:
        self._first, self._held = first, []
        try:
            return next(self._reader)
        except csv.Error as error:
            held = self._held
            self._held = held[:1]
            if len(held) > 1:
                self._lines = chain(held[1:], self._lines)
            whole = len(held) == 1 and str(error) != _END_IN_QUOTES
            return self._mended(line, quoted=whole)

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if len(self._held) >= _LINES_IN_A_RECORD:
            raise StopIteration
        self._held.append(next(self._lines) if self._held else self._first)
        return self._held[-1]

    def _mended(self, line: int, *, quoted: bool) -> list[str]:
        """The cells of a line that is wrongly quoted: `"Firma "X" Sp. z o.o."` is read as it looks."""
        if not quoted:
            self._unclosed.append(line)
        if len(self._unclosed) > _MOST_UNCLOSED:
            raise WrongUse(
                f"More than {_MOST_UNCLOSED} quotation marks are never closed, the last in line {line}.",
                "Export the list anew, or save it as .xlsx and import that.",
            )
        try:
            return next(_reader(self._held, self._delimiter, quoted=quoted), [])
        except csv.Error:
            raise _too_long(line, csv.field_size_limit()) from None


def _reader(lines: Iterable[str], delimiter: str, *, strict: bool = False, quoted: bool = True) -> Iterator[list[str]]:
    quoting: Literal[0, 3] = csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE
    return csv.reader(lines, delimiter=delimiter or _NEVER, quoting=quoting, strict=strict)


def _too_long(line: int, limit: int) -> WrongUse:
    return WrongUse(
        f"Line {line} holds a text of more than {limit} characters.",
        "No cell of a list is as long: is this the right file? Is a quotation mark missing?",
    )
