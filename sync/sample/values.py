"""The values that the sample is written in: days that move with today, formulas with their results. No data, no I/O."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum, auto
from typing import TypeAlias

from validators.workdays import workday_test

# Genitive, as in "3 listopada 2026".
MONTHS = (
    *("stycznia", "lutego", "marca", "kwietnia", "maja", "czerwca"),
    *("lipca", "sierpnia", "września", "października", "listopada", "grudnia"),
)

SATURDAY = 5


class Written(Enum):
    """How a person wrote a date: as a real date, or as text in one of the usual ways."""

    TYPED = auto()
    ISO = auto()
    DOTTED = auto()
    DASHED = auto()
    WORDS = auto()


class Fall(Enum):
    """On what kind of day a date falls: any, a working day in Poland, a Saturday."""

    ANY = auto()
    WORKING = auto()
    SATURDAY = auto()


Known: TypeAlias = str | int | float | bool | date | Decimal


@dataclass(frozen=True, slots=True)
class Day:
    """A day `offset` days from today (negative = past), `less` days before it, `written` in some way.

    Unless any day will do, it is moved to the nearest fitting day *before*, so that an invoice due on it is overdue by
    at least -offset days; a working day that is not past never becomes so.
    """

    offset: int
    written: Written = Written.TYPED
    fall: Fall = Fall.ANY
    less: int = 0

    def on(self, today: date) -> date:
        """The day itself.

        >>> Day(-7, fall=Fall.WORKING).on(date(2026, 11, 22))  # a Sunday
        datetime.date(2026, 11, 13)
        """
        day = today + timedelta(days=self.offset)
        if self.fall is Fall.WORKING:
            day = _working_day(day, earliest=today if self.offset >= 0 else date.min)
        elif self.fall is Fall.SATURDAY:
            day -= timedelta(days=(day.weekday() - SATURDAY) % 7)
        return day - timedelta(days=self.less)

    def cell(self, today: date) -> date | str:
        """The cell as that person filled it.

        >>> Day(0, Written.WORDS).cell(date(2026, 11, 3))
        '3 listopada 2026'
        """
        day = self.on(today)
        match self.written:
            case Written.TYPED:
                return day
            case Written.ISO:
                return day.isoformat()
            case Written.DOTTED:
                return f"{day:%d.%m.%Y}"
            case Written.DASHED:
                return f"{day:%d-%m-%Y}"
            case Written.WORDS:
                return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


@dataclass(frozen=True, slots=True)
class WithYear:
    """A text with `{year}` in it: the year in which the day `ago` days before today lies."""

    text: str
    ago: int

    def cell(self, today: date) -> str:
        """The text of that year.

        >>> WithYear("31.02.{year}", ago=60).cell(date(2027, 1, 1))
        '31.02.2026'
        """
        return self.text.format(year=(today - timedelta(days=self.ago)).year)


@dataclass(frozen=True, slots=True)
class Formula:
    """A cell that the sheet computes: `text` in English notation, and the `result` that a spreadsheet would show."""

    text: str
    result: Known


@dataclass(frozen=True, slots=True)
class DayFormula:
    """A formula whose result is a day."""

    text: str
    result: Day

    def cell(self, today: date) -> Formula:
        """The formula with its result as of `today`."""
        return Formula(self.text, self.result.cell(today))


SampleCell: TypeAlias = Known | Formula | None
Entry: TypeAlias = SampleCell | Day | DayFormula | WithYear


@dataclass(frozen=True, slots=True)
class Line:
    """One row as somebody keeps it: cells by field (or by a name of the firm's own), `marked` in yellow or not."""

    cells: Mapping[str, Entry]
    marked: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the sample: which field it shows, the header as the firm wrote it, width in characters."""

    field: str
    header: str
    width: int = 14


@dataclass(frozen=True, slots=True)
class SampleSheet:
    """One sheet: `banner` and `note` above the header, which stands in sheet row `header_row`; then the rows.

    `marked` holds the positions of yellow rows among `rows`; an empty row is ().
    """

    title: str
    banner: str
    note: str
    header_row: int
    columns: tuple[Column, ...]
    rows: tuple[tuple[SampleCell, ...], ...]
    marked: frozenset[int] = field(default_factory=frozenset)


def settle(cell: Entry, today: date) -> SampleCell:
    """The cell as it stands in the sheet on `today`."""
    return cell.cell(today) if isinstance(cell, Day | DayFormula | WithYear) else cell


def _working_day(day: date, earliest: date) -> date:
    is_workday = workday_test("PL")
    before = day
    while not is_workday(before) and before > earliest:
        before -= timedelta(days=1)
    # Near today there may be none: the next working day is as good.
    while not is_workday(before):
        before += timedelta(days=1)
    return before
