"""The service's loop with several workbooks, in virtual time: who is due first has the first turn, all have theirs."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta

from sync.moments import Timetable
from sync.scheduler import serve
from tests.unit.test_scheduler import MORNINGS, WARSAW, Days, utc

HOURLY = replace(MORNINGS, times=(), every=timedelta(hours=1))
BEGIN = datetime(2026, 11, 23, 7, tzinfo=UTC)  # 08:00 in Warsaw


class World(Days):
    """Somebody says SIGHUP at `hang_up`."""

    hang_up: datetime | None = None

    def take_hang_up(self) -> bool:
        heard = self.hang_up is not None and self.now >= self.hang_up
        self.hang_up = None if heard else self.hang_up
        return heard


@dataclass
class Book:
    """The duties for one workbook. A sync takes `minutes`; the first ones are put off, `refused` times."""

    name: str
    world: World
    timetable: Timetable
    minutes: int = 0
    refused: int = 0
    last: datetime | None = None
    moments: list[datetime] = field(default_factory=list)

    def sync(self, now: datetime) -> bool:
        if self.refused:
            self.refused -= 1
            return False
        self.last = now
        self.moments.append(now.astimezone(WARSAW))
        self.world.now += timedelta(minutes=self.minutes)
        self.world.stopping = self.world.now >= self.world.end
        return True

    @property
    def times(self) -> list[str]:
        return [f"{moment:%H:%M}" for moment in self.moments]


@dataclass
class Books:
    """All of them; `changed` are those of the settings that are read at SIGHUP."""

    duties: list[Book]
    changed: list[Book] = field(default_factory=list)

    def read_again(self, now: datetime) -> None:
        self.duties = self.changed


def lived(world: World, books: Books) -> None:
    serve(books, world, lambda: world.now)


def until(hour: int, minute: int = 0) -> World:
    return World(BEGIN, BEGIN.replace(hour=hour - 1, minute=minute))


def test_each_keeps_its_own_time() -> None:
    world = until(11, 30)
    late = replace(MORNINGS, times=(time(9, 30), time(11)))
    one, other = Book("one", world, HOURLY), Book("other", world, late, last=BEGIN)
    lived(world, Books([one, other]))
    assert (one.times, other.times) == (["08:00", "09:00", "10:00", "11:00"], ["09:30", "11:00"])


def test_a_long_sync_of_one_delays_the_others_by_no_more_than_itself() -> None:
    """Even where it takes longer than the interval: the others have their turn before its next."""
    world = until(13)
    slow, quick = Book("slow", world, HOURLY, minutes=90), Book("quick", world, HOURLY)
    lived(world, Books([slow, quick]))
    assert slow.times == ["08:00", "09:30", "11:00", "12:30"]
    assert quick.times == ["09:30", "11:00", "12:30"]


def test_who_must_wait_keeps_nobody_waiting_and_comes_soon_after() -> None:
    world = until(10, 1)
    locked, free = Book("locked", world, HOURLY, refused=150), Book("free", world, HOURLY)
    lived(world, Books([locked, free]))
    assert free.times == ["08:00", "09:00", "10:00"]
    assert locked.times == ["09:15"]


def test_who_was_missed_longest_is_made_up_for_first() -> None:
    world = until(10)
    short, long = (
        Book(name, world, MORNINGS, minutes=1, last=utc(11, day)) for name, day in (("short", 21), ("long", 20))
    )
    lived(world, Books([short, long]))
    assert long.moments[0] < short.moments[0]


def test_after_a_hang_up_those_who_came_are_served_and_those_who_left_are_not() -> None:
    world = until(11, 30)
    stays, goes, comes = (Book(name, world, HOURLY) for name in ("stays", "goes", "comes"))
    world.hang_up = BEGIN + timedelta(minutes=150)
    lived(world, Books([stays, goes], [comes, stays]))
    assert (stays.times, goes.times) == (["08:00", "09:00", "10:00", "11:00"], ["08:00", "09:00", "10:00"])
    assert comes.times == ["10:30"]
