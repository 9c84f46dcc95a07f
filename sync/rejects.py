"""The rows that an import did not take, in the file's own columns and with the reason: mend them, import them again.

Touches files. A cell that a spreadsheet would run as a formula begins with an apostrophe, which the import takes off
again; an older list of rejected rows is never overwritten.
"""

import csv
import re
from collections.abc import Iterable, Sequence
from io import StringIO
from itertools import count
from pathlib import Path

from config.import_words import REASON, text
from importers.mapping import REASON_HEADERS
from importers.safe_cells import guarded
from importers.source import Source
from importers.verdicts import Ruling, Verdict
from validators.errors import OutOfReach
from validators.rows import as_text
from validators.text import fold

_SUFFIX = ".rejected"
_OURS = re.compile(r"\.rejected(?:-[0-9]+)?$")


def rejected(rulings: Iterable[Ruling]) -> list[Ruling]:
    """Those that a person must look at."""
    return [ruling for ruling in rulings if ruling.verdict in (Verdict.REJECTED, Verdict.CONFLICT)]


def content(source: Source, rulings: Iterable[Ruling], language: str, delimiter: str) -> str:
    """The list of rejected rows as CSV: the source's columns and, last, the reason."""
    told = set(map(fold, REASON_HEADERS))
    names = [name for name in source.columns if fold(name) not in told]
    places = {row: ruling for ruling in rulings for row in ruling.rows}
    page = StringIO()
    writer = csv.writer(page, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow([guarded(name) for name in [*names, REASON.in_language(language)]])
    for row, ruling in sorted(places.items()):
        reasons = " | ".join(text(reason, language) for reason in ruling.reasons)
        cells = [as_text(source.columns[name][row]) for name in names]
        writer.writerow([guarded(cell) for cell in [*cells, reasons]])
    return page.getvalue()


def write(path: Path, page: str) -> Path:
    """Put the list at `path`, or beside it under a number when another one is there; where it is now.

    Raises:
        OutOfReach: it cannot be written there.
    """
    content = page.encode("utf-8-sig")
    try:
        for number in count(1):
            place = path if number == 1 else path.with_name(f"{path.stem}-{number}{path.suffix}")
            if not place.exists() or place.read_bytes() == content:
                break
        temporary = place.with_name(f".{place.name}.new")
        temporary.write_bytes(content)
        temporary.replace(place)
    except OSError as error:
        raise OutOfReach(
            f"The rejected rows cannot be written to {path}: {error.strerror}. Everything else was imported.",
            "Name another place: --rejects PATH. Running the import again changes nothing that is there already.",
        ) from error
    return place


def place_beside(file: Path, title: str = "") -> Path:
    """Where the rejected rows of `file` go: NAME.rejected.csv; of one of several lists with its title in between."""
    stem = _OURS.sub("", file.stem)
    middle = "".join(c if c.isalnum() else "-" for c in title).strip("-")
    return file.with_name(f"{stem}.{middle}{_SUFFIX}.csv" if middle else f"{stem}{_SUFFIX}.csv")


def delimiter_of(head: bytes, columns: Sequence[str]) -> str:
    """ ";" when the columns of the file are separated so, else ","."""
    line = next((part for part in head.replace(b"\x00", b"").splitlines() if part.count(b";") >= len(columns) - 1), b"")
    return ";" if len(columns) > 1 and line.count(b";") > line.count(b",") else ","
