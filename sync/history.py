"""What the history tab tells: how far each ladder has gone, what was drafted, claimed, undone, and when. Pure.

The history is the truth about what was sent; the columns *Last step* and *Last reminder* only show it.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from copy import copy
from dataclasses import dataclass, field, fields
from datetime import date, datetime, timedelta
from operator import itemgetter, le
from typing import NamedTuple

from config.labels import event_code, event_label, field_label, place_names, tab_label
from mailers.reminders import Letter, LetterState, Receipt
from sync.plan import AppendRow
from validators.rows import Cell, Table, as_text, texts

EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - a serial number has no zone
LAST_SERIAL = 2958466  # the day after 31 December 9999
_MESSAGE_ID = re.compile(r"<[^<>\s]+@[^<>\s]+>")


class Event(NamedTuple):
    """One row of the history. `event` is a code of config/labels.py; `on` the day, None when unreadable."""

    on: date | None
    run: str
    event: str
    tab: str
    id: str
    field: str
    before: str
    after: str
    details: str

    @property
    def message_id(self) -> str:
        """The Message-ID that the details name, or ""."""
        found = _MESSAGE_ID.search(self.details)
        return found.group() if found else ""


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
    `failed` holds letters that surely did not leave."""

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
    sent_on: dict[str, date | None] = field(default_factory=dict)
    sent_in: dict[str, str] = field(default_factory=dict)
    undone: set[tuple[str, str, str, str]] = field(default_factory=set)
    settled: set[tuple[str, str]] = field(default_factory=set)

    def copy(self) -> "Facts":
        """The same facts, apart: what is added to one is not seen in the other."""
        apart = {f.name: copy(getattr(self, f.name)) for f in fields(self)}
        apart["claims"] = defaultdict(dict, {letter: dict(rows) for letter, rows in self.claims.items()})
        return Facts(**apart)

    def open_claims(self) -> tuple[Claim, ...]:
        """Claims without an outcome, in the order in which they were made."""
        return tuple(
            Claim(m, {i: before for i, (before, _) in rows.items()}, self.sent_in.get(m, ""))
            for m, rows in self.claims.items()
        )

    def letters_by_day(self) -> Counter[date]:
        """How many letters left on each day."""
        return Counter(day for day in self.sent_on.values() if day)

    def letters_in(self, run: str) -> int:
        """How many letters run `run` has sent so far."""
        return sum(1 for sender in self.sent_in.values() if sender == run)


def events(table: Table) -> Iterable[Event]:
    """The rows of the history, oldest first, whatever order a person has sorted them into.

    A row whose time cannot be read keeps its place after the row above.
    """
    names = ("run", "event", "id", "before", "after", "details")
    columns = [texts(table.column(name)) for name in names]
    places = map(place_names, texts(table.column("tab")), texts(table.column("field")))
    times = table.column("time")
    moments = {time: _moment(time) for time in set(times)}
    codes = {label: event_code(label) or label for label in set(columns[1])}
    found = [
        Event(read and read.date(), run, codes[label], tab, id_, name, before, after, details)
        for read, (tab, name), run, label, id_, before, after, details in zip(
            map(moments.__getitem__, times), places, *columns, strict=True
        )
    ]
    order = list(_in_place(map(moments.__getitem__, times)))
    if all(map(le, order, order[1:])):
        return found
    return [event for _, event in sorted(zip(order, found, strict=True), key=itemgetter(0))]


def _in_place(moments: Iterable[datetime | None]) -> Iterator[datetime]:
    """Each moment, or that of the row above where there is none."""
    last = datetime.min  # noqa: DTZ901 - the tab holds local times without a zone
    for moment in moments:
        last = moment or last
        yield last


def facts(history: Iterable[Event]) -> Facts:
    """Everything the engine needs to know of the past, in one pass."""
    found = Facts()
    for event in history:
        found.known_ids.add((event.tab, event.id))
        handle = _HANDLERS.get(event.event)
        if handle:
            handle(found, event)
    return found


def row(now: datetime, run: str, event: str, language: str, **values: Cell) -> AppendRow:
    """A history row about `event`, in the words of `language`; `values` are its other fields (tab, id, field, before,
    after, details), tab and field by their names."""
    local = now.replace(tzinfo=None, microsecond=0)
    shown = {name: as_text(v) if name != "details" else v for name, v in values.items()}
    tab, name = str(values.get("tab") or ""), str(values.get("field") or "")
    shown |= {"tab": tab_label(tab, language), "field": field_label(tab, name, language)}
    return AppendRow("history", {"time": local, "run": run, "event": event_label(event, language), **shown})


def outcomes(found: Facts, receipts: Iterable[Receipt], now: datetime, run: str, language: str) -> list[AppendRow]:
    """History rows for what became of claimed letters; `found` is brought up to date with them."""
    names = {
        LetterState.SENT: "reminder sent",
        LetterState.FAILED: "reminder failed",
        LetterState.UNKNOWN: "reminder unknown",
    }
    appended: list[AppendRow] = []
    for receipt in receipts:
        for invoice, (before, after) in dict(found.claims.get(receipt.message_id, {})).items():
            details = f"{receipt.message_id} {receipt.detail}".strip()
            values = {"tab": "invoices", "id": invoice, "field": "last_step", "before": before, "after": after}
            event = Event(now.date(), run, names[receipt.state], **values, details=details)
            _HANDLERS[event.event](found, event)
            appended.append(row(now, run, event.event, language, **values, details=details))
    return appended


def claims(found: Facts, letters: Iterable[Letter], now: datetime, run: str, language: str) -> list[AppendRow]:
    """History rows that claim `letters` for this run, one for each invoice; `found` is brought up to date with them."""
    appended: list[AppendRow] = []
    for letter in letters:
        for invoice, step in letter.steps:
            before, _ = found.ladder.get(invoice, ("", None))
            values = {"tab": "invoices", "id": invoice, "field": "last_step", "before": before, "after": step}
            event = Event(now.date(), run, "reminder claimed", **values, details=letter.message_id)
            _claimed(found, event)
            appended.append(row(now, run, event.event, language, **values, details=letter.message_id))
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


def _created(found: Facts, event: Event) -> None:
    found.named.setdefault((event.tab, event.id), event.details)
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
    found.sent_on[event.message_id] = event.on
    found.sent_in[event.message_id] = event.run


def _sent(found: Facts, event: Event) -> None:
    _settle(found, event)
    found.failed.discard(event.message_id)
    found.ladder[event.id] = (event.after, event.on)
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


def _undone(found: Facts, event: Event) -> None:
    found.undone.add((event.tab, event.id, event.field, event.after))


def _settle(found: Facts, event: Event) -> None:
    found.settled.add((event.message_id, event.id))
    rows = found.claims.get(event.message_id)
    if rows is not None:
        rows.pop(event.id, None)
        if not rows:
            del found.claims[event.message_id]


_HANDLERS = {
    "created id": _created,
    "imported": _created,
    "reminder drafted": _drafted,
    "reminder claimed": _claimed,
    "reminder sent": _sent,
    "reminder failed": _failed,
    "reminder unknown": _unknown,
    "undone": _undone,
}


def _moment(cell: Cell) -> datetime | None:
    if isinstance(cell, datetime):
        return cell.replace(tzinfo=None)
    if isinstance(cell, date):
        return datetime(cell.year, cell.month, cell.day)  # noqa: DTZ001 - local, as the tab holds it
    if isinstance(cell, (int, float)):
        return EPOCH + timedelta(days=cell) if 0 < cell < LAST_SERIAL else None
    try:
        return datetime.fromisoformat(as_text(cell)).replace(tzinfo=None)
    except ValueError:
        return None
