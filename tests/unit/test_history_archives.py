"""Older years of a long history move to tabs of their own; what was sent stays known, and nobody notices the rest."""

from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from config.settings import Settings
from sync.archives import archived, moving_out, whole
from sync.book import locate
from sync.gather import gather
from sync.plan import Archive, Plan
from sync.snapshot import Sheet, Snapshot
from sync.storage.memory import MemoryWorkbook
from sync.storage.port import Applied
from sync.storage.xlsx import XlsxWorkbook
from tests.making import HISTORY, edited, written
from tests.workbooks_for_tests import ANNA, PIOTR, Desk, at, desk, invoice, settings
from validators.errors import KartotekaError, OutOfReach, Refused, WorkbookMoved, WrongUse

YEAR_ENDS, NEW_YEAR = "2026-12-30", "2027-01-04"


def options(rows: int = 1) -> Settings:
    given = settings("live", start_at_most_days_overdue=36_500)
    return given.model_copy(update={"workbook": given.workbook.model_copy(update={"history_rows": rows})})


@pytest.fixture
def chased(tmp_path: Path) -> Desk:
    """A firm whose client was reminded again and again until the year ended."""
    firm = desk(tmp_path / "outbox", [invoice(due_on=date(2026, 12, 16))], options=options(100_000))
    for day in ("2026-12-17", "2026-12-23", YEAR_ENDS):
        firm.sync(day)
    assert len(firm.files()) == 3
    return firm


def events_of(firm: Desk, moment: str) -> list[tuple[object, ...]]:
    """The history as the engine knows it, without the rows that tell of archives."""
    table = firm.gathered(moment).tables["history"]
    rows = zip(*(table.column(name) for name in ("time", "run", "event", "id", "after", "details")), strict=True)
    return [row for row in rows if row[2] != "przeniesiono do archiwum"]


def titles(firm: Desk) -> list[str]:
    return [sheet.title for sheet in firm.workbook.read().sheets]


class TestWhatIsKnown:
    def test_stays_the_same_to_the_last_row(self, chased: Desk) -> None:
        stood, answered = events_of(chased, NEW_YEAR), chased.look(NEW_YEAR).today.answers
        chased.settings = options()
        chased.sync(NEW_YEAR)
        assert "Historia 2026" in titles(chased)
        assert all(event.on.year == 2027 for event in chased.history() if event.on)
        assert events_of(chased, NEW_YEAR)[: len(stood)] == stood
        assert chased.look(NEW_YEAR).today.answers == answered
        assert len(chased.files()) == 3

    def test_is_the_ladder_of_an_invoice_although_its_columns_were_wiped(self, chased: Desk) -> None:
        """Only the history tells then which steps have gone."""
        chased.settings = options()
        chased.sync(NEW_YEAR)
        for column in ("last_step", "last_reminder_on"):
            chased.types("invoices", "F-0001", column, None)
        chased.sync("2027-01-05")
        assert len(chased.files()) == 3

    def test_is_what_an_old_run_did_and_can_be_undone(self, tmp_path: Path) -> None:
        clients = [{**who, "stage": "oferta"} for who in (ANNA, PIOTR)]
        firm = desk(tmp_path / "outbox", clients=clients, options=options(100_000))
        firm.sync("2026-10-15", run="20261015T090000-test")
        assert firm.cell("clients", "K-0001", "stage") != "oferta"
        firm.settings = options()
        firm.sync(NEW_YEAR)
        assert firm.history("normalised") == []
        firm.undo(NEW_YEAR, "20261015T090000-test")
        assert firm.cell("clients", "K-0001", "stage") == "oferta"


class TestWhen:
    def test_not_before_there_are_more_rows_than_the_setting_says(self, chased: Desk) -> None:
        chased.settings = options(len(chased.history()) + 1)
        chased.sync(NEW_YEAR)
        assert "Historia 2026" not in titles(chased)

    def test_the_year_that_runs_stays(self, chased: Desk) -> None:
        chased.settings = options()
        chased.sync("2026-12-31")
        assert "Historia 2026" not in titles(chased)

    def test_once_and_then_nothing_is_written(self, chased: Desk) -> None:
        chased.settings = options()
        moved = chased.sync(NEW_YEAR).written[-1]
        assert moved.archives == (Archive("Historia 2026", 2026),)
        assert chased.sync("2027-01-04T10:00").written == ()

    def test_that_it_fails_is_no_failure_of_the_run(self, chased: Desk, caplog: pytest.LogCaptureFixture) -> None:
        error = OutOfReach("no room")
        chased.settings, chased.workbook = options(), Stubborn(error, chased.workbook.read().sheets)
        stood = events_of(chased, NEW_YEAR)
        assert chased.sync(NEW_YEAR).unmoved is error
        assert events_of(chased, NEW_YEAR)[: len(stood)] == stood
        assert "The history keeps its older years: no room" in caplog.text

    def test_that_another_run_was_faster_is_nobodys_concern(self, chased: Desk) -> None:
        chased.settings = options()
        chased.workbook = Stubborn(WorkbookMoved("faster"), chased.workbook.read().sheets)
        assert chased.sync(NEW_YEAR).unmoved is None


class Stubborn(MemoryWorkbook):
    """Takes anything but archives."""

    def __init__(self, error: KartotekaError, sheets: Iterable[Sheet]) -> None:
        super().__init__(sheets)
        self._error = error

    def apply(self, plan: Plan, after: Snapshot) -> Applied:
        if plan.archives:
            raise self._error
        return super().apply(plan, after)


class TestTitles:
    def test_one_that_the_team_uses_is_left_to_it(self, chased: Desk) -> None:
        own = Sheet("historia 2026", [("Kronika firmy",), ("styczeń", "nowe auto")])
        chased.workbook = MemoryWorkbook([*chased.workbook.read().sheets, own])
        chased.settings = options()
        stood = events_of(chased, NEW_YEAR)
        chased.sync(NEW_YEAR)
        assert [list(row) for row in own.rows] in [s.rows for s in chased.workbook.read().sheets]
        assert "Historia 2026 (2)" in titles(chased)
        assert events_of(chased, NEW_YEAR)[: len(stood)] == stood

    def test_the_teams_own_title_of_the_history_is_that_of_its_archives(self) -> None:
        """As long as it fits Excel's 31 letters."""
        for own in ("Dziennik", "Wszystko, co było kiedykolwiek"):
            book = MemoryWorkbook([Sheet(own, [HISTORY, ("2025-01-02", "r", "status")])], titles={"history": own})
            before = book.read()
            place = locate(before, {"history": own})["history"]
            book.apply(moving_out(place, before.register, at(NEW_YEAR), "r-2", "pl", [own]), before)
            made = book.read().sheets[1].title
            assert [place.sheet.title for place in archived(book.read(), own)] == [made]
            assert (made[:8], made[-5:], len(made) <= 31) == (own[:8], " 2025", True)

    def test_tabs_are_read_in_the_order_of_their_years(self) -> None:
        sheets = [
            Sheet(title, [HISTORY, (f"{number}", f"r{number}", "status")])
            for number, title in enumerate(("History 2025", "Historia 2024 (2)", "Historia 2024", "Historia 2024 (10)"))
        ]
        found = archived(Snapshot("", "", tuple(sheets)))
        live = locate(Snapshot("", "", (Sheet("Historia", [HISTORY, ("9", "r9", "status")]),)))["history"].table()
        assert list(whole(live, found).column("run")) == ["r2", "r1", "r3", "r0", "r9"]


class TestHarm:
    def test_a_tab_without_its_headers_stops_the_run(self, chased: Desk) -> None:
        """Else what it tells of letters would be forgotten in silence."""
        chased.settings = options()
        chased.sync(NEW_YEAR)
        chased.workbook.edit("Historia 2026", 0, 0, "kiedy")
        with pytest.raises(WrongUse) as refused:
            chased.sync("2027-01-05")
        assert "'Historia 2026' holds older rows" in refused.value.what

    def test_a_tab_that_lacks_a_column_stops_the_run(self, chased: Desk) -> None:
        chased.settings = options()
        chased.sync(NEW_YEAR)
        chased.workbook.edit("Historia 2026", 0, HISTORY.index("Szczegóły"), "cośtam")
        with pytest.raises(WrongUse, match=r"Historia 2026.*Szczegóły"):
            chased.sync("2027-01-05")

    def test_a_tab_that_is_gone_is_named_until_it_is_back(self, chased: Desk) -> None:
        chased.settings = options()
        chased.sync(NEW_YEAR)
        whole_book = chased.workbook.read().sheets
        chased.workbook = MemoryWorkbook([s for s in whole_book if s.title != "Historia 2026"])
        problems = [p for p in chased.look("2027-01-05").problems if p.code == "archive_absent"]
        assert [(p.tab, p.value) for p in problems] == [("history", "Historia 2026")]
        chased.workbook = MemoryWorkbook(whole_book)
        assert not [p for p in chased.look("2027-01-05").problems if p.code == "archive_absent"]


class TestXlsx:
    ROWS = (
        ("2025-12-30", "r1", "status", *[None] * 6, 1, "=J2*2"),
        ("2025-12-31", "r2", "status", *[None] * 6, 2, "=J3*2"),
        ("2026-01-02", "r3", "status", *[None] * 6, 3, "=J4*2"),
    )

    def workbook(self, path: Path) -> XlsxWorkbook:
        written(path, [Sheet("Historia", [(*HISTORY, "Punkty", "Dwa razy"), *[row[:10] for row in self.ROWS]])])
        return XlsxWorkbook(path, path.parent / ".kartoteka")

    def moved(self, book: XlsxWorkbook) -> None:
        before = book.read()
        book.apply(Plan("r", before.register, archives=(Archive("Historia 2025", 2025),)), before)

    def test_looks_heights_and_formulas_go_along(self, tmp_path: Path) -> None:
        book = self.workbook(tmp_path / "a.xlsx")

        def person(found: Workbook) -> None:
            sheet = found["Historia"]
            for number, row in enumerate(self.ROWS, start=2):
                sheet.cell(number, 11).value = row[10]
                sheet.row_dimensions[number].height = 10 * number
            sheet["B4"].number_format = "@"
            sheet.freeze_panes = "A2"

        edited(tmp_path / "a.xlsx", person)
        self.moved(book)
        found = load_workbook(tmp_path / "a.xlsx")
        assert [c.value for c in found["Historia"]["K"]] == ["Dwa razy", "=J2*2"]
        assert [c.value for c in found["Historia 2025"]["K"]] == ["Dwa razy", "=J2*2", "=J3*2"]
        assert (found["Historia"]["B2"].value, found["Historia"]["B2"].number_format) == ("r3", "@")
        assert [found["Historia"].row_dimensions[n].height for n in (2, 3)] == [40, None]
        assert found["Historia 2025"].freeze_panes == "A2"

    def test_rows_that_are_bound_to_their_place_stay(self, tmp_path: Path) -> None:
        book = self.workbook(tmp_path / "a.xlsx")
        edited(tmp_path / "a.xlsx", lambda found: found["Historia"].merge_cells("D2:D3"))
        before = book.read()
        with pytest.raises(Refused, match="Merged cells"):
            self.moved(book)
        assert book.read() == before


def test_the_moment_of_a_row_without_a_time_is_that_of_the_row_above() -> None:
    """So that a row whose time somebody spoiled goes where its neighbours go."""
    rows = [("2025-12-30", "r1", "status"), ("wczoraj", "r2", "status"), ("2026-01-02", "r3", "status")]
    book = MemoryWorkbook([Sheet("Historia", [HISTORY, *rows])])
    before = book.read()
    book.apply(Plan("r", before.register, archives=(Archive("Historia 2025", 2025),)), before)
    assert [[tuple(row) for row in s.rows[1:]] for s in book.read().sheets] == [[rows[2]], rows[:2]]
    past = gather(book.read(), settings(), at("2026-01-02")).tables["history"]
    assert list(past.column("run")) == ["r1", "r2", "r3"]
    assert datetime.fromisoformat(str(past.column("time")[0])).year == 2025
