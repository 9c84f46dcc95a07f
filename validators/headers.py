"""Finding a tab's header row and its columns, whatever the language, order, case, accents or title rows above it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from rapidfuzz import fuzz, process

from validators.tabs import Field, Tab
from validators.text import fold

SEARCH_ROWS = 60


@dataclass(frozen=True, slots=True)
class Header:
    """Where a tab's header stands: 0-based row `index`, 0-based column of each field found.

    `duplicates` names headers that occur twice (the first one counts), `absent` the optional fields without a column.
    """

    index: int
    columns: dict[str, int]
    duplicates: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NoHeader:
    """No row carries the required headers. `missing` is what the best row (1-based `line`, 0 = none) lacks,
    each with the header that stands there and comes nearest, or ""."""

    line: int
    missing: tuple[tuple[Field, str], ...]


def find_header(grid: Sequence[Sequence[object]], tab: Tab) -> Header | NoHeader:
    """The first row among the first 60 that carries every required header of `tab`, or what is missing."""
    best: tuple[int, int, dict[str, int]] = (0, -1, {})
    for index, cells in enumerate(grid[:SEARCH_ROWS]):
        columns, duplicates = _match(cells, tab)
        if all(f.name in columns for f in tab.required):
            absent = tuple(f.name for f in tab.fields if f.name not in columns)
            return Header(index, columns, duplicates, absent)
        if len(columns) > best[0]:
            best = (len(columns), index, columns)
    _, index, columns = best
    missing = [f for f in tab.required if f.name not in columns]
    spare = [c for i, c in enumerate(grid[index]) if i not in columns.values()] if index >= 0 else []
    return NoHeader(index + 1, tuple((f, _nearest(f, spare)) for f in missing))


def _match(cells: Sequence[object], tab: Tab) -> tuple[dict[str, int], tuple[str, ...]]:
    known = _labels(tab)
    columns: dict[str, int] = {}
    duplicates: list[str] = []
    for position, cell in enumerate(cells):
        name = known.get(fold(cell)) if isinstance(cell, str) else None
        if name is None:
            continue
        if name in columns:
            duplicates.append(str(cell).strip())
        else:
            columns[name] = position
    return columns, tuple(duplicates)


@cache
def _labels(tab: Tab) -> dict[str, str]:
    labels = {fold(s): f.name for f in tab.fields for s in f.synonyms}
    return labels | {fold(label): f.name for f in tab.fields for label in (f.en, f.pl)}


def _nearest(field: Field, cells: Sequence[object]) -> str:
    texts = {fold(c): c.strip() for c in cells if isinstance(c, str) and c.strip()}
    best = [process.extractOne(fold(label), texts.keys(), scorer=fuzz.ratio) for label in (field.pl, field.en)]
    scored = max((b for b in best if b), key=lambda b: b[1], default=None)
    return texts[scored[0]] if scored and scored[1] >= 60 else ""
