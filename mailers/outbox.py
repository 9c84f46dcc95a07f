"""The port of every way out. One contract test class runs on all of them."""

from datetime import datetime
from typing import Protocol

from mailers.reminders import Letter, Receipt


class Outbox(Protocol):
    """A way out for letters."""

    def send(self, letter: Letter, now: datetime) -> Receipt:
        """Let one letter leave, dated `now` (aware). The same `message_id` again does not make a second letter.

        Raises:
            OutOfReach: nothing can leave at all (folder not writable, server out of reach).
        """
        ...

    def holds(self, message_id: str) -> bool | None:
        """Whether the letter has left: True, False, or None when this way out cannot tell."""
        ...

    def withdraw(self, message_id: str) -> bool:
        """Set aside a draft that may not go now. False when there is none here: what has left stays."""
        ...

    def withdrawn(self, message_id: str) -> bool:
        """Whether the letter was set aside; sending it again brings it back."""
        ...
