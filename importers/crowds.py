"""A list and the workbook taken together: which names are worth comparing, and who shares nothing with anybody. Pure.

Nearly all rows of a long list are about clients that neither the workbook nor another row knows. Going through it by
columns that is seen at once.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from itertools import chain, repeat
from typing import Any

# The end of a word in more names than these tells nobody: of many names, so that long lists are soon compared.
_COMMON, _COMMON_OF_FEW, _PAIRS = 10, 100, 100_000
_SHORTEST = 3  # shorter words tell nobody either


class Crowd:
    """Names by the ends of their words: spellings of one name nearly always begin or end one of their words alike."""

    def __init__(self, named: Iterable[str]) -> None:
        """`named` are the names, as folded words (validators.text.words_once)."""
        names = set(named)
        words = Counter(chain.from_iterable(map(str.split, names)))
        number = Counter[str]()
        for word, times in words.items():
            for end in _ends(word):
                number[end] += times
        most = max(_COMMON, min(_COMMON_OF_FEW, _PAIRS // max(len(names), 1)))
        self._telling: Mapping[str, Sequence[str]] = {
            word: telling for word in words if (telling := [e for e in _ends(word) if 1 < number[e] <= most])
        }

    def ends(self, words: str) -> Iterator[str]:
        """The ends in a name (its folded `words`) that other names have too, but not many."""
        for word in words.split():
            yield from self._telling.get(word, ())

    def strangers(self, named: Sequence[str], keys: Iterable[Sequence[Any]], known: Iterable[str]) -> list[bool]:
        """Of each row of a list, whether nothing of it is another row's or a client's: no key, no name, none like it.

        `named` are the names of the rows, as folded words; `keys` columns of what else tells them, each cell a text or
        None, or several texts; `known` all that tells the clients.
        """
        telling, clients = self._telling.keys(), frozenset(known)
        found = [telling.isdisjoint(words.split()) for words in named]
        _leave_out(found, [words.replace(" ", "") for words in named], clients)
        for column in keys:
            _leave_out(found, column, clients)
        return found


def _leave_out(found: list[bool], column: Sequence[Any], clients: Set[str]) -> None:
    """Those are no strangers that share something in this column with another row, or with the clients."""
    several = any(map(isinstance, column, repeat(tuple)))
    seen, shared = set(clients), set[str]()
    for key in chain.from_iterable(column) if several else filter(None, column):
        (shared if key in seen else seen).add(key)
    for position, cell in enumerate(column if shared else ()):
        if cell and (not shared.isdisjoint(cell) if several else cell in shared):
            found[position] = False


def _ends(word: str) -> tuple[str, ...]:
    return (word[:4], "-" + word[-4:]) if len(word) >= _SHORTEST else ()
