"""A history that cannot be divided into years, by the real command: whoever runs it is told, and so is `status`."""

import json
from pathlib import Path

import pytest
from openpyxl import Workbook

from tests.e2e.running import CLIENTS, INVOICES, kartoteka, make
from tests.making import edited

MERGED = "Merged cells, links or array formulas stand in the tab 'Historia' (A2:A3), so its older rows cannot be moved."


@pytest.fixture
def firm(tmp_path: Path) -> Path:
    """Rows of last year stand merged in a history that has grown long."""
    (tmp_path / "kartoteka.toml").write_text("[workbook]\nhistory_rows = 1\n", encoding="utf-8")
    make(tmp_path / "kartoteka.xlsx", {"Klienci": [CLIENTS], "Faktury": [INVOICES]})
    assert kartoteka(tmp_path, "init", "--yes").returncode == 0

    def person(book: Workbook) -> None:
        for _ in range(2):
            book["Historia"].append(["2020-01-02", "20200102T080000-0001", "notatka"])
        book["Historia"].merge_cells("A2:A3")

    edited(tmp_path / "kartoteka.xlsx", person)
    return tmp_path


def test_whoever_runs_it_is_told_until_it_can(firm: Path) -> None:
    done = kartoteka(firm, "sync")
    assert done.returncode == 1
    assert f"The history keeps its older years: {MERGED} Remove them there." in done.stdout
    done = kartoteka(firm, "sync", "--json")
    assert (done.returncode, json.loads(done.stdout)["state"]) == (1, "done")
    assert MERGED in done.stderr
    asked = kartoteka(firm, "status")
    assert asked.returncode == 1
    assert f"The last run left work undone: {MERGED} Remove them there." in asked.stdout
    edited(firm / "kartoteka.xlsx", lambda book: book["Historia"].unmerge_cells("A2:A3"))
    assert kartoteka(firm, "sync").returncode == 0
    assert kartoteka(firm, "status").returncode == 0
