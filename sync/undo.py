"""Taking a run back, or one batch of an import: the team's words as they were, and the rows that it brought taken out,
except where a person has written since. Pure."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from importers.written import digest
from sync import history
from sync.gather import Gathered
from sync.history import Event
from sync.imported import Import, imports
from sync.plan import Plan, SetCell
from validators.columns import Context, understand
from validators.errors import WrongUse
from validators.rows import Cell, as_text, is_blank
from validators.tabs import Owner, tab


@dataclass(frozen=True, slots=True)
class Undoing:
    """The plan that takes a run back, what it leaves as it is because somebody changed it since, and the rows that it
    takes out."""

    plan: Plan
    kept: tuple[Event, ...]
    removed: tuple[Event, ...] = ()


def undo(found: Gathered, target: str, run: str, register: str, now: datetime, language: str) -> Undoing:
    """Put back what run `target` changed in team columns, and empty the rows it added; "RUN/3" means its batch 3 alone.
    `run` is the run that does so.

    A row stays when a person has changed it since, a reminder of it has left, or, of a client, an invoice that stays
    means it. Service columns are left alone: they show what is true today, and the next sync would write the same.

    Raises:
        WrongUse: the history knows no such run or batch.
    """
    past = list(history.events(found.tables["history"]))
    name, batch = _target(target)
    mine = [(event, imported) for event, imported in _told(past) if event.run == name and _is_in(imported, batch)]
    if not mine:
        raise WrongUse(f"The history knows no run '{target}'.", _recent(past))
    undoing = _Undoing(found, past, name)
    for event, imported in reversed(mine):
        if event.event in ("normalised", "updated"):
            undoing.put_back(event)
        elif event.event == "imported" and imported is not None:
            undoing.take_out(event, imported)
    undoing.keep_what_is_used()
    log = [history.row(now, run, "undone", language, **values, details=name) for values in undoing.told()]
    plan = Plan(run, register, language, changes=tuple(undoing.changes()), appended=tuple(log))
    return Undoing(plan, tuple(undoing.kept), tuple(event for event, _ in undoing.removed.values()))


class _Undoing:
    """What a run did, being taken back: `removed` maps tab and id to the event and its cells."""

    def __init__(self, found: Gathered, past: Sequence[Event], run: str) -> None:
        self.kept: list[Event] = []
        self.removed: dict[tuple[str, str], tuple[Event, list[SetCell]]] = {}
        self._back: dict[tuple[str, str, str], tuple[Event, SetCell]] = {}
        self._found = found
        self._positions: dict[tuple[str, str], list[int]] = defaultdict(list)
        for name, ids in found.ids.items():
            for position, id_ in enumerate(ids):
                self._positions[name, id_].append(position)
        self._done = {(e.tab, e.id, e.field) for e in past if e.event == "undone" and run in e.details.split()}
        # The words of a row that were tidied, or filled in by this very run, are no person's.
        self._ours: dict[tuple[str, str], list[Event]] = defaultdict(list)
        for event in reversed(past):
            if event.event == "normalised" or (event.event == "updated" and event.run == run):
                self._ours[event.tab, event.id].append(event)

    def put_back(self, edit: Event) -> None:
        """A cell that the run changed."""
        place = edit.tab, edit.id, edit.field
        if place in self._done:
            return
        if not self._alone(edit):
            self.kept.append(edit)
            return
        latest, later = self._back.get(place, (edit, None))
        stands = later.after if later else self._cells(edit).get(edit.field)
        if not _same(edit, stands):
            self.kept.append(edit)
            return
        before: Cell = edit.before if edit.event == "normalised" else _typed(edit, edit.before)
        self._back[place] = (latest, SetCell(*place, later.before if later else stands, before, "undone"))

    def take_out(self, event: Event, imported: Import) -> None:
        """A row that the run added."""
        if (event.tab, event.id) not in self._positions:
            return
        if not self._alone(event) or self._is_reminded(event) or self._is_changed(event, imported):
            self.kept.append(event)
            return
        cells = self._cells(event, whole=True)
        names = [name for name in cells if name != "id" and not is_blank(cells[name])] + ["id"]
        changes = [SetCell(event.tab, event.id, name, cells.get(name), None, "undone") for name in names]
        self.removed[event.tab, event.id] = (event, changes)

    def keep_what_is_used(self) -> None:
        """A client stays as long as an invoice means it that stays."""
        used = {i.client for i in self._found.invoices if i.client and ("invoices", i.id) not in self.removed}
        for place in [place for place in self.removed if place[0] == "clients" and place[1] in used]:
            self.kept.append(self.removed.pop(place)[0])

    def changes(self) -> Iterator[SetCell]:
        """Every cell to write."""
        yield from (change for event, change in self._back.values() if (event.tab, event.id) not in self.removed)
        for _, changes in self.removed.values():
            yield from changes

    def told(self) -> Iterator[Mapping[str, Cell]]:
        """What the history is told of each."""
        for event, change in self._back.values():
            if (event.tab, event.id) not in self.removed:
                place = {"tab": event.tab, "id": event.id, "field": event.field}
                yield {**place, "before": event.after, "after": as_text(change.after)}
        for event, _ in self.removed.values():
            yield {"tab": event.tab, "id": event.id, "before": event.after}

    def _alone(self, event: Event) -> bool:
        return len(self._positions.get((event.tab, event.id), ())) == 1

    def _is_reminded(self, event: Event) -> bool:
        return event.tab == "invoices" and self._found.past.ladder.get(event.id, ("", None)) != ("", None)

    def _is_changed(self, event: Event, imported: Import) -> bool:
        """Whether anything but what was imported stands there; words that were tidied since count as they were."""
        position, formulas = self._positions[event.tab, event.id][0], self._found.tables[event.tab].formulas
        cells = self._cells(event)
        if any((position, name) in formulas for name in cells):
            return True
        for ours in self._ours[event.tab, event.id]:
            if as_text(cells.get(ours.field)) == ours.after:
                cells[ours.field] = ours.before
        return digest(cells) != imported.written

    def _cells(self, event: Event, *, whole: bool = False) -> dict[str, Cell]:
        table, position = self._found.tables[event.tab], self._positions[event.tab, event.id][0]
        fields = table.tab.fields if whole else table.tab.owned(Owner.TEAM, Owner.NORMALISED)
        return {f.name: table.column(f.name)[position] for f in fields if f.name in table.columns}


def where(event: Event, language: str) -> str:
    """The cell or row an event speaks of, for a person: K-0012, Etap."""
    if not event.field:
        return f"{event.id} {event.after}".strip()
    return f"{event.id}, {tab(event.tab).field(event.field).label(language)}"


def _target(text: str) -> tuple[str, int]:
    """The run, and the batch (0 = all)."""
    name, _, number = text.rpartition("/")
    return (name, int(number)) if name and number.isdecimal() else (text, 0)


def _told(past: Sequence[Event]) -> Iterator[tuple[Event, Import | None]]:
    return ((event, next(iter(imports([event])), None)) for event in past)


def _is_in(imported: Import | None, batch: int) -> bool:
    return not batch or (imported is not None and imported.batch == batch)


def _same(edit: Event, cell: Cell) -> bool:
    """Whether what the run wrote stands there still: the same text, or the same day or sum."""
    if as_text(cell) == edit.after:
        return True
    one, other = understand(tab(edit.tab).field(edit.field), [cell, edit.after], Context()).values
    return isinstance(one, date | Decimal) and one == other


def _typed(edit: Event, text: str) -> Cell:
    """What stood in a cell, of which the history keeps the text."""
    value = understand(tab(edit.tab).field(edit.field), [text], Context()).values[0]
    return value if isinstance(value, date | Decimal) and value != date.max else text or None


def _recent(past: list[Event]) -> str:
    runs = list(dict.fromkeys(event.run for event in reversed(past)))[:3]
    return f"The last runs are: {', '.join(runs)}." if runs else "The history is empty: there is nothing to undo."
