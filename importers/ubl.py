"""Invoices and credit notes in UBL 2, as Peppol sends them: the importer class is `UblInvoices`.

Source of the rules: EN 16931-3-2 and Peppol BIS Billing 3.0.
"""

from collections.abc import Iterator
from datetime import date

from importers.invoice_codes import CORRECTED, CREDIT_NOTES, kind_of, put_due, put_money
from importers.xml_files import Source, records
from importers.xml_invoices import Draft, XmlImporter, day, latest, plain_nip
from importers.xml_nodes import Node, Opening

_DOCUMENTS = ("Invoice", "CreditNote")
_NAMESPACE = "urn:oasis:names:specification:ubl:schema:xsd:"
_ENVELOPE = "StandardBusinessDocument"
# Lines of goods, embedded files and signatures.
_UNREAD = ("InvoiceLine", "CreditNoteLine", "AdditionalDocumentReference", "UBLExtensions", "Signature", "TaxTotal")
_EMAIL_ADDRESS = "EM"  # EAS code of an endpoint that is an e-mail address


class UblInvoices(XmlImporter):
    """UBL `Invoice` and `CreditNote`, alone or in the envelope that Peppol carries them in."""

    name = "UBL"

    def knows(self, opening: Opening) -> bool:
        """One of the two roots in UBL's namespace (or with UBL's parties), or an envelope around one."""
        if opening.root in _DOCUMENTS:
            return opening.namespace.startswith(_NAMESPACE) or "AccountingSupplierParty" in opening.children
        return opening.root == _ENVELOPE and not opening.children.isdisjoint(_DOCUMENTS)

    def invoices(self, source: Source) -> Iterator[Draft]:
        """Every `Invoice` and `CreditNote` of the file."""
        return map(_document, records(source, _DOCUMENTS, _UNREAD))


def _document(node: Node) -> Draft:
    code = node.value("InvoiceTypeCode", "CreditNoteTypeCode")
    credit = node.name == "CreditNote" or code in CREDIT_NOTES
    draft = Draft()
    draft.put("number", node.value("ID"))
    draft.put("kind", kind_of(code, credit=credit))
    draft.put("issued_on", day(node.value("IssueDate")))
    put_due(draft, _due(node), node.values("PaymentTerms/Note"))
    draft.put("currency", node.value("DocumentCurrencyCode"))
    totals = node.first("LegalMonetaryTotal")
    names = ("TaxInclusiveAmount", "PayableAmount", "PrepaidAmount", "PayableRoundingAmount")
    put_money(draft, *(totals.value(name) for name in names), credit=credit)
    if credit or code == CORRECTED:
        draft.put("corrects_number", "; ".join(node.values("BillingReference/InvoiceDocumentReference/ID")))
    seller = node.first("AccountingSupplierParty/Party")
    draft.put("seller_name", _name(seller))
    draft.put("seller_tax_id", plain_nip(_tax_id(seller)))
    _buyer(draft, node.first("AccountingCustomerParty/Party"))
    return draft


def _due(node: Node) -> date | str:
    """A credit note has its date with the means of payment; older invoices with the terms."""
    return latest(
        node.values("DueDate")
        or node.values("PaymentMeans/PaymentDueDate")
        or node.values("PaymentTerms/PaymentDueDate")
    )


def _buyer(draft: Draft, buyer: Node) -> None:
    draft.put("client_name", _name(buyer))
    draft.put("client_tax_id", _tax_id(buyer))
    endpoint = buyer.first("EndpointID")
    written_to = endpoint.text if endpoint.attributes.get("schemeID") == _EMAIL_ADDRESS else ""
    draft.put("client_email", buyer.value("Contact/ElectronicMail") or written_to)
    draft.put("client_phone", buyer.value("Contact/Telephone"))
    address = buyer.first("PostalAddress")
    lines = (address.value("StreetName"), address.value("BuildingNumber"), address.value("AdditionalStreetName"))
    draft.put("client_street", " ".join(filter(None, lines)) or address.value("AddressLine/Line"))
    draft.put("client_postal_code", address.value("PostalZone"))
    draft.put("client_city", address.value("CityName"))
    draft.put("client_country", address.value("Country/IdentificationCode"))


def _name(party: Node) -> str:
    person = party.first("Person")
    named = " ".join(filter(None, (person.value("FirstName"), person.value("FamilyName"))))
    return party.value("PartyLegalEntity/RegistrationName", "PartyName/Name") or named


def _tax_id(party: Node) -> str:
    """The VAT number: tax numbers of other schemes are no VAT numbers, and stand beside it."""
    schemes = list(party.every("PartyTaxScheme"))
    taxed = [scheme for scheme in schemes if scheme.value("TaxScheme/ID").upper() in ("VAT", "")]
    return next((number for scheme in taxed if (number := scheme.value("CompanyID"))), "")
