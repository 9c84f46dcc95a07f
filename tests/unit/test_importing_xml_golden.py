"""Golden pairs of the XML formats: files as programs write them, and every cell and note that comes out of them."""

import pytest

from importers.archives import InvoiceArchive
from importers.cii import CiiInvoices
from importers.invoice_pdfs import InvoicePdf
from importers.jpk import JpkInvoices
from importers.ksef import KsefInvoices
from importers.port import Importer
from importers.ubl import UblInvoices
from importers.xml_formats import FORMATS, OtherXml
from tests.golden_listings import FOLDER, check

PAIRS: dict[str, Importer] = {
    "7372846518-20260315-0A1B2C3D4E5F-C3.xml": KsefInvoices(),
    "ksef_fa2_instalments.xml": KsefInvoices(),
    "ksef_one_number_eleven_times.xml": KsefInvoices(),
    "jpk_fa4.xml": JpkInvoices(),
    "jpk_v7m3.xml": JpkInvoices(),
    "ubl_credit_note.xml": UblInvoices(),
    "cii_prepaid.xml": CiiInvoices(),
    "facturx.pdf": InvoicePdf(),
    "invoices.zip": InvoiceArchive(),
}
ALL: tuple[Importer, ...] = (*FORMATS, OtherXml(), InvoiceArchive(), InvoicePdf())


@pytest.mark.parametrize("name", PAIRS)
def test_every_cell_and_note_is_as_promised(name: str, regenerate: bool) -> None:
    check(PAIRS[name], name, regenerate=regenerate)


@pytest.mark.parametrize("name", PAIRS)
def test_exactly_one_of_these_importers_recognises_it(name: str) -> None:
    path = FOLDER / name
    head = path.read_bytes()[:65536]
    assert [importer.name for importer in ALL if importer.recognises(path, head)] == [PAIRS[name].name]
