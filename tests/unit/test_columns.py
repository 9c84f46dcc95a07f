"""Columns: one value for each cell, of the type its kind promises; faults say where and what."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from validators.columns import Column, Context, understand
from validators.problems import Severity
from validators.rows import Cell
from validators.tabs import CYCLES, Choice, Field, Kind

moment = datetime.fromisoformat


def read(kind: Kind, *cells: Cell, choices: tuple[Choice, ...] = ()) -> Column:
    return understand(Field("x", "x", "x", kind, choices=choices), cells, Context())


def codes(column: Column) -> list[tuple[int, str]]:
    return [(fault.position, fault.code) for fault in column.faults]


@pytest.mark.parametrize("kind", list(Kind))
def test_blank_cells_are_no_fault(kind):
    blank = {Kind.EMAILS: (), Kind.PHONES: (), Kind.YES_NO: False}.get(kind)
    column = read(kind, None, "", "  ", "\u00a0")
    assert list(column.values) == [blank] * 4
    assert column.faults == ()


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize(
    "cell",
    [
        "#REF!",
        "#N/A",
        "#DIV/0!",
        "#DIV/0! (Function DIVIDE …)",
        "#VALUE!",
        "#NAME?",
        "#NULL!",
        "#NUM!",
        "#ERROR!",
        " #REF! ",
        "#N/D!",
        "#N/D",
        "#ADR!",
        "#ARG!",
        "#DZIEL/0!",
        "#NAZWA?",
        "#LICZBA!",
    ],
)
def test_a_failed_formula_is_an_error_in_every_kind(kind, cell):
    column = read(kind, cell)
    assert codes(column) == [(0, "error_cell")]
    assert not column.values[0]


def test_text_is_kept_as_typed():
    cells = ("  Żuraw ", 5260250274.0, 7, "007", "NA", "1e5", "=HYPERLINK(1)", "#1 Studio", "#N/A Records", True)
    texts = ["Żuraw", "5260250274", "7", "007", "NA", "1e5", "=HYPERLINK(1)", "#1 Studio", "#N/A Records", "tak"]
    for kind in (Kind.TEXT, Kind.LONG, Kind.ONE_OF, Kind.MANY_OF):
        assert list(read(kind, *cells).values) == texts


def test_equal_cells_of_other_types_are_not_confused():
    assert list(read(Kind.TEXT, *[True, 1, 1.0, Decimal("1.0"), False, 0]).values) == [
        "tak",
        "1",
        "1",
        "1.0",
        "nie",
        "0",
    ]
    assert list(read(Kind.AMOUNT, *[True, 1]).values) == [None, Decimal(1)]


def test_every_row_with_the_same_bad_cell_has_its_fault():
    column = read(Kind.DATE, "31.02.2026", "2026-03-04", "31.02.2026")
    assert list(column.values) == [None, date(2026, 3, 4), None]
    assert codes(column) == [(0, "date_impossible"), (2, "date_impossible")]


def test_slash_dates_are_decided_by_their_column():
    assert read(Kind.DATE, "03/04/2026", "25/04/2026").values[0] == date(2026, 4, 3)
    assert read(Kind.DATE, "03/04/2026", "04/25/2026").values[0] == date(2026, 3, 4)
    column = read(Kind.DATE, "03/04/2026", "25/04/2026", "04/25/2026")
    assert codes(column) == [(0, "date_ambiguous")]
    assert column.faults[0].params == {"first": "2026-04-03", "second": "2026-03-04"}


def test_amounts_are_decided_by_their_column_and_keep_their_currencies():
    column = read(Kind.AMOUNT, "1,234", "5,50 zł", 7, None)
    assert list(column.values) == [Decimal("1.234"), Decimal("5.50"), Decimal(7), None]
    assert list(column.currencies) == [None, "PLN", None, None]
    assert codes(read(Kind.AMOUNT, "1,234", 5.5, 1234.5)) == [(0, "amount_ambiguous")]
    assert list(read(Kind.AMOUNT, 1, 2).currencies) == [None, None]


@pytest.mark.parametrize("kind", [k for k in Kind if k not in (Kind.AMOUNT, Kind.PAYMENT)])
def test_only_money_has_currencies(kind):
    assert read(kind, "5 zł").currencies == ()


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("100,00 zł", Decimal("100.00")),
        (1, Decimal(1)),
        ("1", Decimal(1)),
        (0, Decimal(0)),
        ("tak", True),
        ("YES", True),
        ("x", True),
        ("opłacona", True),
        (True, True),
        (date(2026, 3, 4), True),
        (moment("2026-03-04T10:00"), True),
        ("04.03.2026", True),
        ("4 marca 2026 r.", True),
        ("03/04/2026", True),
        ("nie", Decimal(0)),
        ("-", Decimal(0)),
        (False, Decimal(0)),
    ],
)
def test_a_payment_is_an_amount_or_all_of_it(cell, value):
    column = read(Kind.PAYMENT, cell)
    assert column.values[0] == value
    assert type(column.values[0]) is type(value)
    assert column.faults == ()


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("chyba tak", "amount_unreadable"),
        ("31.02.2026", "date_impossible"),
        ("1,234", "amount_ambiguous"),
        (1e300, "amount_unreadable"),
    ],
)
def test_a_payment_that_cannot_be_read_is_a_fault(cell, code):
    assert codes(read(Kind.PAYMENT, cell)) == [(0, code)]


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("2026-03-04", date(2026, 3, 4)),
        (46085, date(2026, 3, 4)),
        ("tak", True),
        ("Paid", True),
        ("zapłacono", True),
        (True, True),
        (1, True),
        ("nie", None),
        ("-", None),
        (False, None),
        (0.0, None),
    ],
)
def test_paid_on_is_a_day_or_just_paid(cell, value):
    column = read(Kind.PAID_ON, cell)
    assert column.values == [value]
    assert column.faults == ()


def test_paid_on_and_hold_say_what_is_wrong():
    assert codes(read(Kind.PAID_ON, "w maju", "31.02.2026", "03/04/2026")) == [
        (0, "paid_on_unreadable"),
        (1, "date_impossible"),
        (2, "date_ambiguous"),
    ]
    assert codes(read(Kind.HOLD, "po świętach", "31.02.2026", "03/04/2026", 0)) == [
        (0, "hold_unreadable"),
        (1, "date_impossible"),
        (2, "date_ambiguous"),
        (3, "hold_unreadable"),
    ]


def test_a_hold_may_last_forever():
    column = read(Kind.HOLD, "zawsze", "Always", "bezterminowo", "FOREVER", "2026-03-04")
    assert list(column.values) == [date.max] * 4 + [date(2026, 3, 4)]


def test_yes_and_no_have_many_names():
    yes = ("tak", "TAK", "t", "yes", "true", "PRAWDA", "x", "1", 1, 1.0, True, "✓")
    no = ("nie", "no", "fałsz", "-", "–", "0", 0, 0.0, False, None)
    assert list(read(Kind.YES_NO, *yes, *no).values) == [True] * len(yes) + [False] * len(no)
    assert codes(read(Kind.YES_NO, "może", 2)) == [(0, "yes_no_unreadable"), (1, "yes_no_unreadable")]


def test_whole_numbers():
    assert list(read(Kind.INTEGER, 7, 7.0, "+7", "-3", "−3", Decimal(7)).values) == [7, 7, 7, -3, -3, 7]
    bad = (7.5, "7 dni", True, float("inf"), "7,5", Decimal("1e999999"), "9" * 5000)
    assert codes(read(Kind.INTEGER, *bad)) == [(i, "integer_unreadable") for i in range(len(bad))]


def test_choices_are_matched_by_every_name_and_otherwise_listed():
    column = read(Kind.CHOICE, "Miesięczny", "co kwartal", "SEASONAL", "roczny", choices=CYCLES)
    assert list(column.values) == ["monthly", "quarterly", "seasonal", None]
    assert codes(column) == [(3, "choice_unknown")]
    assert column.faults[0].params == {"allowed": "miesięczny, kwartalny, sezonowy"}


def test_contacts_keep_what_is_good():
    column = read(Kind.EMAILS, "a@b.pl", "jan@@x.pl, a@b.pl")
    assert list(column.values) == [("a@b.pl",), ("a@b.pl",)]
    assert codes(column) == [(1, "email_invalid")]
    assert column.faults[0].params == {"part": "jan@@x.pl"}
    assert list(read(Kind.PHONES, 601234567.0, 48601234567).values) == [("+48601234567",)] * 2
    assert list(read(Kind.TAX_ID, 5260250274.0, 5260250274).values) == ["5260250274"] * 2


def test_phones_and_tax_ids_are_only_warned_about():
    faults = read(Kind.PHONES, "123").faults + read(Kind.TAX_ID, "123", "9999999999").faults
    assert [fault.code for fault in faults] == ["phone_invalid", "tax_id_invalid", "tax_id_dummy"]
    assert {fault.severity for fault in faults} == {Severity.WARNING}


def test_the_country_of_the_workbook_counts_for_contacts():
    phones = understand(Field("x", "x", "x", Kind.PHONES), ["030 901820"], Context("DE"))
    assert list(phones.values) == [("+4930901820",)]


def test_moments_and_currencies():
    assert list(read(Kind.MOMENT, 46085.5, "kiedyś").values) == [moment("2026-03-04T12:00"), None]
    column = read(Kind.CURRENCY, "zł", "PLZ")
    assert list(column.values) == ["PLN", None]
    assert column.faults[0].params == {"nearest": "PLN"}


def test_cells_without_a_hash_are_understood_too():
    column = read(Kind.AMOUNT, Decimal("sNaN"), 5)
    assert list(column.values) == [None, Decimal(5)]
    assert codes(column) == [(0, "amount_unreadable")]
