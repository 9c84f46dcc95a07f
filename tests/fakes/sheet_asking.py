"""Few words for what tests ask of the fake spreadsheet: a small workbook, requests in short, refusals looked at."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest

from sync.snapshot import Sheet
from tests.fakes.spreadsheet import ApiError, Spreadsheet

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


def firm() -> Spreadsheet:
    """A spreadsheet of clients and somebody's notes."""
    return Spreadsheet("abc", "Firma", [CLIENTS, NOTES])


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
