"""Long columns of texts in a fifth of the room that objects take: each is made anew when it is asked for. Pure."""

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, chain, pairwise, repeat
from operator import eq, sub
from typing import Any, TypeVar, cast, overload

from validators.rows import Cell

_T = TypeVar("_T")
_OFFSETS = "I"  # up to 4 GB of text
_AT_ONCE, _LONG = 1000, 1 << 20  # texts, and bytes: few enough to take no room, many enough to be quick
_BETWEEN = "\0"  # stands in hardly any text, so that many are told apart at once
_SEPARATOR = _BETWEEN.encode()


class Packed(Sequence[str | None]):
    """Texts in the order given; "" and None are both `blank`. What is a part of it has the same letters, uncopied.

    >>> list(Packed(["Żuraw", None, ""], blank="-"))
    ['Żuraw', '-', '-']
    """

    __slots__ = ("_blank", "_data", "_ends", "_places")

    def __init__(self, texts: Iterable[str | None], blank: str | None = "") -> None:
        self._data, self._ends, self._blank = bytearray(), array(_OFFSETS, [0]), blank
        self.extend(texts)

    def _with(self, places: range, blank: str | None) -> "Packed":
        made = Packed.__new__(Packed)
        made._data, made._ends, made._places, made._blank = self._data, self._ends, places, blank
        return made

    @classmethod
    def of_all(cls, parts: Sequence["Packed"]) -> "Packed":
        """The texts of all parts (one at least), one after the other."""
        first = parts[0]
        if all(one._ends is then._ends and one._places.stop == then._places.start for one, then in pairwise(parts)):
            return first._with(range(first._places.start, parts[-1]._places.stop), first._blank)
        return cls(chain.from_iterable(parts), first._blank)

    def extend(self, texts: Iterable[str | None]) -> None:
        """More of them; its parts stay as they are."""
        data, ends = self._data, self._ends
        for text in texts:
            if text:
                data += text.encode("utf-8", "surrogatepass")
            data += _SEPARATOR
            ends.append(len(data))
        self._places = range(len(ends) - 1)

    def with_blank(self, blank: str | None) -> "Packed":
        """The same texts with another blank."""
        return self._with(self._places, blank)

    def parts(self, size: int) -> Iterator["Packed"]:
        """The same, `size` texts at a time; fewer where they are long."""
        places = self._places
        while places:
            part = places[:size]
            while len(part) > 1 and self._ends[part.stop] - self._ends[part.start] > _LONG:
                part = part[: len(part) // 2]
            yield self._with(part, self._blank)
            places = places[len(part) :]

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, index: int) -> str | None: ...
    @overload
    def __getitem__(self, index: slice) -> "Packed": ...
    def __getitem__(self, index: int | slice) -> "str | Packed | None":
        place = self._places[index]
        if not isinstance(place, range):
            return self._text(place)
        if place.step != 1:
            return Packed(map(self._text, place), self._blank)
        return self._with(place if place else range(0), self._blank)

    def _text(self, place: int) -> str | None:
        found = self._data[self._ends[place] : self._ends[place + 1] - 1]
        return found.decode("utf-8", "surrogatepass") or self._blank

    def __iter__(self) -> Iterator[str | None]:
        return chain.from_iterable(part._texts() for part in self.parts(_AT_ONCE))

    def _texts(self) -> Sequence[str | None]:
        """All of them at once."""
        data = self._data[self._ends[self._places.start] : self._ends[self._places.stop] - 1]
        found: Sequence[str | None] = data.decode("utf-8", "surrogatepass").split(_BETWEEN)
        if len(found) != len(self._places):
            return list(map(self._text, self._places))
        return [text or self._blank for text in found] if self._blank != "" and "" in found else found

    @property
    def longest(self) -> int:
        """A length that no text goes beyond: that of the longest in UTF-8."""
        ends = self._ends[self._places.start : self._places.stop + 1]
        return max(map(sub, ends[1:], ends), default=0)


class Singles(Sequence[tuple[str, ...]]):
    """Cells that may hold several texts, as hardly any does: one of `texts`, or what `others` has by position.

    >>> list(Singles(["a", None, None], {2: ("b", "c")}))
    [('a',), (), ('b', 'c')]
    """

    __slots__ = ("others", "texts")

    def __init__(self, texts: Sequence[str | None], others: Mapping[int, tuple[str, ...]]) -> None:
        self.texts, self.others = texts, others

    @classmethod
    def of_all(cls, parts: Sequence["Singles"]) -> "Singles":
        """The cells of all parts, one after the other."""
        begins = accumulate(map(len, parts), initial=0)
        others = {
            begin + i: cell for begin, part in zip(begins, parts, strict=False) for i, cell in part.others.items()
        }
        return cls(joined([part.texts for part in parts]), others)

    def mapped(self, change: Callable[[str], str]) -> "Singles":
        """The cells with each text changed; themselves where that changes none."""
        texts = [None if text is None else change(text) for text in self.texts]
        others = {position: tuple(map(change, cell)) for position, cell in self.others.items()}
        same = others == self.others and all(map(eq, texts, self.texts))
        return self if same else Singles(Packed(texts, None) if isinstance(self.texts, Packed) else texts, others)

    def __len__(self) -> int:
        return len(self.texts)

    @overload
    def __getitem__(self, index: int) -> tuple[str, ...]: ...
    @overload
    def __getitem__(self, index: slice) -> list[tuple[str, ...]]: ...
    def __getitem__(self, index: int | slice) -> tuple[str, ...] | list[tuple[str, ...]]:
        if isinstance(index, slice):
            return [self[place] for place in range(len(self.texts))[index]]
        text = self.texts[index]
        if text is not None:
            return (text,)
        return self.others.get(range(len(self.texts))[index], ()) if self.others else ()

    def __iter__(self) -> Iterator[tuple[str, ...]]:
        return map(self.__getitem__, range(len(self.texts)))


def extended(column: Sequence[Cell], cells: Sequence[Cell]) -> Sequence[Cell]:
    """The column, which is used up, and those cells; packed so long as nothing but texts stands there."""
    if isinstance(column, Packed) and set(map(type, cells)) <= {str, type(None)}:
        column.extend(cast(Sequence[str | None], cells))
        return column
    found = column if isinstance(column, list) else list(column)
    found.extend(cells)
    return found


def packed_like(column: Packed, values: Sequence[Any]) -> Sequence[Any]:
    """What was made of a packed column of words, one for each: a text or None, or a tuple of texts; packed, too."""
    if not isinstance(values, Singles) and any(map(isinstance, values, repeat(tuple))):
        values = Singles(
            [v[0] if len(v) == 1 else None for v in values], {i: v for i, v in enumerate(values) if len(v) > 1}
        )
    if isinstance(values, Singles):
        return Singles(packed_like(column, values.texts), values.others)
    return column.with_blank(None) if all(map(eq, column.with_blank(None), values)) else Packed(values, None)


def held_like(column: Sequence[object], texts: Iterable[str]) -> Sequence[str]:
    """Texts, one for each cell of a column, packed where that is."""
    return cast(Sequence[str], Packed(texts)) if isinstance(column, Packed) else list(texts)


def joined(parts: Sequence[Sequence[_T]]) -> Sequence[_T]:
    """The cells of all parts, one after the other; held as these are, where all are held alike."""
    for kind in (Packed, Singles):
        if parts and all(isinstance(part, kind) for part in parts):
            return cast(Sequence[_T], kind.of_all(cast(Any, parts)))
    return list(chain.from_iterable(parts))
