"""What the values of a column tell of its meaning: addresses and identifiers have rules, days and sums only a look."""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from functools import partial

from validators import amounts, contacts, dates
from validators.rows import Cell, as_text, is_blank

MOST = 200  # values looked at
_ENOUGH = 0.8
# In a list of clients these are the clients'; on an invoice there are two sides.
SURE_BY_VALUES = frozenset({"tax_id", "email"})
_TARGETS = {
    "clients": {"tax_id": "tax_id", "email": "email", "phone": "phone", "date": "", "amount": ""},
    "invoices": {
        "tax_id": "client_tax_id",
        "email": "client_email",
        "phone": "client_phone",
        "date": "issued_on",
        "amount": "amount",
    },
}


def told_by_values(cells: Sequence[Cell], kind: str, country: str = "PL") -> str:
    """The target that most values of a column could be, "" when they could be nothing in particular.

    A proposal, but for SURE_BY_VALUES: of several dates or sums nobody can tell which is which.
    """
    values = [cell for cell in cells[: MOST * 5] if not is_blank(cell)][:MOST]
    tests: dict[str, Callable[[Cell], bool]] = {
        "email": _is_email,
        "tax_id": partial(_is_tax_id, country=country),
        "date": _is_date,
        "phone": partial(_is_phone, region=country),
        "amount": _is_amount,
    }
    for name, test in tests.items():
        if values and sum(map(test, values)) >= _ENOUGH * len(values):
            return _TARGETS[kind][name]
    return ""


def _is_email(cell: Cell) -> bool:
    return isinstance(cell, str) and "@" in cell and bool(contacts.read_emails(cell)[0])


def _is_tax_id(cell: Cell, country: str) -> bool:
    return isinstance(contacts.read_tax_id(as_text(cell), country), str)


def _is_date(cell: Cell) -> bool:
    """Whether it is a day, or could be one of two; a bare number could be anything."""
    found = dates.read_date(cell) if isinstance(cell, str | date) else dates.UNREADABLE
    return isinstance(found, date) or found.code == "date_ambiguous"


def _is_phone(cell: Cell, region: str) -> bool:
    text = as_text(cell)
    return 7 <= sum(map(str.isdigit, text)) <= 15 and bool(contacts.read_phones(text, region)[0])


def _is_amount(cell: Cell) -> bool:
    if isinstance(cell, bool):
        return False
    if isinstance(cell, int | float | Decimal):
        return True
    found = amounts.read_amount(cell) if isinstance(cell, str) else amounts.UNREADABLE
    return isinstance(found, amounts.Amount) or found.code == "amount_ambiguous"
