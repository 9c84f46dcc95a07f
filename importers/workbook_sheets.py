"""Sheets of workbooks as calamine reads them: whole, or piece by piece where they are long. What touches calamine is
here, and in workbook_probe.py.

Cells come typed, formulas by the values last computed.
"""

import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from io import BytesIO
from pathlib import Path
from typing import NamedTuple, Protocol, TypeAlias

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from importers import workbook_probe
from importers.long_sheets import Lengths, LongSheet, Range, hollow, long_sheets
from importers.tables import Record
from importers.workbook_limits import MOST_CELLS
from validators.errors import WrongUse
from validators.rows import Cell, is_blank

AGAIN = "Open it in a spreadsheet program, save it as .xlsx, and import that."
ZIP, OLE = b"PK\x03\x04", bytes.fromhex("D0CF11E0A1B11AE1")
STREAMS = tuple(name.encode("utf-16-le") for name in ("Workbook", "Book", "EncryptedPackage"))
_PATIENCE = 40  # seconds
_LENGTHS = Lengths()

_Typed: TypeAlias = int | float | str | bool | time | date | datetime | timedelta  # as calamine has cells


class Sheet(Protocol):
    """The cells of a tab."""

    def records(self) -> Iterator[Record]:
        """Its rows as often as they are asked for; a merged cell counts for each of the rows that it spans."""
        ...


class SheetOf(NamedTuple):
    """A tab of a workbook: its title, its position (1 = first), whether it is not hidden, what it holds."""

    title: str
    position: int
    visible: bool
    sheet: Sheet


def sheets(data: bytes, path: Path, lengths: Lengths = _LENGTHS) -> list[SheetOf]:
    """The sheets of cells of the workbook in `data`, those without any left out; long ones are read in pieces.

    Raises:
        WrongUse: it is damaged, protected by a password, or too big.
    """
    zipped = data.startswith(ZIP)
    if data.startswith(OLE) and STREAMS[-1] in data:
        raise _locked(path)
    if not zipped or b"xl/workbook.bin" in data:
        _probe(data, path)
    long = long_sheets(data, lengths) if zipped else {}
    book = _opened(hollow(data) if long else data, path)
    tabs = [(i, tab) for i, tab in enumerate(book.sheets_metadata) if tab.typ == SheetTypeEnum.WorkSheet]
    if any(tab.name not in long for _, tab in tabs):
        book = _opened(data, path)
    found: list[SheetOf] = []
    for position, tab in tabs:
        what = f"Tab '{tab.name}' of {path}"
        cut = long.get(tab.name)
        sheet = _InPieces(cut, position, what) if cut else _whole(book, position, what)
        if sheet:
            found.append(SheetOf(tab.name, position + 1, tab.visible == SheetVisibleEnum.Visible, sheet))
    return found


def _whole(book: CalamineWorkbook, position: int, what: str) -> "_Whole | None":
    with _understood(what):
        found = book.get_sheet_by_index(position)
    if found.height * found.width > MOST_CELLS:
        raise WrongUse(f"{what} has more than {MOST_CELLS} cells.", AGAIN)
    return _Whole(found) if found.height else None


class _Whole:
    def __init__(self, sheet: CalamineSheet) -> None:
        self._sheet = sheet

    def records(self) -> Iterator[Record]:
        left = self._sheet.start[1] if self._sheet.start else 0
        return _records(enumerate(self._sheet.iter_rows(), start=1), self._sheet.merged_cell_ranges or (), left)


class _InPieces:
    def __init__(self, sheet: LongSheet, position: int, what: str) -> None:
        self._sheet, self._position, self._what = sheet, position, what

    def records(self) -> Iterator[Record]:
        return _records(self._rows(), self._sheet.merged, 0)

    def _rows(self) -> Iterator[tuple[int, Sequence[_Typed]]]:
        line = 1
        for book in self._sheet.workbooks():
            with _understood(self._what):
                piece = CalamineWorkbook.from_filelike(book).get_sheet_by_index(self._position)
            del book
            if piece.start:
                top, left = piece.start
                if top + 1 < line:
                    raise WrongUse(f"{self._what} is damaged: row {top + 1} stands below row {line - 1}.", AGAIN)
                yield from ((blank, ()) for blank in range(line, top + 1))
                yield from enumerate(([*[""] * left, *cells] for cells in piece.to_python()), start=top + 1)
                line = top + 1 + piece.height


def _records(rows: Iterable[tuple[int, Sequence[_Typed]]], merged: Iterable[Range], left: int) -> Iterator[Record]:
    """The rows, whose first cells stand in column `left` (0 = A), with merged cells in each row that they span."""
    spans = _spans(merged, left)
    carried: dict[int, tuple[int, Cell]] = {}
    for line, cells in rows:
        found: list[Cell] = [str(cell) if isinstance(cell, timedelta) else cell for cell in cells]
        if carried or line in spans:
            _spread(found, line, spans.get(line, ()), carried)
        yield line, found


def _spans(merged: Iterable[Range], left: int) -> Mapping[int, list[tuple[int, int]]]:
    """By line (1 = first), the cells that are merged with those below: their place in the row, and the last line."""
    found: dict[int, list[tuple[int, int]]] = {}
    for (top, column), (bottom, _) in merged:
        if bottom > top and column >= left:
            found.setdefault(top + 1, []).append((column - left, bottom + 1))
    return found


def _spread(
    cells: list[Cell], line: int, begun: Iterable[tuple[int, int]], carried: dict[int, tuple[int, Cell]]
) -> None:
    for place, (last, value) in list(carried.items()):
        if line > last:
            del carried[place]
            continue
        cells.extend([None] * (place + 1 - len(cells)))
        if is_blank(cells[place]):
            cells[place] = value
    for place, last in begun:
        if place < len(cells) and not is_blank(cells[place]):
            carried[place] = (last, cells[place])


def _opened(data: bytes, path: Path) -> CalamineWorkbook:
    with _understood(str(path)):
        try:
            return CalamineWorkbook.from_filelike(BytesIO(data))
        except PasswordError:
            raise _locked(path) from None


@contextmanager
def _understood(what: str) -> Iterator[None]:
    """Errors of the reader, those included by which Rust says that it gave up, as one that says what to do."""
    try:
        yield
    except WrongUse:
        raise
    except BaseException as error:
        if isinstance(error, CalamineError | OSError | ValueError) or type(error).__name__ == "PanicException":
            raise WrongUse(f"{what} is damaged: {error}.", AGAIN) from error
        raise


def _probe(data: bytes, path: Path) -> None:
    """Have a child process read the workbook first; raises WrongUse when that ends badly."""
    folders = os.pathsep.join(str(Path(folder).absolute()) for folder in sys.path)
    asked = [sys.executable, "-S", "-P", "-m", workbook_probe.__name__]
    try:
        done = subprocess.run(  # noqa: S603 - ourselves
            asked,
            input=data,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": folders},
            timeout=_PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise WrongUse(f"{path} takes too long to read.", AGAIN) from None
    if done.returncode:
        raise WrongUse(f"{path} is damaged, or too big when it is opened.", AGAIN)


def _locked(path: Path) -> WrongUse:
    return WrongUse(f"{path} is protected by a password.", "Save a copy without a password and import that.")
