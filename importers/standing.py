"""What stands in the workbook, or in an earlier row of the list, beside what a row says: the differences. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from importers.verdicts import Difference, Register
from importers.written import text_of
from validators.columns import Column, Context, understand
from validators.rows import Cell, as_text, is_blank
from validators.tabs import Field, Kind, Owner, Tab
from validators.text import fold
from validators.vocabulary import Vocabulary, split_tags, tidy_one, tidy_tags

_SEVERAL = frozenset({Kind.EMAILS, Kind.PHONES, Kind.MANY_OF, Kind.LONG})


@dataclass(slots=True)
class Standing:
    """One record as it stands: cells and what they mean, by field. `is_new` when the list itself brings it; `line` is
    the first of the list that is about it, 0 for none so far."""

    id: str
    cells: dict[str, Cell]
    values: dict[str, Any]
    formulas: frozenset[str] = frozenset()
    is_new: bool = False
    line: int = 0

    def take(self, found: Iterable[Difference], values: Mapping[str, Any]) -> None:
        """The record as it stands once these differences are written."""
        for each in found:
            before, value = self.values.get(each.field), values.get(each.field)
            if isinstance(before, tuple) and isinstance(value, tuple) and not is_blank(each.before):
                value = before + value
            self.cells[each.field], self.values[each.field] = each.after, value


@dataclass
class Standings:
    """The records of a tab of the workbook, understood as far as somebody asks."""

    tab: Tab
    register: Register
    context: Context
    _columns: dict[str, Column] = field(default_factory=dict)
    _found: dict[str, Standing] = field(default_factory=dict)

    @cached_property
    def _positions(self) -> dict[str, int]:
        return {id_: position for position, id_ in enumerate(self.register.ids[self.tab.name])}

    @cached_property
    def _formulas(self) -> dict[int, list[str]]:
        found: dict[int, list[str]] = {}
        for position, name in self.register.tables[self.tab.name].formulas:
            found.setdefault(position, []).append(name)
        return found

    def of(self, id_: str) -> Standing:
        """The record as it stands now, with what this run has decided to write."""
        if id_ not in self._found:
            table, position = self.register.tables[self.tab.name], self._positions[id_]
            names = [f.name for f in self.tab.owned(Owner.TEAM, Owner.NORMALISED) if f.name in table.columns]
            cells = {name: table.column(name)[position] for name in names}
            values = {name: self._column(name).values[position] for name in names}
            self._found[id_] = Standing(id_, cells, values, frozenset(self._formulas.get(position, ())))
        return self._found[id_]

    def add(self, standing: Standing) -> None:
        """A record that this run is to add."""
        self._found[standing.id] = standing

    def _column(self, name: str) -> Column:
        if name not in self._columns:
            cells = self.register.tables[self.tab.name].column(name)
            self._columns[name] = understand(self.tab.field(name), cells, self.context)
        return self._columns[name]


def differences(
    tab: Tab,
    standing: Standing,
    cells: Mapping[str, Cell],
    values: Mapping[str, Any],
    vocabulary: Vocabulary,
    *,
    update: bool,
) -> tuple[Difference, ...]:
    """What the row (`cells` as they would be written, and their `values`) has otherwise than the record. Blank cells
    of the record are filled; others are kept unless `update`; where a cell holds several, none is taken out."""
    found = []
    for name, after in cells.items():
        described, before = tab.field(name), standing.cells.get(name)
        if name in standing.formulas:
            continue
        if is_blank(before):
            found.append(Difference(name, None, after))
        elif not same(described, before, standing.values.get(name), after, values.get(name), vocabulary):
            whole = both(described, before, after)
            if as_text(whole) != as_text(before):
                found.append(Difference(name, before, whole, kept=not update))
    return tuple(found)


def clash(tab: Tab, found: tuple[Difference, ...]) -> tuple[Difference, ...]:
    """Those of the differences that cannot stand side by side in one cell."""
    return tuple(d for d in found if not is_blank(d.before) and tab.field(d.field).kind not in _SEVERAL)


def same(described: Field, before: Cell, stood: Any, after: Cell, value: Any, vocabulary: Vocabulary) -> bool:
    """Whether the file's cell says nothing that the workbook's does not."""
    kind = described.kind
    if kind in (Kind.EMAILS, Kind.PHONES) and stood and value:
        return {v.casefold() for v in value} <= {v.casefold() for v in stood}
    if kind is Kind.MANY_OF:
        return _tags(vocabulary, after) <= _tags(vocabulary, before)
    if kind is Kind.ONE_OF:
        return _one(vocabulary, described, after) == _one(vocabulary, described, before)
    if kind is Kind.LONG:
        return fold(as_text(after)) in fold(as_text(before))
    if stood is not None and value is not None and not isinstance(value, str | tuple):
        return bool(stood == value)
    texts = (stood, value) if kind is Kind.TAX_ID and stood and value else (as_text(before), as_text(after))
    return texts[0] == texts[1] or (fold(texts[0]) == fold(texts[1]) != "")


def both(described: Field, before: Cell, after: Cell) -> Cell:
    """What stands in a cell once the file's value is written over it, or beside it where a cell holds several."""
    if described.kind not in _SEVERAL:
        return after
    between = "\n" if described.kind is Kind.LONG else ", "
    if described.kind is Kind.LONG:
        return f"{text_of(before)}{between}{text_of(after)}"
    parts = {fold(part): part for cell in (after, before) for part in split_tags(text_of(cell))}
    old = list(split_tags(text_of(before)))
    new = [part for key, part in parts.items() if key not in set(map(fold, old))]
    return between.join([*old, *new])


def _tags(vocabulary: Vocabulary, cell: Cell) -> set[str]:
    return {fold(tag) or tag for tag in split_tags(tidy_tags(vocabulary, as_text(cell))[0])}


def _one(vocabulary: Vocabulary, described: Field, cell: Cell) -> str:
    text = tidy_one(vocabulary, described.vocabulary, as_text(cell))[0].strip()
    return fold(text) or text
