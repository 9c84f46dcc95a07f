"""Address books as vCards 2.1, 3.0 and 4.0 (RFC 6350, RFC 2426), read as phones and mail programs write them.

Read leniently: each program breaks the standard in its own way. What is no part of a client (photos, birthdays) is
left out and counted.
"""

import codecs
import quopri
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from io import BytesIO, TextIOWrapper
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from importers.charsets import charset
from importers.disk import content
from importers.port import Listing
from validators.errors import WrongUse
from validators.rows import Cell, Row

LARGEST = 64 * 1024 * 1024
MEANING = {
    "FN": "name",
    "ORG": "company",
    "TITLE": "",
    "TEL": "phone",
    "TEL (fax)": "",
    "EMAIL": "email",
    "ADR (street)": "street",
    "ADR (code)": "postal_code",
    "ADR (city)": "city",
    "ADR (country)": "country",
    "CATEGORIES": "tags",
    "NOTE": "notes",
    "URL": "",
    "UID": "",
}
_PROPERTY = re.compile(r"(?:[\w-]+\.)?([A-Za-z][A-Za-z0-9-]*)((?:;(?:\"[^\"]*\"|[^:;\"])*+)*+):(.*)", re.DOTALL)
_AGENT = re.compile(r"(?:[\w-]+\.)?AGENT[;:]")
_SEVERAL = {"TEL": ", ", "TEL (fax)": ", ", "EMAIL": ", ", "CATEGORIES": ", ", "NOTE": "\n", "URL": ", "}
_BINARY = {"PHOTO", "LOGO", "SOUND", "KEY"}
_SILENT = {"BEGIN", "END", "VERSION", "N", "PRODID", "REV", "LABEL"}
_MOST_CARDS = 100_000
_FAX, _PAGER, _PREFERRED = {"FAX"}, {"PAGER"}, {"PREF", "PREF=1"}


class VCards:
    """One or many cards in a file."""

    name = "vCard"

    def recognises(self, path: Path, head: bytes) -> bool:  # noqa: ARG002
        """Whether the file begins as a card does."""
        text = head[:4096].decode(charset(head[:4096]).encoding, "replace").removeprefix("\ufeff").lstrip()
        return text[:11].upper() == "BEGIN:VCARD"

    def listings(self, path: Path) -> Iterator[Listing]:
        """The cards; a row's line is the number of its card.

        Raises:
            WrongUse: too big, or no card in it.
        """
        data = content(path, LARGEST)
        found = charset(data)
        if found.encoding.startswith(("utf-16", "utf-32")):
            data = data.decode(found.encoding, "replace").encode("utf-8", "replace")
        encoding = found.encoding if found.encoding in ("cp1250", "iso8859-2", "cp852", "cp1252") else "utf-8"
        left_out, unended = Counter[str](), Counter[str]()
        found_cards = _cards(TextIOWrapper(BytesIO(data.removeprefix(codecs.BOM_UTF8)), "latin-1"), unended)
        cards = [_card(lines, encoding, left_out) for lines in islice(found_cards, _MOST_CARDS + 1)]
        if len(cards) > _MOST_CARDS:
            raise WrongUse(f"{path} holds more than {_MOST_CARDS} cards.", "Export the contacts in several files.")
        if not any(cards):
            raise WrongUse(f"{path} holds no cards.", "Export the contacts again as vCard (.vcf).")
        notes = [found.note] if found.note else []
        if left_out:
            notes.append(
                f"Left out of the cards: {', '.join(f'{name} ({n})' for name, n in left_out.most_common(12))}."
            )
        if unended:
            notes.append(f"Cards without an end: {unended['cards']}. They were read as far as they go.")
        rows = (Row(number, "", cells) for number, cells in enumerate(cards, start=1))
        yield Listing("clients", path.stem, tuple(MEANING), rows, MEANING, tuple(notes))


class _Property(NamedTuple):
    name: str
    flags: frozenset[str]
    value: str


def _cards(text: Iterable[str], unended: Counter[str]) -> Iterator[list[str]]:
    """The lines of each card, put together again; a card within a card (AGENT) is left out. One that begins where
    another has not ended is the next: so files look that were put together of broken ones."""
    card: list[str] = []
    depth, before = 0, ""
    for line in _unfolded(text):
        mark = line.strip().upper()
        if mark == "BEGIN:VCARD" and depth and not _AGENT.match(before):
            unended["cards"] += 1
            if card:
                yield card
            card, depth = [], 1
        elif mark == "BEGIN:VCARD":
            depth += 1
            card = [] if depth == 1 else card
        elif mark == "END:VCARD":
            depth = max(0, depth - 1)
            if depth == 0:
                yield card
                card = []
        elif depth == 1:
            card.append(line)
        before = mark
    if card:
        unended["cards"] += 1
        yield card


def _unfolded(text: Iterable[str]) -> Iterator[str]:
    """Lines as meant: a blank at the start, or a soft break `=` at the end of quoted-printable, goes on."""
    parts: list[str] = []
    soft = False
    for ended in text:
        line = ended.rstrip("\n")
        if soft or (parts and line[:1] in (" ", "\t")):
            parts.append(line if soft else line[1:])
        elif parts and line and not _PROPERTY.match(line):
            parts.append("\n" + line)
        else:
            if parts:
                yield "".join(parts)
            parts = [line]
        soft = line.endswith("=") and "QUOTED-PRINTABLE" in parts[0].upper().partition(":")[0]
        if soft:
            parts[-1] = parts[-1][:-1]
    if parts:
        yield "".join(parts)


def _card(lines: Iterable[str], encoding: str, left_out: Counter[str]) -> dict[str, Cell]:
    found: dict[str, list[str]] = {}
    surname: list[str] = []
    properties = [read for line in lines if (read := _property(line, encoding))]
    old = any(p.name == "VERSION" and p.value.strip() == "2.1" for p in properties)
    properties.sort(key=lambda p: not p.flags & _PREFERRED)
    address = min((p for p in properties if p.name == "ADR"), key=lambda p: "WORK" not in p.flags, default=None)
    for p in properties:
        if p.name == "N":
            surname = _parts(p.value, old=old)
        known = [] if p.name == "ADR" and p is not address else list(_cells(p, old=old))
        for name, value in known:
            if value and (name in _SEVERAL or name not in found):
                found.setdefault(name, []).append(value)
        if not known and p.name not in _SILENT:
            left_out[p.name] += 1
    if "FN" not in found and surname:
        first = [*surname[1:3], *surname[:1]]
        found["FN"] = [" ".join(part for part in first if part)]
    return {name: _SEVERAL.get(name, " ").join(dict.fromkeys(values)) for name, values in found.items()}


def _property(line: str, encoding: str) -> _Property | None:
    match = _PROPERTY.match(line)
    if not match:
        return None
    name = match[1].upper()
    flags = frozenset(
        flag.strip().strip('"')
        for part in match[2].upper().split(";")
        for flag in part.removeprefix("TYPE=").split(",")
    )
    raw = b"" if name in _BINARY else match[3].encode("latin-1")
    if "QUOTED-PRINTABLE" in flags or "ENCODING=QUOTED-PRINTABLE" in flags:
        raw = quopri.decodestring(raw)
    named = next((flag.removeprefix("CHARSET=") for flag in flags if flag.startswith("CHARSET=")), "")
    return _Property(name, flags, _decoded(raw, named, encoding))


def _decoded(raw: bytes, named: str, encoding: str) -> str:
    """The text in the encoding that the property names; where that fails, in the file's, in windows-1250."""
    for candidate in (named, "utf-8", encoding, "cp1250"):
        try:
            return raw.decode(codecs.lookup(candidate).name) if candidate else raw.decode(encoding)
        except (ValueError, LookupError):
            continue
    return raw.decode("utf-8", "replace")


def _cells(p: _Property, *, old: bool) -> Iterator[tuple[str, str]]:
    """The columns that a property fills; none when it is no part of a client."""
    if p.name == "ADR":
        _, extra, street, city, _, code, country, *_ = [*_parts(p.value, old=old), *[""] * 7]
        flat = ", ".join(part.strip(" ,") for part in (street, extra) if part)
        yield from zip(
            ("ADR (street)", "ADR (code)", "ADR (city)", "ADR (country)"), (flat, code, city, country), strict=True
        )
    elif p.name == "ORG":
        yield "ORG", next((part for part in _parts(p.value, old=old) if part), "")
    elif p.name == "TEL":
        if not p.flags & _PAGER:
            yield ("TEL (fax)" if p.flags & _FAX else "TEL"), _plain(p.value, old=old).removeprefix("tel:")
    elif p.name in MEANING:
        yield p.name, _plain(p.value, old=old).removeprefix("mailto:")


def _parts(value: str, *, old: bool) -> list[str]:
    return [_plain(part, old=old) for part in re.split(r"(?<!\\);", value)]


def _plain(value: str, *, old: bool) -> str:
    r"""`value` without escapes; version 2.1 knows `\;` only, but `\,` and `\:` are written there, too."""
    if not old:
        value = re.sub(r"\\[nN]", "\n", value)
    return re.sub(r"\\([;,:\"\\])", r"\1", value).replace("\r\n", "\n").strip()
