"""What every outbox promises. An implementation's own tests say only how to open one and how to look inside."""

import email
import email.policy
import os
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from mailers.folder import FolderOutbox
from mailers.memory import MemoryOutbox
from mailers.outbox import Outbox
from mailers.reminders import Letter, LetterState
from tests.fakes.gmail_api import FakeGmail
from tests.fakes.gmail_desk import access_to, gmail_desks
from tests.fakes.mail_desk import desks, place_of
from tests.fakes.mail_server import MailServer
from validators.errors import OutOfReach

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
LETTER = Letter(
    client="K-0001",
    to=("anna@example.com",),
    sender="Biuro Żuraw <biuro@example.pl>",
    reply_to="",
    subject="Przypomnienie o płatności",
    text="Do zapłaty: 1 234,56 zł\n",
    html="<p>Do zapłaty: 1 234,56 zł</p>\n",
    message_id="<kartoteka.0123@example.pl>",
    step="+7",
    language="pl",
    invoices=("F-0001",),
)
CHANGED = replace(LETTER, text="Do zapłaty: 500,00 zł\n")
OTHER = replace(CHANGED, message_id="<kartoteka.4567@example.pl>", invoices=("F-0002",))


class OutboxContract(ABC):
    """What is true of every outbox, whatever a success means in it (`state`). Subclasses say how to open one, and what
    it has let go; one that was opened before is opened again."""

    state: LetterState

    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path) -> None:
        self.folder = tmp_path / "new" / "outbox"

    @abstractmethod
    def opened(self) -> Outbox: ...

    @abstractmethod
    def gone(self) -> list[bytes]: ...

    def texts(self) -> list[str]:
        messages = [email.message_from_bytes(raw, policy=email.policy.default) for raw in self.gone()]
        return [_text(m) for m in messages if isinstance(m, EmailMessage)]

    def test_a_letter_leaves_and_is_held(self) -> None:
        outbox = self.opened()
        assert not outbox.holds(LETTER.message_id)
        receipt = outbox.send(LETTER, NOW)
        assert (receipt.message_id, receipt.state) == (LETTER.message_id, self.state)
        assert outbox.holds(LETTER.message_id)
        assert self.texts() == [LETTER.text]

    def test_the_same_letter_again_is_no_second_letter(self) -> None:
        outbox = self.opened()
        outbox.send(LETTER, NOW)
        before = self.gone()
        assert outbox.send(LETTER, NOW + timedelta(days=1)).state is self.state
        assert self.gone() == before

    def test_a_letter_without_a_usable_recipient_fails_and_is_not_held(self) -> None:
        outbox = self.opened()
        receipt = outbox.send(replace(LETTER, to=("a@b.pl, c@d.pl",)), NOW)
        assert receipt.state is LetterState.FAILED
        assert "a@b.pl, c@d.pl" in receipt.detail
        assert not outbox.holds(LETTER.message_id)

    def test_after_a_farewell_it_goes_on_where_it_was(self) -> None:
        outbox = self.opened()
        outbox.close()
        outbox.send(LETTER, NOW)
        for _ in range(2):
            outbox.close()
        assert outbox.holds(LETTER.message_id)
        assert outbox.send(LETTER, NOW).state is self.state
        assert outbox.send(OTHER, NOW).state is self.state
        assert sorted(self.texts()) == sorted([LETTER.text, OTHER.text])
        outbox.close()

    def test_letters_are_kept_apart(self) -> None:
        outbox = self.opened()
        outbox.send(LETTER, NOW)
        outbox.send(OTHER, NOW)
        assert sorted(self.texts()) == sorted([LETTER.text, OTHER.text])


class SendingContract(OutboxContract):
    """What is true where a success means that the letter is sent."""

    state = LetterState.SENT

    def test_what_was_sent_cannot_be_withdrawn(self) -> None:
        outbox = self.opened()
        outbox.send(LETTER, NOW)
        assert not outbox.withdraw(LETTER.message_id)
        assert not outbox.withdrawn(LETTER.message_id)
        assert outbox.holds(LETTER.message_id)

    def test_a_sent_letter_is_never_replaced(self) -> None:
        outbox = self.opened()
        outbox.send(LETTER, NOW)
        assert outbox.send(CHANGED, NOW).state is LetterState.SENT
        assert self.texts() == [LETTER.text]


class DraftingContract(OutboxContract):
    """What is true where a success is a draft."""

    state = LetterState.DRAFT

    def test_a_draft_can_be_set_aside_and_brought_back(self) -> None:
        outbox = self.opened()
        assert not outbox.withdraw(LETTER.message_id)
        outbox.send(LETTER, NOW)
        assert outbox.withdraw(LETTER.message_id)
        assert outbox.withdrawn(LETTER.message_id)
        assert not outbox.holds(LETTER.message_id)
        assert not self.gone()
        outbox.send(LETTER, NOW)
        assert outbox.holds(LETTER.message_id)
        assert not outbox.withdrawn(LETTER.message_id)
        assert len(self.gone()) == 1

    def test_a_draft_whose_words_changed_is_replaced(self) -> None:
        outbox = self.opened()
        outbox.send(LETTER, NOW)
        assert outbox.send(CHANGED, NOW).state is LetterState.DRAFT
        assert self.texts() == [CHANGED.text]


class _InMemory(OutboxContract):
    def opened(self) -> Outbox:
        self.outbox = MemoryOutbox(self.state)
        return self.outbox

    def gone(self) -> list[bytes]:
        return list(self.outbox.messages.values())


class TestMemoryDrafts(_InMemory, DraftingContract):
    pass


class TestMemoryOutbox(_InMemory, SendingContract):
    pass


class _InFolder(OutboxContract):
    def opened(self) -> Outbox:
        return FolderOutbox(self.folder, self.state)

    def gone(self) -> list[bytes]:
        return [path.read_bytes() for path in sorted(self.folder.glob("*.eml"))]


class TestSmtpOutbox(SendingContract):
    @pytest.fixture(autouse=True)
    def _server(self) -> Iterator[None]:
        with MailServer() as self.server, desks() as self.open_desk:
            yield

    def opened(self) -> Outbox:
        return self.open_desk(place_of(self.server)).outbox

    def gone(self) -> list[bytes]:
        return [taken.content for taken in self.server.taken]


class TestGmailOutbox(SendingContract):
    @pytest.fixture(autouse=True)
    def _server(self) -> Iterator[None]:
        with FakeGmail() as self.server, gmail_desks() as self.open_desk:
            yield

    def opened(self) -> Outbox:
        return self.open_desk(access_to(self.server)).outbox

    def gone(self) -> list[bytes]:
        return self.server.box.sent


class TestFolderOutbox(_InFolder, SendingContract):
    def test_a_draft_is_not_taken_for_a_sent_letter_and_gives_way_to_it(self) -> None:
        FolderOutbox(self.folder).send(LETTER, NOW)
        live = self.opened()
        assert not live.holds(LETTER.message_id)
        live.send(CHANGED, NOW)
        assert live.holds(LETTER.message_id)
        assert self.texts() == [CHANGED.text]

    def test_a_sent_letter_does_not_become_a_draft(self) -> None:
        self.opened().send(LETTER, NOW)
        FolderOutbox(self.folder).send(CHANGED, NOW)
        assert self.texts() == [LETTER.text]
        assert self.opened().holds(LETTER.message_id)


class TestFolderDrafts(_InFolder, DraftingContract):
    def test_the_file_bears_the_message_id(self) -> None:
        self.opened().send(LETTER, NOW)
        assert [p.name for p in self.folder.iterdir()] == ["kartoteka.0123@example.pl.eml"]

    def test_no_message_id_leads_out_of_the_folder(self) -> None:
        outbox = self.opened()
        for message_id in ("<../../a@b>", "<..>", "</etc/x@y>", "<a\x00b@c>", "<" + "ż" * 300 + "@x>", "<>"):
            outbox.send(replace(LETTER, message_id=message_id), NOW)
            assert outbox.holds(message_id)
        assert len(list(self.folder.iterdir())) == 6
        assert list(self.folder.parent.iterdir()) == [self.folder]

    def test_the_same_draft_is_not_even_touched(self) -> None:
        outbox = self.opened()
        outbox.send(LETTER, NOW)
        (path,) = self.folder.iterdir()
        os.utime(path, (1, 1))
        outbox.send(LETTER, NOW + timedelta(days=1))
        assert path.stat().st_mtime == 1

    def test_a_damaged_draft_is_written_anew(self) -> None:
        outbox = self.opened()
        outbox.send(LETTER, NOW)
        (path,) = self.folder.iterdir()
        path.write_bytes(b"X-Unsent: 1\r\nDate: gestern\r\n\r\n")
        outbox.send(LETTER, NOW)
        assert self.texts() == [LETTER.text]

    def test_a_file_in_the_folders_place_is_out_of_reach_with_advice(self) -> None:
        self.folder.parent.mkdir()
        self.folder.write_text("not a folder")
        with pytest.raises(OutOfReach) as caught:
            self.opened().send(LETTER, NOW)
        assert "move it" in caught.value.advice

    def test_a_folder_that_cannot_be_made_is_out_of_reach_with_advice(self) -> None:
        with pytest.raises(OutOfReach) as caught:
            FolderOutbox(Path("/dev/full/outbox")).send(LETTER, NOW)
        assert caught.value.advice


def _text(message: EmailMessage) -> str:
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")
