"""What a table read from a file is: its header, columns and last row. Pure, for text and workbooks alike.

Its rows are columnar.py's part.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, compress
from typing import TypeAlias

from importers.header_rows import column_names, find_header_row
from validators.errors import WrongUse
from validators.rows import Cell, as_text, is_blank
from validators.text import fold, fold_words

Record: TypeAlias = tuple[int, Sequence[Cell]]  # the line where it begins (1 = first), its cells

WIDEST = 2_000
MOST_ROWS = 1_048_576  # as many as a sheet of Excel has
_MOST_CELLS = 4_000_000  # as of workbooks, blank ones included: 40,000 rows of 100 columns, 800,000 of 5
_SPLIT = "Split it into several files and import each."
_TAIL = 12
_TOTALS = frozenset(
    (
        *("razem", "suma", "ogolem", "podsumowanie", "lacznie", "w", "tym", "i", "koncowe", "saldo", "liczba"),
        *("naleznosci", "zaplacono", "pozostalo", "do", "zaplaty", "pozycji", "rekordow", "faktur", "klientow"),
        *("brutto", "netto", "vat", "pln", "eur", "usd"),
        *("total", "totals", "subtotal", "sum", "grand", "of", "count", "records"),
    )
)
_TOTAL_STARTS = ("razem", "suma", "ogolem", "podsumowanie", "lacznie", "total", "subtotal", "sum", "grand", "liczba")
_IMPRINTS = ("wygenerowano", "wydrukowano", "dokument ma charakter", "data wydruku", "generated")
_PAGES = ("strona", "page")
_WORDS_OF_A_SENTENCE = 8


@dataclass(frozen=True, slots=True)
class Layout:
    """The shape of a table: names of the columns `kept` of all, the lines of its header and of its last row (0 = none),
    how many of the headers are `known` words, and the filled rows `above` them.
    """

    columns: tuple[str, ...]
    kept: tuple[bool, ...]
    header: tuple[Cell, ...]
    header_line: int
    last_line: int
    notes: tuple[str, ...]
    known: int = 0
    above: tuple[Record, ...] = ()


def lay_out(blocks: Iterable[Sequence[Record]]) -> Layout:
    """The layout of the table that blocks of records hold, blank ones left out; the first block holds 60, if there are
    so many.

    Totals below the table are left out and named in the notes; so are headers that stand twice. A column without a
    header in which nothing stands is dropped.

    Raises:
        WrongUse: more than 2,000 columns, 1,048,576 rows or 4,000,000 cells.
    """
    source = iter(blocks)
    opening = next(source, ())
    found = find_header_row(cells for _, cells in opening)
    line, header = opening[found.index] if found.index >= 0 else (0, ())
    below = chain([opening[found.index + 1 :]], source)
    named = tuple(not is_blank(cell) for cell in header)
    scan = _scan(below, named)
    width = max(scan.width, len(named))
    names = column_names(header, width)
    kept = tuple(i in scan.filled or (i < len(named) and named[i]) for i in range(width))
    last, footers = _end(scan.tail)
    above = tuple(row for row in opening[: max(0, found.index)] if not is_empty(row[1]))
    notes = (
        *_header_notes(found.index, found.known, line, bool(scan.tail)),
        *_column_notes(header, names, kept, len(named)),
        *([f"Left out below the list: {_quoted(footers)}."] if footers else ()),
    )
    return Layout(tuple(compress(names, kept)), kept, tuple(header), line, last, notes, found.known, above)


def above_note(layout: Layout) -> tuple[str, ...]:
    """What stands above the headers, where nobody has read it."""
    return (
        (f"Left out above the headers in line {layout.header_line}: {_quoted(layout.above)}.",) if layout.above else ()
    )


def is_empty(cells: Sequence[Cell]) -> bool:
    """Whether nothing stands in any of the cells."""
    return not cells or (is_blank(cells[0]) and all(map(is_blank, cells)))


@dataclass(slots=True)
class _Scan:
    filled: set[int]
    width: int
    tail: deque[Record]


def _scan(blocks: Iterable[Sequence[Record]], named: Sequence[bool]) -> _Scan:
    """Which columns without a header hold anything, how wide the table is, and its last rows."""
    scan = _Scan(set(), 0, deque(maxlen=_TAIL))
    unnamed = {i for i, is_named in enumerate(named) if not is_named}
    known, headers, rows = len(named), sum(named), 0
    for block in blocks:
        rows += len(block)
        scan.tail.extend(block[-_TAIL:])
        for i in unnamed - scan.filled:
            if any(i < len(cells) and not is_blank(cells[i]) for _, cells in block):
                scan.filled.add(i)
        for line, cells in block if max((len(cells) for _, cells in block), default=0) > known else ():
            extra = [i for i in range(known, len(cells)) if not is_blank(cells[i])]
            if extra:
                scan.filled.update(extra)
                scan.width = max(scan.width, extra[-1] + 1)
                check_width(scan.width, line)
        _check_size(rows, headers + len(scan.filled))
    check_width(known, 1)
    return scan


def _check_size(rows: int, columns: int) -> None:
    if rows > MOST_ROWS:
        raise WrongUse(f"The list has more than {MOST_ROWS} rows.", _SPLIT)
    if rows * columns > _MOST_CELLS:
        raise WrongUse(f"The list has {columns} columns, and more than {_MOST_CELLS} cells.", _SPLIT)


def check_width(width: int, line: int) -> None:
    """A row of more columns than lists have is refused.

    Raises:
        WrongUse: it has.
    """
    if width > WIDEST:
        raise WrongUse(
            f"Line {line} has more than {WIDEST} columns.",
            "A list of clients or invoices has fewer: is it the right one?",
        )


def _end(tail: Sequence[Record]) -> tuple[int, list[Record]]:
    """The line of the last row that belongs to the table, and the footers below it."""
    footers: list[Record] = []
    rest = list(tail)
    while rest and _is_footer(rest[-1][1]):
        footers.insert(0, rest.pop())
    return (rest[-1][0] if rest else 0), footers


def _is_footer(cells: Sequence[Cell]) -> bool:
    filled = [cell for cell in cells if not is_blank(cell)]
    words = fold_words(as_text(filled[0])).split() if filled and isinstance(filled[0], str) else []
    if not words:
        return False
    if words[0] in _TOTAL_STARTS and all(word in _TOTALS or word.isdecimal() for word in words):
        return True
    alone = len(filled) == 1 and len(cells) > 1
    page = words[0] in _PAGES and all(word.isdecimal() or word in _TOTALS for word in words[1:])
    return alone and (page or len(words) >= _WORDS_OF_A_SENTENCE or " ".join(words).startswith(_IMPRINTS))


def _header_notes(index: int, known: int, line: int, has_rows: bool) -> Iterator[str]:
    if index < 0:
        if has_rows:
            yield "No row with headers was found: the columns are numbered."
    elif not known:
        yield f"No known header was found: line {line} was taken for the headers."


def _column_notes(header: Sequence[Cell], names: Sequence[str], kept: Sequence[bool], known: int) -> Iterator[str]:
    twice = [
        names[i]
        for i in range(known)
        if not is_blank(header[i]) and kept[i] and fold(as_text(header[i])) != fold(names[i])
    ]
    if twice:
        yield f"Headers that stand more than once were numbered: {', '.join(twice[:5])}."
    nameless = [name for i, name in enumerate(names) if kept[i] and (i >= known or is_blank(header[i]))]
    if nameless and known:
        yield f"Cells stand in columns without a header: {', '.join(nameless[:5])}{' …' if len(nameless) > 5 else ''}."


def _quoted(records: Sequence[Record]) -> str:
    shown = [f"line {line} “{_shown(cells)}”" for line, cells in records[:3]]
    return ", ".join(shown) + (f" and {len(records) - 3} more" if len(records) > 3 else "")


def _shown(cells: Sequence[Cell]) -> str:
    text = " ".join(" ".join(as_text(cell).split()) for cell in cells if not is_blank(cell))
    return text if len(text) <= 60 else text[:59] + "…"
