"""What outboxes with a journal share: claims, what people say of letters, turns and rests. Nothing is sent here."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime

from mailers.journal import MAY_HAVE_LEFT, LetterJournal, Progress
from mailers.mime import to_bytes
from mailers.reminders import Letter, LetterState, Receipt
from mailers.witness import Witnessed
from validators.errors import OutOfReach, Refused

REST = 60.0  # seconds in which a server that was out of reach is not asked again: many wrong passwords lock an account


class JournalledOutbox(ABC):
    """An outbox whose journal tells at any moment, even after a kill, what is true of each letter."""

    def __init__(
        self,
        journal: Callable[[], LetterJournal],
        sleep: Callable[[float], None],
        clock: Callable[[], float],
        per_minute: int = 0,
    ) -> None:
        """`journal` opens it, when it is first asked; `clock` tells seconds that never go back; `per_minute` is how
        many letters may begin in one, 0 for any."""
        self._open_journal = journal
        self._opened_journal: LetterJournal | None = None
        self._worded: dict[str, tuple[Letter, bytes]] = {}
        self._sleep, self._clock, self._per_minute = sleep, clock, per_minute
        self._next = clock()
        self._refused: tuple[float, OutOfReach] | None = None

    @abstractmethod
    def examine(self) -> str:
        """By which server letters go, and as whom, after a greeting and sign-in; no letter is sent.

        Raises:
            OutOfReach: it cannot be reached, or does not let us in.
        """

    def close(self) -> None:
        """Close the journal. What stands in it lasts from now on."""
        journal, self._opened_journal = self._opened_journal, None
        if journal:
            journal.close()

    def claim(self, letters: Sequence[Letter], now: datetime) -> None:
        """Keep each letter as it shall leave. One that cannot be worded as a message is refused when it is sent.

        Raises:
            OutOfReach: the journal cannot be written.
        """
        self._worded = {}
        for letter in letters:
            with suppress(ValueError):
                self._worded[letter.message_id] = letter, to_bytes(letter, now)
        if letters:
            self._journal.claim_all(self._worded.values(), now)

    def is_behind(self, letters: Mapping[str, bool]) -> bool:
        """Whether a letter of this machine is unknown here, or any while the journal has never held one."""
        known = self._journal.known()
        return any(ours or self._journal.is_new for letter, ours in letters.items() if letter not in known)

    def settle(self, message_id: str, *, sent: bool, now: datetime) -> None:
        """Put down what a person says of a letter in doubt.

        Raises:
            OutOfReach: the journal cannot be written.
        """
        progress = Progress.SENT if sent else Progress.FAILED
        if self._journal.progress(message_id) is None:
            self._journal.adopt("", [(message_id, (), progress)], now)
        else:
            self._journal.mark(message_id, progress, "as a person says", now, lasting=True)

    def recall(self, workbook: str, letters: Iterable[Witnessed], now: datetime) -> None:
        """As the port.

        Raises:
            OutOfReach: the journal cannot be written.
        """
        self._journal.recall(workbook, letters, now)

    def returned(self, message_id: str, now: datetime) -> None:
        """Put down that a letter came back.

        Raises:
            OutOfReach: the journal cannot be written.
        """
        self._journal.returned(message_id, "it came back", now)

    def holds(self, message_id: str) -> bool | None:
        """As the journal says: True when sent; False when it has surely not left; None at the dot, in doubt, or when
        the journal does not know the letter."""
        progress = self._journal.progress(message_id)
        if progress is None or progress in (Progress.DOT, Progress.UNKNOWN):
            return None
        return progress is Progress.SENT

    def withdraw(self, message_id: str) -> bool:  # noqa: ARG002
        """False: nothing lies here for people to see."""
        return False

    def withdrawn(self, message_id: str) -> bool:  # noqa: ARG002
        """False: nothing lies here for people to see."""
        return False

    @property
    def _journal(self) -> LetterJournal:
        """Opened when it is needed only: a damaged one keeps nobody from looking."""
        self._opened_journal = self._opened_journal or self._open_journal()
        return self._opened_journal

    def _content(self, letter: Letter, now: datetime) -> bytes:
        """The message as it was claimed; worded anew for a letter that was not, or otherwise. ValueError as there."""
        claimed, content = self._worded.pop(letter.message_id, (None, b""))
        return content if claimed == letter else to_bytes(letter, now)

    def _settled(self, message_id: str) -> Receipt | None:
        """What to say of a letter that may have left, and so does not go again."""
        progress = self._journal.progress(message_id)
        if progress not in MAY_HAVE_LEFT:
            return None
        if progress is Progress.SENT:
            return Receipt(message_id, LetterState.SENT, self._journal.answer(message_id))
        return Receipt(message_id, LetterState.UNKNOWN, "handed over before; no answer is known, so not sent again")

    def _ended(self, message_id: str, progress: Progress, detail: str, now: datetime) -> Receipt:
        """What the server said is true, whether the journal can still be written or not: were a full disk reported in
        its place, a letter that has left would be taken for one that has not."""
        with suppress(OutOfReach, Refused):
            self._journal.mark(message_id, progress, detail, now)
        return Receipt(message_id, LetterState(progress), detail)

    def _await_turn(self) -> None:
        if self._per_minute:
            pause = self._next - self._clock()
            if pause > 0:
                self._sleep(pause)
            self._next = self._clock() + 60 / self._per_minute

    @contextmanager
    def _in_reach(self) -> Iterator[None]:
        """Around a try to reach the server: one that failed is not repeated for a while, only its reason."""
        if self._refused and self._clock() < self._refused[0]:
            raise self._refused[1].told_as(OutOfReach)
        try:
            yield
        except OutOfReach as error:
            self._refused = self._clock() + REST, error
            raise
        self._refused = None
