"""An outbox that keeps its letters in memory, for tests and dry runs. It keeps the same promises as the others."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from mailers.mime import to_bytes
from mailers.reminders import Letter, LetterState, Receipt
from mailers.witness import Witnessed


class MemoryOutbox:
    """Keeps letters by their Message-ID. `state` is what a success means, as in FolderOutbox."""

    def __init__(self, state: LetterState = LetterState.DRAFT) -> None:
        self.letters: dict[str, Letter] = {}
        self.messages: dict[str, bytes] = {}
        self._aside: set[str] = set()
        self._state = state

    def send(self, letter: Letter, now: datetime) -> Receipt:
        """Keep the letter, dated `now`. FAILED when it has no usable recipient or sender."""
        try:
            message = to_bytes(letter, now)
        except ValueError as error:
            return Receipt(letter.message_id, LetterState.FAILED, str(error))
        known = self.letters.get(letter.message_id)
        if known is None or (self._state is LetterState.DRAFT and known != letter):
            self.letters[letter.message_id] = letter
            self.messages[letter.message_id] = message
            self._aside.discard(letter.message_id)
        return Receipt(letter.message_id, self._state, "in memory")

    def claim(self, letters: Sequence[Letter], now: datetime) -> None:
        """Nothing: a letter is here or not."""

    def is_behind(self, letters: Mapping[str, bool]) -> bool:  # noqa: ARG002
        """Never: nothing is remembered beside the letters themselves."""
        return False

    def close(self) -> None:
        """Nothing: nothing stays open."""

    def settle(self, message_id: str, *, sent: bool, now: datetime) -> None:
        """Nothing: a letter is here or not."""

    def returned(self, message_id: str, now: datetime) -> None:
        """Nothing: the letter that goes in its place has a name of its own."""

    def recall(self, workbook: str, letters: Iterable[Witnessed], now: datetime) -> None:
        """Nothing: a letter is here or not."""

    def holds(self, message_id: str) -> bool:
        """Whether the letter is here."""
        return message_id in self.letters

    def withdraw(self, message_id: str) -> bool:
        """Take a draft away; a sent letter stays."""
        if self._state is not LetterState.DRAFT or message_id not in self.letters:
            return False
        del self.letters[message_id], self.messages[message_id]
        self._aside.add(message_id)
        return True

    def withdrawn(self, message_id: str) -> bool:
        """Whether the letter was taken away."""
        return message_id in self._aside
