"""What the workbook says of the service, for people who see nothing else: pure. Where in the workbook it stands is
heartbeat_place.py's part, when it is written, beating.py's.

Everything it says must stay true until the next entry, however long that takes. So the time at which people are to
worry is no age, which they would have to reckon, and which would differ from day to day and over a weekend, but a
moment: the next entry is due with the first sync that the timetable has after `heartbeat_minutes`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from config import heartbeat_words as words
from sync.moments import Timetable
from validators.rows import Cell

# How long a sync may take to come, to send its letters and to be put down, before anybody need worry.
LEEWAY = timedelta(hours=1)
_WEEK = 7


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """What the tab says: under `heading` the `lines`, each a label and a text or a local time. Where there is no such
    tab, it is made if it `may_make` one, under the first of `titles` that nothing else has, or one numbered on."""

    titles: tuple[str, ...]
    heading: str
    lines: tuple[tuple[str, Cell], ...]
    may_make: bool = True


@dataclass(frozen=True, slots=True)
class Course:
    """How the service does: the end of its `last_good` sync, since when syncs fail (None: they do not), how many
    problems the last one found, and whether something else needs a person."""

    last_good: datetime | None
    failing_since: datetime | None = None
    problems: int = 0
    needs_a_person: bool = False


def heartbeat(
    course: Course, timetable: Timetable, pause: timedelta, now: datetime, language: str, *, is_file: bool
) -> Heartbeat:
    """What is to stand in the workbook from `now` on, when the next entry follows `pause` later or with the first sync
    after that. While syncs fail no tab is made: it may be the wrong workbook."""
    following, later = timetable.after(now), entry_after(timetable, pause, now)
    values: dict[str, Cell] = {
        "good": _local(course.last_good, timetable) if course.last_good else words.said("none", language),
        "state": _state(course, timetable, language),
        "next": _local(following, timetable) if following == later else _often(timetable, language),
        "until": _local(later + LEEWAY, timetable),
        "then": words.said("file" if is_file else "sheet", language),
    }
    lines = tuple((label.in_language(language), values[name]) for name, label in words.LABELS.items())
    titles = tuple(title.in_language(language) for title in (words.TITLE, words.OTHER_TITLE))
    return Heartbeat(titles, words.HEADING.in_language(language), lines, may_make=course.failing_since is None)


def entry_after(timetable: Timetable, pause: timedelta, now: datetime) -> datetime:
    """The first moment of the timetable, in UTC, that lies at least `pause` after `now`."""
    moment, earliest = timetable.after(now), now.astimezone(UTC) + pause
    while moment < earliest:
        moment = timetable.after(moment)
    return moment


def title(wanted: Sequence[str], taken: Sequence[str]) -> str:
    """The first of `wanted` titles that is not `taken`, whatever its case; else the last one with a number.

    >>> title(("Kartoteka", "Kartoteka – stan"), ("Klienci", "kartoteka", "Kartoteka – stan"))
    'Kartoteka – stan 2'
    """
    used = {each.casefold() for each in taken}
    numbered = (f"{wanted[-1]} {number}" for number in range(2, len(used) + 3))
    return next(each for each in (*wanted, *numbered) if each.casefold() not in used)


def _state(course: Course, timetable: Timetable, language: str) -> str:
    if course.failing_since:
        return words.said("failed", language, moment=f"{_local(course.failing_since, timetable):%Y-%m-%d %H:%M}")
    if course.problems:
        return words.problems(course.problems, language)
    return words.said("person" if course.needs_a_person else "well", language)


def _often(timetable: Timetable, language: str) -> str:
    """How often syncs come: the next one would be over long before the next entry."""
    if timetable.every:
        return words.every(round(timetable.every / timedelta(minutes=1)), language)
    times = ", ".join(f"{at:%H:%M}" for at in sorted(timetable.times))
    return words.said("times" if len(timetable.days) == _WEEK else "times_on", language, times=times)


def _local(moment: datetime, timetable: Timetable) -> datetime:
    """As a cell holds it: what the clocks show there, to the minute."""
    return moment.astimezone(timetable.zone).replace(tzinfo=None, second=0, microsecond=0)
