"""The people who edit beside us in tests: they do what people do, and every loss that they suffer is noticed."""

from pathlib import Path

import pytest

from sync.snapshot import Sheet
from tests.fakes.clocks import VirtualClock
from tests.fakes.editing import KINDS, Editor, see
from tests.fakes.people import Adversary, People
from tests.fakes.real_client import connected
from tests.fakes.sheets_server import FakeSheets, Logged
from tests.fakes.spreadsheet import Spreadsheet
from validators.rows import Cell

CLIENTS = ("ID", "Nazwa", "E-mail", "Etap", "Kolor auta", "Notatki", "Saldo", "Problemy")
INVOICES = ("ID", "Numer", "Klient", "Termin płatności", "Kwota brutto", "Status", "Pozostało")


def office(rows: int = 30) -> tuple[Sheet, Sheet]:
    clients = [(f"K-{i:04d}", f"Firma {i}", f"a{i}@b.pl", "Oferta", "biały", None, i, "") for i in range(rows)]
    invoices = [(f"F-{i:04d}", f"FV/{i}", f"Firma {i}", None, 100 + i, "Po terminie", i) for i in range(rows)]
    return Sheet("Klienci", [("Nasi klienci",), CLIENTS, *clients]), Sheet("Faktury", [INVOICES, *invoices])


def book() -> Spreadsheet:
    return Spreadsheet("x", "Biuro", office())


def edited(editor: Editor, times: int = 800) -> Spreadsheet:
    standing = book()
    for _ in range(times):
        editor.edit(standing)
    return standing


def records(standing: Spreadsheet, title: str) -> dict[Cell, dict[str, Cell]]:
    """Every row with an id, by id: what stands in the columns that Kartoteka knows, or the team named."""
    view = see(standing, title)
    assert view is not None
    rows = (
        {name: view.value(row, column) for column, name in enumerate(view.names) if name}
        for row in range(view.first, view.end)
    )
    return {row["id"]: row for row in rows if row["id"] is not None}


def test_left_alone_people_lose_nothing_and_misplace_nothing() -> None:
    editor = Editor(1)
    standing = edited(editor)
    assert (editor.lost(standing), editor.misplaced(standing)) == ([], [])
    assert len(editor.typed) > 50


def test_people_do_everything_that_they_may_and_nothing_else() -> None:
    editor = Editor(2)
    edited(editor)
    assert set(editor.done) == set(KINDS)
    only = Editor(2, kinds=("sort", "move_row"))
    before = {title: records(book(), title) for title in only.tabs}
    assert {title: records(edited(only, 100), title) for title in only.tabs} == before
    assert set(only.done) == {"sort", "move_row"}


def test_the_same_seed_does_the_same() -> None:
    assert edited(Editor(3), 300).snapshot() == edited(Editor(3), 300).snapshot()
    assert edited(Editor(3), 300).snapshot() != edited(Editor(4), 300).snapshot()


def test_ids_stay_with_their_names_and_headers_stay_understood() -> None:
    standing = edited(Editor(5))
    for title, column in (("Klienci", "name"), ("Faktury", "number")):
        before, after = records(book(), title), records(standing, title)
        assert after
        assert all(before[id_][column] == row[column] for id_, row in after.items())


def test_pasting_touches_service_columns_only() -> None:
    standing = edited(Editor(6, kinds=("paste",)), 200)
    before, after = records(book(), "Klienci"), records(standing, "Klienci")
    service = {"open_balance", "problems"}
    changed = {name for id_, row in after.items() for name, value in row.items() if before[id_][name] != value}
    assert changed == service


def test_the_number_of_rows_stays_between_half_and_twice() -> None:
    standing = edited(Editor(7, kinds=("insert", "insert_empty", "delete")))
    assert all(15 <= len(sheet.rows) <= 62 for sheet in standing.snapshot())


def test_a_text_that_somebody_else_overwrites_is_lost() -> None:
    editor = Editor(8, ("Klienci",), ("type",))
    standing = edited(editor, 1)
    (typed,) = editor.typed.values()
    view = see(standing, "Klienci")
    assert view is not None
    ((row, column, _),) = view.texts()
    view.sheet.set(row, column, typed.before)
    assert editor.lost(standing) == [typed]


def test_a_text_that_stands_only_in_another_tab_is_lost() -> None:
    editor = Editor(8, ("Klienci",), ("type",))
    standing = edited(editor, 1)
    (typed,) = editor.typed.values()
    standing.tab("Klienci").delete_rows(2, 30)
    standing.tab("Faktury").set(5, 5, typed.text)
    assert editor.lost(standing) == [typed]


@pytest.mark.parametrize(("down", "right"), [(1, 0), (0, 1)])
def test_a_text_in_another_row_or_column_is_misplaced_even_when_it_also_stands_where_it_belongs(
    down: int, right: int
) -> None:
    editor = Editor(9, ("Klienci",), {"type": 1})
    standing = edited(editor, 1)
    view = see(standing, "Klienci")
    assert view is not None
    ((row, column, text),) = view.texts()
    view.sheet.set(row + down, column + right, text)
    assert editor.lost(standing) == []
    assert [typed.text for typed in editor.misplaced(standing)] == [text]


def test_a_row_that_they_delete_themselves_is_no_loss() -> None:
    editor = Editor(10, kinds=("type", "delete", "insert"))
    standing = edited(editor, 500)
    assert editor.done["delete"] > 50
    assert editor.lost(standing) == []


def test_the_stage_that_they_last_wrote_is_remembered() -> None:
    editor = Editor(15, kinds=("word", "type", "sort", "delete", "insert"))
    standing = edited(editor, 500)
    now = {("Klienci", row["name"]): row["stage"] for row in records(standing, "Klienci").values()}
    known = {place: word for place, word in editor.stages.items() if place in now}
    assert known
    assert known == {place: now[place] for place in known}


def test_people_act_at_their_rate_whenever_a_request_comes(tmp_path: Path) -> None:
    clock = VirtualClock()
    with FakeSheets(clock=clock.now) as server:
        standing = server.add("Biuro", office())
        people = People(11, 5.0, clock=clock.now)
        server.before.append(people.act)
        client = connected(server, tmp_path / "key.json")
        for _ in range(10):
            clock.sleep(20)
            client.values_get(standing.id, "Klienci!A1")
        assert people.done.total() == pytest.approx(1000, rel=0.15)
        assert (people.lost(standing), people.misplaced(standing)) == ([], [])


def test_an_adversary_strikes_before_the_first_write_of_a_sync_and_so_many_repairs(tmp_path: Path) -> None:
    with FakeSheets() as server:
        standing = server.add("Biuro", office())
        adversary = Adversary(12, ("type",), repairs=2, at_once=1)
        struck: list[int] = []
        server.before += [adversary.act, lambda *_: struck.append(adversary.done.total())]
        client = connected(server, tmp_path / "key.json")
        nothing = {"requests": [{"findReplace": {"find": "?", "replacement": "", "allSheets": True}}]}
        client.values_get(standing.id, "Klienci!A1")
        for _ in range(4):
            client.batch_update(standing.id, nothing)
        adversary.begin()
        client.batch_update(standing.id, nothing)
        assert struck == [0, 1, 2, 3, 3, 4]


def test_a_scripted_adversary_does_its_steps_in_order_in_one_tab() -> None:
    steps = ("type", "move_column", "sort")
    with FakeSheets() as server:
        standing = server.add("Biuro", office())
        adversary = Adversary(16, script=steps)
        adversary.act(server, Logged(0, "POST", "", "batchUpdate", {}, b"", standing.id))
        before = book().snapshot()
    assert adversary.done == dict.fromkeys(steps, 1)
    assert sum(new != old for new, old in zip(standing.snapshot(), before, strict=True)) == 1


def test_writing_by_remembered_numbers_beside_an_adversary_is_caught(tmp_path: Path) -> None:
    """What all this is for: the way that every other tool writes shows up as lost texts."""
    with FakeSheets() as server:
        standing = server.add("Biuro", office())
        adversary = Adversary(13, ("type", "move_column"), tabs=("Klienci",))
        server.before.append(adversary.act)
        client = connected(server, tmp_path / "key.json")
        for _ in range(20):
            rows = client.values_get(standing.id, "Klienci")["values"]
            column = rows[1].index("Saldo")
            balances = [{"values": [{"userEnteredValue": {"numberValue": 0}}]} for _ in rows[2:]]
            start = {"sheetId": standing.tab("Klienci").sheet_id, "rowIndex": 2, "columnIndex": column}
            update = {"start": start, "rows": balances, "fields": "userEnteredValue"}
            adversary.begin()
            client.batch_update(standing.id, {"requests": [{"updateCells": update}]})
        assert adversary.lost(standing)
