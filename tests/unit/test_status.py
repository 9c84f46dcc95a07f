"""The status table: what an invoice's status, rest and balance are on a day, and who pays what in the set-off."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import pytest

from validators.records import Invoice
from validators.status import Balance, Standing, Status, balances, set_off, standings

TODAY = date(2026, 10, 14)  # a Wednesday
DUE = date(2026, 10, 12)
D = Decimal


def made(id_: str = "F-1", amount: str | None = "100", **values: object) -> Invoice:
    """An invoice of client K over 100, due on Monday 12 October 2026, unless said otherwise."""
    blank: Mapping[str, object] = {
        "line": 2,
        "number": id_,
        "client_text": "K",
        "client": "K",
        "issued_on": None,
        "due_on": DUE,
        "currency": "PLN",
        "paid": D(0),
        "marked_paid": False,
        "link": "",
        "cancelled": False,
        "hold_until": None,
        "hold_reason": "",
        "approve": False,
        "notes": "",
        "last_step": "",
        "last_reminder_on": None,
    }
    paid = {"paid": D(str(values["paid"]))} if "paid" in values else {}
    return Invoice.model_validate(
        {**blank, "id": id_, "amount": None if amount is None else D(amount), **values, **paid}
    )


def stand(*invoices: Invoice, today: date = TODAY) -> dict[str, Standing]:
    return standings(invoices, today, "PL", due_soon_days=3)


@pytest.mark.parametrize(
    ("invoice", "status", "partly", "remaining", "days"),
    [
        (made(cancelled=True, paid=40), Status.CANCELLED, False, "0", 0),
        (made(amount="-50"), Status.CREDIT_NOTE, False, "0", 0),
        (made(paid="100.01"), Status.OVERPAID, False, "0", 0),
        (made(paid=100), Status.PAID, False, "0", 0),
        (made(marked_paid=True, paid=100), Status.PAID, False, "0", 0),
        (made(due_on=None), Status.NO_DUE_DATE, False, "100", 0),
        (made(due_on=None, paid=1), Status.NO_DUE_DATE, True, "99", 0),
        (made(), Status.OVERDUE, False, "100", 2),
        (made(paid="99.99"), Status.OVERDUE, True, "0.01", 2),
        (made(due_on=date(2026, 10, 13)), Status.OVERDUE, False, "100", 1),
        (made(due_on=TODAY), Status.DUE_TODAY, False, "100", 0),
        (made(due_on=TODAY, paid=1), Status.DUE_TODAY, True, "99", 0),
        (made(due_on=date(2026, 10, 15)), Status.DUE_SOON, False, "100", 0),
        (made(due_on=date(2026, 10, 16), paid=1), Status.DUE_SOON, True, "99", 0),
        (made(due_on=date(2026, 10, 17)), Status.NOT_DUE, False, "100", 0),  # a Saturday: Monday counts
        (made(due_on=date(2026, 10, 20), paid=1), Status.NOT_DUE, True, "99", 0),
    ],
)
def test_status_of_one_invoice(invoice: Invoice, status: Status, remaining: str, days: int, *, partly: bool) -> None:
    """Each status stands exactly where the table of the design puts it."""
    found = stand(invoice)[invoice.id]
    assert (found.status, found.partly_paid, found.remaining, found.days_overdue) == (
        status,
        partly,
        D(remaining),
        days,
    )


def test_settled_by_credit_alone_and_partly_settled() -> None:
    """Nothing left after set-off is *settled*; some left carries the mark of part payment."""
    found = stand(made("F-1"), made("F-2", due_on=date(2026, 10, 13)), made("F-3", "-130"))
    assert found["F-1"].status is Status.SETTLED
    assert found["F-1"].credit == D(100)
    assert (found["F-2"].status, found["F-2"].partly_paid, found["F-2"].remaining) == (Status.OVERDUE, True, D(70))


def test_set_off_pays_earliest_effective_due_date_then_issue_date_then_number() -> None:
    """Saturday the 10th and Monday the 12th are one effective day: the issue date decides, then the number."""
    saturday = made("F-1", due_on=date(2026, 10, 10), issued_on=date(2026, 9, 2), number="A")
    monday = made("F-2", due_on=DUE, issued_on=date(2026, 9, 1), number="B")
    monday_too = made("F-3", due_on=DUE, issued_on=date(2026, 9, 1), number="A")
    undated = made("F-4", due_on=None)
    credit = made("F-5", "-250")
    assert set_off([undated, saturday, monday, monday_too, credit], "PL") == {
        "F-3": D(100),
        "F-2": D(100),
        "F-1": D(50),
    }


def test_credit_less_what_was_refunded_and_overpayment_share_one_pool() -> None:
    """A credit note of 80 of which 50 went back, and 20 paid too much, pay 50 of the next invoice."""
    found = stand(made("F-1", "-80", paid=50), made("F-2", paid=120), made("F-3"))
    assert found["F-3"].remaining == D(50)


def test_a_credit_note_refunded_in_full_or_more_pays_nothing() -> None:
    for refunded in (80, 90):
        assert stand(made("F-1", "-80", paid=refunded), made("F-2"))["F-2"].remaining == D(100)


def test_currencies_and_clients_stay_apart() -> None:
    """A credit in euro, of another client, or of nobody known pays no zloty of this one."""
    credits_ = [
        made("F-1", "-100", currency="EUR"),
        made("F-2", "-100", client="L"),
        made("F-3", "-100", client=None),
        made("F-4", "-100", currency=""),
    ]
    assert stand(*credits_, made("F-9"))["F-9"].remaining == D(100)


def test_cancelled_counts_for_nothing() -> None:
    """A cancelled credit note or overpayment pays nobody; a cancelled invoice takes no credit and owes nothing."""
    invoices = [made("F-1", "-70", cancelled=True), made("F-2", paid=150, cancelled=True), made("F-3", cancelled=True)]
    found = stand(*invoices, made("F-4", "-30"), made("F-5"))
    assert found["F-3"].credit == 0
    assert found["F-5"].remaining == D(70)
    assert balances([*invoices, made("F-5")], found) == {"K": Balance({"PLN": D(70)}, {"PLN": D(70)})}


@pytest.mark.parametrize(
    "doubt", [{"amount": None}, {"paid": 5, "doubtful": frozenset({"paid"})}, {"amount": None, "paid": 5}]
)
def test_an_unreadable_amount_or_payment_leaves_the_rest_unknown(doubt: Mapping[str, object]) -> None:
    """Nothing is claimed, nothing set off, nothing added to a balance; the status by date stands."""
    values: dict[str, object] = {"amount": "100", **doubt}
    amount = values.pop("amount")
    invoice = made("F-1", None if amount is None else str(amount), **values)
    found = stand(invoice, made("F-2", "-30"))
    assert (found["F-1"].status, found["F-1"].remaining, found["F-1"].partly_paid) == (Status.OVERDUE, None, False)
    assert balances([invoice], found) == {}


def test_paid_in_full_is_paid_even_if_the_amount_cannot_be_read() -> None:
    assert stand(made(amount=None, marked_paid=True))["F-1"].status is Status.PAID


def test_balances_are_per_currency_in_all_and_overdue() -> None:
    invoices = [
        made("F-1"),
        made("F-2", "40", due_on=TODAY),
        made("F-3", "7", currency="EUR", due_on=date(2026, 11, 3)),
        made("F-4", paid=100),
    ]
    expected = Balance({"PLN": D(140), "EUR": D(7)}, {"PLN": D(100)})
    assert balances(invoices, stand(*invoices)) == {"K": expected}
