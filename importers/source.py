"""A list as read from a file, held a column at a time: what a listing hands over once, kept while it is needed.

Cells are as found, but for control characters, and the apostrophe that guards a text which a spreadsheet would take for
a formula.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, repeat
from operator import eq
from typing import cast

from importers.columnar import TableRows
from importers.port import Listing
from validators.rows import Cell, as_text

# What a spreadsheet runs when it stands first in a cell, signs of full width included (OWASP, "CSV injection").
_RUN = r"[=+\-@\t\r\n＝＋－＠]"
_GUARDED = re.compile(rf"'\s*{_RUN}")
_DANGEROUS = re.compile(rf"\s*{_RUN}|[\t\r\n]")
CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_PLAIN_NUMBER = re.compile(r"-[0-9][0-9 \u00a0.,]*")


@dataclass(frozen=True, slots=True)
class Source:
    """One list of a file: `columns` by name, all as long as `lines`; `lines` are those of the file (1 = first)."""

    kind: str
    title: str
    columns: Mapping[str, Sequence[Cell]]
    lines: Sequence[int]
    meaning: Mapping[str, str]
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.lines)

    def row(self, position: int) -> list[Cell]:
        """The cells of a row in the order of the columns."""
        return [column[position] for column in self.columns.values()]


def held(listing: Listing) -> Source:
    """The listing, read to its end."""
    lines, columns = listing.rows.columns() if isinstance(listing.rows, TableRows) else _columns(listing)
    kept = {name: unguarded(_clean(column)) for name, column in columns.items()}
    return Source(listing.kind, listing.title, kept, _run(lines), listing.meaning, listing.notes)


def _columns(listing: Listing) -> tuple[list[int], dict[str, list[Cell]]]:
    columns: dict[str, list[Cell]] = {name: [] for name in listing.columns}
    lines: list[int] = []
    # A thousand rows at a time: a column is filled far faster than a row, and no row is held for long.
    while part := list(islice(listing.rows, 1000)):
        lines.extend([row.line for row in part])
        rows = [row.cells for row in part]
        for name, column in columns.items():
            column.extend([cells.get(name) for cells in rows])
    return lines, columns


def _run(lines: Sequence[int]) -> Sequence[int]:
    """The same lines, as a range where none is left out: as it is in most lists."""
    run = range(lines[0], lines[0] + len(lines)) if lines else range(0)
    return run if all(map(eq, lines, run)) else lines


def _clean(cells: Sequence[Cell]) -> Sequence[Cell]:
    """`cells` without control characters, which no spreadsheet shows and some cannot hold."""
    if all(map(str.isprintable, texts_of(cells))):
        return cells
    return [CONTROLS.sub("", cell) if isinstance(cell, str) else cell for cell in cells]


def unguarded(cells: Sequence[Cell]) -> Sequence[Cell]:
    """`cells` without the apostrophe before what would be a formula: as a spreadsheet shows what was typed so.

    >>> unguarded(["'=1+1", "'+48 600", "'90", "O'Neil"])
    ['=1+1', '+48 600', "'90", "O'Neil"]
    """
    if not any(map(str.startswith, texts_of(cells), repeat("'"))):
        return cells
    return [cell[1:] if isinstance(cell, str) and _GUARDED.match(cell) else cell for cell in cells]


def texts_of(cells: Sequence[Cell]) -> Iterable[str]:
    """The texts among the cells."""
    if set(map(type, cells)) <= {str, type(None)}:
        return cast(Iterable[str], filter(None, cells))
    return (cell for cell in cells if isinstance(cell, str))


def guarded(text: str) -> str:
    """`text` as a spreadsheet opens it without running it: with an apostrophe before it where it needs one.

    >>> guarded("=1+1"), guarded("-5,00"), guarded("-1+cmd|' /C calc'!A0"), guarded("+48 600"), guarded("'=1+1")
    ("'=1+1", '-5,00', "'-1+cmd|' /C calc'!A0", "'+48 600", "'=1+1")
    """
    return f"'{text}" if _DANGEROUS.match(text) and not _PLAIN_NUMBER.fullmatch(text) else text


def sample(cells: Iterable[Cell], most: int = 3) -> tuple[str, ...]:
    """The first different texts that stand in a column, shortened."""
    found: dict[str, None] = {}
    for cell in cells:
        text = " ".join(as_text(cell).split())
        if text:
            found[text if len(text) <= 40 else f"{text[:39]}…"] = None
        if len(found) >= most:
            break
    return tuple(found)
