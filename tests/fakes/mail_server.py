"""A mail server on 127.0.0.1, whose every step can fail as a test says: refuse, cut, fall silent, talk nonsense.

It speaks SMTP as RFC 5321 has it and keeps the letters it has taken; it passes nothing on. It knows nothing of ours.
"""

import base64
import socket
import ssl
import struct
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from ipaddress import IPv4Address
from pathlib import Path
from threading import Event, Thread
from types import TracebackType
from typing import NoReturn, Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization

from tests.fakes.keys import pem, private_key


class Act(Enum):
    """What the server does in the place of a reply. TAKE: what it was asked is done nevertheless."""

    CUT = "cut"
    RESET = "reset"
    SILENCE = "silence"
    TAKE_AND_CUT = "take and cut"
    TAKE_AND_SILENCE = "take and silence"


_TAKING = frozenset({Act.TAKE_AND_CUT, Act.TAKE_AND_SILENCE})


@dataclass(frozen=True)
class Step:
    """One moment of a dialogue: `name` is "greeting", a command, "body" (its first line has come) or "dot"; the
    connections, and the steps of each name, are counted from 1."""

    name: str
    argument: str
    connection: int
    count: int


Fate = Callable[[Step], bytes | Act | None]


@dataclass(frozen=True)
class Taken:
    """A letter that the server has taken: the envelope and the message as it was before its dots were doubled."""

    sender: str
    to: tuple[str, ...]
    content: bytes


def kindly(_: Step) -> None:
    """The fate of a server that works."""


def fails(step: str, outcome: bytes | Act, *, times: int = 1_000_000) -> Fate:
    """At `step`, or at a step with an argument that contains it ("bad@example.com"), `outcome`, the first `times`."""
    met = 0

    def fate(now: Step) -> bytes | Act | None:
        nonlocal met
        if met >= times or not (now.name == step or step in now.argument):
            return None
        met += 1
        return outcome

    return fate


class _Hung(Exception):
    """The connection is over."""


class MailServer:
    """Works from `with` to its end. The dialogue breaks off after `hears` bytes heard, or `says` bytes said, on the
    first `broken` connections."""

    def __init__(
        self,
        fate: Fate = kindly,
        *,
        features: Sequence[str] = ("SIZE 10000000", "8BITMIME"),
        users: Mapping[str, str] | None = None,
        tls: ssl.SSLContext | None = None,
        at_once: bool = False,
        hears: int | None = None,
        says: int | None = None,
        broken: int = 1,
        away: float = 0.0,
    ) -> None:
        """With `tls` there is STARTTLS, or TLS from the first byte on if `at_once`; with `users` a sign-in. A word and
        its answer are `away` seconds on their way; `turns` counts how often the client waited for that."""
        self.fate, self.features, self.users, self.tls, self.at_once = fate, tuple(features), users, tls, at_once
        self.hears, self.says, self.broken, self.away = hears, says, broken, away
        self.taken: list[Taken] = []
        self.heard: list[str] = []
        self.connections = self.turns = 0
        self.over = Event()
        self.counts: dict[str, int] = {}
        self._listener = socket.socket()
        self._listener.bind(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._thread = Thread(target=self._serve, daemon=True)

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
            self.connections += 1
            Thread(target=_Dialogue(self, wire, self.connections).hold, daemon=True).start()


class _Dialogue:
    def __init__(self, server: MailServer, wire: socket.socket, number: int) -> None:
        self._server, self._wire, self._number = server, wire, number
        broken = number <= server.broken
        self._hears = server.hears if broken else None
        self._says = server.says if broken else None
        self._buffer = b""
        self._sender, self._to = "", list[str]()
        self._answered = False

    def hold(self) -> None:
        try:
            self._wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._server.tls and self._server.at_once:
                self._wire = self._server.tls.wrap_socket(self._wire, server_side=True)
            self._reply("greeting", "", b"220 mail.example.pl ESMTP")
            while True:
                self._obey(*_parted(self._line()))
        except (OSError, _Hung):
            pass
        finally:
            self._wire.close()

    def _obey(self, command: str, argument: str) -> None:
        self._server.heard.append(f"{command} {argument}".rstrip())
        then = {
            "STARTTLS": self._secure,
            "MAIL": self._begin,
            "RCPT": lambda argument: self._to.append(_address(argument)),
            "RSET": lambda _: self._forget(),
            "DATA": lambda _: self._take(),
            "QUIT": self._hang_up,
        }
        usual = self._usual(command, argument)
        if self._reply(command, argument, usual) and usual[:1] in b"23" and command in then:
            then[command](argument)

    def _usual(self, command: str, argument: str) -> bytes:
        if command == "EHLO":
            return self._features()
        if command == "AUTH":
            return b"235 welcome" if self._knows(argument) else b"535 5.7.8 who are you"
        wrong = {"MAIL": bool(self._sender), "RCPT": not self._sender, "DATA": not self._to}
        if wrong.get(command):
            return b"503 5.5.1 out of turn"
        usual = {"STARTTLS": b"220 go ahead", "DATA": b"354 go on", "QUIT": b"221 bye"}
        return usual.get(command, b"250 ok" if command in ("HELO", "MAIL", "RCPT", "RSET") else b"500 what?")

    def _secure(self, _: str) -> None:
        assert self._server.tls
        self._wire = self._server.tls.wrap_socket(self._wire, server_side=True)

    def _begin(self, argument: str) -> None:
        self._sender = _address(argument)

    def _forget(self) -> None:
        self._sender, self._to = "", []

    def _hang_up(self, _: str) -> NoReturn:
        raise _Hung

    def _features(self) -> bytes:
        offered = [*self._server.features]
        if self._server.tls and not isinstance(self._wire, ssl.SSLSocket):
            offered.append("STARTTLS")
        if self._server.users is not None and not any(f.startswith("AUTH") for f in offered):
            offered.append("AUTH PLAIN LOGIN")
        lines = ["mail.example.pl", *offered]
        return "\r\n".join(f"250{' ' if line is lines[-1] else '-'}{line}" for line in lines).encode()

    def _knows(self, argument: str) -> bool:
        kind, _, first = argument.partition(" ")
        if kind == "PLAIN":
            _, name, password = base64.b64decode(first).decode().split("\0")
        else:
            name = base64.b64decode(first).decode()
            self._say(b"334 UGFzc3dvcmQ6\r\n")
            password = base64.b64decode(self._line()).decode()
        return (self._server.users or {}).get(name) == password

    def _take(self) -> None:
        lines: list[bytes] = []
        wanted = True
        while (line := self._line()) != b".":
            if not lines:
                wanted = self._reply("body", "", b"")
            lines.append(line.removeprefix(b"."))
        if wanted:
            self._judge(Taken(self._sender, tuple(self._to), b"".join(line + b"\r\n" for line in lines)))
        self._forget()

    def _judge(self, letter: Taken) -> None:
        outcome = self._fate("dot", "")
        if outcome in _TAKING or outcome is None or (isinstance(outcome, bytes) and outcome.startswith(b"250 ")):
            self._server.taken.append(letter)
        self._do(outcome if outcome is not None else b"250 2.0.0 queued as %d" % len(self._server.taken))

    def _reply(self, step: str, argument: str, usual: bytes) -> bool:
        """Say the `usual`, or what fate has it; whether that was the usual."""
        outcome = self._fate(step, argument)
        self._do(usual if outcome is None else outcome)
        return outcome is None

    def _fate(self, step: str, argument: str) -> bytes | Act | None:
        counts = self._server.counts
        counts[step] = counts.get(step, 0) + 1
        return self._server.fate(Step(step, argument, self._number, counts[step]))

    def _do(self, outcome: bytes | Act) -> None:
        if isinstance(outcome, bytes):
            if outcome:
                self._say(outcome if outcome.endswith(b"\n") else outcome + b"\r\n")
            return
        if outcome is Act.RESET:
            self._wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        if outcome in (Act.SILENCE, Act.TAKE_AND_SILENCE):
            self._server.over.wait(30)
        raise _Hung

    def _say(self, words: bytes) -> None:
        if self._says is not None:
            words, self._says = words[: self._says], self._says - len(words)
        self._wire.sendall(words)
        self._answered = True
        if self._says is not None and self._says <= 0:
            raise _Hung

    def _line(self) -> bytes:
        while b"\r\n" not in self._buffer:
            if self._hears is not None and self._hears <= 0:
                raise _Hung
            most = 65536 if self._hears is None else self._hears
            more = self._wire.recv(most)
            if not more:
                raise _Hung
            if self._answered:
                self._server.turns += 1
                time.sleep(self._server.away)
            self._answered = False
            if self._hears is not None:
                self._hears -= len(more)
            self._buffer += more
        line, _, self._buffer = self._buffer.partition(b"\r\n")
        return line


def certificate(folder: Path, *, expired: bool = False, address: str = "127.0.0.1") -> tuple[ssl.SSLContext, Path]:
    """What a server needs to show a certificate for `address`, and the file that makes a client trust it."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mail.example.pl")])
    day = datetime.now(UTC) - timedelta(days=10 if expired else 0)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).serial_number(2)
    builder = builder.public_key(private_key().public_key())
    builder = builder.not_valid_before(day - timedelta(1)).not_valid_after(day + timedelta(1))
    names = x509.SubjectAlternativeName([x509.IPAddress(IPv4Address(address))])
    builder = builder.add_extension(names, critical=False)
    made = builder.sign(private_key(), hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    path, trusted = folder / "mail-server.pem", folder / "trusted.pem"
    path.write_text(pem() + made.decode(), encoding="utf-8")
    trusted.write_bytes(made)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context, trusted


def _parted(line: bytes) -> tuple[str, str]:
    command, _, argument = line.decode(errors="replace").partition(" ")
    return command.upper(), argument


def _address(argument: str) -> str:
    return argument.partition("<")[2].partition(">")[0]
