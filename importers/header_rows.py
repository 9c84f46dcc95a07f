"""Finding the row of headers in a list, and the names of its columns: for text files and workbooks alike. Pure."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, time
from functools import cache

from importers.header_words import CLIENT_WORDS, INVOICE_WORDS
from validators.rows import Cell, is_blank
from validators.tabs import CLIENTS, INVOICES
from validators.text import fold

SEARCH_ROWS = 60
LONGEST_HEADER = 120
_VALUE = re.compile(r"[\d\s.,:/+'-]*\d[\d\s.,:/+'-]*(?:PLN|EUR|USD|zł)?|\S+@\S+\.\S+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class HeaderRow:
    """Where the headers stand: 0-based `index`, -1 when the list has none; how many of them are `known` words."""

    index: int
    known: int


@cache
def known_headers() -> frozenset[str]:
    """Every header that some list is known to use, folded: of the tabs, and of header_words.py."""
    tabs = {text for tab in (CLIENTS, INVOICES) for f in tab.fields for text in (f.pl, f.en, *f.synonyms)}
    words = {text for table in (CLIENT_WORDS, INVOICE_WORDS) for texts in table.values() for text in texts}
    return frozenset(map(fold, tabs | words))


def find_header_row(rows: Iterable[Sequence[Cell]]) -> HeaderRow:
    """The row among the first 60 with the most known headers, two at least (one, where nothing else stands in it).

    When no row has known ones, it is the first row with as many cells as most rows below, provided that all of
    them are filled, different, and no value (number, date, address).
    """
    opening = [tuple(cells) for _, cells in zip(range(SEARCH_ROWS), rows, strict=False)]
    best = HeaderRow(-1, 0)
    for index, cells in enumerate(opening):
        filled = [cell for cell in cells if not is_blank(cell)]
        known = known_in(filled)
        if known > best.known and (known > 1 or len(filled) == 1):
            best = HeaderRow(index, known)
    return best if best.known > 1 or (best.known and _is_narrow(opening)) else HeaderRow(_unknown(opening), 0)


def known_in(cells: Iterable[Cell]) -> int:
    """How many different known headers stand among `cells`."""
    texts = {fold(cell) for cell in cells if isinstance(cell, str) and len(cell) <= LONGEST_HEADER}
    return len(texts & known_headers())


def _is_narrow(rows: Sequence[Sequence[Cell]]) -> bool:
    return all(_width(cells) <= 1 for cells in rows)


def _width(cells: Sequence[Cell]) -> int:
    """The number of cells up to the last filled one."""
    return next((n for n in range(len(cells), 0, -1) if not is_blank(cells[n - 1])), 0)


def _unknown(rows: Sequence[Sequence[Cell]]) -> int:
    widths = sorted(width for width in map(_width, rows) if width)
    usual = widths[len(widths) // 2] if widths else 0
    for index, cells in enumerate(rows):
        width = _width(cells)
        if width >= max(usual, 1):
            return index if _could_be_headers(cells[:width]) and width > 1 else -1
    return -1


def _could_be_headers(cells: Sequence[Cell]) -> bool:
    texts = [cell.strip() for cell in cells if isinstance(cell, str) and cell.strip()]
    return len(set(texts)) == len(cells) and all(
        len(text) <= LONGEST_HEADER and not _VALUE.fullmatch(text) for text in texts
    )


def column_names(headers: Sequence[Cell], width: int) -> tuple[str, ...]:
    """A name for each of `width` columns, each different: "Waluta", "Waluta 2"; "Column 12" where no header stands."""
    names: list[str] = []
    taken = {_header(cell) for cell in headers}
    for position in range(width):
        name = _header(headers[position]) if position < len(headers) else ""
        base, number = (name, 1) if name else (f"Column {position + 1}", 1)
        given = base
        while given in names or (number > 1 and given in taken) or (not name and given in taken):
            number += 1
            given = f"{base} {number}"
        names.append(given)
    return tuple(names)


def _header(cell: Cell) -> str:
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    if isinstance(cell, date | time):
        cell = cell.isoformat()
    return "" if cell is None else " ".join(str(cell).split())[:LONGEST_HEADER]
