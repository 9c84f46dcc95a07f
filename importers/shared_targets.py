"""Several columns that a person gave to one target of one value: what is told of them. Pure.

That the first counts is done in shaping.py; columns that a format itself puts together are no news to anybody.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from importers.mapping import JOINED, ColumnMap
from importers.source import Source
from validators.rows import as_text
from validators.text import fold


class Shared(NamedTuple):
    """The columns of a target, the first of which counts, and in how many rows another says something else."""

    target: str
    columns: tuple[str, ...]
    lost: int


def shared(source: Source, found: ColumnMap) -> Iterator[Shared]:
    """The targets of one value that have several columns, as somebody chose."""
    for target, columns in found.by_target().items():
        chosen = any(source.meaning.get(column) != target for column in columns)
        if len(columns) > 1 and target not in JOINED and chosen:
            yield Shared(target, tuple(columns), _lost(source, columns))


def sentence(each: Shared, label: str) -> str:
    """What a person is told of it; `label` is what the target is called."""
    told = f"{', '.join(each.columns)} → {label}: of each row the first that is filled counts"
    return f"{told}; rows in which another says something else: {each.lost}." if each.lost else f"{told}."


def _lost(source: Source, columns: Sequence[str]) -> int:
    rows = zip(*(source.columns[column] for column in columns), strict=True)
    said = ({fold(text) or text for cell in cells if (text := as_text(cell).strip())} for cells in rows)
    return sum(1 for texts in said if len(texts) > 1)
