"""Invoices in PDFs that carry their XML (Factur-X, ZUGFeRD): the importer class is `InvoicePdf`.

What a PDF shows is never read: only the XML attached to it.
"""

from collections.abc import Iterator
from pathlib import Path

from importers import disk
from importers.port import Listing
from importers.xml_files import Source
from importers.xml_formats import HEAD, format_of
from importers.xml_invoices import one_listing
from validators.errors import WrongUse

_MARK = b"%PDF-"
_LARGEST = 32 << 20


class InvoicePdf:
    """A PDF with an e-invoice attached."""

    name = "Factur-X / ZUGFeRD PDF"

    def recognises(self, path: Path, head: bytes) -> bool:  # noqa: ARG002
        """Whether it is a PDF."""
        return head.lstrip().startswith(_MARK)

    def listings(self, path: Path) -> Iterator[Listing]:
        """The attached invoice; of several the first that is of a known format.

        Raises:
            WrongUse: no e-invoice is attached, or the PDF is encrypted, damaged or too big.
        """
        from importers.pdf_files import attached_xml  # here: pypdf is slow to load, and most files are none

        for content in attached_xml(path.name, disk.content(path, _LARGEST)):
            found = format_of(content[:HEAD])
            if found is not None:
                yield one_listing(path.name, found.invoices(Source(path.name, content)))
                return
        raise WrongUse(
            f"{path.name} is a PDF without an e-invoice in it: only people can read it.",
            "Import its XML (KSeF, Factur-X, ZUGFeRD), or a list with a line for each invoice.",
        )
