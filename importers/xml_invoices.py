"""What the XML formats share: an invoice while it is read, cells out of XML's texts, one list out of all invoices.

A format is a class that derives from `XmlImporter` and says which files it knows and what their invoices are.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import ClassVar

from importers import disk
from importers.port import Listing
from importers.targets import INVOICE_TARGETS
from importers.xml_files import Source, opening
from importers.xml_nodes import Opening, printable
from validators.errors import WrongUse
from validators.rows import Cell, Row

MOST_INVOICES = 100_000
FILE = "file"  # the column that tells the file within an archive
_NAMED = 5
_LONGEST_NAME = 80
_MOST_NOTES = 20
_DAY = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:Z|[+-][0-9]{2}:[0-9]{2}|T[0-9:.]{5,18}(?:Z|[+-][0-9]{2}:[0-9]{2})?)?"
)
_NIP = re.compile(r"(?:PL)?([0-9]{10})")
_DECIMAL = re.compile(r"[-+]?(?:[0-9]{1,20}(?:\.[0-9]{0,12})?|\.[0-9]{1,12})")


@dataclass(slots=True)
class Draft:
    """An invoice while it is read: its cells by target, and remarks on what was guessed, mended or left out.

    `left_out` says that it is no claim on a client, so that it becomes no row; its remarks say why.
    """

    cells: dict[str, Cell] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    name: str = ""
    left_out: bool = False

    def put(self, target: str, cell: Cell) -> None:
        """Set the cell, unless it is blank."""
        if cell is not None and cell != "":
            self.cells[target] = cell

    def note(self, text: str) -> None:
        """Add `text`, the source's own words, to what is kept in Notes."""
        before = self.cells.get("notes")
        if text:
            self.cells["notes"] = f"{before}; {text}" if before else text

    @property
    def label(self) -> str:
        """What names it in messages."""
        return printable(str(self.cells.get("number", "")) or self.name, _LONGEST_NAME) or "without number"


class XmlImporter(ABC):
    """An Importer (port.py) of one XML format: each file gives one list of invoices."""

    name: ClassVar[str]

    @abstractmethod
    def knows(self, opening: Opening) -> bool:
        """Whether a file that opens like this is of the format."""

    @abstractmethod
    def invoices(self, source: Source) -> Iterator[Draft]:
        """Every invoice of the file, those left out too. Raises WrongUse when it is damaged."""

    def recognises(self, path: Path, head: bytes) -> bool:  # noqa: ARG002
        """Whether the file's head opens like one of the format."""
        found = opening(head)
        return found is not None and not found.doctype and self.knows(found)

    def listings(self, path: Path) -> Iterator[Listing]:
        """One list, read whole before it is handed over: a file damaged at its end is refused, not half imported."""
        yield one_listing(path.name, self.invoices(Source(path.name, disk.content(path))))


def one_listing(title: str, drafts: Iterable[Draft]) -> Listing:
    """The list of `drafts`, each one's number in the file as its line; what is remarked becomes notes.

    Raises:
        WrongUse: no invoice is left to import, or there are too many for one import.
    """
    rows: list[Row] = []
    remarked: dict[str, list[str]] = {}
    for number, draft in enumerate(drafts, 1):
        if number > MOST_INVOICES:
            raise WrongUse(f"{title} holds more than {MOST_INVOICES:,} invoices.", "Export a shorter period.")
        for remark in draft.remarks:
            remarked.setdefault(remark, []).append(draft.label)
        if not draft.left_out:
            rows.append(Row(number, "", draft.cells))
    notes = _notes(remarked)
    if not rows:
        told = " ".join((f"{title} holds no invoices to import.", *notes))
        raise WrongUse(told, "Export it again, for a period with sales.")
    used = {target for row in rows for target in row.cells}
    columns = tuple(name for name in (*INVOICE_TARGETS, FILE) if name in used)
    meaning = {name: name for name in columns if name != FILE}
    return Listing("invoices", title, columns, iter(rows), meaning, notes)


def _notes(remarked: Mapping[str, list[str]]) -> tuple[str, ...]:
    told = [f"{remark}: {_enumerated(names)}." for remark, names in remarked.items()]
    more = len(told) - _MOST_NOTES
    return (*told[:_MOST_NOTES], f"There are {more:,} more remarks of this sort.") if more > 0 else tuple(told)


def _enumerated(names: list[str]) -> str:
    """The first of them, and how many more there are."""
    shown = ", ".join(names[:_NAMED])
    return shown if len(names) <= _NAMED else f"{shown} and {len(names) - _NAMED:,} more"


def day(text: str) -> date | str:
    """XML's date, its time and zone dropped; another text as it stands, for the verdict to judge.

    >>> day("2026-03-04Z"), day("4.03.2026")
    (datetime.date(2026, 3, 4), '4.03.2026')
    """
    match = _DAY.fullmatch(text)
    try:
        return date.fromisoformat(match[1]) if match else text
    except ValueError:
        return text


def latest(texts: Iterable[str]) -> date | str:
    """The last of several days; a text that is none comes first, for the verdict to judge; "" for nothing."""
    days: list[date] = []
    for found in map(day, texts):
        if isinstance(found, str):
            return found
        days.append(found)
    return max(days, default="")


def amount(text: str) -> Decimal | str:
    """XML's decimal number, exactly; another text as it stands, for the verdict to judge.

    >>> amount("1230.50"), amount("1 230,50")
    (Decimal('1230.50'), '1 230,50')
    """
    return Decimal(text) if _DECIMAL.fullmatch(text) else text


def plain_nip(text: str) -> str:
    """A seller's tax id as KSeF and JPK write it, so that one seller is the same in every format.

    >>> plain_nip("PL 737-284-65-18"), plain_nip("DE136695976")
    ('7372846518', 'DE136695976')
    """
    match = _NIP.fullmatch(re.sub(r"[\s-]", "", text).upper())
    return match[1] if match else text


def claimed(gross: Decimal, due: Decimal) -> tuple[Decimal, Decimal]:
    """What to enter as amount and as paid, so that what is left is `due`, which the document itself asks for.

    The amount is the gross one, unless more is asked for.

    >>> claimed(Decimal(100), Decimal(70)), claimed(Decimal(100), Decimal(120))
    ((Decimal('100'), Decimal('30')), (Decimal('120'), Decimal('0')))
    """
    whole = max(gross, due)
    return whole, whole - due
