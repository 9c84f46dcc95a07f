"""Examples of what is put right after a write that met people; what holds in general is in test_mending.py."""

from sync.mending import differences, mended
from sync.recognising import Formula, Hit, Page, filled
from validators.rows import Cell, Grid
from validators.tabs import CLIENTS

HEADINGS = ("ID", "Nazwa", "Etap", "", "", "Problemy")
LINES: Grid = [
    HEADINGS,
    ("K-0001", "Alfa", "oferta", "czerwony", "tel. rano", None),
    ("K-0002", "Beta", "nowy", "biały", "tel. rano", None),
    ("K-0003", "Gama", "oferta", None, "oferta", None),
]


def page(*hits: Hit, lines: Grid = LINES) -> Page:
    return Page(CLIENTS, lines, filled(lines, hits))


def moved(lines: Grid, *order: int) -> Grid:
    """The same with its columns in this order."""
    return [[line[column] if column < len(line) else None for column in order] for line in lines]


def written(lines: Grid, *hits: Hit) -> tuple[Grid, dict[tuple[int, int], Cell]]:
    """What stands after a write by position, and what stood there before."""
    return filled(lines, hits), {(hit.row, hit.column): lines[hit.row][hit.column] for hit in hits}


def test_columns_without_a_heading_are_known_by_what_stands_in_them() -> None:
    hits = [Hit(1, 3, "ours"), Hit(2, 3, None, "biały"), Hit(3, 5, "brak")]
    seen, images = written(moved(LINES, 4, 3, 0, 1, 2, 5), *hits)
    after = mended(page(*hits), hits, seen, images)
    assert after.clean == moved(LINES, 4, 3, 0, 1, 2, 5)
    assert [line[:2] for line in after.wanted] == [
        ["", ""],
        ["tel. rano", "ours"],
        ["tel. rano", None],
        ["oferta", None],
    ]


def test_texts_are_not_reworded_in_a_column_that_came_to_lie_there() -> None:
    """All "oferta" of the stages were to be "Oferta"; meanwhile a column of the team's own was moved to their place."""
    everywhere = Hit(1, 2, "Oferta", "oferta", guarded=True)
    meanwhile = moved(LINES, 0, 1, 4, 3, 2, 5)
    seen = filled(meanwhile, [Hit(3, 2, "Oferta")])
    after = mended(page(), [], seen, replaced=[everywhere])
    assert after.clean == after.wanted == meanwhile


def test_a_text_that_was_reworded_where_it_was_meant_stays_so() -> None:
    everywhere = Hit(1, 2, "Oferta", "oferta", guarded=True)
    seen = filled(LINES, [Hit(1, 2, "Oferta"), Hit(3, 2, "Oferta")])
    assert list(differences(seen, mended(page(), [], seen, replaced=[everywhere]).wanted)) == []


def test_what_we_left_in_a_row_that_nobody_knows_any_more_is_cleared() -> None:
    """It fell on a blank row; then somebody began to write there, and our value was to be taken away from another."""
    stray = Hit(5, 5, None, "brak")
    before = page(lines=[*LINES, []])
    seen = [*LINES, [], [], [None, "Delta", None, "nowa", None, "brak"]]
    after = mended(Page(CLIENTS, before.clean, before.wanted), [stray], seen)
    assert after.wanted[6] == [None, "Delta", None, "nowa", None, None]


def test_a_formula_that_was_hit_is_put_back_as_it_was_typed() -> None:
    hit = Hit(1, 5, "brak")
    there = moved(LINES, 0, 1, 2, 5, 4, 3)
    seen = filled(there, [hit])
    after = mended(page(hit), [hit], seen, {(1, 5): Formula('=IF(1;"czerwony")')})
    assert after.wanted[1] == ["K-0001", "Alfa", "oferta", "brak", "tel. rano", Formula('=IF(1;"czerwony")')]


def test_typed_before_it_was_hit_and_read_only_later_it_is_put_where_our_value_stands() -> None:
    hit = Hit(1, 3, None, "czerwony")
    seen, images = written(filled(LINES, [Hit(1, 3, "tylko mailem")]), hit)
    assert mended(page(), [hit], seen, images, later=True).wanted[1][3] == "tylko mailem"


def test_a_name_put_back_in_a_row_of_nothing_else_stays_though_nobody_knows_what_stood_there() -> None:
    lines: Grid = [*LINES, (None, "Delta")]
    hits = [Hit(4, 0, "K-0004"), Hit(4, 1, "Delta", "K-0004", guarded=True)]
    before = page(*hits, lines=lines)
    assert list(differences(before.wanted, mended(before, hits, before.wanted).wanted)) == []


def test_an_id_that_fell_on_a_new_row_is_cleared_although_the_row_was_moved_before_anybody_looked() -> None:
    hit = Hit(3, 0, "K-0009", "K-0003")
    new = [None, "Delta"]
    _, images = written([*LINES[:3], new, LINES[3]], hit)
    seen = [*LINES, ["K-0009", "Delta"]]
    after = mended(page(hit), [hit], seen, images, later=True)
    assert [row[0] for row in after.wanted[3:]] == ["K-0009", None]


def test_a_name_put_back_in_a_row_of_nothing_else_stays_wherever_that_is_among_empty_rows() -> None:
    """It was cleared by mistake and put back; then somebody inserted a row, before it was written or after that."""
    lines: Grid = [*LINES, [], (None, "Delta")]
    hits = [Hit(5, 0, "K-0004"), Hit(5, 1, "Delta")]
    before = page(*hits, lines=lines)
    inserted_before = [*LINES[:3], [], LINES[3], lines[5], []]
    seen = filled(inserted_before, hits)
    assert list(differences(seen, mended(before, hits, seen).wanted)) == []
    inserted_after = [*before.wanted[:3], [], *before.wanted[3:]]
    assert list(differences(inserted_after, mended(before, hits, inserted_after, later=True).wanted)) == []
