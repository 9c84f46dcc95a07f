"""A list as read from a file, held a column at a time: what a listing hands over once, kept while it is needed.

Cells are as found, but for what safe_cells.py takes away.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from operator import eq

from importers.columnar import TableRows
from importers.port import Listing
from importers.safe_cells import safe
from validators.rows import Cell, as_text


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
    return Source(listing.kind, listing.title, columns, _run(lines), listing.meaning, listing.notes)


def _columns(listing: Listing) -> tuple[Sequence[int], Mapping[str, Sequence[Cell]]]:
    columns: dict[str, list[Cell]] = {name: [] for name in listing.columns}
    lines: list[int] = []
    # A thousand rows at a time: a column is filled far faster than a row, and no row is held for long.
    while part := list(islice(listing.rows, 1000)):
        lines.extend([row.line for row in part])
        rows = [row.cells for row in part]
        for name, column in columns.items():
            column.extend(safe([cells.get(name) for cells in rows]))
    return lines, columns


def _run(lines: Sequence[int]) -> Sequence[int]:
    """The same lines, as a range where none is left out: as it is in most lists."""
    run = range(lines[0], lines[0] + len(lines)) if lines else range(0)
    return run if all(map(eq, lines, run)) else lines


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
