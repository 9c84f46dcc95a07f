"""An SMTP outbox with its journal and the clock that it waits by, for tests against tests/fakes/mail_server.py."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from mailers.journal import LetterJournal
from mailers.reminders import Letter, LetterState
from mailers.smtp import SmtpOutbox, SmtpServer
from tests.fakes.clocks import VirtualClock
from tests.fakes.mail_server import MailServer

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


@dataclass
class Desk:
    """Someone who sends letters and sees what becomes of them."""

    outbox: SmtpOutbox
    journal: LetterJournal
    clock: VirtualClock

    @classmethod
    def at(cls, place: SmtpServer, journal: LetterJournal) -> "Desk":
        clock = VirtualClock()
        return cls(SmtpOutbox(place, lambda: journal, clock.sleep, clock), journal, clock)

    def send(self, letter: Letter) -> tuple[LetterState, str]:
        receipt = self.outbox.send(letter, NOW)
        assert receipt.message_id == letter.message_id
        return receipt.state, receipt.detail

    def close(self) -> None:
        self.outbox.close()


def place_of(server: MailServer) -> SmtpServer:
    """Where `server` is, without security, with times for a test."""
    return SmtpServer("127.0.0.1", server.port, "none", timeout=5, last_answer=5)


@contextmanager
def quick_folder() -> Iterator[Path]:
    """A folder in memory where there is one: a journal waits for the disk at each write, tests need not."""
    memory = Path("/dev/shm")
    with TemporaryDirectory(dir=memory if memory.is_dir() else None) as name:
        yield Path(name)


@contextmanager
def desks() -> Iterator[Callable[[SmtpServer], Desk]]:
    """Opens outboxes that share one journal, on a machine that stays up, and closes them all."""
    opened = list[Desk]()
    with quick_folder() as folder:

        def opener(place: SmtpServer) -> Desk:
            opens = partial(LetterJournal, folder / "letters.sqlite", "this boot")
            clock = VirtualClock()
            opened.append(Desk(SmtpOutbox(place, opens, clock.sleep, clock), opens(), clock))
            return opened[-1]

        yield opener
        for desk in opened:
            desk.close()
            desk.journal.close()
