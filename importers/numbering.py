"""The ids of new records: given at the very end, in the order in which they are written. Pure.

Until then a new record goes by a mark that no workbook has. So an import that is begun anew gives the same ids.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import count

from importers.verdicts import Addition, Register, Ruling
from validators.problems import Problem
from validators.rows import Cell
from validators.tabs import Tab, tab

_MARK = re.compile("[A-Z]+~new[0-9]+")  # unlike any id that somebody may note as no duplicate


class Marks:
    """Marks for new records of a tab, each once."""

    def __init__(self, of: Tab) -> None:
        self._prefix, self._numbers = of.prefix, count(1)

    def next(self) -> str:
        """A mark that nothing bears yet."""
        return f"{self._prefix}~new{next(self._numbers)}"


def numbered(rulings: Sequence[Ruling], register: Register) -> list[Ruling]:
    """The rulings with ids in place of marks, counted on from the highest id that was ever given."""
    last = {name: register.numbers.get(name, 0) for name in ("clients", "invoices")}
    ids: dict[str, str] = {}
    for ruling in sorted(rulings, key=lambda ruling: ruling.round):
        for addition in ruling.additions:
            last[addition.tab] += 1
            ids[addition.id] = f"{tab(addition.tab).prefix}-{last[addition.tab]:04}"
    return [_named(ruling, ids) for ruling in rulings] if ids else list(rulings)


def _named(ruling: Ruling, ids: dict[str, str]) -> Ruling:
    def text(told: str) -> str:
        return _MARK.sub(lambda mark: ids.get(mark[0], mark[0]), told) if "~" in told else told

    def cell(value: Cell) -> Cell:
        return ids.get(value, value) if isinstance(value, str) else value

    def addition(added: Addition) -> Addition:
        values = {name: cell(value) if name == "client" else value for name, value in added.values.items()}
        return Addition(added.tab, ids[added.id], added.line, values, added.digest, added.seller, added.ksef)

    def reason(problem: Problem) -> Problem:
        return replace(problem, id=text(problem.id), params={n: text(told) for n, told in problem.params.items()})

    if "~" not in ruling.id and not ruling.additions and not ruling.reasons:
        return ruling
    additions, reasons = tuple(map(addition, ruling.additions)), tuple(map(reason, ruling.reasons))
    # replace() would take twice as long, and long lists are mostly new rows.
    return Ruling(
        ruling.verdict,
        ruling.rows,
        ruling.line,
        text(ruling.id),
        reasons,
        additions,
        ruling.differences,
        ruling.round,
    )
