"""What becomes of address books (Google, Outlook, vCard) and of Fakturownia's JSON; nothing private comes along."""

import json
from pathlib import Path

import pytest

from importers.address_books import address_book
from importers.csv_files import CsvFiles
from importers.fakturownia import Fakturownia
from importers.port import Listing
from importers.targets import CLIENT_TARGETS, INVOICE_TARGETS
from importers.vcard import VCards
from tests.golden_listings import FOLDER
from tests.xml_for_tests import written
from validators.errors import WrongUse


def card(folder: Path, *lines: str, version: str = "3.0", encoding: str = "utf-8") -> dict[str, object]:
    text = "\r\n".join(("BEGIN:VCARD", f"VERSION:{version}", *lines, "END:VCARD", ""))
    (listing,) = VCards().listings(written(folder, text.encode(encoding), "x.vcf"))
    (row,) = listing.rows
    return dict(row.cells)


def fetched(folder: Path, *pages: object) -> list[Listing]:
    text = "\n".join(json.dumps(page, ensure_ascii=False) for page in pages)
    return list(Fakturownia().listings(written(folder, text, "x.json")))


class TestAddressBooks:
    @pytest.mark.parametrize("name", ["google_2024.csv", "google_old.csv", "outlook_pl.csv", "outlook_en.csv"])
    def test_every_column_has_a_meaning_or_none_on_purpose(self, name: str) -> None:
        (listing,) = CsvFiles().listings(FOLDER / name)
        assert listing.kind == "clients"
        assert set(listing.meaning) == set(listing.columns)
        assert set(listing.meaning.values()) <= {*CLIENT_TARGETS, ""}

    def test_pesel_and_birthdays_are_left_out(self) -> None:
        (listing,) = CsvFiles().listings(FOLDER / "outlook_pl.csv")
        assert listing.meaning["PESEL"] == listing.meaning["Urodziny"] == ""

    def test_the_home_address_stands_in_for_one_of_business(self) -> None:
        (listing,) = CsvFiles().listings(FOLDER / "outlook_pl.csv")
        office, home = listing.rows
        assert office.cells["Adres służbowy - miejscowość"] == "Warszawa"
        assert home.cells["Adres służbowy - miejscowość"] == "Ząbki"

    def test_an_ordinary_list_is_no_address_book(self) -> None:
        assert not address_book(("Nazwa", "Imię", "Nazwisko", "Adres e-mail")).meaning


class TestCards:
    def test_folded_lines_and_escapes_are_put_right(self, tmp_path: Path) -> None:
        found = card(tmp_path, "FN:Jan", r"NOTE:a\, b\; c\nd\\", " e")
        assert found["NOTE"] == "a, b; c\nd\\e"

    def test_soft_breaks_are_joined_within_a_letter(self, tmp_path: Path) -> None:
        lines = ("FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=C5=\r\n=81ukasz",)
        assert card(tmp_path, *lines, version="2.1")["FN"] == "Łukasz"

    @pytest.mark.parametrize("named", [";CHARSET=windows-1250", ";CHARSET=nonsense", ""])
    def test_letters_of_old_phones_are_understood(self, named: str, tmp_path: Path) -> None:
        assert card(tmp_path, f"FN{named}:Łąka Świeża", version="2.1", encoding="cp1250")["FN"] == "Łąka Świeża"

    def test_a_name_in_parts_is_a_name(self, tmp_path: Path) -> None:
        assert card(tmp_path, "N:Nowak;Jan;Maria;;")["FN"] == "Jan Maria Nowak"

    def test_the_preferred_number_comes_first_and_a_fax_is_none(self, tmp_path: Path) -> None:
        found = card(tmp_path, "TEL;TYPE=home:1", "TEL;TYPE=FAX,WORK:2", "item1.TEL;TYPE=cell;TYPE=pref:3")
        assert (found["TEL"], found["TEL (fax)"]) == ("3, 1", "2")

    def test_two_addresses_are_not_mixed(self, tmp_path: Path) -> None:
        found = card(tmp_path, "ADR;TYPE=HOME:;;Polna 3;;;;", "ADR;TYPE=WORK:;;;Warszawa;;00-001;")
        assert [found.get(f"ADR ({part})") for part in ("street", "city", "code")] == [None, "Warszawa", "00-001"]

    def test_a_card_within_a_card_and_a_card_without_end_are_no_trouble(self, tmp_path: Path) -> None:
        text = "BEGIN:VCARD\nFN:A\nAGENT:\nBEGIN:VCARD\nFN:B\nEND:VCARD\nTEL:1\nEND:VCARD\nBEGIN:VCARD\nFN:C\n"
        (listing,) = VCards().listings(written(tmp_path, text, "x.vcf"))
        assert [(row.line, row.cells.get("FN"), row.cells.get("TEL")) for row in listing.rows] == [
            (1, "A", "1"),
            (2, "C", None),
        ]

    def test_a_card_that_is_cut_off_takes_none_of_the_others_with_it(self, tmp_path: Path) -> None:
        text = "BEGIN:VCARD\nFN:A\nTEL:1\nBEGIN:VCARD\nFN:B\nEND:VCARD\nBEGIN:VCARD\nBEGIN:VCARD\nFN:C\nEND:VCARD\n"
        (listing,) = VCards().listings(written(tmp_path, text, "x.vcf"))
        assert [row.cells for row in listing.rows] == [{"FN": "A", "TEL": "1"}, {"FN": "B"}, {"FN": "C"}]
        assert listing.notes[-1].startswith("Cards without an end: 2.")

    def test_parameters_without_end_take_no_time(self, tmp_path: Path) -> None:
        assert str(card(tmp_path, "FN:A", 'TEL;X="' + ';a="b' * 20_000)["FN"]).startswith("A")

    def test_a_file_without_a_card_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(WrongUse, match="holds no cards"):
            list(VCards().listings(written(tmp_path, "BEGIN:VCARD\nEND:VCAR", "x.vcf")))


INVOICE = {"number": "1", "buyer_name": "Żuraw", "price_gross": "1,50", "income": "1"}


class TestFakturownia:
    def test_every_meaning_is_a_target(self) -> None:
        for name, targets in (("invoices", INVOICE_TARGETS), ("clients", CLIENT_TARGETS)):
            (listing,) = Fakturownia().listings(FOLDER / f"fakturownia_{name}.json")
            assert listing.kind == name
            assert set(listing.meaning.values()) <= set(targets)

    def test_pages_one_after_another_are_one_list(self, tmp_path: Path) -> None:
        (listing,) = fetched(tmp_path, [INVOICE] * 2, {"invoices": [INVOICE]}, INVOICE, [])
        assert [row.line for row in listing.rows] == [1, 2, 3, 4]

    def test_amounts_are_the_text_that_was_written(self, tmp_path: Path) -> None:
        (listing,) = fetched(tmp_path, [INVOICE | {"price_gross": 0.10, "paid": 12}])
        row = next(listing.rows)
        assert (row.cells["price_gross"], row.cells["paid"]) == ("0.1", "12")

    @pytest.mark.parametrize("income", ["0", 0, False, "no"])
    def test_costs_are_left_out_and_counted(self, income: object, tmp_path: Path) -> None:
        (listing,) = fetched(tmp_path, [INVOICE, INVOICE | {"income": income}])
        assert len(list(listing.rows)) == 1
        assert listing.notes == ("Invoices of costs (1) were left out: nobody owes them to you.",)

    def test_a_correction_names_what_it_corrects(self, tmp_path: Path) -> None:
        correction = INVOICE | {"id": 2, "number": "K1", "from_invoice_id": 1}
        (listing,) = fetched(tmp_path, [INVOICE | {"id": 1}, correction])
        assert [row.cells["corrects"] for row in listing.rows] == [None, "1"]

    @pytest.mark.parametrize(
        "text", ['[{"buyer_name": "x", "price_gross": ', "[" * 90_000, '[{"a": 1}, 5]', "[{]", "[]"]
    )
    def test_damaged_json_ends_in_a_sentence(self, text: str, tmp_path: Path) -> None:
        with pytest.raises(WrongUse):
            list(Fakturownia().listings(written(tmp_path, text, "x.json")))
