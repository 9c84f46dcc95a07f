"""What is true of invoices on a given day: set-off of credits, status, days overdue, balances. Pure.

The order: cancelled invoices count for nothing; credit notes and overpayments of a client pay its open invoices of the
same currency, earliest effective due date first; only what is left after that can be due or overdue.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from validators.records import Invoice
from validators.workdays import effective_due_date

ZERO = Decimal(0)


class Status(StrEnum):
    """The status of an invoice on a day; labels in config/labels.py."""

    CANCELLED = "cancelled"
    CREDIT_NOTE = "credit_note"
    OVERPAID = "overpaid"
    PAID = "paid"
    SETTLED = "settled"
    NO_DUE_DATE = "no_due_date"
    OVERDUE = "overdue"
    DUE_TODAY = "due_today"
    DUE_SOON = "due_soon"
    NOT_DUE = "not_due"


OPEN = frozenset({Status.NO_DUE_DATE, Status.OVERDUE, Status.DUE_TODAY, Status.DUE_SOON, Status.NOT_DUE})


class Standing(NamedTuple):
    """Where an invoice stands on a day. `remaining` is None when amount or payment could not be read;
    `days_overdue` counts from the effective due date, 0 when nothing is overdue; `credit` is what was set off."""

    status: Status
    partly_paid: bool
    remaining: Decimal | None
    effective_due_on: date | None
    days_overdue: int
    credit: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Balance:
    """What a client owes, per currency: in all, and overdue. Currencies with nothing owed are left out."""

    open: Mapping[str, Decimal]
    overdue: Mapping[str, Decimal]


NOTHING_OWED = Balance({}, {})


def standings(invoices: Sequence[Invoice], today: date, country: str, due_soon_days: int) -> dict[str, Standing]:
    """The standing of every invoice on `today`, by id. `country` decides the public holidays."""
    credited = set_off(invoices, country)
    return {i.id: _standing(i, credited.get(i.id, ZERO), today, country, due_soon_days) for i in invoices}


def balances(invoices: Iterable[Invoice], found: Mapping[str, Standing]) -> dict[str, Balance]:
    """Balances by client id: sums of what remains, in all and overdue."""
    owed: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    late: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for invoice in invoices:
        standing = found[invoice.id]
        if invoice.client is None or not standing.remaining or not invoice.currency:
            continue
        owed[invoice.client][invoice.currency] += standing.remaining
        if standing.status is Status.OVERDUE:
            late[invoice.client][invoice.currency] += standing.remaining
    return {client: Balance(dict(sums), dict(late.get(client, {}))) for client, sums in owed.items()}


def set_off(invoices: Iterable[Invoice], country: str) -> dict[str, Decimal]:
    """How much credit pays which open invoice, by invoice id.

    Credit notes (less what was refunded) and overpayments of one client in one currency form a pool; it pays that
    client's open invoices by effective due date, then issue date, then number. Invoices without a known client, with
    an unreadable amount or payment, or without a known currency take no part.
    """
    pools: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    waiting: dict[tuple[str, str], list[Invoice]] = defaultdict(list)
    for invoice in invoices:
        if invoice.client is None or not _countable(invoice) or not invoice.currency:
            continue
        account = (invoice.client, invoice.currency)
        if surplus := invoice.surplus:
            pools[account] += surplus
        elif _left(invoice):
            waiting[account].append(invoice)
    used: dict[str, Decimal] = {}
    for account, pool in pools.items():
        for invoice in sorted(waiting[account], key=lambda i: _turn(i, country)):
            share = min(pool, _left(invoice))
            if share:
                used[invoice.id] = share
                pool -= share
    return used


def _turn(invoice: Invoice, country: str) -> tuple[date, date, str, str]:
    due = effective_due_date(invoice.due_on, country) if invoice.due_on else date.max
    return (due, invoice.issued_on or date.max, invoice.number, invoice.id)


def _countable(invoice: Invoice) -> bool:
    return invoice.amount is not None and not invoice.cancelled and "paid" not in invoice.doubtful


def _left(invoice: Invoice) -> Decimal:
    if invoice.amount is None or invoice.marked_paid:
        return ZERO
    return max(invoice.amount - invoice.paid, ZERO)


def _standing(invoice: Invoice, credit: Decimal, today: date, country: str, due_soon_days: int) -> Standing:
    due = effective_due_date(invoice.due_on, country) if invoice.due_on else None
    closed = _closed(invoice, credit)
    if closed:
        return Standing(closed, partly_paid=False, remaining=ZERO, effective_due_on=due, days_overdue=0, credit=credit)
    known = _countable(invoice)
    remaining = _left(invoice) - credit if known else None
    partly = known and bool(invoice.paid > 0 or credit)
    if due is None:
        return Standing(Status.NO_DUE_DATE, partly, remaining, None, 0, credit)
    late = (today - due).days
    if late > 0:
        return Standing(Status.OVERDUE, partly, remaining, due, late, credit)
    if late == 0:
        return Standing(Status.DUE_TODAY, partly, remaining, due, 0, credit)
    soon = Status.DUE_SOON if -late <= due_soon_days else Status.NOT_DUE
    return Standing(soon, partly, remaining, due, 0, credit)


def _closed(invoice: Invoice, credit: Decimal) -> Status | None:
    if invoice.cancelled:
        return Status.CANCELLED
    if invoice.amount is None:
        return Status.PAID if invoice.marked_paid else None
    if invoice.amount < 0:
        return Status.CREDIT_NOTE
    if "paid" in invoice.doubtful:
        return None
    if invoice.paid > invoice.amount:
        return Status.OVERPAID
    left = _left(invoice)
    if not left:
        return Status.PAID
    return Status.SETTLED if left == credit else None
