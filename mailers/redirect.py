"""Test mode: every letter goes to one address, whoever it was meant for. Wraps any other way out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from mailers.outbox import Outbox
from mailers.reminders import Letter, Receipt
from mailers.witness import Witnessed


class RedirectingOutbox:
    """Passes letters on to `outbox`, addressed to `address` alone; the subject says whom they were meant for."""

    def __init__(self, outbox: Outbox, address: str) -> None:
        self._outbox = outbox
        self._address = address

    def send(self, letter: Letter, now: datetime) -> Receipt:
        """As the outbox behind it."""
        return self._outbox.send(self._redirected(letter), now)

    def claim(self, letters: Sequence[Letter], now: datetime) -> None:
        """As the outbox behind it."""
        self._outbox.claim([self._redirected(letter) for letter in letters], now)

    def is_behind(self, letters: Mapping[str, bool]) -> bool:
        """As the outbox behind it."""
        return self._outbox.is_behind(letters)

    def close(self) -> None:
        """As the outbox behind it."""
        self._outbox.close()

    def settle(self, message_id: str, *, sent: bool, now: datetime) -> None:
        """As the outbox behind it."""
        self._outbox.settle(message_id, sent=sent, now=now)

    def returned(self, message_id: str, now: datetime) -> None:
        """As the outbox behind it."""
        self._outbox.returned(message_id, now)

    def recall(self, workbook: str, letters: Iterable[Witnessed], now: datetime) -> None:
        """As the outbox behind it."""
        self._outbox.recall(workbook, letters, now)

    def holds(self, message_id: str) -> bool | None:
        """As the outbox behind it."""
        return self._outbox.holds(message_id)

    def withdraw(self, message_id: str) -> bool:
        """As the outbox behind it."""
        return self._outbox.withdraw(message_id)

    def withdrawn(self, message_id: str) -> bool:
        """As the outbox behind it."""
        return self._outbox.withdrawn(message_id)

    def _redirected(self, letter: Letter) -> Letter:
        subject = f"[test: {', '.join(letter.to)}] {letter.subject}"
        return replace(letter, to=(self._address,), subject=subject)
