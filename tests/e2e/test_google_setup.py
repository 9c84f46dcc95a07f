"""Setting up and examining a Google spreadsheet with the real command, against a Google of our own."""

import json
import os
import signal
import subprocess
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.running import command, kartoteka
from tests.fakes.sheets_server import FakeSheets
from tests.fakes.spreadsheet import Spreadsheet

SENDER = "Biuro <biuro@firma.example>"
Done = subprocess.CompletedProcess[str]


@pytest.fixture
def google(tmp_path: Path) -> Iterator[FakeSheets]:
    """Google, and its key in the folder."""
    with FakeSheets() as server:
        server.key_file(tmp_path / "service-account.json")
        yield server


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator["Standing"]:
    """A Google, a folder and a spreadsheet that were set up: for tests that leave them as they are."""
    folder = tmp_path_factory.mktemp("standing")
    with FakeSheets() as server:
        server.key_file(folder / "service-account.json")
        yield server, folder, set_up(server, folder)


Standing = tuple[FakeSheets, Path, Spreadsheet]


def run(google: FakeSheets, folder: Path, *words: str, **environ: str) -> Done:
    """The command, sent to our Google."""
    return kartoteka(folder, *words, SHEETS_EMULATOR_HOST=google.url, **environ)


def address(book: Spreadsheet) -> str:
    """As a person copies it from the browser."""
    return f"https://docs.google.com/spreadsheets/d/{book.id}/edit?gid=0#gid=0"


def settings(folder: Path) -> dict[str, object]:
    """The section of the workbook."""
    workbook: dict[str, object] = tomllib.loads((folder / "kartoteka.toml").read_text("utf-8"))["workbook"]
    return workbook


def set_up(google: FakeSheets, folder: Path) -> Spreadsheet:
    """A spreadsheet that init has been at."""
    book = google.add("Żuraw")
    done = run(google, folder, "init", "--yes", "--workbook", address(book), "--sender", SENDER)
    assert done.returncode == 0, done.stderr
    return book


def lines(done: Done) -> dict[str, tuple[bool, str, str]]:
    """What the doctor found, by name."""
    return {line["name"]: (line["well"], line["seen"], line["advice"]) for line in json.loads(done.stdout)}


class TestInit:
    def test_an_address_is_set_up_and_again_changes_nothing(self, google: FakeSheets, tmp_path: Path) -> None:
        book = set_up(google, tmp_path)
        assert (settings(tmp_path)["kind"], settings(tmp_path)["spreadsheet"]) == ("google", address(book))
        assert {"Klienci", "Faktury", "Historia", "Słownik", "Przypomnienia", "Szablony"} <= {
            t.title for t in book.tabs
        }
        stood, text = book.version, (tmp_path / "kartoteka.toml").read_bytes()
        again = run(google, tmp_path, "init", "--yes", "--workbook", book.id)
        assert (again.returncode, "nothing was changed" in again.stdout) == (0, True)
        assert (book.version, (tmp_path / "kartoteka.toml").read_bytes()) == (stood, text)

    def test_one_that_is_not_shared_yet_is_gone_on_with(self, google: FakeSheets, tmp_path: Path) -> None:
        """The settings stay; the message names the account, the click path, and the command."""
        book = google.add("Żuraw", shared="")
        done = run(google, tmp_path, "init", "--yes", "--workbook", book.id)
        assert done.returncode == 3
        for words in (google.account, "Share", "Editor", "kartoteka.toml", "kartoteka init"):
            assert words in done.stderr
        google.shared[book.id] = "writer"
        assert run(google, tmp_path, "init", "--yes").returncode == 0
        assert "Klienci" in {tab.title for tab in book.tabs}

    def test_a_new_one_is_made_once_and_its_address_is_never_lost(self, google: FakeSheets, tmp_path: Path) -> None:
        words = ("init", "--yes", "--create-spreadsheet", "Należności")
        done = run(google, tmp_path, *words)
        assert done.returncode == 0, done.stderr
        (book,) = google.books.values()
        assert (book.title, book.locale, book.time_zone) == ("Należności", "pl_PL", "Europe/Warsaw")
        assert settings(tmp_path)["spreadsheet"] == f"https://docs.google.com/spreadsheets/d/{book.id}/edit"
        for told in (book.id, google.account, "Share", "sheets.new"):
            assert told in done.stderr
        assert run(google, tmp_path, *words).returncode == 0
        other = run(google, tmp_path, *words[:-1], "Inna")
        assert (other.returncode, book.id in other.stderr, len(google.books)) == (2, True, 1)

    def test_its_address_is_in_the_settings_even_when_setting_up_fails(
        self, google: FakeSheets, tmp_path: Path
    ) -> None:
        def cut_off(server: FakeSheets, request: object) -> None:
            if server.books:
                server.shared.update(dict.fromkeys(server.books, ""))

        google.before.append(cut_off)
        done = run(google, tmp_path, "init", "--yes", "--create-spreadsheet", "Należności")
        (book,) = google.books.values()
        assert (done.returncode, book.id in done.stderr) == (3, True)
        assert book.id in str(settings(tmp_path)["spreadsheet"])

    def test_nothing_is_made_where_the_settings_cannot_be_written(self, google: FakeSheets, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        key = str(tmp_path / "service-account.json")
        words = ("--create-spreadsheet", "Należności", "--credentials", key, "--config", "file/kartoteka.toml")
        done = run(google, tmp_path, "init", "--yes", *words)
        assert (done.returncode, len(google.books)) == (3, 0), done.stderr

    def test_what_contradicts_the_settings_is_refused(self, standing: Standing) -> None:
        google, folder, book = standing
        for words in (
            ("--workbook", f"{book.id}x"),
            ("--workbook", "faktury.xlsx"),
            ("--credentials", "inny.json"),
            ("--workbook", book.id, "--create-spreadsheet", "Nowy"),
        ):
            done = run(google, folder, "init", "--yes", *words)
            assert (done.returncode, words[0] in done.stderr) == (2, True), done.stderr
        assert len(google.books) == 1


class TestDoctor:
    def test_all_is_well(self, standing: Standing) -> None:
        """And nothing is changed by looking, with few requests."""
        google, folder, book = standing
        stood, asked = book.snapshot(), google.count()
        done = run(google, folder, "doctor", "--json")
        found = lines(done)
        assert [name for name, (well, _, advice) in found.items() if not well or advice] == []
        assert (done.returncode, book.snapshot(), google.count() - asked) == (0, stood, 3)
        assert ("Żuraw" in found["read"][1], google.account in found["account"][1]) == (True, True)

    def test_a_share_for_reading_only_is_no_a_key_that_others_can_read_a_warning(self, standing: Standing) -> None:
        google, folder, book = standing
        google.shared[book.id] = "reader"
        (folder / "service-account.json").chmod(0o644)
        done = run(google, folder, "doctor")
        google.shared[book.id] = "writer"
        (folder / "service-account.json").chmod(0o600)
        assert done.returncode == 3
        (line,) = [line for line in done.stdout.splitlines() if line.startswith("no")]
        assert "reading only" in line
        assert ("Editor" in done.stdout, "chmod 600" in done.stdout) == (True, True)


class TestLive:
    def test_interrupted_it_deletes_what_it_made(self, standing: Standing) -> None:
        google, folder, _ = standing
        environ = {**os.environ, "SHEETS_EMULATOR_HOST": google.url}
        started = subprocess.Popen(
            command("doctor", "--live"), cwd=folder, env=environ, stderr=subprocess.PIPE, stdout=subprocess.PIPE
        )
        deadline = time.monotonic() + 60
        while len(google.books) < 2 and time.monotonic() < deadline:
            time.sleep(0.05)
        (made,) = [book for book in google.books.values() if book.title.startswith("Kartoteka doctor")]
        started.send_signal(signal.SIGINT)
        _, told = started.communicate(timeout=60)
        assert (started.returncode, made.id in told.decode()) == (130, True)
        assert made.id not in google.books

    def test_it_is_for_google_only(self, google: FakeSheets, tmp_path: Path) -> None:
        (tmp_path / "kartoteka.toml").write_text("")
        done = run(google, tmp_path, "doctor", "--live")
        assert (done.returncode, "--live" in done.stderr, google.count()) == (2, True, 0)
