"""Columns of a list become columns of the invoices tab: lines of one invoice are put together, payments and kinds
are read. Pure; who the invoices are for is put into a table of its own."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal

from importers.day_order import with_one_order
from importers.mapping import ColumnMap, is_of_reasons
from importers.payments import Payments
from importers.shaping import Shaped, addresses, merged, numbered
from importers.source import Source
from importers.targets import INVOICE_PARTS
from importers.words import KINDS, SIGNED, STATES, Kind, State
from validators.columns import Context, Fault, understand
from validators.problems import Severity
from validators.rows import Cell, as_text, is_blank, texts
from validators.tabs import CLIENTS, INVOICES
from validators.text import fold

_DAYS = re.compile(r"\D{0,20}?([0-9]{1,3})\s*(?:dni|dzień|days?|d)?\.?", re.IGNORECASE)
_NUMBER_OF_DAYS = re.compile(r"([0-9]{1,3}) ?(?:dni|days)\.?", re.IGNORECASE)
_LINES = ("line_amount", "notes")
_BUYER = {"client_tax_id": "tax_id", "client_email": "email", "client_phone": "phone"}
_KEYS = {"id": "id", "seller_tax_id": "seller", "ksef_number": "ksef"}


def shape_invoices(source: Source, found: ColumnMap, context: Context) -> Shaped:
    """The rows of a list of invoices, one for each invoice, whoever many lines it has in the list."""
    given = with_one_order(merged(source, found), INVOICES, ["paid_flag"])
    groups = _groups(given, len(source))
    invoices = _Invoices({name: _headers(cells, groups) for name, cells in given.items()}, len(groups), context)
    if "line_amount" in given:
        invoices.add_up(given["line_amount"], groups)
    invoices.settle()
    lines = [source.lines[group[0]] for group in groups]
    keys = {key: texts(invoices.given[target]) for target, key in _KEYS.items() if target in invoices.given}
    buyers = numbered(CLIENTS, dict(_buyers(invoices.given)), len(groups))
    table = numbered(INVOICES, invoices.columns(), len(groups))
    reasons = next((cells for name, cells in source.columns.items() if is_of_reasons(name)), ())
    rejected = [as_text(reasons[group[0]]) for group in groups] if reasons else ()
    return Shaped(table, groups, lines, keys, tuple(invoices.faults), buyers, rejected)


def _groups(given: Mapping[str, Sequence[Cell]], count: int) -> list[tuple[int, ...]]:
    """The rows of each invoice. In a list of lines, those that follow each other and do not contradict are one."""
    if "line_amount" not in given or "number" not in given:
        return [(i,) for i in range(count)]
    names = [name for name in given if name not in _LINES]
    columns = [texts(given[name]) for name in names]
    number = names.index("number")
    groups: list[list[int]] = []
    known: list[str] = []
    for position, cells in enumerate(zip(*columns, strict=True)):
        fits = all(not text or text == before for text, before in zip(cells, known, strict=False))
        if groups and fits and (cells[number] or not any(cells)):
            groups[-1].append(position)
        else:
            groups.append([position])
            known = list(cells)
    return [tuple(group) for group in groups]


def _headers(cells: Sequence[Cell], groups: Sequence[tuple[int, ...]]) -> list[Cell]:
    return [next((cells[i] for i in group if not is_blank(cells[i])), None) for group in groups]


def _buyers(given: Mapping[str, Sequence[Cell]]) -> Iterable[tuple[str, Sequence[Cell]]]:
    named = [given[name] for name in ("client_name", "client") if name in given]
    if named:
        yield "name", [next((cell for cell in cells if not is_blank(cell)), None) for cells in zip(*named, strict=True)]
    for target, field in _BUYER.items():
        if target in given:
            yield field, given[target]
    parts = {name: cells for name, cells in given.items() if name.startswith("client_")}
    if {"client_address", "client_street", "client_postal_code", "client_city"} & parts.keys():
        yield "address", addresses(parts, "client_")


class _Invoices:
    """The invoices of a list while they take shape: `given` holds their cells by target."""

    def __init__(self, given: dict[str, list[Cell]], count: int, context: Context) -> None:
        self.given: dict[str, Sequence[Cell]] = dict(given)
        self.faults: list[tuple[str, Fault]] = []
        self._count, self._context = count, context

    def columns(self) -> dict[str, Sequence[Cell]]:
        return {name: cells for name, cells in self.given.items() if name not in INVOICE_PARTS and name != "id"}

    def settle(self) -> None:
        self._date()
        self._sort_out()
        Payments(self.given, self.faults, self._count, self._context).settle()

    def add_up(self, lines: Sequence[Cell], groups: Sequence[tuple[int, ...]]) -> None:
        """The sum of the lines where there is no total."""
        read = understand(INVOICES.field("amount"), lines, self._context)
        amounts, codes = self._amounts()
        for position, group in enumerate(groups):
            values = [read.values[i] for i in group if not is_blank(lines[i])]
            if is_blank(amounts[position]) and values:
                sums = [value for value in values if isinstance(value, Decimal)]
                bad = next((lines[i] for i in group if read.values[i] is None and not is_blank(lines[i])), None)
                amounts[position] = sum(sums, Decimal(0)) if bad is None else bad
                codes[position] = codes[position] or next(
                    (read.currencies[i] for i in group if read.currencies[i]), None
                )
        self.given |= {"amount": amounts, "currency": codes}

    def _amounts(self) -> tuple[list[Cell], list[Cell]]:
        """Amounts as numbers where they are understood, and the currency written in its column or beside them."""
        cells = self._column("amount")
        read = understand(INVOICES.field("amount"), cells, self._context)
        beside: Sequence[Cell] = read.currencies or [None] * self._count
        codes = [
            code if not is_blank(code) else hint for code, hint in zip(self._column("currency"), beside, strict=True)
        ]
        return [_number(value, cell) for value, cell in zip(read.values, cells, strict=True)], codes

    def _date(self) -> None:
        """The due date, where the list says after how many days it is."""
        due = list(self._column("due_on"))
        days = [_days(cell) for cell in self._column("due_days")]
        for position, cell in enumerate(due):
            match = _NUMBER_OF_DAYS.fullmatch(cell.strip()) if isinstance(cell, str) else None
            if match:
                due[position], days[position] = None, int(match[1])
        wanted = [i for i, cell in enumerate(due) if is_blank(cell) and days[i] is not None]
        if wanted:
            issued = understand(INVOICES.field("issued_on"), self._column("issued_on"), self._context).values
            for position in wanted:
                start, count = issued[position], days[position]
                if isinstance(start, date) and count is not None:
                    due[position] = start + timedelta(days=count)
            self.given["due_on"] = due

    def _sort_out(self) -> None:
        """What is no invoice, what was cancelled, and the sign of what gives money back."""
        kinds = [KINDS.get(fold(text)) for text in texts(self._column("kind"))]
        states = [STATES.get(fold(text)) for text in texts(self._column("state"))]
        for position, kind in enumerate(kinds):
            if kind is Kind.OTHER:
                self._fault(position, "kind", "not_an_invoice")
            elif states[position] is State.DRAFT:
                self._fault(position, "state", "draft_invoice")
        if State.CANCELLED in states:
            marked = zip(self._column("cancelled"), states, strict=True)
            self.given["cancelled"] = [True if is_blank(c) and s is State.CANCELLED else c for c, s in marked]
        if {Kind.CREDIT_NOTE, Kind.CORRECTION} & set(kinds):
            self._sign(kinds)

    def _sign(self, kinds: Sequence[Kind | None]) -> None:
        amounts, codes = self._amounts()
        written = texts(self._column("kind"))
        for position, (kind, amount) in enumerate(zip(kinds, amounts, strict=True)):
            if not isinstance(amount, Decimal) or amount < 0:
                continue
            if kind in (Kind.CREDIT_NOTE, Kind.CORRECTION) and not amount:
                self._fault(position, "amount", "correction_zero")
            elif kind is Kind.CREDIT_NOTE:
                amounts[position] = -amount
            elif kind is Kind.CORRECTION and written[position] not in SIGNED:
                self._fault(position, "amount", "correction_sign")
        self.given |= {"amount": amounts, "currency": codes}

    def _column(self, name: str) -> Sequence[Cell]:
        return self.given.get(name) or [None] * self._count

    def _fault(self, position: int, field: str, code: str) -> None:
        value = as_text(self._column(field)[position])
        self.faults.append((field, Fault(position, code, {"value": value}, Severity.ERROR)))


def _number(value: object, cell: Cell) -> Cell:
    return value if isinstance(value, Decimal) else cell


def _days(cell: Cell) -> int | None:
    match = _DAYS.fullmatch(as_text(cell))
    return int(match[1]) if match else None
