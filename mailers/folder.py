"""Letters as .eml files in a folder: drafts to look at, or the way out itself. No network here."""

import email
import errno
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from email.utils import parsedate_to_datetime
from hashlib import blake2b
from pathlib import Path

from mailers.mime import to_bytes
from mailers.reminders import Letter, LetterState, Receipt
from mailers.witness import Witnessed
from validators.errors import OutOfReach, Trouble

_DRAFT_MARK = b"X-Unsent: 1\r\n"  # mail programs open such a file as a message that can still be sent
_ELSEWHERE = "name another folder in the settings ([mail] folder)."


class FolderOutbox:
    """Writes each letter to `MESSAGE-ID.eml`. `state` is what a success means here: a draft, or a letter that is sent.

    The same letter again is left as it is. A draft whose words have changed is replaced; a sent letter never is, and
    becomes a draft never.
    """

    def __init__(self, folder: Path, state: LetterState = LetterState.DRAFT) -> None:
        self._folder = folder
        self._state = state

    def send(self, letter: Letter, now: datetime) -> Receipt:
        """Write the letter, dated `now`, whole or not at all. FAILED when it has no usable recipient or sender.

        Raises:
            OutOfReach: the folder cannot be written.
        """
        path = self._path(letter.message_id)
        try:
            stored = self._stored(path)
            if stored is None or not self._stands(stored, letter):
                _write(path, self._bytes(letter, now))
                self._aside(path).unlink(missing_ok=True)
                if self._state is LetterState.SENT:
                    self._leave_trace(path)
        except ValueError as error:
            return Receipt(letter.message_id, LetterState.FAILED, str(error))
        except OSError as error:
            raise self._out_of_reach("written", error) from error
        return Receipt(letter.message_id, self._state, str(path))

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
        """Whether the letter is here: in any form where drafts are kept; where letters are sent, as a sent one, or one
        that somebody has taken from here since, to send it on."""
        path = self._path(message_id)
        try:
            stored = self._stored(path)
            if self._state is LetterState.SENT and self._trace(path).exists():
                return True
        except OSError as error:
            raise self._out_of_reach("read", error) from error
        return stored is not None and (self._state is LetterState.DRAFT or not _is_draft(stored))

    def withdraw(self, message_id: str) -> bool:
        """Move a draft to the folder `withdrawn`; a sent letter stays where it is.

        Raises:
            OutOfReach: the folder cannot be written.
        """
        path = self._path(message_id)
        try:
            stored = self._stored(path)
            if stored is None or not _is_draft(stored):
                return False
            self._aside(path).parent.mkdir(exist_ok=True)
            path.replace(self._aside(path))
        except OSError as error:
            raise self._out_of_reach("written", error) from error
        return True

    def withdrawn(self, message_id: str) -> bool:
        """Whether the letter lies in the folder `withdrawn`."""
        return self._aside(self._path(message_id)).exists()

    def _path(self, message_id: str) -> Path:
        return self._folder / f"{_file_name(message_id)}.eml"

    def _aside(self, path: Path) -> Path:
        return self._folder / "withdrawn" / path.name

    def _trace(self, path: Path) -> Path:
        """What stays of a sent letter when people empty the folder."""
        return self._folder / ".sent" / path.stem

    def _leave_trace(self, path: Path) -> None:
        with suppress(OSError):  # the letter itself is there: it must not be called unsent for the want of a trace
            self._trace(path).parent.mkdir(exist_ok=True)
            self._trace(path).touch()

    def _stored(self, path: Path) -> bytes | None:
        try:
            return path.read_bytes() or None
        except FileNotFoundError:
            return None

    def _stands(self, stored: bytes, letter: Letter) -> bool:
        if not _is_draft(stored):
            return True
        written = _dated(stored)
        return self._state is LetterState.DRAFT and written is not None and self._bytes(letter, written) == stored

    def _out_of_reach(self, done: str, error: OSError) -> OutOfReach:
        what = f"The folder '{self._folder}' cannot be {done}: {error.strerror}."
        return OutOfReach(what, _advice(error), trouble=Trouble.DISK)

    def _bytes(self, letter: Letter, now: datetime) -> bytes:
        mark = _DRAFT_MARK if self._state is LetterState.DRAFT else b""
        return mark + to_bytes(letter, now)


def _is_draft(stored: bytes) -> bool:
    return stored.startswith(_DRAFT_MARK)


def _dated(stored: bytes) -> datetime | None:
    try:
        return parsedate_to_datetime(str(email.message_from_bytes(stored)["Date"]))
    except ValueError:
        return None


def _file_name(message_id: str) -> str:
    """A file name for `message_id`: itself without brackets, or its safe part and a digest if it holds more than that.

    >>> _file_name("<kartoteka.0123@example.pl>")
    'kartoteka.0123@example.pl'
    """
    name = message_id.strip("<>")
    safe = re.sub(r"[^A-Za-z0-9@._+-]", "_", name).lstrip(".")[:120]
    return safe if safe == name else f"{safe}-{blake2b(name.encode(errors='replace'), digest_size=8).hexdigest()}"


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    _keep(path.parent)


def _keep(folder: Path) -> None:
    """Make the new name last through a power cut, where the system can do that for folders."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _advice(error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "The disk is full: make room, then run the same command again. No letter was lost."
    if error.errno in (errno.EEXIST, errno.ENOTDIR):
        return f"A file stands where the folder should be: move it, or {_ELSEWHERE}"
    return f"Give the user that runs Kartoteka the right to write there, or {_ELSEWHERE}"
