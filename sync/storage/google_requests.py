"""What Kartoteka asks of Google in one `spreadsheets.batchUpdate`, built from plain values: pure, no network.

Everything is typed (`userEnteredValue`): a `stringValue` is never parsed, so "=1+1", "0042" and "1e5" stay texts.
Source: https://developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets/request
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from typing import Any

from sync.history import EPOCH
from sync.recognising import Formula, Hit
from sync.storage.google_answers import BASE, KEY, GridSheet
from sync.storage.look import AMOUNT_FORMAT, INTEGER_FORMAT, TEXT_FORMAT, is_text
from validators.rows import Cell, as_text
from validators.tabs import Field, Kind, Tab

Request = dict[str, Any]
# A write that Google applies late must still find its step taken: at 60 writes a minute these are eight minutes.
# Google keeps 30,000 characters of metadata; a step takes 25.
KEPT_STEPS = 500
_DAY = 86_400
_DATES = {"date": {"type": "DATE"}, "moment": {"type": "DATE_TIME"}}
_AMOUNT = {"type": "NUMBER", "pattern": AMOUNT_FORMAT}
# A date without a pattern looks as usual in the spreadsheet's locale.
_FORMATS = {
    Kind.AMOUNT: _AMOUNT,
    Kind.PAYMENT: _AMOUNT,
    Kind.INTEGER: {"type": "NUMBER", "pattern": INTEGER_FORMAT},
    Kind.DATE: {"type": "DATE"},
    Kind.HOLD: {"type": "DATE"},
    Kind.PAID_ON: {"type": "DATE"},
    Kind.MOMENT: {"type": "DATE_TIME"},
}


def number_format(field: Field) -> dict[str, str] | None:
    """The NumberFormat of the column of `field`; None where Google shall choose by what stands there.

    Source: https://developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets/cells#numberformat
    """
    return {"type": "TEXT", "pattern": TEXT_FORMAT} if is_text(field) else _FORMATS.get(field.kind)


def plain(value: Cell) -> str | int | float | bool | None:
    """A cell as Google holds it: dates as days since 30 December 1899, local, without a zone.

    >>> plain(date(2026, 11, 21)), plain(datetime(2026, 11, 21, 12)), plain(Decimal("12.30"))
    (46347, 46347.5, 12.3)
    """
    if isinstance(value, datetime):
        past = value.replace(tzinfo=None) - EPOCH
        return past.days + past.seconds / _DAY if past.seconds else past.days
    if isinstance(value, date):
        return value.toordinal() - EPOCH.toordinal()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if value is None or isinstance(value, (str, int, float)):
        return value if value != "" else None
    return as_text(value)


def step_taken(step: int, value: str) -> list[Request]:
    """Take `step` of the register: the whole batch fails if anybody has taken it. Steps long past are let go."""
    taken = {
        "metadataId": BASE + step,
        "metadataKey": KEY,
        "metadataValue": value,
        "location": {"spreadsheet": True},
        "visibility": "DOCUMENT",
    }
    requests: list[Request] = [{"createDeveloperMetadata": {"developerMetadata": taken}}]
    if step > KEPT_STEPS:
        old = {"developerMetadataLookup": {"metadataId": BASE + step - KEPT_STEPS}}
        requests.append({"deleteDeveloperMetadata": {"dataFilter": old}})
    return requests


def titles_held(titles: Mapping[int, str]) -> list[Request]:
    """Fail unless each sheet, by id, can bear its title: reading goes by title, writing by id, and another sheet may
    have taken the title since both were learnt. A title that is right already stays as it is."""
    return [
        {"updateSheetProperties": {"properties": {"sheetId": id_, "title": title}, "fields": "title"}}
        for id_, title in titles.items()
    ]


def cells_set(sheet_id: int, hits: Iterable[Hit]) -> Iterator[Request]:
    """Set cells by position, one request for each unbroken run down a column."""
    wanted = sorted(((h.column, h.row, _kind(h.value) == "date", h.value) for h in hits), key=lambda cell: cell[:2])
    runs = groupby(enumerate(wanted), key=lambda pair: (pair[1][0], pair[1][1] - pair[0], pair[1][2]))
    for (column, _, dated), run in runs:
        cells = [cell for _, cell in run]
        yield {
            "updateCells": {
                "start": {"sheetId": sheet_id, "rowIndex": cells[0][1], "columnIndex": column},
                "rows": [
                    {"values": [_formatted(_cell(cell[3]), _DATES.get(_kind(cell[3])) if dated else None)]}
                    for cell in cells
                ],
                "fields": "userEnteredValue,userEnteredFormat.numberFormat" if dated else "userEnteredValue",
            }
        }


def rows_appended(sheet_id: int, tab: Tab, columns: Mapping[str, int], rows: Sequence[Mapping[str, Cell]]) -> Request:
    """New rows of `tab` below everything that stands on the sheet; `columns` says where each field lies."""
    formats = {column: number_format(tab.field(name)) for name, column in columns.items()}
    # A cell that the mask names but the row does not is cleared, its format too: each says its own.
    blank = [_formatted({}, formats.get(column)) for column in range(max(columns.values(), default=-1) + 1)]
    lines = []
    for row in rows:
        cells = list(blank)
        for field, value in row.items():
            column = columns[field]
            cells[column] = _formatted(_cell(value), _DATES.get(_kind(value)) or formats[column])
        lines.append({"values": cells})
    fields = "userEnteredValue,userEnteredFormat.numberFormat"
    return {"appendCells": {"sheetId": sheet_id, "rows": lines, "fields": fields}}


def images_taken(sheet_id: int, images: GridSheet, hits: Sequence[Hit]) -> Iterator[Request]:
    """Copy what stands in the columns of `hits` to the same places of the hidden sheet `images`.

    In the batch that writes, just before it does: then what was overwritten is known, whoever typed it, and when.
    """
    if not hits:
        return
    first, end = min(h.row for h in hits), max(h.row for h in hits) + 1
    columns = sorted({h.column for h in hits})
    if end > images.rows or columns[-1] >= images.columns:
        grid = {"rowCount": max(end, images.rows), "columnCount": max(columns[-1] + 1, images.columns)}
        properties = {"sheetId": images.id, "gridProperties": grid}
        fields = "gridProperties.rowCount,gridProperties.columnCount"
        yield {"updateSheetProperties": {"properties": properties, "fields": fields}}
    for column in columns:
        cells = {
            "startRowIndex": first,
            "endRowIndex": end,
            "startColumnIndex": column,
            "endColumnIndex": column + 1,
        }
        yield {
            "copyPaste": {
                "source": {"sheetId": sheet_id, **cells},
                "destination": {"sheetId": images.id, **cells},
                "pasteType": "PASTE_FORMULA",
            }
        }


def images_sheet(sheet_id: int, title: str) -> list[Request]:
    """A hidden sheet for images, tried out at once: a copy of A1 in B1."""
    cell = {"sheetId": sheet_id, "startRowIndex": 0, "endRowIndex": 1}
    properties = {"sheetId": sheet_id, "title": title, "hidden": True}
    return [
        {"addSheet": {"properties": {**properties, "gridProperties": {"rowCount": 1000, "columnCount": 40}}}},
        *cells_set(sheet_id, [Hit(0, 0, KEY)]),
        {
            "copyPaste": {
                "source": {**cell, "startColumnIndex": 0, "endColumnIndex": 1},
                "destination": {**cell, "startColumnIndex": 1, "endColumnIndex": 2},
                "pasteType": "PASTE_FORMULA",
            }
        },
    ]


def text_replaced(
    sheet_id: int, column: int, first: int, before: Cell, after: Cell, last: int | None = None
) -> Request:
    """Replace cells that hold exactly `before`, in rows `first` to before `last` of a column: no other text is hit."""
    cells = {"sheetId": sheet_id, "startColumnIndex": column, "endColumnIndex": column + 1, "startRowIndex": first}
    return {
        "findReplace": {
            "find": before if isinstance(before, str) else as_text(before),
            "replacement": as_text(after) if not isinstance(after, str) else after,
            "matchCase": True,
            "matchEntireCell": True,
            "searchByRegex": False,
            "includeFormulas": False,
            "range": cells if last is None else {**cells, "endRowIndex": last},
        }
    }


def columns_made(sheet_id: int, standing: int, needed: int) -> list[Request]:
    """Make the grid wide enough."""
    if needed <= standing:
        return []
    return [{"appendDimension": {"sheetId": sheet_id, "dimension": "COLUMNS", "length": needed - standing}}]


def body(requests: Sequence[Request], ranges: Sequence[str]) -> dict[str, Any]:
    """The whole batch; its answer shows `ranges` as they stand after it."""
    shown = {"includeSpreadsheetInResponse": True, "responseIncludeGridData": True, "responseRanges": list(ranges)}
    return {"requests": list(requests), **(shown if ranges else {})}


def _cell(value: Cell) -> Request:
    stored = plain(value)
    if stored is None:
        return {}
    if isinstance(value, Formula):
        return {"userEnteredValue": {"formulaValue": str(value)}}
    kind = "boolValue" if isinstance(stored, bool) else "stringValue" if isinstance(stored, str) else "numberValue"
    return {"userEnteredValue": {kind: stored}}


def _formatted(cell: Request, number: Mapping[str, str] | None) -> Request:
    return {**cell, "userEnteredFormat": {"numberFormat": dict(number)}} if number else cell


def _kind(value: Cell) -> str:
    if isinstance(value, datetime):
        return "moment"
    return "date" if isinstance(value, date) else ""
