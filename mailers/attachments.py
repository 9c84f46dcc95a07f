"""Invoices as PDF files in a folder, read to go with letters. Nothing outside of it is read, and nothing written."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from stat import S_ISREG

from mailers.file_names import file_names, folded, shown_name
from mailers.reminders import Attachment, Enclosed

MOST_BYTES = 10_000_000  # in one letter: a third more on the way, and many servers take no more than 20 MB
_FLAGS = sum(getattr(os, name, 0) for name in ("O_BINARY", "O_NOFOLLOW", "O_NONBLOCK"))


class Missing(StrEnum):
    """Why an invoice is not attached."""

    ABSENT = "absent"
    SHARED = "shared"
    OUTSIDE = "outside"
    NOT_PDF = "not_pdf"
    TOO_BIG = "too_big"
    UNREADABLE = "unreadable"


class _Without(Exception):
    """The file cannot be attached, because of `reason`."""

    def __init__(self, reason: Missing) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class InvoiceFiles:
    """The PDFs in `folder`, named by the numbers of invoices (mailers/file_names.py). What lies there is looked up once
    for each folder: an instance serves one run."""

    folder: Path
    most_bytes: int = MOST_BYTES
    _listed: dict[Path, Mapping[str, str]] = field(default_factory=dict)

    def enclosed(self, numbers: Sequence[str], shared: frozenset[str]) -> Enclosed:
        """The files of one letter about invoices `numbers`, and why those of the others are not among them; `shared`
        are the names that fit several invoices of the workbook. All together are at most `most_bytes`, or none is."""
        found: dict[str, Attachment] = {}
        missing: dict[str, str] = {}
        for number in dict.fromkeys(numbers):
            try:
                found[number] = Attachment(number, shown_name(number), self._content(number, shared))
            except _Without as without:
                missing[number] = without.reason
        if sum(len(file.content) for file in found.values()) > self.most_bytes:
            missing |= dict.fromkeys(found, Missing.TOO_BIG)
            found = {}
        return Enclosed(tuple(found.values()), tuple((n, missing[n]) for n in numbers if n in missing))

    def count(self) -> int:
        """How many PDFs lie in the folder itself.

        Raises:
            OSError: it cannot be read.
        """
        return sum(name.casefold().endswith(".pdf") for name in os.listdir(self.folder))  # noqa: PTH208

    def _content(self, number: str, shared: frozenset[str]) -> bytes:
        names = file_names(number)
        lying = [(name, path) for name in names if (path := self._path(name))]
        if not lying:
            raise _Without(Missing.ABSENT)
        own = [path for name, path in lying if name not in shared]
        if not own:
            raise _Without(Missing.SHARED)
        return self._read(own[0])

    def _path(self, name: str) -> Path | None:
        """Where `name` lies. Each part is one that the folder before it lists: none leads up or elsewhere by name."""
        path = self.folder
        for part in name.split("/"):
            entry = self._entries(path).get(part)
            if entry is None:
                return None
            path = path / entry
        return path

    def _entries(self, folder: Path) -> Mapping[str, str]:
        if folder not in self._listed:
            try:
                names = sorted(os.listdir(folder), reverse=True)  # noqa: PTH208 - the first of several alike stays
            except OSError:
                names = []
            self._listed[folder] = {folded(name): name for name in names}
        return self._listed[folder]

    def _read(self, path: Path) -> bytes:
        try:
            real, home = (Path(os.path.realpath(of, strict=True)) for of in (path, self.folder))
            if not real.is_relative_to(home):
                raise _Without(Missing.OUTSIDE)
            with open(real, "rb", opener=_opener) as file:
                status = os.fstat(file.fileno())
                if not S_ISREG(status.st_mode):
                    raise _Without(Missing.NOT_PDF)
                if status.st_size > self.most_bytes:
                    raise _Without(Missing.TOO_BIG)
                content = file.read(self.most_bytes + 1)
        except OSError as error:
            raise _Without(Missing.UNREADABLE) from error
        if not content.startswith(b"%PDF-"):
            raise _Without(Missing.NOT_PDF)
        return content


def _opener(path: str, flags: int) -> int:
    """Whatever lies there by now is opened without waiting for it, and no link is followed."""
    return os.open(path, flags | _FLAGS)
