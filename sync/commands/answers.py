"""What a run heard of earlier letters, for a terminal: bounces, replies, a mailbox out of reach. Words only."""

from collections.abc import Iterator

from config.labels import event_code
from sync.journeys import Outcome
from validators.errors import OutOfReach

_WAITS = "Letters wait until the Reply cell is emptied."


def heard(outcome: Outcome) -> Iterator[str]:
    """A line for each client who answered and each address that takes no mail, by what this run wrote."""
    decision = outcome.decision
    names = {client.id: client.name for client in decision.found.clients}
    owners = {invoice.id: names.get(invoice.client or "", "") for invoice in decision.found.invoices}
    told: dict[str, None] = {}
    for row in (row for plan in outcome.written for row in plan.appended):
        event, id_ = event_code(str(row.values["event"])), str(row.values.get("id") or "")
        if event == "reply received":
            told[f"{names.get(id_, id_)} answered: {row.values.get('after')}. {_WAITS}"] = None
        elif event == "letter bounced":
            told[f"A letter to {owners.get(id_, id_)} came back: {_words(str(row.values.get('details')))}"] = None
    yield from told
    if outcome.unheard:
        yield unheard(outcome.unheard)


def unheard(trouble: OutOfReach) -> str:
    """Why no answers were read, and what to do."""
    return f"Answers were not read: {trouble.what} {trouble.advice}"


def _words(details: str) -> str:
    return details.rpartition("> ")[2]
