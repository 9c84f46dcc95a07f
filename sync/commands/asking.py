"""The commands that only answer questions: explain, history, doctor."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from config.settings import Settings
from config.settings_file import find, load
from sync import explain as explaining
from sync.book import absent_columns, locate, require
from sync.commands.work import Terminal
from sync.journeys import NEEDED, look
from sync.opening import Machine, Session, open_session
from sync.storage.replacing import refuse_if_open
from validators.errors import KartotekaError, OutOfReach, WrongUse
from validators.tabs import tab

SHOWN = 40


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor's: what was looked at, whether it is well, what was seen, and what to do."""

    name: str
    well: bool
    seen: str
    advice: str = ""


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


def doctor(config: Path | None, folder: Path, machine: Machine, clock: datetime, terminal: Terminal) -> int:
    """Check everything a sync needs, line by line. The exit status is that of the first thing that is not well."""
    status = 0
    findings: list[Finding] = []
    for finding, code in _examine(config, folder, machine, clock):
        findings.append(finding)
        status = status or code
    if terminal.as_json:
        names = ("name", "well", "seen", "advice")
        terminal.document([{name: getattr(f, name) for name in names} for f in findings])
        return status
    for finding in findings:
        mark = "[green]ok [/]" if finding.well else "[red]no [/]"
        terminal.out.print(mark, end=" ")
        terminal.out.print(f"{finding.name:<11} {finding.seen}", soft_wrap=True, markup=False)
        if finding.advice:
            terminal.out.print(f"                {finding.advice}", soft_wrap=True, markup=False)
    return status


def _examine(config: Path | None, folder: Path, machine: Machine, clock: datetime) -> Iterator[tuple[Finding, int]]:
    path = find(config, machine.environ, folder)
    try:
        settings = load(path, machine.environ)
        session = open_session(settings, clock, None, "0000", machine)
    except KartotekaError as error:
        yield Finding("settings", well=False, seen=error.what, advice=error.advice), error.exit_status
        return
    yield Finding("settings", well=True, seen=str(path)), 0
    checks: tuple[tuple[str, Callable[[Session], str]], ...] = (
        ("workbook", _workbook),
        ("open", _open_elsewhere),
        ("tabs", _tabs),
        ("columns", _columns),
        ("rows", _rows),
        ("outbox", _outbox),
        ("sender", _sender),
        ("state", _state),
        ("clock", _clock),
    )
    for name, examine in checks:
        try:
            yield Finding(name, well=True, seen=examine(session)), 0
        except KartotekaError as error:
            yield Finding(name, well=False, seen=error.what, advice=error.advice), error.exit_status
            if name in ("workbook", "tabs"):
                return


def _workbook(session: Session) -> str:
    snapshot = session.office.workbook.read()
    return f"{session.settings.workbook_path}, {len(snapshot.sheets)} tabs"


def _open_elsewhere(session: Session) -> str:
    refuse_if_open(session.settings.workbook_path)
    return "no other program holds it"


def _tabs(session: Session) -> str:
    snapshot = session.office.workbook.read()
    places = locate(snapshot, session.settings.workbook.tabs)
    require(places, snapshot, *NEEDED)
    return ", ".join(f"{p.sheet.title} (header in row {p.header.index + 1})" for p in places.values() if p.header)


def _columns(session: Session) -> str:
    places = locate(session.office.workbook.read(), session.settings.workbook.tabs)
    gone = [
        f"{tab(p.tab.name).label('pl')}: {tab(p.tab.name).field(n).label('pl')}"
        for p in places.values()
        for n in absent_columns(p)
    ]
    if gone:
        raise WrongUse(f"Columns of Kartoteka are missing: {', '.join(gone)}.", "Run 'kartoteka init' to add them.")
    return "every column of Kartoteka is there"


def _rows(session: Session) -> str:
    _, decision = look(session.office, session.now, session.run)
    found = decision.found
    return f"{len(found.clients)} clients, {len(found.invoices)} invoices, {len(decision.problems)} problems"


def _outbox(session: Session) -> str:
    folder = session.settings.outbox_folder
    return f"{session.settings.reminders.mode} mode, letters go to {_writable(folder, 'Set [mail] folder')}"


def _sender(session: Session) -> str:
    sender = session.settings.mail.sender
    if sender == Settings().mail.sender:
        raise WrongUse(f"The sender is still the example: {sender}.", "Set [mail] sender to your own address.")
    return sender


def _state(session: Session) -> str:
    return _writable(session.settings.state_folder, "Set [state] folder")


def _clock(session: Session) -> str:
    if session.now.year < 2025:
        raise WrongUse(f"The machine's clock says {session.now:%Y-%m-%d}.", "Set the clock; reminders depend on it.")
    return f"{session.now:%Y-%m-%d %H:%M} in {session.settings.workbook.timezone}"


def _writable(folder: Path, advice: str) -> str:
    probe = folder / ".kartoteka-probe"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        raise OutOfReach(
            f"The folder {folder} cannot be written: {error.strerror}.", f"{advice} to a place where you may write."
        ) from error
    return str(folder)


def _print_history(terminal: Terminal, rows: tuple[dict[str, object], ...]) -> None:
    for row in rows:
        moved = f"{row['before'] or '–'} → {row['after'] or '–'}"
        what = f"{row['id']} {row['field']}: {moved}".replace("\n", " · ")
        text = f"{row['time']}  {row['run']}  {row['event']:<18} {what}  {row['details']}"
        terminal.out.print(text, soft_wrap=True, markup=False, highlight=False)
