"""When scheduled syncs are due: pure arithmetic of moments in a time zone. No clock is asked and nothing waits here.

A time of day that the clocks skip comes right after the gap, one that they repeat comes the first time only: whatever
the clocks do, each time of each day has exactly one moment. Moments are counted and compared in UTC: between two of one
zone Python compares what its clock shows (PEP 495), and that is wrong in the hour that is repeated.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from config.settings import Settings

_SECOND = timedelta(seconds=1)
_DAY = timedelta(days=1)
_WEEK = 7


@dataclass(frozen=True, slots=True)
class Timetable:
    """When to sync, in local time of `zone`: at `times` of day, or `every` so often; on `days` only (Monday is 0)."""

    zone: ZoneInfo
    times: tuple[time, ...]
    every: timedelta | None
    days: frozenset[int]

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The timetable of the settings, in the workbook's time zone."""
        schedule = settings.schedule
        every = timedelta(minutes=schedule.every_minutes) if schedule.every_minutes else None
        return cls(settings.workbook.zone, schedule.times, every, schedule.weekdays)

    def after(self, moment: datetime) -> datetime:
        """The first moment of the timetable after `moment` (aware), in UTC; an interval begins at `moment` itself."""
        moment = moment.astimezone(UTC)
        if self.every:
            return self._on_a_day(moment + self.every)
        first = moment.astimezone(self.zone).date() - _DAY
        return min(m for m in self._moments(first) if m > moment)

    def due(self, last: datetime | None, now: datetime) -> datetime:
        """When, in UTC, the next sync is due, the last having begun at `last` (None: never). What was missed since is
        due once, however much it was. A `last` after `now` is a clock set back, and counts as now."""
        now = now.astimezone(UTC)
        if last is None:
            return self._on_a_day(now) if self.every else self.after(now)
        return self.after(min(last.astimezone(UTC), now))

    def is_late(self, good: datetime, now: datetime) -> bool:
        """Whether two moments of the timetable have passed since `good`, the end of the last sync that went well."""
        now = now.astimezone(UTC)
        return self.after(self.after(min(good.astimezone(UTC), now))) < now

    def _on_a_day(self, moment: datetime) -> datetime:
        """`moment`, or the beginning of the next day of the timetable."""
        day = moment.astimezone(self.zone).date()
        if day.weekday() in self.days:
            return moment
        following = (day + timedelta(days=n) for n in range(1, _WEEK + 1))
        return instant(next(d for d in following if d.weekday() in self.days), time(), self.zone)

    def _moments(self, first: date) -> Iterator[datetime]:
        """The moments of the days from `first` on: of a week that has one, and of the days around it."""
        for day in (first + timedelta(days=n) for n in range(_WEEK + 3)):
            if day.weekday() in self.days:
                yield from (instant(day, at, self.zone) for at in self.times)


def instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The one moment, in UTC, of a local time: the first of a time that is repeated, the end of the gap for one that is
    skipped (fold as in PEP 495).

    >>> warsaw = ZoneInfo("Europe/Warsaw")
    >>> [f"{instant(date(2026, *day), time(2, 30), warsaw):%d %H:%M}" for day in ((3, 28), (3, 29), (10, 25))]
    ['28 01:30', '29 01:00', '25 00:30']
    """
    local = datetime.combine(day, at, zone)
    early, late = local.astimezone(UTC), local.replace(fold=1).astimezone(UTC)
    if early.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None):
        return early
    return _end_of_gap(late, early, zone)


def _end_of_gap(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The moment between these two from which the offset is that of `after`, to the second."""
    offset = after.astimezone(zone).utcoffset()
    while after - before > _SECOND:
        middle = before + (after - before) // 2
        before, after = (before, middle) if middle.astimezone(zone).utcoffset() == offset else (middle, after)
    return after.replace(microsecond=0)
