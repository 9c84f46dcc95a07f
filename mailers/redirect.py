"""Test mode: every letter goes to one address, whoever it was meant for. Wraps any other way out."""

from dataclasses import replace
from datetime import datetime

from mailers.outbox import Outbox
from mailers.reminders import Letter, Receipt


class RedirectingOutbox:
    """Passes letters on to `outbox`, addressed to `address` alone; the subject says whom they were meant for."""

    def __init__(self, outbox: Outbox, address: str) -> None:
        self._outbox = outbox
        self._address = address

    def send(self, letter: Letter, now: datetime) -> Receipt:
        """As the outbox behind it."""
        subject = f"[test: {', '.join(letter.to)}] {letter.subject}"
        return self._outbox.send(replace(letter, to=(self._address,), subject=subject), now)

    def holds(self, message_id: str) -> bool | None:
        """As the outbox behind it."""
        return self._outbox.holds(message_id)

    def withdraw(self, message_id: str) -> bool:
        """As the outbox behind it."""
        return self._outbox.withdraw(message_id)

    def withdrawn(self, message_id: str) -> bool:
        """As the outbox behind it."""
        return self._outbox.withdrawn(message_id)
