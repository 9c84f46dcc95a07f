"""How the tests of the contracts open each kind of workbook, and how a person writes into it there."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from sync.snapshot import Sheet
from sync.storage.google import GoogleWorkbook
from sync.storage.memory import MemoryWorkbook
from sync.storage.port import Workbook
from sync.storage.xlsx import XlsxWorkbook
from tests.fakes.clocks import VirtualClock
from tests.fakes.sheets_server import FakeSheets
from tests.google_for_tests import google_workbook, typed
from tests.making import replaced, written


class InMemory:
    """A workbook that is nowhere else."""

    def open(self, sheets: Sequence[Sheet]) -> MemoryWorkbook:
        return MemoryWorkbook(sheets)

    def person_puts(self, workbook: Workbook, sheet: Sheet) -> None:
        assert isinstance(workbook, MemoryWorkbook)
        workbook.replace(sheet)


class InFile:
    """An .xlsx file at `path`."""

    @pytest.fixture(autouse=True)
    def folder(self, tmp_path: Path) -> None:
        self.path = tmp_path / "klienci.xlsx"

    def open(self, sheets: Sequence[Sheet]) -> XlsxWorkbook:
        return XlsxWorkbook(written(self.path, sheets), self.path.parent / ".kartoteka")

    def person_puts(self, workbook: Workbook, sheet: Sheet) -> None:
        replaced(self.path, sheet)


class OnGoogle:
    """The spreadsheet `book` of the fake `server`."""

    @pytest.fixture(autouse=True)
    def google(self, tmp_path: Path) -> Iterator[None]:
        self.state, self.clock = tmp_path, VirtualClock()
        with FakeSheets(clock=self.clock.now) as self.server:
            yield

    def open(self, sheets: Sequence[Sheet]) -> GoogleWorkbook:
        self.book = self.server.add("Kartoteka", sheets)
        return google_workbook(self.server, self.book, self.state / self.book.id, self.clock)

    def person_puts(self, workbook: Workbook, sheet: Sheet) -> None:
        typed(self.book, sheet)
