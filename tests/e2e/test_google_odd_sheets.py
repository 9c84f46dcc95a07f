"""What is odd about a Google spreadsheet, or about what is remembered of it, and yet no error: nobody notices it."""

import json
from pathlib import Path

import pytest

from sync.snapshot import Sheet
from tests.google_desk_for_tests import FAKTURY, KLIENCI, Firm
from tests.google_troubles_for_tests import Cells, cells, fine, refused

CACHES = {
    "cut off": '{"title": "Kar',
    "empty": "",
    "of something else": "[1, 2]",
    "of nothing": "null",
    "with other types": '{"title":"x","locale":"pl_PL","time_zone":"x","sheets":[{"id":"a","title":5}],"step":5}',
    "from the future": '{"title":"x","locale":"pl_PL","time_zone":"x","sheets":[],"step":5,"holders":[],"format":7}',
    "without sheets": '{"title":"x","locale":"pl_PL","time_zone":"x","sheets":[],"step":5,"holders":{}}',
}


@pytest.mark.parametrize("name", CACHES)
def test_what_is_remembered_of_the_spreadsheet_may_be_damaged(name: str, firm: Firm, undisturbed: Cells) -> None:
    (firm.state / f"google-{firm.book.id}.json").write_text(CACHES[name])
    fine(firm, undisturbed)


@pytest.mark.parametrize("ahead", [-2, -1, 7])
def test_a_register_remembered_wrongly_costs_a_request_at_most(ahead: int, firm: Firm, undisturbed: Cells) -> None:
    path = firm.state / f"google-{firm.book.id}.json"
    known = json.loads(path.read_text())
    known |= {"step": known["step"] + ahead, "holders": {int(n) + ahead: who for n, who in known["holders"].items()}}
    path.write_text(json.dumps(known))
    fine(firm, undisturbed)


def test_what_is_remembered_of_another_spreadsheet_misleads_nobody(
    ready: Firm, firm: Firm, undisturbed: Cells, tmp_path: Path
) -> None:
    other = Firm(ready.server, ready.server.add("Inna", [FAKTURY, KLIENCI]), tmp_path / "other", ready.clock)
    assert other.run("init").status == 0
    theirs = (other.state / f"google-{other.book.id}.json").read_text()
    (firm.state / f"google-{firm.book.id}.json").write_text(theirs)
    fine(firm, undisturbed)


def test_a_copy_under_another_address_is_a_spreadsheet_of_its_own(firm: Firm, undisturbed: Cells) -> None:
    """Nothing that is remembered of the old one is held against the new one."""
    other = firm.copied(firm.folder / "other")
    firm.book = other.book
    firm.book.metadata.clear()
    firm.set_up(firm.book.id)
    fine(firm, undisturbed)


def test_tabs_of_the_teams_own_are_no_trouble_whatever_they_are_called(firm: Firm, undisturbed: Cells) -> None:
    """Chart sheets, hidden tabs, quotation marks, emoji, titles that look like cells and ranges."""
    firm.book.add_tab({"title": "Wykres 1", "sheetType": "OBJECT", "index": 0})
    titles = ("D3", "A1:B2", "Klienci!A1", "U Ani 'starzy' \"x\" 😀", "ukryta")
    for title in titles:
        firm.book.add_tab({"title": title, "hidden": title == "ukryta"}).set(0, 0, "moje")
    (firm.state / f"google-{firm.book.id}.json").unlink()
    assert firm.run("sync").status == 0
    assert {title: rows for title, rows in cells(firm).items() if title not in titles} == undisturbed
    assert [firm.tab(title).cell(0, 0).value for title in titles] == ["moje"] * len(titles)


def test_our_own_tabs_may_be_hidden_and_bear_any_title(ready: Firm, tmp_path: Path) -> None:
    title = "😀 'Nasi' D3!A1"
    book = ready.server.add("Kartoteka", [FAKTURY, Sheet(title, KLIENCI.rows)])
    firm = Firm(ready.server, book, tmp_path, ready.clock, options=f'[workbook.tabs]\nclients="{title}"\n')
    firm.tab(title).properties["hidden"] = True
    assert firm.run("init").status == 0
    fine(firm)
    assert firm.tab(title).cell(1, 7).value == "K-0001"


def test_a_grid_without_a_row_or_column_to_spare_grows(ready: Firm, tmp_path: Path) -> None:
    firm = Firm(ready.server, ready.server.add("Kartoteka", [KLIENCI, FAKTURY]), tmp_path, ready.clock)
    firm.tab("Klienci").resize(3, 7)
    firm.tab("Faktury").resize(3, 8)
    assert firm.run("init").status == 0
    firm.tab("Historia").resize(1, 9)
    fine(firm)
    assert firm.cell("Faktury", "FV/2", "ID") == "F-0002"
    assert firm.tab("Historia").last_row > 5


@pytest.mark.parametrize("rows", [1, 1000])
def test_a_tab_of_headers_alone_is_no_error(rows: int, firm: Firm) -> None:
    firm.tab("Faktury").resize(1, firm.tab("Faktury").column_count)
    firm.tab("Faktury").resize(rows, firm.tab("Faktury").column_count)
    fine(firm)
    assert "2 clients and 0 invoices" in firm.run("sync").out


def test_a_spreadsheet_with_nothing_in_it_gets_its_tabs_from_init(ready: Firm, tmp_path: Path) -> None:
    """An empty tab under one of our titles is filled, an empty one of a single cell too."""
    firm = Firm(ready.server, ready.server.add("Nowy", [Sheet("Faktury", [])]), tmp_path, ready.clock)
    firm.tab("Faktury").resize(1, 1)
    refused(firm.run("sync"), 2, "no tab 'Klienci'", "kartoteka init")
    assert firm.run("init").status == 0
    fine(firm)


def test_a_tab_that_was_missing_is_found_when_it_is_there(firm: Firm, undisturbed: Cells) -> None:
    tab, place = firm.tab("Szablony"), firm.tab("Szablony").index
    firm.delete_tab("Szablony")
    refused(firm.run("sync"), 2, "no tab 'Szablony'", "kartoteka init")
    new = firm.book.add_tab({"title": "Szablony", "index": place})
    new.rows = [list(row) for row in tab.rows]
    fine(firm, undisturbed)


def test_merged_cells_are_problems_of_their_row(firm: Firm) -> None:
    """Of merged cells Google shows the first, the others are blank."""
    firm.tab("Faktury").set(3, 0, "Razem za listopad")
    done = firm.run("check")
    assert done.status == 1
    assert "row 4" in done.out


def test_a_copy_that_took_the_titles_place_is_written_and_the_archive_left_alone(
    firm: Firm, undisturbed: Cells
) -> None:
    """Somebody keeps last year's tab under another title and goes on in a copy of it: ids are learnt anew."""
    old = firm.tab("Klienci")
    copy = firm.book.add_tab({"title": "Klienci (kopia)"})
    copy.resize(old.row_count, old.column_count)
    copy.rows = [list(row) for row in old.rows]
    old.rename("Klienci 2025")
    copy.rename("Klienci")
    archive = cells(firm)["Klienci 2025"]
    fine(firm)
    assert cells(firm)["Klienci 2025"] == archive
    assert {title: rows for title, rows in cells(firm).items() if title != "Klienci 2025"} == undisturbed


def test_titles_that_were_swapped_and_swapped_back_mislead_nobody(firm: Firm, undisturbed: Cells) -> None:
    """A run in between learnt the wrong ids; the next does not write by them."""
    clients, invoices = firm.tab("Klienci"), firm.tab("Faktury")
    for first, second in ((clients, invoices), (invoices, clients)):
        mine, theirs = first.title, second.title
        first.rename("na chwilę")
        second.rename(mine)
        first.rename(theirs)
        if first is clients:
            assert firm.run("sync").status == 2
    fine(firm, undisturbed)
