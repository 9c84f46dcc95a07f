"""Polish working days, holidays and clock changes: due dates, days overdue, sending days and hours."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from config.settings import Settings
from mailers.policy import Code
from sync.journeys import look
from sync.opening import moment
from tests.workbooks_for_tests import at, desk, invoice, run_of, settings
from validators.errors import WrongUse
from validators.workdays import effective_due_date


@pytest.mark.parametrize(
    ("due", "effective"),
    [
        ("2026-10-10", "2026-10-12"),  # Saturday
        ("2026-10-11", "2026-10-12"),  # Sunday
        ("2026-04-04", "2026-04-07"),  # Saturday before Easter
        ("2026-04-06", "2026-04-07"),  # Easter Monday
        ("2025-04-21", "2025-04-22"),  # Easter Monday
        ("2026-06-04", "2026-06-05"),  # Corpus Christi, a Thursday
        ("2024-12-24", "2024-12-24"),  # Christmas Eve was a working day until 2024
        ("2025-12-24", "2025-12-29"),  # and is a holiday since 2025: Wednesday to Friday, then the weekend
        ("2026-12-24", "2026-12-28"),
        ("2026-11-11", "2026-11-12"),
        ("2027-11-11", "2027-11-12"),
        ("2026-05-01", "2026-05-04"),  # Friday 1 May, Saturday, Sunday 3 May
        ("2027-05-03", "2027-05-04"),
        ("2026-01-01", "2026-01-02"),
        ("2026-01-06", "2026-01-07"),
        ("2026-08-15", "2026-08-17"),
        ("2028-02-29", "2028-02-29"),
        ("2032-02-29", "2032-03-01"),  # a Sunday
        ("2026-05-04", "2026-05-04"),
    ],
)
def test_a_due_date_on_a_free_day_is_due_on_the_next_working_day(due: str, effective: str) -> None:
    """Article 115 of the Civil Code, with the holidays of the year in question."""
    assert effective_due_date(date.fromisoformat(due), "PL") == date.fromisoformat(effective)


def test_other_countries_have_their_own_holidays() -> None:
    assert effective_due_date(date(2026, 11, 11), "DE") == date(2026, 11, 11)
    assert effective_due_date(date(2026, 10, 3), "DE") == date(2026, 10, 5)


def test_status_and_ladder_count_from_the_effective_day(tmp_path: Path) -> None:
    """Due on Holy Saturday 2026: not overdue on Easter Monday, due on Tuesday, a day late on Wednesday."""
    office = desk(tmp_path, [invoice(due_on=date(2026, 4, 4), issued_on=None)])
    expected = {"2026-04-04": "due_soon", "2026-04-06": "due_soon", "2026-04-07": "due_today", "2026-04-08": "overdue"}
    for day, status in expected.items():
        assert str(office.look(day).today.standings["F-0001"].status) == status, day
    assert office.look("2026-04-08").today.standings["F-0001"].days_overdue == 1
    answer = office.answer("2026-04-08")
    assert (answer.send, answer.step) == (True, "+1")


@pytest.mark.parametrize(("before", "after"), [("2026-03-28", "2026-03-30"), ("2026-10-24", "2026-10-26")])
def test_days_overdue_count_days_over_a_clock_change(tmp_path: Path, before: str, after: str) -> None:
    """A day of 23 or 25 hours is one day, at midnight as at noon."""
    due = date.fromisoformat(before) - timedelta(days=8)
    office = desk(tmp_path, [invoice(due_on=due, issued_on=None)])
    for hour in ("T00:00", "T12:00", "T23:59"):
        days = [office.look(day + hour).today.standings["F-0001"].days_overdue for day in (before, after)]
        assert days[1] - days[0] == 2


@pytest.mark.parametrize("utc", ["2026-03-29T00:30", "2026-03-29T01:30", "2026-10-25T00:30", "2026-10-25T01:30"])
def test_a_run_in_the_night_of_a_clock_change_works_and_repeats(tmp_path: Path, utc: str) -> None:
    """Both passes of the repeated hour, and the moments around the skipped one: a run, then nothing left to do."""
    office = desk(tmp_path, [invoice(due_on=date(2026, 3, 10)), invoice(number="FV/2", due_on=date(2026, 10, 16))])
    now = datetime.fromisoformat(utc).replace(tzinfo=UTC).astimezone(Settings().workbook.zone)
    office.sync(now.strftime("%Y-%m-%dT%H:%M"))
    decision = look(office.office, now, run_of(now))[1]
    assert decision.plan.empty
    assert {str(a.code) for a in decision.today.answers if not a.send} <= {
        "sending_hours",
        "not_yet",
        "approval",
        "too_old",
    }


def test_now_in_the_skipped_hour_is_refused_and_in_the_repeated_hour_is_the_first() -> None:
    """On 29 March 2026 there is no half past two in Warsaw; on 25 October there are two."""
    with pytest.raises(WrongUse, match="skip"):
        moment("2026-03-29T02:30", Settings())
    for text in ("2026-03-29T02:00", "2026-03-29T02:59:59"):
        with pytest.raises(WrongUse, match="skip"):
            moment(text, Settings())
    assert moment("2026-03-29T01:59", Settings()).utcoffset() == timedelta(hours=1)
    assert moment("2026-03-29T03:00", Settings()).utcoffset() == timedelta(hours=2)
    assert moment("2026-10-25T02:30", Settings()).utcoffset() == timedelta(hours=2)
    assert moment("2026-10-25T02:30+01:00", Settings()).utcoffset() == timedelta(hours=1)


@pytest.mark.parametrize("text", ["jutro", "2026-13-01", "25:00", ""])
def test_now_that_is_no_time_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(WrongUse) as refusal:
        moment(text, Settings())
    assert "2026-11-23T08:00" in refusal.value.advice


@pytest.mark.parametrize(
    ("clock", "sends"),
    [("07:59", False), ("08:00", True), ("17:59", True), ("18:00", False), ("00:00", False), ("23:59", False)],
)
def test_letters_go_from_the_first_minute_of_the_hours_until_before_the_last(
    tmp_path: Path, clock: str, *, sends: bool
) -> None:
    office = desk(tmp_path, [invoice()])
    answer = office.answer(f"2026-10-13T{clock}")
    assert (answer.send, answer.code) == (sends, Code.DUE if sends else Code.SENDING_HOURS)


def test_before_opening_they_go_today_after_closing_tomorrow(tmp_path: Path) -> None:
    """And on a Friday evening on Monday."""
    office = desk(tmp_path, [invoice(due_on=date(2026, 10, 8))])
    days = {m: office.answer(m).next_on for m in ("2026-10-09T06:00", "2026-10-09T19:00", "2026-10-12T06:00")}
    assert list(days.values()) == [date(2026, 10, 9), date(2026, 10, 12), date(2026, 10, 12)]


@pytest.mark.parametrize("day", ["2026-11-11", "2026-12-24", "2026-12-25", "2026-06-04", "2026-10-17", "2026-10-18"])
def test_no_letter_leaves_on_a_holiday_or_weekend(tmp_path: Path, day: str) -> None:
    due = date.fromisoformat(day) - timedelta(days=7)
    office = desk(tmp_path, [invoice(due_on=due, issued_on=None)], options=settings("live"))
    assert office.sync(day).letters == ()
    assert office.code(day) == "sending_hours"


def test_all_seven_days_mean_every_day_and_24_00_the_whole_evening(tmp_path: Path) -> None:
    options = settings(sending_days=["mon", "tue", "wed", "thu", "fri", "sat", "sun"], sending_hours="00:00-24:00")
    office = desk(tmp_path, [invoice(due_on=date(2026, 11, 4))], options=options)
    for moment_ in ("2026-11-11", "2026-11-08T23:59", "2026-11-07T00:00"):
        assert office.answer(moment_).send


def test_nine_o_clock_is_nine_in_warsaw() -> None:
    assert at("2026-07-01").astimezone(UTC).hour == 7
