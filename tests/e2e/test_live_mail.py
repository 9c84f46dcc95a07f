"""Live mode by a mail server, through the real command line: who gets a letter, who does not, and what stands in the
sheet. Killed at every moment: tests/soak/crashes.py, of which a short part is here."""

import json
import shutil
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.fakes.mail_desk import quick_folder
from tests.fakes.mail_server import Act, MailServer, fails, kindly
from tests.live_desk_for_tests import Done, LiveFirm, after_the_claim, once
from tests.soak.crashes import Kill, Victim

ONE_EACH = Counter({"firma1@example.pl": 1, "firma2@example.pl": 1, "firma3@example.pl": 1})
OTHERS = Counter({"firma2@example.pl": 1, "firma3@example.pl": 1})

ONE_MORE = Counter({"firma2@example.pl": 1})
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

    def test_are_still_to_come_after_a_test(self, firm: LiveFirm) -> None:
        firm.into(mode="test")
        assert [sent(firm), sent(firm)] == [Counter({"ja@firma.example": 3})] * 2
        assert [told.event for told in firm.told()] == ["reminder drafted"] * 3
        firm.into(mode="live")
        assert firm.run("sync").status == 4
        assert sent(firm) == ONE_EACH + Counter({"ja@firma.example": 3})
        assert firm.told("reminder sent") != []


class TestJustBefore:
    @pytest.mark.parametrize(
        ("tab", "key", "label", "value", "why"),
        [
            ("Faktury", "FV/1/1", "Zapłacono", 101, "paid"),
            ("Faktury", "FV/1/1", "Wstrzymaj do", "2099-12-31", "hold"),
            ("Klienci", "Firma 1", "Wstrzymaj do", "2099-12-31", "hold"),
        ],
    )
    def test_a_payment_or_a_hold_that_comes_after_the_claim_still_stops_the_letter(
        self, firm: LiveFirm, tab: str, key: str, label: str, value: object, why: str
    ) -> None:
        done = firm.run("sync", "--yes", before=after_the_claim(lambda: firm.types(tab, key, label, value)))
        assert (done.status, firm.received) == (1, OTHERS)
        (failed,) = firm.told("reminder failed")
        assert "not sent" in failed.details
        assert why in failed.details
        assert firm.run("sync").status == 0
        assert (firm.received, len(firm.told())) == (OTHERS, 6)

    def test_a_part_payment_goes_out_with_the_next_run_in_a_letter_of_what_is_left(self, firm: LiveFirm) -> None:
        firm.run("sync", "--yes", before=after_the_claim(lambda: firm.types("Faktury", "FV/1/1", "Zapłacono", 51)))
        assert firm.received == OTHERS
        assert sent(firm) == ONE_EACH
        assert b"50,00" in firm.server.taken[-1].content
        assert sent(firm) == ONE_EACH


class TestFaults:
    def test_one_bad_address_stops_no_other_letter(self, firm: LiveFirm) -> None:
        firm.server.fate = fails("firma1@", b"550 5.1.1 no such user")
        done = firm.run("sync", "--yes")
        assert (done.status, firm.received) == (1, OTHERS)
        assert "Not sent to Firma 1: permanent: 550 5.1.1 no such user" in said(done)
        assert ["permanent: 550 5.1.1 no such user" in told.details for told in firm.told("reminder failed")] == [True]
        firm.server.fate = kindly
        assert [sent(firm), sent(firm)] == [ONE_EACH] * 2

    @pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA", "dot"])
    def test_what_was_put_off_goes_with_the_next_run_once(self, firm: LiveFirm, step: str) -> None:
        firm.server.fate = fails(step, b"451 4.7.1 greylisted")
        done = firm.run("sync", "--yes")
        assert (done.status, firm.received) == (1, Counter())
        assert ["passing: 451" in told.details for told in firm.told("reminder failed")] == [True] * 3
        firm.server.fate = kindly
        assert [sent(firm), sent(firm)] == [ONE_EACH] * 2

    def test_a_server_that_is_down_holds_up_letters_only(self, firm: LiveFirm) -> None:
        done = firm.run("sync", "--yes", environ={"KARTOTEKA_MAIL__PORT": "1"})
        assert done.status == 3
        assert "letters due" not in done.out
        assert "Not sent to Firma 1, Firma 2, Firma 3: The mail server 127.0.0.1:1 is out of reach" in said(done)
        assert "The mail server 127.0.0.1:1 is out of reach" in done.err
        assert "No letter was lost: run the same command again later." in done.err
        assert ["127.0.0.1:1 is out of reach" in told.details for told in firm.told("reminder failed")] == [True] * 3
        assert firm.cells("Faktury", "Status") == ["Po terminie"] * 3
        assert [sent(firm), sent(firm)] == [ONE_EACH] * 2

    def test_a_wrong_password_is_tried_once_a_run_and_named(self, firm: LiveFirm) -> None:
        firm.server.users = {"biuro": "secret"}
        login = {"KARTOTEKA_MAIL__USERNAME": "biuro", "KARTOTEKA_SMTP_PASSWORD": "wrong"}
        done = firm.run("sync", "--yes", environ=login)
        assert firm.server.counts["AUTH"] == 1
        assert done.status == 3
        assert "KARTOTEKA_SMTP_PASSWORD" in done.err
        firm.run("sync", "--yes", environ=login | {"KARTOTEKA_SMTP_PASSWORD": "secret"})
        assert firm.received == ONE_EACH


class TestTheJournal:
    @pytest.fixture
    def owing(self, firm: LiveFirm) -> LiveFirm:
        """A firm that has sent its letters, and has one more to send."""
        shutil.copytree(firm.state, firm.folder / "yesterday")
        assert sent(firm) == ONE_EACH
        firm.owes(2, "FV/new")
        return firm

    def refused_then_rebuilt(self, firm: LiveFirm) -> None:
        for _ in range(2):
            done = firm.run("sync", "--yes")
            assert done.status in (3, 4)
            assert "kartoteka doctor --rebuild-journal" in done.err
            assert firm.received == ONE_EACH
        done = firm.run("doctor", "--rebuild-journal")
        assert done.status == 0
        assert [sent(firm), sent(firm)] == [ONE_EACH + ONE_MORE] * 2

    def test_that_is_gone_sends_nothing_until_it_has_learnt_anew(self, owing: LiveFirm) -> None:
        (owing.state / "letters.sqlite").unlink()
        self.refused_then_rebuilt(owing)

    def test_that_is_gone_with_everything_beside_it_too(self, owing: LiveFirm) -> None:
        shutil.rmtree(owing.state)
        self.refused_then_rebuilt(owing)

    def test_of_yesterday_too(self, owing: LiveFirm) -> None:
        shutil.rmtree(owing.state)
        shutil.copytree(owing.folder / "yesterday", owing.state)
        self.refused_then_rebuilt(owing)

    def test_that_is_damaged_too(self, owing: LiveFirm) -> None:
        with closing(sqlite3.connect(owing.state / "letters.sqlite")) as database:
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        path = owing.state / "letters.sqlite"
        path.write_bytes(path.read_bytes()[:4096] + b"\0garbage" * 1000)
        self.refused_then_rebuilt(owing)

    def test_does_not_hold_up_a_register_that_was_begun_anew(self, owing: LiveFirm) -> None:
        """Its invoices have the ids of the old ones."""
        anew = LiveFirm.made(owing.folder.parent / "anew", owing.server, 3)
        shutil.rmtree(anew.state)
        owing.state.rename(anew.state)
        assert [sent(anew), sent(anew)] == [ONE_EACH + ONE_EACH] * 2

    def test_of_a_firm_whose_folder_was_moved_still_knows_its_letters(self, owing: LiveFirm) -> None:
        moved = LiveFirm(owing.folder.parent / "moved", owing.server)
        owing.folder.rename(moved.folder)
        assert sent(moved) == ONE_EACH + ONE_MORE


class TestTheWorkbook:
    def test_that_somebody_opens_while_letters_leave_learns_of_them_later(self, firm: LiveFirm) -> None:
        lock = firm.folder / "~$kartoteka.xlsx"
        firm.server.fate = once("greeting", lock.touch)
        assert firm.run("sync", "--yes").status == 4
        assert (firm.received, len(firm.told("reminder sent"))) == (ONE_EACH, 0)
        lock.unlink()
        assert sent(firm) == ONE_EACH
        assert len(firm.told("reminder sent")) == 3

    def test_that_somebody_saved_over_with_what_it_was_before_brings_no_second_letter(self, firm: LiveFirm) -> None:
        before = firm.workbook.read_bytes()
        firm.server.fate = fails("firma1@", b"451 later", times=2)
        assert [sent(firm), sent(firm)] == [OTHERS, ONE_EACH]
        firm.workbook.write_bytes(before)
        assert [sent(firm), sent(firm), sent(firm)] == [ONE_EACH] * 3
        assert len(firm.told("reminder sent")) == 3


class TestTwoMachines:
    @pytest.fixture
    def second(self, firm: LiveFirm) -> LiveFirm:
        """Another machine that works on the same workbook."""
        return LiveFirm(firm.folder, firm.server, ".second")

    def test_the_second_sends_nothing_until_it_has_learnt_what_the_first_has_sent(
        self, firm: LiveFirm, second: LiveFirm
    ) -> None:
        assert sent(firm) == ONE_EACH
        firm.owes(2, "FV/new")
        done = second.run("sync", "--yes")
        assert (done.status, firm.received) == (4, ONE_EACH)
        assert second.run("doctor", "--rebuild-journal").status == 0
        assert [sent(second), sent(firm)] == [ONE_EACH + ONE_MORE] * 2

    def test_a_letter_that_the_first_is_sending_just_now_is_not_sent_by_the_second(
        self, firm: LiveFirm, second: LiveFirm
    ) -> None:
        statuses = list[int]()
        firm.server.fate = once("greeting", lambda: statuses.append(second.run("sync", "--yes").status))
        done = firm.run("sync", "--yes")
        assert (done.status, statuses, firm.received) == (0, [4], ONE_EACH)
        assert [told.event for told in firm.told()] == ["reminder claimed"] * 3 + ["reminder sent"] * 3

    def test_what_a_person_says_on_one_counts_on_the_other(self, firm: LiveFirm, second: LiveFirm) -> None:
        Victim(firm, 3).attack(FIRST_DOT_LOST)
        assert sent(firm) == OTHERS
        assert second.run("resolve", "F-0001", "resend").status == 0
        assert [sent(firm), sent(firm)] == [ONE_EACH] * 2


class TestKilled:
    def test_between_the_dot_and_its_answer_a_person_is_asked(self, firm: LiveFirm) -> None:
        Victim(firm, 3).attack(FIRST_DOT_LOST)
        done = firm.run("sync", "--yes")
        assert (done.status, firm.received) == (1, OTHERS)
        assert "nobody knows whether the letter about F-0001 has left" in said(done)
        assert "kartoteka resolve F-0001 sent|resend" in said(done)
        for words in (["history"], ["explain", "F-0001"]):
            assert "reminder unknown" in firm.run(*words).out
        assert "1 letter in doubt" in said(firm.run("doctor"))
        assert sent(firm) == OTHERS
        assert firm.run("resolve", "F-0001", "resend").status == 0
        assert [sent(firm), sent(firm)] == [ONE_EACH] * 2
        assert firm.run("sync").status == 0

    def test_after_a_dot_that_was_heard_the_person_may_say_so(self, firm: LiveFirm) -> None:
        Victim(firm, 3).attack(Kill("server", FIRST_DOT_LOST.number))
        assert sent(firm) == ONE_EACH
        assert firm.run("resolve", "F-0001", "sent").status == 0
        assert sent(firm) == ONE_EACH
        assert firm.run("resolve", "F-0001", "resend").status == 2

    @pytest.mark.parametrize("seed", range(3))
    def test_again_and_again_at_any_moment_no_letter_goes_twice_or_is_lost(self, firm: LiveFirm, seed: int) -> None:
        """One command or write after the other, each in a run of its own, before and behind every dot."""
        victim = Victim(firm, 3)
        for number in range(1 + seed, 18, 3):
            victim.attack(Kill("server", number, Act.CUT if number % 2 else None))
            victim.attack(Kill("journal", 5 * number))
        ending = victim.ending()
        assert ending.broken == ""
        assert ending.kills > 3
