"""From options and settings to an office that can work: the workbook, the way out, the moment. Touches files only."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from config.settings import Settings
from config.settings_file import find, load, load_all
from mailers.attachments import InvoiceFiles
from mailers.folder import FolderOutbox
from mailers.outbox import Outbox
from mailers.redirect import RedirectingOutbox
from mailers.reminders import LetterState
from mailers.witness import Witness
from sync.office import Office
from sync.runs import MARK, run_id
from sync.storage.port import Workbook
from sync.storage.xlsx import XlsxWorkbook
from validators.errors import OutOfReach, Refused, Trouble, WrongUse

if TYPE_CHECKING:
    from mailers.gmail import GmailOutbox
    from mailers.imap import ImapServer
    from mailers.listening import MailboxEar, SentFolder
    from mailers.notices import AppriseTeam
    from mailers.smtp import SmtpOutbox
    from sync.storage.google_connection import Connection, Pace

LOCK_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Machine:
    """What this machine gives: its environment, and a way to wait and a clock, in seconds, to pace requests by."""

    environ: Mapping[str, str]
    sleep: Callable[[float], None]
    seconds: Callable[[], float]


@dataclass(frozen=True, slots=True)
class Session:
    """One command's work: its office, the aware moment it works at (in the workbook's zone), its run id, and whether
    the moment is the real one."""

    office: Office
    now: datetime
    run: str
    is_now: bool

    @property
    def settings(self) -> Settings:
        """The settings the office works with."""
        return self.office.settings

    @property
    def language(self) -> str:
        """The language of the workbook."""
        return self.office.settings.workbook.language


def settings_at(config: Path | None, environ: Mapping[str, str], folder: Path) -> Settings:
    """The settings that `--config`, the folder or the environment name, for the one workbook that is meant.

    Raises:
        WrongUse: they cannot be read, or do not fit, or it is not said which workbook is meant.
    """
    return load(find(config, environ, folder), environ)


def all_settings_at(config: Path | None, environ: Mapping[str, str], folder: Path) -> tuple[Settings, ...]:
    """The same for each workbook, or for that which is named alone.

    Raises:
        WrongUse: they cannot be read, or do not fit.
    """
    return load_all(find(config, environ, folder), environ)


def open_session(
    settings: Settings,
    clock: datetime,
    as_of: str | None,
    token: str,
    machine: Machine,
    *,
    create: bool = False,
) -> Session:
    """A session at `clock` (aware), or as of the local time `as_of`; `token` makes the run's id unique.

    Raises:
        WrongUse: `as_of` is no time, or a setting asks for what this version does not have.
    """
    now = moment(as_of, settings) if as_of else clock.astimezone(settings.workbook.zone)
    witness = _witness(settings, machine)
    office = Office(
        _workbook(settings, machine, create=create),
        _outbox(settings, machine, witness),
        settings,
        seconds=machine.seconds,
        team=team(settings),
        files=invoice_files(settings),
        ear=_ear(settings),
        archive=_archive(settings),
        witness=witness,
    )
    return Session(office, now, new_run(settings, now, token), is_now=as_of is None)


def new_run(settings: Settings, now: datetime, token: str) -> str:
    """The id of the run that begins at `now` (aware, in the workbook's zone); the same for the same `token`."""
    return run_id(now, _mark(settings.state_folder, token), token)


def moment(text: str, settings: Settings) -> datetime:
    """The local time `text` ("2026-11-23T08:00", or a day alone) in the workbook's zone; of an hour that a clock
    change repeats, the first.

    Raises:
        WrongUse: it is no time, or one that the clock change leaves out.
    """
    try:
        local = datetime.fromisoformat(text)
    except ValueError as error:
        raise WrongUse(f"--now {text}: this is no time.", "Write it like 2026-11-23T08:00.") from error
    zone = settings.workbook.zone
    aware = local if local.tzinfo else local.replace(tzinfo=zone)
    there = aware.astimezone(zone)
    back = datetime.fromtimestamp(aware.timestamp(), tz=zone)
    if local.tzinfo is None and back.replace(tzinfo=None) != local:
        raise WrongUse(f"--now {text}: the clocks skip this hour in {zone.key}.", "Choose another time.")
    return there


@contextmanager
def alone(settings: Settings) -> Iterator[None]:
    """Only one run at a time for one state folder; a killed run leaves nothing locked.

    Raises:
        Refused: another run is at work.
        OutOfReach: the state folder cannot be written.
    """
    folder = settings.state_folder
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / "run.lock", timeout=LOCK_SECONDS)
        lock.acquire()
    except Timeout as error:
        what, advice = "Another run of Kartoteka is at work here.", "Wait for it to end, then run again."
        raise Refused(what, advice, trouble=Trouble.BUSY) from error
    except OSError as error:
        raise OutOfReach(
            f"The state folder {folder} cannot be written: {error.strerror}.",
            "Set [state] folder to a place where you may write.",
            trouble=Trouble.DISK,
        ) from error
    try:
        yield
    finally:
        lock.release()


def connection(settings: Settings, machine: Machine, *scopes: str) -> "Connection":
    """The way to the Google spreadsheet of the settings; `SHEETS_EMULATOR_HOST` names a stand-in for Google."""
    # Loaded only where it is used: someone who keeps a file does not wait for it.
    from sync.storage.google_connection import Connection
    from sync.storage.google_sign_in import Access

    access = Access(settings.credentials_path, machine.environ.get("SHEETS_EMULATOR_HOST", ""))
    if scopes:
        access = replace(access, scopes=(*access.scopes, *scopes))
    return Connection(settings.workbook.spreadsheet_id, access, pace(machine))


def pace(machine: Machine) -> "Pace":
    """One request a second at most."""
    from sync.storage.google_connection import Pace

    return Pace(machine.sleep, machine.seconds)


def google_workbook(settings: Settings, machine: Machine, way: "Connection") -> Workbook:
    """The workbook at the other end of `way`."""
    from sync.storage.google import GoogleWorkbook

    return GoogleWorkbook(
        way,
        settings.state_folder,
        pace(machine),
        titles=settings.workbook.tabs,
        read_rows=settings.workbook.read_batch_rows,
    )


def _mark(folder: Path, token: str) -> str:
    """What tells the runs of this machine from those of others: kept in the state folder, `token` to begin with."""
    path = folder / "machine"
    with suppress(OSError):
        kept = path.read_text("utf-8")
        if len(kept) == MARK:
            return kept
    with suppress(OSError):  # a folder that cannot be written is reported where it matters
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(token[:MARK], "utf-8")
    return token[:MARK]


def _workbook(settings: Settings, machine: Machine, *, create: bool) -> Workbook:
    if settings.workbook.kind == "google":
        return google_workbook(settings, machine, connection(settings, machine))
    backups, titles = settings.workbook.backups, settings.workbook.tabs
    return XlsxWorkbook(settings.workbook_path, settings.state_folder, backups=backups, create=create, titles=titles)


def journal_path(settings: Settings, mode: str = "") -> Path:
    """The journal of letters of `mode`, or of the settings' own. Test mode has its own: what went to the test address
    has not gone to the client."""
    is_live = (mode or settings.reminders.mode) == "live"
    return settings.state_folder / ("letters.sqlite" if is_live else "letters-test.sqlite")


def _witness(settings: Settings, machine: Machine) -> Witness | None:
    """Where letters of live mode are noted once more: below the user's state folder (XDG Base Directory
    Specification), so that it is not put back together with workbook and journal."""
    if settings.reminders.mode != "live" or settings.mail.transport == "folder":
        return None
    named, home = (Path(machine.environ.get(name, "")) for name in ("XDG_STATE_HOME", "HOME"))
    state = named if named.is_absolute() else home / ".local" / "state"
    return Witness(state / "kartoteka" if state.is_absolute() else None)


def mail_server(settings: Settings, machine: Machine, witness: Witness | None = None) -> "SmtpOutbox":
    """The way out by the mail server of the settings. Its journal is opened when it is needed."""
    # Loaded only where it is used.
    from mailers.journal import LetterJournal
    from mailers.journal_file import this_boot
    from mailers.smtp import SmtpOutbox, SmtpServer

    mail = settings.mail
    server = SmtpServer(
        mail.host,
        mail.port,
        mail.security,
        mail.username,
        mail.password.get_secret_value(),
        per_minute=mail.max_per_minute,
    )
    journal = partial(LetterJournal, journal_path(settings), this_boot(), witness)
    return SmtpOutbox(server, journal, machine.sleep, machine.seconds)


def gmail(settings: Settings, machine: Machine, witness: Witness | None = None) -> "GmailOutbox":
    """The way out by the sender's Gmail; `SHEETS_EMULATOR_HOST` names a stand-in for Google."""
    # Loaded only where it is used.
    from mailers.gmail import GmailAccess, GmailOutbox
    from mailers.journal import LetterJournal
    from mailers.journal_file import this_boot

    mail = settings.mail
    key_file = settings.resolve(mail.credentials) if mail.credentials else None
    access = GmailAccess(mail.sender_address, key_file, machine.environ.get("SHEETS_EMULATOR_HOST", ""))
    journal = partial(LetterJournal, journal_path(settings), this_boot(), witness)
    return GmailOutbox(access, journal, machine.sleep, machine.seconds, per_minute=mail.max_per_minute)


def invoice_files(settings: Settings) -> InvoiceFiles | None:
    """The PDFs of invoices that may go with letters, None when the settings name no folder."""
    return InvoiceFiles(settings.resolve(settings.mail.attachments)) if settings.mail.attachments else None


def team(settings: Settings) -> "AppriseTeam | None":
    """The way to tell the team, None when the settings name no address."""
    from mailers.notices import AppriseTeam

    addresses = settings.notify.addresses
    return AppriseTeam(addresses) if addresses else None


def mailbox_server(settings: Settings) -> "ImapServer | None":
    """Where answers arrive, None when the settings name no such server."""
    from mailers.imap import ImapServer

    mail = settings.mail
    if not mail.imap_host:
        return None
    password = mail.imap_password.get_secret_value() or mail.password.get_secret_value()
    username = mail.imap_username or mail.username
    return ImapServer(mail.imap_host, mail.imap_port, mail.imap_security, username, password)


def _ear(settings: Settings) -> "MailboxEar | None":
    """What clients answer, in live mode only: other letters have not gone to them."""
    if settings.reminders.mode != "live" or not settings.mail.imap_host:
        return None
    from mailers.listening import MailboxEar

    server = mailbox_server(settings)
    return MailboxEar(server, settings.mail.inbox, settings.state_folder / "mailbox.json") if server else None


def _archive(settings: Settings) -> "SentFolder | None":
    if settings.reminders.mode != "live" or not (settings.mail.imap_host and settings.mail.sent_mailbox):
        return None
    from mailers.listening import SentFolder

    server = mailbox_server(settings)
    return SentFolder(server, settings.mail.sent_mailbox) if server else None


def _outbox(settings: Settings, machine: Machine, witness: Witness | None) -> Outbox:
    mode, transport = settings.reminders.mode, settings.mail.transport
    if mode == "draft":
        return FolderOutbox(settings.outbox_folder)
    if transport != "folder":
        way = gmail if transport == "gmail" else mail_server
        out = way(settings, machine, witness)
        return out if mode == "live" else RedirectingOutbox(out, settings.reminders.test_address)
    if mode == "live":
        return FolderOutbox(settings.outbox_folder, LetterState.SENT)
    # In a folder a test letter is a draft: were it taken for a sent one, live mode would never write the real letter.
    return RedirectingOutbox(FolderOutbox(settings.outbox_folder), settings.reminders.test_address)
