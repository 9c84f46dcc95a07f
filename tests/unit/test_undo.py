"""Taking a run back: the team's words return, a person's later word stays and is named, and it is not tidied again."""

from pathlib import Path

import pytest

from sync.history import Event
from sync.undo import where
from tests.workbooks_for_tests import ANNA, PIOTR, Desk, at, desk, invoice, run_of, settings
from validators.errors import WrongUse

DAY, LATER, LATEST = "2026-10-13", "2026-10-13T12:00", "2026-10-13T15:00"
RUN = run_of(at(DAY))


def untidy(folder: Path, mode: str = "draft") -> Desk:
    clients = [{**ANNA, "stage": "KLIENT", "tags": "vip , Vip;stały"}, {**PIOTR, "stage": "wycena"}]
    return desk(folder, [invoice()], clients, settings(mode))


def words(office: Desk) -> list[object]:
    cells = (("K-0001", "stage"), ("K-0001", "tags"), ("K-0002", "stage"))
    return [office.cell("clients", id_, field) for id_, field in cells]


def test_what_the_run_tidied_stands_again_as_it_was_typed(tmp_path: Path) -> None:
    office = untidy(tmp_path)
    office.sync(DAY)
    assert words(office) == ["Klient", "VIP, stały klient", "Oferta"]
    undoing = office.undo(LATER, RUN)
    assert words(office) == ["KLIENT", "vip , Vip;stały", "wycena"]
    assert undoing.kept == ()
    assert {(e.id, e.field, e.before, e.after) for e in office.history("undone")} == {
        ("K-0001", "stage", "Klient", "KLIENT"),
        ("K-0001", "tags", "VIP, stały klient", "vip , Vip;stały"),
        ("K-0002", "stage", "Oferta", "wycena"),
    }


def test_a_later_edit_by_a_person_is_kept_and_named(tmp_path: Path) -> None:
    office = untidy(tmp_path)
    office.sync(DAY)
    office.types("clients", "K-0001", "stage", "Negocjacje")
    undoing = office.undo(LATER, RUN)
    assert words(office) == ["Negocjacje", "vip , Vip;stały", "wycena"]
    assert [where(event, "pl") for event in undoing.kept] == ["K-0001, Etap"]


def test_the_next_sync_leaves_what_was_put_back_and_tidies_what_is_typed_anew(tmp_path: Path) -> None:
    office = untidy(tmp_path)
    office.sync(DAY)
    office.undo(LATER, RUN)
    office.sync(LATEST)
    assert words(office) == ["KLIENT", "vip , Vip;stały", "wycena"]
    assert office.look(LATEST).plan.empty
    office.types("clients", "K-0002", "stage", "ofrta")
    office.sync("2026-10-14")
    assert words(office)[2] == "Oferta"


def test_undone_twice_the_second_time_changes_nothing(tmp_path: Path) -> None:
    office = untidy(tmp_path)
    office.sync(DAY)
    office.undo(LATER, RUN)
    before = office.workbook.read()
    again = office.undo(LATEST, RUN)
    assert (again.plan.empty, again.kept) == (True, ())
    assert office.workbook.read() == before


def test_undoing_the_undo_is_no_undo_of_a_sync(tmp_path: Path) -> None:
    """An undo's own run put the team's words back: there is nothing of ours in it to take away."""
    office = untidy(tmp_path)
    office.sync(DAY)
    office.undo(LATER, RUN)
    assert office.undo(LATEST, f"undo-{LATER}").plan.empty


def test_ids_statuses_and_what_was_sent_are_not_taken_back(tmp_path: Path) -> None:
    """A letter that has left cannot be called back: the ladder stands."""
    office = untidy(tmp_path, "live")
    office.sync(DAY)
    office.undo(LATER, RUN)
    assert office.cell("invoices", "F-0001", "last_step") == "+1"
    assert office.cell("invoices", "F-0001", "status") == "Po terminie"
    assert office.sync(LATEST).letters == ()


def test_a_row_that_has_gone_is_named_and_nothing_else_is_touched(tmp_path: Path) -> None:
    office = untidy(tmp_path)
    office.sync(DAY)
    office.types("clients", "K-0002", "id", "K-0099")
    undoing = office.undo(LATER, RUN)
    assert [event.id for event in undoing.kept] == ["K-0002"]
    assert words_of_anna(office) == ["KLIENT", "vip , Vip;stały"]


def words_of_anna(office: Desk) -> list[object]:
    return [office.cell("clients", "K-0001", field) for field in ("stage", "tags")]


def test_a_run_that_nobody_knows_is_refused_and_the_last_ones_named(tmp_path: Path) -> None:
    office = untidy(tmp_path)
    with pytest.raises(WrongUse) as empty:
        office.undo(LATER, "20200101T000000-zzzz")
    assert "nothing to undo" in empty.value.advice
    office.sync(DAY)
    with pytest.raises(WrongUse) as refusal:
        office.undo(LATER, "20200101T000000-zzzz")
    assert RUN in refusal.value.advice


def test_the_place_of_an_event_is_named_in_the_language_of_the_sheet() -> None:
    event = Event(None, "r", "normalised", "clients", "K-0001", "stage", "a", "b", "")
    assert (where(event, "pl"), where(event, "en")) == ("K-0001, Etap", "K-0001, Stage")
