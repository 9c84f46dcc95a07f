"""All verdicts on a list, in the order of its rows. Pure; who decides them stands in client_verdicts.py and
invoice_verdicts.py."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import overload

from importers.verdicts import Ruling


class Rulings(Sequence[Ruling]):
    """`told` are the verdicts that say something of a row, by position. All others say that the row is new: nearly all
    of a long list, so each is made by `plain` when somebody asks."""

    def __init__(self, count: int, told: Mapping[int, Ruling], plain: Callable[[int], Ruling]) -> None:
        self._count, self._told, self._plain = count, told, plain

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, index: int) -> Ruling: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Ruling]: ...
    def __getitem__(self, index: int | slice) -> Ruling | Sequence[Ruling]:
        if isinstance(index, slice):
            return [self._of(position) for position in range(self._count)[index]]
        return self._of(range(self._count)[index])

    def __iter__(self) -> Iterator[Ruling]:
        return map(self._of, range(self._count))

    def _of(self, position: int) -> Ruling:
        told = self._told.get(position)
        return self._plain(position) if told is None else told


def settled(
    ruling: Callable[[int], Ruling | None],
    positions: Iterable[int],
    may_settle: Callable[[Ruling], bool],
    has_news: Callable[[int, Ruling], bool] = lambda _, __: True,
    plain: Callable[[int], Ruling] | None = None,
) -> dict[int, Ruling]:
    """The rulings on the rows at these positions, those that `may_settle` tried again until none does: a later row may
    bring the very client that an earlier one could not be told to be. Imported again, the list would do so, too.

    Without news of those whom it may be about, a row is not tried again. None is what `plain` says of a row, and left
    out where it was so from the first.
    """
    found = {position: each for position in positions if (each := ruling(position)) is not None}
    waiting = [i for i, each in found.items() if may_settle(each)]
    number = 0
    while waiting:
        number += 1
        for i in waiting:
            if has_news(i, found[i]):
                told = ruling(i)
                if told is None:
                    assert plain is not None
                    told = plain(i)
                again = _together(found[i], told)
                found[i] = found[i] if again == replace(found[i], round=0) else replace(again, round=number)
        left = [i for i in waiting if may_settle(found[i])]
        waiting = left if len(left) < len(waiting) else []
    return found


def _together(before: Ruling, after: Ruling) -> Ruling:
    """What was taken over from a row stays so, whatever it is found to be."""
    return replace(after, differences=(*before.changes, *after.differences)) if before.changes else after
