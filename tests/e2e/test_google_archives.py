"""Older years of the history move to tabs of their own in a Google spreadsheet, whatever people do in that second."""

import json
import multiprocessing
import os
import signal
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from itertools import count
from pathlib import Path

import pytest

from sync.archives import archived, moving_out, whole
from sync.book import locate
from sync.plan import AppendRow, Archive, Plan
from sync.snapshot import Sheet
from sync.storage.google import GoogleWorkbook
from tests.fakes.clocks import VirtualClock
from tests.fakes.fates import Fates
from tests.fakes.faults import Fault, Faults
from tests.fakes.sheet_tab import Tab
from tests.fakes.sheets_server import FakeSheets, Logged
from tests.google_for_tests import google_workbook
from tests.making import FAKTURY, HISTORY, KLIENCI
from tests.soak.kills import FATES
from tests.workbooks_for_tests import at
from validators.errors import OutOfReach, Refused, WorkbookMoved
from validators.tabs import REMINDERS, TEMPLATES, VOCABULARY

YEARS = ((2024, 30), (2025, 40), (2026, 20))
ROWS = [
    (f"{year}-{1 + n // 28:02}-{1 + n % 28:02}", f"{year}0101T080000-{n:04}", "status")
    for year, count in YEARS
    for n in range(count)
]
RUNS = Counter(row[1] for row in ROWS)
TOLD = AppendRow("history", {"time": "2026-11-23", "run": "r-9", "event": "przeniesiono do archiwum"})
Act = Callable[[Tab], object]


class Office:
    """A spreadsheet with a history of three years, and what happens to it."""

    def __init__(self, server: FakeSheets, folder: Path, clock: VirtualClock) -> None:
        self.server, self.folder, self.clock = server, folder, clock
        rules = [Sheet(t.pl, [[f.pl for f in t.fields]]) for t in (VOCABULARY, REMINDERS, TEMPLATES)]
        self.book = server.add("Kartoteka", [KLIENCI, FAKTURY, Sheet("Historia", [HISTORY, *ROWS]), *rules])
        self.workbook = self.opened("one")

    def opened(self, machine: str) -> GoogleWorkbook:
        return google_workbook(self.server, self.book, self.folder / machine, self.clock)

    def just_before(self, act: Act) -> None:
        """Somebody does this to the history right before it is split."""

        def strike(server: FakeSheets, request: Logged) -> None:
            if b"duplicateSheet" in request.body and self.book.tab("Historia").title:
                server.before.clear()
                act(self.book.tab("Historia"))

        self.server.before.append(strike)

    def move_out(self) -> None:
        before = self.workbook.read()
        history = locate(before)["history"]
        self.workbook.apply(moving_out(history, before.register, at("2026-11-23"), "r-9", "pl", ()), before)

    def told(self, workbook: GoogleWorkbook | None = None) -> Counter[object]:
        """The runs that are read, with how often each is."""
        read = (workbook or self.workbook).read()
        table = whole(locate(read)["history"].table(), archived(read))
        return Counter(run for run in table.column("run") if str(run).startswith("20"))


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    clock = VirtualClock()
    with FakeSheets(clock=clock.now) as server:
        yield Office(server, tmp_path, clock)


def _title(tab: Tab) -> None:
    tab.insert_rows(0, 2)
    tab.set(0, 0, "Dziennik zdarzeń")


MEDDLING: dict[str, Act] = {
    "nobody": lambda _: None,
    "sorts, newest first": lambda tab: tab.sort(0, descending=True),
    "sorts by run": lambda tab: tab.sort(1),
    "inserts a row above the headers": lambda tab: tab.insert_rows(0),
    "inserts a title above the headers": _title,
    "inserts rows below the headers": lambda tab: tab.insert_rows(1, 3),
    "inserts rows in the middle": lambda tab: tab.insert_rows(40, 5),
    "inserts rows at the end": lambda tab: tab.insert_rows(91, 200),
    "drags rows down": lambda tab: tab.move_rows(2, 20, 80),
    "moves a column": lambda tab: tab.move_column(1, 9),
    "cuts the empty rows off": lambda tab: tab.resize(91, 26),
}


@pytest.mark.parametrize("who", MEDDLING)
def test_each_row_stands_in_one_tab_and_in_one_only(office: Office, who: str) -> None:
    office.just_before(MEDDLING[who])
    office.move_out()
    assert office.told() == RUNS
    assert [tab.title for tab in office.book.tabs][-2:] == ["Historia 2024", "Historia 2025"]
    assert office.told(office.opened("two")) == RUNS


def test_undisturbed_each_year_stands_in_its_own_tab(office: Office) -> None:
    before = office.server.count("batchUpdate")
    office.move_out()
    assert office.server.count("batchUpdate") == before + 1
    shown = {
        tab.title: Counter(str(tab.cell(row, 1).value)[:4] for row in range(1, tab.last_row))
        for tab in office.book.tabs
        if tab.title.startswith("Historia")
    }
    assert shown == {
        "Historia": {"2026": 20, "r-9": 2},
        "Historia 2024": {"2024": 30},
        "Historia 2025": {"2025": 40},
    }


def test_a_row_that_somebody_deletes_meanwhile_is_all_that_goes(office: Office) -> None:
    office.just_before(lambda tab: tab.delete_rows(5, 2))
    office.move_out()
    assert office.told() == RUNS - Counter(row[1] for row in ROWS[4:6])


def test_what_somebody_types_meanwhile_goes_along(office: Office) -> None:
    office.just_before(lambda tab: tab.set(3, 12, "moja uwaga"))
    office.move_out()
    assert office.book.tab("Historia 2024").cell(3, 12).value == "moja uwaga"


def test_a_machine_that_knew_the_spreadsheet_before_reads_the_new_tabs_too(office: Office) -> None:
    """Else it would not know what was sent."""
    other = office.opened("two")
    other.read()
    office.move_out()
    assert office.told(office.opened("two")) == RUNS


def test_another_run_that_was_faster_wins(office: Office) -> None:
    before = office.workbook.read()
    other = office.opened("two")
    other.apply(Plan("r-8", "", appended=(TOLD,)), other.read())
    with pytest.raises(WorkbookMoved):
        office.workbook.apply(Plan("r-9", before.register, archives=(Archive("Historia 2024", 2024),)), before)
    assert office.told() == RUNS


def test_a_history_that_is_sorted_by_something_else_stays(office: Office) -> None:
    tab = office.book.tab("Historia")
    for row in range(1, 91):
        tab.set(row, 4, f"F-{row * 37 % 100}")
    tab.sort(4)
    with pytest.raises(Refused, match="not sorted by time"):
        office.move_out()
    assert office.told() == RUNS


@pytest.mark.parametrize("seed", range(4))
def test_with_a_network_that_fails_it_happens_once_or_not_at_all(office: Office, seed: int) -> None:
    """Whether the answer is lost, or the write comes late."""
    office.server.faults = Faults(seed, 0.5)
    with suppress(OutOfReach, Refused):
        office.move_out()
    office.server.faults = None
    office.server.settle()
    assert office.told(office.opened("two")) == RUNS
    assert len([tab for tab in office.book.tabs if tab.title.startswith("Historia")]) in (1, 3)


def killed(office: Office, faults: Mapping[int, Fault], operation: int = 0) -> int:
    """How a process ended (negative: by which signal) that divided the history, and was to be killed at the request
    that `faults` names, or at the `operation` on the journal of writes; both are counted from 1."""

    def divide() -> None:
        if operation:
            _die_at(operation)
        office.workbook = office.opened("one")
        office.move_out()

    child = multiprocessing.get_context("fork").Process(target=divide)

    def kill() -> None:
        os.kill(child.pid or 0, signal.SIGKILL)

    office.server.faults = Fates(faults, kill)
    child.start()
    child.join()
    with office.server.lock:  # the request that killed is carried out, or not, by then
        office.server.faults = None
    return child.exitcode or 0


def _die_at(operation: int) -> None:
    done = 0

    def audited(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal done
        if event in ("open", "os.rename", "os.remove") and any(".pending." in str(about) for about in arguments):
            done += 1
            if done == operation:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(audited)


@pytest.mark.parametrize("who", ["nobody", "inserts a title above the headers"])
def test_killed_at_any_step_the_next_run_finds_each_row_and_all_headers(tmp_path: Path, who: str) -> None:
    """Also while somebody puts a title above the headers, which are then given back by a second write."""
    with FakeSheets() as server:
        for fault in (*FATES, None):
            for number in count(1):
                server.before.clear()
                office = Office(server, tmp_path / f"{fault} {number}", VirtualClock())
                office.just_before(MEDDLING[who])
                status = killed(office, {number: fault}) if fault else killed(office, {}, number)
                next_run = office.opened("one")
                next_run.recover()
                assert office.told(next_run) == RUNS, (fault, number)
                server.settle()
                assert office.told(office.opened("two")) == RUNS, (fault, number)
                assert len([tab for tab in office.book.tabs if tab.title.startswith("Historia")]) in (1, 3)
                assert not list((office.folder / "one").glob("*.pending.json"))
                if status == 0:
                    break
            assert number > 3, "it was never killed"


def test_its_requests_say_what_they_do(office: Office) -> None:
    """Duplicates first, then our row, then what goes: each row index is of the sheet as it was read."""
    office.move_out()
    body = next(json.loads(r.body) for r in office.server.log if b"duplicateSheet" in r.body)
    kinds = [next(iter(request)) for request in body["requests"] if "createDeveloperMetadata" not in request]
    copied = ["duplicateSheet", "appendDimension", "deleteDimension"]
    assert kinds == [*copied, *copied, "deleteDimension", "appendCells", "deleteDimension", "deleteDimension"]
