"""Time, quota, faults and callers of the fake of Google's servers: what may happen to a request there."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import requests
from gspread.exceptions import APIError
from gspread.http_client import HTTPClient

from sync.snapshot import Sheet
from tests.fakes.clocks import VirtualClock
from tests.fakes.faults import LOST, Fault, Faults
from tests.fakes.real_client import connected
from tests.fakes.sheets_server import FakeSheets, Logged

KLIENCI = Sheet("Klienci", [("ID", "Nazwa"), ("K-0001", "Żuraw"), ("K-0002", "Łąka")])
Connect = Callable[..., HTTPClient]


@pytest.fixture
def connect(tmp_path: Path) -> Connect:
    return lambda server, *scopes: connected(server, tmp_path / "key.json", *scopes)


@pytest.fixture
def server() -> Iterator[FakeSheets]:
    with FakeSheets() as running:
        yield running


def put(text: str, row: int = 1, column: int = 1) -> dict[str, Any]:
    """A batchUpdate that lets `text` stand in a cell of the first tab."""
    cell = {"userEnteredValue": {"stringValue": text}}
    start = {"sheetId": 0, "rowIndex": row, "columnIndex": column}
    return {"requests": [{"updateCells": {"start": start, "rows": [{"values": [cell]}], "fields": "userEnteredValue"}}]}


# time, quota, what happens between requests


def test_over_the_quota_of_a_minute_429_reads_and_writes_apart(connect: Connect) -> None:
    clock = VirtualClock()
    with FakeSheets(clock=clock.now, quota=2) as server:
        book, client = server.add("Biuro", [KLIENCI]), connect(server)
        for _ in range(2):
            client.spreadsheets_get(book.id)
            clock.sleep(10)
        with pytest.raises(APIError, match="Quota exceeded for quota metric 'Read requests' and limit") as caught:
            client.spreadsheets_get(book.id)
        assert caught.value.response.json()["error"]["status"] == "RESOURCE_EXHAUSTED"
        client.batch_update(book.id, put("x"))
        clock.sleep(41)
        client.spreadsheets_get(book.id)


def test_latency_passes_on_the_virtual_clock(connect: Connect) -> None:
    clock = VirtualClock()
    with FakeSheets(clock=clock.now, latency=lambda: 2.5) as server:
        book, client = server.add("Biuro"), connect(server)
        client.spreadsheets_get(book.id)
        client.spreadsheets_get(book.id)
        assert [logged.at for logged in server.log] == [2.5, 5.0, 7.5]


def test_callers_act_before_each_api_request_and_see_what_it_is(server: FakeSheets, connect: Connect) -> None:
    book, client = server.add("Biuro", [KLIENCI]), connect(server)
    seen: list[str] = []

    def type_something(fake: FakeSheets, request: Logged) -> None:
        seen.append(request.kind)
        fake.books[request.book].tabs[0].set(1, 1, f"wpis {len(seen)}")

    server.before.append(type_something)
    assert client.values_get(book.id, "B2")["values"] == [["wpis 1"]]
    client.batch_update(book.id, put("moje"))
    assert (seen, book.tabs[0].cell(1, 1).value) == (["values.get", "batchUpdate"], "moje")
    assert server.log[-1].json == put("moje")


def test_two_clients_at_once_are_served_one_after_the_other(server: FakeSheets, connect: Connect) -> None:
    book, client = server.add("Biuro", [KLIENCI]), connect(server)
    client.spreadsheets_get(book.id)
    inside: list[str] = []
    together: list[int] = []

    def linger(*_: object) -> None:
        inside.append("somebody")
        time.sleep(0.01)
        together.append(len(inside))
        inside.pop()

    server.before.append(linger)
    threads = [Thread(target=client.batch_update, args=(book.id, put(str(i)))) for i in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert together == [1] * 6


def test_a_fault_of_the_fake_itself_fails_the_test(connect: Connect) -> None:
    def stumble(*_: object) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), FakeSheets() as server:  # noqa: PT012  both are needed
        book, client = server.add("Biuro"), connect(server)
        server.before.append(stumble)
        with pytest.raises(requests.ConnectionError):
            client.spreadsheets_get(book.id)


def test_a_stopped_server_refuses_connections_and_ends_those_that_stand(server: FakeSheets, connect: Connect) -> None:
    book, client = server.add("Biuro"), connect(server)
    client.spreadsheets_get(book.id)
    server.stop()
    with pytest.raises(requests.ConnectionError):
        client.spreadsheets_get(book.id)


def test_an_unplugged_server_carries_nothing_out_and_can_be_plugged_in_again(
    server: FakeSheets, connect: Connect
) -> None:
    book, client = server.add("Biuro", [KLIENCI]), connect(server)
    client.spreadsheets_get(book.id)
    server.unplugged = True
    with pytest.raises(requests.ConnectionError):
        client.batch_update(book.id, put("x"))
    server.unplugged = False
    assert client.values_get(book.id, "B2")["values"] == [["Żuraw"]]


# faults


def faulty(clock: VirtualClock | None = None, **chances: Any) -> FakeSheets:
    none = {"refused": 0.0, "lost": 0.0, "late": 0.0}
    return FakeSheets(clock=(clock or VirtualClock()).now, faults=Faults(1, **{**none, **chances}))


def counted(server: FakeSheets) -> Counter[str]:
    assert server.faults is not None
    return server.faults.counted


def test_refused_requests_are_not_carried_out(connect: Connect) -> None:
    with faulty(refused=1.0) as server:
        book, client = server.add("Biuro", [KLIENCI]), connect(server)
        statuses = set()
        for _ in range(30):
            with pytest.raises(APIError) as caught:
                client.batch_update(book.id, put("x"))
            statuses.add((caught.value.response.status_code, caught.value.response.headers["Content-Type"][:9]))
        assert {status for status, _ in statuses} == {429, 500, 503}
        assert {kind for _, kind in statuses} == {"text/html", "applicati"}
        assert (book.tabs[0].cell(1, 1).value, counted(server)["refused"]) == ("Żuraw", 30)


@pytest.mark.parametrize("way", LOST)
def test_a_lost_answer_leaves_the_write_applied_and_the_client_in_doubt(connect: Connect, way: Fault) -> None:
    with faulty(lost=1.0, ways=(way,)) as server:
        book, client = server.add("Biuro", [KLIENCI]), connect(server)
        client.spreadsheets_get(book.id)
        with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError, APIError)):
            client.batch_update(book.id, put("doszło"))
        assert book.tabs[0].cell(1, 1).value == "doszło"
        assert (server.log[-1].status, server.log[-1].fault) == (200, way)
        assert dict(counted(server)) == {"lost": 1, way: 1}


def test_a_late_write_is_applied_only_after_its_time_and_before_the_next_request(connect: Connect) -> None:
    clock = VirtualClock()
    with faulty(clock, late=1.0, late_by=30.0) as server:
        book, client = server.add("Biuro", [KLIENCI]), connect(server)
        with pytest.raises(requests.ConnectionError):
            client.batch_update(book.id, put("później"))
        assert client.values_get(book.id, "B2")["values"] == [["Żuraw"]]
        clock.sleep(31)
        assert client.values_get(book.id, "B2")["values"] == [["później"]]


def test_settling_applies_late_writes_at_once(connect: Connect) -> None:
    with faulty(late=1.0) as server:
        book, client = server.add("Biuro", [KLIENCI]), connect(server)
        with pytest.raises(requests.ConnectionError):
            client.batch_update(book.id, put("później"))
        assert server.log[-1].status == 0
        server.settle()
        assert (book.tabs[0].cell(1, 1).value, server.log[-1].status) == ("później", 200)


def test_chances_are_kept_and_the_same_seed_brings_the_same_faults() -> None:
    first, second = Faults(7), Faults(7)
    drawn = [first.draw(write=True) for _ in range(5000)]
    assert drawn == [second.draw(write=True) for _ in range(5000)]
    shares = {name: first.counted[name] / 5000 for name in ("refused", "lost", "late")}
    assert shares == pytest.approx({"refused": 0.2, "lost": 0.05, "late": 0.02}, abs=0.02)
    assert {Faults(7).draw(write=False) for _ in range(1)} <= {Fault.NONE, Fault.REFUSED}
