"""Everything about one client or invoice, as data: state, answer, history. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from config import labels, messages
from config.reasons import money
from sync import history
from sync.decide import Decision
from sync.events import first_message_id
from sync.obstacles import bounced, replied, reply_cells
from sync.report import as_json, english
from sync.service_values import status_of, why
from validators.errors import WrongUse
from validators.records import Client, Invoice
from validators.rows import as_text
from validators.status import NOTHING_OWED, OPEN
from validators.tabs import CLIENTS
from validators.text import fold


@dataclass(frozen=True, slots=True)
class Explanation:
    """One record: a heading, facts as (name, text), its invoices' lines if it is a client, its history."""

    id: str
    heading: str
    facts: tuple[tuple[str, str], ...]
    history: tuple[dict[str, Any], ...]

    def as_json(self) -> dict[str, Any]:
        """The same as JSON values."""
        return {"id": self.id, "heading": self.heading, "facts": dict(self.facts), "history": list(self.history)}


def explain(decision: Decision, wanted: str, language: str) -> Explanation:
    """The record with id, invoice number, or client name `wanted`.

    Raises:
        WrongUse: there is none, or several.
    """
    key = fold(wanted) or wanted
    invoices = [i for i in decision.found.invoices if key in (fold(i.id), fold(i.number))]
    clients = [c for c in decision.found.clients if key in (fold(c.id), fold(c.name))]
    matches: list[Invoice | Client] = [*invoices, *clients]
    if len(matches) != 1:
        several = f"Several records match: {', '.join(m.id for m in matches)}." if matches else ""
        raise WrongUse(
            f"There is no one client or invoice '{wanted}'.",
            several or "Give an id such as K-0007 or F-0016, an invoice's number, or a client's whole name.",
        )
    record = matches[0]
    facts = _invoice(decision, record, language) if isinstance(record, Invoice) else _client(decision, record, language)
    tab = "invoices" if isinstance(record, Invoice) else "clients"
    name = record.number if isinstance(record, Invoice) else record.name
    facts = [(label, text) for label, text in facts if text]
    facts += [("problem", messages.text(p, language)) for p in decision.problems if (p.tab, p.id) == (tab, record.id)]
    return Explanation(record.id, f"{record.id} · {name}", tuple(facts), tuple(past(decision, tab, record.id)))


def past(decision: Decision, tab: str = "", id_: str = "") -> Iterator[dict[str, Any]]:
    """The history, oldest first: of one record and the letters about it, or all of it."""
    table = decision.found.tables["history"]
    letters = _letters(decision, id_) if id_ else set()
    names = ("time", "run", "event", "tab", "id", "field", "before", "after", "details")
    for row in table.rows():
        cells = english({name: as_json(row.cells.get(name)) for name in names})
        mine = (as_text(row.cells.get("id")), cells["tab"]) == (id_, tab)
        if not id_ or mine or first_message_id(as_text(row.cells.get("details"))) in letters:
            yield cells


def _letters(decision: Decision, id_: str) -> set[str]:
    """The Message-IDs of letters about an invoice, or to a client: who got them, when, and what came back."""
    owed = {invoice.id for invoice in decision.found.invoices if id_ in (invoice.id, invoice.client)}
    return {letter for letter, invoices in decision.found.past.letters.items() if owed & invoices.keys()}


def runs(decision: Decision) -> dict[str, int]:
    """How many history rows each run wrote, oldest run first."""
    counts: dict[str, int] = {}
    for event in history.events(decision.found.tables["history"]):
        counts[event.run] = counts.get(event.run, 0) + 1
    return counts


def _invoice(decision: Decision, invoice: Invoice, language: str) -> list[tuple[str, str]]:
    standing = decision.today.standings[invoice.id]
    answer = next(a for a in decision.today.answers if a.id == invoice.id)
    client = next((c for c in decision.found.clients if c.id == invoice.client), None)
    due, effective = invoice.due_on, standing.effective_due_on
    moved = f" (counts from {effective}, the next working day)" if due != effective else ""
    left = standing.remaining
    step, day = decision.found.past.ladder.get(invoice.id) or (invoice.last_step, invoice.last_reminder_on)
    return [
        ("client", f"{client.id} · {client.name}" if client else invoice.client_text),
        ("status", status_of(standing, language)),
        ("due on", f"{due}{moved}" if due else ""),
        ("days overdue", str(standing.days_overdue or "")),
        ("amount", "" if invoice.amount is None else money(invoice.amount, invoice.currency, language)),
        ("paid so far", money(invoice.paid, invoice.currency, language) if invoice.paid else ""),
        ("covered by credit", money(standing.credit, invoice.currency, language) if standing.credit else ""),
        ("remaining", "not known" if left is None else money(left, invoice.currency, language)),
        ("last reminder", f"step {step}, {day}" if step else ""),
        ("next reminder", f"step {answer.step}, {answer.next_on or 'no day yet'}" if answer.step else ""),
        ("why", f"{why(answer, language)} [{answer.code}]"),
        ("letters", _waiting(decision, client.id, language) if client and standing.status in OPEN else ""),
    ]


def _waiting(decision: Decision, client: str, language: str) -> str:
    """What the client's letters wait for, and how a person lets them go: an answer is read, an address mended."""
    again = f"kartoteka resolve {client} resend"
    if client in replied(decision.found):
        label = CLIENTS.field("reply").label(language)
        here = f"empty the client's cell “{label}”, or: " if reply_cells(decision.found) is not None else ""
        return f"wait, because the client answered; when that is settled, {here}{again}"
    if client in bounced(decision.found):
        address = bounced(decision.found)[client]["address"]
        return f"wait, because {address} takes no mail; correct it and they go by themselves, or try it again: {again}"
    return ""


def _client(decision: Decision, client: Client, language: str) -> list[tuple[str, str]]:
    balance = decision.today.balances.get(client.id, NOTHING_OWED)
    twin = decision.today.duplicate_clients.get(client.id)
    owed = [i for i in decision.found.invoices if i.client == client.id]
    still_open = [i for i in owed if decision.today.standings[i.id].status in OPEN]
    return [
        ("e-mail", ", ".join(client.email)),
        ("tax id", client.tax_id or ""),
        ("stage", client.stage),
        ("tags", client.tags),
        ("on hold until", "always" if client.hold_until == date.max else str(client.hold_until or "")),
        ("answered", replied(decision.found).get(client.id, "")),
        ("letters", _waiting(decision, client.id, language)),
        ("open", "; ".join(money(amount, code, language) for code, amount in balance.open.items())),
        ("overdue", "; ".join(money(amount, code, language) for code, amount in balance.overdue.items())),
        ("duplicate of", labels.duplicate_label(twin.original, twin.reason, language, twin.via) if twin else ""),
        ("invoices", f"{len(owed)}, {len(still_open)} of them open"),
        *((i.id, f"{i.number}: {status_of(decision.today.standings[i.id], language)}") for i in still_open),
    ]
