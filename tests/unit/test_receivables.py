"""What forbids a reminder of an invoice, asked of the whole engine: a sheet in, the coded answer out."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from tests.workbooks_for_tests import ANNA, PIOTR, Values, desk, invoice, settings, sheet
from validators.rows import Cell

TUESDAY = "2026-10-13"  # a day after the due date: step +1 would go


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({}, "due"),
        ({"paid": 1230}, "paid"),
        ({"paid": 1300}, "paid"),
        ({"paid_on": "tak"}, "paid"),
        ({"paid_on": date(2026, 10, 12)}, "paid"),
        ({"cancelled": True}, "cancelled"),
        ({"cancelled": "tak"}, "cancelled"),
        ({"amount": -10}, "credit"),
        ({"paid": "1225,01"}, "below_minimum"),
        ({"paid": "1225,00"}, "due"),
        ({"due_on": None}, "no_due_date"),
        ({"hold_until": date(2026, 10, 13)}, "on_hold"),  # the day itself is held
        ({"hold_until": date(2026, 10, 12)}, "due"),
        ({"hold_until": "zawsze"}, "on_hold"),
        ({"client": "K-0002"}, "no_email"),
        ({"client": "Nikt Taki"}, "problem"),
        ({"client": None}, "problem"),
        ({"amount": "sto"}, "problem"),
        ({"amount": 0}, "paid"),  # nothing is left of nothing; the row is reported all the same
        ({"currency": "PLZ"}, "problem"),
        ({"due_on": "31.02.2026"}, "problem"),
        ({"paid": "może"}, "problem"),
        ({"paid": -5}, "problem"),
        ({"paid_on": date(2026, 10, 20)}, "problem"),  # paid in the future
        ({"paid": 0, "paid_on": date(2026, 10, 12)}, "problem"),
        ({"hold_until": "do środy"}, "problem"),
        ({"approve": "chyba"}, "problem"),
        ({"cancelled": "chyba"}, "problem"),
        ({"number": None}, "problem"),
        ({"issued_on": "wczoraj"}, "due"),  # no letter needs it
        ({"number": 1, "notes": "#REF!"}, "due"),
    ],
)
def test_the_answer_for_one_invoice(tmp_path: Path, values: Mapping[str, Cell], code: str) -> None:
    """One coded answer each; whatever could make a letter wrong stops it."""
    office = desk(tmp_path, [invoice(**values)], [ANNA, {**PIOTR, "email": None}])
    answer = office.answer(TUESDAY)
    assert (str(answer.code), answer.send) == (code, code == "due")


@pytest.mark.parametrize(
    ("client", "code"),
    [
        ({"hold_until": date(2026, 10, 13)}, "client_on_hold"),
        ({"hold_until": date(2026, 10, 12)}, "due"),
        ({"hold_until": "always"}, "client_on_hold"),
        ({"hold_until": "kiedyś"}, "problem"),
        ({"email": "jan@@x.pl"}, "no_email"),
        ({"email": "jan@@x.pl; anna@zuraw.pl"}, "due"),
    ],
)
def test_the_client_decides_too(tmp_path: Path, client: Values, code: str) -> None:
    office = desk(tmp_path, [invoice()], [{**ANNA, **client}])
    assert office.code(TUESDAY) == code


@pytest.mark.parametrize(
    ("mine", "clients", "code", "last"),
    [(15, 30, "client_on_hold", 30), (30, 15, "on_hold", 30), (20, 20, "on_hold", 20)],
)
def test_of_two_holds_the_longer_one_counts(tmp_path: Path, mine: int, clients: int, code: str, last: int) -> None:
    """The day foretold is never within the other hold."""
    held = {**ANNA, "hold_until": date(2026, 10, clients)}
    office = desk(tmp_path, [invoice(hold_until=date(2026, 10, mine))], [held])
    answer = office.answer(TUESDAY)
    assert str(answer.code) == code
    assert answer.next_on is not None
    assert answer.next_on > date(2026, 10, last)


def test_a_credit_note_that_covers_the_invoice_stops_the_letter(tmp_path: Path) -> None:
    office = desk(tmp_path, [invoice(), invoice(number="KOR/1", amount=-1230, due_on=None)])
    assert (office.code(TUESDAY), office.code(TUESDAY, "F-0002")) == ("credit", "credit")


def test_a_credit_that_leaves_almost_nothing_is_too_small_for_a_letter(tmp_path: Path) -> None:
    office = desk(tmp_path, [invoice(), invoice(number="KOR/1", amount=-1226)])
    assert office.code(TUESDAY) == "below_minimum"


def test_the_copy_of_a_number_waits_and_the_original_goes(tmp_path: Path) -> None:
    """A row typed twice must not become two letters; which one is older is decided by the ids."""
    office = desk(tmp_path, [invoice(), invoice()])
    assert (office.code(TUESDAY), office.code(TUESDAY, "F-0002")) == ("due", "problem")
    assert [letter.invoices for letter in office.look(TUESDAY).today.letters] == [("F-0001",)]


def test_rows_that_bear_the_same_id_get_one_answer_and_no_letter(tmp_path: Path) -> None:
    twice = [invoice(id="F-0007"), invoice(id="F-0007", number="FV/2")]
    office = desk(tmp_path, twice)
    answers = [a for a in office.look(TUESDAY).today.answers if a.id == "F-0007"]
    assert [(a.send, str(a.code)) for a in answers] == [(False, "problem")]


def old(**values: Cell) -> Values:
    return invoice(due_on=date(2026, 7, 1), issued_on=None, **values)


def test_too_old_at_first_sight_waits_for_approval(tmp_path: Path) -> None:
    """An import of old lists sends nothing; a tick lets the latest step go."""
    office = desk(tmp_path, [old()])
    assert office.code(TUESDAY) == "too_old"
    office.sync(TUESDAY)
    assert office.code("2027-01-04") == "too_old"
    office.types("invoices", "F-0001", "approve", value=True)
    assert (office.code(TUESDAY), office.answer(TUESDAY).step) == ("due", "+30")


def test_grown_old_while_known_is_chased_on(tmp_path: Path) -> None:
    """First seen before it was due: ninety days late later it is still the ladder's, not *too old*."""
    office = desk(tmp_path, sheets=[sheet("clients", [ANNA]), sheet("invoices", [{**old(), "id": None}])])
    office.sync("2026-06-25")
    assert office.code(TUESDAY) == "approval"
    assert office.code("2026-09-29") == "approval"


def test_exactly_at_the_limit_is_not_too_old(tmp_path: Path) -> None:
    office = desk(tmp_path, [old()], options=settings(start_at_most_days_overdue=60))
    assert office.code("2026-08-30") == "approval"
    assert office.code("2026-08-31") == "too_old"


def test_the_minimum_amount_is_the_operators(tmp_path: Path) -> None:
    office = desk(tmp_path, [invoice(amount=3)], options=settings(minimum_amount=Decimal("3.00")))
    assert office.code(TUESDAY) == "due"
    office = desk(tmp_path, [invoice(amount=3)], options=settings(minimum_amount=Decimal("3.01")))
    assert office.code(TUESDAY) == "below_minimum"


def test_stale_and_unknown_words_in_service_columns_decide_nothing(tmp_path: Path) -> None:
    """Somebody typed into *Status* and *Pozostało*: the answer comes from the team's columns alone."""
    fields = ["id", "number", "client", "due_on", "amount", "status", "remaining", "why"]
    row = {**invoice(), "id": "F-0001", "status": "Opłacona", "remaining": 0, "why": "bo tak"}
    office = desk(tmp_path, sheets=[sheet("clients", [ANNA]), sheet("invoices", [row], fields)])
    assert office.code(TUESDAY) == "due"
