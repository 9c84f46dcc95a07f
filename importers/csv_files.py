"""CSV and TSV files, and what people call so: any encoding, any delimiter, titles above the header, totals below."""

import codecs
from collections.abc import Iterator
from pathlib import Path

from importers.address_books import address_book
from importers.charsets import Charset, charset
from importers.columnar import Kept
from importers.delimiters import Delimited, delimited
from importers.disk import content
from importers.port import Listing
from importers.tables import above_note, lay_out
from validators.errors import WrongUse

LARGEST = 64 * 1024 * 1024
_BLOCK = 1 << 20
# How formats begin that are no table: XML and HTML, JSON, vCards, PDF, PostScript, RTF, MT940, scripts; and a ZIP of
# little but blanks, which looks like text.
_OTHERS = ("PK\x03\x04", "<", "{", "[{", "[\n", "[\r", "[ ", "[]", "BEGIN:VCARD", "%PDF", "%!PS", ":20:", "#!")
_CONTROLS = dict.fromkeys(set(range(1, 32)) - set(map(ord, "\t\n\r\f\v\x1a\x1b")))
_MOST_CONTROLS, _MOST_NULS = 0.02, 0.1


class CsvFiles:
    """CSV, TSV and other text with one record a line."""

    name = "CSV"

    def recognises(self, path: Path, head: bytes) -> bool:  # noqa: ARG002 - its name does not matter
        """Whether `head` is text, and of no other kind."""
        text = head.decode(charset(head).encoding, "replace").removeprefix("\ufeff").lstrip()
        if not text or text[:12].upper().startswith(_OTHERS):
            return False
        plain = text.replace("\0", "")
        controls = len(plain) - len(plain.translate(_CONTROLS))
        return controls <= len(text) * _MOST_CONTROLS and len(text) - len(plain) <= len(text) * _MOST_NULS

    def listings(self, path: Path) -> Iterator[Listing]:
        """The one list of the file.

        Raises:
            WrongUse: too big, no text, or no row in it.
        """
        data = content(path, LARGEST)
        found = charset(data)
        notes = [found.note] if found.note else []
        plain, encoding = _plain(data, found, notes)
        del data
        yield _listing(path, delimited(plain, encoding), notes)


def _listing(path: Path, text: Delimited, notes: list[str]) -> Listing:
    unclosed: list[int] = []
    kept = Kept()
    layout = lay_out(kept.keeping(text.records(unclosed)))
    if not layout.last_line:
        raise WrongUse(f"{path} holds no rows.", "Export the list again, or name another file.")
    if unclosed:
        shown = ", ".join(map(str, unclosed[:5])) + (" …" if len(unclosed) > 5 else "")
        notes.append(f"Quotation marks that are never closed ({len(unclosed)}), in line {shown}: check these rows.")
    known = address_book(layout.columns)
    found = kept.rows(layout)
    return Listing(
        "clients" if known.meaning else "",
        path.stem,
        layout.columns,
        map(known.tidied, found) if known.meaning else found,
        known.meaning,
        (*notes, *above_note(layout), *layout.notes),
    )


def _plain(data: bytes, found: Charset, notes: list[str]) -> tuple[bytes, str]:
    """The text as bytes without NULs, and their encoding; what could not be read is added to `notes`."""
    encoding = found.encoding
    if encoding.startswith(("utf-16", "utf-32")):
        data, encoding = data.decode(encoding, "replace").encode("utf-8", "replace"), "utf-8"
    lost = 0 if found.clean else _unreadable(data, encoding)
    if lost:
        notes.append(f"Characters that cannot be read ({lost}) stand as “\ufffd”: the file is damaged or cut off.")
    nuls = data.count(0)
    if nuls:
        notes.append(f"NUL characters ({nuls}) were left out.")
        data = data.replace(b"\0", b"")
    return data, encoding


def _unreadable(data: bytes, encoding: str) -> int:
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    blocks = (decoder.decode(data[i : i + _BLOCK], i + _BLOCK >= len(data)) for i in range(0, len(data), _BLOCK))
    return sum(block.count("\ufffd") for block in blocks)
