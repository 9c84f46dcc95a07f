"""The settings file that `init` makes: what flags and a person say, and a new Google spreadsheet on request.

What settings say is never changed here. What the workbook itself needs is keeping.py's.
"""

import shutil
import stat
import tomllib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from filecmp import cmp
from itertools import chain, count
from pathlib import Path

from config.setting_kinds import spreadsheet_address, spreadsheet_id
from config.settings import Settings
from config.settings_file import find, load, settings_of, upgraded
from config.settings_template import template
from sync.commands.dialogue import Ask, Dialogue, as_workbook, no_new_workbook
from sync.opening import Machine, connection
from validators.contacts import read_tax_id
from validators.errors import OutOfReach, WrongUse

# How a new spreadsheet shows dates and numbers.
_LOCALES = {"pl": "pl_PL", "en": "en_US"}
_NEW = "new"  # stands where the address will, once there is one


@dataclass(frozen=True, slots=True)
class Wishes:
    """What flags of `init` ask for; "" where nothing was said. `create` is the title of a spreadsheet to make;
    `credentials` is None where nothing was said, for "" means the machine's own sign-in."""

    workbook: str = ""
    language: str = ""
    sender: str = ""
    credentials: str | None = None
    create: str = ""
    tax_id: str = ""


def settings_file(
    config: Path | None, folder: Path, machine: Machine, wishes: Wishes, ask: Ask | None, tell: Callable[[str], None]
) -> Path:
    """The settings file, made when there is none. `ask(question, default=…)` asks a person; without it defaults count.

    A new spreadsheet is in the settings before anything else happens to it; `tell` says where it is and who opens it.

    Raises:
        WrongUse: a value does not fit, or there are settings already that say otherwise; nothing is changed.
        OutOfReach: the file cannot be written, or Google makes no spreadsheet.
    """
    if wishes.workbook and wishes.create:
        raise WrongUse(
            "--workbook names a workbook that is there, --create-spreadsheet makes a new one.", "Give one of them."
        )
    path = find(config, machine.environ, folder)
    if path.exists():
        settings = load(path, machine.environ)
        _agree(settings, wishes, path)
        if wishes.create:
            _agree_on_title(settings, wishes.create, path, machine)
        return path
    given = _given(wishes, Dialogue(ask, tell, path))
    settings = settings_of(tomllib.loads(template(given)), path, machine.environ)
    if trouble := no_new_workbook(given, path):
        raise WrongUse(trouble, "Name a file that is there, or one such as faktury.xlsx.")
    _agree(settings, wishes, path)
    if wishes.create:
        _create(settings, wishes.create, path, given, machine, tell)
    else:
        write_new(path, template(given))
    return path


def write_new(path: Path, text: str, mode: int = 0o666) -> None:
    """Write a file whole or not at all. At no moment has anybody a right to it that `mode` does not give.

    Raises:
        OutOfReach: it cannot be written.
    """
    draft = path.with_name(f"{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.unlink(missing_ok=True)
        draft.touch(mode)
        draft.write_text(text, encoding="utf-8", newline="")
        draft.replace(path)
    except OSError as error:
        raise OutOfReach(f"{path} cannot be written: {error.strerror}.", "Choose another place.") from error


def _given(wishes: Wishes, dialogue: Dialogue) -> dict[str, object]:
    """The settings of a new file, where they are not the defaults. What a flag says is not asked."""
    dialogue.begin()
    if wishes.create:
        place: dict[str, object] = {"workbook.kind": "google", "workbook.spreadsheet": _NEW}
    else:
        place = as_workbook(wishes.workbook) if wishes.workbook else dialogue.workbook()
    key = wishes.credentials
    if key is None and place.get("workbook.kind") == "google":
        key = dialogue.key()
    language, sender = wishes.language or dialogue.language(), wishes.sender or dialogue.sender()
    tax_id = wishes.tax_id or dialogue.tax_id()
    return {
        "workbook.language": language,
        "mail.sender": sender,
        **({"firm.tax_ids": [tax_id]} if tax_id else {}),
        **({} if key is None else {"workbook.credentials": key}),
        **place,
    }


def bring_up_to_date(path: Path, tell: Callable[[str], None]) -> None:
    """Settings of an older version are written anew, with all that stands in them; the old ones are kept beside. To
    those that merely do not say their version, a line is added where that is possible: nobody needs to hear of it.

    Raises:
        OutOfReach: older settings cannot be written.
    """
    older, place = upgraded(path), path.resolve()
    if older and older.only_counted:
        with suppress(OutOfReach):
            _write_again(place, older.text)
    elif older:
        kept = _kept(place, older.version)
        _write_again(place, older.text)
        tell(f"The settings were brought up to date; the old ones are kept in {kept}.")


def _write_again(path: Path, text: str) -> None:
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        write_new(path, text, mode)
        path.chmod(mode)
    except OSError as error:
        raise _not_up_to_date(path, error) from error


def _kept(path: Path, version: int) -> Path:
    """A copy of the settings beside them. Another one that lies there stays."""
    names = chain([f"{path.name}.v{version}"], (f"{path.name}.v{version}.{number}" for number in count(2)))
    try:
        kept = next(
            copy for name in names if not (copy := path.with_name(name)).exists() or cmp(copy, path, shallow=False)
        )
        if not kept.exists():
            kept.touch(0o600, exist_ok=False)
            shutil.copy2(path, kept)
    except OSError as error:
        raise _not_up_to_date(path, error) from error
    return kept


def _not_up_to_date(path: Path, error: OSError) -> OutOfReach:
    return OutOfReach(f"{path} cannot be brought up to date: {error.strerror}.", "Allow writing there.")


def _agree(settings: Settings, wishes: Wishes, path: Path) -> None:
    """Settings that stand are kept, but never while a person believes that they were changed."""
    book = settings.workbook
    google = book.kind == "google"
    same_book = spreadsheet_id(wishes.workbook) == book.spreadsheet_id if google else wishes.workbook == book.path
    if wishes.workbook and not same_book:
        raise _otherwise("workbook", wishes.workbook, book.spreadsheet if google else book.path, path)
    if wishes.credentials not in (None, book.credentials):
        raise _otherwise("credentials", wishes.credentials or "", book.credentials, path)
    if wishes.language not in ("", book.language):
        raise _otherwise("language", wishes.language, book.language, path)
    if wishes.sender not in ("", settings.mail.sender):
        raise _otherwise("sender", wishes.sender, settings.mail.sender, path)
    if wishes.tax_id and read_tax_id(wishes.tax_id, book.country) not in settings.firm.tax_ids:
        raise _otherwise("tax-id", wishes.tax_id, ", ".join(settings.firm.tax_ids) or "none", path)


def _agree_on_title(settings: Settings, title: str, path: Path, machine: Machine) -> None:
    """The spreadsheet that was asked for may have been made by an earlier try; a second one is never made."""
    if settings.workbook.kind != "google":
        raise _otherwise("create-spreadsheet", title, settings.workbook.path, path)
    standing = connection(settings, machine).describe("properties.title")["properties"]["title"]
    if standing != title:
        raise _otherwise("create-spreadsheet", title, f"{standing}, {settings.workbook_place}", path)


def _otherwise(flag: str, wish: str, standing: str, path: Path) -> WrongUse:
    return WrongUse(
        f"--{flag} says '{wish}', but {path} or the environment has '{standing}', and init keeps what is there.",
        f"Change it in {path}, or leave the option out.",
    )


def _create(
    settings: Settings, title: str, path: Path, given: dict[str, object], machine: Machine, tell: Callable[[str], None]
) -> None:
    """Make the spreadsheet and the settings that name it. That they can be written is tried out before."""
    if settings.workbook.spreadsheet != _NEW:
        raise _otherwise("create-spreadsheet", title, settings.workbook_place, path)
    trial = path.with_name(f"{path.name}.trial")
    write_new(trial, "")
    trial.unlink()
    way = connection(settings, machine)
    address = spreadsheet_address(way.create(title, _LOCALES[settings.workbook.language], settings.workbook.timezone))
    try:
        write_new(path, template({**given, "workbook.spreadsheet": address}))
    finally:
        tell(f"A new spreadsheet was made: {address}")
    tell(_sharing(way.account, path) if settings.credentials_path else _opening(way.account))


def _opening(account: str) -> str:
    return f"It belongs to {account or 'the account you are signed in with'}. Open it and press Share (Udostępnij)."


def _sharing(account: str, path: Path) -> str:
    return (
        f"It belongs to the service account {account}, and nobody else can open it: "
        "a service account has no browser in which to press Share.\n"
        "Better: make an empty spreadsheet yourself (open https://sheets.new), press Share (Udostępnij) and let "
        f"{account} in as Editor. Then set [workbook] spreadsheet in {path} to its address, "
        "and run 'kartoteka init' again."
    )
