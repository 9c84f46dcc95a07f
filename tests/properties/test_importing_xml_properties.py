"""Whatever bytes come, the importers yield rows or a sentence, never anything else; what is well formed survives."""

import zipfile
from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from xml.sax.saxutils import escape

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from importers.archives import InvoiceArchive
from importers.invoice_pdfs import InvoicePdf
from importers.port import Importer, Listing
from importers.targets import INVOICE_TARGETS
from importers.xml_formats import FORMATS, OtherXml
from importers.xml_invoices import FILE
from tests.golden_listings import FOLDER
from tests.xml_for_tests import cells, fa, listing, written
from validators.errors import WrongUse

ALL: tuple[Importer, ...] = (*FORMATS, OtherXml(), InvoiceArchive(), InvoicePdf())
SEEDS = [path.read_bytes() for path in sorted(FOLDER.iterdir()) if path.suffix in (".xml", ".zip", ".pdf")]
HOSTILE = [
    b"<!DOCTYPE a [<!ENTITY x 'y'>]>",
    b"&x;",
    b"\0",
    b"<",
    b">",
    b"]]>",
    b"<![CDATA[",
    b"<a>" * 70,
    b"\xc5",
    b"\xff\xfe",
]
# Signs that XML 1.0 knows, and that are no white space, which is made single.
TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc", "Z"), exclude_characters="\ufffe\uffff"), min_size=1)
PATIENT = settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A real file after some accidents."""
    content = draw(st.sampled_from(SEEDS))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(content)))
        end = draw(st.integers(start, min(len(content), start + 300)))
        put = draw(st.sampled_from([b"", *HOSTILE]) | st.binary(max_size=20))
        content = content[:start] + put + content[end:]
    return content


def rows_or_sentence(path: Path) -> None:
    """At most one importer takes the file, and yields rows of targets or refuses in words."""
    head = path.read_bytes()[: 1 << 16]
    taking = [importer for importer in ALL if importer.recognises(path, head)]
    assert len(taking) <= 1
    for importer in taking:
        found, refused = listings_of(importer, path)
        for each in found:
            assert set(each.columns) <= {*INVOICE_TARGETS, FILE}
            assert all(set(row.cells) <= set(each.columns) for row in each.rows)
        if refused is not None:
            assert refused.what.startswith(path.name)
            assert refused.what.isprintable()
            assert refused.advice


def listings_of(importer: Importer, path: Path) -> tuple[list[Listing], WrongUse | None]:
    try:
        return list(importer.listings(path)), None
    except WrongUse as refused:
        return [], refused


@PATIENT
@given(damaged())
def test_a_damaged_file_gives_rows_or_a_sentence(tmp_path: Path, content: bytes) -> None:
    rows_or_sentence(written(tmp_path, content, "file"))


@PATIENT
@given(st.sampled_from([b"<", b"<?xml", b"PK\x03\x04", b"PK\x05\x06", b"%PDF-1.4\n", b""]), st.binary(max_size=300))
def test_any_bytes_give_rows_or_a_sentence(tmp_path: Path, start: bytes, rest: bytes) -> None:
    rows_or_sentence(written(tmp_path, start + rest or b"x", "file"))


@PATIENT
@given(damaged())
def test_a_damaged_file_within_an_archive_never_costs_the_others(tmp_path: Path, content: bytes) -> None:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("damaged", content)
        archive.writestr("good.xml", fa())
    (found,) = InvoiceArchive().listings(written(tmp_path, out.getvalue(), "file"))
    assert "good.xml" in [row.cells[FILE] for row in found.rows]


@given(TEXTS)
def test_texts_are_kept_to_the_letter(text: str) -> None:
    assert cells(fa().replace("FV/1", escape(text)))["number"] == text


@given(st.decimals(Decimal("-99999999.99"), Decimal("99999999.99"), places=2), st.dates(date(1900, 1, 1)))
def test_amounts_and_days_are_kept_exactly(gross: Decimal, issued: date) -> None:
    found = cells(fa(gross=str(gross)).replace("2026-02-15", issued.isoformat()))
    assert (found["amount"], found["issued_on"]) == (gross, issued)


@given(st.lists(st.sampled_from(["VAT", "KOR", "ZAL", "UPR"]), min_size=1, max_size=30))
def test_there_are_as_many_rows_as_invoices(kinds: list[str]) -> None:
    found = listing(f"<Faktury>{''.join(fa(kind=kind) for kind in kinds)}</Faktury>")
    assert [row.cells["kind"] for row in found.rows] == kinds
