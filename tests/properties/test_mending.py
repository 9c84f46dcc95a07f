"""Whatever people do to a sheet between our write and its repairs: theirs stays where they put it, ours gets where it
belongs. The sheet is a plain grid beside which the truth is kept: what people have in each cell, whose row it is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import count

from hypothesis import given
from hypothesis import settings as given_settings
from hypothesis import strategies as st

from sync.changes import same
from sync.mending import differences, mended
from sync.recognising import Hit, Page, at, filled
from validators.rows import Cell, as_text
from validators.tabs import CLIENTS

HEADINGS = ("ID", "Nazwa", "Saldo", "Etap", "Kolor auta", "Problemy", "", "Notatki")
ID, SERVICE, STAGE, TEAM = 0, (0, 2, 5), 3, (1, 3, 4, 6, 7)
STAGES = ("oferta", "Klient ", "nowy")
BY_ROWS = ("type", "sort", "insert", "delete", "move_row", "insert_above")
ALL = (*BY_ROWS, "move_column", "insert_column", "rename")
numbers = st.integers(0, 1000)
few = given_settings(max_examples=150)


@dataclass(frozen=True, slots=True)
class Spot:
    """A cell: what stands there, and what people have there."""

    stands: Cell = None
    theirs: Cell = None


@dataclass
class Desk:
    """A sheet at work: its cells, whose row and which column each is (None: of no record, a new column)."""

    cells: list[list[Spot]]
    records: list[int | None]
    columns: list[int | None]
    header: int = 0
    typed: int = 0

    def grid(self) -> list[list[Cell]]:
        return [[spot.stands for spot in row] for row in self.cells]

    def write(self, hits: Sequence[Hit]) -> dict[tuple[int, int], Cell]:
        """What Google does with a batch; what stood in the cells before."""
        images = {}
        for hit in hits:
            self.cells.extend([Spot()] * len(self.columns) for _ in range(hit.row + 1 - len(self.cells)))
            self.records.extend([None] * (len(self.cells) - len(self.records)))
            spot = self.cells[hit.row][hit.column]
            images[hit.row, hit.column] = spot.stands
            if not hit.guarded or spot.stands == hit.before:
                self.cells[hit.row][hit.column] = replace(spot, stands=hit.value)
        return images

    def edit(self, kind: str, one: int, other: int) -> None:
        first, end, width = self.header + 1, len(self.cells), len(self.columns)
        row, to = first + one % max(end - first, 1), first + other % max(end - first, 1)
        if kind == "insert":
            self._insert(row, first)
        elif kind == "insert_above" and self.header < 4:
            self._insert(one % (self.header + 1), first)
            self.header += 1
        elif kind == "insert_column" and width < 12:
            self.columns.insert(one % (width + 1), None)
            for line in self.cells:
                line.insert(one % (width + 1), Spot())
        elif kind == "move_column":
            order = list(range(width))
            order.insert(other % width, order.pop(one % width))
            self.columns = [self.columns[column] for column in order]
            self.cells = [[line[column] for column in order] for line in self.cells]
        elif kind == "rename" and STAGE in self.columns:
            self._put(self.header, self.columns.index(STAGE), ("Stage", "etap:", "Status klienta")[one % 3])
        elif end > first:
            self._edit_row(kind, row, to, other)

    def _edit_row(self, kind: str, row: int, to: int, other: int) -> None:
        if kind == "type":
            columns = [c for c, source in enumerate(self.columns) if source not in (*SERVICE, 1)]
            self.typed += 1
            self._put(row, columns[other % len(columns)], f"wpis {self.typed}")
        elif kind == "delete" and self.records[row] != 1:
            # Of columns in which nothing at all stands nobody could tell which is which.
            del self.cells[row], self.records[row]
        elif kind == "move_row":
            self.cells.insert(to, self.cells.pop(row))
            self.records.insert(to, self.records.pop(row))
        elif kind == "sort":
            key: Callable[[int], str] = lambda r: as_text(self.cells[r][other % len(self.columns)].stands)  # noqa: E731
            order = [*range(self.header + 1), *sorted(range(self.header + 1, len(self.cells)), key=key)]
            self.cells, self.records = [self.cells[r] for r in order], [self.records[r] for r in order]

    def _insert(self, row: int, first: int) -> None:
        self.cells.insert(row, [Spot()] * len(self.columns))
        self.records.insert(row, None)
        if row >= first:
            self.typed += 1
            self._put(row, self.columns.index(1), f"Nowa {self.typed}")

    def _put(self, row: int, column: int, text: str) -> None:
        self.cells[row][column] = Spot(text, text)


@st.composite
def desks(draw: st.DrawFn) -> tuple[Desk, Page, list[Hit]]:
    """A sheet as read, what should stand on it, and the hits that we send."""
    numbered = count()
    lines: list[list[Cell]] = [list(HEADINGS)]
    for row in range(1, draw(st.integers(2, 8))):
        blank: Sequence[Cell] = () if row == 1 else (None,)
        own = [None if row > 1 and draw(st.booleans()) else f"wpis {next(numbered)}a" for _ in range(3)]
        balance, stage = draw(st.sampled_from((*blank, 100, 5))), draw(st.sampled_from((*blank, *STAGES)))
        problems = draw(st.sampled_from((*blank, "Uzupełnij adres.")))
        id_ = draw(st.sampled_from((*blank, f"K-{row:04}")))
        lines.append([id_, f"Firma {row}", balance, stage, own[0], problems, own[1], own[2]])
    hits = []
    for row, line in enumerate(lines[1:], 1):
        if line[ID] is None:
            hits.append(Hit(row, ID, f"K-{row + 90:04}"))
        for column, right in ((2, 231), (5, "Uzupełnij e-mail.")):
            value = draw(st.sampled_from((line[column], right, None if row > 1 else right)))
            if not same(line[column], value):
                hits.append(Hit(row, column, value, line[column]))
        if line[STAGE] is not None and draw(st.booleans()):
            hits.append(Hit(row, STAGE, f"Etap {line[STAGE]}".strip(), line[STAGE], guarded=True))
    desk = Desk([[Spot(cell, cell) for cell in line] for line in lines], list(range(len(lines))), list(range(8)))
    return desk, Page(CLIENTS, lines, filled(lines, hits)), hits


def kinds_of(names: Sequence[str]) -> st.SearchStrategy[list[list[tuple[str, int, int]]]]:
    """What people do before each of our writes, as long as they work."""
    return st.lists(st.lists(st.tuples(st.sampled_from(names), numbers, numbers), max_size=3), min_size=1, max_size=4)


def settled(desk: Desk, page: Page, hits: Sequence[Hit], rounds: Sequence[Sequence[tuple[str, int, int]]]) -> Page:
    """Write and mend, with people at work in each of `rounds` and nobody after, until nothing is left to write."""
    for number in range(len(rounds) + 3):
        for edit in rounds[number] if number < len(rounds) else ():
            desk.edit(*edit)
        images, seen = desk.write(hits), desk.grid()
        page = mended(page, hits, seen, images)
        hits = list(differences(seen, page.wanted))
        if not hits and number >= len(rounds) - 1:
            return page
    raise AssertionError(f"still to be written: {hits}")


def check(desk: Desk, wanted: Page) -> None:
    """Everybody's texts stand where they typed them, ours with the record they are about, and nowhere else."""
    for row, (line, record) in enumerate(zip(desk.cells, desk.records, strict=True)):
        for column, (spot, source) in enumerate(zip(line, desk.columns, strict=True)):
            where = (row, column, record, source, spot)
            if row <= desk.header or source not in (*SERVICE, STAGE):
                assert same(spot.stands, spot.theirs), where
            elif source == STAGE:
                assert same(spot.stands, spot.theirs) or same(spot.stands, at(wanted.wanted, record, STAGE)), where
            else:
                assert same(spot.stands, at(wanted.wanted, record, source) if record else None), where


@few
@given(desks(), kinds_of(ALL))
def test_theirs_stays_and_ours_gets_where_it_belongs(
    found: tuple[Desk, Page, list[Hit]], rounds: list[list[tuple[str, int, int]]]
) -> None:
    desk, page, hits = found
    settled(desk, page, hits, rounds)
    check(desk, page)


@few
@given(desks())
def test_where_nobody_did_anything_one_write_is_enough(found: tuple[Desk, Page, list[Hit]]) -> None:
    desk, page, hits = found
    images, seen = desk.write(hits), desk.grid()
    after = mended(page, hits, seen, images)
    assert list(differences(seen, after.wanted)) == []
    assert list(differences(page.clean, after.clean)) == []
    assert list(differences(page.wanted, after.wanted)) == []


@few
@given(desks())
def test_a_page_that_stands_as_it_should_is_left_alone(found: tuple[Desk, Page, list[Hit]]) -> None:
    _, page, _ = found
    after = mended(page, [], page.wanted)
    assert (after.clean, after.wanted) == (page.clean, page.wanted)


@few
@given(desks(), st.lists(st.tuples(st.sampled_from(ALL), numbers, numbers), max_size=4))
def test_mending_what_is_mended_changes_nothing(
    found: tuple[Desk, Page, list[Hit]], edits: list[tuple[str, int, int]]
) -> None:
    desk, page, hits = found
    for edit in edits:
        desk.edit(*edit)
    images, seen = desk.write(hits), desk.grid()
    once = mended(page, hits, seen, images)
    again = mended(once, [], once.wanted)
    assert (again.clean, again.wanted) == (once.clean, once.wanted)


@few
@given(desks(), st.lists(st.tuples(st.sampled_from(BY_ROWS), numbers, numbers), max_size=4))
def test_without_images_too_when_only_rows_were_moved(
    found: tuple[Desk, Page, list[Hit]], edits: list[tuple[str, int, int]]
) -> None:
    """What falls then falls into our own columns, or on a stage where exactly the same stood."""
    desk, page, hits = found
    wanted = page
    for edit in edits:
        desk.edit(*edit)
    for _ in range(4):
        desk.write(hits)
        page = mended(page, hits, desk.grid())
        hits = list(differences(desk.grid(), page.wanted))
    assert hits == []
    check(desk, wanted)
