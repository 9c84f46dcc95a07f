"""Every format that can be imported, and which of them a file is: exactly one, or a sentence that says what it is."""

from pathlib import Path

from importers.archives import InvoiceArchive
from importers.charsets import charset
from importers.csv_files import CsvFiles
from importers.disk import head
from importers.fakturownia import Fakturownia
from importers.invoice_pdfs import InvoicePdf
from importers.port import Importer
from importers.vcard import VCards
from importers.workbooks import Workbooks
from importers.xml_formats import FORMATS, OtherXml
from validators.errors import WrongUse

IMPORTERS: tuple[Importer, ...] = (
    CsvFiles(),
    Workbooks(),
    VCards(),
    Fakturownia(),
    *FORMATS,
    InvoicePdf(),
    InvoiceArchive(),
    OtherXml(),
)
_AS_LIST = "Open it in the program it comes from, export the list as CSV or XLSX, and import that."
_AS_PHOTO = "A list must be text: ask for it as XLSX, CSV, or as an e-invoice (XML)."
_STARTS = (
    (b"%PDF", "a PDF without an invoice in it that can be read (XML)", _AS_PHOTO),
    (b"\x89PNG", "a picture (PNG)", _AS_PHOTO),
    (b"\xff\xd8\xff", "a picture (JPEG)", _AS_PHOTO),
    (b"GIF8", "a picture (GIF)", _AS_PHOTO),
    (b"II*\0", "a picture (TIFF)", _AS_PHOTO),
    (b"MM\0*", "a picture (TIFF)", _AS_PHOTO),
    (b"BM", "a picture (BMP)", _AS_PHOTO),
    (b"{\\rtf", "a text document (RTF)", "Copy its table to a spreadsheet, save it as XLSX, and import that."),
    (b"MZ", "a program", "Never open it if you do not know who sent it."),
    (b"\x7fELF", "a program", "Never open it if you do not know who sent it."),
    (b"#!", "a script", "Never run it if you do not know who sent it."),
    (b"SQLite format 3", "a database (SQLite)", _AS_LIST),
    (b"\0\1\0\0Standard", "a database (Access)", _AS_LIST),
    (b"Rar!", "an archive (RAR)", "Unpack it and import the files in it."),
    (b"7z\xbc\xaf", "an archive (7z)", "Unpack it and import the files in it."),
    (b"\x1f\x8b", "an archive (gzip)", "Unpack it and import the files in it."),
    (b"PK\x03\x04", "a ZIP, but neither a workbook nor an archive of invoices", _AS_LIST),
    (b"!BDN", "an Outlook data file (PST)", "In Outlook: File, Open & Export, Import/Export, to a file, CSV."),
    (b":20:", "a bank statement (MT940)", "Payments are not imported from statements here: import the invoices."),
)
_DOCUMENTS = (
    ("WordDocument", "a text document (.doc)"),
    ("PowerPoint Document", "a presentation (.ppt)"),
    ("__nameid_version1.0", "a letter of Outlook (.msg)"),
)
_OLE = bytes.fromhex("D0CF11E0A1B11AE1")
# Of these the name tells more than the content: several are ZIPs, of other things than invoices.
_ENDINGS = {
    ".numbers": ("a table of Apple Numbers", "In Numbers: File, Export To, Excel. Import that."),
    ".docx": ("a text document", "Copy its table to a spreadsheet, save it as XLSX, and import that."),
    ".odt": ("a text document", "Copy its table to a spreadsheet, save it as XLSX, and import that."),
    ".gsheet": ("a link to a Google Sheet", "In Google Sheets: File, Download, Excel. Import that."),
    ".pages": ("a text document", "Copy its table to a spreadsheet, save it as XLSX, and import that."),
}
_JSON = "JSON, but not of Fakturownia"


def recognise(path: Path) -> Importer:
    """The importer for the file, by its content.

    Raises:
        WrongUse: it is no ordinary file or cannot be read; no format fits (what it seems to be, and what to export
            instead, is said), or several do, which are named.
    """
    start = head(path)
    if path.suffix.lower() in _ENDINGS:
        raise _refused(path, *_ENDINGS[path.suffix.lower()])
    found = [importer for importer in IMPORTERS if importer.recognises(path, start)]
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(importer.name for importer in found)
        raise WrongUse(f"{path} could be of several formats: {names}.", _AS_LIST)
    raise _refused(path, *_seems(start))


def _refused(path: Path, what: str, advice: str) -> WrongUse:
    return WrongUse(f"{path} is no list that can be imported: it is {what}.", advice)


def _seems(start: bytes) -> tuple[str, str]:
    for begin, what, advice in _STARTS:
        if start.startswith(begin):
            return what, advice
    if start.startswith(_OLE):
        return _document(start), _AS_LIST
    text = start.decode(charset(start).encoding, "replace").removeprefix("\ufeff").lstrip()
    if text[:1] in ("{", "["):
        return _JSON, _AS_LIST
    return ("blank", "Export the list again.") if not text.strip("\0") else ("of no known format", _AS_LIST)


def _document(start: bytes) -> str:
    found = (what for name, what in _DOCUMENTS if name.encode("utf-16-le") in start)
    return next(found, "a document of an old Office program")
