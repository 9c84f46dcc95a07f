"""What every kind of workbook promises of the heartbeat: it follows its tab, and touches nothing that people wrote."""

import abc
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from openpyxl import Workbook as Book
from openpyxl import load_workbook
from openpyxl.worksheet.properties import PageSetupProperties

from config.heartbeat_words import HEADING
from sync.book import locate
from sync.heartbeat import Course, Heartbeat, heartbeat
from sync.history import EPOCH
from sync.snapshot import Sheet
from sync.storage.memory import MemoryWorkbook
from sync.storage.port import Workbook
from sync.storage.replacing import only_writer
from sync.storage.xlsx import XlsxWorkbook
from tests.heartbeats_for_tests import said, timetable
from tests.making import SHEETS, client, edited, plan
from tests.openers_for_tests import InFile, InMemory, OnGoogle
from validators.errors import OutOfReach, Refused, WorkbookMoved
from validators.rows import Cell

MORNING = datetime(2026, 11, 23, 7, 0, 40, tzinfo=UTC)  # eight o'clock in Warsaw
TITLES = [sheet.title for sheet in SHEETS]
NOTE = "zadzwonić do Ani"


def beat(hours: int = 0, language: str = "pl", *, failing: bool = False, file: bool = False) -> Heartbeat:
    """What is said so many hours after eight."""
    now = MORNING + timedelta(hours=hours)
    course = Course(MORNING, failing_since=now) if failing else Course(now)
    return heartbeat(course, timetable(), timedelta(hours=1), now, language, is_file=file)


class HeartbeatContract(abc.ABC):
    @abc.abstractmethod
    def open(self, sheets: Sequence[Sheet]) -> Workbook: ...

    @abc.abstractmethod
    def seen(self, workbook: Workbook) -> tuple[Sheet, ...]:
        """All sheets as people see them."""

    @abc.abstractmethod
    def person_puts(self, workbook: Workbook, sheet: Sheet) -> None:
        """A person makes the sheet of that title look like `sheet`."""

    @abc.abstractmethod
    def renames(self, workbook: Workbook, title: str, to: str) -> None: ...

    @abc.abstractmethod
    def deletes(self, workbook: Workbook, title: str) -> None: ...

    def rearranged(self, workbook: Workbook, rows: Sequence[Sequence[Cell]]) -> None:
        self.person_puts(workbook, Sheet("Kartoteka", rows))

    def rows(self, workbook: Workbook, title: str = "Kartoteka") -> list[list[Cell]]:
        found = next(sheet for sheet in self.seen(workbook) if sheet.title == title)
        return [list(row) for row in found.rows]

    def said(self, workbook: Workbook, title: str = "Kartoteka") -> list[dict[str, Cell]]:
        """The lines of each heartbeat that stands on the sheet, by label."""
        return said(self.rows(workbook, title))

    @pytest.fixture
    def workbook(self) -> Workbook:
        return self.open(SHEETS)

    def test_its_tab_is_made_at_the_end_and_says_typed_times(self, workbook: Workbook) -> None:
        assert workbook.beat(beat())
        assert [sheet.title for sheet in self.seen(workbook)] == [*TITLES, "Kartoteka"]
        (lines,) = self.said(workbook)
        assert lines["Ostatni udany przebieg"] == datetime.fromisoformat("2026-11-23T08:00")
        assert lines["Następny przebieg"] == datetime.fromisoformat("2026-11-23T13:00")
        assert lines["Następny wpis najpóźniej"] == datetime.fromisoformat("2026-11-23T14:00")
        assert lines["Jak poszło"] == "dobrze"

    def test_the_next_one_stands_in_its_place(self, workbook: Workbook) -> None:
        workbook.beat(beat())
        before = len(self.rows(workbook))
        assert workbook.beat(beat(5, failing=True))
        (lines,) = self.said(workbook)
        assert lines["Ostatni udany przebieg"] == datetime.fromisoformat("2026-11-23T08:00")
        assert str(lines["Jak poszło"]).startswith("nie udaje się od 2026-11-23 13:00")
        assert len(self.rows(workbook)) == before

    def test_in_another_language_it_takes_the_place_of_the_first(self, workbook: Workbook) -> None:
        workbook.beat(beat())
        workbook.beat(beat(5, "en"))
        (lines,) = self.said(workbook)
        assert lines["How it went"] == "well"
        assert self.rows(workbook)[0][0] == "Is Kartoteka at work?"

    def test_what_people_work_in_stays_as_it_is(self, workbook: Workbook) -> None:
        before = {title: self.rows(workbook, title) for title in TITLES}
        workbook.beat(beat())
        workbook.beat(beat(5))
        assert {title: self.rows(workbook, title) for title in TITLES} == before

    def test_it_is_none_of_the_tabs_that_are_worked_with(self, workbook: Workbook) -> None:
        before = locate(workbook.read()).keys()
        workbook.beat(beat())
        assert locate(workbook.read()).keys() == before

    def test_a_tab_that_was_renamed_is_found(self, workbook: Workbook) -> None:
        workbook.beat(beat())
        self.renames(workbook, "Kartoteka", "Czy działa (Ani nie ruszać)")
        workbook.beat(beat(5))
        assert [sheet.title for sheet in self.seen(workbook)] == [*TITLES, "Czy działa (Ani nie ruszać)"]
        (lines,) = self.said(workbook, "Czy działa (Ani nie ruszać)")
        assert lines["Ostatni udany przebieg"] == datetime.fromisoformat("2026-11-23T13:00")

    def test_a_tab_that_was_deleted_is_made_again(self, workbook: Workbook) -> None:
        workbook.beat(beat())
        self.deletes(workbook, "Kartoteka")
        assert workbook.beat(beat(5))
        workbook.beat(beat(24))
        assert [sheet.title for sheet in self.seen(workbook)] == [*TITLES, "Kartoteka"]
        (lines,) = self.said(workbook)
        assert lines["Ostatni udany przebieg"] == datetime.fromisoformat("2026-11-24T08:00")

    def test_while_syncs_fail_no_tab_is_made(self, workbook: Workbook) -> None:
        """It may be the wrong workbook."""
        assert not workbook.beat(beat(failing=True))
        assert [sheet.title for sheet in self.seen(workbook)] == TITLES

    def test_a_tab_of_the_teams_own_that_is_called_so_is_left_alone(self) -> None:
        """A firm may well call its list of clients "kartoteka"."""
        own = Sheet("kartoteka", [("Klient", "Od kiedy"), ("Żuraw", 2019)])
        workbook = self.open([*SHEETS, own])
        workbook.beat(beat())
        workbook.beat(beat(5))
        assert self.rows(workbook, "kartoteka") == [list(row) for row in own.rows]
        assert len(self.said(workbook, "Kartoteka – stan")) == 1

    def test_one_that_came_with_a_copy_is_gone_on_with(self) -> None:
        """A file taken over into Google, or saved by a program that drops names."""
        block: list[list[Cell]] = [[beat().heading], *map(list, beat().lines)]
        rows = [[cell.isoformat() if isinstance(cell, datetime) else cell for cell in row] for row in block]
        rows[1][1] = 46349.3
        rows[3][1] = rows[4][1] = 46349.5
        workbook = self.open([*SHEETS, Sheet("Kartoteka", rows)])
        workbook.beat(beat(5))
        workbook.beat(beat(24))
        assert [sheet.title for sheet in self.seen(workbook)] == [*TITLES, "Kartoteka"]
        (lines,) = self.said(workbook)
        assert lines["Jak poszło"] == "dobrze"

    def test_what_people_wrote_beside_it_stays_and_it_is_found_where_they_moved_it(self, workbook: Workbook) -> None:
        workbook.beat(beat())
        moved: list[list[Cell]] = [[None, None, None, NOTE], []]
        moved += [[NOTE, *row] for row in self.rows(workbook)]
        self.rearranged(workbook, [*moved, [NOTE]])
        workbook.beat(beat(5))
        now = self.rows(workbook)
        assert now[0][3] == NOTE
        assert [row[0] for row in now[2:]] == [NOTE] * (len(now) - 2)
        assert now[2][1] == HEADING.pl
        assert now[3][2] == datetime.fromisoformat("2026-11-23T13:00")

    @pytest.mark.parametrize(
        "way", ["sorted", "column between", "row between", "columns swapped", "value typed over", "label typed over"]
    )
    def test_taken_apart_it_is_written_anew_below_what_people_wrote(self, workbook: Workbook, way: str) -> None:
        workbook.beat(beat())
        self.rearranged(workbook, _taken_apart(self.rows(workbook), way))
        workbook.beat(beat(5))
        now = self.rows(workbook)
        assert [cell for row in now for cell in row].count(NOTE) == 2
        (lines,) = self.said(workbook)
        assert lines["Ostatni udany przebieg"] == datetime.fromisoformat("2026-11-23T13:00")
        assert datetime.fromisoformat("2026-11-23T08:00") not in [cell for row in now for cell in row]
        workbook.beat(beat(24))
        assert len(self.rows(workbook)) == len(now)
        assert [cell for row in self.rows(workbook) for cell in row].count(NOTE) == 2

    def test_a_plan_after_it_is_carried_out(self, workbook: Workbook) -> None:
        workbook.beat(beat())
        workbook.apply(plan(client("K-0001", "problems", "x")), workbook.read())
        workbook.beat(beat(5))
        table = locate(workbook.read())["clients"].table()
        assert table.column("problems")[0] == "x"
        assert len(self.said(workbook)) == 1


def _taken_apart(rows: Sequence[Sequence[Cell]], way: str) -> list[list[Cell]]:
    """The tab after people did something to it; the first line of theirs stands far below, a second beside."""
    lines = [[*row, *[None] * (2 - len(row))] for row in rows]
    label, value = lines[1]
    if way == "sorted":
        lines = [lines[0], *sorted(lines[1:], key=lambda line: str(line[0]), reverse=True)]
    elif way == "column between":
        lines = [[line[0], None, line[1]] for line in lines]
    elif way == "row between":
        lines.insert(2, [NOTE, None])
    elif way == "columns swapped":
        lines = [[line[1], line[0]] for line in lines]
    elif way == "value typed over":
        lines[2] = [lines[2][0], NOTE]
    elif way == "label typed over":
        lines[1] = [label, value]
        lines[5] = [NOTE, lines[5][1]]
    if not any(NOTE in line for line in lines):
        lines[1] = [*lines[1], NOTE]
    return [*lines, [], [NOTE]]


class TestMemory(InMemory, HeartbeatContract):
    def seen(self, workbook: Workbook) -> tuple[Sheet, ...]:
        return workbook.read().sheets

    def renames(self, workbook: Workbook, title: str, to: str) -> None:
        assert isinstance(workbook, MemoryWorkbook)
        workbook.arrange([Sheet(to if s.title == title else s.title, s.rows) for s in workbook.read().sheets])

    def deletes(self, workbook: Workbook, title: str) -> None:
        assert isinstance(workbook, MemoryWorkbook)
        workbook.arrange([s for s in workbook.read().sheets if s.title != title])


class TestXlsx(InFile, HeartbeatContract):
    def seen(self, workbook: Workbook) -> tuple[Sheet, ...]:
        return workbook.read().sheets

    @pytest.mark.parametrize("lock", ["~$klienci.xlsx", ".~lock.klienci.xlsx#"])
    def test_a_file_that_is_open_is_not_written(self, workbook: Workbook, lock: str) -> None:
        before = self.path.read_bytes()
        self.path.with_name(lock).touch()
        with pytest.raises(Refused):
            workbook.beat(beat())
        assert self.path.read_bytes() == before

    def test_its_tab_is_printed_on_the_width_of_one_page(self, workbook: Workbook) -> None:
        """Labels on one sheet of paper and what they stand for on the next would tell nobody anything."""
        workbook.beat(beat())
        tab = load_workbook(self.path)["Kartoteka"]
        assert tab.sheet_properties.pageSetUpPr == PageSetupProperties(fitToPage=True)
        assert (tab.page_setup.fitToWidth or 1, tab.page_setup.fitToHeight) == (1, 0)

    def test_nobody_is_waited_for(self, workbook: Workbook) -> None:
        """Another run holds the file: a plan would wait for it for five seconds."""
        began = time.monotonic()
        with only_writer(self.path, 0), pytest.raises(Refused):
            workbook.beat(beat())
        assert time.monotonic() - began < 2

    def test_no_backup_is_made_and_none_is_pushed_out(self, workbook: Workbook) -> None:
        workbook.apply(plan(client("K-0001", "problems", "x")), workbook.read())
        kept = [*(self.path.parent / ".kartoteka" / "backups").iterdir()]
        for hours in range(12):
            workbook.beat(beat(hours))
        assert [*(self.path.parent / ".kartoteka" / "backups").iterdir()] == kept

    def test_a_plan_that_was_made_before_is_refused_as_after_any_change_of_the_file(self, workbook: Workbook) -> None:
        before = workbook.read()
        workbook.beat(beat())
        with pytest.raises(WorkbookMoved):
            workbook.apply(plan(client("K-0001", "problems", "x")), before)

    def test_a_file_that_is_not_there_is_not_made(self, workbook: Workbook) -> None:
        self.path.unlink()
        with pytest.raises(OutOfReach):
            workbook.beat(beat())
        assert not XlsxWorkbook(self.path, self.path.parent, create=True).beat(beat())
        assert not self.path.exists()

    def renames(self, workbook: Workbook, title: str, to: str) -> None:
        def change(book: Book) -> None:
            book[title].title = to
            for name in book.defined_names.values():  # as spreadsheet programs do
                name.attr_text = name.attr_text.replace(f"'{title}'!", f"'{to}'!")

        edited(self.path, change)

    def deletes(self, workbook: Workbook, title: str) -> None:
        def change(book: Book) -> None:
            del book[title]
            for name in book.defined_names.values():
                name.attr_text = name.attr_text.replace(f"'{title}'!", "#REF!")

        edited(self.path, change)


class TestGoogle(OnGoogle, HeartbeatContract):
    def seen(self, workbook: Workbook) -> tuple[Sheet, ...]:
        return tuple(
            Sheet(sheet.title, [[_as_moment(cell) for cell in row] for row in sheet.rows])
            for sheet in self.book.snapshot()
        )

    def renames(self, workbook: Workbook, title: str, to: str) -> None:
        self.book.tab(title).rename(to)

    def deletes(self, workbook: Workbook, title: str) -> None:
        id_ = self.book.tab(title).sheet_id
        self.book.batch_update({"requests": [{"deleteSheet": {"sheetId": id_}}]})


def _as_moment(cell: Cell) -> Cell:
    is_serial = isinstance(cell, float) and cell > 40_000
    return EPOCH + timedelta(minutes=round(float(cell) * 1440)) if is_serial and isinstance(cell, float) else cell
