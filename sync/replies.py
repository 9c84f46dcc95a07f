"""From what came back for letters to rows of the history: replies, bounces, delays; and what people cleared. Pure."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from config import reasons
from mailers.answers import Kind, Response
from mailers.reminders import LetterState, Receipt
from sync import history
from sync.changes import Log
from sync.gather import Gathered
from sync.obstacles import reply_cells
from sync.plan import AppendRow

FOUND = "found in the mailbox"
_EVENTS = {Kind.DELAY: "delivery delayed", Kind.AUTOMATIC: "automatic reply", Kind.REPLY: "reply received"}


def cleared(found: Gathered, log: Log) -> list[AppendRow]:
    """What became of answers in the column *Reply* since they were written there: a cell that a person has emptied lets
    the client's letters go again; a column that has gone does not. `found.past` is brought up to date."""
    reactions, standing = found.past.reactions, reply_cells(found)
    rows = []
    for client, text in list(reactions.replies.items()):
        shown = (client, text) in reactions.shown
        about = {"tab": "clients", "id": client, "field": "reply"}
        if shown and standing is None:
            rows.append(_tell(found, "held", log, **about, before=text))
        elif shown and standing is not None and standing.get(client) == "":
            rows.append(_tell(found, "reply cleared", log, **about, before=text))
        elif standing is not None and not shown and standing.get(client) == text:
            rows.append(_tell(found, "held", log, **about, after=text))
    return rows


def column_added(found: Gathered, log: Log) -> list[AppendRow]:
    """What to put down with the write that adds the column *Reply*: that its cells are blank clears no answer."""
    reactions = found.past.reactions
    shown = [(client, text) for client, text in reactions.replies.items() if (client, text) in reactions.shown]
    about = {"tab": "clients", "field": "reply"}
    return [_tell(found, "held", log, **about, id=client, before=text) for client, text in shown]


def put_down(found: Gathered, heard: Iterable[Response], log: Log) -> list[AppendRow]:
    """History rows for what came back for letters that the history knows, each once; `found.past` is brought up to
    date."""
    rows: list[AppendRow] = []
    for response in sorted(heard, key=lambda response: response.arrived):
        if _is_news(found, response):
            rows += _outcome(found, response, log)
            told = _came_back if response.kind is Kind.BOUNCE else _answered
            rows += told(found, response, log)
    return rows


def _is_news(found: Gathered, response: Response) -> bool:
    past = found.past
    if response.letter not in past.letters or response.own_id in past.reactions.heard:
        return False
    return response.kind is not Kind.BOUNCE or response.letter not in past.reactions.returned


def _outcome(found: Gathered, response: Response, log: Log) -> list[AppendRow]:
    """Whatever answers a letter proves that it has left."""
    receipt = Receipt(response.letter, LetterState.SENT, FOUND)
    return history.outcomes(found.past, [receipt], log.now, log.run, log.language)


def _came_back(found: Gathered, response: Response, log: Log) -> Iterator[AppendRow]:
    """One row for each invoice, like those of the letter itself: the ladders of all go back."""
    address = found.past.reactions.written_to.get(response.letter) or response.address
    details = f"{response.letter} {response.own_id} {address + ': ' if address else ''}{response.words}"
    for invoice, (before, after) in dict(found.past.letters[response.letter]).items():
        about = {"tab": "invoices", "id": invoice, "field": "last_step", "before": before, "after": after}
        yield _tell(found, "letter bounced", log, **about, details=details)


def _answered(found: Gathered, response: Response, log: Log) -> Iterator[AppendRow]:
    invoices = ", ".join(found.past.letters[response.letter])
    sender = f"{response.sender} " if response.sender else ""
    details = f"{response.letter} {response.own_id} {sender}({invoices}): {response.words}"
    client = _client(found, response.letter)
    about = {"tab": "clients", "id": client} if client else {"tab": "invoices", "id": invoices.partition(",")[0]}
    if response.kind is Kind.REPLY and client:
        day = _local(response.arrived, log.now).date()
        about |= {"field": "reply", "after": reasons.reply(day, response.words, log.language)}
    yield _tell(found, _EVENTS[response.kind], log, **about, details=details)


def _client(found: Gathered, letter: str) -> str:
    """The client whom the letter was about, by the invoices in it; "" when they have gone."""
    debtors = {invoice.id: invoice.client for invoice in found.invoices}
    return next((client for invoice in found.past.letters[letter] if (client := debtors.get(invoice))), "")


def _tell(found: Gathered, event: str, log: Log, *, details: str = "", **about: str) -> AppendRow:
    return history.tell(found.past, event, log.now, log.run, log.language, details=details, **about)


def _local(moment: datetime, now: datetime) -> datetime:
    return moment.astimezone(now.tzinfo)
