"""Which XML formats there are, which one a file is of, and a sentence for every other kind of XML: the importer class
`OtherXml` takes what no other one knows, only to say what it is.
"""

from collections.abc import Iterator
from pathlib import Path

from importers.cii import CiiInvoices
from importers.jpk import JpkInvoices
from importers.ksef import KsefInvoices
from importers.port import Listing
from importers.ubl import UblInvoices
from importers.xml_files import looks_like_xml, opening
from importers.xml_invoices import XmlImporter
from importers.xml_nodes import Opening, printable
from validators.errors import WrongUse

FORMATS: tuple[XmlImporter, ...] = (KsefInvoices(), JpkInvoices(), UblInvoices(), CiiInvoices())
HEAD = 1 << 16
_KNOWN = (
    "Known XML: KSeF FA (2) and FA (3), JPK_FA, JPK_V7M and JPK_V7K, UBL Invoice and CreditNote (Peppol), "
    "CII (Factur-X, ZUGFeRD, XRechnung)."
)
_SAVED = "If there is a list in it, open it in a spreadsheet program and save it as .xlsx."
_BY_ROOT = {
    "html": "a web page, not a list",
    "Workbook": "a workbook saved as XML; open it in a spreadsheet program and save it as .xlsx",
    "Potwierdzenie": "a receipt for something sent to KSeF or the tax office (UPO), not an invoice",
    "Document": "a bank's or payment message (ISO 20022), not a list of invoices",
    "Order": "an order, not an invoice",
    "DespatchAdvice": "a delivery note, not an invoice",
}
_BY_FORM = {
    "JPK_WB": "a bank statement, not a list of invoices",
    "JPK_VAT": "the register of before October 2020; JPK_V7M and JPK_V7K are known",
    "FA_RR": "a purchase from a farmer, which no client owes you for",
    "JPK_FA_RR": "purchases from farmers, which no client owes you for",
    "JPK_KR": "account books, not a list of invoices",
    "JPK_MAG": "stock movements, not a list of invoices",
    "JPK_PKPIR": "a revenue ledger, not a list of invoices",
    "JPK_EWP": "a revenue ledger, not a list of invoices",
}


class OtherXml:
    """XML that none of the formats knows: it is recognised, so that a person learns what was found."""

    name = "XML"

    def recognises(self, path: Path, head: bytes) -> bool:  # noqa: ARG002
        """Whether it is XML, and of no known format."""
        return looks_like_xml(head) and format_of(head) is None

    def listings(self, path: Path) -> Iterator[Listing]:
        """Never any.

        Raises:
            WrongUse: always; it says what the root is, and which XML is known.
        """
        with path.open("rb") as file:
            told = what_it_is(file.read(HEAD))
        page = _BY_ROOT["html"] in told  # as which many programs save their "Excel files"
        raise WrongUse(f"{path.name} {told}.", _SAVED if page else _KNOWN)


def format_of(head: bytes) -> XmlImporter | None:
    """The format of a file that begins with `head`; None when it is of no known one."""
    found = opening(head[:HEAD])
    if found is None or found.doctype:
        return None
    return next((known for known in FORMATS if known.knows(found)), None)


def what_it_is(head: bytes) -> str:
    """What a file of no known format is, as the end of a sentence that its name begins."""
    found = opening(head[:HEAD])
    if found is None:
        return "looks like XML but has no root element"
    if found.doctype and found.root.lower() != "html":
        return f"declares a DOCTYPE ({printable(found.root, 60)}), which no e-invoice has"
    reason = _BY_FORM.get(found.form.partition("(")[0].strip()) or _by_root(found)
    form = f" of the form {printable(found.form, 60)}" if found.form else ""
    return f"is XML with the root <{printable(found.root, 60)}>{form}: {reason}"


def _by_root(found: Opening) -> str:
    name = found.root if found.root in _BY_ROOT else found.root.lower()
    return _BY_ROOT.get(name, "no invoice format that is known here")
