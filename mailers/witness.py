"""The witness: which letters this machine let go, noted a second time, away from the folder that is backed up with the
workbook. When workbook and journal are both put back from an old copy, it still knows; without it all else goes on.

It is written after the journal, line by line: where it says more than the journal, that is an older copy. Names,
addresses and invoice numbers do not stand in it, only digests of them. Nothing is decided here.
"""

import json
import logging
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from pathlib import Path
from typing import Any

from mailers.progress import Progress
from mailers.reminders import Letter

_LOG = logging.getLogger(__name__)
_as_json = json.JSONEncoder(separators=(",", ":")).encode
KEPT = timedelta(days=400)  # longer than any ladder, and than most backups


@dataclass(frozen=True, slots=True)
class Witnessed:
    """A letter that may have left: how far it came, and when. `steps` pairs the ids that its invoices had then with
    their steps, `numbers` holds their digests in the same order, `to` that of its address."""

    message_id: str
    progress: Progress
    at: datetime
    steps: tuple[tuple[str, str], ...]
    numbers: tuple[str, ...]
    to: str


def digest(workbook: str, text: str) -> str:
    """What stands for an invoice's number or an address of `workbook`; case and spaces do not matter."""
    told = _as_json([workbook, " ".join(text.split()).casefold()]).encode()
    return blake2b(told, digest_size=8).hexdigest()


class Witness:
    """Files below `folder`, None where there is no place for them: a folder for each workbook, a file for each month.
    That they cannot be written stops no letter, and is not tried again."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        self._shut = folder is None
        self._files: dict[tuple[str, str], int] = {}
        self._claimed: dict[str, tuple[str, Letter, Sequence[tuple[str, str]], datetime]] = {}
        self._whose: dict[str, str] = {}
        self._going: dict[str, datetime] = {}
        self._waiting: dict[tuple[str, str], list[str]] = {}
        self._must_last = False
        self._read: dict[str, dict[str, Witnessed]] = {}

    def letters(self, workbook: str) -> dict[str, Witnessed]:
        """The letters of `workbook` by Message-ID, as they were noted when this was first asked; damaged lines are left
        out, and all where nothing can be read."""
        if workbook not in self._read:
            lines = dict[str, dict[str, Any]]()
            for line in self._lines(workbook) if self.folder else ():
                with suppress(ValueError, KeyError, TypeError):
                    told = json.loads(line)
                    lines.setdefault(told["letter"], {}).update(told)
            found = filter(None, map(_understood, lines.values()))
            self._read[workbook] = {letter.message_id: letter for letter in found}
        return self._read[workbook]

    def expect(self, workbook: str, letter: Letter, steps: Sequence[tuple[str, str]], now: datetime) -> None:
        """Keep in mind what to note of `letter` when it may leave."""
        self._claimed[letter.message_id] = workbook, letter, steps, now

    def note(self, message_id: str, progress: Progress, now: datetime | None, workbook: Callable[[str], str]) -> None:
        """Note with the next `write` how far a letter came: SENDING is one that may leave from then on, at the moment
        of its claim if `now` is None. `workbook` tells whose it is, where it was not expected."""
        about, at = dict[str, object](), now
        if message_id in self._claimed:
            whose, letter, steps, claimed_at = self._claimed.pop(message_id)
            about, at, self._whose[message_id] = _about(whose, letter, steps), now or claimed_at, whose
        if self._shut or at is None:
            return
        was_going = self._going.pop(message_id, None)
        if progress is Progress.SENDING:
            self._going[message_id] = at
        self._must_last |= progress is Progress.SENDING or (progress is Progress.DOT and not was_going)
        told = {"letter": message_id, "state": progress, "at": at.isoformat(), **about}
        month = self._whose.get(message_id) or workbook(message_id), f"{at.year:04}-{at.month:02}"
        # A line begins with its break: after one that was cut short it stands alone all the same.
        self._waiting.setdefault(month, []).append(f"\n{_as_json(told)}")

    def write(self) -> None:
        """Write what was noted. That a letter may leave lasts from then on, with all that was written before; of what
        became of it a power cut may take the last."""
        waiting, self._waiting = self._waiting, {}
        must_last, self._must_last = self._must_last, False
        try:
            for month, lines in waiting.items():
                file = self._opened(*month)
                os.write(file, "".join(lines).encode())
                if must_last:
                    os.fsync(file)
        except OSError as error:
            _LOG.warning("The second list of letters cannot be written (%s)", error.strerror)
            self._shut = True

    def close(self) -> None:
        """Close the files. What might have left, and came to no dot, has not."""
        for message_id, at in list(self._going.items()):
            self.note(message_id, Progress.FAILED, at, lambda _: "")
        self.write()
        for file in self._files.values():
            os.close(file)
        self._files.clear()

    def trouble(self) -> str:
        """Why nothing can be noted, "" when all is well."""
        if self.folder is None:
            return "the user has no home folder"
        try:
            _made(self.folder)
            probe = self.folder / ".probe"
            probe.touch(mode=0o600)
            probe.unlink()
        except OSError as error:
            return f"{self.folder} cannot be written: {error.strerror}"
        return ""

    def _lines(self, workbook: str) -> Iterator[bytes]:
        with suppress(OSError):
            for path in sorted(self._of(workbook).glob("*.jsonl")):
                yield from path.read_bytes().split(b"\n")

    def _of(self, workbook: str) -> Path:
        return (self.folder or Path()) / digest(workbook, "")

    def _opened(self, workbook: str, month: str) -> int:
        if (workbook, month) not in self._files:
            path = self._of(workbook) / f"{month}.jsonl"
            is_new = not path.exists()
            for folder in (path.parents[1], path.parent):
                _made(folder)
            self._files[workbook, month] = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            if is_new:
                _forget(path)
                _keep_names(path.parent, path.parents[1])
        return self._files[workbook, month]


def _about(workbook: str, letter: Letter, steps: Sequence[tuple[str, str]]) -> dict[str, object]:
    """What is told of a letter once; nothing where the numbers of its invoices are not known."""
    if len(letter.numbers) != len(steps):
        return {}
    numbers = [digest(workbook, number) for number in letter.numbers]
    return {"steps": list(steps), "numbers": numbers, "to": digest(workbook, "".join(letter.to[:1]))}


def _understood(told: Mapping[str, Any]) -> Witnessed | None:
    """What all lines of a letter come to; None where they do not tell enough."""
    with suppress(ValueError, KeyError, TypeError):
        at = datetime.fromisoformat(told["at"])
        steps = tuple((str(invoice), str(step)) for invoice, step in told["steps"])
        numbers = tuple(map(str, told["numbers"]))
        if at.tzinfo and len(steps) == len(numbers):
            return Witnessed(told["letter"], Progress(told["state"]), at, steps, numbers, str(told["to"]))
    return None


def _made(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def _forget(newest: Path) -> None:
    """Delete the months that are too long ago, seen from the newest."""
    oldest = f"{datetime.strptime(newest.stem, '%Y-%m') - KEPT:%Y-%m}"  # noqa: DTZ007 - a month has no zone
    for path in newest.parent.glob("*.jsonl"):
        if path.stem < oldest:
            path.unlink(missing_ok=True)


def _keep_names(*folders: Path) -> None:
    """Make new names last through a power cut, where the system can do that for folders."""
    for folder in folders if os.name == "posix" else ():
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
