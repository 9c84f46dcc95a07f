"""Recognising the rows and columns of a tab that people have moved about: rows by their id or by what people wrote in
them, columns by their header. Pure; what follows from it is mending.py's part."""

from collections import defaultdict, deque
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from validators.headers import Header
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


class Formula(str):
    """A formula as it was typed, "=" included: not a text that looks like one."""

    __slots__ = ()


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


def service_columns(tab: Tab, header: Header) -> frozenset[int]:
    """The columns of a tab that belong to Kartoteka."""
    return frozenset(c for name, c in header.columns.items() if tab.field(name).owner is Owner.SERVICE)


def columns_recognised(
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


class RowsRecognised:
    """Which row of the page each row of a sheet is, whatever people did meanwhile.

    `missed` is the page as it looks where a write has missed it; `ours` are the cells that hold what we wrote.
    """

    def __init__(
        self,
        page: Page,
        missed: Grid,
        before: Header,
        now: Header,
        columns: Mapping[int, int | None],
        ours: Container[tuple[int, int]],
    ) -> None:
        self._page, self._missed, self._before, self._now, self._ours = page, missed, before, now, ours
        service = service_columns(page.tab, before)
        pairs = [(c, s) for c, s in columns.items() if s is not None and s not in service]
        self._pairs = sorted(pairs, key=lambda pair: pair[1])
        required = {before.columns[f.name] for f in page.tab.required}
        self._telling = [pair for pair in self._pairs if pair[1] in required]
        self._id = (now.columns.get("id"), before.columns.get("id"))

    def among(self, seen: Grid) -> dict[int, int]:
        """Origin by row; rows that are new have none."""
        first = self._before.index + 1
        free = {r for r in range(first, len(self._missed)) if self._is_filled(r)}
        open_ = [r for r in range(self._now.index + 1, len(seen)) if any(not is_blank(c) for c in seen[r])]
        found = {self._now.index - up: self._before.index - up for up in range(self._now.index + 1)}
        found = {row: origin for row, origin in found.items() if origin >= 0}
        for step in self._steps(seen, open_, free):
            for row, origin in step:
                found[row] = origin
                free.discard(origin)
            open_[:] = [row for row in open_ if row not in found]
        return found

    def _steps(self, seen: Grid, rows: list[int], free: set[int]) -> Iterator[Iterable[tuple[int, int]]]:
        """From the surest sign to the weakest; `rows` and `free` are those that are left."""
        yield list(self._by_id(seen, rows, free))
        for looks in (self._page.clean, self._missed):
            yield list(self._matching(seen, rows, free, self._pairs, looks))
        hidden: dict[frozenset[int], list[int]] = defaultdict(list)
        for row in rows:
            hidden[frozenset(c for c, _ in self._pairs if (row, c) in self._ours)].append(row)
        for columns, group in hidden.items():
            left = [pair for pair in self._pairs if pair[0] not in columns]
            for looks in (self._page.clean, self._missed) if columns else ():
                yield list(self._matching(seen, [r for r in group if r in rows], free, left, looks))
        for looks in (self._page.clean, self._missed):
            yield list(self._matching(seen, rows, free, self._telling, looks))
        yield list(self._by_place(seen, rows, free))

    def _is_filled(self, row: int) -> bool:
        cells = (*self._missed[row], *(self._page.clean[row] if row < len(self._page.clean) else ()))
        return any(not is_blank(cell) for cell in cells)

    def _by_id(self, seen: Grid, rows: Sequence[int], free: set[int]) -> Iterator[tuple[int, int]]:
        now, before = self._id
        if now is None or before is None:
            return
        waiting = queues((as_text(at(self._page.wanted, r, before)), r) for r in sorted(free))
        for row in rows:
            id_ = "" if (row, now) in self._ours else as_text(at(seen, row, now))
            if id_ and waiting.get(id_):
                yield row, waiting[id_].popleft()

    def _matching(
        self, seen: Grid, rows: Sequence[int], free: set[int], pairs: Sequence[tuple[int, int]], looks: Grid
    ) -> Iterator[tuple[int, int]]:
        waiting = queues((texts_of(looks, r, (s for _, s in pairs)), r) for r in sorted(free))
        for row in rows:
            queue = waiting.get(texts_of(seen, row, (c for c, _ in pairs)))
            if queue and any(texts_of(seen, row, (c for c, _ in pairs))):
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
            stood = texts_of(self._page.clean, origin, (s for _, s in self._pairs))
            stands = texts_of(seen, row, (c for c, _ in self._pairs))
            kept = sum(1 for a, b in zip(stood, stands, strict=True) if a and a == b)
            if kept and 2 * kept >= sum(1 for a in stood if a):
                yield row, origin


def queues(pairs: Iterable[tuple[object, int]]) -> dict[object, deque[int]]:
    """The rows by what they are called, in their order."""
    rows: dict[object, deque[int]] = defaultdict(deque)
    for name, row in pairs:
        rows[name].append(row)
    return rows


def texts_of(grid: Grid, row: int, columns: Iterable[int]) -> tuple[str, ...]:
    """Some cells of a row as texts."""
    return tuple(as_text(at(grid, row, column)) for column in columns)


def _heading(grid: Grid, row: int, column: int) -> str:
    cell = at(grid, row, column)
    return fold(cell) if isinstance(cell, str) else as_text(cell)


def at(grid: Grid, row: int | None, column: int | None) -> Cell:
    """What stands in a cell; None outside the grid."""
    if row is None or column is None or not 0 <= row < len(grid) or column >= len(grid[row]):
        return None
    return grid[row][column]
