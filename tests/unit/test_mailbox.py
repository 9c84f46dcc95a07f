"""A mailbox is read and never touched, by every way of security; what breaks is one sentence that says what to do."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Literal

import pytest

from mailers.answers import Kind
from mailers.imap import ImapServer as Place
from mailers.imap import Mailbox
from mailers.listening import MailboxEar, SentFolder, examine
from tests.fakes import returned_mail
from tests.fakes.imap_server import CUT, SILENCE, Fault, ImapServer, fails, kindly
from tests.fakes.mail_server import certificate
from tests.fakes.returned_mail import OURS, reply
from validators.errors import OutOfReach

NOW = datetime.now(UTC)
TODAY = NOW.date()


@pytest.fixture
def server() -> Iterator[ImapServer]:
    with ImapServer({"biuro": "tajne"}) as opened:
        yield opened


def place(
    server: ImapServer,
    security: Literal["none", "starttls", "tls"] = "none",
    username: str = "biuro",
    password: str = "tajne",
) -> Place:
    return Place("127.0.0.1", server.port, security, username, password, timeout=2)


def ear(server: ImapServer, folder: Path) -> MailboxEar:
    return MailboxEar(place(server), "INBOX", folder / "mailbox.json")


def read(there: Place) -> None:
    with Mailbox(there) as mailbox:
        mailbox.open("INBOX")
        list(mailbox.messages(mailbox.uids(None, TODAY)))


def refusal(there: Place) -> str:
    with pytest.raises(OutOfReach) as error:
        read(there)
    return f"{error.value.what} {error.value.advice}"


class TestTheWayIn:
    @pytest.mark.parametrize("security", ["starttls", "tls"])
    def test_is_secure_and_knows_its_server(
        self, security: Literal["starttls", "tls"], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        context, trusted = certificate(tmp_path)
        with ImapServer({"biuro": "tajne"}, tls=context, at_once=security == "tls") as server:
            assert "not trusted" in refusal(place(server, security=security))
            monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
            with Mailbox(place(server, security=security)) as mailbox:
                assert mailbox.open("INBOX") == 1

    def test_says_nothing_in_the_clear_where_starttls_is_wanted_and_missing(self, server: ImapServer) -> None:
        assert "does not offer STARTTLS" in refusal(place(server, security="starttls"))
        assert not [line for line in server.heard if "LOGIN" in line or "AUTH" in line]

    @pytest.mark.parametrize("plain", [True, False])
    def test_takes_name_and_password(self, *, plain: bool) -> None:
        with ImapServer({"biuro": 'ta"j\\ne'}, plain=plain) as server:
            with Mailbox(place(server, password='ta"j\\ne')) as mailbox:
                assert mailbox.open("INBOX") == 1
            assert "does not let 'biuro' sign in" in refusal(place(server, password="wrong"))

    def test_takes_polish_letters(self) -> None:
        with ImapServer({"biuro@żuraw.pl": "zażółć"}) as server:
            with Mailbox(place(server, username="biuro@żuraw.pl", password="zażółć")) as mailbox:
                assert mailbox.open("INBOX") == 1
            server.plain = False
            assert "beyond ASCII" in refusal(place(server, username="biuro@żuraw.pl", password="zażółć"))

    def test_shows_the_password_nowhere(self, server: ImapServer) -> None:
        assert "tajne" not in repr(place(server))


class TestTroubles:
    @pytest.mark.parametrize(
        ("fault", "words"),
        [
            (fails("greeting", CUT), "127.0.0.1"),
            (fails("greeting", b"* BYE overloaded"), "overloaded"),
            (fails("greeting", b"<html>no IMAP here"), "cannot be read"),
            (fails("greeting", SILENCE), "does not answer"),
            (fails("CAPABILITY", b"BAD"), "cannot be read"),
            (fails("AUTHENTICATE", b"NO [ALERT] app password required"), "app password required"),
            (fails("EXAMINE", b"NO not now"), "not now"),
            (fails("EXAMINE", CUT), "127.0.0.1"),
            (fails("UID SEARCH", b"NO [LIMIT] too many"), "too many"),
            (fails("UID SEARCH", b"* SEARCH 1 x"), "127.0.0.1"),
            (fails("UID FETCH", CUT), "127.0.0.1"),
            (fails("UID FETCH", b"* 1 FETCH (UID 1 BODY[]<0> {99999999999}"), "99999999999 bytes"),
            (fails("UID FETCH", SILENCE), "does not answer"),
        ],
    )
    def test_are_one_sentence(self, server: ImapServer, fault: Fault, words: str) -> None:
        server.inbox.add("Subject: x\n\ny")
        server.fault = fault
        told = refusal(place(server))
        assert words in told
        assert "\n" not in told

    def test_of_name_and_port_are_told(self, server: ImapServer) -> None:
        with pytest.raises(OutOfReach, match="out of reach"):
            Mailbox(Place("127.0.0.1", 1, "none", "biuro", timeout=2))
        with pytest.raises(OutOfReach, match="There is no mailbox server"):
            Mailbox(Place("no such host.invalid", 993, "tls", "biuro", timeout=2))

    def test_with_a_folder_name_those_that_are_there(self, server: ImapServer) -> None:
        with pytest.raises(OutOfReach) as error:
            examine(place(server), "INBOX", "Gesendet")
        assert "'Gesendet'" in error.value.what
        assert "It has: INBOX, Wysłane." in error.value.advice
        assert examine(place(server), "INBOX", "", "Wysłane") == ["INBOX", "Wysłane"]


class TestReading:
    def test_gives_the_beginning_of_each_message_and_when_it_came(self, server: ImapServer) -> None:
        arrived = datetime(2026, 11, 2, 23, 30, tzinfo=UTC)
        server.inbox.add(b"Subject: x\r\n\r\n" + b"y" * 200_000, arrived)
        with Mailbox(place(server)) as mailbox:
            mailbox.open("INBOX")
            (head,), (found,) = mailbox.headers([1]), mailbox.messages([1])
        assert head.content == b"Subject: x\r\n\r\n"
        assert (len(found.content), found.arrived) == (65536, arrived)

    def test_many_at_once_misses_none(self, server: ImapServer) -> None:
        for number in range(130):
            server.inbox.add(f"Subject: {number}\n\n{number}")
        with Mailbox(place(server)) as mailbox:
            mailbox.open("INBOX")
            uids = mailbox.uids(None, TODAY - timedelta(1))
            assert [found.uid for found in mailbox.messages(uids)] == list(range(1, 131))

    def test_leaves_out_what_came_before_and_what_was_seen(self, server: ImapServer) -> None:
        for days in (40, 3, 0):
            server.inbox.add("Subject: x\n\ny", NOW - timedelta(days))
        with Mailbox(place(server)) as mailbox:
            mailbox.open("INBOX")
            assert mailbox.uids(None, date(NOW.year, NOW.month, NOW.day) - timedelta(5)) == [2, 3]
            assert mailbox.uids(2, TODAY) == [3]
            assert mailbox.uids(3, TODAY) == []

    def test_looks_letters_up_by_their_id(self, server: ImapServer) -> None:
        server.sent.add(f"Message-ID: {OURS}\n\nx")
        archive = SentFolder(place(server), "Wysłane")
        assert archive.holds(OURS)
        assert not archive.holds(OURS.replace("0", "1"))
        assert not archive.holds('<x" OR ALL "@y>')
        assert SentFolder(place(server, password="wrong"), "Wysłane").holds(OURS) is False


class TestTheEar:
    def test_hears_each_answer_once_and_goes_on_where_it_was(self, server: ImapServer, tmp_path: Path) -> None:
        server.inbox.add(reply("Dobrze."))
        assert [heard.kind for heard in ear(server, tmp_path).hear(NOW)] == [Kind.REPLY]
        server.inbox.add(reply("Dobrze."))  # a second copy
        server.inbox.add(returned_mail.postfix_bounce())
        heard = ear(server, tmp_path).hear(NOW)
        assert [response.kind for response in heard] == [Kind.REPLY, Kind.BOUNCE]
        assert server.heard.count("UID SEARCH UID 2:*") == 1
        assert ear(server, tmp_path).hear(NOW) == heard

    def test_begins_anew_when_the_uids_are_void(self, server: ImapServer, tmp_path: Path) -> None:
        server.inbox.add("Subject: x\n\ny")
        ear(server, tmp_path).hear(NOW)
        server.inbox.messages.clear()
        server.inbox.validity = 7
        server.inbox.add(reply("Dobrze."))
        assert len(ear(server, tmp_path).hear(NOW)) == 1

    @pytest.mark.parametrize(
        "damage", ["", "{", "[]", '{"place": 1}', '{"place":"","validity":1,"last":1,"heard":{"x":{}}}']
    )
    def test_begins_anew_when_its_memory_is_damaged(self, server: ImapServer, tmp_path: Path, damage: str) -> None:
        server.inbox.add(reply("Dobrze."))
        (tmp_path / "mailbox.json").write_text(damage)
        assert len(ear(server, tmp_path).hear(NOW)) == 1

    def test_keeps_its_memory_to_its_owner_and_for_sixty_days(self, server: ImapServer, tmp_path: Path) -> None:
        server.inbox.add(reply("Dobrze."), NOW - timedelta(days=20))
        ear(server, tmp_path).hear(NOW)
        assert (tmp_path / "mailbox.json").stat().st_mode & 0o777 == 0o600
        assert "Dobrze." in (tmp_path / "mailbox.json").read_text("utf-8")
        assert ear(server, tmp_path).hear(NOW + timedelta(days=41)) == ()
        assert json.loads((tmp_path / "mailbox.json").read_text("utf-8"))["heard"] == {}

    def test_that_fails_half_way_hears_the_same_next_time(self, server: ImapServer, tmp_path: Path) -> None:
        server.inbox.add(reply("Dobrze."))
        server.fault = fails("BODY.PEEK[]", CUT)
        with pytest.raises(OutOfReach):
            ear(server, tmp_path).hear(NOW)
        server.fault = kindly
        assert len(ear(server, tmp_path).hear(NOW)) == 1

    def test_is_not_flooded(self, server: ImapServer, tmp_path: Path) -> None:
        """A run reads a bounded number of messages; the next goes on with the rest, and none is missed."""
        for number in range(250):
            server.inbox.add(reply(f"{number}", own=f"<{number}@x>"))
        assert len(ear(server, tmp_path).hear(NOW)) == 200
        assert len(ear(server, tmp_path).hear(NOW)) == 250

    def test_whose_memory_cannot_be_kept_says_so(self, server: ImapServer, tmp_path: Path) -> None:
        (tmp_path / "state").write_text("a file where the folder should be")
        with pytest.raises(OutOfReach, match="cannot be kept"):
            ear(server, tmp_path / "state").hear(NOW)
