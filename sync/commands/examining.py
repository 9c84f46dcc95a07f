"""The doctor: looks at everything that a sync needs, and says what to do where something is not well.

A Google spreadsheet, its key and its sign-in are examining_google.py's part; nothing is changed by either.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from functools import cache
from pathlib import Path

from config.settings import Settings
from config.settings_file import find, load, upgraded
from mailers.journalled import JournalledOutbox
from mailers.listening import examine as examine_folders
from sync.book import absent_columns, locate, require
from sync.commands.findings import Check, Finding, Seen, examine, show
from sync.commands.work import Terminal
from sync.gather import gather
from sync.journeys import NEEDED, look
from sync.opening import Machine, Session, mailbox_server, open_session, team
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
    older = upgraded(path)
    advice = (
        ", of an older version: 'kartoteka init' brings them up to date" if older and not older.only_counted else ""
    )
    yield Finding("settings", well=True, seen=f"{path}{advice}")
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
        Check("team", lambda: _team(seen())),
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
        Check("mailbox", lambda: _mailbox(session)),
        Check("sender", lambda: _sender(session)),
        Check("attachments", lambda: _attachments(session)),
        Check("state", lambda: _state(session)),
        *([Check("witness", lambda: _witness(session))] if session.office.witness else []),
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


def _team(session: Session) -> Seen:
    """Nothing is sent: a notice without news is none."""
    found = gather(session.office.workbook.read(), session.settings, session.now)
    steps = ", ".join(rule.step for rule in found.rules if rule.active and rule.channel == "team")
    way = team(session.settings)
    if way is None:
        advice = 'Name where the team reads in [notify] urls, such as ["slack://…"]; these steps wait until then.'
        told = f"nobody is told when the team's steps are due: {steps}" if steps else "no step is the team's"
        return Seen(told, advice if steps and session.settings.reminders.mode == "live" else "")
    if unusable := way.unusable():
        raise WrongUse(f"Apprise cannot use {', '.join(unusable)}.", "See how it is written: appriseit.com/services.")
    owners = sorted({c.owner or "(no owner)" for c in found.clients if not session.settings.notify.hears_of(c.owner)})
    advice = "Name an address of theirs in [notify] urls, or one without a name, for everybody's." if owners else ""
    unheard = f"; nobody hears of the clients of {', '.join(owners)}" if owners else ""
    return Seen(f"{count_of(len(session.settings.notify.urls), 'address', 'addresses')}{unheard}", advice)


def _outbox(session: Session) -> Seen:
    mail = session.settings.mail
    if isinstance(session.office.outbox, JournalledOutbox):
        way = "by" if mail.transport == "gmail" else "to the mail server"
        return Seen(f"live mode, letters go {way} {session.office.outbox.examine()}", _mail_key_advice(session))
    if mail.transport != "folder" and session.settings.reminders.mode == "test":
        return Seen(f"test mode, letters go by mail to {session.settings.reminders.test_address}")
    folder = _writable(session.settings.outbox_folder, "Set [mail] folder")
    return Seen(f"{session.settings.reminders.mode} mode, letters go to {folder}")


def _mailbox(session: Session) -> Seen:
    """Signs in and looks into the folders; nothing in them is changed."""
    mail, server = session.settings.mail, mailbox_server(session.settings)
    if server is None:
        advice = "Name its server in [mail] imap_host, and bounces and answers are heard."
        return Seen("no mailbox is read for answers", advice if session.settings.reminders.mode == "live" else "")
    folders = examine_folders(server, mail.inbox, mail.sent_mailbox)
    doubts = "" if mail.sent_mailbox else "; letters in doubt are not looked up ([mail] sent_mailbox)"
    return Seen(f"{server.place}, signed in as {server.username}: {', '.join(folders)}{doubts}")


def _mail_key_advice(session: Session) -> str:
    """What to do when others may read the key file for Gmail; "" when there is none, or all is well."""
    mail = session.settings.mail
    if mail.transport != "gmail" or not mail.credentials:
        return ""
    from sync.storage.google_sign_in import key_mode_advice

    return key_mode_advice(session.settings.resolve(mail.credentials))


def _sender(session: Session) -> Seen:
    sender = session.settings.mail.sender
    if sender == Settings().mail.sender:
        raise WrongUse(f"The sender is still the example: {sender}.", "Set [mail] sender to your own address.")
    return Seen(sender)


def _attachments(session: Session) -> Seen:
    files = session.office.files
    if files is None:
        return Seen("letters go without the invoices")
    try:
        count = files.count()
    except OSError as error:
        raise WrongUse(
            f"The folder {files.folder} cannot be read: {error.strerror}; letters go without the invoices.",
            "Set [mail] attachments to the folder in which their PDFs lie.",
        ) from error
    advice = "" if count else "Put each there as NUMBER.pdf, with - for every character such as /: FV-12-2026.pdf."
    return Seen(f"{count_of(count, 'PDF', 'PDFs')} in {files.folder}", advice)


def _state(session: Session) -> Seen:
    """A workbook that got its name when others came must not forget what it did before."""
    own = session.settings.state_folder
    seen = _writable(own, "Set [state] folder")
    before = own.parent if session.settings.workbook.name else own
    kept = ("letters*.sqlite", "status.json")  # whose letters are files may have no journal
    if before != own and any(list(before.glob(each)) and not list(own.glob(each)) for each in kept):
        what = f"If that was this workbook: stop the service, and move what lies in {before} to {own}."
        return Seen(f"{seen}; beside it lies that of a workbook without a name", what)
    return Seen(seen)


def _witness(session: Session) -> Seen:
    """Where letters are noted a second time; without it letters leave all the same."""
    witness, folder = session.office.witness, session.settings.folder.resolve()
    trouble = witness.trouble() if witness else ""
    elsewhere = "Set the variable XDG_STATE_HOME to a folder that is not in that backup, and where you may write."
    if trouble or witness is None or witness.folder is None:
        lost = "when workbook and state folder are both put back from a backup, letters sent since leave again"
        return Seen(f"letters that left are not noted a second time, for {trouble}; {lost}", elsewhere)
    seen = f"letters that left are noted a second time in {witness.folder}"
    if witness.folder.resolve().is_relative_to(folder):
        return Seen(f"{seen}; a backup of {folder}, put back, takes that away, too", elsewhere)
    return Seen(seen)


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
