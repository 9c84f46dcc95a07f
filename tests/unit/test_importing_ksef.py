"""What becomes of a KSeF invoice: amounts, payments, due dates, corrections, buyers, and its number in KSeF."""

from datetime import date
from decimal import Decimal

import pytest

from importers import ksef
from importers.ksef_numbers import checksum, ksef_number
from tests.xml_for_tests import cells, drafts, fa, listing

PARTS = (
    "<ZaplataCzesciowa><KwotaZaplatyCzesciowej>{0}</KwotaZaplatyCzesciowej>"
    "<DataZaplatyCzesciowej>{1}</DataZaplatyCzesciowej></ZaplataCzesciowa>"
)
TERM = "<TerminPlatnosci><Termin>{}</Termin></TerminPlatnosci>"
NUMBER = "7372846518-20260204-5C0F12AB34CD-A1"


def remarks(text: str, name: str = "file.xml") -> list[str]:
    (draft,) = drafts(text, name)
    return draft.remarks


class TestAmounts:
    def test_a_plain_invoice_is_worth_its_gross_sum_and_nothing_is_paid(self) -> None:
        found = cells(fa())
        assert (found["amount"], found["currency"], found["kind"]) == (Decimal("1230.00"), "PLN", "VAT")
        assert not {"paid", "paid_on", "paid_flag", "due_on", "notes"} & found.keys()

    @pytest.mark.parametrize("kind", ["KOR", "KOR_ZAL", "KOR_ROZ"])
    def test_a_correction_is_the_difference_and_names_what_it_corrects(self, kind: str) -> None:
        corrected = "<DaneFaKorygowanej><NrFaKorygowanej>FV/9</NrFaKorygowanej></DaneFaKorygowanej>"
        found = cells(fa(corrected, gross="-200", kind=kind))
        assert (found["amount"], found["corrects_number"]) == (Decimal(-200), "FV/9")
        assert "paid" not in found

    def test_of_very_many_corrected_invoices_the_first_are_named(self) -> None:
        one = "<DaneFaKorygowanej><NrFaKorygowanej>FV/{}</NrFaKorygowanej></DaneFaKorygowanej>"
        found = cells(fa("".join(one.format(n) for n in range(12)), gross="-1", kind="KOR"))
        assert found["corrects_number"] == "; ".join(f"FV/{n}" for n in range(10)) + "; …"

    def test_a_correction_of_nothing_is_still_a_row_for_the_verdict(self) -> None:
        text = fa(gross="0", kind="KOR")
        assert cells(text)["amount"] == Decimal(0)
        assert remarks(text) == [ksef.NOTHING_TO_PAY]

    def test_deductions_count_as_paid(self) -> None:
        text = fa("<Rozliczenie><DoZaplaty>1000.00</DoZaplaty></Rozliczenie>")
        assert (cells(text)["amount"], cells(text)["paid"]) == (Decimal("1230.00"), Decimal("230.00"))
        assert "paid_flag" not in cells(text)
        assert remarks(text) == [ksef.DEDUCTED]

    def test_charges_are_part_of_what_is_asked_for(self) -> None:
        text = fa("<Rozliczenie><DoZaplaty>1300.00</DoZaplaty></Rozliczenie>")
        assert (cells(text)["amount"], cells(text).get("paid")) == (Decimal("1300.00"), None)
        assert remarks(text) == [ksef.MORE_THAN_GROSS]

    def test_a_surplus_leaves_nothing_to_pay_and_is_kept_in_words(self) -> None:
        found = cells(fa("<Rozliczenie><DoRozliczenia>20.00</DoRozliczenia></Rozliczenie>"))
        assert (found["paid"], found["notes"]) == (Decimal("1230.00"), "DoRozliczenia: 20.00")

    def test_the_settlement_of_a_correction_is_not_mixed_with_the_difference(self) -> None:
        text = fa("<Rozliczenie><DoZaplaty>800.00</DoZaplaty></Rozliczenie>", gross="-100", kind="KOR")
        assert (cells(text)["amount"], cells(text).get("paid")) == (Decimal(-100), None)
        assert remarks(text) == [ksef.NOT_SETTLED]

    @pytest.mark.parametrize("gross", ["1 230,00", "1e5", "١٢٣", "9" * 40, "abc"])
    def test_what_is_no_amount_stands_in_the_cell_as_it_is(self, gross: str) -> None:
        assert cells(fa(gross=gross))["amount"] == gross

    def test_more_decimals_than_the_currency_has_are_kept(self) -> None:
        assert cells(fa(gross="1230.579"))["amount"] == Decimal("1230.579")


class TestAdvances:
    def test_an_advance_records_money_received(self) -> None:
        found = cells(fa(kind="ZAL"))
        assert (found["paid"], found["paid_flag"]) == (Decimal("1230.00"), True)
        assert remarks(fa(kind="ZAL")) == [ksef.ADVANCE]

    def test_an_advance_with_a_due_date_is_asked_for(self) -> None:
        assert "paid" not in cells(fa(kind="ZAL", payment=TERM.format("2026-03-01")))

    @pytest.mark.parametrize("kind", ["ROZ", "UPR"])
    def test_final_and_simplified_invoices_are_what_is_left_to_pay(self, kind: str) -> None:
        assert cells(fa(gross="99.00", kind=kind))["amount"] == Decimal("99.00")
        assert "paid" not in cells(fa(gross="99.00", kind=kind))

    def test_a_correction_that_takes_an_advance_back_is_a_credit(self) -> None:
        assert "paid" not in cells(fa(gross="-500", kind="KOR_ZAL"))


class TestPayments:
    @pytest.mark.parametrize(
        "payment",
        [
            "<Zaplacono>1</Zaplacono><DataZaplaty>2026-02-20</DataZaplaty>",
            "<DataZaplaty>2026-02-20</DataZaplaty>",
        ],
    )
    def test_a_paid_mark_means_all_of_it(self, payment: str) -> None:
        found = cells(fa(payment=payment))
        assert (found["paid"], found["paid_on"], found["paid_flag"]) == (Decimal("1230.00"), date(2026, 2, 20), True)

    def test_all_of_it_is_what_is_asked_for(self) -> None:
        charged = "<Rozliczenie><DoZaplaty>1300.00</DoZaplaty></Rozliczenie>"
        assert cells(fa(charged, payment="<Zaplacono>1</Zaplacono>"))["paid"] == Decimal("1300.00")

    def test_a_refunded_correction_is_paid_by_its_size(self) -> None:
        assert cells(fa(gross="-200", kind="KOR", payment="<Zaplacono>1</Zaplacono>"))["paid"] == Decimal(200)

    def test_a_mark_that_says_no_is_no_payment(self) -> None:
        assert "paid" not in cells(fa(payment="<Zaplacono>0</Zaplacono><DataZaplaty>2026-02-20</DataZaplaty>"))

    def test_part_payments_add_up_and_the_last_day_counts(self) -> None:
        parts = PARTS.format("100.50", "2026-03-02") + PARTS.format("200", "2026-02-01")
        found = cells(fa(payment=f"<ZnacznikZaplatyCzesciowej>1</ZnacznikZaplatyCzesciowej>{parts}"))
        assert (found["paid"], found["paid_on"]) == (Decimal("300.50"), date(2026, 3, 2))
        assert "paid_flag" not in found

    def test_mark_two_means_paid_in_full_by_parts(self) -> None:
        parts = PARTS.format("1000", "2026-03-02") + PARTS.format("230", "2026-03-05")
        found = cells(fa(payment=f"<ZnacznikZaplatyCzesciowej>2</ZnacznikZaplatyCzesciowej>{parts}"))
        assert (found["paid"], found["paid_on"], found["paid_flag"]) == (Decimal(1230), date(2026, 3, 5), True)

    def test_a_part_payment_without_a_sum_is_told(self) -> None:
        text = fa(payment="<ZnacznikZaplatyCzesciowej>1</ZnacznikZaplatyCzesciowej>")
        assert "paid" not in cells(text)
        assert remarks(text) == [ksef.PART_UNKNOWN]

    def test_a_part_payment_that_is_no_number_is_left_to_the_verdict(self) -> None:
        assert cells(fa(payment=PARTS.format("10,00", "2026-03-02")))["paid"] == "10,00"

    def test_the_link_for_paying_is_kept(self) -> None:
        link = "https://pay.example/1"
        assert cells(fa(payment=f"<LinkDoPlatnosci>{link}</LinkDoPlatnosci>"))["link"] == link

    def test_an_invoice_sold_to_a_factor_is_told(self) -> None:
        assert remarks(fa(payment="<RachunekBankowyFaktora><NrRB>1</NrRB></RachunekBankowyFaktora>")) == [ksef.FACTOR]


class TestDueDates:
    def test_of_several_the_last_is_taken_whatever_their_order_and_the_note_names_the_invoice(self) -> None:
        text = fa(payment=TERM.format("2026-05-01") + TERM.format("2026-04-01"))
        assert cells(text)["due_on"] == date(2026, 5, 1)
        assert listing(text).notes == (f"{ksef.SEVERAL_TERMS}: FV/1.",)

    def test_a_day_that_does_not_exist_is_left_to_the_verdict(self) -> None:
        assert cells(fa(payment=TERM.format("2026-02-30")))["due_on"] == "2026-02-30"

    @pytest.mark.parametrize(
        "words",
        [
            "14 dni od daty wystawienia",
            "<Ilosc>14</Ilosc><Jednostka>dni</Jednostka><ZdarzeniePoczatkowe>wystawienie faktury</ZdarzeniePoczatkowe>",
            "<Ilosc>14</Ilosc><Jednostka>Dzień</Jednostka><ZdarzeniePoczatkowe>Wystawienie</ZdarzeniePoczatkowe>",
        ],
    )
    def test_days_from_the_issue_are_counted(self, words: str) -> None:
        assert (
            cells(fa(payment=f"<TerminPlatnosci><TerminOpis>{words}</TerminOpis></TerminPlatnosci>"))["due_days"] == 14
        )

    @pytest.mark.parametrize("words", ["30 dni od otrzymania faktury", "po odbiorze", "2 miesiące od wystawienia"])
    def test_other_words_are_kept_but_not_guessed(self, words: str) -> None:
        text = fa(payment=f"<TerminPlatnosci><TerminOpis>{words}</TerminOpis></TerminPlatnosci>")
        assert cells(text)["notes"] == words
        assert not {"due_on", "due_days"} & cells(text).keys()
        assert remarks(text) == [ksef.TERM_IN_WORDS]


class TestBuyers:
    @pytest.mark.parametrize(
        ("identity", "number"),
        [
            ("<NIP>9512038476</NIP>", "9512038476"),
            ("<NIP>1111111111</NIP>", "1111111111"),
            ("<KodUE>CZ</KodUE><NrVatUE>25123891</NrVatUE>", "CZ25123891"),
            ("<KodUE>CZ</KodUE><NrVatUE>CZ25123891</NrVatUE>", "CZ25123891"),
            ("<KodKraju>US</KodKraju><NrID>12-34</NrID>", "US12-34"),
            ("<NrID>12-34</NrID>", "12-34"),
            ("<BrakID>1</BrakID>", None),
        ],
    )
    def test_each_way_of_naming_a_buyer_is_read(self, identity: str, number: str | None) -> None:
        """Dummy NIPs too: that they are none is said by the rule for tax ids."""
        found = cells(fa(buyer=identity))
        assert (found.get("client_tax_id"), found["client_name"]) == (number, "Żak")

    def test_a_form_with_nothing_in_it_is_still_a_row(self) -> None:
        (row,) = listing("<Faktura><Naglowek/><Fa/></Faktura>").rows
        assert row.cells == {}


class TestNumbers:
    @pytest.mark.parametrize("name", [f"{NUMBER}.xml", f"faktura_{NUMBER.lower()}(1).xml", f"2026/{NUMBER}/a.xml"])
    def test_it_is_found_in_the_name_of_the_file(self, name: str) -> None:
        assert cells(fa(), name)["ksef_number"] == NUMBER

    def test_one_with_a_wrong_checksum_is_not_taken(self) -> None:
        name = f"{NUMBER[:-2]}A2.xml"
        assert "ksef_number" not in cells(fa(), name)
        assert remarks(fa(), name) == [ksef.BAD_NAME]

    def test_one_of_another_seller_is_not_taken(self) -> None:
        body = "9512038476-20260204-5C0F12AB34CD"
        name = f"{body}-{checksum(body)}.xml"
        assert "ksef_number" not in cells(fa(), name)
        assert remarks(fa(), name) == [ksef.OTHER_SELLER]

    @pytest.mark.parametrize("digit", range(len(NUMBER)))
    def test_every_single_digit_matters(self, digit: int) -> None:
        wrong = "1" if NUMBER[digit] != "1" else "2"
        assert ksef_number(NUMBER[:digit] + wrong + NUMBER[digit + 1 :]) == ""

    def test_older_numbers_have_one_more_dash(self) -> None:
        body = "7372846518-20240204-5C0F12-AB34CD"
        assert ksef_number(f"{body}-{checksum(body)}.xml") == f"{body}-{checksum(body)}"
