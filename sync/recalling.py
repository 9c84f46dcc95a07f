"""Letters that the witness knows and the history does not: the workbook was put back from an older copy. They are put
back into the history before a run decides, and so do not leave again.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias

from config.outcomes import RECALLED, outcome_text
from mailers.listening import Archive
from mailers.progress import Progress
from mailers.reminders import LetterState, Receipt
from mailers.witness import Witnessed, digest
from sync.changes import Log
from sync.gather import Gathered
from sync.hearing import has_left
from sync.history import Facts, outcomes, tell
from sync.office import Office
from sync.plan import AppendRow
from sync.runs import same_machine
from validators.records import Invoice

_Letter: TypeAlias = tuple[Witnessed, tuple[tuple[str, str], ...]]
_STATES = {True: LetterState.SENT, False: LetterState.FAILED, None: LetterState.UNKNOWN}
_ENDED = (Progress.SENT, Progress.FAILED)


@dataclass(frozen=True, slots=True)
class Recalled:
    """What the history shall tell of a letter: the invoices that it does not name there, as ids of today with their
    steps, when the letter came where it is, and what became of it."""

    message_id: str
    steps: tuple[tuple[str, str], ...]
    at: datetime
    state: LetterState


def recalled(
    office: Office, found: Gathered, workbook: str, now: datetime, run: str, archive: Archive | None = None
) -> tuple[Recalled, ...]:
    """What is lost from the history, the oldest first; of one run, the end of a letter before the claim of the letter
    that went in its place. The way out takes over what it has lost itself.

    Raises:
        OutOfReach: nothing can be remembered.
    """
    if office.witness is None:
        return ()
    noted = {m: replace(w, at=w.at.astimezone(now.tzinfo)) for m, w in office.witness.letters(workbook).items()}
    missing = {letter.message_id: (letter, steps) for letter, steps in _missing(found, noted.values(), workbook)}
    settled = [noted[m] for m in found.past.unknown if m in noted and noted[m].progress in _ENDED]
    claimed = [c.message_id for c in found.past.open_claims() if same_machine(c.run, run)]
    doubtful = [*(letter for letter, _ in missing.values()), *settled, *(noted[m] for m in claimed if m in noted)]
    if not doubtful:
        return ()
    office.outbox.recall(workbook, doubtful, now)
    about: list[_Letter] = [*missing.values(), *((letter, ()) for letter in settled)]
    states = {letter.message_id: has_left(office.outbox, archive, letter.message_id, now) for letter, _ in about}
    return tuple(
        Recalled(letter.message_id, steps, letter.at, _STATES[states[letter.message_id]])
        for letter, steps in sorted(about, key=lambda pair: (pair[0].at, bool(pair[1])))
        if states[letter.message_id] is not (False if steps else None)
    )


def put_back(past: Facts, letters: Sequence[Recalled], log: Log, *, mixed: bool) -> list[AppendRow]:
    """The history rows that are missing, dated when they happened; `past` is brought up to date. When
    letters of which it knows end, too, `mixed` or here, all are dated now: the history is read by its dates, and what
    failed must stand before what went in its place."""
    rows: list[AppendRow] = []
    run, language = log.run, log.language
    mixed = mixed or any(not letter.steps for letter in letters)
    for letter in letters:
        told, moment = f"{RECALLED}: {letter.at:%Y-%m-%d %H:%M}", log.now if mixed else letter.at
        words = outcome_text(told, language, failed=False)
        for invoice, step in letter.steps:
            before, _ = past.ladder.get(invoice, ("", None))
            values = {"tab": "invoices", "id": invoice, "field": "last_step", "before": before, "after": step}
            details = f"{letter.message_id} {words}"
            rows.append(tell(past, "reminder claimed", moment, run, language, **values, details=details))
        rows += outcomes(past, [Receipt(letter.message_id, letter.state, told)], moment, run, language)
    return rows


def _missing(found: Gathered, noted: Iterable[Witnessed], workbook: str) -> Iterator[_Letter]:
    """Letters that may have left, with those invoices of today of which the history does not tell that. An invoice is
    known by its number: after a workbook was put back, another one may take over its id."""
    gone = [w for w in noted if w.progress is not Progress.FAILED and _untold(w, found.past)]
    invoices = {digest(workbook, i.number): i for i in reversed(found.invoices)} if gone else {}
    addresses = {c.id: digest(workbook, c.email[0]) for c in found.clients if c.email} if gone else {}
    for letter in gone:
        pairs = [(invoices[number], step) for _, step, number in _untold(letter, found.past) if number in invoices]
        steps = [(i, step) for i, step in pairs if not _known(i, step, letter, found.past)]
        if steps:
            same = all(addresses.get(invoice.client or "") == letter.to for invoice, _ in steps)
            # Another address: a workbook that was copied for another firm has its identity, and may have its numbers.
            seen = letter if same else replace(letter, progress=Progress.UNKNOWN)
            yield seen, tuple((invoice.id, step) for invoice, step in steps)


def _untold(letter: Witnessed, past: Facts) -> list[tuple[str, str, str]]:
    told = past.letters.get(letter.message_id, {})
    pairs = zip(letter.steps, letter.numbers, strict=True)
    return [(invoice, step, number) for (invoice, step), number in pairs if invoice not in told]


def _known(invoice: Invoice, step: str, letter: Witnessed, past: Facts) -> bool:
    """Whether the history tells of the letter under another id, or of a later one. Where it is silent, for people may
    thin it out, the columns count: whether they show that step, or a later one."""
    if invoice.id in past.letters.get(letter.message_id, {}):
        return True
    day, told = letter.at.date(), past.ladder.get(invoice.id)
    shown, on = told or (invoice.last_step, invoice.last_reminder_on)
    return on is not None and (on > day or (told is None and on == day and shown == step))
