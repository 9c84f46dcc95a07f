"""The heartbeat of the service in a Google spreadsheet: what it costs, and people at work in the very second."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from sync.commands.duties import Duties, Surroundings
from sync.opening import Machine, settings_at
from sync.scheduler import Signals
from tests.fakes.clocks import VirtualClock
from tests.fakes.faults import Faults
from tests.fakes.sheet_tab import Tab
from tests.fakes.sheets_server import FakeSheets, Logged
from tests.google_desk_for_tests import Firm
from tests.heartbeats_for_tests import WARSAW, said
from validators.rows import Cell

MONDAY = datetime(2026, 11, 23, 8, 0, tzinfo=WARSAW)
EVERY_5 = '[schedule]\nsync = "every 5 minutes"\n'
READ, WRITTEN = "values.batchGet", "batchUpdate"
NOTE = "zadzwonić do Ani"


def serial(minutes: int) -> Cell:
    """So many minutes after eight, as a sheet holds it."""
    return 46349 + (8 * 60 + minutes) / 1440


class _Signals(Signals):
    """Waiting takes no time of ours."""

    def __init__(self, clock: VirtualClock) -> None:
        super().__init__()
        self._clock = clock

    def sleep(self, seconds: float) -> None:
        self._clock.sleep(seconds)


class Served:
    """A firm at whose spreadsheet the service works, a sync at a time."""

    def __init__(self, firm: Firm, options: str = EVERY_5) -> None:
        self.firm = firm
        firm.options = options
        firm.set_up(firm.book.id)
        machine = Machine({"SHEETS_EMULATOR_HOST": firm.host}, firm.clock.sleep, firm.clock.now)
        settings = settings_at(None, machine.environ, firm.folder)
        tokens = iter(range(4096))
        around = Surroundings(
            machine, lambda: MONDAY, lambda: f"{next(tokens):04x}", lambda: (settings,), lambda _: None
        )
        self.duties = Duties(around, settings, _Signals(firm.clock), may_begin=True, began=MONDAY)

    def turn(self, minutes: int = 0) -> list[str]:
        """A sync so many minutes after eight; the requests that it made."""
        before = len(self.firm.server.log)
        assert self.duties.sync(MONDAY + timedelta(minutes=minutes))
        return [
            logged.kind for logged in self.firm.server.log[before:] if logged.kind not in ("token", "allowedLocations")
        ]

    def tab(self) -> Tab:
        return self.firm.tab("Kartoteka")

    def rows(self) -> list[list[Cell]]:
        return [[cell.value if cell else None for cell in row] for row in self.tab().rows]

    def lines(self) -> dict[str, Cell]:
        (lines,) = said(self.rows())
        return lines


def once(served: Served, kind: str, word: str, act: Callable[[Logged], object]) -> None:
    """Do something right before the next request of this kind, with this word in it, is carried out."""
    server = served.firm.server

    def watch(_: FakeSheets, logged: Logged) -> None:
        if logged.kind == kind and word in logged.body.decode():
            server.before.remove(watch)
            act(logged)

    server.before.append(watch)


@pytest.fixture
def served(firm: Firm) -> Served:
    return Served(firm)


class TestTheCost:
    def test_quiet_syncs_are_one_request_and_once_an_hour_it_is_two_more(self, served: Served) -> None:
        served.turn()
        quiet = [served.turn(minutes) for minutes in range(5, 60, 5)]
        assert quiet == [[READ]] * 11
        assert served.turn(60) == [READ, "get", "values.batchUpdate"]
        assert served.turn(65) == [READ]

    def test_a_sync_by_hand_says_nothing_and_reads_no_more(self, served: Served) -> None:
        served.turn()
        book = served.firm.book.version
        before = len(served.firm.server.log)
        assert served.firm.run("sync").status in (0, 1)
        assert [logged.kind for logged in served.firm.server.log[before:]].count(READ) == 1
        assert served.firm.book.version == book

    def test_the_sheet_is_not_read_with_the_others(self, served: Served) -> None:
        served.turn()
        served.firm.run("check")
        served.turn(60)
        asked = [logged.query["ranges"] for logged in served.firm.server.log if logged.kind == READ]
        assert not any("Kartoteka" in cells for ranges in asked for cells in ranges)

    def test_without_it_nothing_is_made(self, firm: Firm) -> None:
        served = Served(firm, f"{EVERY_5}heartbeat_minutes = 0\n")
        for minutes in (0, 60, 120):
            served.turn(minutes)
        assert "Kartoteka" not in [tab.title for tab in firm.book.tabs]
        assert served.turn(125) == [READ]


class TestTheLook:
    def test_a_time_that_has_passed_turns_red_by_a_rule_without_which_all_the_rest_is_made(
        self, served: Served, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Google may not take its formula in every locale: here it does not, for the sheet has another id by then."""
        served.turn()
        (rule,) = served.tab().conditional_formats
        assert "<NOW()" in str(rule)
        served.firm.delete_tab("Kartoteka")

        def refused(_: Logged) -> None:
            served.tab().properties["sheetId"] += 1

        once(served, "batchUpdate", "addConditionalFormatRule", refused)
        with caplog.at_level(logging.WARNING):
            served.turn(60)
        assert not caplog.records
        assert not served.tab().conditional_formats
        assert served.lines()["Ostatni udany przebieg"] == serial(60)


class TestOthers:
    def test_a_plan_that_was_decided_before_is_carried_out_after_it(self, served: Served) -> None:
        served.turn()
        session = served.firm.session()
        before = session.office.workbook.read()
        served.turn(60)
        after = served.firm.session().office.workbook.read()
        assert after.register == before.register

    def test_a_saved_plan_still_fits(self, served: Served, tmp_path: Path) -> None:
        served.turn()
        served.firm.types("Faktury", "FV/2", "Zapłacono", 99.99)
        saved = tmp_path / "plan.json"
        assert served.firm.run("plan", saved).status in (0, 1)
        served.tab().set(1, 1, 46350.5)  # as another service would
        firm = served.firm
        assert firm.run("apply", saved).status in (0, 1)
        assert firm.cell("Faktury", "FV/2", "Status") == "Opłacona"

    def test_of_two_services_one_makes_the_sheet(self, served: Served, caplog: pytest.LogCaptureFixture) -> None:
        """They meet in the very moment of making it; the other one says so in a line of its log, and goes on."""
        book = served.firm.book
        once(served, "batchUpdate", "addSheet", lambda logged: book.batch_update({"requests": logged.json["requests"]}))
        with caplog.at_level(logging.WARNING):
            served.turn()
        assert len(caplog.records) == 1
        served.turn(5)
        assert [tab.title for tab in book.tabs if tab.title.startswith("Kartoteka")] == ["Kartoteka"]
        assert served.lines()["Ostatni udany przebieg"] == serial(5)

    def test_each_of_two_services_writes_over_what_the_other_said(self, served: Served, tmp_path: Path) -> None:
        firm = served.firm
        other = Served(Firm(firm.server, firm.book, tmp_path / "other", firm.clock))
        for minutes in range(0, 130, 20):
            for service in (served, other):
                service.turn(minutes)
        assert [tab.title for tab in firm.book.tabs].count("Kartoteka") == 1
        assert served.lines()["Ostatni udany przebieg"] == serial(120)


class TestPeopleInTheVerySecond:
    """What they do between our look and our write."""

    @pytest.fixture
    def standing(self, served: Served) -> Served:
        served.turn()
        served.tab().set(8, 0, NOTE)
        served.tab().set(1, 3, NOTE)
        return served

    def beat(self, standing: Served, act: Callable[[Tab], None]) -> list[list[Cell]]:
        tab = standing.tab()
        once(standing, "values.batchUpdate", "", lambda _: act(tab))
        standing.turn(60)
        return standing.rows()

    def test_rows_and_columns_that_come_before_it_move_it_along(self, standing: Served) -> None:
        def act(tab: Tab) -> None:
            tab.insert_rows(0, 3)
            tab.insert_columns(0, 2)
            tab.set(0, 0, NOTE)
            tab.set(4, 0, NOTE)

        rows = self.beat(standing, act)
        assert [row.index(NOTE) for row in rows if NOTE in row] == [0, 0, 2]
        assert rows[4][5] == NOTE
        assert said(rows)[0]["Ostatni udany przebieg"] == serial(60)

    def test_a_tab_that_is_renamed_is_written(self, standing: Served) -> None:
        self.beat_renamed(standing)
        standing.turn(120)
        (lines,) = said([[cell.value if cell else None for cell in row] for row in standing.firm.tab("Stan").rows])
        assert lines["Ostatni udany przebieg"] == serial(120)
        assert "Kartoteka" not in [tab.title for tab in standing.firm.book.tabs]

    def beat_renamed(self, standing: Served) -> None:
        tab = standing.tab()
        once(standing, "values.batchUpdate", "", lambda _: tab.rename("Stan"))
        standing.turn(60)

    def test_a_tab_that_is_deleted_costs_a_line_in_the_log_and_is_made_again(
        self, standing: Served, caplog: pytest.LogCaptureFixture
    ) -> None:
        once(standing, "values.batchUpdate", "", lambda _: standing.firm.delete_tab("Kartoteka"))
        with caplog.at_level(logging.WARNING):
            standing.turn(60)
        assert [record.name for record in caplog.records] == ["sync.beating"]
        standing.turn(65)
        assert standing.lines()["Ostatni udany przebieg"] == serial(65)

    def test_the_title_goes_to_another_tab(self, standing: Served) -> None:
        """Between two heartbeats the team gives it to a list of its own: not a cell of that is written."""
        standing.tab().rename("Czy działa")
        own = standing.firm.book.add_tab({"title": "Kartoteka"})
        own.set(0, 0, NOTE)
        standing.turn(60)
        assert [[cell.value if cell else None for cell in row] for row in own.rows] == [[NOTE]]
        (lines,) = said(
            [[cell.value if cell else None for cell in row] for row in standing.firm.tab("Czy działa").rows]
        )
        assert lines["Ostatni udany przebieg"] == serial(60)

    def test_the_name_of_the_range_is_deleted(self, standing: Served) -> None:
        """A person tidies up: the block is found by its words, and gets its name back."""
        standing.tab().named_ranges.clear()
        standing.turn(60)
        assert standing.lines()["Ostatni udany przebieg"] == serial(60)
        assert standing.turn(120) == [READ, "get", "values.batchUpdate"]


class TestTrouble:
    @pytest.mark.parametrize("faults", [Faults(1, 0, 1, 0), Faults(1, 1, 0, 0)], ids=["lost", "refused"])
    def test_an_answer_that_does_not_come_fails_no_sync(
        self, served: Served, faults: Faults, caplog: pytest.LogCaptureFixture
    ) -> None:
        served.turn()
        server = served.firm.server
        once(served, "get", "", lambda _: setattr(server, "faults", faults))
        with caplog.at_level(logging.WARNING):
            served.turn(60)
        server.faults = None
        assert faults.counted
        assert [record.name for record in caplog.records] == ["sync.beating"]
        assert served.duties.last == MONDAY + timedelta(minutes=60)
        served.turn(65)
        assert served.lines()["Ostatni udany przebieg"] == serial(65)

    def test_when_syncs_fail_and_are_well_again_it_is_said_at_once(self, served: Served) -> None:
        served.turn()
        history = served.firm.delete_tab("Historia")
        for minutes in (5, 10):
            served.turn(minutes)
        state = str(served.lines()["Jak poszło"])
        assert state.startswith("nie udaje się od 2026-11-23 08:05;")
        assert served.lines()["Ostatni udany przebieg"] == serial(0)
        served.firm.put_back(history)
        served.turn(15)
        assert served.lines()["Jak poszło"] == "dobrze"

    def test_a_changed_timetable_is_promised_at_once(self, served: Served) -> None:
        served.turn()
        served.duties.go_by(Served(served.firm, '[schedule]\nsync = ["08:00"]\n').duties.settings, MONDAY)
        served.turn(5)
        assert served.lines()["Następny przebieg"] == serial(24 * 60)

    def test_a_spreadsheet_out_of_reach_is_not_asked_in_vain_again(
        self, served: Served, caplog: pytest.LogCaptureFixture
    ) -> None:
        served.turn()
        served.firm.server.unplugged = True
        with caplog.at_level(logging.WARNING):
            served.turn(5)
        assert "sync.beating" not in [record.name for record in caplog.records]
