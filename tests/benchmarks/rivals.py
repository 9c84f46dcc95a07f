"""The same work done by Kartoteka and by the ways in which others write: what each of them asks of Google and of us.

Each works on a copy of its own at the fake server. Bytes are bodies before gzip; CPU is that of the client's thread.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import thread_time
from typing import Any, Self

import gspread
from gspread.http_client import HTTPClient
from gspread.utils import rowcol_to_a1
from gspread_dataframe import get_as_dataframe, set_with_dataframe
from pandas import DataFrame, concat

from sync.plan import AppendRow, Plan, SetCell
from sync.snapshot import Sheet
from sync.storage.google_requests import plain
from tests.benchmarks.google import desk
from tests.benchmarks.office import NOW, look, set_up
from tests.benchmarks.register import sheets
from tests.fakes.real_client import connected
from tests.fakes.sheets_server import SIGN_IN, FakeSheets
from tests.fakes.spreadsheet import Spreadsheet
from validators.rows import Cell, Grid
from validators.tabs import tab

TITLES = (tab("invoices").pl, tab("history").pl)
TWENTIETH = 20
WHY = tab("invoices").field("why").pl
NOTE = AppendRow(
    "history",
    {"time": NOW, "run": "again", "event": "sprawdzono", "tab": "Faktury", "id": "F-0001", "after": "sprawdzić"},
)


@dataclass(frozen=True, slots=True)
class Work:
    """Two tabs of `rows` rows to be read, cells to be set and rows to be appended there: `plan`. `sheets` is the whole
    workbook before."""

    sheets: Sequence[Sheet]
    rows: int
    plan: Plan

    def share(self, of: int) -> Self:
        """Every `of`-th cell and row of it; none when `of` is 0."""
        changes, appended = (part[::of] if of else () for part in (self.plan.changes, self.plan.appended))
        return type(self)(self.sheets, self.rows, Plan("", "", changes=changes, appended=appended))


@dataclass(frozen=True, slots=True)
class Cost:
    """Requests, bytes sent and received, CPU seconds, and cells that stand otherwise than the work says."""

    requests: int
    sent: int
    received: int
    seconds: float
    wrong: int

    def plus(self, other: Self, times: int) -> Self:
        """This, and `other` so many times."""
        return type(self)(
            self.requests + other.requests * times,
            self.sent + other.sent * times,
            self.received + other.received * times,
            self.seconds + other.seconds * times,
            self.wrong + other.wrong * times,
        )


def compared(work: Work) -> dict[str, Cost]:
    """What the work costs in each way. Where every row is looked up, a twentieth is done and counted twenty times."""
    opened = theirs(cell_by_cell, work.share(0))
    some = theirs(cell_by_cell, work.share(TWENTIETH))
    return {
        "Kartoteka": ours(work),
        "gspread cell by cell, each row looked up": opened.plus(some.plus(opened, -1), TWENTIETH),
        "gspread cell by cell, by remembered row numbers": theirs(rows_remembered, work),
        "gspread batched by hand, by remembered row numbers": theirs(batched, work),
        "gspread-dataframe, both tabs whole": theirs(dataframe, work),
    }


def assignment(rows: int, cells: int, appended: int) -> Work:
    """`rows` invoices of a hundredth as many clients, and a history as long; `cells` invoices get a word each, spread
    over all of them, and the history `appended` rows."""
    workbook = set_up(sheets(max(rows // 100, 1), 100))
    new = workbook.read()
    workbook.apply(look(new, "first").plan, new)
    cut = [Sheet(s.title, s.rows[: rows + 1]) if s.title in TITLES else s for s in workbook.read().sheets]
    numbers = range(1, rows + 1, max(rows // cells, 1))
    changes = tuple(SetCell("invoices", f"F-{number:04}", "why", None, "sprawdzić") for number in numbers)
    return Work(cut, rows, Plan("", "", changes=changes, appended=(NOTE,) * appended))


def ours(work: Work) -> Cost:
    """Kartoteka: one batchGet, one batchUpdate. It reads all six tabs."""
    with desk(work.sheets) as google:
        workbook = google.workbook()
        return cost(google.server, google.book, work, lambda: workbook.apply(work.plan, workbook.read()))


def theirs(way: Callable[[gspread.Spreadsheet, Work], None], work: Work) -> Cost:
    """One of the ways below, beginning with the opening of the spreadsheet."""
    with FakeSheets() as server, TemporaryDirectory() as folder:
        book = server.add("Kartoteka", work.sheets)
        client: HTTPClient = connected(server, Path(folder) / "key.json")
        return cost(server, book, work, lambda: way(gspread.Spreadsheet(client, {"id": book.id}), work))


def cell_by_cell(book: gspread.Spreadsheet, work: Work) -> None:
    """Each row is looked up where it stands now, then written."""
    invoices, history = (book.worksheet(title) for title in TITLES)
    header, label = invoices.get_all_values()[0], history.get_all_values()[0]
    for change in work.plan.changes:
        found = invoices.find(change.id, in_column=header.index("ID") + 1)
        invoices.update_cell(found.row, header.index(WHY) + 1, change.after)
    for row in work.plan.appended:
        history.append_row(_line(row, label))


def rows_remembered(book: gspread.Spreadsheet, work: Work) -> None:
    """The same with the row numbers of the first reading: they are wrong as soon as a person sorts."""
    invoices, history = (book.worksheet(title) for title in TITLES)
    grid, label = invoices.get_all_values(), history.get_all_values()[0]
    rows = _rows(grid)
    for change in work.plan.changes:
        invoices.update_cell(rows[change.id], grid[0].index(WHY) + 1, change.after)
    for row in work.plan.appended:
        history.append_row(_line(row, label))


def batched(book: gspread.Spreadsheet, work: Work) -> None:
    """By remembered row numbers too, but one request for all cells of a tab and one for all new rows."""
    invoices, history = (book.worksheet(title) for title in TITLES)
    grid, label = invoices.get_all_values(), history.get_all_values()[0]
    rows, column = _rows(grid), grid[0].index(WHY) + 1
    invoices.batch_update(
        [{"range": rowcol_to_a1(rows[c.id], column), "values": [[c.after]]} for c in work.plan.changes]
    )
    history.append_rows([_line(row, label) for row in work.plan.appended])


def dataframe(book: gspread.Spreadsheet, work: Work) -> None:
    """gspread-dataframe as its documentation shows it: both tabs whole into pandas, and whole back."""
    invoices, history = (book.worksheet(title) for title in TITLES)
    frame, past = get_as_dataframe(invoices), get_as_dataframe(history)
    words = {change.id: change.after for change in work.plan.changes}
    frame[WHY] = frame["ID"].map(words).fillna(frame[WHY])
    new = DataFrame([_line(row, past.columns) for row in work.plan.appended], columns=past.columns)
    set_with_dataframe(invoices, frame)
    set_with_dataframe(history, concat([past, new]))


def cost(server: FakeSheets, book: Spreadsheet, work: Work, act: Callable[[], object]) -> Cost:
    """What `act` takes, and what it leaves wrong."""
    before, first = book.snapshot(), len(server.log)
    start = thread_time()
    act()
    seconds = thread_time() - start
    made = [request for request in server.log[first:] if request.kind not in SIGN_IN]
    return Cost(
        len(made),
        sum(len(request.body) for request in made),
        sum(request.bytes_plain for request in made),
        seconds,
        wrong(before, book, work),
    )


def wrong(before: Sequence[Sheet], book: Spreadsheet, work: Work) -> int:
    """How many cells of the two tabs stand otherwise than `before` with the work done."""
    invoices, history = (_grid(before, title) for title in TITLES)
    wanted = [_cells(invoices), _cells([*history, *(_line(row, history[0]) for row in work.plan.appended)])]
    rows, column = _rows(invoices), list(invoices[0]).index(WHY)
    wanted[0] |= {(rows[change.id] - 1, column): change.after for change in work.plan.changes}
    found = [_cells(_grid(book.snapshot(), title)) for title in TITLES]
    return sum(
        right.get(place) != there.get(place)
        for right, there in zip(wanted, found, strict=True)
        for place in right.keys() | there.keys()
    )


def _grid(sheets: Sequence[Sheet], title: str) -> Grid:
    return next(sheet.rows for sheet in sheets if sheet.title == title)


def _cells(grid: Grid) -> dict[tuple[int, int], Cell]:
    lines = ((row, enumerate(line)) for row, line in enumerate(grid))
    return {(row, column): value for row, line in lines for column, value in line if value not in (None, "")}


def _rows(grid: Grid) -> dict[Cell, int]:
    """The 1-based row of each id."""
    column = list(grid[0]).index("ID")
    return {line[column]: row for row, line in enumerate(grid, 1)}


def _line(row: AppendRow, header: Sequence[Cell]) -> list[Any]:
    """The row as JSON can bear it, under `header`."""
    values = {tab(row.tab).field(name).pl: plain(value) for name, value in row.values.items()}
    return [values.get(str(label), "") for label in header]
