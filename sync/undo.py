"""Taking a run back: the team's words as they were, except where a person has written since. Pure."""

from dataclasses import dataclass
from datetime import datetime

from sync import history
from sync.gather import Gathered
from sync.history import Event
from sync.plan import AppendRow, Plan, SetCell
from validators.errors import WrongUse
from validators.rows import as_text
from validators.tabs import tab


@dataclass(frozen=True, slots=True)
class Undoing:
    """The plan that takes a run back, and what it leaves as it is because somebody changed it since."""

    plan: Plan
    kept: tuple[Event, ...]


def undo(found: Gathered, target: str, run: str, register: str, now: datetime, language: str) -> Undoing:
    """Put back what run `target` changed in team columns; `run` is the run that does so.

    Service columns are left alone: they show what is true today, and the next sync would write the same again.

    Raises:
        WrongUse: the history knows no such run, or it changed nothing that can be put back.
    """
    past = list(history.events(found.tables["history"]))
    mine = [event for event in past if event.run == target]
    if not mine:
        raise WrongUse(f"The history knows no run '{target}'.", _recent(past))
    undone = {(e.tab, e.id, e.field) for e in past if e.event == "undone" and target in e.details.split()}
    edits = [e for e in mine if e.event == "normalised" and (e.tab, e.id, e.field) not in undone]
    changes: list[SetCell] = []
    appended: list[AppendRow] = []
    kept: list[Event] = []
    for edit in reversed(edits):
        if _now(found, edit) != edit.after:
            kept.append(edit)
            continue
        changes.append(SetCell(edit.tab, edit.id, edit.field, edit.after, edit.before, "undone"))
        values = {"tab": edit.tab, "id": edit.id, "field": edit.field, "before": edit.after, "after": edit.before}
        appended.append(history.row(now, run, "undone", language, **values, details=target))
    return Undoing(Plan(run, register, language, changes=tuple(changes), appended=tuple(appended)), tuple(kept))


def where(event: Event, language: str) -> str:
    """The cell an event speaks of, for a person: K-0012, Etap."""
    return f"{event.id}, {tab(event.tab).field(event.field).label(language)}"


def _now(found: Gathered, event: Event) -> str | None:
    """What stands in the cell today; None when its row has gone or its id stands twice."""
    rows = [i for i, id_ in enumerate(found.ids[event.tab]) if id_ == event.id]
    return as_text(found.tables[event.tab].column(event.field)[rows[0]]) if len(rows) == 1 else None


def _recent(past: list[Event]) -> str:
    runs = list(dict.fromkeys(event.run for event in reversed(past)))[:3]
    return f"The last runs are: {', '.join(runs)}." if runs else "The history is empty: there is nothing to undo."
