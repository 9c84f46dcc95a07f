"""Dates: every notation that has one reading is read, nothing that has two is guessed."""

from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest

from validators.dates import SlashOrder, read_date, read_moment, slash_order
from validators.flaws import Flaw

THE_DAY = date(2026, 3, 4)
moment = datetime.fromisoformat


def code(found: object) -> str:
    assert isinstance(found, Flaw), found
    return found.code


@pytest.mark.parametrize(
    "cell",
    [
        THE_DAY,
        moment("2026-03-04T10:30"),
        datetime(2026, 3, 4, 23, 30, tzinfo=UTC),
        46085,
        46085.0,
        46085.999,
        Decimal("46085.5"),
        "2026-03-04",
        "2026.03.04",
        "2026/03/04",
        "2026-3-4",
        "20260304",
        " 2026-03-04 ",
        "\u00a02026-03-04\u202f",
        "2026-03-04 10:00",
        "2026-03-04T10:00:00",
        "2026-03-04T10:00:00.123Z",
        "2026-03-04T10:00:00+01:00",
        "2026-03-04 (środa)",
        "2026-03-04, śr.",
        "2026-03-04 Wednesday 9:00",
        "4.03.2026",
        "04.03.2026",
        "4.3.26",
        "04.03.2026 r.",
        "04.03.2026r",
        "04.03.2026 roku",
        "04.03.2026 14:05",
        "4. 3. 2026",
        "04-03-2026",
        "4-3-26",
        "4 marca 2026",
        "4 MARCA 2026 r.",
        "4 mar 2026",
        "4-mar-26",
        "4 marzec 2026",
        "04MAR2026",
        "4 March 2026",
        "4th of March 2026",
        "March 4, 2026",
        "Mar 4th, 2026",
        "March 4, 2026 10:00 AM",
        "2026-Mar-04",
        "4 III 2026",
        "4.III.2026 r.",
        "środa, 4 marca 2026",
        "Wed, 4 Mar 2026 10:00:00 +0100",
    ],
)
def test_one_reading_is_read(cell):
    assert read_date(cell) == THE_DAY


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("15 stycznia 2026", 1),
        ("15 luty 2026", 2),
        ("15 kwi 2026", 4),
        ("1 maja 2026 r.", 5),
        ("15 czerwca 2026", 6),
        ("15 lip 2026", 7),
        ("15 SIERPIEŃ 2026", 8),
        ("15 wrzesnia 2026", 9),
        ("15 paź 2026", 10),
        ("15 październiku 2026", 10),
        ("15 lis 2026", 11),
        ("15 grudnia 2026", 12),
        ("Sept. 15, 2026", 9),
        ("15 Dec 2026", 12),
        ("15 XII 2026", 12),
    ],
)
def test_months_have_names_in_both_languages_and_every_case(text, month):
    assert read_date(text).month == month


@pytest.mark.parametrize("text", ["31.02.2026", "2026-02-30", "31 lutego 2026", "13/14/2026", "30/02/2026", "1.1.0026"])
def test_a_day_that_no_calendar_has_is_impossible(text):
    assert code(read_date(text)) == "date_impossible"


@pytest.mark.parametrize(
    "cell",
    [
        True,
        0,
        -5,
        2958466,
        Decimal("2958465.99999999999999999999"),
        float("nan"),
        float("inf"),
        Decimal("NaN"),
        Decimal("sNaN"),
        10**400,
        time(10, 0),
        None,
        "",
        "jutro",
        "14 dni",
        "03.2026",
        "marzec 2026",
        "4.3",
        "04.03.20266",
        "4.3-2026",
        "046.03.2026",
        "3 i 26",
        "3 i 4 maja 2026",
        "nie 4 marca 2026",
        "4.03.2026 / 5.03.2026",
        "46085",
        "5 maj lip 2026",
    ],
)
def test_what_is_no_date_is_unreadable(cell):
    assert code(read_date(cell)) == "date_unreadable"


def test_a_date_with_slashes_shows_both_its_readings():
    found = read_date("03/04/2026")
    assert found == Flaw("date_ambiguous", {"first": "2026-04-03", "second": "2026-03-04"})


def test_the_column_decides_what_comes_first():
    assert read_date("03/04/2026", SlashOrder.DAY_FIRST) == date(2026, 4, 3)
    assert read_date("03/04/26", SlashOrder.MONTH_FIRST) == date(2026, 3, 4)


@pytest.mark.parametrize("order", [None, *SlashOrder])
def test_equal_day_and_month_and_days_beyond_twelve_need_no_column(order):
    assert read_date("04/04/2026", order) == date(2026, 4, 4)
    assert read_date("25/04/2026", order) == read_date("04/25/2026", order) == date(2026, 4, 25)


@pytest.mark.parametrize("order", list(SlashOrder))
def test_dots_dashes_and_iso_order_are_not_decided_by_the_column(order):
    assert read_date("03.04.2026", order) == read_date("03-04-2026", order) == read_date("2026/04/03", order)


@pytest.mark.parametrize(
    ("cells", "order"),
    [
        (["03/04/2026", "25/04/2026"], SlashOrder.DAY_FIRST),
        (["03/04/2026", "04/25/2026 10:00"], SlashOrder.MONTH_FIRST),
        (["25/04/2026", "04/25/2026"], None),
        (["03/04/2026", "05/05/2026"], None),
        (["25.04.2026", "2026/04/25", 46085, None], None),
        (["31/02/2026", "25/04/2026 or so"], None),
    ],
)
def test_only_real_dates_with_one_reading_decide_and_only_when_they_agree(cells, order):
    assert slash_order(cells) is order


@pytest.mark.parametrize(
    "cell",
    [46085.4375, moment("2026-03-04T10:30"), "2026-03-04 10:30", "2026-03-04T10:30:00", "2026-03-04T10:30:00+01:00"],
)
def test_moments_keep_their_time_of_day(cell):
    assert read_moment(cell) == moment("2026-03-04T10:30")


def test_a_day_is_a_moment_at_midnight_and_serials_round_to_the_second():
    assert read_moment(THE_DAY) == read_moment(46085) == moment("2026-03-04T00:00")
    assert read_moment(46085.49999999) == moment("2026-03-04T12:00")
    assert read_moment(2958465.9999999) == moment("9999-12-31T23:59:59")


@pytest.mark.parametrize("cell", [True, 0, "wczoraj", "", float("nan"), time(10, 0)])
def test_what_is_no_moment_is_unreadable(cell):
    assert code(read_moment(cell)) == "date_unreadable"
