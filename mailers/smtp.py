"""The way out by a mail server. The journal tells at any moment, even after a kill, what is true of each letter.

A letter whose connection breaks before its final dot has not left; one whose answer to the dot never comes may have. So
the body goes first, then the journal says DOT, then the dot goes. How all that is said is smtp_connection.py's part.

A kill takes nothing from a file that was written; a power cut takes what was not yet synced, and a sync is what a
journal takes time for. Two things must be synced: the letters of a run, once, before the workbook claims them; and each
letter before its dot. The rest may be lost: a letter that is found CLAIMED has not left, one that is found at the DOT
is in doubt, and so nothing goes twice or is lost. Where a server takes letters faster than the disk, one sync releases
several letters, those of eight syncs' time; after a power cut all of these that had no answer are in doubt, after a
kill still at most the one at its dot. Over a network, where a letter takes tens of milliseconds, that is one or two.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import islice

from mailers.addresses import mailbox, recipients
from mailers.journal import LetterJournal, Progress
from mailers.journalled import REST, JournalledOutbox
from mailers.reminders import Letter, LetterState, Receipt
from mailers.smtp_connection import Connection, Parcel, SmtpServer
from mailers.smtp_errors import InDoubt, NotTaken
from validators.errors import Refused

__all__ = ["REST", "SmtpOutbox", "SmtpServer"]

SYNCS = 8  # in the time of so many syncs one will do
MOST_RELEASED = 32  # letters, all in doubt if the power fails before they have an answer


class SmtpOutbox(JournalledOutbox):
    """Hands letters to a mail server, many on one connection, and never one twice: the journal remembers each."""

    def __init__(
        self,
        server: SmtpServer,
        journal: Callable[[], LetterJournal],
        sleep: Callable[[float], None],
        clock: Callable[[], float],
    ) -> None:
        """`journal` opens it, when it is first asked; `clock` tells seconds that never go back."""
        super().__init__(journal, sleep, clock, server.per_minute)
        self._server = server
        self._connection: Connection | None = None
        self._pace = _Pace(clock)

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
            parcel = Parcel(mailbox(letter.sender)[1], recipients(letter.to), self._content(letter, now))
        except ValueError as error:
            return self._ended(letter.message_id, Progress.FAILED, f"permanent: {error}", now)
        try:
            return self._handed_in(letter, parcel, now)
        except Refused as error:
            return self._settled(letter.message_id) or Receipt(letter.message_id, LetterState.FAILED, error.what)
        except InDoubt as error:
            return Receipt(letter.message_id, LetterState.UNKNOWN, str(error))

    def examine(self) -> str:
        """The server's name and port after a greeting and sign-in; no letter is sent.

        Raises:
            OutOfReach: no connection, no valid certificate, no sign-in, or a journal that cannot be used.
        """
        self._journal.progress("")
        self._opened().leave()
        who = f", signed in as {self._server.username}" if self._server.username else ""
        return f"{self._server.host}:{self._server.port}{who}"

    def close(self) -> None:
        """Say good-bye to the server, and close the journal."""
        connection, self._connection = self._connection, None
        try:
            if connection:
                connection.leave()
        finally:
            super().close()

    def _handed_in(self, letter: Letter, parcel: Parcel, now: datetime) -> Receipt:
        for last in (False, True):
            self._begin(letter, parcel.content, now)
            try:
                detail = self._carried(letter.message_id, parcel, now, last=last)
            except NotTaken as error:
                receipt = self._ended(letter.message_id, Progress.FAILED, error.why, now)
                if error.permanent:
                    break
            else:
                return self._ended(letter.message_id, Progress.SENT, detail, now)
        return receipt

    def _begin(self, letter: Letter, content: bytes, now: datetime) -> None:
        """Let the letter go, and of those that wait behind it as many as one sync will do for."""
        if not self._journal.released(letter.message_id, content):
            self._journal.begin(letter.workbook, letter, content, now)
            if self._journal.boot:
                with self._pace.sync() as most:
                    self._journal.release([letter.message_id, *islice(self._worded, most - 1)])
        self._pace.letter()

    def _carried(self, message_id: str, parcel: Parcel, now: datetime, *, last: bool) -> str:
        """One try; the server's answer to the dot. After one that failed and may be tried again the line is new."""
        self._await_turn()
        with self._line() as connection:
            refused = connection.address(parcel, last=last)
            connection.hand_over(parcel.content)
            self._journal.mark(message_id, Progress.DOT, "", now)
            reply = connection.dot()
        return "; ".join((str(reply), *(f"not to {address}: {why}" for address, why in refused.items())))

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
        with self._in_reach():
            return Connection(self._server)


class _Pace:
    """How long a letter takes, and how long a sync: so many letters may go with one."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._since, self._letters, self._last = clock(), 0, 0.0

    def letter(self) -> None:
        """Another letter is on its way."""
        self._letters += 1

    @contextmanager
    def sync(self) -> Iterator[int]:
        """Around a sync: how many letters it should release, by the time of the last one and of the letters since."""
        began = self._clock()
        each = (began - self._since) / self._letters if self._letters else 0.0
        yield max(1, min(MOST_RELEASED, round(SYNCS * self._last / each))) if each else 1
        self._since, self._letters = self._clock(), 0
        self._last = self._since - began
