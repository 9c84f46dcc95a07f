"""The ids of new records: given in the order in which they are decided, which is the order in which they are written.

While rows are judged a new record goes by a mark that no workbook has; so an import that is begun anew gives the same
ids. Pure.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache

from importers.verdicts import Addition, Register, Ruling
from validators.problems import Problem
from validators.rows import Cell
from validators.tabs import CLIENTS, INVOICES, Tab

_FEW = 512  # texts remembered: those that come again soon
_TABS = {tab.prefix: tab for tab in (CLIENTS, INVOICES)}
_MARK = re.compile(f"({'|'.join(_TABS)})~new([0-9]{{1,9}})")  # unlike any id that somebody may note as no duplicate


class Marks:
    """Marks for new records of a tab, each once; `ahead` is the one that comes next."""

    def __init__(self, of: Tab, register: Register) -> None:
        self._tab, self._register, self._number = of, register, 0

    @property
    def ahead(self) -> str:
        """The next mark, which nothing bears yet."""
        return f"{self._tab.prefix}~new{self._number + 1}"

    def next(self) -> tuple[str, str]:
        """A mark that nothing bears yet, and the id that its record will have."""
        mark = self.ahead
        (number,) = self.skip(1)
        return mark, self.id_of(number)

    def skip(self, many: int) -> range:
        """Give away the next marks, so `many`; their numbers."""
        first, self._number = self._number + 1, self._number + many
        return range(first, first + many)

    def id_of(self, number: int) -> str:
        """The id that the record of the mark with this number will have."""
        return _id(self._tab, self._register, number)


def numbered(rulings: Collection[Ruling], register: Register, clients: int = 0) -> Iterator[Ruling]:
    """The rulings with ids in place of marks, counted on from the highest id that was ever given. So many more
    `clients` are added beside those of the rulings. One after the other, so that nobody needs to hold them twice; what
    is told of row after row is held once."""
    made = Counter(addition.tab for ruling in rulings for addition in ruling.additions)
    made[CLIENTS.name] += clients

    def id_of(mark: re.Match[str]) -> str:
        tab, number = _TABS[mark[1]], int(mark[2])
        return _id(tab, register, number) if number <= made[tab.name] else mark[0]

    @lru_cache(maxsize=_FEW)
    def text(told: str) -> str:
        return _MARK.sub(id_of, told) if "~" in told else told

    def cell(value: Cell) -> Cell:
        mark = _MARK.fullmatch(value) if isinstance(value, str) else None
        return id_of(mark) if mark else value

    def addition(added: Addition) -> Addition:
        if "~" not in added.id:
            return added
        values = {name: cell(value) if name == "client" else value for name, value in added.values.items()}
        return replace(added, id=text(added.id), values=values)

    @lru_cache(maxsize=_FEW)
    def params(*told: tuple[str, str]) -> Mapping[str, str]:
        return {name: text(value) for name, value in told}

    def reason(problem: Problem) -> Problem:
        return replace(problem, id=text(problem.id), params=params(*problem.params.items()))

    def named(ruling: Ruling) -> Ruling:
        if "~" not in ruling.id and not ruling.reasons:
            return ruling
        reasons, additions = tuple(map(reason, ruling.reasons)), tuple(map(addition, ruling.additions))
        return replace(ruling, id=text(ruling.id), reasons=reasons, additions=additions)

    return map(named, rulings)


def _id(tab: Tab, register: Register, number: int) -> str:
    return f"{tab.prefix}-{register.numbers.get(tab.name, 0) + number:04}"
