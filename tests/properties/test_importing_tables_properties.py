"""Whatever bytes a file holds: an importer reads it or says why not, rows keep to the columns, and none gets lost."""

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import example, given, settings
from hypothesis import strategies as st

from importers.csv_files import CsvFiles
from importers.fakturownia import Fakturownia
from importers.formats import recognise
from importers.port import Importer
from importers.vcard import VCards
from importers.workbooks import Workbooks
from tests.golden_listings import FOLDER
from validators.errors import WrongUse

TOKENS = st.sampled_from(
    [
        b'"',
        b";",
        b",",
        b"\t",
        b"\n",
        b"\r",
        b"\x00",
        b"\xff\xfe",
        b"\xc5",
        b"=",
        b"=\n",
        b"{",
        b"[",
        b"]",
        b":",
        b"sep=",
        b"'",
        b"BEGIN:VCARD\n",
        b"END:VCARD\n",
        b"TEL;",
        b"Nazwa",
        b"NIP",
        b"Numer",
        b'"buyer_name":',
        b'"price_gross":',
        b"1e5",
    ]
)
HOSTILE = st.lists(st.one_of(TOKENS, st.binary(max_size=6)), max_size=60).map(b"".join)
BOOKS = [(FOLDER / name).read_bytes() for name in ("register.xlsx", "clients.ods")]
TEXT = st.text(
    st.characters(codec="utf-8", exclude_characters='\r\n\0;,\t|"\ufeff\x1a', exclude_categories=["Cc"]), max_size=8
)


@contextmanager
def file(content: bytes) -> Iterator[Path]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        path.write_bytes(content)
        yield path


def read(importer: Importer, path: Path) -> None:
    for listing in importer.listings(path):
        assert len(set(listing.columns)) == len(listing.columns)
        for row in listing.rows:
            assert set(row.cells) <= set(listing.columns)
            assert row.line > 0


@given(HOSTILE)
@example(b"")
@example(b"\xff\xfe")
@example(b'sep="\n"')
@settings(max_examples=150)
def test_hostile_text_is_read_or_refused(content: bytes) -> None:
    refusals: list[str] = []
    with file(content) as path:
        for importer in (None, CsvFiles(), VCards(), Fakturownia()):
            try:
                read(importer or recognise(path), path)
            except WrongUse as error:
                refusals.append(error.what)
    assert all(what.endswith(".") for what in refusals)


@given(st.sampled_from(BOOKS), st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255)), min_size=1, max_size=5))
@settings(max_examples=60)
def test_a_damaged_workbook_is_read_or_refused(whole: bytes, changes: list[tuple[float, int]]) -> None:
    refusals: list[str] = []
    content = bytearray(whole)
    for place, byte in changes:
        content[int(place * len(content))] = byte
    with file(bytes(content)) as path:
        try:
            read(Workbooks(), path)
        except WrongUse as error:
            refusals.append(error.what)


@given(
    st.lists(st.lists(TEXT, min_size=3, max_size=3), min_size=1, max_size=12), st.sampled_from(";,\t|"), st.booleans()
)
@settings(max_examples=150)
def test_what_a_program_writes_is_what_is_read(rows: list[list[str]], delimiter: str, quoted: bool) -> None:
    """Every row with something in it comes out as it went in; the mark before it keeps it from being a total."""
    named = [[f"k{n}", *cells] for n, cells in enumerate(rows)]
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, quoting=csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL)
    writer.writerows([["Nazwa", "NIP", "E-mail", "Telefon"], *named])
    with file(out.getvalue().encode()) as path:
        (listing,) = CsvFiles().listings(path)
        assert [list(row.cells.values()) for row in listing.rows] == named
