"""What comes back for letters, through the real command line: who is written to no more, what stands in the sheet, and
how a person lets letters go again. The mail server and the mailbox are fakes with real sockets."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from openpyxl import load_workbook

from config.labels import event_code
from tests.fakes import returned_mail
from tests.fakes.imap_server import CUT, ImapServer, fails, kindly
from tests.fakes.mail_desk import quick_folder
from tests.fakes.mail_server import Act, MailServer
from tests.live_desk_for_tests import Done, LiveFirm
from tests.soak.crashes import Kill, Victim

LETTER = re.compile(rb"(?im)^Message-ID: (<[^>]+>)")
FIRST_DOT_LOST = Kill("server", 7, Act.CUT)


@dataclass
class Firm:
    """A firm in live mode that reads its mailbox."""

    desk: LiveFirm
    mailbox: ImapServer

    @property
    def environ(self) -> Mapping[str, str]:
        return {
            "KARTOTEKA_MAIL__IMAP_HOST": "127.0.0.1",
            "KARTOTEKA_MAIL__IMAP_PORT": str(self.mailbox.port),
            "KARTOTEKA_MAIL__IMAP_SECURITY": "none",
            "KARTOTEKA_MAIL__IMAP_USERNAME": "biuro",
            "KARTOTEKA_IMAP_PASSWORD": "hasło",
            "KARTOTEKA_MAIL__SENT_MAILBOX": "Wysłane",
        }

    def run(self, *words: str) -> Done:
        return self.desk.run(*words, environ=self.environ)

    def sync(self) -> int:
        """Sync; how many letters have left so far."""
        self.run("sync", "--yes")
        return len(self.desk.server.taken)

    def letter(self, number: int = -1) -> tuple[str, str]:
        """Message-ID and recipient of a letter that has left."""
        taken = self.desk.server.taken[number]
        found = LETTER.search(taken.content)
        assert found
        return found[1].decode(), taken.to[0]

    def events(self, *names: str) -> list[tuple[str, str, str]]:
        """Event, id and details of the history's rows of these names."""
        rows = list(load_workbook(self.desk.workbook)["Historia"].values)[1:]
        told = [(event_code(str(row[2])) or "", str(row[4]), str(row[8])) for row in rows]
        return [row for row in told if row[0] in names]

    def waits(self, minutes: int) -> None:
        """So much time goes by."""
        self.desk.ahead += timedelta(minutes=minutes)

    def cell(self, tab: str, label: str) -> object:
        return self.desk.cells(tab, label)[0]


@pytest.fixture(scope="module")
def ready() -> Iterator[LiveFirm]:
    with quick_folder() as folder, MailServer() as server:
        yield LiveFirm.made(folder / "ready", server, 1)


@pytest.fixture
def firm(ready: LiveFirm) -> Iterator[Firm]:
    with quick_folder() as folder, MailServer() as server, ImapServer({"biuro": "hasło"}) as mailbox:
        yield Firm(ready.copied(folder / "firm", server), mailbox)


@pytest.fixture
def wrote(firm: Firm) -> Firm:
    """A firm whose first letter has gone."""
    assert firm.sync() == 1
    return firm


class TestAReply:
    @pytest.fixture
    def answered(self, wrote: Firm) -> Firm:
        wrote.mailbox.inbox.add(returned_mail.reply("Dzień dobry,\nzapłacimy w piątek.\n", *wrote.letter()))
        wrote.desk.owes(1, "FV/new")
        return wrote

    def test_holds_the_clients_letters_and_stands_in_the_sheet_with_day_and_first_line(self, answered: Firm) -> None:
        done = answered.run("sync", "--yes")
        assert len(answered.desk.server.taken) == 1
        assert "Firma 1 answered" in done.out
        assert "„Dzień dobry, zapłacimy w piątek.”" in str(answered.cell("Klienci", "Odpowiedź"))
        assert "odpowiedział" in str(answered.desk.cells("Faktury", "Dlaczego")[1])
        ((_, client, details),) = answered.events("reply received")
        assert client == "K-0001"
        assert "F-0001" in details
        assert answered.letter()[0] in details
        assert "Letters wait until the client's cell “Odpowiedź” is emptied." in done.out

    def test_is_explained_with_what_its_letters_wait_for_and_how_a_person_clears_it(self, answered: Firm) -> None:
        answered.sync()
        advice = "wait, because the client answered; when that is settled, empty the client's cell “Odpowiedź”, or: "
        for id_ in ("K-0001", "F-0001", "F-0002"):
            told = answered.run("explain", id_).out
            assert "zapłacimy w piątek" in told
            assert f"{advice}kartoteka resolve K-0001 resend" in told
        answered.run("resolve", "K-0001", "resend")
        assert "wait, because" not in answered.run("explain", "K-0001").out

    def test_is_put_down_once_however_often_the_mailbox_is_read_anew(self, answered: Firm) -> None:
        answered.sync()
        answered.mailbox.inbox.validity = 2
        answered.sync()
        (answered.desk.state / "mailbox.json").unlink()
        assert answered.sync() == 1
        assert len(answered.events("reply received")) == 1

    def test_holds_until_a_person_empties_the_cell(self, answered: Firm) -> None:
        assert [answered.sync(), answered.sync()] == [1, 1]
        answered.desk.types("Klienci", "Firma 1", "Odpowiedź", None)
        assert [answered.sync(), answered.sync()] == [2, 2]
        assert [event for event, _, _ in answered.events("held", "reply cleared")] == ["held", "reply cleared"]
        assert answered.cell("Klienci", "Odpowiedź") is None

    def test_is_cleared_from_a_terminal_too(self, answered: Firm) -> None:
        answered.sync()
        assert answered.run("resolve", "K-0001", "sent").status == 2
        assert answered.run("resolve", "K-0001", "resend").status == 0
        assert answered.cell("Klienci", "Odpowiedź") is None
        assert [answered.sync(), answered.sync()] == [2, 2]
        assert answered.run("resolve", "K-0001", "resend").status == 2

    @pytest.mark.parametrize("runs_between", [True, False])
    def test_is_not_released_by_a_column_that_goes_and_comes(self, answered: Firm, *, runs_between: bool) -> None:
        answered.sync()
        book = load_workbook(answered.desk.workbook)
        headers = [cell.value for cell in book["Klienci"][1]]
        book["Klienci"].delete_cols(headers.index("Odpowiedź") + 1)
        book.save(answered.desk.workbook)
        if runs_between:
            assert answered.sync() == 1
        assert answered.run("init", "--yes").status == 0
        assert [answered.sync(), answered.sync()] == [1, 1]
        assert "zapłacimy" in str(answered.cell("Klienci", "Odpowiedź"))
        answered.desk.types("Klienci", "Firma 1", "Odpowiedź", None)
        assert answered.sync() == 2

    def test_of_a_workbook_that_was_restored_is_told_again(self, wrote: Firm) -> None:
        before = wrote.desk.workbook.read_bytes()
        wrote.mailbox.inbox.add(returned_mail.reply("Proszę o fakturę.", *wrote.letter()))
        wrote.sync()
        wrote.desk.workbook.write_bytes(before)
        wrote.desk.owes(1, "FV/new")
        assert wrote.sync() == 1
        assert len(wrote.events("reply received")) == 1

    @pytest.mark.parametrize("machine", [returned_mail.away, returned_mail.read_receipt, returned_mail.exim_delay])
    def test_of_a_machine_holds_nothing(self, wrote: Firm, machine: returned_mail.Sample) -> None:
        wrote.mailbox.inbox.add(machine(*wrote.letter()))
        wrote.desk.owes(1, "FV/new")
        assert wrote.sync() == 2
        assert wrote.cell("Klienci", "Odpowiedź") is None


class TestABounce:
    @pytest.fixture
    def bounced(self, wrote: Firm) -> Firm:
        wrote.mailbox.inbox.add(returned_mail.postfix_bounce(*wrote.letter()))
        return wrote

    def test_stops_letters_to_that_address_and_says_what_to_do(self, bounced: Firm) -> None:
        bounced.desk.owes(1, "FV/new")
        done = bounced.run("sync", "--yes")
        assert (done.status, len(bounced.desk.server.taken)) == (1, 1)
        assert "came back: firma1@example.pl: 550 5.1.1" in done.out
        assert "Correct the address in the sheet and the letter goes again by itself" in done.out
        assert "kartoteka resolve K-0001 resend" in done.out
        assert "wait, because firma1@example.pl takes no mail; correct it" in bounced.run("explain", "F-0001").out
        problem = str(bounced.cell("Klienci", "Problemy"))
        assert "firma1@example.pl" in problem
        assert "550 5.1.1" in problem
        assert "kartoteka resolve K-0001 resend" in problem
        assert "nie przyjmuje poczty" in str(bounced.cell("Faktury", "Dlaczego"))
        assert "list wrócił" in bounced.run("explain", "F-0001").out.replace("letter bounced", "list wrócił")

    def test_is_over_at_once_when_the_address_is_corrected(self, bounced: Firm) -> None:
        """What came back goes again, to the new address, and never twice."""
        assert bounced.sync() == 1
        bounced.desk.types("Klienci", "Firma 1", "E-mail", "nowy@example.pl")
        assert [bounced.sync(), bounced.sync()] == [2, 2]
        assert bounced.letter()[1] == "nowy@example.pl"
        assert bounced.cell("Klienci", "Problemy") is None

    def test_is_over_when_a_person_says_so(self, bounced: Firm) -> None:
        assert bounced.sync() == 1
        assert bounced.run("resolve", "K-0001", "resend").status == 0
        assert [bounced.sync(), bounced.sync()] == [2, 2]
        assert bounced.letter()[1] == "firma1@example.pl"

    def test_is_remembered_by_a_journal_that_is_made_anew(self, bounced: Firm) -> None:
        bounced.sync()
        (bounced.desk.state / "letters.sqlite").unlink()
        bounced.desk.types("Klienci", "Firma 1", "E-mail", "nowy@example.pl")
        assert bounced.run("doctor", "--rebuild-journal").status == 0
        assert [bounced.sync(), bounced.sync()] == [2, 2]


class TestFailures:
    def test_an_address_refused_while_sending_is_not_tried_again(self, firm: Firm) -> None:
        firm.desk.server.fate = returned_mail.refusing("RCPT", b"550 5.1.1 no such user")
        assert [firm.sync(), firm.sync()] == [0, 0]
        assert firm.desk.server.counts["RCPT"] == 1
        assert "kartoteka resolve K-0001 resend" in str(firm.cell("Klienci", "Problemy"))
        firm.desk.types("Klienci", "Firma 1", "E-mail", "nowy@example.pl")
        firm.desk.server.fate = lambda _: None
        assert [firm.sync(), firm.sync()] == [1, 1]

    @pytest.mark.parametrize("words", [b"554 5.7.1 rejected by policy", b"451 4.7.1 greylisted"])
    def test_another_refusal_is_tried_again_after_half_an_hour_then_an_hour(self, firm: Firm, words: bytes) -> None:
        firm.desk.server.fate = returned_mail.refusing("dot", words)
        tries = []
        for minutes in (0, 29, 2, 31, 31):
            firm.waits(minutes)
            firm.sync()
            tries.append(len(firm.events("reminder failed")))
        assert tries == [1, 1, 2, 2, 3]
        assert "ostatnia próba wysłania" in str(firm.cell("Faktury", "Dlaczego"))
        firm.desk.server.fate = lambda _: None
        firm.waits(24 * 60)
        assert [firm.sync(), firm.sync()] == [1, 1]

    def test_reasons_stand_in_the_history_in_its_language(self, firm: Firm) -> None:
        firm.desk.server.fate = returned_mail.refusing("dot", b"554 5.7.1 rejected by policy")
        firm.sync()
        ((_, _, details),) = firm.events("reminder failed")
        assert "trwała odmowa: 554 5.7.1 rejected by policy" in details


class TestDoubts:
    @pytest.fixture
    def doubtful(self, firm: Firm) -> Firm:
        """A firm that was killed between the dot and its answer."""
        Victim(firm.desk, 1).attack(FIRST_DOT_LOST)
        return firm

    def message_id(self, firm: Firm) -> str:
        ((_, _, details), *_) = firm.events("reminder claimed")
        return details.split()[0]

    def test_found_among_the_sent_mail_is_sent(self, doubtful: Firm) -> None:
        doubtful.mailbox.sent.add(f"Message-ID: {self.message_id(doubtful)}\nSubject: x\n\ntext")
        assert doubtful.run("sync", "--yes").status == 0
        assert [event for event, _, _ in doubtful.events("reminder sent", "reminder unknown")] == ["reminder sent"]
        assert doubtful.sync() == 0

    def test_not_found_stays_in_doubt_and_is_shown_beside_the_invoice(self, doubtful: Firm) -> None:
        assert doubtful.run("sync", "--yes").status == 1
        assert "kartoteka resolve F-0001 sent" in str(doubtful.cell("Faktury", "Problemy"))
        assert doubtful.sync() == 0

    def test_found_later_is_sent(self, doubtful: Firm) -> None:
        doubtful.sync()
        doubtful.mailbox.sent.add(f"Message-ID: {self.message_id(doubtful)}\n\ntext")
        assert doubtful.run("sync", "--yes").status == 0
        assert doubtful.cell("Faktury", "Problemy") is None

    def test_that_came_back_is_no_doubt(self, doubtful: Firm) -> None:
        doubtful.sync()
        doubtful.mailbox.inbox.add(returned_mail.postfix_bounce(self.message_id(doubtful), "firma1@example.pl"))
        doubtful.sync()
        assert doubtful.cell("Faktury", "Problemy") is None
        doubtful.desk.types("Klienci", "Firma 1", "E-mail", "nowy@example.pl")
        assert [doubtful.sync(), doubtful.sync()] == [1, 1]


class TestTheMailbox:
    @pytest.mark.parametrize("fault", [fails("greeting", CUT), fails("UID FETCH", CUT), fails("AUTH", b"NO go away")])
    def test_out_of_reach_is_said_and_letters_go_on(self, firm: Firm, fault: returned_mail.Fault) -> None:
        firm.mailbox.fault = fault
        firm.mailbox.inbox.add("Subject: hello\n\nworld")
        done = firm.run("sync", "--yes")
        assert (done.status, len(firm.desk.server.taken)) == (1, 1)
        assert "Answers were not read: The mailbox server 127.0.0.1" in done.out
        done = firm.run("sync", "--json")
        assert (done.status, "Answers were not read" in done.err) == (1, True)
        firm.mailbox.fault = kindly
        assert firm.run("sync").status == 0

    def test_is_only_looked_at(self, wrote: Firm) -> None:
        wrote.mailbox.inbox.add(returned_mail.reply("Dobrze.", *wrote.letter()))
        wrote.mailbox.inbox.add("Subject: private\n\nnothing of ours")
        wrote.sync()
        said = {
            line.split()[0] if not line.startswith("UID") else " ".join(line.split()[:2])
            for line in wrote.mailbox.heard
        }
        assert said <= {"CAPABILITY", "AUTHENTICATE", "EXAMINE", "UID SEARCH", "UID FETCH", "LOGOUT"}
        whole = [line for line in wrote.mailbox.heard if "BODY.PEEK[]" in line]
        assert [line.split()[2] for line in whole] == ["1"]

    def test_is_examined_by_the_doctor(self, firm: Firm) -> None:
        assert "Wysłane" in firm.run("doctor").out
        firm.mailbox.users = {}
        done = firm.run("doctor")
        assert done.status == 3
        assert "KARTOTEKA_IMAP_PASSWORD" in " ".join((done.out + done.err).split())


def test_a_message_is_as_old_as_the_mailbox_says(wrote: Firm) -> None:
    """What a sender dates is not believed."""
    arrived = datetime.now(UTC) - timedelta(days=3)
    wrote.mailbox.inbox.add(returned_mail.reply("Dobrze.", *wrote.letter(), headers="Date: 1 Jan 1999\n"), arrived)
    wrote.sync()
    assert f"{arrived.astimezone():%d.%m.%Y}".lstrip("0") in str(wrote.cell("Klienci", "Odpowiedź"))


def test_the_folder_of_answers_may_have_polish_letters(wrote: Firm, tmp_path: Path) -> None:
    wrote.mailbox.sent.add(returned_mail.reply("Dobrze.", *wrote.letter()))
    wrote.desk.run("sync", environ={**wrote.environ, "KARTOTEKA_MAIL__INBOX": "Wysłane"})
    assert "Dobrze." in str(wrote.cell("Klienci", "Odpowiedź"))
