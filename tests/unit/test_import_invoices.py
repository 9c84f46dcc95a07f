"""Rows of a list become invoices: lines put together, payments and corrections understood, clients found, keys held."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from config.import_words import text
from config.settings import Settings
from tests.imports_for_tests import codes, count, imported, lot, rows_of, rulings, verdicts
from tests.workbooks_for_tests import ANNA, PIOTR, Desk, desk, invoice
from validators.rows import Cell

BASE: Mapping[str, Cell] = {
    "Numer": "FV/7",
    "Nabywca": "Anna Żuraw",
    "Data wystawienia": "2026-10-01",
    "Brutto": "100,00",
}


@pytest.fixture
def office(tmp_path: Path) -> Desk:
    return desk(tmp_path, [invoice()], [ANNA, {**PIOTR, "tax_id": "5260250274"}])


def new(office: Desk, **row: Cell) -> Mapping[str, Cell]:
    """The values of the one new invoice."""
    (ruling,) = rulings(office, lot([{**BASE, **row}], "invoices"))
    assert (str(ruling.verdict), codes(ruling)) == ("new", [])
    return ruling.additions[-1].values


def test_an_id_of_another_workbook_leads_to_no_other_invoice(office: Desk) -> None:
    (ruling,) = rulings(office, lot([{**BASE, "ID": "F-0001"}], "invoices"))
    assert (str(ruling.verdict), codes(ruling)) == ("conflict", ["other_number"])


def test_a_new_buyer_of_whom_but_an_address_is_told_can_be_written_to(office: Desk) -> None:
    (ruling,) = rulings(office, lot([{**BASE, "Nabywca": "nowy@nowy.pl"}], "invoices"))
    client, _ = ruling.additions
    assert (client.values["name"], client.values["email"]) == ("nowy@nowy.pl", "nowy@nowy.pl")


class TestPayments:
    @pytest.mark.parametrize(
        ("row", "paid", "paid_on"),
        [
            ({"Zapłacono": "10.03.2026"}, None, date(2026, 3, 10)),
            ({"Zapłacono": "10.03.2026", "Data zapłaty": "11.03.2026"}, "tak", date(2026, 3, 11)),
            ({"Status": "opłacona"}, None, "tak"),
            ({"Status": "paid", "Data zapłaty": "2026-10-05"}, None, date(2026, 10, 5)),
            ({"Opłacona": "tak"}, None, "tak"),
            ({"Opłacona": "2026-10-05"}, None, date(2026, 10, 5)),
            ({"Opłacona": "nie"}, None, None),
            ({"Pozostało": "40,00"}, Decimal("60.00"), None),
            ({"Pozostało": "0", "Status": "opłacona"}, Decimal("100.00"), None),
            ({"Pozostało": "100,00"}, None, None),
            ({"Zapłacono": "60,00", "Status": "częściowo opłacona"}, Decimal("60.00"), None),
            ({"Zapłacono": "100,00", "Data zapłaty": "5.10.2026"}, Decimal("100.00"), date(2026, 10, 5)),
        ],
    )
    def test_flags_states_and_rests_end_in_the_two_cells_of_the_sheet(
        self, office: Desk, row: Mapping[str, Cell], paid: Cell, paid_on: Cell
    ) -> None:
        made = new(office, **row)
        assert (made.get("paid"), made.get("paid_on")) == (paid, paid_on)

    @pytest.mark.parametrize(
        "row",
        [
            {"Status": "częściowo opłacona"},
            {"Status": "częściowo opłacona", "Data zapłaty": "2026-10-05"},
            {"Status": "nieopłacona", "Data zapłaty": "2026-10-05"},
            {"Zapłacono": "0", "Status": "opłacona"},
            {"Pozostało": "140,00"},
        ],
    )
    def test_a_payment_that_nobody_can_tell_is_for_a_person(self, office: Desk, row: Mapping[str, Cell]) -> None:
        (ruling,) = rulings(office, lot([{**BASE, **row}], "invoices"))
        assert (str(ruling.verdict), codes(ruling)) == ("rejected", ["payment_unclear"])


class TestKinds:
    @pytest.mark.parametrize(
        ("kind", "amount"), [("nota kredytowa", "-100.00"), ("KOR", "100.00"), ("VAT", "100.00"), ("POZ", "100.00")]
    )
    def test_what_gives_money_back_is_negative(self, office: Desk, kind: str, amount: str) -> None:
        assert new(office, Rodzaj=kind)["amount"] == Decimal(amount)

    def test_a_negative_correction_stays_so(self, office: Desk) -> None:
        assert new(office, Rodzaj="korekta", Brutto="-5,00")["amount"] == Decimal("-5.00")

    @pytest.mark.parametrize(
        ("row", "code"),
        [
            ({"Rodzaj": "proforma"}, "not_an_invoice"),
            ({"Rodzaj": "faktura korygująca"}, "correction_sign"),
            ({"Rodzaj": "KOR", "Brutto": "0,00"}, "correction_zero"),
            ({"Status": "szkic"}, "draft_invoice"),
            ({"Brutto": "1,234"}, "amount_ambiguous"),
            ({"Brutto": "0"}, "amount_zero"),
            ({"Data wystawienia": "03/04/2026"}, "date_ambiguous"),
            ({"Numer": ""}, "required_missing"),
            ({"Nabywca": ""}, "required_missing"),
        ],
    )
    def test_what_is_no_claim_or_has_two_readings_is_rejected(
        self, office: Desk, row: Mapping[str, Cell], code: str
    ) -> None:
        (ruling,) = rulings(office, lot([{**BASE, **row}], "invoices"))
        assert (str(ruling.verdict), codes(ruling)) == ("rejected", [code])

    def test_a_cancelled_one_is_marked_so(self, office: Desk) -> None:
        assert new(office, Status="anulowana")["cancelled"] is True

    @pytest.mark.parametrize(("terms", "due"), [("14 dni", 15), ("Net 30", 31), (7, 8), ("0", 1)])
    def test_days_become_a_due_date(self, office: Desk, terms: Cell, due: int) -> None:
        assert new(office, **{"Termin dni": terms})["due_on"] == date(2026, 10, due)

    def test_another_currency_is_written(self, office: Desk) -> None:
        assert new(office, Brutto="100,00 EUR")["currency"] == "EUR"
        assert "currency" not in new(office)


class TestLines:
    def rows(self, *lines: Mapping[str, Cell]) -> list[Mapping[str, Cell]]:
        blank = {"Numer": "FV/8", "Nabywca": "", "Data wystawienia": "", "Wartość pozycji": None}
        return [{**blank, **line} for line in lines]

    def test_the_header_stands_on_the_first_line_only_and_lines_add_up(self, office: Desk) -> None:
        first: Mapping[str, Cell] = {
            "Nabywca": "Anna Żuraw",
            "Data wystawienia": "2026-10-01",
            "Wartość pozycji": "10,50",
        }
        found = imported(office, lot(self.rows(first, {"Wartość pozycji": "20"}, {"Wartość pozycji": 0.5}), "invoices"))
        assert count(found) == {"new": 3}
        assert rows_of(office, "invoices", "number", "amount", "issued_on")[-1] == ("FV/8", 31, date(2026, 10, 1))

    def test_a_total_goes_before_the_lines(self, office: Desk) -> None:
        lines = [
            {**line, "Brutto": "123,00", "Nabywca": "Anna Żuraw"} for line in self.rows({"Wartość pozycji": "10"}, {})
        ]
        (ruling,) = rulings(office, lot(lines, "invoices"))
        assert (ruling.rows, ruling.additions[0].values["amount"]) == ((0, 1), Decimal("123.00"))

    def test_lines_that_contradict_are_two_invoices_and_so_a_conflict(self, office: Desk) -> None:
        lines = self.rows(
            {"Nabywca": "Anna Żuraw", "Wartość pozycji": "1"}, {"Nabywca": "Piotr Łąka", "Wartość pozycji": "2"}
        )
        assert verdicts(rulings(office, lot(lines, "invoices"))) == ["new", "conflict"]


class TestClients:
    @pytest.mark.parametrize(
        "row",
        [
            {"Nabywca": "Piotr Łąka"},
            {"Nabywca": "Łąka sp. z o.o.", "NIP": "526-025-02-74"},
            {"Nabywca": "5260250274"},
            {"Nabywca": "piotr@laka.pl"},
            {"Nabywca": "PIOTR ŁĄKA", "E-mail": "Piotr@laka.pl"},
        ],
    )
    def test_they_are_found(self, office: Desk, row: Mapping[str, Cell]) -> None:
        imported(office, lot([{**BASE, **row}], "invoices"))
        assert len(rows_of(office, "clients", "id")) == 2
        office.sync("2026-11-24")
        assert office.cell("invoices", "F-0002", "client_id") == "K-0002"

    def test_or_created_once_with_what_the_invoices_tell(self, office: Desk) -> None:
        buyer: Mapping[str, Cell] = {
            "Nabywca": "Nowy sp. z o.o.",
            "NIP": "5252248481",
            "Miasto": "Łódź",
            "Ulica": "Długa 5",
        }
        rows = [{**BASE, **buyer, "Numer": f"FV/{n}"} for n in (10, 11)]
        found = imported(office, lot(rows, "invoices"), size=1)
        assert [len(r.additions) for r in found.rulings[0]] == [2, 1]
        assert rows_of(office, "clients", "id", "name", "tax_id", "address")[-1] == (
            "K-0003",
            "Nowy sp. z o.o.",
            "5252248481",
            "Długa 5, Łódź",
        )

    def test_two_buyers_of_one_name_are_two_clients_and_no_cell_is_ambiguous(self, office: Desk) -> None:
        rows = [{**BASE, "Numer": nip, "Nabywca": "Beta", "NIP": nip} for nip in ("5252248481", "7740001454")]
        imported(office, lot(rows, "invoices"))
        assert [client for (client,) in rows_of(office, "invoices", "client")][1:] == ["K-0003", "K-0004"]

    def test_a_tax_id_without_a_name_needs_one(self, office: Desk) -> None:
        (ruling,) = rulings(office, lot([{**BASE, "Nabywca": "", "NIP": "5252248481"}], "invoices"))
        assert codes(ruling) == ["client_unnamed"]

    def test_a_close_name_is_asked_unless_the_invoice_stands_here_already(self, office: Desk) -> None:
        (ruling,) = rulings(office, lot([{**BASE, "Nabywca": "Ana Żuraw"}], "invoices"))
        assert (str(ruling.verdict), codes(ruling)) == ("conflict", ["buyer_unclear"])
        known = {**BASE, "Numer": "FV/1", "Data wystawienia": "2026-09-28", "Brutto": "1230", "Nabywca": "Ana Żuraw"}
        assert verdicts(rulings(office, lot([known], "invoices"))) == ["known"]

    @pytest.mark.parametrize(
        ("row", "verdict", "reasons"),
        [
            ({}, "conflict", ["buyer_by_id"]),
            ({"NIP": "5260250274"}, "new", []),
            ({"NIP": "5252248481"}, "conflict", ["buyer_by_id"]),
            ({"Nabywca": "K-0404"}, "rejected", ["client_unnamed"]),
            ({"Powód odrzucenia": "Klient: „Łąka” – pasuje kilku klientów: K-0002 …, K-0003 …"}, "new", []),
            ({"Powód odrzucenia": "Klient: „K-0002” – to ID ma tu …"}, "conflict", ["buyer_by_id"]),
            ({"Numer": "FV/1", "Data wystawienia": "2026-09-28", "Brutto": "1230", "Nabywca": "K-0001"}, "known", []),
        ],
    )
    def test_an_id_in_place_of_a_name_counts_where_something_else_agrees_or_a_person_was_asked(
        self, office: Desk, row: Mapping[str, Cell], verdict: str, reasons: list[str]
    ) -> None:
        (ruling,) = rulings(office, lot([{**BASE, "Nabywca": "K-0002", **row}], "invoices"))
        assert (str(ruling.verdict), codes(ruling)) == (verdict, reasons)

    def test_one_address_under_two_names_is_for_a_person(self, office: Desk) -> None:
        (ruling,) = rulings(office, lot([{**BASE, "Nabywca": "Ktoś inny", "E-mail": "anna@zuraw.pl"}], "invoices"))
        assert (str(ruling.verdict), codes(ruling)) == ("conflict", ["buyer_unclear"])


class TestKeys:
    """FV/1 of Anna over 1230 zł, issued on 28 September 2026, stands in the sheet."""

    SAME: Mapping[str, Cell] = {**BASE, "Numer": "fv 1", "Data wystawienia": "28.09.2026", "Brutto": "1230,00"}

    @pytest.mark.parametrize(
        ("language", "told"),
        [
            ("pl", "„1 230,01 zł” – faktura F-0001 o tym numerze ma inną kwotę: 1 230,00 zł; popraw"),
            ("en", "“PLN 1,230.01” – invoice F-0001 of this number has another amount: PLN 1,230.00; correct"),
        ],
    )
    def test_another_amount_is_told_as_amounts_are_written(self, office: Desk, language: str, told: str) -> None:
        (ruling,) = rulings(office, lot([{**self.SAME, "Brutto": "1230,01"}], "invoices"))
        assert told in text(ruling.reasons[0], language).replace("\N{NO-BREAK SPACE}", " ")

    @pytest.mark.parametrize(
        ("row", "verdict", "reasons"),
        [
            ({}, "known", []),
            ({"Data wystawienia": ""}, "known", []),
            ({"Brutto": "1230,01"}, "conflict", ["other_amount"]),
            ({"Waluta": "EUR"}, "conflict", ["other_amount"]),
            ({"Nabywca": "Piotr Łąka"}, "conflict", ["other_buyer"]),
            ({"Nabywca": "Zupełnie nowy"}, "conflict", ["other_buyer"]),
            ({"Data wystawienia": "2026-09-29"}, "conflict", ["other_date"]),
            ({"Data wystawienia": "2025-09-28"}, "new", []),
            ({"Status": "opłacona"}, "update", []),
        ],
    )
    def test_a_clash_is_for_a_person_with_update_or_without(
        self, office: Desk, row: Mapping[str, Cell], verdict: str, reasons: list[str]
    ) -> None:
        for update in (False, True):
            (ruling,) = rulings(office, lot([{**self.SAME, **row}], "invoices"), update=update)
            assert (str(ruling.verdict), codes(ruling)) == (verdict, reasons)

    def test_both_values_are_shown(self, office: Desk) -> None:
        (ruling,) = rulings(office, lot([{**self.SAME, "Brutto": "99,00"}], "invoices"))
        assert (ruling.reasons[0].value, ruling.reasons[0].params["other"]) == ("99.00 PLN", "1230.00 PLN")

    def test_one_number_eleven_times_is_one_invoice_and_ten_questions(self, office: Desk) -> None:
        rows = [{**BASE, "Numer": "FV2026/02/150", "Nabywca": f"Firma {n}", "Brutto": str(n)} for n in range(1, 12)]
        sellers = [{**row, "NIP sprzedawcy": "9999999999"} for row in rows]
        assert verdicts(rulings(office, lot(sellers, "invoices"))) == ["new", *["conflict"] * 10]

    def test_ksef_numbers_and_sellers_tell_them_apart_now_and_when_imported_again(self, office: Desk) -> None:
        rows = [
            {**BASE, "Nabywca": f"Firma {n}", "NIP sprzedawcy": nip, "Numer KSeF": ksef}
            for n, (nip, ksef) in enumerate((("5260250274", "A1"), ("5260250274", "A2"), ("5252248481", "")))
        ]
        assert count(imported(office, lot(rows, "invoices"))) == {"new": 3}
        changed = [{**row, "Uwagi": "inne"} for row in rows]
        assert count(imported(office, lot(changed, "invoices"), moment="2026-11-24")) == {"update": 3}

    def test_payments_go_together_or_not_at_all(self, tmp_path: Path) -> None:
        office = desk(tmp_path, [invoice(paid=500)], [ANNA])
        row = {**self.SAME, "Zapłacono": "1230,00", "Data zapłaty": "2026-10-05"}
        (ruling,) = rulings(office, lot([row], "invoices"))
        assert (str(ruling.verdict), {d.field for d in ruling.kept}) == ("known", {"paid", "paid_on"})
        (ruling,) = rulings(office, lot([row], "invoices"), update=True)
        assert {d.field: d.after for d in ruling.changes} == {"paid": Decimal("1230.00"), "paid_on": date(2026, 10, 5)}


class TestSides:
    """What the firm has bought is nobody's debt to it."""

    OURS, OTHER, THIRD = "5260250274", "5252248481", "7740001454"

    def row(self, seller: str, buyer: str, number: str = "S/1") -> Mapping[str, Cell]:
        return {**BASE, "Numer": number, "Nabywca": f"Firma {buyer}", "NIP sprzedawcy": seller, "NIP": buyer}

    def test_with_the_firms_tax_id_purchases_are_told_from_sales(self, tmp_path: Path) -> None:
        options = Settings.model_validate({"firm": {"tax_ids": ["PL 526-025-02-74"]}})
        office = desk(tmp_path, [], [ANNA], options)
        rows = [self.row(self.OURS, self.OTHER), self.row(self.OTHER, self.OURS), self.row(self.OTHER, self.THIRD)]
        found = rulings(office, lot([*rows, {**BASE, "Numer": "bez NIP-u"}], "invoices"))
        assert verdicts(found) == ["new", "rejected", "rejected", "new"]
        assert [codes(ruling) for ruling in found[1:3]] == [["purchase"], ["other_seller"]]

    def test_one_buyer_of_many_sellers_is_asked_about(self, office: Desk) -> None:
        rows = [self.row(self.OTHER, self.OURS), self.row(self.THIRD, self.OURS)]
        assert verdicts(rulings(office, lot(rows, "invoices"))) == ["conflict", "conflict"]
        assert verdicts(rulings(office, lot(rows[:1], "invoices"))) == ["new"]
