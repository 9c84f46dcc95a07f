"""A service that takes notices over HTTP, as chats do: it keeps what it took, answers what a test says, or nothing."""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread

from tests.fakes.http_wire import Reply, Request, Wire


class NoticeServer:
    """Takes what Apprise's `json://` sends. `status` is its answer; `closed` hangs up instead; `taken` holds title and
    text of each message, `targets` where it was sent to."""

    def __init__(self) -> None:
        self.status = 200
        self.closed = False
        self.taken: list[tuple[str, str]] = []
        self.targets: list[str] = []
        self._wire = Wire(self._respond, lambda: 0.0)

    def __enter__(self) -> "NoticeServer":
        self._wire.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._wire.stop()

    @property
    def url(self) -> str:
        """Its address for Apprise, with a secret in it."""
        return f"json://bot:very-secret@{self._wire.url.removeprefix('http://')}/hooks/T0PSECRET"

    def _respond(self, request: Request) -> Reply:
        self.targets.append(request.target)
        if not self.closed and self.status == 200:
            said = json.loads(request.body)
            self.taken.append((said["title"], said["message"]))
        return Reply(self.status, b"{}", "application/json", drop="closed" if self.closed else "")


@contextmanager
def dripping() -> Iterator[str]:
    """An Apprise address whose server answers with one byte now and then, for ever."""
    done = Event()

    def drip() -> None:
        connection, _ = listener.accept()
        with connection, suppress(OSError):
            connection.sendall(b"HTTP/1.1 200 OK\r\n")
            while not done.wait(0.05):
                connection.sendall(b"X")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = Thread(target=drip, daemon=True)
        thread.start()
        try:
            yield f"json://127.0.0.1:{listener.getsockname()[1]}/very-secret"
        finally:
            done.set()
            thread.join()
