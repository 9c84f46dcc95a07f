"""The README's "Bringing your lists", word by word: what it shows is what one sees, what it promises is so."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs_tables import blocks, chapter

TITLE = "Bringing your lists"
LIST = """Lista klientów 2025;;;;;;;
;;;;;;;
Nazwa firmy;NIP;E-mail;Telefon;Ulica;Kod;Miejscowość;Uwagi
Piekarnia Ziółko;526-025-02-74;biuro@ziolko.example.com;601 234 567;Polna 3;00-123;Warszawa;
Hurtownia Kowalski sp. z o.o.;5260250275;kowalski@hurt.example.com;22 123 45 67;Prosta 1;00-100;Warszawa;zły NIP
Agnieszka Nowak;;a.nowak@example.com;0048 602 345 678;Lipowa 7/2;30-200;Kraków;
Agnieszka Nowak;;a.nowak@example.com;0048 602 345 678;Lipowa 7/2;30-200;Kraków;
"""


def shown(folder: Path, command: str) -> str:
    """What the command prints in a terminal as wide as the README."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    environ = {"PATH": path, "LANG": "C.UTF-8", "COLUMNS": "80", "HOME": str(folder)}
    done = subprocess.run(
        ["bash", "-euc", command], cwd=folder, env=environ, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode in (0, 1), done.stderr
    return "\n".join(line.rstrip() for line in done.stdout.splitlines())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The demo's workbook, and a list as an invoicing program writes it."""
    shown(tmp_path, "kartoteka demo firma --now 2026-11-23T08:00")
    (tmp_path / "firma" / "klienci.csv").write_bytes(LIST.encode("cp1250"))
    return tmp_path / "firma"


def test_the_session_shown_is_what_one_sees(folder: Path) -> None:
    (session,) = blocks(chapter(TITLE), "console")
    command, _, printed = session.removeprefix("$ ").partition("\n")
    before = {path: path.read_bytes() for path in folder.glob("*.*") if path.is_file()}
    assert shown(folder, command) == printed.rstrip("\n")
    assert {path: path.read_bytes() for path in folder.glob("*.*") if path.is_file()} == before
