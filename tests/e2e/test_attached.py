"""Invoices that go with letters, through the real command line: drafts, plans that are saved, live letters by mail."""

import json
import shutil
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from tests.e2e.running import kartoteka, make
from tests.fakes.mail_desk import quick_folder
from tests.fakes.mail_server import MailServer
from tests.live_desk_for_tests import LiveFirm

PDF = b"%PDF-1.7\n" + bytes(range(256)) + b"\n%%EOF\n"
TABS: dict[str, list[list[object]]] = {
    "Klienci": [["Nazwa", "E-mail"], ["Żuraw", "biuro@zuraw.example"], ["Łąka", "biuro@laka.example"]],
    "Faktury": [
        ["Numer", "Klient", "Termin płatności", "Kwota brutto"],
        ["FV/1/2026", "Żuraw", "2026-11-16", 1230],
        ["FV/2/2026", "Łąka", "2026-11-16", 100],
    ],
}
NOW = ("--now", "2026-11-23T09:00")


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("attached")
    make(folder / "kartoteka.xlsx", TABS)
    (folder / "kartoteka.toml").write_text('[mail]\nattachments = "faktury"\n', "utf-8")
    assert kartoteka(folder, "init", "--yes").returncode == 0
    (folder / "faktury").mkdir()
    (folder / "faktury" / "FV-1-2026.pdf").write_bytes(PDF)
    return folder


@pytest.fixture
def firm(ready: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(ready, tmp_path / "firm"))


def attached(content: bytes) -> dict[str, bytes]:
    message = message_from_bytes(content, policy=default)
    return {str(part.get_filename()): part.get_payload(decode=True) for part in message.walk() if part.get_filename()}


def drafts(firm: Path) -> list[dict[str, bytes]]:
    return sorted((attached(path.read_bytes()) for path in (firm / "outbox").glob("*.eml")), key=len)


def test_a_draft_holds_the_invoice_and_the_summary_says_which_is_missing(firm: Path) -> None:
    done = kartoteka(firm, "sync", *NOW)
    assert done.returncode == 0, done.stderr
    told = " ".join(done.stdout.split())
    assert "1 invoice; without FV/2/2026 (no file FV-2-2026.pdf)" in told
    assert f"Invoices to attach are looked for in {firm / 'faktury'}" in told
    (firm / "faktury" / "FV-2-2026.pdf").write_bytes(PDF)
    assert "without" not in kartoteka(firm, "plan", *NOW).stderr
    (firm / "faktury" / "FV-2-2026.pdf").unlink()
    assert drafts(firm) == [{}, {"FV-1-2026.pdf": PDF}]
    letters = json.loads(kartoteka(firm, "sync", *NOW, "--json").stdout)["letters"]
    assert sorted(letter["attachments"] for letter in letters) == [[], ["FV-1-2026.pdf"]]


def test_a_saved_plan_sends_the_file_that_was_there_when_it_was_made(firm: Path) -> None:
    kartoteka(firm, "plan", *NOW, "--save", "plan.json")
    shutil.rmtree(firm / "faktury")
    done = kartoteka(firm, "sync", *NOW, "--plan", "plan.json")
    assert done.returncode == 0, done.stderr
    assert drafts(firm) == [{}, {"FV-1-2026.pdf": PDF}]


def test_the_preview_names_the_files_and_the_doctor_the_folder(firm: Path) -> None:
    kartoteka(firm, "preview", *NOW)
    page = (firm / "preview.html").read_text("utf-8")
    assert "FV-1-2026.pdf" in page
    assert "brak pliku faktury FV/2/2026 (FV-2-2026.pdf)" in page
    assert "1 PDF in" in kartoteka(firm, "doctor").stdout
    shutil.rmtree(firm / "faktury")
    told = kartoteka(firm, "doctor")
    assert "faktury cannot be read" in told.stdout
    assert "Set [mail] attachments" in told.stdout


def test_a_live_letter_takes_the_invoice_along_by_mail() -> None:
    with quick_folder() as folder, MailServer() as server:
        firm = LiveFirm.made(folder / "firm", server, 1)
        (folder / "firm" / "FV-1-1.pdf").write_bytes(PDF)
        done = firm.run("sync", "--yes", environ={"KARTOTEKA_MAIL__ATTACHMENTS": "."})
        assert done.status == 0, done.err
        (taken,) = server.taken
        assert attached(taken.content) == {"FV-1-1.pdf": PDF}
