"""The rows of the history tab as events, and back: the code whatever the language, the moment whatever the cell.

What follows from the events is history.py's and reactions.py's part. Pure.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from functools import lru_cache
from operator import itemgetter, le
from typing import NamedTuple

from config.labels import event_code, event_label, field_label, place_names, tab_label
from sync.plan import AppendRow
from validators.rows import Cell, Table, as_text, texts

EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - a serial number has no zone
LAST_SERIAL = 2958466  # the day after 31 December 9999
_MESSAGE_ID = re.compile(r"<[^<>\s]+@[^<>\s]+>")
_ANSWERED = re.compile(rf"{_MESSAGE_ID.pattern} ({_MESSAGE_ID.pattern})")
_LEADING = re.compile(rf"^(?:{_MESSAGE_ID.pattern} ?)+")


class Event(NamedTuple):
    """One row of the history. `event` is a code of config/labels.py; `on` is the day and `at` the local
    moment, None when unreadable."""

    on: date | None
    run: str
    event: str
    tab: str
    id: str
    field: str
    before: str
    after: str
    details: str
    at: datetime | None = None

    @property
    def message_id(self) -> str:
        """The Message-ID that the details name first, our letter's, or ""."""
        return first_message_id(self.details)

    @property
    def answer_id(self) -> str:
        """The Message-ID that stands right after the letter's: that of the mail which answers it, or ""."""
        found = _ANSWERED.search(self.details)
        return found[1] if found else ""

    @property
    def words(self) -> str:
        """The details without the Message-IDs before them."""
        return _LEADING.sub("", self.details).strip()


@lru_cache(maxsize=64)  # each row is asked several times in a row
def first_message_id(details: str) -> str:
    """The first Message-ID in the details of a row, or ""."""
    found = _MESSAGE_ID.search(details)
    return found.group() if found else ""


def events(table: Table) -> Iterable[Event]:
    """The rows of the history, oldest first, whatever order a person has sorted them into.

    A row whose time cannot be read keeps its place after the row above.
    """
    names = ("run", "event", "id", "before", "after", "details")
    columns = [texts(table.column(name)) for name in names]
    places = map(place_names, texts(table.column("tab")), texts(table.column("field")))
    times = table.column("time")
    moments = {time: moment(time) for time in set(times)}
    codes = {label: event_code(label) or label for label in set(columns[1])}
    found = [
        Event(read and read.date(), run, codes[label], tab, id_, name, before, after, details, read)
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
    for read in moments:
        last = read or last
        yield last


def row(now: datetime, run: str, event: str, language: str, **values: Cell) -> AppendRow:
    """A history row about `event`, in the words of `language`; `values` are its other fields (tab, id, field, before,
    after, details), tab and field by their names."""
    local = now.replace(tzinfo=None, microsecond=0)
    shown = {name: as_text(v) if name != "details" else v for name, v in values.items()}
    tab, name = str(values.get("tab") or ""), str(values.get("field") or "")
    shown |= {"tab": tab_label(tab, language), "field": field_label(tab, name, language)}
    return AppendRow("history", {"time": local, "run": run, "event": event_label(event, language), **shown})


def moment(cell: Cell) -> datetime | None:
    """The local moment that a cell of the history holds, None when it is unreadable."""
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
