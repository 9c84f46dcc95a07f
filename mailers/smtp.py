"""The way out by a mail server. The journal tells at any moment, even after a kill, what is true of each letter.

A letter whose connection breaks before its final dot has not left; one whose answer to the dot never comes may have. So
the body goes first, then the journal says DOT, then the dot goes. How all that is said is smtp_connection.py's part.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime

from mailers.addresses import mailbox, recipients
from mailers.journal import MAY_HAVE_LEFT, LetterJournal, Progress
from mailers.mime import to_bytes
from mailers.reminders import Letter, LetterState, Receipt
from mailers.smtp_connection import Connection, Parcel, SmtpServer
from mailers.smtp_errors import InDoubt, NotTaken
from validators.errors import OutOfReach, Refused

__all__ = ["SmtpOutbox", "SmtpServer"]

REST = 60.0  # seconds in which a server that was out of reach is not asked again: many wrong passwords lock an account


class SmtpOutbox:
    """Hands letters to a mail server, many on one connection, and never one twice: the journal remembers each."""

    def __init__(
        self,
        server: SmtpServer,
        journal: LetterJournal,
        sleep: Callable[[float], None],
        clock: Callable[[], float],
    ) -> None:
        """`clock` tells seconds that never go back."""
        self._server, self._journal = server, journal
        self._sleep, self._clock = sleep, clock
        self._connection: Connection | None = None
        self._next = clock()
        self._refused: tuple[float, OutOfReach] | None = None

    def send(self, letter: Letter, now: datetime) -> Receipt:
        """Hand in the letter, dated `now`. SENT with the server's answer; FAILED, permanent or passing (after a second
        try), when it has surely not left; UNKNOWN when nobody can tell. What may have left is not sent again.

        Raises:
            OutOfReach: no connection, no valid certificate, no sign-in, or no journal. The letter has not left.
        """
        settled = self._settled(letter.message_id)
        if settled:
            return settled
        try:
            parcel = Parcel(mailbox(letter.sender)[1], recipients(letter.to), to_bytes(letter, now))
        except ValueError as error:
            return self._ended(letter.message_id, Progress.FAILED, f"permanent: {error}", now)
        try:
            return self._handed_in(letter, parcel, now)
        except Refused as error:
            return self._settled(letter.message_id) or Receipt(letter.message_id, LetterState.FAILED, error.what)
        except InDoubt as error:
            return Receipt(letter.message_id, LetterState.UNKNOWN, str(error))

    def claim(self, letters: Sequence[Letter], now: datetime) -> None:
        """Keep each letter as it shall leave. One that cannot be worded as a message is refused when it is sent.

        Raises:
            OutOfReach: the journal cannot be written.
        """
        for letter in letters:
            with suppress(ValueError, Refused):
                self._journal.claim(letter.workbook, letter, to_bytes(letter, now), now)

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
            self._journal.adopt("", message_id, (), progress, now)
        else:
            self._journal.mark(message_id, progress, "as a person says", now)

    def examine(self) -> str:
        """The server's name and port after a greeting and sign-in; no letter is sent.

        Raises:
            OutOfReach: no connection, no valid certificate, or no sign-in.
        """
        self._opened().leave()
        who = f", signed in as {self._server.username}" if self._server.username else ""
        return f"{self._server.host}:{self._server.port}{who}"

    def holds(self, message_id: str) -> bool | None:
        """As the journal says: True when sent; False when it has surely not left; None at the dot, in doubt, or when
        the journal does not know the letter."""
        progress = self._journal.progress(message_id)
        if progress is None or progress in (Progress.DOT, Progress.UNKNOWN):
            return None
        return progress is Progress.SENT

    def withdraw(self, message_id: str) -> bool:  # noqa: ARG002
        """False: no drafts lie here."""
        return False

    def withdrawn(self, message_id: str) -> bool:  # noqa: ARG002
        """False: no drafts lie here."""
        return False

    def close(self) -> None:
        """Say good-bye to the server. The journal stays open."""
        connection, self._connection = self._connection, None
        if connection:
            connection.leave()

    def _settled(self, message_id: str) -> Receipt | None:
        progress = self._journal.progress(message_id)
        if progress not in MAY_HAVE_LEFT:
            return None
        if progress is Progress.SENT:
            return Receipt(message_id, LetterState.SENT, self._journal.answer(message_id))
        return Receipt(message_id, LetterState.UNKNOWN, "handed over before; no answer is known, so not sent again")

    def _handed_in(self, letter: Letter, parcel: Parcel, now: datetime) -> Receipt:
        for last in (False, True):
            self._journal.begin(letter.workbook, letter, parcel.content, now)
            try:
                detail = self._carried(letter.message_id, parcel, now, last=last)
            except NotTaken as error:
                receipt = self._ended(letter.message_id, Progress.FAILED, error.why, now)
                if error.permanent:
                    break
            else:
                return self._ended(letter.message_id, Progress.SENT, detail, now)
        return receipt

    def _carried(self, message_id: str, parcel: Parcel, now: datetime, *, last: bool) -> str:
        """One try; the server's answer to the dot. After one that failed and may be tried again the line is new."""
        self._await_turn()
        with self._line() as connection:
            refused = connection.address(parcel, last=last)
            connection.hand_over(parcel.content)
            self._journal.mark(message_id, Progress.DOT, "", now)
            reply = connection.dot()
        return "; ".join((str(reply), *(f"not to {address}: {why}" for address, why in refused.items())))

    def _ended(self, message_id: str, progress: Progress, detail: str, now: datetime) -> Receipt:
        """What the server said is true, whether the journal can still be written or not: were a full disk reported in
        its place, a letter that has left would be taken for one that has not."""
        with suppress(OutOfReach, Refused):
            self._journal.mark(message_id, progress, detail, now)
        return Receipt(message_id, LetterState(progress), detail)

    def _await_turn(self) -> None:
        if self._server.per_minute:
            pause = self._next - self._clock()
            if pause > 0:
                self._sleep(pause)
            self._next = self._clock() + 60 / self._server.per_minute

    @contextmanager
    def _line(self) -> Iterator[Connection]:
        """A connection that is ready for a letter, and kept only if all its words were understood to the end."""
        connection, self._connection = self._connection, None
        if connection and not connection.ready():
            connection.drop()
            connection = None
        connection = connection or self._opened()
        keep = False
        try:
            yield connection
            keep = True
        except NotTaken as error:
            keep = error.permanent
            raise
        finally:
            if keep:
                self._connection = connection
            else:
                connection.drop()

    def _opened(self) -> Connection:
        if self._refused and self._clock() < self._refused[0]:
            raise OutOfReach(self._refused[1].what, self._refused[1].advice)
        try:
            connection = Connection(self._server)
        except OutOfReach as error:
            self._refused = self._clock() + REST, error
            raise
        self._refused = None
        return connection
