"""What the history tells of how clients and mail servers reacted to letters: replies, addresses that take no mail,
failures in a row, and what cleared them. Pure; what follows for today is obstacles.py's part.
"""

import re
from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass, field, fields
from datetime import date, datetime, timedelta
from typing import NamedTuple

from config.outcomes import PASSING, PERMANENT, outcome
from sync.events import Event

FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=30), timedelta(days=1)
_ADDRESSED = re.compile(r"([^\s:]+@[^\s:]+): (.*)", re.S)


class Mark(NamedTuple):
    """Since when an address takes no mail, and the words of the server that says so."""

    on: date | None
    words: str


class Setback(NamedTuple):
    """How many letters in a row one address did not get, when the last was tried, and what the server said."""

    failures: int
    at: datetime | None
    words: str

    @property
    def pause(self) -> timedelta:
        """How long to wait before the next try: half an hour, doubled with each failure, a day at most.

        >>> [str(Setback(n, None, "").pause) for n in (1, 2, 3, 9)]
        ['0:30:00', '1:00:00', '2:00:00', '1 day, 0:00:00']
        """
        doubled = timedelta(seconds=FIRST_PAUSE.total_seconds() * 2.0 ** min(self.failures - 1, 10))
        return min(doubled, LONGEST_PAUSE)


@dataclass(slots=True)
class Reactions:
    """`written_to` maps a letter to the address it went to; `heard` holds the Message-IDs of answers on record,
    `answered` and `returned` the letters they answer. By address (`key`): `dead`, `setbacks`. By client: `replies`, as
    the sheet shows them, until a person clears them; `shown` says which of them have stood in the sheet."""

    written_to: dict[str, str] = field(default_factory=dict)
    heard: set[str] = field(default_factory=set)
    answered: set[str] = field(default_factory=set)
    returned: set[str] = field(default_factory=set)
    failed: set[str] = field(default_factory=set)
    dead: dict[str, Mark] = field(default_factory=dict)
    setbacks: dict[str, Setback] = field(default_factory=dict)
    replies: dict[str, str] = field(default_factory=dict)
    shown: set[tuple[str, str]] = field(default_factory=set)

    def __copy__(self) -> "Reactions":
        """The same, apart: what is added to one is not seen in the other."""
        return Reactions(**{f.name: copy(getattr(self, f.name)) for f in fields(self)})


def key(address: str) -> str:
    """By what an address is known again: servers do not tell capitals apart.

    >>> key(" Biuro@Firma.PL")
    'biuro@firma.pl'
    """
    return address.strip().casefold()


def addressed(words: str) -> tuple[str, str]:
    """The address that a server's refusal speaks of, "" if of none, and the server's words.

    >>> addressed("a@b.pl: 550 5.1.1 no such user"), addressed("554 5.7.1 no")
    (('a@b.pl', '550 5.1.1 no such user'), ('', '554 5.7.1 no'))
    """
    found = _ADDRESSED.fullmatch(words)
    return (found[1], found[2]) if found else ("", words)


def _claimed(found: Reactions, event: Event) -> None:
    address = event.details.removeprefix(event.message_id).partition(",")[0]
    if "@" in address:
        found.written_to[event.message_id] = key(address)


def _sent(found: Reactions, event: Event) -> None:
    found.setbacks.pop(found.written_to.get(event.message_id, ""), None)


def _failed(found: Reactions, event: Event) -> None:
    """Only what a server said counts: that no server was in reach is no fault of the letter."""
    code, words = outcome(event.words)
    if code not in (PERMANENT, PASSING) or event.message_id in found.failed:
        return
    found.failed.add(event.message_id)
    refused, said = addressed(words)
    address = found.written_to.get(event.message_id) or key(refused)
    if code == PERMANENT and refused:
        found.dead[address] = Mark(event.on, said)
    elif address:
        before = found.setbacks.get(address)
        found.setbacks[address] = Setback((before.failures if before else 0) + 1, event.at, said)


def _bounced(found: Reactions, event: Event) -> None:
    _heard(found, event)
    found.returned.add(event.message_id)
    address, words = addressed(event.words)
    if address:
        found.dead[key(address)] = Mark(event.on, words)


def _replied(found: Reactions, event: Event) -> None:
    _heard(found, event)
    if event.tab == "clients":
        found.replies[event.id] = event.after


def _heard(found: Reactions, event: Event) -> None:
    found.heard.add(event.answer_id)
    found.answered.add(event.message_id)


def _held(found: Reactions, event: Event) -> None:
    """What stood in the sheet, or, when `after` is blank, stands there no more because its column has gone."""
    if event.field == "reply" and event.after:
        found.shown.add((event.id, event.after))
    elif event.field == "reply":
        found.shown.discard((event.id, event.before))


def _reply_cleared(found: Reactions, event: Event) -> None:
    found.shown.discard((event.id, found.replies.pop(event.id, "")))


def _address_cleared(found: Reactions, event: Event) -> None:
    found.dead.pop(key(event.before), None)
    found.setbacks.pop(key(event.before), None)


HANDLERS: Mapping[str, Callable[[Reactions, Event], None]] = {
    "reminder claimed": _claimed,
    "reminder sent": _sent,
    "reminder failed": _failed,
    "letter bounced": _bounced,
    "delivery delayed": _heard,
    "automatic reply": _heard,
    "reply received": _replied,
    "held": _held,
    "reply cleared": _reply_cleared,
    "address cleared": _address_cleared,
}
