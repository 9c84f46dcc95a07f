"""Before a run decides: what came back for letters, and what became of those in doubt. A mailbox out of reach never
stops a run. What is heard becomes rows of the history in replies.py.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

from mailers.answers import Response
from mailers.listening import Archive, Ear
from mailers.outbox import Outbox
from mailers.reminders import LetterState, Receipt
from sync.history import Facts
from sync.replies import FOUND
from validators.errors import OutOfReach


@dataclass(frozen=True, slots=True)
class Heard:
    """What came back for letters, and why the mailbox could not be read, if it could not."""

    responses: tuple[Response, ...] = ()
    trouble: OutOfReach | None = None


NOTHING_HEARD = Heard()


@runtime_checkable
class Finder(Protocol):
    """A way out whose server can be asked for a letter, beyond what is remembered here."""

    def found(self, message_id: str) -> bool | None:
        """Whether a letter in doubt has left; None when nobody can tell now."""
        ...


def listen(ear: Ear | None, now: datetime) -> Heard:
    """What came back lately; nothing without an ear."""
    try:
        return Heard(ear.hear(now)) if ear else NOTHING_HEARD
    except OutOfReach as error:
        return Heard(trouble=error)


def has_left(outbox: Outbox, archive: Archive | None, message_id: str, now: datetime) -> bool | None:
    """Whether the letter has left, as the way out knows; where it does not, the archive may. None: nobody can tell,
    for a letter that is not in the archive may have left all the same."""
    known = outbox.holds(message_id)
    if known is None and archive and archive.holds(message_id):
        outbox.settle(message_id, sent=True, now=now)
        return True
    return known


def no_longer_in_doubt(past: Facts, outbox: Outbox, archive: Archive | None, now: datetime) -> list[Receipt]:
    """Letters that were in doubt, and of which the server that was to send them, or the archive, tells by now."""
    receipts = []
    for letter in past.unknown:
        known = outbox.found(letter) if isinstance(outbox, Finder) else None
        if known is not None:
            receipts.append(Receipt(letter, LetterState.SENT if known else LetterState.FAILED, "recovered"))
        elif archive and has_left(outbox, archive, letter, now):
            receipts.append(Receipt(letter, LetterState.SENT, FOUND))
    return receipts


def remind_outbox(past: Facts, outbox: Outbox, now: datetime) -> None:
    """The way out learns what the history knows by answers: which letters came back, and which have surely left."""
    for letter in past.reactions.returned:
        if outbox.holds(letter) is not False:
            outbox.returned(letter, now)
    for letter in past.reactions.answered - past.reactions.returned:
        if outbox.holds(letter) is None:
            outbox.settle(letter, sent=True, now=now)
