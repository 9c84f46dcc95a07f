"""Small e-invoices for tests: a KSeF FA out of its parts, and what every XML importer makes of a text."""

from pathlib import Path

from importers.port import Listing
from importers.xml_files import Source
from importers.xml_formats import HEAD, format_of
from importers.xml_invoices import Draft, one_listing
from validators.rows import Cell

FA3 = "http://crd.gov.pl/wzor/2025/06/25/13775/"


def fa(
    fields: str = "",
    *,
    gross: str = "1230.00",
    payment: str = "",
    kind: str = "VAT",
    buyer: str = "<NIP>9512038476</NIP>",
) -> str:
    """A KSeF invoice FV/1: `fields` within `Fa`, `payment` within `Platnosc`, `buyer` within its identity."""
    return (
        f'<Faktura xmlns="{FA3}"><Naglowek><KodFormularza kodSystemowy="FA (3)">FA</KodFormularza></Naglowek>'
        f"<Podmiot1><DaneIdentyfikacyjne><NIP>7372846518</NIP></DaneIdentyfikacyjne></Podmiot1>"
        f"<Podmiot2><DaneIdentyfikacyjne>{buyer}<Nazwa>Żak</Nazwa></DaneIdentyfikacyjne></Podmiot2>"
        f"<Fa><KodWaluty>PLN</KodWaluty><P_1>2026-02-15</P_1><P_2>FV/1</P_2><P_15>{gross}</P_15>"
        f"<RodzajFaktury>{kind}</RodzajFaktury>{fields}<Platnosc>{payment}</Platnosc></Fa></Faktura>"
    )


def drafts(text: str, name: str = "file.xml") -> list[Draft]:
    """The invoices of an XML text, by the format that knows it."""
    content = text.encode()
    found = format_of(content[:HEAD])
    assert found is not None
    return list(found.invoices(Source(name, content)))


def cells(text: str, name: str = "file.xml") -> dict[str, Cell]:
    """The cells of the one invoice of an XML text."""
    (draft,) = drafts(text, name)
    return draft.cells


def listing(text: str) -> Listing:
    """The list that an XML text gives."""
    return one_listing("file.xml", drafts(text))


def written(folder: Path, content: str | bytes, name: str = "file.xml") -> Path:
    """A file with that content."""
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path
