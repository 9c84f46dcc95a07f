"""What people type into a Google spreadsheet means the same in every locale, and stays as they typed it, to the letter
and to the format."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from sync.snapshot import Sheet
from tests.fakes.clocks import VirtualClock
from tests.fakes.sheet_cells import Cell
from tests.fakes.sheets_server import FakeSheets
from tests.google_desk_for_tests import FAKTURY, KLIENCI, Firm

CLOCK = VirtualClock()
CLIENTS = ("Nazwa", "E-mail", "NIP", "Telefon", "Etap", "Tagi", "Notatki", "Dodano", "Konto bankowe")
INVOICES = (
    "Numer",
    "Klient",
    "Data wystawienia",
    "Termin płatności",
    "Kwota brutto",
    "Zapłacono",
    "Data zapłaty",
    "Anulowana",
    "Notatki",
)
ALFA = ("Alfa sp. z o.o.", "alfa@example.pl", "5260250274", "600100200", "OFERTA", "vip")
TYPED: Mapping[str, Mapping[str, str]] = {
    "pl_PL": {"issued": "26.10.2026", "due": "9.11.2026", "amount": "1230,50", "paid": "200,25", "yes": "PRAWDA"},
    "en_US": {"issued": "10/26/2026", "due": "11/9/2026", "amount": "1,230.50", "paid": "200.25", "yes": "TRUE"},
    "de_DE": {"issued": "26.10.2026", "due": "9.11.2026", "amount": "1.230,50", "paid": "200,25", "yes": "WAHR"},
}
# What a person keeps as text by an apostrophe or a text format.
TEXTS = (
    "0042",
    "00123456789012345678901234",
    "12345678901234567890123456",
    "1e5",
    '=HYPERLINK("http://zle.example";"klik")',
    "+48 601 234 567",
    "-5",
    "TRUE",
    "2026-11-21",
    "'apostrof",
    " spacje ",
    "dwie\nlinie",
    "Zażółć 😀",
)


@pytest.fixture(scope="module")
def google() -> Iterator[FakeSheets]:
    with FakeSheets(clock=CLOCK) as server:
        yield server


@pytest.fixture(scope="module")
def bare(google: FakeSheets, tmp_path_factory: pytest.TempPathFactory) -> Firm:
    """A firm that is set up and has neither clients nor invoices."""
    return opened(google, tmp_path_factory.mktemp("bare"), "pl_PL")


@pytest.fixture(scope="module")
def synced(google: FakeSheets, tmp_path_factory: pytest.TempPathFactory) -> Firm:
    """A firm with two clients and two invoices, synced once."""
    firm = Firm(google, google.add("Kartoteka", [KLIENCI, FAKTURY]), tmp_path_factory.mktemp("synced"), CLOCK)
    firm.trimmed()
    assert (firm.run("init").status, firm.run("sync").status) == (0, 0)
    firm.trimmed()
    return firm


def opened(server: FakeSheets, folder: Path, locale: str) -> Firm:
    book = server.add("Kartoteka", [Sheet("Klienci", [CLIENTS]), Sheet("Faktury", [INVOICES])], locale=locale)
    firm = Firm(server, book, folder, CLOCK)
    firm.trimmed()
    assert firm.run("init").status == 0
    firm.trimmed()
    return firm


def typed(firm: Firm, title: str, *rows: Sequence[object]) -> None:
    """A person types rows below those that stand; None is left out."""
    tab = firm.tab(title)
    for number, row in enumerate(rows, start=tab.last_row):
        for column, value in enumerate(row):
            if value is not None:
                tab.set(number, column, value)


def planned(firm: Firm) -> dict[str, Any]:
    """`plan --json`."""
    done = firm.run("plan", as_json=True)
    assert done.status in (0, 1), done
    found: dict[str, Any] = json.loads(done.out)
    return found


def team(firm: Firm) -> dict[str, list[list[Cell]]]:
    """Every cell of the team's columns, whole: value, formula, format."""
    widths = {"Klienci": len(CLIENTS), "Faktury": len(INVOICES)}
    return {
        title: [[firm.tab(title).cell(row, column) for column in range(width)] for row in range(20)]
        for title, width in widths.items()
    }


def problems(plan: Mapping[str, Any], row: int) -> set[tuple[str, str]]:
    return {(p["field"], p["code"]) for p in plan["problems"] if p["row"] == row}


def quiet(firm: Firm) -> bool:
    """Whether another sync finds nothing to write."""
    written = firm.server.count("batchUpdate")
    firm.run("sync")
    return firm.server.count("batchUpdate") == written


def events(firm: Firm, event: str) -> list[list[Any]]:
    """The history rows of this event: tab, id, field, before, after."""
    return [[c.value if c else None for c in row[3:8]] for row in firm.tab("Historia").rows if row[2].value == event]


def test_the_same_typed_in_three_locales_means_the_same(google: FakeSheets, tmp_path: Path) -> None:
    """Records, statuses, balances, problems: dates, amounts, truths as each locale writes them."""
    plans = {}
    for locale, words in TYPED.items():
        firm = opened(google, tmp_path / locale, locale)
        issued, due, amount, paid, yes = words.values()
        typed(firm, "Klienci", (*ALFA, None, issued), ("Beta", "beta@example.pl", None, "'+48 601 234 567", "nowy"))
        typed(
            firm,
            "Faktury",
            ("FV/1", "Alfa sp. z o.o.", issued, due, amount, paid),
            ("FV/2", "Beta", issued, due, amount, None, due),
            ("FV/3", "Beta", "2026-10-27", "2026-11-20", amount, None, None, yes),
            ("FV/4", "Beta", "28 października 2026", "2026-12-24", f"'{amount}"),
        )
        plan = planned(firm)
        plans[locale] = {name: plan[name] for name in ("invoices", "clients", "problems", "answers", "rows", "changes")}
    assert plans["en_US"] == plans["pl_PL"]
    assert plans["de_DE"] == plans["pl_PL"]
    statuses = [(i["status"], i["remaining"]) for i in plans["pl_PL"]["invoices"]]
    assert statuses == [("overdue", "1030.25"), ("paid", "0.00"), ("cancelled", "0.00"), ("not_due", "1230.50")]
    assert plans["pl_PL"]["clients"][0]["open_balance"] == {"PLN": "1030.25"}
    assert plans["pl_PL"]["problems"] == []


def test_what_people_typed_and_how_it_looks_survives_a_sync(bare: Firm, tmp_path: Path) -> None:
    """Values, formulas, number formats; texts that look like numbers, dates, formulas."""
    firm = bare.copied(tmp_path)
    for number, text in enumerate(TEXTS):
        typed(firm, "Klienci", (f"'{text}", None, None, None, None, None, f"'{text}", "1850-01-01", f"'{text}"))
        typed(
            firm, "Faktury", (f"'{text}", f"Klient {number}", "26.10.2026", "2026-11-09", "5%", "100 zł", None, False)
        )
    typed(firm, "Faktury", ("=1+1", "=1/0", "27.10.2026 12:30", "=A1", "=1000/3", None, None, True, "=1+2"))
    before = team(firm)
    firm.run("sync")
    assert team(firm) == before
    assert quiet(firm)
    assert team(firm) == before
    kept = [
        row[8].value
        for row in firm.tab("Historia").rows[1:]
        if row[2].value == "nadano ID" and row[3].value == "Klienci"
    ]
    assert kept == [text.strip() for text in TEXTS]
    assert not any(cell and cell.formula for row in firm.tab("Historia").rows for cell in row)


def test_numbers_in_text_columns_are_texts_without_a_fraction(bare: Firm, tmp_path: Path) -> None:
    """A phone number or a NIP typed bare is a number to Sheets; it is the same to us."""
    firm = bare.copied(tmp_path)
    typed(firm, "Klienci", (*ALFA, None, None, None), ("Alfa", None, "'526-025-02-74", "'600 100 200"))
    assert isinstance(firm.cell("Klienci", "Alfa sp. z o.o.", "Telefon"), int)
    assert isinstance(firm.cell("Klienci", "Alfa sp. z o.o.", "NIP"), int)
    typed(firm, "Faktury", (7, "alfa@example.pl", "26.10.2026", "2026-12-09", 100))
    plan = planned(firm)
    assert [c["duplicate_of"] for c in plan["clients"]] == [None, "K-0001"]
    assert [(i["number"], i["client"]) for i in plan["invoices"]] == [("7", "K-0001")]
    assert plan["problems"] == []
    assert ".0" not in json.dumps(plan["appended"])


def test_error_cells_are_problems_and_never_values(bare: Firm, tmp_path: Path) -> None:
    firm = bare.copied(tmp_path)
    typed(firm, "Klienci", ("Alfa", "=1/0", "#N/A", None, None, None, "#REF!"), ("Beta", "beta@example.pl"))
    firm.tab("Klienci").set(1, 4, "=A99", shows="#REF!")
    day = ("26.10.2026", "9.11.2026")
    typed(
        firm,
        "Faktury",
        ("FV/1", "=1/0", *day, 100),
        ("FV/2", "Beta", day[0], "=1/0", 200),
        ("FV/3", "Beta", *day, "=1/0"),
        ("FV/4", "Beta", *day, 300, "=1/0"),
    )
    plan = planned(firm)
    assert problems(plan, 2) == {
        *((name, "error_cell") for name in ("email", "tax_id", "notes", "stage")),
        ("client", "error_cell"),
    }
    assert [problems(plan, row) for row in (3, 4, 5)] == [
        {(name, "error_cell")} for name in ("due_on", "amount", "paid")
    ]
    assert "#DIV/0!" in next(p["message"] for p in plan["problems"] if p["field"] == "amount")
    assert plan["letters"] == []
    assert plan["clients"][0]["stage"] == ""


def test_a_number_that_sheets_took_for_a_date_is_asked_for_again(bare: Firm, tmp_path: Path) -> None:
    """2026-11-05 typed as an invoice number is a day to Sheets: no letter may name it 46331."""
    firm = bare.copied(tmp_path)
    typed(firm, "Klienci", ALFA)
    due = ("26.10.2026", "9.11.2026")
    typed(
        firm,
        "Faktury",
        ("FV/1", ALFA[0], *due, 100),
        ("2026-11-05", ALFA[0], *due, 200),
        ("'2026-11-06", ALFA[0], *due, 300),
    )
    assert isinstance(firm.tab("Faktury").cell(2, 0).value, int)
    plan = planned(firm)
    assert [(p["row"], p["field"], p["code"]) for p in plan["problems"]] == [(3, "number", "number_is_date")]
    assert "wziął ten numer za datę (2026-11-05)" in plan["problems"][0]["message"]
    assert "z apostrofem" in plan["problems"][0]["message"]
    assert plan["letters"][0]["invoices"] == ["F-0001", "F-0003"]
    assert firm.tab("Faktury").cell(2, 0).value == 46331


def test_plain_numbers_are_no_dates_where_all_are_plain(bare: Firm, tmp_path: Path) -> None:
    firm = bare.copied(tmp_path)
    typed(firm, "Klienci", ALFA)
    rows = [(number, ALFA[0], f"{number % 20 + 1}.10.2026", "9.12.2026", number) for number in (46330, 46331, 46332)]
    typed(firm, "Faktury", *rows)
    assert planned(firm)["problems"] == []


def test_ticks_are_truths(bare: Firm, tmp_path: Path) -> None:
    firm = bare.copied(tmp_path)
    typed(firm, "Klienci", ALFA)
    due = (ALFA[0], "26.10.2026", "9.12.2026")
    typed(
        firm,
        "Faktury",
        ("FV/1", *due, 100, None, None, True),
        ("FV/2", *due, 200, None, None, False),
        ("FV/3", *due, 300, True),
        ("FV/4", *due, 400, False),
        ("FV/5", *due, 500, None, True),
    )
    plan = planned(firm)
    assert [i["status"] for i in plan["invoices"]] == ["cancelled", "not_due", "paid", "not_due", "paid"]
    assert plan["problems"] == []


def test_days_that_cannot_be_meant_are_problems_and_stay(bare: Firm, tmp_path: Path) -> None:
    """Before 1900, and a due date that is a year of no calendar."""
    firm = bare.copied(tmp_path)
    typed(firm, "Klienci", (*ALFA, None, "1850-01-01"))
    typed(
        firm,
        "Faktury",
        ("FV/1", ALFA[0], "26.10.2026", "1899-01-05", 100),
        ("FV/2", ALFA[0], "26.10.2026", "31.02.2026", 10),
    )
    before = team(firm)
    plan = planned(firm)
    assert {(p["tab"], p["field"], p["code"]) for p in plan["problems"]} == {
        ("clients", "added_on", "date_unreadable"),
        ("invoices", "due_on", "date_unreadable"),
        ("invoices", "due_on", "date_impossible"),
    }
    firm.run("sync")
    after = team(firm)
    assert after["Faktury"] == before["Faktury"]
    assert after["Klienci"][1][7] == before["Klienci"][1][7]


FORMULAS = (
    ("Klienci", "Alfa sp. z o.o.", "Etap", '="OFERTA"'),
    ("Klienci", "Beta Jan Kos", "Tagi", '="vip"'),
    ("Faktury", "FV/1", "Kwota brutto", "=1000+230,5"),
    ("Faktury", "FV/2", "Termin płatności", "=A1"),
)


def test_formulas_of_the_team_stay_and_the_history_says_so_once(synced: Firm, tmp_path: Path) -> None:
    """A stage that a formula gives is not tidied; the same word typed in another row is."""
    firm = synced.copied(tmp_path)
    for title, key, label, formula in FORMULAS:
        firm.types(title, key, label, formula, **({"shows": 46341} if formula == "=A1" else {}))
    places = [(title, *firm.place(title, key, label)) for title, key, label, _ in FORMULAS]
    assert firm.run("sync").status == 0
    left = [["Klienci", "K-0001", "Etap", "Oferta", "OFERTA"], ["Klienci", "K-0002", "Tagi", "VIP", "vip"]]
    assert events(firm, "cofnięto") == left
    assert quiet(firm)
    firm.types("Klienci", "Beta Jan Kos", "Etap", "OFERTA")
    assert firm.run("sync").status == 0
    assert firm.cell("Klienci", "Beta Jan Kos", "Etap") == "Oferta"
    assert quiet(firm)
    assert events(firm, "cofnięto") == left
    assert [firm.tab(title).cell(row, column).formula for title, row, column in places] == [f for *_, f in FORMULAS]


def last_run(firm: Firm) -> str:
    return str(firm.tab("Historia").cell(firm.tab("Historia").last_row - 1, 1).value)


def test_undo_puts_back_exactly_what_a_run_tidied(synced: Firm, tmp_path: Path) -> None:
    firm = synced.copied(tmp_path)
    firm.types("Klienci", "Alfa sp. z o.o.", "Etap", "w NEGOCJACJACH")
    firm.types("Klienci", "Beta Jan Kos", "Tagi", "vip;VIP, polecony")
    before = team(firm)
    assert firm.run("sync").status in (0, 1)
    tidied = last_run(firm)
    assert team(firm) != before
    assert firm.run("undo", tidied).status == 0
    assert team(firm) == before
    firm.run("sync")
    assert team(firm) == before


def test_undo_names_what_has_become_a_formula_since(synced: Firm, tmp_path: Path) -> None:
    firm = synced.copied(tmp_path)
    firm.types("Klienci", "Alfa sp. z o.o.", "Etap", "w NEGOCJACJACH")
    firm.types("Klienci", "Beta Jan Kos", "Etap", "oferta.")
    firm.run("sync")
    tidied, stage = last_run(firm), firm.cell("Klienci", "Alfa sp. z o.o.", "Etap")
    firm.types("Klienci", "Alfa sp. z o.o.", "Etap", f'="{stage}"')
    done = firm.run("undo", tidied)
    assert done.status == 1
    assert "kept      K-0001, Etap: changed since" in done.out
    assert "put back  K-0002, Etap: oferta." in done.out
    assert firm.tab("Klienci").cell(*firm.place("Klienci", "Alfa sp. z o.o.", "Etap")).formula == f'="{stage}"'
    assert firm.cell("Klienci", "Beta Jan Kos", "Etap") == "oferta."


def test_a_saved_plan_is_carried_out_unless_anybody_wrote_since(synced: Firm, tmp_path: Path) -> None:
    firm = synced.copied(tmp_path)
    file = tmp_path / "plan.json"
    firm.types("Faktury", "FV/1", "Zapłacono", 500)
    assert firm.run("plan", file).status == 0
    firm.types("Klienci", "Beta Jan Kos", "Notatki", "dzwoniła")
    stands = firm.book.snapshot()
    done = firm.run("apply", file)
    assert done.status == 4
    assert "has changed since this plan was made; nothing was written" in done.err
    assert "plan --save" in done.err
    assert firm.book.snapshot() == stands
    assert firm.run("plan", file).status == 0
    assert firm.run("apply", file).status == 0
    assert firm.cell("Faktury", "FV/1", "Pozostało") == 730.5
    assert quiet(firm)
