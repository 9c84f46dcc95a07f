"""Where the values of a plan land: by record and field, whatever the sheet looks like today."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.book import locate
from sync.placing import end_of, place
from sync.plan import AddColumn, AppendRow, Plan, SetCell
from sync.snapshot import Sheet, Snapshot
from tests.making import CLIENTS, SHEETS, client, plan
from validators.errors import WorkbookMoved, WrongUse
from validators.rows import Cell
from validators.tabs import INVOICES


def snapshot(*sheets: Sheet) -> Snapshot:
    return Snapshot("1", "w", sheets or SHEETS)


def test_a_change_lands_in_the_row_of_its_id_and_the_column_of_its_field() -> None:
    (put,) = place(snapshot(), plan(client("K-0002", "problems", "x"))).cells
    assert (put.sheet, put.row, put.column, put.value) == ("Klienci", 3, CLIENTS.index("Problemy"), "x")
    assert (put.tab, put.field) == ("clients", "problems")


def test_formulas_in_team_columns_are_passed_over_and_in_service_columns_replaced() -> None:
    sheet = Sheet("Klienci", [CLIENTS, ("K-1", "A", *[None] * 8)], frozenset({(1, 5), (1, 9)}))
    placing = place(snapshot(sheet), plan(client("K-1", "stage", "x"), client("K-1", "problems", "y")))
    assert [p.field for p in placing.cells] == ["problems"]


def test_the_key_of_a_row_is_consumed_by_the_id_it_gives() -> None:
    sheet = Sheet("Klienci", [CLIENTS, (None, "A"), ("K-1", "A")])
    key = locate(snapshot(sheet))["clients"].table().key(0)
    first = SetCell("clients", "K-2", "id", None, "K-2", key=key)
    assert [p.row for p in place(snapshot(sheet), plan(first)).cells] == [1]
    with pytest.raises(WorkbookMoved, match="K-3"):
        place(snapshot(sheet), plan(first, SetCell("clients", "K-3", "id", None, "K-3", key=key)))


def test_a_row_copied_with_its_id_can_get_one_of_its_own() -> None:
    """Two rows bear K-1; the plan says which (by what people wrote in it) becomes K-2."""
    sheet = Sheet("Klienci", [CLIENTS, ("K-1", "A"), ("K-1", "B")])
    key = locate(snapshot(sheet))["clients"].table().key(1)
    (put,) = place(snapshot(sheet), plan(SetCell("clients", "K-2", "id", "K-1", "K-2", key=key))).cells
    assert (put.row, put.value) == (2, "K-2")


def test_a_new_tab_has_its_headers_in_the_first_row_and_rows_below() -> None:
    empty = Sheet("Notatki", [])
    placing = place(snapshot(empty), plan(tabs=["invoices"], appended=[AppendRow("invoices", {"number": "FV/1"})]))
    assert placing.new_sheets == ("Faktury",)
    assert [p.value for p in placing.headers] == [f.pl for f in INVOICES.fields]
    assert [(p.row, p.column) for p in placing.rows] == [(1, 1)]


def test_a_sheet_that_is_there_but_empty_is_used() -> None:
    placing = place(snapshot(Sheet("faktury", [])), plan(tabs=["invoices"]))
    assert placing.new_sheets == ()
    assert {p.sheet for p in placing.headers} == {"faktury"}


def test_a_tab_with_a_title_of_the_team_s_own_is_found() -> None:
    sheet = Sheet("Kontrahenci", [CLIENTS, ("K-1", "A")])
    placing = place(snapshot(sheet), plan(client("K-1", "problems", "x")), {"clients": "Kontrahenci"})
    assert placing.cells[0].sheet == "Kontrahenci"


def test_a_new_column_never_lands_on_what_somebody_wrote_beside_the_table() -> None:
    sheet = Sheet("Klienci", [("Nazwa",), ("A", "notatka", None, "druga")])
    new = Plan("r", "", "en", (), (AddColumn("clients", "id"), AddColumn("clients", "problems")))
    assert [(p.column, p.value) for p in place(snapshot(sheet), new).headers] == [(2, "ID"), (4, "Problems")]


def test_a_column_or_tab_that_is_not_there_is_named() -> None:
    with pytest.raises(WrongUse, match="'Duplikat'"):
        place(snapshot(), plan(client("K-0001", "duplicate_of", "x")))
    with pytest.raises(WrongUse, match="'Szablony'"):
        place(snapshot(), plan(appended=[AppendRow("templates", {"body": "x"})]))


def test_rows_are_appended_below_formulas_that_have_no_result_yet() -> None:
    assert end_of(Sheet("x", [("a",), (None,), ("",)], frozenset({(4, 0)}))) == 5


@given(
    st.permutations(range(6)),
    st.permutations(range(len(CLIENTS))),
    st.integers(0, 5),
    st.lists(st.sampled_from(["K-0", "K-3", "K-5"]), min_size=1, max_size=3, unique=True),
)
def test_however_rows_and_columns_are_moved_values_land_by_id(
    rows: list[int], columns: list[int], above: int, ids: list[str]
) -> None:
    def mixed(row: list[Cell]) -> list[Cell]:
        return [row[c] for c in columns]

    grid: list[list[Cell]] = [
        *(mixed(["tytuł"] * 10) for _ in range(above)),
        mixed(list(CLIENTS)),
        *[mixed([f"K-{r}", f"Firma {r}", *[None] * 8]) for r in rows],
    ]
    placing = place(snapshot(Sheet("Klienci", grid)), plan(*[client(i, "problems", i) for i in ids]))
    assert len(placing.cells) == len(ids)
    for put in placing.cells:
        assert grid[put.row][columns.index(0)] == put.value
        assert grid[above][put.column] == "Problemy"
