"""The reminder engine: for each case, on each day, exactly one answer with a reason. Pure; knows nothing of invoices.

A *case* is anything the rules may speak of (an invoice today; visits, leads and service cycles can follow): it brings
the dates that steps are counted from and, where its own nature forbids a reminder, the obstacle. What an invoice's
obstacles are is receivables.py's part; grouping and caps are grouping.py's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from validators.records import Rule
from validators.workdays import workday_test

_NOTHING: Mapping[str, object] = MappingProxyType({})


class Code(StrEnum):
    """Why a reminder is or is not sent; sentences in config/reasons.py."""

    DUE = "due"
    PAID = "paid"
    CANCELLED = "cancelled"
    CREDIT = "credit"
    BELOW_MINIMUM = "below_minimum"
    ON_HOLD = "on_hold"
    CLIENT_ON_HOLD = "client_on_hold"
    NOT_YET = "not_yet"
    INTERVAL = "interval"
    SENDING_HOURS = "sending_hours"
    APPROVAL = "approval"
    NO_EMAIL = "no_email"
    BOUNCED = "bounced"
    NO_CHANNEL = "no_channel"
    NO_DUE_DATE = "no_due_date"
    FINISHED = "finished"
    TOO_OLD = "too_old"
    STALE_PAYMENTS = "stale_payments"
    CAP = "cap"
    PROBLEM = "problem"


class Obstacle(NamedTuple):
    """Why a case itself forbids a reminder, and until which day (inclusive), if that is known."""

    code: Code
    until: date | None = None
    params: Mapping[str, object] = _NOTHING


class Pause(NamedTuple):
    """When a letter that was not taken may be tried again (aware), and the words of the server."""

    again: datetime
    words: str


class Case(NamedTuple):
    """One thing the rules may speak of. `anchors` maps `Rule.counted_from` to the date that counts; `last_step` and
    `last_on` say which step was sent last and when; `approved` is a person's tick for the step that asks for it."""

    about: str
    id: str
    client: str
    anchors: Mapping[str, date]
    obstacle: Obstacle | None = None
    last_step: str = ""
    last_on: date | None = None
    approved: bool = False


class Answer(NamedTuple):
    """Exactly one for every case: send step `step` now, or not, because of `code`.

    `step` is the step that is due or comes next ("" if none), `next_on` the day on which it can go at the earliest as
    far as is known today; `rule` the rule behind it.
    """

    id: str
    send: bool
    code: Code
    step: str = ""
    next_on: date | None = None
    params: Mapping[str, object] = _NOTHING
    rule: Rule | None = None


@dataclass(frozen=True, slots=True)
class Conditions:
    """What holds for all cases at one moment. `now` is in the workbook's time zone; `sending_days` are 0 (Monday) to 6.

    `letters` maps clients to the day of their last letter, `addresses` clients to where letters can go, `bounced` those
    whose address takes no mail to what is known of it, `paused` those whose last letter was not taken to when it may be
    tried `again` (aware) and why; `unheard` holds those about whom nobody in the team can be told.
    """

    now: datetime
    country: str
    sending_days: frozenset[int]
    sending_from: time
    sending_until: time
    min_days_between: int
    letters: Mapping[str, date]
    addresses: Mapping[str, tuple[str, ...]]
    bounced: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    paused: Mapping[str, Pause] = field(default_factory=dict)
    unheard: frozenset[str] = frozenset()

    @property
    def today(self) -> date:
        """The day in the workbook's time zone."""
        return self.now.date()

    def sends_on(self, day: date) -> bool:
        """Whether letters may leave on `day`: a sending day that is no public holiday. All seven days are every day."""
        return day.weekday() in self.sending_days and (
            len(self.sending_days) == 7 or not _is_holiday(day, self.country)
        )

    def first_sending_day(self, day: date) -> date:
        """`day`, or the next on which letters may leave."""
        for _ in range(31):
            if day == date.max or self.sends_on(day):
                return day
            day += timedelta(days=1)
        return day

    def free_from(self, client: str) -> date:
        """The first day on which `client` may have another letter."""
        last = self.letters.get(client)
        return last + timedelta(days=self.min_days_between) if last else date.min

    @property
    def open_now(self) -> bool:
        """Whether letters may leave at this moment."""
        return self.sends_on(self.today) and self.sending_from <= self.now.time() < self.sending_until


def answer(case: Case, ladder: Sequence[Rule], conditions: Conditions) -> Answer:
    """The one answer for `case`. `ladder` holds the active rules of its *about*, by days.

    Steps are due from their day on, not on their day: after an outage only the latest due step is sent, once.
    """
    if case.obstacle and case.obstacle.until is None:
        return _no(case, case.obstacle.code, params=case.obstacle.params)
    if case.obstacle:
        return _held(case, case.obstacle, ladder, conditions)
    rule, day, is_due = _next_step(case, ladder, conditions.today)
    if rule is None:
        return _no(case, Code.FINISHED, params={"step": case.last_step, "on": case.last_on})
    if not is_due:
        goes = _goes_on(case, rule, day, conditions)
        return _no(case, Code.NOT_YET, rule.step, goes, {"on": goes}, rule)
    return _due(case, rule, conditions)


def _no(
    case: Case,
    code: Code,
    step: str = "",
    next_on: date | None = None,
    params: Mapping[str, object] = _NOTHING,
    rule: Rule | None = None,
) -> Answer:
    return Answer(case.id, send=False, code=code, step=step, next_on=next_on, params=params, rule=rule)


def _is_holiday(day: date, country: str) -> bool:
    return day.weekday() < 5 and not workday_test(country)(day)


def _next_step(case: Case, ladder: Sequence[Rule], today: date) -> tuple[Rule | None, date, bool]:
    """The latest step that is due and not behind us, else the next one; with its day."""
    steps = sorted(((r, _day(r, case)) for r in ladder if r.counted_from in case.anchors), key=lambda step: step[1])
    ahead = _ahead(case, steps)
    due = [step for step in ahead if step[1] <= today]
    if due:
        return (*due[-1], True)
    return (*ahead[0], False) if ahead else (None, today, False)


def _ahead(case: Case, steps: Sequence[tuple[Rule, date]]) -> Sequence[tuple[Rule, date]]:
    """The steps after the last one sent; if the team has renamed that one since, those after the day of it."""
    if not case.last_step:
        return steps
    position = next((i for i, (rule, _) in enumerate(steps) if rule.step == case.last_step), None)
    if position is not None:
        return steps[position + 1 :]
    return [step for step in steps if case.last_on is None or step[1] > case.last_on]


def _day(rule: Rule, case: Case) -> date:
    try:
        return case.anchors[rule.counted_from] + timedelta(days=rule.days)
    except OverflowError:  # 9999-12-31 stands for "never" in many a sheet
        return date.max if rule.days > 0 else date.min


def _held(case: Case, obstacle: Obstacle, ladder: Sequence[Rule], conditions: Conditions) -> Answer:
    """On hold until a day: what goes next is the step that will be due on the day after, at the earliest."""
    if obstacle.until in (None, date.max):
        return _no(case, obstacle.code, params=obstacle.params)
    after = obstacle.until + timedelta(days=1)
    rule, day, _ = _next_step(case, ladder, after)
    if rule is None:
        return _no(case, obstacle.code, params=obstacle.params)
    goes = _goes_on(case, rule, max(after, day), conditions)
    return _no(case, obstacle.code, rule.step, goes, obstacle.params, rule)


def _goes_on(case: Case, rule: Rule, day: date, conditions: Conditions) -> date:
    """The first day from `day` on which the step can go: a letter keeps its distance and waits for a sending day."""
    if rule.channel == "team":
        return day
    return conditions.first_sending_day(max(day, conditions.free_from(case.client)))


def _due(case: Case, rule: Rule, conditions: Conditions) -> Answer:
    """The step is due; now only what belongs to the way out can hold it."""
    if rule.approval and not case.approved:
        return _no(case, Code.APPROVAL, rule.step, rule=rule)
    if rule.channel == "team" and case.client in conditions.unheard:
        return _no(case, Code.NO_CHANNEL, rule.step, rule=rule)
    if rule.channel == "team":
        return Answer(case.id, send=True, code=Code.DUE, step=rule.step, next_on=conditions.today, rule=rule)
    if not conditions.addresses.get(case.client):
        return _no(case, Code.NO_EMAIL, rule.step, rule=rule)
    if case.client in conditions.bounced:
        return _no(case, Code.BOUNCED, rule.step, params=conditions.bounced[case.client], rule=rule)
    if (pause := conditions.paused.get(case.client)) and conditions.now < pause.again:
        goes = conditions.first_sending_day(pause.again.date())
        return _no(case, Code.NOT_YET, rule.step, goes, {"again": pause.again, "words": pause.words}, rule)
    if conditions.free_from(case.client) > conditions.today:
        goes = _goes_on(case, rule, conditions.today, conditions)
        return _no(case, Code.INTERVAL, rule.step, goes, {"last": conditions.letters[case.client], "on": goes}, rule)
    if not conditions.open_now:
        later = conditions.today + timedelta(days=conditions.now.time() >= conditions.sending_from)
        opens = conditions.first_sending_day(later)
        return _no(case, Code.SENDING_HOURS, rule.step, opens, {"on": opens}, rule)
    return Answer(case.id, send=True, code=Code.DUE, step=rule.step, next_on=conditions.today, rule=rule)
