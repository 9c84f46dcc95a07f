"""Invoices of the Polish National e-Invoice System, forms FA(2) and FA(3): the importer class is `KsefInvoices`.

Read leniently, by local names: one real file in ten breaks the schema. Source of the rules: the forms' own XSD and
brochures of the Ministry of Finance.
"""

import re
from collections.abc import Iterator
from decimal import Decimal

from importers.ksef_numbers import has_ksef_number, ksef_number
from importers.xml_files import Source, records
from importers.xml_invoices import Draft, XmlImporter, amount, claimed, day, latest, plain_nip
from importers.xml_nodes import Node, Opening

# Lines of goods, attachments and the like: most of the file, and of no use to a register of receivables.
_UNREAD = ("FaWiersz", "Zamowienie", "Zalacznik", "Stopka", "Podmiot3", "PodmiotUpowazniony", "Adnotacje")
_CORRECTIONS = ("KOR", "KOR_ZAL", "KOR_ROZ")
_ADVANCES = ("ZAL", "KOR_ZAL")
_MOST_CORRECTED = 10
_DAYS_FROM_ISSUE = re.compile(r"([0-9]{1,3}) (?:dni|dzień|dzien|days?)\b.*\bwystawieni", re.IGNORECASE)

SEVERAL_TERMS = "Several due dates, of which the last is taken"
TERM_IN_WORDS = "A due date in words only, kept in Notes"
MORE_THAN_GROSS = "More is to be paid (DoZaplaty) than the gross amount, and is taken as the amount"
DEDUCTED = "Less is to be paid (DoZaplaty) than the gross amount, and the rest counts as paid"
OVERPAID = "Deductions exceed the gross amount (DoRozliczenia), so it counts as paid and the surplus is kept in Notes"
NOT_SETTLED = "The settlement (Rozliczenie) of a correction is not read, its amount is the difference it makes"
ADVANCE = "An advance invoice without a due date records money received, and counts as paid"
PART_UNKNOWN = "Marked as paid in part, without an amount"
NOTHING_TO_PAY = "The amount is zero, as where a correction changes a name only"
FACTOR = "To be paid to a factor, so think before you remind of it"
OTHER_SELLER = "The KSeF number in the file's name is of another seller, and is not taken"
BAD_NAME = "The KSeF number in the file's name fails its checksum, and is not taken"


class KsefInvoices(XmlImporter):
    """KSeF FA: one invoice a file, as the system hands them out; or several within an element of another name."""

    name = "KSeF FA"

    def knows(self, opening: Opening) -> bool:
        """A root `Faktura` of the form FA, or around several of them; a purchase from a farmer (FA_RR) is none."""
        form = opening.form.replace(" ", "")
        if form:
            return form.startswith("FA(") and (opening.root == "Faktura" or "Faktura" in opening.children)
        return opening.root == "Faktura" and "Fa" in opening.children

    def invoices(self, source: Source) -> Iterator[Draft]:
        """Every `Faktura` of the file."""
        for document in records(source, ("Faktura",), _UNREAD):
            yield read_invoice(document, source.name)


def read_invoice(document: Node, file: str) -> Draft:
    """The invoice of one `Faktura`; `file` is the name that may tell its KSeF number."""
    draft = Draft()
    draft.put("number", document.value("Fa/P_2"))
    draft.put("issued_on", day(document.value("Fa/P_1")))
    draft.put("currency", document.value("Fa/KodWaluty"))
    draft.put("kind", document.value("Fa/RodzajFaktury"))
    _seller(draft, document.first("Podmiot1"))
    _buyer(draft, document.first("Podmiot2"))
    payment = document.first("Fa/Platnosc")
    _terms(draft, payment)
    _correction(draft, document.first("Fa"))
    _money(draft, document.first("Fa"), payment)
    draft.put("link", payment.value("LinkDoPlatnosci"))
    _number_in_ksef(draft, file)
    if payment.has("RachunekBankowyFaktora"):
        draft.remarks.append(FACTOR)
    return draft


def _seller(draft: Draft, seller: Node) -> None:
    draft.put("seller_tax_id", plain_nip(seller.value("DaneIdentyfikacyjne/NIP")))
    draft.put("seller_name", seller.value("DaneIdentyfikacyjne/Nazwa"))


def _buyer(draft: Draft, buyer: Node) -> None:
    identity = buyer.first("DaneIdentyfikacyjne")
    draft.put("client_name", identity.value("Nazwa"))
    draft.put("client_tax_id", _tax_id(identity))
    draft.put("client_email", ", ".join(buyer.values("DaneKontaktowe/Email")))
    draft.put("client_phone", ", ".join(buyer.values("DaneKontaktowe/Telefon")))
    lines = (buyer.value("Adres/AdresL1"), buyer.value("Adres/AdresL2"))
    draft.put("client_address", ", ".join(filter(None, lines)))
    draft.put("client_country", buyer.value("Adres/KodKraju"))


def _tax_id(identity: Node) -> str:
    """NIP, or the number of another country with its prefix; "" for BrakID, which says that there is none."""
    prefix = identity.value("KodUE", "KodKraju")
    number = identity.value("NrVatUE", "NrID")
    return identity.value("NIP") or (number if number.upper().startswith(prefix.upper()) else prefix + number)


def _terms(draft: Draft, payment: Node) -> None:
    days = payment.values("TerminPlatnosci/Termin")
    draft.put("due_on", latest(days))
    if len(set(days)) > 1:
        draft.remarks.append(SEVERAL_TERMS)
    words = [_words(node) for node in payment.every("TerminPlatnosci/TerminOpis")]
    if days or not any(words):
        return
    from_issue = _DAYS_FROM_ISSUE.match(words[0]) if len(words) == 1 else None
    if from_issue:
        draft.put("due_days", int(from_issue[1]))
    else:
        draft.note("; ".join(words))
        draft.remarks.append(TERM_IN_WORDS)


def _words(node: Node) -> str:
    """FA(2) has a text here, FA(3) a number, a unit and an event."""
    return " ".join(filter(None, (node.text, *(child.text for child in node.children))))


def _correction(draft: Draft, invoice: Node) -> None:
    corrected = invoice.values("DaneFaKorygowanej/NrFaKorygowanej")
    more = "; …" if len(corrected) > _MOST_CORRECTED else ""
    draft.put("corrects_number", "; ".join(corrected[:_MOST_CORRECTED]) + more)
    draft.note(invoice.value("PrzyczynaKorekty"))


def _money(draft: Draft, invoice: Node, payment: Node) -> None:
    gross = amount(invoice.value("P_15"))
    if isinstance(gross, Decimal):
        whole, settled = _settlement(draft, gross, invoice.first("Rozliczenie"))
        draft.put("amount", whole)
        _payments(draft, whole, settled, payment)
    else:
        draft.put("amount", gross)
        _mark_paid(draft, payment)


def _settlement(draft: Draft, gross: Decimal, settlement: Node) -> tuple[Decimal, Decimal]:
    """The amount, and what of it counts as paid, by the document's own account of charges and deductions."""
    due, surplus = (amount(settlement.value(name)) for name in ("DoZaplaty", "DoRozliczenia"))
    if gross <= 0 or draft.cells.get("kind") in _CORRECTIONS:
        if due or surplus:
            draft.remarks.append(NOT_SETTLED)
        if not gross:
            draft.remarks.append(NOTHING_TO_PAY)
    elif isinstance(surplus, Decimal) and surplus > 0:
        draft.note(f"DoRozliczenia: {surplus}")
        draft.remarks.append(OVERPAID)
        return gross, gross
    elif isinstance(due, Decimal) and due >= 0 and due != gross:
        draft.remarks.append(DEDUCTED if due < gross else MORE_THAN_GROSS)
        return claimed(gross, due)
    return gross, Decimal(0)


def _payments(draft: Draft, whole: Decimal, settled: Decimal, payment: Node) -> None:
    parts = [amount(text) for text in payment.values("ZaplataCzesciowa/KwotaZaplatyCzesciowej")]
    paid = sum((part for part in parts if isinstance(part, Decimal)), settled)
    if parts:
        draft.put("paid_on", latest(payment.values("ZaplataCzesciowa/DataZaplatyCzesciowej")))
    if _mark_paid(draft, payment):
        paid = max(abs(whole), paid)
    elif payment.value("ZnacznikZaplatyCzesciowej") and not parts:
        draft.remarks.append(PART_UNKNOWN)
    elif not parts and whole > 0 and draft.cells.get("kind") in _ADVANCES and "due_on" not in draft.cells:
        draft.put("paid_flag", cell=True)
        draft.remarks.append(ADVANCE)
        paid = whole
    unreadable = [part for part in parts if isinstance(part, str)]
    draft.put("paid", unreadable[0] if unreadable else paid or None)


def _mark_paid(draft: Draft, payment: Node) -> bool:
    """Whether all is paid: Zaplacono, in FA(3) also "2 = paid in full by parts"; a date alone says so, too."""
    mark, on = payment.value("Zaplacono"), payment.value("DataZaplaty")
    by_parts = payment.value("ZnacznikZaplatyCzesciowej") == "2"
    paid = mark in ("1", "true") if mark else by_parts or bool(on)
    if paid:
        draft.put("paid_flag", cell=True)
        draft.put("paid_on", day(on))
    return paid


def _number_in_ksef(draft: Draft, file: str) -> None:
    number = ksef_number(file)
    if not number and has_ksef_number(file):
        draft.remarks.append(BAD_NAME)
    seller = draft.cells.get("seller_tax_id", "")
    if number and seller and number[:10] != seller:
        draft.remarks.append(OTHER_SELLER)
    else:
        draft.put("ksef_number", number)
