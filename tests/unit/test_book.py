"""Finding Kartoteka's tabs among a workbook's sheets, and saying what is missing, twice there or misnamed."""

from collections.abc import Mapping
from datetime import date

import pytest

from sync.book import absent_columns, locate, require
from sync.snapshot import Sheet, Snapshot
from tests.workbooks_for_tests import ANNA, invoice, sheet
from validators.errors import WrongUse
from validators.tabs import HISTORY, TABS, Owner

CLIENTS, INVOICES = sheet("clients", [ANNA]), sheet("invoices", [invoice(id="F-0001")])
OTHER = Sheet("Notatnik Ani", [("nie ruszać",)])


def snapshot(*sheets: Sheet) -> Snapshot:
    return Snapshot("1", "w", sheets)


def refusal(*sheets: Sheet, titles: Mapping[str, str] | None = None, need: tuple[str, ...] = ()) -> WrongUse:
    with pytest.raises(WrongUse) as caught:
        require(locate(snapshot(*sheets), titles), snapshot(*sheets), *need)
    return caught.value


def renamed(old: Sheet, title: str) -> Sheet:
    return Sheet(title, old.rows)


@pytest.mark.parametrize("title", ["Klienci", "clients", "KLIENCI ", "klienci:"])
def test_a_tab_is_known_in_both_languages_however_it_is_spelt(title: str) -> None:
    assert set(locate(snapshot(OTHER, renamed(CLIENTS, title)))) == {"clients"}


def test_a_tab_with_a_title_of_the_teams_own_is_mapped_in_the_settings() -> None:
    mine = renamed(CLIENTS, "Kontrahenci 2026")
    assert locate(snapshot(mine, INVOICES), {"clients": "kontrahenci 2026"})["clients"].sheet == mine
    assert "clients" not in locate(snapshot(mine, INVOICES))
    assert "has no such tab" in refusal(INVOICES, titles={"clients": "Kontrahenci"}).what


def test_two_sheets_that_match_one_tab_are_refused_and_both_named() -> None:
    error = refusal(CLIENTS, renamed(CLIENTS, "Clients"))
    assert "'Klienci' and 'Clients'" in error.what
    assert "[workbook.tabs]" in error.advice


def test_a_mapped_title_settles_which_of_two_is_meant() -> None:
    other = renamed(CLIENTS, "Clients")
    assert locate(snapshot(CLIENTS, other), {"clients": "Clients"})["clients"].sheet == other


def test_a_required_header_that_is_missing_is_named_with_the_nearest() -> None:
    error = refusal(Sheet("Faktury", [("Numer", "Kliient", "Kwota brutto")]))
    assert "'Klient' (Client)" in error.what
    assert "Did you mean 'Klient' where 'Kliient' stands?" in error.advice


def test_an_empty_sheet_is_a_tab_that_waits_for_its_headers() -> None:
    place = locate(snapshot(Sheet("Klienci", [(), (None, "")])))["clients"]
    assert (place.header, len(place.table()), absent_columns(place)) == (None, 0, ())


def test_what_a_sync_needs_and_lacks_is_named_with_the_command_that_adds_it() -> None:
    error = refusal(CLIENTS, OTHER, need=("clients", "invoices"))
    assert "no tab 'Faktury' (Invoices)" in error.what
    assert "'Notatnik Ani'" in error.what
    assert "kartoteka init" in error.advice
    assert "nearest is 'Faktórki'" in refusal(renamed(OTHER, "Faktórki"), need=("invoices",)).what


def test_a_tab_without_its_id_column_and_a_history_with_a_gap_are_refused() -> None:
    without = sheet("clients", [ANNA], fields=["name", "email"])
    assert "no column 'ID'" in refusal(without, need=("clients",)).what
    gap = Sheet("Historia", [[f.pl for f in HISTORY.fields if f.name != "details"]])
    assert "no column 'Szczegóły'" in refusal(gap, need=("history",)).what


def test_service_columns_that_have_gone_are_known() -> None:
    place = locate(snapshot(INVOICES))["invoices"]
    expected = [f.name for f in TABS[1].owned(Owner.SERVICE) if f.name != "id"]
    assert list(absent_columns(place)) == expected


def test_rows_know_their_line_in_the_sheet_through_titles_and_blank_rows() -> None:
    rows = [*sheet("clients", [ANNA], title=[("Nasi",), ()]).rows, (), ("", " "), (None, "Druga")]
    table = locate(snapshot(Sheet("Klienci", rows)))["clients"].table()
    assert (table.lines, table.ids()) == ((4, 7), ["K-0001", ""])
    assert [row.cells["name"] for row in table.rows()] == ["Anna Żuraw", "Druga"]


def test_a_row_that_only_kartoteka_wrote_in_is_no_row() -> None:
    """What people wrote has been cleared; the leftover id does not make a client."""
    rows = [*CLIENTS.rows, ("K-0002",)]
    assert locate(snapshot(Sheet("Klienci", rows)))["clients"].table().ids() == ["K-0001"]
    assert date(2026, 10, 12) in locate(snapshot(INVOICES))["invoices"].table().column("due_on")
