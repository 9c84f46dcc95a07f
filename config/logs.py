"""Where log lines go: standard error, never standard output. Lines name records by id, never by address or name."""

import logging
import re
from typing import TextIO

from rich.console import Console
from rich.logging import RichHandler

OURS = ("config", "importers", "mailers", "sync", "validators")
_ADDRESS = re.compile(r"[^\s<>\"',;:@/]+@(?=[^\s<>\"',;:@/]+\.[a-z]{2,})", re.IGNORECASE)


class WithoutAddresses(logging.Formatter):
    """Cuts e-mail addresses to "…@domain", also in tracebacks: a log has more readers than the sheet.

    Message-IDs of ours stay: they name letters, not people.
    """

    def format(self, record: logging.LogRecord) -> str:
        """The line as it is written."""
        return _ADDRESS.sub(
            lambda match: match[0] if match[0].startswith("kartoteka.") else "…@", super().format(record)
        )


def set_up(level: str, stream: TextIO) -> None:
    """Send log lines to `stream`: ours from `level` ("DEBUG", "INFO", …) up, those of libraries from WARNING up.

    Colours are for terminals only. Called again, it replaces what it set up before.

    Raises:
        ValueError: there is no such level.
    """
    handler = _handler(stream)
    root = logging.getLogger()
    for earlier in [h for h in root.handlers if isinstance(h.formatter, WithoutAddresses)]:
        root.removeHandler(earlier)
    root.addHandler(handler)
    for name in OURS:
        logging.getLogger(name).setLevel(level.upper())


def _handler(stream: TextIO) -> logging.Handler:
    handler: logging.Handler
    if stream.isatty():
        handler = RichHandler(console=Console(file=stream), show_path=False)
        handler.setFormatter(WithoutAddresses("%(message)s"))
    else:
        handler = logging.StreamHandler(stream)
        handler.setFormatter(WithoutAddresses("%(asctime)s %(levelname)s %(name)s: %(message)s", "%Y-%m-%dT%H:%M:%S%z"))
    return handler
