"""What the fake spreadsheet promises: that it answers and refuses as Google's documents and recorded answers say."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from sync.snapshot import Sheet
from tests.fakes.make_schema import document
from tests.fakes.sheet_areas import Area, cells_of
from tests.fakes.sheet_schema import METHODS, SCHEMAS, paths
from tests.fakes.spreadsheet import ApiError, Spreadsheet, Tab

CLIENTS = Sheet(
    "Klienci",
    [
        ("ID", "Nazwa", "Etap", "Saldo", "Dodano"),
        ("K-0001", "Żuraw", "Oferta", 10.5, date(2026, 11, 21)),
        ("K-0002", "Łąka", "Klient", 3, None),
        (None, "Bez numeru", "oferta"),
    ],
)
NOTES = Sheet("Notatnik Ani", [("nie ruszać", True)])
STAGES = {"sheetId": 0, "startColumnIndex": 2, "endColumnIndex": 3}
NAMES = {"sheetId": 0, "startRowIndex": 1, "endRowIndex": 4, "startColumnIndex": 0, "endColumnIndex": 2}
ME = "robot@firma.iam.gserviceaccount.com"


@pytest.fixture
def book() -> Spreadsheet:
    return Spreadsheet("abc", "Firma", [CLIENTS, NOTES])


@pytest.fixture
def clients(book: Spreadsheet) -> Tab:
    return book.tab("Klienci")


def do(book: Spreadsheet, *requests: dict[str, Any], account: str = "", **rest: Any) -> dict[str, Any]:
    return book.batch_update({"requests": list(requests), **rest}, account=account)


def refused(book: Spreadsheet, *requests: dict[str, Any], account: str = "") -> str:
    """The words of the refusal; nothing was changed by it."""
    before = book.snapshot(), book.version, book.get()
    with pytest.raises(ApiError) as refusal:
        do(book, *requests, account=account)
    assert (refusal.value.code, refusal.value.status) == (400, "INVALID_ARGUMENT")
    assert (book.snapshot(), book.version, book.get()) == before
    return refusal.value.message


def text(value: str) -> dict[str, Any]:
    return {"userEnteredValue": {"stringValue": value}}


def update(row: int, column: int, *cells: dict[str, Any], fields: str = "userEnteredValue") -> dict[str, Any]:
    start = {"sheetId": 0, "rowIndex": row, "columnIndex": column}
    return {"updateCells": {"start": start, "rows": [{"values": list(cells)}], "fields": fields}}


def append(*rows: Sequence[str]) -> dict[str, Any]:
    lines = [{"values": [text(value) for value in row]} for row in rows]
    return {"appendCells": {"sheetId": 0, "rows": lines, "fields": "userEnteredValue"}}


def replace(find: str, replacement: str, **options: Any) -> dict[str, Any]:
    return {"findReplace": {"find": find, "replacement": replacement, "allSheets": True, **options}}


def metadata(id_: int | None, location: dict[str, Any] | None = None, value: str = "x") -> dict[str, Any]:
    item: dict[str, Any] = {"metadataKey": "kartoteka", "metadataValue": value, "visibility": "DOCUMENT"}
    item |= {"location": location or {"spreadsheet": True}} | ({} if id_ is None else {"metadataId": id_})
    return {"createDeveloperMetadata": {"developerMetadata": item}}


def rows_of(sheet: int, start: int, end: int, dimension: str = "ROWS") -> dict[str, Any]:
    return {"sheetId": sheet, "dimension": dimension, "startIndex": start, "endIndex": end}


def values(book: Spreadsheet, range_: str, **options: str) -> object:
    return book.values_get(range_, **{"render": "UNFORMATTED_VALUE", **options}).get("values")


class TestReading:
    def test_rows_are_ragged_and_dates_serial_numbers(self, book: Spreadsheet) -> None:
        assert values(book, "Klienci") == [
            ["ID", "Nazwa", "Etap", "Saldo", "Dodano"],
            ["K-0001", "Żuraw", "Oferta", 10.5, 46347],
            ["K-0002", "Łąka", "Klient", 3],
            ["", "Bez numeru", "oferta"],
        ]

    def test_an_empty_range_has_no_values(self, book: Spreadsheet) -> None:
        assert book.values_get("Klienci!F1:G9") == {"range": "Klienci!F1:G9", "majorDimension": "ROWS"}

    @pytest.mark.parametrize(
        ("asked", "answered"),
        [
            ("Klienci", "Klienci!A1:Z1000"),
            ("'Klienci'!A1:B2", "Klienci!A1:B2"),
            ("Klienci!B2:A1", "Klienci!A1:B2"),
            ("Klienci!A:C", "Klienci!A1:C1000"),
            ("Klienci!1:60", "Klienci!A1:Z60"),
            ("Klienci!A5:Z", "Klienci!A5:Z1000"),
            ("Klienci!A5:B2000", "Klienci!A5:B1000"),
            ("'Notatnik Ani'", "'Notatnik Ani'!A1:Z1000"),
            ("D3", "Klienci!D3"),
        ],
    )
    def test_the_range_comes_back_with_the_bounds_of_the_grid(
        self, book: Spreadsheet, asked: str, answered: str
    ) -> None:
        assert book.values_get(asked)["range"] == answered

    @pytest.mark.parametrize("asked", ["Nie ma", "'Nie ma'!A1", "Klienci!A0", "Klienci!", "'Klienci", "'Klienci'x"])
    def test_what_names_nothing_is_refused(self, book: Spreadsheet, asked: str) -> None:
        with pytest.raises(ApiError, match="Unable to parse range"):
            book.values_get(asked)

    def test_a_range_that_starts_outside_the_grid_is_refused_in_googles_words(self, book: Spreadsheet) -> None:
        with pytest.raises(ApiError) as refusal:
            book.values_batch_get(["Klienci!A2001:B2002"])
        words = "Range (Klienci!A2001:B2002) exceeds grid limits. Max rows: 1000, max columns: 26"
        assert refusal.value.message == words

    def test_a_title_that_looks_like_a_cell_needs_quotes(self) -> None:
        book = Spreadsheet("abc", "Firma", [CLIENTS, Sheet("D3", [("tu",)]), Sheet("O'Hara", [("tam",)])])
        assert values(book, "D3") == [[10.5]] or values(book, "D3") == [[3]]
        assert values(book, "'D3'") == [["tu"]]
        assert book.values_get("'D3'")["range"] == "'D3'!A1:Z1000"
        assert values(book, "'O''Hara'!A1") == [["tam"]]

    def test_the_three_renderings_of_a_value(self, book: Spreadsheet, clients: Tab) -> None:
        clients.set(5, 0, "=1+1")
        assert values(book, "Klienci!A6", render="FORMULA") == [["=1+1"]]
        assert values(book, "Klienci!A6") == [[2]]
        assert values(book, "Klienci!D2:E2", render="FORMATTED_VALUE") == [["10,5", "21.11.2026"]]
        assert values(book, "Klienci!D2:E2", date_render="FORMATTED_STRING") == [[10.5, "21.11.2026"]]

    def test_an_error_cell_reads_with_its_message(self, book: Spreadsheet, clients: Tab) -> None:
        clients.set(5, 0, "=1/0")
        assert values(book, "Klienci!A6") == [["#DIV/0! (Function DIVIDE parameter 2 cannot be zero.)"]]
        assert values(book, "Klienci!A6", render="FORMATTED_VALUE") == [["#DIV/0!"]]
        assert book.snapshot()[0].rows[5] == ["#DIV/0!"]

    def test_columns_can_be_asked_for(self, book: Spreadsheet) -> None:
        assert values(book, "Klienci!A1:B4", major="COLUMNS") == [
            ["ID", "K-0001", "K-0002"],
            ["Nazwa", "Żuraw", "Łąka", "Bez numeru"],
        ]

    def test_python_values_become_what_sheets_keeps(self) -> None:
        given = (
            Decimal("1.50"),
            datetime.fromisoformat("1850-01-01T12:00"),
            date(1900, 1, 1),
            True,
            None,
            "0042",
            12345678901234567890,
        )
        book = Spreadsheet("abc", "Firma", [Sheet("T", [given])])
        assert list(book.snapshot()[0].rows[0]) == [1.5, -18259.5, 2, True, None, "0042", 1.2345678901234567e19]

    def test_grid_data_starts_where_asked_and_leaves_empty_ends_out(self, book: Spreadsheet) -> None:
        (sheet,) = book.get(include_grid_data=True, ranges=["Klienci!D2:H9"])["sheets"]
        (data,) = sheet["data"]
        assert (data["startRow"], data["startColumn"], len(data["rowData"])) == (1, 3, 2)
        amount, added = data["rowData"][0]["values"]
        assert amount == {
            "userEnteredValue": {"numberValue": 10.5},
            "effectiveValue": {"numberValue": 10.5},
            "formattedValue": "10,5",
        }
        assert added["userEnteredFormat"]["numberFormat"] == {"type": "DATE", "pattern": "dd.mm.yyyy"}

    def test_a_first_cell_of_the_grid_has_no_start(self, book: Spreadsheet) -> None:
        (data,) = book.get(include_grid_data=True, ranges=["Klienci!A1"])["sheets"][0]["data"]
        assert "startRow" not in data
        assert "startColumn" not in data

    def test_the_resource_names_every_sheet_by_id_title_and_place(self, book: Spreadsheet) -> None:
        found = [sheet["properties"] for sheet in book.get()["sheets"]]
        assert [(p["title"], p["index"]) for p in found] == [("Klienci", 0), ("Notatnik Ani", 1)]
        assert found[0]["sheetId"] == 0
        assert found[0]["gridProperties"] == {"rowCount": 1000, "columnCount": 26}


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


class TestValuesCalls:
    def test_none_skips_and_an_empty_text_clears(self, book: Spreadsheet) -> None:
        answer = book.values_update("Klienci!A2:C2", [[None, "", "x"]], "RAW")
        assert values(book, "Klienci!A2:C2") == [["K-0001", "", "x"]]
        assert answer == {
            "spreadsheetId": "abc",
            "updatedRange": "Klienci!A2:C2",
            "updatedRows": 1,
            "updatedColumns": 3,
            "updatedCells": 2,
        }

    def test_the_grid_grows_when_the_range_starts_inside_it(self, book: Spreadsheet, clients: Tab) -> None:
        book.values_update("Klienci!A1000", [["a"], ["b"]], "RAW")
        assert clients.row_count == 1001
        with pytest.raises(ApiError, match="exceeds grid limits"):
            book.values_update("Klienci!A1003", [["a"]], "RAW")

    def test_more_values_than_the_range_holds_are_refused(self, book: Spreadsheet) -> None:
        with pytest.raises(ApiError, match=r"within range \[Klienci!A1:B2\], but tried writing to row \[3\]"):
            book.values_update("Klienci!A1:B2", [["a"], ["b"], ["c"]], "RAW")
        with pytest.raises(ApiError, match=r"but tried writing to column \[C\]"):
            book.values_update("Klienci!A1:B2", [["a", "b", "c"]], "RAW")

    def test_append_goes_below_the_table(self, book: Spreadsheet) -> None:
        answer = book.values_append("Klienci!A1:C3", [["K-0009", 5]], "RAW", "INSERT_ROWS")
        assert answer["tableRange"] == "Klienci!A1:C3"
        assert answer["updates"]["updatedRange"] == "Klienci!A4:B4"
        assert values(book, "Klienci!B4:B5") == [[5], ["Bez numeru"]]

    def test_append_below_a_gap_shifts_the_columns(self, book: Spreadsheet) -> None:
        """Seen of Google: the last row has no id, so the table seems to begin at the second column."""
        book.values_append("Klienci", [["K-0009"]], "RAW")
        assert values(book, "Klienci!A5:B5") == [["", "K-0009"]]

    def test_a_batch_of_ranges_is_all_or_nothing(self, book: Spreadsheet) -> None:
        data = [{"range": "Klienci!A2", "values": [["x"]]}, {"range": "Nie ma!A1", "values": [["y"]]}]
        with pytest.raises(ApiError):
            book.values_batch_update({"valueInputOption": "RAW", "data": data})
        assert values(book, "Klienci!A2") == [["K-0001"]]
        answer = book.values_batch_update({"valueInputOption": "RAW", "data": data[:1]})
        assert (answer["totalUpdatedCells"], answer["totalUpdatedSheets"]) == (1, 1)

    def test_clearing_takes_values_and_leaves_looks(self, book: Spreadsheet, clients: Tab) -> None:
        assert book.values_clear("Klienci!E:E")["clearedRange"] == "Klienci!E1:E1000"
        assert clients.cell(1, 4).value is None
        assert clients.cell(1, 4).number_format


class TestTyping:
    @pytest.mark.parametrize(
        ("locale", "typed", "kept"),
        [
            ("pl_PL", "1 234,56", 1234.56),
            ("pl_PL", "1.234,56", "1.234,56"),
            ("pl_PL", "21.11.2026", 46347),
            ("pl_PL", "2026-11-21 12:00", 46347.5),
            ("pl_PL", "31.02.2026", "31.02.2026"),
            ("pl_PL", "prawda", True),
            ("pl_PL", "50%", 0.5),
            ("de_DE", "1.234,56", 1234.56),
            ("de_DE", "21.11.2026", 46347),
            ("en_US", "1,234.56", 1234.56),
            ("en_US", "11/21/2026", 46347),
            ("en_US", "21.11.2026", "21.11.2026"),
            ("pl_PL", "0042", 42),
            ("pl_PL", "'0042", "0042"),
            ("pl_PL", "1e5", 100000),
            ("pl_PL", "+48 600", "#ERROR!"),
            ("pl_PL", "wpis-000123", "wpis-000123"),
        ],
    )
    def test_typed_text_is_taken_for_what_it_looks_like_in_the_locale(
        self, locale: str, typed: str, kept: object
    ) -> None:
        book = Spreadsheet("abc", "Firma", [Sheet("T", ())], locale=locale)
        book.values_update("T!A1", [[typed]], "USER_ENTERED")
        assert list(book.snapshot()[0].rows[0]) == [kept]

    def test_raw_text_stays(self, book: Spreadsheet) -> None:
        book.values_update("Klienci!A1:B1", [["0042", "=1+1"]], "RAW")
        assert values(book, "Klienci!A1:B1") == [["0042", "=1+1"]]

    def test_a_formula_shows_what_the_test_says(self, book: Spreadsheet, clients: Tab) -> None:
        clients.set(5, 0, "=SUM(D2:D3)", shows=13.5)
        assert values(book, "Klienci!A6") == [[13.5]]

    def test_computed_cells_of_a_sheet_are_formulas_that_show_their_result(self) -> None:
        sheet = Sheet("T", [(5, "x", "#REF!", "#REF!")], frozenset({(0, 0), (0, 1), (0, 2)}))
        book = Spreadsheet("abc", "Firma", [sheet])
        assert book.snapshot() == (Sheet("T", [[5, "x", "#REF!", "#REF!"]], sheet.formulas),)
        assert values(book, "T", render="FORMULA")[0][:2] == ["=5", '="x"']  # type: ignore[index]
        assert str(values(book, "T!C1:D1")).count("(") == 1


class TestNotation:
    def test_masks_expand_brackets(self) -> None:
        assert paths("a.b,c(d,e/f),g(h(i))") == [("a", "b"), ("c", "d"), ("c", "e", "f"), ("g", "h", "i")]
        with pytest.raises(ApiError):
            paths("a(b")

    @pytest.mark.parametrize("notation", ["A1", "A1:B2", "AA10:AB", "C3:D4"])
    def test_cells_are_read_and_written_alike(self, notation: str) -> None:
        area = cells_of(notation)
        assert area is not None
        assert area.a1() == notation

    @pytest.mark.parametrize("notation", ["A", "5", "", "A1:", "klienci", "A1:B2:C3", "A-1"])
    def test_other_texts_are_no_cells(self, notation: str) -> None:
        assert cells_of(notation) is None

    def test_open_ends_stay_open(self) -> None:
        assert cells_of("A5:Z") == Area(4, None, 0, 26)
        assert cells_of("1:60") == Area(0, 60, 0, None)

    def test_the_schema_has_every_kind_of_request_and_every_method(self) -> None:
        assert {"updateCells", "findReplace", "createDeveloperMetadata"} <= set(SCHEMAS["Request"])
        assert METHODS["spreadsheets.batchUpdate"]["request"] == "BatchUpdateSpreadsheetRequest"
        assert METHODS["spreadsheets.values.batchGet"]["query"]["ranges"] == ["string"]

    def test_the_schema_is_made_from_the_discovery_document(self) -> None:
        kinds = {"a": {"$ref": "B"}, "b": {"type": "array", "items": {"type": "integer", "format": "int32"}}}
        made = document({"schemas": {"A": {"properties": kinds}}, "parameters": {}, "resources": {}})
        assert made["schemas"] == {"A": {"a": "B", "b": ["int32"]}}
