"""A person settles what stands in the way of letters: one of which nobody knows whether it left, an address that took
no mail, a client's answer. Pure.
"""

from datetime import datetime
from typing import Literal

from mailers.reminders import LetterState, Receipt
from sync import history
from sync.changes import Log
from sync.gather import Gathered
from sync.obstacles import reply_cells
from sync.plan import AppendRow, Plan, SetCell
from sync.reactions import key
from validators.errors import WrongUse


def letter_in_doubt(found: Gathered, invoice: str) -> str:
    """The Message-ID of the letter of `invoice` of which nobody knows whether it left.

    Raises:
        WrongUse: there is no such letter.
    """
    letter = next((m for m, rows in _doubtful(found).items() if invoice in rows), None)
    if letter is None:
        raise WrongUse(
            f"No letter of {invoice} is in doubt.", "See 'kartoteka explain ID' for what was sent, and when."
        )
    return letter


def resolve(
    found: Gathered,
    invoice: str,
    word: Literal["sent", "resend"],
    run: str,
    register: str,
    now: datetime,
    language: str,
) -> Plan:
    """The history rows that settle the open letter of `invoice`.

    Raises:
        WrongUse: there is no letter in doubt for this invoice.
    """
    letter = letter_in_doubt(found, invoice)
    state = LetterState.SENT if word == "sent" else LetterState.FAILED
    appended: list[AppendRow] = history.outcomes(
        found.past, [Receipt(letter, state, f"resolved: {word}")], now, run, language
    )
    return Plan(run, register, language, appended=tuple(appended))


def reopen(found: Gathered, client: str, register: str, log: Log) -> Plan:
    """What lets letters to a client go again: its answer is taken out of the sheet, its address may be tried.

    Raises:
        WrongUse: nothing of the kind keeps letters to the client here.
    """
    past, appended, changes = found.past.reactions, list[AppendRow](), list[SetCell]()
    about = {"tab": "clients", "id": client}
    shown = (reply_cells(found) or {}).get(client, "")
    if shown:
        changes.append(SetCell("clients", client, "reply", shown, None, "reply cleared"))
    if shown or client in past.replies:
        text = past.replies.get(client, shown)
        appended.append(log.row("reply cleared", **about, field="reply", before=text, details="resend"))
    for address in _addresses(found, client):
        if key(address) in past.dead or key(address) in past.setbacks:
            appended.append(log.row("address cleared", **about, field="email", before=address, details="resend"))
    if not appended:
        raise WrongUse(
            f"Nothing keeps letters to {client} here that could be cleared.",
            f"See 'kartoteka explain {client}' for its address and answers, and of each invoice for the reason.",
        )
    return Plan(log.run, register, log.language, changes=tuple(changes), appended=tuple(appended))


def _addresses(found: Gathered, client: str) -> tuple[str, ...]:
    return next((record.email for record in found.clients if record.id == client), ())


def _doubtful(found: Gathered) -> dict[str, dict[str, tuple[str, str]]]:
    """Letters whose outcome is unknown or not on record, with their invoices and steps before and after."""
    letters = (*found.past.claims, *found.past.unknown)
    return {letter: found.past.open_steps(letter) for letter in letters}
