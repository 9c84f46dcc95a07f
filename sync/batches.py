"""From verdicts to writes: batches of so many records, each one plan with its own history. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from importers.verdicts import Addition, Ruling
from importers.written import digest
from sync.changes import Log, new_ids
from sync.gather import Gathered
from sync.imported import details
from sync.plan import AppendRow, Plan, SetCell
from validators.rows import as_text
from validators.tabs import tab


@dataclass(frozen=True, slots=True)
class Origin:
    """Where rows come from: the file's name, and the tab of its records."""

    file: str
    tab: str


def batches(rulings: Sequence[Ruling], size: int) -> list[tuple[Ruling, ...]]:
    """The rulings that need a write, `size` at a time, in the order of the file; those that rest on others last."""
    wanted = [ruling for ruling in rulings if ruling.additions or ruling.changes]
    wanted.sort(key=lambda ruling: ruling.round)
    return [tuple(wanted[first : first + size]) for first in range(0, len(wanted), size)]


def plan(
    rulings: Sequence[Ruling], number: int, origin: Origin, found: Gathered, register: str, log: Log, *, first: bool
) -> Plan:
    """The write of batch `number`. The `first` after a look gives ids to rows that have none: a new row must not get
    the same."""
    named = [pair for name in ("clients", "invoices") for pair in new_ids(found, name, log)] if first else []
    changes = [change for change, _ in named]
    appended = [event for _, event in named]
    new = _folded(rulings)
    for ruling in rulings:
        if (origin.tab, ruling.id) in new and not ruling.additions:
            continue
        changes += [SetCell(origin.tab, ruling.id, d.field, d.before, d.after, "updated") for d in ruling.changes]
        appended += _rows([new[a.tab, a.id] for a in ruling.additions], ruling, number, origin, log)
    return Plan(log.run, register, log.language, changes=tuple(changes), appended=tuple(appended))


def _folded(rulings: Sequence[Ruling]) -> dict[tuple[str, str], Addition]:
    """The rows to add, by tab and id, with what later rows of the batch give to them."""
    new = {(addition.tab, addition.id): addition for ruling in rulings for addition in ruling.additions}
    places = {id_: (tab, id_) for tab, id_ in new}
    for ruling in rulings:
        if ruling.id in places and not ruling.additions:
            addition = new[places[ruling.id]]
            values = {**addition.values, **{d.field: d.after for d in ruling.changes}}
            told = addition.digest or digest(addition.values)
            new[places[ruling.id]] = replace(addition, values=values, digest=told)
    return new


def _rows(additions: Sequence[Addition], ruling: Ruling, number: int, origin: Origin, log: Log) -> Iterator[AppendRow]:
    for addition in additions:
        yield AppendRow(addition.tab, {"id": addition.id, **addition.values})
        told = details(origin.file, addition.line, number, log.language, addition)
        name = as_text(addition.values.get(tab(addition.tab).required[0].name))
        yield log.row("imported", tab=addition.tab, id=addition.id, after=name, details=told)
    for each in ruling.changes:
        told = details(origin.file, ruling.line, number, log.language)
        where = {"tab": origin.tab, "id": ruling.id, "field": each.field}
        yield log.row("updated", **where, before=each.before, after=each.after, details=told)
