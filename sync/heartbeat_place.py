"""Where on its tab the heartbeat is to stand: pure. People may sort, move and type there as they like.

What is ours is known by its words. As long as the heading, the labels and a value of ours beside each of them stand as
they were written, they are written over in place. When people have taken them apart, what is left of them is cleared,
and all of it is written anew below everything else: no cell of anybody else's is ever written to.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from config.heartbeat_words import LABELS, is_label, is_value
from sync.heartbeat import Heartbeat
from sync.snapshot import Sheet
from validators.rows import Cell, is_blank

_Spot = tuple[int, int]
_GAP = 1  # rows between what people wrote and what is written anew


@dataclass(frozen=True, slots=True)
class Spots:
    """The cells to set, 0-based; None clears one. The heartbeat begins at `top`, `left`; where it `is_new` there, its
    cells have no look yet."""

    top: int
    left: int
    is_new: bool
    cells: Mapping[_Spot, Cell]


def spots(sheet: Sheet, heartbeat: Heartbeat) -> Spots:
    """What to write on the `sheet` of the heartbeat, wherever people have moved it."""
    standing = {
        (row, column): value
        for row, line in enumerate(sheet.rows)
        for column, value in enumerate(line)
        if not is_blank(value)
    }
    typed = {spot: value for spot, value in standing.items() if spot not in sheet.formulas}
    for spot, value in typed.items():
        if isinstance(value, str) and is_label(value, "") and _is_whole(typed, *spot):
            return Spots(*spot, is_new=False, cells=dict(_block(heartbeat, *spot)))
    scattered = set(_ours(typed))
    below = max((row + 1 + _GAP for row, column in standing if (row, column) not in scattered), default=0)
    cells: dict[_Spot, Cell] = dict.fromkeys(scattered)
    return Spots(below, 0, is_new=True, cells=cells | dict(_block(heartbeat, below, 0)))


def is_heartbeat(sheet: Sheet) -> bool:
    """Whether a heading of the heartbeat stands on the sheet."""
    return any(isinstance(value, str) and is_label(value, "") for line in sheet.rows for value in line)


def _block(heartbeat: Heartbeat, top: int, left: int) -> Iterator[tuple[_Spot, Cell]]:
    yield (top, left), heartbeat.heading
    for row, (label, value) in enumerate(heartbeat.lines, start=top + 1):
        yield (row, left), label
        yield (row, left + 1), value


def _is_whole(typed: Mapping[_Spot, Cell], top: int, left: int) -> bool:
    """Whether below the heading there all labels stand in their order, each with a value of ours beside it."""
    for row, name in enumerate(LABELS, start=top + 1):
        label = typed.get((row, left))
        if not (isinstance(label, str) and is_label(label, name) and _is_our_value(typed.get((row, left + 1)))):
            return False
    return True


def _ours(typed: Mapping[_Spot, Cell]) -> Iterator[_Spot]:
    """Headings and labels of ours, and values of ours beside labels."""
    for (row, column), value in typed.items():
        if not isinstance(value, str):
            continue
        if is_label(value, ""):
            yield row, column
        if any(is_label(value, name) for name in LABELS):
            yield row, column
            yield from _value_beside(typed, row, column)


def _value_beside(typed: Mapping[_Spot, Cell], row: int, column: int) -> Iterator[_Spot]:
    """The next cell to the right that holds anything, or else to the left, if that holds a value of ours."""
    line = sorted(there for at, there in typed if at == row)
    beside = [*[c for c in line if c > column][:1], *[c for c in line if c < column][-1:]]
    yield from [(row, c) for c in beside if _is_our_value(typed[row, c])][:1]


def _is_our_value(value: Cell) -> bool:
    if isinstance(value, str):
        return is_value(value)
    return isinstance(value, date | int | float) and not isinstance(value, bool)
