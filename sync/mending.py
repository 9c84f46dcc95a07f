"""Mending a write that met people at work: what our values hit is put back, ours go where they belong. Pure.

A write by row and column lands wherever the rows and columns are at that moment. What stands afterwards tells where it
landed: how the sheet stood before is known cell by cell, so every row and column of it can be recognised. Nothing here
knows which program keeps the sheet.
"""

from collections import defaultdict
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from types import MappingProxyType

from sync.changes import same
from sync.recognising import (
    Formula,
    HeaderLost,
    Hit,
    Page,
    RowsRecognised,
    Standing,
    at,
    columns_recognised,
    filled,
    header_recognised,
    queues,
    service_columns,
    text_of,
    texts_of,
)
from validators.headers import Header, find_header
from validators.rows import Cell, Grid, is_blank

Images = Mapping[tuple[int, int], Cell]
_NONE: Images = MappingProxyType({})


def may_have_missed(page: Page, hits: Sequence[Hit], seen: Grid) -> bool:
    """Whether any of `hits` may stand where a person wrote something: rows or columns are not as the page has them, or
    a cell of the team was meant to be hit, in which somebody may have typed at the last moment."""
    header = find_header(page.clean, page.tab)
    if not isinstance(header, Header):
        return True
    service = service_columns(page.tab, header)
    telling = {*service, *(header.columns[field.name] for field in page.tab.required), *(hit.column for hit in hits)}
    return not undisturbed(page, seen, sorted(telling)) or any(
        not hit.guarded and hit.column not in service for hit in hits
    )


def mended(
    page: Page,
    hits: Sequence[Hit],
    seen: Grid,
    images: Images = _NONE,
    *,
    replaced: Sequence[Hit] = (),
    later: bool = False,
) -> Page:
    """`page` in the order in which `seen` stands after `hits` were written: what a person wrote since is kept.

    `images` tells what stood in cells just before they were hit; where that is not known it is taken from the page:
    what somebody typed there after the page was read is lost. `replaced` are texts that were replaced all down a
    column, from a row on: another column may have come to lie there. `later`: people may have moved things between the
    write and `seen`; then an image is put where its value stands now, and only what stands nowhere else.

    Raises:
        HeaderLost: `seen` has no header row.
    """
    landing = _landed(page, hits, seen, _NONE if later else images)
    clean = [list(row) for row in landing.stood.cells]
    strays = (*_beneath(page, landing), *_left_over(page, landing), *_reworded(page, landing, replaced))
    typed = _typed(page, landing, hits, images) if later else ()
    for row, column, value in (*strays, *typed):
        _put(clean, row, column, value)
    if not isinstance(find_header(clean, page.tab), Header):
        raise HeaderLost(page.tab.name)
    wanted = [list(row) for row in clean]
    tried = {(hit.row, hit.column) for hit in hits} - landing.ours.keys()
    for row, column, origin, source in _ours(page, landing):
        # A text that did not take where it was to be replaced is a formula's, or a person has changed it.
        if source in landing.service or (
            same(at(clean, row, column), at(page.clean, origin, source))
            and ((row, column) != (origin, source) or (row, column) not in tried)
        ):
            _put(wanted, row, column, at(page.wanted, origin, source))
    return Page(page.tab, clean, wanted)


@dataclass(frozen=True, slots=True)
class _Landing:
    """Where a write landed: `ours` are the hits that stand, `stood` is the sheet as if they had not been written,
    `missed` how it was before, with the header `before`; `rows` and `columns` tell which of it each of `stood` is."""

    before: Header
    service: frozenset[int]
    missed: Grid
    ours: Mapping[tuple[int, int], Hit]
    stood: Standing
    rows: Mapping[int, int]
    columns: Mapping[int, int]

    def cells(self, without: Container[int] = ()) -> Iterator[tuple[int, int, int, int]]:
        """Row and column, and where both come from, of every cell that is known, `without` some rows."""
        for row, origin in self.rows.items():
            if row not in without:
                yield from ((row, column, origin, source) for column, source in self.columns.items())


def _landed(page: Page, hits: Sequence[Hit], seen: Grid, images: Images) -> _Landing:
    before = find_header(page.clean, page.tab)
    if not isinstance(before, Header):
        raise HeaderLost(page.tab.name)
    if not (images or may_have_missed(page, hits, seen)):
        images = {(hit.row, hit.column): hit.before for hit in hits}
    missed = filled(page.wanted, [Hit(hit.row, hit.column, hit.before) for hit in hits])
    ours = {(h.row, h.column): h for h in hits if same(at(seen, h.row, h.column), h.value)}
    # Of a formula the sheet shows what it gives.
    places = ours.keys() | {(h.row, h.column) for h in hits if isinstance(h.value, Formula)}
    known = {place: images[place] for place in places if place in images}
    cells = filled(seen, [Hit(row, column, value) for (row, column), value in known.items()])
    hidden = ours.keys() - known.keys()
    old = Standing(missed, before.index)
    stood = Standing(cells, header_recognised(missed[before.index], cells, hidden), hidden)
    columns = columns_recognised(page.tab, old, stood)
    given = {row: page.wanted[row] for row in {hit.row for hit in hits} if all(map(is_blank, missed[row]))}
    struck = {row for (row, _), hit in ours.items() if not is_blank(hit.value)}
    rows = RowsRecognised(page.tab, before, old, stood, columns, given, struck).found
    return _Landing(before, service_columns(page.tab, before), missed, ours, stood, rows, columns)


def _beneath(page: Page, landing: _Landing) -> Iterator[tuple[int, int, Cell]]:
    """What people have beneath our values: those that have just been written, and those that stood there before."""
    hidden = landing.stood.hidden
    hiding = {row for row, _ in hidden}
    alike = {
        row
        for row, origin in landing.rows.items()
        if row not in hiding and origin < len(page.clean) and page.clean[origin] == landing.missed[origin]
    }
    for row, column, origin, source in landing.cells(without=alike):
        right, expected = at(page.clean, origin, source), at(landing.missed, origin, source)
        if (row, column) in hidden:
            hit = landing.ours[row, column]
            if not hit.guarded or same(expected, hit.before):
                yield row, column, right
        elif right is not expected and same(at(landing.stood.cells, row, column), expected):
            yield row, column, right
    yield from ((r, c, None) for r, c in hidden if r not in landing.rows or c not in landing.columns)


def _left_over(page: Page, landing: _Landing) -> Iterator[tuple[int, int, Cell]]:
    """What earlier writes of ours left in rows that nobody can recognise any more."""
    rows = [row for row in range(landing.stood.header + 1, len(landing.stood.cells)) if row not in landing.rows]
    lost = set(range(len(landing.missed))) - set(landing.rows.values()) if rows else set[int]()
    for column, source in landing.columns.items():
        right = page.wanted if source in landing.service else page.clean
        left = defaultdict[str, list[Cell]](list)
        for origin in lost:
            stood = at(landing.missed, origin, source)
            if not same(stood, at(right, origin, source)):
                left[text_of(stood)].append(at(page.clean, origin, source))
        for row in rows if left else ():
            text = landing.stood.text(row, column)
            if text and left[text]:
                yield row, column, None if source in landing.service else left[text].pop()


def _reworded(page: Page, landing: _Landing, replaced: Sequence[Hit]) -> Iterator[tuple[int, int, Cell]]:
    """Texts in a column that has come to lie where texts like theirs were to be replaced in another."""
    for hit in replaced:
        source = landing.columns.get(hit.column)
        for row, origin in landing.rows.items() if source not in (None, hit.column) else ():
            expected, stands = at(landing.missed, origin, source), at(landing.stood.cells, row, hit.column)
            if row >= hit.row and expected == hit.before and stands == hit.value:
                yield row, hit.column, at(page.clean, origin, source)


def _typed(page: Page, landing: _Landing, hits: Sequence[Hit], images: Images) -> Iterator[tuple[int, int, Cell]]:
    """What stood beneath our values when they fell, now that they may have been moved: the images of `hits`.

    Where one of them stands still, its image counts if it stands nowhere else: nobody else has seen it. Elsewhere a
    cell that holds one of them counts as hit if its image is that, or what stood in this very cell; or if it is one of
    our own, in a row that is new.
    """
    standing = {"", *(text_of(cell) for grid in (landing.missed, landing.stood.cells) for row in grid for cell in row)}
    moved = defaultdict[str, list[Cell]](list)
    for hit in hits:
        place = hit.row, hit.column
        if place not in landing.ours and not is_blank(hit.value):
            moved[text_of(hit.value)].append(images.get(place))
        elif text_of(images.get(place)) not in standing:
            yield *place, images[place]
    rows = range(landing.stood.header + 1, len(landing.stood.cells)) if moved else ()
    for row, (column, source) in product(rows, landing.columns.items()):
        found, origin = moved.get(landing.stood.text(row, column), ()), landing.rows.get(row)
        expected = at(landing.missed, origin, source)
        if source in landing.service:
            if found and origin is None:
                yield row, column, None
        elif found and not same(at(landing.stood.cells, row, column), expected):
            yield from ((row, column, image) for image in found if text_of(image) not in standing)
            if any(not is_blank(image) and same(image, expected) for image in found):
                yield row, column, at(page.clean, origin, source)


def _ours(page: Page, landing: _Landing) -> Iterator[tuple[int, int, int, int]]:
    """Row and column, and where both come from, of every cell of which the page says what of ours it should hold."""
    service = [(column, source) for column, source in landing.columns.items() if source in landing.service]
    team = [(column, source) for column, source in landing.columns.items() if source not in landing.service]
    for row, origin in landing.rows.items():
        if row > landing.stood.header and origin > landing.before.index:
            yield from ((row, column, origin, source) for column, source in service)
        if origin < len(page.clean) and page.clean[origin] is not page.wanted[origin]:
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
        queue = standing.get(tuple(text_of(placed.get(column)) for column in range(width)))
        if not queue:
            continue
        row = queue.popleft()
        right = {new[field]: value for field, value in values.items() if field in new}
        for column in sorted({*placed, *right}):
            if not same(at(seen, row, column), right.get(column)):
                yield Hit(row, column, right.get(column), at(seen, row, column))


def _put(grid: list[list[Cell]], row: int, column: int, value: Cell) -> None:
    grid.extend([] for _ in range(row + 1 - len(grid)))
    grid[row].extend([None] * (column + 1 - len(grid[row])))
    grid[row][column] = value
