"""The journal of letters: what it was told is there after a kill, and no two letters come where one belongs."""

import multiprocessing
import os
import signal
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Barrier

import pytest

from mailers import journal_file
from mailers.journal import LetterJournal, Progress
from mailers.reminders import Letter
from tests.contracts.test_outbox import LETTER
from tests.fakes.mail_desk import quick_folder
from validators.errors import OutOfReach, Refused

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
ID = LETTER.message_id
RIVAL = replace(LETTER, message_id="<kartoteka.89ab@example.pl>", invoices=("F-0001", "F-0002"))
CLAIMED, SENDING, DOT = Progress.CLAIMED, Progress.SENDING, Progress.DOT
SENT, FAILED, UNKNOWN = Progress.SENT, Progress.FAILED, Progress.UNKNOWN
WAYS = {
    CLAIMED: (),
    SENDING: (SENDING,),
    DOT: (SENDING, DOT),
    SENT: (SENDING, DOT, SENT),
    FAILED: (FAILED,),
    UNKNOWN: (SENDING, DOT, UNKNOWN),
}
REFUSED = {
    CLAIMED: {DOT},
    SENDING: {CLAIMED},
    DOT: {CLAIMED, SENDING, DOT},
    SENT: {CLAIMED, SENDING, DOT, FAILED, UNKNOWN},
    FAILED: {CLAIMED, SENDING, DOT, UNKNOWN},
    UNKNOWN: {CLAIMED, SENDING, DOT},
}


@pytest.fixture
def path() -> Iterator[Path]:
    with quick_folder() as folder:
        yield folder / ".kartoteka" / "letters.sqlite"


@pytest.fixture
def journal(path: Path) -> Iterator[LetterJournal]:
    opened = LetterJournal(path)
    yield opened
    opened.close()


def at(journal: LetterJournal, progress: Progress, letter: Letter = LETTER) -> None:
    journal.claim("w", letter, b"words", NOW)
    for step in WAYS[progress]:
        journal.mark(letter.message_id, step, f"at {step}", NOW)


class TestFile:
    def test_a_new_one_says_so_and_bears_a_mark_that_lasts(self, path: Path, journal: LetterJournal) -> None:
        assert journal.is_new
        assert len(journal.machine) == 8
        assert int(journal.machine, 16) >= 0
        at(journal, CLAIMED)
        again = LetterJournal(path)
        assert not again.is_new
        assert again.machine == journal.machine

    def test_an_empty_one_stays_new_though_a_run_was_killed_meanwhile(self, path: Path) -> None:
        LetterJournal(path)
        assert LetterJournal(path).is_new

    def test_two_of_them_bear_two_marks(self, tmp_path: Path) -> None:
        assert LetterJournal(tmp_path / "a").machine != LetterJournal(tmp_path / "b").machine

    def test_letters_are_nobody_elses_business(self, path: Path, journal: LetterJournal) -> None:
        at(journal, CLAIMED)
        assert {file.stat().st_mode & 0o077 for file in path.parent.iterdir()} == {0}

    def test_many_may_open_it_at_once(self, path: Path) -> None:
        with ThreadPoolExecutor(6) as pool:
            marks = {future.result() for future in [pool.submit(lambda: LetterJournal(path).machine) for _ in range(6)]}
        assert len(marks) == 1

    @pytest.mark.parametrize("spoil", ["text", "head", "middle", "half", "stranger"])
    def test_a_damaged_one_is_never_used_and_says_how_to_make_it_anew(self, path: Path, spoil: str) -> None:
        journal = LetterJournal(path)
        for number in range(6):
            letter = replace(LETTER, message_id=f"<{number}@x>", invoices=(f"F-{number}",))
            journal.claim("w", letter, b"words" * 2000, NOW)
        journal.close()
        good = path.read_bytes()
        path.unlink()
        if spoil == "stranger":
            sqlite3.connect(path).execute("CREATE TABLE cookies (name TEXT)")
        else:
            half = len(good) // 2
            path.write_bytes(
                {
                    "text": b"Dear diary",
                    "head": b"\xff" * 100 + good[100:],
                    "middle": good[:4096] + b"\xff" * 8192 + good[12288:],
                    "half": good[:half],
                }[spoil]
            )
        with pytest.raises(OutOfReach) as caught:
            LetterJournal(path)
        assert "damaged" in caught.value.what
        assert "kartoteka doctor --rebuild-journal" in caught.value.advice

    def test_one_of_a_newer_version_is_left_alone(self, path: Path, journal: LetterJournal) -> None:
        sqlite3.connect(path).execute("PRAGMA user_version = 99")
        with pytest.raises(OutOfReach) as caught:
            LetterJournal(path)
        assert "newer version" in caught.value.what
        assert "--rebuild-journal" in caught.value.advice

    def test_an_older_one_is_brought_up_to_date_and_keeps_its_letters(
        self, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        at(LetterJournal(path), DOT)
        added: Callable[[sqlite3.Connection], object] = lambda db: db.execute("ALTER TABLE letters ADD more TEXT")  # noqa: E731
        monkeypatch.setattr(journal_file, "MIGRATIONS", (*journal_file.MIGRATIONS, added))
        assert LetterJournal(path).progress(ID) is DOT
        assert LetterJournal(path).known() == {ID}  # and not twice
        assert sqlite3.connect(path).execute("PRAGMA user_version").fetchone() == (len(journal_file.MIGRATIONS),)

    @pytest.mark.parametrize("place", ["taken/letters.sqlite", "folder"])
    def test_where_it_cannot_be_made_it_says_so(self, tmp_path: Path, place: str) -> None:
        (tmp_path / "taken").write_text("a file")
        (tmp_path / "folder").mkdir()
        with pytest.raises(OutOfReach) as caught:
            LetterJournal(tmp_path / place)
        assert "cannot be" in caught.value.what
        assert "disk" in caught.value.advice

    def test_one_that_is_spoilt_while_it_is_open_is_out_of_reach(self, path: Path, journal: LetterJournal) -> None:
        at(journal, CLAIMED)
        sqlite3.connect(path).execute("DROP TABLE claims")
        with pytest.raises(OutOfReach):
            journal.claim("w", RIVAL, b"", NOW)

    def test_a_lasting_write_is_synced_and_another_is_not(self, journal: LetterJournal) -> None:
        """FULL (2) in WAL: the commit is synced, with all before it; NORMAL (1): it is not."""
        assert journal._file.value("PRAGMA journal_mode") == "wal"
        for lasting, level in ((True, 2), (False, 1), (True, 2)):
            with journal._file.writing(lasting=lasting):
                assert journal._file.value("PRAGMA synchronous") == level


class TestLetters:
    def test_a_claim_keeps_the_words_that_shall_leave(self, journal: LetterJournal) -> None:
        assert journal.progress(ID) is None
        assert journal.content(ID) is None
        journal.claim("w", LETTER, b"words", NOW)
        assert journal.progress(ID) is CLAIMED
        assert journal.content(ID) == b"words"

    @pytest.mark.parametrize("progress", Progress)
    def test_a_claim_again_changes_words_only_before_they_may_have_left(
        self, journal: LetterJournal, progress: Progress
    ) -> None:
        at(journal, progress)
        journal.claim("w", LETTER, b"newer", NOW)
        open_ = progress in (CLAIMED, SENDING, FAILED)
        assert journal.content(ID) == (b"newer" if open_ else b"words")
        assert journal.progress(ID) is (CLAIMED if progress is FAILED else progress)

    @pytest.mark.parametrize("progress", Progress)
    @pytest.mark.parametrize("to", Progress)
    def test_it_moves_only_where_it_can_have_gone(
        self, journal: LetterJournal, progress: Progress, to: Progress
    ) -> None:
        at(journal, progress)
        before = journal.answer(ID)
        if to in REFUSED[progress]:
            with pytest.raises(Refused):
                journal.mark(ID, to, "new", NOW)
            assert (journal.progress(ID), journal.answer(ID)) == (progress, before)
        else:
            journal.mark(ID, to, "new", NOW)
            assert (journal.progress(ID), journal.answer(ID)) == (to, "new")

    def test_nobody_marks_a_letter_that_was_never_claimed(self, journal: LetterJournal) -> None:
        for progress in Progress:
            with pytest.raises(Refused):
                journal.mark(ID, progress, "", NOW)

    def test_it_begins_only_before_it_may_have_left(self, journal: LetterJournal) -> None:
        journal.begin("w", LETTER, b"words", NOW)
        assert journal.progress(ID) is SENDING
        journal.begin("w", LETTER, b"words", NOW)  # killed, and taken up again
        journal.mark(ID, DOT, "", NOW)
        with pytest.raises(Refused):
            journal.begin("w", LETTER, b"words", NOW)

    @pytest.mark.parametrize("progress", [DOT, SENT, UNKNOWN])
    def test_another_letter_for_the_same_step_is_refused_once_one_may_have_left(
        self, journal: LetterJournal, progress: Progress
    ) -> None:
        at(journal, progress)
        with pytest.raises(Refused) as caught:
            journal.claim("w", RIVAL, b"", NOW)
        assert "F-0001" in caught.value.what
        assert ID in caught.value.what
        assert journal.progress(RIVAL.message_id) is None

    @pytest.mark.parametrize("progress", [CLAIMED, SENDING, FAILED])
    def test_another_letter_takes_the_place_of_one_that_has_not_left(
        self, journal: LetterJournal, progress: Progress
    ) -> None:
        at(journal, progress)
        journal.begin("w", RIVAL, b"", NOW)
        assert journal.progress(ID) is FAILED
        with pytest.raises(Refused):
            journal.mark(ID, DOT, "", NOW)  # were it still on its way, it would be stopped before the dot
        journal.mark(RIVAL.message_id, DOT, "", NOW)
        with pytest.raises(Refused):
            journal.begin("w", LETTER, b"", NOW)

    def test_a_refused_claim_changes_nothing_at_all(self, journal: LetterJournal) -> None:
        second = replace(LETTER, message_id="<second@x>", invoices=("F-0002",))
        at(journal, CLAIMED, LETTER)
        at(journal, SENT, second)
        with pytest.raises(Refused):
            journal.claim("w", RIVAL, b"", NOW)  # F-0001 would have given way, F-0002 does not
        assert journal.progress(ID) is CLAIMED
        assert journal.known() == {ID, second.message_id}

    def test_another_step_invoice_or_workbook_is_no_rival(self, journal: LetterJournal) -> None:
        at(journal, SENT)
        journal.claim("w", replace(RIVAL, message_id="<1@x>", step="+14"), b"", NOW)
        journal.claim("w", replace(RIVAL, message_id="<2@x>", invoices=("F-0003",)), b"", NOW)
        journal.claim("v", replace(RIVAL, message_id="<3@x>"), b"", NOW)

    def test_each_invoice_of_a_letter_has_its_own_step(self, journal: LetterJournal) -> None:
        at(journal, SENT, replace(RIVAL, steps=(("F-0001", "+1"), ("F-0002", "+7"))))
        journal.claim("w", LETTER, b"", NOW)  # F-0001 at +7
        with pytest.raises(Refused):
            journal.claim("w", replace(LETTER, message_id="<1@x>", step="+1"), b"", NOW)

    def test_a_second_attempt_may_go_once_the_first_is_known_to_have_failed(self, journal: LetterJournal) -> None:
        at(journal, UNKNOWN)
        journal.mark(ID, FAILED, "resolved: resend", NOW)
        at(journal, SENT, RIVAL)
        assert journal.progress(RIVAL.message_id) is SENT

    @pytest.mark.parametrize("progress", [DOT, SENT, UNKNOWN])
    def test_another_letter_may_go_in_the_place_of_one_that_came_back(
        self, journal: LetterJournal, progress: Progress
    ) -> None:
        at(journal, progress)
        journal.returned(ID, "550 5.1.1 gone", NOW)
        assert (journal.progress(ID), journal.answer(ID)) == (FAILED, "550 5.1.1 gone")
        journal.begin("w", RIVAL, b"words", NOW)
        journal.returned("<unknown@x>", "", NOW)
        assert journal.progress("<unknown@x>") is None

    def test_a_moment_without_a_zone_is_not_kept(self, journal: LetterJournal) -> None:
        with pytest.raises(ValueError, match="zone"):
            journal.claim("w", LETTER, b"", datetime(2026, 11, 23))  # noqa: DTZ001
        assert journal.known() == set()


class TestAdopting:
    def test_what_the_sheet_tells_counts_like_what_was_sent_from_here(self, journal: LetterJournal) -> None:
        journal.adopt("w", [(ID, [("F-0001", "+7")], SENT)], NOW)
        assert journal.progress(ID) is SENT
        with pytest.raises(Refused):
            journal.claim("w", RIVAL, b"", NOW)

    def test_a_letter_adopted_before_it_left_gets_its_words_later(self, journal: LetterJournal) -> None:
        journal.adopt("w", [(ID, [("F-0001", "+7")], CLAIMED)], NOW)
        journal.begin("w", LETTER, b"words", NOW)
        assert journal.content(ID) == b"words"

    @pytest.mark.parametrize("before", Progress)
    @pytest.mark.parametrize("told", Progress)
    def test_what_is_known_here_is_kept_unless_the_sheet_knows_its_end(
        self, journal: LetterJournal, before: Progress, told: Progress
    ) -> None:
        at(journal, before)
        journal.adopt("w", [(ID, [("F-0001", "+7")], told)], NOW)
        news = told in (SENT, FAILED, UNKNOWN) and told not in REFUSED[before]
        assert journal.progress(ID) is (told if news else before)
        assert journal.content(ID) == b"words"


class TestManyAtOnce:
    def test_of_many_that_bring_one_letter_to_the_dot_one_does(self, path: Path) -> None:
        barrier = Barrier(4)

        def race() -> bool:
            journal = LetterJournal(path)
            barrier.wait()
            try:
                journal.begin("w", LETTER, b"words", NOW)
                journal.mark(ID, DOT, "", NOW)
            except Refused:
                return False
            return True

        with ThreadPoolExecutor(4) as pool:
            assert [future.result() for future in [pool.submit(race) for _ in range(4)]].count(True) == 1

    @pytest.mark.parametrize("after", [1, 7, 20])
    def test_what_it_said_to_have_written_is_there_after_a_kill(self, path: Path, after: int) -> None:
        context = multiprocessing.get_context("fork")
        here, there = context.Pipe()
        child = context.Process(target=write_on, args=(path, there))
        child.start()
        told = [here.recv() for _ in range(after)]
        assert child.pid
        os.kill(child.pid, signal.SIGKILL)
        child.join()
        while here.poll():
            told.append(here.recv())
        journal = LetterJournal(path)
        last = dict(told)
        assert len(journal.known()) - len(last) in (0, 1)  # one may be written and not yet told
        order = (SENDING, DOT, SENT)
        for message_id, progress in last.items():
            now = journal.progress(message_id)
            assert now in order
            assert order.index(now) - order.index(progress) in (0, 1)


def write_on(path: Path, tell: Connection) -> None:
    journal = LetterJournal(path)
    for number in range(10_000):
        letter = replace(LETTER, message_id=f"<{number}@x>", invoices=(f"F-{number}",))
        journal.begin("w", letter, b"words" * 1000, NOW)
        tell.send((letter.message_id, SENDING))
        for progress in (DOT, SENT):
            journal.mark(letter.message_id, progress, "", NOW)
            tell.send((letter.message_id, progress))
