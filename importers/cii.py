"""Invoices in CII, the XML of Factur-X, ZUGFeRD and XRechnung: the importer class is `CiiInvoices`.

ZUGFeRD 1 has other names for the same parts; both are found by what is within. Source of the rules: EN 16931-3-3.
"""

import re
from collections.abc import Iterator
from datetime import date

from importers.invoice_codes import CORRECTED, CREDIT_NOTES, kind_of, put_due, put_money
from importers.xml_files import Source, records
from importers.xml_invoices import Draft, XmlImporter, day, latest, plain_nip
from importers.xml_nodes import NOTHING, Node, Opening

ROOTS = ("CrossIndustryInvoice", "CrossIndustryDocument")
_UNREAD = ("IncludedSupplyChainTradeLineItem", "AdditionalReferencedDocument", "IncludedNote")
_COMPACT = re.compile(r"[0-9]{8}")
_VAT = "VA"  # UNTDID 1153: a VAT number; FC is the number at the local tax office
_EMAIL_ADDRESS = "EM"


class CiiInvoices(XmlImporter):
    """`CrossIndustryInvoice` of UN/CEFACT, and `CrossIndustryDocument` of ZUGFeRD 1."""

    name = "CII"

    def knows(self, opening: Opening) -> bool:
        """One of the two roots."""
        return opening.root in ROOTS

    def invoices(self, source: Source) -> Iterator[Draft]:
        """The invoice of the file."""
        return map(_document, records(source, ROOTS, _UNREAD))


def _document(node: Node) -> Draft:
    document = _part(node, "ExchangedDocument", "HeaderExchangedDocument")
    settlement = _part(node, "ApplicableHeaderTradeSettlement", "ApplicableSupplyChainTradeSettlement")
    totals = _part(
        settlement,
        "SpecifiedTradeSettlementHeaderMonetarySummation",
        "SpecifiedTradeSettlementMonetarySummation",
    )
    code = document.value("TypeCode")
    credit = code in CREDIT_NOTES
    draft = Draft()
    draft.put("number", document.value("ID"))
    draft.put("kind", kind_of(code, credit=credit))
    draft.put("issued_on", _day(document.value("IssueDateTime/DateTimeString")))
    currency = settlement.value("InvoiceCurrencyCode")
    draft.put("currency", currency)
    put_due(draft, _due(settlement), settlement.values("SpecifiedTradePaymentTerms/Description"))
    names = ("GrandTotalAmount", "DuePayableAmount", "TotalPrepaidAmount", "RoundingAmount")
    put_money(draft, *(_total(totals, name, currency) for name in names), credit=credit)
    if credit or code == CORRECTED:
        referred = settlement.first("InvoiceReferencedDocument")
        draft.put("corrects_number", referred.value("IssuerAssignedID", "ID"))
    _parties(draft, node)
    return draft


def _part(node: Node, *names: str) -> Node:
    """The first element within that bears one of the names, at whatever depth."""
    return next((found for name in names for found in node.below(name)), NOTHING)


def _total(totals: Node, name: str, currency: str) -> str:
    """A total may stand a second time in the currency of the taxes."""
    every = list(totals.every(name))
    own = [node for node in every if node.attributes.get("currencyID", currency) == currency]
    return next((node.text for node in (*own, *every)), "")


def _due(settlement: Node) -> date | str:
    terms = settlement.every("SpecifiedTradePaymentTerms")
    texts = [str(_day(text)) for term in terms for text in term.values("DueDateDateTime/DateTimeString")]
    return latest(texts)


def _day(text: str) -> date | str:
    """A day as format 102 writes it, 20260304; anything else as XML does, or as it stands."""
    found = day(f"{text[:4]}-{text[4:6]}-{text[6:]}" if _COMPACT.fullmatch(text) else text)
    return text if isinstance(found, str) else found


def _parties(draft: Draft, node: Node) -> None:
    seller, buyer = _part(node, "SellerTradeParty"), _part(node, "BuyerTradeParty")
    draft.put("seller_name", seller.value("Name"))
    draft.put("seller_tax_id", plain_nip(_tax_id(seller)))
    draft.put("client_name", buyer.value("Name") or buyer.value("DefinedTradeContact/PersonName"))
    draft.put("client_tax_id", _tax_id(buyer))
    contact = buyer.first("DefinedTradeContact")
    draft.put("client_email", contact.value("EmailURIUniversalCommunication/URIID") or _endpoint(buyer))
    draft.put("client_phone", contact.value("TelephoneUniversalCommunication/CompleteNumber"))
    address = buyer.first("PostalTradeAddress")
    lines = (address.value(name) for name in ("LineOne", "LineTwo", "LineThree"))
    draft.put("client_street", ", ".join(filter(None, lines)))
    draft.put("client_postal_code", address.value("PostcodeCode"))
    draft.put("client_city", address.value("CityName"))
    draft.put("client_country", address.value("CountryID"))


def _tax_id(party: Node) -> str:
    numbers = party.every("SpecifiedTaxRegistration/ID")
    return next((number.text for number in numbers if number.attributes.get("schemeID", _VAT) == _VAT), "")


def _endpoint(party: Node) -> str:
    addresses = party.every("URIUniversalCommunication/URIID")
    return next((uri.text for uri in addresses if uri.attributes.get("schemeID") == _EMAIL_ADDRESS), "")
