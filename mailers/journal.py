"""The journal of letters: how far each one came on its way out, so that a killed run neither repeats nor loses any.

Two rules are kept here, in however many processes: a letter comes to the dot at most once, and the step of an invoice
is held by at most one letter that may have left. What to send, and what to write in the sheet, is decided elsewhere;
the file itself is journal_file.py's part.

A kill takes nothing from a file that was written; a power cut takes what was not yet synced, and syncs are what a
journal takes time for. A claim lasts, and so does that a letter may leave: its `release` before, with others, or the
DOT itself. The rest need not: who is found CLAIMED has not left, who is found at the DOT is in doubt.

What is put down here of a letter that may leave, the witness is told next, if there is one: it outlives an old copy
of this file.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import TypeAlias

from mailers.journal_file import JournalFile
from mailers.progress import Progress
from mailers.reminders import Letter
from mailers.witness import Witness, Witnessed
from validators.errors import Refused

__all__ = ["MAY_HAVE_LEFT", "LetterJournal", "Progress", "Told"]

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
# How much is said of a letter by where it stands: the witness, which is told later, never says more of the same letter.
_SAYS = {progress: number for number, progress in enumerate(("claimed", "sending", "dot", "unknown", "failed", "sent"))}
# What was released before the machine was started anew, and has no end.
_MAY_HAVE_LEFT_BEFORE = "SELECT 1 FROM letters WHERE released NOT IN ('', ?) AND progress IN ('claimed', 'sending')"
_LEFT_BEFORE = (
    "UPDATE letters SET progress = 'dot' WHERE released NOT IN ('', ?) AND progress IN ('claimed', 'sending')"
)

# Message-ID, invoices with their steps, how it ended.
Told: TypeAlias = tuple[str, Iterable[tuple[str, str]], Progress]


class LetterJournal:
    """The journal in one file. `machine` is its lasting mark, 8 hexadecimal digits; `is_new` tells that it held no
    letter when it was opened: it was just made, whatever the sheet knows."""

    def __init__(self, path: Path, boot: str = "", witness: Witness | None = None) -> None:
        """Open the journal at `path`, or make it. `boot` names the time since this machine was started, "" if nobody
        can tell; letters that were released before that may have left. `witness` is told of letters that may leave.

        Raises:
            OutOfReach: it is damaged or no journal, or a newer version made it, or it cannot be opened.
        """
        self._file, self.boot = JournalFile(path), boot
        self._witness = witness or Witness(None)
        self._news: list[tuple[str, Progress, datetime | None]] = []
        with self._file.reading():
            if self._file.value(_MAY_HAVE_LEFT_BEFORE, boot):
                with self._file.writing():
                    self._file.execute(_LEFT_BEFORE, (boot,))
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
        with self._writing():
            self._claim(workbook, letter, content, now)

    def claim_all(self, letters: Iterable[tuple[Letter, bytes]], now: datetime) -> None:
        """Claim each letter with its content for its own workbook, all in one write. One that would be refused is left
        out: it is refused when it begins.

        Raises:
            OutOfReach: the journal cannot be written.
        """
        with self._writing():
            for letter, content in letters:
                with suppress(Refused):
                    self._claim(letter.workbook, letter, content, now)

    def begin(self, workbook: str, letter: Letter, content: bytes, now: datetime) -> None:
        """Claim `letter` and mark it SENDING, in one write, which a power cut may undo: it has not left.

        Raises:
            Refused: as `claim`; or the letter itself may have left.
            OutOfReach: the journal cannot be written.
        """
        with self._writing(lasting=False):
            self._claim(workbook, letter, content, now)
            self._move(letter.message_id, Progress.SENDING, "", now)

    def mark(self, message_id: str, progress: Progress, answer: str, now: datetime, *, lasting: bool = False) -> None:
        """Put down how far a letter came, in the words of the server or of whoever knows.

        The DOT lasts if the letter was not released before. What comes after it, unless it is to be `lasting`, does so
        from the next lasting write on: a power cut before that leaves the letter in doubt.

        Raises:
            Refused: there is no such letter, or it cannot come there from where it is: only one that is SENDING comes
                to the DOT, and one that was SENT stays so.
            OutOfReach: the journal cannot be written.
        """
        with self._file.reading():
            unreleased = progress is Progress.DOT and not self._is_released(message_id)
        with self._writing(lasting=lasting or unreleased):
            self._move(message_id, progress, answer, now)

    def release(self, message_ids: Iterable[str]) -> None:
        """Mark those that are CLAIMED as SENDING, and put down in the same lasting write that all of them may leave as
        long as this machine runs: the DOT of each need not last. One that is found without an end after the machine was
        started anew may have left.

        Raises:
            OutOfReach: the journal cannot be written.
        """
        going = (
            "UPDATE letters SET released = ?, progress = 'sending'"
            " WHERE message_id = ? AND progress IN ('claimed', 'sending')"
        )
        with self._writing():
            for message_id in message_ids:
                if self._file.execute(going, (self.boot, message_id)).rowcount:
                    self._news.append((message_id, Progress.SENDING, None))

    def released(self, message_id: str, content: bytes) -> bool:
        """Whether the letter is SENDING, may leave as long as this machine runs, and is to leave as `content`."""
        with self._file.reading():
            return (
                self._progress(message_id) is Progress.SENDING
                and self._is_released(message_id)
                and (self.content(message_id) == content)
            )

    def adopt(self, workbook: str, letters: Iterable[Told], now: datetime) -> None:
        """Take over letters that the sheet's history tells of, all in one write: their Message-IDs, invoices with their
        steps, and how they ended. One that is known here learns its end, unless what is known here says more; never
        where it was on its way.

        Raises:
            OutOfReach: the journal cannot be written.
        """
        with self._writing():
            for message_id, pairs, progress in letters:
                if self._progress(message_id) is None:
                    self._insert(workbook, message_id, pairs, progress, now)
                elif progress in _ENDS:
                    self._moved(message_id, progress, "as the history tells", now)

    def recall(self, workbook: str, letters: Iterable[Witnessed], now: datetime) -> None:
        """Take over what the witness knows better. It is told after the journal: where it says more of a letter, this
        is an older copy, and one that is not known to have an end may have left.

        Raises:
            OutOfReach: the journal cannot be written.
        """
        with self._file.writing():
            for letter in letters:
                stands = self._progress(letter.message_id)
                end = letter.progress if letter.progress in _ENDS else Progress.UNKNOWN
                if stands is None:
                    self._insert(workbook, letter.message_id, (), end, now)
                elif _SAYS[stands] < _SAYS[letter.progress]:
                    self._set(letter.message_id, end, "as the witness tells", now)
        self._news.clear()

    def keep_draft(self, message_id: str, draft: str) -> None:
        """Keep by which draft the letter leaves, "" for none; with it, what was marked before lasts.

        Raises:
            OutOfReach: the journal cannot be written.
        """
        with self._writing():
            self._file.execute("UPDATE letters SET draft = ? WHERE message_id = ?", (draft, message_id))

    def draft(self, message_id: str) -> str:
        """The draft that was kept last; "" if there is none."""
        with self._file.reading():
            return str(self._file.value("SELECT draft FROM letters WHERE message_id = ?", message_id) or "")

    def begun(self) -> list[str]:
        """The Message-IDs of letters that are SENDING, or have a draft and were not sent, in the order of their first
        claims."""
        begun = "SELECT message_id FROM letters WHERE progress = ? OR draft <> '' AND progress <> ? ORDER BY number"
        with self._file.reading():
            return [letter for (letter,) in self._file.execute(begun, (Progress.SENDING, Progress.SENT))]

    def returned(self, message_id: str, words: str, now: datetime) -> None:
        """Put down that a letter came back, in the words of whoever says so: another may go in its place.

        Raises:
            OutOfReach: the journal cannot be written.
        """
        with self._writing():
            if self._progress(message_id) not in (None, Progress.FAILED):
                self._set(message_id, Progress.FAILED, words, now)

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
            found = self._file.value("SELECT content FROM messages WHERE message_id = ?", message_id)
        return found if isinstance(found, bytes) else None

    def known(self) -> set[str]:
        """The Message-IDs of all letters."""
        with self._file.reading():
            found = self._file.execute("SELECT message_id FROM letters")
            return {message_id for (message_id,) in found}

    def close(self) -> None:
        """Close the file, and what the witness has open. Nothing is lost without it."""
        self._witness.close()
        self._file.close()

    @contextmanager
    def _writing(self, *, lasting: bool = True) -> Iterator[None]:
        """One write; what it says of letters that may leave, the witness is told."""
        self._news.clear()
        with self._file.writing(lasting=lasting):
            yield
        if self._news:
            for message_id, progress, at in self._news:
                self._witness.note(message_id, progress, at, self._workbook)
            self._witness.write()

    def _workbook(self, message_id: str) -> str:
        with self._file.reading():
            return str(self._file.value("SELECT workbook FROM letters WHERE message_id = ?", message_id) or "")

    def _claim(self, workbook: str, letter: Letter, content: bytes, now: datetime) -> None:
        message_id, progress = letter.message_id, self._progress(letter.message_id)
        if progress in MAY_HAVE_LEFT:
            return
        pairs = letter.steps or tuple((invoice, letter.step) for invoice in letter.invoices)
        self._witness.expect(workbook, letter, pairs, now)
        self._make_way(workbook, message_id, pairs, now)
        if progress is None:
            self._insert(workbook, message_id, pairs, Progress.CLAIMED, now)
        newest = "SELECT content FROM messages WHERE message_id = ?"
        if self._file.value(newest, message_id) != content:
            self._file.execute("INSERT OR REPLACE INTO messages VALUES (?, ?)", (message_id, content))
        if progress is Progress.FAILED:
            self._set(message_id, Progress.CLAIMED, "", now)

    def _make_way(self, workbook: str, message_id: str, pairs: Iterable[tuple[str, str]], now: datetime) -> None:
        rivals = [(pair, rival) for pair in pairs for rival in self._rivals(workbook, *pair, message_id)]
        for (invoice, step), (rival, progress) in rivals:
            if progress in MAY_HAVE_LEFT:
                raise Refused(
                    f"A reminder for {invoice} at step {step} may have left already: {rival} ({progress}).",
                    f"See 'kartoteka explain {invoice}'. Did it not arrive: 'kartoteka resolve {rival} resend'.",
                )
        for _, (rival, _) in rivals:
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
        now: datetime,
    ) -> None:
        moment = _moment(now)
        self._file.execute(
            "INSERT INTO letters (message_id, workbook, progress, answer, claimed_at, changed_at)"
            " VALUES (?, ?, ?, '', ?, ?)",
            (message_id, workbook, progress, moment, moment),
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
        if progress not in _WAITING:
            self._news.append((message_id, progress, now))
        if progress is Progress.CLAIMED:  # anew: what was released before has failed
            self._file.execute("UPDATE letters SET released = '' WHERE message_id = ?", (message_id,))

    def _is_released(self, message_id: str) -> bool:
        released = self._file.value("SELECT released FROM letters WHERE message_id = ?", message_id)
        return bool(released) and released == self.boot

    def _progress(self, message_id: str) -> Progress | None:
        found = self._file.value("SELECT progress FROM letters WHERE message_id = ?", message_id)
        return Progress(str(found)) if found is not None else None


def _moment(now: datetime) -> str:
    if now.tzinfo is None:
        raise ValueError("The journal keeps moments with their zone.")
    return now.isoformat()
