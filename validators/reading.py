"""Tables become records: every cell understood by its column's kind, every fault of a row kept as a problem.

A row with a bad value still becomes a record, without that value. Only rows whose id stands twice become none, because
nothing could be written to one of them safely. Invoices go one step further, in invoices.py.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field

from pydantic import TypeAdapter

from validators.columns import WORDS, Column, Context, alike, understand
from validators.packed import Packed
from validators.problems import Parsed, Problem, Severity
from validators.records import Client, Record, Rule
from validators.rows import Table, is_blank
from validators.tabs import ABOUTS, INVOICES, RULE_CHANNELS, Kind, Owner, Tab
from validators.text import fold

_CLIENTS = TypeAdapter(list[Client])
_RULES = TypeAdapter(list[Rule])


@dataclass(slots=True)
class Reading:
    """One table while it is being understood: values by field, problems, and which fields of which row are in doubt."""

    table: Table
    ids: Sequence[str]
    columns: Mapping[str, Column]
    derived: dict[str, Sequence[object]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    doubtful: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))

    def report(self, position: int, name: str, code: str, severity: Severity = Severity.ERROR, **params: str) -> None:
        """Note a problem with field `name` of the row at `position`; an error puts the value in doubt."""
        value = self.table.column(name)[position]
        line, id_ = self.table.lines[position], self.ids[position]
        self.problems.append(Problem(self.table.tab.name, line, id_, name, value, code, params, severity))
        if severity is Severity.ERROR:
            self.doubtful[position].add(name)

    def values(self, name: str) -> Sequence[object]:
        """The values of field `name`: derived ones where there are any, else as understood."""
        return self.derived[name] if name in self.derived else self.columns[name].values

    def doubts(self) -> list[frozenset[str]]:
        """The fields in doubt, a row at a time."""
        nothing: frozenset[str] = frozenset()
        return [frozenset(self.doubtful[i]) if i in self.doubtful else nothing for i in range(len(self.table))]

    def alone(self) -> list[bool]:
        """Whether the row's id is its own, a row at a time; ids that stand twice are reported."""
        if len(set(self.ids)) == len(self.ids):
            return [True] * len(self.ids)
        lines: dict[str, list[int]] = defaultdict(list)
        for line, id_ in zip(self.table.lines, self.ids, strict=True):
            lines[id_].append(line)
        flags = [len(lines[id_]) == 1 for id_ in self.ids]
        for position, single in enumerate(flags):
            if not single:
                self.report(position, "id", "duplicate_id", rows=", ".join(map(str, lines[self.ids[position]])))
        return flags


def start(table: Table, ids: Sequence[str], context: Context) -> Reading:
    """Understand every team column of `table`; `ids` are those the rows have or are about to get."""
    fields = table.tab.owned(Owner.TEAM, Owner.NORMALISED)
    columns = {f.name: understand(f, table.column(f.name), context) for f in fields}
    reading = Reading(table, ids, columns)
    for written in fields:
        if written.kind in WORDS:
            values = columns[written.name].values
            reading.derived[written.name] = _filled(values) if any(values) else alike("", len(values))
    for name, column in columns.items():
        for fault in column.faults:
            reading.report(fault.position, name, fault.code, fault.severity, **fault.params)
    uncomputed = {(p, name) for p, name in table.formulas if name in columns and table.column(name)[p] is None}
    for position, name in sorted(uncomputed):
        reading.report(position, name, "formula_unknown")
    _report_blanks(reading, uncomputed)
    return reading


def _filled(values: Sequence[object]) -> Sequence[object]:
    """The texts of a column, "" for those that are blank."""
    if isinstance(values, Packed):
        return values.with_blank("")
    return [text or "" for text in values] if None in values else values


def read_clients(table: Table, ids: Sequence[str], context: Context) -> Parsed[Client]:
    """The clients of `table`. Their stage and tags are left as typed: the vocabulary is the caller's to apply."""
    reading = start(table, ids, context)
    names = [name for name in Client.model_fields if name not in Record.model_fields]
    records = _CLIENTS.validate_python(list(rows(reading, names)))
    return Parsed(tuple(records), tuple(reading.problems))


def read_rules(table: Table, context: Context) -> Parsed[Rule]:
    """The reminder rules of `table` in its order; a rule with a fault is left out and reported.

    A blank *active* is yes, a blank *channel* is e-mail, a blank *about* invoices, a blank *counted from* the due date.
    """
    reading = start(table, [f"{table.tab.name} {line}" for line in table.lines], context)
    anchors = [_counted_from(str(text or "")) for text in reading.values("counted_from")]
    switched = zip(table.column("active"), reading.values("active"), strict=True)
    reading.derived |= {
        "about": [about or ABOUTS[0].code for about in reading.values("about")],
        "channel": [channel or RULE_CHANNELS[0].code for channel in reading.values("channel")],
        "counted_from": anchors,
        "active": [is_blank(cell) or bool(active) for cell, active in switched],
    }
    seen: set[tuple[object, object]] = set()
    named = zip(anchors, reading.values("about"), reading.values("step"), strict=True)
    for position, (anchor, about, step) in enumerate(named):
        if not anchor:
            reading.report(position, "counted_from", "rule_invalid")
        if (about, step) in seen:
            reading.report(position, "step", "duplicate_rule")
        seen.add((about, step))
    names = [name for name in Rule.model_fields if name not in Record.model_fields]
    sound = [row for row in rows(reading, names) if not row["doubtful"]]
    return Parsed(tuple(_RULES.validate_python(sound)), tuple(reading.problems))


def rows(reading: Reading, names: Sequence[str]) -> Iterator[dict[str, object]]:
    """The rows as keyword arguments of a record, with `id`, `line` and `doubtful`; ids that stand twice left out."""
    alone = reading.alone()
    header = ("id", "line", "doubtful", *names)
    columns = [reading.values(name) for name in names]
    for single, *values in zip(alone, reading.ids, reading.table.lines, reading.doubts(), *columns, strict=True):
        if single:
            yield dict(zip(header, values, strict=True))


def _report_blanks(reading: Reading, uncomputed: Set[tuple[int, str]]) -> None:
    for required in reading.table.tab.required:
        cells = reading.table.column(required.name)
        for position in [i for i, value in enumerate(reading.columns[required.name].values) if not value]:
            if is_blank(cells[position]) and (position, required.name) not in uncomputed:
                reading.report(position, required.name, "required_missing")


def _counted_from(text: str, tab: Tab = INVOICES) -> str:
    if not text:
        return "due_on"
    dates = (f for f in tab.fields if f.kind is Kind.DATE and f.name in ("due_on", "issued_on"))
    return next((f.name for f in dates if fold(text) in (fold(f.pl), fold(f.en), fold(f.name))), "")
