"""What the team is told: one message a run, grouped by owner, with what else needs a person. Pure; sends nothing."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol, TypeVar

from config.reasons import day, money
from mailers.addresses import clean
from mailers.reminders import Notice
from mailers.wording import delay, plural
from validators.tabs import CLIENTS, INVOICES
from validators.text import fold

_LONGEST = 120  # characters of a name: more is no name, and chats cut long messages
# What chats take for a mention of everybody, or for a link with another text than its target.
_MENTION = re.compile(r"(?<!\w)@(?=\w)")
_WORDS = {
    "pl": {
        "invoices": ("faktura do rozmowy z klientem", "faktury do rozmowy z klientem", "faktur do rozmowy z klientem"),
        "matters": ("sprawa do sprawdzenia", "sprawy do sprawdzenia", "spraw do sprawdzenia"),
        "count": ("faktura", "faktury", "faktur"),
        "nobody": ("Bez opiekuna",),
        "left": ("pozostało",),
        "step": ("krok",),
        "total": ("Razem",),
        "look": ("Do sprawdzenia",),
        "failed": ("List nie wyszedł",),
        "unknown": ("Nie wiadomo, czy list wyszedł",),
        "bounced": ("Adres nie przyjmuje poczty",),
        "replied": ("Klient odpisał",),
    },
    "en": {
        "invoices": ("invoice to talk about with the client", "invoices to talk about with the clients"),
        "matters": ("matter to look at", "matters to look at"),
        "count": ("invoice", "invoices"),
        "nobody": ("No owner",),
        "left": ("left to pay:",),
        "step": ("step",),
        "total": ("Total",),
        "look": ("To look at",),
        "failed": ("A letter did not leave",),
        "unknown": ("Nobody knows whether a letter left",),
        "bounced": ("An address takes no mail",),
        "replied": ("A client answered",),
    },
}

_NEXT = {
    "pl": {
        "failed": "powód stoi przy fakturze w kolumnie „{why}”",
        "unknown": "sprawdź w wysłanych; dalej jak w kolumnie „{problems}”",
        "bounced": "popraw go w arkuszu, a list wyjdzie ponownie",
        "replied": "listy czekają, aż ktoś opróżni komórkę „{reply}”",
    },
    "en": {
        "failed": "the reason stands beside the invoice in the column “{why}”",
        "unknown": "look among the sent mail; go on as the column “{problems}” says",
        "bounced": "correct it in the sheet and the letter goes again",
        "replied": "letters wait until somebody empties the cell “{reply}”",
    },
}


@dataclass(frozen=True, slots=True)
class Concern:
    """What else a person should look at: `kind` is failed, unknown, bounced or replied; `detail` says about what
    (invoice numbers, an address, first words). `owner` is the client's, "" for none."""

    kind: str
    client_name: str
    owner: str
    detail: str


@dataclass(frozen=True, slots=True)
class Digest:
    """One message to the team, in plain text."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Told:
    """How it went: what somebody was told of, and which addresses did not take it, in words without secrets."""

    notices: tuple[Notice, ...] = ()
    concerns: tuple[Concern, ...] = ()
    failures: tuple[str, ...] = ()


NOTHING_TOLD = Told()


class Team(Protocol):
    """A way to tell the team."""

    def tell(self, notices: Sequence[Notice], concerns: Sequence[Concern], language: str, today: date) -> Told:
        """Send each address its share. Never raises for what an address does."""
        ...


_Item = TypeVar("_Item", Notice, Concern)


def share(items: Iterable[_Item], owners: frozenset[str]) -> tuple[_Item, ...]:
    """Those of `items` that belong to `owners` (folded), or all if there are none."""
    return tuple(item for item in items if not owners or fold(item.owner) in owners)


def digest(notices: Sequence[Notice], concerns: Sequence[Concern], language: str, today: date) -> Digest:
    """The message about all of these. Groups stand in the order of the owners' names, what nobody owns last."""
    groups: dict[str, list[Notice]] = defaultdict(list)
    for notice in notices:
        groups[fold(notice.owner)].append(notice)
    parts = [_group(groups[key], language) for key in sorted(groups, key=lambda key: (not key, key))]
    if len(parts) > 1:
        parts.append(f"{_word('total', language)}: {_sums(notices, language)}")
    if concerns:
        lines = (_matter(concern, language) for concern in concerns)
        parts.append("\n".join((f"{_word('look', language)}:", *dict.fromkeys(lines))))
    return Digest(_title(notices, concerns, language, today), "\n\n".join(parts) + "\n")


def _title(notices: Sequence[Notice], concerns: Sequence[Concern], language: str, today: date) -> str:
    counts = (("invoices", len(notices)), ("matters", len(concerns)))
    told = [f"{number} {_form(word, number, language)}" for word, number in counts if number]
    return f"Kartoteka, {day(today, language)}: {', '.join(told)}"


def _group(notices: Sequence[Notice], language: str) -> str:
    owner = _plain(notices[0].owner) or _word("nobody", language)
    count = f"{len(notices)} {_form('count', len(notices), language)}"
    return "\n".join((f"{owner}: {count}, {_sums(notices, language)}", *(_line(n, language) for n in notices)))


def _line(notice: Notice, language: str) -> str:
    left = f"{_word('left', language)} {money(notice.remaining, notice.currency, language)}"
    since = delay(notice.days_overdue, language)
    number, client = _plain(notice.number), _plain(notice.client_name)
    return f"- {client}: {number}, {left}, {since} ({_word('step', language)} {_plain(notice.step)})"


def _matter(concern: Concern, language: str) -> str:
    detail = f" ({_plain(concern.detail)})" if concern.detail else ""
    fields = {"why": INVOICES.field("why"), "problems": INVOICES.field("problems"), "reply": CLIENTS.field("reply")}
    labels = {name: field.label(language) for name, field in fields.items()}
    advice = _NEXT.get(language, _NEXT["en"])[concern.kind].format_map(labels)
    return f"- {_word(concern.kind, language)}: {_plain(concern.client_name)}{detail}; {advice}"


def _sums(notices: Iterable[Notice], language: str) -> str:
    owed: dict[str, Decimal] = defaultdict(Decimal)
    for notice in notices:
        owed[notice.currency] += notice.remaining
    return " + ".join(money(amount, currency, language) for currency, amount in sorted(owed.items()))


def _plain(text: str) -> str:
    """Text of a cell as words only: what a chat would read as a mention, a link or markup has no power.

    >>> _plain("@everyone <https://x.pl|y>\\n")
    '@\\u2060everyone ‹https://x.pl|y›'
    """
    tame = _MENTION.sub("@\N{WORD JOINER}", clean(text).replace("<", "‹").replace(">", "›"))
    return tame if len(tame) <= _LONGEST else f"{tame[: _LONGEST - 1]}…"


def _word(name: str, language: str) -> str:
    return _form(name, 1, language)


def _form(name: str, number: int, language: str) -> str:
    return plural(number, _WORDS.get(language, _WORDS["en"])[name], language)
