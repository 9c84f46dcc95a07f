"""Whatever zone, times and nights: each time of each day has exactly one moment, and no downtime doubles a sync."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

from hypothesis import given, settings
from hypothesis import strategies as st

from sync.moments import Timetable

ZONES = sorted(name for name in available_timezones() if "/" in name and not name.startswith(("Etc", "posix", "right")))
MINUTE = timedelta(minutes=1)
EVERY_DAY = frozenset(range(7))
zones = st.sampled_from(["Europe/Warsaw", "Australia/Lord_Howe", "Pacific/Apia", "America/Santiago", *ZONES]).map(
    ZoneInfo
)
days = st.dates(date(2008, 1, 1), date(2035, 12, 31))
times = st.lists(
    st.builds(time, st.integers(0, 23), st.sampled_from([0, 1, 15, 30, 45, 59])), min_size=1, max_size=5, unique=True
).map(lambda found: tuple(sorted(found)))


def near_a_change(zone: ZoneInfo, day: date) -> date:
    """The day before the next change of the clocks within a year, or `day` itself if there is none."""
    noons = [datetime.combine(day + timedelta(days=n), time(12), tzinfo=zone) for n in range(366)]
    changes = (late.date() for early, late in pairwise(noons) if early.utcoffset() != late.utcoffset())
    return next(changes, day) - timedelta(days=1)


def first_shown(zone: ZoneInfo, first: date, count: int, at: tuple[time, ...]) -> list[datetime]:
    """Watch a clock on the wall, minute by minute: when does it first show each time of each day, or a later one?"""
    wanted = [datetime.combine(first + timedelta(days=n), t) for n in range(count) for t in at]
    moment = datetime.combine(first, time(), tzinfo=UTC) - timedelta(days=1)
    seen: list[datetime] = []
    while wanted:
        shown = moment.astimezone(zone).replace(tzinfo=None)
        while wanted and shown >= wanted[0]:
            seen.append(moment)
            wanted.pop(0)
        moment += MINUTE
    return list(dict.fromkeys(seen))


@settings(max_examples=60, deadline=None)
@given(zone=zones, first=days, at=times)
def test_each_time_of_each_day_comes_when_the_clock_first_shows_it(
    zone: ZoneInfo, first: date, at: tuple[time, ...]
) -> None:
    table = Timetable(zone, at, None, EVERY_DAY)
    expected = first_shown(zone, near_a_change(zone, first), 3, at)
    moments = [expected[0]]
    while len(moments) < len(expected):
        moments.append(table.after(moments[-1]))
    assert table.after(expected[0] - timedelta(seconds=1)) == expected[0]
    assert moments == expected


@settings(max_examples=100, deadline=None)
@given(
    zone=zones,
    first=days,
    at=times,
    interval=st.none() | st.integers(1, 1440),
    on=st.sets(st.integers(0, 6), min_size=1).map(frozenset),
    looks=st.lists(st.integers(1, 4000), min_size=1, max_size=60),
)
def test_whenever_somebody_looks_there_is_one_sync_if_any_was_missed_else_none(
    zone: ZoneInfo, first: date, at: tuple[time, ...], interval: int | None, on: frozenset[int], looks: list[int]
) -> None:
    """Looks are minutes apart: long ones are a machine that slept. Between two syncs lies a moment of the timetable."""
    every = timedelta(minutes=interval) if interval else None
    table = Timetable(zone, () if every else at, every, on)
    now = last = datetime.combine(near_a_change(zone, first), time(12), tzinfo=zone).astimezone(UTC)
    for minutes in looks:
        now += minutes * MINUTE
        due = table.due(last, now)
        missed = table.after(last) <= now
        assert (due <= now) == missed
        if missed:
            last = now
            assert table.due(last, now) > now
