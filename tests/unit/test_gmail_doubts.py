"""What runs that were cut short leave behind by Gmail: drafts tell what became of letters, and are tidied away."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from mailers import journal_file
from mailers.gmail import GmailAccess
from mailers.journal import LetterJournal, Progress
from mailers.journalled import REST
from mailers.mime import to_bytes
from mailers.reminders import LetterState
from tests.contracts.test_outbox import LETTER
from tests.fakes.gmail_api import FakeGmail, Step, fails, kindly
from tests.fakes.gmail_desk import NOW, GmailDesk, access_to, gmail_desks
from tests.fakes.google_answers import disabled

ID = LETTER.message_id
RIVAL = replace(LETTER, message_id="<kartoteka.89ab@example.pl>", invoices=("F-0001", "F-0002"))
SENT, FAILED, UNKNOWN = LetterState.SENT, LetterState.FAILED, LetterState.UNKNOWN
Opener = Callable[[GmailAccess], GmailDesk]


@pytest.fixture
def gmail() -> Iterator[FakeGmail]:
    with FakeGmail() as server:
        yield server


@pytest.fixture
def opened() -> Iterator[Opener]:
    with gmail_desks() as opener:
        yield opener


@pytest.fixture
def desk(gmail: FakeGmail, opened: Opener) -> GmailDesk:
    return opened(access_to(gmail))


def left_at_dot(desk: GmailDesk, gmail: FakeGmail) -> None:
    """A run that was killed between the dot and the sending."""
    desk.journal.begin(LETTER.workbook, LETTER, to_bytes(LETTER, NOW), NOW)
    desk.journal.keep_draft(ID, f"{desk.drafts.create(to_bytes(LETTER, NOW))} {access_to(gmail).sender}")
    desk.journal.mark(ID, Progress.DOT, "", NOW)


class TestDoubts:
    def test_a_draft_that_is_still_there_has_not_left_and_goes_anew(self, gmail: FakeGmail, desk: GmailDesk) -> None:
        left_at_dot(desk, gmail)
        assert desk.outbox.holds(ID) is False
        assert desk.send(replace(LETTER, text="Do zapłaty: 500,00 zł\n"))[0] is SENT
        assert (gmail.box.drafts, len(gmail.box.sent)) == ({}, 1)
        assert b"500,00" in gmail.box.sent[0]

    def test_one_that_is_gone_has_left(self, gmail: FakeGmail, desk: GmailDesk) -> None:
        left_at_dot(desk, gmail)
        desk.drafts.send(next(iter(gmail.box.drafts)))
        assert desk.outbox.holds(ID) is True
        assert desk.send(LETTER) == (SENT, "its draft is gone: Gmail has sent it")
        assert len(gmail.box.sent) == 1

    def test_in_another_mailbox_nobody_can_tell(self, gmail: FakeGmail, desk: GmailDesk, opened: Opener) -> None:
        left_at_dot(desk, gmail)
        other = opened(replace(access_to(gmail), sender="inne@example.pl"))
        assert other.outbox.holds(ID) is None
        assert other.send(LETTER)[0] is UNKNOWN

    def test_without_a_draft_nobody_can_tell(self, desk: GmailDesk) -> None:
        desk.journal.begin(LETTER.workbook, LETTER, b"by a mail server", NOW)
        desk.journal.mark(ID, Progress.DOT, "", NOW)
        assert desk.outbox.holds(ID) is None
        assert desk.send(LETTER)[0] is UNKNOWN

    def test_a_draft_whose_id_was_not_kept_is_swept_away(self, gmail: FakeGmail, desk: GmailDesk) -> None:
        desk.journal.begin(LETTER.workbook, LETTER, b"", NOW)
        desk.drafts.create(to_bytes(LETTER, NOW))
        assert (desk.outbox.holds(ID), gmail.heard) == (False, ["create"])
        desk.outbox.claim([], NOW)
        assert not gmail.box.drafts
        desk.outbox.claim([], NOW)
        assert (desk.outbox.holds(ID), gmail.heard) == (False, ["create", "list", "delete"])

    def test_drafts_of_letters_that_do_not_go_any_more_are_tidied_away(self, gmail: FakeGmail, desk: GmailDesk) -> None:
        left_at_dot(desk, gmail)
        desk.outbox.claim([], NOW)
        assert (gmail.box.drafts, desk.journal.progress(ID)) == ({}, Progress.FAILED)

    def test_another_letter_for_the_invoice_goes_once_the_first_cannot(self, gmail: FakeGmail, desk: GmailDesk) -> None:
        left_at_dot(desk, gmail)
        desk.outbox.claim([RIVAL], NOW)
        assert desk.send(RIVAL)[0] is SENT
        assert not gmail.box.drafts
        assert [sent.partition(b"\r\n")[2] for sent in gmail.box.sent] == [to_bytes(RIVAL, NOW)]

    def test_nor_when_it_leaves_while_its_draft_is_taken_back(self, gmail: FakeGmail, desk: GmailDesk) -> None:
        def sent(step: Step) -> None:
            if step.kind == "delete":
                gmail.box.sent.append(gmail.box.drafts.popitem()[1])

        left_at_dot(desk, gmail)
        gmail.fate = sent
        desk.outbox.claim([RIVAL], NOW)
        assert desk.send(RIVAL)[0] is FAILED
        assert (desk.outbox.holds(ID), len(gmail.box.sent)) == (True, 1)

    def test_and_not_at_all_when_the_first_has_left(self, gmail: FakeGmail, desk: GmailDesk) -> None:
        left_at_dot(desk, gmail)
        desk.drafts.send(next(iter(gmail.box.drafts)))
        desk.outbox.claim([RIVAL], NOW)
        state, detail = desk.send(RIVAL)
        assert (state, "may have left already" in detail) == (FAILED, True)
        assert len(gmail.box.sent) == 1

    def test_a_journal_from_before_gmail_is_brought_up_to_date(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = tmp_path / "letters.sqlite"
        with monkeypatch.context() as before:
            before.setattr(journal_file, "MIGRATIONS", journal_file.MIGRATIONS[:1])
            journal_file.JournalFile(path).close()
        with closing(LetterJournal(path)) as journal:
            assert (journal.draft(ID), journal.begun()) == ("", [])

    @pytest.mark.parametrize("sent", [True, False])
    def test_the_draft_tells_of_a_letter_that_was_told_to_be_in_doubt(
        self, gmail: FakeGmail, desk: GmailDesk, sent: bool
    ) -> None:
        left_at_dot(desk, gmail)
        if sent:
            desk.drafts.send(next(iter(gmail.box.drafts)))
        gmail.fate = fails("get", disabled("gmail", "Gmail"))
        assert desk.outbox.found(ID) is None
        desk.clock.sleep(REST)
        gmail.fate = kindly
        assert desk.outbox.found(ID) is sent
        assert desk.outbox.found("<unknown@here>") is None

    @pytest.mark.parametrize("sent", [True, False])
    def test_a_person_settles_it(self, gmail: FakeGmail, desk: GmailDesk, sent: bool) -> None:
        left_at_dot(desk, gmail)
        desk.outbox.settle(ID, sent=sent, now=NOW)
        assert desk.outbox.holds(ID) is sent
        assert desk.send(LETTER)[0] is SENT
        assert len(gmail.box.sent) == (0 if sent else 1)
