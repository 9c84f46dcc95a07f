"""One decision for the whole workbook: what to write and which letters to send. Pure: the same input, the same plan."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias

from config.settings import Settings
from mailers.answers import Response
from mailers.digest import NOTHING_TOLD, Told
from mailers.file_names import Files
from mailers.reminders import Letter, Notice, Receipt
from sync import history, replies, service_values, telling
from sync.appraise import Appraisal, appraise
from sync.changes import Log, new_ids, service_changes, tidied
from sync.gather import Gathered
from sync.plan import AppendRow, Plan, SetCell
from sync.recalling import Recalled, put_back
from sync.tidying import Tidied, tidy
from validators.problems import Problem


@dataclass(frozen=True, slots=True)
class Decision:
    """What one look at the workbook leads to. `fresh` are the letters to make now; the others of `today.letters` lie
    in the outbox already. `problems` holds everything that a person should look at, `notices` what this run may tell
    the team, or what would be told in draft and test mode."""

    plan: Plan
    found: Gathered
    today: Appraisal
    fresh: tuple[Letter, ...]
    problems: tuple[Problem, ...]
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True)
class Moment:
    """When and for whom a decision is made: aware `now` in the workbook's time zone, the run's id, and the register
    and lasting identity of the workbook that was read."""

    now: datetime
    run: str
    register: str
    workbook: str


def decide(
    found: Gathered,
    settings: Settings,
    at: Moment,
    receipts: Sequence[Receipt] = (),
    *,
    sending: bool = True,
    told: Told = NOTHING_TOLD,
    heard: Sequence[Response] = (),
    lost: Sequence[Recalled] = (),
    files: Files | None = None,
) -> Decision:
    """The plan and the letters of this moment. `receipts` tell what became of letters claimed earlier, `told` what the
    team was told of, `heard` what came back, `lost` what the history has lost, `files` what may go along; without
    `sending` nothing leaves."""
    log = Log(at.now, at.run, settings.workbook.language)
    found = replace(found, past=found.past.copy())  # outcomes and claims are added to it below
    back = history.outcomes(found.past, receipts, at.now, at.run, log.language)
    back += put_back(found.past, lost, log, mixed=bool(back))
    back += [*replies.cleared(found, log), *replies.put_down(found, heard, log)]
    rows = telling.outcomes(told, found.past, at.now, at.run, log.language)
    today = appraise(found, settings, at.workbook, at.run, at.now, files)
    neat = tidy(found)
    problems = service_values.sorted_problems((*found.problems, *neat.problems, *today.problems))
    leaving = _live if settings.reminders.mode == "live" else _drafted
    fresh, notices, claims = leaving(found.past, today, log, sending=sending)
    rows += claims
    pairs = [*_identities(found, log), *_tidied(found, neat, log), *_values(found, today, problems, settings, log)]
    changes = tuple(change for change, _ in pairs)
    appended = (*back, *(event for _, event in pairs if event), *rows)
    plan = Plan(at.run, at.register, log.language, changes=changes, appended=appended)
    return Decision(plan, found, today, fresh, problems, notices)


_Leaving: TypeAlias = tuple[tuple[Letter, ...], tuple[Notice, ...], list[AppendRow]]
_Pair: TypeAlias = tuple[SetCell, AppendRow | None]


def _live(past: history.Facts, today: Appraisal, log: Log, *, sending: bool) -> _Leaving:
    """What leaves is claimed first."""
    if not sending:
        return (), telling.claimed(today.notices, past, log.run), []
    notices = telling.ours(today.notices, past, log.now, log.run)
    rows = history.claims(past, today.letters, log.now, log.run, log.language)
    return today.letters, notices, rows + telling.claims(notices, past, log.now, log.run, log.language)


def _drafted(past: history.Facts, today: Appraisal, log: Log, *, sending: bool) -> _Leaving:
    """Nothing leaves; each draft is put down once, and what the team would be told is only shown."""
    fresh = tuple(letter for letter in today.letters if sending and letter.message_id not in past.drafted)
    return fresh, today.notices, history.drafts(fresh, log.now, log.run, log.language)


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
