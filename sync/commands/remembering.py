"""`doctor --rebuild-journal`: the journal of letters learns anew from the history of the workbook what was sent."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from config.settings_file import find, load
from mailers.journal import LetterJournal, Progress
from sync.commands.work import Terminal
from sync.gather import Gathered, gather
from sync.history import events
from sync.opening import Machine, alone, journal_path, open_session
from validators.errors import OutOfReach

_TOLD = ("reminder claimed", "reminder sent", "reminder failed", "reminder unknown")


def rebuild_journal(
    config: Path | None, folder: Path, machine: Machine, clock: datetime, token: str, terminal: Terminal
) -> int:
    """Every letter that the history tells of is known again; one whose outcome it does not tell counts as doubtful.

    Raises:
        KartotekaError: the workbook cannot be read, or the journal cannot be written.
    """
    settings = load(find(config, machine.environ, folder), machine.environ)
    damaged = _set_aside(journal_path(settings))
    session = open_session(settings, clock, None, token, machine)
    with alone(settings):
        snapshot = session.office.workbook.read()
        found = gather(snapshot, settings, session.now)
        journal = LetterJournal(journal_path(settings))
        letters = list(letters_told(found))
        for message_id, pairs, progress in letters:
            journal.adopt(snapshot.workbook, message_id, pairs, progress, session.now)
        journal.close()
    doubtful = sum(1 for _, _, progress in letters if progress is Progress.UNKNOWN)
    if terminal.as_json:
        terminal.document({"journal": str(journal_path(settings)), "letters": len(letters), "unknown": doubtful})
        return int(bool(doubtful))
    if damaged:
        terminal.out.print(f"The damaged journal is kept as {damaged}.", soft_wrap=True)
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
    progress = {"reminder sent": Progress.SENT, "reminder failed": Progress.FAILED}
    for message_id, pairs in letters.items():
        yield message_id, list(pairs.items()), progress.get(last[message_id], Progress.UNKNOWN)


def _set_aside(path: Path) -> Path | None:
    """Where a damaged journal was moved to; None when it is sound, or not there."""
    try:
        LetterJournal(path).close()
    except OutOfReach:
        aside = path.with_suffix(".damaged")
        if not path.exists():
            raise
        path.replace(aside)
        return aside
    return None
