"""Live mode, when workbook, journal and settings are put back together from an old copy: what this machine has noted
apart from them keeps letters from leaving twice. All through the real command line."""

import json
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.e2e.test_live_mail import FIRST_DOT_LOST, ONE_EACH, OTHERS, PAUSE, said, sent
from tests.fakes.mail_desk import quick_folder
from tests.fakes.mail_server import Act, MailServer, fails, kindly
from tests.live_desk_for_tests import LiveFirm, once
from tests.soak.crashes import Kill, Victim

KNOWN = "a arkusz przywrócono ze starszej kopii"


@pytest.fixture(scope="module")
def ready() -> Iterator[LiveFirm]:
    """A firm that is set up, with three clients who owe; others are copies of it."""
    with quick_folder() as folder, MailServer() as server:
        yield LiveFirm.made(folder / "ready", server, 3)


@pytest.fixture(scope="module")
def owing_twice() -> Iterator[LiveFirm]:
    """A firm whose one client owes two invoices."""
    with quick_folder() as folder, MailServer() as server:
        yield LiveFirm.made(folder / "ready", server, 1, invoices=2)


@pytest.fixture
def firm(ready: LiveFirm) -> Iterator[LiveFirm]:
    with quick_folder() as folder, MailServer() as server:
        yield ready.copied(folder / "firm", server)


def kept(firm: LiveFirm, name: str = "backup") -> Path:
    """A copy of the whole folder: workbook, settings, state."""
    return Path(shutil.copytree(firm.folder, firm.folder.parent / name))


def put_back(firm: LiveFirm, copy: Path) -> None:
    shutil.rmtree(firm.folder)
    shutil.copytree(copy, firm.folder)


def letters_to(number: int) -> Counter[str]:
    return Counter({f"firma{number}@example.pl": 1})


def witness(firm: LiveFirm) -> str:
    """All that stands outside of the firm's folder."""
    return "".join(path.read_text("utf-8") for path in firm.home.rglob("*.jsonl"))


class TestAllPutBack:
    @pytest.fixture
    def restored(self, firm: LiveFirm) -> LiveFirm:
        """A firm that has sent its letters, and was put back to the day before."""
        copy = kept(firm)
        assert sent(firm) == ONE_EACH
        put_back(firm, copy)
        assert firm.told() == []
        return firm

    def test_no_letter_leaves_twice_and_the_sheet_knows_them_again(self, restored: LiveFirm) -> None:
        day = next(json.loads(line)["at"][:10] for line in witness(restored).splitlines() if line)
        done = restored.run("sync", "--yes")
        assert (done.status, restored.received) == (0, ONE_EACH)
        told = restored.told()
        assert [row.event for row in told] == ["reminder claimed", "reminder sent"] * 3
        assert {row.invoice for row in told} == {"F-0001", "F-0002", "F-0003"}
        assert all(KNOWN in row.details for row in told)
        assert restored.cells("Faktury", "Ostatni krok") == ["+7"] * 3
        assert {str(cell)[:10] for cell in restored.cells("Faktury", "Ostatnie przypomnienie")} == {day}
        assert restored.progress() == {"sent": 3}
        assert [sent(restored), sent(restored)] == [ONE_EACH] * 2
        assert restored.told() == told

    def test_explain_says_why(self, restored: LiveFirm) -> None:
        restored.run("sync", "--yes")
        shown = said(restored.run("explain", "F-0001"))
        assert "reminder sent" in shown
        assert KNOWN in shown

    def test_a_plan_promises_none_and_writes_nothing(self, restored: LiveFirm) -> None:
        before = restored.workbook.read_bytes()
        assert json.loads(restored.run("plan", "--json").out)["letters"] == []
        assert restored.workbook.read_bytes() == before

    def test_what_comes_after_goes_as_ever(self, restored: LiveFirm) -> None:
        restored.owes(2, "FV/new")
        assert [sent(restored), sent(restored)] == [ONE_EACH + letters_to(2)] * 2

    def test_in_another_folder_too(self, restored: LiveFirm) -> None:
        moved = LiveFirm(restored.folder.parent / "moved", restored.server)
        restored.folder.rename(moved.folder)
        assert [sent(moved), sent(moved)] == [ONE_EACH] * 2
        assert len(moved.told("reminder sent")) == 3

    def test_again_and_again(self, firm: LiveFirm) -> None:
        copies = [kept(firm, "first")]
        assert sent(firm) == ONE_EACH
        copies.append(kept(firm, "second"))
        firm.owes(2, "FV/new")
        assert sent(firm) == ONE_EACH + letters_to(2)
        for copy in (copies[1], copies[0], copies[1]):
            put_back(firm, copy)
            firm.owes(2, "FV/new")
            assert [sent(firm), sent(firm)] == [ONE_EACH + letters_to(2)] * 2
            assert len(firm.told("reminder sent")) == 4

    def test_without_any_state(self, restored: LiveFirm) -> None:
        shutil.rmtree(restored.state)
        assert [sent(restored), sent(restored)] == [ONE_EACH] * 2
        assert restored.progress() == {"sent": 3}

    def test_from_a_copy_made_while_letters_left(self, firm: LiveFirm) -> None:
        """Workbook and journal of the copy know the claims, and say that nothing has left."""
        firm.server.fate = once("greeting", lambda: kept(firm) and None)
        assert sent(firm) == ONE_EACH
        firm.server.fate = kindly
        put_back(firm, firm.folder.parent / "backup")
        assert [told.event for told in firm.told()] == ["reminder claimed"] * 3
        assert [sent(firm), sent(firm)] == [ONE_EACH] * 2
        assert len(firm.told("reminder sent")) == 3


class TestOtherLetters:
    """The same invoices, asked for in other letters than before: their Message-IDs are others."""

    @pytest.fixture
    def firm(self, owing_twice: LiveFirm) -> Iterator[LiveFirm]:
        with quick_folder() as folder, MailServer() as server:
            yield owing_twice.copied(folder / "firm", server)

    def test_a_third_invoice_goes_alone(self, firm: LiveFirm) -> None:
        copy = kept(firm)
        assert sent(firm) == letters_to(1)
        put_back(firm, copy)
        firm.owes(1, "FV/new")
        assert [sent(firm), sent(firm)] == [letters_to(1) + letters_to(1)] * 2
        assert "FV/new" in firm.server.taken[-1].content.decode()
        assert "FV/1/1" not in firm.server.taken[-1].content.decode()

    def test_one_of_two_is_not_asked_for_again(self, firm: LiveFirm) -> None:
        copy = kept(firm)
        assert sent(firm) == letters_to(1)
        put_back(firm, copy)
        firm.types("Faktury", "FV/1/2", "Zapłacono", "tak")
        assert [sent(firm), sent(firm)] == [letters_to(1)] * 2
        assert firm.cells("Faktury", "Ostatni krok") == ["+7", "+7"]

    def test_nor_after_an_attempt_that_failed(self, firm: LiveFirm) -> None:
        """What was sent then was the second attempt; put back, a first one would go."""
        copy = kept(firm)
        firm.server.fate = fails("firma1@", b"451 later", times=2)
        assert sent(firm) == Counter()
        firm.ahead = PAUSE
        assert sent(firm) == letters_to(1)
        put_back(firm, copy)
        assert [sent(firm), sent(firm)] == [letters_to(1)] * 2

    def test_what_was_typed_again_under_another_id_is_known_by_its_number(self, firm: LiveFirm) -> None:
        copy = kept(firm)
        for number in ("FV/a", "FV/b"):
            firm.owes(1, number)
        assert sent(firm) == letters_to(1)
        put_back(firm, copy)
        assert sent(firm) == letters_to(1)
        for number in ("FV/b", "FV/c", "FV/a"):
            firm.owes(1, number)
        assert [sent(firm), sent(firm)] == [letters_to(1) + letters_to(1)] * 2
        body = firm.server.taken[-1].content.decode()
        assert [number in body for number in ("FV/a", "FV/b", "FV/c", "FV/1/1")] == [False, False, True, False]


class TestInDoubt:
    @pytest.fixture
    def doubtful(self, firm: LiveFirm) -> LiveFirm:
        """A firm whose first letter nobody knows of, for the run was killed; put back to the day before."""
        copy = kept(firm)
        Victim(firm, 3).attack(FIRST_DOT_LOST)
        put_back(firm, copy)
        return firm

    def test_a_person_is_asked_and_may_have_it_sent_again(self, doubtful: LiveFirm) -> None:
        done = doubtful.run("sync", "--yes")
        assert (done.status, doubtful.received) == (1, OTHERS)
        assert "nobody knows whether the letter about F-0001 has left" in said(done)
        assert [told.event for told in doubtful.told() if told.invoice == "F-0001"] == [
            "reminder claimed",
            "reminder unknown",
        ]
        assert sent(doubtful) == OTHERS
        assert doubtful.run("resolve", "F-0001", "resend").status == 0
        assert [sent(doubtful), sent(doubtful)] == [ONE_EACH] * 2

    def test_what_the_person_said_is_known_when_all_is_put_back_once_more(self, doubtful: LiveFirm) -> None:
        before = kept(doubtful, "before")
        assert sent(doubtful) == OTHERS
        in_doubt = kept(doubtful, "doubt")
        assert doubtful.run("resolve", "F-0001", "resend").status == 0
        resolved = kept(doubtful, "resolved")
        assert sent(doubtful) == ONE_EACH
        for copy in (resolved, in_doubt, before):
            put_back(doubtful, copy)
            assert [sent(doubtful), sent(doubtful)] == [ONE_EACH] * 2
            assert doubtful.run("resolve", "F-0001", "resend").status == 2
            assert "in doubt" not in said(doubtful.run("doctor"))

    def test_sent_says_so_too(self, doubtful: LiveFirm) -> None:
        sent(doubtful)
        assert doubtful.run("resolve", "F-0001", "sent").status == 0
        put_back(doubtful, doubtful.folder.parent / "backup")
        assert [sent(doubtful), sent(doubtful)] == [OTHERS] * 2
        assert len(doubtful.told("reminder sent")) == 3

    def test_what_has_surely_not_left_goes(self, firm: LiveFirm) -> None:
        """Refused, or stopped before its turn."""
        copy = kept(firm)
        firm.server.fate = fails("firma1@", b"550 no")
        assert sent(firm) == OTHERS
        firm.server.fate = kindly
        put_back(firm, copy)
        assert [sent(firm), sent(firm)] == [ONE_EACH] * 2

    @pytest.mark.parametrize("seed", range(2))
    def test_killed_and_put_back_at_any_moment_no_letter_goes_twice(self, firm: LiveFirm, seed: int) -> None:
        """After some of the kills, to a copy made after another one."""
        victim, copies = Victim(firm, 3), [kept(firm, "0")]
        for number in range(1 + seed, 18, 4):
            victim.attack(Kill("server", number, Act.CUT if number % 2 else None))
            copies.append(kept(firm, str(len(copies))))
            victim.attack(Kill("journal", 5 * number))
            put_back(firm, copies[(7 * number) % len(copies)])
        assert victim.rested()
        assert max(firm.received.values()) == 1
        silent = set(ONE_EACH) - set(firm.received)
        in_doubt = {f"firma{invoice[-1]}@example.pl" for invoice in victim.last("reminder unknown")}
        assert silent <= in_doubt


class TestTheWitness:
    def test_holds_no_names_addresses_or_numbers_and_is_its_owners(self, firm: LiveFirm) -> None:
        assert sent(firm) == ONE_EACH
        noted = witness(firm)
        assert noted.count('"sent"') == 3
        assert not [word for word in ("firma1", "Firma", "FV/") if word in noted]
        modes = {path.stat().st_mode & 0o777 for path in firm.home.rglob("*")}
        assert modes == {0o700, 0o600}

    def test_that_was_deleted_changes_nothing_else(self, firm: LiveFirm) -> None:
        before = firm.workbook.read_bytes()
        assert sent(firm) == ONE_EACH
        shutil.rmtree(firm.home)
        assert sent(firm) == ONE_EACH
        firm.workbook.write_bytes(before)
        assert [sent(firm), sent(firm), sent(firm)] == [ONE_EACH] * 3
        firm.owes(2, "FV/new")
        assert [sent(firm), sent(firm)] == [ONE_EACH + letters_to(2)] * 2

    def test_that_is_damaged_is_read_as_far_as_it_goes(self, firm: LiveFirm) -> None:
        copy = kept(firm)
        assert sent(firm) == ONE_EACH
        (path,) = firm.home.rglob("*.jsonl")
        path.write_bytes(b'\0\0{"letter":5}\n[]\n"' + path.read_bytes() + b'\n{"letter":"<kartoteka.0')
        put_back(firm, copy)
        firm.owes(2, "FV/new")
        assert [sent(firm), sent(firm)] == [ONE_EACH + letters_to(2)] * 2

    def test_that_cannot_be_written_stops_no_letter_and_the_doctor_says_what_that_means(self, firm: LiveFirm) -> None:
        firm.home.write_text("in the way", encoding="utf-8")
        assert [sent(firm), sent(firm)] == [ONE_EACH] * 2
        shown = said(firm.run("doctor"))
        assert "not noted a second time" in shown
        assert "XDG_STATE_HOME" in shown

    def test_that_lies_in_the_folder_itself_is_warned_of(self, firm: LiveFirm) -> None:
        firm.home = firm.folder / "home"
        assert "XDG_STATE_HOME" in said(firm.run("doctor"))
        firm.home = firm.folder.parent / "home"
        assert "XDG_STATE_HOME" not in said(firm.run("doctor"))

    def test_knows_nothing_of_letters_to_the_test_address(self, firm: LiveFirm) -> None:
        firm.into(mode="test")
        assert sent(firm) == Counter({"ja@firma.example": 3})
        assert witness(firm) == ""

    def test_of_another_workbook_with_the_same_numbers_is_another(self, firm: LiveFirm) -> None:
        other = LiveFirm.made(firm.folder.parent / "other", firm.server, 3)
        assert sent(firm) == ONE_EACH
        assert [sent(other), sent(other)] == [ONE_EACH + ONE_EACH] * 2

    def test_does_not_take_the_letters_of_a_firm_for_those_of_another_that_began_with_a_copy(
        self, firm: LiveFirm
    ) -> None:
        """It has the identity of the first, and invoices with the same numbers: nobody can tell, so a person shall."""
        other = firm.copied(firm.folder.parent / "other")
        for number in (1, 2, 3):
            other.types("Klienci", f"Firma {number}", "E-mail", f"inny{number}@example.pl")
        assert sent(firm) == ONE_EACH
        done = other.run("sync", "--yes")
        assert (done.status, other.received) == (1, ONE_EACH)
        assert len(other.told("reminder unknown")) == 3

    def test_does_not_bring_back_what_people_have_thinned_out(self, firm: LiveFirm) -> None:
        assert sent(firm) == ONE_EACH
        book = load_workbook(firm.workbook)
        book["Historia"].delete_rows(2, book["Historia"].max_row)
        book.save(firm.workbook)
        assert [sent(firm), sent(firm)] == [ONE_EACH] * 2
        assert firm.told() == []
