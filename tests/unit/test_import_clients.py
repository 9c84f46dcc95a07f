"""Rows of a list become clients: put together from parts, found by their keys, filled in, asked about, or refused."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from importers.verdicts import Difference
from tests.imports_for_tests import codes, count, imported, lot, rows_of, rulings, verdicts
from tests.workbooks_for_tests import Desk, desk
from validators.rows import Cell

ALFA: Mapping[str, Cell] = {
    "id": "K-0001",
    "name": "Alfa Instal sp. z o.o.",
    "tax_id": "5260250274",
    "email": "biuro@alfa.pl",
    "phone": "601 234 567",
}
KOS: Mapping[str, Cell] = {"id": "K-0002", "name": "Jan Kos", "email": "jan@kos.pl", "address": "Długa 5, Warszawa"}


@pytest.fixture
def office(tmp_path: Path) -> Desk:
    return desk(tmp_path, [], [ALFA, KOS])


def new(office: Desk, **row: Cell) -> Mapping[str, Cell]:
    """The values of the one new row."""
    (ruling,) = rulings(office, lot([row], "clients"))
    assert ruling.verdict == "new"
    return ruling.additions[0].values


class TestParts:
    def test_a_firm_goes_before_a_person_who_then_is_whom_to_ask_for(self, office: Desk) -> None:
        made = new(office, Imię="Ewa", Nazwisko="Lis", Firma="Lis Meble")
        assert (made["name"], made["contact_person"]) == ("Lis Meble", "Ewa Lis")

    def test_a_person_without_a_firm_is_the_client(self, office: Desk) -> None:
        assert new(office, Imię="Ewa", Nazwisko="Lis", Firma="") == {"name": "Ewa Lis"}

    def test_addresses_are_put_together_and_poland_is_not_said(self, office: Desk) -> None:
        row = {"Nazwa": "X", "Ulica": "Długa 5", "Kod": "00-950", "Miasto": "Warszawa", "Kraj": "Polska"}
        assert new(office, **row)["address"] == "Długa 5, 00-950 Warszawa"
        assert new(office, **{**row, "Kraj": "Niemcy"})["address"] == "Długa 5, 00-950 Warszawa, Niemcy"

    def test_an_address_that_is_whole_is_not_said_twice(self, office: Desk) -> None:
        row = {"Nazwa": "X", "Adres": "Długa 5, 00-950 Warszawa", "Kod": "00-950", "Miasto": "Warszawa"}
        assert new(office, **row)["address"] == "Długa 5, 00-950 Warszawa"

    def test_several_numbers_share_a_cell(self, office: Desk) -> None:
        row = {"Nazwa": "X", "Telefon": "602 345 678", "Telefon 2": "22 123 45 67"}
        assert new(office, **row)["phone"] == "602 345 678, 22 123 45 67"

    def test_texts_that_look_like_numbers_and_formulas_stay_texts(self, office: Desk) -> None:
        row = {"Nazwa": "=1+1", "Uwagi": "1e5", "NIP": 5252248481.0, "Dokumenty": "007"}
        assert new(office, **row) == {"name": "=1+1", "notes": "1e5", "tax_id": "5252248481", "documents": "007"}


class TestKeys:
    @pytest.mark.parametrize(
        "row",
        [
            {"Nazwa": "Alfa Instalacje", "NIP": "PL 526-025-02-74"},
            {"Nazwa": "ALFA INSTAL", "E-mail": "BIURO@ALFA.PL"},
            {"Nazwa": "Alfa Instal", "Telefon": "+48 601234567"},
            {"Nazwa": "Instal Alfa", "ID": "K-0001"},
            {"Nazwa": "Alfa-Instal Sp. z o.o."},
        ],
    )
    def test_each_key_finds_the_client(self, office: Desk, row: Mapping[str, Cell]) -> None:
        (ruling,) = rulings(office, lot([row], "clients"))
        assert (str(ruling.verdict), ruling.id) == ("known", "K-0001")

    @pytest.mark.parametrize(
        ("row", "code"),
        [
            ({"Nazwa": "Zupełnie inni", "E-mail": "biuro@alfa.pl"}, "same_email"),
            ({"Nazwa": "Zupełnie inni", "Telefon": "601234567"}, "same_phone"),
            ({"Nazwa": "Alfa Instal", "E-mail": "biuro@alfa.pl", "NIP": "5252248481"}, "other_tax_id"),
            ({"Nazwa": "Jan Kos", "Telefon": "602 345 678"}, "same_name"),
            ({"Nazwa": "Alfa Instl sp. z o.o."}, "close_name"),
            ({"Nazwa": "Zupełnie inni", "ID": "K-0001", "E-mail": "inni@inni.pl"}, "other_id"),
            ({"Nazwa": "Zupełnie inni", "ID": "K-0001", "Uwagi": "z innego arkusza"}, "other_id"),
        ],
    )
    def test_what_could_be_somebody_else_is_asked_and_both_are_shown(
        self, office: Desk, row: Mapping[str, Cell], code: str
    ) -> None:
        (ruling,) = rulings(office, lot([row], "clients"))
        assert (str(ruling.verdict), codes(ruling)) == ("conflict", [code])
        assert "K-000" in ruling.reasons[0].params["candidates"]

    def test_a_person_may_answer(self, office: Desk) -> None:
        wanted = lot([{"Nazwa": "Alfa Instl sp. z o.o."}, {"Nazwa": "Jan Kos", "Telefon": "602 345 678"}], "clients")
        same, other = rulings(office, wanted, line2="K-0001", line3="")
        assert (str(same.verdict), same.id, str(other.verdict)) == ("known", "K-0001", "new")

    def test_a_note_that_it_is_no_duplicate_settles_it(self, office: Desk) -> None:
        row = {"Nazwa": "Zupełnie inni", "E-mail": "biuro@alfa.pl", "Uwagi": "nie duplikat K-0001"}
        assert verdicts(rulings(office, lot([row], "clients"))) == ["new"]

    def test_two_firms_of_one_name_are_told_apart_by_their_tax_ids(self, office: Desk) -> None:
        assert verdicts(rulings(office, lot([{"Nazwa": "Alfa Instal sp. z o.o.", "NIP": "5252248481"}]))) == ["new"]

    def test_the_contact_person_of_a_client_is_that_client_and_keeps_its_name(self, tmp_path: Path) -> None:
        office = desk(tmp_path, [], [{**ALFA, "contact_person": "Ewa Lis"}])
        wanted = lot([{"Nazwa": "Ewa Lis", "E-mail": "biuro@alfa.pl", "Uwagi": "miła"}], "clients")
        (ruling,) = rulings(office, wanted, update=True)
        assert [(d.field, d.after) for d in ruling.changes] == [("notes", "miła")]


class TestDifferences:
    def test_blank_cells_are_filled_and_others_kept(self, office: Desk) -> None:
        row = {"Nazwa": "Alfa Instal", "NIP": "5260250274", "Telefon": "602 345 678", "Adres": "Krótka 1"}
        (ruling,) = rulings(office, lot([row], "clients"))
        assert ruling.changes == (Difference("address", None, "Krótka 1"),)
        assert [(d.field, d.before) for d in ruling.kept] == [("phone", "601 234 567")]

    def test_with_update_the_file_goes_first_and_numbers_are_added(self, tmp_path: Path) -> None:
        office = desk(tmp_path, [], [{**ALFA, "address": "Długa 5", "notes": "stały"}])
        row = {"NIP": "5260250274", "Nazwa": "Alfa", "Telefon": "602 345 678", "Adres": "Krótka 1", "Uwagi": "nowe"}
        imported(office, lot([row], "clients"), update=True)
        assert rows_of(office, "clients", "name", "phone", "address", "notes") == [
            ("Alfa", "601 234 567, 602 345 678", "Krótka 1", "stały\nnowe")
        ]

    def test_the_same_in_other_words_is_no_difference(self, tmp_path: Path) -> None:
        office = desk(tmp_path, [], [{**ALFA, "tags": "VIP, stały klient", "notes": "Ważny. Dzwonić rano."}])
        row = {"NIP": "526-025-02-74", "Nazwa": "ALFA INSTAL", "Tagi": "vip", "Uwagi": "dzwonić rano"}
        (ruling,) = rulings(office, lot([{**row, "Telefon": "+48601234567"}], "clients"), update=True)
        assert [d.field for d in ruling.differences] == ["name"]

    def test_a_formula_of_the_team_is_left_alone(self, office: Desk) -> None:
        """What a formula shows is nobody's to fill in."""
        found = office.workbook.read().sheets[0]
        row, column = 1, list(found.rows[0]).index("Adres")
        office.workbook.replace(type(found)(found.title, found.rows, frozenset({(row, column)})))
        (ruling,) = rulings(office, lot([{"NIP": "5260250274", "Nazwa": "Alfa", "Adres": "Krótka 1"}], "clients"))
        assert str(ruling.verdict) == "known"


class TestTwiceInOneFile:
    @pytest.mark.parametrize("size", [1, 50])
    def test_a_later_row_gives_what_the_first_lacks(self, office: Desk, size: int) -> None:
        rows = [{"Nazwa": "Beta", "NIP": "5252248481", "Adres": street} for street in ("", "Długa 5", "")]
        found = imported(office, lot(rows, "clients"), size=size)
        assert verdicts(found.rulings[0]) == ["new", "duplicate", "duplicate"]
        assert rows_of(office, "clients", "name", "address")[-1] == ("Beta", "Długa 5")

    def test_what_fits_is_taken_even_where_the_rest_is_for_a_person(self, office: Desk) -> None:
        rows = [
            {"Nazwa": "Beta", "NIP": "5252248481", "Mail": "a@b.pl"},
            {"Nazwa": "Beta", "NIP": "5252248481", "Mail": "c@b.pl", "Adres": "Długa 5"},
        ]
        found = imported(office, lot(rows, "clients"))
        assert (str(found.rulings[0][1].verdict), codes(found.rulings[0][1])) == ("conflict", ["contradicts_row"])
        assert rows_of(office, "clients", "email", "address")[-1] == ("a@b.pl", "Długa 5")

    def test_rows_that_contradict_each_other_are_for_a_person(self, office: Desk) -> None:
        rows = [{"Nazwa": "Beta", "NIP": "5252248481", "Adres": street} for street in ("Długa 5", "Krótka 7")]
        found = rulings(office, lot(rows, "clients"))
        assert verdicts(found) == ["new", "conflict"]
        assert (codes(found[1]), found[1].reasons[0].params["other"]) == (["contradicts_row"], "Długa 5")

    def test_a_row_that_a_later_one_explains_is_found(self, office: Desk) -> None:
        """The first is a namesake of Jan Kos, until the third says whose tax id it is."""
        rows = [
            {"Nazwa": "Jan Kos", "NIP": "5252248481", "E-mail": "x@kos.pl"},
            {"Nazwa": "Kos Transport", "NIP": "5252248481", "E-mail": ""},
        ]
        found = imported(office, lot(rows, "clients"))
        assert count(imported(office, lot(rows, "clients"), moment="2026-11-24")).get("new") is None
        assert sum(len(r.rows) for r in found.rulings[0]) == 2

    def test_a_close_name_is_asked_about_although_many_share_its_words(self, office: Desk) -> None:
        others = ("Adam", "Bogna", "Cezary", "Daria", "Edyta", "Filip", "Grażyna", "Hubert", "Iwona", "Kamil", "Lidia")
        surnames = ("Bąk", "Czyż", "Dudek", "Fiołek", "Głąb", "Huk", "Jeż", "Lis", "Mróz", "Nowak", "Pałka")
        crowd = [f"{name} Kowarzyk" for name in others] + [f"Jan {name}" for name in surnames]
        found = rulings(office, lot([{"Nazwa": name} for name in (*crowd, "Jan Kowalski", "Jan Kowalsky")], "clients"))
        assert verdicts(found)[-2:] == ["new", "conflict"]
        assert codes(found[-1]) == ["close_name"]


class TestRejected:
    @pytest.mark.parametrize(
        ("row", "code"),
        [
            ({"Nazwa": "", "E-mail": "a@b.pl"}, "required_missing"),
            ({"Nazwa": "X", "E-mail": "zły"}, "email_invalid"),
            ({"Nazwa": "X", "Dodano": "31.02.2026"}, "date_impossible"),
            ({"Nazwa": "X", "Dodano": "03/04/2026"}, "date_ambiguous"),
            ({"Nazwa": "X", "Uwagi": "ż" * 40_000}, "too_long"),
        ],
    )
    def test_what_the_sheet_would_not_take_is_named(self, office: Desk, row: Mapping[str, Cell], code: str) -> None:
        (ruling,) = rulings(office, lot([row], "clients"))
        assert (str(ruling.verdict), codes(ruling)) == ("rejected", [code])

    def test_the_other_dates_of_the_column_decide(self, office: Desk) -> None:
        rows = [{"Nazwa": "X", "Dodano": "03/04/2026"}, {"Nazwa": "Y", "Dodano": "25/04/2026"}]
        found = rulings(office, lot(rows, "clients"))
        assert str(found[0].additions[0].values["added_on"]) == "2026-04-03"

    def test_a_doubtful_number_or_tax_id_is_no_reason(self, office: Desk) -> None:
        row = {"Nazwa": "X", "NIP": "123", "Telefon": "12"}
        assert new(office, **row) == {"name": "X", "tax_id": "123", "phone": "12"}


def test_what_people_edited_after_an_import_is_known_again(tmp_path: Path) -> None:
    """The history remembers which row of a file became which record."""
    office = desk(tmp_path, [], [])
    wanted = [{"Nazwa": "Beta", "Telefon": "602 345 678"}]
    imported(office, lot(wanted, "clients"))
    office.types("clients", "K-0001", "name", "Gamma")
    office.types("clients", "K-0001", "phone", "603 456 789")
    assert count(imported(office, lot(wanted, "clients"), moment="2026-11-24")) == {"known": 1}


def test_rows_that_people_have_just_typed_get_their_ids_and_keep_them(tmp_path: Path) -> None:
    office = desk(tmp_path, [], [{"name": "Wpisany ręcznie"}])
    imported(office, lot([{"Nazwa": "Beta"}], "clients"))
    assert rows_of(office, "clients", "id", "name") == [("K-0001", "Wpisany ręcznie"), ("K-0002", "Beta")]
