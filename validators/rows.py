"""Rows as they were found: raw cells by field, their place, the key of a row without id. No meaning here."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from hashlib import blake2b
from itertools import compress, zip_longest
from typing import NamedTuple, TypeAlias

from validators.headers import Header
from validators.tabs import Field, Owner, Tab

Cell: TypeAlias = str | int | float | bool | date | datetime | time | Decimal | None
Grid: TypeAlias = Sequence[Sequence[Cell]]


class Row(NamedTuple):
    """One line of a tab or file: its cells by field name, its line number (1 = first), its id, or "" if it has none."""

    line: int
    id: str
    cells: Mapping[str, Cell]


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of one tab, a column at a time: `columns[field][i]` stands in sheet row `lines[i]`.

    A column at a time, because distinct values are far fewer than cells, and each needs to be understood once.
    `formulas` holds (position in the table, field) of cells that are computed by the sheet.
    """

    tab: Tab
    lines: Sequence[int]
    columns: Mapping[str, Sequence[Cell]]
    formulas: frozenset[tuple[int, str]] = frozenset()

    def __len__(self) -> int:
        return len(self.lines)

    def column(self, field: str) -> Sequence[Cell]:
        """The cells of `field`; all None when the sheet has no such column."""
        return self.columns.get(field) or (None,) * len(self.lines)

    def ids(self) -> list[str]:
        """The id of every row as text, "" where there is none."""
        return texts(self.column("id"))

    def rows(self) -> Iterator[Row]:
        """The same, a row at a time."""
        names = tuple(self.columns)
        for line, id_, *cells in zip(self.lines, self.ids(), *self.columns.values(), strict=True):
            yield Row(line, id_, dict(zip(names, cells, strict=True)))

    def key(self, position: int) -> str:
        """What tells the row at `position` from others while it has no id: a digest of what people wrote in it.

        Rows with the same key are interchangeable: nothing that a person wrote distinguishes them.
        """
        parts = (as_text(self.column(f.name)[position]) for f in self.tab.owned(Owner.TEAM, Owner.NORMALISED))
        return blake2b("\x1f".join(parts).encode(), digest_size=12).hexdigest()


def table(tab: Tab, header: Header, grid: Grid, formulas: frozenset[tuple[int, int]] = frozenset()) -> Table:
    """The rows of `grid` below `header` in which people (or, in service tabs, Kartoteka) wrote anything.

    `formulas` holds the 0-based (row, column) of computed cells of the grid.
    """
    first = header.index + 1
    whole = list(zip_longest(*grid[first:]))
    nothing = (None,) * len(grid[first:])
    standing = {name: whole[c] if c < len(whole) else nothing for name, c in header.columns.items()}
    telling = [standing[f.name] for f in _telling(tab) if f.name in standing]
    filled = [not all(map(is_blank, cells)) for cells in zip(*telling, strict=True)]
    columns = {name: tuple(compress(cells, filled)) for name, cells in standing.items()}
    numbers = list(compress(range(first, first + len(filled)), filled))
    names = {c: name for name, c in header.columns.items()}
    position = {number: i for i, number in enumerate(numbers)}
    computed = frozenset((position[r], names[c]) for r, c in formulas if r in position and c in names)
    return Table(tab, tuple(number + 1 for number in numbers), columns, computed)


def _telling(tab: Tab) -> Sequence[Field]:
    return tab.owned(Owner.TEAM, Owner.NORMALISED) or tab.fields


def is_blank(cell: Cell) -> bool:
    """Whether nothing a reader could see stands in the cell."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def texts(cells: Iterable[Cell]) -> list[str]:
    """Each of `cells` as text (see `as_text`)."""
    return [cell.strip() if isinstance(cell, str) else as_text(cell) for cell in cells]


def as_text(cell: Cell) -> str:
    """The cell as a person would type it: whole numbers without a fraction, dates in ISO order, blank as ""."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, bool):
        return "tak" if cell else "nie"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, datetime):
        at_midnight = cell.time() == time()
        return cell.date().isoformat() if at_midnight else cell.isoformat(sep=" ", timespec="minutes")
    return str(cell)
