"""Letters that the journal has released: they may leave, without a sync of their own, as long as the machine runs."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from mailers.journal import LetterJournal, Progress
from tests.contracts.test_outbox import LETTER
from tests.fakes.mail_desk import NOW, quick_folder
from tests.unit.test_letter_journal import ID, WAYS, at
from validators.errors import Refused

CLAIMED, SENDING, DOT = Progress.CLAIMED, Progress.SENDING, Progress.DOT
SENT, FAILED, UNKNOWN = Progress.SENT, Progress.FAILED, Progress.UNKNOWN
NEIGHBOUR = replace(LETTER, message_id="<kartoteka.cdef@example.pl>", invoices=("F-0009",))


@pytest.fixture
def path() -> Iterator[Path]:
    with quick_folder() as folder:
        yield folder / ".kartoteka" / "letters.sqlite"


class TestReleased:
    @pytest.fixture
    def booted(self, path: Path) -> Iterator[LetterJournal]:
        opened = LetterJournal(path, "monday")
        yield opened
        opened.close()

    def test_it_is_on_its_way_and_has_not_left_yet(self, path: Path, booted: LetterJournal) -> None:
        at(booted, CLAIMED)
        booted.release([ID])
        assert booted.progress(ID) is SENDING
        assert (booted.released(ID, b"words"), booted.released(ID, b"other words")) == (True, False)
        assert LetterJournal(path, "monday").progress(ID) is SENDING  # killed, and begun again

    @pytest.mark.parametrize("boot", ["tuesday", ""])
    def test_once_the_machine_was_started_anew_it_may_have_left(
        self, path: Path, booted: LetterJournal, boot: str
    ) -> None:
        at(booted, CLAIMED)
        at(booted, CLAIMED, replace(LETTER, message_id="<waits@x>", invoices=("F-0003",)))
        booted.release([ID])
        again = LetterJournal(path, boot)
        assert (again.progress(ID), again.progress("<waits@x>")) == (DOT, CLAIMED)
        with pytest.raises(Refused):
            again.begin("w", LETTER, b"words", NOW)

    @pytest.mark.parametrize("progress", [DOT, SENT, FAILED, UNKNOWN])
    def test_what_has_ended_is_not_released_and_what_was_released_may_end(
        self, path: Path, booted: LetterJournal, progress: Progress
    ) -> None:
        at(booted, progress)
        booted.release([ID, "<nobody@x>"])
        assert booted.progress(ID) is progress
        booted.claim("w", NEIGHBOUR, b"words", NOW)
        booted.release([NEIGHBOUR.message_id])
        for step in (WAYS[progress] or (CLAIMED,))[1:]:
            booted.mark(NEIGHBOUR.message_id, step, "", NOW)
        if progress is not DOT:
            booted.mark(NEIGHBOUR.message_id, progress, "", NOW)
        assert LetterJournal(path, "tuesday").progress(NEIGHBOUR.message_id) is progress

    def test_claimed_anew_it_waits_for_its_release(self, path: Path, booted: LetterJournal) -> None:
        at(booted, CLAIMED)
        booted.release([ID])
        booted.mark(ID, FAILED, "451 later", NOW)
        booted.claim("w", LETTER, b"words", NOW)
        assert not booted.released(ID, b"words")
        assert LetterJournal(path, "tuesday").progress(ID) is CLAIMED

    @pytest.mark.parametrize("released", [True, False])
    def test_its_dot_need_not_last_but_that_of_any_other_letter_does(
        self, booted: LetterJournal, released: bool
    ) -> None:
        booted.begin("w", LETTER, b"words", NOW)
        if released:
            booted.release([ID])
        booted.mark(ID, DOT, "", NOW)
        assert booted._file.value("PRAGMA synchronous") == (1 if released else 2)

    def test_a_machine_that_cannot_name_its_start_releases_none(self, path: Path) -> None:
        journal = LetterJournal(path)
        at(journal, CLAIMED)
        journal.release([ID])
        assert not journal.released(ID, b"words")
