"""Live mode by a mail server, and what it remembers: after a kill, when journal or workbook are lost or of yesterday,
and beside another machine. Killed at every moment: tests/soak/crashes.py, of which a short part is here."""

import shutil
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta

import pytest

from tests.e2e.test_live_mail import FIRST_DOT_LOST, ONE_EACH, OTHERS, PAUSE, said, sent
from tests.fakes.mail_desk import quick_folder
from tests.fakes.mail_server import Act, MailServer, fails
from tests.live_desk_for_tests import LiveFirm, once
from tests.soak.crashes import Kill, Victim

ONE_MORE = Counter({"firma2@example.pl": 1})


@pytest.fixture(scope="module")
def ready() -> Iterator[LiveFirm]:
    """A firm that is set up, with three clients who owe; others are copies of it."""
    with quick_folder() as folder, MailServer() as server:
        yield LiveFirm.made(folder / "ready", server, 3)


@pytest.fixture
def firm(ready: LiveFirm) -> Iterator[LiveFirm]:
    with quick_folder() as folder, MailServer() as server:
        yield ready.copied(folder / "firm", server)


def damage(firm: LiveFirm) -> None:
    path = firm.state / "letters.sqlite"
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    path.write_bytes(path.read_bytes()[:4096] + b"\0garbage" * 1000)


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
        damage(owing)
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

    def test_that_is_damaged_keeps_nobody_from_looking(self, firm: LiveFirm) -> None:
        Victim(firm, 3).attack(FIRST_DOT_LOST)  # of such a letter the journal would be asked
        damage(firm)
        for words in (["check"], ["plan"], ["explain", "F-0001"], ["preview"], ["history"]):
            done = firm.run(*words)
            assert (done.status in (0, 1), "damaged" in said(done)) == (True, False)

    def test_that_is_damaged_is_found_by_the_doctor(self, owing: LiveFirm) -> None:
        damage(owing)
        done = owing.run("doctor")
        assert (done.status, "--rebuild-journal" in said(done)) == (3, True)

    def test_that_is_damaged_again_is_kept_beside_the_first(self, owing: LiveFirm) -> None:
        kept = []
        for name in ("letters.damaged", "letters.damaged.2", "letters.damaged.3"):
            damage(owing)
            with (owing.state / "letters.sqlite").open("ab") as file:
                file.write(name.encode())
            kept.append((owing.state / "letters.sqlite").read_bytes())
            done = owing.run("doctor", "--rebuild-journal")
            assert f"The damaged journal is kept as {owing.state / name}." in done.out.replace("\n", "")
        assert [path.read_bytes() for path in sorted(owing.state.glob("letters.damaged*"))] == kept

    def test_is_rebuilt_for_live_mode_whatever_the_mode_is_now(self, owing: LiveFirm) -> None:
        (owing.state / "letters.sqlite").unlink()
        owing.into(mode="draft")
        assert owing.run("doctor", "--rebuild-journal").status == 0
        assert not (owing.state / "letters-test.sqlite").exists()
        owing.into(mode="live")
        assert sent(owing) == ONE_EACH + ONE_MORE

    def test_is_not_rebuilt_where_letters_go_to_a_folder(self, owing: LiveFirm) -> None:
        done = owing.run("doctor", "--rebuild-journal", environ={"KARTOTEKA_MAIL__TRANSPORT": "folder"})
        assert (done.status, "folder" in done.err) == (2, True)

    @pytest.mark.parametrize("mode", ["draft", "test", "live"])
    def test_forgets_the_words_of_letters_in_every_mode_whatever_became_of_them(
        self, firm: LiveFirm, mode: str
    ) -> None:
        """Those of both journals. A moment that is only asked about forgets nothing."""
        firm.into(mode="test")
        assert sum(sent(firm).values()) == 3
        firm.into(mode="live")
        Victim(firm, 3).attack(FIRST_DOT_LOST)
        firm.run("sync", "--yes")
        before = words(firm)
        assert (min(before), firm.progress()["dot"]) == (3, 1)
        firm.into(mode=mode)
        if mode != "live":
            assert firm.run("sync", "--now", "2099-01-05T09:00").status in (0, 1)
            assert words(firm) == before
        firm.ahead = timedelta(days=364)
        firm.run("sync")
        assert words(firm) == before
        firm.ahead = timedelta(days=366)
        firm.run("sync")
        assert words(firm) == [0, 0]
        assert firm.progress()["dot"] == 1


def words(firm: LiveFirm) -> list[int]:
    """Of how many letters the journals, that of live mode and the other, hold the words."""
    counts = []
    for name in ("letters.sqlite", "letters-test.sqlite"):
        with closing(sqlite3.connect(firm.state / name)) as database:
            counts += database.execute("SELECT count(*) FROM messages").fetchone()
    return counts


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
        assert sent(firm) == OTHERS
        firm.ahead = PAUSE
        assert sent(firm) == ONE_EACH
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

    @pytest.mark.parametrize("seed", range(2))
    def test_again_and_again_at_any_moment_no_letter_goes_twice_or_is_lost(self, firm: LiveFirm, seed: int) -> None:
        """One command or write after the other, each in a run of its own, before and behind every dot."""
        victim = Victim(firm, 3)
        for number in range(1 + seed, 18, 4):
            victim.attack(Kill("server", number, Act.CUT if number % 2 else None))
            victim.attack(Kill("journal", 5 * number))
        ending = victim.ending()
        assert ending.broken == ""
        assert ending.kills > 3
