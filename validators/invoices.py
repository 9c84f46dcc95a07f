"""Invoice rows become invoices: whose they are, in which currency, and how much of them was paid. Pure."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import cast

from pydantic import TypeAdapter

from validators.columns import Context, understand
from validators.dates import read_date
from validators.debtors import ClientIndex
from validators.money import rounded
from validators.problems import Parsed, Severity
from validators.reading import Reading, rows, start
from validators.records import Invoice, Record
from validators.rows import Table, is_blank, texts
from validators.tabs import INVOICES

_INVOICES = TypeAdapter(list[Invoice])
_NAMES = tuple(name for name in Invoice.model_fields if name not in Record.model_fields)
_ZERO = Decimal(0)
# The days of this century, as spreadsheets count them.
_FIRST_SERIAL, _END_SERIAL = 36526, 73051


def read_invoices(
    table: Table, ids: Sequence[str], context: Context, clients: ClientIndex, currency: str, today: date
) -> Parsed[Invoice]:
    """The invoices of `table`; `currency` (ISO 4217) is taken where neither column nor amount names one.

    Where Paid and Paid on contradict each other or the calendar (`today`), the payment is in doubt, not guessed.
    """
    reading = start(table, ids, context)
    reading.derived |= {
        "client_text": texts(table.column("client")),
        "last_step": texts(table.column("last_step")),
        "last_reminder_on": understand(
            INVOICES.field("last_reminder_on"), table.column("last_reminder_on"), context
        ).values,
    }
    _check_numbers(reading)
    reading.derived["client"] = _clients(reading, clients)
    reading.derived["currency"] = _currencies(reading, currency)
    reading.derived["amount"] = _amounts(reading)
    paid, in_full = _payments(reading, today)
    reading.derived |= {"paid": paid, "marked_paid": in_full}
    _check_dates(reading)
    records = _INVOICES.validate_python(list(rows(reading, _NAMES)))
    return Parsed(tuple(records), tuple(reading.problems))


def _check_numbers(reading: Reading) -> None:
    """Report numbers that a spreadsheet took for a date when they were typed: it keeps the day, not what was typed.

    A date may come as a serial number. Where all numbers are plain digits, it may just as well be one of them.
    """
    column = reading.table.column("number")
    plain = not any(isinstance(cell, str) and cell.strip() and not cell.strip().isdecimal() for cell in column)
    for position, cell in enumerate(column):
        serial = not plain and isinstance(cell, int | float) and _FIRST_SERIAL <= cell < _END_SERIAL
        if serial or isinstance(cell, date):
            reading.report(position, "number", "number_is_date", day=str(read_date(cell)))


def _clients(reading: Reading, clients: ClientIndex) -> list[str | None]:
    owners: list[str | None] = []
    for position, text in enumerate(cast(Sequence[str], reading.values("client_text"))):
        found = clients.find(text) if text else None
        owners.append(found.id if found else None)
        if found is None or found.id is not None or "client" in reading.doubtful.get(position, ()):
            continue
        if found.candidates:
            reading.report(position, "client", "client_ambiguous", candidates=", ".join(found.candidates))
        else:
            reading.report(position, "client", "client_unknown", nearest=found.nearest)
    return owners


def _currencies(reading: Reading, default: str) -> list[str]:
    column = cast(Sequence[str | None], reading.values("currency"))
    beside = reading.columns["amount"].currencies or (None,) * len(column)
    codes: list[str] = []
    for position, (code, hint) in enumerate(zip(column, beside, strict=True)):
        blank = is_blank(reading.table.column("currency")[position])
        if code and hint and code != hint:
            reading.report(position, "currency", "currency_conflict", found=hint)
        codes.append(code or (hint or default if blank else ""))
    return codes


def _amounts(reading: Reading) -> list[Decimal | None]:
    """The amounts to the minor unit of their currency; what had to be rounded, and zero, is reported."""
    amounts: list[Decimal | None] = []
    codes = cast(Sequence[str], reading.values("currency"))
    for position, amount in enumerate(cast(Sequence[Decimal | None], reading.values("amount"))):
        exact = None if amount is None else rounded(amount, codes[position])
        if exact != amount:
            reading.report(position, "amount", "amount_precision", Severity.WARNING, rounded=str(exact))
        if exact == 0:
            reading.report(position, "amount", "amount_zero")
        amounts.append(exact)
    return amounts


def _payments(reading: Reading, today: date) -> tuple[list[Decimal], list[bool]]:
    """What the two payment cells say together: how much so far, and whether a person declared all of it paid."""
    sums: list[Decimal] = []
    in_full: list[bool] = []
    names = ("paid", "paid_on", "amount", "currency")
    hints = reading.columns["paid"].currencies
    for position, (paid, paid_on, amount, code) in enumerate(zip(*map(reading.values, names), strict=True)):
        if paid is None and "paid_on" in reading.doubtful.get(position, ()):
            reading.doubtful[position].add("paid")
        if paid is None and paid_on is None:
            sums.append(_ZERO)
            in_full.append(False)
            continue
        _check_payment(reading, position, paid, paid_on, today)
        if hints and hints[position] and code and hints[position] != code:
            reading.report(position, "paid", "currency_conflict", found=str(hints[position]))
        said_all = paid is True or (paid is None and paid_on is not None)
        whole = said_all and "paid" not in reading.doubtful.get(position, ())
        total = cast(Decimal, amount or _ZERO)
        so_far = abs(total) if whole else rounded(paid, str(code)) if isinstance(paid, Decimal) else _ZERO
        sums.append(abs(so_far) if total < 0 else max(so_far, _ZERO))
        in_full.append(whole)
    return sums, in_full


def _check_payment(reading: Reading, position: int, paid: object, paid_on: object, today: date) -> None:
    """A payment in doubt is reported on the field *paid*, so that nothing is claimed from a client on its strength."""
    if isinstance(paid_on, date) and paid_on > today:
        reading.report(position, "paid", "paid_in_future")
    elif paid == _ZERO and paid is not False and paid_on is not None:
        reading.report(position, "paid", "paid_contradiction")
    elif isinstance(paid, Decimal) and paid < 0 and cast(Decimal, reading.values("amount")[position] or _ZERO) >= 0:
        reading.report(position, "paid", "paid_negative")


def _check_dates(reading: Reading) -> None:
    issued, due = reading.values("issued_on"), reading.values("due_on")
    for position, (first, last) in enumerate(zip(issued, due, strict=True)):
        if isinstance(first, date) and isinstance(last, date) and last < first:
            reading.report(position, "due_on", "due_before_issued", Severity.WARNING)
