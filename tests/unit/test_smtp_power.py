"""Letters by a mail server, and the power fails: what was not synced is gone. No letter leaves twice; whose answer is
lost is in doubt, and few are: as many as one sync was for."""

import shutil
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from mailers.journal import LetterJournal, Progress
from mailers.reminders import Letter, LetterState
from mailers.smtp import MOST_RELEASED, SmtpOutbox
from tests.contracts.test_outbox import LETTER
from tests.fakes.clocks import VirtualClock
from tests.fakes.mail_desk import NOW, Desk, place_of, quick_folder
from tests.fakes.mail_server import MailServer

SENT, FAILED, UNKNOWN = LetterState.SENT, LetterState.FAILED, LetterState.UNKNOWN
SYNC = 3.0  # seconds


class PowerCut(Exception):
    """There is no light any more."""


class Plugged(LetterJournal):
    """A journal whose syncs take time, as letters do. The folder `disk` holds what was synced. The power fails at the
    `fatal`-th moment, counted from 1 before and after each write; 0: it does not."""

    def __init__(self, path: Path, clock: VirtualClock, letter: float, fatal: int = 0) -> None:
        super().__init__(path, "monday")
        self.groups: list[int] = []
        self._clock, self._letter, self._left, self._path = clock, letter, fatal, path
        self._sync()

    def claim_all(self, letters: Iterable[tuple[Letter, bytes]], now: datetime) -> None:
        self._moment()
        super().claim_all(letters, now)
        self._written()

    def begin(self, workbook: str, letter: Letter, content: bytes, now: datetime) -> None:
        self._moment()
        super().begin(workbook, letter, content, now)
        self._written()

    def release(self, message_ids: Iterable[str]) -> None:
        self._moment()
        self.groups.append(len(group := list(message_ids)))
        super().release(group)
        self._clock.sleep(SYNC)
        self._written()

    def mark(self, message_id: str, progress: Progress, answer: str, now: datetime, *, lasting: bool = False) -> None:
        self._moment()
        super().mark(message_id, progress, answer, now, lasting=lasting)
        if progress is Progress.DOT:
            self._clock.sleep(self._letter)
        self._written()

    def _written(self) -> None:
        if self._file._lasting:
            self._sync()
        self._moment()

    def _sync(self) -> None:
        shutil.copytree(self._path.parent, self._path.parent.with_name("disk"), dirs_exist_ok=True)

    def _moment(self) -> None:
        self._left -= 1
        if not self._left:
            raise PowerCut


def letters(count: int) -> list[Letter]:
    return [replace(LETTER, message_id=f"<{n:03}@x>", invoices=(f"F-{n:03}",)) for n in range(count)]


@pytest.mark.parametrize(
    ("letter", "groups"),
    [(60.0, [1] * 40), (12.0, [1, 2, 2, 2]), (0.1, [1, MOST_RELEASED, 7])],
    ids=["over a network", "next door", "faster than the disk"],
)
def test_a_sync_is_for_as_many_letters_as_go_in_eight_times_its_time(letter: float, groups: list[int]) -> None:
    with quick_folder() as folder, MailServer() as server:
        journal = begun(folder, letter)
        send(server, journal, letters(40))
        assert journal.groups[: len(groups)] == groups
        assert sum(journal.groups) == len(server.taken) == 40


@pytest.mark.parametrize(("letter", "most_doubts"), [(60.0, 1), (0.1, 5)])
def test_whenever_the_power_fails_no_letter_leaves_twice_and_few_are_in_doubt(letter: float, most_doubts: int) -> None:
    doubts = list[int]()
    for fatal in range(1, 1000):
        with quick_folder() as folder, MailServer() as server:
            try:
                send(server, begun(folder, letter, fatal), letters(6))
            except PowerCut:
                doubts.append(doubts_after(folder, server))
            else:
                break
    assert len(doubts) > 30
    assert max(doubts) == most_doubts


def begun(folder: Path, letter: float, fatal: int = 0) -> Plugged:
    """A journal in `folder`, for letters that take so many seconds each."""
    (folder / "state").mkdir()
    return Plugged(folder / "state" / "letters.sqlite", VirtualClock(), letter, fatal)


def send(server: MailServer, journal: Plugged, some: list[Letter]) -> None:
    """A run that claims the letters, and sends one after the other."""
    outbox = SmtpOutbox(place_of(server), lambda: journal, journal._clock.sleep, journal._clock)
    outbox.claim(some, NOW)
    for letter in some:
        assert outbox.send(letter, NOW).state is SENT
    outbox.close()


def doubts_after(folder: Path, server: MailServer) -> int:
    """The machine is started anew: how many letters are in doubt. All others have left once, and none has twice."""
    desk = Desk.at(place_of(server), LetterJournal(folder / "disk" / "letters.sqlite", "tuesday"))
    states = [desk.send(letter)[0] for letter in letters(6)]
    desk.close()
    times = [sum(letter.message_id.encode() in taken.content for taken in server.taken) for letter in letters(6)]
    assert all(number == 1 or (number == 0 and state is UNKNOWN) for number, state in zip(times, states, strict=True))
    assert set(states) <= {SENT, UNKNOWN}
    return states.count(UNKNOWN)
