"""What came back for letters, read from the mailbox a little at a time and kept in a file: where reading goes on next
time, and what was heard lately, so that a workbook restored from an older copy is told again.

The mailbox itself is imap.py's part, what a message says answers.py's.
"""

import json
import os
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from mailers.answers import Kind, Response, may_concern, understand
from mailers.imap import ImapServer, Mailbox
from validators.errors import OutOfReach

FIRST_LOOK = timedelta(days=30)  # how far back a mailbox is read that was never read before
KEPT = timedelta(days=60)
MOST_LOOKED_AT = 1000  # messages of which the headers are read in one run
MOST_READ = 200  # messages that are read in one run


class Ear(Protocol):
    """Where answers to letters are heard."""

    def hear(self, now: datetime) -> tuple[Response, ...]:
        """What came back lately; the same again in later calls.

        Raises:
            OutOfReach: the mailbox, or the memory of it.
        """
        ...


class Archive(Protocol):
    """Where sent letters lie."""

    def holds(self, message_id: str) -> bool:
        """Whether the letter is there, and so has left. That it is not there proves nothing."""
        ...


@dataclass(slots=True)
class _Memory:
    """Where reading stands: which folder of whom, its UIDVALIDITY and the last UID that was seen."""

    place: str = ""
    validity: int = 0
    last: int | None = None
    heard: dict[str, Response] = field(default_factory=dict)


class MailboxEar:
    """Reads what is new in `folder`; what it has heard within 60 days is kept in the file `memory`."""

    def __init__(self, server: ImapServer, folder: str, memory: Path) -> None:
        self._server, self._folder, self._memory = server, folder, memory

    def hear(self, now: datetime) -> tuple[Response, ...]:
        """As the port; at most 1,000 new messages are looked at in one call, the oldest first.

        Raises:
            OutOfReach: the mailbox cannot be read, or the memory not be written.
        """
        memory = _recalled(self._memory)
        with Mailbox(self._server) as mailbox:
            validity = mailbox.open(self._folder)
            place = f"{self._server.username}@{self._server.place}/{self._folder}"
            if (memory.place, memory.validity) != (place, validity):
                memory.place, memory.validity, memory.last = place, validity, None
            uids = mailbox.uids(memory.last, (now - FIRST_LOOK).date())[:MOST_LOOKED_AT]
            wanted = [found.uid for found in mailbox.headers(uids) if may_concern(found.content)]
            for found in mailbox.messages(wanted[:MOST_READ]):
                response = understand(found.content, found.arrived or now)
                if response:
                    memory.heard.setdefault(response.own_id, response)
        seen = [uid for uid in uids if len(wanted) <= MOST_READ or uid < wanted[MOST_READ]]
        memory.last = seen[-1] if seen else memory.last
        memory.heard = {key: response for key, response in memory.heard.items() if response.arrived > now - KEPT}
        _kept(self._memory, memory)
        return tuple(memory.heard.values())


class SentFolder:
    """The folder in which the mail server, or the office's own programs, keep what was sent."""

    def __init__(self, server: ImapServer, folder: str) -> None:
        self._server, self._folder = server, folder
        self._out_of_reach = False

    def holds(self, message_id: str) -> bool:
        """As the port. A server that is out of reach is asked once."""
        if self._out_of_reach:
            return False
        try:
            with Mailbox(self._server) as mailbox:
                mailbox.open(self._folder)
                return mailbox.holds(message_id)
        except OutOfReach:
            self._out_of_reach = True
            return False


def examine(server: ImapServer, *folders: str) -> list[str]:
    """The names of those `folders` that are not blank, after a sign-in and a look into each.

    Raises:
        OutOfReach: one of them cannot be opened.
    """
    with Mailbox(server) as mailbox:
        named = [folder for folder in folders if folder]
        for folder in named:
            mailbox.open(folder)
    return named


def _recalled(path: Path) -> _Memory:
    """What is remembered; nothing where the file is not there or damaged: then the mailbox is read anew."""
    try:
        told: dict[str, Any] = json.loads(path.read_text("utf-8"))
        heard = {key: _response(values) for key, values in told["heard"].items()}
        last = told["last"]
        return _Memory(str(told["place"]), int(told["validity"]), None if last is None else int(last), heard)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return _Memory()


def _response(values: dict[str, Any]) -> Response:
    arrived = datetime.fromisoformat(values["arrived"])
    if arrived.tzinfo is None:
        raise ValueError("a moment without its zone")
    return Response(**(values | {"kind": Kind(values["kind"]), "arrived": arrived}))


def _kept(path: Path, memory: _Memory) -> None:
    """Whole or not at all, readable by its owner only: it holds what clients wrote."""
    told = asdict(memory)
    for values in told["heard"].values():
        values["arrived"] = values["arrived"].isoformat()
    beside = path.with_suffix(".new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            json.dump(told, file, ensure_ascii=False)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        with suppress(OSError):
            beside.unlink()
        raise OutOfReach(
            f"What was heard in the mailbox cannot be kept in {path}: {error.strerror}.",
            "Set [state] folder to a place where you may write.",
        ) from error
