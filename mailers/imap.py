"""A mailbox on an IMAP server (RFC 3501), and imaplib's only home. It looks and never touches: folders are opened with
EXAMINE, messages read with BODY.PEEK, so nothing is marked as read, moved or deleted.

Which messages to read, and what they say, is decided elsewhere. Why a server is out of reach is put in words in
imap_errors.py, names of folders in folder_names.py.
"""

import imaplib
import re
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from email.utils import parsedate_to_datetime
from typing import Literal, Self

from mailers.folder_names import folder_name, wire_name
from mailers.imap_errors import garbled, no_folder, no_starttls, not_signed_in, unreachable
from mailers.reading_mail import MOST

MOST_HEADERS = 16384  # bytes of the headers that are looked at first
_MOST_LITERAL = 4 * MOST  # what no server needs to say at once for what it is asked here
_AT_ONCE = {"HEADER": 50, "": 10}  # messages asked for in one command
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_UID = re.compile(rb"\bUID (\d+)")
_ARRIVED = re.compile(rb'\bINTERNALDATE "([^"]{1,40})"')
_LISTED = re.compile(rb'\([^)]*\) (?:"(?:[^"\\]|\\.)*"|NIL) (.*)', re.S)
_SAFE = re.compile(r"<[\x21\x23-\x5b\x5d-\x7e]+>")  # printable ASCII without quotation mark and backslash


@dataclass(frozen=True)
class ImapServer:
    """Where the mailbox is; `timeout` in seconds for each answer."""

    host: str
    port: int
    security: Literal["starttls", "tls", "none"]
    username: str
    password: str = field(default="", repr=False)
    timeout: float = 30.0

    @property
    def place(self) -> str:
        """The server's name and port."""
        return f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Found:
    """A message in the open folder: its UID, when the mailbox got it (aware; None if the server does not tell), and the
    bytes that were asked for."""

    uid: int
    arrived: datetime | None
    content: bytes


class _Bounded(imaplib.IMAP4):
    """What a server announces is read only if it is not absurdly much."""

    def read(self, size: int) -> bytes:
        if size > _MOST_LITERAL:
            raise self.abort(f"the server wants to say {size} bytes at once")
        return super().read(size)


class _BoundedTls(imaplib.IMAP4_SSL):
    """The same by TLS from the first byte on."""

    def read(self, size: int) -> bytes:
        if size > _MOST_LITERAL:
            raise self.abort(f"the server wants to say {size} bytes at once")
        return super().read(size)


class Mailbox:
    """One signed-in conversation, from `with` to its end. Every method raises OutOfReach when it breaks."""

    def __init__(self, server: ImapServer) -> None:
        """Raises OutOfReach: no connection, no valid certificate, no sign-in."""
        self._server = server
        try:
            self._imap = self._connected()
        except (OSError, UnicodeError) as error:
            raise unreachable(server.place, error) from error
        except imaplib.IMAP4.error as error:
            raise garbled(server.place, error) from error
        settled = False
        try:
            with self._in_reach():
                self._introduce()
            settled = True
        finally:
            if not settled:
                self._drop()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:  # a server that failed is not asked to say good-bye: it may be as slow again
            with suppress(OSError, imaplib.IMAP4.error):
                self._imap.logout()
        self._drop()

    def open(self, name: str) -> int:
        """Look into the folder `name`; its UIDVALIDITY: while it is the same, so are the UIDs (RFC 3501, 2.3.1.1).

        Raises:
            OutOfReach: there is no such folder.
        """
        with self._in_reach():
            answer, said = self._imap.select(f'"{_quoted(wire_name(name))}"', readonly=True)
            if answer != "OK":
                raise no_folder(self._server.place, name, _words(said), self.folders())
            _, told = self._imap.response("UIDVALIDITY")
            return _number(told)

    def uids(self, after: int | None, since: date) -> list[int]:
        """The UIDs above `after`, or where that is None those of messages that arrived on the day `since` or later,
        lowest first."""
        day = f"{since.day}-{_MONTHS[since.month - 1]}-{since.year}"
        criteria = ("SINCE", day) if after is None else ("UID", f"{after + 1}:*")
        found = self._searched(*criteria)
        return sorted(uid for uid in found if after is None or uid > after)  # "n:*" names the last one in any case

    def headers(self, uids: Sequence[int]) -> Iterator[Found]:
        """The beginning of the headers of these messages; one that is gone meanwhile is left out."""
        return self._fetched(uids, "HEADER", MOST_HEADERS)

    def messages(self, uids: Sequence[int]) -> Iterator[Found]:
        """The first 64 KB of these messages."""
        return self._fetched(uids, "", MOST)

    def holds(self, message_id: str) -> bool:
        """Whether a message with this Message-ID lies in the open folder."""
        return bool(_SAFE.fullmatch(message_id)) and bool(self._searched("HEADER", "Message-ID", f'"{message_id}"'))

    def folders(self) -> list[str]:
        """The names of all folders."""
        with self._in_reach():
            _, lines = self._imap.list()
            found = [line for line in lines if isinstance(line, bytes)]
            names = [match[1].strip(b'"') for line in found if (match := _LISTED.fullmatch(line))]
            return sorted(folder_name(name.replace(b'\\"', b'"').decode("ascii", "replace")) for name in names)

    def _connected(self) -> imaplib.IMAP4:
        server = self._server
        if server.security == "tls":
            context = ssl.create_default_context()
            return _BoundedTls(server.host, server.port, ssl_context=context, timeout=server.timeout)
        return _Bounded(server.host, server.port, timeout=server.timeout)

    def _introduce(self) -> None:
        server = self._server
        if server.security == "starttls":
            if "STARTTLS" not in self._imap.capabilities:
                raise no_starttls(server.place)
            self._imap.starttls(ssl.create_default_context())
        try:
            self._sign_in()
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as error:
            raise not_signed_in(server.place, server.username, error) from error

    def _sign_in(self) -> None:
        """By PLAIN where it is offered: imaplib's LOGIN knows ASCII only."""
        name, password = self._server.username, self._server.password
        if "AUTH=PLAIN" in self._imap.capabilities:
            words = "\0".join(("", name, password)).encode()
            self._imap.authenticate("PLAIN", lambda _: words)
        elif name.isascii() and password.isascii():
            self._imap.login(f'"{_quoted(name)}"', password)
        else:
            raise imaplib.IMAP4.error("it takes no name or password with letters beyond ASCII")

    def _searched(self, *criteria: str) -> list[int]:
        with self._in_reach():
            answer, lines = self._imap.uid("SEARCH", *criteria)
            if answer != "OK":
                raise garbled(self._server.place, f"SEARCH: {_words(lines)}")
            return [int(word) for line in lines if isinstance(line, bytes) for word in line.split() if word.isdigit()]

    def _fetched(self, uids: Sequence[int], section: str, most: int) -> Iterator[Found]:
        step = _AT_ONCE[section]
        asked = f"(UID INTERNALDATE BODY.PEEK[{section}]<0.{most}>)"
        for start in range(0, len(uids), step):
            some = uids[start : start + step]
            with self._in_reach():
                answer, told = self._imap.uid("FETCH", ",".join(map(str, some)), asked)
            if answer != "OK":
                raise garbled(self._server.place, f"FETCH: {_words(told)}")
            yield from (found for found in _messages(told) if found.uid in some)

    @contextmanager
    def _in_reach(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise unreachable(self._server.place, error) from error
        except imaplib.IMAP4.error as error:
            raise garbled(self._server.place, error) from error

    def _drop(self) -> None:
        with suppress(OSError, imaplib.IMAP4.error):
            self._imap.shutdown()


def _messages(told: Sequence[object]) -> Iterator[Found]:
    """From imaplib's pieces: what stands before a literal, the literal, and what stands behind it."""
    for number, piece in enumerate(told):
        if not (isinstance(piece, tuple) and len(piece) == 2):
            continue
        behind = told[number + 1] if number + 1 < len(told) else b""
        about = piece[0] + b" " + (behind if isinstance(behind, bytes) else b"")
        if uid := _UID.search(about):
            yield Found(int(uid[1]), _arrived(_ARRIVED.search(about)), piece[1])


def _arrived(found: re.Match[bytes] | None) -> datetime | None:
    try:
        moment = parsedate_to_datetime(found[1].decode("ascii").strip()) if found else None
    except (ValueError, TypeError):
        return None
    return moment if moment and moment.tzinfo else None


def _number(told: Sequence[object]) -> int:
    digits = next((piece for piece in told if isinstance(piece, bytes) and piece.isdigit()), b"0")
    return int(digits)


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _words(told: Sequence[object]) -> str:
    return " ".join(piece.decode("utf-8", "replace") for piece in told if isinstance(piece, bytes))
