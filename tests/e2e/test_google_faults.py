"""Google refuses, loses answers, applies late: nothing is written twice, nothing is lost, and it stays cheap."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sync.plan import AppendRow
from sync.storage.google import GoogleWorkbook
from tests.fakes.clocks import VirtualClock
from tests.fakes.fates import Fates
from tests.fakes.faults import Fault, Faults
from tests.fakes.sheets_server import FakeSheets
from tests.google_for_tests import google_workbook
from tests.making import SHEETS, client, plan
from tests.soak.through_faults import Tally, write
from validators.errors import OutOfReach, WorkbookMoved

WRITES = 150


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Tally:
    """The same writes without a fault."""
    return write(tmp_path_factory.mktemp("undisturbed"), WRITES, None)


def test_without_faults_a_write_costs_two_requests(undisturbed: Tally) -> None:
    """And one more, once: what the spreadsheet is."""
    assert undisturbed.requests == 2 * WRITES + 1
    assert undisturbed.sound(undisturbed.requests)


def test_each_write_is_there_once_whatever_google_does(undisturbed: Tally, tmp_path: Path) -> None:
    """20 % of requests refused, 5 % of writes applied unheard, 2 % applied 30 s late: nothing twice, nothing lost, no
    more than 60 requests a minute, and at most three times as many as without."""
    tally = write(tmp_path, WRITES, Faults(5))
    told = f"{tally.requests} requests instead of {undisturbed.requests}, {dict(tally.faults)}"
    assert tally.faults["refused"] > 50, told
    assert tally.faults["lost"] >= 5, told
    assert tally.faults["late"] >= 2, told
    assert (tally.twice, tally.lost, tally.wrong) == ([], [], []), told
    assert tally.in_a_minute <= 60, told
    assert tally.requests <= 3 * undisturbed.requests, told


def test_a_write_that_arrives_minutes_later_has_no_effect(tmp_path: Path) -> None:
    """Its step of the register is still taken then, though a hundred others were taken since."""
    tally = write(tmp_path, WRITES, Faults(3, refused=0.0, lost=0.0, late=0.08, late_by=200.0))
    assert tally.faults["late"] >= 8
    assert tally.seconds > 300
    assert (tally.twice, tally.lost, tally.wrong) == ([], [], [])


class TestRecover:
    """A run that ended without knowing what became of its write."""

    @pytest.fixture(autouse=True)
    def google(self, tmp_path: Path) -> Iterator[None]:
        self.folder, self.clock = tmp_path, VirtualClock()
        with FakeSheets(clock=self.clock.now) as self.server:
            self.book = self.server.add("Kartoteka", SHEETS)
            yield

    def run(self) -> GoogleWorkbook:
        """A new process on the same machine."""
        return google_workbook(self.server, self.book, self.folder, self.clock)

    def write(self, workbook: GoogleWorkbook, text: str) -> None:
        told = AppendRow("history", {"run": text, "event": "problem", "id": "K-0001"})
        workbook.apply(plan(client("K-0001", "problems", text), appended=[told]), after=workbook.read())

    def cut_off(self, fault: Fault) -> None:
        """A run whose write meets `fault`, and whose network fails at that moment."""
        workbook = self.run()
        self.write(workbook, "pierwszy")
        self.server.faults = Fates({2: fault}, self._unplug)
        with pytest.raises(OutOfReach, match=r"Google|connection"):
            self.write(workbook, "przerwany")
        self.server.unplugged = False

    def stands(self) -> tuple[object, list[object]]:
        """What the service cell holds, and the runs that the history tells of."""
        sheets = {sheet.title: sheet.rows for sheet in self.book.snapshot()}
        return sheets["Klienci"][2][9], [row[1] for row in sheets["Historia"][1:]]

    def _unplug(self) -> None:
        self.server.unplugged = True

    @pytest.mark.parametrize("fault", [Fault.REFUSED, Fault.LATE])
    def test_a_write_that_had_not_arrived_never_does_once_the_next_run_has_begun(self, fault: Fault) -> None:
        self.cut_off(fault)
        following = self.run()
        following.recover()
        self.server.settle()
        assert self.stands() == ("pierwszy", ["pierwszy"])
        self.write(following, "następny")
        assert self.stands() == ("następny", ["pierwszy", "następny"])

    def test_a_write_that_arrives_after_the_next_run_has_written_has_no_effect(self) -> None:
        self.cut_off(Fault.LATE)
        following = self.run()
        following.recover()
        self.write(following, "następny")
        self.server.settle()
        assert self.server.log[-1].kind == "batchUpdate"
        assert self.stands() == ("następny", ["pierwszy", "następny"])

    @pytest.mark.parametrize("fault", [Fault.CLOSED, Fault.CUT, Fault.FAILED])
    def test_of_a_write_that_had_arrived_nothing_is_done_again(self, fault: Fault) -> None:
        self.cut_off(fault)
        following = self.run()
        before = self.server.count("batchUpdate")
        following.recover()
        assert self.stands() == ("przerwany", ["pierwszy", "przerwany"])
        assert self.server.count("batchUpdate") == before
        following.recover()
        self.write(following, "następny")
        assert self.stands() == ("następny", ["pierwszy", "przerwany", "następny"])

    def test_a_write_that_arrives_while_the_next_run_fences_it_is_finished(self) -> None:
        """Whoever takes the step first wins; the other learns of it."""
        self.cut_off(Fault.LATE)
        self.server.before.append(lambda server, request: server.settle() if request.kind == "batchUpdate" else None)
        following = self.run()
        following.recover()
        assert self.stands() == ("przerwany", ["pierwszy", "przerwany"])
        self.server.before.clear()
        self.write(following, "następny")
        assert self.stands() == ("następny", ["pierwszy", "przerwany", "następny"])

    def test_a_plan_of_the_run_before_is_stale_for_ever(self) -> None:
        """What was read before a fence cannot be written after it."""
        stalled = self.run()
        read = stalled.read()
        self.cut_off(Fault.LATE)
        self.run().recover()
        with pytest.raises(WorkbookMoved):
            stalled.apply(plan(client("K-0001", "problems", "x")), after=read)
        assert self.stands() == ("pierwszy", ["pierwszy"])
