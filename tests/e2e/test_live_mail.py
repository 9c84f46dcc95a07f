"""Live mode by a mail server, through the real command line: who gets a letter, who does not, and what stands in the
sheet. What is remembered after a kill, a loss, or by another machine is test_live_memory.py's part."""

import json
import os
import signal
import socket
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.fakes.mail_desk import quick_folder
from tests.fakes.mail_server import Act, MailServer, certificate, fails, kindly
from tests.live_desk_for_tests import Done, LiveFirm, after_the_claim, once
from tests.soak.crashes import Kill, Victim

ONE_EACH = Counter({"firma1@example.pl": 1, "firma2@example.pl": 1, "firma3@example.pl": 1})
OTHERS = Counter({"firma2@example.pl": 1, "firma3@example.pl": 1})

TEN_MINUTES = 600  # for the answer to the dot (RFC 5321, 4.5.3.2.6)
PAUSE = timedelta(minutes=31)  # after it, what was put off is tried again
FIRST_DOT_LOST = Kill("server", 7, Act.CUT)


@pytest.fixture(scope="module")
def ready() -> Iterator[LiveFirm]:
    """A firm that is set up, with three clients who owe; others are copies of it."""
    with quick_folder() as folder, MailServer() as server:
        yield LiveFirm.made(folder / "ready", server, 3)


@pytest.fixture
def firm(ready: LiveFirm, tmp_path: Path) -> Iterator[LiveFirm]:
    with quick_folder() as folder, MailServer() as server:
        yield ready.copied(folder / "firm", server)


def sent(firm: LiveFirm) -> Counter[str]:
    """Sync, and tell who has got letters so far."""
    firm.run("sync", "--yes")
    return firm.received


def said(done: Done) -> str:
    """What a person reads, in one line."""
    return " ".join((done.out + done.err).split())


def left_open(firm: LiveFirm) -> list[Path]:
    """What a journal that is open, or was left open, has beside it."""
    return list(firm.state.glob("letters.sqlite-*"))


def in_a_hurry(waited: Path) -> Callable[[], None]:
    """Who waits ten minutes for the network waits a second, in a process of our own; that it would, `waited` tells."""
    patiently = socket.socket.settimeout

    def briefly(self: socket.socket, seconds: float | None) -> None:
        if seconds == TEN_MINUTES:
            waited.touch()
        patiently(self, 1.0 if seconds == TEN_MINUTES else seconds)

    return lambda: setattr(socket.socket, "settimeout", briefly)


class TestTheFirstLetters:
    def test_wait_until_somebody_has_said_yes(self, firm: LiveFirm) -> None:
        done = firm.run("sync")
        assert (done.status, firm.received, firm.told()) == (4, Counter(), [])
        assert "firma1@example.pl" in done.err
        assert "kartoteka sync --yes" in done.err
        assert firm.run("sync", "--json").out == ""

    @pytest.mark.parametrize(("answer", "status", "received"), [("n", 4, Counter()), ("y", 0, ONE_EACH)])
    def test_are_asked_about_on_a_terminal_in_words_that_stay(
        self, firm: LiveFirm, answer: str, status: int, received: Counter[str]
    ) -> None:
        done = firm.asked("sync", answer=answer)
        assert (done.status, firm.received) == (status, received)
        assert "These are the first 3 letters of live mode. Let them leave? [y/N]:" in done.out

    def test_go_to_each_client_once_and_never_again(self, firm: LiveFirm) -> None:
        done = firm.run("sync", "--yes")
        assert (done.status, firm.received) == (0, ONE_EACH)
        assert "3 letters sent" in said(done)
        assert [told.event for told in firm.told()] == ["reminder claimed"] * 3 + ["reminder sent"] * 3
        assert firm.progress() == {"sent": 3}
        assert json.loads(firm.run("sync", "--json").out)["letters"] == []
        assert firm.received == ONE_EACH

    def test_end_with_a_farewell_and_a_closed_journal(self, firm: LiveFirm) -> None:
        assert firm.run("sync", "--yes").status == 0
        assert firm.server.heard[-1] == "QUIT"
        assert left_open(firm) == []

    @pytest.mark.parametrize("step", ["MAIL", "dot"])
    def test_that_are_interrupted_by_ctrl_c_leave_a_closed_journal_and_go_on_later(
        self, firm: LiveFirm, step: str
    ) -> None:
        firm.server.fate = once(step, lambda: os.kill(firm.child.pid or 0, signal.SIGINT) if firm.child else None)
        assert firm.run("sync", "--yes").status == 130
        assert left_open(firm) == []
        assert sent(firm) == (OTHERS if firm.progress()["dot"] and not firm.received["firma1@example.pl"] else ONE_EACH)

    def test_are_still_to_come_after_a_test(self, firm: LiveFirm) -> None:
        firm.into(mode="test")
        assert [sent(firm), sent(firm)] == [Counter({"ja@firma.example": 3})] * 2
        assert [told.event for told in firm.told()] == ["reminder drafted"] * 3
        firm.into(mode="live")
        assert firm.run("sync").status == 4
        assert sent(firm) == ONE_EACH + Counter({"ja@firma.example": 3})
        assert firm.told("reminder sent") != []

    def test_all_go_to_the_test_address_when_they_were_drafts_before(self, firm: LiveFirm) -> None:
        """Whoever turns from drafts to the test address wants to see them arrive."""
        firm.into(mode="draft")
        assert firm.run("sync").status == 0
        firm.into(mode="test")
        assert [sent(firm), sent(firm)] == [Counter({"ja@firma.example": 3})] * 2

    @pytest.mark.parametrize("words", [b"451 4.7.1 greylisted", b"550 5.7.1 no"])
    def test_a_test_letter_that_was_not_taken_is_not_put_down_as_drafted_and_goes_later(
        self, firm: LiveFirm, words: bytes
    ) -> None:
        firm.into(mode="test")
        firm.server.fate = fails("dot", words)
        assert firm.run("sync").status == 1
        assert (firm.received, firm.told()) == (Counter(), [])
        firm.server.fate = kindly
        assert [sent(firm), sent(firm)] == [Counter({"ja@firma.example": 3})] * 2
        assert len(firm.told("reminder drafted")) == 3


class TestJustBefore:
    @pytest.mark.parametrize(
        ("tab", "key", "label", "value", "why"),
        [
            ("Faktury", "FV/1/1", "Zapłacono", 101, "Opłacona"),
            ("Faktury", "FV/1/1", "Wstrzymaj do", "2099-12-31", "trzyman"),
            ("Klienci", "Firma 1", "Wstrzymaj do", "2099-12-31", "trzyman"),
        ],
    )
    def test_a_payment_or_a_hold_that_comes_after_the_claim_still_stops_the_letter(
        self, firm: LiveFirm, tab: str, key: str, label: str, value: object, why: str
    ) -> None:
        done = firm.run("sync", "--yes", before=after_the_claim(lambda: firm.types(tab, key, label, value)))
        assert (done.status, firm.received) == (1, OTHERS)
        (failed,) = firm.told("reminder failed")
        assert "nie wysłano: w międzyczasie" in failed.details
        assert why in failed.details
        assert firm.run("sync").status == 0
        assert (firm.received, len(firm.told())) == (OTHERS, 6)

    def test_a_part_payment_goes_out_with_the_next_run_in_a_letter_of_what_is_left(self, firm: LiveFirm) -> None:
        firm.run("sync", "--yes", before=after_the_claim(lambda: firm.types("Faktury", "FV/1/1", "Zapłacono", 51)))
        assert firm.received == OTHERS
        assert sent(firm) == ONE_EACH
        assert b"50,00" in firm.server.taken[-1].content
        assert sent(firm) == ONE_EACH

    def test_a_payment_between_the_plan_and_the_run_stops_the_letter(self, firm: LiveFirm) -> None:
        assert "firma1@example.pl" in firm.run("plan", "--json").out
        firm.types("Faktury", "FV/1/1", "Zapłacono", 101)
        assert [sent(firm), sent(firm)] == [OTHERS] * 2

    @pytest.mark.parametrize(
        ("tab", "key", "label", "value"),
        [("Klienci", "Firma 1", "E-mail", "nowy@example.pl"), ("Faktury", "FV/1/1", "Klient", "Firma 2")],
    )
    def test_another_recipient_that_comes_after_the_claim_stops_the_letter_and_gets_it_with_the_next_run(
        self, firm: LiveFirm, tab: str, key: str, label: str, value: str
    ) -> None:
        done = firm.run("sync", "--yes", before=after_the_claim(lambda: firm.types(tab, key, label, value)))
        assert (done.status, firm.received) == (1, OTHERS)
        (failed,) = firm.told("reminder failed")
        assert "nie wysłano: w międzyczasie zmienił się adresat listu do K-0001" in failed.details
        new = Counter({"nowy@example.pl" if tab == "Klienci" else "firma2@example.pl": 1})
        assert [sent(firm), sent(firm)] == [OTHERS + new] * 2


class TestTheClock:
    """Of the machine: set back a day, and right again."""

    def test_set_back_it_brings_no_second_letter(self, firm: LiveFirm) -> None:
        assert sent(firm) == ONE_EACH
        for ahead in (-timedelta(days=1), timedelta(), timedelta(days=1)):
            firm.ahead = ahead
            assert sent(firm) == ONE_EACH

    def test_set_back_after_a_kill_it_leaves_the_letter_in_doubt_and_sends_the_others_once(
        self, firm: LiveFirm
    ) -> None:
        Victim(firm, 3).attack(FIRST_DOT_LOST)
        for ahead in (-timedelta(days=1), timedelta()):
            firm.ahead = ahead
            assert sent(firm) == OTHERS


class TestFaults:
    def test_one_bad_address_stops_no_other_letter(self, firm: LiveFirm) -> None:
        firm.server.fate = fails("firma1@", b"550 5.1.1 no such user")
        done = firm.run("sync", "--yes")
        assert (done.status, firm.received) == (1, OTHERS)
        assert "Not sent to Firma 1: permanent: firma1@example.pl: 550 5.1.1 no such user" in said(done)
        assert ["trwała odmowa: firma1@" in told.details for told in firm.told("reminder failed")] == [True]
        firm.server.fate = kindly
        assert sent(firm) == OTHERS
        firm.types("Klienci", "Firma 1", "E-mail", "nowy@example.pl")
        assert [sent(firm), sent(firm)] == [OTHERS + Counter({"nowy@example.pl": 1})] * 2

    def test_what_was_put_off_goes_later_once(self, firm: LiveFirm) -> None:
        firm.server.fate = fails("RCPT", b"451 4.7.1 greylisted")
        done = firm.run("sync", "--yes")
        assert (done.status, firm.received) == (1, Counter())
        assert ["chwilowa przeszkoda: 451" in told.details for told in firm.told("reminder failed")] == [True] * 3
        firm.server.fate = kindly
        assert sent(firm) == Counter()  # not at once
        firm.ahead = PAUSE
        assert [sent(firm), sent(firm)] == [ONE_EACH] * 2

    def test_a_server_that_is_down_holds_up_letters_only(self, firm: LiveFirm) -> None:
        done = firm.run("sync", "--yes", environ={"KARTOTEKA_MAIL__PORT": "1"})
        assert done.status == 3
        assert "letters due" not in done.out
        words = "Serwer poczty jest niedostępny albo nie przyjmuje listów. Żaden list nie zginął."
        assert f"Not sent to Firma 1, Firma 2, Firma 3: {words}" in said(done)
        assert "The mail server 127.0.0.1:1 is out of reach" in done.err
        assert "No letter was lost: run the same command again later." in done.err
        failed = firm.told("reminder failed")
        assert [told.details.endswith(f"> nie wysłano: {words}") for told in failed] == [True] * 3
        assert firm.cells("Faktury", "Status") == ["Po terminie"] * 3
        assert [sent(firm), sent(firm)] == [ONE_EACH] * 2

    @pytest.mark.parametrize(
        ("step", "outcome", "received", "words"),
        [
            ("dot", b"452 4.3.1 full queue", OTHERS, "chwilowa przeszkoda: 452 4.3.1 full queue"),
            ("DATA", Act.RESET, OTHERS, "chwilowa przeszkoda: the connection to 127.0.0.1"),
            ("dot", Act.CUT, OTHERS, "po oddaniu listu nie przyszła odpowiedź"),
            ("dot", Act.TAKE_AND_CUT, ONE_EACH, "po oddaniu listu nie przyszła odpowiedź"),
        ],
    )
    def test_a_letter_that_is_stopped_is_told_of_and_the_others_go(
        self, firm: LiveFirm, step: str, outcome: bytes | Act, received: Counter[str], words: str
    ) -> None:
        firm.server.fate = fails(step, outcome, times=1 if words.startswith("po") else 2)
        done = firm.run("sync", "--yes")
        assert (done.status, firm.received) == (1, received)
        (told,) = firm.told("reminder failed", "reminder unknown")
        assert words in told.details
        assert sent(firm) == received  # not at once, or not by itself

    @pytest.mark.parametrize(("act", "received"), [(Act.TAKE_AND_SILENCE, ONE_EACH), (Act.SILENCE, OTHERS)])
    def test_silence_after_the_dot_leaves_that_letter_in_doubt_and_the_others_go(
        self, firm: LiveFirm, tmp_path: Path, act: Act, received: Counter[str]
    ) -> None:
        firm.server.fate = fails("dot", act, times=1)
        done = firm.run("sync", "--yes", before=in_a_hurry(tmp_path / "waited"))
        assert (done.status, firm.received) == (1, received)
        assert (tmp_path / "waited").exists()
        assert "letters 1 letter in doubt, 2 letters sent" in said(done)
        assert "In doubt: nobody knows whether the letter about F-0001 has left" in done.out
        assert "kartoteka resolve F-0001 sent|resend" in done.out
        assert [told.invoice for told in firm.told("reminder unknown")] == ["F-0001"]
        assert "kartoteka resolve F-0001 sent" in str(firm.cells("Faktury", "Problemy")[0])
        assert "1 letter in doubt" in said(firm.run("doctor"))
        assert (firm.run("sync").status, firm.received) == (1, received)  # not by itself
        answer = "sent" if act is Act.TAKE_AND_SILENCE else "resend"
        assert firm.run("resolve", "F-0001", answer).status == 0
        assert (firm.run("sync").status, firm.received) == (0, ONE_EACH)

    def test_by_a_server_with_an_expired_certificate_nothing_leaves(self, firm: LiveFirm, tmp_path: Path) -> None:
        context, trusted = certificate(tmp_path, expired=True)
        with MailServer(tls=context) as firm.server:
            secure = {"KARTOTEKA_MAIL__SECURITY": "starttls", "SSL_CERT_FILE": str(trusted)}
            done = firm.run("sync", "--yes", environ=secure)
            assert (done.status, firm.received) == (3, Counter())
        assert "certificate has expired" in done.err
        assert "nie wysłano" in firm.told("reminder failed")[0].details

    def test_a_wrong_password_is_tried_once_a_run_and_named(self, firm: LiveFirm) -> None:
        firm.server.users = {"biuro": "secret"}
        login = {"KARTOTEKA_MAIL__USERNAME": "biuro", "KARTOTEKA_SMTP_PASSWORD": "wrong"}
        done = firm.run("sync", "--yes", environ=login)
        assert firm.server.counts["AUTH"] == 1
        assert done.status == 3
        assert "KARTOTEKA_SMTP_PASSWORD" in done.err
        firm.run("sync", "--yes", environ=login | {"KARTOTEKA_SMTP_PASSWORD": "secret"})
        assert firm.received == ONE_EACH
