"""Whatever is wrong with a Google spreadsheet, its account or the way there ends in a sentence that says what and what to
do, and an exit status: nothing half-written, the sheet as it was, and the next run as if nothing had been."""

import json
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TypeAlias

import pytest

from sync.snapshot import Sheet
from tests.e2e.running import command, kartoteka
from tests.fakes.clocks import VirtualClock
from tests.fakes.faults import Fault, Faults
from tests.fakes.scripted_server import PAGE, ScriptedServer, answer, cut
from tests.fakes.sheets_server import FakeSheets, Logged
from tests.google_desk_for_tests import FAKTURY, KLIENCI, Done, Firm
from validators.rows import Cell

Heal: TypeAlias = Callable[[], object]
Trouble: TypeAlias = Callable[[Firm], Heal]
Cells: TypeAlias = dict[str, list[list[Cell]]]
WHO = "kartoteka@biuro-testowe.iam.gserviceaccount.com"
SHARE = f"Share (Udostępnij) → paste {WHO} → choose Editor"


CLOCK = VirtualClock()


@pytest.fixture(scope="module")
def google() -> Iterator[FakeSheets]:
    with FakeSheets(clock=CLOCK) as server:
        yield server


@pytest.fixture(scope="module")
def ready(google: FakeSheets, tmp_path_factory: pytest.TempPathFactory) -> Firm:
    """A firm that is set up and synced, and has something new to write; others are copies of it."""
    firm = Firm(google, google.add("Kartoteka", [KLIENCI, FAKTURY]), tmp_path_factory.mktemp("ready"), CLOCK)
    firm.trimmed()
    assert firm.run("init").status == 0
    firm.trimmed()
    assert firm.run("sync").status == 0
    firm.types("Faktury", "FV/1", "Zapłacono", 500)
    firm.types("Klienci", "Beta Jan Kos", "Etap", "OFERTA")
    return firm


@pytest.fixture(scope="module")
def undisturbed(ready: Firm, tmp_path_factory: pytest.TempPathFactory) -> Cells:
    """How such a firm's sheet looks after its next sync, when nothing goes wrong."""
    quiet = ready.copied(tmp_path_factory.mktemp("undisturbed"))
    assert quiet.run("sync").status == 0
    return cells(quiet)


@pytest.fixture
def firm(ready: Firm, tmp_path: Path) -> Iterator[Firm]:
    yield ready.copied(tmp_path)
    ready.server.before.clear()
    ready.server.faults, ready.server.unplugged, ready.server.api_enabled = None, False, True


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


NO_HEADER = ("has no header row", "Write these headers into one row above the data")
NO_TAB = ("The workbook has no tab", "kartoteka init")
UNREADABLE_JOURNAL = (3, "pending.json", "cannot be read", "remove this file")
BEFORE: Mapping[str, tuple[Trouble, int, *tuple[str, ...]]] = {
    "no such spreadsheet": (no_such_spreadsheet, 3, "no Google spreadsheet '1xxx", "copy its whole address"),
    "in the bin": (in_the_bin, 3, "There is no Google spreadsheet", "take it back out of the bin"),
    "not shared": (shared_as(""), 3, f"is not shared with {WHO}", SHARE),
    "shared for reading": (shared_as("reader"), 3, "for reading only", "Nothing was written", SHARE),
    "no key file": (no_key, 2, "service-account.json does not exist", "Make a JSON key"),
    "key cut off": (key_with(lambda key: key[:300]), 2, "service-account.json", "damaged JSON", "Make a JSON key"),
    "key altered": (key_with(lambda key: key.replace("MII", "MXI")), 2, "private key is damaged", "Make a JSON key"),
    "account deleted": (key_of_somebody_else, 3, "dawny@biuro", "deleted or disabled", "new JSON key"),
    "API not enabled": (api_off, 3, "API is not enabled", "sheets.googleapis.com/overview?project=", "→ Enable"),
    "tab deleted": (deleted("Klienci"), 2, "no tab 'Klienci' (Clients)", "It has: 'Faktury'", "kartoteka init"),
    "tab renamed": (renamed("Faktury"), 2, "no tab 'Faktury' (Invoices)", "'Stare'", "kartoteka init"),
    "header row deleted": (headless("Klienci"), 2, "The tab 'Klienci'", *NO_HEADER),
    "history without header": (headless("Historia"), 2, "The tab 'Historia'", *NO_HEADER),
    "tab emptied": (emptied, 2, "no tab 'Faktury' (Invoices) with headers", "kartoteka init"),
    "titles swapped": (swapped, 2, "The tab 'Klienci' has no header row", "where 'Numer' stands"),
    "service column protected": (protected("Faktury", 15, 25), 3, "protected range", WHO, "Data (Dane)", "Nothing was"),
    "history protected": (protected("Historia", 0, 9), 3, "protected range", WHO, "Protected sheets and ranges"),
    "ten million cells": (full, 3, "10 million cells", "Delete empty rows", "Nothing was written"),
    "429 for ever": (faulty(Always(Fault.REFUSED)), 3, "limit of requests a minute", "Wait a minute"),
    "503 page for ever": (faulty(Always(Fault.REFUSED, 503, page=True)), 3, "status 503", "appsstatus"),
    "answers cut off": (faulty(Always(Fault.CUT)), 3, "broke off", "Check the internet connection"),
    "network down": (unplugged, 3, "broke off", "Check the internet connection"),
    "nobody there": (at("http://127.0.0.1:9"), 3, "No connection to Google", "firewall"),
    "no such name": (at("http://sheets.invalid"), 3, "was not found", "offline", "DNS"),
    "no address": (at("http://127.0.0.1:port"), 2, "SHEETS_EMULATOR_HOST", "unset it to use Google"),
    "state folder is a file": (state_is_a_file, 3, "state folder", "cannot be written", "[state] folder"),
    "journal cannot be written": (journal_cannot_be_written, 3, "pending", "cannot be written", "[state] folder"),
    "journal cut off": (pending('{"format": 1, "st'), *UNREADABLE_JOURNAL),
    "journal of the future": (pending('{"format": 2}'), *UNREADABLE_JOURNAL),
    "journal of something else": (pending('{"format":1,"step":"x","token":1,"pages":{}}'), *UNREADABLE_JOURNAL),
    "journal of a list": (pending('{"format":1,"step":1,"token":"x","pages":[]}'), *UNREADABLE_JOURNAL),
}


@pytest.mark.parametrize("name", BEFORE)
def test_what_is_wrong_at_the_start_is_said_and_changes_nothing(name: str, firm: Firm, undisturbed: Cells) -> None:
    trouble, status, *told = BEFORE[name]
    heal = trouble(firm)
    before = cells(firm)
    refused(firm.run("sync"), status, *told)
    assert cells(firm) == before
    heal()
    if name != "titles swapped":
        fine(firm, undisturbed)


MEANWHILE: Mapping[str, tuple[Trouble, int, *tuple[str, ...]]] = {
    "tab deleted": (deleted("Klienci"), 2, "no tab 'Klienci' (Clients)", "It has: 'Faktury'"),
    "history deleted": (deleted("Historia"), 2, "no tab 'Historia' (History)", "kartoteka init"),
    "tab renamed": (renamed("Klienci"), 2, "no tab 'Klienci' (Clients)", "'Stare'"),
    "service column protected": (protected("Faktury", 15, 25), 3, "protected range", WHO, "Nothing was written"),
    "put into the bin": (in_the_bin, 3, "There is no Google spreadsheet", "bin"),
    "no longer shared": (shared_as(""), 3, "or not any more", "Nothing was written", SHARE),
    "no longer for writing": (shared_as("reader"), 3, "for reading only", "Nothing was written", SHARE),
}


@pytest.mark.parametrize("name", MEANWHILE)
def test_what_goes_wrong_between_read_and_write_is_said_and_nothing_half_written(
    name: str, firm: Firm, undisturbed: Cells
) -> None:
    trouble, status, *told = MEANWHILE[name]
    moment = just_before_the_write(firm, trouble)
    refused(firm.run("sync"), status, *told)
    assert cells(firm) == moment.cells
    moment.heal()
    fine(firm, undisturbed)


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


@pytest.mark.parametrize("title", ["Klienci", "Faktury"])
def test_a_header_row_deleted_between_read_and_write_is_named_and_all_is_right_once_it_is_back(
    title: str, firm: Firm, undisturbed: Cells
) -> None:
    """Without it nobody can tell what the columns are; what landed a row too low is mended as soon as it is there."""
    moment = just_before_the_write(firm, headless(title))
    refused(firm.run("sync"), 2, f"header row of the tab '{title}' is gone", "Put it back", "half-written is mended")
    refused(firm.run("sync"), 2, f"'{title}'", "header")
    moment.heal()
    fine(firm, undisturbed)


def test_titles_swapped_between_read_and_write_mislead_nobody(firm: Firm, undisturbed: Cells) -> None:
    """The write goes to the tabs that were read, whatever they are called by then."""
    moment = just_before_the_write(firm, swapped)
    firm.run("sync")
    moment.heal()
    fine(firm, undisturbed)


def anew(firm: Firm) -> Heal:
    """Delete a tab and make another of the same title with the same content."""
    old = firm.delete_tab("Faktury")
    firm.book.add_tab({"title": "Faktury", "index": old.index}).rows = [list(row) for row in old.rows]
    return lambda: None


def test_a_tab_made_anew_under_its_old_title_is_the_tab(firm: Firm, undisturbed: Cells) -> None:
    anew(firm)
    fine(firm, undisturbed)


def test_a_tab_made_anew_between_read_and_write_is_the_tab(firm: Firm, undisturbed: Cells) -> None:
    just_before_the_write(firm, anew)
    fine(firm, undisturbed)


def test_a_token_that_expires_between_read_and_write_is_renewed(firm: Firm, undisturbed: Cells) -> None:
    just_before_the_write(firm, lambda firm: firm.server.expire_tokens() or (lambda: None))
    fine(firm, undisturbed)


@pytest.mark.parametrize("fault", [Fault.REFUSED, Fault.FAILED, Fault.RESET, Fault.CUT, Fault.LATE])
def test_a_write_of_which_nobody_hears_is_there_once(fault: Fault, firm: Firm, undisturbed: Cells) -> None:
    heal = faulty(Always(fault, 503, writes=1))(firm)
    assert firm.run("sync").status == 0
    heal()
    firm.server.settle()
    fine(firm, undisturbed)


CACHES = {
    "cut off": '{"title": "Kar',
    "empty": "",
    "of something else": "[1, 2]",
    "of nothing": "null",
    "with other types": '{"title":"x","locale":"pl_PL","time_zone":"x","sheets":[{"id":"a","title":5}],"step":5}',
    "from the future": '{"title":"x","locale":"pl_PL","time_zone":"x","sheets":[],"step":5,"holders":[],"format":7}',
    "without sheets": '{"title":"x","locale":"pl_PL","time_zone":"x","sheets":[],"step":5,"holders":{}}',
}


@pytest.mark.parametrize("name", CACHES)
def test_what_is_remembered_of_the_spreadsheet_may_be_damaged(name: str, firm: Firm, undisturbed: Cells) -> None:
    (firm.state / f"google-{firm.book.id}.json").write_text(CACHES[name])
    fine(firm, undisturbed)


@pytest.mark.parametrize("ahead", [-2, -1, 7])
def test_a_register_remembered_wrongly_costs_a_request_at_most(ahead: int, firm: Firm, undisturbed: Cells) -> None:
    path = firm.state / f"google-{firm.book.id}.json"
    known = json.loads(path.read_text())
    known |= {"step": known["step"] + ahead, "holders": {int(n) + ahead: who for n, who in known["holders"].items()}}
    path.write_text(json.dumps(known))
    fine(firm, undisturbed)


def test_what_is_remembered_of_another_spreadsheet_misleads_nobody(
    google: FakeSheets, firm: Firm, undisturbed: Cells, tmp_path: Path
) -> None:
    other = Firm(google, google.add("Inna", [FAKTURY, KLIENCI]), tmp_path / "other", CLOCK)
    assert other.run("init").status == 0
    theirs = (other.state / f"google-{other.book.id}.json").read_text()
    (firm.state / f"google-{firm.book.id}.json").write_text(theirs)
    fine(firm, undisturbed)


def test_a_copy_under_another_address_is_a_spreadsheet_of_its_own(firm: Firm, undisturbed: Cells) -> None:
    """Nothing that is remembered of the old one is held against the new one."""
    other = firm.copied(firm.folder / "other")
    firm.book = other.book
    firm.book.metadata.clear()
    firm.set_up(firm.book.id)
    fine(firm, undisturbed)


def test_tabs_of_the_teams_own_are_no_trouble_whatever_they_are_called(firm: Firm, undisturbed: Cells) -> None:
    """Chart sheets, hidden tabs, quotation marks, emoji, titles that look like cells and ranges."""
    firm.book.add_tab({"title": "Wykres 1", "sheetType": "OBJECT", "index": 0})
    titles = ("D3", "A1:B2", "Klienci!A1", "U Ani 'starzy' \"x\" 😀", "ukryta")
    for title in titles:
        firm.book.add_tab({"title": title, "hidden": title == "ukryta"}).set(0, 0, "moje")
    (firm.state / f"google-{firm.book.id}.json").unlink()
    assert firm.run("sync").status == 0
    assert {title: rows for title, rows in cells(firm).items() if title not in titles} == undisturbed
    assert [firm.tab(title).cell(0, 0).value for title in titles] == ["moje"] * len(titles)


def test_our_own_tabs_may_be_hidden_and_bear_any_title(google: FakeSheets, tmp_path: Path) -> None:
    title = "😀 'Nasi' D3!A1"
    book = google.add("Kartoteka", [FAKTURY, Sheet(title, KLIENCI.rows)])
    firm = Firm(google, book, tmp_path, CLOCK, options=f'[workbook.tabs]\nclients="{title}"\n')
    firm.tab(title).properties["hidden"] = True
    assert firm.run("init").status == 0
    fine(firm)
    assert firm.tab(title).cell(1, 7).value == "K-0001"


def test_a_grid_without_a_row_or_column_to_spare_grows(google: FakeSheets, tmp_path: Path) -> None:
    firm = Firm(google, google.add("Kartoteka", [KLIENCI, FAKTURY]), tmp_path, CLOCK)
    firm.tab("Klienci").resize(3, 7)
    firm.tab("Faktury").resize(3, 8)
    assert firm.run("init").status == 0
    firm.tab("Historia").resize(1, 9)
    fine(firm)
    assert firm.cell("Faktury", "FV/2", "ID") == "F-0002"
    assert firm.tab("Historia").last_row > 5


@pytest.mark.parametrize("rows", [1, 1000])
def test_a_tab_of_headers_alone_is_no_error(rows: int, firm: Firm) -> None:
    firm.tab("Faktury").resize(1, firm.tab("Faktury").column_count)
    firm.tab("Faktury").resize(rows, firm.tab("Faktury").column_count)
    fine(firm)
    assert "2 clients and 0 invoices" in firm.run("sync").out


def test_a_spreadsheet_with_nothing_in_it_gets_its_tabs_from_init(google: FakeSheets, tmp_path: Path) -> None:
    """An empty tab under one of our titles is filled, an empty one of a single cell too."""
    firm = Firm(google, google.add("Nowy", [Sheet("Faktury", [])]), tmp_path, CLOCK)
    firm.tab("Faktury").resize(1, 1)
    refused(firm.run("sync"), 2, "no tab 'Klienci'", "kartoteka init")
    assert firm.run("init").status == 0
    fine(firm)


def test_a_tab_that_was_missing_is_found_when_it_is_there(firm: Firm, undisturbed: Cells) -> None:
    tab, place = firm.tab("Szablony"), firm.tab("Szablony").index
    firm.delete_tab("Szablony")
    refused(firm.run("sync"), 2, "no tab 'Szablony'", "kartoteka init")
    new = firm.book.add_tab({"title": "Szablony", "index": place})
    new.rows = [list(row) for row in tab.rows]
    fine(firm, undisturbed)


def test_merged_cells_are_problems_of_their_row(firm: Firm) -> None:
    """Of merged cells Google shows the first, the others are blank."""
    firm.tab("Faktury").set(3, 0, "Razem za listopad")
    done = firm.run("check")
    assert done.status == 1
    assert "row 4" in done.out


@pytest.mark.parametrize(
    "part", [PAGE, answer(200, b""), answer(200, b"[1]"), cut], ids=["page", "empty", "list", "cut"]
)
def test_an_answer_of_somebody_else_is_not_taken_for_googles(part, firm: Firm, undisturbed: Cells) -> None:
    before = cells(firm)
    with ScriptedServer(part) as guest_network:
        heal = at(guest_network.url)(firm)
        refused(firm.run("sync"), 3, "run again")
    assert cells(firm) == before
    heal()
    fine(firm, undisturbed)


def test_a_network_that_goes_away_for_good_in_the_middle_of_a_write(
    ready: Firm, tmp_path: Path, undisturbed: Cells
) -> None:
    """The write is carried out unheard; the next run finds it, and does nothing twice."""
    with FakeSheets(clock=CLOCK) as gone:
        firm = moved_to(gone, ready.copied(tmp_path))
        just_before_the_write(firm, lambda _: gone.stop() or (lambda: None))
        refused(firm.run("sync"), 3, "No connection", "Check the internet connection")
    with FakeSheets(clock=CLOCK) as back:
        fine(moved_to(back, firm), undisturbed)


def moved_to(server: FakeSheets, firm: Firm) -> Firm:
    """The same firm at another server."""
    server.books[firm.book.id], server.shared[firm.book.id] = firm.book, "writer"
    firm.server, firm.host = server, server.url
    server.key_file(firm.key)
    return firm


class TestTheCommand:
    """As a process of its own: exit status, no traceback."""

    def test_an_error_is_a_sentence_and_a_status(self, firm: Firm) -> None:
        shared_as("")(firm)
        done = kartoteka(firm.folder, "sync", SHEETS_EMULATOR_HOST=firm.host)
        assert done.returncode == 3
        assert "Traceback" not in done.stderr
        assert f"is not shared with {WHO}" in done.stderr
        assert SHARE in done.stderr

    def test_ctrl_c_while_google_keeps_us_waiting(self, firm: Firm, undisturbed: Cells) -> None:
        """Exit status 130, nothing lost, and the next run does it all."""
        heal = faulty(Always(Fault.REFUSED))(firm)
        asked = firm.server.count()
        run = subprocess.Popen(
            command("sync", "--now", "2026-11-23T08:00"),
            cwd=firm.folder,
            env={"SHEETS_EMULATOR_HOST": firm.host, "PYTHONPATH": str(Path.cwd())},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        until = time.monotonic() + 60
        while firm.server.count() < asked + 2 and time.monotonic() < until:
            time.sleep(0.05)
        run.send_signal(signal.SIGINT)
        _, told = run.communicate(timeout=60)
        assert run.returncode == 130
        assert "Interrupted." in told
        assert "Traceback" not in told
        heal()
        fine(firm, undisturbed)
