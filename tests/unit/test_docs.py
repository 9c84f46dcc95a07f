"""The README is true: its tables are the code's, its commands run, its examples have the shape that is printed."""

import doctest
import importlib
import json
import os
import pkgutil
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

import config
import importers
import mailers
import sync
import validators
from config.settings_file import load
from mailers.policy import Code
from sync.snapshot import Sheet
from tests.docs_tables import README, TABLES, blocks, chapter, commands, names, rewritten, script
from tests.making import written
from validators.errors import KartotekaError, OutOfReach, Refused, WrongUse

ROOT = Path(__file__).parents[2]
CONTRIBUTING = ROOT / ".github" / "CONTRIBUTING.md"
KARTOTEKA = Path(sys.executable).parent / "kartoteka"
MODULES = sorted(
    module.name
    for package in (config, importers, mailers, sync, validators)
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    if not module.name.endswith("__main__")
)
# Their keys are currencies and fields, as the case may be.
FREE = {"values", "open_balance", "overdue_balance"}


def codes(text: str) -> list[str]:
    """What stands in the first column of a table, without its quotes."""
    return re.findall(r"^\| `?([\w-]+)`? \|", text.split("| --- |", 1)[1], re.M)


class TestTables:
    def test_they_are_what_the_code_says(self, regenerate: bool) -> None:
        text = README.read_text("utf-8")
        if regenerate:
            README.write_text(rewritten(text), "utf-8")
            return
        assert text == rewritten(text), "README.md differs; if that is meant, run pytest with --regenerate"

    def test_each_stands_in_the_readme_once(self) -> None:
        assert sorted(names(README.read_text("utf-8"))) == sorted(TABLES)

    def test_every_command_and_option_that_is_mentioned_exists(self) -> None:
        known = {name: {o for p in params for o in (*p.opts, *p.secondary_opts)} for name, params in commands().items()}
        text = README.read_text("utf-8") + CONTRIBUTING.read_text("utf-8")
        mentioned = re.findall(r"(?:`|\$ )kartoteka ([a-z]+)([^`\n]*)", text)
        assert {name for name, _ in mentioned} == set(known)
        for name, rest in mentioned:
            assert set(re.findall(r"--[a-z-]+", rest)) <= known[name]

    def test_every_answer_code_has_its_meaning(self) -> None:
        assert codes(chapter("How reminders are decided")) == [str(code) for code in Code]

    def test_every_exit_status_is_listed(self) -> None:
        errors = {error.exit_status for error in (KartotekaError, WrongUse, OutOfReach, Refused)}
        assert {int(code) for code in codes(chapter("Exit status"))} == {0, 1, 130} | errors

    def test_every_failure_on_google_that_is_quoted_is_one_that_kartoteka_tells(self) -> None:
        sources = (ROOT / "sync" / "storage" / name for name in ("google_errors.py", "google_sign_in.py"))
        told = " ".join(source.read_text("utf-8") for source in sources).casefold()
        page = chapter("When it does not work").split("\n### ")[0]
        cells = re.findall(r"^\| (\*.+?) \|", page, re.M)
        ours = [cell for cell in cells if "(in the console)" not in cell]
        quoted = [words for cell in ours for quote in re.findall(r"\*(.+?)\*", cell) for words in quote.split("…")]
        assert len(quoted) > 8
        assert [words for words in quoted if words.strip().casefold() not in told] == []

    def test_every_dependency_has_its_purpose(self) -> None:
        declared = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
        assert codes(chapter("Libraries")) == sorted(re.split("[<>=]", name)[0] for name in declared)


class TestTheDocument:
    def test_its_keys_are_those_that_sync_prints(self, tmp_path: Path) -> None:
        run = [KARTOTEKA, "demo", tmp_path / "demo", "--now", "2026-11-23T08:00", "--json"]
        printed = subprocess.run(run, capture_output=True, check=True, cwd=tmp_path, env=clean(tmp_path)).stdout
        config_file = tmp_path / "demo" / "kartoteka.toml"
        again = [KARTOTEKA, "sync", "--now", "2026-11-24T08:00", "--config", config_file, "--json"]
        synced = subprocess.run(again, capture_output=True, check=False, cwd=tmp_path, env=clean(tmp_path)).stdout
        (example,) = blocks(chapter("The JSON document"), "json")
        assert keys(json.loads(printed)) == keys(json.loads(example)) == keys(json.loads(synced))


class TestFiveMinutes:
    def test_every_command_runs_as_printed_and_ends_well(self, tmp_path: Path) -> None:
        """In one shell, from a checkout, in a home that holds nothing but the firm's own file."""
        (tmp_path / "Documents").mkdir()
        written(tmp_path / "Documents" / "faktury.xlsx", FIRM)
        done = subprocess.run(
            ["bash", "-exuc", script("Five minutes with your own file")],
            capture_output=True,
            text=True,
            check=False,
            cwd=ROOT,
            env=clean(tmp_path),
        )
        assert done.returncode == 0, done.stdout + done.stderr
        made = {path.name for path in (tmp_path / "kartoteka").iterdir()}
        assert {"faktury.xlsx", "kartoteka.toml", "preview.html", "outbox", ".kartoteka"} <= made

    def test_settings_shown_are_settings(self, tmp_path: Path) -> None:
        for number, block in enumerate(blocks(README.read_text("utf-8"), "toml")):
            path = tmp_path / f"{number}.toml"
            path.write_text(block, "utf-8")
            load(path, {})


class TestPlaces:
    @pytest.mark.parametrize("page", [README, CONTRIBUTING], ids=lambda page: page.name)
    def test_links_and_paths_lead_somewhere(self, page: Path) -> None:
        text = page.read_text("utf-8")
        links = [link for link in re.findall(r"\]\(([^)#]+)\)|src=\"([^\"]+)\"", text) for link in link if link]
        assert all((page.parent / link).exists() for link in links if not link.startswith("http"))
        for path in re.findall(r"`((?:config|importers|mailers|sync|validators|tests)/[\w./*-]+)`", text):
            assert any(ROOT.glob(path.rstrip("/"))), path

    def test_make_targets_exist(self) -> None:
        makefile = (ROOT / "Makefile").read_text("utf-8")
        targets = re.findall(r"`make (\w+)`", README.read_text("utf-8") + CONTRIBUTING.read_text("utf-8"))
        assert all(re.search(rf"^{target}:", makefile, re.M) for target in targets)
        assert {"demo", "test"} <= set(targets)


class TestExamples:
    @pytest.mark.parametrize("name", MODULES)
    def test_those_in_docstrings_are_true(self, name: str) -> None:
        assert doctest.testmod(importlib.import_module(name)).failed == 0


# What a firm has before it has heard of Kartoteka: no ids, a column of its own, nothing that needs a person.
FIRM = (
    Sheet(
        "Klienci",
        [
            ("Nazwa", "E-mail", "Tagi", "Teczka"),
            ("Żuraw sp. z o.o.", "biuro@zuraw-serwis.pl", "vip", "A1"),
            ("Piekarnia Kłos", "kontakt@piekarnia-klos.pl", "", "B2"),
        ],
    ),
    Sheet(
        "Faktury",
        [
            ("Numer", "Klient", "Data wystawienia", "Termin płatności", "Kwota brutto", "Zapłacono"),
            ("FV/1/2026", "Żuraw sp. z o.o.", "2026-10-01", "2026-10-15", 1230, 1230),
            ("FV/2/2026", "Piekarnia Kłos", "2026-10-02", "2026-10-16", "1 234,56 zł", None),
        ],
    ),
)


def clean(home: Path) -> dict[str, str]:
    """The environment of a newcomer whose shell finds the command."""
    return {"HOME": str(home), "PATH": f"{KARTOTEKA.parent}:{os.environ['PATH']}", "LANG": "C.UTF-8"}


def keys(value: Any) -> Any:
    """The shape of a JSON value: keys all the way down, one example for each list."""
    if isinstance(value, dict):
        return {key: None if key in FREE else keys(inner) for key, inner in value.items()}
    if isinstance(value, list):
        shapes = [keys(inner) for inner in value]
        assert all(shape == shapes[0] for shape in shapes)
        return shapes[:1] if shapes and isinstance(shapes[0], dict) else None
    return None
