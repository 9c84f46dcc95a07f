"""Cells become values, a column at a time: every distinct cell is understood once, the rest is look-up.

What a cell means is decided in dates.py, amounts.py and contacts.py; here the kinds of a field are told apart, and what
one cell leaves open is settled by the others of its column.
"""

import re
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cached_property, lru_cache, partial
from typing import Any, NamedTuple, TypeAlias, cast

from validators import amounts, contacts, dates
from validators.flaws import Flaw
from validators.packed import Packed, Singles, joined, packed_like
from validators.problems import Severity
from validators.rows import Cell, as_text
from validators.tabs import NO, YES, Choice, Field, Kind
from validators.text import fold


@dataclass(frozen=True, slots=True)
class Context:
    """What the workbook decides for all rows: `country` (ISO 3166) of phone numbers and tax ids without a prefix."""

    country: str = "PL"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with the cell at `position` of a column (0 = first)."""

    position: int
    code: str
    params: Mapping[str, str]
    severity: Severity


@dataclass(frozen=True, slots=True)
class Column:
    """The values of a column, one for each cell, and what could not be understood.

    `currencies` is filled for amounts and payments only: the code written beside each amount, or None.
    """

    values: Sequence[object]
    faults: tuple[Fault, ...]
    currencies: Sequence[str | None] = ()


class _Meaning(NamedTuple):
    """What a reader found, where that is more than a value."""

    value: object
    flaws: tuple[Flaw, ...] = ()
    currency: str | None = None


_Reader: TypeAlias = Callable[[Cell], object]  # gives a value, a Flaw or a _Meaning

_AT_ONCE = 1000  # cells of a packed column
WORDS = frozenset({Kind.TEXT, Kind.LONG, Kind.ONE_OF, Kind.MANY_OF})
_IN_WORDS = WORDS | {Kind.EMAILS, Kind.PHONES, Kind.TAX_ID}
_BLANKS: Mapping[Kind, object] = {Kind.EMAILS: (), Kind.PHONES: (), Kind.YES_NO: False}
_MONEY = (Kind.AMOUNT, Kind.PAYMENT)

# What Excel, Google Sheets and LibreOffice show, in Polish and in English, where a formula has failed.
_ERROR_CELL = re.compile(
    r"#(?:REF!|N/A|DIV/0!|VALUE!|NAME\?|NULL!|NUM!|ERROR!|SPILL!|CALC!"
    r"|N/D!?|ADR!?|ARG!?|DZIEL/0!|NAZWA\?|LICZBA!|ZERO!)(?:\s*\(.*)?",
    re.IGNORECASE | re.DOTALL,
)
_ERROR = Flaw("error_cell")
_INTEGER = re.compile(r"[-+]?[0-9]{1,15}")


def understand(field: Field, cells: Sequence[Cell], context: Context) -> Column:
    """The value of every cell, by the kind of `field` (tabs.Kind says which type), and the faults of those without.

    A blank cell is None (() where a cell holds several values, False for yes/no) and so is one with a fault, except
    that the good addresses and numbers of a cell are kept. ONE_OF and MANY_OF come back as text: the vocabulary is
    matched elsewhere.
    """
    blank = _BLANKS.get(field.kind)
    if not cells or (cells[0] is None and cells.count(None) == len(cells)):
        return Column(alike(blank, len(cells)), (), alike(None, len(cells)) if field.kind in _MONEY else ())
    if field.kind in _IN_WORDS and isinstance(cells, Packed):
        return _packed(field, cells, context)
    if field.kind in _IN_WORDS and (words := _words(cells)) is not None:
        return Column(words, ()) if field.kind in WORDS else _contacts(field.kind, words, context)
    keys, distinct = _distinct(cells)
    read = _reader(field, tuple(distinct.values()), context)
    values: dict[Hashable, object] = {}
    marked: dict[Hashable, _Meaning] = {}
    for key, cell in distinct.items():
        if cell is None or (isinstance(cell, str) and not cell.strip()):
            found = blank
        elif isinstance(cell, str) and "#" in cell and _ERROR_CELL.fullmatch(cell.strip()):
            found = _Meaning(blank, (_ERROR,))
        else:
            found = read(cell)
        if isinstance(found, Flaw):
            found = _Meaning(blank, (found,))
        if isinstance(found, _Meaning):
            marked[key] = found
            found = found.value
        values[key] = found
    currencies = _currencies(keys, marked) if field.kind in _MONEY else ()
    return Column(list(map(values.__getitem__, keys)), _faults(keys, marked), currencies)


@lru_cache(maxsize=4)
def alike(value: Hashable, count: int) -> Sequence[Any]:
    """A column of one value: lists have few of the columns of a tab, and the others share it."""
    return (value,) * count


def _words(cells: Sequence[Cell]) -> list[str | None] | None:
    """The texts of a column that holds nothing else, None for blank ones; None where a cell needs a closer look."""
    try:
        texts = list(map(str.strip, cast(Sequence[str], cells)))
    except TypeError:
        return None
    if "#" in "".join(texts):
        return None
    return [text or None for text in texts] if "" in texts else cast(list[str | None], texts)


def _contacts(kind: Kind, texts: Sequence[str | None], context: Context) -> Column:
    """Addresses, numbers and tax ids of a column that holds nothing but texts: few of a long list stand twice."""
    if kind is Kind.TAX_ID:
        return _tax_ids(texts, context)
    mail = kind is Kind.EMAILS
    plain = contacts.plain_address if mail else contacts.plain_number()
    read = contacts.read_emails if mail else partial(contacts.read_phones, region=context.country)
    values = [text if text is not None and plain(text) else None for text in texts]
    others: dict[int, tuple[str, ...]] = {}
    faults: list[Fault] = []
    for position in [i for i, found in enumerate(values) if found is None]:
        if (text := texts[position]) is not None:
            found, flaws = read(text)
            if len(found) == 1:
                values[position] = found[0]
            elif found:
                others[position] = found
            faults.extend(Fault(position, flaw.code, flaw.params, flaw.severity) for flaw in flaws)
    return Column(Singles(values, others), tuple(faults))


def _tax_ids(texts: Sequence[str | None], context: Context) -> Column:
    plain = contacts.plain_nips(texts) if context.country == "PL" else [""] * len(texts)
    ids: list[str | None] = [found or None for found in plain]
    faults: list[Fault] = []
    for position in [i for i, found in enumerate(plain) if not found]:
        if (text := texts[position]) is not None:
            found = contacts.read_tax_id(text, context.country)
            if isinstance(found, Flaw):
                faults.append(Fault(position, found.code, found.params, found.severity))
            else:
                ids[position] = found
    return Column(ids, tuple(faults))


def _packed(field: Field, cells: Packed, context: Context) -> Column:
    """Of a packed column of words a part at a time; what becomes of it is packed, too."""
    values: list[Sequence[object]] = []
    faults: list[Fault] = []
    done = 0
    for part in cells.parts(_AT_ONCE):
        found = understand(field, list(part), context)
        values.append(packed_like(part, found.values))
        faults += [replace(fault, position=done + fault.position) for fault in found.faults]
        done += len(part)
    return Column(joined(values), tuple(faults))


def _distinct(cells: Sequence[Cell]) -> tuple[Sequence[Hashable], dict[Hashable, Cell]]:
    """What each cell is remembered by, and the cells to understand: equal ones once, but True apart from 1."""
    numbers = set(map(type, cells)) & {bool, int, float, Decimal}
    keys: Sequence[Hashable] = cells if len(numbers) < 2 else list(zip(map(type, cells), cells, strict=True))
    try:
        return keys, dict(zip(keys, cells, strict=True))
    except TypeError:  # a signalling NaN has no hash: each cell by itself, then
        return range(len(cells)), dict(enumerate(cells))


def _faults(keys: Sequence[Hashable], marked: Mapping[Hashable, _Meaning]) -> tuple[Fault, ...]:
    flawed = {key: meaning.flaws for key, meaning in marked.items() if meaning.flaws}
    if not flawed:
        return ()
    return tuple(
        Fault(position, flaw.code, flaw.params, flaw.severity)
        for position, key in enumerate(keys)
        for flaw in flawed.get(key, ())
    )


def _currencies(keys: Sequence[Hashable], marked: Mapping[Hashable, _Meaning]) -> Sequence[str | None]:
    codes = {key: meaning.currency for key, meaning in marked.items() if meaning.currency}
    return [codes.get(key) for key in keys] if codes else alike(None, len(keys))


def _reader(field: Field, cells: Sequence[Cell], context: Context) -> _Reader:
    dated, paid = _Dates(cells), _Amounts(cells)
    readers: dict[Kind, _Reader] = {
        Kind.EMAILS: _emails,
        Kind.PHONES: partial(_phones, region=context.country),
        Kind.TAX_ID: partial(_tax_id, country=context.country),
        Kind.DATE: dated.read,
        Kind.HOLD: partial(_hold, dated=dated),
        Kind.AMOUNT: paid.read,
        Kind.PAYMENT: partial(_payment, paid=paid),
        Kind.PAID_ON: partial(_paid_on, dated=dated),
        Kind.CURRENCY: amounts.read_currency,
        Kind.YES_NO: _yes_no,
        Kind.INTEGER: _integer,
        Kind.CHOICE: partial(_choice, choices=field.choices),
        Kind.MOMENT: dates.read_moment,
    }
    return readers.get(field.kind, as_text)


class _Dates:
    """Reads the dates of one column; asks the whole column only when a date has two readings."""

    def __init__(self, cells: Sequence[Cell]) -> None:
        self._cells = cells

    @cached_property
    def _order(self) -> dates.SlashOrder | None:
        return dates.slash_order(self._cells)

    def read(self, cell: Cell) -> date | Flaw:
        found = dates.read_date(cell)
        if isinstance(found, Flaw) and found.code == "date_ambiguous" and self._order:
            return dates.read_date(cell, self._order)
        return found


class _Amounts:
    """Reads the amounts of one column; asks the whole column only when an amount has two readings."""

    def __init__(self, cells: Sequence[Cell]) -> None:
        self._cells = cells

    @cached_property
    def _sign(self) -> str:
        return amounts.decimal_sign(self._cells)

    def read(self, cell: Cell) -> Decimal | _Meaning | Flaw:
        if not isinstance(cell, str):
            return amounts.read_number(cell)
        found = amounts.read_amount(cell)
        if isinstance(found, Flaw) and found.code == "amount_ambiguous" and self._sign:
            found = amounts.read_amount(cell, self._sign)
        if isinstance(found, Flaw):
            return found
        return _Meaning(found.value, (), found.currency) if found.currency else found.value


def _emails(cell: Cell) -> object:
    found, flaws = contacts.read_emails(as_text(cell))
    return _Meaning(found, flaws) if flaws else found


def _phones(cell: Cell, region: str) -> object:
    found, flaws = contacts.read_phones(as_text(cell), region)
    return _Meaning(found, flaws) if flaws else found


def _tax_id(cell: Cell, country: str) -> str | Flaw:
    return contacts.read_tax_id(as_text(cell), country)


@lru_cache(maxsize=64)
def _spellings(choices: tuple[Choice, ...]) -> dict[str, str]:
    return {
        _key(text): choice.code
        for choice in reversed(choices)
        for text in (*choice.synonyms, choice.en, choice.pl, choice.code)
    }


def _key(text: str) -> str:
    """Folded, but a text of signs only, such as "-", stays as it is."""
    return fold(text) or text.strip()


_YES_NO = (YES, NO)
_MARKS = {"✓": "yes", "✔": "yes", "☑": "yes", "☐": "no", "–": "no"}
_ALWAYS = {fold(text) for text in ("zawsze", "na zawsze", "always", "forever", "bezterminowo", "bez terminu")}
_PAID = Choice(
    "yes",
    "opłacona",
    "paid",
    (
        "opłacone",
        "opłacony",
        "opłacono",
        "zapłacono",
        "zapłacona",
        "zapłacone",
        "zapłacony",
        "uregulowana",
        "całość",
        "all",
    ),
)
_UNPAID = Choice("no", "nieopłacona", "unpaid", ("nie opłacono", "nie zapłacono", "niezapłacona", "not paid", "brak"))


def _yes_no_code(cell: Cell, choices: tuple[Choice, ...] = _YES_NO) -> str | None:
    key = _key(as_text(cell))
    return _spellings(choices).get(key) or _MARKS.get(key)


def _yes_no(cell: Cell) -> bool | Flaw:
    code = _yes_no_code(cell)
    return Flaw("yes_no_unreadable") if code is None else code == "yes"


def _hold(cell: Cell, dated: _Dates) -> date | Flaw:
    if isinstance(cell, str) and fold(cell) in _ALWAYS:
        return date.max
    found = dated.read(cell)
    return Flaw("hold_unreadable") if found is dates.UNREADABLE else found


def _paid_on(cell: Cell, dated: _Dates) -> date | bool | Flaw | None:
    code = _yes_no_code(cell, (*_YES_NO, _PAID, _UNPAID))
    if code is not None:
        return True if code == "yes" else None
    found = dated.read(cell)
    return Flaw("paid_on_unreadable") if found is dates.UNREADABLE else found


def _payment(cell: Cell, paid: _Amounts) -> object:
    found = paid.read(cell)
    if found is not amounts.UNREADABLE:
        return found
    code = _yes_no_code(cell, (*_YES_NO, _PAID, _UNPAID))
    if code is not None:
        return True if code == "yes" else Decimal(0)
    if not isinstance(cell, str | date):
        return found
    day = dates.read_date(cell)
    if isinstance(day, date) or day.code == "date_ambiguous":
        return True  # whichever day it was, all of it is paid
    return found if day is dates.UNREADABLE else day


def _integer(cell: Cell) -> int | Flaw:
    if isinstance(cell, str):
        text = cell.strip().replace("\u2212", "-").replace("–", "-")
        return int(text) if _INTEGER.fullmatch(text) else Flaw("integer_unreadable")
    number = amounts.read_number(cell)
    if isinstance(number, Flaw) or number != number.to_integral_value():
        return Flaw("integer_unreadable")
    return int(number)


def _choice(cell: Cell, choices: tuple[Choice, ...]) -> str | Flaw:
    code = _spellings(choices).get(_key(as_text(cell)))
    return code or Flaw("choice_unknown", {"allowed": ", ".join(choice.pl for choice in choices)})
