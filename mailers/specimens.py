"""Made-up reminders on which templates are tried out before a real one needs them. Pure."""

from datetime import date, timedelta
from decimal import Decimal

from mailers.reminders import NOTHING, Attachment, Enclosed, Reminder, ReminderLine

TODAY = date(2026, 11, 23)


def specimens(template: str, language: str) -> tuple[tuple[Reminder, Enclosed], ...]:
    """One reminder before the due date, one overdue and partly paid, one of many invoices in two currencies, of which
    two go along."""
    lines = (_line(1, -3), _line(2, 1, paid="100.00"), _line(3, 7, currency="EUR"), _line(4, 14), _line(5, 31))
    several = Enclosed(tuple(Attachment(line.number, "", b"") for line in lines[:2]))
    chosen = ((lines[:1], NOTHING), (lines[1:2], NOTHING), (lines, several))
    return tuple((_reminder(template, language, of), enclosed) for of, enclosed in chosen)


def _reminder(template: str, language: str, lines: tuple[ReminderLine, ...]) -> Reminder:
    return Reminder(
        client="K-0001",
        client_name="Zakład Usługowy „Żuraw” sp. z o.o.",
        contact_person="Anna Kowalska",
        to=("anna@example.com",),
        language=language,
        step="+7",
        template=template,
        lines=lines,
        today=TODAY,
    )


def _line(number: int, overdue: int, paid: str = "0", currency: str = "PLN") -> ReminderLine:
    due = TODAY - timedelta(days=overdue)
    amount = Decimal("1234.56") * number
    return ReminderLine(
        invoice=f"F-{number:04}",
        number=f"FV/{number}/2026",
        issued_on=due - timedelta(days=14),
        due_on=due,
        effective_due_on=due,
        amount=amount,
        remaining=amount - Decimal(paid),
        currency=currency,
        days_overdue=overdue,
        link=f"https://example.com/f/{number}",
        step="+7",
    )
