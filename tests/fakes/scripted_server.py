"""A server on 127.0.0.1 that answers each request as a script says: with an answer, half of one, or by hanging up.

For what a faithful server cannot be asked to do. It keeps every request it heard, and knows nothing of Google.
"""

import json
import socket
import ssl
import struct
import time
from collections.abc import Callable
from threading import Thread
from types import TracebackType
from typing import Self

Part = Callable[[socket.socket], None]


def answer(status: int, body: object = None, *, kind: str = "application/json", **headers: str) -> Part:
    """An answer with `body`: bytes as they are, anything else as JSON. Underscores in names of headers are hyphens."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    more = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    fixed = f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {len(content)}\r\nConnection: close\r\n"
    head = f"{fixed}{more}\r\n".encode()
    return lambda wire: wire.sendall(head + content)


def refusal(status: int, message: str = "", **headers: str) -> Part:
    """An error with Google's body."""
    return answer(status, {"error": {"code": status, "message": message, "status": "X", "details": []}}, **headers)


TOKEN = answer(200, {"access_token": "t", "expires_in": 3600, "token_type": "Bearer"})
PAGE = answer(200, b"<html>Welcome to our guest network</html>", kind="text/html")


def hang_up(wire: socket.socket) -> None:
    """End the connection without a word."""
    wire.close()


def reset(wire: socket.socket) -> None:
    """Break the connection as a failing network does."""
    wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    wire.close()


def cut(wire: socket.socket) -> None:
    """Promise more bytes than come."""
    wire.sendall(b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n{"valueRanges": [')
    wire.close()


def half_a_head(wire: socket.socket) -> None:
    """End in the middle of the headers."""
    wire.sendall(b"HTTP/1.1 200 OK\r\nContent-Ty")
    wire.close()


def silence(_: socket.socket) -> None:
    """Take the request and say nothing."""


class ScriptedServer:
    """Plays `script`, a part for each request, from `with` to its end; the last part goes on for ever.

    Before, its port refuses connections. `heard` holds each request whole; `tls` wraps the connections.
    """

    def __init__(self, *script: Part, tls: ssl.SSLContext | None = None) -> None:
        self.heard: list[bytes] = []
        self._script = list(script)
        self._tls = tls
        self._wires: list[socket.socket] = []
        self._listener = socket.socket()
        self._listener.bind(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"
        self._thread = Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Self:
        self._listener.listen()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)
        for wire in self._wires:
            wire.close()

    def hears(self, number: int) -> bool:
        """Whether so many requests come in: those of a client that gave up sooner are heard when their turn comes."""
        until = time.monotonic() + 30
        while len(self.heard) < number and time.monotonic() < until:
            time.sleep(0.01)
        return len(self.heard) >= number

    def targets(self) -> list[str]:
        """Path and query of each request."""
        return [request.split(b" ", 2)[1].decode() for request in self.heard]

    def _serve(self) -> None:
        while True:
            try:
                wire, _ = self._listener.accept()
            except OSError:
                return
            self._wires.append(wire)
            try:
                self._converse(self._tls.wrap_socket(wire, server_side=True) if self._tls else wire)
            except OSError:
                continue

    def _converse(self, wire: socket.socket) -> None:
        """One request a connection: no part depends on what the client keeps open."""
        request = _request(wire)
        if not request:
            return
        self.heard.append(request)
        part = self._script.pop(0) if len(self._script) > 1 else self._script[0]
        part(wire)
        if part is not silence and wire.fileno() >= 0:
            wire.close()


def _request(wire: socket.socket) -> bytes:
    heard = b""
    while b"\r\n\r\n" not in heard:
        more = wire.recv(65536)
        if not more:
            return b""
        heard += more
    head, _, body = heard.partition(b"\r\n\r\n")
    sizes = [line.split(b":")[1] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
    while len(body) < int(sizes[0] if sizes else 0):
        body += wire.recv(65536)
    return head + b"\r\n\r\n" + body
