"""What the history tab tells: how far each ladder has gone, what was drafted, claimed, undone, and when. Pure.

The history is the truth about what was sent; the columns *Last step* and *Last reminder* only show it.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from copy import copy
from dataclasses import dataclass, field, fields
from datetime import date, datetime

from config.outcomes import outcome_text
from mailers.reminders import Letter, LetterState, Receipt
from sync.events import EPOCH, LAST_SERIAL, Event, events, row
from sync.news import HANDLERS as NEWS
from sync.news import News
from sync.plan import AppendRow
from sync.reactions import HANDLERS as REACTIONS
from sync.reactions import Reactions

__all__ = ["EPOCH", "LAST_SERIAL", "Claim", "Event", "Facts", "claims", "drafts", "events", "facts", "outcomes", "row"]


@dataclass(frozen=True, slots=True)
class Claim:
    """A letter that `run` claimed and whose outcome is not yet on record; `invoices` maps ids to their step before."""

    message_id: str
    invoices: dict[str, str]
    run: str


@dataclass(slots=True)
class Facts:
    """What follows from the events. `ladder` maps an invoice to (step, day) of its last reminder that counts,
    ("", None) when none that was tried has left; `unknown` a letter in doubt to its invoices;
    `failed` holds letters that surely did not leave. `notices` maps (invoice, step of the team) to the run that is to
    tell the team of it, `lettered` an invoice to the day of its last letter where the team was told since; `news` is
    what the team has not been told of yet."""

    first_seen: dict[tuple[str, str], date] = field(default_factory=dict)
    named: dict[tuple[str, str], str] = field(default_factory=dict)
    known_ids: set[tuple[str, str]] = field(default_factory=set)
    ladder: dict[str, tuple[str, date | None]] = field(default_factory=dict)
    prior: dict[tuple[str, str], tuple[str, date | None]] = field(default_factory=dict)
    attempts: Counter[tuple[str, str]] = field(default_factory=Counter)
    drafted: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    claims: dict[str, dict[str, tuple[str, str]]] = field(default_factory=lambda: defaultdict(dict))
    unknown: dict[str, tuple[str, ...]] = field(default_factory=dict)
    failed: set[str] = field(default_factory=set)
    letters: dict[str, dict[str, tuple[str, str]]] = field(default_factory=lambda: defaultdict(dict))
    latest: dict[str, str] = field(default_factory=dict)
    reactions: Reactions = field(default_factory=Reactions)
    sent_on: dict[str, date | None] = field(default_factory=dict)
    sent_in: dict[str, str] = field(default_factory=dict)
    undone: set[tuple[str, str, str, str]] = field(default_factory=set)
    settled: set[tuple[str, str]] = field(default_factory=set)
    came_back: set[tuple[str, str]] = field(default_factory=set)
    notices: dict[tuple[str, str], str] = field(default_factory=dict)
    noticed: set[tuple[str, str]] = field(default_factory=set)
    lettered: dict[str, date] = field(default_factory=dict)
    news: News = field(default_factory=News)

    def copy(self) -> "Facts":
        """The same facts, apart: what is added to one is not seen in the other."""
        apart = {f.name: copy(getattr(self, f.name)) for f in fields(self)}
        for name in ("claims", "letters"):
            apart[name] = defaultdict(dict, {letter: dict(rows) for letter, rows in getattr(self, name).items()})
        return Facts(**apart)

    def open_claims(self) -> tuple[Claim, ...]:
        """Claims without an outcome, in the order in which they were made."""
        return tuple(
            Claim(m, {i: before for i, (before, _) in rows.items()}, self.sent_in.get(m, ""))
            for m, rows in self.claims.items()
        )

    def open_steps(self, letter: str) -> dict[str, tuple[str, str]]:
        """The invoices of a letter whose outcome is not on record, or in doubt, with their steps before and after."""
        return dict(self.claims.get(letter) or (self.letters[letter] if letter in self.unknown else {}))

    def letters_by_day(self) -> Counter[date]:
        """How many letters left on each day."""
        return Counter(day for day in self.sent_on.values() if day)

    def letters_in(self, run: str) -> int:
        """How many letters run `run` has sent so far."""
        return sum(1 for sender in self.sent_in.values() if sender == run)


def facts(history: Iterable[Event]) -> Facts:
    """Everything the engine needs to know of the past, in one pass."""
    found = Facts()
    for event in history:
        found.known_ids.add((event.tab, event.id))
        _learn(found, event)
    return found


def tell(
    found: Facts, event: str, now: datetime, run: str, language: str, *, details: str = "", **values: str
) -> AppendRow:
    """A history row about `event`; `found` is brought up to date. `values` are tab, id, field, before, after."""
    whole = {"tab": "", "id": "", "field": "", "before": "", "after": ""} | values
    local = now.replace(tzinfo=None, microsecond=0)
    _learn(found, Event(now.date(), run, event, **whole, details=details, at=local))
    return row(now, run, event, language, **values, details=details)


def outcomes(found: Facts, receipts: Iterable[Receipt], now: datetime, run: str, language: str) -> list[AppendRow]:
    """History rows for what became of letters that were claimed or in doubt; `found` is brought up to date."""
    names = {
        LetterState.SENT: "reminder sent",
        LetterState.FAILED: "reminder failed",
        LetterState.UNKNOWN: "reminder unknown",
    }
    appended: list[AppendRow] = []
    for receipt in receipts:
        for invoice, (before, after) in found.open_steps(receipt.message_id).items():
            told = outcome_text(receipt.detail, language, failed=receipt.state is LetterState.FAILED)
            details = f"{receipt.message_id} {told}".strip()
            values = {"tab": "invoices", "id": invoice, "field": "last_step", "before": before, "after": after}
            appended.append(tell(found, names[receipt.state], now, run, language, **values, details=details))
    return appended


def claims(found: Facts, letters: Iterable[Letter], now: datetime, run: str, language: str) -> list[AppendRow]:
    """History rows that claim `letters` for this run, one for each invoice; `found` is brought up to date with them."""
    appended: list[AppendRow] = []
    for letter in letters:
        for invoice, step in letter.steps:
            before, _ = found.ladder.get(invoice, ("", None))
            values = {"tab": "invoices", "id": invoice, "field": "last_step", "before": before, "after": step}
            details = f"{letter.message_id} {', '.join(letter.to)}"
            appended.append(tell(found, "reminder claimed", now, run, language, **values, details=details))
    return appended


def drafts(letters: Iterable[Letter], now: datetime, run: str, language: str) -> list[AppendRow]:
    """History rows for letters written as drafts: they claim nothing and move no ladder."""
    return [
        row(
            now,
            run,
            "reminder drafted",
            language,
            tab="invoices",
            id=invoice,
            field="last_step",
            after=step,
            details=f"{letter.message_id} {', '.join(letter.to)}",
        )
        for letter in letters
        for invoice, step in letter.steps
    ]


def _learn(found: Facts, event: Event) -> None:
    if event.event in _ABOUT_LETTERS:
        found.letters[event.message_id][event.id] = (event.before, event.after)
    if handle := _HANDLERS.get(event.event):
        handle(found, event)
    if react := REACTIONS.get(event.event):
        react(found.reactions, event)
    if note := NEWS.get(event.event):
        note(found.news, event)


def _created(found: Facts, event: Event) -> None:
    found.named.setdefault((event.tab, event.id), event.after if event.event == "imported" else event.details)
    if event.on:
        found.first_seen.setdefault((event.tab, event.id), event.on)


def _drafted(found: Facts, event: Event) -> None:
    found.drafted[event.message_id].add(event.id)


def _claimed(found: Facts, event: Event) -> None:
    if (event.message_id, event.id) in found.settled:  # sorted by a person: its outcome stands above it
        return
    found.claims[event.message_id][event.id] = (event.before, event.after)
    if event.id in found.ladder:
        found.prior[event.message_id, event.id] = found.ladder[event.id]
    found.ladder[event.id] = (event.after, event.on)
    found.latest[event.id] = event.message_id
    found.sent_on[event.message_id] = event.on
    found.sent_in[event.message_id] = event.run


def _sent(found: Facts, event: Event) -> None:
    _settle(found, event)
    found.failed.discard(event.message_id)
    found.ladder[event.id] = (event.after, event.on)
    found.latest[event.id] = event.message_id
    found.sent_on[event.message_id] = event.on
    found.sent_in[event.message_id] = event.run
    found.unknown.pop(event.message_id, None)


def _failed(found: Facts, event: Event) -> None:
    """It never left: the ladder stands where it stood before the claim."""
    _settle(found, event)
    found.failed.add(event.message_id)
    found.attempts[event.id, event.after] += 1
    found.sent_on.pop(event.message_id, None)
    found.sent_in.pop(event.message_id, None)
    found.unknown.pop(event.message_id, None)
    found.ladder[event.id] = found.prior.get((event.message_id, event.id), ("", None))


def _unknown(found: Facts, event: Event) -> None:
    _settle(found, event)
    found.unknown[event.message_id] = (*found.unknown.get(event.message_id, ()), event.id)


def _notice_claimed(found: Facts, event: Event) -> None:
    """The ladder stays where it is until the team has been told: what was not told is due again."""
    found.notices[event.id, event.after] = event.run


def _notice_sent(found: Facts, event: Event) -> None:
    if not event.id:  # about other news
        return
    step, on = found.ladder.get(event.id, ("", None))
    if on and (event.id, step) not in found.noticed:
        found.lettered[event.id] = on
    found.notices.pop((event.id, event.after), None)
    found.noticed.add((event.id, event.after))
    found.latest.pop(event.id, None)
    found.ladder[event.id] = (event.after, event.on)


def _bounced(found: Facts, event: Event) -> None:
    """It left and came back: nobody was reminded, so the ladder stands as before it, unless another went since."""
    _settle(found, event)
    found.unknown.pop(event.message_id, None)
    if (event.message_id, event.id) in found.came_back:
        return
    found.came_back.add((event.message_id, event.id))
    found.attempts[event.id, event.after] += 1
    if found.latest.get(event.id) == event.message_id:
        found.ladder[event.id] = found.prior.get((event.message_id, event.id), ("", None))


def _undone(found: Facts, event: Event) -> None:
    found.undone.add((event.tab, event.id, event.field, event.after))


def _settle(found: Facts, event: Event) -> None:
    found.settled.add((event.message_id, event.id))
    rows = found.claims.get(event.message_id)
    if rows is not None:
        rows.pop(event.id, None)
        if not rows:
            del found.claims[event.message_id]


_ABOUT_LETTERS = frozenset({"reminder claimed", "reminder sent", "reminder failed", "reminder unknown"})
_HANDLERS: dict[str, Callable[[Facts, Event], None]] = {
    "created id": _created,
    "imported": _created,
    "reminder drafted": _drafted,
    "reminder claimed": _claimed,
    "reminder sent": _sent,
    "reminder failed": _failed,
    "reminder unknown": _unknown,
    "letter bounced": _bounced,
    "notice claimed": _notice_claimed,
    "notice sent": _notice_sent,
    "undone": _undone,
}
