"""The connection to Google keeps its promises whatever a network and a server do: against a server with a script."""

import gzip
import json
import socket
from collections.abc import Callable
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest

from sync.snapshot import Sheet
from sync.storage.google_connection import Connection, NotApplied, Pace, Unsure
from sync.storage.google_sign_in import Access
from tests.fakes.keys import key_file, self_made_certificate
from tests.fakes.scripted_server import (
    PAGE,
    TOKEN,
    Part,
    ScriptedServer,
    answer,
    cut,
    half_a_head,
    hang_up,
    refusal,
    reset,
    silence,
)
from tests.fakes.sheets_server import FakeSheets
from tests.fakes.waiting import Waits, Widest
from validators.errors import OutOfReach

GRID = answer(200, {"valueRanges": [{"range": "'K'!A1:B2", "values": [["a", 1.5], [], ["b"]]}]})
BODY: dict[str, object] = {"requests": [{"findReplace": {"find": "żółć", "replacement": "x"}}]}
# What leaves it open whether a write was applied.
DOUBTS: dict[str, Part] = {
    "500": refusal(500, "Internal error encountered."),
    "502 page": answer(502, b"<html>Bad Gateway</html>", kind="text/html"),
    "503": refusal(503, "The service is currently unavailable."),
    "504": refusal(504, "Deadline expired"),
    "408": refusal(408),
    "499": refusal(499, "The operation was cancelled."),
    "hang up": hang_up,
    "reset": reset,
    "silence": silence,
    "half a head": half_a_head,
    "cut": cut,
    "page": PAGE,
    "no body": answer(200, b""),
    "half a JSON": answer(200, b'{"replies": ['),
    "no object": answer(200, [1]),
    "broken gzip": answer(200, gzip.compress(b'{"valueRanges": []}')[:-14], Content_Encoding="gzip"),
}


@pytest.fixture(autouse=True)
def _no_account_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS", raising=False)


@pytest.fixture
def clock() -> Waits:
    return Waits()


def connected(url: str, clock: Waits, *, part: Part = hang_up, **pace: float) -> Connection:
    """A connection that gives up soon only on a `part` that is silent: a busy machine may be slow for a moment."""
    soon = 0.1 if part is silence else 10.0
    how = Pace(clock.sleep, clock.now, **{"interval": 0.0, **pace})
    return Connection("book-1", Access(None, url), how, chance=Widest(1), timeouts=(soon, soon))


def out_of_reach(call: Callable[[], object]) -> OutOfReach:
    with pytest.raises(OutOfReach) as raised:
        call()
    assert raised.value.exit_status == 3
    assert raised.value.advice
    return raised.value


class TestReading:
    def test_a_grid_for_each_range(self, clock: Waits) -> None:
        two = answer(200, {"valueRanges": [{"range": "A", "values": [["a", 1.5], [], ["b"]]}, {"range": "B"}]})
        with ScriptedServer(two) as server:
            assert connected(server.url, clock).values(["A", "B"]) == [[["a", 1.5], [], ["b"]], []]

    def test_it_asks_for_typed_values_under_a_mask_and_compressed(self, clock: Waits) -> None:
        with ScriptedServer(GRID) as server:
            connected(server.url, clock).values(["'K'!A:B"])
        path, _, query = server.targets()[0].partition("?")
        assert path == "/v4/spreadsheets/book-1/values:batchGet"
        assert set(query.split("&")) == {
            "ranges=%27K%27%21A%3AB",
            "valueRenderOption=UNFORMATTED_VALUE",
            "dateTimeRenderOption=SERIAL_NUMBER",
            "fields=valueRanges%28range%2Cvalues%29",
            "prettyPrint=false",
        }
        assert b"User-Agent: kartoteka (gzip)\r\n" in server.heard[0]
        assert b"Accept-Encoding: gzip" in server.heard[0]

    def test_describe_asks_for_cells_only_when_told(self, clock: Waits) -> None:
        with ScriptedServer(answer(200, {"properties": {"title": "T"}})) as server:
            connection = connected(server.url, clock)
            assert connection.describe("properties.title") == {"properties": {"title": "T"}}
            connection.describe("sheets.data", ["A1"], grid=True)
        assert "includeGridData=false" in server.targets()[0]
        assert "includeGridData=true" in server.targets()[1]
        assert "ranges=A1" in server.targets()[1]

    @pytest.mark.parametrize("part", [*DOUBTS.values(), refusal(429)], ids=[*DOUBTS, "429"])
    def test_whatever_passes_is_tried_again(self, part: Part, clock: Waits) -> None:
        with ScriptedServer(part, GRID) as server:
            connection = connected(server.url, clock, part=part)
            assert connection.values(["A"]) == [[["a", 1.5], [], ["b"]]]
        assert len(server.heard) == 2
        assert connection.requests == {"read": 2}

    def test_an_answer_with_a_range_too_few_is_not_taken_for_an_empty_tab(self, clock: Waits) -> None:
        with ScriptedServer(GRID, answer(200, {"valueRanges": [{}, {}]})) as server:
            assert connected(server.url, clock).values(["A", "B"]) == [[], []]

    def test_a_range_that_is_not_there_is_the_callers(self, clock: Waits) -> None:
        with ScriptedServer(refusal(400, "Unable to parse range: 'K'!A1")) as server:
            with pytest.raises(NotApplied) as raised:
                connected(server.url, clock).values(["'K'!A1"])
            assert (raised.value.status, raised.value.message) == (400, "Unable to parse range: 'K'!A1")
        assert len(server.heard) == 1

    def test_an_excel_file_in_drive_is_not_a_missing_tab(self, clock: Waits) -> None:
        with ScriptedServer(refusal(400, "This operation is not supported for this document")) as server:
            assert "Excel" in out_of_reach(lambda: connected(server.url, clock).values(["A"])).what

    @pytest.mark.parametrize("status", [403, 404])
    def test_no_access_is_not_tried_again(self, status: int, clock: Waits) -> None:
        with ScriptedServer(refusal(status, "The caller does not have permission")) as server:
            assert "book-1" in out_of_reach(lambda: connected(server.url, clock).values(["A"])).what
        assert len(server.heard) == 1

    @pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"error": "no"}', b'{"error": {"code": 4}}', b"\xff"])
    def test_no_body_of_an_error_breaks_it(self, body: bytes, clock: Waits) -> None:
        with ScriptedServer(answer(403, body)) as server:
            out_of_reach(lambda: connected(server.url, clock).values(["A"]))


class TestPatience:
    def test_waits_grow_to_half_a_minute_and_end(self, clock: Waits) -> None:
        with ScriptedServer(refusal(429)) as server:
            assert "a minute" in out_of_reach(lambda: connected(server.url, clock).values(["A"])).what
        assert clock.waits == [1, 2, 4, 8, 16, 32, 32]
        assert clock.now() <= 120

    def test_waits_are_scattered(self, clock: Waits) -> None:
        with ScriptedServer(refusal(503)) as server:
            pace = Pace(clock.sleep, clock.now, 0.0)
            connection = Connection("b", Access(None, server.url), pace, chance=Random(7))
            out_of_reach(lambda: connection.values(["A"]))
        assert all(0 <= wait <= min(32, 2**n) for n, wait in enumerate(clock.waits))
        assert len({wait % 1 for wait in clock.waits}) == len(clock.waits)

    @pytest.mark.parametrize(
        "headers",
        [
            {"Retry_After": "40"},
            {"Retry_After": "Mon, 23 Nov 2026 08:00:40 GMT", "Date": "Mon, 23 Nov 2026 08:00:00 GMT"},
        ],
        ids=["seconds", "date"],
    )
    def test_google_says_how_long_to_wait(self, headers: dict[str, str], clock: Waits) -> None:
        with ScriptedServer(refusal(429, **headers), GRID) as server:
            connected(server.url, clock).values(["A"])
        assert clock.waits == [40]

    @pytest.mark.parametrize("text", ["soon", "-5", "", "Mon, 23 Nov 2026 08:00:40 GMT"])
    def test_a_wait_that_says_nothing_is_ours_to_choose(self, text: str, clock: Waits) -> None:
        with ScriptedServer(refusal(429, Retry_After=text), GRID) as server:
            connected(server.url, clock).values(["A"])
        assert clock.waits == [1]

    def test_a_wait_beyond_patience_is_not_begun(self, clock: Waits) -> None:
        with ScriptedServer(refusal(429, Retry_After="3600")) as server:
            out_of_reach(lambda: connected(server.url, clock).values(["A"]))
        assert clock.waits == []

    def test_requests_start_a_second_apart_whatever_they_are(self, clock: Waits, tmp_path: Path) -> None:
        starts: list[float] = []

        def noting(part: Part) -> Part:
            def noted(wire: socket.socket) -> None:
                starts.append(clock.now())
                part(wire)

            return noted

        parts = [noting(part) for part in (GRID, refusal(401), GRID, answer(200, {}), reset, GRID)]
        with ScriptedServer(TOKEN) as sign_in, ScriptedServer(*parts) as server:
            access = Access(key_file(tmp_path, sign_in.url), server.url)
            connection = Connection("b", access, Pace(clock.sleep, clock.now))
            connection.values(["A"])
            connection.values(["A"])
            connection.write(BODY)
            connection.values(["A"])
        assert len(starts) == len(parts)
        assert all(later - earlier >= 1 for earlier, later in pairwise(starts))

    def test_no_minute_holds_more_than_sixty(self, clock: Waits) -> None:
        starts: list[float] = []
        clock.sleep(702.57)
        with ScriptedServer(GRID) as server:
            connection = connected(server.url, clock, interval=1.0)
            for _ in range(130):
                connection.values(["A"])
                starts.append(clock.now())
        assert all(later - first >= 60 for first, later in zip(starts, starts[60:], strict=False))

    def test_no_time_is_lost_when_it_went_by_anyhow(self, clock: Waits) -> None:
        with ScriptedServer(GRID) as server:
            connection = connected(server.url, clock, interval=1.0)
            connection.values(["A"])
            clock.sleep(5)
            connection.values(["A"])
        assert clock.waits == [5]


class TestWriting:
    def test_body_and_mask_arrive_and_the_answer_comes_back(self, clock: Waits) -> None:
        with ScriptedServer(answer(200, {"replies": [{}]})) as server:
            connection = connected(server.url, clock)
            assert connection.write(BODY, "replies") == {"replies": [{}]}
        head, _, body = server.heard[0].partition(b"\r\n\r\n")
        assert head.startswith(b"POST /v4/spreadsheets/book-1:batchUpdate?prettyPrint=false&fields=replies ")
        assert json.loads(body) == BODY
        assert "żółć".encode() in body
        assert connection.requests == {"write": 1}

    @pytest.mark.parametrize("part", DOUBTS.values(), ids=DOUBTS)
    def test_what_may_have_been_applied_is_never_sent_twice(self, part: Part, clock: Waits) -> None:
        with ScriptedServer(part, answer(200, {})) as server, pytest.raises(Unsure) as raised:
            connected(server.url, clock, part=part).write(BODY)
        assert len(server.heard) == 1
        assert raised.value.message.endswith(".")

    def test_over_the_limit_it_waits_and_writes(self, clock: Waits) -> None:
        with ScriptedServer(refusal(429), refusal(429), answer(200, {"replies": []})) as server:
            assert connected(server.url, clock).write(BODY) == {"replies": []}
        assert len(server.heard) == 3

    def test_over_the_limit_for_good_it_was_not_applied(self, clock: Waits) -> None:
        with ScriptedServer(refusal(429)) as server:
            out_of_reach(lambda: connected(server.url, clock).write(BODY))

    @pytest.mark.parametrize("status", [400, 404, 409, 413])
    def test_a_refusal_is_told_with_googles_words(self, status: int, clock: Waits) -> None:
        with ScriptedServer(refusal(status, "no such thing")) as server:
            connection = connected(server.url, clock)
            with pytest.raises(NotApplied) as raised:
                connection.write(BODY)
            assert (raised.value.status, raised.value.message) == (status, "no such thing")
            assert connection.explained(raised.value).advice
        assert len(server.heard) == 1

    def test_a_share_for_reading_only_is_out_of_reach(self, clock: Waits) -> None:
        with ScriptedServer(refusal(403, "The caller does not have permission")) as server:
            error = out_of_reach(lambda: connected(server.url, clock).write(BODY))
        assert "reading only" in error.what
        assert "Editor" in error.advice

    def test_a_number_that_is_none_is_refused_before_anything_is_sent(self, clock: Waits) -> None:
        with ScriptedServer(GRID) as server, pytest.raises(ValueError, match="JSON"):
            connected(server.url, clock).write({"requests": [float("nan")]})
        assert server.heard == []


class TestNotReceived:
    """Failures before the request could be sent leave no doubt: a write waits for better times like a read."""

    def test_a_refused_connection_is_tried_again(self, clock: Waits) -> None:
        server = ScriptedServer(answer(200, {"replies": []}))
        with ExitStack() as network:
            clock.then = lambda times: times == 3 and network.enter_context(server)
            assert connected(server.url, clock).write(BODY) == {"replies": []}
        assert len(server.heard) == 1

    def test_no_connection_at_all(self, clock: Waits) -> None:
        error = out_of_reach(lambda: connected(ScriptedServer(GRID).url, clock).write(BODY))
        assert error.what == "No connection to Google's servers could be made."
        assert len(clock.waits) > 5

    def test_a_connection_that_is_never_taken_up(self, clock: Waits) -> None:
        with socket.create_server(("127.0.0.1", 0), backlog=0) as full, ExitStack() as others:
            address = full.getsockname()
            for _ in range(2):
                other = others.enter_context(socket.socket())
                other.setblocking(False)  # noqa: FBT003
                other.connect_ex(address)
            url = f"http://127.0.0.1:{address[1]}"
            error = out_of_reach(lambda: connected(url, clock, part=silence, patience=1).write(BODY))
        assert "did not answer" in error.what

    def test_a_certificate_that_nobody_vouches_for_is_not_waited_for(self, clock: Waits, tmp_path: Path) -> None:
        with ScriptedServer(GRID, tls=self_made_certificate(tmp_path)) as server:
            error = out_of_reach(lambda: connected(server.url, clock).write(BODY))
        assert "not trusted" in error.what
        assert (server.heard, clock.waits) == ([], [])

    def test_a_bundle_of_certificates_that_is_not_there(self, clock: Waits, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", "no/such/file")
        error = out_of_reach(lambda: connected("https://127.0.0.1:1", clock).values(["A"]))
        assert "REQUESTS_CA_BUNDLE" in error.advice
        assert clock.waits == []

    def test_a_server_that_speaks_no_tls_leaves_a_write_in_doubt(self, clock: Waits) -> None:
        with ScriptedServer(GRID) as server, pytest.raises(Unsure):
            connected(server.url.replace("http:", "https:"), clock, part=silence).write(BODY)


class TestFiles:
    def test_a_new_spreadsheet_has_title_locale_and_time_zone(self, clock: Waits) -> None:
        with ScriptedServer(answer(200, {"spreadsheetId": "new-1"})) as server:
            assert connected(server.url, clock).create("Kartoteka", "pl_PL", "Europe/Warsaw") == "new-1"
        properties = {"title": "Kartoteka", "locale": "pl_PL", "timeZone": "Europe/Warsaw"}
        assert json.loads(server.heard[0].partition(b"\r\n\r\n")[2]) == {"properties": properties}

    def test_an_account_that_may_not_create_is_told_how_to_share(self, clock: Waits) -> None:
        with ScriptedServer(refusal(403, "The caller does not have permission")) as server:
            error = out_of_reach(lambda: connected(server.url, clock).create("K", "pl_PL", "Europe/Warsaw"))
        assert "sheets.new" in error.advice

    @pytest.mark.parametrize("part", [cut, answer(200, {})])
    def test_a_new_spreadsheet_that_may_be_there_is_not_made_twice(self, part: Part, clock: Waits) -> None:
        with ScriptedServer(part) as server:
            error = out_of_reach(lambda: connected(server.url, clock).create("K", "pl_PL", "Europe/Warsaw"))
        assert "not certain" in error.what
        assert len(server.heard) == 1

    def test_what_is_gone_counts_as_deleted(self, clock: Waits) -> None:
        with ScriptedServer(reset, refusal(404, "File not found")) as server:
            connected(server.url, clock).delete_file("old-1")
        assert server.heard[1].startswith(b"DELETE /drive/v3/files/old-1")

    def test_deleting_without_the_scope_says_so(self, clock: Waits) -> None:
        with ScriptedServer(refusal(403, "Request had insufficient authentication scopes.")) as server:
            out_of_reach(lambda: connected(server.url, clock).delete_file("old-1"))


class TestBesideGoogle:
    def test_the_whole_way_against_a_faithful_server(self, clock: Waits, tmp_path: Path) -> None:
        with FakeSheets(clock=clock.now, quota=60) as google:
            book = google.add("Biuro", [Sheet("Klienci", [["Nazwa", "Uwagi"], ["Łódź", 1.5]])])
            access = Access(google.key_file(tmp_path / "key.json"), google.url)
            connection = Connection(book.id, access, Pace(clock.sleep, clock.now))
            assert connection.account == google.account
            assert connection.values(["'Klienci'!A1:Z"]) == [[["Nazwa", "Uwagi"], ["Łódź", 1.5]]]
            assert connection.last_date.endswith(" GMT")
            google.expire_tokens()
            add = {"requests": [{"addSheet": {"properties": {"title": "Faktury"}}}]}
            connection.write(add, "replies.addSheet.properties.title")
            with pytest.raises(NotApplied):
                connection.write(add)
            assert connection.requests == {"read": 1, "write": 3}
            assert google.count() == 4
