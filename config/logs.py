"""Where log lines go: standard error, never standard output. Lines name records by id, never by address or name.

One line an event, with the run it belongs to: what else there is to say comes as `extra={"data": {…}}` of a call.
"""

import json
import logging
import re
from collections.abc import Mapping
from contextvars import ContextVar, Token
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Literal, Self, TextIO

from rich.console import Console
from rich.logging import RichHandler

OURS = ("config", "importers", "mailers", "sync", "validators")
_ADDRESS = re.compile(r"[^\s<>\"',;:@/]+@(?=[^\s<>\"',;:@/]+\.[a-z]{2,})", re.IGNORECASE)
_NOTHING: Mapping[str, str] = MappingProxyType({})
_ABOUT: ContextVar[Mapping[str, str]] = ContextVar("about", default=_NOTHING)


class About:
    """Around some work: each line that is logged meanwhile bears these data, but for those that are blank."""

    def __init__(self, **data: str) -> None:
        self._data = {key: value for key, value in data.items() if value}
        self._before: Token[Mapping[str, str]] | None = None

    def __enter__(self) -> Self:
        self._before = _ABOUT.set({**_ABOUT.get(), **self._data})
        return self

    def __exit__(self, *_: object) -> None:
        if self._before:
            _ABOUT.reset(self._before)
            self._before = None


class Running(About):
    """Around the work of a run: each line that is logged meanwhile bears its id."""

    def __init__(self, run: str) -> None:
        super().__init__(run=run)
        self.id = run


def _data(record: logging.LogRecord) -> Mapping[str, object]:
    """The workbook, then the run, and what else there is to say."""
    about = sorted(_ABOUT.get().items(), key=lambda each: each[0] == "run")
    return {**dict(about), **getattr(record, "data", {})}


def _without_addresses(line: str) -> str:
    return _ADDRESS.sub(lambda match: match[0] if match[0].startswith("kartoteka.") else "…@", line)


class WithoutAddresses(logging.Formatter):
    """Cuts e-mail addresses to "…@domain", also in tracebacks: a log has more readers than the sheet.

    Message-IDs of ours stay: they name letters, not people.
    """

    def format(self, record: logging.LogRecord) -> str:
        """The line as it is written."""
        return _without_addresses(super().format(record))

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the name of logging
        """The event, and what else there is to say behind it as `key=value`."""
        said = "".join(f" {key}={_shown(value)}" for key, value in _data(record).items())
        return super().formatMessage(record) + said


class AsText(WithoutAddresses):
    """One line an event, for people: one that has several, such as a traceback, gets bars between them."""

    def format(self, record: logging.LogRecord) -> str:
        """The line as it is written."""
        return " | ".join(line.strip() for line in super().format(record).splitlines())


class AsJson(WithoutAddresses):
    """One JSON object a line: `time`, `level`, `logger`, `message`, `workbook` if it has a name, `run`, data,
    `error` with a traceback."""

    def format(self, record: logging.LogRecord) -> str:
        """The line as it is written."""
        moment = datetime.fromtimestamp(record.created, tz=UTC).astimezone()
        line: dict[str, object] = {
            "time": moment.isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **_data(record),
        }
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return _without_addresses(json.dumps(line, ensure_ascii=False, default=str))


def set_up(level: str, stream: TextIO, form: Literal["text", "json"] = "text") -> None:
    """Send log lines to `stream`: ours from `level` ("DEBUG", "INFO", …) up, those of libraries from WARNING up.

    Colours are for terminals only. Called again, it replaces what it set up before.

    Raises:
        ValueError: there is no such level.
    """
    handler = _handler(stream, form)
    root = logging.getLogger()
    for earlier in [h for h in root.handlers if isinstance(h.formatter, WithoutAddresses)]:
        root.removeHandler(earlier)
    root.addHandler(handler)
    for name in OURS:
        logging.getLogger(name).setLevel(level.upper())


def _handler(stream: TextIO, form: str) -> logging.Handler:
    handler: logging.Handler
    if form == "json":
        handler = logging.StreamHandler(stream)
        handler.setFormatter(AsJson())
    elif stream.isatty():
        handler = RichHandler(console=Console(file=stream), show_path=False)
        handler.setFormatter(WithoutAddresses("%(message)s"))
    else:
        handler = logging.StreamHandler(stream)
        handler.setFormatter(AsText("%(asctime)s %(levelname)s %(name)s: %(message)s", "%Y-%m-%dT%H:%M:%S%z"))
    return handler


def _shown(value: object) -> str:
    """A value behind `key=`: between quotes when it holds more than one word."""
    text = str(value)
    return json.dumps(text, ensure_ascii=False) if not text or re.search(r"[\s\"=]", text) else text
