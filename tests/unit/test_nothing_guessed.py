"""Nothing guessed: what has two readings, or none, is a problem with place, value and advice; its row still counts.

Each is asked twice: of the sheet after a sync, and of `kartoteka check --json` on the same workbook as a file.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.making import written
from tests.workbooks_for_tests import ANNA, PIOTR, Values, desk, invoice, sheet
from validators.rows import Cell

NOW = "2026-10-13"
DOUBTS: Mapping[str, tuple[str, Values, str, str]] = {
    # name: the tab of the row, its cells, the code of the problem, a word of the advice
    "a date with two readings": ("invoices", {"due_on": "03/04/2026"}, "date_ambiguous", "wpisz ją w układzie rok"),
    "an amount with two readings": ("invoices", {"amount": "1,234"}, "amount_ambiguous", "wpisz ją z groszami"),
    "a day that does not exist": ("invoices", {"due_on": "31.02.2026"}, "date_impossible", "wpisz datę"),
    "a tax id with a bad checksum": ("clients", {"tax_id": "NIP 123-456-78-90"}, "tax_id_invalid", "porównaj go"),
    "an address with two @": ("clients", {"email": "jan@@x.pl"}, "email_invalid", "popraw go"),
    "a client that two answer to": ("invoices", {"client": "Jan Kowalski"}, "client_ambiguous", "K-0003, K-0004"),
    "a currency that does not exist": ("invoices", {"currency": "PLZ"}, "currency_unknown", "może PLN?"),
}  # fmt: skip
NAMESAKES: tuple[Values, ...] = (
    {"id": "K-0003", "name": "Jan Kowalski", "email": "jan@kowalski.pl", "address": "Prosta 1, Kraków"},
    {"id": "K-0004", "name": "Jan Kowalski", "email": "kowalski@jan.pl", "address": "Długa 9, Gdańsk"},
)


def rows(name: str) -> tuple[list[Values], list[Values]]:
    """Clients and invoices with one doubt: a row of another client beside it, which is in order."""
    tab, values, _, _ = DOUBTS[name]
    mine = invoice(id="F-0001", **(values if tab == "invoices" else {}))
    other = invoice(id="F-0002", number="FV/2", client="K-0002", due_on=date(2026, 10, 9), amount=99)
    anna = {**ANNA, **(values if tab == "clients" else {})}
    return [anna, PIOTR, *NAMESAKES], [mine, other]


def place(name: str) -> tuple[str, str, str, Cell]:
    tab, values, _, _ = DOUBTS[name]
    ((field, value),) = values.items()
    return tab, "F-0001" if tab == "invoices" else "K-0001", field, value


@pytest.mark.parametrize("name", DOUBTS)
def test_the_sheet_says_what_stands_where_and_what_to_do_and_the_row_is_used(tmp_path: Path, name: str) -> None:
    clients, invoices = rows(name)
    office = desk(tmp_path, invoices, clients)
    outcome = office.sync(NOW)
    tab, id_, field, value = place(name)
    text = str(office.cell(tab, id_, "problems"))
    assert str(value) in text
    assert DOUBTS[name][3] in text
    assert office.cell(tab, id_, field) == value
    record = next(i for i in outcome.decision.found.invoices if i.id == "F-0001")
    assert record.number == "FV/1"
    assert record.issued_on == date(2026, 9, 28)
    assert office.cell("invoices", "F-0001", "status")


@pytest.mark.parametrize("name", [n for n in DOUBTS if n != "a tax id with a bad checksum"])
def test_no_letter_goes_on_a_guess_and_the_others_go(tmp_path: Path, name: str) -> None:
    clients, invoices = rows(name)
    office = desk(tmp_path, invoices, clients)
    assert [letter.invoices for letter in office.sync(NOW).letters] == [("F-0002",)]
    why = str(office.cell("invoices", "F-0001", "why"))
    assert "póki dane są niepewne" in why or "nie ma adresu e-mail" in why


def test_a_doubtful_tax_id_is_no_reason_to_doubt_the_invoice(tmp_path: Path) -> None:
    clients, invoices = rows("a tax id with a bad checksum")
    assert len(desk(tmp_path, invoices, clients).sync(NOW).letters) == 2


@pytest.mark.parametrize(
    ("beside", "day"),
    [("25/04/2026", date(2026, 4, 3)), ("04/25/2026", date(2026, 3, 4)), ("03/04/2026", None), ("2026-04-25", None)],
)
def test_a_date_with_two_readings_is_settled_by_its_column_or_not_at_all(
    tmp_path: Path, beside: str, day: date | None
) -> None:
    """Another cell of the column that can only be read one way decides; nothing else does."""
    office = desk(tmp_path, [invoice(due_on="03/04/2026"), invoice(number="FV/2", due_on=beside)])
    assert office.gathered().invoices[0].due_on == day


@pytest.mark.parametrize(("beside", "amount"), [("5,50", "1.23"), ("1,234.56", "1234"), (1234, None)])
def test_an_amount_with_two_readings_is_settled_by_its_column_or_not_at_all(
    tmp_path: Path, beside: Cell, amount: str | None
) -> None:
    office = desk(tmp_path, [invoice(amount="1,234"), invoice(number="FV/2", amount=beside)])
    found = office.gathered().invoices[0].amount
    assert (None if found is None else str(found).removesuffix(".00")) == amount


def kartoteka(folder: Path, *arguments: str) -> tuple[int, Any]:
    """The real command, run in `folder`; its exit status and its one JSON document."""
    root = Path(__file__).parent.parent.parent
    environ = {**os.environ, "PYTHONPATH": str(root)}
    done = subprocess.run(
        [sys.executable, "-m", "sync", *arguments, "--json"],
        cwd=folder,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr
    return done.returncode, json.loads(done.stdout)


def every_doubt() -> tuple[list[Values], list[Values]]:
    """All doubts in one workbook, each in a row of its own; dates and amounts in columns that decide nothing."""
    clients: list[Values] = [ANNA, PIOTR, *NAMESAKES]
    invoices: list[Values] = []
    for number, (tab, values, _, _) in enumerate(DOUBTS.values(), 1):
        if tab == "clients":
            clients.append({"id": f"K-01{number:02}", "name": f"Firma {number * 7919}", **values})
        else:
            invoices.append(
                {"id": f"F-01{number:02}", **invoice(number=f"FV/{number}", amount=number * 1000), **values}
            )
    return clients, invoices


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> tuple[int, list[dict[str, Any]]]:
    folder = tmp_path_factory.mktemp("check")
    clients, invoices = every_doubt()
    written(folder / "kartoteka.xlsx", [sheet("clients", clients), sheet("invoices", invoices)])
    (folder / "kartoteka.toml").write_text('[workbook]\npath = "kartoteka.xlsx"\n')
    status, document = kartoteka(folder, "check", "--now", f"{NOW}T09:00")
    return status, document["problems"]


@pytest.mark.parametrize(("number", "name"), list(enumerate(DOUBTS, 1)))
def test_check_names_place_value_and_advice(checked: tuple[int, list[dict[str, Any]]], number: int, name: str) -> None:
    """`kartoteka check --json` on the file: the tab, the row of the sheet, the id, the field, what stands there."""
    status, problems = checked
    tab, _, field, value = place(name)
    prefix = "F" if tab == "invoices" else "K"
    found = [p for p in problems if (p["id"], p["field"]) == (f"{prefix}-01{number:02}", field)]
    assert len(found) == 1
    clients, invoices = every_doubt()
    ids = [row["id"] for row in (invoices if tab == "invoices" else clients)]
    assert found[0]["row"] == 2 + ids.index(found[0]["id"])
    assert (found[0]["tab"], found[0]["value"]) == (tab, value)
    assert found[0]["code"].startswith(DOUBTS[name][2])
    assert DOUBTS[name][3] in found[0]["message"]
    assert (status, len(found[0]["message"]) > 20) == (1, True)


def test_the_plan_of_the_same_file_has_no_letter_for_any_doubt(tmp_path: Path) -> None:
    """The rest of each row is in the JSON document all the same."""
    clients, invoices = every_doubt()
    written(tmp_path / "kartoteka.xlsx", [sheet("clients", clients), sheet("invoices", invoices)])
    (tmp_path / "kartoteka.toml").write_text('[workbook]\npath = "kartoteka.xlsx"\n')
    kartoteka(tmp_path, "init", "--yes")
    status, document = kartoteka(tmp_path, "plan", "--now", f"{NOW}T09:00")
    assert (status, document["letters"]) == (1, [])
    by_id = {row["id"]: row for row in document["invoices"]}
    assert set(by_id) == {row["id"] for row in invoices}
    assert by_id["F-0103"]["remaining"] == "3000.00"
    assert by_id["F-0102"]["effective_due_on"] == "2026-10-12"
    assert {a["code"] for a in document["answers"]} == {"problem"}
