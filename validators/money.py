"""How finely a currency is divided, and rounding to it. Reading amounts is amounts.py's part."""

from decimal import ROUND_HALF_UP, Decimal
from functools import cache

from babel.numbers import get_currency_precision


@cache
def quantum(currency: str) -> Decimal:
    """The smallest amount of `currency` (ISO 4217, digits by CLDR); a hundredth where the currency is unknown.

    >>> quantum("PLN"), quantum("JPY")
    (Decimal('0.01'), Decimal('1'))
    """
    return Decimal(1).scaleb(-get_currency_precision(currency)) if currency else Decimal("0.01")


def rounded(amount: Decimal, currency: str) -> Decimal:
    """`amount` to the currency's minor unit, halves away from zero."""
    return amount.quantize(quantum(currency), ROUND_HALF_UP)
