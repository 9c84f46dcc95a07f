"""A person settles the letter of which nobody knows whether it left: it did, or it shall be sent again. Pure."""

from datetime import datetime
from typing import Literal

from mailers.reminders import LetterState, Receipt
from sync import history
from sync.gather import Gathered
from sync.plan import AppendRow, Plan
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
    found.past.claims.setdefault(letter, dict(_doubtful(found)[letter]))
    appended: list[AppendRow] = history.outcomes(
        found.past, [Receipt(letter, state, f"resolved: {word}")], now, run, language
    )
    return Plan(run, register, language, appended=tuple(appended))


def _doubtful(found: Gathered) -> dict[str, dict[str, tuple[str, str]]]:
    """Letters whose outcome is unknown or not on record, with their invoices and steps before and after."""
    doubtful = {m: dict(rows) for m, rows in found.past.claims.items()}
    for event in history.events(found.tables["history"]):
        if event.event == "reminder unknown" and event.message_id in found.past.unknown:
            doubtful.setdefault(event.message_id, {})[event.id] = (event.before, event.after)
    return doubtful
