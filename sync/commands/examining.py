"""The doctor: looks at everything that a sync needs, and says what to do where something is not well.

A Google spreadsheet, its key and its sign-in are examining_google.py's part; nothing is changed by either.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from functools import cache
from pathlib import Path

from config.settings import Settings
from config.settings_file import find, load
from mailers.smtp import SmtpOutbox
from sync.book import absent_columns, locate, require
from sync.commands.findings import Check, Finding, Seen, examine, show
from sync.commands.work import Terminal
from sync.journeys import NEEDED, look
from sync.opening import Machine, Session, open_session
from sync.screen import count_of
from sync.storage.memory import MemoryWorkbook
from sync.storage.port import Workbook
from sync.storage.replacing import refuse_if_open
from validators.errors import KartotekaError, OutOfReach, WrongUse
from validators.tabs import tab


def doctor(config: Path | None, folder: Path, machine: Machine, clock: datetime, terminal: Terminal) -> int:
    """Check everything a sync needs, line by line. The exit status is that of the first thing that is not well."""
    status = 0
    findings: list[Finding] = []
    for finding in _findings(config, folder, machine, clock):
        findings.append(finding)
        status = status or finding.status
        if not terminal.as_json:
            show(terminal, finding)
    if terminal.as_json:
        names = ("name", "well", "seen", "advice")
        terminal.document([{name: getattr(f, name) for name in names} for f in findings])
    return status


def _findings(config: Path | None, folder: Path, machine: Machine, clock: datetime) -> Iterator[Finding]:
    path = find(config, machine.environ, folder)
    try:
        session = open_session(load(path, machine.environ), clock, None, "0000", machine)
    except KartotekaError as error:
        yield Finding("settings", well=False, seen=error.what, advice=error.advice, status=error.exit_status)
        return
    yield Finding("settings", well=True, seen=str(path))
    if session.settings.workbook.kind == "google":
        from sync.commands.examining_google import GoogleExamination

        google = GoogleExamination(session, machine)
        seen = read_once(session, google.workbook)
        yield from examine([*google.way(), *_tables(seen), *google.limits()])
    else:
        seen = read_once(session, session.office.workbook)
        yield from examine([*_file(session, seen), *_tables(seen)])
    yield from examine(_surroundings(session))


def read_once(session: Session, workbook: Workbook) -> Callable[[], Session]:
    """Gives a session whose workbook is as `workbook` stood at the first call: all checks see the same moment."""

    @cache
    def seen() -> Session:
        snapshot = workbook.read()
        still = MemoryWorkbook(snapshot.sheets, snapshot.workbook)
        return replace(session, office=replace(session.office, workbook=still))

    return seen


def _tables(seen: Callable[[], Session]) -> list[Check]:
    """What stands in the workbook, whichever program keeps it."""
    return [
        Check("tabs", lambda: _tabs(seen()), gate=True),
        Check("columns", lambda: _columns(seen())),
        Check("rows", lambda: _rows(seen())),
    ]


def _file(session: Session, seen: Callable[[], Session]) -> list[Check]:
    path = session.settings.workbook_path
    return [
        Check("workbook", lambda: Seen(f"{path}, {len(seen().office.workbook.read().sheets)} tabs"), gate=True),
        Check("open", lambda: _open_elsewhere(path)),
    ]


def _surroundings(session: Session) -> list[Check]:
    return [
        Check("outbox", lambda: _outbox(session)),
        Check("sender", lambda: _sender(session)),
        Check("state", lambda: Seen(_writable(session.settings.state_folder, "Set [state] folder"))),
        Check("clock", lambda: _clock(session)),
    ]


def _open_elsewhere(path: Path) -> Seen:
    refuse_if_open(path)
    return Seen("no other program holds it")


def _tabs(session: Session) -> Seen:
    snapshot = session.office.workbook.read()
    places = locate(snapshot, session.settings.workbook.tabs)
    require(places, snapshot, *NEEDED)
    found = (f"{p.sheet.title} (header in row {p.header.index + 1})" for p in places.values() if p.header)
    return Seen(", ".join(found))


def _columns(session: Session) -> Seen:
    places = locate(session.office.workbook.read(), session.settings.workbook.tabs)
    gone = [
        f"{tab(p.tab.name).label('pl')}: {tab(p.tab.name).field(n).label('pl')}"
        for p in places.values()
        for n in absent_columns(p)
    ]
    if gone:
        raise WrongUse(f"Columns of Kartoteka are missing: {', '.join(gone)}.", "Run 'kartoteka init' to add them.")
    return Seen("every column of Kartoteka is there")


def _rows(session: Session) -> Seen:
    _, decision = look(session.office, session.now, session.run)
    found = decision.found
    letters = count_of(len(found.past.unknown), "letter", "letters")
    doubtful = f", {letters} in doubt: see 'kartoteka history'" if found.past.unknown else ""
    counted = f"{len(found.clients)} clients, {len(found.invoices)} invoices, {len(decision.problems)} problems"
    return Seen(f"{counted}{doubtful}")


def _outbox(session: Session) -> Seen:
    if isinstance(session.office.outbox, SmtpOutbox):
        return Seen(f"live mode, letters go to the mail server {session.office.outbox.examine()}")
    if session.settings.mail.transport == "smtp" and session.settings.reminders.mode == "test":
        return Seen(f"test mode, letters go by mail to {session.settings.reminders.test_address}")
    folder = _writable(session.settings.outbox_folder, "Set [mail] folder")
    return Seen(f"{session.settings.reminders.mode} mode, letters go to {folder}")


def _sender(session: Session) -> Seen:
    sender = session.settings.mail.sender
    if sender == Settings().mail.sender:
        raise WrongUse(f"The sender is still the example: {sender}.", "Set [mail] sender to your own address.")
    return Seen(sender)


def _clock(session: Session) -> Seen:
    if session.now.year < 2025:
        raise WrongUse(f"The machine's clock says {session.now:%Y-%m-%d}.", "Set the clock; reminders depend on it.")
    return Seen(f"{session.now:%Y-%m-%d %H:%M} in {session.settings.workbook.timezone}")


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
