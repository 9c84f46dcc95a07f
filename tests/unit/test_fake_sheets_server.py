"""The fake of Google's servers, met by real gspread and google-auth: what it promises to the tests that lean on it."""

import json
import time
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import gspread
import pytest
import requests
from google.auth.exceptions import RefreshError
from gspread.exceptions import APIError
from gspread.http_client import HTTPClient

from sync.snapshot import Sheet
from tests.fakes.real_client import DRIVE, SHEETS, connected
from tests.fakes.sheets_server import FakeSheets

API = "https://sheets.googleapis.com/v4/spreadsheets"
KLIENCI = Sheet("Klienci", [("ID", "Nazwa"), ("K-0001", "Żuraw"), ("K-0002", "Łąka")])
Connect = Callable[..., HTTPClient]


@pytest.fixture
def connect(tmp_path: Path) -> Connect:
    return lambda server, *scopes: connected(server, tmp_path / "key.json", *scopes)


@pytest.fixture
def server() -> Iterator[FakeSheets]:
    with FakeSheets() as running:
        yield running


def refusal(client: HTTPClient, method: str, url: str, **options: Any) -> tuple[int, str, str]:
    """Status, Google's name of it, and message of a request that is refused."""
    with pytest.raises(APIError) as caught:
        client.request(method, url, **options)
    found = caught.value.response.json()["error"]
    return caught.value.response.status_code, found.get("status", ""), found["message"]


def put(text: str, row: int = 1, column: int = 1) -> dict[str, Any]:
    """A batchUpdate that lets `text` stand in a cell of the first tab."""
    cell = {"userEnteredValue": {"stringValue": text}}
    start = {"sheetId": 0, "rowIndex": row, "columnIndex": column}
    return {"requests": [{"updateCells": {"start": start, "rows": [{"values": [cell]}], "fields": "userEnteredValue"}}]}


# sign-in


def test_a_service_account_signs_in_with_its_key_file_and_reads_what_is_shared(
    server: FakeSheets, connect: Connect
) -> None:
    book = server.add("Biuro", [KLIENCI])
    answer = connect(server).values_batch_get(book.id, ["'Klienci'!A2:B2"])
    assert answer["valueRanges"][0]["values"] == [["K-0001", "Żuraw"]]
    assert [logged.kind for logged in server.log] == ["token", "values.batchGet"]


def test_the_key_file_is_readable_by_its_owner_alone_and_names_our_token_endpoint(
    server: FakeSheets, tmp_path: Path
) -> None:
    key = server.key_file(tmp_path / "key.json")
    assert key.stat().st_mode & 0o777 == 0o600
    content = json.loads(key.read_text())
    assert (content["client_email"], content["token_uri"]) == (server.account, f"{server.url}/token")


@pytest.mark.parametrize("reason", ["Invalid grant: account not found", "Invalid JWT Signature."])
def test_a_deleted_account_or_revoked_key_gets_no_token(server: FakeSheets, connect: Connect, reason: str) -> None:
    client = connect(server)
    server.deny(server.account, reason)
    with pytest.raises(RefreshError, match=reason):
        client.spreadsheets_get("x")


def test_a_key_that_is_not_ours_gets_no_token(server: FakeSheets) -> None:
    form = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": "e30.e30.AAAA"}
    answer = requests.post(f"{server.url}/token", data=form, timeout=5)
    assert (answer.status_code, answer.json()["error_description"]) == (400, "Invalid JWT Signature.")


def test_a_clock_that_is_an_hour_wrong_gets_no_token(connect: Connect) -> None:
    with FakeSheets(wall=lambda: time.time() + 7200) as server, pytest.raises(RefreshError, match="short-lived token"):
        connect(server).spreadsheets_get("x")


def test_an_expired_token_is_401_and_google_auth_fetches_another(server: FakeSheets, connect: Connect) -> None:
    book, client = server.add("Biuro"), connect(server)
    client.spreadsheets_get(book.id)
    server.expire_tokens()
    client.spreadsheets_get(book.id)
    assert [(r.kind, r.status) for r in server.log[2:]] == [("get", 401), ("token", 200), ("get", 200)]


def test_without_authorization_the_caller_is_unregistered(server: FakeSheets) -> None:
    answer = requests.get(f"{server.url}/v4/spreadsheets/x", timeout=5)
    assert (answer.status_code, answer.json()["error"]["status"]) == (403, "PERMISSION_DENIED")
    assert answer.json()["error"]["message"].startswith("Method doesn't allow unregistered callers")


def test_a_damaged_token_is_unauthenticated(server: FakeSheets) -> None:
    answer = requests.get(f"{server.url}/v4/spreadsheets/x", headers={"Authorization": "Bearer x"}, timeout=5)
    assert (answer.status_code, answer.json()["error"]["status"]) == (401, "UNAUTHENTICATED")


def test_the_drive_needs_a_scope_of_its_own_and_the_sheets_one_of_theirs(server: FakeSheets, connect: Connect) -> None:
    book = server.add("Biuro")
    for client, url in (
        (connect(server), f"https://www.googleapis.com/drive/v3/files/{book.id}"),
        (connect(server, "openid"), f"{API}/{book.id}"),
    ):
        status, name, message = refusal(client, "get", url)
        assert (status, name, message) == (403, "PERMISSION_DENIED", "Request had insufficient authentication scopes.")


def test_the_api_switched_off_in_the_project_says_where_to_switch_it_on(server: FakeSheets, connect: Connect) -> None:
    server.api_enabled = False
    status, _, message = refusal(connect(server), "get", f"{API}/x")
    assert (status, "it is disabled. Enable it by visiting" in message) == (403, True)


# who may what


@pytest.mark.parametrize(("shared", "read", "write"), [("writer", 200, 200), ("reader", 200, 403), ("", 403, 403)])
def test_sharing_decides_who_reads_and_who_writes(
    server: FakeSheets, connect: Connect, shared: str, read: int, write: int
) -> None:
    book, client = server.add("Biuro", [KLIENCI], shared=shared), connect(server)
    for status, act in (
        (read, lambda: client.spreadsheets_get(book.id)),
        (write, lambda: client.batch_update(book.id, put("x"))),
    ):
        if status == 200:
            act()
        else:
            with pytest.raises(APIError, match="The caller does not have permission"):
                act()
        assert server.log[-1].status == status


def test_an_unknown_spreadsheet_is_404_as_google_words_it(server: FakeSheets, connect: Connect) -> None:
    assert refusal(connect(server), "get", f"{API}/unknown") == (404, "NOT_FOUND", "Requested entity was not found.")


def test_an_unknown_path_is_a_page_of_the_front_end(server: FakeSheets) -> None:
    answer = requests.get(f"{server.url}/v5/sheets", timeout=5)
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "text/html; charset=UTF-8")
    assert "Error 404 (Not Found)!!1" in answer.text


# what is asked, and how it is answered


def test_unknown_parameters_and_wrong_choices_are_refused(server: FakeSheets, connect: Connect) -> None:
    book, client = server.add("Biuro"), connect(server)
    status, name, message = refusal(client, "get", f"{API}/{book.id}", params={"zakres": "A1"})
    assert (status, name) == (400, "INVALID_ARGUMENT")
    assert message == (
        'Invalid JSON payload received. Unknown name "zakres": Cannot bind query parameter. '
        "Field 'zakres' could not be found in request message."
    )
    wrong = {"ranges": "A1", "valueRenderOption": "RAW"}
    assert refusal(client, "get", f"{API}/{book.id}/values:batchGet", params=wrong)[2] == (
        "Invalid value at 'value_render_option' (type.googleapis.com/google.apps.sheets.v4.ValueRenderOption), \"RAW\""
    )


def test_a_body_that_is_no_json_or_names_unknown_fields_is_refused(server: FakeSheets, connect: Connect) -> None:
    book, client = server.add("Biuro"), connect(server)
    assert refusal(client, "post", f"{API}/{book.id}:batchUpdate", data=b"{")[:2] == (400, "INVALID_ARGUMENT")
    body = {"values": [[1]], "kolor": 1}
    url, params = f"{API}/{book.id}/values/A1", {"valueInputOption": "RAW"}
    assert "Cannot find field" in refusal(client, "put", url, params=params, json=body)[2]


def test_a_mask_cuts_the_answer_down_to_what_it_names(server: FakeSheets, connect: Connect) -> None:
    book = server.add("Biuro", [KLIENCI])
    mask = "sheets(properties(sheetId,title),data/rowData.values.effectiveValue),properties.locale"
    answer = connect(server).spreadsheets_get(book.id, {"fields": mask, "ranges": "'Klienci'!A2:A2"})
    assert answer == {
        "properties": {"locale": "pl_PL"},
        "sheets": [
            {
                "properties": {"sheetId": 0, "title": "Klienci"},
                "data": [{"rowData": [{"values": [{"effectiveValue": {"stringValue": "K-0001"}}]}]}],
            }
        ],
    }


def test_a_mask_that_names_no_field_is_refused_with_its_path(server: FakeSheets, connect: Connect) -> None:
    book = server.add("Biuro")
    with pytest.raises(APIError) as caught:
        connect(server).spreadsheets_get(book.id, {"fields": "sheets.properties.kolor"})
    found = caught.value.response.json()["error"]
    assert (found["code"], found["message"]) == (400, "Request contains an invalid argument.")
    assert found["details"][0]["fieldViolations"][0]["description"] == (
        "Error expanding 'fields' parameter. Cannot find matching fields for path 'sheets.properties.kolor'."
    )


def test_answers_are_indented_unless_told_otherwise_and_carry_the_date(server: FakeSheets, connect: Connect) -> None:
    book, client = server.add("Biuro"), connect(server)
    pretty = client.request("get", f"{API}/{book.id}")
    compact = client.request("get", f"{API}/{book.id}", params={"prettyPrint": "false"})
    assert pretty.json() == compact.json()
    assert pretty.text.startswith('{\n  "spreadsheetId": ')
    assert compact.text.startswith('{"spreadsheetId":')
    assert compact.headers["Date"].endswith(" GMT")


def test_the_date_header_shows_the_time_of_day_that_the_server_was_given(server: FakeSheets) -> None:
    with FakeSheets(wall=lambda: 0.0) as old:
        assert requests.get(old.url, timeout=5).headers["Date"] == "Thu, 01 Jan 1970 00:00:00 GMT"


def test_gzip_is_used_when_asked_for_and_both_sizes_are_logged(server: FakeSheets, connect: Connect) -> None:
    book = server.add("Biuro", [Sheet("Klienci", [("zażółć", i) for i in range(500)])])
    client = connect(server)
    url = f"{API}/{book.id}/values/Klienci"
    packed, plain = (
        client.request("get", url, headers={"Accept-Encoding": how, "User-Agent": "x (gzip)"})
        for how in ("gzip", "identity")
    )
    assert (packed.headers["Content-Encoding"], plain.headers.get("Content-Encoding")) == ("gzip", None)
    assert packed.json() == plain.json()
    first, second = server.log[-2:]
    assert first.bytes_out < first.bytes_plain == second.bytes_plain == second.bytes_out == len(plain.content)


def test_connections_are_kept_alive(server: FakeSheets) -> None:
    connection = HTTPConnection(urlsplit(server.url).netloc, timeout=5)
    for _ in range(2):
        connection.request("GET", "/v4/spreadsheets/x")
        connection.getresponse().read()
        socket = connection.sock
    assert socket is not None
    assert connection.sock is socket
    connection.close()


# the calls that other libraries make


def test_gspread_as_people_use_it_works(server: FakeSheets, connect: Connect) -> None:
    book, http = server.add("Biuro", [KLIENCI]), connect(server)
    client = gspread.Client(auth=None, session=http.session)
    sheet = client.open_by_key(book.id).worksheet("Klienci")
    sheet.update_acell("B3", "Łąka S.A.")
    sheet.append_row(["K-0003", "Grab"])
    sheet.batch_update([{"range": "A5", "values": [["K-0004"]]}])
    sheet.batch_clear(["A2:B2"])
    assert sheet.get_all_values() == [
        ["ID", "Nazwa"],
        ["", ""],
        ["K-0002", "Łąka S.A."],
        ["K-0003", "Grab"],
        ["K-0004", ""],
    ]
    assert server.count("values.update", "values.append", "values.batchUpdate", "values.batchClear") == 4


def test_values_by_columns_are_written_by_columns(server: FakeSheets, connect: Connect) -> None:
    book, client = server.add("Biuro"), connect(server)
    body = {"majorDimension": "COLUMNS", "values": [["a", "b"], ["c", "d"]]}
    client.values_update(book.id, "A1", {"valueInputOption": "RAW"}, body)
    assert book.snapshot()[0].rows == [["a", "c"], ["b", "d"]]


def test_a_new_spreadsheet_has_the_tabs_and_locale_asked_for_and_can_be_written_and_deleted(
    server: FakeSheets, connect: Connect
) -> None:
    client = connect(server, SHEETS, DRIVE)
    asked = {"title": "Nowy", "locale": "de_DE", "timeZone": "Europe/Berlin"}
    body = {"properties": asked, "sheets": [{"properties": {"title": "Historia", "sheetId": 0}}]}
    id_ = client.request("post", API, json=body, params={"fields": "spreadsheetId"}).json()["spreadsheetId"]
    book = server.books[id_]
    assert (book.title, book.locale, book.time_zone, [t.title for t in book.tabs]) == (*asked.values(), ["Historia"])
    client.batch_update(id_, put("x"))
    client.request("delete", f"https://www.googleapis.com/drive/v3/files/{id_}")
    assert (server.books, server.log[-1].kind, server.log[-1].status) == ({}, "drive.delete", 204)


def test_only_the_owner_deletes_a_file(server: FakeSheets, connect: Connect) -> None:
    book, client = server.add("Biuro"), connect(server, DRIVE)
    url = f"https://www.googleapis.com/drive/v3/files/{book.id}"
    assert refusal(client, "delete", url)[0] == 403
    assert refusal(client, "delete", url + "x") == (404, "", f"File not found: {book.id}x.")


def test_the_drive_lists_what_is_shared_and_its_version_rises_with_every_change(
    server: FakeSheets, connect: Connect
) -> None:
    book, _ = server.add("Biuro", [KLIENCI]), server.add("Cudze", shared="")
    http = connect(server, DRIVE)
    assert [f["name"] for f in gspread.Client(auth=None, session=http.session).list_spreadsheet_files()] == ["Biuro"]
    url, params = f"https://www.googleapis.com/drive/v3/files/{book.id}", {"fields": "version,modifiedTime"}
    before = http.request("get", url, params=params).json()
    http.batch_update(book.id, put("x"))
    after = http.request("get", url, params=params).json()
    assert int(after["version"]) > int(before["version"])
    assert after["modifiedTime"] > before["modifiedTime"]


def test_what_google_does_and_the_fake_does_not_is_said(server: FakeSheets, connect: Connect) -> None:
    book = server.add("Biuro")
    status, _, message = refusal(connect(server), "post", f"{API}/{book.id}/sheets/0:copyTo", json={})
    assert (status, message) == (501, "the fake does not do sheets.copyTo")
