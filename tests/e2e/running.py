"""The real command as a process of its own, as a person or a schedule starts it."""

import os
import subprocess
import sys
from pathlib import Path

from openpyxl import Workbook, load_workbook

CLIENTS = ["Nazwa", "E-mail", "NIP"]
INVOICES = ["Numer", "Klient", "Termin płatności", "Kwota brutto", "Zapłacono"]
Done = "subprocess.CompletedProcess[str]"


def command(*words: str) -> list[str]:
    """The words that start Kartoteka."""
    return [sys.executable, "-m", "sync", *words]


def kartoteka(folder: Path, *words: str, **environ: str) -> "subprocess.CompletedProcess[str]":
    """Run the real command in `folder`."""
    return subprocess.run(
        command(*words),
        cwd=folder,
        env={**os.environ, "COLUMNS": "120", **environ},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def make(path: Path, tabs: dict[str, list[list[object]]]) -> Path:
    """A workbook with `tabs` at `path`."""
    book = Workbook()
    book.remove(book.active)
    for title, rows in tabs.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def cells(path: Path) -> dict[str, list[list[object]]]:
    """Everything a reader sees, by tab; run ids, which differ from run to run, left out."""
    shown: dict[str, list[list[object]]] = {}
    for sheet in load_workbook(path).worksheets:
        rows = [list(row) for row in sheet.iter_rows(values_only=True)]
        shown[sheet.title] = [row[:1] + row[2:] for row in rows] if sheet.title == "Historia" else rows
    return shown
