"""Mending a write that met people at work: what our values hit is put back, ours go where they belong. Pure.

A write by row and column lands wherever the rows and columns are at that moment. What stands afterwards tells where it
landed: rows are recognised by their id, or by what people wrote in them, columns by their header. Nothing here knows
which program keeps the sheet.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from sync.changes import same
from sync.recognising import (
    HeaderLost,
    Hit,
    Page,
    RowsRecognised,
    at,
    columns_recognised,
    filled,
    queues,
    service_columns,
    texts_of,
)
from validators.headers import SEARCH_ROWS, Header, NoHeader, find_header
from validators.rows import Cell, Grid, as_text


def strays(page: Page, hits: Sequence[Hit], seen: Grid) -> list[Hit]:
    """The hits that fell, or were meant to fall, on cells of the team: somebody may have typed there unseen by us.

    Raises:
        HeaderLost: `seen` has no header row.
    """
    landed = _landed(page, hits, seen)
    service = service_columns(page.tab, landed.header)
    return [
        hit
        for (row, column), hit in landed.ours.items()
        if not hit.guarded and (column not in service or row <= landed.header.index)
    ]


def mended(
    page: Page, hits: Sequence[Hit], seen: Grid, images: Mapping[tuple[int, int], Cell] = MappingProxyType({})
) -> Page:
    """`page` in the order in which `seen` stands after `hits` were written: what a person wrote since is kept.

    `images` tells what truly stood in cells that were hit, where that is known; else it is taken from the page.

    Raises:
        HeaderLost: `seen` has no header row.
    """
    landed = _landed(page, hits, seen)
    ours, rows, columns = landed.ours, landed.rows, landed.columns
    clean = [list(row) for row in seen]
    for (row, column), hit in ours.items():
        origin, source = rows.get(row), columns.get(column)
        stood, expected = at(page.clean, origin, source), at(landed.missed, origin, source)
        if (row, column) in images:
            # What we saw there may have been an earlier miss of ours, which was just to be put right.
            image = images[row, column]
            _put(clean, row, column, stood if same(image, expected) else image)
        elif not hit.guarded or same(expected, hit.before):
            _put(clean, row, column, stood)
    for (row, column), hit in _left(hits, rows, columns):
        if (row, column) not in ours and same(at(seen, row, column), hit.before):
            _put(clean, row, column, at(page.clean, hit.row, hit.column))
    wanted = [list(row) for row in clean]
    tried = {(hit.row, hit.column) for hit in hits} - ours.keys()
    kept_by_us = service_columns(page.tab, _header_of(page))
    for row, column, origin, source in _known(page, rows, columns, kept_by_us):
        target = at(page.wanted, origin, source)
        if source in kept_by_us:
            if row > landed.header.index:
                _put(wanted, row, column, target)
        elif same(at(clean, row, column), at(page.clean, origin, source)) and (
            (row, column) != (origin, source) or (row, column) not in tried
        ):
            _put(wanted, row, column, target)
    return Page(page.tab, clean, wanted)


@dataclass(frozen=True, slots=True)
class _Landing:
    """Where a write landed: the hits that stand there by cell, which row and column of the page each of `seen` is, its
    header, and how the page looks where the write has missed it."""

    ours: Mapping[tuple[int, int], Hit]
    rows: Mapping[int, int]
    columns: Mapping[int, int | None]
    header: Header
    missed: Grid


def _landed(page: Page, hits: Sequence[Hit], seen: Grid) -> _Landing:
    before, now = _header_of(page), _header(page, hits, seen)
    if not isinstance(now, Header):
        raise HeaderLost(page.tab.name)
    ours = {(hit.row, hit.column): hit for hit in hits if same(at(seen, hit.row, hit.column), hit.value)}
    columns = columns_recognised(page, before, now, seen, ours)
    missed = filled(page.wanted, [Hit(hit.row, hit.column, hit.before) for hit in hits])
    rows = RowsRecognised(page, missed, before, now, columns, ours).among(seen)
    return _Landing(ours, rows, columns, now, missed)


def _header_of(page: Page) -> Header:
    header = find_header(page.clean, page.tab)
    if not isinstance(header, Header):
        raise HeaderLost(page.tab.name)
    return header


def _left(
    hits: Sequence[Hit], rows: Mapping[int, int], columns: Mapping[int, int | None]
) -> Iterator[tuple[tuple[int, int], Hit]]:
    """Where each cell now is that a hit was meant for: it may have missed it."""
    row_of = {origin: row for row, origin in rows.items()}
    column_of = {source: column for column, source in columns.items()}
    for hit in hits:
        if hit.row in row_of and hit.column in column_of:
            yield (row_of[hit.row], column_of[hit.column]), hit


def _known(
    page: Page, rows: Mapping[int, int], columns: Mapping[int, int | None], kept_by_us: frozenset[int]
) -> Iterator[tuple[int, int, int, int]]:
    """Row and column, and where both come from, of every cell of which the page says what it should hold."""
    service = [(column, source) for column, source in columns.items() if source in kept_by_us and source is not None]
    team = [(column, source) for column, source in columns.items() if source is not None and source not in kept_by_us]
    for row, origin in rows.items():
        yield from ((row, column, origin, source) for column, source in service)
        clean, wanted = page.clean[origin], page.wanted[origin]
        if clean is not wanted:
            for column, source in team:
                if at(page.clean, origin, source) is not at(page.wanted, origin, source):
                    yield row, column, origin, source


def differences(seen: Grid, wanted: Grid) -> Iterator[Hit]:
    """What must be written into `seen` so that it stands as `wanted`."""
    for row, (there, right) in enumerate(zip([*seen, *[()] * (len(wanted) - len(seen))], wanted, strict=True)):
        if there == right:
            continue
        for column, value in enumerate(right):
            stands = there[column] if column < len(there) else None
            if stands != value and not same(stands, value):
                yield Hit(row, column, value, stands)


def undisturbed(page: Page, seen: Grid, columns: Sequence[int]) -> bool:
    """Whether the header row and `columns` stand as the page wants them: nobody moved anything. Others may be None."""
    header = find_header(page.wanted, page.tab)
    if not isinstance(header, Header):
        return False
    width = max(len(page.wanted[header.index]), len(seen[header.index]) if header.index < len(seen) else 0)
    return all(
        same(at(seen, header.index, column), at(page.wanted, header.index, column)) for column in range(width)
    ) and all(
        same(at(seen, row, column), at(page.wanted, row, column))
        for column in columns
        for row in range(header.index + 1, max(len(seen), len(page.wanted)))
    )


def realigned(
    old: Mapping[str, int], new: Mapping[str, int], rows: Sequence[Mapping[str, Cell]], seen: Grid
) -> Iterator[Hit]:
    """What puts appended rows right whose columns people moved meanwhile, from `old` to `new`, column by field."""
    width = max(old.values(), default=-1) + 1
    standing = queues((texts_of(seen, r, range(width)), r) for r in range(len(seen) - 1, -1, -1))
    for values in reversed(rows):
        placed = {old[field]: value for field, value in values.items()}
        queue = standing.get(tuple(as_text(placed.get(column)) for column in range(width)))
        if not queue:
            continue
        row = queue.popleft()
        right = {new[field]: value for field, value in values.items() if field in new}
        for column in sorted({*placed, *right}):
            if not same(at(seen, row, column), right.get(column)):
                yield Hit(row, column, right.get(column), at(seen, row, column))


def _header(page: Page, hits: Sequence[Hit], seen: Grid) -> Header | NoHeader:
    """The header as it stands, or as it stood before our own values fell on it."""
    found, stood = find_header(seen, page.tab), find_header(page.clean, page.tab)
    if isinstance(found, Header) or not isinstance(stood, Header):
        return found
    without = [list(row) for row in seen[:SEARCH_ROWS]]
    for hit in hits:
        if hit.row < len(without) and same(at(seen, hit.row, hit.column), hit.value):
            _put(without, hit.row, hit.column, at(page.clean, stood.index, hit.column))
    return find_header(without, page.tab)


def _put(grid: list[list[Cell]], row: int, column: int, value: Cell) -> None:
    grid.extend([] for _ in range(row + 1 - len(grid)))
    grid[row].extend([None] * (column + 1 - len(grid[row])))
    grid[row][column] = value
