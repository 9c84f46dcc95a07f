"""The fake Gmail, met without our own client: it refuses what Google refuses, and sending consumes a draft."""

import base64
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.fakes.gmail_api import FakeGmail

MESSAGE = b"Message-ID: <a@b.pl>\r\nTo: anna@example.com\r\n\r\nhi\r\n"
USER = "/gmail/v1/users/me"


@pytest.fixture
def gmail() -> Iterator[FakeGmail]:
    with FakeGmail() as server:
        yield server


def ask(
    gmail: FakeGmail, verb: str, path: str, body: object = None, token: str = "emulator"
) -> tuple[int, dict[str, Any]]:
    """Status and answer of a request."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    answer = requests.request(verb, gmail.url + path, json=body, headers=headers, timeout=5)
    return answer.status_code, answer.json() if "json" in answer.headers["Content-Type"] else {}


def raw(message: bytes = MESSAGE) -> dict[str, object]:
    return {"message": {"raw": base64.urlsafe_b64encode(message).decode()}}


def test_a_draft_is_found_and_sent_once(gmail: FakeGmail) -> None:
    status, draft = ask(gmail, "POST", f"{USER}/drafts", raw())
    assert (status, draft["message"]["labelIds"]) == (200, ["DRAFT"])
    for search, found in (("rfc822msgid:a@b.pl", 1), ("rfc822msgid:x@b.pl", 0), ("", 1)):
        assert len(ask(gmail, "GET", f"{USER}/drafts?q={search}")[1].get("drafts", [])) == found
    assert ask(gmail, "GET", f"{USER}/drafts/{draft['id']}?format=minimal")[0] == 200
    status, message = ask(gmail, "POST", f"{USER}/drafts/send", {"id": draft["id"]})
    assert (status, message["labelIds"]) == (200, ["SENT"])
    for verb, path, body in (
        ("POST", "/drafts/send", {"id": draft["id"]}),
        ("GET", f"/drafts/{draft['id']}", None),
        ("DELETE", f"/drafts/{draft['id']}", None),
    ):
        assert ask(gmail, verb, USER + path, body)[0] == 404
    assert gmail.received == {"anna@example.com": 1}


@pytest.mark.parametrize(
    ("verb", "path", "body", "status", "words"),
    [
        ("POST", "/drafts", {}, 400, "Missing draft message"),
        ("POST", "/drafts", {"message": {"raw": "?"}}, 400, "ByteString"),
        ("POST", "/drafts", {"messages": {}}, 400, 'Unknown name "messages"'),
        ("POST", "/drafts", {"message": {"text": "x"}}, 400, 'Unknown name "text"'),
        ("POST", "/drafts/send", {}, 400, "Missing draft id"),
        ("GET", "/drafts?query=x", None, 400, 'Unknown name "query"'),
        ("GET", "/letters", None, 404, ""),
        ("PUT", "/drafts", raw(), 404, ""),
    ],
)
def test_what_google_does_not_know_is_refused(
    gmail: FakeGmail, verb: str, path: str, body: object, status: int, words: str
) -> None:
    seen, answer = ask(gmail, verb, USER + path, body)
    assert seen == status
    assert words in str(answer.get("error", {}).get("message", ""))


def test_nobody_gets_in_without_a_token_or_into_another_mailbox(gmail: FakeGmail) -> None:
    assert ask(gmail, "GET", f"{USER}/profile", token="")[0] == 403
    assert ask(gmail, "GET", f"{USER}/profile", token="x")[0] == 401
    assert ask(gmail, "GET", "/gmail/v1/users/other@example.pl/profile")[0] == 403


@pytest.mark.parametrize(
    ("header", "words"), [(b"To: x", "Invalid To header"), (b"X: x", "Recipient address required")]
)
def test_a_letter_to_nobody_stays_a_draft(gmail: FakeGmail, header: bytes, words: str) -> None:
    _, draft = ask(gmail, "POST", f"{USER}/drafts", raw(header + b"\r\n\r\nhi"))
    status, answer = ask(gmail, "POST", f"{USER}/drafts/send", {"id": draft["id"]})
    assert (status, answer["error"]["message"]) == (400, words)
    assert (list(gmail.box.drafts), gmail.box.sent) == ([draft["id"]], [])
