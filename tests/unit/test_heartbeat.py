"""What the workbook says of the service is true until the next entry, whatever the timetable."""

from datetime import UTC, datetime, timedelta

import pytest

from config.heartbeat_words import LABELS, is_value
from sync.heartbeat import Course, Heartbeat, entry_after, heartbeat
from sync.heartbeat_place import spots
from sync.moments import Timetable
from sync.snapshot import Sheet
from tests.heartbeats_for_tests import WARSAW, timetable
from validators.rows import Cell

FRIDAY = datetime(2026, 11, 20, 13, 0, tzinfo=WARSAW)
HOUR = timedelta(hours=1)
local = datetime.fromisoformat  # as cells hold times


def lines(
    course: Course, times: Timetable, now: datetime = FRIDAY, language: str = "pl", *, file: bool = False
) -> dict[str, Cell]:
    """What is said, by the names of the lines."""
    beat = heartbeat(course, times, HOUR, now, language, is_file=file)
    return dict(zip(LABELS, (value for _, value in beat.lines), strict=True))


class TestThePromise:
    def test_the_next_entry_comes_with_the_next_sync_where_those_are_rare(self) -> None:
        said = lines(Course(FRIDAY), timetable())
        assert (said["next"], said["until"]) == (local("2026-11-21T08:00"), local("2026-11-21T09:00"))

    def test_over_a_weekend_without_syncs_nobody_need_worry(self) -> None:
        said = lines(Course(FRIDAY), timetable(days=range(5)))
        assert (said["next"], said["until"]) == (local("2026-11-23T08:00"), local("2026-11-23T09:00"))

    def test_among_frequent_syncs_it_comes_with_the_first_after_the_pause(self) -> None:
        said = lines(Course(FRIDAY), timetable(every=25))
        assert (said["next"], said["until"]) == ("co 25 minut", local("2026-11-20T15:15"))

    def test_a_sync_that_will_be_over_long_before_the_next_entry_is_not_named(self) -> None:
        """Else its moment would stand there for a day after it has passed."""
        at_one = lines(Course(FRIDAY), timetable("13:00", "13:30"))
        assert (at_one["next"], at_one["until"]) == ("codziennie o 13:00, 13:30", local("2026-11-21T14:00"))
        on_days = lines(Course(FRIDAY), timetable("13:00", "13:30", days=range(5)))
        assert on_days["next"] == "o 13:00, 13:30 w dniach pracy usługi"

    def test_the_hour_that_is_repeated_is_counted_once(self) -> None:
        night = datetime(2026, 10, 25, 2, 30, tzinfo=WARSAW)
        assert entry_after(timetable(every=30), HOUR, night) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
        assert lines(Course(night), timetable(every=60), night)["until"] == local("2026-10-25T03:30")

    def test_in_every_timetable_the_entry_stands_until_another_comes(self) -> None:
        """By force: a service that syncs on time and writes when an hour has passed is never late."""
        for times in (timetable(), timetable(every=1), timetable(every=59), timetable(every=61), timetable(every=1440),
                      timetable("00:00", days=[6]), timetable("08:00", "08:30", "09:00")):  # fmt: skip
            written, moment = FRIDAY.astimezone(UTC), FRIDAY.astimezone(UTC)
            while written == FRIDAY:
                moment = times.after(moment)
                written = moment if moment - written >= HOUR else written
            until = lines(Course(FRIDAY), times)["until"]
            assert isinstance(until, datetime)
            assert until == (written + HOUR).astimezone(WARSAW).replace(tzinfo=None)


class TestHowItWent:
    @pytest.mark.parametrize(
        ("course", "pl"),
        [
            (Course(FRIDAY), "dobrze"),
            (Course(FRIDAY, problems=1), "dobrze; jedna rzecz do poprawienia w arkuszu (kolumny „Problemy”)"),
            (
                Course(FRIDAY, problems=2, needs_a_person=True),
                "dobrze; 2 rzeczy do poprawienia w arkuszu (kolumny „Problemy”)",
            ),
            (
                Course(FRIDAY, needs_a_person=True),
                "dobrze, ale coś czeka na osobę, która opiekuje się Kartoteką",
            ),
            (
                Course(FRIDAY, failing_since=FRIDAY - HOUR, problems=5),
                "nie udaje się od 2026-11-20 12:00; proszę powiedzieć o tym osobie, która opiekuje się Kartoteką",
            ),
        ],
    )
    def test_it_is_said_to_people(self, course: Course, pl: str) -> None:
        assert lines(course, timetable())["state"] == pl

    def test_before_the_first_good_sync(self) -> None:
        assert lines(Course(None, FRIDAY), timetable())["good"] == "jeszcze żadnego nie było"

    def test_who_keeps_a_file_is_told_to_close_it_first(self) -> None:
        """While somebody has it open, it cannot be written, and so looks as if nothing worked."""
        assert "zamknąć ten plik" in str(lines(Course(FRIDAY), timetable(), file=True)["then"])
        assert "plik" not in str(lines(Course(FRIDAY), timetable())["then"])

    @pytest.mark.parametrize("language", ["pl", "en"])
    @pytest.mark.parametrize(
        "times", [timetable(), timetable(every=1), timetable(every=7), timetable("08:00", "08:30")]
    )
    @pytest.mark.parametrize("course", [Course(FRIDAY), Course(None, FRIDAY), Course(FRIDAY, None, 3)])
    def test_every_text_is_known_again_as_ours(self, course: Course, times: Timetable, language: str) -> None:
        for file in (False, True):
            said = lines(course, times, language=language, file=file).values()
            assert all(is_value(value) for value in said if isinstance(value, str))


def beat() -> Heartbeat:
    return heartbeat(Course(FRIDAY), timetable(), HOUR, FRIDAY, "pl", is_file=False)


def written() -> list[list[Cell]]:
    """It as it stands in A1."""
    lines: list[list[Cell]] = [list(line) for line in beat().lines]
    return [[beat().heading], *lines]


class TestThePlace:
    def test_formulas_of_people_are_never_written_over(self) -> None:
        """Not even such as show just what we would write."""
        block = written()
        copied = Sheet("Kartoteka", block, frozenset((row, column) for row in range(6) for column in range(2)))
        found = spots(copied, beat())
        assert (found.top, found.is_new) == (7, True)
        assert all(row >= 7 for row, _ in found.cells)

    def test_a_tick_or_a_blank_beside_a_label_is_no_value_of_ours(self) -> None:
        for theirs in (True, None, "  "):
            block = written()
            block[1][1] = theirs
            assert spots(Sheet("Kartoteka", block), beat()).is_new

    def test_of_two_copies_on_the_tab_the_whole_one_is_written(self) -> None:
        block = written()
        found = spots(Sheet("Kartoteka", [[beat().heading], [], *block]), beat())
        assert (found.top, found.left, found.is_new) == (2, 0, False)
