"""What Kartoteka's own columns should show, by field and record id. Pure: words, dates and sums, no cells."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from config import labels, messages, reasons
from mailers.addresses import clean
from mailers.policy import Answer
from sync.appraise import Appraisal
from sync.gather import Gathered
from sync.obstacles import unshown
from validators.problems import Problem
from validators.rows import Cell
from validators.status import NOTHING_OWED, OPEN, Standing

Wanted = Mapping[str, Mapping[str, Cell]]


def for_clients(found: Gathered, today: Appraisal, problems: Sequence[Problem], language: str, currency: str) -> Wanted:
    """The service columns of the clients; sums in `currency` are numbers, others are written with their currency."""
    wanted: dict[str, dict[str, Cell]] = defaultdict(dict)
    contacts = _last_contacts(found)
    for client in found.clients:
        balance = today.balances.get(client.id, NOTHING_OWED)
        twin = today.duplicate_clients.get(client.id)
        wanted["open_balance"][client.id] = _sum(balance.open, currency, language)
        wanted["overdue_balance"][client.id] = _sum(balance.overdue, currency, language)
        if client.id in contacts:
            wanted["last_contact_on"][client.id] = contacts[client.id]
        flag = labels.duplicate_label(twin.original, twin.reason, language, twin.via) if twin else None
        wanted["duplicate_of"][client.id] = flag
    wanted["reply"] = dict(unshown(found.past.reactions))
    wanted["problems"] = _problem_texts(found, "clients", problems, language)
    return wanted


def for_invoices(found: Gathered, today: Appraisal, problems: Sequence[Problem], language: str) -> Wanted:
    """The service columns of the invoices."""
    standings = today.standings
    is_open = {id_ for id_, standing in standings.items() if standing.status in OPEN}
    answers = {answer.id: answer for answer in today.answers if answer.id in is_open}
    nothing: dict[str, Cell] = dict.fromkeys(standings)
    wanted: dict[str, Mapping[str, Cell]] = {
        "client_id": {invoice.id: invoice.client for invoice in found.invoices},
        "status": {id_: status_of(standing, language) for id_, standing in standings.items()},
        "remaining": {id_: standing.remaining for id_, standing in standings.items()},
        "days_overdue": {id_: standing.days_overdue or None for id_, standing in standings.items()},
        "next_step": nothing | {id_: answer.step for id_, answer in answers.items()},
        "next_reminder_on": nothing | {id_: answer.next_on for id_, answer in answers.items()},
        "why": nothing | {id_: why(answer, language) for id_, answer in answers.items()},
    }
    wanted |= _progress(found)
    wanted["problems"] = _problem_texts(found, "invoices", problems, language)
    return wanted


def why(answer: Answer, language: str) -> str:
    """The sentence behind an answer."""
    channel = answer.rule.channel if answer.rule else ""
    return clean(reasons.sentence(answer.code, answer.step, channel, answer.params, language))


def sorted_problems(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Problems in the order of tabs and rows, each once."""
    seen: dict[tuple[object, ...], Problem] = {}
    for problem in problems:
        seen.setdefault((problem.tab, problem.row, problem.field, problem.code, *problem.params.values()), problem)
    return tuple(sorted(seen.values(), key=lambda p: (p.tab, p.row)))


def _progress(found: Gathered) -> dict[str, dict[str, Cell]]:
    """What the history knows of the ladder is put right in the sheet; where it is silent the sheet keeps its own."""
    steps: dict[str, Cell] = {}
    days: dict[str, Cell] = {}
    for invoice, (step, day) in found.past.ladder.items():
        steps[invoice], days[invoice] = step or None, day
    return {"last_step": steps, "last_reminder_on": days}


def _last_contacts(found: Gathered) -> dict[str, date]:
    """The day of the last letter, by client."""
    last: dict[str, date] = {}
    for invoice in found.invoices:
        step, day = found.past.ladder.get(invoice.id, ("", None))
        if (invoice.id, step) in found.past.noticed:
            day = found.past.lettered.get(invoice.id)
        if day and invoice.client:
            last[invoice.client] = max(last.get(invoice.client, date.min), day)
    return last


def _problem_texts(found: Gathered, tab: str, problems: Sequence[Problem], language: str) -> dict[str, Cell]:
    """All problems of a row in its cell; None where there are none, so that old ones are cleared."""
    texts: dict[str, dict[str, None]] = {id_: {} for id_ in found.ids[tab]}
    for problem in problems:
        if problem.tab == tab and problem.id in texts:
            texts[problem.id][messages.text(problem, language)] = None
    return {id_: " | ".join(lines) or None for id_, lines in texts.items()}


def _sum(owed: Mapping[str, Decimal], currency: str, language: str) -> Cell:
    if set(owed) <= {currency}:
        return owed.get(currency)
    return "; ".join(reasons.money(amount, code, language) for code, amount in sorted(owed.items()))


def status_of(standing: Standing, language: str) -> str:
    """The status as the sheet shows it."""
    return labels.status_label(standing.status, partly_paid=standing.partly_paid, language=language)
