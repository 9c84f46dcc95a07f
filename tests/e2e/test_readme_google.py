"""The README's ten minutes with a Google Sheet, word by word, against a Google of our own: what it promises is so."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from itertools import zip_longest
from pathlib import Path

import pytest

from sync.snapshot import Sheet
from tests.docs_tables import blocks, chapter, script
from tests.fakes.sheets_server import FakeSheets
from tests.fakes.spreadsheet import Spreadsheet
from tests.google_desk_for_tests import KLIENCI
from validators.rows import Cell

ROOT = Path(__file__).parents[2]
TITLE = "Your own Google Sheet in ten minutes"
ADDRESS = re.compile(r"https://docs\.google\.com/spreadsheets/d/(\w+)/")
OURS = {"_kartoteka_clients", "_kartoteka_invoices"}
# Nothing here changes with the day or hour at which the test is run.
FAKTURY = Sheet(
    "Faktury",
    [
        ("Numer", "Klient", "Termin płatności", "Kwota brutto", "Zapłacono"),
        ("FV/1", "Alfa sp. z o.o.", "2026-11-09", 1230.5, "tak"),
        ("FV/2", "Beta Jan Kos", "2099-12-31", 99.99, None),
    ],
)
Shell = Callable[[str], "subprocess.CompletedProcess[str]"]


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """A newcomer's shell in the checkout, which stands where the README puts it, too."""
    (tmp_path / "kartoteka").symlink_to(ROOT)
    (tmp_path / "Downloads").mkdir()
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"

    def run(words: str, **environ: str) -> "subprocess.CompletedProcess[str]":
        home = {"HOME": str(tmp_path), "PATH": path, "LANG": "C.UTF-8", **environ}
        return subprocess.run(
            ["bash", "-exuc", words], capture_output=True, text=True, check=False, cwd=ROOT, env=home, timeout=300
        )

    return run


def standing(book: Spreadsheet, title: str) -> dict[Cell, list[Cell]]:
    """What stands below each header of a tab."""
    rows = next(sheet.rows for sheet in book.snapshot() if sheet.title == title)
    return {label: cells for label, *cells in zip_longest(*rows)}


def with_address(words: str, book: Spreadsheet) -> str:
    """The commands with the address of `book` for that of the example, as people copy it."""
    (example,) = ADDRESS.findall(words)
    return words.replace(example, book.id)


def key_in(words: str, downloads: Path) -> Path:
    """Where the commands expect the downloaded key."""
    (name,) = re.findall(r"~/Downloads/(\S+\.json)", words)
    return downloads / name


def scheduled() -> str:
    """What cron is told to run."""
    (line,) = blocks(chapter(TITLE), "crontab")
    *_, command = line.split(maxsplit=5)
    assert "%" not in command, "cron would take it for the end of the line"
    return command


def test_the_teams_own_sheet_is_set_up_and_synced_and_then_left_alone(shell: Shell, tmp_path: Path) -> None:
    """Every line ends well, what the team wrote stands where it stood, and the scheduled sync is one request."""
    with FakeSheets() as google:
        book = google.add("Biuro", [KLIENCI, FAKTURY])
        words = with_address(script(TITLE), book)
        google.key_file(key_in(words, tmp_path / "Downloads")).chmod(0o644)
        done = shell(words, SHEETS_EMULATOR_HOST=google.url)
        assert done.returncode == 0, done.stdout + done.stderr
        invoices, clients = standing(book, "Faktury"), standing(book, "Klienci")
        assert invoices["ID"] == ["F-0001", "F-0002"]
        assert invoices["Status"] == ["Opłacona", "Przed terminem"]
        assert clients["Etap"] == ["Oferta", "Nowy"]
        for sheet, found in ((KLIENCI, clients), (FAKTURY, invoices)):
            assert all(found[h] == cells for h, *cells in zip_longest(*sheet.rows) if h not in ("Etap", "Tagi"))
        assert {tab.title for tab in book.tabs if tab.hidden} == {n for n in OURS if n in chapter(TITLE)} == OURS
        assert (tmp_path / "kartoteka-google" / "service-account.json").stat().st_mode & 0o777 == 0o600

        stands, asked = book.snapshot(), google.count()
        done = shell(scheduled(), SHEETS_EMULATOR_HOST=google.url)
        assert done.returncode == 0, done.stderr
        assert (book.snapshot(), google.count() - asked) == (stands, 1)
        assert "up to date" in (tmp_path / "kartoteka-google" / "sync.log").read_text("utf-8")
