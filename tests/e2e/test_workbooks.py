"""Commands where the settings hold several workbooks: each is for one of them, which is named; `status` is for all."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.e2e.running import CLIENTS, INVOICES, kartoteka, make
from tests.unit.test_help import KARTOTEKA

SETTINGS = """
[[workbook]]
name = "serwis"
path = "serwis.xlsx"
[[workbook]]
name = "montaz"
path = "books/montaz.xlsx"
language = "en"
[mail]
sender = "Biuro <biuro@firma.example>"
[reminders]
sending_days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
sending_hours = "00:00-24:00"
"""
NOW = ("--now", "2026-11-23T09:00")


@pytest.fixture
def office(tmp_path: Path) -> Path:
    """A folder with settings for two workbooks, which were never set up."""
    (tmp_path / "books").mkdir()
    (tmp_path / "kartoteka.toml").write_text(SETTINGS, "utf-8")
    for path in ("serwis.xlsx", "books/montaz.xlsx"):
        bills: list[list[object]] = [["FV/1", "Żuraw", "2026-11-10", 1230, None]]
        make(tmp_path / path, {"Klienci": [CLIENTS, ["Żuraw", "z@zuraw.pl", None]], "Faktury": [INVOICES, *bills]})
    return tmp_path


def test_init_and_sync_work_on_the_one_that_is_named_and_keep_drafts_and_state_apart(office: Path) -> None:
    for name, said in (("serwis", "serwis"), ("montaz", "books/montaz.xlsx")):
        done = kartoteka(office, "init", "--yes", "--workbook", said)
        assert done.returncode == 0, done.stderr
        assert f"{name}.xlsx" in done.stdout
        assert kartoteka(office, "sync", "--workbook", name, *NOW).returncode == 0
    drafts = [path.relative_to(office).parts[:2] for path in office.glob("outbox/**/*.eml")]
    assert sorted(drafts) == [("outbox", "montaz"), ("outbox", "serwis")]
    assert {path.name for path in (office / ".kartoteka").iterdir()} == {"serwis", "montaz"}
    assert (office / "kartoteka.toml").read_text("utf-8").endswith(SETTINGS.lstrip("\n"))


def test_init_makes_the_workbook_that_is_named_and_is_not_there(office: Path) -> None:
    (office / "serwis.xlsx").unlink()
    assert kartoteka(office, "--workbook", "serwis", "init", "--yes").returncode == 0
    assert (office / "serwis.xlsx").exists()


@pytest.mark.parametrize(
    "words",
    [("sync",), ("plan",), ("check",), ("history",), ("explain", "F-0001"), ("init", "--yes"), ("preview",)],
)
def test_commands_for_one_say_which_there_are_when_none_is_named(office: Path, words: tuple[str, ...]) -> None:
    done = kartoteka(office, *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Say which: --workbook serwis|montaz" in done.stderr
    assert not (office / ".kartoteka").exists()


def test_a_name_that_is_none_is_told_apart_from_those_that_are(office: Path) -> None:
    for words in (("sync", "--workbook", "biuro"), ("run", "--workbook", "biuro"), ("--workbook", "biuro", "status")):
        done = kartoteka(office, *words)
        assert done.returncode == 2
        assert "There is no workbook 'biuro' in" in done.stderr
        assert "serwis|montaz" in done.stderr


def test_it_may_be_named_before_the_command_or_in_the_environment(office: Path) -> None:
    kartoteka(office, "init", "--yes", "--workbook", "serwis")
    for words, environ in ((("--workbook", "serwis", "check"), {}), (("check",), {"KARTOTEKA_WORKBOOK": "serwis"})):
        assert kartoteka(office, *words, **environ).returncode == 0


def test_doctor_looks_at_the_one_that_is_named(office: Path) -> None:
    kartoteka(office, "init", "--yes", "--workbook", "montaz")
    done = kartoteka(office, "doctor", "--workbook", "montaz")
    assert done.returncode == 0, done.stdout
    assert "montaz.xlsx" in done.stdout
    assert "Say which: --workbook serwis|montaz" in kartoteka(office, "doctor").stdout


@pytest.mark.parametrize("file", ["letters.sqlite", "status.json"])
def test_doctor_sees_the_state_of_the_time_when_there_was_one_workbook(office: Path, file: str) -> None:
    """A second workbook has come, and the state of the first was not moved."""
    kartoteka(office, "init", "--yes", "--workbook", "serwis")
    (office / ".kartoteka" / file).touch()
    shown = kartoteka(office, "doctor", "--workbook", "serwis").stdout
    assert f"move what lies in {office / '.kartoteka'}" in " ".join(shown.split())
    (office / ".kartoteka" / file).rename(office / ".kartoteka" / "serwis" / file)
    assert "move what lies in" not in kartoteka(office, "doctor", "--workbook", "serwis").stdout


def test_status_tells_of_each_and_is_one_document(office: Path) -> None:
    kartoteka(office, "init", "--yes", "--workbook", "serwis")
    kartoteka(office, "sync", "--workbook", "serwis")
    shown, told = kartoteka(office, "status"), kartoteka(office, "status", "--json")
    assert (shown.returncode, told.returncode) == (1, 1)
    lines = shown.stdout.splitlines()
    assert lines[:2] == ["serwis", "  All is well."]
    asked = "  No sync has gone well here yet. Start one: kartoteka sync --workbook montaz"
    assert lines[lines.index("montaz") + 1] == asked
    document = json.loads(told.stdout)
    assert (list(document), list(document["workbooks"])) == (["well", "workbooks"], ["serwis", "montaz"])
    one = kartoteka(office, "status", "--json", "--workbook", "serwis")
    assert (one.returncode, json.loads(one.stdout)) == (0, document["workbooks"]["serwis"])
    assert kartoteka(office, "status", "--workbook", "serwis").stdout.startswith("All is well.")


@pytest.mark.parametrize(
    ("typed", "expected"),
    [("sync --workbook ", {"serwis", "montaz"}), ("--workbook mo", {"montaz"}), ("check --workbook x", set[str]())],
)
def test_the_tab_key_knows_their_names(office: Path, typed: str, expected: set[str]) -> None:
    words = ["kartoteka", *typed.split(" ")]
    asked = {
        "_KARTOTEKA_COMPLETE": "complete_bash",
        "COMP_WORDS": " ".join(words),
        "COMP_CWORD": f"{len(words) - 1}",
        "KARTOTEKA_WORKBOOK": "nobody",
    }
    whole = os.environ | asked
    done = subprocess.run([KARTOTEKA], cwd=office, env=whole, capture_output=True, text=True, check=False)
    assert set(done.stdout.split()) == expected, done.stderr
    (office / "kartoteka.toml").write_text("[workbook", "utf-8")
    done = subprocess.run([KARTOTEKA], cwd=office, env=whole, capture_output=True, text=True, check=False)
    assert (done.stdout.split(), done.stderr) == ([], "")
