"""The main job from end to end: read → parse → decide → act → write back. Touches only through the two ports.

Letters in draft and test mode are written before the workbook says so; in live mode the workbook claims them first, in
the one write that only one runner can win, and their outcomes follow. Either way a kill between two steps is mended by
the next run: a file is there or not, and its name is the letter's Message-ID.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from config.reasons import readdressed, withheld
from config.service_words import stopped
from config.settings import Settings
from mailers.attachments import InvoiceFiles
from mailers.digest import NOTHING_TOLD, Team, Told
from mailers.grouping import unusual
from mailers.listening import Archive, Ear
from mailers.outbox import Outbox
from mailers.policy import Answer, Code
from mailers.reminders import Letter, LetterState, Receipt
from sync import telling
from sync.book import locate, require
from sync.decide import Decision, Moment, decide
from sync.gather import Gathered, gather
from sync.hearing import NOTHING_HEARD, Heard, has_left, listen, no_longer_in_doubt, remind_outbox
from sync.history import row
from sync.plan import Plan
from sync.runs import is_older, same_machine
from sync.service_values import why
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
    """What a run works with: the workbook, the way out for letters, the settings, what to tell of progress, a clock in
    seconds that never goes back, and whether to come to an end; if there are such, the way to tell the team, the ear
    for answers, the archive of what was sent and the files that may go along."""

    workbook: Workbook
    outbox: Outbox
    settings: Settings
    progress: Callable[[str], None] = lambda _: None
    seconds: Callable[[], float] = lambda: 0.0
    stopping: Callable[[], bool] = lambda: False
    team: Team | None = None
    ear: Ear | None = None
    archive: Archive | None = None
    files: InvoiceFiles | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run did: its last decision, the letters of all its rounds, what became of each, what was written, what
    kept letters from leaving at all, what the team was told, and why answers could not be heard."""

    decision: Decision
    letters: tuple[Letter, ...] = ()
    receipts: tuple[Receipt, ...] = ()
    written: tuple[Plan, ...] = ()
    reads: int = 1
    writes: int = 0
    barred: OutOfReach | None = None
    told: Told = NOTHING_TOLD
    unheard: OutOfReach | None = None


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
    receipts: tuple[Receipt, ...] = ()
    with suppress(OutOfReach):  # who only looks can do without the journal of letters
        receipts = _recovered(office, found, now, run)
    return snapshot, decide(found, office.settings, _moment(snapshot, now, run), receipts, files=office.files)


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
    done = _told(office, done, now, run) if office.settings.reminders.mode == "live" else done
    return replace(done, unheard=heard.trouble)


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
        known = receipts or _recovered(office, found, now, run, office.archive)
        moment, back, sending = _moment(snapshot, now, run), heard.responses, sending and not office.stopping()
        decision = decide(
            found, office.settings, moment, known, sending=sending, told=told, heard=back, files=office.files
        )
        if not approve_volume:
            _brake(office, decision)
        _set_aside(office, decision)
        if office.settings.reminders.mode == "live":
            _remembered(office, found, decision, now, run)
        drafted = () if office.settings.reminders.mode == "live" else _draft(office, decision, now)
        decision = _as_drafted(decision, drafted)
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
        remind_outbox(decision.found.past, office.outbox, now)
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
    while waiting and not office.stopping():
        snapshot = office.workbook.read()
        posted.looks, looked = posted.looks + snapshot.requests, office.seconds()
        seen = decide(gather(snapshot, office.settings, now), office.settings, _moment(snapshot, now, run))
        for letter in list(waiting):
            reason = _no_longer(letter, decision, seen, office.settings.workbook.language)
            if reason:
                waiting.remove(letter)
                posted.receipts.append(Receipt(letter.message_id, LetterState.FAILED, reason))
        while waiting and not office.stopping() and office.seconds() - looked <= FRESH_SECONDS:
            office.progress(f"Letter {len(posted.receipts) + 1} of {len(decision.fresh)}")
            _post(office, waiting.pop(0), now, posted)
    posted.receipts += [_stays(office, letter) for letter in waiting]
    return posted


def _stays(office: Office, letter: Letter) -> Receipt:
    return Receipt(letter.message_id, LetterState.FAILED, stopped(office.settings.workbook.language))


def _post(office: Office, letter: Letter, now: datetime, posted: _Posted) -> None:
    """When nothing can leave any more, the rest is put down as not sent."""
    try:
        posted.receipts.append(office.outbox.send(letter, now))
    except OutOfReach as error:
        posted.receipts.append(Receipt(letter.message_id, LetterState.FAILED, error.what))
        posted.barred = error


def _no_longer(letter: Letter, decision: Decision, seen: Decision, language: str) -> str:
    """Why a letter that was claimed may not go after all, or ""."""
    found, today = seen.found, seen.today
    answers = {answer.id: answer for answer in today.answers}
    debtors = {invoice.client for invoice in found.invoices if invoice.id in letter.invoices}
    addresses = {address for client in found.clients if client.id in debtors for address in client.email[:1]}
    for invoice in letter.invoices:
        answer = answers.get(invoice, Answer(invoice, send=False, code=Code.PROBLEM))
        if answer.code in _STOPPING:
            return withheld(invoice, why(answer, language), language)
        if today.standings[invoice].remaining != decision.today.standings[invoice].remaining:
            return withheld(invoice, "", language)
    return "" if addresses == set(letter.to) else readdressed(letter.client, language)


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


def _recovered(
    office: Office, found: Gathered, now: datetime, run: str, archive: Archive | None = None
) -> tuple[Receipt, ...]:
    """What became of letters that an interrupted run had claimed: they left, or they did not, or nobody can tell.

    Those that another machine claimed are its own to settle; it is given an hour, then nobody can tell.
    """
    states = {True: LetterState.SENT, False: LetterState.FAILED, None: LetterState.UNKNOWN}
    receipts = no_longer_in_doubt(found.past, office.outbox, archive, now)
    for claim in found.past.open_claims():
        if same_machine(claim.run, run):
            state = states[has_left(office.outbox, archive, claim.message_id, now)]
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


def _as_drafted(decision: Decision, receipts: Sequence[Receipt]) -> Decision:
    """The decision without the word that a letter was drafted that was not: it is tried again with the next run."""
    failed = {receipt.message_id for receipt in receipts if receipt.state is LetterState.FAILED}
    told = (str(entry.values.get("details", "")).partition(" ")[0] for entry in decision.plan.appended)
    kept = tuple(entry for entry, letter in zip(decision.plan.appended, told, strict=True) if letter not in failed)
    return replace(decision, plan=replace(decision.plan, appended=kept)) if failed else decision


def _send(office: Office, letters: Sequence[Letter], now: datetime) -> tuple[Receipt, ...]:
    receipts: list[Receipt] = []
    for number, letter in enumerate(letters, 1):
        office.progress(f"Letter {number} of {len(letters)}")
        receipts.append(_stays(office, letter) if office.stopping() else office.outbox.send(letter, now))
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
