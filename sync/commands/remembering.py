"""`doctor --rebuild-journal`: the journal of letters learns anew from the history of the workbook what was sent."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from itertools import chain, count
from pathlib import Path

from config.settings_file import find, load
from mailers.journal import LetterJournal, Progress
from mailers.journal_file import this_boot
from sync.commands.work import Terminal
from sync.gather import Gathered, gather
from sync.history import events
from sync.opening import Machine, alone, journal_path, open_session
from validators.errors import OutOfReach, WrongUse

_TOLD = ("reminder claimed", "reminder sent", "reminder failed", "reminder unknown", "letter bounced")


def rebuild_journal(
    config: Path | None, folder: Path, machine: Machine, clock: datetime, token: str, terminal: Terminal
) -> int:
    """Every letter that the history tells of is known again; one whose outcome it does not tell counts as doubtful.

    It is the journal of live mode, whatever the mode is now: the history tells of no letters to the test address.

    Raises:
        WrongUse: the letters go to a folder.
        KartotekaError: the workbook cannot be read, or the journal cannot be written.
    """
    settings = load(find(config, machine.environ, folder), machine.environ)
    if settings.mail.transport == "folder":
        raise WrongUse("Letters go to a folder, which is its own journal: there is none to be rebuilt.")
    path = journal_path(settings, "live")
    session = open_session(settings, clock, None, token, machine)
    with alone(settings):
        snapshot = session.office.workbook.read()
        letters = list(letters_told(gather(snapshot, settings, session.now)))
        damaged = [aside for mode in ("live", "test") if (aside := _set_aside(journal_path(settings, mode)))]
        journal = LetterJournal(path, this_boot())
        journal.adopt(snapshot.workbook, letters, session.now)
        journal.close()
    doubtful = sum(1 for _, _, progress in letters if progress is Progress.UNKNOWN)
    if terminal.as_json:
        terminal.document({"journal": str(path), "letters": len(letters), "unknown": doubtful})
        return int(bool(doubtful))
    for aside in damaged:
        terminal.out.print(f"The damaged journal is kept as {aside}.", soft_wrap=True)
    terminal.out.print(f"The journal knows {len(letters)} letters again.", soft_wrap=True)
    if doubtful:
        told = "Of so many nobody knows whether they left: "
        terminal.out.print(f"{told}{doubtful}. Settle each with: kartoteka resolve ID sent|resend", soft_wrap=True)
    return int(bool(doubtful))


def letters_told(found: Gathered) -> Iterator[tuple[str, list[tuple[str, str]], Progress]]:
    """Message-ID, invoices with their steps, and outcome of every letter that the history tells of."""
    if "history" not in found.places:
        return
    letters: dict[str, dict[str, str]] = {}
    last: dict[str, str] = {}
    for event in events(found.tables["history"]):
        if event.event in _TOLD and event.message_id:
            letters.setdefault(event.message_id, {})[event.id] = event.after
            last[event.message_id] = event.event
    progress = dict.fromkeys(("reminder failed", "letter bounced"), Progress.FAILED) | {"reminder sent": Progress.SENT}
    for message_id, pairs in letters.items():
        yield message_id, list(pairs.items()), progress.get(last[message_id], Progress.UNKNOWN)


def _set_aside(path: Path) -> Path | None:
    """Where a damaged journal was moved to, beside those of before; None when it is sound, or not there."""
    if not path.exists():
        return None
    try:
        LetterJournal(path, this_boot()).close()
    except OutOfReach:
        names = chain([".damaged"], (f".damaged.{number}" for number in count(2)))
        aside = next(free for name in names if not (free := path.with_suffix(name)).exists())
        path.replace(aside)
        with suppress(FileNotFoundError):  # what was written last belongs to it, and not to the new one
            path.with_name(f"{path.name}-wal").replace(aside.with_name(f"{aside.name}-wal"))
        return aside
    return None
