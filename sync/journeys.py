"""The main job from end to end: read → parse → decide → act → write back. Touches only through the two ports.

Letters in draft and test mode are written before the workbook says so; in live mode the workbook claims them first, in
the one write that only one runner can win, and their outcomes follow. Either way a kill between two steps is mended by
the next run: a file is there or not, and its name is the letter's Message-ID.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from config.settings import Settings
from mailers.grouping import unusual
from mailers.outbox import Outbox
from mailers.policy import Code
from mailers.reminders import Letter, LetterState, Receipt
from sync.appraise import Appraisal
from sync.book import locate, require
from sync.decide import Decision, Moment, decide
from sync.gather import Gathered, gather
from sync.history import row
from sync.plan import Plan
from sync.runs import is_older, same_machine
from sync.snapshot import Snapshot
from sync.storage.port import Applied, Workbook
from validators.errors import Brake, OutOfReach, Refused, WorkbookMoved

# A sheet that people work in moves on now and then, not for ever; after this many tries a person should look.
ROUNDS = 5
# What holds a letter back for hours or days only, without making its words wrong.
_PASSING = frozenset({Code.SENDING_HOURS, Code.INTERVAL, Code.CAP})
# How long another machine may be at work on letters that it has claimed.
_OTHERS_TIME = timedelta(hours=1)
# What stops a letter for good, seen just before it leaves.
_STOPPING = frozenset(Code) - _PASSING - {Code.DUE, Code.NOT_YET, Code.FINISHED, Code.APPROVAL, Code.TOO_OLD}
FRESH_SECONDS = 600  # a look at the workbook counts for so long
NEEDED = ("clients", "invoices", "history", "vocabulary", "reminders", "templates")


@dataclass(frozen=True, slots=True)
class Office:
    """What a run works with: the workbook, the way out for letters, the settings, what to tell of progress, and a
    clock in seconds that never goes back."""

    workbook: Workbook
    outbox: Outbox
    settings: Settings
    progress: Callable[[str], None] = lambda _: None
    seconds: Callable[[], float] = lambda: 0.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run did: its last decision, the letters of all its rounds, what became of each, what was written, and what
    kept letters from leaving at all."""

    decision: Decision
    letters: tuple[Letter, ...] = ()
    receipts: tuple[Receipt, ...] = ()
    written: tuple[Plan, ...] = ()
    reads: int = 1
    writes: int = 0
    barred: OutOfReach | None = None


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
    receipts = _recovered(office, found, now, run)
    return snapshot, decide(found, office.settings, _moment(snapshot, now, run), receipts)


def sync(office: Office, now: datetime, run: str, *, approve_volume: bool = False) -> Outcome:
    """The main job. A plan that loses the race against a person is dropped, and everything decided anew.

    Raises:
        Brake: more letters than usual, and nobody approved it; nothing was written.
        WorkbookMoved: the workbook moved on five times in a row.
        KartotekaError: the workbook or the outbox cannot be reached.
    """
    office.workbook.recover()
    done = _round(office, now, run, approve_volume=approve_volume)
    while office.settings.reminders.mode == "live" and done.decision.fresh:
        posted = _sent_while_due(office, done.decision, now, run)
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
    return done


def _round(
    office: Office,
    now: datetime,
    run: str,
    receipts: Sequence[Receipt] = (),
    *,
    sending: bool = True,
    approve_volume: bool = False,
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
        known = receipts or _recovered(office, found, now, run)
        decision = decide(found, office.settings, _moment(snapshot, now, run), known, sending=sending)
        if not approve_volume:
            _brake(office, decision)
        _set_aside(office, decision)
        if office.settings.reminders.mode == "live":
            _remembered(office, found, decision, now, run)
        drafted = () if office.settings.reminders.mode == "live" else _draft(office, decision, now)
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
            told = _kept_out(office, applied, now, run)
            made = (reads + applied.reads + told.reads, applied.requests + told.requests)
            return Outcome(decision, decision.today.letters, drafted, (decision.plan,), *made)


def _remembered(office: Office, found: Gathered, decision: Decision, now: datetime, run: str) -> None:
    """What is about to be claimed is remembered first; with a memory that was lost, or is older, nothing is sent."""
    told = {letter: same_machine(claimed_in, run) for letter, claimed_in in found.past.sent_in.items()}
    if (decision.fresh or found.past.claims) and office.outbox.is_behind(told):
        raise Refused(
            "The journal of letters on this machine is missing, or older than the workbook; nothing was sent.",
            "Run 'kartoteka doctor --rebuild-journal': it learns from the history what was sent.",
        )
    if decision.fresh:
        for letter in found.past.failed:  # settled on another machine, it would stand in the way of its next attempt
            if office.outbox.holds(letter) is None:
                office.outbox.settle(letter, sent=False, now=now)
    office.outbox.claim(decision.fresh, now)


@dataclass(slots=True)
class _Posted:
    """What became of letters so far, how many looks at the workbook it took, and what kept letters from leaving."""

    receipts: list[Receipt] = field(default_factory=list)
    looks: int = 0
    barred: OutOfReach | None = None


def _sent_while_due(office: Office, decision: Decision, now: datetime, run: str) -> _Posted:
    """Just before the letters leave, and again when ten minutes have gone by, the workbook is read anew, and letters
    about something that changed meanwhile stay here."""
    posted, waiting = _Posted(), list(decision.fresh)
    while waiting:
        snapshot = office.workbook.read()
        posted.looks, looked = posted.looks + snapshot.requests, office.seconds()
        today = decide(gather(snapshot, office.settings, now), office.settings, _moment(snapshot, now, run)).today
        for letter in list(waiting):
            reason = _no_longer(letter, decision, today)
            if reason:
                waiting.remove(letter)
                posted.receipts.append(Receipt(letter.message_id, LetterState.FAILED, reason))
        while waiting and office.seconds() - looked <= FRESH_SECONDS:
            office.progress(f"Letter {len(posted.receipts) + 1} of {len(decision.fresh)}")
            _post(office, waiting.pop(0), now, posted)
    return posted


def _post(office: Office, letter: Letter, now: datetime, posted: _Posted) -> None:
    """When nothing can leave any more, the rest is put down as not sent."""
    try:
        posted.receipts.append(office.outbox.send(letter, now))
    except OutOfReach as error:
        posted.receipts.append(Receipt(letter.message_id, LetterState.FAILED, error.what))
        posted.barred = error


def _no_longer(letter: Letter, decision: Decision, today: Appraisal) -> str:
    """Why a letter that was claimed may not go after all, or ""."""
    codes = {answer.id: answer.code for answer in today.answers}
    for invoice in letter.invoices:
        if codes.get(invoice, Code.PROBLEM) in _STOPPING:
            return f"not sent: {invoice} {codes.get(invoice, Code.PROBLEM)} meanwhile"
        if today.standings[invoice].remaining != decision.today.standings[invoice].remaining:
            return f"not sent: what is left of {invoice} changed meanwhile"
    return ""


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
    receipts = _send(office, letters, now)
    if not plan.empty:
        office.workbook.apply(plan, after=snapshot)
    return receipts


def _moment(snapshot: Snapshot, now: datetime, run: str) -> Moment:
    return Moment(now, run, snapshot.register, snapshot.workbook)


def _recovered(office: Office, found: Gathered, now: datetime, run: str) -> tuple[Receipt, ...]:
    """What became of letters that an interrupted run had claimed: they left, or they did not, or nobody can tell.

    Those that another machine claimed are its own to settle; it is given an hour, then nobody can tell.
    """
    states = {True: LetterState.SENT, False: LetterState.FAILED, None: LetterState.UNKNOWN}
    receipts = []
    for claim in found.past.open_claims():
        if same_machine(claim.run, run):
            state = states[office.outbox.holds(claim.message_id)]
        elif is_older(claim.run, _OTHERS_TIME, now):
            state = LetterState.UNKNOWN
        else:
            continue
        receipts.append(Receipt(claim.message_id, state, "recovered"))
    return tuple(receipts)


def _set_aside(office: Office, decision: Decision) -> None:
    """Drafts that may not go any more are withdrawn, in live mode too: their invoices were paid, stopped, deleted, or
    go in another letter."""
    planned = {letter.message_id: letter for letter in decision.today.letters}
    elsewhere = {invoice: m for m, letter in planned.items() for invoice in letter.invoices}
    going_on = {a.id for a in decision.today.answers if a.send or a.code in _PASSING}
    for message_id, invoices in decision.found.past.drafted.items():
        moved = any(elsewhere.get(invoice, message_id) != message_id for invoice in invoices)
        if message_id not in planned and (moved or not invoices <= going_on):
            office.outbox.withdraw(message_id)


def _draft(office: Office, decision: Decision, now: datetime) -> tuple[Receipt, ...]:
    """The outbox holds what may go today: new drafts are written, those that lie there brought up to date, those that
    were set aside and may go again brought back. A draft that a person has taken away is not made again."""
    planned = {letter.message_id: letter for letter in decision.today.letters}
    known = [m for m in planned if m in decision.found.past.drafted]
    standing = [m for m in known if office.outbox.holds(m) or office.outbox.withdrawn(m)]
    return _send(office, [*decision.fresh, *(planned[m] for m in standing)], now)


def _send(office: Office, letters: Sequence[Letter], now: datetime) -> tuple[Receipt, ...]:
    receipts: list[Receipt] = []
    for number, letter in enumerate(letters, 1):
        office.progress(f"Letter {number} of {len(letters)}")
        receipts.append(office.outbox.send(letter, now))
    return tuple(receipts)


def _brake(office: Office, decision: Decision) -> None:
    counts = decision.found.past.letters_by_day()
    past = [count for day, count in counts.items() if day != decision.today.now.date()]
    if office.settings.reminders.mode == "live" and unusual(len(decision.fresh), past):
        usual = sum(past) / len(past)
        raise Brake(
            f"This run would send {len(decision.fresh)} letters; {usual:.0f} a day are usual. Nothing was sent.",
            "Look at 'kartoteka preview'; if it is right, run 'kartoteka sync --approve-volume'.",
        )
