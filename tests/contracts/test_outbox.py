"""What every outbox promises. An implementation's own tests say only how to open one and how to look inside."""

import email
import email.policy
import os
from abc import ABC, abstractmethod
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from mailers.folder import FolderOutbox
from mailers.memory import MemoryOutbox
from mailers.outbox import Outbox
from mailers.reminders import Letter, LetterState
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
BOTH = pytest.mark.parametrize("state", [LetterState.DRAFT, LetterState.SENT])


class OutboxContract(ABC):
    """Subclasses say how to open an outbox and what it has let go."""

    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path) -> None:
        self.folder = tmp_path / "new" / "outbox"

    @abstractmethod
    def opened(self, state: LetterState) -> Outbox: ...

    @abstractmethod
    def gone(self) -> list[bytes]: ...

    def texts(self) -> list[str]:
        messages = [email.message_from_bytes(raw, policy=email.policy.default) for raw in self.gone()]
        return [_text(m) for m in messages if isinstance(m, EmailMessage)]

    def test_a_draft_can_be_set_aside_and_brought_back(self) -> None:
        outbox = self.opened(LetterState.DRAFT)
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

    def test_what_was_sent_cannot_be_withdrawn(self) -> None:
        outbox = self.opened(LetterState.SENT)
        outbox.send(LETTER, NOW)
        assert not outbox.withdraw(LETTER.message_id)
        assert outbox.holds(LETTER.message_id)

    @BOTH
    def test_a_letter_leaves_and_is_held(self, state: LetterState) -> None:
        outbox = self.opened(state)
        assert not outbox.holds(LETTER.message_id)
        receipt = outbox.send(LETTER, NOW)
        assert (receipt.message_id, receipt.state) == (LETTER.message_id, state)
        assert outbox.holds(LETTER.message_id)
        assert self.texts() == [LETTER.text]

    @BOTH
    def test_the_same_letter_again_is_no_second_letter(self, state: LetterState) -> None:
        outbox = self.opened(state)
        outbox.send(LETTER, NOW)
        before = self.gone()
        assert outbox.send(LETTER, NOW + timedelta(days=1)).state is state
        assert self.gone() == before

    def test_a_draft_whose_words_changed_is_replaced(self) -> None:
        outbox = self.opened(LetterState.DRAFT)
        outbox.send(LETTER, NOW)
        assert outbox.send(CHANGED, NOW).state is LetterState.DRAFT
        assert self.texts() == [CHANGED.text]

    def test_a_sent_letter_is_never_replaced(self) -> None:
        outbox = self.opened(LetterState.SENT)
        outbox.send(LETTER, NOW)
        assert outbox.send(CHANGED, NOW).state is LetterState.SENT
        assert self.texts() == [LETTER.text]

    @BOTH
    def test_a_letter_without_a_usable_recipient_fails_and_is_not_held(self, state: LetterState) -> None:
        outbox = self.opened(state)
        receipt = outbox.send(replace(LETTER, to=("a@b.pl, c@d.pl",)), NOW)
        assert receipt.state is LetterState.FAILED
        assert "a@b.pl, c@d.pl" in receipt.detail
        assert not outbox.holds(LETTER.message_id)

    def test_letters_are_kept_apart(self) -> None:
        outbox = self.opened(LetterState.SENT)
        outbox.send(LETTER, NOW)
        outbox.send(replace(CHANGED, message_id="<kartoteka.4567@example.pl>"), NOW)
        assert sorted(self.texts()) == sorted([LETTER.text, CHANGED.text])


class TestMemoryOutbox(OutboxContract):
    def opened(self, state: LetterState) -> Outbox:
        self.outbox = MemoryOutbox(state)
        return self.outbox

    def gone(self) -> list[bytes]:
        return list(self.outbox.messages.values())


class TestFolderOutbox(OutboxContract):
    def opened(self, state: LetterState) -> Outbox:
        return FolderOutbox(self.folder, state)

    def gone(self) -> list[bytes]:
        return [path.read_bytes() for path in sorted(self.folder.glob("*.eml"))]

    def test_the_file_bears_the_message_id(self) -> None:
        self.opened(LetterState.DRAFT).send(LETTER, NOW)
        assert [p.name for p in self.folder.iterdir()] == ["kartoteka.0123@example.pl.eml"]

    def test_no_message_id_leads_out_of_the_folder(self) -> None:
        outbox = self.opened(LetterState.DRAFT)
        for message_id in ("<../../a@b>", "<..>", "</etc/x@y>", "<a\x00b@c>", "<" + "ż" * 300 + "@x>", "<>"):
            outbox.send(replace(LETTER, message_id=message_id), NOW)
            assert outbox.holds(message_id)
        assert len(list(self.folder.iterdir())) == 6
        assert list(self.folder.parent.iterdir()) == [self.folder]

    def test_the_same_draft_is_not_even_touched(self) -> None:
        outbox = self.opened(LetterState.DRAFT)
        outbox.send(LETTER, NOW)
        (path,) = self.folder.iterdir()
        os.utime(path, (1, 1))
        outbox.send(LETTER, NOW + timedelta(days=1))
        assert path.stat().st_mtime == 1

    def test_a_draft_is_not_taken_for_a_sent_letter_and_gives_way_to_it(self) -> None:
        self.opened(LetterState.DRAFT).send(LETTER, NOW)
        live = self.opened(LetterState.SENT)
        assert not live.holds(LETTER.message_id)
        live.send(CHANGED, NOW)
        assert live.holds(LETTER.message_id)
        assert self.texts() == [CHANGED.text]

    def test_a_sent_letter_does_not_become_a_draft(self) -> None:
        self.opened(LetterState.SENT).send(LETTER, NOW)
        self.opened(LetterState.DRAFT).send(CHANGED, NOW)
        assert self.texts() == [LETTER.text]
        assert self.opened(LetterState.SENT).holds(LETTER.message_id)

    def test_a_damaged_draft_is_written_anew(self) -> None:
        outbox = self.opened(LetterState.DRAFT)
        outbox.send(LETTER, NOW)
        (path,) = self.folder.iterdir()
        path.write_bytes(b"X-Unsent: 1\r\nDate: gestern\r\n\r\n")
        outbox.send(LETTER, NOW)
        assert self.texts() == [LETTER.text]

    def test_a_file_in_the_folders_place_is_out_of_reach_with_advice(self) -> None:
        self.folder.parent.mkdir()
        self.folder.write_text("not a folder")
        with pytest.raises(OutOfReach) as caught:
            self.opened(LetterState.DRAFT).send(LETTER, NOW)
        assert "move it" in caught.value.advice

    def test_a_folder_that_cannot_be_made_is_out_of_reach_with_advice(self) -> None:
        with pytest.raises(OutOfReach) as caught:
            FolderOutbox(Path("/dev/full/outbox")).send(LETTER, NOW)
        assert caught.value.advice


def _text(message: EmailMessage) -> str:
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")
