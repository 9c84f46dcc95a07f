"""What comes back for letters, in a Google spreadsheet: a reply holds, an emptied cell lets go, as in a file. The
spreadsheet, the mail server and the mailbox are fakes with real sockets."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from sync.snapshot import Sheet
from tests.fakes import returned_mail
from tests.fakes.clocks import VirtualClock
from tests.fakes.imap_server import ImapServer
from tests.fakes.mail_server import MailServer
from tests.fakes.sheets_server import FakeSheets
from tests.google_desk_for_tests import CLIENTS, INVOICES, Firm

OVERDUE = (date.today() - timedelta(days=10)).isoformat()  # noqa: DTZ011 - live mode knows the real clock only
KLIENCI = Sheet("Klienci", [CLIENTS, ("Alfa sp. z o.o.", "alfa@example.pl", None, None, None, None, None)])
FAKTURY = Sheet("Faktury", [INVOICES, ("FV/1", "Alfa sp. z o.o.", None, OVERDUE, 1230.5, None, None)])
OPTIONS = """
[reminders]
mode = "live"
min_days_between = 0
sending_days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
sending_hours = "00:00-24:00"
[mail]
transport = "smtp"
host = "127.0.0.1"
security = "none"
sender = "Biuro <biuro@firma.example>"
imap_host = "127.0.0.1"
imap_security = "none"
imap_username = "biuro"
"""


@pytest.fixture
def mail() -> Iterator[tuple[MailServer, ImapServer]]:
    with MailServer() as server, ImapServer({"biuro": ""}) as mailbox:
        yield server, mailbox


@pytest.fixture
def firm(mail: tuple[MailServer, ImapServer], tmp_path: Path) -> Iterator[Firm]:
    """A firm in live mode whose one letter has gone."""
    clock = VirtualClock()
    options = f"{OPTIONS}port = {mail[0].port}\nimap_port = {mail[1].port}\n"
    with FakeSheets(clock=clock) as server:
        firm = Firm(server, server.add("Kartoteka", [KLIENCI, FAKTURY]), tmp_path, clock, options)
        firm.trimmed()
        assert (firm.run("init").status, firm.run("sync", now=None).status) == (0, 0)
        assert len(mail[0].taken) == 1
        yield firm


def letter(server: MailServer) -> tuple[str, str]:
    found = re.search(rb"(?im)^Message-ID: (<[^>]+>)", server.taken[-1].content)
    assert found
    return found[1].decode(), server.taken[-1].to[0]


def test_a_reply_stands_in_the_sheet_and_holds_until_its_cell_is_emptied(
    mail: tuple[MailServer, ImapServer], firm: Firm
) -> None:
    server, mailbox = mail
    mailbox.inbox.add(returned_mail.reply("Zapłacimy w piątek.", *letter(server)))
    for _ in range(2):
        assert firm.run("sync", now=None).err == ""
        assert "„Zapłacimy w piątek.”" in firm.cell("Klienci", "K-0001", "Odpowiedź")
    assert "odpowiedział" in firm.cell("Faktury", "FV/1", "Dlaczego")
    firm.types("Klienci", "K-0001", "Odpowiedź", "")
    assert firm.run("sync", now=None).err == ""
    assert firm.cell("Klienci", "K-0001", "Odpowiedź") is None
    assert "odpowiedział" not in firm.cell("Faktury", "FV/1", "Dlaczego")
    told = [cell.value for row in firm.tab("Historia").rows for cell in row if cell]
    assert [told.count(event) for event in ("odpowiedź klienta", "wstrzymano", "odpowiedź załatwiona")] == [1, 1, 1]


def test_a_bounce_is_over_when_the_address_is_corrected(mail: tuple[MailServer, ImapServer], firm: Firm) -> None:
    server, mailbox = mail
    mailbox.inbox.add(returned_mail.gmail_bounce(*letter(server)))
    assert firm.run("sync", now=None).status == 1
    assert "kartoteka resolve K-0001 resend" in firm.cell("Klienci", "K-0001", "Problemy")
    firm.types("Klienci", "K-0001", "E-mail", "nowy@example.pl")
    for _ in range(2):
        firm.run("sync", now=None)
        assert [taken.to[0] for taken in server.taken] == ["alfa@example.pl", "nowy@example.pl"]
