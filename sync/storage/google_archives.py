"""Older rows of the history in a Google spreadsheet go to tabs of their own, whatever people do meanwhile.

Google duplicates the sheet, and from the two copies the same batch deletes rows that complement each other. So every
row stays in one of them, and in one only, also when somebody sorted or inserted rows since they were read: at worst it
stands in the wrong tab, and all of these tabs are read as one.
"""

from collections.abc import Callable, Mapping, Sequence

from sync.archives import Moving, movings, outside
from sync.book import locate
from sync.placing import place
from sync.plan import Plan
from sync.recognising import Hit
from sync.snapshot import Snapshot
from sync.storage.google_answers import GridSheet, Known
from sync.storage.google_register import Register, moved
from sync.storage.google_requests import Request, cells_set, rows_appended
from validators.errors import Refused
from validators.headers import Header, find_header
from validators.tabs import HISTORY

_MOST_RUNS = 50  # more of them mean that somebody has sorted the history by something else than time


def move_out(
    plan: Plan, after: Snapshot, titles: Mapping[str, str] | None, register: Register, read: Callable[[], Snapshot]
) -> None:
    """Carry out the archives of `plan`, decided on `after`, in one write; `read` reads the spreadsheet anew.

    Raises:
        WorkbookMoved: somebody has written since `after`, or renamed the history; nothing was changed.
        OutOfReach: Google refuses, or does not answer.
        Refused: the history is not in the order of time.
    """
    known = register.describe()
    if int(after.register.split("-")[0]) != known.step:
        raise moved()
    history = locate(after, titles)["history"]
    moving = movings(history, plan.archives)
    if sum(len(each.runs) for each in moving) > _MOST_RUNS:
        raise Refused(
            f"The tab '{history.sheet.title}' is not sorted by time, so its older rows cannot be moved.",
            "Sort it by its first column. Nothing was changed.",
        )
    try:
        sheet = known.sheet(history.sheet.title)
    except KeyError:
        raise moved() from None
    columns = place(after, plan, titles).layouts["history"].columns
    told = rows_appended(sheet.id, HISTORY, columns, [row.values for row in plan.appended])
    step, token = register.next()
    register.take(step, token, [*_copies(sheet, moving, known), told, *_without(sheet.id, _gone(moving))])
    register.describe()
    _with_headers(register, read(), [sheet.title, *(each.title for each in moving)])


def _copies(sheet: GridSheet, moving: Sequence[Moving], known: Known) -> list[Request]:
    """A copy of the history for each year, with the rows of that year alone."""
    used = {each.id for each in known.sheets}
    free = (number for number in range(known.step + 1, 2**31) if number not in used)
    requests: list[Request] = []
    for number, (each, id_) in enumerate(zip(moving, free, strict=False)):
        made = {"sourceSheetId": sheet.id, "newSheetId": id_, "newSheetName": each.title}
        requests.append({"duplicateSheet": made | {"insertSheetIndex": len(known.sheets) + number}})
        kept = [(0, each.header + 1), *each.runs]
        end = kept[-1][1]
        # One row more, so that there are some to delete: rows may have come below since, and stay in the history.
        requests.append({"appendDimension": {"sheetId": id_, "dimension": "ROWS", "length": 1}})
        requests += [_deleted(id_, end, None), *_without(id_, outside(kept, end))]
    return requests


def _gone(moving: Sequence[Moving]) -> list[tuple[int, int]]:
    return [run for each in moving for run in each.runs]


def _without(sheet_id: int, runs: Sequence[tuple[int, int]]) -> list[Request]:
    """The last rows first, so that the others stay in their places."""
    return [_deleted(sheet_id, first, end) for first, end in sorted(runs, reverse=True)]


def _deleted(sheet_id: int, first: int, end: int | None) -> Request:
    rows = {"sheetId": sheet_id, "dimension": "ROWS", "startIndex": first}
    return {"deleteDimension": {"range": rows if end is None else {**rows, "endIndex": end}}}


def _with_headers(register: Register, now: Snapshot, titles: Sequence[str]) -> None:
    """Somebody may have inserted rows above the headers in the very second before: then one of the sheets called
    `titles` has them, among its rows, and the others get them back."""
    ids = {sheet.title: sheet.id for sheet in register.known.sheets}
    found = {s.title: (s, find_header(s.rows, HISTORY)) for s in now.sheets if s.title in titles}
    labels = [
        [Hit(0, column, sheet.rows[header.index][column]) for column in header.columns.values()]
        for sheet, header in found.values()
        if isinstance(header, Header)
    ]
    requests: list[Request] = []
    for sheet, header in found.values():
        if labels and not isinstance(header, Header):
            row = {"sheetId": ids[sheet.title], "dimension": "ROWS", "startIndex": 0, "endIndex": 1}
            requests += [{"insertDimension": {"range": row}}, *cells_set(ids[sheet.title], labels[0])]
    if requests:
        step, token = register.next()
        register.take(step, token, requests)
