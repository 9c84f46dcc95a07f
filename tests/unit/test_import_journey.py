"""The journey of an import: batches and questions between them, what is asked of people, what the storage hands back,
and the list of rejected rows."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from importers.mapping import mapping
from importers.source import held
from sync.import_report import Imported
from sync.importing import Written
from sync.plan import AppendRow, SetCell
from sync.rejects import content, delimiter_of, place_beside, rejected, write
from sync.remembered_mappings import recall, remember
from sync.storage.memory import MemoryWorkbook
from sync.storage.xlsx import XlsxWorkbook
from tests.imports_for_tests import count, imported, listing, lot, rows_of, rulings
from tests.making import SHEETS, client, plan, written
from tests.workbooks_for_tests import Desk, desk
from validators.errors import OutOfReach, WrongUse
from validators.rows import Cell, as_text

TEXTS = (
    '=HYPERLINK("x")',
    "+48 600",
    "0042",
    "1e5",
    "#N/A",
    "dwie\r\nlinie",
    " spacje ",
    "_x0041_",
    "😀",
    "a\x01b",
    "x" * 40_000,
)


@pytest.fixture
def office(tmp_path: Path) -> Desk:
    return desk(tmp_path, [], [])


def firms(number: int) -> list[dict[str, Cell]]:
    return [{"Nazwa": f"Firma {n} Północ", "E-mail": f"f{n}@firma.pl"} for n in range(number)]


class TestBatches:
    def test_each_is_one_write_with_its_own_history(self, office: Desk) -> None:
        found = imported(office, lot(firms(5)), size=2)
        assert [len([r for r in p.appended if r.tab == "clients"]) for p in found.plans] == [2, 2, 1]
        told = [event.details.rpartition(" | ")[2].split()[0] for event in office.history("imported")]
        assert told == ["batch:1", "batch:1", "batch:2", "batch:2", "batch:3"]

    def test_between_them_somebody_may_stop_and_go_on_later(self, office: Desk) -> None:
        asked: list[Written] = []

        def stop(written: Written) -> bool:
            asked.append(written)
            return len(asked) < 2

        found = imported(office, lot(firms(7)), size=2, between=stop)
        assert found.stopped
        assert [(w.number, w.last, len(w.rulings)) for w in asked] == [(1, 4, 2), (2, 4, 2)]
        assert len(rows_of(office, "clients", "id")) == 4
        assert count(found) == {"new": 7}
        told = Imported(lot(firms(7)), found.rulings[0], written=found.written[0])
        assert told.created == {"clients": 4, "invoices": 0}, "what waits is not called added"
        assert count(imported(office, lot(firms(7)), moment="2026-11-24")) == {"known": 4, "new": 3}

    def test_while_we_ask_a_person_may_type_the_very_client(self, office: Desk) -> None:
        def typed(_: Written) -> bool:
            office.workbook.edit("Klienci", 5, 1, "Firma 3 Północ")
            return True

        imported(office, lot(firms(4)), size=3, between=typed)
        assert len(rows_of(office, "clients", "id")) == 4

    def test_one_read_is_enough_when_nobody_else_writes(self, office: Desk) -> None:
        assert (imported(office, lot(firms(9)), size=2).reads, len(office.told)) == (1, 7)

    def test_several_lists_in_one_run_know_each_other(self, office: Desk) -> None:
        invoices = [{"Numer": "FV/1", "Nabywca": "Firma 1 Północ", "Brutto": "5"}]
        found = imported(office, lot(firms(2)), lot(invoices), lot(firms(3), file="druga.csv"))
        assert count(found) == {"new": 4, "known": 2}
        assert rows_of(office, "invoices", "client") == [("Firma 1 Północ",)]

    def test_a_tab_or_column_that_lacks_is_named_and_nothing_written(self, office: Desk) -> None:
        sheet = office.workbook.read().sheets[0]
        office.workbook.replace(replace(sheet, rows=[[c for c in sheet.rows[0] if c != "Telefon"]]))
        before = office.workbook.read()
        with pytest.raises(WrongUse, match="no column 'Telefon'"):
            imported(office, lot([{"Nazwa": "A", "Telefon": "601 234 567"}]))
        assert office.workbook.read() == before


class TestWhatTheStorageHandsBack:
    """The workbook as it stands after a write, told without reading it again, is what a reader finds."""

    @pytest.mark.parametrize("kind", ["memory", "xlsx"])
    def test_it_is_what_reading_gives(self, kind: str, tmp_path: Path) -> None:
        path = written(tmp_path / "firma.xlsx", SHEETS)
        workbook = MemoryWorkbook(SHEETS) if kind == "memory" else XlsxWorkbook(path, tmp_path / "state")
        values: dict[str, Cell] = {"name": "A", "added_on": date(2026, 3, 4), "open_balance": Decimal("12.30")}
        rows = [AppendRow("clients", {"id": f"K-{n}", **values, "problems": text}) for n, text in enumerate(TEXTS)]
        moment = AppendRow("history", {"run": "r", "event": "e", "time": datetime(2026, 3, 4, 5, 6, 7)})  # noqa: DTZ001
        amounts = AppendRow("invoices", {"number": "1", "amount": Decimal("5.00"), "cancelled": True})
        changed = [client("K-0001", "problems", None), client("K-0002", "name", "0042")]
        snapshot = workbook.read()
        applied = workbook.apply(plan(*changed, appended=[*rows, moment, amounts]), snapshot)
        assert applied.after is not None
        found = workbook.read()
        assert (applied.after.register, applied.after.workbook) == (found.register, found.workbook)
        for after, now in zip(applied.after.sheets, found.sheets, strict=True):
            assert stripped(after.rows) == stripped(now.rows)
            assert after.formulas == now.formulas
        assert workbook.apply(plan(SetCell("clients", "K-3", "name", "A", "B")), applied.after).requests == 1


def stripped(rows: Sequence[Sequence[Cell]]) -> list[list[str]]:
    """What a reader sees, without blank ends."""
    texts = [[as_text(cell) for cell in row] for row in rows]
    for row in texts:
        while row and not row[-1]:
            row.pop()
    return [row for row in texts if row]


class TestRejects:
    def test_the_columns_of_the_source_and_the_reason_last(self, office: Desk) -> None:
        wanted = lot([{"Nazwa": "=1+1", "E-mail": "zły", "Kolor": "-5,00"}, {"Nazwa": "B", "E-mail": "", "Kolor": ""}])
        left = rejected(rulings(office, wanted))
        page = content(wanted.source, left, "pl", ";").splitlines()
        assert page[0] == "Nazwa;E-mail;Kolor;Powód odrzucenia"
        assert page[1].startswith("'=1+1;zły;-5,00;")
        assert "niepoprawny adres" in page[1]
        assert len(page) == 2
        assert "Reason for rejection" in content(wanted.source, left, "en", ",")

    def test_all_lines_of_an_invoice_go_together(self, office: Desk) -> None:
        line: dict[str, Cell] = {"Numer": "FV/1", "Nabywca": "", "Wartość pozycji": "1"}
        wanted = lot([line, line, {**line, "Numer": "FV/2", "Nabywca": "B"}], "invoices")
        assert len(content(wanted.source, rejected(rulings(office, wanted)), "pl", ",").splitlines()) == 3

    def test_another_list_is_never_overwritten_and_the_same_is_not_doubled(self, tmp_path: Path) -> None:
        place = tmp_path / "lista.rejected.csv"
        assert [write(place, page).name for page in ("a", "a", "b", "c", "b")] == [
            "lista.rejected.csv",
            "lista.rejected.csv",
            "lista.rejected-2.csv",
            "lista.rejected-3.csv",
            "lista.rejected-2.csv",
        ]
        assert place.read_bytes().startswith(b"\xef\xbb\xbf")
        assert len(list(tmp_path.iterdir())) == 3

    def test_a_place_that_cannot_be_written_says_so(self, tmp_path: Path) -> None:
        with pytest.raises(OutOfReach, match="cannot be written") as error:
            write(tmp_path / "nie ma" / "lista.csv", "a")
        assert "--rejects" in error.value.advice

    @pytest.mark.parametrize(
        ("name", "title", "place"),
        [
            ("lista.csv", "", "lista.rejected.csv"),
            ("lista.rejected.csv", "", "lista.rejected.csv"),
            ("lista.rejected-2.csv", "", "lista.rejected.csv"),
            ("dane.xlsx", "Klienci 2026", "dane.Klienci-2026.rejected.csv"),
        ],
    )
    def test_it_lies_beside_the_file(self, name: str, title: str, place: str) -> None:
        assert place_beside(Path(name), title) == Path(place)

    def test_the_separator_is_the_files(self) -> None:
        assert delimiter_of(b"Lista\nA;B;C\n1,5;2;3\n", ["A", "B", "C"]) == ";"
        assert delimiter_of("A;B;C\n".encode("utf-16"), ["A", "B", "C"]) == ";"
        assert delimiter_of(b"A,B,C\n1;2,3\n", ["A", "B", "C"]) == ","
        assert delimiter_of(b"PK\x03\x04", ["A", "B"]) == ","


class TestRemembered:
    def test_a_list_with_the_same_columns_is_known_again_with_a_column_of_reasons_too(self, tmp_path: Path) -> None:
        found = mapping(held(listing([], columns=["Nazwa", "X"])), "clients", {"X": "notes"})
        remember(tmp_path, found)
        for columns in (("Nazwa", "X"), ("Nazwa", "X", "Powód odrzucenia")):
            known = recall(tmp_path, columns)
            assert known is not None
            assert (known.kind, known.meaning) == ("clients", {"Nazwa": "name", "X": "notes"})
        assert recall(tmp_path, ["X", "Nazwa"]) is None

    def test_columns_for_the_answers_of_people_may_be_added(self, tmp_path: Path) -> None:
        remember(tmp_path, mapping(held(listing([], columns=["FN", "ADR (city)"])), "clients", {"ADR (city)": "city"}))
        known = recall(tmp_path, ["FN", "ID", "ADR (city)", "Powód odrzucenia", "Uwagi"])
        assert known is not None
        assert known.meaning["ADR (city)"] == "city"

    def test_what_was_damaged_is_as_if_it_were_not_there(self, tmp_path: Path) -> None:
        remember(tmp_path, mapping(held(listing([], columns=["Nazwa"]))))
        (path,) = (tmp_path / "mappings").iterdir()
        for text in ("{", "[]", '{"kind": "x", "meaning": {}}', '{"kind": "clients", "meaning": {"Nazwa": "nic"}}'):
            path.write_text(text, encoding="utf-8")
            assert recall(tmp_path, ["Nazwa"]) is None


class TestUndo:
    def test_a_client_that_an_invoice_still_means_stays_and_is_named(self, office: Desk) -> None:
        run = imported(office, lot(firms(2))).plans[0].run
        invoices = [{"Numer": "FV/1", "Nabywca": "Firma 1 Północ", "Brutto": "5"}]
        imported(office, lot(invoices), moment="2026-11-24")
        undone = office.undo("2026-11-25", run)
        assert ([e.id for e in undone.removed], [e.id for e in undone.kept]) == (["K-0001"], ["K-0002"])

    def test_filled_cells_are_blank_again_and_an_update_is_what_it_was(self, tmp_path: Path) -> None:
        office = desk(tmp_path, [], [{"id": "K-0001", "name": "A", "email": "a@a.pl", "added_on": date(2026, 1, 2)}])
        row: dict[str, Cell] = {"Nazwa": "A", "E-mail": "a@a.pl", "Dodano": "2026-03-04", "Adres": "Długa 5"}
        run = imported(office, lot([row]), update=True).plans[0].run
        assert rows_of(office, "clients", "added_on", "address") == [(date(2026, 3, 4), "Długa 5")]
        office.undo("2026-11-25", run)
        assert rows_of(office, "clients", "added_on", "address") == [(date(2026, 1, 2), None)]

    def test_words_that_were_tidied_since_are_no_persons(self, office: Desk) -> None:
        run = imported(office, lot([{"Nazwa": "A", "Etap": "KLIENT", "Tagi": "vip; stały"}], "clients")).plans[0].run
        office.sync("2026-11-24")
        assert rows_of(office, "clients", "stage") == [("Klient",)]
        assert [e.id for e in office.undo("2026-11-25", run).removed] == ["K-0001"]

    def test_what_was_taken_out_can_come_again_under_a_new_id(self, office: Desk) -> None:
        run = imported(office, lot(firms(1))).plans[0].run
        office.undo("2026-11-24", run)
        assert office.undo("2026-11-25", run).plan.empty
        imported(office, lot(firms(1)), moment="2026-11-26")
        assert rows_of(office, "clients", "id") == [("K-0002",)]
