"""What a cell says about money: an exact amount, and the currency written beside it. Currency codes live here too.

Nothing is guessed: `1,234` alone has two readings and comes back as a `Flaw`. Rounding is not done here.
"""

import re
from collections.abc import Iterable
from decimal import Decimal
from functools import cache, lru_cache
from typing import NamedTuple

from babel.core import get_global
from rapidfuzz import fuzz, process

from validators.flaws import Flaw
from validators.rows import Cell, as_text

UNREADABLE = Flaw("amount_unreadable")

_COMMON = ("PLN", "EUR", "USD", "GBP", "CHF", "CZK", "NOK", "SEK", "DKK", "HUF", "UAH", "RON")
# What people write beside an amount; None where several currencies share the sign.
_SIGNS: dict[str, str | None] = {
    **dict.fromkeys(("zł", "zl", "złoty", "złote", "złotych", "zlotych", "plnów"), "PLN"),
    **dict.fromkeys(("€", "euro"), "EUR"),
    **dict.fromkeys(("$", "us$"), "USD"),
    **dict.fromkeys(("kč", "kc"), "CZK"),
    **dict.fromkeys(("fr", "sfr"), "CHF"),
    **dict.fromkeys(("kr", "¥"), None),
    "£": "GBP",
    "ft": "HUF",
    "₴": "UAH",
    "lei": "RON",
}
# No spreadsheet keeps more than fifteen digits, and no client owes as much: it is an account number gone astray.
_DIGITS = 15
_TOO_MUCH = 10**_DIGITS
_LONGEST = 64
_CURRENCY = r"[^\W\d_]{1,8}\.?|[^\W\d_]{0,2}[$€£¥₴]"
# Most amounts of a Polish list are written like this, and there is nothing about them to decide: 1 234,56 zł.
_USUAL = re.compile(
    r"([1-9][0-9]{0,2}(?:[ \N{NO-BREAK SPACE}][0-9]{3}){1,3}|[1-9][0-9]{0,8}),([0-9]{2})(?: ?(zł|PLN))?"
)
_WRITTEN = re.compile(
    rf"(?P<lead>[-+(]*) ?(?P<before>{_CURRENCY})? ?(?P<inner>[-+(]*) ?"
    rf"(?P<digits>[0-9.,][0-9.,' ]*?)(?P<whole>[,.](?:--?|=))?"
    rf" ?(?P<trail>[-)]*) ?(?P<after>{_CURRENCY})? ?(?P<tail>[-)]*)"
)
_NEGATIVE = {"": False, "+": False, "-": True, "()": True}
_GROUPED = re.compile(r"([0-9]{1,3}(?:([ '.,])[0-9]{3})(?:\2[0-9]{3})*|[0-9]*)(?:([.,])([0-9]+))?")
_SAME = str.maketrans(
    {"\u2212": "-", "–": "-", "﹣": "-", "’": "'", "ʼ": "'", "‘": "'", "´": "'"}
    | dict.fromkeys(("\u00a0", "\u202f", "\u2009", "\u2007", "\u200a", "\u2008"), " ")
)


class Amount(NamedTuple):
    """An exact amount and the currency found beside it, if any."""

    value: Decimal
    currency: str | None = None


class _Parts(NamedTuple):
    """An amount's text taken apart: digits without grouping, and the separator that is surely, or maybe, the decimal
    sign. `vote` is the decimal sign that this text proves, or ""."""

    whole: str
    fraction: str
    vote: str
    doubtful: str = ""


def decimal_sign(cells: Iterable[Cell]) -> str:
    """The decimal sign, "," or ".", that the amounts written as text in one column prove; "" for none, or both.

    >>> decimal_sign(["1,234", "5,50"]), decimal_sign(["5,50", "5.50"])
    (',', '')
    """
    texts = (cell for cell in cells if isinstance(cell, str))
    votes = {found[1].vote for found in map(_take_apart, texts) if found is not None} - {""}
    return votes.pop() if len(votes) == 1 else ""


def read_amount(cell: Cell, sign: str = "") -> Amount | Flaw:
    """The amount that `cell` means, exactly. `sign` is the decimal sign that the column proves (`decimal_sign`).

    Flaws: amount_ambiguous (a single separator before exactly three digits; with both readings), amount_unreadable.

    >>> read_amount("1 234,56 zł"), read_amount("(1,234.50)")
    (Amount(value=Decimal('1234.56'), currency='PLN'), Amount(value=Decimal('-1234.50'), currency=None))
    >>> read_amount("1,234").code, read_amount("1,234", ",").value
    ('amount_ambiguous', Decimal('1.234'))
    """
    if isinstance(cell, str):
        return _from_text(cell, sign)
    number = read_number(cell)
    return number if isinstance(number, Flaw) else Amount(number)


def read_number(cell: Cell) -> Decimal | Flaw:
    """A typed number as the amount that its shortest notation names. Flaw: amount_unreadable, also for yes and no.

    >>> read_number(0.1), read_number(True).code
    (Decimal('0.1'), 'amount_unreadable')
    """
    if isinstance(cell, float):
        return Decimal(repr(cell)) if -_TOO_MUCH < cell < _TOO_MUCH else UNREADABLE
    if isinstance(cell, bool) or not isinstance(cell, int | Decimal) or (isinstance(cell, Decimal) and cell.is_nan()):
        return UNREADABLE
    return Decimal(cell) if -_TOO_MUCH < cell < _TOO_MUCH else UNREADABLE


def _from_text(text: str, sign: str) -> Amount | Flaw:
    usual = _USUAL.fullmatch(text)
    if usual:
        whole = usual[1].replace(" ", "").replace("\N{NO-BREAK SPACE}", "")
        return Amount(Decimal(f"{whole}.{usual[2]}"), "PLN" if usual[3] else None)
    found = _take_apart(text)
    if found is None:
        return UNREADABLE
    negative, parts, currency = found
    minus = "-" if negative else ""
    if not parts.doubtful:
        return Amount(_number(minus, parts.whole, parts.fraction), currency)
    as_fraction = _number(minus, parts.whole, parts.fraction)
    as_group = _number(minus, parts.whole + parts.fraction, "")
    if not sign:
        return Flaw("amount_ambiguous", {"first": str(as_fraction), "second": str(as_group)})
    return Amount(as_fraction if parts.doubtful == sign else as_group, currency)


def _number(minus: str, whole: str, fraction: str) -> Decimal:
    value = Decimal(f"{minus}{whole or 0}.{fraction}" if fraction else f"{minus}{whole}")
    return value if value else value.copy_abs()


def _take_apart(text: str) -> tuple[bool, _Parts, str | None] | None:
    """Whether it is negative, its parts, its currency; None when it is no amount."""
    match = _WRITTEN.fullmatch(text.strip().translate(_SAME)) if len(text) <= _LONGEST else None
    if match is None:
        return None
    marks = "".join(match.group("lead", "inner", "trail", "tail"))
    named = {_currency_sign(c) for c in match.group("before", "after") if c}
    parts = _parts(match["digits"].rstrip(), match["whole"] or "")
    if marks not in _NEGATIVE or len(named) > 1 or "" in named or parts is None or len(parts.whole) > _DIGITS:
        return None
    return _NEGATIVE[marks], parts, named.pop() if named else None


def _parts(digits: str, whole_mark: str) -> _Parts | None:
    match = _GROUPED.fullmatch(digits)
    if match is None:
        return None
    whole, group, mark, fraction = match.groups()
    plain = whole.replace(group, "") if group else whole
    if group and whole.startswith("0") and (mark or len(whole) != len(plain) + 1 or group not in ",."):
        return None
    if whole_mark:
        return _Parts(plain, "", whole_mark[0]) if plain and not mark and group != whole_mark[0] else None
    if group in (",", "."):
        return _dotted(whole, group, plain, mark, fraction)
    if mark is None:
        return _Parts(plain, "", "") if plain else None
    return _Parts(plain, fraction, mark)


def _dotted(whole: str, group: str, plain: str, mark: str | None, fraction: str | None) -> _Parts | None:
    other = "," if group == "." else "."
    if mark == group:
        return None
    if mark is not None or whole.count(group) > 1:
        return _Parts(plain, fraction or "", other)
    left, right = whole.split(group)
    # Nobody groups 0,123 or 012,345: a leading zero proves the decimal sign.
    return _Parts(left, right, group) if left.startswith("0") else _Parts(left, right, "", group)


@lru_cache(maxsize=1024)
def _currency_sign(text: str) -> str | None:
    """The code that the sign or code beside an amount means, None when several share it, "" when it is no currency."""
    plain = text.rstrip(".").casefold()
    if plain in _SIGNS:
        return _SIGNS[plain]
    return plain.upper() if plain.upper() in currencies() else ""


@cache
def currencies() -> tuple[str, ...]:
    """The ISO 4217 codes that are legal tender somewhere today, as Babel's CLDR data say; the commonest first."""
    territories = get_global("territory_currencies").values()
    today = {code for entries in territories for code, _, end, tender in entries if end is None and tender}
    return tuple(dict.fromkeys((*_COMMON, *sorted(today))))


def read_currency(cell: Cell) -> str | Flaw:
    """The ISO 4217 code that `cell` means. Flaw: currency_unknown, with the nearest code or "".

    >>> read_currency("zł"), read_currency("eur"), read_currency("PLZ").params["nearest"]
    ('PLN', 'EUR', 'PLN')
    """
    text = as_text(cell)
    code = _currency_sign(text)
    if code:
        return code
    best = process.extractOne(text[:_LONGEST].upper(), currencies(), scorer=fuzz.ratio, score_cutoff=60)
    return Flaw("currency_unknown", {"nearest": best[0] if best else ""})
