"""The journal of letters: how far each one came on its way out, so that a killed run neither repeats nor loses any.

Each call is on the disk when it returns. Two rules are kept here, in however many processes: a letter comes to the dot
at most once, and the step of an invoice is held by at most one letter that may have left. What to send, and what to
write in the sheet, is decided elsewhere; the file itself is journal_file.py's part.
"""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from mailers.journal_file import JournalFile
from mailers.reminders import Letter
from validators.errors import Refused


class Progress(StrEnum):
    """How far a letter came. Before DOT it has surely not left; at DOT only the server knows."""

    CLAIMED = "claimed"
    SENDING = "sending"
    DOT = "dot"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"


MAY_HAVE_LEFT = frozenset({Progress.DOT, Progress.SENT, Progress.UNKNOWN})
_ALL = frozenset(Progress)
_WAITING = frozenset({Progress.CLAIMED, Progress.SENDING})
_ENDS = frozenset({Progress.SENT, Progress.FAILED, Progress.UNKNOWN})
# Where a letter may come from. Nobody comes between look and write, so of two processes one only brings it to the dot.
_FROM = {
    Progress.CLAIMED: frozenset({Progress.CLAIMED}),
    Progress.SENDING: _WAITING,
    Progress.DOT: frozenset({Progress.SENDING}),
    Progress.SENT: _ALL,
    Progress.FAILED: _ALL - {Progress.SENT},
    Progress.UNKNOWN: _ALL - {Progress.SENT, Progress.FAILED},
}


class LetterJournal:
    """The journal in one file. `machine` is its lasting mark, 8 hexadecimal digits; `is_new` tells that it held no
    letter when it was opened: it was just made, whatever the sheet knows."""

    def __init__(self, path: Path) -> None:
        """Open the journal at `path`, or make it.

        Raises:
            OutOfReach: it is damaged or no journal, or a newer version made it, or it cannot be opened.
        """
        self._file = JournalFile(path)
        with self._file.reading():
            self.machine = str(self._file.value("SELECT value FROM meta WHERE key = 'machine'"))
            self.is_new = not self._file.value("SELECT count(*) FROM letters")

    def claim(self, workbook: str, letter: Letter, content: bytes, now: datetime) -> None:
        """Put down that `letter` shall leave as the message `content`. Again is no second claim: until the letter may
        have left, its newest words count; one that failed is claimed anew.

        Another letter for one of its invoices at the same step gives way if it cannot have left.

        Raises:
            Refused: such another letter may have left, and nobody has put down that it did not.
            OutOfReach: the journal cannot be written.
        """
        with self._file.writing():
            self._claim(workbook, letter, content, now)

    def begin(self, workbook: str, letter: Letter, content: bytes, now: datetime) -> None:
        """Claim `letter` and mark it SENDING, in one write.

        Raises:
            Refused: as `claim`; or the letter itself may have left.
            OutOfReach: the journal cannot be written.
        """
        with self._file.writing():
            self._claim(workbook, letter, content, now)
            self._move(letter.message_id, Progress.SENDING, "", now)

    def mark(self, message_id: str, progress: Progress, answer: str, now: datetime) -> None:
        """Put down how far a letter came, in the words of the server or of whoever knows.

        Raises:
            Refused: there is no such letter, or it cannot come there from where it is: only one that is SENDING comes
                to the DOT, and one that was SENT stays so.
            OutOfReach: the journal cannot be written.
        """
        with self._file.writing():
            self._move(message_id, progress, answer, now)

    def adopt(
        self,
        workbook: str,
        message_id: str,
        invoices_steps: Iterable[tuple[str, str]],
        progress: Progress,
        now: datetime,
    ) -> None:
        """Take over a letter that the sheet's history tells of. One that is known here learns how it ended, unless what
        is known here says more; never where it was on its way.

        Raises:
            OutOfReach: the journal cannot be written.
        """
        with self._file.writing():
            if self._progress(message_id) is None:
                self._insert(workbook, message_id, invoices_steps, progress, None, now)
            elif progress in _ENDS:
                self._moved(message_id, progress, "as the history tells", now)

    def progress(self, message_id: str) -> Progress | None:
        """How far the letter came; None if it is not known here."""
        with self._file.reading():
            return self._progress(message_id)

    def answer(self, message_id: str) -> str:
        """What was said when the letter last moved; "" if nothing was."""
        with self._file.reading():
            return str(self._file.value("SELECT answer FROM letters WHERE message_id = ?", message_id) or "")

    def content(self, message_id: str) -> bytes | None:
        """The message as it shall leave, or left; None if it is not known here."""
        with self._file.reading():
            found = self._file.value("SELECT content FROM letters WHERE message_id = ?", message_id)
        return found if isinstance(found, bytes) else None

    def unfinished(self, workbook: str) -> list[str]:
        """The Message-IDs of letters that are CLAIMED, SENDING or at the DOT, in the order of their first claims."""
        waiting = "SELECT message_id FROM letters WHERE workbook = ? AND progress IN (?, ?, ?) ORDER BY number"
        with self._file.reading():
            found = self._file.execute(waiting, (workbook, Progress.CLAIMED, Progress.SENDING, Progress.DOT))
            return [message_id for (message_id,) in found]

    def known(self) -> set[str]:
        """The Message-IDs of all letters."""
        with self._file.reading():
            found = self._file.execute("SELECT message_id FROM letters")
            return {message_id for (message_id,) in found}

    def close(self) -> None:
        """Close the file. Nothing is lost without it."""
        self._file.close()

    def _claim(self, workbook: str, letter: Letter, content: bytes, now: datetime) -> None:
        message_id, progress = letter.message_id, self._progress(letter.message_id)
        if progress in MAY_HAVE_LEFT:
            return
        pairs = letter.steps or tuple((invoice, letter.step) for invoice in letter.invoices)
        self._make_way(workbook, message_id, pairs, now)
        if progress is None:
            self._insert(workbook, message_id, pairs, Progress.CLAIMED, content, now)
            return
        newer = "UPDATE letters SET content = ? WHERE message_id = ? AND content IS NOT ?"
        self._file.execute(newer, (content, message_id, content))
        if progress is Progress.FAILED:
            self._set(message_id, Progress.CLAIMED, "", now)

    def _make_way(self, workbook: str, message_id: str, pairs: Iterable[tuple[str, str]], now: datetime) -> None:
        for invoice, step in pairs:
            for rival, progress in self._rivals(workbook, invoice, step, message_id):
                if progress in MAY_HAVE_LEFT:
                    raise Refused(
                        f"A reminder for {invoice} at step {step} may have left already: {rival} ({progress}).",
                        f"See 'kartoteka explain {invoice}'. Did it not arrive: 'kartoteka resolve {rival} resend'.",
                    )
                self._set(rival, Progress.FAILED, f"gave way to {message_id}", now)

    def _rivals(self, workbook: str, invoice: str, step: str, message_id: str) -> list[tuple[str, Progress]]:
        others = (
            "SELECT message_id, progress FROM claims JOIN letters USING (message_id)"
            " WHERE claims.workbook = ? AND invoice = ? AND step = ? AND message_id <> ? AND progress <> ?"
        )
        found = self._file.execute(others, (workbook, invoice, step, message_id, Progress.FAILED))
        return [(rival, Progress(progress)) for rival, progress in found.fetchall()]

    def _insert(
        self,
        workbook: str,
        message_id: str,
        pairs: Iterable[tuple[str, str]],
        progress: Progress,
        content: bytes | None,
        now: datetime,
    ) -> None:
        moment = _moment(now)
        self._file.execute(
            "INSERT INTO letters (message_id, workbook, progress, answer, claimed_at, changed_at, content)"
            " VALUES (?, ?, ?, '', ?, ?, ?)",
            (message_id, workbook, progress, moment, moment, content),
        )
        for invoice, step in dict.fromkeys(pairs):
            self._file.execute(
                "INSERT INTO claims (workbook, invoice, step, attempt, message_id) SELECT ?1, ?2, ?3,"
                " 1 + (SELECT count(*) FROM claims WHERE workbook = ?1 AND invoice = ?2 AND step = ?3), ?4",
                (workbook, invoice, step, message_id),
            )

    def _move(self, message_id: str, progress: Progress, answer: str, now: datetime) -> None:
        if not self._moved(message_id, progress, answer, now):
            stands = self._progress(message_id) or "not in the journal"
            raise Refused(f"The letter {message_id} is {stands}; it cannot become {progress}.")

    def _moved(self, message_id: str, progress: Progress, answer: str, now: datetime) -> bool:
        if self._progress(message_id) not in _FROM[progress]:
            return False
        self._set(message_id, progress, answer, now)
        return True

    def _set(self, message_id: str, progress: Progress, answer: str, now: datetime) -> None:
        self._file.execute(
            "UPDATE letters SET progress = ?, answer = ?, changed_at = ? WHERE message_id = ?",
            (progress, answer, _moment(now), message_id),
        )

    def _progress(self, message_id: str) -> Progress | None:
        found = self._file.value("SELECT progress FROM letters WHERE message_id = ?", message_id)
        return Progress(str(found)) if found is not None else None


def _moment(now: datetime) -> str:
    if now.tzinfo is None:
        raise ValueError("The journal keeps moments with their zone.")
    return now.isoformat()
