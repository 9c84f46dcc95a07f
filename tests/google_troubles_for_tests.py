"""What can be wrong with a Google spreadsheet, its account or the way there: each does it to a firm, and tells how
to undo it; and what must hold afterwards."""

from collections.abc import Callable
from typing import TypeAlias

from tests.fakes.faults import Fault, Faults
from tests.fakes.sheets_server import FakeSheets, Logged
from tests.google_desk_for_tests import Done, Firm
from validators.rows import Cell

Heal: TypeAlias = Callable[[], object]
Trouble: TypeAlias = Callable[[Firm], Heal]
Cells: TypeAlias = dict[str, list[list[Cell]]]
WHO = "kartoteka@biuro-testowe.iam.gserviceaccount.com"
SHARE = f"Share (Udostępnij) → paste {WHO} → choose Editor"


def cells(firm: Firm) -> Cells:
    """Everything that people see; of the history neither when, nor by which run, nor the names of letters."""
    shown = {}
    for sheet in firm.book.snapshot():
        rows = [list(row) for row in sheet.rows]
        shown[sheet.title] = [row[2:8] for row in rows] if sheet.title == "Historia" else rows
    return {title: rows for title, rows in shown.items() if not firm.tab(title).hidden}


def refused(done: Done, status: int, *told: str) -> None:
    """It ended with `status`, and told every one of `told`."""
    assert done.status == status, done
    for words in told:
        assert words in done.err


def fine(firm: Firm, undisturbed: Cells | None = None) -> None:
    """The next run does all there is to do, the one after it nothing; nothing is left of what went wrong."""
    assert firm.run("sync").status == 0
    assert undisturbed is None or cells(firm) == undisturbed
    assert [path for path in firm.state.iterdir() if "pending" in path.name] == []
    written = firm.server.count("batchUpdate")
    assert firm.run("sync").status == 0
    assert firm.server.count("batchUpdate") == written


class Always(Faults):
    """One fault, every time; or for the first `writes`."""

    def __init__(self, fault: Fault, status: int = 429, *, page: bool = False, writes: int | None = None) -> None:
        super().__init__(0)
        self._fate, self._status, self._page, self._writes = fault, status, page, writes

    def draw(self, *, write: bool) -> Fault:
        if self._writes is None:
            return self._fate
        struck = write and self._writes > 0
        self._writes -= struck
        return self._fate if struck else Fault.NONE

    def status(self, *, applied: bool = False) -> int:
        return self._status

    def html(self) -> bool:
        return self._page


def no_such_spreadsheet(firm: Firm) -> Heal:
    firm.set_up("1" + "x" * 43)
    return lambda: firm.set_up(firm.book.id)


def in_the_bin(firm: Firm) -> Heal:
    book = firm.server.books.pop(firm.book.id)
    return lambda: firm.server.books.update({book.id: book})


def shared_as(role: str) -> Trouble:
    def trouble(firm: Firm) -> Heal:
        firm.server.shared[firm.book.id] = role
        return lambda: firm.server.shared.update({firm.book.id: "writer"})

    return trouble


def key_with(change: Callable[[str], str]) -> Trouble:
    def trouble(firm: Firm) -> Heal:
        firm.key.write_text(change(firm.key.read_text()))
        return lambda: firm.server.key_file(firm.key)

    return trouble


def no_key(firm: Firm) -> Heal:
    firm.key.unlink()
    return lambda: firm.server.key_file(firm.key)


def key_of_somebody_else(firm: Firm) -> Heal:
    """As Google sees the key of an account that was deleted."""
    return key_with(lambda key: key.replace(WHO, "dawny@biuro-testowe.iam.gserviceaccount.com"))(firm)


def api_off(firm: Firm) -> Heal:
    firm.server.api_enabled = False
    return lambda: setattr(firm.server, "api_enabled", True)


def deleted(title: str) -> Trouble:
    def trouble(firm: Firm) -> Heal:
        tab, place = firm.tab(title), firm.tab(title).index
        firm.delete_tab(title)
        return lambda: (firm.book.tabs.insert(place, tab), firm.book.renumber())

    return trouble


def renamed(title: str) -> Trouble:
    def trouble(firm: Firm) -> Heal:
        tab = firm.tab(title)
        tab.rename("Stare")
        return lambda: tab.rename(title)

    return trouble


def headless(title: str) -> Trouble:
    def trouble(firm: Firm) -> Heal:
        tab = firm.tab(title)
        header = list(tab.rows[0])
        tab.delete_rows(0)

        def heal() -> None:
            tab.insert_rows(0)
            tab.rows[0] = header

        return heal

    return trouble


def emptied(firm: Firm) -> Heal:
    tab = firm.tab("Faktury")
    rows, tab.rows = tab.rows, []
    return lambda: setattr(tab, "rows", rows)


def swapped(firm: Firm) -> Heal:
    clients, invoices = firm.tab("Klienci"), firm.tab("Faktury")

    def swap() -> None:
        title, other = clients.title, invoices.title
        clients.rename("w trakcie")
        invoices.rename(title)
        clients.rename(other)

    swap()
    return swap


def protected(title: str, first: int, end: int) -> Trouble:
    def trouble(firm: Firm) -> Heal:
        tab = firm.tab(title)
        kept = list(tab.protected_ranges)
        place = {"sheetId": tab.sheet_id, "startColumnIndex": first, "endColumnIndex": end}
        owner = {"users": ["szefowa@example.pl"]}
        tab.protected_ranges.append({"protectedRangeId": 77, "range": place, "editors": owner})
        return lambda: setattr(tab, "protected_ranges", kept)

    return trouble


def full(firm: Firm) -> Heal:
    """Ten million cells, and not one row left for the history."""
    history = firm.tab("Historia")
    history.resize(history.last_row, history.column_count)
    left = 10_000_000 - sum(tab.row_count * tab.column_count for tab in firm.book.tabs)
    rest = {"rowCount": 1, "columnCount": left % 10_000}
    grids = [{"rowCount": left // 10_000, "columnCount": 10_000}, *([rest] if left % 10_000 else [])]
    added = [firm.book.add_tab({"title": f"Archiwum {n}", "gridProperties": grid}) for n, grid in enumerate(grids)]
    return lambda: [firm.delete_tab(tab.title) for tab in added]


def faulty(faults: Faults) -> Trouble:
    def trouble(firm: Firm) -> Heal:
        firm.server.faults = faults
        return lambda: setattr(firm.server, "faults", None)

    return trouble


def unplugged(firm: Firm) -> Heal:
    firm.server.unplugged = True
    return lambda: setattr(firm.server, "unplugged", False)


def at(host: str) -> Trouble:
    def trouble(firm: Firm) -> Heal:
        firm.host = host
        return lambda: setattr(firm, "host", firm.server.url)

    return trouble


def state_is_a_file(firm: Firm) -> Heal:
    aside = firm.state.rename(firm.folder / "aside")
    firm.state.write_text("mine")
    return lambda: (firm.state.unlink(), aside.rename(firm.state))


def journal_cannot_be_written(firm: Firm) -> Heal:
    blocked = firm.state / f"google-{firm.book.id}.pending.new"
    blocked.mkdir()
    return blocked.rmdir


def pending(text: str) -> Trouble:
    def trouble(firm: Firm) -> Heal:
        path = firm.state / f"google-{firm.book.id}.pending.json"
        path.write_text(text)
        return path.unlink

    return trouble


class Moment:
    """What a person did just before our write, and how the sheet stood then."""

    heal: Heal
    cells: Cells


def just_before_the_write(firm: Firm, trouble: Trouble) -> Moment:
    moment = Moment()

    def act(_: FakeSheets, request: Logged) -> None:
        if request.kind == "batchUpdate" and not hasattr(moment, "heal"):
            moment.heal, moment.cells = trouble(firm), cells(firm)

    firm.server.before.append(act)
    return moment
