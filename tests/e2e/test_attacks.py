"""What went wrong once when people did to the workbook what people do: each as a story through the real command."""

import json
import subprocess
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from tests.e2e.running import command, kartoteka, make

CLIENTS: list[list[object]] = [["Nazwa", "E-mail"], ["Alfa", "a@alfa.example.pl"], ["Beta", "b@beta.example.pl"]]
INVOICES: list[list[object]] = [["Numer", "Klient", "Termin płatności", "Kwota brutto", "Waluta", "Zapłacono"]]
MONDAY = ("--now", "2026-11-23T09:00")
ALWAYS = 'sending_days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]\nsending_hours = "00:00-23:59"\n'


def firm(folder: Path, rows: list[list[object]], mode: str = "draft") -> Path:
    make(folder / "kartoteka.xlsx", {"Klienci": CLIENTS, "Faktury": [*INVOICES, *rows]})
    into(folder, mode)
    assert kartoteka(folder, "init", "--yes").returncode == 0
    return folder


def into(folder: Path, mode: str) -> None:
    """Change the mode, as the operator does."""
    head = f'[reminders]\nmode = "{mode}"\ntest_address = "ja@firma.example"\nmin_days_between = 0\n{ALWAYS}'
    (folder / "kartoteka.toml").write_text(head, encoding="utf-8")


def edit(folder: Path, tab: str, change: Callable[[Worksheet], None]) -> None:
    """A person opens the workbook, changes a tab, saves."""
    book = load_workbook(folder / "kartoteka.xlsx")
    change(book[tab])
    book.save(folder / "kartoteka.xlsx")


def column(sheet: Worksheet, header: str) -> int:
    return next(cell.column for cell in sheet[1] if cell.value == header)


def letters(folder: Path) -> list[str]:
    return sorted(path.read_text(encoding="utf-8") for path in (folder / "outbox").glob("*.eml"))


def overdue(days: int) -> str:
    """A due date so many days ago, seen from the real clock: live mode knows no other."""
    return (datetime.now().astimezone() - timedelta(days=days)).date().isoformat()


def test_after_a_test_live_mode_writes_the_real_letter(tmp_path: Path) -> None:
    firm(tmp_path, [["1", "Alfa", overdue(10), 100, None, None]], "test")
    kartoteka(tmp_path, "sync")
    assert ["To: ja@firma.example" in text for text in letters(tmp_path)] == [True]
    into(tmp_path, "live")
    report = json.loads(kartoteka(tmp_path, "sync", "--yes", "--json").stdout)
    assert [letter["state"] for letter in report["letters"]] == ["sent"]
    assert ["To: a@alfa.example.pl" in text for text in letters(tmp_path)] == [True]


def test_a_history_that_a_person_has_sorted_sends_nothing_again(tmp_path: Path) -> None:
    firm(tmp_path, [["1", "Alfa", overdue(10), 100, None, None]], "live")
    kartoteka(tmp_path, "sync", "--yes")

    def newest_first(sheet: Worksheet) -> None:
        rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
        sheet.delete_rows(2, len(rows))
        for row in reversed(rows):
            sheet.append(row)

    edit(tmp_path, "Historia", newest_first)
    for path in (tmp_path / "outbox").glob("*.eml"):
        path.unlink()
    assert json.loads(kartoteka(tmp_path, "sync", "--json").stdout)["letters"] == []
    assert letters(tmp_path) == []


def test_a_letter_taken_from_the_folder_is_not_sent_again_although_its_outcome_was_lost(tmp_path: Path) -> None:
    firm(tmp_path, [["1", "Alfa", overdue(10), 100, None, None]], "live")
    kartoteka(tmp_path, "sync", "--yes")

    def without_outcome(sheet: Worksheet) -> None:
        told = [row[2].row for row in sheet.iter_rows(min_row=2) if row[2].value == "przypomnienie wysłane"]
        for line in reversed(told):
            sheet.delete_rows(line)

    edit(tmp_path, "Historia", without_outcome)
    for path in (tmp_path / "outbox").glob("*.eml"):
        path.unlink()
    kartoteka(tmp_path, "sync")
    assert letters(tmp_path) == []
    assert load_workbook(tmp_path / "kartoteka.xlsx")["Historia"].cell(2, 3).value
    assert "up to date" in kartoteka(tmp_path, "sync").stdout


def test_the_draft_of_an_invoice_that_was_deleted_is_set_aside(tmp_path: Path) -> None:
    firm(tmp_path, [["1", "Alfa", "2026-11-16", 100, None, None], ["2", "Beta", "2026-11-16", 200, None, None]])
    kartoteka(tmp_path, "sync", *MONDAY)
    edit(tmp_path, "Faktury", lambda sheet: sheet.delete_rows(2))
    kartoteka(tmp_path, "sync", *MONDAY)
    assert ["To: b@beta.example.pl" in text for text in letters(tmp_path)] == [True]


def test_live_mode_leaves_no_old_draft_beside_its_letters(tmp_path: Path) -> None:
    firm(tmp_path, [["1", "Alfa", overdue(10), 100, None, None]])
    earlier = (datetime.now().astimezone() - timedelta(days=5)).date().isoformat()
    kartoteka(tmp_path, "sync", "--now", f"{earlier}T09:00")
    assert len(letters(tmp_path)) == 1
    into(tmp_path, "live")
    kartoteka(tmp_path, "sync", "--yes")
    assert ["X-Unsent" in text for text in letters(tmp_path)] == [False]


def test_a_row_copied_for_a_new_invoice_starts_at_the_first_step_and_a_row_that_lost_its_id_does_not(
    tmp_path: Path,
) -> None:
    firm(tmp_path, [["1", "Alfa", overdue(20), 100, None, None]], "live")
    kartoteka(tmp_path, "sync", "--yes")

    def copied(sheet: Worksheet) -> None:
        sheet.append([cell.value for cell in sheet[2]])
        for header, value in {"ID": None, "Numer": "2", "Termin płatności": overdue(2), "Kwota brutto": 50}.items():
            sheet.cell(3, column(sheet, header)).value = value

    edit(tmp_path, "Faktury", copied)
    report = json.loads(kartoteka(tmp_path, "sync", "--json").stdout)
    assert [(letter["step"], letter["invoices"]) for letter in report["letters"]] == [("+1", ["F-0002"])]
    edit(tmp_path, "Faktury", lambda sheet: setattr(sheet.cell(2, column(sheet, "ID")), "value", None))
    assert json.loads(kartoteka(tmp_path, "sync", "--json").stdout)["letters"] == []


def test_a_payment_in_another_currency_than_the_invoice_is_no_payment_but_a_question(tmp_path: Path) -> None:
    firm(tmp_path, [["1", "Alfa", "2026-11-16", 100, "EUR", "50 zł"]])
    report = json.loads(kartoteka(tmp_path, "plan", "--json", *MONDAY).stdout)
    assert [(p["field"], p["code"]) for p in report["problems"]] == [("paid", "currency_conflict")]
    assert (report["letters"], report["invoices"][0]["remaining"]) == ([], None)


def test_an_amount_that_rounds_to_nothing_is_no_paid_invoice(tmp_path: Path) -> None:
    firm(tmp_path, [["1", "Alfa", "2026-11-16", "0,001", None, None]])
    problems = json.loads(kartoteka(tmp_path, "plan", "--json", *MONDAY).stdout)["problems"]
    assert "amount_zero" in [problem["code"] for problem in problems]


def test_the_end_of_time_in_one_cell_does_not_stop_the_other_rows(tmp_path: Path) -> None:
    """`9999-12-31` means "never" in many a sheet; a pasted number in the history is no time at all."""
    firm(tmp_path, [["1", "Alfa", "9999-12-31", 100, None, None], ["2", "Beta", "2026-11-16", 200, None, None]])
    kartoteka(tmp_path, "sync", *MONDAY)
    edit(tmp_path, "Historia", lambda sheet: sheet.append([1e12, "x", "status", "invoices", "F-0001"]))
    edit(
        tmp_path,
        "Przypomnienia",
        lambda sheet: sheet.append(["faktura", "?", None, 9_999_999_999, "first", "e-mail", "nie", "tak"]),
    )
    answers = json.loads(kartoteka(tmp_path, "plan", "--json", *MONDAY).stdout)["answers"]
    assert [(answer["invoice"], answer["code"]) for answer in answers] == [("F-0001", "not_yet"), ("F-0002", "due")]


@pytest.mark.parametrize("words", [["check"], ["plan"], ["plan", "--json"], ["doctor"], ["explain", "Alfa"]])
def test_a_terminal_that_knows_only_ascii_still_gets_its_answer(tmp_path: Path, words: list[str]) -> None:
    firm(tmp_path, [["1", "Zażółć", "2026-11-16", 100, None, None]])
    done = kartoteka(tmp_path, *words, PYTHONIOENCODING="ascii")
    assert "did not expect" not in done.stderr
    if "--json" in words:
        assert "Zażółć" in json.loads(done.stdout)["problems"][0]["message"]


def test_closed_output_does_not_stop_the_work(tmp_path: Path) -> None:
    firm(tmp_path, [["1", "Alfa", "2026-11-16", 100, None, None]])
    line = " ".join([*command("sync", *MONDAY), ">&-", "2>&-"])
    assert subprocess.run(line, shell=True, cwd=tmp_path, check=False).returncode == 0
    assert len(letters(tmp_path)) == 1
