"""Dates such as 03/04/2026 that their own column leaves open are told by the other dates of the list. Pure.

One program wrote them all. Within a column validators/columns.py does the same.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import chain

from validators.dates import read_date, slash_order
from validators.rows import Cell
from validators.tabs import Kind, Owner, Tab

_DATED = (Kind.DATE, Kind.HOLD, Kind.PAID_ON)


def with_one_order(
    given: Mapping[str, Sequence[Cell]], tab: Tab, more: Iterable[str] = ()
) -> dict[str, Sequence[Cell]]:
    """The columns of a list, by target, their open dates read in the order that all of the list's dates prove together.

    Nothing is changed where they prove nothing, or contradict each other. `more` are targets that may hold days beside
    the dates of `tab`.
    """
    names = [f.name for f in tab.owned(Owner.TEAM) if f.kind in _DATED]
    slashed = {name: _slashed(given[name]) for name in (*names, *more) if name in given}
    order = slash_order(chain.from_iterable(slashed.values())) if len(slashed) > 1 else None
    if order is None:
        return dict(given)
    days: dict[Cell, date] = {
        cell: found
        for cells in slashed.values()
        if slash_order(cells) is None
        for cell in cells
        if isinstance(found := read_date(cell, order), date)
    }
    return {**given, **{name: _settled(given[name], days) for name in slashed}} if days else dict(given)


def _slashed(cells: Sequence[Cell]) -> set[str]:
    return {cell for cell in cells if isinstance(cell, str) and "/" in cell}


def _settled(cells: Sequence[Cell], days: Mapping[Cell, date]) -> list[Cell]:
    return [days.get(cell, cell) if isinstance(cell, str) else cell for cell in cells]
