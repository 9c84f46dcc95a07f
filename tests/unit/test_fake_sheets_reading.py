"""What the fake spreadsheet promises of reading, of the values calls and of what people type."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from sync.snapshot import Sheet
from tests.fakes.make_schema import document
from tests.fakes.sheet_areas import Area, cells_of
from tests.fakes.sheet_asking import CLIENTS, firm, values
from tests.fakes.sheet_schema import METHODS, SCHEMAS, paths
from tests.fakes.spreadsheet import ApiError, Spreadsheet, Tab


@pytest.fixture
def book() -> Spreadsheet:
    return firm()


@pytest.fixture
def clients(book: Spreadsheet) -> Tab:
    return book.tab("Klienci")


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
        assert values(book, "T", render="FORMULA")[0][:2] == ["=5", '="x"']
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
