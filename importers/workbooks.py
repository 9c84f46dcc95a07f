"""Workbooks: XLSX, XLSM, XLSB, XLS and ODS; each tab is a list.

How cells are read is workbook_sheets.py's part, how a workbook with a tab for each client is read client_tabs.py's.
"""

import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import islice, starmap
from pathlib import Path

from importers import client_tabs
from importers.columnar import KeptPacked
from importers.disk import content
from importers.port import Listing
from importers.tables import Layout, above_note, lay_out
from importers.workbook_limits import blank_cells
from importers.workbook_sheets import OLE, STREAMS, ZIP, Sheet, sheets
from validators.errors import WrongUse
from validators.headers import Header, find_header
from validators.rows import Cell, Row, is_blank
from validators.tabs import CLIENTS, INVOICES, TABS

LARGEST = 64 * 1024 * 1024
_BOOKS = {"xl/workbook.xml", "xl/workbook.bin"}
_ODS = b"application/vnd.oasis.opendocument.spreadsheet"
_ROWS_OF_A_FORM, _TOP = 200, 10


class Workbooks:
    """Workbooks of Excel, LibreOffice and Google Sheets."""

    name = "workbook (XLSX, XLS, ODS)"

    def recognises(self, path: Path, head: bytes) -> bool:
        """Whether it is a ZIP with the parts of a workbook, or a compound file with its streams."""
        if head.startswith(OLE):
            data = content(path, LARGEST)
            return any(b"\0" + stream in data or stream + b"\0\0" in data for stream in STREAMS)
        if not head.startswith(ZIP):
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
        errors, unknown = blank_cells(data, path.name) if data.startswith(ZIP) else (0, 0)
        notes = [f"Cells with errors such as #REF! ({errors}) were read as blank."] if errors else []
        notes += [f"Formulas whose results are not in the file ({unknown}) were read as blank."] if unknown else []
        tabs = _chosen([tab for tab in starmap(_Tab, sheets(data, path)) if tab.layout.last_line or tab.form], notes)
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


@dataclass(frozen=True)
class _Tab:
    title: str
    position: int
    visible: bool
    sheet: Sheet
    kept: KeptPacked = field(default_factory=KeptPacked)

    @cached_property
    def layout(self) -> Layout:
        return lay_out(self.kept.keeping(self.sheet.records()))

    @cached_property
    def form(self) -> dict[str, Cell]:
        """The client that stands in the tab as a form: above its table, or instead of one."""
        return client_tabs.form(self.layout.above if self.is_table else islice(self.sheet.records(), _ROWS_OF_A_FORM))

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
        top = [cells for _, cells in islice(self.sheet.records(), _TOP)]
        others = [find_header(top, tab) for tab in TABS if tab not in (CLIENTS, INVOICES)]
        return any(isinstance(found, Header) and not found.absent for found in others)

    @property
    def filled(self) -> int:
        """How many rows hold anything."""
        return sum(not all(map(is_blank, cells)) for _, cells in self.sheet.records())

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
