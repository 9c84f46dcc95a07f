"""What a cell says about a day: serial numbers, typed dates, and text in Polish, English and ISO notations.

Nothing is guessed: what has two readings, or none, comes back as a `Flaw`. Amounts and other kinds live elsewhere.
"""

import re
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum, auto

from validators.flaws import Flaw
from validators.rows import Cell
from validators.text import fold_words

UNREADABLE = Flaw("date_unreadable")
IMPOSSIBLE = Flaw("date_impossible")

LAST_SERIAL = 2958465
_EPOCH = date(1899, 12, 30).toordinal()
_FIRST_YEAR = 1900
_NUMBERS = (int, float, Decimal)

_WEEKDAYS = (
    "poniedziałek|poniedzialek|wtorek|środa|sroda|czwartek|piątek|piatek|sobota|niedziela|pon|pn|wto|wt|śro|śr|sro|sr|"
    "czw|cz|pią|pia|pt|sob|sb|so|niedz|ndz|nd|monday|tuesday|wednesday|thursday|friday|saturday|sunday|"
    "mon|tue|wed|thu|fri|sat|sun"
)
_WEEKDAY = rf"(?:,? \(?(?:{_WEEKDAYS})\.?\)?)?"
_TIME = (
    r"(?:(?:t|,? )(?:godz\.? ?)?[0-2]?[0-9]:[0-5][0-9](?::[0-5][0-9](?:[.,][0-9]+)?)?(?: ?[ap]m)?"
    r"(?: ?(?:z|utc|[+-][0-9]{2}:?[0-9]{2}))?)?"
)
_TAIL = re.compile(rf"(?: ?r(?:\.|oku?)?)?{_WEEKDAY}{_TIME}{_WEEKDAY}")
_NUMERIC = re.compile(r"([0-9]{1,4}) ?([./-]) ?([0-9]{1,2}) ?\2 ?([0-9]{1,4})(.*)", re.DOTALL)
_COMPACT = re.compile(r"(19|2[0-9])[0-9]{6}")
_CLOCK_AT_END = re.compile(rf"(?<=[0-9.a-z]){_TIME}$")

_MONTH_FORMS = (
    "styczeń stycznia styczniu sty stycz january jan i",
    "luty lutego lutym lut february feb ii",
    "marzec marca marcu mar march iii",
    "kwiecień kwietnia kwietniu kwi kwie april apr iv",
    "maj maja maju may v",
    "czerwiec czerwca czerwcu cze czer czerw june jun vi",
    "lipiec lipca lipcu lip lipc july jul vii",
    "sierpień sierpnia sierpniu sie sier sierp august aug viii",
    "wrzesień września wrześniu wrz wrzes september sep sept ix",
    "październik października październiku paź paźdz october oct x",
    "listopad listopada listopadzie lis list november nov xi",
    "grudzień grudnia grudniu gru grud december dec xii",
)
_MONTHS = {fold_words(form): number for number, forms in enumerate(_MONTH_FORMS, 1) for form in forms.split()}
_IGNORED = {fold_words(word) for word in _WEEKDAYS.split("|")} | {"r", "rok", "roku", "of", "st", "nd", "rd", "th"}
_TOKEN = re.compile(r"[a-z]+|[0-9]+")


class SlashOrder(StrEnum):
    """What comes first in a date with slashes."""

    DAY_FIRST = auto()
    MONTH_FIRST = auto()


def slash_order(cells: Iterable[Cell]) -> SlashOrder | None:
    """The order that the dates with slashes of one column prove, or None when they prove nothing, or both.

    >>> slash_order(["03/04/2026", "25/04/2026"])
    <SlashOrder.DAY_FIRST: 'day_first'>
    """
    proved: set[SlashOrder] = set()
    for cell in cells:
        match = _NUMERIC.fullmatch(_tidy(cell)) if isinstance(cell, str) and "/" in cell else None
        if match is None or match[2] != "/" or len(match[1]) > 2:
            continue
        for order in SlashOrder:
            # A day beyond 12 makes the order certain, provided that the date exists.
            if int(match[1 if order is SlashOrder.DAY_FIRST else 3]) > 12 and isinstance(
                read_date(match[0], order), date
            ):
                proved.add(order)
    return proved.pop() if len(proved) == 1 else None


def read_date(cell: Cell, order: SlashOrder | None = None) -> date | Flaw:
    """The day that `cell` means, its time of day dropped. `order` is what the column says of dates with slashes.

    Numbers count days from 1899-12-30, as every spreadsheet does after February 1900. Two-digit years are of this
    century. Flaws: date_ambiguous (with both readings), date_impossible (no such day), date_unreadable.

    >>> read_date("3 marca 2026 r."), read_date("4.03.26"), read_date(46085)
    (datetime.date(2026, 3, 3), datetime.date(2026, 3, 4), datetime.date(2026, 3, 4))
    >>> read_date("03/04/2026").code, read_date("03/04/2026", SlashOrder.DAY_FIRST)
    ('date_ambiguous', datetime.date(2026, 4, 3))
    """
    if isinstance(cell, str):
        return _at_a_glance(cell) or _from_text(_tidy(cell), order)
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    days = _serial(cell)
    return UNREADABLE if days is None else date.fromordinal(_EPOCH + int(days))


def read_moment(cell: Cell) -> datetime | Flaw:
    """The moment that `cell` means on the sheet's own clock, to the second; an offset from UTC is dropped.

    >>> read_moment(46085.5), read_moment("2026-03-04T10:00:00")
    (datetime.datetime(2026, 3, 4, 12, 0), datetime.datetime(2026, 3, 4, 10, 0))
    """
    if isinstance(cell, datetime):
        return cell.replace(tzinfo=None)
    if isinstance(cell, date):
        return datetime.combine(cell, time())
    if isinstance(cell, str):
        try:
            return datetime.fromisoformat(cell.strip()).replace(tzinfo=None)
        except ValueError:
            return UNREADABLE
    days = _serial(cell)
    if days is None:
        return UNREADABLE
    seconds = min(round(days % 1 * 86400), 86399 if days >= LAST_SERIAL else 86400)
    return datetime.combine(date.fromordinal(_EPOCH + int(days)), time()) + timedelta(seconds=seconds)


def _serial(cell: Cell) -> float | None:
    if isinstance(cell, bool) or not isinstance(cell, _NUMBERS) or (isinstance(cell, Decimal) and cell.is_nan()):
        return None
    days = float(cell) if 1 <= cell < LAST_SERIAL + 1 else 0.0
    return days if 1 <= days < LAST_SERIAL + 1 else None


def _at_a_glance(text: str) -> date | None:
    """The two commonest notations, 2026-03-04 and 04.03.2026, without the cost of a pattern."""
    if len(text) != 10:
        return None
    if text[2] == text[5] and text[2] in ".-":
        text = f"{text[6:]}-{text[3:5]}-{text[:2]}"
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if text[7] == "-" and found.year >= _FIRST_YEAR else None


def _tidy(text: str) -> str:
    return " ".join(text.split()).casefold()


def _from_text(text: str, order: SlashOrder | None) -> date | Flaw:
    match = _NUMERIC.fullmatch(text)
    if match is None:
        return _compact(text) or _in_words(text)
    first, mark, second, last, tail = match.groups()
    if tail and not _TAIL.fullmatch(tail):
        return UNREADABLE
    if len(first) == 4 and len(last) <= 2:
        return _day(int(first), int(second), int(last))
    if len(first) > 2 or len(last) not in (2, 4):
        return UNREADABLE
    year = int(last) if len(last) == 4 else 2000 + int(last)
    if mark == "/":
        return _slashed(int(first), int(second), year, order)
    return _day(year, int(second), int(first))


def _slashed(first: int, second: int, year: int, order: SlashOrder | None) -> date | Flaw:
    if first > 12 or second > 12 or first == second:
        month, day = (first, second) if second > 12 else (second, first)
        return _day(year, month, day)
    if order is not None:
        return _day(year, second, first) if order is SlashOrder.DAY_FIRST else _day(year, first, second)
    readings = _day(year, second, first), _day(year, first, second)
    if isinstance(readings[0], Flaw):
        return readings[0]
    return Flaw("date_ambiguous", {"first": str(readings[0]), "second": str(readings[1])})


def _compact(text: str) -> date | Flaw | None:
    if not _COMPACT.fullmatch(text):
        return None
    return _day(int(text[:4]), int(text[4:6]), int(text[6:]))


def _in_words(text: str) -> date | Flaw:
    """`3 marca 2026`, `March 3rd, 2026`, `2026-mar-3`, `3.III.2026`: one month by name, one day, one year."""
    words = [w for w in _TOKEN.findall(fold_words(_CLOCK_AT_END.sub("", text))) if w not in _IGNORED]
    names = [w for w in words if w in _MONTHS]
    numbers = [w for w in words if w.isdecimal()]
    if (len(words), len(names), len(numbers)) != (3, 1, 2):
        return UNREADABLE
    day, year = reversed(numbers) if words[0] == numbers[0] and len(words[0]) == 4 else numbers
    # "3 i 26" more likely means "3 and 26": beside a Roman month the year must be whole.
    whole = len(year) == 4 or (len(year) == 2 and not set(names[0]) <= set("ivx"))
    if len(day) > 2 or not whole:
        return UNREADABLE
    return _day(int(year) if len(year) == 4 else 2000 + int(year), _MONTHS[names[0]], int(day))


def _day(year: int, month: int, day: int) -> date | Flaw:
    if year < _FIRST_YEAR:
        return IMPOSSIBLE
    try:
        return date(year, month, day)
    except ValueError:
        return IMPOSSIBLE
