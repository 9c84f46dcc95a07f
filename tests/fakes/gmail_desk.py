"""A Gmail outbox with its journal and the clock that it waits by, for tests against tests/fakes/gmail_api.py."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from mailers.gmail import GmailAccess, GmailOutbox
from mailers.gmail_drafts import Drafts
from mailers.journal import LetterJournal
from mailers.reminders import Letter, LetterState
from tests.fakes.gmail_api import SENDER, FakeGmail
from tests.fakes.mail_desk import quick_folder
from tests.fakes.waiting import Waits, Widest

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


@dataclass
class GmailDesk:
    """Someone who sends letters by Gmail and sees what becomes of them."""

    outbox: GmailOutbox
    drafts: Drafts
    journal: LetterJournal
    clock: Waits

    @classmethod
    def at(cls, access: GmailAccess, journal: LetterJournal, path: Path) -> "GmailDesk":
        clock = Waits()
        drafts = Drafts(access, clock.sleep, clock, chance=Widest(1), timeouts=(5, 5))
        return cls(
            GmailOutbox(access, lambda: LetterJournal(path), clock.sleep, clock, drafts=drafts), drafts, journal, clock
        )

    def send(self, letter: Letter) -> tuple[LetterState, str]:
        receipt = self.outbox.send(letter, NOW)
        assert receipt.message_id == letter.message_id
        return receipt.state, receipt.detail


def access_to(server: FakeGmail) -> GmailAccess:
    """How to get into the first mailbox of `server`: it asks for no key."""
    return GmailAccess(SENDER, None, server.url)


@contextmanager
def gmail_desks() -> Iterator[Callable[[GmailAccess], GmailDesk]]:
    """Opens outboxes that share one journal, and closes them all."""
    opened = list[GmailDesk]()
    with quick_folder() as folder, closing(LetterJournal(folder / "letters.sqlite")) as journal:

        def opener(access: GmailAccess) -> GmailDesk:
            opened.append(GmailDesk.at(access, journal, folder / "letters.sqlite"))
            return opened[-1]

        yield opener
        for desk in opened:
            desk.outbox.close()
