"""Signing in to Gmail: which key files serve, what is wrong with others, and what a refusal means."""

import json
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from mailers.gmail_drafts import Drafts
from mailers.gmail_errors import InDoubt, NotTaken, Refusal, Unsure, Who, sign_in_refused
from mailers.gmail_sign_in import GmailAccess, session
from tests.fakes.gmail_accounts import CLIENT
from tests.fakes.gmail_api import SENDER, FakeGmail
from tests.fakes.google_accounts import ACCOUNT, NO_ACCOUNT
from tests.fakes.keys import key, pem
from tests.fakes.scripted_server import PAGE, TOKEN, Part, ScriptedServer, answer, cut, hang_up, reset, silence
from tests.fakes.waiting import Waits, Widest
from validators.errors import KartotekaError, OutOfReach, WrongUse

NOT_A_KEY: dict[str, tuple[object, str]] = {
    "empty": (b" \n", "an empty file"),
    "cut": (b'{"type": "service_account", "cli', "damaged JSON"),
    "text": (b"\xff\xfe", "something else"),
    "list": ([1], "something else"),
    "object": ({"a": 1}, "some other JSON"),
    "client secret": ({"installed": {"client_id": "x"}}, "an OAuth client secret"),
    "federation": ({"type": "external_account"}, "external_account"),
    "no address": ({"type": "service_account", "private_key": "x", "token_uri": "y"}, "without client_email"),
    "no refresh token": ({"type": "authorized_user", "client_id": "x"}, "without refresh_token and client_secret"),
    "cut private key": (key("", private_key=pem()[:500]), "private key is damaged"),
}


@pytest.fixture(autouse=True)
def _no_account_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS", raising=False)


@pytest.fixture
def gmail() -> Iterator[FakeGmail]:
    with FakeGmail() as server:
        yield server


def drafts(access: GmailAccess, timeouts: tuple[float, float] = (5, 5)) -> Drafts:
    clock = Waits()
    return Drafts(access, clock.sleep, clock, chance=Widest(1), timeouts=timeouts)


def refused(access: GmailAccess) -> OutOfReach:
    with pytest.raises(OutOfReach) as raised:
        drafts(access).address()
    assert raised.value.what.endswith(".")
    assert raised.value.advice.endswith(".")
    return raised.value


class TestKeyFiles:
    def test_a_service_account_writes_for_the_sender(self, gmail: FakeGmail, tmp_path: Path) -> None:
        mailbox = drafts(GmailAccess(SENDER, gmail.key_file(tmp_path / "key.json"), gmail.url))
        assert mailbox.address() == SENDER
        assert mailbox.who == Who(SENDER, ACCOUNT, CLIENT)

    def test_a_person_writes_for_themselves(self, gmail: FakeGmail, tmp_path: Path) -> None:
        mailbox = drafts(GmailAccess(SENDER, gmail.accounts.person_file(tmp_path / "me.json"), gmail.url))
        assert (mailbox.address(), mailbox.who) == (SENDER, Who(SENDER))

    @pytest.mark.parametrize("kind", ["key_file", "person_file"])
    def test_the_default_of_the_machine_serves_too(
        self, gmail: FakeGmail, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
    ) -> None:
        path = getattr(gmail.accounts, kind)(tmp_path / "key.json")
        monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(path))
        assert drafts(GmailAccess(SENDER, None, gmail.url)).address() == SENDER

    @pytest.mark.parametrize(("content", "kind"), NOT_A_KEY.values(), ids=NOT_A_KEY)
    def test_anything_else_is_told_apart(self, content: object, kind: str, tmp_path: Path) -> None:
        path = tmp_path / "key.json"
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        with pytest.raises(WrongUse) as raised:
            session(GmailAccess(SENDER, path))
        assert kind in raised.value.what
        assert "[mail] credentials" in raised.value.advice

    @pytest.mark.parametrize(("name", "words"), [("no.json", "does not exist"), (".", "is a folder")])
    def test_no_file(self, name: str, words: str, tmp_path: Path) -> None:
        with pytest.raises(WrongUse, match=words):
            session(GmailAccess(SENDER, tmp_path / name))

    def test_an_emulator_that_is_no_address(self) -> None:
        with pytest.raises(WrongUse, match="SHEETS_EMULATOR_HOST"):
            session(GmailAccess(SENDER, None, "http://[::1"))


class TestRefusals:
    def test_no_delegation_names_account_scope_and_path(self, gmail: FakeGmail, tmp_path: Path) -> None:
        gmail.accounts.delegated = frozenset()
        error = refused(GmailAccess(SENDER, gmail.key_file(tmp_path / "key.json"), gmail.url))
        assert f"{ACCOUNT} for {SENDER}" in error.what
        for words in ("Manage domain-wide delegation", CLIENT, "https://www.googleapis.com/auth/gmail.compose"):
            assert words in error.advice

    def test_a_sender_whom_the_domain_does_not_know(self, gmail: FakeGmail, tmp_path: Path) -> None:
        key_file = gmail.key_file(tmp_path / "key.json")
        assert "no user nikt@example.pl" in refused(GmailAccess("nikt@example.pl", key_file, gmail.url)).what

    @pytest.mark.parametrize(
        ("reason", "words"),
        [(NO_ACCOUNT, "deleted or disabled"), ("Invalid JWT Signature.", "does not accept the key")],
    )
    def test_an_account_that_is_no_more(self, gmail: FakeGmail, tmp_path: Path, reason: str, words: str) -> None:
        gmail.accounts.deny(gmail.accounts.account, reason)
        assert words in refused(GmailAccess(SENDER, gmail.key_file(tmp_path / "key.json"), gmail.url)).what

    def test_a_person_who_agreed_to_less_or_took_it_back(self, gmail: FakeGmail, tmp_path: Path) -> None:
        access = GmailAccess(SENDER, gmail.accounts.person_file(tmp_path / "me.json"), gmail.url)
        gmail.accounts.granted = frozenset({"https://www.googleapis.com/auth/spreadsheets"})
        assert "does not cover Gmail" in refused(access).what
        gmail.accounts.deny("me")
        assert "has expired, was withdrawn" in refused(access).what

    def test_a_clock_that_is_wrong(self) -> None:
        error = sign_in_refused("invalid_grant: Invalid JWT: Token must be a short-lived token", Who(SENDER))
        assert "clock of this machine" in error.what

    def test_no_account_at_all(self) -> None:
        error: KartotekaError = sign_in_refused("Your default credentials were not found.", Who(SENDER))
        assert "[mail] credentials" in error.advice

    @pytest.mark.parametrize("body", [None, [], "x", {"error": "x"}, {"error": {"errors": "x", "details": [1, {}]}}])
    def test_a_body_of_any_kind_is_a_refusal(self, body: object) -> None:
        assert str(Refusal.of(418, body, 0)) == "418"


class TestNetwork:
    @pytest.mark.parametrize(
        ("part", "words"),
        [
            (hang_up, "broke off"),
            (reset, "broke off"),
            (cut, "broke off"),
            (silence, "no answer"),
            (PAGE, "was not Gmail"),
        ],
    )
    def test_a_read_is_repeated_and_then_told(self, part: Part, words: str) -> None:
        with ScriptedServer(part) as server:
            with pytest.raises(OutOfReach, match=words):
                drafts(GmailAccess(SENDER, None, server.url), (5, 0.05 if part is silence else 5)).address()
            assert server.hears(4)

    def test_nobody_there(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            access = GmailAccess(SENDER, None, f"127.0.0.1:{free.getsockname()[1]}")
            assert "no connection could be made" in refused(access).what

    def test_a_sign_in_that_breaks_off_leaves_no_doubt_about_a_letter(self, tmp_path: Path) -> None:
        path = tmp_path / "key.json"
        with ScriptedServer(reset, PAGE, TOKEN) as google, ScriptedServer(answer(200, {"id": "m"})) as server:
            path.write_text(json.dumps(key(google.url)), "utf-8")
            assert drafts(GmailAccess(SENDER, path, server.url)).send("r1") == "Gmail message m"
        assert (len(google.heard), len(server.heard)) == (3, 1)

    @pytest.mark.parametrize(
        "part", [answer(302, {}, Location="http://127.0.0.1:1/"), answer(200, [1]), answer(200, {})]
    )
    def test_what_is_no_answer_leaves_it_open_whether_a_draft_was_made_or_lies_there(self, part: Part) -> None:
        with ScriptedServer(part) as server:
            mailbox = drafts(GmailAccess(SENDER, None, server.url))
            with pytest.raises(Unsure, match="was not Gmail"):
                mailbox.create(b"x")
            with pytest.raises(OutOfReach, match="was not Gmail"):
                mailbox.lies("r1")
            with pytest.raises(InDoubt):
                mailbox.send("r1")
        assert all(target.startswith("/gmail/v1/users/me/drafts") for target in server.targets())

    def test_a_letter_that_is_too_big_fails_alone(self) -> None:
        with (
            ScriptedServer(answer(413, {"error": {"message": "Request too large"}})) as server,
            pytest.raises(NotTaken, match="413 Request too large"),
        ):
            drafts(replace(GmailAccess(SENDER), emulator=server.url)).create(b"x")
