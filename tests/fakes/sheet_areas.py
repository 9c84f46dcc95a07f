"""Where cells are: A1 notation and rectangles of a grid. Pure; what moves them is sheet_changes.py's."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.fakes.sheet_errors import invalid

ROWS, COLUMNS = "ROWS", "COLUMNS"
CELLS = re.compile(r"\$?([A-Za-z]{1,3})?\$?([1-9]\d*)?(?:(:)\$?([A-Za-z]{1,3})?\$?([1-9]\d*)?)?")
PLAIN_TITLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle of cells, 0-based and half-open; None is an open end."""

    top: int = 0
    bottom: int | None = None
    left: int = 0
    right: int | None = None

    def a1(self, title: str = "") -> str:
        """The area in A1 notation, with the sheet's title before it, quoted where it must be."""
        first = f"{letters(self.left)}{self.top + 1}"
        last = "" if self.right is None else letters(self.right - 1)
        last += "" if self.bottom is None else str(self.bottom)
        cells = first if last == first else f"{first}:{last}" if last else f"{first}:"
        return f"{quoted(title)}!{cells}" if title else cells

    def cut(self, rows: int, columns: int, title: str) -> "Area":
        """The area as far as a grid of this size reaches.

        Raises:
            ApiError: 400, it starts outside of the grid.
        """
        if self.top >= rows or self.left >= columns:
            raise invalid(f"Range ({self.a1(title)}) exceeds grid limits. Max rows: {rows}, max columns: {columns}")
        bottom = rows if self.bottom is None else min(self.bottom, rows)
        right = columns if self.right is None else min(self.right, columns)
        return Area(self.top, bottom, self.left, right)

    def meets(self, other: "Area") -> bool:
        """Whether the two share a cell."""
        return (
            (other.bottom is None or self.top < other.bottom)
            and (self.bottom is None or other.top < self.bottom)
            and (other.right is None or self.left < other.right)
            and (self.right is None or other.left < self.right)
        )

    def covers(self, other: "Area") -> bool:
        """Whether all cells of `other` lie in this area."""
        below = self.bottom is None or (other.bottom is not None and other.bottom <= self.bottom)
        beside = self.right is None or (other.right is not None and other.right <= self.right)
        return self.top <= other.top and self.left <= other.left and below and beside


def area_of(grid_range: Mapping[str, Any]) -> Area:
    """A GridRange's rectangle.

    Raises:
        ApiError: 400, an end before its start.
    """
    area = Area(
        grid_range.get("startRowIndex") or 0,
        grid_range.get("endRowIndex"),
        grid_range.get("startColumnIndex") or 0,
        grid_range.get("endColumnIndex"),
    )
    for name, start, end in (("Row", area.top, area.bottom), ("Column", area.left, area.right)):
        if start < 0 or (end is not None and end < start):
            raise invalid(f"GridRange.end{name}Index[{end}] is before start{name}Index[{start}]")
    return area


def letters(column: int) -> str:
    """A column's letters: 0 is A, 26 is AA."""
    text = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


def column_of(text: str) -> int:
    """The 0-based number of a column's letters."""
    number = 0
    for letter in text.upper():
        number = number * 26 + ord(letter) - 64
    return number - 1


def quoted(title: str) -> str:
    """A title as it stands before `!`: in quotes unless it is a plain word that is no cell."""
    if PLAIN_TITLE.fullmatch(title) and cells_of(title) is None:
        return title
    return "'" + title.replace("'", "''") + "'"


def split(text: str) -> tuple[str | None, str]:
    """The title before the `!` and the cells after it; None for no title, "" for no cells.

    Raises:
        ApiError: 400, a quoted title that does not end or is followed by something else.
    """
    if not text.startswith("'"):
        title, mark, cells = text.rpartition("!")
        if mark and not cells:
            raise unparsed(text)
        return (title, cells) if mark else (None, text)
    match = re.fullmatch(r"'((?:[^']|'')+)'(?:!(.+))?", text, re.DOTALL)
    if match is None:
        raise unparsed(text)
    return match[1].replace("''", "'"), match[2] or ""


def cells_of(text: str) -> Area | None:
    """What `A1`, `A1:B2`, `A:C`, `1:60` or `A5:Z` covers; None if `text` is none of them."""
    match = CELLS.fullmatch(text)
    if match is None or not (match[1] or match[2]):
        return None
    left, top, colon, right, bottom = match.groups()
    if not colon:
        right, bottom = left, top
        if not (left and top):
            return None
    elif not (right or bottom):
        return None
    rows = _span(top and int(top) - 1, bottom and int(bottom) - 1)
    columns = _span(left and column_of(left), right and column_of(right))
    return Area(rows[0], rows[1], columns[0], columns[1])


def _span(first: Any, last: Any) -> tuple[int, int | None]:
    if first is None or last is None:
        return (first or 0, None) if last is None else (0, last + 1)
    return min(first, last), max(first, last) + 1


def unparsed(text: str) -> Exception:
    """400 for a range that means nothing here."""
    return invalid(f"Unable to parse range: {text}")
