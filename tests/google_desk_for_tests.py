"""A firm whose register is a Google spreadsheet: commands as the command line runs them, in this process and in
virtual time. What only a process of its own can show (signals, streams) is tests/e2e/running.py's part."""

import copy
import io
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

from rich.console import Console

from sync.commands import keeping, work
from sync.commands.work import Terminal
from sync.opening import Machine, Session, open_session, settings_at
from sync.snapshot import Sheet
from tests.fakes.clocks import VirtualClock
from tests.fakes.sheet_tab import Tab
from tests.fakes.sheets_server import FakeSheets
from tests.fakes.spreadsheet import Spreadsheet
from validators.errors import KartotekaError
from validators.headers import Header, find_header
from validators.tabs import TABS
from validators.text import fold

MONDAY = "2026-11-23T08:00"
CLIENTS = ("Nazwa", "E-mail", "NIP", "Telefon", "Etap", "Tagi", "Notatki")
INVOICES = ("Numer", "Klient", "Data wystawienia", "Termin płatności", "Kwota brutto", "Zapłacono", "Data zapłaty")
KLIENCI = Sheet(
    "Klienci",
    [
        CLIENTS,
        ("Alfa sp. z o.o.", "alfa@example.pl", "5260250274", "+48 601 234 567", "OFERTA", "vip", "zgoda"),
        ("Beta Jan Kos", "beta@example.pl", None, None, "nowy", None, "stały klient"),
    ],
)
FAKTURY = Sheet(
    "Faktury",
    [
        INVOICES,
        ("FV/1", "Alfa sp. z o.o.", "2026-10-26", "2026-11-09", 1230.5, None, None),
        ("FV/2", "Beta Jan Kos", "2026-11-01", "2026-11-15", 99.99, None, None),
    ],
)


SPARE_ROWS = 20


@dataclass(frozen=True, slots=True)
class Done:
    """How a command ended: its exit status, what it printed, what it told beside that."""

    status: int
    out: str
    err: str


@dataclass
class Firm:
    """A firm at `server`: its spreadsheet, and the folder with its settings and key."""

    server: FakeSheets
    book: Spreadsheet
    folder: Path
    clock: VirtualClock
    options: str = ""

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.host = self.server.url
        self.key = self.server.key_file(self.folder / "service-account.json")
        self._tokens = count(1)
        self.set_up(self.book.id)

    def copied(self, folder: Path) -> "Firm":
        """Another firm that stands just where this one does; its spreadsheet is a copy, at the same server."""
        book = self.server.add(self.book.title, locale=self.book.locale)
        id_ = book.id
        book.restore(self.book.state() | {"id": id_, "tabs": [_copied(tab) for tab in self.book.tabs]})
        other = Firm(self.server, book, folder, self.clock, self.options)
        for path in self.state.glob(f"google-{self.book.id}*"):
            other.state.mkdir(exist_ok=True)
            (other.state / path.name.replace(self.book.id, id_)).write_bytes(path.read_bytes())
        return other

    def trimmed(self) -> None:
        """Let no tab have more than a few rows to spare: tests need not wait for a thousand formatted ones."""
        for tab in self.book.tabs:
            tab.resize(min(tab.row_count, tab.last_row + SPARE_ROWS), tab.column_count)

    def set_up(self, spreadsheet: str) -> None:
        """Write the settings."""
        (self.folder / "kartoteka.toml").write_text(
            f'[workbook]\nkind = "google"\nspreadsheet = "{spreadsheet}"\n{self.options}', encoding="utf-8"
        )

    @property
    def state(self) -> Path:
        """Kartoteka's own folder."""
        return self.folder / ".kartoteka"

    def session(self, now: str | None = MONDAY, *, create: bool = False) -> Session:
        """A session as the command line opens one."""
        machine = Machine({"SHEETS_EMULATOR_HOST": self.host}, self.clock.sleep, self.clock.now)
        settings = settings_at(None, machine.environ, self.folder)
        return open_session(settings, datetime.now(UTC), now, f"{next(self._tokens):04x}", machine, create=create)

    def run(self, command: str, *words: Any, now: str | None = MONDAY, as_json: bool = False) -> Done:
        """Carry out a command; an error ends it as it ends the command line."""
        out, err = io.StringIO(), io.StringIO()
        terminal = Terminal(Console(file=out, width=160), Console(file=err, width=160), as_json)
        try:
            status = self._carried_out(command, words, now, terminal)
        except KartotekaError as error:
            err.write(f"{error.what}\n{error.advice}\n")
            status = error.exit_status
        return Done(status, out.getvalue(), err.getvalue())

    def _carried_out(self, command: str, words: tuple[Any, ...], now: str | None, terminal: Terminal) -> int:
        if command == "init":
            made = self.folder / "kartoteka.toml"
            return keeping.init(self.session(None, create=True), terminal, made)
        if command == "undo":
            return keeping.undo(self.session(None), terminal, *words)
        does = {"sync": work.sync, "plan": work.plan, "check": work.check, "apply": work.apply, "dry_run": work.dry_run}
        return does[command](self.session(now), terminal, *words)

    def tab(self, title: str) -> Tab:
        """The tab of this title."""
        return self.book.tab(title)

    def place(self, title: str, key: str, label: str) -> tuple[int, int]:
        """Row and column of the cell under the header `label` in the row whose name, number or id is `key`."""
        tab = self.tab(title)
        known = next((t for t in TABS if fold(title) in (fold(t.pl), fold(t.en))), TABS[0])
        grid = [[cell.value if cell else None for cell in row] for row in tab.rows]
        header = find_header(grid, known)
        assert isinstance(header, Header)
        column = next(c for c, cell in enumerate(grid[header.index]) if cell == label)
        row = next(r for r, cells in enumerate(grid) if r > header.index and key in cells)
        return row, column

    def cell(self, title: str, key: str, label: str) -> Any:
        """What stands there."""
        return self.tab(title).cell(*self.place(title, key, label)).value

    def delete_tab(self, title: str) -> Tab:
        """A person deletes a tab; what it was."""
        tab = self.tab(title)
        self.book.tabs.remove(tab)
        self.book.renumber()
        return tab

    def put_back(self, tab: Tab) -> None:
        """A person takes a deleted tab back out of the version history."""
        self.book.tabs.append(tab)
        self.book.renumber()

    def types(self, title: str, key: str, label: str, value: object, **how: Any) -> None:
        """A person types `value` there, as Sheets takes it."""
        self.tab(title).set(*self.place(title, key, label), value, **how)


def _copied(tab: Tab) -> Tab:
    other = copy.copy(tab)
    other.restore(tab.state())
    return other
