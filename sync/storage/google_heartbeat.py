"""The heartbeat in a Google spreadsheet: a sheet with an id of its own, and a named range that follows its cells.

It takes no step of the register. A step would make the plan of any run fail that was decided before, once an hour, for
the sake of cells that no plan knows; and no plan can hurt it. Nor is the sheet read with the others, so that a saved
plan still fits after it. In place it is written by the name of its range, which Google looks up in the very moment of
writing; only where people have taken it apart it is written by position, a second after it was read.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from sync.heartbeat import Heartbeat, title
from sync.heartbeat_place import Spots, is_heartbeat, spots
from sync.recognising import Formula, Hit
from sync.snapshot import Sheet
from sync.storage.google_answers import HEARTBEATS, GridSheet, Known, entered, quoted
from sync.storage.google_connection import Connection, NotApplied, Unsure
from sync.storage.google_heartbeat_look import dressed, late_in_red, new_sheet
from sync.storage.google_register import Register
from sync.storage.google_requests import Request, cells_set, plain
from validators.errors import OutOfReach
from validators.rows import Cell

NAME = "kartoteka_heartbeat"
_SHEETS = "https://sheets.googleapis.com/v4/spreadsheets"
_STANDING = (
    "namedRanges(namedRangeId,name,range),sheets(properties(sheetId,title,gridProperties(rowCount,columnCount)),"
    "data(startRow,startColumn,rowData.values(effectiveValue,userEnteredValue.formulaValue)))"
)
_EDGES = ("startRowIndex", "endRowIndex", "startColumnIndex", "endColumnIndex")


@dataclass(frozen=True, slots=True)
class _Standing:
    """The sheet of the heartbeat as it stands; and the named range, if there is one: its id, and where it lies."""

    id: int
    rows: int
    columns: int
    cells: Sheet
    named: Mapping[str, Any] | None


def beat(heartbeat: Heartbeat, connection: Connection, register: Register, taken: Sequence[str] = ()) -> bool:
    """Write the heartbeat; False when there is no sheet for it, and none may be made. `taken` are titles that are none
    for it, besides those of the sheets.

    Raises:
        OutOfReach: Google does not answer, or refuses.
    """
    for known in _known(register):
        for sheet in _candidates(known, heartbeat):
            standing = _standing(connection, sheet)
            if standing and (sheet.id in HEARTBEATS or is_heartbeat(standing.cells)):
                _write(connection, standing, heartbeat)
                return True
    if heartbeat.may_make:
        _make(connection, register.known, heartbeat, taken)
        register.describe()
    return heartbeat.may_make


def _known(register: Register) -> Iterator[Known]:
    """What an earlier request told; if that does not do, what Google tells now."""
    yield register.known
    yield register.describe()


def _candidates(known: Known, heartbeat: Heartbeat) -> list[GridSheet]:
    """The sheet that is known by its id, or else those of its title: one may have come with a file, or a copy."""
    if known.heartbeat:
        return [known.heartbeat]
    return [sheet for sheet in known.sheets if sheet.title in heartbeat.titles]


def _standing(connection: Connection, sheet: GridSheet) -> _Standing | None:
    """How it stands; None when it is there no more, or under another title."""
    try:
        told = connection.describe(_STANDING, [quoted(sheet.title)], grid=True)
    except NotApplied:
        return None
    properties = told["sheets"][0]["properties"]
    if properties.get("sheetId", 0) != sheet.id:
        return None
    found = entered(told["sheets"], {sheet.title})[sheet.title]
    grid = properties["gridProperties"]
    return _Standing(sheet.id, grid["rowCount"], grid["columnCount"], _as_sheet(sheet.title, found), _name_in(told))


def _name_in(told: Mapping[str, Any]) -> Mapping[str, Any] | None:
    return next((each for each in told.get("namedRanges", []) if each.get("name") == NAME), None)


def _as_sheet(of: str, found: Mapping[tuple[int, int], Cell]) -> Sheet:
    height, width = (max((spot[i] + 1 for spot in found), default=0) for i in (0, 1))
    rows = [[found.get((row, column)) for column in range(width)] for row in range(height)]
    return Sheet(of, rows, frozenset(spot for spot, value in found.items() if isinstance(value, Formula)))


def _write(connection: Connection, standing: _Standing, heartbeat: Heartbeat) -> None:
    """In place by name; elsewhere, or where the name is gone, by position."""
    wanted = spots(standing.cells, heartbeat)
    area = _area(standing.id, wanted, heartbeat)
    if not wanted.is_new and standing.named and _same(standing.named.get("range", {}), area):
        lines = [[heartbeat.heading], *([label, plain(value)] for label, value in heartbeat.lines)]
        data = [{"range": NAME, "majorDimension": "ROWS", "values": lines}]
        url = f"{_SHEETS}/{connection.spreadsheet_id}/values:batchUpdate"
        content = {"valueInputOption": "RAW", "data": data}
        _done(connection, lambda: connection.call("post", url, content))
        return
    requests = [*_grown(standing, area), *_set(standing.id, wanted, area), *_named(standing.named, area)]
    _done(connection, lambda: connection.write({"requests": requests}))


def _make(connection: Connection, known: Known, heartbeat: Heartbeat, taken: Sequence[str]) -> None:
    """Two services that make it at once choose one id or one title, and Google refuses the second."""
    used = {sheet.id for sheet in known.sheets}
    id_ = next(each for each in (*HEARTBEATS[known.step % len(HEARTBEATS) :], *HEARTBEATS) if each not in used)
    name = title(heartbeat.titles, [*(sheet.title for sheet in known.sheets), *taken])
    wanted = spots(Sheet(name, ()), heartbeat)
    area = _area(id_, wanted, heartbeat)
    requests = [*new_sheet(id_, name), *_set(id_, wanted, area)]
    named = _name_in(connection.describe("namedRanges(namedRangeId,name)"))  # may be left over of a sheet that is gone
    _done(connection, lambda: connection.write({"requests": [*requests, *_named(named, area)]}))
    # A formula: in which locales Google takes it is not confirmed, and nothing else depends on it.
    with suppress(NotApplied, Unsure):
        connection.write({"requests": [late_in_red(id_)]})


def _area(sheet_id: int, wanted: Spots, heartbeat: Heartbeat) -> dict[str, int]:
    """The GridRange of heading and lines."""
    edges = (wanted.top, wanted.top + 1 + len(heartbeat.lines), wanted.left, wanted.left + 2)
    return {"sheetId": sheet_id, **dict(zip(_EDGES, edges, strict=True))}


def _same(found: Mapping[str, int], area: Mapping[str, int]) -> bool:
    return all(found.get(name, 0) == value for name, value in area.items())


def _grown(standing: _Standing, area: Mapping[str, int]) -> Iterator[Request]:
    for dimension, has, needs in (
        ("ROWS", standing.rows, area["endRowIndex"]),
        ("COLUMNS", standing.columns, area["endColumnIndex"]),
    ):
        if needs > has:
            yield {"appendDimension": {"sheetId": standing.id, "dimension": dimension, "length": needs - has}}


def _set(sheet_id: int, wanted: Spots, area: Mapping[str, int]) -> Iterator[Request]:
    if wanted.is_new:
        yield from dressed(area)
    yield from cells_set(sheet_id, [Hit(*spot, value) for spot, value in wanted.cells.items()])


def _named(standing: Mapping[str, Any] | None, area: Mapping[str, int]) -> Iterator[Request]:
    if standing:
        yield {"deleteNamedRange": {"namedRangeId": standing["namedRangeId"]}}
    yield {"addNamedRange": {"namedRange": {"name": NAME, "range": dict(area)}}}


def _done(connection: Connection, write: Callable[[], object]) -> None:
    """Carry it out once: if it is lost, the next heartbeat says the same."""
    try:
        write()
    except NotApplied as error:
        raise connection.explained(error) from error
    except Unsure as error:
        raise OutOfReach(
            f"It is not certain that Google has written how the service does: {error.message}",
            "Nothing need be done: the next sync writes it again.",
        ) from error
