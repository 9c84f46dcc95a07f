"""Rows become records: every fault is kept, the rest of the row is used, and rules that say nothing are told apart."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from tests.workbooks_for_tests import ANNA, Values, desk, invoice, sheet
from validators.problems import Problem, Severity
from validators.records import Invoice
from validators.rows import Cell


def read(folder: Path, *invoices: Values) -> tuple[list[Invoice], list[Problem]]:
    found = desk(folder, invoices, [ANNA]).gathered("2026-10-13")
    return list(found.invoices), [p for p in found.problems if p.tab == "invoices"]


def test_every_fault_of_a_row_is_kept_and_the_rest_of_it_is_used(tmp_path: Path) -> None:
    """Three bad cells are three problems; number, issue date and client are there."""
    (record,), problems = read(tmp_path, invoice(due_on="31.02.2026", amount="sto", currency="PLZ"))
    assert {(p.field, p.code, p.row, p.id) for p in problems} == {
        ("due_on", "date_impossible", 2, "F-0001"),
        ("amount", "amount_unreadable", 2, "F-0001"),
        ("currency", "currency_unknown", 2, "F-0001"),
    }
    assert (record.number, record.client, record.issued_on) == ("FV/1", "K-0001", date(2026, 9, 28))
    assert (record.due_on, record.amount, record.currency) == (None, None, "")
    assert record.doubtful == {"due_on", "amount", "currency"}


@pytest.mark.parametrize("field", ["number", "client", "amount"])
def test_a_required_cell_left_blank_is_reported(tmp_path: Path, field: str) -> None:
    _, problems = read(tmp_path, invoice(**{field: None}))
    assert (field, "required_missing") in {(p.field, p.code) for p in problems}


@pytest.mark.parametrize(
    ("paid", "paid_on", "sum_", "in_full", "code"),
    [
        (None, None, "0", False, ""),
        (400, None, "400.00", False, ""),
        (400, date(2026, 10, 1), "400.00", False, ""),
        (400, "tak", "400.00", False, ""),
        ("tak", None, "1230", True, ""),
        (None, "tak", "1230", True, ""),
        (None, date(2026, 10, 1), "1230", True, ""),
        ("nie", None, "0", False, ""),
        (None, "nie", "0", False, ""),
        (-5, None, "0", False, "paid_negative"),
        (None, date(2027, 1, 1), "0", False, "paid_in_future"),
        (400, date(2027, 1, 1), "400.00", False, "paid_in_future"),
        (0, date(2026, 10, 1), "0.00", False, "paid_contradiction"),
    ],
)
def test_what_the_two_payment_cells_say_together(
    tmp_path: Path, paid: Cell, paid_on: Cell, sum_: str, code: str, *, in_full: bool
) -> None:
    """A date or *tak* alone is all of it; a sum is that sum; what contradicts itself or the calendar is in doubt."""
    (record,), problems = read(tmp_path, invoice(paid=paid, paid_on=paid_on))
    assert (record.paid, record.marked_paid) == (Decimal(sum_), in_full)
    assert [p.code for p in problems] == ([code] if code else [])
    assert ("paid" in record.doubtful) == bool(code)


def test_what_was_refunded_of_a_credit_note_may_stand_with_either_sign(tmp_path: Path) -> None:
    records, problems = read(tmp_path, invoice(amount=-100, paid=40), invoice(number="2", amount=-100, paid=-40))
    assert [r.surplus for r in records] == [60, 60]
    assert problems == []


@pytest.mark.parametrize(
    ("values", "currency", "code"),
    [
        ({}, "PLN", ""),
        ({"amount": "12 EUR"}, "EUR", ""),
        ({"amount": "12 EUR", "currency": "EUR"}, "EUR", ""),
        ({"amount": "12 EUR", "currency": "USD"}, "USD", "currency_conflict"),
        ({"currency": "zł"}, "PLN", ""),
        ({"currency": "PLZ"}, "", "currency_unknown"),
        ({"amount": "12 EUR", "currency": "PLZ"}, "", "currency_unknown"),
    ],
)
def test_in_which_currency_an_invoice_is(tmp_path: Path, values: Mapping[str, Cell], currency: str, code: str) -> None:
    """The column, else what stands beside the amount, else the workbook's; an unknown one is never replaced."""
    (record,), problems = read(tmp_path, invoice(**values))
    assert (record.currency, [p.code for p in problems]) == (currency, [code] if code else [])


def test_money_is_held_to_the_minor_unit_and_rounding_is_told(tmp_path: Path) -> None:
    records, problems = read(
        tmp_path, invoice(amount=99.999), invoice(number="2", amount="1234,5 JPY"), invoice(number="3", amount=0.1)
    )
    assert [str(r.amount) for r in records] == ["100.00", "1235", "0.10"]
    assert [(p.code, p.severity) for p in problems] == [("amount_precision", Severity.WARNING)] * 2


def test_a_number_that_became_a_date_is_asked_for_again_but_plain_numbers_may_look_like_one(tmp_path: Path) -> None:
    """Files tell a date from a number; Google does not, so there the other numbers of the column decide."""
    dated = [
        invoice(number=number, issued_on=None) for number in (date(2026, 11, 1), 46331, 46331.5, "FV/1", 7, 999999)
    ]
    assert [(p.row, p.code) for p in read(tmp_path, *dated)[1]] == [(n, "number_is_date") for n in (2, 3, 4)]
    plain = [invoice(number=number, issued_on=None) for number in (46331, "46332", None)]
    assert "number_is_date" not in [p.code for p in read(tmp_path, *plain)[1]]


def test_due_before_issued_is_a_warning_and_both_dates_count(tmp_path: Path) -> None:
    (record,), problems = read(tmp_path, invoice(issued_on=date(2026, 11, 1)))
    assert [(p.field, p.code, p.severity) for p in problems] == [("due_on", "due_before_issued", Severity.WARNING)]
    assert record.due_on == date(2026, 10, 12)


def test_ids_that_stand_twice_make_no_records_and_name_each_others_rows(tmp_path: Path) -> None:
    """Nothing could be written to one of them safely."""
    twice = [invoice(id="F-0001"), invoice(id="F-0001", number="2"), invoice(id="F-0003", number="3")]
    records, problems = read(tmp_path, *twice)
    assert [r.id for r in records] == ["F-0003"]
    assert [(p.row, p.code, p.params["rows"]) for p in problems] == [(n, "duplicate_id", "2, 3") for n in (2, 3)]


@pytest.mark.parametrize("field", ["language", "hold_until", "email", "tax_id"])
def test_a_client_with_a_bad_cell_is_a_client_all_the_same(tmp_path: Path, field: str) -> None:
    found = desk(tmp_path, [], [{**ANNA, field: "???"}]).gathered()
    assert [c.name for c in found.clients] == ["Anna Żuraw"]
    assert [p.field for p in found.problems if p.tab == "clients"] == [field]


def rules(folder: Path, *rows: Values) -> tuple[list[tuple[str, int, str, str, bool, bool]], list[str]]:
    found = desk(folder, sheets=[sheet("clients", []), sheet("invoices", []), sheet("reminders", rows)]).gathered()
    told = [(r.step, r.days, r.counted_from, r.channel, r.approval, r.active) for r in found.rules]
    return told, [p.code for p in found.problems if p.tab == "reminders"]


RULE: Values = {"about": "faktura", "step": "+1", "days": 1}


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, ("+1", 1, "due_on", "e-mail", False, True)),
        ({"about": "invoice", "days": "−3"}, ("+1", -3, "due_on", "e-mail", False, True)),
        ({"counted_from": "Data wystawienia"}, ("+1", 1, "issued_on", "e-mail", False, True)),
        ({"counted_from": "DUE ON"}, ("+1", 1, "due_on", "e-mail", False, True)),
        ({"channel": "zespół"}, ("+1", 1, "due_on", "team", False, True)),
        ({"approval": "tak", "active": "nie"}, ("+1", 1, "due_on", "e-mail", True, False)),
        ({"active": False}, ("+1", 1, "due_on", "e-mail", False, False)),
    ],
)
def test_what_a_rule_says_and_what_its_blanks_mean(
    tmp_path: Path, values: Values, expected: tuple[object, ...]
) -> None:
    assert rules(tmp_path, {**RULE, **values}) == ([expected], [])


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"days": "siedem"}, "integer_unreadable"),
        ({"days": 1.5}, "integer_unreadable"),
        ({"days": None}, "required_missing"),
        ({"step": None}, "required_missing"),
        ({"about": "urodziny"}, "choice_unknown"),
        ({"channel": "gołąb"}, "choice_unknown"),
        ({"counted_from": "imieniny"}, "rule_invalid"),
        ({"approval": "raczej"}, "yes_no_unreadable"),
        ({"active": "raczej"}, "yes_no_unreadable"),
    ],
)
def test_a_rule_with_a_fault_is_left_out_and_reported(tmp_path: Path, values: Values, code: str) -> None:
    """It never runs half-understood; the others do."""
    found, codes = rules(tmp_path, {**RULE, **values}, {**RULE, "step": "+7", "days": 7})
    assert [rule[0] for rule in found] == ["+7"]
    assert codes == [code]


def test_of_two_rules_for_one_step_the_first_counts(tmp_path: Path) -> None:
    found, codes = rules(tmp_path, RULE, {**RULE, "days": 9})
    assert ([rule[1] for rule in found], codes) == ([1], ["duplicate_rule"])
