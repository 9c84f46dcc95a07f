"""How the heartbeat's sheet looks in a Google spreadsheet, as requests of `spreadsheets.batchUpdate`: pure, no values.

Source: https://developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets/request
"""

from collections.abc import Iterator, Mapping
from typing import Any

from sync.storage.google_requests import Request
from sync.storage.look import HEARTBEAT_COLOUR, HEARTBEAT_LATE, HEARTBEAT_WIDTHS, late_formula

_ROWS, _COLUMNS = 30, 6
_PIXELS = 7  # of one character
_MOMENT = {"type": "DATE_TIME", "pattern": "yyyy-mm-dd hh:mm"}
_LOOK = "numberFormat,textFormat(bold,fontSize),horizontalAlignment,verticalAlignment,wrapStrategy"


def new_sheet(sheet_id: int, title: str) -> Iterator[Request]:
    """Add the sheet."""
    grid = {"rowCount": _ROWS, "columnCount": _COLUMNS, "hideGridlines": True}
    properties = {"sheetId": sheet_id, "title": title, "gridProperties": grid}
    yield {"addSheet": {"properties": {**properties, "tabColorStyle": _colour(HEARTBEAT_COLOUR)}}}
    for column, width in enumerate(HEARTBEAT_WIDTHS):
        span = {"sheetId": sheet_id, "dimension": "COLUMNS", "startIndex": column, "endIndex": column + 1}
        yield {
            "updateDimensionProperties": {
                "range": span, "properties": {"pixelSize": width * _PIXELS}, "fields": "pixelSize"
            }
        }  # fmt: skip


def late_in_red(sheet_id: int) -> Request:
    """Let a time by which it should have been written again turn red by itself when it has passed."""
    text, background = HEARTBEAT_LATE
    late = {
        "condition": {"type": "CUSTOM_FORMULA", "values": [{"userEnteredValue": late_formula()}]},
        "format": {"textFormat": {"foregroundColorStyle": _colour(text)}, "backgroundColorStyle": _colour(background)},
    }
    cells = {"sheetId": sheet_id, "startColumnIndex": 0, "endColumnIndex": 2}
    return {"addConditionalFormatRule": {"index": 0, "rule": {"ranges": [cells], "booleanRule": late}}}


def dressed(area: Mapping[str, int]) -> Iterator[Request]:
    """The look of heading, labels and values in `area`, a GridRange."""
    top, left = area["startRowIndex"], area["startColumnIndex"]
    heading = {**area, "endRowIndex": top + 1}
    labels = {**area, "startRowIndex": top + 1, "endColumnIndex": left + 1}
    values = {**area, "startRowIndex": top + 1, "startColumnIndex": left + 1}
    lined = {"verticalAlignment": "TOP", "wrapStrategy": "WRAP", "horizontalAlignment": "LEFT"}
    yield _repeated(heading, {"textFormat": {"bold": True, "fontSize": 14}, "wrapStrategy": "OVERFLOW_CELL"})
    yield _repeated(labels, {"textFormat": {"bold": True}, **lined})
    yield _repeated(values, {"numberFormat": _MOMENT, **lined})


def _repeated(cells: Mapping[str, int], look: Mapping[str, Any]) -> Request:
    return {
        "repeatCell": {
            "range": dict(cells),
            "cell": {"userEnteredFormat": dict(look)},
            "fields": f"userEnteredFormat({_LOOK})",
        }
    }


def _colour(code: str) -> dict[str, dict[str, float]]:
    parts = zip(("red", "green", "blue"), bytes.fromhex(code), strict=True)
    return {"rgbColor": {name: part / 255 for name, part in parts}}
