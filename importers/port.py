"""The port of every file format, one small class each, and what it hands over: lists as found, nothing understood yet.

What a column means is mapping.py's part; whether a row is new, known or wrong is verdicts.py's.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from validators.rows import Row


@dataclass(frozen=True, slots=True)
class Listing:
    """One list within a file: a tab of a workbook, the cards of an address book, the invoices of an XML file.

    `kind` is "clients" or "invoices" where the format alone decides it, else "". `columns` are the source's own names,
    each different (a header that stands twice is numbered: "Waluta", "Waluta 2"). `rows` are read as they are asked
    for, once; their cells go by those names, blank ones may be left out; `Row.line` is the line, sheet row or card of
    the source (1 = first), `Row.id` is "". `meaning` maps columns to targets (targets.py) where the format decides it.
    `notes` are sentences for the person who imports: what the reader had to guess, mend or leave out.
    """

    kind: str
    title: str
    columns: tuple[str, ...]
    rows: Iterator[Row]
    meaning: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


class Importer(Protocol):
    """One file format."""

    @property
    def name(self) -> str:
        """What people call the format, for messages: "CSV", "KSeF FA"."""
        ...

    def recognises(self, path: Path, head: bytes) -> bool:
        """Whether this importer, by the file's content, is the one to read it. `head` is its first 64 KiB."""
        ...

    def listings(self, path: Path) -> Iterator[Listing]:
        """The lists that the file holds, in its order; at least one.

        Raises:
            WrongUse: the file is not what it seemed: damaged, too big, encrypted, or nothing in it can be read.
        """
        ...
