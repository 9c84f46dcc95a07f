"""Whether a file is a workbook that can be read, and written again without losing anything. Says what is in the way."""

import re
import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import NoReturn
from zipfile import BadZipFile, ZipFile, is_zipfile

from openpyxl.utils.exceptions import InvalidFileException

from sync.storage.xlsx_parts import related_parts, sheet_parts
from validators.errors import OutOfReach, Refused, Trouble

MOST_BYTES = 1_000_000_000
MOST_RATIO = 400
# What openpyxl and lxml let through when a package contradicts itself (SyntaxError: their XML errors).
_DAMAGES = (
    BadZipFile, KeyError, ValueError, TypeError, IndexError, AttributeError, SyntaxError, EOFError, OverflowError,
    RuntimeError, AssertionError, struct.error, zlib.error, InvalidFileException,
)  # fmt: skip
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SAVE_AS = "Open it in Excel or LibreOffice and save it as 'Excel Workbook (.xlsx)'"
_ELSEWHERE = "Move {it} to another file that links to this one, then run again. Nothing was changed."

_OTHER_KINDS = {
    "xl/workbook.bin": "an .xlsb workbook",
    "mimetype": "an OpenDocument file",
    "word/document.xml": "a text document",
}
# What openpyxl writes again, or what every program makes anew and nobody misses.
_KEPT = re.compile(
    r"""\[content_types\]\.xml | .*/$ | (.*/)?_rels/[^/]*\.rels | docprops/(app|core|custom)\.xml
    | docprops/thumbnail\..*
    | xl/(workbook|styles|sharedstrings|calcchain)\.xml | xl/theme/[^/]+\.xml | xl/worksheets/[^/]+\.xml
    | xl/tables/[^/]+\.xml | xl/comments/?[^/]*\.xml | xl/externallinks/[^/]+\.xml | xl/printersettings/[^/]+\.bin
    | (xl/)?persons/[^/]+\.xml | customxml/[^/]+\.xml | xl/drawings/[^/]+\.(vml|xml)""",
    re.VERBOSE | re.IGNORECASE,
)
# The first match names what a part holds; the last pattern takes the rest.
_LOST = (
    (r"vbaproject|macrosheets|vbadata", "macros"),
    (r"/(charts|chartsheets|chartex)/", "a chart"),
    (r"/pivot", "a pivot table"),
    (r"/slicer|/timeline", "a slicer or timeline"),
    (r"/threadedcomments/", "threaded comments"),
    (r"/(ctrlprops|activex)/", "form controls"),
    (r"/embeddings/", "an embedded object"),
    (r"/media/", "a picture"),
    (r"/diagrams/", "a diagram"),
    (r"/drawings/", "a drawing"),
    (r"/(metadata\.xml|richdata/)", "formulas that spill over several cells, or linked data types"),
    (r"/(connections\.xml|querytables/|model/)", "a data connection or query"),
    (r"/namedsheetviews/", "sheet views"),
    (r"/(revisions/|usernames)", "the change log of an old shared workbook"),
    (r"", "a part that Kartoteka does not know"),
)
# Worksheet elements that openpyxl forgets and xlsx_results does not put back.
_LOST_ELEMENTS = (
    (b"legacyDrawingHF", "a picture in the header or footer"),
    (b"picture", "a background picture"),
    (b"oleObjects", "an embedded object"),
    (b"controls", "form controls"),
    (b"customSheetViews", "custom views"),
    (b"dataConsolidate", "a consolidation"),
    (b"smartTags", "smart tags"),
    (b"cellWatches", "watched cells"),
    (b"webPublishItems", "parts published to the web"),
    (b"sortState", "a saved sort order"),
)
_EXTENSIONS = {
    b"{78C0D931-6437-407D-A8EE-F0AAD7539E65}": "conditional formats of a newer kind (such as data bars)",
    b"{A8765BA9-456A-4DAB-B4F3-ACF838C121DE}": "slicers",
    b"{3A4CF648-6AED-40F4-86FF-DC5316D8AED3}": "slicers",
    b"{7E03D99C-DC04-49D9-9315-930204A7B6E9}": "timelines",
}
# Extensions that stand on their own; xlsx_results puts them back as they were.
CARRIED_EXTENSIONS = {
    b"{CCE6A557-97BC-4B89-ADB6-D9C93CAAB3DF}",  # drop-downs whose list lies on another sheet
    b"{05C60535-1F16-4FD2-B633-F4F36F0B64E0}",  # sparklines
    b"{01252117-D84E-4E92-8308-4BE1C098FCBB}",  # ignored errors
}
_URI = re.compile(rb"""<(?:\w+:)?ext\s[^>]*?uri=["'](\{[^"']+\})["']""")
_NOTE_OTHER = re.compile(rb"""ObjectType=["'](?!Note["'])""")
_ANCHOR = re.compile(rb"<(?:\w+:)?(?:twoCell|oneCell|absolute)Anchor\b")


def check_readable(name: str, content: bytes) -> None:
    """Raise OutOfReach or Refused unless `content` is an .xlsx package of a bearable size. To be called in `sound`."""
    if not content:
        raise OutOfReach(
            f"{name} is empty (0 bytes).", "Restore it from a backup, or delete it and run 'kartoteka init'."
        )
    if content.startswith(_OLE):
        raise OutOfReach(
            f"{name} is password-protected or in the old .xls format.",
            f"{_SAVE_AS}, without a password for opening.",
        )
    if not is_zipfile(BytesIO(content)):
        _not_a_zip(name, content)
    with ZipFile(BytesIO(content)) as archive:
        _check_size(name, archive, len(content))
        _check_kind(name, archive)


def check_writable(name: str, content: bytes) -> None:
    """Raise Refused, naming what and where, when saving the workbook would drop something that it holds."""
    with ZipFile(BytesIO(content)) as archive:
        found = list(_losses(archive))
    if not found:
        return
    whats = list(dict.fromkeys(f"{what} (sheet '{sheet}')" if sheet else what for what, sheet in found))
    raise Refused(
        f"{name} holds {', '.join(whats)}, which would be lost if Kartoteka wrote the file.",
        _advice(found[0][0]),
        trouble=Trouble.UNKEPT,
        about=", ".join(dict.fromkeys(sheet for _, sheet in found if sheet)),
    )


@contextmanager
def sound(name: str) -> Iterator[None]:
    """Turn what a library says of a package that contradicts itself into OutOfReach with advice; hush its warnings."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except OutOfReach as error:
        error.trouble, error.about = Trouble.UNREADABLE, name
        raise
    except _DAMAGES as error:
        raise _damaged(name, error) from error


def _damaged(name: str, error: BaseException) -> OutOfReach:
    """The error for a workbook that breaks off or contradicts itself."""
    return OutOfReach(
        f"{name} is damaged ({type(error).__name__}: {str(error)[:120]}).",
        f"{_SAVE_AS}, or take the newest copy from the folder 'backups' in the state folder.",
        trouble=Trouble.UNREADABLE,
        about=name,
    )


def _not_a_zip(name: str, content: bytes) -> NoReturn:
    if content.startswith(b"PK\x03\x04"):
        raise OutOfReach(
            f"{name} is cut off: the end of the file is missing.",
            "Copy or download it again, or take the newest copy from the folder 'backups' in the state folder.",
        )
    head = content[:4096].lstrip(b"\xef\xbb\xbf\xff\xfe").lstrip().lower()
    if head.startswith((b"<html", b"<!doctype html", b"<table")):
        kind = "a web page"
    elif head.startswith(b"<?xml"):
        kind = "an XML file"
    elif b"\x00" not in head:
        kind = "a text file such as .csv"
    else:
        kind = "something else"
    raise OutOfReach(f"{name} is not an .xlsx workbook but {kind}.", f"{_SAVE_AS}, or correct [workbook] path.")


def _check_size(name: str, archive: ZipFile, packed: int) -> None:
    unpacked = sum(part.file_size for part in archive.infolist())
    if unpacked > MOST_BYTES or (unpacked > MOST_BYTES // 10 and unpacked > packed * MOST_RATIO):
        raise Refused(
            f"{name} unpacks to {unpacked // 1_000_000} MB, far more than a register can be.",
            "Delete empty formatted rows below the data (or save the sheets into a new file), then run again.",
        )
    if any(part.flag_bits & 1 for part in archive.infolist()):
        raise OutOfReach(f"{name} is encrypted.", f"{_SAVE_AS}, without a password.")


def _check_kind(name: str, archive: ZipFile) -> None:
    names = {part.lower() for part in archive.namelist()}
    for marker, kind in _OTHER_KINDS.items():
        if marker in names:
            raise OutOfReach(f"{name} is {kind}, not an .xlsx workbook.", f"{_SAVE_AS}, or correct [workbook] path.")
    if "[content_types].xml" not in names or not any(n.startswith("xl/") for n in names):
        raise OutOfReach(f"{name} is a zip archive, but not a workbook.", "Correct [workbook] path in the settings.")
    for part in archive.infolist():
        if part.filename.lower().endswith((".xml", ".rels", ".vml")):
            with archive.open(part) as file:
                head = file.read(2048)
            if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
                raise Refused(f"{name} declares XML entities, which no workbook needs.", f"{_SAVE_AS}.")
            if b"purl.oclc.org/ooxml" in head:
                raise OutOfReach(f"{name} is saved as 'Strict Open XML'.", f"{_SAVE_AS} (not 'Strict').")


def _losses(archive: ZipFile) -> Iterator[tuple[str, str]]:
    sheets = {part: title for title, part in sheet_parts(archive).items()}
    owners = {target: title for part, title in sheets.items() for target in _reachable(archive, part)}
    names = archive.namelist()
    pictured = any("/charts/" in n.lower() or "/media/" in n.lower() for n in names)
    for part in names:
        what = _loss(archive, part)
        if what and not (what == "a drawing" and pictured):
            yield what, owners.get(part, "")
    for part, title in sheets.items():
        if part in names:
            for what in _lost_elements(archive.read(part)):
                yield what, title


def _reachable(archive: ZipFile, part: str) -> set[str]:
    found: set[str] = set()
    waiting = list(related_parts(archive, part))
    while waiting:
        target = waiting.pop()
        if target not in found:
            found.add(target)
            waiting.extend(related_parts(archive, target))
    return found


def _loss(archive: ZipFile, part: str) -> str:
    if _KEPT.fullmatch(part):
        lower = part.lower()
        if lower.endswith(".vml"):
            return "form controls" if _NOTE_OTHER.search(archive.read(part)) else ""
        if lower.startswith("xl/drawings/"):
            return "a drawing" if _ANCHOR.search(archive.read(part)) else ""
        if lower.startswith("customxml/"):
            return "a data connection or query" if b"DataMashup" in archive.read(part) else ""
        return ""
    return next(what for pattern, what in _LOST if re.search(pattern, f"/{part}".lower()))


def _lost_elements(sheet: bytes) -> Iterator[str]:
    head, _, rest = sheet.partition(b"<sheetData")
    sheet = head + rest[max(rest.rfind(b"</sheetData>"), 0) :]
    for element, what in _LOST_ELEMENTS:
        if re.search(rb"<(?:\w+:)?" + element + rb"[\s/>]", sheet):
            yield what
    for uri in set(_URI.findall(sheet)):
        if uri.upper() not in CARRIED_EXTENSIONS:
            yield _EXTENSIONS.get(uri.upper(), "an extension of a newer Excel")


def _advice(what: str) -> str:
    if what == "macros":
        return "Keep the register in a workbook without macros: save a copy as 'Excel Workbook (.xlsx)' and use that."
    if what == "threaded comments":
        return "Turn them into notes (Review, Notes, Convert to Notes), save, then run again. Nothing was changed."
    return _ELSEWHERE.format(it="it" if what.startswith(("a ", "an ", "the ")) else "them")
