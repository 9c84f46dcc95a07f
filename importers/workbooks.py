"""Workbooks: XLSX, XLSM, XLSB, XLS and ODS; each tab is a list. The one module that touches calamine.

Cells come typed, formulas by the values last computed. How a workbook with a tab for each client is read is
client_tabs.py's part.
"""

import os
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cached_property
from io import BytesIO
from itertools import islice
from pathlib import Path

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from importers import client_tabs, workbook_probe
from importers.columnar import Kept
from importers.disk import content
from importers.port import Listing
from importers.tables import Layout, Record, above_note, lay_out
from importers.workbook_limits import MOST_CELLS, blank_cells
from validators.errors import WrongUse
from validators.headers import Header, find_header
from validators.rows import Cell, Row, is_blank
from validators.tabs import CLIENTS, INVOICES, TABS

LARGEST = 64 * 1024 * 1024
_ZIP, _OLE = b"PK\x03\x04", bytes.fromhex("D0CF11E0A1B11AE1")
_BOOKS = {"xl/workbook.xml", "xl/workbook.bin"}
_ODS = b"application/vnd.oasis.opendocument.spreadsheet"
_STREAMS = tuple(name.encode("utf-16-le") for name in ("Workbook", "Book", "EncryptedPackage"))
_AGAIN = "Open it in a spreadsheet program, save it as .xlsx, and import that."
_ROWS_OF_A_FORM, _TOP = 200, 10
_PATIENCE = 40  # seconds


class Workbooks:
    """Workbooks of Excel, LibreOffice and Google Sheets."""

    name = "workbook (XLSX, XLS, ODS)"

    def recognises(self, path: Path, head: bytes) -> bool:
        """Whether it is a ZIP with the parts of a workbook, or a compound file with its streams."""
        if head.startswith(_OLE):
            data = content(path, LARGEST)
            return any(b"\0" + stream in data or stream + b"\0\0" in data for stream in _STREAMS)
        if not head.startswith(_ZIP):
            return False
        try:
            with zipfile.ZipFile(path) as archive:
                names = {part.filename.lstrip("/") for part in archive.infolist()}
                return bool(names & _BOOKS) or ("content.xml" in names and _kind_of(archive).startswith(_ODS))
        except (zipfile.BadZipFile, zlib.error, OSError, LookupError, ValueError, RuntimeError):
            return _ODS in head[:200] or any(name.encode() in head for name in _BOOKS)

    def listings(self, path: Path) -> Iterator[Listing]:
        """A list for each visible tab that holds one; of a workbook with a form for each client one list of them all.

        Raises:
            WrongUse: damaged, protected by a password, too big, or nothing in it.
        """
        data = content(path, LARGEST)
        zipped = data.startswith(_ZIP)
        errors, unknown = blank_cells(data, path.name) if zipped else (0, 0)
        if data.startswith(_OLE) and _STREAMS[-1] in data:
            raise _locked(path)
        if not zipped or b"xl/workbook.bin" in data:
            _probe(data, path)
        notes = [f"Cells with errors such as #REF! ({errors}) were read as blank."] if errors else []
        notes += [f"Formulas whose results are not in the file ({unknown}) were read as blank."] if unknown else []
        tabs = _chosen(list(_tabs(_opened(data, path), path)), notes)
        if not tabs:
            raise WrongUse(
                f"{path} holds no rows.", "Is it the right workbook? Cells with errors such as #REF! are read as blank."
            )
        first, *others = _listings(tabs)
        yield replace(first, notes=(*notes, *first.notes))
        yield from others


def _kind_of(archive: zipfile.ZipFile) -> bytes:
    """What the first part of an OpenDocument file says."""
    with archive.open("mimetype") as file:
        return file.read(100)


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
            raise WrongUse(f"{what} is damaged: {error}.", _AGAIN) from error
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
        raise WrongUse(f"{path} takes too long to read.", _AGAIN) from None
    if done.returncode:
        raise WrongUse(f"{path} is damaged, or too big when it is opened.", _AGAIN)


def _locked(path: Path) -> WrongUse:
    return WrongUse(f"{path} is protected by a password.", "Save a copy without a password and import that.")


@dataclass(frozen=True)
class _Tab:
    title: str
    position: int
    visible: bool
    sheet: CalamineSheet
    kept: Kept = field(default_factory=Kept)

    def records(self) -> Iterator[Record]:
        """Its rows as often as they are asked for; a merged cell counts for each of the rows that it spans."""
        merged = _merged(self.sheet)
        carried: dict[int, tuple[int, Cell]] = {}
        for line, cells in enumerate(self.sheet.iter_rows(), start=1):
            found: list[Cell] = [str(cell) if isinstance(cell, timedelta) else cell for cell in cells]
            if merged or carried:
                _spread(found, line, merged, carried)
            yield line, found

    @cached_property
    def layout(self) -> Layout:
        return lay_out(self.kept.keeping(self.records()))

    @cached_property
    def form(self) -> dict[str, Cell]:
        """The client that stands in the tab as a form: above its table, or instead of one."""
        return client_tabs.form(self.layout.above if self.is_table else islice(self.records(), _ROWS_OF_A_FORM))

    @property
    def is_table(self) -> bool:
        return self.layout.known > 1

    @property
    def is_of_a_client(self) -> bool:
        return client_tabs.is_a_client(self.title) and (
            client_tabs.lacks_only_the_client(self.layout.columns) if self.is_table else bool(self.form)
        )

    @property
    def is_ours(self) -> bool:
        """Whether it has every header of a tab of Kartoteka's that lists neither clients nor invoices."""
        top = [cells for _, cells in islice(self.records(), _TOP)]
        others = [find_header(top, tab) for tab in TABS if tab not in (CLIENTS, INVOICES)]
        return any(isinstance(found, Header) and not found.absent for found in others)

    @property
    def filled(self) -> int:
        """How many rows hold anything."""
        return sum(not all(map(is_blank, cells)) for _, cells in self.records())

    def listing(self, client: Cell = None) -> Listing:
        """Its table, once; `client` is what its column of clients shall hold, None when it needs none."""
        layout = self.layout
        found: Iterator[Row] = self.kept.rows(layout)
        notes = (*(() if self.form else above_note(layout)), *layout.notes)
        if client is None:
            return Listing("", self.title, layout.columns, found, notes=notes)
        column = client_tabs.CLIENT_COLUMN
        note = f"The tab has no column for the client: “{client}” was taken for all of its rows."
        found = (Row(row.line, row.id, {column: client, **row.cells}) for row in found)
        return Listing("invoices", self.title, (column, *layout.columns), found, notes=(note, *notes))


def _merged(sheet: CalamineSheet) -> Mapping[int, list[tuple[int, int]]]:
    """By line (1 = first), the cells that are merged with those below: their place in the row, and the last line."""
    found: dict[int, list[tuple[int, int]]] = {}
    offset = sheet.start[1] if sheet.start else 0
    for (top, left), (bottom, _) in sheet.merged_cell_ranges or ():
        if bottom > top and left >= offset:
            found.setdefault(top + 1, []).append((left - offset, bottom + 1))
    return found


def _spread(
    cells: list[Cell], line: int, merged: Mapping[int, list[tuple[int, int]]], carried: dict[int, tuple[int, Cell]]
) -> None:
    for place, (last, value) in list(carried.items()):
        if line > last:
            del carried[place]
        elif is_blank(cells[place]):
            cells[place] = value
    for place, last in merged.get(line, ()):
        if place < len(cells) and not is_blank(cells[place]):
            carried[place] = (last, cells[place])


def _tabs(book: CalamineWorkbook, path: Path) -> Iterator[_Tab]:
    for position, about in enumerate(book.sheets_metadata, start=1):
        if about.typ != SheetTypeEnum.WorkSheet:
            continue
        with _understood(f"Tab '{about.name}' of {path}"):
            sheet = book.get_sheet_by_index(position - 1)
        if sheet.height * sheet.width > MOST_CELLS:
            raise WrongUse(f"Tab '{about.name}' of {path} has more than {MOST_CELLS} cells.", _AGAIN)
        tab = _Tab(about.name, position, about.visible == SheetVisibleEnum.Visible, sheet)
        if sheet.height and (tab.layout.last_line or tab.form):
            yield tab


def _chosen(tabs: list[_Tab], notes: list[str]) -> list[_Tab]:
    """The tabs to be read; hidden ones, ours, and those without known headers beside such that have them, are noted."""
    seen = [tab for tab in tabs if tab.visible] or tabs
    seen = [tab for tab in seen if not tab.is_ours] or seen
    hidden = [tab for tab in tabs if not tab.visible and tab not in seen]
    read = [tab for tab in seen if tab.is_table or tab.is_of_a_client] or seen
    for reason, left in (
        ("Hidden tabs were left out", hidden),
        ("Tabs in which Kartoteka keeps its own were left out", [t for t in tabs if t not in (*seen, *hidden)]),
        ("Tabs without known headers were left out", [tab for tab in seen if tab not in read]),
    ):
        if left:
            notes.append(f"{reason}: {', '.join(f'{tab.title} ({tab.filled} rows)' for tab in left)}.")
    return read


def _listings(tabs: list[_Tab]) -> Iterator[Listing]:
    of_clients = [tab for tab in tabs if tab.is_of_a_client]
    forms = {tab.title: (tab.position, tab.form) for tab in of_clients if tab.form}
    if forms:
        yield client_tabs.clients_listing(forms)
    for tab in tabs:
        if tab.is_table:
            several = tab in of_clients and (len(of_clients) > 1 or bool(tab.form))
            yield tab.listing(client_tabs.name_in(tab.form) or tab.title if several else None)
        elif tab.title not in forms:
            yield tab.listing()
