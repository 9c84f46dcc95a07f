"""The guides in docs/ are true: every command and setting is named in one of them, every block of code runs, what they
quote is what Kartoteka says, and their pictures and links are there."""

import os
import re
import shlex
import signal
import subprocess
from pathlib import Path

import pytest

from config.labels import EVENTS, STATUSES
from config.settings import reference
from tests.docs_tables import blocks, commands
from tests.fakes.mail_server import MailServer
from tests.live_desk_for_tests import LiveFirm
from tests.making import written
from tests.service_for_tests import until
from tests.unit.test_docs import FIRM

ROOT = Path(__file__).parents[2]
GUIDES = {path.name: path.read_text("utf-8") for path in sorted((ROOT / "docs").glob("*.md"))}
# What only a machine of one's own can do is done by stand-ins that take any words; files are copied for real.
STAND_INS = ("useradd", "python3", "install", "systemctl", "journalctl", "docker", "pipx", "uv", "make", "runuser")
SET_UP = "$ kartoteka init --yes --workbook faktury.xlsx --sender 'Biuro <biuro@firma.example>'"


def words(text: str) -> str:
    """Folded, in one line, as a quotation may be broken."""
    return " ".join(text.split()).casefold()


SAID = words(" ".join(p.read_text("utf-8") for room in ("config", "importers", "mailers", "sync", "validators")
                      for p in (ROOT / room).rglob("*.py")))  # fmt: skip


def test_there_are_a_guide_for_each_reader() -> None:
    assert set(GUIDES) >= {"operating.md", "troubleshooting.md", "zespol.md"}


def test_every_command_is_named_and_none_that_is_not_there() -> None:
    mentioned = {name for text in GUIDES.values() for name in re.findall(r"(?:`|\$ |: )kartoteka ([a-z]+)", text)}
    assert mentioned == set(commands())


def test_every_option_that_is_mentioned_exists() -> None:
    known = {name: {o for p in params for o in (*p.opts, *p.secondary_opts)} for name, params in commands().items()}
    for text in GUIDES.values():
        for name, rest in re.findall(r"(?:`|\$ )kartoteka ([a-z]+)([^`\n]*)", text):
            assert set(re.findall(r"--[a-z-]+", rest)) <= known[name], (name, rest)


def test_every_setting_is_named_with_its_section() -> None:
    page = GUIDES["operating.md"].split("## Every setting, by purpose")[1].split("\n## ")[0]
    named = set[tuple[str, str]]()
    for line in page.splitlines():
        section = ""
        for word in re.findall(r"`([^`]+)`", line) if line.startswith("|") else ():
            section = word.strip("[]") if word.startswith("[") else section
            named.add((section, word))
    missing = [s for s in reference() if (s.section, s.variable if s.environment_only else s.key) not in named]
    assert [f"[{s.section}] {s.key}" for s in missing] == []


@pytest.mark.parametrize("name", [name for name, text in GUIDES.items() if blocks(text, "console")])
def test_every_console_block_runs_as_printed_and_ends_well(tmp_path: Path, name: str) -> None:
    """In one folder, one after the other, for a firm that has never heard of Kartoteka. The service is told to end."""
    written(tmp_path / "faktury.xlsx", FIRM)
    with MailServer() as nobody:
        firm = LiveFirm(tmp_path, nobody)
        lines = [line for block in blocks(GUIDES[name], "console") for line in block.splitlines()]
        if not any("kartoteka init" in line for line in lines):
            lines = [SET_UP, "$ kartoteka sync", *lines]
        for line in lines:
            prompt, program, *rest = shlex.split(line)
            assert (prompt, program) == ("$", "kartoteka")
            firm.start(*rest)
            if rest == ["run"]:
                until((tmp_path / ".kartoteka" / "service.json").exists)
                os.kill(firm.child.pid if firm.child and firm.child.pid else 0, signal.SIGTERM)
            done = firm.ended()
            assert done.status == 0, (line, done)


@pytest.mark.parametrize("block", [block for text in GUIDES.values() for block in blocks(text, "sh")])
def test_every_shell_block_runs_where_stand_ins_do_what_needs_a_machine_of_its_own(tmp_path: Path, block: str) -> None:
    folders = ("etc/systemd/system", "etc/kartoteka", "opt/kartoteka/bin", "var/lib/kartoteka", "bin", "src")
    for folder in folders:
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "etc/kartoteka/environment").touch()
    (tmp_path / "src" / "deploy").symlink_to(ROOT / "deploy")
    for path in (*(tmp_path / "bin" / name for name in STAND_INS), tmp_path / "opt/kartoteka/bin/pip"):
        path.write_text("#!/bin/sh\nexit 0\n")
        path.chmod(0o755)
    here = re.sub(
        r"(?<= )/(etc|opt|var)/|^/opt/",
        lambda found: f"{found[0].split('/')[0]}{tmp_path}/{found[1] or 'opt'}/",
        block,
        flags=re.M,
    )
    done = _run(here, tmp_path / "src", {"PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}"})
    assert done.returncode == 0, done.stdout + done.stderr
    copied = [path.name for path in (tmp_path / "etc/systemd/system").iterdir()]
    assert copied == (["kartoteka.service"] if "cp deploy" in block else [])


def test_no_block_is_of_a_kind_that_nobody_tries() -> None:
    """Those of settings, and the line for cron, are tried in test_operating.py."""
    kinds = {kind for text in GUIDES.values() for kind in re.findall(r"^ *```(\w+)$", text, re.M)}
    assert kinds <= {"console", "sh", "toml", "crontab"}


def test_what_the_guides_quote_is_what_kartoteka_says() -> None:
    first = {
        quote
        for name in ("troubleshooting.md", "zespol.md")
        for cell in re.findall(r"^\| ([^|]*\*[^|]*) \|", GUIDES[name], re.M)
        for quote in re.findall(r"\*([^*]+)\*", cell)
    }
    columns = {"Etap", "Tagi", "Nazwa", "E-mail", "Opiekun", "Źródło", "Język", "Wstrzymaj do", "Saldo"}
    quoted = [part.strip() for quote in first - columns for part in quote.split("…") if part.strip()]
    assert len(quoted) > 60
    assert [part for part in quoted if words(part) not in SAID] == []


def test_the_teams_guide_knows_every_status_and_what_happens_to_letters() -> None:
    text = GUIDES["zespol.md"]
    assert [label.pl for label in STATUSES.values() if f"*{label.pl}*" not in text] == []
    letters = [label.pl for code, label in EVENTS.items() if code.startswith("reminder") and code != "reminder drafted"]
    assert [label for label in letters if f"*{label}*" not in " ".join(text.split())] == []


@pytest.mark.parametrize("name", GUIDES)
def test_links_and_pictures_lead_somewhere_and_pictures_are_small(name: str) -> None:
    text = GUIDES[name]
    for link in [a or b for a, b in re.findall(r"\]\(([^)]+)\)|src=\"([^\"]+)\"", text)]:
        path, _, heading = link.partition("#")
        target = ROOT / "docs" / path if path else ROOT / "docs" / name
        assert target.exists(), link
        if heading:
            assert heading in headings(target.read_text("utf-8")), link
        if target.suffix == ".png":
            assert target.stat().st_size < 100_000, link


def headings(text: str) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in re.findall(r"^#+ (.+)", text, re.M)}


def _run(script: str, folder: Path, environ: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    command = ["bash", "-euc", script]
    return subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, check=False)
