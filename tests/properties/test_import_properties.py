"""Whatever lists bring: again is a no-op, batches of any size and kills give the same sheet, nothing is lost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from hypothesis import example, given, settings
from hypothesis import strategies as st

from importers.client_verdicts import judge_clients
from importers.shaping import shape_clients
from importers.verdicts import Ruling, Terms, counts
from sync.gather import gather
from sync.heartbeat import Heartbeat
from sync.imported import register
from sync.lists import Wanted, opened
from sync.plan import Plan
from sync.snapshot import Snapshot
from sync.storage.memory import MemoryWorkbook
from sync.storage.port import Applied
from tests.imports_for_tests import DAY, imported, lot, rulings
from tests.workbooks_for_tests import ANNA, PIOTR, Desk, at, desk, invoice
from validators.columns import Context
from validators.errors import WorkbookMoved, WrongUse
from validators.rows import Cell

Rows = Sequence[Mapping[str, Cell]]
NAMES = (
    *("Alfa Instal sp. z o.o.", "ALFA INSTAL", "Alfa Instalacje sp. z o.o.", "Anna Żuraw", "Żuraw Anna", "Jan Kos"),
    *("Jan Kos", "=1+1", "'=1+1", "", "Firma\r\nz linią", "\x00\x01", "Beta", "K-0002", "5260250274"),
)
NIPS = ("5260250274", "526-025-02-74", "5252248481", "9999999999", "123", "", None, 5260250274.0)
MAILS = ("biuro@alfa.pl", "BIURO@ALFA.PL; x@alfa.pl", "anna@zuraw.pl", "zły", "", None)
PHONES = ("601 234 567", "+48601234567", "602345678", "12", "-5", None)
NOTES = ("", "nie duplikat K-0001", "nie duplikat K-0002", "@SUM(A1)", "uwaga\nz linią", 12.5, True, None)
CLIENT_ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "Nazwa": st.sampled_from(NAMES),
            "NIP": st.sampled_from(NIPS),
            "E-mail": st.sampled_from(MAILS),
            "Telefon": st.sampled_from(PHONES),
            "Notatki": st.sampled_from(NOTES),
            "Adres": st.sampled_from(("", "Długa 5, Warszawa", "Krótka 7, Kraków")),
            "ID": st.sampled_from(("", "", "K-0001", "K-0003", "K-0404", "7")),
        }
    ),
    min_size=1,
    max_size=8,
)
INVOICE_ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "Numer": st.sampled_from(("FV/1", "FV/2", "fv 2", "FV/3", "7", "")),
            "Nabywca": st.sampled_from(("Anna Żuraw", "Beta sp. z o.o.", "Jan Kos", "K-0002", "anna@zuraw.pl", "")),
            "NIP nabywcy": st.sampled_from(("5260250274", "5252248481", "", None)),
            "Data wystawienia": st.sampled_from(("28.09.2026", "2026-09-29", "03/04/2026", "2025-09-28", "", None)),
            "Termin": st.sampled_from(("14 dni", "12.10.2026", "", None)),
            "Kwota brutto": st.sampled_from(("1230,00", "100,50", 100.5, "-5", "0", "kwota", "1,234", None)),
            "Status": st.sampled_from(("opłacona", "częściowo opłacona", "szkic", "anulowana", "", None)),
            "Pozostało": st.sampled_from(("", "", "0", "50", None)),
            "Numer KSeF": st.sampled_from(("", "", "", "5260250274-20260928-A1B2C3-D4E5F6-1A")),
        }
    ),
    min_size=1,
    max_size=8,
)
# Rows as lists have them: the same client twice, more of it later, namesakes, slips, and what only a person can settle.
LIKELY_CLIENTS: Rows = [
    {"Nazwa": "Alfa Instal sp. z o.o.", "NIP": "5260250274", "E-mail": "biuro@alfa.pl"},
    {"Nazwa": "ALFA INSTAL", "NIP": "526-025-02-74", "Telefon": "601 234 567"},
    {"Nazwa": "Alfa Instal sp. z o.o.", "Adres": "Długa 5, Warszawa"},
    {"Nazwa": "Alfa Instl sp. z o.o."},
    {"Nazwa": "Anna Żuraw", "E-mail": "ANNA@ZURAW.PL", "Telefon": "602 345 678"},
    {"Nazwa": "Jan Kos", "Telefon": "603 456 789", "Notatki": "=1+1"},
    {"Nazwa": "Jan Kos", "Telefon": "604 567 890"},
    {"Nazwa": "Beta", "E-mail": "zły"},
    {"Nazwa": "Beta", "E-mail": "beta@beta.pl", "ID": "K-0002"},
    {"Nazwa": "Zakład Gamma", "E-mail": "biuro@alfa.pl"},
    {"Nazwa": "Zakład Gamma", "Adres": "Krótka 7, Kraków", "Notatki": "nie duplikat K-0002"},
    {"Nazwa": "", "E-mail": "nikt@nigdzie.pl"},
]
LIKELY_INVOICES: Rows = [
    {"Numer": "FV/1", "Nabywca": "Anna Żuraw", "Data wystawienia": "28.09.2026", "Kwota brutto": "1230,00"},
    {"Numer": "FV/1", "Nabywca": "Anna Żuraw", "Data wystawienia": "28.09.2026", "Kwota brutto": "1330,00"},
    {"Numer": "FV/2", "Nabywca": "Beta", "NIP nabywcy": "5260250274", "Kwota brutto": "10", "Status": "opłacona"},
    {"Numer": "FV/3", "Nabywca": "Beta", "NIP nabywcy": "5252248481", "Kwota brutto": "10", "Termin": "14 dni"},
    {"Numer": "FV/4", "Nabywca": "", "NIP nabywcy": "5252248481", "Kwota brutto": "-7,50"},
    {"Numer": "FV/2", "Nabywca": "Beta", "NIP nabywcy": "5260250274", "Kwota brutto": "10", "Termin": "12.10.2026"},
    {"Numer": "FV/5", "Nabywca": "Gamma", "Kwota brutto": "5", "Status": "szkic"},
    {"Numer": "", "Nabywca": "Gamma", "Kwota brutto": "5"},
    {"Numer": "FV/6", "Nabywca": "Gamma", "Kwota brutto": "5", "Pozostało": "2"},
    {"Numer": "FV/7", "Nabywca": "Hurt Kowalski sp. z o.o.", "Kwota brutto": "5"},
    {"Numer": "FV/8", "Nabywca": "Hurt Kowalsky", "Kwota brutto": "5"},
    {"Numer": "FV/9", "Nabywca": "Hurt Kowalsky", "NIP nabywcy": "7740001454", "Kwota brutto": "5"},
    {"Numer": "FV/10", "Nabywca": "K-0002", "Kwota brutto": "5"},
    {"Numer": "FV/11", "Nabywca": "K-0003", "NIP nabywcy": "5260250274", "Kwota brutto": "5"},
]


# The first row is known by what the last one brings, and says another name.
CONTESTED: Rows = [
    {"Nazwa": "Alfa Instal sp. z o.o.", "NIP": "5260250274", "E-mail": "anna@zuraw.pl"},
    {"Nazwa": "Anna Żuraw", "NIP": "5260250274", "E-mail": "anna@zuraw.pl"},
]


# Ids of another workbook, which the first import gives to other rows than those that bear them.
FOREIGN: Rows = [
    {"Nazwa": "Jan Kos", "ID": ""},
    {"Nazwa": "Jan Kos", "ID": "K-0003", "Adres": "Długa 5, Warszawa", "Notatki": "uwaga"},
    {"Nazwa": "Anna Żuraw", "ID": "K-0003", "Notatki": "uwaga"},
]


# The third row waits, and what it gives to the last one's record tells who the second is.
WAITING: Rows = [
    {"Nazwa": "Alfa Instal sp. z o.o.", "NIP": "5252248481", "E-mail": "biuro@alfa.pl", "Telefon": "601 234 567"},
    {"Nazwa": "ALFA INSTAL", "NIP": "9999999999", "E-mail": "biuro@alfa.pl", "Adres": "Długa 5, Warszawa"},
    {"Nazwa": "Alfa Instal sp. z o.o.", "NIP": "5260250274", "E-mail": "biuro@alfa.pl", "Telefon": "601 234 567"},
    {"Nazwa": "ALFA INSTAL", "NIP": "5260250274", "Telefon": "602345678"},
]


def likely(to: str) -> st.SearchStrategy[list[Mapping[str, Cell]]]:
    """Lists of such rows, in any order."""
    return st.lists(st.sampled_from(LIKELY_CLIENTS if to == "clients" else LIKELY_INVOICES), min_size=1, max_size=10)


RUNS = settings(max_examples=40)
# Files of headers that are known, cells that mean something, and whatever else stands in files.
CELLS = (b"Nazwa", b"NIP", b"E-mail", b"Numer", b"Nabywca", b"5260250274", b"1e5", b"=1+1", b"a@b.pl", b"1 230,00")
SIGNS = (b";", b";", b";", b"\n", b"\n", b'"', b"\x00", b"\xc5", b",", b"\r", b"'", b"K-0002", b"03/04/2026")
HEADERS = st.sampled_from(
    (b"Nazwa;NIP;E-mail\n", b"Numer;Nabywca;Kwota brutto\n", b"\xef\xbb\xbfImi\xea;Nazwisko;;\n", b"")
)
HOSTILE = st.tuples(HEADERS, st.lists(st.sampled_from(CELLS + SIGNS), max_size=40).map(b"".join)).map(b"".join)


class Killed(BaseException):
    """The process ends here, as by kill -9: nobody catches it."""


@dataclass
class Mortal:
    """A workbook at whose write number `at` the process dies, before or after it is done."""

    inner: MemoryWorkbook
    at: int
    after_it: bool
    writes: int = 0

    def read(self) -> Snapshot:
        return self.inner.read()

    def recover(self) -> None:
        self.inner.recover()

    def prepare(self) -> None:
        self.inner.prepare()

    def beat(self, heartbeat: Heartbeat) -> bool:
        return self.inner.beat(heartbeat)

    def apply(self, plan: Plan, after: Snapshot) -> Applied:
        self.writes += 1
        if self.writes == self.at and not self.after_it:
            raise Killed
        done = self.inner.apply(plan, after)
        if self.writes == self.at:
            raise Killed
        return done


def office() -> Desk:
    with TemporaryDirectory() as folder:
        return desk(Path(folder), [invoice()], [dict(ANNA), dict(PIOTR)])


@RUNS
@given(likely("clients") | CLIENT_ROWS, st.booleans())
def test_a_row_that_meets_nobody_is_what_it_would_be_if_it_were_compared_with_all(rows, update):
    place, wanted = office(), lot(rows, "clients")
    shaped = shape_clients(wanted.source, wanted.mapping)
    known = register(gather(place.workbook.read(), place.settings, at(DAY)))
    terms = Terms(Context(), "PLN", at(DAY).date(), "pl", update)
    # Where rows were imported before, none is taken for new at first sight, and each that waits is tried again.
    compared = replace(known, imported={**known.imported, ("clients", "of another row"): "K-0001"})
    found, others = judge_clients(shaped, known, terms), judge_clients(shaped, compared, terms)
    assert [_told(each) for each in found] == [_told(each) for each in others]


def _told(ruling: Ruling) -> object:
    return replace(ruling, additions=()), [(a.id, a.line, dict(a.values)) for a in ruling.additions]


def sheet(found: Desk) -> dict[str, list[list[Cell]]]:
    """What people see, without the history's run, time and batch."""
    return {s.title: [list(row) for row in s.rows] for s in found.workbook.read().sheets if s.title != "Historia"}


def brought(rows: Rows, to: str, size: int = 50) -> Desk:
    found = office()
    imported(found, lot(rows, to), size=size)
    return found


@dataclass
class Moving(Mortal):
    """A workbook in which somebody types just before every second write."""

    def apply(self, plan: Plan, after: Snapshot) -> Applied:
        self.writes += 1
        if self.writes % 2:
            self.inner.edit("Klienci", 1, 9, f"ktoś {self.writes}")
            raise WorkbookMoved("moved")
        return self.inner.apply(plan, after)


def moved_through(rows: Rows) -> Desk:
    """The workbook after an import, row by row, beside somebody who types."""
    found = office()
    quiet = found.office
    moving = Moving(found.workbook, 0, after_it=False)
    imported(type(quiet)(moving, quiet.outbox, quiet.settings), lot(rows, "clients"), size=1)
    return found


def total(found: Sequence[Ruling]) -> int:
    return sum(counts(found).values())


class TestEveryRowHasOneVerdict:
    @given(CLIENT_ROWS)
    @RUNS
    def test_clients(self, rows: Rows) -> None:
        found = rulings(office(), lot(rows, "clients"))
        assert total(found) == len(rows)
        assert sorted(row for ruling in found for row in ruling.rows) == list(range(len(rows)))

    @given(INVOICE_ROWS)
    @RUNS
    def test_invoices(self, rows: Rows) -> None:
        found = rulings(office(), lot(rows, "invoices"))
        assert total(found) == len(rows)
        assert all(ruling.reasons for ruling in found if ruling.verdict in ("rejected", "conflict", "duplicate"))


class TestAgainIsANoOp:
    @given(CLIENT_ROWS)
    @example(FOREIGN)
    @example(WAITING)
    @RUNS
    def test_clients(self, rows: Rows) -> None:
        found = brought(rows, "clients")
        before = found.workbook.read()
        again = imported(found, lot(rows, "clients"), moment="2026-11-24")
        assert again.plans == []
        assert found.workbook.read() == before

    @given(INVOICE_ROWS)
    @RUNS
    def test_invoices(self, rows: Rows) -> None:
        found = brought(rows, "invoices")
        before = found.workbook.read()
        again = imported(found, lot(rows, "invoices"), moment="2026-11-24")
        assert again.plans == []
        assert found.workbook.read() == before

    @given(CLIENT_ROWS)
    @example(CONTESTED)
    @example(FOREIGN)
    @RUNS
    def test_an_update_twice(self, rows: Rows) -> None:
        found = office()
        imported(found, lot(rows, "clients"), update=True)
        before = found.workbook.read()
        again = imported(found, lot(rows, "clients"), moment="2026-11-24", update=True)
        assert again.plans == []
        assert found.workbook.read() == before


class TestBatchesAndKills:
    @given(CLIENT_ROWS, st.integers(1, 4))
    @RUNS
    def test_clients_in_batches_of_any_size(self, rows: Rows, size: int) -> None:
        assert sheet(brought(rows, "clients", size)) == sheet(brought(rows, "clients"))

    @given(INVOICE_ROWS, st.integers(1, 4))
    @RUNS
    def test_invoices_in_batches_of_any_size(self, rows: Rows, size: int) -> None:
        assert sheet(brought(rows, "invoices", size)) == sheet(brought(rows, "invoices"))

    @given(st.data(), st.sampled_from(("clients", "invoices")), st.integers(1, 6), st.booleans())
    @RUNS
    def test_killed_at_any_batch_and_begun_anew(self, data: st.DataObject, to: str, at: int, after_it: bool) -> None:
        rows = data.draw(likely(to))
        found = office()
        mortal = Mortal(found.workbook, at, after_it)
        dying = found.office
        try:
            imported(type(dying)(mortal, dying.outbox, dying.settings), lot(rows, to), size=1)
        except Killed:
            imported(found, lot(rows, to), size=1, moment="2026-11-24")
        assert sheet(found) == sheet(brought(rows, to))

    @given(likely("clients"))
    @RUNS
    def test_a_workbook_that_moves_between_batches(self, rows: Rows) -> None:
        """Somebody types beside us: everything is read and decided anew, and no row comes twice."""
        ids = moved_through(rows).gathered().ids["clients"]
        assert len(ids) == len(set(ids)) == len(brought(rows, "clients").gathered().ids["clients"])

    @given(CLIENT_ROWS)
    @RUNS
    def test_rows_that_contradict_each_other_in_a_workbook_that_moves(self, rows: Rows) -> None:
        """What was written first may then leave a row to a person; none comes twice, and none is lost."""
        found = moved_through(rows)
        ids = found.gathered().ids["clients"]
        assert len(ids) == len(set(ids)) <= len(brought(rows, "clients").gathered().ids["clients"])
        left = rulings(found, lot(rows, "clients"))
        assert {ruling.verdict for ruling in left} <= {"known", "conflict", "rejected", "duplicate"}
        assert all(ruling.id in ids for ruling in left if ruling.verdict in ("known", "conflict"))


class TestUndo:
    @given(st.data(), st.sampled_from(("clients", "invoices")))
    @RUNS
    def test_what_was_imported_is_taken_out_again(self, data: st.DataObject, to: str) -> None:
        rows = data.draw(CLIENT_ROWS if to == "clients" else INVOICE_ROWS)
        found = office()
        before = sheet(found)
        done = imported(found, lot(rows, to), size=2)
        if done.plans:
            undone = found.undo("2026-11-23T12:00", done.plans[0].run)
            assert undone.kept == ()
        assert seen(sheet(found)) == seen(before)

    @given(st.data(), st.sampled_from(("clients", "invoices")), st.randoms(use_true_random=False))
    @settings(max_examples=25)
    def test_what_people_wrote_since_stays_and_is_named(self, data: st.DataObject, to: str, chance: Random) -> None:
        rows = data.draw(likely(to))
        found = office()
        done = imported(found, lot(rows, to), size=2)
        brought = [row.values["id"] for plan in done.plans for row in plan.appended if row.tab == to]
        edited = {str(id_): f"ważne {id_}" for id_ in brought if chance.random() < 0.5}
        for id_, text in edited.items():
            found.types(to, id_, "hold_reason", text)
        if done.plans:
            undone = found.undo("2026-11-23T12:00", done.plans[0].run)
            assert {event.id for event in undone.kept if event.tab == to} == set(edited)
        left = {id_: found.cell(to, id_, "hold_reason") for id_ in found.gathered().ids[to] if id_ in edited}
        assert left == edited


class TestNothingIsLost:
    """However a file is broken: every row that is read gets exactly one verdict."""

    @given(HOSTILE)
    @example(b"Nazwa;NIP;E-mail\n=1+1;1e5;a@b.pl\n\x00;;\n\xc5;5260250274;x")
    @example(b"Numer;Nabywca;Kwota brutto\n1;K-0001;=1\n1;K-0001;1e5\n;;;\n1;Jan;-5\n")
    @settings(max_examples=40)
    def test_of_a_hostile_file(self, content: bytes) -> None:
        with TemporaryDirectory() as folder:
            path = Path(folder) / "lista.csv"
            path.write_bytes(content)
            desk_ = office()
            try:
                lots = opened(path, Wanted(), Path(folder), "PL", lambda _: None, None).lots
                done = imported(desk_, *lots)
            except WrongUse:
                return
        for each, found in zip(lots, done.rulings, strict=True):
            assert total(found) == len(each.source)
            assert sorted(row for ruling in found for row in ruling.rows) == list(range(len(each.source)))


def seen(shown: dict[str, list[list[Cell]]]) -> dict[str, list[list[Cell]]]:
    """Without rows and cells in which nothing stands any more."""
    return {
        title: [cells for row in rows if (cells := [cell or None for cell in row]) and any(cells)]
        for title, rows in shown.items()
    }
