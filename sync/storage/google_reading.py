"""Reading every tab of a spreadsheet: in one request as long as it is small enough, in several that fit together else.

Nothing is written or decided here.
"""

from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b
from itertools import pairwise
from marshal import dumps

from sync.archives import absent, archived
from sync.book import locate
from sync.snapshot import Sheet, Snapshot
from sync.storage.google_answers import Known, letters, quoted
from sync.storage.google_connection import Connection
from validators.errors import WorkbookMoved, WrongUse
from validators.rows import Cell, as_text
from validators.tabs import TABS

_TRIES = 3
_OPEN_END = 10_000_000  # rows; Google cuts a range back to the grid


def read_sheets(connection: Connection, known: Known, most: int, titles: Mapping[str, str] | None) -> tuple[Sheet, ...]:
    """Every sheet as it stands, read in requests of at most `most` rows.

    Raises:
        NotApplied: the spreadsheet is no longer as it is known.
        WorkbookMoved: people moved rows between the requests, again and again.
        OutOfReach: no access, or no answer in time.
    """
    batches = list(_ranges(known, most))
    for _ in range(_TRIES):
        whole: dict[str, list[list[Cell]]] = {sheet.title: [] for sheet in known.shared}
        for ranges in batches:
            for (title, _), rows in zip(ranges, connection.values([cells for _, cells in ranges]), strict=True):
                whole[title] += rows
        sheets = tuple(Sheet(title, rows) for title, rows in whole.items())
        if len(batches) <= 1 or _still(connection, sheets, titles):
            return sheets
    raise WorkbookMoved(
        "Rows were moved while the spreadsheet was read, three times in a row.",
        "Run again, or raise [workbook] read_batch_rows so that one request reads all.",
    )


def is_complete(sheets: Sequence[Sheet], titles: Mapping[str, str] | None) -> bool:
    """Whether every tab is among `sheets`, and all to which older rows of the history were moved; else somebody may
    have added one since they were listed."""
    read = Snapshot("", "", tuple(sheets))
    try:
        places, older = locate(read, titles), archived(read, (titles or {}).get("history", ""))
    except WrongUse:
        return False
    return len(places) == len(TABS) and not absent(places["history"].table(), older)


def digest(sheets: Sequence[Sheet]) -> str:
    """A short text that differs when any cell or title differs."""
    # Version 0 of the format neither shares nor interns: equal cells give equal bytes.
    return blake2b(dumps([(sheet.title, sheet.rows) for sheet in sheets], 0), digest_size=8).hexdigest()


def _still(connection: Connection, sheets: Sequence[Sheet], titles: Mapping[str, str] | None) -> bool:
    """Whether no record moved between the first and the last of several reads: the id columns are as they were."""
    places = locate(Snapshot("", "", tuple(sheets)), titles).values()
    columns = [(p.sheet, p.header.columns["id"]) for p in places if p.header and "id" in p.header.columns]
    if not columns:
        return True
    found = connection.values([quoted(s.title, f"{letters(c)}:{letters(c)}") for s, c in columns])
    return all(
        _trimmed([as_text(row[c]) if c < len(row) else "" for row in sheet.rows])
        == _trimmed([as_text(row[0]) if row else "" for row in rows])
        for (sheet, c), rows in zip(columns, found, strict=True)
    )


def _ranges(known: Known, most: int) -> Iterator[list[tuple[str, str]]]:
    """Title and range of everything to read, in lists of at most `most` rows; the last range of a sheet is open."""
    ranges: list[tuple[str, str]] = []
    room = most
    for sheet in known.shared:
        starts = [*range(0, max(sheet.rows, 1), most), _OPEN_END]
        for first, end in pairwise(starts):
            rows = min(most, sheet.rows - first)
            if ranges and rows > room:
                yield ranges
                ranges, room = [], most
            ranges.append((sheet.title, quoted(sheet.title, f"{first + 1}:{end}" if len(starts) > 2 else "")))
            room -= rows
    if ranges:
        yield ranges


def _trimmed(texts: Sequence[str]) -> list[str]:
    last = max((i for i, text in enumerate(texts) if text), default=-1)
    return list(texts[: last + 1])
