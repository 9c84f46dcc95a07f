"""The look of what is added to a Google spreadsheet: said in valid requests, and never about what the team made."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from config.labels import status_label
from config.settings import Settings
from sync.placing import Placing, place
from sync.plan import AddColumn, Plan
from sync.setup import setup
from sync.snapshot import Sheet, Snapshot
from sync.storage.google_look import look, number_format
from sync.storage.look import STATUS_COLOURS
from sync.storage.memory import MemoryWorkbook
from tests.fakes.spreadsheet import Spreadsheet
from tests.making import HISTORIA, KLIENCI, SHEETS
from validators.status import Status
from validators.tabs import CLIENTS, HISTORY, INVOICES, REMINDERS, TABS, Kind, Owner

KINDS = {"stage": (1, 9), "owner": (9, 12), "source": (12, 12)}
Request = dict[str, Any]


def added(*sheets: Sheet, language: str = "pl") -> tuple[Placing, Plan]:
    """What `init` adds to a spreadsheet of these sheets."""
    snapshot = Snapshot("1", "w", sheets)
    plan = setup(snapshot, Settings.model_validate({"workbook": {"language": language}}), "run-1")
    return place(snapshot, plan), plan


def ids(placing: Placing) -> dict[str, int]:
    return {layout.sheet: 100 + i for i, layout in enumerate(placing.layouts.values())}


def requests(placing: Placing, plan: Plan, rows: int = 1000) -> list[Request]:
    return look(placing, ids(placing), plan, KINDS, plan.language, dict.fromkeys(ids(placing), rows))


def of(kind: str, asked: list[Request]) -> list[Request]:
    return [request[kind] for request in asked if kind in request]


def protected(asked: list[Request], sheet: int) -> list[Request]:
    """The protections of a sheet; none of any sheet stops anybody."""
    protections = [request["protectedRange"] for request in of("addProtectedRange", asked)]
    assert all(protection["warningOnly"] for protection in protections)
    return [protection for protection in protections if protection["range"]["sheetId"] == sheet]


def ranges(value: Any) -> Iterator[Mapping[str, int]]:
    """Every range of cells, rows or columns that requests speak of."""
    if isinstance(value, dict):
        if "sheetId" in value and "title" not in value:
            yield value
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            yield from ranges(part)


def column(asked: list[Request], placing: Placing, tab: str, field: str, kind: str, *, below: bool = True) -> Request:
    """The one request of `kind` about the column of `field`; `below` or about its header."""
    layout = placing.layouts[tab]
    cells = {"sheetId": ids(placing)[layout.sheet], "startColumnIndex": layout.columns[field]}
    (found,) = (
        request
        for request in of(kind, asked)
        if request["range"].items() >= cells.items()
        and (request["range"].get("startRowIndex") == layout.header + below)
    )
    return found


def test_what_is_complete_gets_no_look() -> None:
    """Setting up twice changes nothing the second time."""
    snapshot = Snapshot("1", "w", ())
    plan = setup(snapshot, Settings(), "run-1")
    book = MemoryWorkbook(())
    book.apply(plan, book.read())
    assert requests(*added(*book.read().sheets)) == []


def test_sheets_are_added_before_anything_else_and_as_wide_as_their_tab() -> None:
    placing, plan = added()
    asked = requests(placing, plan, rows=77)
    assert [list(request) for request in asked[: len(TABS)]] == [["addSheet"]] * len(TABS)
    assert [a["properties"]["title"] for a in of("addSheet", asked)] == list(placing.new_sheets)
    grids = [a["properties"]["gridProperties"] for a in of("addSheet", asked)]
    assert grids == [{"rowCount": 77, "columnCount": len(tab.fields)} for tab in TABS]


def test_only_new_columns_of_a_sheet_that_stands_are_spoken_of() -> None:
    """Not its other cells, not its colour, not what is frozen, not its notes above the header."""
    placing, plan = added(*SHEETS)
    asked = requests(placing, plan)
    sheets = {ids(placing)[layout.sheet]: layout for layout in placing.layouts.values() if not layout.new}
    for cells in ranges(asked):
        if cells["sheetId"] in sheets:
            layout = sheets[cells["sheetId"]]
            mine = {layout.columns[field] for field in layout.added}
            assert cells.get("startColumnIndex", cells.get("startIndex")) in mine
            assert cells.get("endColumnIndex", cells.get("endIndex", 0)) - 1 in mine
            assert cells.get("dimension", "COLUMNS") == "COLUMNS"
            assert cells.get("startRowIndex", layout.header) >= layout.header
    assert not sheets.keys() & {u["properties"]["sheetId"] for u in of("updateSheetProperties", asked)}


def test_a_sheet_that_stood_there_empty_is_dressed_but_not_added() -> None:
    placing, plan = added(Sheet("Klienci", []))
    asked = requests(placing, plan)
    assert "Klienci" not in [a["properties"]["title"] for a in of("addSheet", asked)]
    frozen = {u["properties"]["sheetId"]: u["properties"]["gridProperties"] for u in of("updateSheetProperties", asked)}
    assert frozen[ids(placing)["Klienci"]] == {"frozenRowCount": 1, "frozenColumnCount": 2}


def test_a_column_without_a_row_below_its_header_is_asked_for_none() -> None:
    """Ranges outside the grid are refused, and so is freezing every row of a sheet."""
    asked = requests(*added(Sheet("Klienci", [])), rows=1)
    assert all(cells.get("startRowIndex", 0) == 0 for cells in ranges(asked))
    assert {u["properties"]["gridProperties"]["frozenRowCount"] for u in of("updateSheetProperties", asked)} == {0}
    assert len(of("updateDimensionProperties", asked)) == sum(len(tab.fields) + 1 for tab in TABS)


@pytest.mark.parametrize(
    ("tab", "field", "wanted"),
    [
        (CLIENTS, "id", {"type": "TEXT", "pattern": "@"}),
        (CLIENTS, "phone", {"type": "TEXT", "pattern": "@"}),
        (CLIENTS, "tax_id", {"type": "TEXT", "pattern": "@"}),
        (INVOICES, "number", {"type": "TEXT", "pattern": "@"}),
        (REMINDERS, "step", {"type": "TEXT", "pattern": "@"}),
        (INVOICES, "amount", {"type": "NUMBER", "pattern": "#,##0.00"}),
        (INVOICES, "paid", {"type": "NUMBER", "pattern": "#,##0.00"}),
        (INVOICES, "days_overdue", {"type": "NUMBER", "pattern": "0"}),
        (CLIENTS, "name", None),
    ],
)
def test_what_is_typed_stays_what_it_is(tab: Any, field: str, wanted: Request | None) -> None:
    """Leading zeros and plus signs in texts, cents in amounts; names are left to Google."""
    assert number_format(tab.field(field)) == wanted


def test_dates_look_as_usual_in_the_locale_of_the_spreadsheet() -> None:
    """No pattern is given for any of them."""
    formats = [number_format(f) for tab in TABS for f in tab.fields if f.kind in (Kind.DATE, Kind.HOLD, Kind.PAID_ON)]
    assert formats == [{"type": "DATE"}] * len(formats)
    assert number_format(HISTORY.field("time")) == {"type": "DATE_TIME"}


def test_a_new_column_loses_the_look_it_took_over_from_its_neighbour() -> None:
    """Every part of the look is named in the mask; what the cell does not say of it is cleared."""
    placing, plan = added(*SHEETS)
    cells = column(requests(placing, plan), placing, "clients", "contact_person", "repeatCell")
    assert cells["cell"]["userEnteredFormat"] == {"verticalAlignment": "TOP"}
    assert {f.removeprefix("userEnteredFormat.") for f in cells["fields"].split(",")} >= {
        "numberFormat",
        "backgroundColorStyle",
        "wrapStrategy",
    }


def test_service_columns_are_grey_and_ids_in_grey_text() -> None:
    placing, plan = added()
    asked = requests(placing, plan)
    cells = {
        field: column(asked, placing, "invoices", field, "repeatCell")["cell"]["userEnteredFormat"]
        for field in ("id", "client_id", "status", "number")
    }
    assert [field for field in cells if "backgroundColorStyle" in cells[field]] == ["id", "client_id", "status"]
    assert [field for field in cells if "textFormat" in cells[field]] == ["id", "client_id"]


def test_long_texts_of_the_team_are_wrapped_and_ours_cut_off() -> None:
    placing, plan = added()
    asked = requests(placing, plan)
    for field, wanted in (("notes", "WRAP"), ("problems", "CLIP")):
        cells = column(asked, placing, "clients", field, "repeatCell")
        assert cells["cell"]["userEnteredFormat"]["wrapStrategy"] == wanted


def test_headers_stand_out_and_tell_whose_column_it_is() -> None:
    placing, plan = added()
    asked = requests(placing, plan)
    ours, theirs = (
        column(asked, placing, "clients", field, "repeatCell", below=False)["cell"]["userEnteredFormat"]
        for field in ("id", "name")
    )
    assert ours["textFormat"]["bold"] is theirs["textFormat"]["bold"] is True
    assert ours["backgroundColorStyle"] != theirs["backgroundColorStyle"]
    assert theirs["backgroundColorStyle"]["rgbColor"] == {"red": 214 / 255, "green": 228 / 255, "blue": 240 / 255}


@pytest.mark.parametrize(("language", "wanted"), [("pl", ["tak", "nie"]), ("en", ["yes", "no"])])
def test_yes_or_no_is_a_list_in_the_language_of_the_sheet(language: str, wanted: list[str]) -> None:
    placing, plan = added(language=language)
    rule = column(requests(placing, plan), placing, "invoices", "approve", "setDataValidation")["rule"]
    assert rule["condition"]["type"] == "ONE_OF_LIST"
    assert [value["userEnteredValue"] for value in rule["condition"]["values"]] == wanted


def test_drop_downs_offer_and_never_forbid() -> None:
    rules = [v["rule"] for v in of("setDataValidation", requests(*added()))]
    assert rules
    assert {(rule["strict"], rule["showCustomUi"]) for rule in rules} == {(False, True)}


def test_vocabulary_fields_offer_its_entries_where_they_stand() -> None:
    """A kind without entries, or one whose entries do not stand together, gets no drop-down."""
    placing, plan = added()
    asked = requests(placing, plan)
    for field, wanted in (("stage", "='Słownik'!$B$2:$B$9"), ("owner", "='Słownik'!$B$10:$B$12")):
        condition = column(asked, placing, "clients", field, "setDataValidation")["rule"]["condition"]
        assert condition == {"type": "ONE_OF_RANGE", "values": [{"userEnteredValue": wanted}]}
    clients = placing.layouts["clients"]
    here = [v["range"] for v in of("setDataValidation", asked) if v["range"]["sheetId"] == ids(placing)[clients.sheet]]
    without = {clients.columns[field] for field in ("source", "tags")}
    assert not without & {cells["startColumnIndex"] for cells in here}


def test_a_vocabulary_of_the_teams_own_is_found_under_its_title_and_column() -> None:
    words = Sheet("Ani's words", [(*["x"] * 26, "Rodzaj", "Nazwa"), (*[None] * 26, "etap", "Nowy")])
    snapshot = Snapshot("1", "w", (words,))
    settings = Settings.model_validate({"workbook": {"tabs": {"vocabulary": "Ani's words"}}})
    plan = setup(snapshot, settings, "run-1")
    placing = place(snapshot, plan, settings.workbook.tabs)
    condition = column(requests(placing, plan), placing, "clients", "stage", "setDataValidation")["rule"]["condition"]
    assert condition["values"] == [{"userEnteredValue": "='Ani''s words'!$AB$2:$AB$9"}]


@pytest.mark.parametrize("language", ["pl", "en"])
def test_each_status_is_coloured_by_at_most_one_rule_without_a_formula(language: str) -> None:
    """The rules read how a status begins, in both languages, whatever mark follows."""
    rules = [r["rule"]["booleanRule"] for r in of("addConditionalFormatRule", requests(*added()))]
    assert {rule["condition"]["type"] for rule in rules} == {"TEXT_STARTS_WITH"}
    texts = [rule["condition"]["values"][0]["userEnteredValue"] for rule in rules]
    assert texts == [label for labels, *_ in STATUS_COLOURS for label in labels]
    shown = [status_label(status, partly_paid=True, language=language) for status in Status]
    assert [sum(words.startswith(text) for text in texts) for words in shown] == [
        int(status.value in ("overdue", "due_today", "due_soon", "paid", "settled", "overpaid")) for status in Status
    ]


def test_service_columns_warn_before_they_are_typed_into_and_stop_nobody() -> None:
    placing, plan = added()
    protections = protected(requests(placing, plan), ids(placing)["Faktury"])
    columns = placing.layouts["invoices"].columns
    wanted = {columns[field.name] for field in INVOICES.owned(Owner.SERVICE)}
    assert {p["range"]["startColumnIndex"] for p in protections} == wanted
    assert {p["description"] for p in protections} == {
        "Kolumna prowadzona przez Kartotekę: wpisane tu zmiany zostaną zastąpione."
    }


def test_the_history_warns_as_a_whole_when_it_is_ours() -> None:
    placing, plan = added(language="en")
    sheet = ids(placing)["History"]
    (protection,) = protected(requests(placing, plan), sheet)
    assert protection["range"] == {"sheetId": sheet}
    assert protection["description"].startswith("Kept by Kartoteka")


def test_a_history_that_stood_there_warns_only_where_a_column_was_added() -> None:
    short = Sheet("Historia", [HISTORIA.rows[0][:-1]])
    plan = Plan("run-1", "1", columns=(AddColumn("history", "details"),))
    placing = place(Snapshot("1", "w", (KLIENCI, short)), plan)
    sheet = ids(placing)["Historia"]
    (protection,) = protected(requests(placing, plan), sheet)
    assert protection["range"] == {"sheetId": sheet, "startColumnIndex": 8, "endColumnIndex": 9}


def carried_out(*sheets: Sheet, rows: int = 50) -> tuple[Spreadsheet, Placing]:
    """A spreadsheet of these sheets after it got the look; its grids are as wide as the new columns need."""
    spreadsheet = Spreadsheet("id", "Biuro", sheets)
    placing, plan = added(*sheets)
    numbers = {tab.title: tab.sheet_id for tab in spreadsheet.tabs}
    for layout in placing.layouts.values():
        if not layout.new:
            spreadsheet.tab(layout.sheet).resize(rows, 40)
    new = {title: 100 + i for i, title in enumerate(placing.new_sheets)}
    grids = dict.fromkeys(numbers | new, rows)
    spreadsheet.batch_update({"requests": look(placing, numbers | new, plan, KINDS, "pl", grids)})
    return spreadsheet, placing


def test_a_spreadsheet_carries_the_look_of_a_whole_new_workbook_out() -> None:
    spreadsheet, placing = carried_out()
    assert {tab.title for tab in spreadsheet.tabs} > set(placing.new_sheets)
    invoices = spreadsheet.tab("Faktury")
    layout = placing.layouts["invoices"]
    assert (invoices.frozen_rows, invoices.grid["frozenColumnCount"]) == (1, 2)
    assert set(invoices.widths) == set(layout.columns.values())
    assert (1, layout.columns["approve"]) in invoices.validations
    assert (49, layout.columns["approve"]) in invoices.validations
    assert (0, layout.columns["approve"]) not in invoices.validations
    assert len(invoices.conditional_formats) == 12
    assert invoices.cell(49, layout.columns["amount"]).number_format == {"type": "NUMBER", "pattern": "#,##0.00"}
    assert len(spreadsheet.tab("Historia").protected_ranges) == 1


def test_a_look_is_no_data() -> None:
    """Rows appended to a sheet that was only dressed go right below its header."""
    spreadsheet, _ = carried_out()
    assert [tab.last_row for tab in spreadsheet.tabs] == [0] * len(spreadsheet.tabs)


def test_what_the_team_made_looks_as_before() -> None:
    """Not one cell of a column that was there is touched, neither its width nor its sheet's frozen rows."""
    before = Spreadsheet("id", "Biuro", SHEETS)
    after, placing = carried_out(*SHEETS)
    assert after.tab("Notatnik Ani").rows == before.tab("Notatnik Ani").rows
    for layout in (layout for layout in placing.layouts.values() if not layout.new):
        old, new = before.tab(layout.sheet), after.tab(layout.sheet)
        standing = set(range(40)) - {layout.columns[field] for field in layout.added}
        assert all(old.cell(row, column) == new.cell(row, column) for row in range(20) for column in standing)
        assert not standing & set(new.widths)
        assert (new.frozen_rows, new.properties.get("tabColorStyle")) == (0, None)


def test_a_sheet_of_one_row_takes_its_look() -> None:
    """Nothing is asked of cells that are not in the grid; an answer of 400 would refuse the whole batch."""
    spreadsheet, _ = carried_out(Sheet("Klienci", []), rows=1)
    assert spreadsheet.tab("Klienci").frozen_rows == 0


def test_the_look_of_a_whole_workbook_is_one_small_request() -> None:
    """Far below the 2 MB that Google advises; values are none of its business, and no filter hides appended rows."""
    asked = requests(*added())
    assert len(json.dumps(asked)) < 200_000
    assert "userEnteredValue" not in {f for r in of("repeatCell", asked) for f in r["fields"].split(",")}
    assert of("setBasicFilter", asked) == []
