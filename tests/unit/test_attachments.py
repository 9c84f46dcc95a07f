"""Invoices that go with letters: which file is an invoice's, which never is, and what a letter says of it."""

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from mailers.attachments import InvoiceFiles, Missing
from mailers.file_names import shared, shown_name
from mailers.mime import to_bytes
from mailers.reminders import Attachment, Enclosed, Letter
from tests.workbooks_for_tests import Desk, desk, invoice

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=ZoneInfo("Europe/Warsaw"))
TUESDAY = "2026-10-13"
PDF = b"%PDF-1.7\nfaktura\n%%EOF\n"
NONE: frozenset[str] = frozenset()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "invoices").mkdir()
    return tmp_path / "invoices"


def put(folder: Path, name: str, content: bytes = PDF) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def found(folder: Path, *numbers: str, most: int = 1000) -> Enclosed:
    return InvoiceFiles(folder, most).enclosed(numbers, shared(numbers))


def reason(folder: Path, number: str, most: int = 1000) -> str:
    enclosed = found(folder, number, most=most)
    assert enclosed.attachments == ()
    ((named, why),) = enclosed.missing
    assert named == number
    return why


@pytest.mark.parametrize(
    ("number", "file"),
    [
        ("FV/12/2026", "FV-12-2026.pdf"),
        ("FV/12/2026", "FV_12_2026.pdf"),
        ("FV/12/2026", "FV/12/2026.pdf"),
        ("FV/12/2026", "fv-12-2026.PDF"),
        (" FV 12:2026? ", "FV 12-2026-.pdf"),
        ("Żółw/Ń", "żółw-ń.pdf"),
        ("Żółw/Ń", "Z\u0307o\u0301łw-N\u0301.pdf"),
        ("FV\\1", "FV-1.pdf"),
        ("FV_1-2", "FV_1-2.pdf"),
        ("..", "...pdf"),
        ("12", "12.pdf"),
    ],
)
def test_a_file_is_known_by_the_number_of_its_invoice(folder: Path, number: str, file: str) -> None:
    put(folder, file)
    (attachment,) = found(folder, number).attachments
    assert (attachment.number, attachment.content) == (number, PDF)


@pytest.mark.parametrize("file", ["FV-12-2026.pdf.exe", "FV-12.pdf", "FV-12-2026", "XFV-12-2026.pdf", "FV-12_2026.pdf"])
def test_another_name_is_another_file(folder: Path, file: str) -> None:
    put(folder, file)
    assert reason(folder, "FV/12/2026") == Missing.ABSENT


def test_a_name_that_fits_two_invoices_is_attached_to_neither(folder: Path) -> None:
    """FV-1.pdf may be that of FV/1 or of FV-1: nobody gets what may be somebody else's."""
    put(folder, "FV-1.pdf")
    assert found(folder, "FV/1", "FV-1").missing == (("FV/1", Missing.SHARED), ("FV-1", Missing.SHARED))
    put(folder, "FV/1.pdf", PDF + b"2")
    both = found(folder, "FV/1", "FV-1")
    assert [(a.number, a.content) for a in both.attachments] == [("FV/1", PDF + b"2")]
    assert both.missing == (("FV-1", Missing.SHARED),)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"<html>", b" %PDF-1.7", b"MZ%PDF-"])
def test_what_is_no_pdf_is_not_attached(folder: Path, content: bytes) -> None:
    put(folder, "1.pdf", content)
    assert reason(folder, "1") == Missing.NOT_PDF


def test_nothing_outside_of_the_folder_is_read(folder: Path) -> None:
    put(folder.parent, "secret.pdf")
    put(folder.parent, "other/1.pdf")
    (folder / "2.pdf").symlink_to(folder.parent / "secret.pdf")
    (folder / "sub").symlink_to(folder.parent / "other")
    for number in ("../secret", "..\\secret", str(folder.parent / "secret"), "x/../../secret", "./../secret"):
        assert reason(folder, number) == Missing.ABSENT
    assert reason(folder, "2") == Missing.OUTSIDE
    assert reason(folder, "sub/1") == Missing.OUTSIDE


def test_a_link_that_stays_within_the_folder_is_followed(folder: Path) -> None:
    put(folder, "2026/a.pdf")
    (folder / "1.pdf").symlink_to(folder / "2026" / "a.pdf")
    assert found(folder, "1").missing == ()


def test_whatever_else_lies_there_stops_nothing(folder: Path) -> None:
    (folder / "1.pdf").mkdir()
    os.mkfifo(folder / "2.pdf")
    (folder / "3.pdf").symlink_to(folder / "nowhere.pdf")
    (folder / "4.pdf").symlink_to(folder / "4.pdf")
    put(folder, "5.pdf")
    enclosed = found(folder, "1", "2", "3", "4", "5")
    assert dict(enclosed.missing) == {
        "1": Missing.UNREADABLE,
        "2": Missing.NOT_PDF,
        "3": Missing.UNREADABLE,
        "4": Missing.UNREADABLE,
    }
    assert [attachment.number for attachment in enclosed.attachments] == ["5"]


def test_a_folder_that_is_not_there_has_no_files(tmp_path: Path) -> None:
    assert reason(tmp_path / "nowhere", "1") == Missing.ABSENT


def test_too_much_for_one_letter_goes_without_any(folder: Path) -> None:
    """Half of what a letter speaks of would be more of a riddle than nothing."""
    put(folder, "1.pdf", PDF.ljust(600))
    put(folder, "2.pdf", PDF.ljust(400))
    put(folder, "3.pdf", PDF.ljust(1001))
    assert len(found(folder, "1", "2").attachments) == 2
    assert reason(folder, "3") == Missing.TOO_BIG
    put(folder, "2.pdf", PDF.ljust(401))
    assert found(folder, "1", "2") == Enclosed((), (("1", Missing.TOO_BIG), ("2", Missing.TOO_BIG)))


@given(number=st.text(st.one_of(st.characters(), st.sampled_from("./\\~ :\x00-_")), max_size=40))
@example("../secret")
@example("x" * 3000)
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_number_leads_out_or_breaks_a_letter(folder: Path, number: str) -> None:
    put(folder.parent, "secret.pdf", PDF + b"secret")
    enclosed = found(folder, number)
    assert enclosed.attachments == ()
    name = shown_name(number)
    assert not set(name) & set('<>:"/\\|?*\r\n\x00')
    (part,) = parts(letter(Attachment(number, name, PDF)))
    assert (part.get_content_disposition(), part.get_content()) == ("attachment", PDF)


@pytest.mark.parametrize(
    "name",
    [
        "FV-12-2026.pdf",
        "Zażółć gęślą jaźń.pdf",
        "ż" * 90 + ".pdf",
        "a" * 100 + ".pdf",
        "100% ; filename=x.pdf",
        "'a'.pdf",
    ],
)
def test_the_name_of_a_file_arrives_as_it_was(name: str) -> None:
    content = to_bytes(letter(Attachment("1", name, PDF)), NOW)
    (part,) = parts(letter(Attachment("1", name, PDF)))
    assert part.get_filename() == name
    assert max(map(len, content.split(b"\r\n"))) <= 78


def test_a_letter_with_a_file_is_read_as_before_and_is_the_same_every_time() -> None:
    sent = letter(Attachment("1", "1.pdf", PDF), Attachment("2", "2.pdf", PDF))
    message = message_from_bytes(to_bytes(sent, NOW), policy=default)
    assert isinstance(message, EmailMessage)
    assert message.get_content_type() == "multipart/mixed"
    assert message["Content-Language"] == "pl"
    body = message.get_body(("plain",))
    assert body is not None
    assert body.get_content().splitlines() == ["Dzień dobry"]
    assert [part.get_content_type() for part in message.iter_attachments()] == ["application/pdf"] * 2
    assert not message.defects
    assert to_bytes(sent, NOW) == to_bytes(replace(sent), NOW)


class TestInTheJourney:
    def office(self, folder: Path, *numbers: str) -> Desk:
        office = desk(folder.parent, [invoice(number=number, amount=100 + n) for n, number in enumerate(numbers)])
        office.invoice_files = InvoiceFiles(folder)
        return office

    def draft(self, office: Desk) -> EmailMessage:
        (path,) = office.folder.glob("*.eml")
        message = message_from_bytes(path.read_bytes(), policy=default)
        assert isinstance(message, EmailMessage)
        return message

    def text(self, office: Desk) -> str:
        body = self.draft(office).get_body(("plain",))
        assert body is not None
        return " ".join(body.get_content().split())

    def test_a_letter_says_that_an_invoice_is_attached_only_when_it_is(self, folder: Path) -> None:
        put(folder, "FV-1.pdf")
        office = self.office(folder, "FV/1", "FV/2")
        office.sync(TUESDAY)
        assert "W załączniku przesyłamy kopię faktury FV/1." in self.text(office)
        assert [p.get_filename() for p in self.draft(office).iter_attachments()] == ["FV-1.pdf"]
        (letter,) = office.look(TUESDAY).today.letters
        assert letter.enclosed.missing == (("FV/2", Missing.ABSENT),)

    def test_a_draft_is_made_anew_when_a_file_has_changed_and_only_then(self, folder: Path) -> None:
        office = self.office(folder, "FV/1")
        written: list[int] = []
        changes: list[Callable[[], object]] = [
            lambda: None,
            lambda: None,
            lambda: put(folder, "FV-1.pdf"),
            lambda: None,
            lambda: put(folder, "FV-1.pdf", PDF + b"2"),
            lambda: (folder / "FV-1.pdf").unlink(),
        ]
        for hour, change in enumerate(changes, 9):
            change()
            office.invoice_files = InvoiceFiles(folder)
            office.sync(f"{TUESDAY}T{hour:02}:00")
            (path,) = office.folder.glob("*.eml")
            written.append(path.stat().st_mtime_ns)
        assert [a == b for a, b in pairwise(written)] == [True, False, True, False, False]
        assert "załącznik" not in self.text(office)


def letter(*attachments: Attachment) -> Letter:
    return Letter(
        client="K-0001",
        to=("anna@example.com",),
        sender="Biuro <biuro@example.pl>",
        reply_to="",
        subject="Przypomnienie",
        text="Dzień dobry\n",
        html="<p>Dzień dobry</p>\n",
        message_id="<kartoteka.0123@example.pl>",
        step="+7",
        language="pl",
        invoices=("F-0001",),
        enclosed=Enclosed(attachments),
    )


def parts(sent: Letter) -> list[EmailMessage]:
    message = message_from_bytes(to_bytes(sent, NOW), policy=default)
    assert isinstance(message, EmailMessage)
    return [part for part in message.iter_attachments() if isinstance(part, EmailMessage)]
