"""Questions about Google that its documentation leaves open, asked of a scratch spreadsheet, and what it answers.

For `doctor --live` only: nothing here touches a team's spreadsheet, and nothing else depends on the answers.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any
from urllib.parse import quote

from sync.archives import Moving
from sync.storage.google_answers import DESCRIPTION, known, quoted
from sync.storage.google_archives import dividing
from sync.storage.google_connection import Connection, NotApplied, Unsure
from sync.storage.google_requests import Request, body
from validators.errors import KartotekaError

_SHEETS = "https://sheets.googleapis.com/v4/spreadsheets"
DRIVE_SCOPE = "https://www.googleapis.com/auth/drive.file"
DRIVE_FILES = "https://www.googleapis.com/drive/v3/files"
_CELLS = "updatedSpreadsheet.sheets.data.rowData.values"
_PATIENCE = 60.0  # seconds, for Drive to notice a write
_DAY = 46_347  # 21 November 2026
_DATE = {"numberFormat": {"type": "DATE"}}
_LOCALES = ("pl_PL", "en_US", "de_DE")
_WORDS = ("0042", "=1+1", "21.11.2026", "TRUE")
_KINDS = {"stringValue": "text", "numberValue": "a number", "boolValue": "a truth value", "formulaValue": "a formula"}
_CHOICE = {"condition": {"type": "ONE_OF_LIST", "values": [{"userEnteredValue": "a"}]}, "showCustomUi": True}


@dataclass(frozen=True, slots=True)
class Answer:
    """What was asked, what Google did, what our code assumes, and whether that agrees (None: there was no answer)."""

    question: str
    answer: str
    assumed: str
    agrees: bool | None


class Scratch:
    """A spreadsheet of which nobody needs anything; each question takes new sheets and ids of its own."""

    def __init__(self, connection: Connection, clock: Callable[[], float]) -> None:
        self.connection = connection
        self.clock = clock
        self._numbers = count(1001)

    def number(self) -> int:
        """An id, of a sheet or of metadata, that was not used before."""
        return next(self._numbers)

    def sheet(self, rows: Sequence[Sequence[str | int]], height: int = 20) -> int:
        """The id, and the title, of a new sheet of three columns in which `rows` stand."""
        id_ = self.number()
        grid = {"rowCount": height, "columnCount": 3}
        added = {"addSheet": {"properties": {"sheetId": id_, "title": str(id_), "gridProperties": grid}}}
        self.write(added, *([_cells_set(id_, rows)] if rows else []))
        return id_

    def write(self, *requests: Request) -> None:
        """Carry out requests."""
        self.connection.write({"requests": requests}, "spreadsheetId")

    def refusal(self, *requests: Request) -> NotApplied | None:
        """How Google refused a batch; None when it did not."""
        try:
            self.write(*requests)
        except NotApplied as refused:
            return refused
        return None

    def after(self, sheet: int, fields: str, *requests: Request) -> list[list[dict[str, Any]]]:
        """The cells of a sheet, with these fields, as they stand after `requests`."""
        answer = self.connection.write(body(requests, [quoted(str(sheet))]), f"{_CELLS}({fields})")
        grid = answer.get("updatedSpreadsheet", {}).get("sheets", [{}])[0].get("data", [{}])[0]
        return [row.get("values", []) for row in grid.get("rowData", [])]

    def column(self, sheet: int | str) -> list[object]:
        """What stands in the first column of a sheet."""
        return [row[0] if row else None for row in self.connection.values([quoted(str(sheet), "A:A")])[0]]

    def metadata(self) -> list[int]:
        """The ids of the metadata of the spreadsheet."""
        found = self.connection.describe("developerMetadata.metadataId").get("developerMetadata", [])
        return [entry["metadataId"] for entry in found]


@dataclass(frozen=True, slots=True)
class Question:
    """A question, what our code assumes, and how to ask: the answer as a sentence, and whether it agrees."""

    text: str
    assumed: str
    ask: Callable[[Scratch], tuple[str, bool]]


def answers(connection: Connection, clock: Callable[[], float]) -> Iterator[Answer]:
    """Google's answers, as they come. `connection` leads to a scratch spreadsheet; `clock` counts seconds."""
    scratch = Scratch(connection, clock)
    for question in QUESTIONS:
        try:
            told, agrees = question.ask(scratch)
        except (NotApplied, Unsure, KartotekaError) as error:
            yield Answer(question.text, f"Google gave no answer: {error}", question.assumed, None)
        except (LookupError, ValueError) as error:
            yield Answer(question.text, f"Google's answer has an unknown shape: {error!r}", question.assumed, None)
        else:
            yield Answer(question.text, told, question.assumed, agrees)


def _same_id_again(scratch: Scratch) -> tuple[str, bool]:
    id_ = scratch.number()
    scratch.write(_metadata(id_))
    refused = scratch.refusal(_metadata_gone(id_), _metadata(id_))
    return (f"No. {_told(refused)}" if refused else "Yes."), True


def _id_in_use(scratch: Scratch) -> tuple[str, bool]:
    id_, sheet = scratch.number(), scratch.sheet([])
    scratch.write(_metadata(id_))
    refused = scratch.refusal(_cells_set(sheet, [["x"]]), _metadata(id_))
    if refused is None:
        return "It was accepted.", False
    left = scratch.column(sheet)
    return f"{_told(refused)} {'Something' if left else 'Nothing'} of the batch was written.", not left


def _nothing_left(scratch: Scratch) -> tuple[str, bool]:
    id_, sheet = scratch.number(), scratch.sheet([])
    refused = scratch.refusal(_cells_set(sheet, [["x"]]), _metadata(id_), _cells_set(scratch.number(), [["x"]]))
    if refused is None:
        return "A batch that names a sheet which is not there was accepted.", False
    left = [what for what, there in (("a cell", scratch.column(sheet)), ("its id", id_ in scratch.metadata())) if there]
    return (f"No: it left {' and '.join(left)}." if left else f"Nothing. {_told(refused)}"), not left


def _nothing_to_delete(scratch: Scratch) -> tuple[str, bool]:
    refused = scratch.refusal(_metadata_gone(scratch.number()))
    return (f"It is an error. {_told(refused)}" if refused else "It is no error."), refused is None


def _row_sorted(scratch: Scratch) -> tuple[str, bool]:
    id_, sheet = scratch.number(), scratch.sheet([[3], [1], [2]])
    row = {"sheetId": sheet, "dimension": "ROWS", "startIndex": 0, "endIndex": 1}
    cells = {"sheetId": sheet, "startRowIndex": 0, "endRowIndex": 3, "startColumnIndex": 0, "endColumnIndex": 1}
    order = {"range": cells, "sortSpecs": [{"dimensionIndex": 0, "sortOrder": "ASCENDING"}]}
    scratch.write(_metadata(id_, {"dimensionRange": row}), {"sortRange": order})
    wanted = {"dataFilters": [{"developerMetadataLookup": {"metadataId": id_}}]}
    url = f"{_SHEETS}/{scratch.connection.spreadsheet_id}/developerMetadata:search"
    found = scratch.connection.call("post", url, wanted)["matchedDeveloperMetadata"][0]["developerMetadata"]
    now = found["location"]["dimensionRange"].get("startIndex", 0)
    where = {0: "It stays in its row, while the values move.", 2: "It follows the values."}
    return where.get(now, f"Neither: it went to row {now + 1}."), True


def _appended_under_a_filter(scratch: Scratch) -> tuple[str, bool]:
    sheet = _filtered(scratch)
    row = {"values": [{"userEnteredValue": {"stringValue": "new"}}]}
    scratch.write({"appendCells": {"sheetId": sheet, "rows": [row], "fields": "userEnteredValue"}})
    column = scratch.column(sheet)
    found = scratch.connection.describe("sheets(properties.sheetId,basicFilter.range.endRowIndex)")["sheets"]
    (end,) = [s["basicFilter"]["range"]["endRowIndex"] for s in found if s["properties"]["sheetId"] == sheet]
    return f"{_row_of('new', column)}; the filter, of 4 rows, now has {end}.", column == ["name", "a", "b", "c", "new"]


def _values_appended_under_a_filter(scratch: Scratch) -> tuple[str, bool]:
    sheet = _filtered(scratch)
    cells = quoted(str(sheet), "A1:B4")
    url = f"{_SHEETS}/{scratch.connection.spreadsheet_id}/values/{quote(cells)}:append?valueInputOption=RAW"
    scratch.connection.call("post", url, {"range": cells, "majorDimension": "ROWS", "values": [["new"]]})
    return f"{_row_of('new', scratch.column(sheet))}.", True


def _divided(scratch: Scratch) -> tuple[str, bool]:
    """Two years of three, below a frozen header, as a long history is divided."""
    sheet = scratch.sheet([["year"], [2024], [2024], [2025], [2026]])
    frozen = {"properties": {"sheetId": sheet, "gridProperties": {"frozenRowCount": 1}}}
    scratch.write({"updateSheetProperties": {**frozen, "fields": "gridProperties.frozenRowCount"}})
    now, source = known(scratch.connection.describe(DESCRIPTION)), str(sheet)
    older = [Moving(source, 0, f"{source} 2024", ((1, 3),)), Moving(source, 0, f"{source} 2025", ((3, 4),))]
    row = {"values": [{"userEnteredValue": {"stringValue": "told"}}]}
    told = {"appendCells": {"sheetId": sheet, "rows": [row], "fields": "userEnteredValue"}}
    if refused := scratch.refusal(*dividing(now.sheet(source), older, now, told)):
        return f"No. {_told(refused)}", False
    stand = [scratch.column(title) for title in (source, *(each.title for each in older))]
    titles = [each.title for each in known(scratch.connection.describe(DESCRIPTION)).sheets[-2:]]
    right = stand == [["year", 2026, "told"], ["year", 2024, 2024], ["year", 2025]]
    placed = titles == [each.title for each in older]
    shown = "" if right else f" The rows stand otherwise: {stand}."
    return f"{'Yes' if right else 'Not as meant'}.{shown}{'' if placed else ' The copies stand elsewhere.'}", right


def _drive_notices(scratch: Scratch) -> tuple[str, bool]:
    before = _drive_facts(scratch)
    sheet = scratch.sheet([["x"]])
    wrote, noticed = scratch.clock(), dict[str, float]()
    while len(noticed) < len(before) and scratch.clock() < wrote + _PATIENCE:
        now = _drive_facts(scratch)
        noticed |= {n: scratch.clock() - wrote for n in before if n not in noticed and now[n] != before[n]}
    told = [f"{n} after {noticed[n]:.1f} s" if n in noticed else f"{n} not within 60 s" for n in before]
    return f"{' and '.join(told)} (a write to sheet {sheet}, asked once a second).", True


def _replacements(scratch: Scratch) -> tuple[str, bool]:
    """Each word once where Google chooses the format, once where the column is formatted as text."""
    words = [f"word {number}" for number, _ in enumerate(_WORDS)]
    sheet = scratch.sheet([[word, word] for word in words])
    text = {"sheetId": sheet, "startColumnIndex": 1, "endColumnIndex": 2}
    as_text = {"range": text, "cell": {"userEnteredFormat": {"numberFormat": {"type": "TEXT", "pattern": "@"}}}}
    scratch.write({"repeatCell": {**as_text, "fields": "userEnteredFormat.numberFormat"}})
    replaced = [
        {"findReplace": {"find": find, "replacement": word, "matchEntireCell": True, "sheetId": sheet}}
        for find, word in zip(words, _WORDS, strict=True)
    ]
    rows = scratch.after(sheet, "userEnteredValue", *replaced)[: len(_WORDS)]
    told = [
        f'"{word}" became {_kind(row[0])}, in a text column {_kind(row[1])}'
        for word, row in zip(_WORDS, rows, strict=True)
    ]
    return f"{'; '.join(told)}.", all(_kind(cell) == "text" for row in rows for cell in row)


def _grown(scratch: Scratch) -> tuple[str, bool]:
    sheet = scratch.sheet([["a"], ["a"]], height=2)
    cells = {"sheetId": sheet, "startColumnIndex": 0, "endColumnIndex": 1}
    dates = {"range": cells, "cell": {"userEnteredFormat": _DATE}, "fields": "userEnteredFormat.numberFormat"}
    scratch.write({"repeatCell": dates}, {"setDataValidation": {"range": cells, "rule": _CHOICE}})
    row = {"values": [{"userEnteredValue": {"numberValue": _DAY}}]}
    append = {"appendCells": {"sheetId": sheet, "rows": [row], "fields": "userEnteredValue"}}
    new = scratch.after(sheet, "userEnteredFormat.numberFormat,dataValidation", append)[2][0]
    kept = {"the number format": "userEnteredFormat" in new, "the validation": "dataValidation" in new}
    return " and ".join(f"{'' if there else 'not '}{what}" for what, there in kept.items()).capitalize() + ".", True


def _dates_shown(scratch: Scratch) -> tuple[str, bool]:
    sheet, shown = scratch.sheet([[_DAY]]), {}
    cells = {"sheetId": sheet, "startColumnIndex": 0, "endColumnIndex": 1}
    dates = {"range": cells, "cell": {"userEnteredFormat": _DATE}, "fields": "userEnteredFormat.numberFormat"}
    for locale in _LOCALES:
        there = {"properties": {"locale": locale}, "fields": "locale"}
        rows = scratch.after(sheet, "formattedValue", {"updateSpreadsheetProperties": there}, {"repeatCell": dates})
        shown[locale] = rows[0][0].get("formattedValue", "")
    told = ", ".join(f"{text} in {locale}" for locale, text in shown.items())
    return f"{told}.", all("21" in text and "11" in text and "26" in text for text in shown.values())


QUESTIONS = (
    Question(
        "What happens to a batch that creates metadata with an id in use?",
        "It is refused, and nothing of it written; words and status do not matter.",
        _id_in_use,
    ),
    Question("What does a batch leave that fails at its end?", "Nothing.", _nothing_left),
    Question("Is deleting metadata that is not there an error?", "No.", _nothing_to_delete),
    Question("May one batch delete and create the same metadata id?", "Nothing: ids are not reused.", _same_id_again),
    Question("Does metadata of a row follow the values when they are sorted?", "Nothing: rows have ids.", _row_sorted),
    Question(
        "Where does appendCells write under a filter that hides the last row?",
        "Below the last row with data, hidden or not.",
        _appended_under_a_filter,
    ),
    Question("Where does values.append write there?", "Nothing: it is not used.", _values_appended_under_a_filter),
    Question(
        "Does findReplace take its replacement for what it looks like?",
        "No: a word of the vocabulary stays text.",
        _replacements,
    ),
    Question(
        "What do rows with which appendCells grows the grid take over from those above?",
        "Nothing: each appended cell brings its own number format.",
        _grown,
    ),
    Question(
        "May one batch copy a sheet and take from original and copies the rows of others?",
        "Yes: so older years of a long history move to tabs of their own.",
        _divided,
    ),
    Question("How is a date without a pattern shown?", "As usual in the spreadsheet's locale.", _dates_shown),
    Question("How long until Drive notices a write?", "Nothing: Drive is not asked.", _drive_notices),
)


def _cells_set(sheet: int, rows: Sequence[Sequence[str | int]]) -> Request:
    lines = [{"values": [{"userEnteredValue": _entered(value)} for value in row]} for row in rows]
    start = {"sheetId": sheet, "rowIndex": 0, "columnIndex": 0}
    return {"updateCells": {"start": start, "rows": lines, "fields": "userEnteredValue"}}


def _entered(value: str | int) -> dict[str, object]:
    return {"stringValue": value} if isinstance(value, str) else {"numberValue": value}


def _metadata(id_: int, place: Request | None = None) -> Request:
    entry = {"metadataId": id_, "metadataKey": "question", "metadataValue": "x", "visibility": "DOCUMENT"}
    return {"createDeveloperMetadata": {"developerMetadata": {**entry, "location": place or {"spreadsheet": True}}}}


def _metadata_gone(id_: int) -> Request:
    return {"deleteDeveloperMetadata": {"dataFilter": {"developerMetadataLookup": {"metadataId": id_}}}}


def _filtered(scratch: Scratch) -> int:
    """A sheet of a header and three rows; a filter hides the last of them."""
    sheet = scratch.sheet([["name", "number"], ["a", 1], ["b", 2], ["c", 3]])
    cells = {"sheetId": sheet, "startRowIndex": 0, "endRowIndex": 4, "startColumnIndex": 0, "endColumnIndex": 2}
    hidden = {"columnIndex": 0, "filterCriteria": {"hiddenValues": ["c"]}}
    scratch.write({"setBasicFilter": {"filter": {"range": cells, "filterSpecs": [hidden]}}})
    return sheet


def _drive_facts(scratch: Scratch) -> dict[str, str]:
    url = f"{DRIVE_FILES}/{scratch.connection.spreadsheet_id}?fields=version,modifiedTime"
    found = scratch.connection.call("get", url)
    return {"version": found["version"], "modifiedTime": found["modifiedTime"]}


def _row_of(value: object, column: list[object]) -> str:
    rows = [str(number) for number, standing in enumerate(column, 1) if standing == value]
    return f"In row {' and '.join(rows)}, where 4 rows stood" if rows else "Not into the first column"


def _kind(cell: dict[str, Any]) -> str:
    return _KINDS.get(next(iter(cell.get("userEnteredValue", {})), ""), "nothing")


def _told(refused: NotApplied) -> str:
    return f"Status {refused.status}: “{refused.message}”."
