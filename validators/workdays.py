"""Working days: weekends and public holidays of a country, and the day on which a due date really falls."""

from collections.abc import Callable
from datetime import date, timedelta
from functools import lru_cache

import holidays

ONE_DAY = timedelta(days=1)


@lru_cache(maxsize=8)
def workday_test(country: str) -> Callable[[date], bool]:
    """A function that tells whether a day is a working day in `country` (ISO 3166 code).

    Saturdays, Sundays and public holidays are not; in Poland 24 December is a holiday from 2025 on.
    """
    closed = holidays.country_holidays(country)

    @lru_cache(maxsize=16384)
    def is_workday(day: date) -> bool:
        return day.weekday() < 5 and day not in closed

    return is_workday


@lru_cache(maxsize=65536)
def effective_due_date(due_on: date, country: str) -> date:
    """The due date, or the next working day when it falls on a Saturday, Sunday or public holiday.

    Article 115 of the Polish Civil Code.

    >>> effective_due_date(date(2026, 4, 5), "PL")  # Easter Sunday, then Easter Monday
    datetime.date(2026, 4, 7)
    """
    is_workday = workday_test(country)
    while not is_workday(due_on) and due_on < date.max:
        due_on += ONE_DAY
    return due_on
