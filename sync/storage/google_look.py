"""How tabs and columns that Kartoteka adds to a Google spreadsheet look, as requests of `spreadsheets.batchUpdate`.

Pure: no gspread, no network, and no values are written here. What the team made itself is never restyled.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sync.placing import Layout, Placing
from sync.plan import Plan
from sync.storage.google_answers import letters, quoted
from sync.storage.google_requests import Request, number_format
from sync.storage.look import (
    ALIGNED,
    HEADER_LINE,
    KEPT_BY_US,
    SERVICE_FILL,
    STATUS_COLOURS,
    frozen_columns,
    header_colours,
    is_wrapped,
    listed,
    tab_colour,
    width,
)
from validators.tabs import Field, Kind, Owner, tab

_PIXELS = 7  # of one character
_HEADER_HEIGHT = 43  # pixels: two lines
_ID_COLOUR = "808080"
_IDS = ("id", "client_id")
_HEADER_FIELDS = (
    "textFormat",
    "backgroundColorStyle",
    "horizontalAlignment",
    "verticalAlignment",
    "wrapStrategy",
    "borders.bottom",
)
# What a cell does not say of these is cleared: a column inserted beside others may have taken over their look.
_CELL_FIELDS = (
    "numberFormat",
    "textFormat.foregroundColorStyle",
    "backgroundColorStyle",
    "horizontalAlignment",
    "verticalAlignment",
    "wrapStrategy",
)
_OURS = {
    "pl": "Tę kartę prowadzi Kartoteka: stąd wie, co już wysłała. Prosimy niczego tu nie zmieniać.",
    "en": "Kept by Kartoteka, which knows from here what it has sent: please change nothing.",
}


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A tab on its sheet: the sheet's id, how many rows its grid has, and where the fields lie."""

    name: str
    id: int
    rows: int
    layout: Layout

    @property
    def added(self) -> tuple[Field, ...]:
        return tuple(tab(self.name).field(field) for field in self.layout.added)

    @property
    def below(self) -> int:
        """The first row below the header."""
        return self.layout.header + 1

    def column(self, field: Field, **rows: int) -> dict[str, int]:
        """The GridRange of the column of `field`: all of it, unless `rows` say where it starts or ends."""
        column = self.layout.columns[field.name]
        return {"sheetId": self.id, "startColumnIndex": column, "endColumnIndex": column + 1, **rows}


def look(
    placing: Placing,
    sheet_ids: Mapping[str, int],
    plan: Plan,
    kinds: Mapping[str, tuple[int, int]],
    language: str,
    rows: Mapping[str, int],
) -> list[Request]:
    """The requests that add the new sheets of `placing` and give the tabs and columns that `plan` adds their look.

    They come first in a batch, before any value is written; only the grids of sheets that are there must have been
    made wide enough for the new columns. `sheet_ids` and `rows` (how many the grid has, or shall have) go by sheet
    title and know the new sheets, too. `kinds` tells in which rows of the vocabulary, first and end, 0-based, the
    entries of a kind stand; a kind that is not named gets no drop-down.

    Source: https://developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets/request
    """
    sheets = [
        _Sheet(name, sheet_ids[layout.sheet], rows[layout.sheet], layout)
        for name, layout in placing.layouts.items()
        if layout.added
    ]
    ranges = _vocabulary(placing, kinds)
    requests = [_new(sheet) for sheet in sheets if sheet.layout.new]
    for sheet in sheets:
        if sheet.name in plan.tabs:
            requests += _whole(sheet)
        for field in sheet.added:
            requests += _column(sheet, field)
        if sheet.rows > sheet.below:
            requests += _cells(sheet, ranges, language)
        requests += _protections(sheet, language)
    return requests


def _new(sheet: _Sheet) -> Request:
    grid = {"rowCount": sheet.rows, "columnCount": len(sheet.layout.columns)}
    return {"addSheet": {"properties": {"sheetId": sheet.id, "title": sheet.layout.sheet, "gridProperties": grid}}}


def _whole(sheet: _Sheet) -> Iterator[Request]:
    """The look of a tab that is new as a whole, be its sheet new or one that stood there empty.

    It gets no filter, unlike in a file: whether rows that appendCells adds below one are seen is nowhere promised.
    """
    # A sheet whose rows would all be frozen is refused.
    frozen = {"frozenRowCount": int(sheet.rows > 1), "frozenColumnCount": frozen_columns(sheet.name)}
    yield {
        "updateSheetProperties": {
            "properties": {
                "sheetId": sheet.id,
                "gridProperties": frozen,
                "tabColorStyle": _colour(tab_colour(sheet.name)),
            },
            "fields": "gridProperties.frozenRowCount,gridProperties.frozenColumnCount,tabColorStyle",
        }
    }
    yield _size(sheet, "ROWS", sheet.layout.header, _HEADER_HEIGHT)


def _column(sheet: _Sheet, field: Field) -> Iterator[Request]:
    colour, background = header_colours(field)
    header = sheet.layout.header
    yield _size(sheet, "COLUMNS", sheet.layout.columns[field.name], width(field) * _PIXELS)
    yield _repeat(
        sheet.column(field, startRowIndex=header, endRowIndex=header + 1),
        _HEADER_FIELDS,
        {
            "textFormat": {"bold": True, "foregroundColorStyle": _colour(colour)},
            "backgroundColorStyle": _colour(background),
            **_aligned(field),
            "verticalAlignment": "MIDDLE",
            "wrapStrategy": "WRAP",
            "borders": {"bottom": {"style": "SOLID", "colorStyle": _colour(HEADER_LINE)}},
        },
    )


def _cells(sheet: _Sheet, ranges: Mapping[str, str], language: str) -> Iterator[Request]:
    """The look of everything below the headers of the added columns. That needs a row there: see `look`."""
    for field in sheet.added:
        cells = sheet.column(field, startRowIndex=sheet.below)
        yield _repeat(cells, _CELL_FIELDS, _cell_format(field))
        condition = _offered(field, ranges, language)
        if condition:
            # Never a checkbox: its cells hold FALSE from the start and would count as rows with data.
            rule = {"condition": condition, "strict": False, "showCustomUi": True}
            yield {"setDataValidation": {"range": cells, "rule": rule}}
        if (sheet.name, field.name) == ("invoices", "status"):
            yield from _status_colours(cells)


def _cell_format(field: Field) -> dict[str, Any]:
    cell: dict[str, Any] = {"verticalAlignment": "TOP", **_aligned(field)}
    number = number_format(field)
    if number:
        cell["numberFormat"] = number
    if field.owner is Owner.SERVICE:
        cell["backgroundColorStyle"] = _colour(SERVICE_FILL)
    if field.name in _IDS:
        cell["textFormat"] = {"foregroundColorStyle": _colour(_ID_COLOUR)}
    if field.kind is Kind.LONG:
        cell["wrapStrategy"] = "WRAP" if is_wrapped(field) else "CLIP"
    return cell


def _offered(field: Field, ranges: Mapping[str, str], language: str) -> Request | None:
    """The condition behind the drop-down of `field`."""
    labels = listed(field, language)
    if labels:
        return _condition("ONE_OF_LIST", *labels)
    if field.kind is Kind.ONE_OF and field.vocabulary in ranges:
        return _condition("ONE_OF_RANGE", ranges[field.vocabulary])
    return None


def _vocabulary(placing: Placing, kinds: Mapping[str, tuple[int, int]]) -> dict[str, str]:
    """Where the names of each kind stand, as a condition wants it: ='Słownik'!$B$2:$B$9."""
    layout = placing.layouts.get("vocabulary")
    if layout is None or "name" not in layout.columns:
        return {}
    name = f"${letters(layout.columns['name'])}$"
    return {
        kind: "=" + quoted(layout.sheet, f"{name}{first + 1}:{name}{end}")
        for kind, (first, end) in kinds.items()
        if first < end
    }


def _status_colours(cells: Mapping[str, int]) -> Iterator[Request]:
    """One rule a text: a formula for several would need the separators of the spreadsheet's locale."""
    looks = [(label, *colours) for labels, *colours in STATUS_COLOURS for label in labels]
    for index, (label, colour, background) in enumerate(looks):
        rule = {
            "condition": _condition("TEXT_STARTS_WITH", label),
            "format": {
                "textFormat": {"foregroundColorStyle": _colour(colour)},
                "backgroundColorStyle": _colour(background),
            },
        }
        yield {"addConditionalFormatRule": {"index": index, "rule": {"ranges": [cells], "booleanRule": rule}}}


def _protections(sheet: _Sheet, language: str) -> Iterator[Request]:
    """A warning before somebody types over what is ours; it stops nobody. Column by column, for columns get moved."""
    kept = [field for field in sheet.added if field.owner is Owner.SERVICE]
    if len(kept) == len(tab(sheet.name).fields):
        yield _protection({"sheetId": sheet.id}, _OURS[language])
        return
    for field in kept:
        yield _protection(sheet.column(field), KEPT_BY_US[language])


def _protection(cells: Mapping[str, int], description: str) -> Request:
    return {"addProtectedRange": {"protectedRange": {"range": cells, "description": description, "warningOnly": True}}}


def _repeat(cells: Mapping[str, int], fields: tuple[str, ...], cell_format: Mapping[str, Any]) -> Request:
    mask = ",".join(f"userEnteredFormat.{field}" for field in fields)
    return {"repeatCell": {"range": cells, "cell": {"userEnteredFormat": cell_format}, "fields": mask}}


def _size(sheet: _Sheet, dimension: str, index: int, pixels: int) -> Request:
    span = {"sheetId": sheet.id, "dimension": dimension, "startIndex": index, "endIndex": index + 1}
    properties = {"pixelSize": pixels}
    return {"updateDimensionProperties": {"range": span, "properties": properties, "fields": "pixelSize"}}


def _condition(kind: str, *values: str) -> Request:
    return {"type": kind, "values": [{"userEnteredValue": value} for value in values]}


def _aligned(field: Field) -> dict[str, str]:
    return {"horizontalAlignment": ALIGNED[field.kind].upper()} if field.kind in ALIGNED else {}


def _colour(code: str) -> dict[str, dict[str, float]]:
    """The ColorStyle of "RRGGBB"."""
    parts = zip(("red", "green", "blue"), bytes.fromhex(code), strict=True)
    return {"rgbColor": {name: part / 255 for name, part in parts}}
