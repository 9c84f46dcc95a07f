"""Sixty days of one invoice, a run every morning, people typing in between: the golden file is the promise.

`pytest tests/timeline --regenerate` writes it anew; read every changed line before you believe it.
"""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from mailers.reminders import Letter
from sync.service_values import why
from tests.fakes.team import ListeningTeam, listening
from tests.workbooks_for_tests import Desk, at, desk, invoice, settings
from validators.rows import Cell

GOLDEN = Path(__file__).parent.parent / "golden" / "timeline.txt"
FIRST, DAYS = date(2026, 9, 21), 60
OUTAGE = {date(2026, 10, 4) + timedelta(days=n) for n in range(10)}
DUE = invoice(due_on=date(2026, 9, 29), issued_on=date(2026, 9, 15))

# What people typed before the run of the day: a word for the golden file, and the cells.
TYPED: Mapping[date, tuple[str, Mapping[str, Cell]]] = {
    date(2026, 10, 15): ("wpłata 400 zł", {"paid": 400}),
    date(2026, 10, 16): (
        "obietnica: zapłaci do niedzieli 25.10",
        {"hold_until": date(2026, 10, 25), "hold_reason": "obiecał zapłacić resztę"},
    ),
    date(2026, 11, 11): ("zgoda na ostatni krok, w święto", {"approve": True}),
    date(2026, 11, 17): ("wpłata reszty", {"paid": 1230, "paid_on": date(2026, 11, 16)}),
}
REMARKS = {
    date(2026, 10, 25): "noc zmiany czasu; obietnica obejmuje dziś",
    date(2026, 10, 26): "obietnica złamana",
    date(2026, 11, 11): "Święto Niepodległości",
}
WEEKDAYS = ("pn", "wt", "śr", "cz", "pt", "so", "nd")
HEADING = f"Faktura FV/1 na 1230,00 zł, termin wtorek 29.09.2026; przebieg co dzień o 9:00; {DAYS} dni\n"


def test_sixty_days_of_one_invoice(tmp_path: Path, *, regenerate: bool) -> None:
    """Exact letters on exact days, across an outage, a part payment, a broken promise, a holiday and a clock change."""
    office = _office(tmp_path)
    days = [FIRST + timedelta(days=n) for n in range(DAYS)]
    told = HEADING + "".join(_day(office, day) for day in days)
    if regenerate:
        GOLDEN.write_text(told, encoding="utf-8")
    assert told == GOLDEN.read_text(encoding="utf-8")


def test_no_run_of_the_sixty_days_leaves_anything_to_do(tmp_path: Path) -> None:
    """A second run on the same morning writes nothing and sends nothing, whatever happened that day."""
    office = _office(tmp_path)
    for day in (FIRST + timedelta(days=n) for n in range(DAYS) if FIRST + timedelta(days=n) not in OUTAGE):
        _type(office, day)
        office.sync(f"{day}")
        again = office.sync(f"{day}")
        assert (again.letters, again.written) == ((), ()), day


def _office(folder: Path) -> Desk:
    office = desk(folder, [DUE], options=listening(settings("live")))
    office.team = ListeningTeam()
    return office


def _day(office: Desk, day: date) -> str:
    _type(office, day)
    what = "; ".join(filter(None, [TYPED.get(day, ("",))[0], REMARKS.get(day, "")]))
    start = f"{day} {WEEKDAYS[day.weekday()]}"
    if day in OUTAGE:
        return f"{start} | (przerwa w działaniu)\n"
    outcome = office.sync(f"{day}")
    status, remaining = office.cell("invoices", "F-0001", "status"), office.cell("invoices", "F-0001", "remaining")
    assert isinstance(remaining, Decimal)
    answer = office.answer(f"{day}")
    sentence = why(answer, "pl")
    shown = office.cell("invoices", "F-0001", "why")
    assert shown == (None if str(answer.code) == "paid" else sentence), day
    letters = " ".join(_letter(letter) for letter in outcome.letters)
    team = " ".join(f"ZESPÓŁ {notice.step}: {notice.client_name}" for notice in outcome.told.notices)
    parts = [what, f"{status} {remaining:.2f}", f"{answer.code}: {sentence}", letters, team]
    return f"{start} | {' | '.join(part for part in parts if part)}\n"


def _type(office: Desk, day: date) -> None:
    for field, value in TYPED.get(day, ("", {}))[1].items():
        office.types("invoices", "F-0001", field, value)


def _letter(letter: Letter) -> str:
    amounts = dict.fromkeys(re.findall(r"(?<!\d)\d{1,3}(?:\s\d{3})*,\d\d\szł", letter.text))
    told = ", ".join(" ".join(amount.split()) for amount in amounts)
    return f"LIST {letter.step} do {', '.join(letter.to)}: „{letter.subject}”, {told}"


def test_the_moments_are_those_of_warsaw() -> None:
    """Nine in the morning is another moment in UTC before and after the clock change."""
    before, after = at("2026-10-24").utcoffset(), at("2026-10-25").utcoffset()
    assert (before, after) == (timedelta(hours=2), timedelta(hours=1))
