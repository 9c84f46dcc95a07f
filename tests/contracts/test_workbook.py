"""What every kind of workbook promises. A backend's class only says how to open one and how a person edits it."""

import abc
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from sync.book import locate
from sync.changes import same
from sync.history import EPOCH
from sync.placing import place
from sync.plan import AddColumn, AppendRow, Archive, Plan, SetCell
from sync.snapshot import Sheet, Snapshot
from sync.storage.port import Workbook
from tests.google_for_tests import google_workbook
from tests.making import CLIENTS, FAKTURY, HISTORIA, KLIENCI, NOTATNIK, SHEETS, client, plan
from tests.openers_for_tests import InFile, InMemory, OnGoogle
from validators.errors import WorkbookMoved, WrongUse
from validators.rows import Cell
from validators.tabs import TABS

EIGHT = datetime.fromisoformat("2026-11-21T08:00:00")  # sheets know no time zones
TRICKY = [
    '=HYPERLINK("http://zle.pl";"klik")',
    "=1+1",
    "+48 600",
    "-5",
    "@SUM(A1)",
    "0042",
    "1e5",
    "00123456789012345678901234",
    "12345678901234567890123456",
    "NA",
    "#N/A",
    "#REF!",
    "TRUE",
    "2026-11-21",
    "Zażółć gęślą jaźń ÓŁ",
    "dwie\nlinie",
    " spacje ",
    "_x0041_",
    "<b>&amp;</b>",
    "😀 emoji",
    "'apostrof",
]


class WorkbookContract(abc.ABC):
    @abc.abstractmethod
    def open(self, sheets: Sequence[Sheet]) -> Workbook: ...

    @abc.abstractmethod
    def person_puts(self, workbook: Workbook, sheet: Sheet) -> None:
        """A person saves the workbook with `sheet` in the place of the one with its title."""

    def moments(self, snapshot: Snapshot) -> list[Cell]:
        """The times in the history, as they were written."""
        return raw(snapshot, "history", "time")

    @pytest.fixture
    def workbook(self) -> Workbook:
        return self.open(SHEETS)

    def test_reads_every_sheet_as_it_stands(self, workbook: Workbook) -> None:
        assert [s.title for s in workbook.read().sheets] == [s.title for s in SHEETS]
        assert values(workbook.read(), "clients", "phone") == ["+48 600", "1e5", ""]
        assert cells(sheet(workbook, "Notatnik Ani")) == cells(NOTATNIK)

    def test_reading_twice_gives_the_same_register_and_identity(self, workbook: Workbook) -> None:
        first, second = workbook.read(), workbook.read()
        assert (first.register, first.workbook) == (second.register, second.workbook)

    def test_read_after_apply_shows_the_plan(self, workbook: Workbook) -> None:
        workbook.apply(
            plan(
                client("K-0001", "problems", "brak adresu"),
                client("K-0002", "problems", None),
                appended=[AppendRow("history", {"run": "r", "event": "status", "time": EIGHT})],
            ),
            workbook.read(),
        )
        after = workbook.read()
        assert values(after, "clients", "problems") == ["brak adresu", "", ""]
        assert values(after, "history", "event") == ["status"]

    def test_the_identity_outlives_writes(self, workbook: Workbook) -> None:
        before = workbook.read()
        workbook.apply(plan(client("K-0001", "problems", "x")), before)
        workbook.apply(plan(client("K-0001", "problems", "y")), workbook.read())
        assert workbook.read().workbook == before.workbook

    def test_an_empty_plan_writes_nothing(self, workbook: Workbook) -> None:
        before = workbook.read()
        applied = workbook.apply(plan(), before)
        assert applied.requests == 0
        assert workbook.read() == before

    def test_nothing_is_written_when_a_person_saved_since(self, workbook: Workbook) -> None:
        before = workbook.read()
        self.person_puts(workbook, Sheet("Notatnik Ani", [("nowe",)]))
        edited = workbook.read()
        with pytest.raises(WorkbookMoved) as refused:
            workbook.apply(plan(client("K-0001", "problems", "x")), before)
        assert refused.value.advice
        assert workbook.read() == edited

    def test_values_follow_their_record_when_rows_are_sorted_and_columns_moved(self, workbook: Workbook) -> None:
        title, header, *rows = KLIENCI.rows
        moved = [title, ("Nowa kolumna",), header, *reversed(rows), ("K-0009", "Wstawiony")]
        self.person_puts(workbook, Sheet("Klienci", [[*reversed([*r, *[None] * (10 - len(r))])] for r in moved]))
        workbook.apply(
            plan(client("K-0001", "problems", "jeden"), client("K-0002", "problems", "dwa")), workbook.read()
        )
        after = workbook.read()
        found = dict(zip(values(after, "clients", "id"), values(after, "clients", "problems"), strict=True))
        assert (found["K-0001"], found["K-0002"], found["K-0009"]) == ("jeden", "dwa", "")

    def test_unknown_columns_and_other_sheets_stay_as_they_were(self, workbook: Workbook) -> None:
        before = workbook.read()
        workbook.apply(plan(client("K-0001", "problems", "x"), client("K-0001", "stage", "Oferta")), before)
        for old, new in zip(before.sheets, workbook.read().sheets, strict=True):
            changed = {("Klienci", 2, CLIENTS.index("Problemy")), ("Klienci", 2, CLIENTS.index("Etap"))}
            for place_, value in cells(new).items():
                assert (old.title, *place_) in changed or cells(old)[place_] == value

    def test_every_row_that_bears_an_id_is_set(self) -> None:
        workbook = self.open([Sheet("Klienci", [CLIENTS, ("K-0001", "A"), ("K-0001", "A")])])
        workbook.apply(plan(client("K-0001", "problems", "dwa razy")), workbook.read())
        assert values(workbook.read(), "clients", "problems") == ["dwa razy", "dwa razy"]

    def test_identical_rows_get_different_ids_in_order(self) -> None:
        workbook = self.open([Sheet("Klienci", [CLIENTS, (None, "A"), (None, "B"), (None, "A")])])
        table = locate(workbook.read())["clients"].table()
        new = [
            SetCell("clients", f"K-{i}", "id", None, f"K-{i}", key=table.key(row))
            for i, row in ((1, 0), (2, 2), (3, 1))
        ]
        workbook.apply(plan(*new, client("K-2", "problems", "drugi")), workbook.read())
        assert values(workbook.read(), "clients", "id") == ["K-1", "K-3", "K-2"]
        assert values(workbook.read(), "clients", "problems") == ["", "", "drugi"]

    @pytest.mark.parametrize("text", TRICKY)
    def test_a_text_stays_that_text(self, workbook: Workbook, text: str) -> None:
        workbook.apply(
            plan(client("K-0001", "problems", text), appended=[AppendRow("clients", {"name": text})]), workbook.read()
        )
        after = workbook.read()
        assert raw(after, "clients", "problems")[0] == text
        assert raw(after, "clients", "name")[-1] == text
        assert not any(s.formulas for s in after.sheets)

    def test_dates_amounts_and_ticks_come_back_as_what_they_are(self, workbook: Workbook) -> None:
        workbook.apply(
            plan(
                client("K-0001", "open_balance", Decimal("1234567.89")),
                client("K-0002", "open_balance", Decimal("12.00")),
                SetCell("invoices", "F-0001", "remaining", None, Decimal("0.10")),
                appended=[
                    AppendRow("invoices", {"number": "FV/2", "due_on": date(2026, 2, 28), "cancelled": True}),
                    AppendRow("invoices", {"number": "FV/3", "amount": Decimal("-5"), "cancelled": False}),
                    AppendRow("history", {"run": "r", "event": "e", "time": EIGHT.replace(second=7)}),
                ],
            ),
            workbook.read(),
        )
        after = workbook.read()
        assert [Decimal(str(v)) for v in raw(after, "clients", "open_balance")[:2]] == [Decimal("1234567.89"), 12]
        assert Decimal(str(raw(after, "invoices", "remaining")[0])) == Decimal("0.10")
        assert same(raw(after, "invoices", "due_on")[1], date(2026, 2, 28))
        assert raw(after, "invoices", "cancelled") == [False, True, False]
        assert raw(after, "invoices", "amount")[2] == -5
        assert self.moments(after) == [EIGHT.replace(second=7)]

    def test_missing_tabs_and_columns_are_added_and_filled_in_one_write(self) -> None:
        workbook = self.open([Sheet("Klienci", [("x",), ("Nazwa", None, "Uwagi szefa"), ("Łąka", None, "ok", "obok")])])
        before = workbook.read()
        key = locate(before)["clients"].table().key(0)
        workbook.apply(
            Plan(
                "r",
                before.register,
                "pl",
                ("invoices", "history"),
                (AddColumn("clients", "id"), AddColumn("clients", "problems")),
                (SetCell("clients", "K-0001", "id", None, "K-0001", key=key), client("K-0001", "problems", "x")),
                (AppendRow("history", {"run": "r", "event": "created id"}),),
            ),
            before,
        )
        after = workbook.read()
        rows = after.sheets[0].rows
        assert [v or None for v in rows[1]] == ["Nazwa", None, "Uwagi szefa", None, "ID", "Problemy"]
        assert [v or None for v in rows[2]] == ["Łąka", None, "ok", "obok", "K-0001", "x"]
        assert [s.title for s in after.sheets] == ["Klienci", "Faktury", "Historia"]
        assert values(after, "history", "event") == ["created id"]

    def test_every_tab_added_is_recognised_again_in_both_languages(self) -> None:
        for language in ("pl", "en"):
            workbook = self.open([NOTATNIK])
            workbook.apply(Plan("r", "", language, tuple(t.name for t in TABS)), workbook.read())
            found = locate(workbook.read())
            assert set(found) == {t.name for t in TABS}
            assert all(p.header and not p.header.absent for p in found.values())

    @pytest.mark.parametrize(
        ("change", "error"),
        [
            (client("K-0404", "problems", "x"), WorkbookMoved),
            (SetCell("clients", "K-7", "id", None, "K-7", key="żaden"), WorkbookMoved),
            (client("K-0001", "duplicate_of", "x"), WrongUse),
            (SetCell("templates", "x", "body", None, "x"), WrongUse),
        ],
    )
    def test_all_or_nothing(self, workbook: Workbook, change: SetCell, error: type[Exception]) -> None:
        before = workbook.read()
        with pytest.raises(error):
            workbook.apply(plan(client("K-0001", "problems", "x"), change), before)
        assert workbook.read() == before

    def test_new_rows_go_below_everything_on_the_sheet(self) -> None:
        workbook = self.open([Sheet("Klienci", [CLIENTS, ("K-1", "A"), (), (None,) * 12 + ("uwaga",)])])
        workbook.apply(
            plan(appended=[AppendRow("clients", {"name": "B"}), AppendRow("clients", {"name": "C"})]), workbook.read()
        )
        assert [[v or None for v in r[1:2]] for r in workbook.read().sheets[0].rows] == [
            ["Nazwa"],
            ["A"],
            [],
            [None],
            ["B"],
            ["C"],
        ]

    def test_rows_of_a_year_move_whole_to_a_tab_of_their_own(self) -> None:
        """With what the team wrote beside them, and titles and headers above; nothing is lost, nothing twice."""
        workbook = self.open([KLIENCI, FAKTURY, long_history(2024, 3, 2025, 2, 2026, 2), NOTATNIK])
        before = workbook.read()
        told = AppendRow("history", {"time": EIGHT, "run": "r-9", "event": "przeniesiono do archiwum"})
        years = (Archive("Historia 2024", 2024), Archive("Historia 2025", 2025))
        workbook.apply(Plan("r-9", before.register, appended=(told,), archives=years), before)
        after = workbook.read()
        runs = {s.title: lines(s, 1) for s in after.sheets if s.title.startswith("Historia")}
        assert runs == {
            "Historia": ["Przebieg", "2026-0", "2026-1", "r-9"],
            "Historia 2024": ["Przebieg", "2024-0", "2024-1", "2024-2"],
            "Historia 2025": ["Przebieg", "2025-0", "2025-1"],
        }
        older = sheet(workbook, "Historia 2025")
        assert lines(older, 0)[0] == "Co było"
        assert lines(older, 9) == ["Notatki Ani", "notatka 2025-0", "notatka 2025-1"]
        others = ("Klienci", "Faktury", "Notatnik Ani")
        stood, stand = ({s.title: cells(s) for s in shot.sheets} for shot in (before, after))
        assert [stand[title] for title in others] == [stood[title] for title in others]

    def test_a_history_that_moved_since_is_not_split(self) -> None:
        workbook = self.open([KLIENCI, FAKTURY, long_history(2026, 2)])
        before = workbook.read()
        with pytest.raises(WorkbookMoved):
            workbook.apply(Plan("r-9", before.register, archives=(Archive("Historia 2024", 2024),)), before)
        assert workbook.read() == before


class TestMemory(InMemory, WorkbookContract):
    """As everywhere."""


class TestXlsx(InFile, WorkbookContract):
    """As everywhere."""


class TestGoogle(OnGoogle, WorkbookContract):
    def moments(self, snapshot: Snapshot) -> list[Cell]:
        serials = raw(snapshot, "history", "time")
        return [EPOCH + timedelta(seconds=round(s * 86_400)) for s in serials if isinstance(s, float)]

    def test_nothing_is_written_when_a_person_saved_since(self, workbook: Workbook) -> None:
        """Beside people who type there is no refusing: what they typed is kept, and ours is written all the same."""
        before = workbook.read()
        self.person_puts(workbook, Sheet("Notatnik Ani", [("nowe",)]))
        workbook.apply(plan(client("K-0001", "problems", "x")), before)
        assert values(workbook.read(), "clients", "problems")[0] == "x"
        assert cells(sheet(workbook, "Notatnik Ani")) == {(0, 0): "nowe"}

    def test_nothing_is_written_when_another_run_wrote_since(self, workbook: Workbook) -> None:
        before = workbook.read()
        other = google_workbook(self.server, self.book, self.state / "other", self.clock)
        other.apply(plan(client("K-0001", "problems", "theirs")), other.read())
        with pytest.raises(WorkbookMoved):
            workbook.apply(plan(client("K-0001", "problems", "ours")), before)
        assert values(workbook.read(), "clients", "problems")[0] == "theirs"


def long_history(*years: int) -> Sheet:
    """A history under a title: of each year so many rows, with a column of the team's own."""
    rows = [
        (f"{year}-05-01T08:00:00", f"{year}-{n}", "status", *[None] * 6, f"notatka {year}-{n}")
        for year, count in zip(years[::2], years[1::2], strict=True)
        for n in range(count)
    ]
    return Sheet("Historia", [("Co było",), (*HISTORIA.rows[0], "Notatki Ani"), *rows])


def lines(found: Sheet, column: int) -> list[Cell]:
    """What stands in a column, from above."""
    return [row[column] for row in found.rows if column < len(row) and row[column] not in (None, "")]


def sheet(workbook: Workbook, title: str) -> Sheet:
    return next(s for s in workbook.read().sheets if s.title == title)


def cells(found: Sheet) -> dict[tuple[int, int], Cell]:
    """Everything that stands on the sheet, by place."""
    return {(r, c): v for r, row in enumerate(found.rows) for c, v in enumerate(row) if v not in (None, "")}


def raw(snapshot: Snapshot, tab: str, field: str) -> list[Cell]:
    return list(locate(snapshot)[tab].table().column(field))


def values(snapshot: Snapshot, tab: str, field: str) -> list[Cell]:
    return [v if v is not None else "" for v in raw(snapshot, tab, field)]


def test_placing_leaves_its_input_alone() -> None:
    snapshot = Snapshot("1", "w", (KLIENCI, FAKTURY, HISTORIA))
    place(snapshot, plan(client("K-0001", "problems", "x")))
    assert snapshot.sheets == (KLIENCI, FAKTURY, HISTORIA)
