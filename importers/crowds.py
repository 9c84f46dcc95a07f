"""A list and the workbook taken together: which names are worth comparing, and who shares nothing with anybody. Pure.

Nearly all rows of a long list are about clients that neither the workbook nor another row knows. Going through it by
columns that is seen at once.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from itertools import chain, compress, count, repeat
from typing import Any, NamedTuple

# The end of a word in more names than these tells nobody: of many names, so that long lists are soon compared.
_COMMON, _COMMON_OF_FEW, _PAIRS = 10, 100, 100_000
_SHORTEST = 3  # shorter words tell nobody either


class Crowd:
    """Names by the ends of their words: spellings of one name nearly always begin or end one of their words alike."""

    def __init__(self, named: Iterable[str]) -> None:
        """`named` are the names, as folded words (validators.text.words_once)."""
        names = set(named)
        words = Counter(chain.from_iterable(map(str.split, names)))
        number: dict[str, int] = defaultdict(int)
        for word, times in words.items():
            for end in _ends(word):
                number[end] += times
        most = max(_COMMON, min(_COMMON_OF_FEW, _PAIRS // max(len(names), 1)))
        self._telling: Mapping[str, Sequence[str]] = {
            word: telling for word in words if (telling := [e for e in _ends(word) if 1 < number[e] <= most])
        }

    def ends(self, words: str) -> Iterator[str]:
        """The ends in a name (its folded `words`) that other names have too, but not many."""
        for word in words.split() if self._telling else ():
            yield from self._telling.get(word, ())

    def meetings(self, named: Sequence[str], keys: Iterable[Sequence[Any]], known: Iterable[str]) -> "Meetings":
        """Who among the rows of a list shares anything: a key, or a name, or the end of one that tells.

        `named` are the names of the rows, as folded words; `keys` columns of what else tells them, each cell a text or
        None, or several texts; `known` all that tells the clients.
        """
        telling, clients = self._telling.keys(), frozenset(known)
        alone = [telling.isdisjoint(words.split()) for words in named] if telling else [True] * len(named)
        found = Meetings(alone, alone.copy())
        for column in ([words.replace(" ", "") for words in named], *keys):
            _meet(found, column, clients)
        return found


class Meetings(NamedTuple):
    """Of each row of a list, whether nothing of it is anybody else's (`alone`), or nothing is a client's or that of a
    row above it (`first`)."""

    alone: list[bool]
    first: list[bool]


def everybody(count: int) -> Meetings:
    """The meetings of so many rows of which nothing is known: each may share something with any other."""
    return Meetings([False] * count, [False] * count)


def _meet(found: Meetings, column: Sequence[Any], clients: Set[str]) -> None:
    """Take out those that share something in this column."""
    seen = set(clients)
    see = seen.add  # gives None
    again = [(position, key) for position, key in _keys(column) if key in seen or see(key)]
    for position, _ in again:
        found.first[position] = False
    shared = {key for _, key in again}
    for position in [position for position, key in _keys(column) if key in shared] if shared else ():
        found.alone[position] = False


def _keys(column: Sequence[Any]) -> Iterable[tuple[int, str]]:
    """Every key of a column with its position."""
    if any(map(isinstance, column, repeat(tuple))):
        positions = chain.from_iterable(map(repeat, count(), map(len, column)))
        return zip(positions, chain.from_iterable(column), strict=True)
    return zip(compress(count(), column), filter(None, column), strict=True)


def _ends(word: str) -> tuple[str, ...]:
    return (word[:4], "-" + word[-4:]) if len(word) >= _SHORTEST else ()
