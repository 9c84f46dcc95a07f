"""The words of letters go after their time, in every mode and from everything in the state folder; what became of a
letter does not."""

import os
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mailers.forgetting import forget
from mailers.journal import LetterJournal, Progress
from tests.contracts.test_outbox import LETTER
from tests.fakes.mail_desk import quick_folder
from tests.unit.test_letter_journal import ID, RIVAL, WAYS
from validators.errors import Refused

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
KEPT = timedelta(days=30)
SECRET = b"Szanowna Pani Kanarkowa, " + b"prosimy o wplate. " * 500  # more than one page of the file
BEGINS = SECRET[:23]


@pytest.fixture
def path() -> Iterator[Path]:
    with quick_folder() as folder:
        yield folder / ".kartoteka" / "letters.sqlite"


def stands(path: Path, progress: Progress) -> None:
    """A journal in which a letter came so far."""
    journal = LetterJournal(path)
    journal.claim(LETTER.workbook, LETTER, SECRET, NOW)
    for step in WAYS[progress]:
        journal.mark(ID, step, "250 OK", NOW)
    journal.close()


def everything(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("progress", Progress)
def test_the_words_of_a_letter_go_after_their_time_and_nothing_else(path: Path, progress: Progress) -> None:
    """Wherever it stands, in doubt or never sent; also from the file: nobody finds them among what was deleted."""
    stands(path, progress)
    forget(path, KEPT, NOW + timedelta(days=29))
    assert BEGINS in everything(path.parent)
    forget(path, KEPT, NOW + timedelta(days=31))
    assert BEGINS not in everything(path.parent)
    journal = LetterJournal(path)
    assert (journal.progress(ID), journal.known(), journal.content(ID)) == (progress, {ID}, None)
    may_have_left = progress in (Progress.DOT, Progress.SENT, Progress.UNKNOWN)
    with pytest.raises(Refused) if may_have_left else nullcontext():
        journal.begin(LETTER.workbook, RIVAL, b"", NOW)
    journal.close()


def test_a_letter_without_its_words_goes_with_new_ones(path: Path) -> None:
    stands(path, Progress.SENDING)
    forget(path, KEPT, NOW + timedelta(days=31))
    journal = LetterJournal(path)
    journal.begin(LETTER.workbook, LETTER, b"anew", NOW + timedelta(days=31))
    assert journal.content(ID) == b"anew"
    journal.close()


def test_words_that_gave_way_to_newer_ones_are_in_the_file_no_more(path: Path) -> None:
    stands(path, Progress.CLAIMED)
    journal = LetterJournal(path)
    journal.claim(LETTER.workbook, LETTER, b"newer", NOW)
    journal.close()
    assert BEGINS not in everything(path.parent)


def test_copies_of_a_journal_go_as_well(path: Path) -> None:
    """Those of before it was brought up to date, half of one that a kill left, and those that were damaged."""
    stands(path, Progress.SENT)
    names = (
        "letters.sqlite.v1",
        "letters.sqlite.v2.new",
        "letters.damaged",
        "letters.damaged.2",
        "letters.damaged-wal",
    )
    others = ("letters.txt", "letters-test.damaged", "letters-test.sqlite.v1")
    for name in (*names, *others):
        copy = path.with_name(name)
        copy.write_bytes(SECRET)
        os.utime(copy, (NOW.timestamp(), NOW.timestamp()))
    forget(path, KEPT, NOW + timedelta(days=29))
    assert {found.name for found in path.parent.iterdir()} == {"letters.sqlite", *names, *others}
    forget(path, KEPT, NOW + timedelta(days=31))
    assert {found.name for found in path.parent.iterdir()} == {"letters.sqlite", *others}


def test_a_journal_that_is_not_there_is_not_made(path: Path) -> None:
    path.parent.mkdir()
    forget(path, KEPT, NOW)
    assert list(path.parent.iterdir()) == []


def test_a_damaged_one_stops_nobody_and_the_log_says_so(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path.parent.mkdir()
    path.write_bytes(b"\0garbage" * 1000)
    forget(path, KEPT, NOW)
    assert "The words of old letters stay: The journal of letters" in caplog.text
