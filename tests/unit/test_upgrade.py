"""What an older Kartoteka left goes on being used, with a copy kept; what a newer one left is refused in a sentence."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from config import settings_versions
from config.settings_file import load, upgraded
from config.settings_template import template
from mailers.journal import LetterJournal, Progress
from sync.commands.setting_up import Wishes, bring_up_to_date, settings_file
from sync.opening import Machine
from tests.contracts.test_outbox import LETTER
from validators.errors import OutOfReach, Refused, WrongUse

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
SENT = "<kartoteka.0001@example.pl>"

# As the first Kartotekas with a journal made it, word by word.
FIRST_JOURNAL = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
INSERT INTO meta VALUES ('machine', '0a1b2c3d');
CREATE TABLE letters (number INTEGER PRIMARY KEY, message_id TEXT NOT NULL UNIQUE, workbook TEXT NOT NULL,
 progress TEXT NOT NULL, answer TEXT NOT NULL, claimed_at TEXT NOT NULL, changed_at TEXT NOT NULL,
 content BLOB);
CREATE TABLE claims (workbook TEXT NOT NULL, invoice TEXT NOT NULL, step TEXT NOT NULL,
 attempt INTEGER NOT NULL, message_id TEXT NOT NULL REFERENCES letters (message_id),
 PRIMARY KEY (workbook, invoice, step, attempt)) WITHOUT ROWID;
CREATE INDEX letters_by_progress ON letters (workbook, progress);
PRAGMA user_version = 1;
"""
LETTERS = """
INSERT INTO letters (message_id, workbook, progress, answer, claimed_at, changed_at, content) VALUES
 ('<kartoteka.0001@example.pl>', 'w', 'sent', '250 OK', '2026-10-01T08:00:00+02:00', '2026-10-01T08:01:00+02:00',
  x'41'),
 ('<kartoteka.0002@example.pl>', 'w', 'dot', '', '2026-10-01T08:00:00+02:00', '2026-10-01T08:00:03+02:00', x'42'),
 ('<kartoteka.0003@example.pl>', 'w', 'claimed', '', '2026-10-01T08:00:00+02:00', '2026-10-01T08:00:00+02:00', x'43');
INSERT INTO claims VALUES ('w', 'F-0001', '+7', 1, '<kartoteka.0001@example.pl>'),
 ('w', 'F-0002', '+7', 1, '<kartoteka.0002@example.pl>'), ('w', 'F-0003', '+7', 1, '<kartoteka.0003@example.pl>');
"""
SECOND_JOURNAL = """
ALTER TABLE letters ADD COLUMN draft TEXT NOT NULL DEFAULT '';
PRAGMA user_version = 2;
"""
# A settings file of the time before versions were counted.
FIRST_SETTINGS = """\
# Settings of Kartoteka. Each can also come from the environment: KARTOTEKA_MAIL__HOST stands for host in [mail].
# Paths count from the folder of this file. After a change run: kartoteka doctor

[workbook]
# Where the workbook is kept: "xlsx" or "google".
kind = "xlsx"
path = "faktury.xlsx"  # u Ani na pulpicie

[mail]
sender = "Żuraw <biuro@zuraw.pl>"
"""


def older(path: Path, *scripts: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path)) as file:
        for script in scripts:
            file.executescript(script)
    return path


def version(path: Path) -> int:
    with closing(sqlite3.connect(path)) as file:
        return int(file.execute("PRAGMA user_version").fetchone()[0])


JOURNALS = {1: (FIRST_JOURNAL, LETTERS), 2: (FIRST_JOURNAL, SECOND_JOURNAL, LETTERS)}


class TestJournal:
    @pytest.mark.parametrize("made", JOURNALS)
    def test_an_older_one_keeps_every_letter_and_claim(self, tmp_path: Path, made: int) -> None:
        journal = LetterJournal(older(tmp_path / "letters.sqlite", *JOURNALS[made]))
        stands = [journal.progress(f"<kartoteka.000{n}@example.pl>") for n in (1, 2, 3)]
        assert stands == [Progress.SENT, Progress.DOT, Progress.CLAIMED]
        assert [journal.content(f"<kartoteka.000{n}@example.pl>") for n in (1, 2, 3)] == [b"A", b"B", b"C"]
        assert (journal.machine, journal.is_new, journal.answer(SENT)) == ("0a1b2c3d", False, "250 OK")
        again = replace(LETTER, message_id="<kartoteka.0009@example.pl>", invoices=("F-0001",), step="+7", steps=())
        with pytest.raises(Refused, match="may have left already"):
            journal.claim("w", again, b"again", NOW)
        journal.close()

    @pytest.mark.parametrize("made", JOURNALS)
    def test_a_copy_as_it_stood_is_kept_beside_for_its_owner_only(self, tmp_path: Path, made: int) -> None:
        """Once: another start does not write it again, nor is there one of a file that is up to date."""
        path = older(tmp_path / "letters.sqlite", *JOURNALS[made])
        LetterJournal(path).close()
        kept = tmp_path / f"letters.sqlite.v{made}"
        assert version(kept) == made
        assert version(path) > 2
        assert kept.stat().st_mode & 0o777 == 0o600
        with closing(sqlite3.connect(kept)) as copy:
            assert copy.execute("SELECT content FROM letters ORDER BY number").fetchall() == [(b"A",), (b"B",), (b"C",)]
        kept.unlink()
        LetterJournal(path).close()
        assert [found.name for found in tmp_path.iterdir()] == ["letters.sqlite"]

    def test_where_no_copy_can_be_kept_nothing_is_changed_and_nothing_is_sent(self, tmp_path: Path) -> None:
        path = older(tmp_path / "letters.sqlite", *JOURNALS[1])
        (tmp_path / "letters.sqlite.v1").mkdir()
        with pytest.raises(OutOfReach, match="cannot be copied before it is brought up to date"):
            LetterJournal(path)
        assert version(path) == 1

    def test_a_newer_one_is_refused_in_a_sentence_and_stays_as_it_is(self, tmp_path: Path) -> None:
        path = older(tmp_path / "letters.sqlite", *JOURNALS[2], "PRAGMA user_version = 99;")
        before = path.read_bytes()
        with pytest.raises(OutOfReach, match="newer version of Kartoteka") as refused:
            LetterJournal(path)
        assert refused.value.advice.startswith("Use that version. If it cannot be had: make it anew")
        assert (path.read_bytes(), [p.name for p in tmp_path.iterdir()]) == (before, ["letters.sqlite"])


@pytest.fixture
def firm(tmp_path: Path) -> Path:
    path = tmp_path / "kartoteka.toml"
    path.write_text(FIRST_SETTINGS, encoding="utf-8")
    path.chmod(0o640)
    return path


def init(path: Path) -> list[str]:
    """What `kartoteka init` says of settings that are there."""
    told: list[str] = []
    machine = Machine({}, lambda _: None, lambda: 0.0)
    bring_up_to_date(settings_file(path, path.parent, machine, Wishes(), None, told.append), told.append)
    return told


@pytest.fixture
def next_version(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the next version might rename a key: "datei" is called "path" from then on."""
    renamed: Callable[[str], str] = lambda text: text.replace("version = 1", "version = 2").replace("datei", "path")  # noqa: E731
    monkeypatch.setattr(settings_versions, "STEPS", (*settings_versions.STEPS, renamed))


class TestSettings:
    def test_an_older_file_is_understood_as_it_stands(self, firm: Path) -> None:
        """And left as it is by all who only read it."""
        assert load(firm, {}).workbook.path == "faktury.xlsx"
        assert firm.read_text("utf-8") == FIRST_SETTINGS

    def test_one_that_only_does_not_say_its_version_is_given_that_line_and_nobody_is_told(self, firm: Path) -> None:
        """Whoever wrote it by hand has nothing to fear, and needs no copy."""
        assert init(firm) == []
        first, rest = FIRST_SETTINGS.split("\n\n", 1)
        assert firm.read_text("utf-8") == f"{first}\nversion = 1\n\n{rest}"
        assert firm.stat().st_mode & 0o777 == 0o640
        assert [found.name for found in firm.parent.iterdir()] == [firm.name]
        assert init(firm) == []

    def test_one_that_cannot_be_written_is_in_nobodys_way_for_that_line(self, firm: Path) -> None:
        firm.with_name(f"{firm.name}.new").mkdir()
        assert init(firm) == []
        assert firm.read_text("utf-8") == FIRST_SETTINGS

    @pytest.mark.usefixtures("next_version")
    def test_init_brings_an_older_one_up_to_date_with_every_word_in_it_and_keeps_a_copy(self, firm: Path) -> None:
        older = FIRST_SETTINGS.replace("path", "datei")
        firm.write_text(older, encoding="utf-8")
        kept = firm.with_name("kartoteka.toml.v0")
        assert init(firm) == [f"The settings were brought up to date; the old ones are kept in {kept}."]
        first, rest = FIRST_SETTINGS.split("\n\n", 1)
        assert firm.read_text("utf-8") == f"{first}\nversion = 2\n\n{rest}"
        assert kept.read_text("utf-8") == older
        assert [path.stat().st_mode & 0o777 for path in (firm, kept)] == [0o640, 0o640]
        assert init(firm) == []

    @pytest.mark.usefixtures("next_version")
    def test_an_earlier_copy_is_never_overwritten_nor_made_twice(self, firm: Path) -> None:
        for number, name in enumerate(("v0", "v0.2", "v0.3", "v0.3")):
            firm.write_text(f'# {min(number, 2)}\n[workbook]\ndatei = "b.xlsx"\n', encoding="utf-8")
            assert init(firm)[0].endswith(f"kept in {firm}.{name}.")
        copies = sorted(firm.parent.glob("*.v*"))
        assert [copy.read_text("utf-8")[:4] for copy in copies] == ["# 0\n", "# 1\n", "# 2\n"]

    @pytest.mark.usefixtures("next_version")
    def test_a_link_goes_on_leading_to_the_file_that_is_written(self, firm: Path) -> None:
        firm.write_text('[workbook]\ndatei = "b.xlsx"\n', encoding="utf-8")
        behind = firm.parent / "elsewhere" / "ours.toml"
        behind.parent.mkdir()
        firm.rename(behind)
        firm.symlink_to(behind)
        assert init(firm)[0].endswith(f"kept in {behind}.v0.")
        assert firm.readlink() == behind
        assert behind.read_text("utf-8") == 'version = 2\n[workbook]\npath = "b.xlsx"\n'
        assert [found.name for found in firm.parent.iterdir() if found.is_file()] == [firm.name]

    @pytest.mark.usefixtures("next_version")
    def test_steps_are_taken_from_the_version_that_stands_there(self, firm: Path) -> None:
        firm.write_text('version = 1\n[workbook]\ndatei = "b.xlsx"\n', encoding="utf-8")
        assert load(firm, {}).workbook.path == "b.xlsx"
        assert upgraded(firm) == ('version = 2\n[workbook]\npath = "b.xlsx"\n', 1, False)

    def test_a_new_file_is_of_the_current_version(self, firm: Path) -> None:
        firm.write_text(template(), encoding="utf-8")
        assert upgraded(firm) is None

    def test_a_newer_one_is_refused_in_a_sentence(self, firm: Path) -> None:
        firm.write_text(f"version = 2\n{FIRST_SETTINGS}brandnew = 1\n", encoding="utf-8")
        for use in (lambda: load(firm, {}), lambda: init(firm)):
            with pytest.raises(WrongUse) as refused:
                use()
            assert "were written by a newer Kartoteka: they are of version 2" in refused.value.what
            assert "brandnew" not in refused.value.what
        assert firm.read_text("utf-8").startswith("version = 2")

    @pytest.mark.parametrize("spoilt", ['"1"', "true", "-1", "0", "1.5"])
    def test_what_is_no_version_is_named(self, firm: Path, spoilt: str) -> None:
        firm.write_text(f"version = {spoilt}\n", encoding="utf-8")
        with pytest.raises(WrongUse, match="version: no version stands there"):
            load(firm, {})

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
    def test_windows_line_ends_are_no_hindrance_and_stay(self, firm: Path, encoding: str) -> None:
        """So do those of a file that has both."""
        mixed = FIRST_SETTINGS.replace("\n", "\r\n").replace("[mail]\r\n", "[mail]\n")
        firm.write_bytes(mixed.encode(encoding))
        init(firm)
        assert load(firm, {}).mail.sender == "Żuraw <biuro@zuraw.pl>"
        assert firm.read_bytes().replace(b"version = 1\r\n", b"") == mixed.encode(encoding)
