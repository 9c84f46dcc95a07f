"""One decision for the whole workbook: what to write and which letters to send. Pure: the same input, the same plan."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias

from config.settings import Settings
from mailers.reminders import Letter, Receipt
from sync import history, service_values
from sync.appraise import Appraisal, appraise
from sync.changes import Log, new_ids, service_changes, tidied
from sync.gather import Gathered
from sync.plan import AppendRow, Plan, SetCell
from sync.tidying import Tidied, tidy
from validators.problems import Problem


@dataclass(frozen=True, slots=True)
class Decision:
    """What one look at the workbook leads to. `fresh` are the letters to make now; the others of `today.letters` lie
    in the outbox already. `problems` holds everything that a person should look at."""

    plan: Plan
    found: Gathered
    today: Appraisal
    fresh: tuple[Letter, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Moment:
    """When and for whom a decision is made: aware `now` in the workbook's time zone, the run's id, and the register
    and lasting identity of the workbook that was read."""

    now: datetime
    run: str
    register: str
    workbook: str


def decide(
    found: Gathered, settings: Settings, at: Moment, receipts: Sequence[Receipt] = (), *, sending: bool = True
) -> Decision:
    """The plan and the letters of this moment. `receipts` tell what became of letters claimed earlier; without
    `sending` no letter is claimed or drafted, whatever is due."""
    log = Log(at.now, at.run, settings.workbook.language)
    found = replace(found, past=found.past.copy())  # outcomes and claims are added to it below
    told = history.outcomes(found.past, receipts, at.now, at.run, log.language)
    today = appraise(found, settings, at.workbook, at.run, at.now)
    neat = tidy(found)
    problems = service_values.sorted_problems((*found.problems, *neat.problems, *today.problems))
    fresh: tuple[Letter, ...] = ()
    if sending and settings.reminders.mode == "live":
        fresh = today.letters
        told += history.claims(found.past, fresh, at.now, at.run, log.language)
    elif sending:
        fresh = tuple(letter for letter in today.letters if letter.message_id not in found.past.drafted)
        told += history.drafts(fresh, at.now, at.run, log.language)
    pairs = [*_identities(found, log), *_tidied(found, neat, log), *_values(found, today, problems, settings, log)]
    changes = tuple(change for change, _ in pairs)
    appended = (*(event for _, event in pairs if event), *told)
    plan = Plan(at.run, at.register, log.language, changes=changes, appended=appended)
    return Decision(plan, found, today, fresh, problems)


_Pair: TypeAlias = tuple[SetCell, AppendRow | None]


def _identities(found: Gathered, log: Log) -> Iterator[_Pair]:
    for tab in ("clients", "invoices"):
        yield from new_ids(found, tab, log)


def _tidied(found: Gathered, neat: Tidied, log: Log) -> Iterator[_Pair]:
    for field, texts in neat.wanted.items():
        yield from tidied(found.tables["clients"], found.ids["clients"], field, texts, log)


def _values(
    found: Gathered, today: Appraisal, problems: Sequence[Problem], settings: Settings, log: Log
) -> Iterator[_Pair]:
    language, currency = log.language, settings.workbook.currency
    yield from service_changes(
        found, "clients", service_values.for_clients(found, today, problems, language, currency), log
    )
    yield from service_changes(found, "invoices", service_values.for_invoices(found, today, problems, language), log)
