"""The team's own steps: who is to be told of what, by which run, and what the history says of it. Pure.

A step of the team is claimed in the write that only one runner can win; the ladder moves when somebody was told. What
was claimed and not told is told by the next run: twice after a crash does no harm, never would.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from mailers.digest import Concern, Told
from mailers.policy import Answer, Code
from mailers.reminders import Notice
from sync.appraise import Appraisal
from sync.events import Event
from sync.gather import Gathered
from sync.history import Facts, tell
from sync.plan import AppendRow
from sync.runs import is_older, same_machine

# How long another machine may take to tell what it has claimed.
_OTHERS_TIME = timedelta(hours=1)
_NEWS_FOR = timedelta(days=7)  # what is older stands in the sheet; nobody wants it as news
_KINDS = {
    "reminder failed": "failed",
    "reminder unknown": "unknown",
    "letter bounced": "bounced",
    "reply received": "replied",
}

# A letter that failed is no matter any more: it has left since, or may not leave.
_SETTLED = frozenset(
    {
        Code.NOT_YET,
        Code.FINISHED,
        Code.PAID,
        Code.CANCELLED,
        Code.CREDIT,
        Code.BELOW_MINIMUM,
        Code.ON_HOLD,
        Code.CLIENT_ON_HOLD,
        Code.NO_DUE_DATE,
        Code.PROBLEM,
    }
)


def ours(notices: Iterable[Notice], past: Facts, now: datetime, run: str) -> tuple[Notice, ...]:
    """Those of `notices` that this run may tell: nobody else has claimed them within the hour."""
    return tuple(n for n in notices if _is_free(past.notices.get((n.invoice, n.step), run), now, run))


def claimed(notices: Iterable[Notice], past: Facts, run: str) -> tuple[Notice, ...]:
    """Those of `notices` that this machine has claimed already."""
    return tuple(n for n in notices if same_machine(past.notices.get((n.invoice, n.step), ""), run))


def claims(notices: Iterable[Notice], past: Facts, now: datetime, run: str, language: str) -> list[AppendRow]:
    """History rows that claim those of `notices` which this machine has not claimed before."""
    standing = claimed(notices, past, run)
    return [_row(past, "notice claimed", n, now, run, language) for n in notices if n not in standing]


def outcomes(told: Told, past: Facts, now: datetime, run: str, language: str) -> list[AppendRow]:
    """History rows for what the team was told; `past` is brought up to date with them."""
    rows = [_row(past, "notice sent", notice, now, run, language) for notice in told.notices]
    if told.concerns:
        about = "; ".join(dict.fromkeys(f"{c.client_name}: {c.detail}" for c in told.concerns))
        rows.append(tell(past, "notice sent", now, run, language, details=about))
    return rows


def concerns(found: Gathered, today: Appraisal) -> tuple[Concern, ...]:
    """What else is news to the team, by the history up to `today`: what has settled itself since is none."""
    clients = {client.id: client for client in found.clients}
    debtors = {invoice.id: clients.get(invoice.client or "") for invoice in found.invoices}
    numbers = {invoice.id: invoice.number for invoice in found.invoices}
    answers = {answer.id: answer for answer in today.answers}
    since = today.now.date() - _NEWS_FOR
    told: dict[Concern, None] = {}
    for event in found.past.news.untold:
        client = clients.get(event.id) or debtors.get(event.id)
        if client and event.on and event.on >= since and _stands(event, found.past, answers):
            kind = _KINDS[event.event]
            about = {"bounced": event.words, "replied": event.after or event.words}
            told[Concern(kind, client.name, client.owner, about.get(kind) or numbers.get(event.id, ""))] = None
    return tuple(told)


def _stands(event: Event, past: Facts, answers: Mapping[str, Answer]) -> bool:
    if event.event == "reminder failed":
        answer = answers.get(event.id)
        return answer is not None and (answer.code not in _SETTLED or "again" in answer.params)
    return event.event != "reminder unknown" or event.message_id in past.unknown


def _is_free(holder: str, now: datetime, run: str) -> bool:
    return same_machine(holder, run) or is_older(holder, _OTHERS_TIME, now)


def _row(past: Facts, event: str, notice: Notice, now: datetime, run: str, language: str) -> AppendRow:
    before, _ = past.ladder.get(notice.invoice, ("", None))
    about = {"tab": "invoices", "id": notice.invoice, "field": "last_step", "before": before, "after": notice.step}
    return tell(past, event, now, run, language, **about, details=notice.owner)
