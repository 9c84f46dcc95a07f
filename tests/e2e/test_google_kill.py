"""The real command, killed by signal 9 between any two requests and journal writes: the next run ends as if nothing
had been, beside people who move rows and columns too. The full matrix is tests/soak/kills.py."""

import signal
from collections.abc import Iterator
from functools import cache

import pytest

from tests.fakes.faults import Fault
from tests.fakes.sheets_server import FakeSheets
from tests.soak.kills import FATES, Ending, Ground


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    with FakeSheets() as server:
        yield Ground(server, tmp_path_factory.mktemp("ground"))


@cache
def undisturbed(ground: Ground, move: str) -> Ending:
    return ground.ending(move=move)


def test_undisturbed_it_writes_once_and_mends_once_when_rows_were_moved_meanwhile(ground: Ground) -> None:
    quiet, moved = undisturbed(ground, ""), undisturbed(ground, "move_row")
    assert (quiet.requests, quiet.status, quiet.quiet) == (("values.batchGet", "batchUpdate"), 1, True)
    assert (moved.requests, moved.quiet) == ((*quiet.requests, "batchUpdate"), True)
    assert set(quiet.sight.history) == set(moved.sight.history)
    assert len(quiet.sight.letters) == 3


@pytest.mark.parametrize(
    ("move", "request_", "fault"),
    [
        *(("", 2, fault) for fault in FATES),
        ("move_row", 2, Fault.CLOSED),
        *(("move_row", 3, fault) for fault in FATES),
        ("move_column", 3, Fault.REFUSED),
    ],
)
def test_killed_at_a_write_the_next_run_ends_in_the_same_sheet(
    ground: Ground, move: str, request_: int, fault: Fault
) -> None:
    """Whether the write, or the repair, was never carried out, was carried out unheard, or is when all is over."""
    ending = ground.ending({request_: fault}, move=move)
    assert (ending.status, len(ending.requests)) == (-signal.SIGKILL, request_)
    assert ending.broken(undisturbed(ground, move)) == ""
    assert ending.late == ((400,) if fault is Fault.LATE else ())


def test_killed_at_the_read_it_leaves_nothing_behind(ground: Ground) -> None:
    ending = ground.ending({1: Fault.CLOSED})
    assert (ending.status, len(ending.requests)) == (-signal.SIGKILL, 1)
    assert ending.broken(undisturbed(ground, "")) == ""


def test_killed_between_any_two_touches_of_the_journal_the_next_run_ends_in_the_same_sheet(ground: Ground) -> None:
    """Before and after the write is put down, and before and after it is struck out."""
    statuses = []
    for operation in range(1, 20):
        ending = ground.ending(operation=operation, files=".pending.")
        assert ending.broken(undisturbed(ground, "")) == "", operation
        statuses.append(ending.status)
        if ending.status >= 0:
            break
    assert statuses == [*[-signal.SIGKILL] * (len(statuses) - 1), 1]
    assert len(statuses) > 5
