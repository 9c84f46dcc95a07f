"""What becomes of UBL and CII, alone or within a PDF: totals, prepayments, credit notes, dates, parties."""

from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfWriter

from importers import invoice_codes
from importers.invoice_pdfs import InvoicePdf
from tests.golden_listings import FOLDER
from tests.xml_for_tests import cells, drafts, written
from validators.errors import WrongUse
from validators.rows import Cell

CII = (FOLDER / "cii_prepaid.xml").read_text("utf-8")


def ubl(totals: str, *, root: str = "Invoice", code: str = "380", fields: str = "") -> str:
    return (
        f'<{root} xmlns="urn:oasis:names:specification:ubl:schema:xsd:{root}-2"><ID>A-1</ID>{fields}'
        f"<{root}TypeCode>{code}</{root}TypeCode><DocumentCurrencyCode>EUR</DocumentCurrencyCode>"
        f"<LegalMonetaryTotal>{totals}</LegalMonetaryTotal></{root}>"
    )


def totals(gross: str = "", due: str = "", prepaid: str = "", rounding: str = "") -> str:
    names = ("TaxInclusiveAmount", "PayableAmount", "PrepaidAmount", "PayableRoundingAmount")
    return "".join(f"<{n}>{v}</{n}>" for n, v in zip(names, (gross, due, prepaid, rounding), strict=True) if v)


def cii(**changes: str) -> str:
    """The golden invoice with some texts changed."""
    text = CII
    for before, after in changes.items():
        assert before in text
        text = text.replace(before, after)
    return text


def pdf(*attached: tuple[str, bytes], password: str = "", compressed: bool = False) -> bytes:
    writer = PdfWriter()
    writer.add_blank_page(100, 100)
    for name, content in attached:
        file = writer.add_attachment(name, content).pdf_object
        if compressed:
            held = file["/EF"].raw_get("/F")
            writer._replace_object(held, held.get_object().flate_encode())
    if password:
        writer.encrypt(password, algorithm="RC4-128")
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def refusal(folder: Path, content: bytes) -> str:
    path = written(folder, content, "file.pdf")
    assert InvoicePdf().recognises(path, content[: 1 << 16])
    with pytest.raises(WrongUse) as caught:
        list(InvoicePdf().listings(path))
    return caught.value.what


class TestTotals:
    @pytest.mark.parametrize(
        ("text", "amount", "paid"),
        [
            (totals("119", "119"), "119", None),
            (totals("119.00", "100.00", "19.00"), "119.00", "19.00"),
            (totals("119.00", "0.00", "119.00"), "119.00", "119.00"),
            (totals("119.02", "100.00", "19.00", "-0.02"), "119.00", "19.00"),
            (totals("119.00", "100.00"), "119.00", "19.00"),
            (totals("119.00", "130.00"), "130.00", None),
            (totals("119.00", "", "19.00"), "119.00", "19.00"),
            (totals("", "100.00"), "100.00", None),
            (totals("-8.79", "-8.79"), "-8.79", None),
        ],
    )
    def test_what_is_left_is_what_the_invoice_asks_for(self, text: str, amount: str, paid: str | None) -> None:
        found = cells(ubl(text))
        assert (found["amount"], found.get("paid")) == (Decimal(amount), Decimal(paid) if paid else None)

    @pytest.mark.parametrize("gross", ["119,00", "1e5"])
    def test_a_total_that_is_no_number_is_left_to_the_verdict(self, gross: str) -> None:
        assert cells(ubl(totals(gross, "100")))["amount"] == gross

    def test_no_total_is_no_amount(self) -> None:
        assert "amount" not in cells(ubl(""))


class TestCreditNotes:
    @pytest.mark.parametrize(
        ("root", "code"), [("CreditNote", "381"), ("CreditNote", "380"), ("Invoice", "381"), ("Invoice", "396")]
    )
    def test_they_are_negative(self, root: str, code: str) -> None:
        found = cells(ubl(totals("119", "119"), root=root, code=code))
        assert (found["amount"], found["kind"]) == (Decimal(-119), "credit note")

    def test_one_with_negative_totals_does_not_become_a_claim(self) -> None:
        (draft,) = drafts(ubl(totals("-119", "-119"), root="CreditNote"))
        assert (draft.cells["amount"], draft.remarks) == (Decimal(-119), [invoice_codes.NEGATIVE_CREDIT])

    def test_what_was_refunded_of_one_is_paid(self) -> None:
        found = cells(ubl(totals("119", "19", "100"), root="CreditNote"))
        assert (found["amount"], found["paid"]) == (Decimal(-119), Decimal(100))

    def test_they_name_what_they_correct_and_invoices_do_not(self) -> None:
        refers = (
            "<BillingReference><InvoiceDocumentReference><ID>A-0</ID></InvoiceDocumentReference></BillingReference>"
        )
        assert cells(ubl(totals("1"), root="CreditNote", fields=refers))["corrects_number"] == "A-0"
        assert cells(ubl(totals("1"), code="384", fields=refers))["corrects_number"] == "A-0"
        assert "corrects_number" not in cells(ubl(totals("1"), fields=refers))

    def test_a_proforma_is_called_so(self) -> None:
        assert cells(ubl(totals("1"), code="325"))["kind"] == "proforma"


class TestDates:
    @pytest.mark.parametrize(
        "fields",
        [
            "<DueDate>2026-03-01</DueDate>",
            "<PaymentMeans><PaymentDueDate>2026-03-01</PaymentDueDate></PaymentMeans>",
            "<PaymentTerms><PaymentDueDate>2026-02-01</PaymentDueDate></PaymentTerms>"
            "<PaymentTerms><PaymentDueDate>2026-03-01</PaymentDueDate></PaymentTerms>",
        ],
    )
    def test_the_due_date_stands_in_different_places(self, fields: str) -> None:
        assert cells(ubl(totals("1"), fields=fields))["due_on"] == date(2026, 3, 1)

    def test_terms_in_words_are_kept_where_there_is_no_date(self) -> None:
        words = "<PaymentTerms><Note>30 days net</Note></PaymentTerms>"
        (draft,) = drafts(ubl(totals("1"), fields=words))
        assert (draft.cells["notes"], draft.remarks) == ("30 days net", [invoice_codes.TERM_IN_WORDS])
        assert "notes" not in cells(ubl(totals("1"), fields=f"<DueDate>2026-03-01</DueDate>{words}"))

    @pytest.mark.parametrize(
        ("written_so", "found"),
        [
            ("20260224", date(2026, 2, 24)),
            ("2026-02-24", date(2026, 2, 24)),
            ("20260299", "20260299"),
            ("202602", "202602"),
        ],
    )
    def test_days_of_cii_are_read_or_left_to_the_verdict(self, written_so: str, found: Cell) -> None:
        assert cells(CII.replace("20260224", written_so))["due_on"] == found


class TestCii:
    def test_names_of_zugferd_1_mean_the_same(self) -> None:
        old = CII
        for new, before in (
            ("CrossIndustryInvoice", "CrossIndustryDocument"),
            ("rsm:ExchangedDocument", "rsm:HeaderExchangedDocument"),
            ("SupplyChainTradeTransaction", "SpecifiedSupplyChainTradeTransaction"),
            ("ApplicableHeaderTrade", "ApplicableSupplyChainTrade"),
            ("TradeSettlementHeaderMonetarySummation", "TradeSettlementMonetarySummation"),
        ):
            old = old.replace(new, before)
        assert cells(old) == cells(CII)

    def test_a_total_in_another_currency_is_not_taken(self) -> None:
        assert cells(CII)["amount"] == Decimal("119.00")

    def test_a_number_of_the_local_tax_office_is_no_vat_number(self) -> None:
        assert cells(CII)["client_tax_id"] == "DE136695976"
        assert "client_tax_id" not in cells(CII.replace('<ram:ID schemeID="VA">DE', '<ram:ID schemeID="FC">DE'))


class TestPdfs:
    def test_the_attached_invoice_is_read_whatever_its_name(self, tmp_path: Path) -> None:
        content = pdf(("a.txt", b"no"), ("b.xml", b"<other/>"), ("c.xml", b"<broken"), ("XRECHNUNG.XML", CII.encode()))
        path = written(tmp_path, content, "file.pdf")
        (listing,) = InvoicePdf().listings(path)
        assert [row.cells for row in listing.rows] == [cells(CII)]
        assert listing.title == "file.pdf"

    @pytest.mark.parametrize("attached", [(), (("other.xml", b"<other/>"),), (("factur-x.xml", b""),)])
    def test_one_that_only_people_can_read_is_refused(self, attached: tuple[tuple[str, bytes]], tmp_path: Path) -> None:
        assert "a PDF without an e-invoice" in refusal(tmp_path, pdf(*attached))

    def test_one_that_is_encrypted_is_refused(self, tmp_path: Path) -> None:
        assert "encrypted" in refusal(tmp_path, pdf(("factur-x.xml", CII.encode()), password="x"))

    @pytest.mark.parametrize(
        "content", [b"%PDF-", b"%PDF-1.7\nnothing", pdf()[:300], b"%PDF-1.4\n" + b"1 0 obj\n" * 9999]
    )
    def test_one_that_is_damaged_is_refused(self, content: bytes, tmp_path: Path) -> None:
        assert "PDF" in refusal(tmp_path, content)

    def test_an_attachment_that_swells_is_refused(self, tmp_path: Path) -> None:
        content = pdf(("factur-x.xml", b"<a>" + b" " * (40 << 20)), compressed=True)
        assert len(content) < 1 << 20
        assert "damaged PDF" in refusal(tmp_path, content)

    def test_a_damaged_invoice_within_is_refused(self, tmp_path: Path) -> None:
        assert "damaged XML" in refusal(tmp_path, pdf(("factur-x.xml", CII[:2000].encode())))
