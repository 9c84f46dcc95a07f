"""ZIP archives of XML invoices, as KSeF and invoicing programs export them: the importer class is `InvoiceArchive`.

Nothing is ever unpacked to disk, and no more is unpacked in memory than the bounds below allow.
"""

import zlib
from collections.abc import Iterator
from io import BytesIO
from itertools import islice
from pathlib import Path
from zipfile import BadZipFile, ZipFile, ZipInfo

from importers import disk
from importers.port import Listing
from importers.xml_files import Source, looks_like_xml
from importers.xml_formats import format_of, what_it_is
from importers.xml_invoices import FILE, MOST_INVOICES, Draft, one_listing
from importers.xml_nodes import printable
from validators.errors import WrongUse

_MOST_FILES = 50_000
_LARGEST_FILE = 32 << 20
_LARGEST_WHOLE = 256 << 20
_MARK = b"PK\x03\x04"
_EMPTY = b"PK\x05\x06"
_ENTRY = b"PK\x01\x02"
_OFFICE = (b"[Content_Types].xml", b"mimetypeapplication/", b"xl/workbook.")
_OFFICE_NAMES = frozenset(("[Content_Types].xml", "mimetype", "xl/workbook.xml"))
_UTF8_FLAG, _ENCRYPTED_FLAG = 0x800, 0x1
_DAMAGED = (BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError, LookupError)


class InvoiceArchive:
    """A ZIP of XML files: one list of all their invoices, each with the name of its file."""

    name = "ZIP of XML invoices"

    def recognises(self, path: Path, head: bytes) -> bool:
        """Whether it is a ZIP, and no workbook or document, which are ZIPs too."""
        if not head.startswith((_MARK, _EMPTY)) or any(mark in head for mark in _OFFICE):
            return False
        try:
            with ZipFile(BytesIO(_bounded(path))) as archive:
                return _OFFICE_NAMES.isdisjoint(archive.namelist())
        except (*_DAMAGED, WrongUse):
            return True  # listings() says what is wrong with it

    def listings(self, path: Path) -> Iterator[Listing]:
        """The one list; files that hold no invoices, or damaged ones, are named in its notes.

        Raises:
            WrongUse: the archive is damaged, too big, or nothing in it can be read.
        """
        try:
            with ZipFile(BytesIO(_bounded(path))) as archive:
                yield one_listing(path.name, _Reading(path.name, archive).drafts())
        except _DAMAGED as error:
            raise WrongUse(
                f"{path.name} is a damaged ZIP: {printable(str(error), 100)}.", "Fetch or pack it again."
            ) from error


class _Reading:
    """Goes through an archive once, within bounds."""

    def __init__(self, name: str, archive: ZipFile) -> None:
        self._name, self._archive = name, archive
        self._left = _LARGEST_WHOLE

    def drafts(self) -> Iterator[Draft]:
        """Every invoice, the name of its file in a cell; a file without any is left out with the reason."""
        for entry in self._archive.infolist():
            name = readable_name(entry)
            if not entry.is_dir() and not name.startswith("__MACOSX/") and not name.endswith(".DS_Store"):
                yield from self._entry(entry, name)

    def _entry(self, entry: ZipInfo, name: str) -> list[Draft]:
        content, reason = self._content(entry)
        found = format_of(content)
        if reason or found is None:
            return [_left_out(name, reason or _no_invoice(content))]
        try:
            drafts = list(islice(found.invoices(Source(name, content)), MOST_INVOICES + 1))
        except WrongUse as error:
            return [_left_out(name, f"it {error.what.removeprefix(name).strip(' .')}")]
        for draft in drafts:
            draft.put(FILE, name)
            draft.name = draft.name or name
        return drafts or [_left_out(name, "it holds no invoices")]

    def _content(self, entry: ZipInfo) -> tuple[bytes, str]:
        """What the entry holds, whatever size it claims; or why it was not read."""
        if entry.flag_bits & _ENCRYPTED_FLAG:
            return b"", "it is encrypted"
        try:
            with self._archive.open(entry) as file:
                content = file.read(min(_LARGEST_FILE, self._left) + 1)
        except _DAMAGED:
            return b"", "it is damaged"
        self._left -= len(content)
        if self._left < 0:
            raise _too_big(self._name, f"more than {_LARGEST_WHOLE >> 20} MB when unpacked")
        return content, f"it is larger than {_LARGEST_FILE >> 20} MB" if len(content) > _LARGEST_FILE else ""


def _bounded(path: Path) -> bytes:
    """The archive, if its directory is of a bearable size: that is read whole as soon as it is opened."""
    content = disk.content(path)
    if content.count(_ENTRY) > _MOST_FILES:
        raise _too_big(path.name, f"more than {_MOST_FILES:,} files")
    return content


def readable_name(entry: ZipInfo) -> str:
    """The entry's name: programs that set no flag for UTF-8 write it all the same, or the code page of DOS, in Poland
    852. Control signs are shown as `?`."""
    name = entry.filename
    if not entry.flag_bits & _UTF8_FLAG:
        raw = name.encode("cp437", "replace")
        try:
            name = raw.decode("utf-8")
        except UnicodeDecodeError:
            name = raw.decode("cp852")
    return printable(name, 250)


def _left_out(name: str, reason: str) -> Draft:
    return Draft(name=name, remarks=[f"Left out, because {reason}"], left_out=True)


def _no_invoice(content: bytes) -> str:
    if content.startswith(_MARK):
        return "a ZIP within a ZIP is not opened"
    return f"it {what_it_is(content)}" if looks_like_xml(content[:64]) else "it is no XML"


def _too_big(name: str, why: str) -> WrongUse:
    return WrongUse(f"{name} holds {why}.", "Split it into smaller archives.")
