"""Ctrl+C on a real terminal, at every point of an import at which a person may press it: nothing is lost or doubled,
the same command goes on, and the terminal is left as it was."""

import os
import pty
import re
import select
import signal
import subprocess
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.running import CLIENTS, PATIENCE, cells, command, kartoteka, make

CTRL_C = "\x03"
# Seconds until a person presses again: a signal in the microseconds between a prompt and the wait for its answer is
# seen by Python with the next key only.
_OVERHEARD = 20
HIDDEN, SHOWN = "\x1b[?25l", "\x1b[?25h"
FILES = {"firma.xlsx", ".firma.xlsx.lock", "kartoteka.toml", ".kartoteka", "lista.csv"}
_STYLE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\r")
NAMES = [f"Firma {n} Północ" for n in range(40)]


class Seat:
    """A terminal, a command that runs on it, and what it has shown."""

    def __init__(self, folder: Path, *words: str) -> None:
        self._ours, theirs = pty.openpty()
        self._before = termios.tcgetattr(theirs)
        environ = {**os.environ, "COLUMNS": "120", "TERM": "xterm"}

        def sit_down() -> None:
            os.setsid()
            os.close(os.open(os.ttyname(0), os.O_RDWR))  # the first that a session opens becomes its own

        self._command = subprocess.Popen(
            command(*words), cwd=folder, env=environ, stdin=theirs, stdout=theirs, stderr=theirs, preexec_fn=sit_down
        )
        self._theirs, self.screen = theirs, ""

    def types(self, text: str) -> None:
        """Press keys."""
        os.write(self._ours, text.encode())

    def sees(self, words: str) -> None:
        """Wait until these words are on the screen."""
        self._until(lambda: words in self.text)
        assert words in self.text, self.text

    def waits(self, there: Callable[[], bool]) -> None:
        """Wait until something is so."""
        self._until(there)
        assert there(), self.text

    @property
    def text(self) -> str:
        """What is on the screen, without colours."""
        return _STYLE.sub("", self.screen)

    def ends(self) -> int:
        """The exit status after Ctrl+C; the terminal must be as it was."""
        self.types(CTRL_C)
        self._until(lambda: self._command.poll() is not None, _OVERHEARD)
        if self._command.poll() is None:
            self.types(CTRL_C)
        self._until(lambda: self._command.poll() is not None)
        self._read()
        status = self._command.poll()
        assert status is not None, self.text
        assert termios.tcgetattr(self._theirs) == self._before
        assert self.screen.rfind(SHOWN) >= self.screen.rfind(HIDDEN), "the cursor stays hidden"
        return status

    def leave(self) -> None:
        """Nothing runs on."""
        if self._command.poll() is None:
            self._command.kill()
            self._command.wait()
        os.close(self._theirs)
        os.close(self._ours)

    def _until(self, there: Callable[[], bool], seconds: float = PATIENCE) -> None:
        deadline = time.monotonic() + seconds
        while not there() and time.monotonic() < deadline:
            self._read(0.05)

    def _read(self, seconds: float = 0) -> None:
        while select.select([self._ours], [], [], seconds)[0]:
            self.screen += os.read(self._ours, 65_536).decode("utf-8", "replace")
            seconds = 0


@pytest.fixture
def firm(tmp_path: Path) -> Path:
    """A folder with a workbook that is set up, and a list with a column that must be asked about."""
    make(tmp_path / "firma.xlsx", {"Klienci": [CLIENTS]})
    assert kartoteka(tmp_path, "init", "--yes", "--workbook", "firma.xlsx").returncode == 0
    rows = "".join(f"{name};{601234000 + n}\n" for n, name in enumerate(NAMES))
    (tmp_path / "lista.csv").write_text(f"Nazwa;Dzwonić\n{rows}", encoding="utf-8")
    return tmp_path


@pytest.fixture
def sit_down(firm: Path) -> Iterator[Callable[..., Seat]]:
    """Begin an import on a terminal."""
    seats: list[Seat] = []

    def seat(*words: str) -> Seat:
        seats.append(Seat(firm, "import", "lista.csv", "--batch-size", "2", *words))
        return seats[-1]

    yield seat
    for each in seats:
        each.leave()


def brought(folder: Path) -> list[object]:
    header, *rows = cells(folder / "firma.xlsx")["Klienci"]
    return [row[header.index("Nazwa")] for row in rows if row[header.index("Nazwa")] is not None]


def interrupted(seat: Seat) -> None:
    assert seat.ends() in (130, -signal.SIGINT)  # a shell says 130 of both
    assert "Interrupted." in seat.text
    assert "Run the same command again" in seat.text
    assert "Traceback" not in seat.text


def goes_on(firm: Path) -> None:
    done = kartoteka(firm, "import", "lista.csv", "--batch-size", "20", "--yes", "--map", "Dzwonić=phone")
    assert done.returncode == 0, done.stdout + done.stderr
    assert brought(firm) == NAMES
    assert {path.name for path in firm.iterdir()} == FILES


def test_at_the_question_what_a_column_means(firm: Path, sit_down: Callable[..., Seat]) -> None:
    seat = sit_down()
    seat.sees("Is column 'Dzwonić'")
    interrupted(seat)
    assert brought(firm) == []
    goes_on(firm)


def test_at_the_question_between_two_batches(firm: Path, sit_down: Callable[..., Seat]) -> None:
    seat = sit_down("--map", "Dzwonić=phone")
    seat.sees("Batch 1 of 20 is written")
    seat.types("continue\n")
    seat.sees("Batch 2 of 20 is written")
    interrupted(seat)
    assert brought(firm) == NAMES[:4]
    goes_on(firm)


def test_in_the_middle_of_the_batches(firm: Path, sit_down: Callable[..., Seat]) -> None:
    seat = sit_down("--map", "Dzwonić=phone", "--yes")
    seat.waits(lambda: len(brought(firm)) >= 2)
    interrupted(seat)
    found = brought(firm)
    assert found == NAMES[: len(found)]
    goes_on(firm)


def test_while_it_decides(firm: Path, sit_down: Callable[..., Seat]) -> None:
    small = (firm / "lista.csv").read_text("utf-8")
    others = "".join(f"Zakład {n} Południe;\n" for n in range(20_000))
    (firm / "lista.csv").write_text(small + others, encoding="utf-8")
    seat = sit_down("--map", "Dzwonić=phone", "--yes")
    seat.sees("Deciding about 20040 rows")
    interrupted(seat)
    found = brought(firm)
    assert found == NAMES[: len(found)]  # none, unless this machine let us wait
    (firm / "lista.csv").write_text(small, encoding="utf-8")
    goes_on(firm)
