"""What the fake spreadsheet promises of tabs, rows, columns, protection and looks."""

from typing import Any

import pytest

from tests.fakes.sheet_asking import (
    ME,
    NAMES,
    STAGES,
    append,
    do,
    firm,
    refused,
    replace,
    rows_of,
    text,
    update,
    values,
)
from tests.fakes.spreadsheet import ApiError, Spreadsheet, Tab


@pytest.fixture
def book() -> Spreadsheet:
    return firm()


@pytest.fixture
def clients(book: Spreadsheet) -> Tab:
    return book.tab("Klienci")


class TestTabs:
    def test_a_title_or_id_in_use_is_refused(self, book: Spreadsheet) -> None:
        words = refused(book, {"addSheet": {"properties": {"title": "klienci"}}})
        assert words.endswith('A sheet with the name "klienci" already exists. Please enter another name.')
        refused(book, {"addSheet": {"properties": {"title": "Nowa", "sheetId": 0}}})

    def test_a_new_sheet_tells_its_id_and_grid(self, book: Spreadsheet) -> None:
        wanted = {"title": "Historia", "gridProperties": {"rowCount": 5}}
        reply = do(book, {"addSheet": {"properties": wanted}})["replies"][0]["addSheet"]["properties"]
        assert reply["sheetId"] == book.tab("Historia").sheet_id
        assert (reply["index"], reply["gridProperties"]) == (2, {"rowCount": 5, "columnCount": 26})

    def test_a_duplicate_stands_apart(self, book: Spreadsheet, clients: Tab) -> None:
        """With all that stood there then; what happens to one does not happen to the other."""
        stood = values(book, "Klienci")
        wanted = {"sourceSheetId": 0, "newSheetId": 77, "newSheetName": "Kopia", "insertSheetIndex": 2}
        reply = do(book, {"duplicateSheet": wanted})["replies"][0]["duplicateSheet"]["properties"]
        clients.set(1, 1, "inaczej")
        clients.delete_rows(0)
        assert (reply["sheetId"], reply["title"], reply["index"]) == (77, "Kopia", 2)
        assert values(book, "Kopia") == stood
        assert "already exists" in refused(book, {"duplicateSheet": {"newSheetName": "Kopia"}})

    def test_the_last_sheet_stays(self, book: Spreadsheet) -> None:
        do(book, {"deleteSheet": {"sheetId": 0}})
        assert "can't remove all" in refused(book, {"deleteSheet": {"sheetId": book.tabs[0].sheet_id}})

    def test_properties_change_under_their_mask(self, book: Spreadsheet, clients: Tab) -> None:
        new = {"sheetId": 0, "title": "Kontrahenci", "gridProperties": {"frozenRowCount": 1, "rowCount": 3}}
        mask = "title,gridProperties(frozenRowCount)"
        do(book, {"updateSheetProperties": {"properties": new, "fields": mask}})
        assert (clients.title, clients.frozen_rows, clients.row_count) == ("Kontrahenci", 1, 1000)

    def test_a_smaller_grid_loses_what_lay_beyond(self, book: Spreadsheet, clients: Tab) -> None:
        new = {"sheetId": 0, "gridProperties": {"rowCount": 2, "columnCount": 2}}
        do(book, {"updateSheetProperties": {"properties": new, "fields": "gridProperties"}})
        assert clients.rows == [[clients.cell(0, 0), clients.cell(0, 1)], [clients.cell(1, 0), clients.cell(1, 1)]]
        assert (clients.row_count, clients.column_count) == (2, 2)

    def test_the_locale_changes_what_is_shown_and_typed(self, book: Spreadsheet, clients: Tab) -> None:
        change = {"properties": {"locale": "en_US"}, "fields": "locale"}
        do(book, {"updateSpreadsheetProperties": change})
        clients.set(5, 0, "1,234.5")
        assert values(book, "Klienci!A6") == [[1234.5]]
        assert book.title == "Firma"

    def test_a_sheet_of_one_chart_has_no_cells(self, book: Spreadsheet) -> None:
        book.add_tab({"title": "Wykres", "sheetType": "OBJECT"})
        properties = book.get(include_grid_data=True)["sheets"][2]
        assert "gridProperties" not in properties["properties"]
        assert "data" not in properties
        with pytest.raises(ApiError, match="Unable to parse range"):
            book.values_get("Wykres")

    def test_a_hidden_sheet_reads_like_any_other(self, book: Spreadsheet) -> None:
        sheet_id = book.tab("Notatnik Ani").sheet_id
        do(book, {"updateSheetProperties": {"properties": {"sheetId": sheet_id, "hidden": True}, "fields": "hidden"}})
        assert book.tab("Notatnik Ani").hidden
        assert values(book, "'Notatnik Ani'") == [["nie ruszać", True]]


class TestRowsAndColumns:
    def test_an_inserted_row_takes_over_looks_but_no_values(self, book: Spreadsheet, clients: Tab) -> None:
        do(book, {"insertDimension": {"range": rows_of(0, 2, 3), "inheritFromBefore": True}})
        assert clients.cell(2, 0).value is None
        assert clients.cell(2, 4).number_format == clients.cell(1, 4).number_format
        assert (clients.cell(3, 0).value, clients.row_count) == ("K-0002", 1001)

    def test_deleting_rows_that_are_not_there_is_refused(self, book: Spreadsheet) -> None:
        assert "Cannot delete a row that doesn't exist" in refused(
            book, {"deleteDimension": {"range": rows_of(0, 999, 1001)}}
        )

    def test_a_moved_row_stands_before_the_one_that_was_at_the_destination(self, book: Spreadsheet) -> None:
        do(book, {"moveDimension": {"source": rows_of(0, 1, 2), "destinationIndex": 4}})
        assert values(book, "Klienci!B1:B4") == [["Nazwa"], ["Łąka"], ["Bez numeru"], ["Żuraw"]]

    def test_a_moved_column_takes_its_width_along(self, book: Spreadsheet, clients: Tab) -> None:
        width = {"range": rows_of(0, 1, 2, "COLUMNS"), "properties": {"pixelSize": 250}, "fields": "pixelSize"}
        do(book, {"updateDimensionProperties": width})
        clients.move_column(1, 0)
        assert clients.widths == {0: 250}
        assert values(book, "Klienci!A1:C1") == [["Nazwa", "ID", "Etap"]]

    def test_sorting_puts_numbers_before_texts_and_blanks_last(self, book: Spreadsheet, clients: Tab) -> None:
        clients.set(3, 3, "zero")
        clients.set(4, 1, "Puste saldo")
        spec = {"dimensionIndex": 3, "sortOrder": "DESCENDING"}
        area = {"sheetId": 0, "startRowIndex": 1, "endRowIndex": 5}
        do(book, {"sortRange": {"range": area, "sortSpecs": [spec]}})
        assert [clients.cell(row, 3).value for row in range(1, 5)] == ["zero", 10.5, 3, None]

    def test_protection_validation_and_bands_move_along(self, book: Spreadsheet, clients: Tab) -> None:
        place = {"sheetId": 0, "startRowIndex": 1, "endRowIndex": 3, "startColumnIndex": 2, "endColumnIndex": 3}
        rule = {"condition": {"type": "ONE_OF_LIST", "values": [{"userEnteredValue": "Oferta"}]}, "strict": True}
        do(
            book,
            {"addProtectedRange": {"protectedRange": {"range": place, "warningOnly": True}}},
            {"setDataValidation": {"range": place, "rule": rule}},
            {"addBanding": {"bandedRange": {"range": place, "rowProperties": {"headerColor": {"red": 1}}}}},
        )
        clients.insert_columns(0)
        clients.insert_rows(2)
        moved = {"sheetId": 0, "startRowIndex": 1, "endRowIndex": 4, "startColumnIndex": 3, "endColumnIndex": 4}
        assert clients.protected_ranges[0]["range"] == moved
        assert clients.banded_ranges[0]["range"] == moved
        assert set(clients.validations) == {(1, 3), (2, 3), (3, 3)}

    def test_cut_and_paste_overwrites_and_leaves_blank(self, book: Spreadsheet) -> None:
        source = {"sheetId": 0, "startRowIndex": 1, "endRowIndex": 2}
        goal = {"sheetId": 0, "rowIndex": 2, "columnIndex": 0}
        do(book, {"cutPaste": {"source": source, "destination": goal, "pasteType": "PASTE_NORMAL"}})
        assert values(book, "Klienci!B2:B4") == [[], ["Żuraw"], ["Bez numeru"]]

    def test_values_pasted_alone_bring_no_formula_and_no_looks(self, book: Spreadsheet, clients: Tab) -> None:
        clients.set(1, 3, "=2*4")
        source = {"sheetId": 0, "startRowIndex": 1, "endRowIndex": 2, "startColumnIndex": 3, "endColumnIndex": 5}
        goal = {"sheetId": 0, "startRowIndex": 5, "endRowIndex": 7, "startColumnIndex": 0, "endColumnIndex": 1}
        do(book, {"copyPaste": {"source": source, "destination": goal, "pasteType": "PASTE_VALUES"}})
        assert values(book, "Klienci!A6:B7", render="FORMULA") == [[8, 46347], [8, 46347]]
        assert clients.cell(5, 1).number_format is None


class TestProtection:
    def protect(self, book: Spreadsheet, **how: Any) -> None:
        do(book, {"addProtectedRange": {"protectedRange": {"range": STAGES, **how}}})

    @pytest.mark.parametrize(
        "edit",
        [
            update(1, 2, text("x")),
            replace("Oferta", "x"),
            {"deleteDimension": {"range": rows_of(0, 1, 2)}},
            append(["", "", "x"]),
        ],
    )
    def test_a_protected_cell_refuses_those_who_are_no_editors(self, book: Spreadsheet, edit: dict[str, Any]) -> None:
        self.protect(book, editors={"users": ["szefowa@firma.pl"]})
        assert "You are trying to edit a protected cell or object." in refused(book, edit, account=ME)

    def test_its_editors_and_cells_beside_it_are_free(self, book: Spreadsheet) -> None:
        self.protect(book, editors={"users": [ME]})
        do(book, update(1, 2, text("x")), account=ME)
        do(book, update(1, 1, text("x")), account="inny@firma.pl")

    def test_a_mere_warning_refuses_nobody(self, book: Spreadsheet) -> None:
        self.protect(book, warningOnly=True)
        do(book, update(1, 2, text("x")), account=ME)

    def test_whoever_protects_becomes_an_editor(self, book: Spreadsheet) -> None:
        do(book, {"addProtectedRange": {"protectedRange": {"range": STAGES}}}, account=ME)
        do(book, update(1, 2, text("x")), account=ME)


class TestLooks:
    def test_one_cell_repeated_over_a_range_that_reaches_past_the_grid(self, book: Spreadsheet, clients: Tab) -> None:
        cell = {"userEnteredFormat": {"numberFormat": {"type": "NUMBER", "pattern": "#,##0.00"}}}
        area = {"sheetId": 0, "startRowIndex": 1, "endRowIndex": 4000, "startColumnIndex": 3, "endColumnIndex": 4}
        do(book, {"repeatCell": {"range": area, "cell": cell, "fields": "userEnteredFormat.numberFormat"}})
        assert values(book, "Klienci!D2", render="FORMATTED_VALUE") == [["10,50"]]
        assert len(clients.rows) == clients.row_count == 1000
        assert book.snapshot()[0].rows[-1][1] == "Bez numeru"

    def test_conditional_formats_are_kept_in_order_and_shown(self, book: Spreadsheet) -> None:
        rules = [{"ranges": [NAMES], "booleanRule": {"condition": {"type": kind}}} for kind in ("BLANK", "NOT_BLANK")]
        do(book, *({"addConditionalFormatRule": {"rule": rule, "index": 0}} for rule in rules))
        shown = book.get()["sheets"][0]["conditionalFormats"]
        assert [rule["booleanRule"]["condition"]["type"] for rule in shown] == ["NOT_BLANK", "BLANK"]

    def test_bands_do_not_overlap(self, book: Spreadsheet) -> None:
        band = {"addBanding": {"bandedRange": {"range": NAMES}}}
        do(book, band)
        assert "already has alternating background colors" in refused(book, band)

    def test_a_named_range_can_be_read(self, book: Spreadsheet) -> None:
        do(book, {"addNamedRange": {"namedRange": {"name": "Nazwy", "range": NAMES}}})
        assert book.values_get("Nazwy")["range"] == "Klienci!A2:B4"
        named = book.get()["namedRanges"][0]["namedRangeId"]
        do(book, {"deleteNamedRange": {"namedRangeId": named}})
        assert "namedRanges" not in book.get()

    def test_borders_lie_on_the_edges(self, book: Spreadsheet, clients: Tab) -> None:
        do(book, {"updateBorders": {"range": NAMES, "bottom": {"style": "SOLID"}}})
        assert clients.cell(3, 1).style == {"borders": {"bottom": {"style": "SOLID"}}}
        assert clients.cell(2, 1).style is None

    def test_a_filter_is_kept_and_cleared(self, book: Spreadsheet) -> None:
        do(book, {"setBasicFilter": {"filter": {"range": NAMES}}})
        assert book.get()["sheets"][0]["basicFilter"] == {"range": NAMES}
        do(book, {"clearBasicFilter": {"sheetId": 0}})
        assert "basicFilter" not in book.get()["sheets"][0]
