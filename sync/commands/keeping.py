"""The commands that set up, try out, take back and settle: init, demo, undo, resolve."""

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Literal

from config.settings import Settings
from config.settings_file import NAME
from config.settings_template import template
from sync import undo as undoing
from sync.changes import Log
from sync.commands import work
from sync.commands.setting_up import bring_up_to_date, write_new
from sync.commands.work import Terminal
from sync.gather import Gathered, gather
from sync.opening import Session, alone, moment
from sync.plan import AddColumn, AppendRow
from sync.replies import column_added
from sync.resolve import letter_in_doubt, reopen
from sync.resolve import resolve as settle
from sync.sample.clients import OWNERS
from sync.setup import setup
from sync.snapshot import Snapshot
from sync.storage.xlsx_sample import write_sample
from validators.errors import OutOfReach, WrongUse
from validators.rows import as_text
from validators.tabs import VOCABULARY_KINDS, tab

DEMO_WORKBOOK = "kartoteka.xlsx"


def init(session: Session, terminal: Terminal, made: Path) -> int:
    """Create the tabs and columns the workbook lacks, with their defaults; twice changes nothing."""
    place = session.settings.workbook_place
    with alone(session.settings), _going_on(session, made):
        session.office.workbook.recover()
        snapshot = session.office.workbook.read()
        plan = setup(snapshot, session.settings, session.run)
        if AddColumn("clients", "reply") in plan.columns:
            found = gather(snapshot, session.settings, session.now)
            rows = column_added(found, Log(session.now, session.run, session.language))
            plan = replace(plan, appended=(*plan.appended, *rows))
        if not plan.empty:
            session.office.workbook.apply(plan, after=snapshot)
        session.office.workbook.prepare()
    bring_up_to_date(made, terminal.tell)
    tabs = [tab(name).label(session.language) for name in plan.tabs]
    columns = [f"{tab(c.tab).label(session.language)}: {_label(c.tab, c.field, session)}" for c in plan.columns]
    if terminal.as_json:
        terminal.document({"settings": str(made), "workbook": place, "tabs": tabs, "columns": columns})
        return 0
    terminal.out.print(f"Settings: {made}\nWorkbook: {place}", soft_wrap=True)
    if plan.empty:
        terminal.out.print("The workbook has every tab and column already; nothing was changed.")
    else:
        terminal.out.print(f"Added: {', '.join([f'tab {t}' for t in tabs] + columns)}", soft_wrap=True)
    terminal.out.print("Next: kartoteka check, then kartoteka plan, then kartoteka sync", soft_wrap=True)
    return 0


@contextmanager
def _going_on(session: Session, made: Path) -> Iterator[None]:
    """Whatever keeps us out of a spreadsheet, the settings are there: the same command goes on from them."""
    try:
        yield
    except (OutOfReach, WrongUse) as error:
        if session.settings.workbook.kind == "google":
            error.advice += f"\nThe settings are in {made}. Then run 'kartoteka init' again: it goes on from there."
        raise


def sample(folder: Path, clock: datetime, as_of: str | None) -> Path:
    """The folder of a demo: a sample workbook as a firm keeps it, and its settings. An earlier demo is kept.

    Raises:
        WrongUse: the folder holds something else.
        OutOfReach: it cannot be written.
    """
    config, workbook = folder / NAME, folder / DEMO_WORKBOOK
    if config.exists() and workbook.exists():
        return config
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise WrongUse(f"{folder} is there already and is no demo of Kartoteka.", "Name another folder.")
    today = (moment(as_of, Settings()) if as_of else clock.astimezone(Settings().workbook.zone)).date()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_sample(workbook, today)
    except OSError as error:
        raise OutOfReach(f"{folder} cannot be written: {error.strerror}.", "Name another folder.") from error
    write_new(config, template(_DEMO))
    return config


# A demo shows letters whatever day and hour it is tried on; a firm's own settings keep to working hours.
_DEMO: Mapping[str, object] = {
    "workbook.path": DEMO_WORKBOOK,
    "mail.sender": "Serwis Instalacji Żuraw <biuro@zuraw.example>",
    "reminders.sending_days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
    "reminders.sending_hours": "00:00-24:00",
}


def demo(session: Session, terminal: Terminal) -> int:
    """Set the sample up and run the main job on it. Exit status 0: its problems are there on purpose."""
    with alone(session.settings):
        session.office.workbook.recover()
        snapshot = session.office.workbook.read()
        plan = setup(snapshot, session.settings, session.run)
        if not plan.empty:
            kind = VOCABULARY_KINDS[2].pl
            owners = tuple(AppendRow("vocabulary", {"kind": kind, "name": name}) for name in OWNERS)
            session.office.workbook.apply(replace(plan, appended=(*plan.appended, *owners)), after=snapshot)
    folder = session.settings.folder
    work.sync(
        session,
        terminal,
        following=[
            "",
            f"Open the workbook:   {folder / DEMO_WORKBOOK}   (columns with a grey header are Kartoteka's)",
            f"Open the letters:    {session.settings.outbox_folder}   (drafts; nothing was sent)",
            f"Then try:            cd {folder}; kartoteka check; kartoteka explain F-0100; kartoteka preview",
        ],
    )
    return 0


def undo(session: Session, terminal: Terminal, target: str) -> int:
    """Take a run back. Exit status 1 when something was kept because a person changed it since."""
    with alone(session.settings):
        session.office.workbook.recover()
        snapshot = session.office.workbook.read()
        found = gather(snapshot, session.settings, session.now)
        plan = undoing.undo(found, target, session.run, snapshot.register, session.now, session.language)
        formulas = () if plan.plan.empty else session.office.workbook.apply(plan.plan, after=snapshot).kept_out
    kept = [undoing.where(event, session.language) for event in plan.kept]
    kept += [f"{c.id}, {_label(c.tab, c.field, session)}" for c in formulas]
    out = {(event.tab, event.id) for event in plan.removed}
    cells = [c for c in plan.plan.changes if c not in formulas and (c.tab, c.id) not in out]
    back = [f"{c.id}, {_label(c.tab, c.field, session)}: {as_text(c.after)}" for c in cells]
    removed = [undoing.where(event, session.language) for event in plan.removed]
    if terminal.as_json:
        told = {"run": session.run, "undone": target, "put_back": back, "removed": removed, "kept": kept}
        terminal.document(told)
    else:
        for line in removed:
            terminal.out.print(f"taken out {line}", soft_wrap=True)
        for line in back:
            terminal.out.print(f"put back  {line}", soft_wrap=True)
        for line in kept:
            terminal.out.print(f"kept      {line}: changed since or in use, left as it is", soft_wrap=True)
        if not (back or kept or removed):
            terminal.out.print(f"Run {target} changed nothing in the team's columns that could be put back.")
    return int(bool(kept))


def resolve(session: Session, terminal: Terminal, invoice: str, word: Literal["sent", "resend"]) -> int:
    """Settle a letter in doubt, or let letters to a client go again; the next sync goes on from there."""
    with alone(session.settings), closing(session.office.outbox):
        session.office.workbook.recover()
        snapshot = session.office.workbook.read()
        found = gather(snapshot, session.settings, session.now)
        if invoice in found.ids["clients"]:
            return _reopen(session, terminal, found, snapshot, invoice, word)
        letter = letter_in_doubt(found, invoice)
        plan = settle(found, invoice, word, session.run, snapshot.register, session.now, session.language)
        # Said here first: were it the other way round, a kill in between would leave the journal in doubt for ever.
        session.office.outbox.settle(letter, sent=word == "sent", now=session.now)
        session.office.workbook.apply(plan, after=snapshot)
    if terminal.as_json:
        terminal.document({"run": session.run, "invoice": invoice, "resolved": word})
    else:
        told = "counts as sent" if word == "sent" else "will be sent again when its step is due"
        terminal.out.print(f"The letter of {invoice} {told}.")
    return 0


def _reopen(session: Session, terminal: Terminal, found: Gathered, snapshot: Snapshot, client: str, word: str) -> int:
    if word != "resend":
        raise WrongUse(f"{client} is a client, not an invoice.", f"Run 'kartoteka resolve {client} resend'.")
    log = Log(session.now, session.run, session.language)
    session.office.workbook.apply(reopen(found, client, snapshot.register, log), after=snapshot)
    if terminal.as_json:
        terminal.document({"run": session.run, "client": client, "resolved": word})
    else:
        terminal.out.print(f"Letters to {client} go again when their steps are due.")
    return 0


def _label(name: str, field: str, session: Session) -> str:
    return tab(name).field(field).label(session.language)
