"""When scheduled syncs are due: days, nights in which clocks change, downtime, clocks that are set."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from config.settings import Settings
from sync.moments import Timetable, instant

WARSAW = ZoneInfo("Europe/Warsaw")
EVERY_DAY, WORKDAYS = frozenset(range(7)), frozenset(range(5))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=WARSAW)


def daily(*times: str, days: frozenset[int] = EVERY_DAY) -> Timetable:
    return Timetable(WARSAW, tuple(time.fromisoformat(t) for t in times), None, days)


def every(minutes: int, days: frozenset[int] = EVERY_DAY) -> Timetable:
    return Timetable(WARSAW, (), timedelta(minutes=minutes), days)


class TestTimesOfDay:
    @pytest.mark.parametrize(
        ("now", "following"),
        [
            ("2026-11-23T07:59:59", "2026-11-23T08:00"),
            ("2026-11-23T08:00", "2026-11-23T13:00"),
            ("2026-11-23T13:00", "2026-11-24T08:00"),
            ("2026-12-31T23:00", "2027-01-01T08:00"),
        ],
    )
    def test_follow_one_another(self, now: str, following: str) -> None:
        assert daily("08:00", "13:00").after(at(now)) == at(following)

    def test_keep_to_their_days(self) -> None:
        friday = at("2026-11-27T13:00")
        assert daily("08:00", "13:00", days=WORKDAYS).after(friday) == at("2026-11-30T08:00")
        assert daily("08:00", days=frozenset({2})).after(at("2026-11-25T08:00")) == at("2026-12-02T08:00")

    def test_are_those_of_the_workbooks_zone_whatever_the_machines(self) -> None:
        assert daily("08:00").after(datetime(2026, 7, 1, 5, 59, tzinfo=UTC)) == datetime(2026, 7, 1, 6, tzinfo=UTC)
        assert daily("08:00").after(datetime(2026, 12, 1, 6, 59, tzinfo=UTC)) == datetime(2026, 12, 1, 7, tzinfo=UTC)

    def test_that_are_skipped_come_right_after_the_gap_and_once(self) -> None:
        """On 29 March 2026 clocks go from 02:00 to 03:00."""
        table = daily("01:30", "02:00", "02:30", "03:00", "04:00")
        first = table.after(at("2026-03-29T01:30"))
        assert first == datetime(2026, 3, 29, 1, tzinfo=UTC)
        assert f"{first.astimezone(WARSAW):%H:%M}" == "03:00"
        assert table.after(first) == at("2026-03-29T04:00")

    def test_that_are_repeated_come_once(self) -> None:
        """On 25 October 2026 clocks go from 03:00 back to 02:00."""
        table = daily("02:30")
        first = table.after(at("2026-10-25T00:00"))
        assert first == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
        assert table.after(first) == at("2026-10-26T02:30")

    def test_of_a_day_that_a_country_skips_come_at_the_next_midnight(self) -> None:
        """Samoa had no 30 December 2011."""
        samoa = ZoneInfo("Pacific/Apia")
        assert instant(date(2011, 12, 30), time(8), samoa) == datetime(2011, 12, 31, tzinfo=samoa)


class TestIntervals:
    def test_are_real_time_when_clocks_change(self) -> None:
        for night in ("2026-03-29T01:50", "2026-10-25T01:50"):
            following = every(30).after(at(night))
            assert following.astimezone(UTC) - at(night).astimezone(UTC) == timedelta(minutes=30)

    def test_rest_on_other_days(self) -> None:
        assert every(30, WORKDAYS).after(at("2026-11-27T23:45")) == at("2026-11-30T00:00")

    def test_begin_with_a_sync(self) -> None:
        now = at("2026-11-23T10:10")
        assert every(30).due(None, now) == now
        assert every(30, WORKDAYS).due(None, at("2026-11-28T10:00")) == at("2026-11-30T00:00")


class TestWhatWasMissed:
    @pytest.mark.parametrize("table", [daily("08:00", "13:00"), every(30)])
    def test_is_caught_up_once_however_long_the_machine_was_away(self, table: Timetable) -> None:
        now = at("2026-11-23T10:10")
        assert table.due(at("2026-08-01T08:00"), now) <= now
        assert table.due(now, now) > now

    def test_is_nothing_for_a_service_that_begins(self) -> None:
        assert daily("08:00").due(None, at("2026-11-23T10:10")) == at("2026-11-24T08:00")

    @pytest.mark.parametrize("table", [daily("08:00", "13:00"), every(30)])
    def test_is_nothing_when_the_clock_was_set_back_and_the_wait_is_no_longer(self, table: Timetable) -> None:
        """Once the machine believed that it was 2036."""
        now = at("2026-11-23T10:10")
        assert now < table.due(at("2036-11-23T08:00"), now) <= now + timedelta(hours=3)


class TestLate:
    def test_is_who_let_two_moments_pass(self) -> None:
        table = daily("08:00", "13:00", days=WORKDAYS)
        good = at("2026-11-27T08:01")  # a Friday
        assert not table.is_late(good, at("2026-11-30T08:00"))
        assert table.is_late(good, at("2026-11-30T08:01"))
        assert not every(30).is_late(good, good + timedelta(minutes=60))
        assert every(30).is_late(good, good + timedelta(minutes=61))


def test_the_timetable_is_that_of_the_settings() -> None:
    settings = Settings.model_validate(
        {"workbook": {"timezone": "Asia/Tokyo"}, "schedule": {"sync": "every 15 minutes", "days": ["mon", "sun"]}}
    )
    assert Timetable.of(settings) == Timetable(ZoneInfo("Asia/Tokyo"), (), timedelta(minutes=15), frozenset({0, 6}))
    assert Timetable.of(Settings()) == daily("08:00", "13:00")
