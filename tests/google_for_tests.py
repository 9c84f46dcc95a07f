"""A Google workbook for tests: the real connection to a fake server, in virtual time; and edits as people make them."""

from pathlib import Path
from typing import Any

from sync.snapshot import Sheet
from sync.storage.google import GoogleWorkbook
from sync.storage.google_connection import Connection, Pace
from sync.storage.google_sign_in import Access
from tests.fakes.clocks import VirtualClock
from tests.fakes.sheets_server import FakeSheets
from tests.fakes.spreadsheet import Spreadsheet


def google_workbook(
    server: FakeSheets, book: Spreadsheet, folder: Path, clock: VirtualClock, **options: Any
) -> GoogleWorkbook:
    """The workbook `book` of `server`, with a state folder of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    key = folder / "service-account.json"
    if not key.exists():
        server.key_file(key)
    pace = Pace(clock.sleep, clock.now)
    return GoogleWorkbook(Connection(book.id, Access(key, server.url), pace), folder, pace, **options)


def typed(book: Spreadsheet, sheet: Sheet) -> None:
    """A person makes the sheet with that title look like `sheet`."""
    tab = next(tab for tab in book.tabs if tab.title == sheet.title)
    height = max(len(tab.rows), len(sheet.rows))
    width = max((len(row) for row in [*tab.rows, *sheet.rows]), default=0)
    for row in range(height):
        for column in range(width):
            line = sheet.rows[row] if row < len(sheet.rows) else ()
            tab.set(row, column, line[column] if column < len(line) else None)
