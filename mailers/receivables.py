"""Invoices as cases of the reminder engine: what forbids a reminder of an invoice, and since when it counts. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from mailers.policy import Case, Code, Obstacle
from validators.records import Client, Invoice
from validators.status import Standing, Status

ABOUT = "invoice"
# A fault in any of these could make a letter wrong; one in, say, the issue date cannot.
DECISIVE = frozenset({"number", "client", "due_on", "amount", "currency", "paid", "cancelled", "hold_until", "approve"})

_CLOSED = {
    Status.CANCELLED: Code.CANCELLED,
    Status.CREDIT_NOTE: Code.CREDIT,
    Status.OVERPAID: Code.PAID,
    Status.PAID: Code.PAID,
    Status.SETTLED: Code.CREDIT,
}


@dataclass(frozen=True, slots=True)
class Limits:
    """What the operator decided: amounts below `minimum_amount` are not worth a letter; what was overdue by more than
    `start_at_most_days_overdue` days when first seen waits for a person's approval."""

    minimum_amount: Decimal
    start_at_most_days_overdue: int


class Progress(NamedTuple):
    """How far the ladder of one invoice has gone: last step and day of it, and the day it was first seen."""

    last_step: str = ""
    last_on: date | None = None
    first_seen_on: date | None = None


def case(
    invoice: Invoice,
    standing: Standing,
    client: Client | None,
    progress: Progress,
    limits: Limits,
    today: date,
    repeated: str = "",
    reply: str = "",
) -> Case:
    """The invoice as a case. `repeated` is the id of an older invoice that bears the same number, if any; `reply` what
    the client answered and nobody has cleared yet."""
    due, issued = standing.effective_due_on, invoice.issued_on
    anchors = ({"due_on": due} if due else {}) | ({"issued_on": issued} if issued else {})
    return Case(
        ABOUT,
        invoice.id,
        invoice.client or "",
        anchors,
        _obstacle(invoice, standing, client, repeated, limits)
        or (Obstacle(Code.CLIENT_ON_HOLD, params={"reply": reply}) if reply else None)
        or _hold(invoice, client, today)
        or _too_old(invoice, standing, progress, limits, today),
        progress.last_step,
        progress.last_on,
        invoice.approve,
    )


def _obstacle(
    invoice: Invoice, standing: Standing, client: Client | None, repeated: str, limits: Limits
) -> Obstacle | None:
    if code := _CLOSED.get(standing.status):
        return Obstacle(code)
    fields = invoice.doubtful & DECISIVE
    if fields or repeated or client is None or standing.remaining is None:
        return Obstacle(Code.PROBLEM, params={"fields": tuple(sorted(fields)), "repeated": repeated})
    if "hold_until" in client.doubtful:
        return Obstacle(Code.PROBLEM, params={"client": client.id, "fields": ("hold_until",), "repeated": ""})
    if standing.effective_due_on is None:
        return Obstacle(Code.NO_DUE_DATE)
    if standing.remaining < limits.minimum_amount:
        params: Mapping[str, object] = {"minimum": limits.minimum_amount, "currency": invoice.currency}
        return Obstacle(Code.BELOW_MINIMUM, params=params)
    return None


def _hold(invoice: Invoice, client: Client | None, today: date) -> Obstacle | None:
    """The hold of the invoice or of its client, whichever lasts longer. A hold until a day includes that day."""
    holds = [(Code.ON_HOLD, invoice.hold_until, invoice.hold_reason)]
    if client:
        holds.append((Code.CLIENT_ON_HOLD, client.hold_until, client.hold_reason))
    running = [(code, until, why) for code, until, why in holds if until and until >= today]
    if not running:
        return None
    code, until, why = max(running, key=lambda hold: hold[1])
    return Obstacle(code, until, {"until": until, "why": why})


def _too_old(invoice: Invoice, standing: Standing, progress: Progress, limits: Limits, today: date) -> Obstacle | None:
    if invoice.approve or progress.last_step or standing.effective_due_on is None:
        return None
    # An invoice whose first sight is not on record is treated as seen today: no letter is the safe mistake.
    late = ((progress.first_seen_on or today) - standing.effective_due_on).days
    if late > limits.start_at_most_days_overdue:
        return Obstacle(Code.TOO_OLD, params={"days": late, "limit": limits.start_at_most_days_overdue})
    return None
