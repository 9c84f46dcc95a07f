"""The commands that only answer questions: explain, history."""

from sync import explain as explaining
from sync.commands.work import Terminal
from sync.journeys import look
from sync.opening import Session

SHOWN = 40


def explain(session: Session, terminal: Terminal, wanted: str) -> int:
    """One client or invoice: state, history, next reminder, why."""
    _, decision = look(session.office, session.now, session.run)
    found = explaining.explain(decision, wanted, session.language)
    if terminal.as_json:
        terminal.document(found.as_json())
        return 0
    terminal.out.print(found.heading, style="bold")
    for name, text in found.facts:
        terminal.out.print(f"  {name:<18} {text}", soft_wrap=True, markup=False)
    _print_history(terminal, found.history)
    return 0


def history(session: Session, terminal: Terminal, id_: str) -> int:
    """The history of one record, or the runs and the last rows of all."""
    _, decision = look(session.office, session.now, session.run)
    if id_:
        found = explaining.explain(decision, id_, session.language)
        rows, runs = list(found.history), {}
    else:
        rows, runs = list(explaining.past(decision)), explaining.runs(decision)
    if terminal.as_json:
        terminal.document({"runs": runs, "history": rows})
        return 0
    for run, count in runs.items():
        terminal.out.print(f"run {run}  {count} events")
    if len(rows) > SHOWN:
        terminal.err.print(f"The last {SHOWN} of {len(rows)} events; --json shows all.")
    _print_history(terminal, tuple(rows[-SHOWN:]))
    return 0


def _print_history(terminal: Terminal, rows: tuple[dict[str, object], ...]) -> None:
    for row in rows:
        moved = f"{row['before'] or '–'} → {row['after'] or '–'}"
        what = f"{row['id']} {row['field']}: {moved}".replace("\n", " · ")
        text = f"{row['time']}  {row['run']}  {row['event']:<18} {what}  {row['details']}"
        terminal.out.print(text, soft_wrap=True, markup=False, highlight=False)
