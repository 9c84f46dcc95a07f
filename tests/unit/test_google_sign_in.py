"""Signing in to Google: what may be wrong with a key file, where tokens come from, and what carries them."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from sync.storage.google_connection import Connection, Pace
from sync.storage.google_sign_in import Access, account_of, key_mode_advice, session
from tests.fakes.keys import ACCOUNT, key, key_file, pem
from tests.fakes.scripted_server import PAGE, TOKEN, Part, ScriptedServer, answer, refusal, reset
from tests.fakes.sheets_server import FakeSheets
from tests.fakes.waiting import Waits, Widest
from validators.errors import KartotekaError, OutOfReach, WrongUse

GRID = answer(200, {"valueRanges": [{}]})
NOT_A_KEY: dict[str, tuple[bytes | object, str]] = {
    "empty": (b"  \n", "an empty file"),
    "API key": (b"AIzaSyA-1234567890", "an API key"),
    "PEM": (b"-----BEGIN PRIVATE KEY-----", "a bare private key"),
    "P12": (b"\x30\x82\x09\xa1\xff\xfe", "P12"),
    "cut": (b'{"type": "service_account", "cli', "damaged JSON"),
    "page": (b"<!doctype html>", "a web page"),
    "text": (b"kartoteka@biuro", "something else than JSON"),
    "list": ([1], "some other JSON"),
    "object": ({"a": 1}, "some other JSON"),
    "client secret": ({"installed": {"client_id": "x"}}, "an OAuth client secret"),
    "web client": ({"web": {"client_id": "x"}}, "an OAuth client secret"),
    "person": ({"type": "authorized_user", "refresh_token": "x"}, "the sign-in of a person"),
    "token": ({"access_token": "x"}, "the sign-in of a person"),
    "federation": ({"type": "external_account"}, "external_account"),
    "no address": ({"type": "service_account", "private_key": "x", "token_uri": "y"}, "without client_email"),
    "address is none": (key("", client_email=None), "without client_email"),
    "bad private key": (key("", private_key="x"), "private key is damaged"),
    "cut private key": (key("", private_key=pem()[:500]), "private key is damaged"),
}


@pytest.fixture(autouse=True)
def _no_account_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS", raising=False)


@pytest.fixture
def clock() -> Waits:
    return Waits()


def connected(access: Access, clock: Waits) -> Connection:
    return Connection("book-1", access, Pace(clock.sleep, clock.now), chance=Widest(1))


class TestKeyFile:
    def test_it_says_whom_to_share_with(self, tmp_path: Path) -> None:
        assert account_of(key_file(tmp_path, "https://oauth2.googleapis.com")) == ACCOUNT

    def test_a_mark_of_windows_editors_does_no_harm(self, tmp_path: Path) -> None:
        path = key_file(tmp_path, "")
        path.write_text(path.read_text("utf-8"), encoding="utf-8-sig")
        assert account_of(path) == ACCOUNT
        session(Access(path))

    @pytest.mark.parametrize(("content", "kind"), NOT_A_KEY.values(), ids=NOT_A_KEY)
    def test_anything_else_is_told_apart(self, content: bytes | object, kind: str, tmp_path: Path) -> None:
        path = tmp_path / "key.json"
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        with pytest.raises(WrongUse) as raised:
            session(Access(path))
        assert kind in raised.value.what
        assert "JSON key" in raised.value.advice
        assert raised.value.exit_status == 2

    def test_a_file_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(WrongUse, match="does not exist"):
            account_of(tmp_path / "no.json")

    def test_a_folder(self, tmp_path: Path) -> None:
        with pytest.raises(WrongUse, match="is a folder"):
            account_of(tmp_path)

    def test_a_name_that_cannot_be_opened(self, tmp_path: Path) -> None:
        with pytest.raises(WrongUse, match="cannot be read"):
            account_of(tmp_path / ("n" * 999))

    def test_a_key_that_others_can_read_is_to_be_closed(self, tmp_path: Path) -> None:
        path = key_file(tmp_path, "")
        assert key_mode_advice(path) == ""
        path.chmod(0o640)
        assert f"chmod 600 {path}" in key_mode_advice(path)
        assert key_mode_advice(tmp_path / "no.json") == ""


class TestTokens:
    def test_one_that_has_expired_is_renewed_once(self, clock: Waits, tmp_path: Path) -> None:
        with ScriptedServer(TOKEN) as google, ScriptedServer(refusal(401), GRID, refusal(401), GRID) as server:
            connection = connected(Access(key_file(tmp_path, google.url), server.url), clock)
            connection.values(["A"])
            connection.values(["A"])
        assert (len(google.heard), len(server.heard)) == (3, 4)

    def test_a_write_that_meets_an_expired_one_is_sent_again(self, clock: Waits, tmp_path: Path) -> None:
        with ScriptedServer(TOKEN) as google, ScriptedServer(refusal(401), answer(200, {})) as server:
            assert connected(Access(key_file(tmp_path, google.url), server.url), clock).write({}) == {}

    def test_a_new_one_that_is_refused_too_is_the_end(self, clock: Waits, tmp_path: Path) -> None:
        with ScriptedServer(TOKEN) as google, ScriptedServer(refusal(401, "Invalid Credentials")) as server:
            connection = connected(Access(key_file(tmp_path, google.url), server.url), clock)
            with pytest.raises(OutOfReach, match="does not accept the sign-in"):
                connection.write({})
        assert len(server.heard) == 2

    def test_a_sign_in_that_fails_leaves_no_doubt(self, clock: Waits, tmp_path: Path) -> None:
        """The token endpoint breaks off, is busy, and shows a page; the write waits meanwhile, and goes out once."""
        with ScriptedServer(reset, refusal(503), PAGE, TOKEN) as google, ScriptedServer(answer(200, {})) as server:
            connection = connected(Access(key_file(tmp_path, google.url), server.url), clock)
            assert connection.write({}) == {}
        assert (len(google.heard), len(server.heard), clock.waits) == (4, 1, [1, 2, 4])

    @pytest.mark.parametrize("part", [refusal(503), PAGE, answer(200, [1]), answer(200, {}), answer(403, b"<html>")])
    def test_no_token_is_a_sentence(self, part: Part, clock: Waits, tmp_path: Path) -> None:
        with ScriptedServer(part) as google, pytest.raises(OutOfReach) as raised:
            connected(Access(key_file(tmp_path, google.url), google.url), clock).sign_in()
        assert raised.value.what.endswith(".")

    @pytest.mark.parametrize(
        ("reason", "what"),
        [
            ("Invalid grant: account not found", "deleted or disabled"),
            ("Invalid JWT Signature.", "deleted or replaced"),
        ],
    )
    def test_an_account_or_key_that_is_no_more(self, reason: str, what: str, clock: Waits, tmp_path: Path) -> None:
        with FakeSheets(clock=clock.now) as google:
            google.deny(google.account, reason)
            connection = connected(Access(google.key_file(tmp_path / "key.json"), google.url), clock)
            with pytest.raises(OutOfReach, match=what) as raised:
                connection.sign_in()
        assert google.account in raised.value.what
        assert (google.count(), clock.waits) == (0, [])

    def test_signing_in_asks_nothing_of_the_spreadsheet(self, clock: Waits, tmp_path: Path) -> None:
        with FakeSheets(clock=clock.now) as google:
            connected(Access(google.key_file(tmp_path / "key.json"), google.url), clock).sign_in()
        assert [request.kind for request in google.log] == ["token"]


class TestSession:
    def test_an_emulator_needs_no_account(self, clock: Waits) -> None:
        with ScriptedServer(GRID) as server:
            connection = connected(Access(None, server.url), clock)
            connection.values(["A"])
        assert b"authorization: Bearer emulator\r\n" in server.heard[0]
        assert connection.account == ""

    def test_an_emulator_is_named_with_or_without_http(self, clock: Waits) -> None:
        with ScriptedServer(GRID) as server:
            connected(Access(None, f"127.0.0.1:{server.port}"), clock).values(["A"])
        assert len(server.heard) == 1

    @pytest.mark.parametrize("address", ["ftp://x", "http://", "http://x:port", "http://[::1", "http://x:99999"])
    def test_an_emulator_at_no_address(self, address: str) -> None:
        with pytest.raises(WrongUse, match="SHEETS_EMULATOR_HOST"):
            session(Access(None, address))

    def test_the_machines_own_service_account_is_taken(
        self, clock: Waits, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with FakeSheets(clock=clock.now) as google:
            path = google.key_file(tmp_path / "key.json")
            monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(path))
            connection = connected(Access(None, google.url), clock)
            connection.sign_in()
            assert connection.account == google.account

    def test_the_sign_in_of_a_person_goes_to_the_emulator_too(
        self, clock: Waits, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        person = {"type": "authorized_user", "client_id": "c", "client_secret": "s", "refresh_token": "r"}
        (tmp_path / "person.json").write_text(json.dumps(person), encoding="utf-8")
        monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "person.json"))
        monkeypatch.setenv("GOOGLE_CLOUD_QUOTA_PROJECT", "biuro-123")
        with ScriptedServer(TOKEN, GRID) as server:
            connected(Access(None, server.url), clock).values(["A"])
        assert server.targets()[0] == "/token"

    def test_a_default_account_that_is_not_there_is_a_sentence(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "no.json"))
        with pytest.raises(KartotekaError, match=r"no\.json was not found"):
            session(Access(None))

    @pytest.mark.parametrize(
        "spoil",
        [
            lambda monkeypatch, folder: monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9"),
            lambda monkeypatch, folder: monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9"),
            lambda monkeypatch, folder: monkeypatch.setenv("NETRC", str(folder / "netrc")),
        ],
        ids=["HTTP_PROXY", "HTTPS_PROXY", "netrc"],
    )
    def test_what_the_machine_has_for_others_changes_nothing(
        self,
        spoil: Callable[[pytest.MonkeyPatch, Path], None],
        clock: Waits,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        (tmp_path / "netrc").write_text("default login somebody password else\n", encoding="utf-8")
        spoil(monkeypatch, tmp_path)
        with ScriptedServer(GRID) as server:
            connected(Access(None, server.url), clock).values(["A"])
        assert b"authorization: Bearer emulator\r\n" in server.heard[0]

    def test_a_key_asks_for_spreadsheets_only(self) -> None:
        assert Access(None).scopes == ("https://www.googleapis.com/auth/spreadsheets",)
