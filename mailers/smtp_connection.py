"""One conversation with a mail server (RFC 5321), and smtplib's only home.

What is to be said, and in which order, so that the final dot alone is ambiguous. Which letters go, and what is to be
remembered of them, is smtp.py's part.
"""

import base64
import re
import selectors
import smtplib
import socket
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Literal

from mailers.smtp_errors import InDoubt, NotTaken, Reply, no_starttls, not_served, not_signed_in, unreachable

_CHUNK = 65536  # bytes; each has the whole time-out for itself
_FAREWELL = 5.0  # seconds
_DOT = ".\r\n"
_GO_ON = 354  # the reply to DATA that asks for the message
_HOST_NAME = re.compile(r"(?=.{1,253}$)[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


@dataclass(frozen=True)
class SmtpServer:
    """Where letters are handed in. Times in seconds: `timeout` for each reply, `last_answer` for that to the final dot
    (RFC 5321, 4.5.3.2.6). `per_minute` is the most letters that it is asked to take in a minute; 0: as many as may be.
    """

    host: str
    port: int
    security: Literal["starttls", "tls", "none"]
    username: str = ""
    password: str = field(default="", repr=False)
    timeout: float = 60.0
    last_answer: float = 600.0
    per_minute: int = 0


@dataclass(frozen=True, slots=True)
class Parcel:
    """A letter as it goes over the wire: the envelope, and the message with lines ended by CR LF."""

    sender: str
    to: tuple[str, ...]
    content: bytes

    @property
    def utf8(self) -> bool:
        """Whether an address in the envelope or in a header needs SMTPUTF8 (RFC 6531)."""
        headers = self.content.partition(b"\r\n\r\n")[0]
        return not (headers.isascii() and all(address.isascii() for address in (self.sender, *self.to)))


class Connection:
    """One conversation with the server, signed in and ready for letters. Its methods raise NotTaken when a letter does
    not get through and InDoubt when nobody can tell."""

    def __init__(self, server: SmtpServer) -> None:
        """Raises OutOfReach when there is none to be had."""
        self._server = server
        self._place = f"{server.host}:{server.port}"
        self._unfinished = False
        try:
            self._smtp = self._greeted()
        except smtplib.SMTPConnectError as error:
            words = error.smtp_error if isinstance(error.smtp_error, bytes) else error.smtp_error.encode()
            raise not_served(self._place, Reply.of((error.smtp_code, words))) from error
        except (OSError, UnicodeError) as error:
            raise unreachable(self._place, error) from error
        settled = False
        try:
            self._introduce()
            settled = True
        except OSError as error:
            raise unreachable(self._place, error) from error
        finally:
            if not settled:
                self.drop()

    def ready(self) -> bool:
        """Whether the server still listens, and has forgotten a letter that did not get through."""
        try:
            if self._smtp.sock is None or self._spoken():  # a word out of turn is a farewell
                return False
            if self._unfinished and not self._ask("RSET").yes:
                return False
        except OSError:
            return False
        self._unfinished = False
        return True

    def address(self, parcel: Parcel, *, last: bool) -> dict[str, Reply]:
        """Say who writes to whom, and that the message follows. The replies of recipients that were refused while
        others were taken; for passing reasons only if this is the last try."""
        self._unfinished = True
        commands = [f"MAIL FROM:<{parcel.sender}>{self._options(parcel)}"]
        commands += [f"RCPT TO:<{address}>" for address in parcel.to]
        with self._passing(), self._answers([*commands, "DATA"]) as answers:
            reply = next(answers)
            if not reply.yes:
                raise NotTaken.because(reply)
            replies = {address: next(answers) for address in parcel.to}
            refused = {address: reply for address, reply in replies.items() if not reply.yes}
            passing = [reply for reply in refused.values() if not reply.permanent]
            if refused.keys() == replies.keys() or (passing and not last):
                refusal = (passing or list(refused.values()))[0]
                raise NotTaken.because(refusal, next(a for a, reply in refused.items() if reply is refusal))
            reply = next(answers)
            if reply.code != _GO_ON:
                raise NotTaken.because(reply)
        return refused

    def hand_over(self, content: bytes) -> None:
        """Send the message, all but the last dot; lines that begin with one get another (RFC 5321, 4.5.2)."""
        lines = re.sub(rb"(?m)^\.", b"..", content) if b"\n." in content else content
        with self._passing():
            for start in range(0, len(lines), _CHUNK):
                self._smtp.send(lines[start : start + _CHUNK])

    def dot(self) -> Reply:
        """Send the dot that ends the letter, and wait for the answer. From then on nothing but that answer is sure."""
        self._expect_silence()
        try:
            self._smtp.send(_DOT)
            self._wait_at_most(self._server.last_answer)
            reply = Reply.of(self._smtp.getreply())
            self._wait_at_most(self._server.timeout)
        except OSError as error:
            raise InDoubt(f"no answer after the letter was handed over: {error}") from error
        if reply.no:
            raise NotTaken.because(reply)
        if not reply.yes:
            raise InDoubt(f"no answer after the letter was handed over, but {reply}")
        self._unfinished = False
        return reply

    def leave(self) -> None:
        """Say good-bye and close."""
        with suppress(OSError):
            self._wait_at_most(_FAREWELL)
            self._smtp.quit()
        self.drop()

    def drop(self) -> None:
        """Close without a word."""
        self._smtp.close()

    def _greeted(self) -> smtplib.SMTP:
        host, port, timeout = self._server.host, self._server.port, self._server.timeout
        name = "localhost"  # else smtplib asks the network for ours; said is _our_name
        if self._server.security == "tls":
            context = ssl.create_default_context()
            return smtplib.SMTP_SSL(host, port, local_hostname=name, timeout=timeout, context=context)
        return smtplib.SMTP(host, port, local_hostname=name, timeout=timeout)

    def _introduce(self) -> None:
        assert self._smtp.sock is not None
        # The dot goes apart from the body: without this it would wait for the network's answer to that.
        self._smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._smtp.command_encoding = "utf-8"
        self._smtp.local_hostname = _our_name(self._smtp.sock)
        self._hello()
        if self._server.security == "starttls":
            self._secure()
            self._hello()
        if self._server.username:
            reply = self._sign_in()
            if isinstance(reply, str) or not reply.yes:
                raise not_signed_in(self._place, self._server.username, reply)

    def _hello(self) -> None:
        reply = Reply.of(self._smtp.ehlo())
        if reply.permanent:  # a server of before 1995
            reply = Reply.of(self._smtp.helo())
        if not reply.yes:
            raise not_served(self._place, reply)

    def _secure(self) -> None:
        if not self._smtp.has_extn("starttls"):
            raise no_starttls(self._place)
        try:
            self._smtp.starttls(context=ssl.create_default_context())
        except smtplib.SMTPResponseException as error:
            words = error.smtp_error if isinstance(error.smtp_error, bytes) else error.smtp_error.encode()
            raise no_starttls(self._place, Reply.of((error.smtp_code, words))) from error

    def _sign_in(self) -> Reply | str:
        """The server's reply, or why it was not even asked. smtplib's own login knows ASCII only, and tries a wrong
        password once for each mechanism."""
        name, password = self._server.username, self._server.password
        offered = self._smtp.esmtp_features.get("auth", "").upper().split()
        if "PLAIN" in offered:  # RFC 4616
            return self._ask("AUTH", f"PLAIN {_encoded(chr(0).join(('', name, password)))}")
        if "LOGIN" in offered:
            reply = self._ask("AUTH", f"LOGIN {_encoded(name)}")
            return self._ask(_encoded(password)) if reply.code == 334 else reply
        return f"it offers neither PLAIN nor LOGIN, but {' and '.join(offered) or 'nothing'}"

    def _options(self, parcel: Parcel) -> str:
        size, most = len(parcel.content), self._smtp.esmtp_features.get("size", "")
        if most.isdecimal() and 0 < int(most) < size:
            raise NotTaken(f"the letter has {size} bytes; the mail server takes {most} at most", permanent=True)
        options = f" SIZE={size}" if self._smtp.has_extn("size") else ""
        if not parcel.content.isascii():
            options += self._option("8BITMIME", " BODY=8BITMIME")
        if parcel.utf8:
            options += self._option("SMTPUTF8", " SMTPUTF8")
        return options

    def _option(self, extension: str, option: str) -> str:
        if not self._smtp.has_extn(extension):
            why = "an address has letters beyond ASCII before its @, and the mail server does not take such"
            raise NotTaken(f"{why} (no {extension})", permanent=True)
        return option

    @contextmanager
    def _answers(self, commands: Sequence[str]) -> Iterator[Iterator[Reply]]:
        """The replies to `commands`, which end with DATA: said all at once where the server offers that (PIPELINING,
        RFC 2920), else each when its reply is asked for. What was said all at once is heard to the end; should the
        server then await a message that does not come, it gets no dot, which would end an empty one, but no more."""
        if not self._smtp.has_extn("pipelining"):
            yield map(self._ask, commands)
            return
        self._smtp.send("".join(f"{command}\r\n" for command in commands))
        answers = (Reply.of(self._smtp.getreply()) for _ in commands)
        try:
            yield answers
        except NotTaken:
            in_step = False
            with suppress(OSError):
                in_step = all(reply.code != _GO_ON for reply in answers)
            if not in_step:
                self.drop()
            raise

    def _ask(self, command: str, argument: str = "") -> Reply:
        return Reply.of(self._smtp.docmd(command, argument))

    def _expect_silence(self) -> None:
        """A server that has closed, or refused the letter half-way, does not get the dot."""
        with self._passing():
            if self._spoken():
                reply = Reply.of(self._smtp.getreply())
                self.drop()  # it may still take the next command for a line of the letter
                raise NotTaken.because(reply)

    def _spoken(self) -> bool:
        """Whether the server has said something unasked, or closed."""
        sock, file = self._smtp.sock, self._smtp.file
        assert sock is not None
        assert file is not None
        sock.settimeout(0)
        try:
            if file.peek(1):
                return True
        except ssl.SSLWantReadError:
            pass
        finally:
            sock.settimeout(self._server.timeout)
        with selectors.DefaultSelector() as selector:  # an end is readable, too, but nothing to peek at
            selector.register(sock, selectors.EVENT_READ)
            return bool(selector.select(0))

    def _wait_at_most(self, seconds: float) -> None:
        if self._smtp.sock:
            self._smtp.sock.settimeout(seconds)

    @contextmanager
    def _passing(self) -> Iterator[None]:
        """A connection that breaks before the dot: the letter has not left, and may go by another."""
        try:
            yield
        except OSError as error:
            raise NotTaken(f"the connection to {self._place} was lost: {error}", permanent=False) from error


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _our_name(sock: socket.socket) -> str:
    """What we are called in EHLO: this machine's full name, else its address (RFC 5321, 4.1.3). Asks no network."""
    name = socket.gethostname()
    if _HOST_NAME.fullmatch(name):
        return name
    address = str(sock.getsockname()[0]).partition("%")[0]
    return f"[IPv6:{address}]" if ":" in address else f"[{address}]"
