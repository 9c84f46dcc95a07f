"""Bytes on the wire: an HTTP/1.1 server on 127.0.0.1 that sends replies whole, cut or not at all. Knows no Google."""

import gzip
import socket
import struct
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from email.utils import formatdate
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

_RESET_AT_CLOSE = struct.pack("ii", 1, 0)
_SMALL = 1000


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it came in; `target` is path and query, still encoded."""

    method: str
    target: str
    authorization: str
    gzip: bool
    body: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """What to send. `drop` says how it goes astray: "closed" or "reset" before anything, "cut" after half the body."""

    status: int
    body: bytes
    content_type: str
    drop: str = ""
    plain: int = 0  # bytes before gzip, when gzip was used

    def squeezed(self) -> "Reply":
        """The same under gzip, when that is worth it."""
        if len(self.body) < _SMALL:
            return self
        return replace(self, body=gzip.compress(self.body, 1, mtime=0), plain=len(self.body))


class Wire:
    """The server. `respond` answers each request in its connection's thread; `wall` gives the Date header's time."""

    def __init__(self, respond: Callable[[Request], Reply], wall: Callable[[], float]) -> None:
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.respond, self._server.wall = respond, wall
        self.failures = self._server.failures
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Stop listening and end every connection; a second time does nothing."""
        if self._thread.is_alive():
            self._server.shutdown()
        self._server.server_close()
        for connection in list(self._server.open):
            _end(connection)


class _Server(ThreadingHTTPServer):
    respond: Callable[[Request], Reply]
    wall: Callable[[], float]
    request_queue_size = 64

    def __init__(self, *args: Any) -> None:
        self.open: set[socket.socket] = set()
        self.failures: list[BaseException] = []
        super().__init__(*args)

    def handle_error(self, request: object, client_address: object) -> None:
        failure = sys.exc_info()[1]
        if failure is not None and not isinstance(failure, ConnectionError):
            self.failures.append(failure)

    def process_request(self, request: Any, client_address: Any) -> None:
        self.open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self.open.discard(request)
        super().shutdown_request(request)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "ESF", ""
    disable_nagle_algorithm = True
    wbufsize = -1

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        # As Google's guide to performance says: both headers have to ask for it.
        accepts = all("gzip" in self.headers.get(name, "") for name in ("Accept-Encoding", "User-Agent"))
        authorization = self.headers.get("Authorization", "")
        self._send(self.server.respond(Request(self.command, self.path, authorization, accepts, body)))

    def do_POST(self) -> None:
        self.do_GET()

    def do_PUT(self) -> None:
        self.do_GET()

    def do_DELETE(self) -> None:
        self.do_GET()

    def date_time_string(self, timestamp: float | None = None) -> str:
        return formatdate(self.server.wall() if timestamp is None else timestamp, usegmt=True)

    def log_message(self, *_: object) -> None:
        """Say nothing: the log is kept elsewhere."""

    def _send(self, reply: Reply) -> None:
        if reply.drop in ("closed", "reset"):
            return self._hang_up(reset=reply.drop == "reset")
        self.send_response(reply.status)
        if reply.status != HTTPStatus.NO_CONTENT:
            self._describe(reply)
        self.end_headers()
        self.wfile.write(reply.body[: len(reply.body) // 2] if reply.drop else reply.body)
        self.wfile.flush()
        return self._hang_up() if reply.drop else None

    def _describe(self, reply: Reply) -> None:
        self.send_header("Content-Type", reply.content_type)
        self.send_header("Vary", "Origin, X-Origin, Referer")
        if reply.plain:
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(reply.body)))

    def _hang_up(self, *, reset: bool = False) -> None:
        self.close_connection = True
        if reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_AT_CLOSE)
            self.connection.close()
        else:
            _end(self.connection)


def _end(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # it had ended already
