"""Recognising the rows and columns of a sheet that people have moved about, by what stands in them: a sheet as it stood
once, and as it stands later. Pure; what follows from it is mending.py's part."""

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from types import MappingProxyType

from sync.history import EPOCH
from validators.headers import SEARCH_ROWS, Header, find_header
from validators.rows import Cell, Grid, as_text, is_blank
from validators.tabs import Owner, Tab
from validators.text import fold

# How much it says of a row that the same stands in a cell, divided by how often that stands in the column.
_ID_TELLS, _TEAM_TELLS, _SERVICE_TELLS, _PLACE_TELLS = 2.0, 1.0, 0.1, 0.3
_ENOUGH = 0.3
_COMMON = 50  # what stands in more rows than these tells nothing


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


@dataclass(frozen=True, slots=True)
class Standing:
    """A sheet as it stands, its header in row `header`; nobody knows what people have in the cells `hidden`."""

    cells: Grid
    header: int
    hidden: Set[tuple[int, int]] = field(default_factory=frozenset)

    @property
    def width(self) -> int:
        """The number of columns."""
        return max(map(len, self.cells), default=0)

    def text(self, row: int, column: int) -> str:
        """A cell as a text to compare; "" as well where nobody knows."""
        return "" if (row, column) in self.hidden else text_of(at(self.cells, row, column))

    def texts(self, row: int, columns: Sequence[int]) -> tuple[str, ...]:
        """Some cells of a row as texts."""
        if self.hidden and any((row, column) in self.hidden for column in columns):
            return tuple(self.text(row, column) for column in columns)
        return texts_of(self.cells, row, columns)

    def column(self, column: int) -> Counter[str]:
        """What stands in a column, each text as often as it does."""
        texts = Counter(self.text(row, column) for row in range(len(self.cells)))
        del texts[""]
        return texts

    def heading(self, column: int) -> str:
        """What a column is called, however it is spelt."""
        text = self.text(self.header, column)
        return fold(text) or text


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


def header_recognised(heading: Sequence[Cell], cells: Grid, hidden: Set[tuple[int, int]] = frozenset()) -> int:
    """The row that has most in common with `heading`: people move columns and rename them, one at a time."""
    known = {text_of(cell) for cell in heading if not is_blank(cell)}

    def common(row: int) -> int:
        there = {text_of(cell) for column, cell in enumerate(cells[row]) if (row, column) not in hidden}
        return len(there & known)

    return max(range(min(SEARCH_ROWS, len(cells))), key=common, default=0)


_Pairs = Iterable[tuple[int, int]]


def columns_recognised(tab: Tab, old: Standing, new: Standing) -> dict[int, int]:
    """Which column of `old` each column of `new` is: by heading, else by what stands in it, else by its neighbours."""
    return _Columns(tab, old, new).found


class _Columns:
    """Pairs the columns of two sheets, in `found`, from the surest sign to the weakest."""

    def __init__(self, tab: Tab, old: Standing, new: Standing) -> None:
        self._tab, self._old, self._new = tab, old, new
        self._open, self._free = set(range(new.width)), set(range(old.width))
        self.found: dict[int, int] = {}
        for step in (self._by_heading, self._by_field, self._by_content, self._by_neighbours):
            for column, source in step():
                if column in self._open and source in self._free:
                    self.found[column] = source
                    self._open.remove(column)
                    self._free.remove(source)

    def _by_heading(self) -> _Pairs:
        sources = queues((self._old.heading(source), source) for source in sorted(self._free))
        columns = queues((self._new.heading(column), column) for column in sorted(self._open))
        return [
            (found[0], sources[name][0])
            for name, found in columns.items()
            if name and len(found) == len(sources.get(name, ())) == 1
        ]

    def _by_field(self) -> _Pairs:
        """A column that was renamed, to another name that is understood."""
        before, now = (find_header(s.cells[s.header : s.header + 1], self._tab) for s in (self._old, self._new))
        if not isinstance(before, Header) or not isinstance(now, Header):
            return []
        return [(column, before.columns[name]) for name, column in now.columns.items() if name in before.columns]

    def _by_content(self) -> _Pairs:
        sources = {source: self._old.column(source) for source in self._free}
        columns = {column: self._new.column(column) for column in self._open}
        alike = [
            (-(columns[column] & sources[source]).total(), abs(column - source), column, source)
            for column in columns
            for source in sources
            if not columns[column].keys().isdisjoint(sources[source])
        ]
        return [(column, source) for _, _, column, source in sorted(alike)]

    def _by_neighbours(self) -> _Pairs:
        """Nothing but its heading, or that it has none, tells it: the one that lies beside the same other column, or
        at the same place, or the next."""
        for beside in (1, -1):
            for column in sorted(self._open)[::beside]:
                source = self.found.get(column - beside, -2) + beside
                if self._may_be(column, source):
                    yield column, source
        for column in sorted(self._open):
            alike = [source for source in self._free if self._may_be(column, source)]
            yield from ((column, source) for source in sorted(alike, key=lambda source: abs(source - column))[:1])

    def _may_be(self, column: int, source: int) -> bool:
        hidden = (self._new.header, column) in self._new.hidden
        return hidden or self._old.heading(source) == self._new.heading(column)


class RowsRecognised:
    """Which row of `old` each row of `new` is, in `found`; rows that are new have none.

    `columns` tells which column is which, `header` where the fields of `tab` lie in `old`. `given` are rows of `old` in
    which nothing stands but what we were to write, as they were to be with that; in the rows `struck` of `new` some of
    it stands at the place it was written to.
    """

    def __init__(
        self,
        tab: Tab,
        header: Header,
        old: Standing,
        new: Standing,
        columns: Mapping[int, int],
        given: Mapping[int, Sequence[Cell]] = MappingProxyType({}),
        struck: Set[int] = frozenset(),
    ) -> None:
        self._old, self._new = old, new
        self._pairs = sorted(columns.items(), key=lambda pair: pair[1])
        self._tells = _telling(tab, header, [source for _, source in self._pairs])
        self._open = {row: new.texts(row, [c for c, _ in self._pairs]) for row in range(len(new.cells))}
        self._free = {row: old.texts(row, [s for _, s in self._pairs]) for row in range(len(old.cells))}
        self._every = tuple(self._free.values()), tuple(self._open.values())
        self._given = {row: texts_of([cells], 0, [s for _, s in self._pairs]) for row, cells in given.items()}
        self._struck = struck
        self.found: dict[int, int] = {}
        for step in (self._headers, self._unchanged, self._ours_alone, self._alike, self._beside):
            for row, origin in step():
                if row in self._open and origin in self._free:
                    self.found[row] = origin
                    del self._open[row], self._free[origin]

    def _headers(self) -> _Pairs:
        return [(self._new.header, self._old.header)]

    def _unchanged(self) -> _Pairs:
        """Rows in which all is as it was; among several that are alike the one at the same place."""
        waiting = queues((texts, origin) for origin, texts in self._free.items() if any(texts))
        same = [row for row, texts in self._open.items() if any(texts) and self._free.get(self._place(row)) == texts]
        for row in same:
            waiting[self._open[row]].remove(self._place(row))
        staying = set(same)
        moved = [row for row in self._open if row not in staying]
        return [
            *((row, self._place(row)) for row in same),
            *((row, waiting[texts].popleft()) for row in moved if waiting.get(texts := self._open[row])),
        ]

    def _ours_alone(self) -> _Pairs:
        """Rows of nothing but what we wrote, which is wherever it stands: they are no other empty rows than before."""
        staying = [row for row in self._given if row in self._struck and not any(self._open.get(row, ("",)))]
        moved = queues((texts, origin) for origin, texts in self._given.items() if origin not in staying)
        return [
            *((row, row) for row in staying),
            *((row, moved[texts].popleft()) for row, texts in self._open.items() if any(texts) and moved.get(texts)),
        ]

    def _alike(self) -> _Pairs:
        """Rows in which something was changed, those with most in common first."""
        if not (self._open and self._free):
            return []
        stood, stands = (map(Counter, zip(*texts, strict=True)) for texts in self._every)
        often = [before | now for before, now in zip(stood, stands, strict=True)]
        origins = defaultdict[tuple[int, str], list[int]](list)
        for origin, texts in self._free.items():
            for number, text in enumerate(texts):
                if 0 < often[number][text] <= _COMMON:
                    origins[number, text].append(origin)
        scored = []
        for row, texts in self._open.items():
            near = {self._place(row)} & self._free.keys()
            near.update(origin for pair in enumerate(texts) for origin in origins.get(pair, ()))
            scored += [(-self._score(row, origin, often), abs(row - origin), row, origin) for origin in near]
        return [(row, origin) for score, _, row, origin in sorted(scored) if -score >= _ENOUGH]

    def _score(self, row: int, origin: int, often: Sequence[Counter[str]]) -> float:
        there, stood = self._open[row], self._free[origin]
        kept = [number for number, text in enumerate(there) if text and text == stood[number]]
        score = sum(self._tells[number] / often[number][there[number]] for number in kept)
        if self._place(row) == origin and kept and 2 * len(kept) >= sum(map(bool, stood)):
            score += _PLACE_TELLS
        conflict = any(
            tells == _ID_TELLS and a and b and a != b for tells, a, b in zip(self._tells, there, stood, strict=True)
        )
        return score - _ID_TELLS if conflict else score

    def _beside(self) -> _Pairs:
        """Rows in which nothing stands that anybody could tell: those that still lie beside the same other row."""
        for beside in (1, -1):
            for row in list(self._open)[::beside]:
                origin = self.found.get(row - beside, -2) + beside
                if not any(self._open[row]) and not any(self._free.get(origin, ("",))):
                    yield row, origin

    def _place(self, row: int) -> int:
        return row - self._new.header + self._old.header


def _telling(tab: Tab, header: Header, columns: Sequence[int]) -> list[float]:
    service = service_columns(tab, header)
    tells = [_SERVICE_TELLS if column in service else _TEAM_TELLS for column in columns]
    return [_ID_TELLS if column == header.columns.get("id") else t for column, t in zip(columns, tells, strict=True)]


def queues(pairs: Iterable[tuple[object, int]]) -> dict[object, deque[int]]:
    """The rows by what they are called, in their order."""
    rows: dict[object, deque[int]] = defaultdict(deque)
    for name, row in pairs:
        rows[name].append(row)
    return rows


def texts_of(grid: Grid, row: int, columns: Iterable[int]) -> tuple[str, ...]:
    """Some cells of a row as texts."""
    cells = grid[row]
    width = len(cells)
    return tuple([text_of(cells[column]) if column < width else "" for column in columns])


def text_of(cell: Cell) -> str:
    """A cell as a text that is the same for all that a reader cannot tell apart: a date is its serial number."""
    if cell is None or isinstance(cell, str):
        return cell.strip() if cell else ""
    if isinstance(cell, datetime):
        return as_text((cell.replace(tzinfo=None) - EPOCH) / timedelta(days=1))
    if isinstance(cell, date):
        return str(cell.toordinal() - EPOCH.toordinal())
    return as_text(float(cell) if isinstance(cell, Decimal) else cell)


def at(grid: Grid, row: int | None, column: int | None) -> Cell:
    """What stands in a cell; None outside the grid."""
    if row is None or column is None or not 0 <= row < len(grid) or column >= len(grid[row]):
        return None
    return grid[row][column]
