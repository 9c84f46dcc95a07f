"""What Google answers, as plain values: the description of a spreadsheet, and cells as they stand after a write. Pure.

Source: https://developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets#resource:-spreadsheet
"""

import json
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from pydantic import TypeAdapter

from sync.recognising import Formula
from validators.rows import Cell

# Ids of developer metadata are chosen by us: the ladder of the register starts here (below 2**31).
BASE = 1_200_000_000
KEY = "kartoteka"
# Hidden sheets for what stood in cells before we wrote into them, one for a tab.
IMAGES = "_kartoteka_"
# The sheet that tells people whether the service is at work is known by its id, which is ours to choose as well: it
# outlives titles and places, and no second one can be made with it.
HEARTBEATS = range(1_100_000_000, 1_100_000_100)
DESCRIPTION = (
    "properties(title,locale,timeZone),"
    "sheets.properties(sheetId,title,index,sheetType,gridProperties(rowCount,columnCount)),"
    "developerMetadata(metadataId,metadataKey,metadataValue)"
)
ANSWER = (
    "updatedSpreadsheet.sheets(properties(sheetId,title),"
    "data(startRow,startColumn,rowData.values(effectiveValue,userEnteredValue.formulaValue)))"
)
ENTERED = (
    "developerMetadata(metadataId,metadataKey,metadataValue),"
    "sheets(properties(sheetId,title),"
    "data(startRow,startColumn,rowData.values(effectiveValue,userEnteredValue.formulaValue)))"
)
_ERRORS = {"NULL_VALUE": "#NULL!", "DIVIDE_BY_ZERO": "#DIV/0!", "REF": "#REF!", "N_A": "#N/A", "NAME": "#NAME?"}


@dataclass(frozen=True, slots=True)
class GridSheet:
    """A sheet that has cells: its id, its title, the size of its grid."""

    id: int
    title: str
    rows: int
    columns: int


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a spreadsheet without its cells. `step` is the last step of the register that was taken,
    `holders` who took the last ones, by step."""

    title: str
    locale: str
    time_zone: str
    sheets: tuple[GridSheet, ...]
    step: int
    holders: Mapping[int, str]

    def sheet(self, title: str) -> GridSheet:
        """The sheet called `title`; KeyError when there is none such."""
        for sheet in self.sheets:
            if sheet.title == title:
                return sheet
        raise KeyError(title)

    @property
    def shared(self) -> tuple[GridSheet, ...]:
        """The sheets that people work in: all but those that keep images, and the heartbeat's."""
        return tuple(s for s in self.sheets if not s.title.startswith(IMAGES) and s.id not in HEARTBEATS)

    @property
    def heartbeat(self) -> GridSheet | None:
        """The sheet that tells whether the service is at work, if there is one."""
        return next((sheet for sheet in self.sheets if sheet.id in HEARTBEATS), None)

    def images(self, name: str) -> GridSheet | None:
        """The hidden sheet for images of the tab called `name`, if there is one."""
        return next((sheet for sheet in self.sheets if sheet.title == IMAGES + name), None)

    def as_json(self) -> str:
        """The same as a text to keep."""
        return json.dumps(asdict(self), ensure_ascii=False)


def known(description: Mapping[str, Any]) -> Known:
    """What `spreadsheets.get` tells with the fields of DESCRIPTION. Sheets without cells (charts) are left out."""
    properties = description.get("properties", {})
    holders = {
        entry["metadataId"] - BASE: entry.get("metadataValue", "")
        for entry in description.get("developerMetadata", [])
        if entry.get("metadataKey") == KEY and entry["metadataId"] > BASE
    }
    sheets = sorted((s["properties"] for s in description.get("sheets", [])), key=lambda s: s.get("index", 0))
    return Known(
        properties.get("title", ""),
        properties.get("locale", ""),
        properties.get("timeZone", ""),
        tuple(_grid_sheet(s) for s in sheets if s.get("sheetType", "GRID") == "GRID"),
        max(holders, default=0),
        holders,
    )


def remembered(text: str) -> Known:
    """What `as_json` gave. ValueError when it is something else."""
    return TypeAdapter(Known).validate_json(text)


def grids(answer: Mapping[str, Any]) -> dict[int, list[list[Cell]]]:
    """The cells that a write's answer shows, by sheet id, each at its place; cells it does not show are None."""
    shown: dict[int, list[list[Cell]]] = {}
    for sheet in answer.get("updatedSpreadsheet", {}).get("sheets", []):
        grid = shown.setdefault(sheet["properties"].get("sheetId", 0), [])
        for part in sheet.get("data", []):
            for row, column, value in _cells(part):
                grid.extend([] for _ in range(row + 1 - len(grid)))
                grid[row].extend([None] * (column + 1 - len(grid[row])))
                grid[row][column] = value
    return shown


def entered(sheets: Sequence[Mapping[str, Any]], titles: Container[str]) -> dict[str, dict[tuple[int, int], Cell]]:
    """Of `sheets` as `spreadsheets.get` tells them with the fields of ENTERED, or the answer to a write: by title, of
    `titles` only, and place the cells as they were entered; blank ones are left out."""
    return {
        sheet["properties"]["title"]: {
            (row, column): Formula(formula) if formula else _value(cell["effectiveValue"])
            for part in sheet.get("data", [])
            for row, line in enumerate(part.get("rowData", []), start=part.get("startRow", 0))
            for column, cell in enumerate(line.get("values", []), start=part.get("startColumn", 0))
            if (formula := cell.get("userEnteredValue", {}).get("formulaValue", "")) or cell.get("effectiveValue")
        }
        for sheet in sheets
        if sheet["properties"]["title"] in titles
    }


def formulas(answer: Mapping[str, Any]) -> dict[int, set[tuple[int, int]]]:
    """The 0-based (row, column) of cells that a formula gives, of those that a write's answer shows, by sheet id."""
    return {
        sheet["properties"].get("sheetId", 0): {
            (row, column)
            for part in sheet.get("data", [])
            for row, line in enumerate(part.get("rowData", []), start=part.get("startRow", 0))
            for column, cell in enumerate(line.get("values", []), start=part.get("startColumn", 0))
            if "formulaValue" in cell.get("userEnteredValue", {})
        }
        for sheet in answer.get("updatedSpreadsheet", {}).get("sheets", [])
    }


def quoted(title: str, cells: str = "") -> str:
    """The range `cells` of the sheet `title` in A1 notation; unquoted, a title such as "D3" would be a cell.

    >>> quoted("Klienci", "A:C"), quoted("U Ani 'starzy'")
    ("'Klienci'!A:C", "'U Ani ''starzy'''")
    """
    name = "'" + title.replace("'", "''") + "'"
    return f"{name}!{cells}" if cells else name


def letters(column: int) -> str:
    """The letters of a 0-based column.

    >>> letters(0), letters(25), letters(26), letters(701), letters(702)
    ('A', 'Z', 'AA', 'ZZ', 'AAA')
    """
    text = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


def _grid_sheet(properties: Mapping[str, Any]) -> GridSheet:
    grid = properties.get("gridProperties", {})
    return GridSheet(
        properties.get("sheetId", 0), properties.get("title", ""), grid.get("rowCount", 0), grid.get("columnCount", 0)
    )


def _cells(part: Mapping[str, Any]) -> Iterator[tuple[int, int, Cell]]:
    top, left = part.get("startRow", 0), part.get("startColumn", 0)
    for row, line in enumerate(part.get("rowData", []), start=top):
        for column, cell in enumerate(line.get("values", []), start=left):
            value = cell.get("effectiveValue")
            if value:
                yield row, column, _value(value)


def _value(value: Mapping[str, Any]) -> Cell:
    if "errorValue" in value:
        error = value["errorValue"]
        name = _ERRORS.get(error.get("type", ""), f"#{error.get('type', 'ERROR')}!")
        return f"{name} ({error['message']})" if error.get("message") else name
    found: Cell = next(iter(value.values()))
    return found


def columns_shown(title: str, columns: Sequence[int], head: int) -> list[str]:
    """Ranges that show the first `head` rows of a sheet and the whole of some columns."""
    return [
        quoted(title, f"1:{head}"),
        *(quoted(title, f"{letters(first)}:{letters(last)}") for first, last in _runs(columns)),
    ]


def _runs(columns: Sequence[int]) -> Iterator[tuple[int, int]]:
    first = last = -2
    for column in sorted(set(columns)):
        if column != last + 1:
            if last >= 0:
                yield first, last
            first = column
        last = column
    if last >= 0:
        yield first, last
