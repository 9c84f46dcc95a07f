"""The service's loop in virtual time: when it syncs, what wakes it, and how it ends."""

import os
import signal
import time as clocks
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from threading import Timer
from zoneinfo import ZoneInfo

import pytest

from sync import scheduler
from sync.moments import Timetable
from sync.scheduler import Signals, TimeIsUp, serve
from validators.errors import OutOfReach

WARSAW = ZoneInfo("Europe/Warsaw")
MORNINGS = Timetable(WARSAW, (time(2, 30), time(8)), None, frozenset(range(7)))


class Days(Signals):
    """Waiting takes no time. The machine sleeps through `asleep`; the world ends at `end`."""

    name = ""

    def __init__(self, begin: datetime, end: datetime, asleep: dict[datetime, timedelta] | None = None) -> None:
        super().__init__()
        self.now, self.end, self.asleep = begin, end, asleep or {}
        self.synced: list[datetime] = []
        self.refused = 0
        self.last: datetime | None = begin
        self.table = MORNINGS

    def wait(self, seconds: float) -> None:
        assert 0 <= seconds <= scheduler.LONGEST_WAIT
        self.now += timedelta(seconds=max(seconds, 0.001))
        for moment in [m for m in self.asleep if m <= self.now]:
            self.now += self.asleep.pop(moment)
        self.stopping = self.now >= self.end

    @property
    def duties(self) -> list["Days"]:
        return [self]

    @property
    def timetable(self) -> Timetable:
        return self.table

    def sync(self, now: datetime) -> bool:
        if self.refused:
            self.refused -= 1
            return False
        self.synced.append(now)
        self.last = now
        return True

    def read_again(self, now: datetime) -> None:
        raise AssertionError("nobody hung up")

    def served(self) -> list[str]:
        serve(self, self, lambda: self.now)
        return [f"{moment.astimezone(WARSAW):%d %H:%M}" for moment in self.synced]


def utc(month: int, day: int, hour: int = 12) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


class TestTheLoop:
    def test_syncs_each_time_once_through_both_nights_in_which_clocks_change(self) -> None:
        spring = Days(utc(3, 28), utc(3, 30)).served()
        assert spring == ["29 03:00", "29 08:00", "30 02:30", "30 08:00"]
        autumn = Days(utc(10, 24), utc(10, 26)).served()
        assert autumn == ["25 02:30", "25 08:00", "26 02:30", "26 08:00"]

    def test_catches_up_one_sync_after_three_days_of_sleep(self) -> None:
        days = Days(utc(11, 23), utc(11, 27), {utc(11, 23, 20): timedelta(days=3, hours=-4)})
        assert days.served() == ["26 17:00", "27 02:30", "27 08:00"]

    def test_goes_on_when_the_clock_is_set_back(self) -> None:
        days = Days(utc(11, 23), utc(11, 25), {utc(11, 24, 8): timedelta(hours=-3)})
        assert days.served() == ["24 02:30", "24 08:00", "24 08:00", "25 02:30", "25 08:00"]

    @pytest.mark.parametrize("every", [None, timedelta(hours=12)])
    def test_goes_on_when_the_machine_has_once_believed_that_it_was_2036(self, every: timedelta | None) -> None:
        days = Days(utc(11, 23), utc(11, 25))
        days.table = MORNINGS if every is None else replace(MORNINGS, times=(), every=every)
        days.last = utc(11, 23).replace(year=2036)
        assert len(days.served()) == (4 if every is None else 3)

    @pytest.mark.parametrize(("every", "first"), [(None, "24 02:30"), (timedelta(hours=12), "23 13:00")])
    def test_begins_with_a_sync_or_waits_for_the_first_time(self, every: timedelta | None, first: str) -> None:
        days = Days(utc(11, 23), utc(11, 24))
        days.table = MORNINGS if every is None else replace(MORNINGS, times=(), every=every)
        days.last = None
        assert days.served()[0] == first

    def test_tries_again_soon_when_a_sync_was_put_off(self) -> None:
        days = Days(utc(11, 23), utc(11, 24))
        days.refused = 3
        assert days.served() == ["24 02:31", "24 08:00"]


class TestSignals:
    def test_wake_whoever_waits(self) -> None:
        signals, begun = Signals(), clocks.monotonic()
        with signals.heard():
            Timer(0.1, os.kill, (os.getpid(), signal.SIGTERM)).start()
            signals.wait(30)
            assert signals.stopping
        assert clocks.monotonic() - begun < 10

    def test_keep_a_run_from_long_pauses_but_not_from_short_ones(self) -> None:
        signals = Signals()
        with signals.heard():
            Timer(0.1, os.kill, (os.getpid(), signal.SIGINT)).start()
            with pytest.raises(OutOfReach):
                signals.sleep(30)
            signals.sleep(0.05)

    def test_cut_a_run_off_when_its_time_is_up(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(scheduler, "GRACE", 1)
        with Signals().heard():
            os.kill(os.getpid(), signal.SIGTERM)
            with pytest.raises(TimeIsUp):
                clocks.sleep(20)

    def test_a_second_ctrl_c_ends_at_once(self) -> None:
        with Signals().heard():
            os.kill(os.getpid(), signal.SIGINT)
            with pytest.raises(KeyboardInterrupt):
                os.kill(os.getpid(), signal.SIGINT)

    def test_are_as_they_were_afterwards(self) -> None:
        before = [signal.getsignal(n) for n in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGALRM)]
        signals = Signals()
        with signals.heard():
            os.kill(os.getpid(), signal.SIGHUP)
            assert (signals.take_hang_up(), signals.take_hang_up()) == (True, False)
        after = [signal.getsignal(n) for n in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGALRM)]
        assert after == before
