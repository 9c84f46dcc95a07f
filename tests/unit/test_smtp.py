"""Letters by a mail server: what it hears, what it may refuse, and the words for it."""

import email
import re
import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from mailers.journal import Progress
from mailers.mime import to_bytes
from mailers.reminders import LetterState
from mailers.smtp import REST, SmtpServer
from mailers.smtp_connection import Connection
from tests.contracts.test_outbox import LETTER
from tests.fakes.mail_desk import NOW, Desk, desks, place_of
from tests.fakes.mail_server import Act, Fate, MailServer, certificate, fails, kindly
from validators.errors import OutOfReach

ID = LETTER.message_id
NEXT = replace(LETTER, message_id="<kartoteka.4567@example.pl>", invoices=("F-0002",))
SENT, FAILED = LetterState.SENT, LetterState.FAILED
SPEECH = ["MAIL", "RCPT", "DATA"]


Opener = Callable[[SmtpServer], Desk]


@pytest.fixture
def opened() -> Iterator[Opener]:
    with desks() as opener:
        yield opener


def commands(server: MailServer) -> list[str]:
    return [line.split(" ")[0] for line in server.heard]


class TestLetters:
    def test_it_goes_to_its_recipients_as_it_was_written_and_the_answer_is_kept(self, opened: Opener) -> None:
        with MailServer() as server:
            desk = opened(place_of(server))
            letter = replace(LETTER, to=("Anna <anna@example.com>", "biuro@żuraw.pl"))
            assert desk.send(letter) == (SENT, "250 2.0.0 queued as 1")
        (taken,) = server.taken
        assert (taken.sender, taken.to) == ("biuro@example.pl", ("anna@example.com", "biuro@xn--uraw-99a.pl"))
        assert taken.content == to_bytes(letter, NOW) == desk.journal.content(ID)
        assert (desk.journal.progress(ID), desk.journal.answer(ID)) == (Progress.SENT, "250 2.0.0 queued as 1")

    def test_lines_that_begin_with_dots_arrive_unharmed(self, opened: Opener) -> None:
        text = "Dzień dobry\n.\n..\n.hidden\n\n.\n"
        with MailServer() as server:
            assert opened(place_of(server)).send(replace(LETTER, text=text, html=".\n"))[0] is SENT
        part = email.message_from_bytes(server.taken[0].content).get_payload(0)
        assert isinstance(part, email.message.Message)
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        assert content.decode().replace("\r\n", "\n") == text

    def test_many_go_on_one_connection_and_a_farewell_ends_it(self, opened: Opener) -> None:
        with MailServer() as server:
            desk = opened(place_of(server))
            assert [desk.send(letter)[0] for letter in (LETTER, NEXT)] == [SENT, SENT]
            desk.outbox.close()
        assert server.connections == 1
        assert commands(server) == ["EHLO", *SPEECH, *SPEECH, "QUIT"]

    def test_the_server_is_told_a_name_that_it_can_take(self, opened: Opener) -> None:
        with MailServer() as server:
            opened(place_of(server)).send(LETTER)
        assert re.fullmatch(r"EHLO (\[127\.0\.0\.1\]|[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+)", server.heard[0])

    def test_a_server_that_knows_no_ehlo_is_greeted_the_old_way(self, opened: Opener) -> None:
        with MailServer(fails("EHLO", b"502 what?")) as server:
            assert opened(place_of(server)).send(LETTER)[0] is SENT
        assert server.heard[2] == "MAIL FROM:<biuro@example.pl>"

    @pytest.mark.parametrize(
        "farewell",
        [
            fails("dot", b"250 ok\r\n421 4.4.2 idle for too long", times=1),
            lambda step: Act.CUT if (step.name, step.count) == ("MAIL", 2) else None,
        ],
    )
    def test_an_idle_connection_that_the_server_closed_is_opened_anew(self, opened: Opener, farewell: Fate) -> None:
        with MailServer(farewell) as server:
            desk = opened(place_of(server))
            assert [desk.send(letter)[0] for letter in (LETTER, NEXT)] == [SENT, SENT]
        assert server.connections == 2
        assert len(server.taken) == 2

    def test_no_more_go_in_a_minute_than_the_server_may_be_asked(self, opened: Opener) -> None:
        with MailServer() as server:
            desk = opened(replace(place_of(server), per_minute=30))
            for number in range(4):
                desk.send(replace(LETTER, message_id=f"<{number}@x>", invoices=(f"F-{number}",)))
        assert desk.clock.now() == 6.0

    def test_utf8_addresses_go_where_the_server_takes_them_and_fail_alone_where_not(self, opened: Opener) -> None:
        letter = replace(LETTER, to=("żółw@example.pl",))
        with MailServer() as server:
            desk = opened(place_of(server))
            state, detail = desk.send(letter)
            assert state is FAILED
            assert detail.startswith("permanent: ")
            assert "SMTPUTF8" in detail
            assert desk.send(NEXT)[0] is SENT
        with MailServer(features=("8BITMIME", "SMTPUTF8")) as server:
            assert opened(place_of(server)).send(letter)[0] is SENT
        assert "MAIL FROM:<biuro@example.pl> BODY=8BITMIME SMTPUTF8" in server.heard
        assert server.taken[0].to == ("żółw@example.pl",)

    def test_a_letter_too_big_for_the_server_is_not_even_begun(self, opened: Opener) -> None:
        with MailServer(features=("SIZE 500",)) as server:
            state, detail = opened(place_of(server)).send(LETTER)
        assert (state, detail[:11]) == (FAILED, "permanent: ")
        assert "MAIL" not in commands(server)

    def test_the_dot_does_not_wait_for_the_body(self) -> None:
        with MailServer() as server:
            wire = Connection(place_of(server))._smtp.sock
            assert wire is not None
            assert wire.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
            wire.close()

    def test_a_password_shows_nowhere(self) -> None:
        assert "tajne" not in repr(SmtpServer("h", 1, "tls", "u", "tajne"))


class TestRefusals:
    @pytest.mark.parametrize("step", [*SPEECH, "dot"])
    def test_a_permanent_refusal_fails_that_letter_only_and_is_not_repeated(self, opened: Opener, step: str) -> None:
        with MailServer(fails(step, b"550-5.7.1 we do not\r\n550 5.7.1 want that", times=1)) as server:
            desk = opened(place_of(server))
            assert desk.send(LETTER) == (FAILED, "permanent: 550 5.7.1 we do not 5.7.1 want that")
            assert desk.outbox.holds(ID) is False
            assert desk.send(NEXT)[0] is SENT
        assert server.connections == 1
        assert [taken.content for taken in server.taken] == [to_bytes(NEXT, NOW)]
        assert server.counts[step] == 2

    @pytest.mark.parametrize("step", [*SPEECH, "dot"])
    @pytest.mark.parametrize("words", [b"451 4.7.1 greylisted", b"421 4.3.2 going down", b"452 full queue"])
    def test_a_passing_refusal_is_met_with_one_more_try_on_a_new_connection(
        self, opened: Opener, step: str, words: bytes
    ) -> None:
        with MailServer(fails(step, words, times=1)) as server:
            assert opened(place_of(server)).send(LETTER) == (SENT, "250 2.0.0 queued as 1")
        assert server.connections == 2
        assert len(server.taken) == 1

    @pytest.mark.parametrize("step", [*SPEECH, "dot"])
    def test_a_refusal_that_does_not_pass_at_once_is_called_passing(self, opened: Opener, step: str) -> None:
        with MailServer(fails(step, b"451 4.7.1 greylisted")) as server:
            desk = opened(place_of(server))
            assert desk.send(LETTER) == (FAILED, "passing: 451 4.7.1 greylisted")
            assert server.counts[step] == 2
            assert desk.outbox.holds(ID) is False
            server.fate = kindly
            assert desk.send(LETTER)[0] is SENT  # later, by the same name
        assert len(server.taken) == 1

    def test_one_bad_address_among_many_letters_stops_none_of_the_others(self, opened: Opener) -> None:
        letters = [replace(LETTER, message_id=f"<{n}@x>", invoices=(f"F-{n}",), to=(f"k{n}@x.pl",)) for n in range(5)]
        with MailServer(fails("k2@x.pl", b"550 5.1.1 nobody here")) as server:
            desk = opened(place_of(server))
            states = [desk.send(letter)[0] for letter in letters]
        assert states == [SENT, SENT, FAILED, SENT, SENT]
        assert [taken.to for taken in server.taken] == [(f"k{n}@x.pl",) for n in (0, 1, 3, 4)]
        assert server.connections == 1

    @pytest.mark.parametrize(("words", "tries"), [(b"550 5.1.1 gone", 1), (b"452 4.2.2 mailbox full", 2)])
    def test_a_recipient_that_is_refused_does_not_keep_the_letter_from_the_other(
        self, opened: Opener, words: bytes, tries: int
    ) -> None:
        with MailServer(fails("old@x.pl", words)) as server:
            state, detail = opened(place_of(server)).send(replace(LETTER, to=("old@x.pl", "anna@x.pl")))
        assert state is SENT
        assert detail == f"250 2.0.0 queued as 1; not to old@x.pl: {words.decode()}"
        assert [taken.to for taken in server.taken] == [("anna@x.pl",)]
        assert server.connections == tries

    @pytest.mark.parametrize("step", [*SPEECH])
    def test_nonsense_before_the_dot_is_a_refusal_that_may_pass(self, opened: Opener, step: str) -> None:
        with MailServer(fails(step, b"\xff\x00 <html>", times=1)) as server:
            assert opened(place_of(server)).send(LETTER)[0] is SENT
        with MailServer(fails(step, b"hello")) as server:
            state, detail = opened(place_of(server)).send(NEXT)
        assert (state, detail[:9]) == (FAILED, "passing: ")
        assert not server.taken

    def test_a_refusal_in_the_middle_of_a_letter_never_mixes_it_with_the_next(self, opened: Opener) -> None:
        with MailServer(fails("body", b"552 5.3.4 too much", times=1)) as server:
            desk = opened(place_of(server))
            long = replace(LETTER, text="Do zapłaty\n" * 20_000)  # the refusal comes while it is on its way
            assert desk.send(long) == (FAILED, "permanent: 552 5.3.4 too much")
            assert desk.send(NEXT)[0] is SENT
        assert [taken.content for taken in server.taken] == [to_bytes(NEXT, NOW)]


class TestOutOfReach:
    def refused(self, desk: Desk) -> OutOfReach:
        with pytest.raises(OutOfReach) as caught:
            desk.send(LETTER)
        assert caught.value.advice
        assert desk.outbox.holds(ID) is False
        return caught.value

    def test_no_server_there(self, opened: Opener) -> None:
        with MailServer() as server:
            place = place_of(server)
        assert "refused" in self.refused(opened(place)).what

    def test_no_such_server(self, opened: Opener) -> None:
        assert "no mail server" in self.refused(opened(SmtpServer("mail..pl", 25, "none"))).what

    @pytest.mark.parametrize("words", [b"554 no service here", b"421 too many of you", b"SSH-2.0-OpenSSH", Act.CUT])
    def test_a_server_that_does_not_greet(self, opened: Opener, words: bytes | Act) -> None:
        with MailServer(fails("greeting", words)) as server:
            self.refused(opened(place_of(server)))

    @pytest.mark.parametrize("words", [b"451 not now", Act.CUT, Act.RESET])
    def test_a_server_that_does_not_introduce_itself(self, opened: Opener, words: bytes | Act) -> None:
        with MailServer(fails("EHLO", words)) as server:
            self.refused(opened(place_of(server)))

    def test_a_server_that_says_nothing_at_all(self, opened: Opener) -> None:
        with MailServer(fails("greeting", Act.SILENCE)) as server:
            assert "timed out" in self.refused(opened(replace(place_of(server), timeout=0.1))).what

    @pytest.mark.parametrize("features", [("AUTH PLAIN",), ("AUTH LOGIN",), ("AUTH CRAM-MD5 LOGIN PLAIN",)])
    def test_a_user_signs_in_with_polish_letters_in_the_password(self, opened: Opener, features: list[str]) -> None:
        with MailServer(features=features, users={"żuraw": "zażółć"}) as server:
            assert opened(replace(place_of(server), username="żuraw", password="zażółć")).send(LETTER)[0] is SENT

    @pytest.mark.parametrize("features", [("AUTH PLAIN",), ("AUTH LOGIN",)])
    def test_a_wrong_password_is_tried_once_and_not_with_each_letter(self, opened: Opener, features: list[str]) -> None:
        with MailServer(features=features, users={"biuro": "dobre"}) as server:
            desk = opened(replace(place_of(server), username="biuro", password="złe"))
            error = self.refused(desk)
            assert "535 5.7.8 who are you" in error.what
            assert "KARTOTEKA_SMTP_PASSWORD" in error.advice
            assert "złe" not in error.what + error.advice
            assert self.refused(desk).what == error.what
            assert server.counts["AUTH"] == 1
            desk.clock.sleep(REST)
            self.refused(desk)
            assert server.counts["AUTH"] == 2

    @pytest.mark.parametrize("features", [(), ("AUTH CRAM-MD5",)])
    def test_a_server_without_a_sign_in_that_we_know(self, opened: Opener, features: list[str]) -> None:
        with MailServer(features=features) as server:
            assert "PLAIN" in self.refused(opened(replace(place_of(server), username="biuro"))).what

    def test_a_server_that_goes_away_between_two_letters(self, opened: Opener) -> None:
        with MailServer(fails("MAIL", Act.CUT)) as server:
            desk = opened(place_of(server))
            server.fate = lambda step: Act.CUT if step.count > 1 or step.name == "QUIT" else None
            desk.outbox.send(NEXT, NOW)
            self.refused(desk)


class TestSecurity:
    @pytest.mark.parametrize("security", ["starttls", "tls"])
    def test_a_letter_goes_by_a_secure_connection(
        self, opened: Opener, security: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        context, trusted = certificate(tmp_path)
        monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
        with MailServer(tls=context, at_once=security == "tls", users={"b": "p"}) as server:
            desk = opened(replace(secure(server, security), username="b", password="p"))
            assert [desk.send(letter)[0] for letter in (LETTER, NEXT)] == [SENT, SENT]
        spoken = ["EHLO", "STARTTLS"] if security == "starttls" else []
        assert commands(server)[: len(spoken) + 2] == [*spoken, "EHLO", "AUTH"]
        assert server.connections == 1

    @pytest.mark.parametrize("security", ["starttls", "tls"])
    @pytest.mark.parametrize(
        ("made", "trust", "words", "advice"),
        [
            ({"expired": True}, True, "expired", "renew"),
            ({}, False, "self-signed", "SSL_CERT_FILE"),
            ({"address": "127.0.0.2"}, True, "mismatch", "as the certificate names it"),
        ],
    )
    def test_nothing_leaves_by_a_server_that_cannot_show_who_it_is(
        self,
        opened: Opener,
        security: str,
        made: dict[str, str],
        trust: bool,
        words: str,
        advice: str,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        context, trusted = certificate(tmp_path, expired="expired" in made, address=made.get("address", "127.0.0.1"))
        if trust:
            monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
        with MailServer(tls=context, at_once=security == "tls") as server, pytest.raises(OutOfReach) as caught:
            opened(secure(server, security)).send(LETTER)
        assert words in caught.value.what
        assert advice in caught.value.advice
        assert "MAIL" not in server.heard

    def test_a_server_that_takes_starttls_out_of_its_offer_hears_no_letter(self, opened: Opener) -> None:
        with MailServer() as server, pytest.raises(OutOfReach, match="does not offer STARTTLS"):
            opened(secure(server, "starttls")).send(LETTER)
        assert commands(server) == ["EHLO"]

    def test_a_server_that_refuses_starttls_hears_no_letter(self, opened: Opener, tmp_path: Path) -> None:
        with (
            MailServer(fails("STARTTLS", b"454 no"), tls=certificate(tmp_path)[0]) as server,
            pytest.raises(OutOfReach, match="refuses STARTTLS: 454 no"),
        ):
            opened(secure(server, "starttls")).send(LETTER)
        assert commands(server) == ["EHLO", "STARTTLS"]

    def test_the_wrong_port_is_told_from_a_bad_certificate(self, opened: Opener) -> None:
        with MailServer() as server, pytest.raises(OutOfReach) as caught:
            opened(secure(server, "tls")).send(LETTER)
        assert "465" in caught.value.advice


def secure(server: MailServer, security: str) -> SmtpServer:
    return replace(place_of(server), security="tls" if security == "tls" else "starttls")
