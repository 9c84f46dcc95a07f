"""How understood values stand in the sheet, and a digest of them by which a row is known again. Pure."""

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from hashlib import blake2b

from importers.safe_cells import CONTROLS
from validators.columns import WORDS
from validators.reading import Reading
from validators.rows import Cell, as_text, is_blank
from validators.tabs import YES, Field, Kind, Owner

_AS_TEXT = WORDS | {Kind.PHONES, Kind.CHOICE, Kind.CURRENCY}  # written as they stand, whatever they mean
LONGEST = 32_767  # characters; Excel's limit, and Google's is above it
_DAY_ZERO = date(1899, 12, 30).toordinal()
_LINES = re.compile(r"\r\n?")


def written(field: Field, cell: Cell, value: object, language: str) -> Cell:
    """What is written for `cell` of the file, understood as `value`: days and sums typed, all else as it was written.

    None where nothing is written.
    """
    if is_blank(cell):
        return None
    if field.kind in _AS_TEXT:
        return text_of(cell) or None
    if field.kind is Kind.EMAILS and isinstance(value, tuple) and value:
        return ", ".join(value)
    if field.kind is Kind.TAX_ID:
        return value if isinstance(value, str) else text_of(cell).removesuffix(".0")
    if field.kind is Kind.YES_NO:
        return value is True or None
    if value is True:  # paid, without saying how much or when
        return YES.pl if language == "pl" else YES.en
    if isinstance(value, Decimal) or (isinstance(value, date) and value != date.max):
        return value
    return text_of(cell) or None


def text_of(cell: Cell) -> str:
    """A cell as text that every spreadsheet keeps as it is: one kind of line break, no control characters."""
    text = cell.strip() if isinstance(cell, str) else as_text(cell)
    return text if text.isprintable() else CONTROLS.sub("", _LINES.sub("\n", text)).strip()


class WrittenRows:
    """What is written for the rows of a list: put together row by row, when somebody asks."""

    def __init__(self, reading: Reading, language: str) -> None:
        table, self._language = reading.table, language
        self._fields = {
            field.name: (field, table.columns[field.name], reading.columns[field.name].values, field.kind in _AS_TEXT)
            for field in table.tab.owned(Owner.TEAM, Owner.NORMALISED)
            if table.columns.get(field.name)
        }

    def of(self, position: int) -> dict[str, Cell]:
        """The cells of a row, by field; blank ones are left out."""
        found: dict[str, Cell] = {}
        for name, (field, cells, values, as_it_stands) in self._fields.items():
            cell = cells[position]
            if as_it_stands:
                cell = text_of(cell) or None
            elif cell is not None:
                cell = written(field, cell, values[position], self._language)
            if cell is not None:
                found[name] = cell
        return found

    def cell(self, name: str, position: int) -> Cell:
        """One cell of a row; None where it is blank or the list has no such field."""
        if name not in self._fields:
            return None
        field, cells, values, _ = self._fields[name]
        return written(field, cells[position], values[position], self._language)


class RowValues(Mapping[str, Cell]):
    """The cells of one of the rows, by field."""

    __slots__ = ("_position", "_rows")

    def __init__(self, rows: WrittenRows, position: int) -> None:
        self._rows, self._position = rows, position

    def __getitem__(self, name: str) -> Cell:
        cell = self._rows.cell(name, self._position)
        if cell is None:
            raise KeyError(name)
        return cell

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows.of(self._position))

    def __len__(self) -> int:
        return len(self._rows.of(self._position))

    def __repr__(self) -> str:
        return repr(self._rows.of(self._position))


def digest(values: Mapping[str, Cell]) -> str:
    """A short digest of what stands in a row, the same whether it was just decided or read back from a sheet.

    >>> digest({"name": "Żuraw", "added_on": date(2026, 3, 4)}) == digest({"added_on": 46085, "name": " Żuraw "})
    True
    """
    parts = (f"{name}\x1f{text}" for name, cell in sorted(values.items()) if (text := _same_text(cell)))
    return blake2b("\x1e".join(parts).encode("utf-8", "replace"), digest_size=8).hexdigest()


def _same_text(cell: Cell) -> str:
    if isinstance(cell, datetime):
        cell = cell.date()
    if isinstance(cell, date):
        return str(cell.toordinal() - _DAY_ZERO)
    if isinstance(cell, Decimal):
        return as_text(float(cell))
    return as_text(cell)
