"""Runs that send by Gmail, killed at any request or journal write, twice in a row: nothing goes twice, nothing is lost,
nothing is left in doubt, and no draft is left behind."""

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from mailers.gmail import GmailOutbox
from mailers.journal import LetterJournal, Progress
from mailers.reminders import LetterState
from tests.contracts.test_outbox import LETTER
from tests.fakes.clocks import VirtualClock
from tests.fakes.gmail_api import Act, FakeGmail, Step, kindly
from tests.fakes.gmail_desk import NOW, access_to
from tests.fakes.mail_desk import quick_folder
from tests.soak.crashes import Moments

LETTERS = [
    replace(LETTER, to=(f"firma{n}@example.pl",), message_id=f"<kartoteka.{n}@example.pl>", invoices=(f"F-{n}",))
    for n in (1, 2)
]
MOST = 100  # requests or writes of one run
Before = Callable[[], None]


class Runs:
    """Runs of one firm, each a process of its own, at a Gmail of our own."""

    def __init__(self, folder: Path, gmail: FakeGmail) -> None:
        self._path, self._gmail = folder / "letters.sqlite", gmail
        self._child: Future[int] = Future()

    def run(self, before: Before = lambda: None) -> int | None:
        """The exit status of a run; negative: the signal that killed it."""
        self._child = Future()
        child = multiprocessing.get_context("fork").Process(target=self._work, args=(before,))
        child.start()
        self._child.set_result(child.pid or 0)
        child.join()
        return child.exitcode

    def killed_at(self, number: int, act: Act | None) -> bool:
        """One run, killed when its `number`-th request has come in; whether it was."""
        met = 0

        def fatal(_: Step) -> Act | None:
            nonlocal met
            met += 1
            if met != number:
                return None
            self._kill()
            return act

        self._gmail.fate = fatal
        status = self.run()
        self._gmail.fate = kindly
        return status == -signal.SIGKILL

    def settled(self) -> None:
        """The next run, undisturbed, leaves nothing to do; nor does it take back anything that it said before."""
        assert self.run() == 0
        self._gmail.settle()
        heard = len(self._gmail.heard)
        assert self.run() == 0
        assert len(self._gmail.heard) == heard
        assert self._gmail.received == {"firma1@example.pl": 1, "firma2@example.pl": 1}
        assert not self._gmail.box.drafts
        with closing(LetterJournal(self._path)) as journal:
            assert {journal.progress(letter.message_id) for letter in LETTERS} == {Progress.SENT}

    def _work(self, before: Before) -> None:
        """What a sync does with the outbox. A process of our own, killed at will."""
        before()
        clock = VirtualClock()
        outbox = GmailOutbox(access_to(self._gmail), lambda: LetterJournal(self._path), clock.sleep, clock)
        told = [outbox.holds(letter.message_id) for letter in LETTERS]
        outbox.claim([letter for letter, left in zip(LETTERS, told, strict=True) if not left], NOW)
        receipts = [outbox.send(letter, NOW) for letter in LETTERS]
        os._exit(0 if {receipt.state for receipt in receipts} == {LetterState.SENT} else 1)

    def _kill(self) -> None:
        pid = self._child.result(10)
        os.kill(pid, signal.SIGKILL)
        with suppress(ChildProcessError):  # gone already, and missed by nobody
            os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)


@contextmanager
def firm() -> Iterator[Runs]:
    with quick_folder() as folder, FakeGmail() as gmail:
        LetterJournal(folder / "letters.sqlite").close()
        yield Runs(folder, gmail)


@pytest.mark.parametrize(("first", "second"), [(None, Act.CLOSED), (Act.CLOSED, None)])
def test_killed_at_any_request_and_again_at_any_of_the_next_run(first: Act | None, second: Act | None) -> None:
    """The request is carried out all the same, or not (CLOSED)."""
    kills = 0
    for one in range(1, MOST):
        for two in range(1, MOST):
            with firm() as runs:
                if not runs.killed_at(one, first):
                    assert kills > 15
                    return
                again = runs.killed_at(two, second)
                runs.settled()
            if not again:
                break
            kills += 1
    pytest.fail("the run never came to its end")


def test_killed_before_any_journal_write() -> None:
    for fatal in range(1, 4 * MOST, 2):  # what comes after one, comes before the next
        with firm() as runs:
            if runs.run(Moments("journal", fatal).watch) != -signal.SIGKILL:
                assert fatal > MOST // 2
                return
            runs.settled()
    pytest.fail("the run never came to its end")
