"""The port of every file format; one small class each."""

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from validators.rows import Row


class Importer(Protocol):
    """One file format."""

    def recognises(self, path: Path) -> bool:
        """Whether this importer, by the file's content, is the one to read it."""
        ...

    def rows(self, path: Path) -> Iterator[Row]:
        """The file's rows as found: cells by header, line numbers of the file."""
        ...
