"""What a run did, skipped and wants a person to look at, in the one shape that `plan`, `sync` and `import` share.

The keys are relied on by other people's scripts (README, "The JSON document"); words for a terminal are screen.py's.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from config import messages
from config.labels import event_code, place_names
from mailers.digest import NOTHING_TOLD, Told
from mailers.reminders import Letter, LetterState, Notice, Receipt
from sync.decide import Decision
from sync.plan import AppendRow, Plan, SetCell
from sync.service_values import why
from validators.money import rounded
from validators.problems import Problem
from validators.rows import as_text
from validators.status import NOTHING_OWED
from validators.vocabulary import split_tags


@dataclass(frozen=True, slots=True)
class Report:
    """One run as data. `letters` pairs each letter with what became of it; `requests` counts reads and writes."""

    run: str
    now: datetime
    state: str
    language: str
    decision: Decision
    plans: tuple[Plan, ...]
    letters: tuple[tuple[Letter, LetterState], ...]
    reads: int
    writes: int
    told: Told = NOTHING_TOLD

    @property
    def notices(self) -> tuple[tuple[Notice, LetterState], ...]:
        """What the team was told of, what it should have been told of, or would be."""
        left = LetterState.FAILED if self.told.failures else LetterState.PLANNED
        waiting = ((notice, left) for notice in self.decision.notices if notice not in self.told.notices)
        return (*((notice, LetterState.SENT) for notice in self.told.notices), *waiting)

    @property
    def needs_a_person(self) -> bool:
        """Whether something is left that a person should look at: problems, letters that failed now or are in doubt,
        addresses of the team that take no notice."""
        doubtful = (LetterState.FAILED, LetterState.UNKNOWN)
        left = self.decision.problems or self.decision.found.past.unknown
        return bool(left or self.told.failures) or any(state in doubtful for _, state in self.letters)

    def as_json(self) -> dict[str, Any]:
        """The whole report as JSON values: money and dates as text, nothing rounded."""
        found = self.decision.found
        return {
            "run": self.run,
            "now": self.now.isoformat(timespec="seconds"),
            "state": self.state,
            "rows": {name: len(found.tables[name]) for name in ("clients", "invoices")},
            "requests": {"read": self.reads, "write": self.writes},
            "problems": [problem_json(p, self.language) for p in self.decision.problems],
            "changes": [_change(c) for plan in self.plans for c in plan.changes],
            "appended": [_appended(row) for plan in self.plans for row in plan.appended],
            "letters": [_letter(letter, state) for letter, state in self.letters],
            "notices": [_notice(notice, state) for notice, state in self.notices],
            "answers": list(self._answers()),
            "invoices": list(self._invoices()),
            "clients": list(self._clients()),
        }

    def _answers(self) -> Iterable[dict[str, Any]]:
        for answer in self.decision.today.answers:
            yield {
                "invoice": answer.id,
                "send": answer.send,
                "step": answer.step,
                "code": str(answer.code),
                "reason": why(answer, self.language),
            }

    def _invoices(self) -> Iterable[dict[str, Any]]:
        for invoice in self.decision.found.invoices:
            standing = self.decision.today.standings[invoice.id]
            due = standing.effective_due_on
            yield {
                "id": invoice.id,
                "number": invoice.number,
                "client": invoice.client,
                "status": str(standing.status),
                "partly_paid": standing.partly_paid,
                "remaining": _money(standing.remaining, invoice.currency),
                "currency": invoice.currency or None,
                "effective_due_on": due.isoformat() if due else None,
                "days_overdue": standing.days_overdue,
            }

    def _clients(self) -> Iterable[dict[str, Any]]:
        plans = {(c.id, c.field): as_text(c.after) for plan in self.plans for c in plan.changes if c.tab == "clients"}
        for client in self.decision.found.clients:
            balance = self.decision.today.balances.get(client.id, NOTHING_OWED)
            twin = self.decision.today.duplicate_clients.get(client.id)
            tags = plans.get((client.id, "tags"), client.tags)
            yield {
                "id": client.id,
                "name": client.name,
                "stage": plans.get((client.id, "stage"), client.stage),
                "tags": list(split_tags(tags)),
                "open_balance": _sums(balance.open),
                "overdue_balance": _sums(balance.overdue),
                "duplicate_of": twin.original if twin else None,
            }


def states(
    letters: Iterable[Letter], receipts: Iterable[Receipt], drafted: Iterable[str]
) -> tuple[tuple[Letter, LetterState], ...]:
    """Each letter with what became of it: its receipt's word, *draft* if it was drafted earlier, else *planned*."""
    known = dict.fromkeys(drafted, LetterState.DRAFT) | {r.message_id: r.state for r in receipts}
    return tuple((letter, known.get(letter.message_id, LetterState.PLANNED)) for letter in letters)


def problem_json(problem: Problem, language: str) -> dict[str, Any]:
    """A problem with its sentence in `language`."""
    return {
        "tab": problem.tab,
        "row": problem.row,
        "id": problem.id or None,
        "field": problem.field,
        "value": as_json(problem.value),
        "severity": str(problem.severity),
        "code": problem.code,
        "message": messages.text(problem, language),
    }


def as_json(value: object) -> object:
    """A cell as JSON has it: dates in ISO order and money as text, blank as "", all else as it is.

    >>> as_json(Decimal("1230.00")), as_json(date(2026, 11, 23)), as_json(None)
    ('1230.00', '2026-11-23', '')
    """
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, (date, Decimal)):
        return str(value)
    return value if isinstance(value, (str, int, float, bool)) else str(value)


def _change(change: SetCell) -> dict[str, Any]:
    return {
        "tab": change.tab,
        "id": change.id,
        "field": change.field,
        "before": as_json(change.before),
        "after": as_json(change.after),
        "reason": change.reason,
    }


def _appended(row: AppendRow) -> dict[str, Any]:
    """The row in English names, whatever the language of the workbook."""
    values = {name: as_json(value) for name, value in row.values.items()}
    return {"tab": row.tab, "values": english(values) if row.tab == "history" else values}


def english(values: dict[str, Any]) -> dict[str, Any]:
    """A history row with event, tab and field by their English names."""
    tab, field = place_names(str(values.get("tab", "")), str(values.get("field", "")))
    event = event_code(str(values.get("event", ""))) or values.get("event", "")
    return values | {"event": event, "tab": tab, "field": field}


def _letter(letter: Letter, state: LetterState) -> dict[str, Any]:
    return {
        "client": letter.client,
        "to": list(letter.to),
        "step": letter.step,
        "invoices": list(letter.invoices),
        "subject": letter.subject,
        "state": str(state),
        "message_id": letter.message_id,
        "attachments": [file.name for file in letter.enclosed.attachments],
    }


def _notice(notice: Notice, state: LetterState) -> dict[str, Any]:
    return {
        "owner": notice.owner,
        "client": notice.client,
        "step": notice.step,
        "invoice": notice.invoice,
        "state": str(state),
    }


def _money(amount: Decimal | None, currency: str) -> str | None:
    return None if amount is None else str(rounded(amount, currency))


def _sums(owed: Mapping[str, Decimal]) -> dict[str, str]:
    return {currency: str(amount) for currency, amount in sorted(owed.items())}
