"""What is true of the workbook today: standings, balances, duplicates, answers, letters. Pure; decides no cell."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from config.settings import Settings
from mailers import grouping, policy, receivables
from mailers.file_names import Files, shared
from mailers.letters import LetterWriter, Sender, TemplateFault
from mailers.policy import Answer, Code, Conditions
from mailers.reminders import NOTHING, Enclosed, Letter, Notice, Reminder
from sync import obstacles
from sync.gather import Gathered, ladder
from validators import duplicates
from validators.duplicates import ClientKeys, Duplicate, InvoiceKeys
from validators.problems import Problem, Severity
from validators.records import Client, Invoice
from validators.status import Balance, Standing, balances, standings
from validators.tabs import CLIENTS, INVOICES


@dataclass(frozen=True, slots=True)
class Appraisal:
    """What is true on the day of `now`. `answers` holds one for every invoice, `letters` those that shall go, `notices`
    what the team is to be told."""

    now: datetime
    standings: Mapping[str, Standing]
    balances: Mapping[str, Balance]
    duplicate_clients: Mapping[str, Duplicate]
    duplicate_invoices: Mapping[str, Duplicate]
    answers: tuple[Answer, ...]
    letters: tuple[Letter, ...]
    problems: tuple[Problem, ...]
    notices: tuple[Notice, ...] = ()


def appraise(
    found: Gathered, settings: Settings, workbook: str, run: str, now: datetime, files: Files | None = None
) -> Appraisal:
    """Everything that follows from the records on the day of `now` (in the workbook's time zone).

    `workbook` is the workbook's lasting identity, `run` this run's id: letters it has already sent count to its cap.
    `files` gives what goes with letters.
    """
    today, options = now.date(), settings.reminders
    standing = standings(found.invoices, today, settings.workbook.country, options.due_soon_days)
    twins = {d.id: d for d in duplicates.duplicate_clients([_client_keys(c) for c in sorted(found.clients, key=_age)])}
    copies = {
        d.id: d for d in duplicates.duplicate_invoices([_invoice_keys(i) for i in sorted(found.invoices, key=_age)])
    }
    clients = {c.id: c for c in found.clients}
    answers = _answers(found, settings, standing, copies, clients, now)
    ledger = grouping.Ledger({i.id: i for i in found.invoices}, standing, clients, settings.workbook.language, today)
    planned = _numbered(grouping.reminders(answers, ledger), found)
    answers, planned = grouping.within_caps(answers, planned, *_room(found, settings, run, today))
    letters, answers, faults = _worded(_with_files(planned, found, files), answers, found, settings, workbook)
    return Appraisal(
        now,
        standing,
        balances(found.invoices, standing),
        twins,
        copies,
        answers,
        letters,
        (*faults, *_copy_problems(found, copies), *_rule_problems(found), *obstacles.problems(found)),
        grouping.notices(answers, ledger),
    )


def _answers(
    found: Gathered,
    settings: Settings,
    standing: Mapping[str, Standing],
    copies: Mapping[str, Duplicate],
    clients: Mapping[str, Client],
    now: datetime,
) -> tuple[Answer, ...]:
    options, today = settings.reminders, now.date()
    limits = receivables.Limits(options.minimum_amount, options.start_at_most_days_overdue)
    progress = {i.id: _progress(i, found) for i in found.invoices}
    rules = ladder(found.rules, receivables.ABOUT)
    replies = obstacles.replied(found)
    conditions = Conditions(
        now=now,
        country=settings.workbook.country,
        sending_days=options.weekdays,
        sending_from=options.sending_from,
        sending_until=options.sending_until,
        min_days_between=options.min_days_between,
        letters=_last_letters(found, progress),
        addresses={c.id: c.email for c in found.clients},
        bounced=obstacles.bounced(found),
        paused=obstacles.paused(found, now),
        unheard=_unheard(found, settings),
    )
    answers = [
        policy.answer(
            receivables.case(
                invoice,
                standing[invoice.id],
                clients.get(invoice.client or ""),
                progress[invoice.id],
                limits,
                today,
                _same_number(invoice, copies),
                replies.get(invoice.client or "", ""),
            ),
            rules,
            conditions,
        )
        for invoice in found.invoices
    ]
    apart = dict.fromkeys(id_ for id_ in found.ids["invoices"] if id_ not in progress)
    return (*answers, *(Answer(id_, send=False, code=Code.PROBLEM, params={"fields": ("id",)}) for id_ in apart))


def _progress(invoice: Invoice, found: Gathered) -> receivables.Progress:
    """The history knows best; what the sheet shows counts only where the history is silent."""
    seen = found.past.first_seen.get(("invoices", invoice.id))
    step, last_on = found.past.ladder.get(invoice.id) or (invoice.last_step, invoice.last_reminder_on)
    # A step that nobody knows, on no day, was pasted there by a person and tells of no letter.
    known = last_on or any(rule.step == step for rule in found.rules)
    return receivables.Progress(step, last_on, seen) if known else receivables.Progress(first_seen_on=seen)


def _last_letters(found: Gathered, progress: Mapping[str, receivables.Progress]) -> dict[str, date]:
    team = {rule.step for rule in found.rules if rule.channel == "team"}
    last: dict[str, date] = {}
    for invoice in found.invoices:
        state = progress[invoice.id]
        day = found.past.lettered.get(invoice.id) if state.last_step in team else state.last_on
        if invoice.client and day:
            last[invoice.client] = max(last.get(invoice.client, date.min), day)
    return last


def _unheard(found: Gathered, settings: Settings) -> frozenset[str]:
    """The clients about whom nobody in the team can be told."""
    heard = {owner: settings.notify.hears_of(owner) for owner in {c.owner for c in found.clients}}
    return frozenset(c.id for c in found.clients if not heard[c.owner])


def _room(found: Gathered, settings: Settings, run: str, today: date) -> tuple[int, int]:
    """How many letters may still go in this run, and today."""
    options = settings.reminders
    per_run = options.max_per_run - found.past.letters_in(run)
    return per_run, options.max_per_day - found.past.letters_by_day()[today]


def _numbered(planned: Sequence[Reminder], found: Gathered) -> tuple[Reminder, ...]:
    """Each reminder with its attempt: one more for each time that it failed before."""
    attempts = found.past.attempts
    return tuple(replace(r, attempt=1 + max(attempts[line.invoice, line.step] for line in r.lines)) for r in planned)


def _with_files(
    planned: Sequence[Reminder], found: Gathered, files: Files | None
) -> Sequence[tuple[Reminder, Enclosed]]:
    if files is None or not planned:
        return [(reminder, NOTHING) for reminder in planned]
    names = shared(invoice.number for invoice in found.invoices)
    return [(r, files.enclosed([line.number for line in r.lines], names)) for r in planned]


def _worded(
    planned: Sequence[tuple[Reminder, Enclosed]],
    answers: Sequence[Answer],
    found: Gathered,
    settings: Settings,
    workbook: str,
) -> tuple[tuple[Letter, ...], tuple[Answer, ...], tuple[Problem, ...]]:
    """All letters are worded before any is sent; where a template is broken, its invoices wait."""
    sender = Sender(settings.mail.sender, settings.mail.reply_to)
    # What was sent to the test address is another letter than its draft: whoever turns from drafts to tests gets all.
    tried = settings.reminders.mode == "test" and settings.mail.transport != "folder"
    writer = LetterWriter(found.templates, sender, f"{workbook} test" if tried else workbook)
    letters: list[Letter] = []
    held: dict[str, TemplateFault] = {}
    for reminder, enclosed in planned:
        try:
            letters.append(writer.write(reminder, enclosed))
        except TemplateFault as fault:
            held.update({line.invoice: fault for line in reminder.lines})
    faults = {(f.template, f.language): f for f in (*writer.check(), *held.values())}
    waiting: dict[str, Any] = {"send": False, "code": Code.PROBLEM, "params": {"template": True}}
    marked = tuple(a._replace(**waiting) if a.id in held else a for a in answers)
    return tuple(letters), marked, tuple(_template_problem(f, found) for f in faults.values())


def _template_problem(fault: TemplateFault, found: Gathered) -> Problem:
    code = "template_unknown" if fault.code == "absent" else f"template_{fault.code}"
    params = {"line": str(fault.line), "detail": fault.detail, "nearest": ""}
    table = found.tables["templates"]
    named = zip(table.lines, table.column("template"), strict=True)
    line = next((line for line, name in named if name == fault.template), 0)
    return Problem("templates", line, "", "body", fault.template, code, params)


def _rule_problems(found: Gathered) -> list[Problem]:
    """A ladder without steps sends nothing: say so, rather than be silent."""
    if ladder(found.rules, receivables.ABOUT):
        return []
    return [Problem("reminders", 0, "", "step", "", "no_rules", severity=Severity.WARNING)]


def _copy_problems(found: Gathered, copies: Mapping[str, Duplicate]) -> list[Problem]:
    problems = []
    for invoice in found.invoices:
        copy = copies.get(invoice.id)
        if copy:
            code = "duplicate_number" if copy.reason is duplicates.Reason.NUMBER else "duplicate_invoice"
            params = {"original": copy.partner}
            number = invoice.number
            problems.append(
                Problem("invoices", invoice.line, invoice.id, "number", number, code, params, Severity.WARNING)
            )
    return problems


def _same_number(invoice: Invoice, copies: Mapping[str, Duplicate]) -> str:
    copy = copies.get(invoice.id)
    return copy.partner if copy and copy.reason is duplicates.Reason.NUMBER else ""


def _age(record: Client | Invoice) -> tuple[int, int]:
    """Older records first: ids of the team's own are older than ours, ours rise, whatever order the rows are in."""
    letter, _, number = record.id.partition("-")
    ours = letter in (CLIENTS.prefix, INVOICES.prefix) and number.isdecimal()
    return (1, int(number)) if ours else (0, record.line)


def _client_keys(client: Client) -> ClientKeys:
    return ClientKeys(client.id, client.name, client.address, client.tax_id, client.email, client.phone, client.notes)


def _invoice_keys(invoice: Invoice) -> InvoiceKeys:
    return InvoiceKeys(
        invoice.id,
        invoice.number,
        invoice.client,
        invoice.amount,
        invoice.currency,
        invoice.issued_on,
        invoice.notes,
    )
