"""What `--help` shows is true and enough: each command has examples, they are commands that exist, Tab knows them."""

import os
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import typer
from typer.core import TyperGroup
from typer.testing import CliRunner

from sync.cli import app
from sync.help_pages import EXAMPLES
from tests.docs_tables import commands

KARTOTEKA = Path(sys.executable).parent / "kartoteka"
LINES = [line for found in EXAMPLES.values() for _, line in found]


def shown(*words: str) -> str:
    """What `--help` says, in one line."""
    return " ".join(CliRunner().invoke(app, [*words, "--help"], env={"COLUMNS": "400"}).stdout.split())


def test_every_command_has_examples() -> None:
    assert EXAMPLES.keys() == {"", *commands()}


@pytest.mark.parametrize("name", EXAMPLES)
def test_its_page_shows_them_whole(name: str) -> None:
    page = shown(name) if name else shown()
    for what, line in EXAMPLES[name]:
        assert f"$ {line}" in page
        assert what.replace("[bold]\\[", "[").replace("[/bold]", "") in page


@pytest.mark.parametrize("line", [line for line in LINES if "--install" not in line])
def test_each_is_understood_by_the_command_line(line: str) -> None:
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    program, *words = shlex.split(line)
    assert program == "kartoteka"
    while words[0].startswith("-"):
        assert words.pop(0) in {option for parameter in group.params for option in parameter.opts}
    group.commands[words[0]].make_context(words[0], words[1:])


@pytest.mark.parametrize(("typed", "expected"), [("st", {"status"}), ("re", {"resolve"}), ("sync --dr", {"--dry-run"})])
def test_the_tab_key_completes_commands_and_options(typed: str, expected: set[str]) -> None:
    words = ["kartoteka", *typed.split()]
    asked = {"_KARTOTEKA_COMPLETE": "complete_bash", "COMP_WORDS": " ".join(words), "COMP_CWORD": f"{len(words) - 1}"}
    done = subprocess.run([KARTOTEKA], env=os.environ | asked, capture_output=True, text=True, check=False)
    assert set(done.stdout.split()) == expected


def test_the_version_is_that_of_the_package() -> None:
    done = CliRunner().invoke(app, ["--version"])
    package = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8"))["project"]
    assert (done.stdout.strip(), done.exit_code) == (f"kartoteka {package['version']}", 0)
