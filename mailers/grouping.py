"""From answers to letters, one a client and run, and to notices for the team. The highest step sets the tone; caps hold
others back."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from mailers.policy import Answer, Code
from mailers.reminders import Notice, Reminder, ReminderLine
from validators.records import Client, Invoice
from validators.status import Standing


@dataclass(frozen=True, slots=True)
class Ledger:
    """The records that letters speak of, by id; `language` is the workbook's, for clients who name none."""

    invoices: Mapping[str, Invoice]
    standings: Mapping[str, Standing]
    clients: Mapping[str, Client]
    language: str
    today: date


def reminders(answers: Sequence[Answer], ledger: Ledger) -> tuple[Reminder, ...]:
    """One reminder for every client that has invoices to be reminded of by e-mail, the most urgent first."""
    grouped: dict[str, list[Answer]] = defaultdict(list)
    for answer in answers:
        if answer.send and answer.rule and answer.rule.channel == "e-mail":
            grouped[ledger.invoices[answer.id].client or ""].append(answer)
    urgent_first = sorted(grouped.items(), key=lambda item: (*_urgency(item[1], ledger), item[0]))
    return tuple(_reminder(ledger.clients[client], group, ledger) for client, group in urgent_first)


def notices(answers: Sequence[Answer], ledger: Ledger) -> tuple[Notice, ...]:
    """What the team is to be told: one notice for every step of its own that is due, the longest overdue first."""
    due = [a for a in answers if a.send and a.rule and a.rule.channel == "team"]
    found = [_notice(_line(answer, ledger), ledger) for answer in due]
    return tuple(sorted(found, key=lambda notice: (-notice.days_overdue, notice.invoice)))


def within_caps(
    answers: Sequence[Answer], found: tuple[Reminder, ...], per_run: int, left_today: int
) -> tuple[tuple[Answer, ...], tuple[Reminder, ...]]:
    """At most `per_run` letters, and at most `left_today`; the invoices of the others are answered *cap*."""
    allowed = max(min(per_run, left_today), 0)
    if len(found) <= allowed:
        return tuple(answers), found
    held = {line.invoice for reminder in found[allowed:] for line in reminder.lines}
    capped = (a._replace(send=False, code=Code.CAP) if a.id in held else a for a in answers)
    return tuple(capped), found[:allowed]


def unusual(planned: int, past: Sequence[int]) -> bool:
    """Whether `planned` letters are more than three times the usual number.

    `past` holds the number of letters on each earlier day on which any were sent. Fewer than five such days, or ten
    letters at most, are never unusual: a small firm's busy Monday is no alarm.
    """
    if len(past) < 5 or planned <= 10:
        return False
    return planned * len(past) > 3 * sum(past)


def _urgency(group: Sequence[Answer], ledger: Ledger) -> tuple[int, date]:
    days = max(a.rule.days for a in group if a.rule)
    return (-days, min(ledger.standings[a.id].effective_due_on or date.max for a in group))


def _reminder(client: Client, group: Sequence[Answer], ledger: Ledger) -> Reminder:
    leading = max((a.rule for a in group if a.rule), key=lambda rule: rule.days)
    lines = sorted((_line(answer, ledger) for answer in group), key=lambda line: (line.effective_due_on, line.invoice))
    return Reminder(
        client=client.id,
        client_name=client.name,
        contact_person=client.contact_person,
        to=client.email[:1],
        language=client.language or ledger.language,
        step=leading.step,
        template=leading.template,
        lines=tuple(lines),
        today=ledger.today,
    )


def _notice(line: ReminderLine, ledger: Ledger) -> Notice:
    client = ledger.clients[ledger.invoices[line.invoice].client or ""]
    return Notice(
        invoice=line.invoice,
        number=line.number,
        client=client.id,
        client_name=client.name,
        owner=client.owner,
        remaining=line.remaining,
        currency=line.currency,
        days_overdue=line.days_overdue,
        step=line.step,
    )


def _line(answer: Answer, ledger: Ledger) -> ReminderLine:
    invoice, standing = ledger.invoices[answer.id], ledger.standings[answer.id]
    due, amount, remaining = standing.effective_due_on, invoice.amount, standing.remaining
    if due is None or amount is None or remaining is None or invoice.due_on is None:
        raise ValueError(f"{answer.id} has no due date or amount, yet a reminder was decided")
    return ReminderLine(
        invoice=invoice.id,
        number=invoice.number,
        issued_on=invoice.issued_on,
        due_on=invoice.due_on,
        effective_due_on=due,
        amount=amount,
        remaining=remaining,
        currency=invoice.currency,
        days_overdue=(ledger.today - due).days,
        link=invoice.link,
        step=answer.step,
    )
