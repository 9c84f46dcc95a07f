"""The commands that set up, try out, take back and settle: init, demo, undo, resolve."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Literal

from config.settings import Settings
from config.settings_file import NAME, find, load
from config.settings_template import template
from sync import undo as undoing
from sync.commands import work
from sync.commands.work import Terminal
from sync.gather import gather
from sync.opening import Session, alone, moment
from sync.plan import AppendRow
from sync.resolve import resolve as settle
from sync.sample.clients import OWNERS
from sync.setup import setup
from sync.storage.xlsx_sample import write_sample
from validators.errors import OutOfReach, WrongUse
from validators.tabs import VOCABULARY_KINDS, tab

DEMO_WORKBOOK = "kartoteka.xlsx"


@dataclass(frozen=True, slots=True)
class Wishes:
    """What flags of `init` ask for; "" where nothing was said."""

    workbook: str = ""
    language: str = ""
    sender: str = ""


def settings_file(
    config: Path | None, folder: Path, environ: Mapping[str, str], wishes: Wishes, ask: Callable[..., str] | None
) -> Path:
    """The settings file, made when there is none. `ask(question, default=…)` asks a person; without it defaults count.

    Raises:
        WrongUse: a value does not fit, or there are settings already that say otherwise; nothing is changed.
        OutOfReach: the file cannot be written.
    """
    path = find(config, environ, folder)
    if path.exists():
        _agree(load(path, environ), wishes, path)
        return path
    given = {
        "workbook.path": wishes.workbook or _asked(ask, "The workbook's file", "kartoteka.xlsx"),
        "workbook.language": wishes.language or _asked(ask, "Language of labels and letters (pl, en)", "pl"),
        "mail.sender": wishes.sender or _asked(ask, "Who writes the letters", "Biuro <biuro@example.pl>"),
    }
    _write_new(path, template(given))
    try:
        load(path, environ)
    except WrongUse:
        path.unlink()
        raise
    return path


def _agree(settings: Settings, wishes: Wishes, path: Path) -> None:
    """Settings that stand are kept, but never while a person believes that they were changed."""
    standing = (settings.workbook.path, settings.workbook.language, settings.mail.sender)
    asked = (wishes.workbook, wishes.language, wishes.sender)
    for flag, wish, now in zip(("workbook", "language", "sender"), asked, standing, strict=True):
        if wish and wish != now:
            raise WrongUse(
                f"--{flag} says '{wish}', but {path} has '{now}' already, and init keeps what is there.",
                f"Change it in {path}, or leave the option out.",
            )


def init(session: Session, terminal: Terminal, made: Path) -> int:
    """Create the tabs and columns the workbook lacks, with their defaults; twice changes nothing."""
    with alone(session.settings):
        session.office.workbook.recover()
        snapshot = session.office.workbook.read()
        plan = setup(snapshot, session.settings, session.run)
        if not plan.empty:
            session.office.workbook.apply(plan, after=snapshot)
    tabs = [tab(name).label(session.language) for name in plan.tabs]
    columns = [f"{tab(c.tab).label(session.language)}: {_label(c.tab, c.field, session)}" for c in plan.columns]
    if terminal.as_json:
        terminal.document({"settings": str(made), "workbook": _place(session), "tabs": tabs, "columns": columns})
        return 0
    terminal.out.print(f"Settings: {made}\nWorkbook: {_place(session)}", soft_wrap=True)
    if plan.empty:
        terminal.out.print("The workbook has every tab and column already; nothing was changed.")
    else:
        terminal.out.print(f"Added: {', '.join([f'tab {t}' for t in tabs] + columns)}", soft_wrap=True)
    terminal.out.print("Next: kartoteka check, then kartoteka plan, then kartoteka sync", soft_wrap=True)
    return 0


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
    _write_new(config, template(_DEMO))
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
        if not plan.plan.empty:
            session.office.workbook.apply(plan.plan, after=snapshot)
    kept = [undoing.where(event, session.language) for event in plan.kept]
    back = [f"{c.id}, {_label(c.tab, c.field, session)}: {c.after}" for c in plan.plan.changes]
    if terminal.as_json:
        terminal.document({"run": session.run, "undone": target, "put_back": back, "kept": kept})
    else:
        for line in back:
            terminal.out.print(f"put back  {line}", soft_wrap=True)
        for line in kept:
            terminal.out.print(f"kept      {line}: changed since, left as it is", soft_wrap=True)
        if not back and not kept:
            terminal.out.print(f"Run {target} changed nothing in the team's columns that could be put back.")
    return int(bool(kept))


def resolve(session: Session, terminal: Terminal, invoice: str, word: Literal["sent", "resend"]) -> int:
    """Settle a letter in doubt, in the history; the next sync goes on from there."""
    with alone(session.settings):
        session.office.workbook.recover()
        snapshot = session.office.workbook.read()
        found = gather(snapshot, session.settings, session.now)
        plan = settle(found, invoice, word, session.run, snapshot.register, session.now, session.language)
        session.office.workbook.apply(plan, after=snapshot)
    if terminal.as_json:
        terminal.document({"run": session.run, "invoice": invoice, "resolved": word})
    else:
        told = "counts as sent" if word == "sent" else "will be sent again when its step is due"
        terminal.out.print(f"The letter of {invoice} {told}.")
    return 0


def _asked(ask: Callable[..., str] | None, question: str, default: str) -> str:
    return ask(question, default=default) if ask else default


def _write_new(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise OutOfReach(f"{path} cannot be written: {error.strerror}.", "Choose another place.") from error


def _label(name: str, field: str, session: Session) -> str:
    return tab(name).field(field).label(session.language)


def _place(session: Session) -> str:
    return str(session.settings.workbook_path)
