"""The main job from end to end: read → parse → decide → act → write back. Touches only through the two ports.

Letters in draft and test mode are written before the workbook says so; in live mode the workbook claims them first, in
the one write that only one runner can win, and their outcomes follow. Either way a kill between two steps is mended by
the next run: a file is there or not, and its name is the letter's Message-ID.
"""

import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from mailers.digest import NOTHING_TOLD, Told
from mailers.reminders import Letter, LetterState, Receipt
from sync import archives, telling
from sync.book import locate, require
from sync.decide import Decision, Moment, decide
from sync.gather import Gathered, gather
from sync.hearing import NOTHING_HEARD, Heard, has_left, listen, no_longer_in_doubt
from sync.history import row
from sync.office import Office
from sync.plan import Plan
from sync.posting import as_drafted, brake, draft, remembered, send, sent_while_due, set_aside
from sync.recalling import Recalled, recalled
from sync.runs import is_older, same_machine
from sync.snapshot import Snapshot
from sync.storage.port import Applied
from validators.errors import KartotekaError, OutOfReach, WorkbookMoved

_LOG = logging.getLogger(__name__)
# A sheet that people work in moves on now and then, not for ever; after this many tries a person should look.
ROUNDS = 5
# How long another machine may be at work on letters that it has claimed.
_OTHERS_TIME = timedelta(hours=1)
NEEDED = ("clients", "invoices", "history", "vocabulary", "reminders", "templates")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run did: its last decision, the letters of all its rounds, what became of each, what was written, what
    kept letters from leaving at all, what the team was told, why answers could not be heard, and why the history keeps
    older years that should have moved."""

    decision: Decision
    letters: tuple[Letter, ...] = ()
    receipts: tuple[Receipt, ...] = ()
    written: tuple[Plan, ...] = ()
    reads: int = 1
    writes: int = 0
    barred: OutOfReach | None = None
    told: Told = NOTHING_TOLD
    unheard: OutOfReach | None = None
    unmoved: KartotekaError | None = None


def look(office: Office, now: datetime, run: str, *, strict: bool = True) -> tuple[Snapshot, Decision]:
    """Read the workbook and decide, writing nothing. `strict` asks for every tab that a sync needs.

    Raises:
        KartotekaError: the workbook cannot be read, or its shape does not fit.
    """
    snapshot = office.workbook.read()
    office.progress("Deciding")
    if strict:
        require(locate(snapshot, office.settings.workbook.tabs), snapshot, *NEEDED)
    found = gather(snapshot, office.settings, now)
    lost: tuple[Recalled, ...] = ()
    receipts: tuple[Receipt, ...] = ()
    with suppress(OutOfReach):  # who only looks can do without the journal of letters
        lost = recalled(office, found, snapshot.workbook, now, run)
        receipts = _recovered(office, found, now, run, asking=False)
    at = _moment(snapshot, now, run)
    return snapshot, decide(found, office.settings, at, receipts, lost=lost, files=office.files)


def sync(office: Office, now: datetime, run: str, *, approve_volume: bool = False) -> Outcome:
    """The main job. A plan that loses the race against a person is dropped, and everything decided anew.

    Raises:
        Brake: more letters than usual, and nobody approved it; nothing was written.
        WorkbookMoved: the workbook moved on five times in a row.
        KartotekaError: the workbook or the outbox cannot be reached.
    """
    office.workbook.recover()
    heard = listen(office.ear, now)
    done = _round(office, now, run, approve_volume=approve_volume, heard=heard)
    tried: set[str] = set()  # none is tried twice in one run, whatever the history makes of it
    while office.settings.reminders.mode == "live" and (fresh := _ids(done.decision.fresh)) - tried:
        tried |= fresh
        posted = sent_while_due(office, done.decision, now, run)
        going_on = all(receipt.state is LetterState.SENT for receipt in posted.receipts)
        later = _round(office, now, run, posted.receipts, sending=going_on, approve_volume=True)
        done = Outcome(
            later.decision,
            (*done.letters, *later.decision.fresh),
            (*done.receipts, *posted.receipts),
            (*done.written, *later.written),
            done.reads + later.reads + posted.looks,
            done.writes + later.writes,
            posted.barred,
        )
    done = _told(office, done, now, run) if office.settings.reminders.mode == "live" else done
    return replace(_archived(office, done, now, run), unheard=heard.trouble)


def _told(office: Office, done: Outcome, now: datetime, run: str) -> Outcome:
    """The team is told last, once, of its own steps and of what became of the letters; then the workbook knows it."""
    found, today = done.decision.found, done.decision.today
    news = telling.concerns(found, today)
    if office.team is None or not (done.decision.notices or news) or office.stopping():
        return done
    office.progress("Telling the team")
    told = office.team.tell(done.decision.notices, news, office.settings.workbook.language, now.date())
    if not (told.notices or told.concerns):
        return replace(done, told=told)
    later = _round(office, now, run, sending=False, approve_volume=True, told=told)
    reads, writes = done.reads + later.reads, done.writes + later.writes
    written = (*done.written, *later.written)
    return replace(done, decision=later.decision, written=written, reads=reads, writes=writes, told=told)


def _archived(office: Office, done: Outcome, now: datetime, run: str) -> Outcome:
    """A history that has grown long gives its older years tabs of their own. That they cannot move fails no run, but
    somebody must know; only that another run was faster settles itself."""
    place, most = done.decision.found.places["history"], office.settings.workbook.history_rows
    if office.stopping() or not archives.is_due(place, most, now):
        return done
    office.progress("Moving older years of the history")
    try:
        snapshot = office.workbook.read()
        place = locate(snapshot, office.settings.workbook.tabs)["history"]
        titles = [sheet.title for sheet in snapshot.sheets]
        plan = archives.moving_out(place, snapshot.register, now, run, office.settings.workbook.language, titles)
        applied = office.workbook.apply(plan, after=snapshot)
    except (WorkbookMoved, LookupError) as error:
        _LOG.info("The history keeps its older years until the next run: %s", error)
        return done
    except KartotekaError as error:
        _LOG.warning("The history keeps its older years: %s %s", error.what, error.advice)
        return replace(done, unmoved=error)
    reads, writes = done.reads + snapshot.requests + applied.reads, done.writes + applied.requests
    return replace(done, written=(*done.written, plan), reads=reads, writes=writes)


def _round(
    office: Office,
    now: datetime,
    run: str,
    receipts: Sequence[Receipt] = (),
    *,
    sending: bool = True,
    approve_volume: bool = False,
    told: Told = NOTHING_TOLD,
    heard: Heard = NOTHING_HEARD,
) -> Outcome:
    """One read, one decision, one write; again if somebody wrote in between."""
    attempt = reads = 0
    while True:
        attempt += 1
        office.progress("Reading the workbook")
        snapshot = office.workbook.read()
        reads += snapshot.requests
        office.progress("Deciding")
        require(locate(snapshot, office.settings.workbook.tabs), snapshot, *NEEDED)
        found = gather(snapshot, office.settings, now)
        lost = recalled(office, found, snapshot.workbook, now, run, office.archive)
        known = receipts or _recovered(office, found, now, run)
        moment, back, sending = _moment(snapshot, now, run), heard.responses, sending and not office.stopping()
        decision = decide(
            found, office.settings, moment, known, sending=sending, told=told, heard=back, lost=lost, files=office.files
        )
        if not approve_volume:
            brake(office, decision)
        set_aside(office, decision)
        if office.settings.reminders.mode == "live":
            remembered(office, found, decision, now, run)
        drafted = () if office.settings.reminders.mode == "live" else draft(office, decision, now)
        decision = as_drafted(decision, drafted)
        if decision.plan.empty:
            return Outcome(decision, decision.today.letters, drafted, (), reads)
        office.progress(f"Writing {len(decision.plan.changes)} cells")
        try:
            applied = office.workbook.apply(decision.plan, after=snapshot)
        except WorkbookMoved:
            if attempt == ROUNDS:
                raise
            office.progress("The workbook has moved on: deciding anew")
        else:
            noted = _kept_out(office, applied, now, run)
            made = (reads + applied.reads + noted.reads, applied.requests + noted.requests)
            return Outcome(decision, decision.today.letters, drafted, (decision.plan,), *made)


def _kept_out(office: Office, applied: Applied, now: datetime, run: str) -> Applied:
    """Words that could not be tidied, because a formula gives them, are put down as left: else every run would try."""
    if not applied.kept_out:
        return Applied(requests=0)
    language = office.settings.workbook.language
    rows = [
        row(now, run, "undone", language, tab=c.tab, id=c.id, field=c.field, before=c.after, after=c.before)
        for c in applied.kept_out
    ]
    snapshot = office.workbook.read()
    told = office.workbook.apply(Plan(run, snapshot.register, language, appended=tuple(rows)), after=snapshot)
    return Applied(told.requests, told.reads + snapshot.requests)


def apply_saved(office: Office, plan: Plan, letters: Sequence[Letter], now: datetime) -> tuple[Receipt, ...]:
    """Carry out a plan that was saved earlier: its letters as drafts, its cells in one write.

    Raises:
        WorkbookMoved: the workbook is no longer as it was when the plan was made.
    """
    office.workbook.recover()
    snapshot = office.workbook.read()
    if snapshot.register != plan.register:
        raise WorkbookMoved(
            "The workbook has changed since this plan was made; nothing was written.",
            "Make a new plan with 'kartoteka plan --save FILE'.",
        )
    receipts = send(office, letters, now)
    if not plan.empty:
        office.workbook.apply(plan, after=snapshot)
    return receipts


def _ids(letters: Sequence[Letter]) -> set[str]:
    return {letter.message_id for letter in letters}


def _moment(snapshot: Snapshot, now: datetime, run: str) -> Moment:
    return Moment(now, run, snapshot.register, snapshot.workbook)


def _recovered(office: Office, found: Gathered, now: datetime, run: str, *, asking: bool = True) -> tuple[Receipt, ...]:
    """What became of letters that an interrupted run had claimed: they left, or they did not, or nobody can tell; and
    of those in doubt, if `asking` servers is right.

    Those that another machine claimed are its own to settle; it is given an hour, then nobody can tell. In draft and
    test mode all wait for live mode: drafts and test letters bear the same names, and tell nothing of them.
    """
    if office.settings.reminders.mode != "live":
        return ()
    states = {True: LetterState.SENT, False: LetterState.FAILED, None: LetterState.UNKNOWN}
    archive = office.archive if asking else None
    receipts = no_longer_in_doubt(found.past, office.outbox, archive, now) if asking else []
    for claim in found.past.open_claims():
        if same_machine(claim.run, run):
            state = states[has_left(office.outbox, archive, claim.message_id, now)]
        elif is_older(claim.run, _OTHERS_TIME, now):
            state = LetterState.UNKNOWN
        else:
            continue
        receipts.append(Receipt(claim.message_id, state, "recovered"))
    return tuple(receipts)
