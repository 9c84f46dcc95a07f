"""What befalls a made-up firm in its year, by seeded chance: invoices and what becomes of them, weather, accidents."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random

from tests.soak.year_oracle import ZONE, Deed

CLIENTS = 10
HEADERS = {
    "Klienci": ("Nazwa", "E-mail", "Wstrzymaj do", "Notatki"),
    "Faktury": (
        "Numer",
        "Klient",
        "Data wystawienia",
        "Termin płatności",
        "Kwota brutto",
        "Zapłacono",
        "Data zapłaty",
        "Anulowana",
        "Wstrzymaj do",
        "Zatwierdź",
        "Notatki",
    ),
}
_A_WEEK = 4  # new invoices
_NEWCOMER = f"Firma {CLIENTS}"  # has no address at first


@dataclass(frozen=True, slots=True)
class Span:
    """From one moment to another, in seconds since the epoch."""

    begin: float
    end: float

    def __contains__(self, moment: float) -> bool:
        return self.begin <= moment < self.end


@dataclass(frozen=True, slots=True)
class Blow:
    """The first request (or word to the mail server) of this `kind` after `at` meets a signal: 15 or 9."""

    at: float
    kind: str
    signal: int


@dataclass(frozen=True, slots=True)
class Year:
    """All that is to happen from `begin` to `end`. `times` are those of the schedule; nobody is at work while the
    service is `down` or its machine `asleep`; Google is `away`, or in `trouble`; the mail server is `shut`, or
    `greylists` a client."""

    begin: float
    end: float
    times: tuple[time, ...]
    deeds: tuple[Deed, ...]
    down: tuple[Span, ...]
    asleep: tuple[Span, ...]
    away: tuple[Span, ...]
    trouble: tuple[Span, ...]
    shut: tuple[Span, ...]
    greylists: tuple[tuple[Span, str], ...]
    blows: tuple[Blow, ...]


def moment(day: date, hour: int = 0, minute: int = 0) -> float:
    """That local time, in seconds since the epoch."""
    return datetime.combine(day, time(hour, minute), ZONE).timestamp()


def address(client: int) -> str:
    """Where letters to this client go."""
    return f"firma{client}@example.pl"


def year(first: date, weeks: int, times: tuple[time, ...], seed: int) -> Year:
    """What happens in so many weeks from `first`, a Monday, on."""
    random, days = Random(seed), weeks * 7

    def any_day() -> date:
        return first + timedelta(days=random.randrange(3, days - 3))

    def spans(hours: tuple[int, int], *lengths: float) -> tuple[Span, ...]:
        starts = (moment(any_day(), random.randrange(*hours), 15) for _ in range(weeks))
        found = list[Span]()
        for start, length in zip(sorted(starts)[::3], lengths * weeks, strict=False):
            if not found or found[-1].end + 86400 < start:
                found.append(Span(start, start + length * 3600 - 15 * 60))
        return tuple(found)

    down = spans((6, 23), 12, 1, 72, 0.5)
    mornings = [moment(any_day(), random.choice((8, 13))) for _ in range(weeks)]
    kinds = ("read", "batchUpdate", "MAIL", "DATA")
    return Year(
        moment(first),
        moment(first + timedelta(days=days)),
        times,
        tuple(sorted(_deeds(first, days, random), key=lambda deed: deed.at)),
        # In the last quarter nothing is started anew: a leak would have time.
        tuple(span for span in down if span.end < moment(first + timedelta(days=days * 3 // 4))),
        spans((0, 23), 30, 2),
        spans((0, 23), 9, 3, 40),
        tuple(Span(moment(day), moment(day + timedelta(days=2))) for day in (any_day() for _ in range(weeks // 2))),
        spans((0, 23), 26, 6),
        tuple((Span(m, m + 3600), address(random.randint(1, CLIENTS))) for m in mornings[::2]),
        tuple(
            Blow(at, kinds[n % 4], 15 if n % 3 == 1 else 9)
            for n, at in enumerate(sorted(mornings[1::2]))
            if at < moment(first + timedelta(days=days * 3 // 4))
        ),
    )


def _deeds(first: date, days: int, random: Random) -> Iterator[Deed]:
    """What people type, at times of day at which no sync begins."""
    start = moment(first) - 3600
    for number in range(1, CLIENTS + 1):
        name = f"Firma {number}"
        yield Deed(start, "Klienci", name, {"Nazwa": name, "E-mail": "" if name == _NEWCOMER else address(number)})
    yield _typed(first + timedelta(days=days // 2), random, "Klienci", _NEWCOMER, {"E-mail": address(CLIENTS)})
    held = first + timedelta(days=days // 3)
    yield _typed(held, random, "Klienci", "Firma 2", {"Wstrzymaj do": f"{held + timedelta(days=12)}"})
    for number in range(1, days * _A_WEEK // 7 + 1):
        appears = first + timedelta(days=random.randrange(days))
        yield from _invoice(f"FV/{number}/2026", appears, random)
    for number in range(9001, 9001 + CLIENTS):  # what the firm had before
        yield from _invoice(f"FV/{number}/2026", first, random, random.randrange(-25, 5))


def _invoice(number: str, appears: date, random: Random, terms: int | None = None) -> Iterator[Deed]:
    """An invoice, and what becomes of it."""
    terms = random.choice((3, 7, 14, 14, 30)) if terms is None else terms
    fate = random.choice(("at once", "late", "late", "late", "in parts", "never", "never", "approved", *_RARE))
    due = appears - timedelta(days=150) if fate == "old" else appears + timedelta(days=terms)
    amount = random.randrange(5_000, 300_000) / 100
    cells = {
        "Numer": number,
        "Klient": f"Firma {random.randint(1, CLIENTS)}",
        "Data wystawienia": f"{due - timedelta(days=terms if terms > 0 else 14)}",
        "Termin płatności": f"{due}",
        "Kwota brutto": amount,
    }
    yield _typed(appears, random, "Faktury", number, cells)
    late = appears + timedelta(days=1 + random.randrange(45))
    for day, more in _fate(fate, appears, late, due, amount, random):
        yield _typed(day, random, "Faktury", number, more)


_RARE = ("promised", "cancelled", "postponed", "a little left", "old", "old but approved")


def _fate(
    fate: str, appears: date, late: date, due: date, amount: float, random: Random
) -> Iterator[tuple[date, dict[str, object]]]:
    if fate == "at once":
        yield appears + timedelta(days=1), {"Data zapłaty": f"{appears}"}
    elif fate == "late":
        yield late, random.choice(({"Zapłacono": amount}, {"Data zapłaty": f"{late}"}))
    elif fate == "in parts":
        yield appears + timedelta(days=(late - appears).days // 2 + 1), {"Zapłacono": round(amount / 3, 2)}
        yield late + timedelta(days=3), {"Zapłacono": amount}
    elif fate == "promised":
        yield late, {"Wstrzymaj do": f"{late + timedelta(days=random.randrange(3, 15))}"}
    elif fate == "cancelled":
        yield late, {"Anulowana": "tak"}
    elif fate == "postponed":
        yield late, {"Termin płatności": f"{due + timedelta(days=random.randrange(10, 30))}"}
    elif fate == "a little left":
        yield late, {"Zapłacono": round(amount - random.choice((3.2, 4.99, 5, 7)), 2)}
    elif fate in ("approved", "old but approved"):
        yield appears + timedelta(days=random.randrange(1, 60)), {"Zatwierdź": "tak"}


def _typed(day: date, random: Random, tab: str, key: str, cells: dict[str, object]) -> Deed:
    return Deed(moment(day, random.choice((9, 10, 11, 14, 15, 16)), random.choice((20, 30, 40))), tab, key, cells)
