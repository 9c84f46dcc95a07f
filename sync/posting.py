"""Letters on their way out: remembered before they are claimed, looked at once more, then sent, drafted or held back.

What is sent is decided elsewhere; how it leaves is the outbox's part.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from config.outcomes import NOT_SENT
from config.outcomes import outcome as outcome_code
from config.reasons import readdressed, withheld
from config.service_words import stopped
from config.trouble_words import troubled
from mailers.grouping import unusual
from mailers.policy import Answer, Code
from mailers.reminders import Letter, LetterState, Receipt
from sync.decide import Decision, Moment, decide
from sync.gather import Gathered, gather
from sync.hearing import remind_outbox
from sync.office import Office
from sync.runs import same_machine
from sync.service_values import why
from validators.errors import Brake, OutOfReach, Refused, Trouble

_LOG = logging.getLogger(__name__)
# What holds a letter back for hours or days only, without making its words wrong.
_PASSING = frozenset({Code.SENDING_HOURS, Code.INTERVAL, Code.CAP})
# What stops a letter for good, seen just before it leaves.
_STOPPING = frozenset(Code) - _PASSING - {Code.DUE, Code.NOT_YET, Code.FINISHED, Code.APPROVAL, Code.TOO_OLD}
FRESH_SECONDS = 600  # a look at the workbook counts for so long


def remembered(office: Office, found: Gathered, decision: Decision, now: datetime, run: str) -> None:
    """What is about to be claimed is remembered first; with a memory that was lost, or is older, nothing is sent."""
    told = {letter: same_machine(claimed_in, run) for letter, claimed_in in found.past.sent_in.items()}
    if (decision.fresh or found.past.claims) and office.outbox.is_behind(told):
        raise Refused(
            "The journal of letters on this machine is missing, or older than the workbook; nothing was sent.",
            "Run 'kartoteka doctor --rebuild-journal': it learns from the history what was sent.",
            trouble=Trouble.RECORDS,
        )
    if decision.fresh:
        for letter in found.past.failed:  # settled on another machine, it would stand in the way of its next attempt
            if office.outbox.holds(letter) is None:
                office.outbox.settle(letter, sent=False, now=now)
        remind_outbox(decision.found.past, office.outbox, now)
    office.outbox.claim(decision.fresh, now)


@dataclass(slots=True)
class Posted:
    """What became of letters so far, how many looks at the workbook it took, and what kept letters from leaving."""

    receipts: list[Receipt] = field(default_factory=list)
    looks: int = 0
    barred: OutOfReach | None = None


def sent_while_due(office: Office, decision: Decision, now: datetime, run: str) -> Posted:
    """Just before the letters leave, and again when ten minutes have gone by, the workbook is read anew, and letters
    about something that changed meanwhile stay here."""
    posted, waiting = Posted(), list(decision.fresh)
    while waiting and not office.stopping():
        snapshot = office.workbook.read()
        posted.looks, looked = posted.looks + snapshot.requests, office.seconds()
        moment = Moment(now, run, snapshot.register, snapshot.workbook)
        seen = decide(gather(snapshot, office.settings, now), office.settings, moment)
        for letter in list(waiting):
            reason = _no_longer(letter, decision, seen, office.settings.workbook.language)
            if reason:
                waiting.remove(letter)
                posted.receipts.append(_noted(letter, Receipt(letter.message_id, LetterState.FAILED, reason)))
        while waiting and not office.stopping() and office.seconds() - looked <= FRESH_SECONDS:
            office.progress(f"Letter {len(posted.receipts) + 1} of {len(decision.fresh)}")
            _post(office, waiting.pop(0), now, posted)
    posted.receipts += [_stays(office, letter) for letter in waiting]
    return posted


def _noted(letter: Letter, receipt: Receipt) -> Receipt:
    """The receipt, once its line is in the log: by ids. Drafts lie there in every run: that is no event."""
    about = {"client": letter.client, "letter": letter.message_id}
    if receipt.state is LetterState.FAILED:  # in a word: those of a server may name somebody
        about["why"] = outcome_code(receipt.detail)[0] or NOT_SENT
    level = logging.DEBUG if receipt.state is LetterState.DRAFT else logging.INFO
    _LOG.log(level, "letter %s", receipt.state, extra={"data": about})
    return receipt


def _stays(office: Office, letter: Letter) -> Receipt:
    return _noted(letter, Receipt(letter.message_id, LetterState.FAILED, stopped(office.settings.workbook.language)))


def _post(office: Office, letter: Letter, now: datetime, posted: Posted) -> None:
    """When nothing can leave any more, the rest is put down as not sent."""
    try:
        posted.receipts.append(_noted(letter, office.outbox.send(letter, now)))
    except OutOfReach as error:
        why = troubled(error.trouble, error.about, office.settings.workbook.language)
        posted.receipts.append(_noted(letter, Receipt(letter.message_id, LetterState.FAILED, why)))
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


def set_aside(office: Office, decision: Decision) -> None:
    """Drafts that may not go any more are withdrawn, in live mode too: their invoices were paid, stopped, deleted, or
    go in another letter."""
    planned = {letter.message_id: letter for letter in decision.today.letters}
    elsewhere = {invoice: m for m, letter in planned.items() for invoice in letter.invoices}
    going_on = {a.id for a in decision.today.answers if a.send or a.code in _PASSING}
    for message_id, invoices in decision.found.past.drafted.items():
        moved = any(elsewhere.get(invoice, message_id) != message_id for invoice in invoices)
        if message_id not in planned and (moved or not invoices <= going_on):
            office.outbox.withdraw(message_id)


def draft(office: Office, decision: Decision, now: datetime) -> tuple[Receipt, ...]:
    """The outbox holds what may go today: new drafts are written, those that lie there brought up to date, those that
    were set aside and may go again brought back. A draft that a person has taken away is not made again."""
    planned = {letter.message_id: letter for letter in decision.today.letters}
    known = [m for m in planned if m in decision.found.past.drafted]
    standing = [m for m in known if office.outbox.holds(m) or office.outbox.withdrawn(m)]
    return send(office, [*decision.fresh, *(planned[m] for m in standing)], now)


def as_drafted(decision: Decision, receipts: Sequence[Receipt]) -> Decision:
    """The decision without the word that a letter was drafted that was not: it is tried again with the next run."""
    failed = {receipt.message_id for receipt in receipts if receipt.state is LetterState.FAILED}
    told = (str(entry.values.get("details", "")).partition(" ")[0] for entry in decision.plan.appended)
    kept = tuple(entry for entry, letter in zip(decision.plan.appended, told, strict=True) if letter not in failed)
    return replace(decision, plan=replace(decision.plan, appended=kept)) if failed else decision


def send(office: Office, letters: Sequence[Letter], now: datetime) -> tuple[Receipt, ...]:
    """What became of each letter; those that are left when the run shall end stay here."""
    receipts: list[Receipt] = []
    for number, letter in enumerate(letters, 1):
        office.progress(f"Letter {number} of {len(letters)}")
        stays = office.stopping()
        receipts.append(_stays(office, letter) if stays else _noted(letter, office.outbox.send(letter, now)))
    return tuple(receipts)


def brake(office: Office, decision: Decision) -> None:
    """Stop a live run that would send far more letters than usual.

    Raises:
        Brake: it would; nothing was sent.
    """
    counts = decision.found.past.letters_by_day()
    past = [count for day, count in counts.items() if day != decision.today.now.date()]
    if office.settings.reminders.mode == "live" and unusual(len(decision.fresh), past):
        usual = sum(past) / len(past)
        raise Brake(
            f"This run would send {len(decision.fresh)} letters; {usual:.0f} a day are usual. Nothing was sent.",
            "Look at 'kartoteka preview'; if it is right, run 'kartoteka sync --approve-volume'.",
        )
