"""What is noted of letters away from the journal: when, how long, and what an old journal takes over of it."""

import os
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mailers.journal import LetterJournal, Progress
from mailers.reminders import Letter
from mailers.witness import Witness, digest

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
ID, BOOK = "<kartoteka.1@example.pl>", "a workbook"
LETTER = Letter(
    client="K-0001",
    to=("anna@example.com",),
    sender="biuro@example.pl",
    reply_to="",
    subject="s",
    text="t",
    html="h",
    message_id=ID,
    step="+7",
    language="pl",
    invoices=("F-0001",),
    steps=(("F-0001", "+7"),),
    numbers=("FV/1",),
    workbook=BOOK,
)
OTHER = replace(LETTER, message_id="<kartoteka.2@example.pl>", invoices=("F-0002",), steps=(("F-0002", "+7"),))


@pytest.fixture
def witness(tmp_path: Path) -> Witness:
    return Witness(tmp_path / "home")


@pytest.fixture
def journal(tmp_path: Path, witness: Witness) -> Iterator[LetterJournal]:
    with closing(LetterJournal(tmp_path / "letters.sqlite", "monday", witness)) as opened:
        yield opened


def read(witness: Witness) -> dict[str, Progress]:
    """What another process reads."""
    return {m: seen.progress for m, seen in Witness(witness.folder).letters(BOOK).items()}


def begun(journal: LetterJournal, *letters: Letter, now: datetime = NOW) -> None:
    for letter in letters:
        journal.begin(BOOK, letter, b"content", now)
    journal.release([letter.message_id for letter in letters])


class TestWhatIsNoted:
    def test_a_claim_is_not_for_nothing_has_left(self, journal: LetterJournal, witness: Witness) -> None:
        journal.claim(BOOK, LETTER, b"content", NOW)
        assert read(witness) == {}

    def test_whatever_may_leave_is_and_how_it_ends(self, journal: LetterJournal, witness: Witness) -> None:
        begun(journal, LETTER)
        assert read(witness) == {ID: Progress.SENDING}
        for progress in (Progress.DOT, Progress.UNKNOWN, Progress.SENT):
            journal.mark(ID, progress, "", NOW)
            assert read(witness) == {ID: progress}
        seen = Witness(witness.folder).letters(BOOK)[ID]
        assert (seen.at, seen.steps, seen.numbers) == (NOW, (("F-0001", "+7"),), (digest(BOOK, "fv/1 "),))

    def test_the_disk_is_waited_for_once_for_many_letters(
        self, journal: LetterJournal, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        begun(journal, replace(LETTER, message_id="<0>", steps=(), numbers=()))  # the files are there
        synced, fsync = list[int](), os.fsync
        monkeypatch.setattr(os, "fsync", lambda file: (synced.append(file), fsync(file)))
        begun(journal, LETTER, OTHER)
        for letter in (LETTER, OTHER):
            journal.mark(letter.message_id, Progress.DOT, "", NOW)
            journal.mark(letter.message_id, Progress.SENT, "250", NOW)
        assert len(synced) == 1

    def test_a_dot_that_nobody_released_lasts(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Gmail, and systems without a name for their start."""
        witness = Witness(tmp_path / "home")
        with closing(LetterJournal(tmp_path / "letters.sqlite", "", witness)) as journal:
            journal.begin(BOOK, LETTER, b"content", NOW)
            synced, fsync = list[int](), os.fsync
            monkeypatch.setattr(os, "fsync", lambda file: (synced.append(file), fsync(file)))
            journal.mark(ID, Progress.DOT, "", NOW)
        assert synced
        assert read(witness) == {ID: Progress.DOT}

    def test_what_came_to_no_dot_has_not_left_when_the_run_is_over(self, tmp_path: Path, witness: Witness) -> None:
        with closing(LetterJournal(tmp_path / "letters.sqlite", "monday", witness)) as journal:
            begun(journal, LETTER, OTHER)
            journal.mark(ID, Progress.DOT, "", NOW)
        assert read(witness) == {ID: Progress.DOT, OTHER.message_id: Progress.FAILED}

    def test_what_a_person_says_later_is_noted(self, tmp_path: Path, witness: Witness) -> None:
        with closing(LetterJournal(tmp_path / "letters.sqlite", "monday", witness)) as journal:
            begun(journal, LETTER)
            journal.mark(ID, Progress.DOT, "", NOW)
        again = Witness(witness.folder)
        with closing(LetterJournal(tmp_path / "letters.sqlite", "monday", again)) as journal:
            journal.mark(ID, Progress.FAILED, "as a person says", NOW, lasting=True)
        assert read(witness) == {ID: Progress.FAILED}

    def test_for_more_than_a_year_and_not_for_ever(self, tmp_path: Path) -> None:
        for days, number in ((0, 0), (390, 1), (450, 2)):
            letter = replace(LETTER, message_id=f"<{number}>", steps=((f"F-{number}", "+7"),))
            path, now = tmp_path / f"{number}.sqlite", NOW + timedelta(days=days)
            with closing(LetterJournal(path, "monday", Witness(tmp_path / "home"))) as journal:
                begun(journal, letter, now=now)
                journal.mark(letter.message_id, Progress.DOT, "", now)
        assert set(read(Witness(tmp_path / "home"))) == {"<1>", "<2>"}

    def test_another_workbook_is_not_asked(self, journal: LetterJournal, witness: Witness) -> None:
        begun(journal, LETTER)
        assert Witness(witness.folder).letters("another") == {}


class TestAnOldJournal:
    """A copy of the journal that was made before: at `stands`, None if it did not know the letter."""

    @pytest.mark.parametrize(
        ("noted", "stands", "taken_over"),
        [
            (Progress.SENDING, None, Progress.UNKNOWN),
            (Progress.SENDING, Progress.CLAIMED, Progress.UNKNOWN),
            (Progress.SENDING, Progress.SENDING, Progress.SENDING),  # no copy: the run was killed before the dot
            (Progress.DOT, Progress.SENDING, Progress.UNKNOWN),
            (Progress.DOT, Progress.FAILED, Progress.FAILED),  # no copy: killed before the witness was told
            (Progress.SENT, None, Progress.SENT),
            (Progress.SENT, Progress.CLAIMED, Progress.SENT),
            (Progress.FAILED, Progress.DOT, Progress.FAILED),
            (Progress.FAILED, Progress.SENT, Progress.SENT),
        ],
    )
    def test_takes_over_what_the_witness_knows_better(
        self, tmp_path: Path, noted: Progress, stands: Progress | None, taken_over: Progress
    ) -> None:
        with closing(LetterJournal(tmp_path / "new", "monday", Witness(tmp_path / "home"))) as new:
            begun(new, LETTER)
            for progress in dict.fromkeys((Progress.DOT, noted)) if noted is not Progress.SENDING else ():
                new.mark(ID, progress, "", NOW)
            seen = Witness(tmp_path / "home").letters(BOOK)[ID]
        with closing(LetterJournal(tmp_path / "old", "monday")) as old:
            if stands:
                old.claim(BOOK, LETTER, b"content", NOW)
            for progress in (Progress.SENDING, Progress.DOT, stands) if stands not in (None, Progress.CLAIMED) else ():
                if old.progress(ID) is not stands:
                    old.mark(ID, progress, "", NOW)
            assert (seen.progress, old.progress(ID)) == (noted, stands)
            old.recall(BOOK, [seen], NOW)
            assert old.progress(ID) is taken_over
