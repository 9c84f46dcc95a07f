"""What a person at the terminal sees: summaries, tables, advice. Words only; every fact comes from a report."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from rich.console import Console
from rich.table import Table
from rich.text import Text

from config import messages
from config.labels import event_code
from mailers.attachments import Missing
from mailers.file_names import shown_name
from mailers.reminders import LetterState
from sync.report import Report
from validators.problems import Problem, Severity
from validators.rows import as_text
from validators.status import OPEN
from validators.tabs import tab

_WRITTEN = {
    "created id": ("new row given its id", "new rows given their ids"),
    "normalised": ("stage or tag cell tidied", "stage and tag cells tidied"),
    "status": ("status changed", "statuses changed"),
    "duplicate": ("duplicate flag changed", "duplicate flags changed"),
    "problem": ("note on problems changed", "notes on problems changed"),
}
_STATES = {
    LetterState.PLANNED: "due",
    LetterState.DRAFT: "drafted",
    LetterState.SENT: "sent",
    LetterState.FAILED: "not sent",
    LetterState.UNKNOWN: "in doubt",
}
_NAMED = 5  # invoices in one line
_MISSING: Mapping[str, str] = {
    Missing.ABSENT: "no file {}",
    Missing.SHARED: "{} fits several invoices",
    Missing.OUTSIDE: "the file lies elsewhere",
    Missing.NOT_PDF: "no PDF",
    Missing.TOO_BIG: "too big",
    Missing.UNREADABLE: "cannot be read",
}
_TOLD = {
    LetterState.PLANNED: "to be told of",
    LetterState.SENT: "told of",
    LetterState.FAILED: "not told of",
}
_CODES = {
    "paid": "paid",
    "cancelled": "cancelled",
    "credit": "credit note, or covered by credit",
    "below_minimum": "below the minimum amount",
    "on_hold": "on hold",
    "client_on_hold": "client on hold",
    "not_yet": "next step not due yet",
    "interval": "too soon after the last letter",
    "sending_hours": "outside sending days or hours",
    "approval": "waiting for approval",
    "no_email": "no e-mail address",
    "bounced": "address bounces",
    "no_channel": "no address for notices to the team",
    "no_due_date": "no due date",
    "finished": "ladder finished",
    "too_old": "too old to start",
    "stale_payments": "payment data too old",
    "cap": "over the cap",
    "problem": "data in doubt",
}


def summary(console: Console, report: Report, heading: str, following: Sequence[str]) -> None:
    """A run on one screen: what is there, what was written, which letters, what a person should look at, what next."""
    console.print(Text(heading, style="bold"))
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column()
    for name, text in _lines(report):
        grid.add_row(name, Text(text))
    console.print(grid)
    for line in following:
        console.print(Text(line), soft_wrap=True)


def problems(console: Console, found: Iterable[Problem], language: str) -> None:
    """Problems as a list: where, how bad, and the sentence."""
    for problem in found:
        style = "red" if problem.severity is Severity.ERROR else "yellow"
        place = f"{tab(problem.tab).label(language)}, row {problem.row}" if problem.row else problem.tab
        who = f" ({problem.id})" if problem.id else ""
        console.print(Text.assemble((f"{place}{who}: ", style), messages.text(problem, language)), soft_wrap=True)


def changes(console: Console, report: Report) -> None:
    """Every cell that the plan would change, and every letter that would go."""
    language = report.language
    for plan in report.plans:
        for change in plan.changes:
            label = tab(change.tab).field(change.field).label(language)
            before = as_text(change.before).replace("\n", " · ") or "–"
            after = as_text(change.after).replace("\n", " · ") or "–"
            console.print(Text(f"{change.id}  {label}: {before} → {after}"), soft_wrap=True)
    for letter, state in report.letters:
        who = f"{letter.client} <{', '.join(letter.to)}>"
        what = f"letter  step {letter.step} to {who}: {letter.subject} ({', '.join(letter.invoices)})"
        console.print(Text(f"{what}  [{state}]"), soft_wrap=True)
    for notice, state in report.notices:
        what = f"notice  step {notice.step} to {notice.owner or 'the team'}: {notice.client_name} ({notice.invoice})"
        console.print(Text(f"{what}  [{state}]"), soft_wrap=True)


def _lines(report: Report) -> Iterable[tuple[str, str]]:
    found = report.decision.found
    clients = count_of(len(found.clients), "client", "clients")
    yield "read", f"{clients} and {count_of(len(found.invoices), 'invoice', 'invoices')}{_owed(report)}"
    if written := _written(report):
        yield ("would write" if report.state == "planned" else "written"), ", ".join(written)
    else:
        yield "written", "nothing: the workbook is up to date"
    yield "letters", _letters(report)
    if attached := _attached(report):
        yield "attached", attached
    if team := _team(report):
        yield "team", team
    if quiet := _not_sent(report):
        yield "no letter", quiet
    if report.decision.problems:
        yield "to look at", _to_look_at(report.decision.problems)


def _owed(report: Report) -> str:
    owed: dict[str, Decimal] = defaultdict(Decimal)
    late: dict[str, Decimal] = defaultdict(Decimal)
    for balance in report.decision.today.balances.values():
        for currency, amount in balance.open.items():
            owed[currency] += amount
        for currency, amount in balance.overdue.items():
            late[currency] += amount
    overdue = f", of that {sums(late)} overdue" if late else ""
    return f"; {sums(owed)} open{overdue}" if owed else ""


def _written(report: Report) -> list[str]:
    events = Counter(event_code(str(row.values["event"])) for plan in report.plans for row in plan.appended)
    told = [count_of(events[code], *forms) for code, forms in _WRITTEN.items() if events[code]]
    cells = sum(len(plan.changes) for plan in report.plans)
    return [count_of(cells, "cell", "cells"), *told] if cells or told else []


def _letters(report: Report) -> str:
    """What became of the letters; drafts that an earlier run made are told apart."""
    if not report.letters:
        return "none due"
    counts = Counter(state for _, state in report.letters)
    new = {letter.message_id for letter in report.decision.fresh}
    told = {state: count_of(n, f"letter {_STATES[state]}", f"letters {_STATES[state]}") for state, n in counts.items()}
    old = sum(1 for letter, state in report.letters if state is LetterState.DRAFT and letter.message_id not in new)
    if old:
        told[LetterState.DRAFT] += " by an earlier run" if old == counts[LetterState.DRAFT] else f" ({old} earlier)"
    return ", ".join(told.values())


def _attached(report: Report) -> str:
    """How many invoices go along, and why others do not."""
    along = [letter.enclosed for letter, _ in report.letters]
    without = [pair for enclosed in along for pair in enclosed.missing]
    missing = [f"{number} ({_MISSING[reason].format(shown_name(number))})" for number, reason in without]
    files = sum(len(enclosed.attachments) for enclosed in along)
    if not (files or missing):
        return ""
    more = f" and {len(missing) - _NAMED} more" if len(missing) > _NAMED else ""
    lacking = f"; without {', '.join(missing[:_NAMED])}{more}" if missing else ""
    return f"{count_of(files, 'invoice', 'invoices')}{lacking}"


def _team(report: Report) -> str:
    """What the team was told of, or would be."""
    counts = Counter(state for _, state in report.notices)
    parts = [f"{_TOLD[state]} {count_of(n, 'invoice', 'invoices')}" for state, n in counts.items()]
    if report.told.concerns:
        parts.append(f"told of {count_of(len(report.told.concerns), 'other matter', 'other matters')}")
    return ", ".join(parts)


def _not_sent(report: Report) -> str:
    """Why open invoices got no letter, the most frequent reason first."""
    today = report.decision.today
    is_open = {id_ for id_, standing in today.standings.items() if standing.status in OPEN}
    counts = Counter(str(a.code) for a in today.answers if not a.send and a.id in is_open)
    return ", ".join(f"{number} {_CODES[code]}" for code, number in counts.most_common())


def _to_look_at(found: Sequence[Problem]) -> str:
    errors = sum(problem.severity is Severity.ERROR for problem in found)
    rows = len({(problem.tab, problem.row) for problem in found})
    told = [count_of(errors, "error", "errors"), count_of(len(found) - errors, "warning", "warnings")]
    return f"{' and '.join(told)} in {count_of(rows, 'row', 'rows')}; 'kartoteka check' lists them"


def count_of(number: int, one: str, many: str) -> str:
    """A number with its noun: 1 row, 2 rows."""
    return f"{number} {one if number == 1 else many}"


def sums(owed: Mapping[str, Decimal]) -> str:
    """Sums per currency for one line."""
    return " + ".join(f"{amount:,.2f} {currency}" for currency, amount in sorted(owed.items()))
