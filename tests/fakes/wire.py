"""A way out behind a wire that tests can pull, and a process that is killed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from mailers.outbox import Outbox
from mailers.reminders import Letter, Receipt


class Killed(BaseException):
    """The process ends here, as by kill -9: nobody catches it."""


@dataclass
class Wire:
    """A folder outbox behind a wire: `before` and `after` see every letter's number and may raise."""

    inner: Outbox
    before: Callable[[int, Letter], None] = lambda _, __: None
    after: Callable[[int, Letter], None] = lambda _, __: None
    tried: list[str] = field(default_factory=list)
    known: bool = True

    def send(self, letter: Letter, now: datetime) -> Receipt:
        self.tried.append(letter.message_id)
        self.before(len(self.tried), letter)
        receipt = self.inner.send(letter, now)
        self.after(len(self.tried), letter)
        return receipt

    def claim(self, letters: Sequence[Letter], now: datetime) -> None:
        self.inner.claim(letters, now)

    def is_behind(self, letters: Mapping[str, bool]) -> bool:
        return self.inner.is_behind(letters)

    def settle(self, message_id: str, *, sent: bool, now: datetime) -> None:
        self.inner.settle(message_id, sent=sent, now=now)

    def close(self) -> None:
        self.inner.close()

    def returned(self, message_id: str, now: datetime) -> None:
        self.inner.returned(message_id, now)

    def withdrawn(self, message_id: str) -> bool:
        return self.inner.withdrawn(message_id)

    def holds(self, message_id: str) -> bool | None:
        return self.inner.holds(message_id) if self.known else None

    def withdraw(self, message_id: str) -> bool:
        return self.inner.withdraw(message_id)
