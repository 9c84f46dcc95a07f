"""Which column means what: known words, what was chosen, close spelling, values; and what is asked or refused."""

from datetime import date

import pytest

from importers.day_order import with_one_order
from importers.mapping import How, lacking, mapping
from importers.port import Listing
from importers.safe_cells import guarded, unguarded
from importers.source import held, sample
from tests.imports_for_tests import listing
from validators.errors import WrongUse
from validators.rows import Cell, Row
from validators.tabs import INVOICES


def targets(columns: str, to: str = "", **chosen: str) -> dict[str, list[str]]:
    """The columns of each target in a list of these headers."""
    return mapping(held(listing([], columns=columns.split(";"))), to, chosen).by_target()


class TestByHeader:
    def test_polish_and_english_headers_without_regard_to_case_and_accents(self) -> None:
        assert targets("NAZWA KLIENTA;e-mail;tel. kom.;Nip nabywcy") == {
            "name": ["NAZWA KLIENTA"],
            "email": ["e-mail"],
            "phone": ["tel. kom."],
            "tax_id": ["Nip nabywcy"],
        }

    def test_the_sheets_own_label_goes_before_another_word_for_the_same(self) -> None:
        assert targets("Klient;Nazwa;Telefon", "clients")["name"] == ["Nazwa"]

    def test_several_columns_of_addresses_and_numbers_all_count(self) -> None:
        assert targets("Nazwa;Telefon;Komórka")["phone"] == ["Telefon", "Komórka"]

    def test_a_slip_in_a_header_is_understood_and_a_net_amount_is_no_gross_one(self) -> None:
        found = mapping(held(listing([], columns=["Nazwa", "Adres emial", "Kwota netto"])), "clients")
        assert [(m.target, m.how) for m in found.columns[1:]] == [("email", How.SPELLING), ("", How.NOTHING)]

    def test_what_kartoteka_itself_wrote_into_a_workbook_is_left_out(self) -> None:
        ours = "Numer;Klient;Kwota brutto;ID klienta;Status;Pozostało;Dni po terminie;Dlaczego;Problemy"
        assert targets(ours) == {"number": ["Numer"], "client": ["Klient"], "amount": ["Kwota brutto"]}

    def test_a_pesel_is_never_imported(self) -> None:
        assert "PESEL" not in str(targets("Imię;Nazwisko;PESEL"))

    def test_the_column_of_reasons_comes_back_and_is_left_out(self) -> None:
        assert targets("Nazwa;Powód odrzucenia") == {"name": ["Nazwa"]}


class TestKind:
    def test_a_number_and_an_amount_make_invoices(self) -> None:
        found = mapping(held(listing([], columns=["Numer", "Nabywca", "NIP", "Brutto"])))
        assert (found.kind, lacking(found)) == ("invoices", "")

    def test_people_and_firms_make_clients(self) -> None:
        assert mapping(held(listing([], columns=["Imię", "Nazwisko", "E-mail"]))).kind == "clients"

    def test_what_nobody_can_tell_names_both(self) -> None:
        with pytest.raises(WrongUse) as refused:
            mapping(held(listing([], columns=["Data", "Kwota"])))
        assert "clients" in refused.value.advice
        assert "invoices" in refused.value.advice

    def test_what_is_no_list_at_all_is_not_told_to_be_one(self) -> None:
        with pytest.raises(WrongUse, match="does not look like a list") as refused:
            mapping(held(listing([], columns=["Column 1"])))
        assert "export it as CSV or XLSX" in refused.value.advice

    def test_the_option_decides(self) -> None:
        assert mapping(held(listing([], columns=["Numer", "Nabywca", "Brutto"])), "clients").kind == "clients"

    @pytest.mark.parametrize(
        ("columns", "what"), [("Numer;Nabywca", "amount"), ("Kwota;Nabywca", "number"), ("Numer;Kwota", "client")]
    )
    def test_what_an_invoice_lacks_is_named(self, columns: str, what: str) -> None:
        assert lacking(mapping(held(listing([], columns=columns.split(";"))), "invoices")) == what


class TestChosen:
    def test_a_person_has_the_last_word(self) -> None:
        assert targets("Nazwa;Kontakt", Kontakt="Telefon") == {"name": ["Nazwa"], "phone": ["Kontakt"]}

    def test_a_targets_own_name_goes_before_a_label_of_another(self) -> None:
        assert targets("FN;ORG", "clients", FN="name", ORG="company") == {"name": ["FN"], "company": ["ORG"]}

    def test_a_column_can_be_left_out(self) -> None:
        assert targets("Nazwa;Uwagi", Uwagi="-") == {"name": ["Nazwa"]}

    def test_an_unknown_column_names_the_nearest(self) -> None:
        with pytest.raises(WrongUse, match="nearest is 'Nazwa'"):
            targets("Nazwa;Uwagi", Nazwy="name")

    def test_an_unknown_field_names_the_nearest(self) -> None:
        with pytest.raises(WrongUse, match="nearest is 'phone'"):
            targets("Nazwa;X", X="fone")

    def test_what_was_said_last_time_goes_before_words_and_after_what_is_said_now(self) -> None:
        source = held(listing([], columns=["Nazwa", "Firma", "Uwagi"]))
        remembered = {"Nazwa": "contact_person", "Firma": "name", "Uwagi": "notes"}
        found = mapping(source, "clients", {"Uwagi": "-"}, remembered)
        assert found.by_target() == {"contact_person": ["Nazwa"], "name": ["Firma"]}

    def test_the_format_goes_before_words(self) -> None:
        found = mapping(held(Listing("clients", "", ("FN", "Nazwa"), iter(()), {"FN": "name"})))
        assert found.by_target() == {"name": ["FN"]}


class TestByValues:
    def test_tax_ids_and_addresses_are_told_and_numbers_only_proposed(self) -> None:
        rows = [
            {"Nazwa": "A", "1": "5260250274", "2": "a@b.pl", "3": "601 234 567", "4": "x"},
            {"Nazwa": "B", "1": "525-224-84-81", "2": "b@b.pl", "3": "602 345 678", "4": "y"},
        ]
        found = mapping(held(listing(rows)))
        assert [(m.target, m.sure) for m in found.columns[1:]] == [
            ("tax_id", True),
            ("email", True),
            ("phone", False),
            ("", True),
        ]
        assert [m.column for m in found.unsure] == ["3"]
        assert found.chosen("3", "phone").by_target()["phone"] == ["3"]

    def test_quantities_of_a_list_of_lines_are_not_proposed_as_the_total(self) -> None:
        rows: list[dict[str, Cell]] = [{"Numer": "1", "Nabywca": "A", "Wartość pozycji": "5,00", "Sztuk": "2"}]
        assert not mapping(held(listing(rows))).unsure

    def test_one_of_several_dates_is_never_taken_for_granted(self) -> None:
        rows = [{"Numer": "1", "Brutto": 5, "Nabywca": "A", "Kiedy": "2026-01-02"}]
        assert [m.target for m in mapping(held(listing(rows))).unsure] == ["issued_on"]


class TestCells:
    @pytest.mark.parametrize(
        "text", ["=1+1", "+48 600", "@SUM(A1)", "-1+1", "\t=1", " =1", "＝1", "=cmd|' /C calc'!A0", "\r\n=2"]
    )
    def test_what_a_spreadsheet_would_run_is_guarded_and_comes_back_as_it_was(self, text: str) -> None:
        assert guarded(text) == f"'{text}"
        assert unguarded([guarded(text)]) == [text]

    @pytest.mark.parametrize("text", ["-5,00", "O'Neil", "'90", "Alfa", ""])
    def test_what_it_would_not_run_stays(self, text: str) -> None:
        assert guarded(text) == text
        assert unguarded([text]) == [text]

    def test_control_characters_are_left_out_and_line_breaks_kept(self) -> None:
        found = held(Listing("", "", ("A",), iter([Row(2, "", {"A": "a\x00b\nc\x1f"})])))
        assert found.columns["A"] == ["ab\nc"]


class TestDayOrder:
    """03/04/2026 is one day where anything in the file decides, and for a person where nothing does."""

    @pytest.mark.parametrize(
        ("issued", "due", "read"),
        [
            (["03/04/2026", "05/04/2026"], ["17/04/2026", "19/04/2026"], date(2026, 4, 3)),
            (["03/04/2026", "05/04/2026"], ["04/17/2026", "04/19/2026"], date(2026, 3, 4)),
            (["03/04/2026", "05/04/2026"], ["01/02/2026", "2026-04-19"], "03/04/2026"),
            (["03/04/2026", "05/04/2026"], ["17/04/2026", "04/19/2026"], "03/04/2026"),
        ],
    )
    def test_other_columns_decide(self, issued: list[str], due: list[str], read: object) -> None:
        assert with_one_order({"issued_on": issued, "due_on": due}, INVOICES)["issued_on"][0] == read

    def test_a_column_that_decides_itself_is_left_alone(self) -> None:
        given = {"issued_on": ["13/04/2026", "02/04/2026"], "due_on": ["04/19/2026"], "amount": ["1/2"]}
        assert with_one_order(given, INVOICES) == given


@pytest.mark.parametrize(
    ("row", "target"),
    [
        ({"Kod": "ALFA", "Nazwa": "Alfa", "Kod pocztowy": "00-838"}, ""),
        ({"Kod": "K001", "Nazwa": "Alfa"}, ""),
        ({"Kod": "00-838", "Nazwa": "Alfa"}, "postal_code"),
        ({"Kod": "", "Nazwa": "Alfa"}, "postal_code"),
    ],
)
def test_what_a_program_calls_its_clients_by_is_no_postal_code(row, target):
    found = mapping(held(listing([row])))
    assert {meant.column: meant.target for meant in found.columns}["Kod"] == target


def test_what_is_shown_of_a_column_is_as_a_person_would_type_it():
    assert sample([5260250274.0, None, date(2026, 3, 4), " a  b "]) == ("5260250274", "2026-03-04", "a b")
