"""A table kept column by column while it is read: no text is cut twice, and no row is held for each line. Pure."""

from array import array
from bisect import bisect_right
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import compress, islice, zip_longest
from typing import cast

from importers.safe_cells import safe
from importers.tables import Layout, Record, check_width, is_empty
from validators.packed import Packed, extended, joined
from validators.rows import Cell, Row, is_blank

_ROWS, _ROWS_OF_WIDE = 1000, 100  # of a block: many enough to be quick, too few to matter
_WIDE = 100  # columns; wider rows mostly end in a line of delimiters
_LINES = "I"  # numbers of four bytes


@dataclass(frozen=True, slots=True)
class _Block:
    lines: "array[int]"
    columns: Sequence[Sequence[Cell]]  # None where a row is shorter than others


class Kept:
    """The records of a table, blank ones left out. Handed over once: what is handed over is let go."""

    def __init__(self) -> None:
        self._blocks: deque[_Block | Sequence[Record]] = deque()

    def keeping(self, records: Iterable[Record]) -> Iterator[Sequence[Record]]:
        """The same records in blocks, kept as they go by, but for blank ones.

        Raises:
            WrongUse: a row has more columns than any list.
        """
        filled = (each if len(each[1]) <= _WIDE else _bounded(each) for each in records if not is_empty(each[1]))
        rows = _ROWS_OF_WIDE  # until it is known how wide they are
        while part := list(islice(filled, rows)):
            rows = _ROWS_OF_WIDE if len(part[-1][1]) > _WIDE else _ROWS
            self._keep(part)
            yield part

    def rows(self, layout: Layout) -> "TableRows":
        """The rows of the table, when all records have gone by."""
        return TableRows(self._below(layout), layout)

    def _keep(self, part: Sequence[Record]) -> None:
        widths = [len(cells) for _, cells in part]
        # One wide row among narrow ones would take the place of a thousand; and of wide ones there may be too many.
        later = max(widths) > _WIDE or max(widths) * len(part) > 2 * sum(widths)
        self._blocks.append(part if later else _block(part))

    def _below(self, layout: Layout) -> Iterator[_Block]:
        while self._blocks:
            kept = self._blocks.popleft()
            block = kept if isinstance(kept, _Block) else _block(kept)
            first, end = (bisect_right(block.lines, line) for line in (layout.header_line, layout.last_line))
            if (first, end) != (0, len(block.lines)):
                block = _Block(block.lines[first:end], [column[first:end] for column in block.columns])
            yield _without(layout.header, block)


class KeptPacked(Kept):
    """The same in the least room, of records that are about as wide as the widest: their texts packed, in one block."""

    def _keep(self, part: Sequence[Record]) -> None:
        new = _block(part)
        old = cast(_Block, self._blocks.pop()) if self._blocks else _Block(array(_LINES), [])
        pairs = zip_longest(old.columns, new.columns)
        columns = [
            extended(before or Packed([None] * len(old.lines)), after or [None] * len(part)) for before, after in pairs
        ]
        old.lines.extend(new.lines)
        self._blocks.append(_Block(old.lines, columns))


class TableRows(Iterator[Row]):
    """The rows of a table, one after the other, or as columns all at once."""

    def __init__(self, blocks: Iterator[_Block], layout: Layout) -> None:
        self._blocks, self._layout = blocks, layout
        self._found = self._each()

    def __next__(self) -> Row:
        return next(self._found)

    def columns(self) -> tuple[Sequence[int], dict[str, Sequence[Cell]]]:
        """The lines of all rows, and their cells, made safe, by the names of the columns, in place of the rows."""
        lines = array(_LINES)
        found: dict[str, list[Sequence[Cell]]] = {name: [] for name in self._layout.columns}
        for block in self._blocks:
            lines.extend(block.lines)
            given = dict(zip(self._layout.columns, compress(block.columns, self._layout.kept), strict=False))
            for name, parts in found.items():
                parts.append(safe(given.get(name) or [None] * len(block.lines)))
        return lines, {name: joined(found.pop(name)) for name in self._layout.columns}

    def _each(self) -> Iterator[Row]:
        names, kept = self._layout.columns, self._layout.kept
        for block in self._blocks:
            for line, *cells in zip(block.lines, *block.columns, strict=True):
                filled = {n: c for n, c in zip(names, compress(cells, kept), strict=False) if c is not None}
                yield Row(line, "", filled)


def _block(part: Sequence[Record]) -> _Block:
    return _Block(array(_LINES, [line for line, _ in part]), list(zip_longest(*[cells for _, cells in part])))


def _bounded(record: Record) -> Record:
    line, cells = record[0], _narrow(record[1])
    check_width(len(cells), line)
    return line, cells


def _narrow(cells: Sequence[Cell]) -> Sequence[Cell]:
    """The cells without the blank ones at the end of a line of delimiters."""
    end = len(cells)
    while end and is_blank(cells[end - 1]):
        end -= 1
    return cells[:end]


def _without(header: Sequence[Cell], block: _Block) -> _Block:
    """The block without rows that repeat the header."""
    if not header or not block.columns or header[0] not in block.columns[0]:
        return block
    bare = tuple(_narrow(header))
    other = [_narrow(cells) != bare for cells in zip(*block.columns, strict=True)]
    return _Block(
        array(_LINES, compress(block.lines, other)), [tuple(compress(column, other)) for column in block.columns]
    )
