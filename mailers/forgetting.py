"""What is forgotten in time: the words of letters in a journal, and the copies of it that hold such words. That a
letter was sent is never forgotten; which journals there are is known elsewhere.
"""

import logging
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

from mailers.journal_file import JournalFile
from validators.errors import OutOfReach

_LOG = logging.getLogger(__name__)
# Whatever became of a letter: one that did not leave is worded anew when it goes again, even under the same Message-ID.
_ANY = "SELECT 1 FROM messages JOIN letters USING (message_id) WHERE changed_at < ? LIMIT 1"
_FORGET = "DELETE FROM messages WHERE message_id IN (SELECT message_id FROM letters WHERE changed_at < ?)"


def forget(journal: Path, kept: timedelta, now: datetime) -> None:
    """Delete the words of letters to which nothing has happened since they were `kept` so long, and copies of the
    journal (made before it was brought up to date, or because it was damaged) of the same age. `now` is aware.

    What cannot be forgotten stops nobody: the log says so, and the next run tries again.
    """
    try:
        if journal.exists():
            _forget_words(journal, (now - kept).date().isoformat())
        for copy in copies(journal):
            if now.timestamp() - copy.stat().st_mtime > kept.total_seconds():
                copy.unlink(missing_ok=True)
    except OutOfReach as error:
        _LOG.warning("The words of old letters stay: %s", error.what)
    except OSError as error:
        _LOG.warning("Old copies of the journal %s stay: %s", journal, error.strerror)


def copies(journal: Path) -> list[Path]:
    """What lies beside the journal and holds letters as well."""
    return sorted([*journal.parent.glob(f"{journal.name}.v*"), *journal.parent.glob(f"{journal.stem}.damaged*")])


def _forget_words(journal: Path, before: str) -> None:
    with closing(JournalFile(journal, checked=False)) as file:
        with file.reading():
            if not file.value(_ANY, before):
                return
        with file.writing():
            file.execute(_FORGET, (before,))
