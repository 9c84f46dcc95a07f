"""From answers to letters: one client, one letter; its tone and language; how many may go, and when to stop and ask."""

from datetime import date
from pathlib import Path

import pytest

from mailers.grouping import unusual
from tests.workbooks_for_tests import ANNA, PIOTR, Values, desk, invoice, settings
from validators.errors import Brake

TUESDAY = "2026-10-13"


def many(count: int, **values: object) -> tuple[list[Values], list[Values]]:
    """So many clients with one invoice each, due on 12 October 2026."""
    clients: list[Values] = [
        {"id": f"K-{n:04}", "name": f"Firma {n * 7919}", "email": f"biuro@firma{n}.pl"} for n in range(1, count + 1)
    ]
    return clients, [invoice(number=f"FV/{n}", client=f"K-{n:04}", amount=100 + n) for n in range(1, count + 1)]


def test_one_client_one_letter_with_all_its_due_invoices(tmp_path: Path) -> None:
    """The highest step sets the tone, each invoice keeps its own; what is not due yet is no part of it."""
    rows = [
        invoice(number="A", due_on=date(2026, 10, 12)),
        invoice(number="B", due_on=date(2026, 9, 29)),
        invoice(number="C", due_on=date(2026, 10, 30)),
        invoice(number="D", due_on=date(2026, 10, 6)),
    ]
    office = desk(tmp_path, rows)
    (letter,) = office.look(TUESDAY).today.letters
    assert (letter.step, letter.steps) == ("+14", (("F-0002", "+14"), ("F-0004", "+7"), ("F-0001", "+1")))
    assert (letter.client, letter.to) == ("K-0001", ("anna@zuraw.pl",))


def test_team_steps_and_waiting_ones_are_no_part_of_a_letter(tmp_path: Path) -> None:
    rows = [
        invoice(number="A"),
        invoice(number="B", due_on=date(2026, 9, 21)),  # +21, the team
        invoice(number="C", due_on=date(2026, 9, 11)),  # +30, waits for approval
        invoice(number="D", hold_until=date(2026, 10, 20)),
    ]
    (letter,) = desk(tmp_path, rows).look(TUESDAY).today.letters
    assert letter.steps == (("F-0001", "+1"),)


@pytest.mark.parametrize(
    ("own", "workbook", "expected"),
    [("en", "pl", "en"), ("polski", "en", "pl"), (None, "pl", "pl"), (None, "en", "en")],
)
def test_a_letter_speaks_the_clients_language_or_the_workbooks(
    tmp_path: Path, own: str | None, workbook: str, expected: str
) -> None:
    options = settings().model_copy(update={"workbook": settings().workbook.model_copy(update={"language": workbook})})
    office = desk(tmp_path, [invoice()], [{**ANNA, "language": own}], options)
    (letter,) = office.look(TUESDAY).today.letters
    assert letter.language == expected


def test_only_the_first_address_is_written_to(tmp_path: Path) -> None:
    office = desk(tmp_path, [invoice()], [{**ANNA, "email": "a@zuraw.pl; b@zuraw.pl"}])
    assert office.look(TUESDAY).today.letters[0].to == ("a@zuraw.pl",)


def test_the_cap_of_a_run_lets_the_most_urgent_go_first(tmp_path: Path) -> None:
    """The others are answered *cap* and go with the next run."""
    rows = [invoice(), invoice(number="B", client="K-0002", due_on=date(2026, 10, 6))]
    office = desk(tmp_path, rows, options=settings("live", max_per_run=1))
    assert [letter.client for letter in office.sync(TUESDAY).letters] == ["K-0002"]
    assert (
        office.cell("invoices", "F-0001", "why")
        == "Krok +1 czeka: limit listów na dziś lub na ten przebieg jest wyczerpany."
    )
    assert [letter.client for letter in office.sync(f"{TUESDAY}T13:00").letters] == ["K-0001"]


def test_the_cap_of_a_day_counts_all_runs_of_the_day(tmp_path: Path) -> None:
    rows = [invoice(), invoice(number="B", client="K-0002")]
    office = desk(tmp_path, rows, options=settings("live", max_per_day=1))
    sent = [len(office.sync(moment).letters) for moment in (TUESDAY, f"{TUESDAY}T13:00", "2026-10-14")]
    assert sent == [1, 0, 1]


def test_a_cap_of_nothing_sends_nothing(tmp_path: Path) -> None:
    office = desk(tmp_path, [invoice()], options=settings("live", max_per_run=0))
    assert office.sync(TUESDAY).letters == ()
    assert office.code(TUESDAY) == "cap"


@pytest.mark.parametrize(
    ("planned", "past", "expected"),
    [
        (1000, [1, 1, 1, 1], False),  # fewer than five days tell nothing
        (10, [1] * 9, False),  # ten are never many
        (11, [1] * 9, True),
        (15, [5] * 5, False),  # exactly three times
        (16, [5] * 5, True),
        (0, [], False),
        (0, [0] * 6, False),
    ],
)
def test_what_is_unusual(planned: int, past: list[int], *, expected: bool) -> None:
    assert unusual(planned, past) is expected


def test_many_more_letters_than_usual_stop_the_run_before_anything_is_written(tmp_path: Path) -> None:
    """Five quiet days of one letter, then twenty at once: nothing is claimed or sent until a person says so."""
    clients, rows = many(20)
    days = [date(2026, 9, day) for day in (1, 8, 15, 22, 29)]
    quiet = [invoice(number=f"Q{day}", client="K-0901", due_on=day, issued_on=None) for day in days]
    office = desk(
        tmp_path, [*rows, *quiet], [*clients, {**PIOTR, "id": "K-0901"}], settings("live", min_days_between=0)
    )
    for row, day in enumerate(days, 21):
        assert len(office.sync(f"{day}T12:00").letters) == 1
        office.types("invoices", f"F-{row:04}", "paid_on", day)
    before = office.workbook.read()
    with pytest.raises(Brake, match="20 letters"):
        office.sync(TUESDAY)
    assert office.workbook.read() == before
    assert len(office.sync(TUESDAY, approve_volume=True).letters) == 20
