"""The real command as a process of its own, as a person or a schedule starts it.

Most of a short command's time is importing. So `kartoteka` starts it in a process that is forked from one that has
imported all that already; what is in the README is run by the installed command, and `command` is for all else.
"""

import io
import multiprocessing
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType

from openpyxl import Workbook, load_workbook

from sync import commands

CLIENTS = ["Nazwa", "E-mail", "NIP"]
INVOICES = ["Numer", "Klient", "Termin płatności", "Kwota brutto", "Zapłacono"]
Done = "subprocess.CompletedProcess[str]"
PATIENCE = 120  # seconds for one command
_WARM = multiprocessing.get_context("forkserver")
_WARM.set_forkserver_preload(
    [
        "tests.e2e.running",
        "sync.cli",
        "sync.storage.google",
        *(f"sync.commands.{file.stem}" for file in sorted(Path(commands.__file__).parent.glob("[a-z]*.py"))),
    ]
)


def command(*words: str) -> list[str]:
    """The words that start Kartoteka."""
    return [sys.executable, "-m", "sync", *words]


def kartoteka(folder: Path, *words: str, **environ: str) -> "subprocess.CompletedProcess[str]":
    """Run the real command in `folder`."""
    with TemporaryDirectory() as place:
        files = [Path(place) / name for name in ("out", "err")]
        whole = {**os.environ, "COLUMNS": "120", **environ}
        child = _WARM.Process(target=_carry_out, args=(folder, words, whole, [str(file) for file in files]))
        child.start()
        child.join(PATIENCE)
        if child.exitcode is None:
            child.kill()
            raise subprocess.TimeoutExpired(words, PATIENCE)
        return subprocess.CompletedProcess(words, child.exitcode, *(file.read_text("utf-8") for file in files))


def _carry_out(folder: Path, words: Sequence[str], environ: Mapping[str, str], files: Sequence[str]) -> None:
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environ)
    sys.argv = ["kartoteka", *words]
    for number, file in enumerate(files, 1):
        os.dup2(os.open(file, os.O_WRONLY | os.O_CREAT), number)
    how = environ.get("PYTHONIOENCODING", "utf-8")
    sys.stdout, sys.stderr = (io.TextIOWrapper(io.FileIO(number, "w", closefd=False), how) for number in (1, 2))
    from sync.__main__ import main

    with ExitStack() as ending:
        for stream in (sys.stdout, sys.stderr):
            ending.callback(stream.flush)
        ending.push(_unexpected)
        main()


def _unexpected(kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
    """As the interpreter does it with what nobody caught."""
    if kind and error and not issubclass(kind, SystemExit):
        sys.excepthook(kind, error, trace)
        sys.exit(1)


def make(path: Path, tabs: dict[str, list[list[object]]]) -> Path:
    """A workbook with `tabs` at `path`."""
    book = Workbook()
    book.remove(book.active)
    for title, rows in tabs.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def cells(path: Path) -> dict[str, list[list[object]]]:
    """Everything a reader sees, by tab; run ids, which differ from run to run, left out."""
    shown: dict[str, list[list[object]]] = {}
    for sheet in load_workbook(path).worksheets:
        rows = [list(row) for row in sheet.iter_rows(values_only=True)]
        shown[sheet.title] = [row[:1] + row[2:] for row in rows] if sheet.title == "Historia" else rows
    return shown
