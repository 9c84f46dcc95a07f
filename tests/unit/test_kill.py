"""A run killed at any file operation leaves the old workbook or the new one, whole, and the next run works."""

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from sync.storage.replacing import fingerprint
from sync.storage.xlsx import XlsxWorkbook
from tests.making import client, plan, written

WATCHED = {"open", "os.rename", "os.remove", "os.mkdir", "os.chmod", "os.chown", "os.scandir", "os.listdir"}


def apply_and_die(path: Path, state: Path, fatal: int) -> None:
    """Apply a plan, and be killed at the `fatal`-th operation that touches the folder of the workbook."""
    workbook = XlsxWorkbook(path, state)
    before = workbook.read()
    count = 0

    def operation() -> None:
        nonlocal count
        count += 1
        if count == fatal:
            os.kill(os.getpid(), signal.SIGKILL)

    def audited(event: str, arguments: tuple[object, ...]) -> None:
        if event in WATCHED and any(str(path.parent) in str(argument) for argument in arguments):
            operation()

    def counted(fsync: Callable[[int], None]) -> Callable[[int], None]:
        def before_and_after(file: int) -> None:
            operation()
            fsync(file)
            operation()

        return before_and_after

    # fsync raises no audit event. This process is our own child: nobody else sees the exchange.
    setattr(os, "fsync", counted(os.fsync))  # noqa: B010
    sys.addaudithook(audited)
    workbook.apply(plan(client("K-0001", "problems", "nowe")), before)


def run(path: Path, state: Path, fatal: int) -> int | None:
    """The exit status of a process of its own; negative: the signal that killed it."""
    child = multiprocessing.get_context("fork").Process(target=apply_and_die, args=(path, state, fatal))
    child.start()
    child.join()
    return child.exitcode


def test_killed_at_any_operation_the_old_or_the_new_workbook_is_there(tmp_path: Path) -> None:
    killed = 0
    for fatal in range(1, 200):
        folder = tmp_path / str(fatal)
        folder.mkdir()
        path, state = written(folder / "klienci.xlsx"), folder / ".kartoteka"
        old = path.read_bytes()
        ended = run(path, state, fatal)
        if ended == 0:
            break
        assert ended == -signal.SIGKILL
        killed += 1
        workbook = XlsxWorkbook(path, state)
        found = workbook.read()
        assert problem(workbook) in (None, "nowe")
        assert (problem(workbook) is None) == (path.read_bytes() == old)
        workbook.apply(plan(client("K-0001", "problems", "następny")), found)
        assert problem(workbook) == "następny"
        assert sorted(p.name for p in folder.iterdir() if p.suffix == ".new") == []
        assert sorted(p.name for p in (state / "backups").iterdir() if p.suffix == ".new") == []
    else:
        pytest.fail("the run never came to its end")
    assert killed > 15


def test_a_killed_run_leaves_no_lock_behind(tmp_path: Path) -> None:
    path, state = written(tmp_path / "klienci.xlsx"), tmp_path / ".kartoteka"
    assert run(path, state, 4) == -signal.SIGKILL
    workbook = XlsxWorkbook(path, state, patience=0)
    workbook.apply(plan(client("K-0001", "problems", "x")), workbook.read())
    assert fingerprint(path.read_bytes()) == workbook.read().register


def problem(workbook: XlsxWorkbook) -> object:
    row = workbook.read().sheets[0].rows[2]
    return row[9] if len(row) > 9 else None
