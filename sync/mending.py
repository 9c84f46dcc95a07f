"""Mending a write that met people at work: what our values hit is put back, ours go where they belong. Pure.

A write by row and column lands wherever the rows and columns are at that moment. What stands afterwards tells where it
landed: rows are recognised by their id, or by what people wrote in them, columns by their header. Nothing here knows
which program keeps the sheet.
"""

from collections import defaultdict, deque
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sync.changes import same
from validators.headers import SEARCH_ROWS, Header, NoHeader, find_header
from validators.rows import Cell, Grid, as_text, is_blank
from validators.tabs import Owner, Tab
from validators.text import fold


@dataclass(frozen=True, slots=True)
class Hit:
    """A cell, 0-based, that a write by position set to `value`; `guarded`: only where exactly `before` stood."""

    row: int
    column: int
    value: Cell
    before: Cell = None
    guarded: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """One tab as it should stand: `clean` holds what people wrote, `wanted` the same with our values in it.

    Both have the rows and columns in one order: that of the moment of which they speak.
    """

    tab: Tab
    clean: Grid
    wanted: Grid


class HeaderLost(Exception):
    """The tab's header row is gone: nobody can tell what its columns are."""


def mended(page: Page, hits: Sequence[Hit], seen: Grid) -> Page:
    """`page` in the order in which `seen` stands after `hits` were written: what a person wrote since is kept.

    Raises:
        HeaderLost: `seen` has no header row.
    """
    before, now = find_header(page.clean, page.tab), _header(page, hits, seen)
    if not isinstance(before, Header) or not isinstance(now, Header):
        raise HeaderLost(page.tab.name)
    ours = {(hit.row, hit.column): hit for hit in hits if same(_at(seen, hit.row, hit.column), hit.value)}
    columns = _columns(page, before, now, seen, ours)
    rows = _Rows(page, before, now, columns, ours).recognise(seen)
    clean = [list(row) for row in seen]
    for (row, column), hit in ours.items():
        origin, source = rows.get(row), columns.get(column)
        stood = _at(page.clean, origin, source) if origin is not None and source is not None else None
        if not hit.guarded or same(stood, hit.before):
            _put(clean, row, column, stood)
    for (row, column), hit in _left(hits, rows, columns):
        if (row, column) not in ours and same(_at(seen, row, column), hit.before):
            _put(clean, row, column, _at(page.clean, hit.row, hit.column))
    wanted = [list(row) for row in clean]
    tried = {(hit.row, hit.column) for hit in hits} - ours.keys()
    kept_by_us = service_columns(page.tab, before)
    for row, column, origin, source in _known(page, rows, columns, kept_by_us):
        target = _at(page.wanted, origin, source)
        if source in kept_by_us:
            if row > now.index:
                _put(wanted, row, column, target)
        elif same(_at(clean, row, column), _at(page.clean, origin, source)) and (
            (row, column) != (origin, source) or (row, column) not in tried
        ):
            _put(wanted, row, column, target)
    return Page(page.tab, clean, wanted)


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
                if _at(page.clean, origin, source) is not _at(page.wanted, origin, source):
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
        same(_at(seen, header.index, column), _at(page.wanted, header.index, column)) for column in range(width)
    ) and all(
        same(_at(seen, row, column), _at(page.wanted, row, column))
        for column in columns
        for row in range(header.index + 1, max(len(seen), len(page.wanted)))
    )


def realigned(
    old: Mapping[str, int], new: Mapping[str, int], rows: Sequence[Mapping[str, Cell]], seen: Grid
) -> Iterator[Hit]:
    """What puts appended rows right whose columns people moved meanwhile, from `old` to `new`, column by field."""
    width = max(old.values(), default=-1) + 1
    standing = _queues((_texts(seen, r, range(width)), r) for r in range(len(seen) - 1, -1, -1))
    for values in reversed(rows):
        placed = {old[field]: value for field, value in values.items()}
        queue = standing.get(tuple(as_text(placed.get(column)) for column in range(width)))
        if not queue:
            continue
        row = queue.popleft()
        right = {new[field]: value for field, value in values.items() if field in new}
        for column in sorted({*placed, *right}):
            if not same(_at(seen, row, column), right.get(column)):
                yield Hit(row, column, right.get(column), _at(seen, row, column))


def service_columns(tab: Tab, header: Header) -> frozenset[int]:
    """The columns of a tab that belong to Kartoteka."""
    return frozenset(c for name, c in header.columns.items() if tab.field(name).owner is Owner.SERVICE)


def filled(grid: Grid, hits: Sequence[Hit]) -> Grid:
    """`grid` with `hits` in it; rows without one are shared with `grid`."""
    touched = {hit.row for hit in hits}
    rows = [list(row) if number in touched else row for number, row in enumerate(grid)]
    rows += [[] for _ in range(max(touched, default=-1) + 1 - len(rows))]
    for hit in hits:
        row = rows[hit.row]
        assert isinstance(row, list)
        row.extend([None] * (hit.column + 1 - len(row)))
        row[hit.column] = hit.value
    return rows


def _header(page: Page, hits: Sequence[Hit], seen: Grid) -> Header | NoHeader:
    """The header as it stands, or as it stood before our own values fell on it."""
    found, stood = find_header(seen, page.tab), find_header(page.clean, page.tab)
    if isinstance(found, Header) or not isinstance(stood, Header):
        return found
    without = [list(row) for row in seen[:SEARCH_ROWS]]
    for hit in hits:
        if hit.row < len(without) and same(_at(seen, hit.row, hit.column), hit.value):
            _put(without, hit.row, hit.column, _at(page.clean, stood.index, hit.column))
    return find_header(without, page.tab)


def _columns(
    page: Page, before: Header, now: Header, seen: Grid, ours: Container[tuple[int, int]]
) -> dict[int, int | None]:
    """Which column of the page each column of `seen` is: by header, or by place where neither has another."""
    width = max((len(row) for row in [*seen, *page.clean]), default=0)
    headers: dict[str, deque[int]] = defaultdict(deque)
    for column in range(width):
        name = _heading(page.clean, before.index, column)
        if name:
            headers[name].append(column)
    found: dict[int, int | None] = {}
    for column in range(width):
        waiting = headers.get(_heading(seen, now.index, column))
        if waiting and (now.index, column) not in ours:
            found[column] = waiting.popleft()
    for name, column in now.columns.items():
        source = before.columns.get(name)
        if column not in found and source is not None and source not in found.values():
            found[column] = source
    taken = set(found.values())
    for column in range(width):
        if column not in found:
            found[column] = column if column not in taken else None
    return found


class _Rows:
    """Which row of the page each row of a sheet is, whatever people did meanwhile."""

    def __init__(
        self,
        page: Page,
        before: Header,
        now: Header,
        columns: Mapping[int, int | None],
        ours: Container[tuple[int, int]],
    ) -> None:
        self._page, self._before, self._now, self._ours = page, before, now, ours
        service = service_columns(page.tab, before)
        pairs = [(c, s) for c, s in columns.items() if s is not None and s not in service]
        self._pairs = sorted(pairs, key=lambda pair: pair[1])
        required = {before.columns[f.name] for f in page.tab.required}
        self._telling = [pair for pair in self._pairs if pair[1] in required]
        self._id = (now.columns.get("id"), before.columns.get("id"))

    def recognise(self, seen: Grid) -> dict[int, int]:
        """Origin by row; rows that are new have none."""
        first = self._before.index + 1
        free = {r for r in range(first, len(self._page.clean)) if any(not is_blank(c) for c in self._page.clean[r])}
        open_ = [r for r in range(self._now.index + 1, len(seen)) if any(not is_blank(c) for c in seen[r])]
        found = {self._now.index - up: self._before.index - up for up in range(self._now.index + 1)}
        found = {row: origin for row, origin in found.items() if origin >= 0}
        for step in (self._by_id, self._by_content, self._by_name, self._by_place):
            for row, origin in step(seen, open_, free):
                found[row] = origin
                free.discard(origin)
            open_ = [row for row in open_ if row not in found]
        return found

    def _by_id(self, seen: Grid, rows: Sequence[int], free: set[int]) -> Iterator[tuple[int, int]]:
        now, before = self._id
        if now is None or before is None:
            return
        waiting = _queues((as_text(_at(self._page.wanted, r, before)), r) for r in sorted(free))
        for row in rows:
            id_ = "" if (row, now) in self._ours else as_text(_at(seen, row, now))
            if id_ and waiting.get(id_):
                yield row, waiting[id_].popleft()

    def _by_content(self, seen: Grid, rows: Sequence[int], free: set[int]) -> Iterator[tuple[int, int]]:
        yield from self._matching(seen, rows, free, self._pairs)

    def _by_name(self, seen: Grid, rows: Sequence[int], free: set[int]) -> Iterator[tuple[int, int]]:
        yield from self._matching(seen, rows, free, self._telling)

    def _matching(
        self, seen: Grid, rows: Sequence[int], free: set[int], pairs: Sequence[tuple[int, int]]
    ) -> Iterator[tuple[int, int]]:
        waiting = _queues((_texts(self._page.clean, r, (s for _, s in pairs)), r) for r in sorted(free))
        for row in rows:
            queue = waiting.get(_texts(seen, row, (c for c, _ in pairs)))
            if queue and any(_texts(seen, row, (c for c, _ in pairs))):
                if row in queue:
                    queue.remove(row)
                    yield row, row
                else:
                    yield row, queue.popleft()

    def _by_place(self, seen: Grid, rows: Sequence[int], free: set[int]) -> Iterator[tuple[int, int]]:
        """A row that still lies where it lay, and of which at least half is as it was."""
        moved = self._now.index - self._before.index
        for row in rows:
            origin = row - moved
            if origin not in free:
                continue
            stood = _texts(self._page.clean, origin, (s for _, s in self._pairs))
            stands = _texts(seen, row, (c for c, _ in self._pairs))
            kept = sum(1 for a, b in zip(stood, stands, strict=True) if a and a == b)
            if kept and 2 * kept >= sum(1 for a in stood if a):
                yield row, origin


def _queues(pairs: Iterable[tuple[object, int]]) -> dict[object, deque[int]]:
    queues: dict[object, deque[int]] = defaultdict(deque)
    for name, row in pairs:
        queues[name].append(row)
    return queues


def _texts(grid: Grid, row: int, columns: Iterable[int]) -> tuple[str, ...]:
    return tuple(as_text(_at(grid, row, column)) for column in columns)


def _heading(grid: Grid, row: int, column: int) -> str:
    cell = _at(grid, row, column)
    return fold(cell) if isinstance(cell, str) else as_text(cell)


def _at(grid: Grid, row: int | None, column: int | None) -> Cell:
    if row is None or column is None or not 0 <= row < len(grid) or column >= len(grid[row]):
        return None
    return grid[row][column]


def _put(grid: list[list[Cell]], row: int, column: int, value: Cell) -> None:
    grid.extend([] for _ in range(row + 1 - len(grid)))
    grid[row].extend([None] * (column + 1 - len(grid[row])))
    grid[row][column] = value
