"""Older rows of the history in a Google spreadsheet go to tabs of their own, whatever people do meanwhile.

Google duplicates the sheet, and from the two copies the same batch deletes rows that complement each other. So every
row stays in one of them, and in one only, also when somebody sorted or inserted rows since they were read: at worst it
stands in the wrong tab, and all of these tabs are read as one.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from sync.archives import Moving, movings, outside
from sync.book import locate
from sync.placing import place
from sync.plan import Plan
from sync.recognising import Hit
from sync.snapshot import Snapshot
from sync.storage.google_answers import GridSheet, Known
from sync.storage.google_journal import GoogleJournal, Pending
from sync.storage.google_register import InDoubt, Register, moved
from sync.storage.google_requests import Request, cells_set, rows_appended
from validators.errors import KartotekaError, Refused, WorkbookMoved
from validators.headers import Header, find_header
from validators.tabs import HISTORY

_TRIES = 5  # to give headers back before others write
_MOST_RUNS = 50  # more of them mean that somebody has sorted the history by something else than time


def move_out(
    plan: Plan,
    after: Snapshot,
    titles: Mapping[str, str] | None,
    register: Register,
    journal: GoogleJournal,
    read: Callable[[], Snapshot],
) -> None:
    """Carry out the archives of `plan`, decided on `after`, in one write; `read` reads the spreadsheet anew. The
    `journal` knows of it until each of the sheets has its headers.

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
    divided = [sheet.title, *(each.title for each in moving)]
    journal.begin(Pending(step, token, {}, {}, divided=divided))
    try:
        register.take(step, token, dividing(sheet, moving, known, told))
    except InDoubt:
        raise
    except KartotekaError:
        journal.end()
        raise
    with_headers(register, read, divided)
    journal.end()


def with_headers(register: Register, read: Callable[[], Snapshot], titles: Sequence[str]) -> None:
    """Somebody may have inserted rows above the headers in the very second before the history was divided: then one of
    the sheets called `titles` has them, among its rows, and the others get them back.

    Raises:
        WorkbookMoved: others wrote again and again.
        OutOfReach: Google refuses, or does not answer.
    """
    for _ in range(_TRIES):
        register.describe()
        requests = _headers(register.known, read(), titles)
        if not requests:
            return
        step, token = register.next()
        with suppress(WorkbookMoved):
            register.take(step, token, requests)
            return
    raise moved()


def dividing(sheet: GridSheet, moving: Sequence[Moving], known: Known, told: Request) -> list[Request]:
    """The requests that take the rows of `moving` from `sheet` to copies of it, after `told` was carried out there."""
    return [*_copies(sheet, moving, known), told, *_without(sheet.id, [run for each in moving for run in each.runs])]


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


def _without(sheet_id: int, runs: Sequence[tuple[int, int]]) -> list[Request]:
    """The last rows first, so that the others stay in their places."""
    return [_deleted(sheet_id, first, end) for first, end in sorted(runs, reverse=True)]


def _deleted(sheet_id: int, first: int, end: int | None) -> Request:
    rows = {"sheetId": sheet_id, "dimension": "ROWS", "startIndex": first}
    return {"deleteDimension": {"range": rows if end is None else {**rows, "endIndex": end}}}


def _headers(known: Known, now: Snapshot, titles: Sequence[str]) -> list[Request]:
    """What gives headers to those of the sheets called `titles` that have none, where one of them has."""
    ids = {sheet.title: sheet.id for sheet in known.sheets}
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
    return requests
