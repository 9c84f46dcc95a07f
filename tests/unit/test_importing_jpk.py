"""What becomes of sales in JPK_FA and JPK_V7: the gross sum, what is no claim on a client, the file's own counts."""

from decimal import Decimal

import pytest

from importers import jpk
from importers.xml_invoices import Draft
from tests.xml_for_tests import drafts, listing
from validators.errors import WrongUse

HEAD = (
    '<JPK><Naglowek><KodFormularza kodSystemowy="{form}"/><DomyslnyKodWaluty>EUR</DomyslnyKodWaluty></Naglowek>'
    "<Podmiot1><OsobaNiefizyczna><NIP>PL7372846518</NIP><PelnaNazwa>Błysk</PelnaNazwa></OsobaNiefizyczna></Podmiot1>"
)


def v7(*rows: str, form: str = "JPK_V7M (2)", count: int | None = None) -> str:
    told = len(rows) if count is None else count
    sales = "".join(f"<SprzedazWiersz><DowodSprzedazy>FV/1</DowodSprzedazy>{row}</SprzedazWiersz>" for row in rows)
    control = f"<SprzedazCtrl><LiczbaWierszySprzedazy>{told}</LiczbaWierszySprzedazy></SprzedazCtrl>"
    return f"{HEAD.format(form=form)}<Ewidencja>{sales}{control}</Ewidencja></JPK>"


def sale(row: str) -> Draft:
    (draft,) = drafts(v7(row))
    return draft


def fa(fields: str) -> Draft:
    (draft,) = drafts(f"{HEAD.format(form='JPK_FA (3)')}<Faktura><P_2A>FV/1</P_2A>{fields}</Faktura></JPK>")
    return draft


def sums(**fields: str) -> str:
    return "".join(f"<{name}>{value}</{name}>" for name, value in fields.items())


class TestGross:
    @pytest.mark.parametrize(
        ("fields", "gross"),
        [
            ({"K_19": "1000.00", "K_20": "230.00"}, "1230.00"),
            ({"K_15": "100", "K_16": "5", "K_17": "100", "K_18": "8", "K_10": "7"}, "220"),
            ({"K_11": "400", "K_12": "400"}, "400"),
            ({"K_13": "300", "K_14": "100"}, "300"),
            ({"K_21": "500", "K_22": "50"}, "550"),
            ({"K_19": "-100.00", "K_20": "-23.00"}, "-123.00"),
            ({"K_19": "81.30", "K_20": "18.70", "SprzedazVAT_Marza": "900.00"}, "900.00"),
            ({"K_19": "100", "K_20": "23", "K_23": "50", "K_24": "11.50"}, "123"),
        ],
    )
    def test_it_is_net_and_vat_of_what_was_sold_each_once(self, fields: dict[str, str], gross: str) -> None:
        assert sale(sums(**fields)).cells["amount"] == Decimal(gross)

    def test_a_sum_that_is_no_number_is_left_to_the_verdict(self) -> None:
        assert sale(sums(K_19="1 000,00", K_20="230")).cells["amount"] == "1 000,00"

    def test_a_row_without_sums_is_a_row_all_the_same(self) -> None:
        draft = sale("")
        assert (draft.left_out, "amount" in draft.cells) == (False, False)


class TestNoClaims:
    @pytest.mark.parametrize(
        ("row", "reason"),
        [
            (sums(TypDokumentu="RO", K_19="10"), "a cash register's report (RO)"),
            (sums(TypDokumentu="WEW", K_19="10"), "an internal document (WEW)"),
            (sums(KorektaPodstawyOpodt="1", K_19="-10"), "a tax relief for a bad debt"),
            (sums(K_29="200", K_30="46"), "only taxes purchases"),
            (sums(K_10="0.00", K_19="0", K_23="200", K_24="46"), "only taxes purchases"),
        ],
    )
    def test_they_are_left_out_and_named(self, row: str, reason: str) -> None:
        found = listing(v7(sums(K_19="1"), row))
        assert [item.line for item in found.rows] == [1]
        assert [reason in note and note.endswith(": FV/1.") for note in found.notes] == [True]

    def test_an_invoice_for_a_receipt_is_an_invoice(self) -> None:
        draft = sale(sums(TypDokumentu="FP", K_19="10"))
        assert (draft.left_out, draft.cells["kind"]) == (False, "FP")

    def test_a_file_with_nothing_else_is_refused_with_the_reasons(self) -> None:
        with pytest.raises(WrongUse, match=r"no invoices to import.*\(RO\): FV/1"):
            listing(v7(sums(TypDokumentu="RO", K_19="10")))


class TestParties:
    def test_the_word_for_nobody_is_nobody(self) -> None:
        cells = sale(sums(NrKontrahenta="BRAK", NazwaKontrahenta="brak", K_19="1")).cells
        assert not {"client_name", "client_tax_id"} & cells.keys()

    @pytest.mark.parametrize(
        ("country", "number", "found"),
        [("CZ", "25123891", "CZ25123891"), ("PL", "9512038476", "9512038476"), ("DE", "DE136695976", "DE136695976")],
    )
    def test_a_number_of_another_country_bears_its_prefix(self, country: str, number: str, found: str) -> None:
        assert sale(sums(KodKrajuNadaniaTIN=country, NrKontrahenta=number)).cells["client_tax_id"] == found
        assert fa(sums(P_5A=country, P_5B=number)).cells["client_tax_id"] == found

    def test_the_seller_stands_once_in_the_file(self) -> None:
        cells = sale(sums(K_19="1")).cells
        assert (cells["seller_tax_id"], cells["seller_name"]) == ("7372846518", "Błysk")

    def test_on_an_invoice_the_seller_may_stand_by_itself(self) -> None:
        assert fa(sums(P_4B="9512038476")).cells["seller_tax_id"] == "9512038476"


class TestFields:
    def test_registers_are_in_zlotys_invoices_in_their_own_currency(self) -> None:
        assert sale(sums(K_19="1")).cells["currency"] == "PLN"
        assert fa(sums(KodWaluty="USD")).cells["currency"] == "USD"
        assert fa("").cells["currency"] == "EUR"

    def test_a_ksef_number_is_taken_if_its_checksum_fits(self) -> None:
        number = "7372846518-20260204-5C0F12AB34CD-A1"
        assert sale(sums(NrKSeF=number)).cells["ksef_number"] == number
        assert sale(sums(NrKSeF=number[:-1] + "2")).remarks == [jpk.BAD_NUMBER]

    def test_an_advance_is_paid_a_correction_is_a_difference(self) -> None:
        advance, correction = fa(sums(P_15="50", RodzajFaktury="ZAL")), fa(sums(P_15="-50", RodzajFaktury="KOREKTA"))
        assert (advance.cells["paid"], advance.cells["paid_flag"]) == (Decimal(50), True)
        assert (correction.cells["amount"], "paid" in correction.cells) == (Decimal(-50), False)

    @pytest.mark.parametrize(("told", "notes"), [(2, 0), (3, 1), (1, 1)])
    def test_the_file_s_own_count_is_compared(self, told: int, notes: int) -> None:
        row = sums(K_19="1")
        assert len(listing(v7(row, row, count=told)).notes) == notes
