"""A firm in live mode at a mail server of our own: the real command line, as a forked child that can be killed.

What only a process of its own can show (a terminal, the interpreter's start) is tests/e2e/running.py's part.
"""

import multiprocessing
import os
import pty
import re
import shutil
import signal
import sqlite3
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from select import select
from subprocess import Popen
from types import MappingProxyType
from typing import Protocol

from openpyxl import load_workbook

from config.labels import event_code
from sync import cli  # loaded once, before the forks, like the commands
from sync.__main__ import main as kartoteka
from sync.commands import asking, examining, keeping, remembering, work  # noqa: F401
from tests.e2e.running import command, make
from tests.fakes.mail_server import Fate, Step, Taken
from validators.workdays import workday_test

WIPED = "\x1b[2K"  # how a terminal is told to clear a line
WORKBOOK = "kartoteka.xlsx"
SETTINGS = """[reminders]
mode = "live"
test_address = "ja@firma.example"
min_days_between = 0
sending_days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
sending_hours = "00:00-24:00"
[mail]
transport = "smtp"
host = "127.0.0.1"
security = "none"
sender = "Biuro <biuro@firma.example>"
"""
NOTHING: Mapping[str, str] = MappingProxyType({})
_ID = re.compile(r"<kartoteka\.[^>]+>")


@dataclass(frozen=True, slots=True)
class Done:
    """How a command ended: its exit status (negative: the signal), what it printed, what it told beside that."""

    status: int
    out: str
    err: str


@dataclass(frozen=True, slots=True)
class Told:
    """A row of the history about a letter."""

    event: str
    invoice: str
    message_id: str
    details: str


def overdue(days: int) -> str:
    """A due date so many days ago, seen from the real clock: live mode knows no other."""
    return (datetime.now().astimezone() - timedelta(days=days)).date().isoformat()


class Post(Protocol):
    """Where a firm hands in its letters, and a test sees them: the fake server, or a relay before a real one."""

    fate: Fate
    port: int

    @property
    def taken(self) -> Sequence[Taken]:
        """The letters that have arrived."""
        ...


class LiveFirm:
    """A folder with a workbook and settings; its mail server can be changed from run to run. Its clock is `ahead`."""

    ahead = timedelta()

    def __init__(
        self, folder: Path, server: Post, state: str = ".kartoteka", environ: Mapping[str, str] = NOTHING
    ) -> None:
        """`environ` are settings that hold for each of its commands."""
        self.folder, self.server, self.state, self.environ = folder, server, folder / state, environ
        self.home = folder.parent / "home"  # of whoever runs it: firms beside each other share a machine
        self.workbook = folder / WORKBOOK
        self.child: multiprocessing.process.BaseProcess | None = None

    @classmethod
    def made(cls, folder: Path, server: Post, clients: int, *, invoices: int = 1) -> "LiveFirm":
        """A new firm with so many clients, each of whom owes so many invoices for ten days."""
        numbers = [(client, number) for client in range(1, clients + 1) for number in range(1, invoices + 1)]
        due = overdue(10)
        people: list[list[object]] = [[f"Firma {n}", f"firma{n}@example.pl", None] for n in range(1, clients + 1)]
        bills: list[list[object]] = [[f"FV/{c}/{n}", f"Firma {c}", due, 100 * c + n, None, None] for c, n in numbers]
        owed: list[object] = ["Numer", "Klient", "Termin płatności", "Kwota brutto", "Zapłacono", "Wstrzymaj do"]
        tabs: dict[str, list[list[object]]] = {
            "Klienci": [["Nazwa", "E-mail", "Wstrzymaj do"], *people],
            "Faktury": [owed, *bills],
        }
        workday_test("PL")  # loads its calendar once, before the forks
        folder.mkdir(parents=True, exist_ok=True)
        make(folder / WORKBOOK, tabs)
        (folder / "kartoteka.toml").write_text(SETTINGS, encoding="utf-8")
        firm = cls(folder, server)
        done = firm.run("init", "--yes")
        assert done.status == 0, done.err
        firm._keep(("Szablony", "drugie"), ("Przypomnienia", "+7"))
        return firm

    def copied(self, folder: Path, server: Post | None = None) -> "LiveFirm":
        """Another firm that stands just where this one does."""
        shutil.copytree(self.folder, folder)
        return LiveFirm(folder, server or self.server, self.state.name, self.environ)

    def run(self, *words: str, before: Callable[[], None] = lambda: None, environ: Mapping[str, str] = NOTHING) -> Done:
        """Carry out a command; `before` is done first, in the child."""
        self.start(*words, before=before, environ=environ)
        return self.ended()

    def start(
        self, *words: str, before: Callable[[], None] = lambda: None, environ: Mapping[str, str] = NOTHING
    ) -> None:
        """Begin a command, to be waited for by `ended`."""
        settings = {"KARTOTEKA_MAIL__PORT": str(self.server.port), "KARTOTEKA_STATE__FOLDER": self.state.name}
        settings["XDG_STATE_HOME"] = str(self.home)
        what = (self.folder, words, {**settings, **self.environ, **environ}, self._at_its_time(before))
        self.child = multiprocessing.get_context("fork").Process(target=_command, args=what)
        self.child.start()

    def _at_its_time(self, before: Callable[[], None]) -> Callable[[], None]:
        ahead = self.ahead

        def begun() -> None:  # in a process of our own
            setattr(cli, "_clock", lambda: datetime.now(UTC) + ahead)  # noqa: B010
            before()

        return begun

    def ended(self) -> Done:
        """Wait for the command that was begun."""
        assert self.child
        self.child.join()
        assert self.child.exitcode is not None
        texts = [(self.folder / name).read_text("utf-8") for name in ("out.txt", "err.txt")]
        return Done(self.child.exitcode, *texts)

    def asked(self, *words: str, answer: str) -> Done:
        """Carry out a command on a terminal, as a process of its own, and answer its question; `out` is what stood
        there as long as it was open."""
        ours, theirs = pty.openpty()
        environ = os.environ | {"KARTOTEKA_MAIL__PORT": str(self.server.port), "XDG_STATE_HOME": str(self.home)}
        with Popen(command(*words), cwd=self.folder, env=environ, stdin=theirs, stdout=theirs, stderr=theirs) as child:
            shown, until = "", time.monotonic() + 30
            while time.monotonic() < until and (not shown.endswith("[y/N]: ") or select([ours], [], [], 0.3)[0]):
                shown = (shown + os.read(ours, 4096).decode()).rpartition(WIPED)[2]
            os.write(ours, answer.encode() + b"\n")
            status = child.wait()
        os.close(theirs)
        os.close(ours)
        return Done(status, shown, "")

    def kill(self) -> None:
        """End the command that was begun with signal 9; it is gone on return."""
        assert self.child
        assert self.child.pid
        with suppress(ProcessLookupError):
            os.kill(self.child.pid, signal.SIGKILL)
        with suppress(ChildProcessError):  # gone already, and missed by nobody
            os.waitid(os.P_PID, self.child.pid, os.WEXITED | os.WNOWAIT)

    def into(self, **changes: str) -> None:
        """Change settings, as the operator does: `mode="test"`."""
        path = self.folder / "kartoteka.toml"
        text = path.read_text("utf-8")
        for key, value in changes.items():
            text = re.sub(f'(?m)^{key} = ".*"$', f'{key} = "{value}"', text)
        path.write_text(text, encoding="utf-8")

    def types(self, tab: str, key: str, label: str, value: object) -> None:
        """A person puts `value` under the header `label` into the row whose first cell is `key`, and saves."""
        book = load_workbook(self.workbook)
        sheet = book[tab]
        headers = [cell.value for cell in sheet[1]]
        (row,) = (line for line in sheet.iter_rows(min_row=2) if line[0].value == key)
        setattr(row[headers.index(label)], "value", value)  # noqa: B010 - openpyxl's types know no object
        book.save(self.workbook)

    def cells(self, tab: str, label: str) -> list[object]:
        """What stands under the header `label`."""
        lines = list(load_workbook(self.workbook)[tab].values)
        return [line[lines[0].index(label)] for line in lines[1:]]

    def told(self, *about: str) -> list[Told]:
        """The rows of the history about letters, or those of the events `about` ("reminder sent")."""
        rows = []
        for line in list(load_workbook(self.workbook)["Historia"].values)[1:]:
            event, details = event_code(str(line[2])) or "", str(line[8])
            found = _ID.search(details)
            if event.startswith("reminder") and (not about or event in about):
                rows.append(Told(event, str(line[4]), found.group() if found else "", details))
        return rows

    def progress(self, journal: str = "letters.sqlite") -> Counter[str]:
        """How many letters have come how far, by the journal."""
        path = self.state / journal
        if not path.exists():
            return Counter()
        with closing(sqlite3.connect(path)) as database, suppress(sqlite3.OperationalError):
            return Counter(progress for (progress,) in database.execute("SELECT progress FROM letters"))
        return Counter()

    def owes(self, client: int, number: str) -> None:
        """A person adds an invoice."""
        book = load_workbook(self.workbook)
        book["Faktury"].append([number, f"Firma {client}", overdue(10), 500, None])
        book.save(self.workbook)

    def _keep(self, *kept: tuple[str, str]) -> None:
        """One step and its template are enough: what is not looked through saves most of a run's time."""
        book = load_workbook(self.workbook)
        for title, word in kept:
            lines = list(book[title].iter_rows(min_row=2, values_only=True))
            keep = next(number for number, line in enumerate(lines, 2) if word in line[:2])
            book[title].delete_rows(keep + 1, len(lines))
            book[title].delete_rows(2, keep - 2)
        book.save(self.workbook)

    @property
    def received(self) -> Counter[str]:
        """How many letters each client has got."""
        return Counter(address for letter in self.server.taken for address in letter.to)


def _command(folder: Path, words: tuple[str, ...], environ: Mapping[str, str], before: Callable[[], None]) -> None:
    """The command line in `folder`. A process of our own: nobody else sees what is exchanged here."""
    os.chdir(folder)
    os.environ.update(environ, COLUMNS="120")
    sys.argv = ["kartoteka", *words]
    with (
        (folder / "out.txt").open("w", encoding="utf-8") as out,
        (folder / "err.txt").open("w", encoding="utf-8") as err,
    ):
        sys.stdout, sys.stderr = out, err
        before()
        kartoteka()


def once(name: str, act: Callable[[], None]) -> Fate:
    """A fate that lets something happen at the first step `name`."""

    def fate(step: Step) -> None:
        if (step.name, step.count) == (name, 1):
            act()

    return fate


def after_the_claim(act: Callable[[], None]) -> Callable[[], None]:
    """What happens when the workbook has been written and before it is read again."""
    written = False

    def heard(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal written
        if event == "os.rename" and str(arguments[1]).endswith(WORKBOOK):
            written = True
        elif event == "open" and written and str(arguments[0]).endswith(WORKBOOK):
            written = False
            act()

    def listen() -> None:
        sys.addaudithook(heard)

    return listen
