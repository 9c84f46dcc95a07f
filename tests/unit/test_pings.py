"""Calls to the watchdog: where they go, and that nothing follows from what becomes of them."""

import logging
import socket
import threading
import time

import pytest

from mailers.pings import ping
from tests.fakes.http_wire import Reply, Request, Wire
from tests.fakes.notice_server import dripping


class TestPing:
    @pytest.mark.parametrize("ending", ["", "/"])
    def test_calls_the_address_and_what_stands_below_it(self, ending: str) -> None:
        called = []

        def respond(request: Request) -> Reply:
            called.append((request.method, request.target))
            return Reply(200, b"OK", "text/plain")

        wire = Wire(respond, lambda: 0.0)
        wire.start()
        for what in ("start", "good", "failed"):
            ping(f"{wire.url}/ping/uuid{ending}", what)
        wire.stop()
        assert called == [("GET", "/ping/uuid/start"), ("GET", "/ping/uuid"), ("GET", "/ping/uuid/fail")]

    def test_without_an_address_nobody_is_called(self, caplog: pytest.LogCaptureFixture) -> None:
        ping("", "good")
        assert caplog.text == ""

    def test_a_refusal_is_logged_without_the_address(self, caplog: pytest.LogCaptureFixture) -> None:
        wire = Wire(lambda _: Reply(404, b"", "text/plain"), lambda: 0.0)
        wire.start()
        ping(f"{wire.url}/very-secret", "good")
        wire.stop()
        assert "answered 404" in caplog.text
        assert "very-secret" not in caplog.text

    @pytest.mark.parametrize("address", ["http://127.0.0.1:1/very-secret", "http://..:99999/very-secret", "http://[/x"])
    def test_nobody_there_is_logged_without_the_address(self, address: str, caplog: pytest.LogCaptureFixture) -> None:
        with caplog.at_level(logging.DEBUG, "mailers"):
            ping(address, "good")
        assert "out of reach" in caplog.text
        assert "very-secret" not in caplog.text

    def test_what_comes_of_a_call_that_took_too_long_is_nobodys_concern(self, caplog: pytest.LogCaptureFixture) -> None:
        """Its log may be closed by then: one line says that there was no answer in time, and that is all."""
        others = threading.enumerate()
        with socket.create_server(("127.0.0.1", 0)) as slow:
            ping(f"http://127.0.0.1:{slow.getsockname()[1]}/x", "good", seconds=0.1)
        for call in set(threading.enumerate()) - set(others):
            call.join(5)
        assert caplog.text.count("The watchdog") == 1

    def test_one_who_never_ends_is_left_alone(self, caplog: pytest.LogCaptureFixture) -> None:
        begun = time.monotonic()
        with socket.create_server(("127.0.0.1", 0)) as silent:
            ping(f"http://127.0.0.1:{silent.getsockname()[1]}/x", "good", seconds=0.2)
        with dripping() as address:
            ping(address.replace("json://", "http://"), "good", seconds=0.3)
        assert time.monotonic() - begun < 10
        assert "did not answer" in caplog.text or "out of reach" in caplog.text
