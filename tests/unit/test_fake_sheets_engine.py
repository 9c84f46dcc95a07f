"""What the fake spreadsheet promises of batches: as Google's documents and recorded answers say."""

from datetime import date

import pytest

from tests.fakes.sheet_asking import append, do, firm, metadata, refused, replace, rows_of, text, update, values
from tests.fakes.spreadsheet import ApiError, Spreadsheet, Tab


@pytest.fixture
def book() -> Spreadsheet:
    return firm()


@pytest.fixture
def clients(book: Spreadsheet) -> Tab:
    return book.tab("Klienci")


class TestBatches:
    def test_an_unknown_field_is_refused_with_its_path(self, book: Spreadsheet) -> None:
        assert refused(book, {"updateCells": {"x": 1}}) == (
            "Invalid JSON payload received. Unknown name \"x\" at 'requests[0].update_cells': Cannot find field."
        )

    def test_an_unknown_choice_is_refused(self, book: Spreadsheet) -> None:
        words = refused(book, {"appendDimension": {"sheetId": 0, "dimension": "ROW", "length": 1}})
        assert words.startswith("Invalid value at 'requests[0].append_dimension.dimension'")

    def test_a_wrong_type_is_refused(self, book: Spreadsheet) -> None:
        wrong = {"sheetId": "0", "rowIndex": 0, "columnIndex": 0}
        words = refused(book, {"updateCells": {"start": wrong, "rows": [], "fields": "*"}})
        assert words == "Invalid value at 'requests[0].update_cells.start.sheet_id' (TYPE_INT32), \"0\""

    def test_a_request_is_of_exactly_one_kind(self, book: Spreadsheet) -> None:
        assert "No request set" in refused(book, {})
        assert "already set" in refused(book, {**update(0, 0, text("x")), **append(["y"])})

    def test_no_request_at_all_is_refused(self, book: Spreadsheet) -> None:
        assert refused(book) == "Must specify at least one request."

    def test_a_kind_that_the_fake_does_not_do_is_no_success(self, book: Spreadsheet) -> None:
        with pytest.raises(ApiError, match="the fake does not do addChart") as refusal:
            do(book, {"addChart": {}})
        assert refusal.value.code == 501

    def test_a_batch_is_all_or_nothing(self, book: Spreadsheet) -> None:
        words = refused(
            book,
            update(1, 2, text("zmiana")),
            append(["nowy"]),
            metadata(5),
            {"addSheet": {"properties": {"title": "Nowa"}}},
            {"deleteDimension": {"range": rows_of(0, 0, 2)}},
            {"deleteDimension": {"range": rows_of(0, 5000, 5001)}},
        )
        assert words.startswith("Invalid requests[5].deleteDimension: Cannot delete a row that doesn't exist")

    def test_requests_are_carried_out_in_order(self, book: Spreadsheet) -> None:
        do(book, append(["K-0003"]), replace("K-0003", "K-0004"), append(["K-0005"]))
        assert values(book, "Klienci!A5:A6") == [["K-0004"], ["K-0005"]]

    def test_every_request_has_a_reply(self, book: Spreadsheet) -> None:
        answer = do(book, update(1, 0, text("x")), metadata(7), replace("nie ma", "x"))
        assert answer["replies"][0] == {}
        assert answer["replies"][1]["createDeveloperMetadata"]["developerMetadata"]["metadataId"] == 7
        assert answer["replies"][2] == {"findReplace": {}}

    def test_the_version_rises_with_every_batch_and_with_every_edit(self, book: Spreadsheet, clients: Tab) -> None:
        versions = [book.version]
        do(book, metadata(1))
        versions.append(book.version)
        clients.set(9, 9, "x")
        versions.append(book.version)
        do(book, {"deleteSheet": {"sheetId": clients.sheet_id}})
        versions.append(book.version)
        assert versions == sorted(set(versions))

    def test_the_answer_shows_what_stands_after_the_write(self, book: Spreadsheet) -> None:
        answer = do(
            book,
            update(1, 2, text("Klient")),
            metadata(3),
            includeSpreadsheetInResponse=True,
            responseIncludeGridData=True,
            responseRanges=["Klienci!C1:C3", "Klienci!A1:A2"],
        )["updatedSpreadsheet"]
        (sheet,) = answer["sheets"]
        first, second = sheet["data"]
        assert first["rowData"][1]["values"][0]["effectiveValue"] == {"stringValue": "Klient"}
        assert len(second["rowData"]) == 2
        assert answer["developerMetadata"][0]["metadataId"] == 3


class TestUpdateCells:
    @pytest.mark.parametrize("tricky", ["=1+1", "+48 600", "0042", "1e5", "2026-11-21", "TRUE", "#REF!", "'x", " x\n"])
    def test_a_text_is_never_parsed(self, book: Spreadsheet, tricky: str) -> None:
        do(book, update(1, 1, text(tricky)))
        assert values(book, "Klienci!B2") == [[tricky]]

    def test_numbers_truths_and_formulas_keep_their_kind(self, book: Spreadsheet) -> None:
        kinds = [{"numberValue": 5.0}, {"boolValue": False}, {"formulaValue": "=2*3"}]
        do(book, update(1, 0, *({"userEnteredValue": value} for value in kinds)))
        assert values(book, "Klienci!A2:C2") == [[5, False, 6]]
        assert book.snapshot()[0].formulas == {(1, 2)}

    def test_a_value_left_out_clears_the_cell_and_keeps_its_looks(self, book: Spreadsheet, clients: Tab) -> None:
        do(book, update(1, 4, {}))
        assert clients.cell(1, 4).value is None
        assert clients.cell(1, 4).number_format

    def test_under_start_only_the_given_cells_change(self, book: Spreadsheet) -> None:
        do(book, update(1, 1, text("Żuraw 2")))
        assert values(book, "Klienci!A2:C2") == [["K-0001", "Żuraw 2", "Oferta"]]

    def test_under_range_all_other_cells_of_it_are_cleared(self, book: Spreadsheet) -> None:
        whole = {"sheetId": 0, "startRowIndex": 1, "endRowIndex": 4, "startColumnIndex": 0, "endColumnIndex": 3}
        rows = [{"values": [text("x")]}]
        do(book, {"updateCells": {"range": whole, "rows": rows, "fields": "userEnteredValue"}})
        assert values(book, "Klienci!A2:D4") == [["x", "", "", 10.5], ["", "", "", 3]]

    def test_a_mask_names_what_changes(self, book: Spreadsheet, clients: Tab) -> None:
        look = {"userEnteredFormat": {"textFormat": {"bold": True}, "numberFormat": {"type": "TEXT"}}}
        do(book, update(1, 4, look, fields="userEnteredFormat.textFormat.bold"))
        assert clients.cell(1, 4).value == 46347
        assert clients.cell(1, 4).style == {
            "numberFormat": {"type": "DATE", "pattern": "dd.mm.yyyy"},
            "textFormat": {"bold": True},
        }

    def test_a_mask_is_obligatory_and_must_name_real_fields(self, book: Spreadsheet) -> None:
        assert "At least one field must be listed in 'fields'" in refused(book, update(1, 1, text("x"), fields=""))
        words = refused(book, update(1, 1, text("x"), fields="enteredValue"))
        assert words == "Invalid requests[0].updateCells: Invalid field: entered_value"

    def test_outside_the_grid_nothing_is_written(self, book: Spreadsheet) -> None:
        words = refused(book, update(1000, 0, text("x")))
        assert words == "Invalid requests[0].updateCells: GridCoordinate.rowIndex[1000] is after last row in grid[999]"
        words = refused(book, update(0, 25, text("x"), text("y")))
        assert words.endswith("Attempting to write column: 26, beyond the last requested column of: 25")

    def test_a_sheet_that_is_not_there_is_named(self, book: Spreadsheet) -> None:
        wrong = update(0, 0, text("x"))
        wrong["updateCells"]["start"]["sheetId"] = 7
        assert refused(book, wrong) == "Invalid requests[0].updateCells: No grid with id: 7"

    def test_a_cell_holds_50_000_characters_and_no_more(self, book: Spreadsheet) -> None:
        do(book, update(0, 0, text("x" * 50_000)))
        assert "maximum of 50000 characters" in refused(book, update(0, 0, text("x" * 50_001)))


class TestAppendCells:
    def test_rows_go_after_the_last_row_with_data_in_any_column(self, book: Spreadsheet, clients: Tab) -> None:
        clients.set(9, 20, "daleko")
        do(book, append(["K-0003", "Nowy"], ["K-0004"]))
        assert values(book, "Klienci!A11:B12") == [["K-0003", "Nowy"], ["K-0004"]]

    def test_a_formatted_but_empty_row_is_no_data(self, book: Spreadsheet, clients: Tab) -> None:
        clients.set(4, 4, date(2026, 1, 1))
        clients.set(4, 4, None)
        do(book, append(["K-0003"]))
        assert values(book, "Klienci!A5") == [["K-0003"]]

    def test_the_grid_grows(self, book: Spreadsheet, clients: Tab) -> None:
        clients.set(999, 0, "ostatni")
        do(book, append(["za nim"]))
        assert clients.row_count == 1001
        assert values(book, "Klienci!A1001") == [["za nim"]]

    def test_ten_million_cells_are_the_limit(self, book: Spreadsheet, clients: Tab) -> None:
        clients.resize((10_000_000 - 26_000) // 26, 26)
        clients.set(clients.row_count - 1, 0, "ostatni")
        words = refused(book, append(["za nim"]))
        assert words.endswith("above the limit of 10000000 cells.")


class TestFindReplace:
    def test_only_whole_cells_in_the_same_case(self, book: Spreadsheet) -> None:
        answer = do(book, replace("oferta", "Propozycja", matchEntireCell=True, matchCase=True))
        assert values(book, "Klienci!C2:C4") == [["Oferta"], ["Klient"], ["Propozycja"]]
        counts = {"valuesChanged": 1, "rowsChanged": 1, "sheetsChanged": 1, "occurrencesChanged": 1}
        assert answer["replies"] == [{"findReplace": counts}]

    def test_case_is_ignored_unless_asked_for(self, book: Spreadsheet) -> None:
        answer = do(book, replace("OFERTA", "Propozycja", matchEntireCell=True))
        assert answer["replies"][0]["findReplace"]["valuesChanged"] == 2

    def test_a_range_bounds_it(self, book: Spreadsheet) -> None:
        place = {"sheetId": 0, "startRowIndex": 1, "startColumnIndex": 2, "endColumnIndex": 3}
        request = replace("K", "X", range=place)
        del request["findReplace"]["allSheets"]
        do(book, request)
        assert values(book, "Klienci!A3:C3") == [["K-0002", "Łąka", "Xlient"]]

    def test_exactly_one_scope(self, book: Spreadsheet) -> None:
        assert "exactly one" in refused(book, replace("K", "X", sheetId=0))

    def test_formulas_are_left_alone_unless_included(self, book: Spreadsheet, clients: Tab) -> None:
        clients.set(5, 0, '=HYPERLINK("http://a.pl";"oferta")')
        do(book, replace("oferta", "x"))
        assert values(book, "Klienci!A6", render="FORMULA") == [['=HYPERLINK("http://a.pl";"oferta")']]
        answer = do(book, replace("oferta", "x", includeFormulas=True))
        assert answer["replies"][0]["findReplace"]["formulasChanged"] == 1
        assert values(book, "Klienci!A6") == [["x"]]

    def test_numbers_are_found_by_what_is_displayed_and_replaced_as_if_typed(self, book: Spreadsheet) -> None:
        do(book, replace("10,5", "11,5", matchEntireCell=True))
        assert values(book, "Klienci!D2") == [[11.5]]

    def test_patterns_and_their_groups(self, book: Spreadsheet) -> None:
        do(book, replace(r"K-0+(\d)", "KL/$1", searchByRegex=True))
        assert values(book, "Klienci!A2:A3") == [["KL/1"], ["KL/2"]]

    def test_a_pattern_that_is_none_is_refused(self, book: Spreadsheet) -> None:
        assert "Invalid regular expression" in refused(book, replace("K-(", "x", searchByRegex=True))
        assert "Invalid regular expression" in refused(book, replace("K-", "$1", searchByRegex=True))

    def test_without_a_pattern_every_character_stands_for_itself(self, book: Spreadsheet) -> None:
        assert do(book, replace("K.*", r"\1$1"))["replies"] == [{"findReplace": {}}]


class TestMetadata:
    def test_an_id_in_use_refuses_the_whole_batch(self, book: Spreadsheet) -> None:
        do(book, metadata(41))
        refused(book, update(1, 1, text("x")), metadata(41))
        do(book, metadata(42))
        assert [item["metadataId"] for item in book.metadata] == [41, 42]

    def test_an_id_is_in_use_wherever_it_is(self, book: Spreadsheet) -> None:
        do(book, metadata(41, {"sheetId": 0}))
        refused(book, metadata(41))

    def test_an_id_is_chosen_when_none_is_given(self, book: Spreadsheet) -> None:
        item = do(book, metadata(None))["replies"][0]["createDeveloperMetadata"]["developerMetadata"]
        assert item["metadataId"] > 0
        assert item["location"] == {"locationType": "SPREADSHEET", "spreadsheet": True}

    @pytest.mark.parametrize("missing", ["metadataKey", "visibility", "location"])
    def test_key_visibility_and_location_are_required(self, book: Spreadsheet, missing: str) -> None:
        request = metadata(1)
        del request["createDeveloperMetadata"]["developerMetadata"][missing]
        refused(book, request)

    def test_30_000_characters_for_the_spreadsheet_and_for_each_sheet(self, book: Spreadsheet) -> None:
        room = 30_000 - len("kartoteka")
        do(book, metadata(1, value="x" * room), metadata(2, {"sheetId": 0}, value="x" * room))
        assert "30000 characters" in refused(book, metadata(3, value=""))

    def test_a_deleted_id_may_be_used_again(self, book: Spreadsheet) -> None:
        delete = {"deleteDeveloperMetadata": {"dataFilter": {"developerMetadataLookup": {"metadataId": 1}}}}
        assert do(book, delete)["replies"] == [{"deleteDeveloperMetadata": {}}]
        do(book, metadata(1))
        assert len(do(book, delete)["replies"][0]["deleteDeveloperMetadata"]["deletedDeveloperMetadata"]) == 1
        do(book, metadata(1))

    def test_a_value_can_be_changed_in_place(self, book: Spreadsheet) -> None:
        do(book, metadata(1), metadata(2))
        change = {
            "dataFilters": [{"developerMetadataLookup": {"metadataId": 1}}],
            "developerMetadata": {"metadataValue": "y"},
            "fields": "metadataValue",
        }
        do(book, {"updateDeveloperMetadata": change})
        assert {i["metadataId"]: i["metadataValue"] for i in book.metadata} == {1: "y", 2: "x"}

    def test_it_is_found_by_key_and_by_id(self, book: Spreadsheet) -> None:
        do(book, metadata(1), metadata(2, {"sheetId": 0}))
        lookup = {"dataFilters": [{"developerMetadataLookup": {"metadataKey": "kartoteka"}}]}
        assert len(book.metadata_search(lookup)["matchedDeveloperMetadata"]) == 2
        assert book.metadata_get(2)["location"] == {"locationType": "SHEET", "sheetId": 0}
        with pytest.raises(ApiError, match="not found"):
            book.metadata_get(3)

    def test_of_a_row_it_moves_with_the_row_and_dies_with_it(self, book: Spreadsheet, clients: Tab) -> None:
        do(book, metadata(1, {"dimensionRange": rows_of(0, 2, 3)}))
        clients.insert_rows(0, 2)
        clients.move_rows(4, 1, 1)
        (item,) = clients.metadata
        assert item["location"]["dimensionRange"]["startIndex"] == 1
        assert clients.cell(1, 0).value == "K-0002"
        clients.delete_rows(1)
        assert clients.metadata == []

    def test_of_a_row_it_stays_when_values_are_sorted(self, book: Spreadsheet, clients: Tab) -> None:
        do(book, metadata(1, {"dimensionRange": rows_of(0, 1, 2)}))
        clients.sort(0, 1, descending=True)
        assert clients.cell(1, 0).value == "K-0002"
        assert clients.metadata[0]["location"]["dimensionRange"]["startIndex"] == 1
