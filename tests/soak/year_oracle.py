"""What the policy asks for, worked out by brute force from the design's words alone: no code of ours is used here.

It replays what people typed, and looks at each sync: which letters were right at that moment, which of them came, and
when syncs had to be.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Warsaw")
_DAYS_OFF = """2026-11-11 2026-12-24 2026-12-25 2026-12-26 2027-01-01 2027-01-06 2027-03-28 2027-03-29 2027-05-01
2027-05-03 2027-05-16 2027-05-27 2027-08-15 2027-11-01 2027-11-11 2027-12-24 2027-12-25 2027-12-26 2028-01-01"""
HOLIDAYS = frozenset(map(date.fromisoformat, _DAYS_OFF.split()))
# Days from the due date, how the subject begins; at day 21 the team is told, day 30 waits for a tick.
LADDER = {
    -3: ("Zbliża się termin",),
    1: ("Przypomnienie o płatności",),
    7: ("Niezapłacona faktura", "Niezapłacone faktury"),
    14: ("Prosimy o pilną zapłatę",),
    30: ("Ostateczne wezwanie",),
}
TEAM, LAST = 21, 30
APART, TOO_OLD, LEAST = 3, 60, Decimal(5)
_REFUSED = 30 * 60  # seconds until a server that said "later" is asked again: RFC 5321, 4.5.4.1
_TOLERANCE = 2.0  # seconds


@dataclass(frozen=True, slots=True)
class Deed:
    """Somebody types `cells`, by header, into the row of `tab` called `key`, which is new if nobody has yet."""

    at: float
    tab: str
    key: str
    cells: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Run:
    """A sync that began at `at`; `end` is how it ended by the log, "" if it was killed."""

    at: float
    end: str

    @property
    def whole(self) -> bool:
        return self.end in ("done", "needs a person")


@dataclass(frozen=True, slots=True)
class Posted:
    """A letter that the mail server took (or, with `refused`, would not take) at `at`, as its reader sees it."""

    at: float
    address: str
    numbers: frozenset[str] = frozenset()
    subject: str = ""
    text: str = ""
    refused: bool = False


Rows = dict[str, dict[str, object]]


@dataclass
class Office:
    """What stands in the sheet, and what has really gone: each invoice's last step, each client's last letter,
    and when its server last refused one for now."""

    clients: Rows = field(default_factory=dict)
    invoices: Rows = field(default_factory=dict)
    step: dict[str, int] = field(default_factory=dict)
    written: dict[str, date] = field(default_factory=dict)
    seen: dict[str, date] = field(default_factory=dict)
    refused: dict[str, float] = field(default_factory=dict)

    def typed(self, deed: Deed) -> None:
        """Somebody typed something."""
        tab = self.clients if deed.tab == "Klienci" else self.invoices
        tab.setdefault(deed.key, {}).update(deed.cells)

    def left(self, number: str) -> Decimal:
        """What is still to be paid."""
        invoice = self.invoices[number]
        if invoice.get("Anulowana") == "tak" or (invoice.get("Data zapłaty") and not invoice.get("Zapłacono")):
            return Decimal(0)
        return Decimal(str(invoice["Kwota brutto"])) - Decimal(str(invoice.get("Zapłacono") or 0))

    def due(self, number: str, now: datetime) -> int | None:
        """The step that this invoice is due for, whatever the way out."""
        invoice, today = self.invoices[number], now.date()
        client = self.clients[str(invoice["Klient"])]
        payable = working(date.fromisoformat(str(invoice["Termin płatności"])))
        holds = [row.get("Wstrzymaj do") for row in (invoice, client)]
        if self.left(number) < LEAST or any(h and date.fromisoformat(str(h)) >= today for h in holds):
            return None
        first_seen, ticked = self.seen.get(number, today), invoice.get("Zatwierdź") == "tak"
        if (first_seen - payable).days > TOO_OLD and not ticked and number not in self.step:
            return None
        since = self.step.get(number, -1000)
        steps = [d for d in (*LADDER, TEAM) if d > since and payable + timedelta(days=d) <= today]
        step = max(steps, default=None)
        return None if step == LAST and not ticked else step

    def letters(self, now: datetime) -> dict[str, dict[str, int]]:
        """Who gets a letter in a sync at `now`: by address, the invoices in it and their steps."""
        if not (is_working(now.date()) and time(8) <= now.time() < time(18)):
            return {}
        found: dict[str, dict[str, int]] = defaultdict(dict)
        for number, invoice in self.invoices.items():
            step, address = self.due(number, now), str(self.clients[str(invoice["Klient"])].get("E-mail") or "")
            before = self.written.get(address, date.min)
            if step not in (None, TEAM) and address and now.date() - before >= timedelta(days=APART):
                found[address][number] = step
        return found

    def told(self, now: datetime) -> set[str]:
        """Of which invoices the team is told."""
        return {number for number in self.invoices if self.due(number, now) == TEAM}


def is_working(day: date) -> bool:
    return day.weekday() < 5 and day not in HOLIDAYS


def working(day: date) -> date:
    while not is_working(day):
        day += timedelta(days=1)
    return day


def judged(
    deeds: Sequence[Deed], runs: Sequence[Run], posted: Sequence[Posted], told: Sequence[tuple[float, str]]
) -> list[str]:
    """Where what happened is not what the policy asks for. A sync that came to its end has sent all that was right at
    its moment, one that did not some of it; none has sent anything else."""
    office, wrong, typed = Office(), list[str](), 0
    for run, following in zip(runs, [*(r.at for r in runs[1:]), float("inf")], strict=True):
        while typed < len(deeds) and deeds[typed].at <= run.at:
            office.typed(deeds[typed])
            typed += 1
        now = datetime.fromtimestamp(run.at, ZONE)
        mine = [p for p in posted if run.at <= p.at < following]
        notices = {number for at, number in told if run.at <= at < following}
        wrong += (f"{now:%Y-%m-%d %H:%M} {what}" for what in _letters(office, run, now, mine))
        wrong += (f"{now:%Y-%m-%d %H:%M} {what}" for what in _notices(office, run, now, notices))
        if run.whole:
            for number in office.invoices:
                office.seen.setdefault(number, now.date())
    return wrong


def _letters(office: Office, run: Run, now: datetime, posted: Sequence[Posted]) -> Iterator[str]:
    right = office.letters(now)
    for address in [a for a, at in office.refused.items() if run.at - at < _REFUSED]:
        right.pop(address, None)
    for letter in posted:
        content = right.pop(letter.address, None)
        if content is None:
            if not letter.refused:
                yield f"a letter to {letter.address} that nothing asks for: {letter.subject}"
            continue
        if letter.refused:
            office.refused[letter.address] = letter.at
            continue
        if letter.numbers != content.keys() or not letter.subject.startswith(LADDER[max(content.values())]):
            yield f"{letter.address} got {letter.subject!r} about {sorted(letter.numbers)} instead of {content}"
        for number in content:
            if _money(office.left(number)) not in letter.text:
                yield f"{letter.address}: {_money(office.left(number))} of {number} is not in the letter"
        office.step.update(content)
        office.written[letter.address] = now.date()
    if run.whole:
        yield from (f"no letter to {address} about {content}" for address, content in right.items())


def _notices(office: Office, run: Run, now: datetime, told: set[str]) -> Iterator[str]:
    right = office.told(now)
    yield from (f"the team was told of {number}" for number in told - right)
    if run.whole:
        yield from (f"the team was not told of {number}" for number in right - told)
    office.step.update(dict.fromkeys(told, TEAM))


def _money(amount: Decimal) -> str:
    return f"{amount:,.2f}".replace(",", " ").replace(".", ",")


def scheduled(start: float, end: float, times: Iterable[time]) -> list[float]:
    """The moments of a timetable, minute by minute: of each day, the first at which its clock shows a time or a later
    one. So one that is skipped comes after the gap, and one that is repeated comes once."""
    found: dict[tuple[date, time], float] = {}
    minute = start - start % 60
    while minute <= end:
        local = datetime.fromtimestamp(minute, ZONE)
        for at in times:
            if local.time() >= at:
                found.setdefault((local.date(), at), minute)
        minute += 60
    return sorted(moment for moment in found.values() if moment > start)


def out_of_time(awake: Sequence[tuple[float, float]], moments: Sequence[float], runs: Sequence[Run]) -> list[str]:
    """Where syncs did not come when they had to: at each moment of the timetable while the service was `awake`, and
    once when it began and had missed some, or had been interrupted."""
    ends, right, served = {round(run.at): run for run in runs}, list[float](), awake[0][0]
    for began, ended in awake:
        missed = [began] if any(served < moment <= began for moment in moments) else []
        for moment in [*missed, *(m for m in moments if began < m < ended)]:
            right.append(moment)
            run = next((ends[n] for n in range(round(moment) - 2, round(moment) + 3) if n in ends), None)
            if run and run.end not in ("", "stopped"):
                served = moment
    told = [f"no sync at {_shown(m)}" for m in right if not any(abs(m - r.at) <= _TOLERANCE for r in runs)]
    more = [r.at for r in runs if not any(abs(m - r.at) <= _TOLERANCE for m in right)]
    return [*told, *(f"a sync at {_shown(at)}" for at in more), *(["syncs doubled"] if len(right) != len(runs) else [])]


def _shown(moment: float) -> str:
    return f"{datetime.fromtimestamp(moment, ZONE):%Y-%m-%d %H:%M:%S %Z}"
