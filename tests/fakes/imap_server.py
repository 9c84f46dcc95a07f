"""A mailbox server on 127.0.0.1: IMAP4rev1 as imaplib speaks it, with folders of messages, and faults as a test says.

It keeps every command it heard and every flag that anybody set, and knows nothing of ours. Raw sockets, no parser of a
client's: what it does not know it answers with BAD.
"""

import base64
import re
import socket
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Event, Thread
from types import TracebackType
from typing import Self

Fault = Callable[[str], bytes | None]
CUT, SILENCE = b"<cut>", b"<silence>"
_PARTS = re.compile(r'"((?:[^"\\]|\\.)*)"|(\S+)')


def kindly(_: str) -> None:
    """The fault of a server that works."""


def fails(command: str, outcome: bytes, *, times: int = 1_000_000) -> Fault:
    """At a command line that contains `command` ("UID FETCH", "greeting"), `outcome`: CUT, SILENCE, or the line to say
    in its place ("NO not now"; "*" at its beginning stands without the command's tag)."""
    met = 0

    def fault(line: str) -> bytes | None:
        nonlocal met
        if met >= times or command not in line:
            return None
        met += 1
        return outcome

    return fault


@dataclass
class Folder:
    """Messages by UID with the moments they arrived; a new `validity` makes all UIDs void."""

    validity: int = 1
    messages: dict[int, tuple[bytes, datetime]] = field(default_factory=dict)

    def add(self, content: bytes | str, arrived: datetime | None = None) -> int:
        """Put a message there; its UID."""
        uid = max(self.messages, default=0) + 1
        raw = content if isinstance(content, bytes) else content.encode()
        self.messages[uid] = (raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"), arrived or datetime.now(UTC))
        return uid


class _Hung(Exception):
    """The connection is over."""


class ImapServer:
    """Works from `with` to its end. `users` may sign in; `plain` says whether AUTH=PLAIN is offered."""

    def __init__(
        self,
        users: Mapping[str, str] | None = None,
        *,
        fault: Fault = kindly,
        tls: ssl.SSLContext | None = None,
        at_once: bool = False,
        plain: bool = True,
    ) -> None:
        """With `tls` there is STARTTLS, or TLS from the first byte on if `at_once`."""
        self.users, self.fault, self.tls, self.at_once, self.plain = dict(users or {}), fault, tls, at_once, plain
        self.folders: dict[str, Folder] = {"INBOX": Folder(), "Wys&AUI-ane": Folder()}
        self.heard: list[str] = []
        self.over = Event()
        self._listener = socket.socket()
        self._listener.bind(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._thread = Thread(target=self._serve, daemon=True)

    @property
    def inbox(self) -> Folder:
        return self.folders["INBOX"]

    @property
    def sent(self) -> Folder:
        """The folder "Wysłane"."""
        return self.folders["Wys&AUI-ane"]

    def __enter__(self) -> Self:
        self._listener.listen()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.over.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)

    def _serve(self) -> None:
        while True:
            try:
                wire, _ = self._listener.accept()
            except OSError:
                return
            Thread(target=_Dialogue(self, wire).hold, daemon=True).start()


class _Dialogue:
    def __init__(self, server: ImapServer, wire: socket.socket) -> None:
        self._server, self._wire = server, wire
        self._buffer = b""
        self._signed_in = False
        self._folder: Folder | None = None

    def hold(self) -> None:
        try:
            if self._server.tls and self._server.at_once:
                self._wire = self._server.tls.wrap_socket(self._wire, server_side=True)
            self._say(self._fate("greeting") or b"* OK mailbox ready")
            while True:
                self._obey(self._line().decode("utf-8", "replace"))
        except (OSError, _Hung):
            pass
        finally:
            self._wire.close()

    def _obey(self, line: str) -> None:
        tag, _, rest = line.partition(" ")
        words = [quoted.replace('\\"', '"').replace("\\\\", "\\") or bare for quoted, bare in _PARTS.findall(rest)]
        name = words[0].upper() if words else ""
        self._server.heard.append(rest)
        outcome = self._fate(rest)
        if outcome is not None:
            self._say(outcome if outcome.startswith(b"*") else tag.encode() + b" " + outcome)
            return
        known = {
            "CAPABILITY": self._capability,
            "STARTTLS": self._nothing,
            "AUTHENTICATE": self._authenticate,
            "LOGIN": self._login,
            "EXAMINE": self._examine,
            "LIST": self._list,
            "UID": self._uid,
            "LOGOUT": self._farewell,
        }
        done = known[name](words) if name in known else b"BAD what is that"
        self._say(tag.encode() + b" " + done)
        if name == "STARTTLS" and self._server.tls:
            self._wire = self._server.tls.wrap_socket(self._wire, server_side=True)
        if name == "LOGOUT":
            raise _Hung

    def _capability(self, _: list[str]) -> bytes:
        offered = ["IMAP4rev1"]
        if self._server.tls and not isinstance(self._wire, ssl.SSLSocket):
            offered.append("STARTTLS")
        if self._server.plain:
            offered.append("AUTH=PLAIN")
        self._say(f"* CAPABILITY {' '.join(offered)}".encode())
        return b"OK done"

    def _nothing(self, _: list[str]) -> bytes:
        return b"OK go ahead" if self._server.tls else b"BAD no"

    def _authenticate(self, _: list[str]) -> bytes:
        self._say(b"+ ")
        _, name, password = base64.b64decode(self._line()).decode().split("\0")
        return self._known(name, password)

    def _login(self, words: list[str]) -> bytes:
        return self._known(words[1], words[2])

    def _known(self, name: str, password: str) -> bytes:
        self._signed_in = self._server.users.get(name) == password
        return b"OK welcome" if self._signed_in else b"NO [AUTHENTICATIONFAILED] who are you"

    def _examine(self, words: list[str]) -> bytes:
        if not self._signed_in:
            return b"NO sign in first"
        self._folder = self._server.folders.get(words[1])
        if self._folder is None:
            return b"NO [NONEXISTENT] no such mailbox"
        self._say(f"* {len(self._folder.messages)} EXISTS".encode())
        self._say(f"* OK [UIDVALIDITY {self._folder.validity}] UIDs valid".encode())
        return b"OK [READ-ONLY] done"

    def _list(self, _: list[str]) -> bytes:
        for name in self._server.folders:
            self._say(f'* LIST (\\HasNoChildren) "/" "{name}"'.encode())
        return b"OK done"

    def _farewell(self, _: list[str]) -> bytes:
        self._say(b"* BYE")
        return b"OK bye"

    def _uid(self, words: list[str]) -> bytes:
        if self._folder is None:
            return b"BAD no mailbox selected"
        if words[1] == "SEARCH":
            found = self._search(self._folder, words[2:])
            self._say(f"* SEARCH {' '.join(map(str, found))}".rstrip().encode())
            return b"OK done"
        if words[1] == "FETCH" and "BODY.PEEK[" in " ".join(words[3:]):
            return self._fetch(self._folder, words[2], " ".join(words[3:]))
        return b"BAD what is that"

    def _search(self, folder: Folder, criteria: list[str]) -> list[int]:
        if criteria[0] == "UID":
            first = int(criteria[1].partition(":")[0])
            last = max(folder.messages, default=0)
            return [uid for uid in folder.messages if uid >= first] or ([last] if last else [])
        if criteria[0] == "SINCE":
            since = datetime.strptime(criteria[1], "%d-%b-%Y").replace(tzinfo=UTC).date()
            return [uid for uid, (_, arrived) in folder.messages.items() if arrived.date() >= since]
        wanted = f"message-id: {criteria[2]}".casefold().encode()
        return [uid for uid, (content, _) in folder.messages.items() if wanted in content.lower()]

    def _fetch(self, folder: Folder, uids: str, items: str) -> bytes:
        section, most = re.findall(r"BODY\.PEEK\[(\w*)\]<0\.(\d+)>", items)[0]
        for uid in map(int, uids.split(",")):
            if uid not in folder.messages:
                continue
            content, arrived = folder.messages[uid]
            told = content.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" if section else content
            told = told[: int(most)]
            when = arrived.strftime("%d-%b-%Y %H:%M:%S %z")
            head = f'* {uid} FETCH (UID {uid} INTERNALDATE "{when}" BODY[{section}]<0> {{{len(told)}}}\r\n'
            self._wire.sendall(head.encode() + told + b")\r\n")
        return b"OK done"

    def _fate(self, line: str) -> bytes | None:
        outcome = self._server.fault(line)
        if outcome == SILENCE:
            self._server.over.wait(30)
        if outcome in (CUT, SILENCE):
            raise _Hung
        return outcome

    def _say(self, words: bytes) -> None:
        self._wire.sendall(words + b"\r\n")

    def _line(self) -> bytes:
        while b"\r\n" not in self._buffer:
            more = self._wire.recv(65536)
            if not more:
                raise _Hung
            self._buffer += more
        line, _, self._buffer = self._buffer.partition(b"\r\n")
        return line
