"""The invoices of a letter as rows of formatted text, their sums, and the plain-text table made of them. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from textwrap import wrap
from typing import TypedDict
from urllib.parse import urlsplit

from config.reasons import money
from mailers.addresses import clean
from mailers.reminders import ReminderLine
from mailers.wording import days, delay, long_date

WIDTH = 72  # columns of a plain-text letter


class InvoiceRow(TypedDict):
    """One invoice as templates see it: formatted text, and `days`, the raw number (negative before the due date).

    `settled` is what was paid or credited already, "" when nothing was; `partly` says so in words.
    `days_overdue` is "" unless overdue; `delay` is never blank. `link` is http(s) or "".
    """

    number: str
    issued_on: str
    due_on: str
    amount: str
    remaining: str
    settled: str
    partly: str
    days_overdue: str
    delay: str
    days: int
    link: str
    step: str


@dataclass(frozen=True, slots=True)
class Labels:
    """The fixed words around the invoices."""

    invoice: str
    due: str
    overdue: str
    to_pay: str
    total: str
    of_which_overdue: str
    partly: str
    view: str


LABELS = {
    "pl": Labels(
        "Faktura",
        "Termin płatności",
        "Po terminie",
        "Do zapłaty",
        "Razem do zapłaty",
        "w tym po terminie",
        "z {amount} rozliczono już {settled}",
        "Zobacz fakturę",
    ),
    "en": Labels(
        "Invoice",
        "Due date",
        "Overdue",
        "To pay",
        "Total to pay",
        "of which overdue",
        "{settled} of {amount} already paid or credited",
        "View invoice",
    ),
}


@dataclass(frozen=True, slots=True)
class InvoiceTable:
    """The invoices in the order of their due dates, with sums as (label, amounts, one for each currency)."""

    labels: Labels
    rows: tuple[InvoiceRow, ...]
    sums: tuple[tuple[str, tuple[str, ...]], ...]


def invoice_table(lines: Sequence[ReminderLine], language: str) -> InvoiceTable:
    """`lines` formatted for a letter in `language`; a single invoice is its own sum and gets none."""
    labels = LABELS.get(language, LABELS["en"])
    ordered = sorted(lines, key=lambda line: (line.effective_due_on, line.due_on, line.number))
    overdue = [line for line in ordered if line.days_overdue > 0]
    sums = []
    if len(ordered) > 1:
        sums.append((labels.total, totals(ordered, language)))
    if 0 < len(overdue) < len(ordered):
        sums.append((labels.of_which_overdue, totals(overdue, language)))
    return InvoiceTable(labels, tuple(_row(line, language, labels) for line in ordered), tuple(sums))


def totals(lines: Sequence[ReminderLine], language: str) -> tuple[str, ...]:
    """What is left to pay, summed by currency, in the order in which currencies first occur."""
    sums: dict[str, Decimal] = {}
    for line in lines:
        sums[line.currency] = sums.get(line.currency, Decimal()) + line.remaining
    return tuple(money(amount, currency, language) for currency, amount in sums.items())


def web_link(text: str) -> str:
    """`text` when it is a web address that a letter may link to, else "".

    >>> web_link("https://example.pl/f/1"), web_link("javascript:alert(1)"), web_link("C:\\\\faktury")
    ('https://example.pl/f/1', '', '')
    """
    link = clean(text)
    if any(c.isspace() for c in link) or any(c in '<>"`\\' for c in link):
        return ""
    try:
        parts = urlsplit(link)
    except ValueError:
        return ""
    return link if parts.scheme in ("http", "https") and parts.hostname else ""


def _row(line: ReminderLine, language: str, labels: Labels) -> InvoiceRow:
    settled = line.amount - line.remaining
    amount, part = (money(value, line.currency, language) for value in (line.amount, settled))
    return {
        "number": clean(line.number) or line.invoice,
        "issued_on": long_date(line.issued_on, language) if line.issued_on else "",
        "due_on": long_date(line.due_on, language),
        "amount": amount,
        "remaining": money(line.remaining, line.currency, language),
        "settled": part if settled > 0 else "",
        "partly": labels.partly.format(amount=amount, settled=part) if settled > 0 else "",
        "days_overdue": days(line.days_overdue, language) if line.days_overdue > 0 else "",
        "delay": delay(line.days_overdue, language),
        "days": line.days_overdue,
        "link": web_link(line.link),
        "step": clean(line.step),
    }


def as_text(table: InvoiceTable) -> str:
    """The table in columns, at most 72 wide (links may be longer); as a list when the values are too long for that."""
    labels = table.labels
    columns = [
        [labels.invoice, *(row["number"] for row in table.rows)],
        [labels.due, *(row["due_on"] for row in table.rows)],
        [labels.overdue, *(row["days_overdue"] or "–" for row in table.rows)],
        [labels.to_pay, *(row["remaining"] for row in table.rows)],
    ]
    if not any(row["days_overdue"] for row in table.rows):
        del columns[2]
    widths = [max(map(len, column)) for column in columns]
    widths[-1] = max(widths[-1], *(len(amount) for _, amounts in table.sums for amount in amounts), 0)
    if sum(widths) + 2 * len(widths) - 2 > WIDTH:
        return _as_list(table)
    return _as_columns(table, list(zip(*columns, strict=True)), widths)


def _as_columns(table: InvoiceTable, cells: Sequence[tuple[str, ...]], widths: Sequence[int]) -> str:
    def aligned(row: tuple[str, ...]) -> str:
        left = [cell.ljust(width) for cell, width in zip(row[:-1], widths[:-1], strict=True)]
        return "  ".join([*left, row[-1].rjust(widths[-1])])

    rule = "-" * len(aligned(cells[0]))
    text = [aligned(cells[0]), rule]
    for row, shown in zip(table.rows, cells[1:], strict=True):
        text += [aligned(shown), *_remarks(row)]
    if table.sums:
        text.append(rule)
    for label, amounts in table.sums:
        named = [label, *[""] * (len(amounts) - 1)]
        text += [name + amount.rjust(len(rule) - len(name)) for name, amount in zip(named, amounts, strict=True)]
    return "\n".join(text)


def _as_list(table: InvoiceTable) -> str:
    labels = table.labels
    text = []
    for row in table.rows:
        due = f"  {labels.due}: {row['due_on']}" + (f" ({row['delay']})" if row["days"] > 0 else "")
        text += [*wrap(row["number"], WIDTH), due, f"  {labels.to_pay}: {row['remaining']}", *_remarks(row)]
    text += [f"{label}: {amount}" for label, amounts in table.sums for amount in amounts]
    return "\n".join(text)


def _remarks(row: InvoiceRow) -> list[str]:
    return [f"  {remark}" for remark in (row["partly"], row["link"]) if remark]
