"""What follows from the history: ladders, claims, attempts, drafts, counts, and what meddling cannot break."""

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Literal

import pytest

from mailers.reminders import LetterState, Receipt
from sync.history import Event, Facts, claims, events, facts, outcomes
from sync.plan import Plan
from sync.resolve import resolve
from tests.workbooks_for_tests import ANNA, Desk, at, desk, invoice, settings, sheet
from validators.errors import WrongUse
from validators.headers import Header, find_header
from validators.rows import Cell, table
from validators.tabs import HISTORY

ONE, TWO = "<kartoteka.1@x.pl>", "<kartoteka.2@x.pl>"
MON, TUE = date(2026, 10, 12), date(2026, 10, 13)


def event(name: str, on: date = MON, message_id: str = ONE, **values: str) -> Event:
    standard = {"run": "r1", "tab": "invoices", "id": "F-0001", "field": "last_step", "before": "", "after": "+1"}
    words = {**standard, **values}
    return Event(on=on, event=name, details=f"{message_id} szczegóły", **words)


def story(*names: str) -> Facts:
    return facts(event(f"reminder {name}") for name in names)


@pytest.mark.parametrize(
    ("names", "ladder", "open_claims", "attempts", "unknown"),
    [
        (["claimed"], ("+1", MON), 1, 0, 0),
        (["claimed", "sent"], ("+1", MON), 0, 0, 0),
        (["claimed", "failed"], ("", None), 0, 1, 0),
        (["claimed", "unknown"], ("+1", MON), 0, 0, 1),
        (["claimed", "unknown", "sent"], ("+1", MON), 0, 0, 0),
        (["claimed", "unknown", "failed"], ("", None), 0, 1, 0),
        (["claimed", "failed", "claimed", "failed"], ("", None), 0, 2, 0),
        (["sent"], ("+1", MON), 0, 0, 0),
    ],
)
def test_how_far_the_ladder_went(
    names: Sequence[str], ladder: tuple[str, date | None], open_claims: int, attempts: int, unknown: int
) -> None:
    """A claim counts until it has failed; what is unknown counts as sent, so that it is never sent again by itself."""
    found = story(*names)
    assert found.ladder["F-0001"] == ladder
    assert len(found.open_claims()) == open_claims
    assert found.attempts["F-0001", "+1"] == attempts
    assert len(found.unknown) == unknown


def test_after_a_failure_the_ladder_stands_at_the_step_before() -> None:
    found = facts(
        [
            event("reminder claimed"),
            event("reminder sent"),
            event("reminder claimed", TUE, TWO, before="+1", after="+7"),
            event("reminder failed", TUE, TWO, before="+1", after="+7"),
        ]
    )
    assert found.ladder["F-0001"] == ("+1", MON)
    assert found.letters_by_day() == {MON: 1}


def test_a_draft_moves_nothing() -> None:
    found = story("drafted")
    assert (found.ladder, found.letters_by_day(), set(found.drafted)) == ({}, {}, {ONE})


def test_a_letter_of_three_invoices_is_one_letter() -> None:
    found = facts(event(f"reminder {name}", id=f"F-{n}") for name in ("claimed", "sent") for n in range(3))
    assert (found.letters_by_day(), found.letters_in("r1"), found.letters_in("r2")) == ({MON: 1}, 1, 0)


def test_claims_and_outcomes_keep_the_facts_up_to_date_within_a_run(tmp_path: Path) -> None:
    office = desk(tmp_path, [invoice()], options=settings("live"))
    letters, found, now = office.look("2026-10-13").today.letters, Facts(), at("2026-10-13")
    assert [row.values["event"] for row in claims(found, letters, now, "r1", "pl")] == ["przypomnienie w toku"]
    assert found.ladder["F-0001"] == ("+1", TUE)
    receipt = Receipt(letters[0].message_id, LetterState.SENT, "ok")
    assert len(outcomes(found, [receipt], now, "r1", "pl")) == 1
    assert found.open_claims() == ()
    assert outcomes(found, [receipt], now, "r1", "pl") == []  # told twice, it is written once


def read(*rows: Sequence[Cell], header: Sequence[str] = ()) -> list[Event]:
    grid = [header or [f.pl for f in HISTORY.fields], *rows]
    found = find_header(grid, HISTORY)
    assert isinstance(found, Header)
    return list(events(table(HISTORY, found, grid)))


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        (datetime.fromisoformat("2026-10-12T09:00"), MON),
        (MON, MON),
        (46307.375, MON),
        (46307, MON),
        ("2026-10-12 09:00", MON),
        ("2026-10-12", MON),
        ("wczoraj", None),
        (None, None),
    ],
)
def test_the_day_is_read_however_the_cell_holds_it(cell: Cell, day: date | None) -> None:
    assert read((cell, "r1", "przypomnienie wysłane", "invoices", "F-0001"))[0].on == day


def test_events_are_known_in_both_languages_and_strange_ones_do_no_harm() -> None:
    rows = [
        (MON, "r1", label, "invoices", "F-1") for label in ("Reminder sent", "PRZYPOMNIENIE WYSŁANE", "dopisek Ani")
    ]
    assert [e.event for e in read(*rows)] == ["reminder sent", "reminder sent", "dopisek Ani"]
    assert facts(read(*rows)).ladder["F-1"] == ("", MON)


def test_the_history_knows_better_than_what_somebody_typed_into_the_service_columns(tmp_path: Path) -> None:
    """*Ostatni krok* wiped or changed by hand: the letter does not go twice, and the column is put right."""
    office = desk(tmp_path, [invoice()], options=settings("live"))
    office.sync("2026-10-13")
    for typed in (None, "+30"):
        office.types("invoices", "F-0001", "last_step", typed)
        assert office.sync("2026-10-14").letters == ()
        assert office.cell("invoices", "F-0001", "last_step") == "+1"


def test_where_the_history_is_silent_the_sheet_counts(tmp_path: Path) -> None:
    """A workbook from elsewhere says +7 was sent on 20 October: the next is +14."""
    fields = ["id", "number", "client", "due_on", "amount", "last_step", "last_reminder_on"]
    row = {**invoice(), "id": "F-0001", "last_step": "+7", "last_reminder_on": date(2026, 10, 20)}
    office = desk(tmp_path, sheets=[sheet("clients", [ANNA]), sheet("invoices", [row], fields)])
    assert office.answer("2026-10-21").step == "+14"
    office.sync("2026-10-21")
    assert office.cell("invoices", "F-0001", "last_step") == "+7"


def in_doubt(folder: Path) -> Desk:
    """A desk whose history says that a letter's fate is unknown."""
    office = desk(folder, [invoice()], options=settings("live"))
    letters, found, now = office.look("2026-10-13").today.letters, office.gathered().past, at("2026-10-13")
    rows = claims(found, letters, now, "r1", "pl")
    rows += outcomes(found, [Receipt(letters[0].message_id, LetterState.UNKNOWN)], now, "r1", "pl")
    snapshot = office.workbook.read()
    office.workbook.apply(Plan("r1", snapshot.register, appended=tuple(rows)), after=snapshot)
    return office


@pytest.mark.parametrize(("word", "letters", "step"), [("sent", 0, "+1"), ("resend", 1, "+1")])
def test_a_person_settles_a_letter_in_doubt(
    tmp_path: Path, word: Literal["sent", "resend"], letters: int, step: str
) -> None:
    """*sent*: it counts as it was; *resend*: it goes once more, under another Message-ID."""
    office = in_doubt(tmp_path)
    assert office.sync("2026-10-14").letters == ()
    snapshot = office.workbook.read()
    plan = resolve(office.gathered(), "F-0001", word, "r2", snapshot.register, at("2026-10-14T10:00"), "pl")
    office.workbook.apply(plan, after=snapshot)
    outcome = office.sync("2026-10-14T11:00")
    assert len(outcome.letters) == letters
    assert office.cell("invoices", "F-0001", "last_step") == step
    assert len({e.message_id for e in office.history("reminder claimed")}) == 1 + letters


def test_where_nothing_is_in_doubt_there_is_nothing_to_settle(tmp_path: Path) -> None:
    office = desk(tmp_path, [invoice()])
    with pytest.raises(WrongUse, match="No letter of F-0001"):
        resolve(office.gathered(), "F-0001", "sent", "r", "1", at("2026-10-14"), "pl")


def test_a_copy_of_the_facts_does_not_share_what_is_added_later():
    known = Facts()
    known.claims["<a@b>"]["F-0001"] = ("", "+1")
    apart = known.copy()
    apart.claims["<a@b>"]["F-0002"] = ("", "+1")
    apart.ladder["F-0001"] = ("+1", None)
    assert (known.ladder, dict(known.claims)) == ({}, {"<a@b>": {"F-0001": ("", "+1")}})
