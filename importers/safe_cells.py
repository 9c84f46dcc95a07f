"""Cells of a file that no sheet could hold, or that a spreadsheet would run: made safe on their way in and out. Pure.

On the way in go control characters, and the apostrophe that guards a text which would be taken for a formula.
"""

import re
from collections.abc import Iterable, Sequence
from itertools import repeat
from typing import cast

from validators.packed import Packed, joined
from validators.rows import Cell

_AT_ONCE, _FEW = 1000, 250

# What a spreadsheet runs when it stands first in a cell, signs of full width included (OWASP, "CSV injection").
_RUN = r"[=+\-@\t\r\n＝＋－＠]"
_GUARDED = re.compile(rf"'\s*{_RUN}")
_DANGEROUS = re.compile(rf"\s*{_RUN}|[\t\r\n]")
CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_PLAIN_NUMBER = re.compile(r"-[0-9][0-9 \u00a0.,]*")


def safe(cells: Sequence[Cell]) -> Sequence[Cell]:
    """`cells` without control characters, which no spreadsheet shows and some cannot hold, and `unguarded`.

    The quicker the fewer cells at once: so long as they are at hand.
    """
    if isinstance(cells, Packed):
        parts = ((part, list(part)) for part in cells.parts(_AT_ONCE))
        return joined(
            [
                part if (found := safe(texts)) is texts else Packed(cast(list[str | None], found))
                for part, texts in parts
            ]
        )
    whole = _together(cells)
    if whole.isprintable() and "'" not in whole:
        return cells
    return unguarded(cells if whole.isprintable() else _printable(cells))


def _together(cells: Sequence[Cell]) -> str:
    try:
        return "".join(cast(Sequence[str], cells))
    except TypeError:  # not all of them are texts
        return "".join(texts_of(cells))


def _printable(cells: Sequence[Cell]) -> Sequence[Cell]:
    return [CONTROLS.sub("", cell) if isinstance(cell, str) else cell for cell in cells]


def unguarded(cells: Sequence[Cell]) -> Sequence[Cell]:
    """`cells` without the apostrophe before what would be a formula: as a spreadsheet shows what was typed so.

    >>> unguarded(["'=1+1", "'+48 600", "'90", "O'Neil"])
    ['=1+1', '+48 600', "'90", "O'Neil"]
    """
    if not any(map(str.startswith, texts_of(cells), repeat("'"))):
        return cells
    return [cell[1:] if isinstance(cell, str) and _GUARDED.match(cell) else cell for cell in cells]


def any_longer(cells: Sequence[Cell], most: int) -> bool:
    """Whether a text among the cells may have more characters than that."""
    if isinstance(cells, Packed):
        return cells.longest > most
    parts = (cells[start : start + _FEW] for start in range(0, len(cells), _FEW))
    # Many together are soon measured, and seldom have as many.
    return any(len(_together(part)) > most and max(map(len, texts_of(part)), default=0) > most for part in parts)


def texts_of(cells: Sequence[Cell]) -> Iterable[str]:
    """The texts among the cells."""
    if set(map(type, cells)) <= {str, type(None)}:
        return cast(Iterable[str], filter(None, cells))
    return (cell for cell in cells if isinstance(cell, str))


def guarded(text: str) -> str:
    """`text` as a spreadsheet opens it without running it: with an apostrophe before it where it needs one.

    >>> guarded("=1+1"), guarded("-5,00"), guarded("-1+cmd|' /C calc'!A0"), guarded("+48 600"), guarded("'=1+1")
    ("'=1+1", '-5,00', "'-1+cmd|' /C calc'!A0", "'+48 600", "'=1+1")
    """
    return f"'{text}" if _DANGEROUS.match(text) and not _PLAIN_NUMBER.fullmatch(text) else text
