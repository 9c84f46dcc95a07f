"""The real command, killed at any request and at any touch of its files: the next run ends as if nothing had been.

`python -m tests.soak.kills` kills at every moment, beside people who move things, and prints a table; a short run is
in the test suite.
"""

import multiprocessing
import os
import shutil
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sync.__main__ import main as kartoteka
from sync.snapshot import Sheet
from tests.fakes.clocks import VirtualClock
from tests.fakes.editing import Editor
from tests.fakes.fates import Fates
from tests.fakes.faults import Fault
from tests.fakes.sheets_server import FakeSheets, Logged
from tests.fakes.spreadsheet import Spreadsheet, Tab
from tests.google_desk_for_tests import MONDAY, Firm
from tests.soak.sights import Sight, sight

# What people may do between our read and our write, and the sheet end the same as if they had done it before or after.
MOVES = ("sort", "move_row", "cut_row", "insert_empty", "insert_above", "move_column", "insert_column")
# How a request meets the kill: never carried out, carried out unheard, carried out when everything else is over.
FATES = (Fault.REFUSED, Fault.CLOSED, Fault.LATE)
MOST_SYNCS = 3  # the one after the kill, one for what people did beside it, one that finds nothing to do
MEANING = dict(zip(FATES, ("not carried out", "carried out", "carried out late"), strict=True))
WATCHED = {"open", "os.rename", "os.remove", "os.mkdir", "os.listdir", "os.scandir"}
CLIENTS = ("Nazwa", "E-mail", "NIP", "Kolor auta", "Etap", "Tagi", "Notatki")
INVOICES = ("Numer", "Klient", "Termin płatności", "Kwota brutto", "Zapłacono", "Notatki")
OPTIONS = '[reminders]\nsending_hours = "00:00-24:00"\n'
# What people typed since the last sync: payments, mistakes, spellings of their own.
TYPED = (
    ("Faktury", "FV/2", "Zapłacono", 200),
    ("Faktury", "FV/3", "Kwota brutto", "dużo"),
    ("Faktury", "FV/4", "Termin płatności", "2026-11-10"),
    ("Klienci", "Firma 2", "Etap", "OFERTA"),
    ("Klienci", "Firma 3", "Etap", "oferta"),
    ("Klienci", "Firma 3", "Tagi", "vip , Vip"),
    ("Klienci", "Firma 4", "NIP", "526-025-02-74"),
    ("Klienci", "Firma 5", "NIP", "5260250274"),
)


@dataclass(frozen=True, slots=True)
class Ending:
    """How a run that was to be killed ended: its exit status (negative: the signal), which requests it made; then
    what the runs after it left, whether the last of them found nothing to do, and what became of late writes."""

    status: int
    requests: tuple[str, ...]
    sight: Sight
    quiet: bool
    late: tuple[int, ...]

    def broken(self, undisturbed: "Ending") -> str:
        """The promise that was not kept, "" when all were."""
        if not self.quiet:
            return "the sheet does not come to rest"
        if any(status < 400 for status in self.late):
            return "a write arrived after the next run"
        return undisturbed.sight.unlike(self.sight)


class Ground:
    """A firm at `server` whose register waits for a sync with every kind of change; each try begins with it anew."""

    def __init__(self, server: FakeSheets, folder: Path) -> None:
        self._server, self._template, self._tried = server, folder / "template", folder / "tried"
        book = server.add("Kartoteka", _register())
        firm = Firm(server, book, self._template, VirtualClock(), options=OPTIONS)
        for command in ("init", "sync"):
            done = firm.run(command)
            assert done.status in (0, 1), done.err
        for title, key, label, value in TYPED:
            firm.types(title, key, label, value)
        self._book, self._stood = book, _state(book)

    def ending(
        self,
        faults: Mapping[int, Fault] | None = None,
        *,
        operation: int = 0,
        files: str = "",
        move: str = "",
        seed: int = 1,
    ) -> Ending:
        """Sync once, killed at the request that `faults` names or at the `operation` on files with `files` in their
        name (both counted from 1), if any, then undisturbed until there is nothing to do. People do `move` as soon as
        the first write has arrived."""
        self._restore()
        shutil.rmtree(self._tried, ignore_errors=True)
        shutil.copytree(self._template, self._tried)
        self._server.before[:] = [Mover(move, seed).act] if move else []
        first = len(self._server.log)
        status = self._killed(faults or {}, operation, files)
        requests = tuple(logged.kind for logged in self._server.log[first:] if logged.book)
        firm = Firm(self._server, self._book, self._tried, VirtualClock(), options=OPTIONS)
        quiet, left = False, MOST_SYNCS
        while left and not quiet:
            writes, left = self._server.count("batchUpdate"), left - 1
            done = firm.run("sync")
            assert done.status in (0, 1), done.err
            quiet = writes == self._server.count("batchUpdate")
        self._server.settle()
        late = tuple(logged.status for logged in self._server.log[first:] if logged.fault is Fault.LATE)
        return Ending(status, requests, sight(self._book.snapshot(), _letters(self._tried)), quiet, late)

    def _restore(self) -> None:
        self._book.restore(self._stood[0])
        for tab, state in self._stood[1]:
            tab.restore(state)
        self._stood = _state(self._book)

    def _killed(self, faults: Mapping[int, Fault], operation: int, files: str) -> int:
        context = multiprocessing.get_context("fork")
        child = context.Process(target=_command, args=(self._tried, self._server.url, operation, files))

        def kill() -> None:
            assert child.pid
            os.kill(child.pid, signal.SIGKILL)
            with suppress(ChildProcessError):  # gone already, and missed by nobody
                os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)

        self._server.faults = Fates(faults, kill)
        child.start()
        child.join()
        with self._server.lock:  # the request that killed is carried out, or not, by then
            self._server.faults = None
        assert child.exitcode is not None
        return child.exitcode


class Mover(Editor):
    """A person who does one thing, just before the first write that arrives."""

    def __init__(self, kind: str, seed: int) -> None:
        super().__init__(seed, ("Klienci", "Faktury"))
        self._kind = kind

    def act(self, server: FakeSheets, request: Logged) -> None:
        """Do it, if this is the moment."""
        if request.kind == "batchUpdate" and not self.done:
            for title in self.tabs:
                self.edit(server.books[request.book], self._kind, title)


def kills(ground: Ground) -> Iterator[tuple[str, str, str, Ending, Ending]]:
    """A sync killed in every way beside every move of people: where and at which moment, which move, how it ended, how
    it ends undisturbed."""
    for move in ("", *MOVES):
        undisturbed = ground.ending(move=move)
        for number, kind in enumerate(undisturbed.requests, 1):
            for fault in FATES if kind == "batchUpdate" else FATES[:2]:
                ending = ground.ending({number: fault}, move=move)
                yield f"request {number}, {MEANING[fault]}", "", move, ending, undisturbed
        for operation in count(1):
            ending = ground.ending(operation=operation, move=move)
            if ending.status >= 0:
                break
            yield "a file", f"operation {operation}", move, ending, undisturbed


def _command(folder: Path, url: str, fatal: int, files: str) -> None:
    """`kartoteka sync` in `folder`, to be killed at the `fatal`-th operation on `files` of its own (0: never).

    A process of our own: nobody else sees what is exchanged here. Pauses pass at once.
    """
    clock = VirtualClock()
    setattr(time, "sleep", clock.sleep)  # noqa: B010
    setattr(time, "monotonic", clock.now)  # noqa: B010
    os.chdir(folder)
    os.environ["SHEETS_EMULATOR_HOST"] = url
    sys.argv = ["kartoteka", "sync", "--now", MONDAY]
    with (folder / "told.txt").open("w", encoding="utf-8") as told:
        sys.stdout = sys.stderr = told
        if fatal:
            _watch(folder, fatal, files)
        kartoteka()


def _watch(folder: Path, fatal: int, files: str) -> None:
    done = 0

    def operation() -> None:
        nonlocal done
        done += 1
        if done == fatal:
            os.kill(os.getpid(), signal.SIGKILL)

    def audited(event: str, arguments: tuple[object, ...]) -> None:
        if event in WATCHED and any(_is_kept(str(argument), folder, files) for argument in arguments):
            operation()

    # fsync raises no audit event.
    fsync = os.fsync
    setattr(os, "fsync", lambda file: (operation(), fsync(file)))  # noqa: B010
    sys.addaudithook(audited)


def _is_kept(path: str, folder: Path, files: str) -> bool:
    ours = (".kartoteka", "outbox", str(folder / ".kartoteka"), str(folder / "outbox"))
    return path.startswith(ours) and files in path


def _letters(folder: Path) -> list[str]:
    return [path.name for path in (folder / "outbox").glob("*.eml")]


def _state(book: Spreadsheet) -> tuple[dict[str, Any], list[tuple[Tab, dict[str, Any]]]]:
    return book.state(), [(tab, tab.state()) for tab in book.tabs]


def _register() -> tuple[Sheet, ...]:
    clients = [(f"Firma {n}", f"firma{n}@example.pl", None, "biały", "Nowy", "", f"notatka {n}") for n in range(1, 7)]
    invoices = [
        (f"FV/{n}", f"Firma {n % 6 + 1}", f"2026-{10 + n % 2}-{n + 10}", 100 + n, None, f"uwaga {n}")
        for n in range(1, 9)
    ]
    return Sheet("Klienci", [("Nasi klienci",), CLIENTS, *clients]), Sheet("Faktury", [INVOICES, *invoices])


def main() -> int:
    """Kill at every moment and print what came of it. Exit status 1 when a promise was broken."""
    killed: Counter[str] = Counter()
    broken: Counter[str] = Counter()
    with TemporaryDirectory() as folder, FakeSheets() as server:
        for where, moment, move, ending, undisturbed in kills(Ground(server, Path(folder))):
            what = f"{move or 'nobody moves anything'}: {where}"
            killed[what] += 1
            if flaw := ending.broken(undisturbed):
                broken[what] += 1
                print(f"{what} {moment}: {flaw}", flush=True)
    print(f"{'people do … and the run is killed at':<60}{'kills':>7}{'broken':>8}")
    for what, number in killed.items():
        print(f"{what:<60}{number:>7}{broken[what]:>8}")
    return int(bool(broken))


if __name__ == "__main__":
    sys.exit(main())
