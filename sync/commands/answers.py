"""What a run heard of earlier letters, for a terminal: bounces and replies. Words only."""

from collections.abc import Iterator

from config.labels import event_code
from sync.journeys import Outcome
from validators.tabs import CLIENTS

_WAITS = "Letters wait until the client's cell “{}” is emptied."
_RETURNED = "Correct the address in the sheet and the letter goes again by itself; if it was right"


def heard(outcome: Outcome) -> Iterator[str]:
    """A line for each client who answered and each address that takes no mail, by what this run wrote."""
    decision = outcome.decision
    names = {client.id: client.name for client in decision.found.clients}
    debtors = {invoice.id: invoice.client or "" for invoice in decision.found.invoices}
    told: dict[str, None] = {}
    for row, language in ((row, plan.language) for plan in outcome.written for row in plan.appended):
        event, id_ = event_code(str(row.values["event"])), str(row.values.get("id") or "")
        if event == "reply received":
            cell = CLIENTS.field("reply").label(language)
            told[f"{names.get(id_, id_)} answered: {row.values.get('after')}. {_WAITS.format(cell)}"] = None
        elif event == "letter bounced":
            client, words = debtors.get(id_, ""), _words(str(row.values.get("details")))
            advice = f" {_RETURNED}: kartoteka resolve {client} resend" if client in names else ""
            told[f"A letter to {names.get(client, id_)} came back: {words}.{advice}"] = None
    yield from told


def _words(details: str) -> str:
    return details.rpartition("> ")[2].rstrip(".")
