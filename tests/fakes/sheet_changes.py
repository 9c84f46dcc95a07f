"""What inserting, deleting and moving rows or columns does to places, and to all that is bound to them. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from tests.fakes.sheet_areas import ROWS

T = TypeVar("T")
BEYOND = 1 << 40


class Change(Protocol):
    """What happens to the rows or columns of a sheet."""

    def index(self, index: int) -> int | None:
        """Where the row or column is afterwards; None if it is gone."""

    def span(self, start: int, end: int) -> tuple[int, int] | None:
        """What a range of rows or columns covers afterwards; None if nothing is left of it."""

    def items(self, items: Sequence[T], blank: T) -> list[T]:
        """The items at these places afterwards; places without an item hold `blank`."""


@dataclass(frozen=True, slots=True)
class Insert:
    """`count` new ones before the one at `at`."""

    at: int
    count: int

    def index(self, index: int) -> int | None:
        return index + self.count if index >= self.at else index

    def span(self, start: int, end: int) -> tuple[int, int] | None:
        return (start + self.count if start >= self.at else start), (end + self.count if end > self.at else end)

    def items(self, items: Sequence[T], blank: T) -> list[T]:
        if self.at >= len(items):
            return list(items)
        return [*items[: self.at], *[blank] * self.count, *items[self.at :]]


@dataclass(frozen=True, slots=True)
class Delete:
    """Those from `at` on, `count` of them, are gone."""

    at: int
    count: int

    def index(self, index: int) -> int | None:
        if self.at <= index < self.at + self.count:
            return None
        return index - self.count if index >= self.at else index

    def span(self, start: int, end: int) -> tuple[int, int] | None:
        left, right = self._border(start), self._border(end)
        return (left, right) if left < right else None

    def _border(self, border: int) -> int:
        return border - min(self.count, max(0, border - self.at))

    def items(self, items: Sequence[T], blank: T) -> list[T]:
        return [*items[: self.at], *items[self.at + self.count :]]


@dataclass(frozen=True, slots=True)
class Move:
    """Those from `first` on, `count` of them, stand before the one that was at `to` (counted before the move)."""

    first: int
    count: int
    to: int

    @property
    def _landing(self) -> int:
        return self.to - self.count if self.to > self.first else self.to

    def index(self, index: int) -> int | None:
        if self.first <= index < self.first + self.count:
            return index - self.first + self._landing
        return Insert(self._landing, self.count).index(Delete(self.first, self.count).index(index) or 0)

    def span(self, start: int, end: int) -> tuple[int, int] | None:
        rest = Delete(self.first, self.count).span(start, end)
        if rest is None:
            return start - self.first + self._landing, end - self.first + self._landing
        return Insert(self._landing, self.count).span(*rest)

    def items(self, items: Sequence[T], blank: T) -> list[T]:
        whole = [*items, *[blank] * (max(self.to, self.first + self.count) - len(items))]
        moved = whole[self.first : self.first + self.count]
        rest = Delete(self.first, self.count).items(whole, blank)
        return [*rest[: self._landing], *moved, *rest[self._landing :]]


def shifted(grid_range: Mapping[str, Any], dimension: str, change: Change) -> dict[str, Any] | None:
    """A GridRange after `change`; open ends stay open, None if nothing is left of it."""
    name = "Row" if dimension == ROWS else "Column"
    start, end = grid_range.get(f"start{name}Index"), grid_range.get(f"end{name}Index")
    if start is None and end is None:
        return dict(grid_range)
    span = change.span(start or 0, BEYOND if end is None else end)
    if span is None:
        return None
    moved = dict(grid_range)
    if start is not None:
        moved[f"start{name}Index"] = span[0]
    if end is not None:
        moved[f"end{name}Index"] = span[1]
    return moved


def moved(own: Mapping[int, dict[str, Any]], change: Change) -> dict[int, dict[str, Any]]:
    """What belongs to rows or columns, by their number, afterwards."""
    return {new: item for old, item in own.items() if (new := change.index(old)) is not None}


def ranges(items: Iterable[dict[str, Any]], name: str, dimension: str, change: Change) -> Iterable[dict[str, Any]]:
    """Items that lie over a GridRange, afterwards; those of which nothing is left are gone."""
    for item in items:
        if name not in item:
            yield item
        elif (new := shifted(item[name], dimension, change)) is not None:
            yield {**item, name: new}


def rules(rules: Iterable[dict[str, Any]], dimension: str, change: Change) -> Iterable[dict[str, Any]]:
    """Conditional formats, each over several ranges, afterwards."""
    for rule in rules:
        left = [new for old in rule.get("ranges", ()) if (new := shifted(old, dimension, change)) is not None]
        if left:
            yield {**rule, "ranges": left}


def metadata(items: Iterable[dict[str, Any]], dimension: str, change: Change) -> Iterable[dict[str, Any]]:
    """Developer metadata afterwards; it goes with its row or column."""
    for item in items:
        place = item["location"].get("dimensionRange")
        if place is None or place["dimension"] != dimension:
            yield item
        elif (new := change.index(place["startIndex"])) is not None:
            at = {**place, "startIndex": new, "endIndex": new + 1}
            yield {**item, "location": {**item["location"], "dimensionRange": at}}
