"""`doctor --live`: a scratch spreadsheet is made, Google asked what its documentation leaves open, and it is deleted.

The questions are google_questions.py's. The team's own spreadsheet is neither read nor written.
"""

from datetime import datetime
from pathlib import Path

from config.setting_kinds import spreadsheet_address
from config.settings import Settings
from sync.commands.work import Terminal
from sync.opening import Machine, connection, settings_at
from sync.storage.google_connection import Connection, NotApplied
from sync.storage.google_questions import DRIVE_FILES, DRIVE_SCOPE, Answer, answers
from validators.errors import KartotekaError, OutOfReach, WrongUse

_LOCALE = "pl_PL"
_OWN_SIGN_IN = (
    "Or sign in yourself: gcloud auth application-default login --scopes=https://www.googleapis.com/auth/spreadsheets,"
    f"{DRIVE_SCOPE},https://www.googleapis.com/auth/cloud-platform; then: "
    "KARTOTEKA_WORKBOOK__CREDENTIALS= kartoteka doctor --live"
)


def live(config: Path | None, folder: Path, machine: Machine, clock: datetime, terminal: Terminal) -> int:
    """Ask, and show each answer beside what Kartoteka assumes. Exit status 1 when one does not agree, or is missing.

    Raises:
        WrongUse: the settings name no Google spreadsheet.
        OutOfReach: the account can make no spreadsheet or delete none, or the scratch spreadsheet is left over.
    """
    settings = settings_at(config, machine.environ, folder)
    if settings.workbook.kind != "google":
        raise WrongUse("--live asks Google, but the workbook of the settings is a file.", "Leave --live out.")
    way = connection(settings, machine, DRIVE_SCOPE)
    title = f"Kartoteka doctor {clock:%Y-%m-%d %H:%M:%S}"
    _make(way, title, settings, terminal)
    found: list[Answer] = []
    try:
        for answer in answers(way, machine.seconds):
            found.append(answer)
            if not terminal.as_json:
                _show(terminal, answer)
    finally:
        _delete(way, title, terminal)
    if terminal.as_json:
        names = ("question", "answer", "assumed", "agrees")
        terminal.document([{name: getattr(answer, name) for name in names} for answer in found])
    return int(any(not answer.agrees for answer in found))


def _make(way: Connection, title: str, settings: Settings, terminal: Terminal) -> None:
    """Make the scratch spreadsheet, but only with an account that can delete it again."""
    try:
        way.call("get", f"{DRIVE_FILES}?pageSize=1&fields=files(id)")
    except NotApplied as error:
        raise OutOfReach(
            f"The account could not delete a scratch spreadsheet, so none is made: {error.message}",
            "Enable the Google Drive API in the Google Cloud project of the account: "
            f"https://console.cloud.google.com/apis/library/drive.googleapis.com\n{_OWN_SIGN_IN}",
        ) from error
    terminal.tell(f"Making the scratch spreadsheet '{title}' …")
    try:
        way.spreadsheet_id = way.create(title, _LOCALE, settings.workbook.timezone)
    except OutOfReach as error:
        error.advice += f"\n{_OWN_SIGN_IN}"
        raise
    terminal.tell(f"It is {spreadsheet_address(way.spreadsheet_id)} and is deleted at the end.")


def _delete(way: Connection, title: str, terminal: Terminal) -> None:
    """Delete it, or name it: also when this is interrupted."""
    gone = False
    try:
        way.delete_file(way.spreadsheet_id)
        gone = True
    except KartotekaError as error:
        raise OutOfReach(f"The scratch spreadsheet was not deleted: {error.what}", error.advice) from error
    finally:
        if not gone:
            terminal.tell(f"Still there: '{title}', {spreadsheet_address(way.spreadsheet_id)}. Delete it by hand.")


def _show(terminal: Terminal, answer: Answer) -> None:
    mark = {True: "[green]ok [/]", False: "[red]no [/]", None: "[yellow]?  [/]"}[answer.agrees]
    terminal.out.print(mark, end=" ")
    terminal.out.print(answer.question, soft_wrap=True, markup=False)
    terminal.out.print(f"    Google:    {answer.answer}", soft_wrap=True, markup=False)
    terminal.out.print(f"    Kartoteka: {answer.assumed}", soft_wrap=True, markup=False)
