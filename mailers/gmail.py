"""The way out by Gmail: each letter is laid down as a draft, whose id the journal keeps, and then that draft is sent.

Sending consumes the draft. So after a kill, or an answer that got lost, the draft tells what the journal cannot: one
that is gone has left, one that is still there has not, and is deleted before the letter is laid down anew. Whoever
deletes or sends Kartoteka's drafts by hand in that moment takes this away: a draft deleted by hand counts as sent.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime

from mailers.addresses import recipients
from mailers.gmail_drafts import TRIES, Drafts
from mailers.gmail_errors import InDoubt, NotTaken, Unsure
from mailers.gmail_sign_in import GmailAccess
from mailers.journal import LetterJournal, Progress
from mailers.journalled import JournalledOutbox
from mailers.reminders import Letter, LetterState, Receipt
from validators.errors import OutOfReach, Refused

__all__ = ["GmailAccess", "GmailOutbox"]

_LATE = "its draft is gone: Gmail has sent it after all"
_IN_DOUBT = (Progress.DOT, Progress.UNKNOWN)


class GmailOutbox(JournalledOutbox):
    """Hands letters to Gmail as drafts of one mailbox, and never one twice: journal and drafts remember each."""

    def __init__(
        self,
        access: GmailAccess,
        journal: Callable[[], LetterJournal],
        sleep: Callable[[float], None],
        clock: Callable[[], float],
        *,
        per_minute: int = 0,
        drafts: Drafts | None = None,
    ) -> None:
        """`journal` opens it, when it is first asked; `clock` tells seconds that never go back."""
        super().__init__(journal, sleep, clock, per_minute)
        self._mailbox = access.sender
        self._drafts = drafts or Drafts(access, sleep, clock)

    def claim(self, letters: Sequence[Letter], now: datetime) -> None:
        """As other outboxes. Before that, what earlier runs left on its way is found out, and their drafts go.

        Raises:
            OutOfReach: the journal cannot be written.
        """
        with suppress(OutOfReach), self._in_reach():
            for message_id in self._journal.begun():
                self._find_out(message_id, now)
        super().claim(letters, now)

    def send(self, letter: Letter, now: datetime) -> Receipt:
        """Send the letter, dated `now`. SENT with Gmail's id of the message; FAILED, permanent or passing, when it has
        surely not left; UNKNOWN when nobody can tell. What may have left is not sent again.

        SENT means that Gmail has taken it: beyond the day's limit of letters, and for addresses that do not exist,
        Gmail says so later, by a letter to the sender.

        Raises:
            OutOfReach: no sign-in, no answer, a limit that lasts, or no journal. The letter has not left.
        """
        try:
            with self._in_reach():
                self._find_out(letter.message_id, now)
        except OutOfReach:
            if self._journal.progress(letter.message_id) not in _IN_DOUBT:
                raise
        settled = self._settled(letter.message_id)
        if settled:
            return settled
        try:
            recipients(letter.to)
            content = self._content(letter, now)
        except ValueError as error:
            return self._ended(letter.message_id, Progress.FAILED, f"permanent: {error}", now)
        try:
            return self._handed_in(letter, content, now)
        except Refused as error:
            return self._settled(letter.message_id) or Receipt(letter.message_id, LetterState.FAILED, error.what)
        except InDoubt as error:
            return Receipt(letter.message_id, LetterState.UNKNOWN, str(error))

    def holds(self, message_id: str) -> bool | None:
        """As the journal says; where that is in doubt, as the draft says. None when no draft is known here.

        Raises:
            OutOfReach: Gmail cannot be asked for the draft now.
        """
        progress, (draft, tells) = self._journal.progress(message_id), self._draft(message_id)
        if progress in _IN_DOUBT and draft:
            if self._drafts.lies(draft):
                return False
            return True if tells else None
        return super().holds(message_id)

    def found(self, message_id: str) -> bool | None:
        """Whether a letter in doubt has left, as its draft says; None when Gmail cannot be asked, or no draft tells."""
        with suppress(OutOfReach), self._in_reach():
            if self._journal.progress(message_id) in _IN_DOUBT:
                return self.holds(message_id)
        return None

    def examine(self) -> str:
        """The address of the mailbox, and by which account it is used; no letter is sent.

        Raises:
            OutOfReach: no sign-in, no right to write letters, no such mailbox, or no answer.
        """
        address = self._drafts.address()
        seen = f"Gmail as {address}, signed in as {self._drafts.who}"
        if address.lower() == self._mailbox.lower():
            return seen
        return f"{seen}; {self._mailbox} has to be one of its 'Send mail as' addresses, else Gmail writes its own"

    def close(self) -> None:
        """End the connection, and close the journal."""
        self._drafts.close()
        super().close()

    def _handed_in(self, letter: Letter, content: bytes, now: datetime) -> Receipt:
        message_id = letter.message_id
        self._journal.begin(letter.workbook, letter, content, now)
        self._await_turn()
        draft = ""
        try:
            with self._in_reach():
                draft = self._laid_down(message_id, content)
                self._journal.keep_draft(message_id, self._kept(draft))
                self._journal.mark(message_id, Progress.DOT, "", now)
                answer = self._drafts.send(draft)
        except NotTaken as error:
            return self._not_sent(message_id, draft, error, now)
        except OutOfReach as error:
            self._ended(message_id, Progress.FAILED, f"passing: {error.what}", now)
            raise
        return self._ended(message_id, Progress.SENT, answer, now)

    def _laid_down(self, message_id: str, content: bytes) -> str:
        """The id of a new draft. One whose answer got lost is swept away: were it not found, it would lie there, unsent
        for ever, which harms nobody."""
        for number in range(TRIES):
            try:
                return self._drafts.create(_threaded(message_id, content))
            except Unsure as error:
                why = str(error)
                self._sleep(2.0**number)
                self._sweep(message_id)
        raise NotTaken(why)

    def _not_sent(self, message_id: str, draft: str, error: NotTaken, now: datetime) -> Receipt:
        """A letter that Gmail did not send: its draft goes, now or with the next run."""
        if error.late:
            return self._stopped(message_id, draft, error.why, now)
        receipt = self._ended(message_id, Progress.FAILED, error.why, now)
        with suppress(OutOfReach):
            if draft:
                self._take_back(message_id, draft)
        return receipt

    def _stopped(self, message_id: str, draft: str, why: str, now: datetime) -> Receipt:
        """Gmail did not answer, so the letter may still leave: only if its draft can be deleted before, it cannot."""
        try:
            self._journal.keep_draft(message_id, self._kept(draft, tells=False))
            was_there = self._drafts.delete(draft)
        except (OutOfReach, Unsure) as error:
            raise InDoubt(f"{why}; nor did it tell whether the draft could be deleted") from error
        ended = (Progress.FAILED, why) if was_there else (Progress.SENT, _LATE)
        receipt = self._ended(message_id, *ended, now)
        with suppress(OutOfReach):
            self._journal.keep_draft(message_id, "")
        return receipt

    def _find_out(self, message_id: str, now: datetime) -> None:
        """Put down what became of a letter that an earlier run left on its way, and take back what has not left.

        Raises:
            OutOfReach: Gmail cannot be asked, or the journal not be written.
        """
        progress, (draft, tells) = self._journal.progress(message_id), self._draft(message_id)
        in_doubt = progress in _IN_DOUBT
        if (in_doubt and not draft) or progress in (None, Progress.SENT):
            return
        if in_doubt and not self._drafts.lies(draft):
            if tells:
                self._journal.mark(message_id, Progress.SENT, "its draft is gone: Gmail has sent it", now)
            return
        if progress is Progress.SENDING and not draft:
            self._sweep(message_id)
        if in_doubt or progress is Progress.SENDING:
            self._journal.mark(message_id, Progress.FAILED, "passing: the run ended before it was sent", now)
        if draft and not self._take_back(message_id, draft) and in_doubt:
            self._journal.mark(message_id, Progress.SENT, _LATE, now)

    def _take_back(self, message_id: str, draft: str) -> bool:
        """Delete the draft of a letter that is marked as not sent; False when it was gone already.

        That mark is on the disk before: a kill here does not make a sent one of it.
        """
        self._journal.keep_draft(message_id, self._kept(draft))
        try:
            was_there = self._drafts.delete(draft)
        except Unsure:
            was_there = True
        self._journal.keep_draft(message_id, "")
        return was_there

    def _sweep(self, message_id: str) -> None:
        """Delete drafts of a letter whose ids nobody kept."""
        for draft in self._drafts.find(message_id):
            with suppress(Unsure):
                self._drafts.delete(draft)

    def _kept(self, draft: str, *, tells: bool = True) -> str:
        """With its mailbox: in another one nobody finds it, which does not mean that it has left. Once it may have been
        deleted without an answer, that it is gone tells nothing either."""
        return f"{draft} {self._mailbox}" if tells else f"{draft} {self._mailbox} ?"

    def _draft(self, message_id: str) -> tuple[str, bool]:
        """The draft of a letter in this mailbox, "" if there is none, and whether it tells by its absence."""
        draft, _, place = self._journal.draft(message_id).partition(" ")
        known = place.removesuffix(" ?") == self._mailbox
        return (draft if known else "", known and not place.endswith(" ?"))


def _threaded(message_id: str, content: bytes) -> bytes:
    """The message with its own Message-ID as the thread it belongs to: others saw Gmail put another Message-ID in the
    place, and who answers names that one, but passes on the thread (RFC 5322, 3.6.4)."""
    return f"References: {message_id}\r\n".encode() + content
