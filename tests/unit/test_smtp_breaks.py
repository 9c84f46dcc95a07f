"""Letters by a mail server that breaks off, or a run that is killed: none leaves twice, and none is lost in silence."""

import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import replace
from datetime import datetime
from multiprocessing.process import BaseProcess
from pathlib import Path
from threading import Barrier

import pytest

from mailers.journal import LetterJournal, Progress
from mailers.mime import to_bytes
from mailers.reminders import Letter, LetterState
from mailers.smtp import SmtpServer
from tests.contracts.test_outbox import LETTER
from tests.fakes.mail_desk import NOW, Desk, desks, place_of, quick_folder
from tests.fakes.mail_server import Act, Fate, MailServer, Step, fails
from validators.errors import OutOfReach

ID = LETTER.message_id
NEXT = replace(LETTER, message_id="<kartoteka.4567@example.pl>", invoices=("F-0002",))
SENT, FAILED, UNKNOWN = LetterState.SENT, LetterState.FAILED, LetterState.UNKNOWN
SPEECH = ["MAIL", "RCPT", "DATA"]
# Before and after each of the journal's three writes for one letter: begun, at the dot, sent.
WRITES = range(1, 7)
Opener = Callable[[SmtpServer], Desk]


@pytest.fixture
def opened() -> Iterator[Opener]:
    with desks() as opener:
        yield opener


class TestBreaks:
    @pytest.mark.parametrize("act", [Act.CUT, Act.RESET])
    @pytest.mark.parametrize("step", SPEECH)
    def test_a_break_before_the_dot_is_met_with_one_more_try(self, opened: Opener, step: str, act: Act) -> None:
        with MailServer(fails(step, act, times=1)) as server:
            assert opened(place_of(server)).send(LETTER)[0] is SENT
        assert len(server.taken) == 1
        with MailServer(fails(step, act)) as server:
            state, detail = opened(place_of(server)).send(NEXT)
        assert state is FAILED
        assert detail.startswith("passing: the connection")
        assert server.connections == 2
        assert not server.taken

    @pytest.mark.parametrize("act", [Act.CUT, Act.RESET])
    def test_a_break_within_a_letter_is_seen_before_the_dot_or_else_a_doubt(self, opened: Opener, act: Act) -> None:
        with MailServer(fails("body", act, times=1)) as server:
            state, _ = opened(place_of(server)).send(LETTER)
        assert (state, len(server.taken)) in ((SENT, 1), (UNKNOWN, 0))  # the news may come too late

    @pytest.mark.parametrize(
        "outcome", [Act.CUT, Act.RESET, Act.TAKE_AND_CUT, b"what?", b"25", b"354 go on", b"250-", b"2" * 9000]
    )
    def test_after_the_dot_no_answer_is_a_doubt_and_never_a_second_letter(
        self, opened: Opener, outcome: bytes | Act
    ) -> None:
        with MailServer(fails("dot", outcome, times=1)) as server:
            desk = opened(replace(place_of(server), last_answer=1))
            state, detail = desk.send(LETTER)
            assert state is UNKNOWN
            assert "no answer" in detail
            assert desk.journal.progress(ID) is Progress.DOT
            assert desk.outbox.holds(ID) is None
            assert desk.send(LETTER)[0] is UNKNOWN
            assert opened(place_of(server)).send(NEXT)[0] is SENT
        assert server.counts["dot"] == 2
        assert server.connections == 2

    @pytest.mark.parametrize("act", [Act.SILENCE, Act.TAKE_AND_SILENCE])
    def test_silence_after_the_dot_is_waited_for_as_long_as_was_said(self, opened: Opener, act: Act) -> None:
        with MailServer(fails("dot", act)) as server:
            assert opened(replace(place_of(server), last_answer=0.1)).send(LETTER)[0] is UNKNOWN

    def test_a_slow_last_answer_outlives_the_time_for_other_answers(self, opened: Opener) -> None:
        with MailServer(late(2.2)) as server:
            assert opened(replace(place_of(server), timeout=1.5)).send(LETTER)[0] is SENT

    def test_silence_before_the_dot_is_a_failure_that_may_pass(self) -> None:
        def sent(step: str) -> tuple[LetterState, str]:
            with quick_folder() as folder, MailServer(fails(step, Act.SILENCE)) as server:
                desk = Desk.at(replace(place_of(server), timeout=1.5), LetterJournal(folder / "j"))
                with closing(desk):
                    return desk.send(LETTER)

        with ThreadPoolExecutor(len(SPEECH)) as pool:  # they wait at the same time
            told = list(pool.map(sent, SPEECH))
        assert [(state, detail[:9]) for state, detail in told] == [(FAILED, "passing: ")] * len(SPEECH)


class TestEveryByte:
    """The connection is cut after each number of bytes; the next one is whole again."""

    @pytest.mark.parametrize("features", [(), ("PIPELINING",)])
    def test_wherever_our_words_break_off_one_letter_leaves_or_somebody_is_told(
        self, opened: Opener, features: tuple[str, ...]
    ) -> None:
        with MailServer(features=("8BITMIME", *features)) as server:
            desk = opened(place_of(server))
            assert desk.send(numbered(99999))[0] is SENT
            before = sum(len(line) + 2 for line in server.heard)
            dot = before + len(server.taken[0].content)
            # Every byte of the commands, the dot, and either end of the message; in between one byte is like another.
            places = [*range(before + 20), *range(before + 20, dot - 20, 9), *range(dot - 20, dot + 4)]
            states = [broken_off(opened, server, place, hears=place) for place in places]
        assert set(states[:before]) == {None, SENT}  # no connection, or a second one
        # Heard: the message without its dot, whose break may be seen in time; two parts of the dot; all of it.
        assert states[-4] in (SENT, UNKNOWN)
        assert states[-3:] == [UNKNOWN, UNKNOWN, SENT]

    @pytest.mark.parametrize("features", [(), ("PIPELINING",)])
    def test_wherever_the_servers_words_break_off_one_letter_leaves_or_somebody_is_told(
        self, opened: Opener, features: tuple[str, ...]
    ) -> None:
        with MailServer(features=("8BITMIME", *features)) as server:
            states = [broken_off(opened, server, place, says=place) for place in range(180)]
        assert set(states) == {None, SENT, UNKNOWN}
        assert states[-1] is SENT


def numbered(number: int) -> Letter:
    return replace(LETTER, message_id=f"<{number:05}@x>", invoices=(f"F-{number:05}",))


def broken_off(
    opened: Opener, server: MailServer, number: int, *, hears: int | None = None, says: int | None = None
) -> LetterState | None:
    """What became of a letter whose first connection breaks off; None when there was no connection at all. What was
    said of it, what the journal holds and what the server has are one, and no second letter follows."""
    letter = numbered(number)
    server.hears, server.says, server.broken = hears, says, server.connections + 1
    server.taken.clear()
    desk = opened(place_of(server))
    try:
        state = desk.send(letter)[0]
    except OutOfReach:
        assert desk.outbox.holds(letter.message_id) is False
        assert not server.taken
        return None
    assert state in (SENT, UNKNOWN)
    assert len(server.taken) == 1 or (state is UNKNOWN and not server.taken)
    assert desk.outbox.holds(letter.message_id) is (True if state is SENT else None)
    server.hears = server.says = None
    assert desk.send(letter)[0] is state
    assert len(server.taken) <= 1
    desk.outbox.close()
    return state


class Mortal(LetterJournal):
    """A journal at whose `fatal`-th moment, counted before and after each write, something ends the run."""

    def __init__(self, path: Path, fatal: int, end: Callable[[], None]) -> None:
        super().__init__(path)
        self._left, self._end = fatal, end

    def begin(self, workbook: str, letter: Letter, content: bytes, now: datetime) -> None:
        self._moment()
        super().begin(workbook, letter, content, now)
        self._moment()

    def mark(self, message_id: str, progress: Progress, answer: str, now: datetime) -> None:
        self._moment()
        super().mark(message_id, progress, answer, now)
        self._moment()

    def _moment(self) -> None:
        self._left -= 1
        if not self._left:
            self._end()


def interrupt() -> None:
    raise KeyboardInterrupt


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def full() -> None:
    raise OutOfReach("The journal cannot be written: the disk is full.")


def run(place: SmtpServer, path: Path, fatal: int) -> None:
    """In a process of its own: one letter, with a journal that kills it at the `fatal`-th moment."""
    Desk.at(place, Mortal(path, fatal, die)).send(LETTER)


def run_interrupted(place: SmtpServer, path: Path) -> None:
    """In a process of its own: the server interrupts the first letter, as Ctrl-C does; the second goes all the same."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    desk = Desk.at(place, LetterJournal(path))
    with suppress(KeyboardInterrupt):
        desk.send(LETTER)
    assert desk.send(NEXT)[0] is SENT


def started(target: Callable[..., None], *arguments: object) -> BaseProcess:
    child = multiprocessing.get_context("fork").Process(target=target, args=arguments)
    child.start()
    return child


class TestKills:
    @pytest.mark.parametrize("fatal", WRITES)
    def test_an_interruption_at_any_write_of_the_journal_leaves_it_true(self, fatal: int) -> None:
        with quick_folder() as folder, MailServer() as server:
            desk = Desk.at(place_of(server), Mortal(folder / "j", fatal, interrupt))
            with pytest.raises(KeyboardInterrupt):
                desk.send(LETTER)
            assert desk.send(NEXT)[0] is SENT  # on the same outbox
            desk.close()
            self.taken_up_again(folder / "j", server, fatal)

    @pytest.mark.parametrize("fatal", WRITES)
    def test_a_kill_at_any_write_of_the_journal_leaves_it_true(self, fatal: int) -> None:
        with quick_folder() as folder, MailServer() as server:
            child = started(run, place_of(server), folder / "j", fatal)
            child.join()
            assert child.exitcode == -signal.SIGKILL
            self.taken_up_again(folder / "j", server, fatal)

    def taken_up_again(self, path: Path, server: MailServer, fatal: int) -> None:
        desk = Desk.at(place_of(server), LetterJournal(path))
        doubt = fatal in (4, 5)  # the dot was noted, and the answer was not
        assert (desk.journal.progress(ID) is Progress.DOT) is doubt
        assert desk.send(LETTER)[0] is (UNKNOWN if doubt else SENT)
        desk.close()
        times = [taken.content for taken in server.taken].count(to_bytes(LETTER, NOW))
        assert times == (fatal != 4)

    @pytest.mark.parametrize("step", ["greeting", "EHLO", *SPEECH, "body", "dot"])
    @pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGINT])
    def test_an_end_at_any_word_of_the_dialogue_leaves_the_journal_true(self, step: str, end: signal.Signals) -> None:
        with quick_folder() as folder, MailServer() as server:
            children: list[BaseProcess] = []
            server.fate = ending(step, children, end)
            children.append(started(run_interrupted, place_of(server), folder / "j"))
            children[0].join()
            assert children[0].exitcode == (0 if end is signal.SIGINT else -end)
            again = Desk.at(place_of(server), LetterJournal(folder / "j"))
            states = [again.send(letter)[0] for letter in (LETTER, NEXT)]
            again.close()
        contents = [taken.content for taken in server.taken]
        assert states[1] is SENT
        assert contents.count(to_bytes(NEXT, NOW)) == 1
        assert states[0] is SENT or step in ("body", "dot")
        assert contents.count(to_bytes(LETTER, NOW)) in ({1} if states[0] is SENT else {0, 1})
        assert set(contents) <= {to_bytes(LETTER, NOW), to_bytes(NEXT, NOW)}

    @pytest.mark.parametrize("fatal", WRITES)
    def test_a_journal_that_cannot_be_written_lets_no_letter_go_and_denies_none_that_has_gone(self, fatal: int) -> None:
        with quick_folder() as folder, MailServer() as server:
            desk = Desk.at(place_of(server), Mortal(folder / "j", fatal, full))
            if fatal <= 4:
                with pytest.raises(OutOfReach):
                    desk.send(LETTER)
                assert not server.taken
            else:
                assert desk.send(LETTER) == (SENT, "250 2.0.0 queued as 1")
            desk.close()


class TestManyRuns:
    def test_of_many_runs_that_send_one_letter_one_does(self) -> None:
        barrier = Barrier(4)

        def race(place: SmtpServer, path: Path) -> LetterState:
            desk = Desk.at(place, LetterJournal(path))
            barrier.wait()
            with closing(desk):
                return desk.send(LETTER)[0]

        with quick_folder() as folder, MailServer() as server, ThreadPoolExecutor(4) as pool:
            runs = [pool.submit(race, place_of(server), folder / "j") for _ in range(4)]
            states = [run.result() for run in runs]
            assert SENT in states
            assert set(states) <= {SENT, UNKNOWN}  # one that comes while another waits for the answer cannot tell
        assert len(server.taken) == 1


def ending(step: str, children: list[BaseProcess], end: signal.Signals) -> Fate:
    """Sends the signal `end` to the client when it comes to `step` first."""

    def fate(now: Step) -> None:
        if now.name == step and now.count == 1:
            while not children:
                time.sleep(0.001)
            os.kill(children[0].pid or 0, end)
            time.sleep(0.02)

    return fate


def late(seconds: float) -> Fate:
    def fate(step: Step) -> None:
        if step.name == "dot":
            time.sleep(seconds)

    return fate
