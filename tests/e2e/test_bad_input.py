"""Whatever a person gets wrong ends in a sentence that says what and what to do, an exit status, and no traceback."""

import os
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.e2e.running import CLIENTS, INVOICES, kartoteka, make


def refused(done: "subprocess.CompletedProcess[str]", status: int, *told: str) -> None:
    """It ended with `status`, told every one of `told`, advised something, and showed no traceback."""
    assert done.returncode == status, done.stderr + done.stdout
    assert "Traceback" not in done.stderr + done.stdout
    for words in told:
        assert words in done.stderr + done.stdout
    assert len(done.stderr.strip().splitlines()) <= 30


@pytest.fixture
def firm(tmp_path: Path) -> Path:
    """A folder with a small workbook, set up and synced once."""
    clients = [CLIENTS, ["Alfa sp. z o.o.", "alfa@example.pl", "5260250274"]]
    invoices = [INVOICES, ["FV/1", "Alfa sp. z o.o.", "2026-11-02", 100, None]]
    make(tmp_path / "kartoteka.xlsx", {"Klienci": clients, "Faktury": invoices})
    assert kartoteka(tmp_path, "init", "--yes").returncode == 0
    assert kartoteka(tmp_path, "sync", "--now", "2026-11-23T08:00").returncode == 0
    return tmp_path


def settings(folder: Path, text: str) -> None:
    """Settings written by hand."""
    (folder / "kartoteka.toml").write_text(text, encoding="utf-8")


def test_without_settings_it_says_how_to_get_them(tmp_path: Path) -> None:
    refused(kartoteka(tmp_path, "sync"), 2, "kartoteka.toml", "kartoteka init")


def test_an_unknown_setting_names_the_nearest(tmp_path: Path) -> None:
    settings(tmp_path, '[reminders]\nminimum_amout = "5"\n')
    refused(kartoteka(tmp_path, "check"), 2, "minimum_amout", "minimum_amount")


def test_an_unknown_command_or_option_is_wrong_use(tmp_path: Path) -> None:
    refused(kartoteka(tmp_path, "snyc"), 2, "snyc")
    refused(kartoteka(tmp_path, "sync", "--colour"), 2, "--colour")


def test_a_workbook_that_is_not_there(tmp_path: Path) -> None:
    settings(tmp_path, '[workbook]\npath = "lista.xlsx"\n')
    refused(kartoteka(tmp_path, "sync"), 3, "lista.xlsx", "kartoteka init")


@pytest.mark.parametrize(
    "content", [b"", b"name;email\nAlfa;a@b.pl\n", b"PK\x03\x04 half a zip", b"\xd0\xcf\x11\xe0 old"]
)
def test_a_file_that_is_no_workbook(tmp_path: Path, content: bytes) -> None:
    settings(tmp_path, '[workbook]\npath = "lista.xlsx"\n')
    (tmp_path / "lista.xlsx").write_bytes(content)
    refused(kartoteka(tmp_path, "sync"), 3, "lista.xlsx")


def test_a_folder_called_xlsx(tmp_path: Path) -> None:
    settings(tmp_path, '[workbook]\npath = "lista.xlsx"\n')
    (tmp_path / "lista.xlsx").mkdir()
    refused(kartoteka(tmp_path, "sync"), 3, "lista.xlsx", "folder")


def test_a_zip_that_is_no_workbook(tmp_path: Path) -> None:
    settings(tmp_path, '[workbook]\npath = "lista.xlsx"\n')
    with zipfile.ZipFile(tmp_path / "lista.xlsx", "w") as archive:
        archive.writestr("hello.txt", "hello")
    refused(kartoteka(tmp_path, "sync"), 3, "lista.xlsx")


def test_a_tab_without_headers(tmp_path: Path) -> None:
    make(tmp_path / "kartoteka.xlsx", {"Klienci": [["Alfa", "a@example.pl"]], "Faktury": [INVOICES]})
    refused(kartoteka(tmp_path, "init", "--yes"), 2, "Klienci", "Nazwa")


def test_settings_written_by_hand_stay_as_they_are_until_init_has_done_its_work(tmp_path: Path) -> None:
    """And then nobody is told of an older version that never was."""
    settings(tmp_path, '[workbook]\npath = "lista.xlsx"\n')
    make(tmp_path / "lista.xlsx", {"Klienci": [["Alfa", "a@example.pl"]], "Faktury": [INVOICES]})
    before = (tmp_path / "kartoteka.toml").read_text("utf-8")
    refused(kartoteka(tmp_path, "init", "--yes"), 2, "Klienci", "Nazwa")
    assert (tmp_path / "kartoteka.toml").read_text("utf-8") == before
    make(tmp_path / "lista.xlsx", {"Klienci": [CLIENTS], "Faktury": [INVOICES]})
    assert "older version" not in kartoteka(tmp_path, "doctor").stdout
    done = kartoteka(tmp_path, "init", "--yes")
    assert (done.returncode, "brought up to date" in done.stdout + done.stderr) == (0, False)
    assert (tmp_path / "kartoteka.toml").read_text("utf-8") == f"version = 1\n{before}"
    assert not list(tmp_path.glob("kartoteka.toml.*"))


def test_a_missing_required_header_names_the_nearest(tmp_path: Path) -> None:
    misspelt = ["Numer", "Kliemt", "Termin płatności", "Kwota brutto"]
    make(tmp_path / "kartoteka.xlsx", {"Klienci": [CLIENTS], "Faktury": [misspelt]})
    refused(kartoteka(tmp_path, "init", "--yes"), 2, "Faktury", "'Klient'", "'Kliemt'")


def test_two_tabs_that_match(tmp_path: Path) -> None:
    make(tmp_path / "kartoteka.xlsx", {"Klienci": [CLIENTS], "KLIENCI ": [CLIENTS], "Faktury": [INVOICES]})
    refused(kartoteka(tmp_path, "init", "--yes"), 2, "'Klienci'", "'KLIENCI '")


def test_no_rows_at_all_is_no_error(tmp_path: Path) -> None:
    make(tmp_path / "kartoteka.xlsx", {"Klienci": [CLIENTS], "Faktury": [INVOICES]})
    assert kartoteka(tmp_path, "init", "--yes").returncode == 0
    done = kartoteka(tmp_path, "sync")
    assert done.returncode == 0, done.stderr
    assert "0 clients and 0 invoices" in done.stdout


def test_a_workbook_without_any_of_our_tabs_gets_them_from_init_only(tmp_path: Path) -> None:
    make(tmp_path / "kartoteka.xlsx", {"Arkusz1": [["coś", "innego"]]})
    settings(tmp_path, "")
    refused(kartoteka(tmp_path, "sync"), 2, "Klienci", "kartoteka init")
    assert kartoteka(tmp_path, "init", "--yes").returncode == 0
    assert load_workbook(tmp_path / "kartoteka.xlsx")["Arkusz1"]["B1"].value == "innego"


def test_a_hundred_thousand_empty_rows_are_read_quickly(firm: Path) -> None:
    book = load_workbook(firm / "kartoteka.xlsx")
    for row in range(3, 100_000):
        book["Klienci"].cell(row, 1).value = None
    book["Klienci"].cell(100_000, 1).value = " "
    book.save(firm / "kartoteka.xlsx")
    done = kartoteka(firm, "sync", "--now", "2026-11-23T08:00")
    assert done.returncode == 0, done.stderr
    assert "1 client and" in done.stdout


def test_merged_and_error_cells_are_problems_of_their_row(firm: Path) -> None:
    book = load_workbook(firm / "kartoteka.xlsx")
    sheet = book["Faktury"]
    sheet.append(["FV/2", "#REF!", "2026-11-02", "#N/A", None])
    sheet.append(["Razem za listopad"])
    sheet.merge_cells("A4:C4")
    book.save(firm / "kartoteka.xlsx")
    done = kartoteka(firm, "check")
    refused(done, 1, "#REF!", "#N/A", "row 4", "row 3")


def test_a_workbook_that_may_not_be_written_is_left_alone(firm: Path) -> None:
    if os.geteuid() == 0:
        assert shutil.which("setpriv"), "root may write anything; setpriv is needed to give that up"
    book = load_workbook(firm / "kartoteka.xlsx")
    book["Klienci"]["A3"] = "Beta"
    book.save(firm / "kartoteka.xlsx")
    before = (firm / "kartoteka.xlsx").read_bytes()
    (firm / "kartoteka.xlsx").chmod(0o444)
    done = kartoteka(firm, "sync")
    refused(done, 3, "kartoteka.xlsx")
    assert (firm / "kartoteka.xlsx").read_bytes() == before


def test_a_workbook_that_libreoffice_holds_open_is_refused(firm: Path) -> None:
    book = load_workbook(firm / "kartoteka.xlsx")
    book["Klienci"]["A3"] = "Beta"
    book.save(firm / "kartoteka.xlsx")
    (firm / ".~lock.kartoteka.xlsx#").write_text(",Anna Nowak,biuro,23.11.2026 08:00,file:///home/anna;")
    refused(kartoteka(firm, "sync"), 4, "LibreOffice", "Anna Nowak")
    assert kartoteka(firm, "check").returncode == 0


def test_a_time_that_is_none(firm: Path) -> None:
    refused(kartoteka(firm, "plan", "--now", "jutro"), 2, "jutro", "2026-11-23T08:00")
    refused(kartoteka(firm, "plan", "--now", "2026-03-29T02:30"), 2, "clocks skip")


def test_an_id_nobody_has(firm: Path) -> None:
    refused(kartoteka(firm, "explain", "F-9999"), 2, "F-9999")
    refused(kartoteka(firm, "undo", "nonsense"), 2, "nonsense", "last runs")
    refused(kartoteka(firm, "resolve", "F-0001", "sent"), 2, "F-0001", "in doubt")


def test_a_stale_plan_is_refused(firm: Path) -> None:
    book = load_workbook(firm / "kartoteka.xlsx")
    book["Klienci"]["A3"] = "Beta"
    book.save(firm / "kartoteka.xlsx")
    assert kartoteka(firm, "plan", "--save", "plan.json", "--now", "2026-11-23T08:00").returncode == 0
    refused(kartoteka(firm, "sync", "--plan", "plan.json", "--now", "2026-11-24T08:00"), 4, "from day to day")
    book["Klienci"]["A4"] = "Gamma"
    book.save(firm / "kartoteka.xlsx")
    refused(kartoteka(firm, "sync", "--plan", "plan.json", "--now", "2026-11-23T08:00"), 4, "changed")
    (firm / "plan.json").write_text("{}")
    refused(kartoteka(firm, "sync", "--plan", "plan.json", "--now", "2026-11-23T08:00"), 2, "plan.json")


def test_a_demo_never_writes_into_a_folder_of_something_else(tmp_path: Path) -> None:
    (tmp_path / "stuff").mkdir()
    (tmp_path / "stuff" / "letter.txt").write_text("mine")
    refused(kartoteka(tmp_path, "demo", "stuff"), 2, "stuff")


def test_a_sync_as_of_another_day_is_refused_in_live_mode(firm: Path) -> None:
    settings(firm, '[reminders]\nmode = "live"\n')
    refused(kartoteka(firm, "sync", "--now", "2026-12-23T08:00"), 2, "--now", "live")


def test_init_never_ignores_an_option_silently(firm: Path) -> None:
    refused(kartoteka(firm, "init", "--yes", "--workbook", "inny.xlsx"), 2, "inny.xlsx", "kartoteka.xlsx")
    assert kartoteka(firm, "init", "--yes", "--workbook", "kartoteka.xlsx").returncode == 0
