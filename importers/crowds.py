"""A list and the workbook taken together: which names are worth comparing, and who shares nothing with anybody. Pure.

Nearly all rows of a long list are about clients that neither the workbook nor another row knows. Going through it by
columns that is seen at once.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from itertools import chain, compress, count, islice, repeat
from typing import Any, NamedTuple

from validators.packed import Packed, Singles, held_like

# The end of a word in more names than these tells nobody: of many names, so that long lists are soon compared.
_COMMON, _COMMON_OF_FEW, _PAIRS = 10, 100, 100_000
_AT_ONCE = 1000  # names put together: quicker than each by itself
_SHORTEST = 3  # shorter words tell nobody either


class Crowd:
    """Names by the ends of their words: spellings of one name nearly always begin or end one of their words alike."""

    def __init__(self, named: Iterable[str]) -> None:
        """`named` are the names, as folded words (validators.text.words_once)."""
        names = set(named)
        every = iter(names)
        parts = iter(lambda: list(islice(every, _AT_ONCE)), [])
        words = Counter(chain.from_iterable(" ".join(part).split() for part in parts))
        number: dict[str, int] = defaultdict(int)
        for word, times in words.items():
            for end in _ends(word):
                number[end] += times
        most = max(_COMMON, min(_COMMON_OF_FEW, _PAIRS // max(len(names), 1)))
        told = {end for end, times in number.items() if 1 < times <= most}
        telling = ((word, [end for end in _ends(word) if end in told]) for word in words) if told else ()
        self._telling: Mapping[str, Sequence[str]] = {word: ends for word, ends in telling if ends}

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
        alone = bytearray([telling.isdisjoint(words.split()) for words in named] if telling else [1] * len(named))
        found = Meetings(alone, alone.copy())
        for column in (held_like(named, (words.replace(" ", "") for words in named)), *keys):
            _meet(found, column, clients)
        return found


class Meetings(NamedTuple):
    """Of each row of a list, whether (1 or 0) nothing of it is anybody else's (`alone`), or nothing is a client's or
    that of a row above it (`first`)."""

    alone: bytearray
    first: bytearray


def everybody(count: int) -> Meetings:
    """The meetings of so many rows of which nothing is known: each may share something with any other."""
    return Meetings(bytearray(count), bytearray(count))


def _meet(found: Meetings, column: Sequence[Any], clients: Set[str]) -> None:
    """Take out those that share something in this column."""
    keys = _keys(column)
    seen = set(clients)
    see = seen.add  # gives None
    again = [(position, key) for position, key in keys() if key in seen or see(key)]
    for position, _ in again:
        found.first[position] = False
    shared = {key for _, key in again}
    for position in [position for position, key in keys() if key in shared] if shared else ():
        found.alone[position] = False


def _keys(column: Sequence[Any]) -> Callable[[], Iterable[tuple[int, str]]]:
    """What gives every key of a column with its position."""
    if isinstance(column, Singles) and not column.others:
        column = column.texts
    if isinstance(column, Singles) or (column and isinstance(column[0], tuple)):
        positions = list(chain.from_iterable(map(repeat, count(), map(len, column))))
        return lambda: zip(positions, chain.from_iterable(column), strict=True)
    texts = list(column) if isinstance(column, Packed) else column
    return lambda: zip(compress(count(), texts), filter(None, texts), strict=True)


def _ends(word: str) -> tuple[str, ...]:
    return (word[:4], "-" + word[-4:]) if len(word) >= _SHORTEST else ()
