"""What replies, bounces, refusals and doubts on record mean for today: who is not written to, and why. Pure."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from mailers.addresses import clean
from mailers.policy import Pause
from sync.gather import Gathered
from sync.reactions import Reactions, key
from validators.problems import Problem
from validators.rows import as_text

_SHORTEST = 100  # characters of a server's words in a sentence


def replied(found: Gathered) -> dict[str, str]:
    """The clients who answered, with what they said: whatever stands in the column *Reply*, and answers that have not
    stood there yet. Without that column, every answer that nobody has cleared."""
    reactions, standing = found.past.reactions, reply_cells(found)
    if standing is None:
        return dict(reactions.replies)
    return dict(unshown(reactions)) | {client: text for client, text in standing.items() if text}


def unshown(reactions: Reactions) -> Iterator[tuple[str, str]]:
    """Answers on record that have not stood in the sheet yet, by client."""
    for client, text in reactions.replies.items():
        if (client, text) not in reactions.shown:
            yield client, text


def bounced(found: Gathered) -> dict[str, Mapping[str, object]]:
    """The clients whose address takes no mail, with what is known of it."""
    marks = found.past.reactions.dead
    told: dict[str, Mapping[str, object]] = {}
    for client in found.clients:
        mark = marks.get(key(client.email[0])) if client.email else None
        if mark:
            told[client.id] = {"address": client.email[0], "on": mark.on or "?", "words": clean(mark.words)}
    return told


def paused(found: Gathered, now: datetime) -> dict[str, Pause]:
    """The clients whose last letter a server did not take, until it is tried again; `now` is in the workbook's zone."""
    setbacks = found.past.reactions.setbacks
    pauses = {}
    for client in found.clients:
        setback = setbacks.get(key(client.email[0])) if client.email else None
        # A failure in the future is a clock set back: then the letter is tried at once, for it has not left.
        if setback and setback.at and setback.at - timedelta(minutes=1) <= now.replace(tzinfo=None):
            again = (setback.at + setback.pause).replace(tzinfo=now.tzinfo)
            pauses[client.id] = Pause(again, clean(setback.words)[:_SHORTEST])
    return pauses


def problems(found: Gathered) -> Iterator[Problem]:
    """What a person should look at: addresses that take no mail, and letters of which nobody knows."""
    lines = {client.id: client.line for client in found.clients}
    for client, mark in bounced(found).items():
        params = {"on": str(mark["on"]), "words": str(mark["words"])[:_SHORTEST], "client": client}
        yield Problem("clients", lines[client], client, "email", mark["address"], "address_bounced", params)
    rows = {invoice.id: invoice.line for invoice in found.invoices}
    for letter, invoices in found.past.unknown.items():
        for invoice in invoices:
            params = {"on": str(found.past.sent_on.get(letter) or ""), "invoice": invoice}
            step = found.past.letters[letter][invoice][1]
            if invoice in rows:
                yield Problem("invoices", rows[invoice], invoice, "last_step", step, "letter_in_doubt", params)


def reply_cells(found: Gathered) -> dict[str, str] | None:
    """What stands in the column *Reply*, by client; of rows with the same id, in any. None without that column."""
    table = found.tables["clients"]
    if "reply" not in table.columns:
        return None
    standing: dict[str, str] = {}
    for id_, cell in zip(found.ids["clients"], table.column("reply"), strict=True):
        standing[id_] = clean(as_text(cell)) or standing.get(id_, "")
    return standing
