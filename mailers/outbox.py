"""The port of every way out. One contract test class runs on all of them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from mailers.reminders import Letter, Receipt
from mailers.witness import Witnessed


class Outbox(Protocol):
    """A way out for letters."""

    def claim(self, letters: Sequence[Letter], now: datetime) -> None:
        """Remember letters that the workbook is about to claim, before it does: what comes later is then known.

        Raises:
            OutOfReach: nothing can be remembered.
        """
        ...

    def send(self, letter: Letter, now: datetime) -> Receipt:
        """Let one letter leave, dated `now` (aware). The same `message_id` again does not make a second letter.

        Raises:
            OutOfReach: nothing can leave at all (folder not writable, server out of reach).
        """
        ...

    def holds(self, message_id: str) -> bool | None:
        """Whether the letter has left: True, False, or None when this way out cannot tell."""
        ...

    def is_behind(self, letters: Mapping[str, bool]) -> bool:
        """Whether what is remembered here is lost or older than the workbook, whose history tells of `letters`: by
        Message-ID, whether they are this machine's."""
        ...

    def close(self) -> None:
        """Say good-bye to whoever takes the letters, and close what is open here. The same outbox may send again."""
        ...

    def settle(self, message_id: str, *, sent: bool, now: datetime) -> None:
        """A person says what became of a letter in doubt: it was sent, or it shall go again.

        Raises:
            OutOfReach: nothing can be remembered.
        """
        ...

    def returned(self, message_id: str, now: datetime) -> None:
        """A letter that had left came back: another one may go in its place.

        Raises:
            OutOfReach: nothing can be remembered.
        """
        ...

    def recall(self, workbook: str, letters: Iterable[Witnessed], now: datetime) -> None:
        """What the witness tells of letters counts where it says more than is remembered here.

        Raises:
            OutOfReach: nothing can be remembered.
        """
        ...

    def withdraw(self, message_id: str) -> bool:
        """Set aside a draft that may not go now. False when there is none here: what has left stays."""
        ...

    def withdrawn(self, message_id: str) -> bool:
        """Whether the letter was set aside; sending it again brings it back."""
        ...
