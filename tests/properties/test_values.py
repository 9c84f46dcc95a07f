"""What always holds of values: what is written in a notation with one reading reads back, and nothing ever raises."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal

import pytest
from babel.dates import format_date
from hypothesis import example, given
from hypothesis import strategies as st

from validators.amounts import Amount, read_amount
from validators.columns import Context, understand
from validators.contacts import read_emails, read_phones, read_tax_id
from validators.dates import SlashOrder, read_date, read_moment, slash_order
from validators.flaws import Flaw
from validators.tabs import CYCLES, Field, Kind

DAYS = st.dates(date(1900, 3, 1))
SPACES = st.sampled_from(["", " ", "\u00a0", "\u202f", "  "])


@pytest.mark.parametrize(
    "notation",
    [
        "{0:%Y-%m-%d}",
        "{0.year}-{0.month}-{0.day}",
        "{0:%Y.%m.%d}",
        "{0:%Y/%m/%d}",
        "{0:%d.%m.%Y}",
        "{0.day}.{0.month}.{0.year} r.",
        "{0:%d-%m-%Y}",
        "{0:%Y-%m-%dT10:00:00}",
        "{0:%d.%m.%Y} 23:59",
        "{0:%d %B %Y}",
        "{0:%B %d, %Y}",
        "{0:%d %b %Y}",
        "{0:%A, %d %B %Y}",
        "{0:%Y-%m-%d} ({0:%a})",
    ],
)
@given(day=DAYS, before=SPACES, after=SPACES)
def test_every_day_reads_back_from_every_notation(notation, day, before, after):
    assert read_date(before + notation.format(day) + after) == day


@given(DAYS, st.sampled_from(["short", "medium", "long", "full"]), st.sampled_from(["pl", "en_GB"]))
def test_every_day_reads_back_from_the_words_of_babel(day, length, locale):
    text = format_date(day, "d MMMM y" if length == "short" else length, locale)
    assert read_date(text) == day


@given(DAYS, st.floats(0, 0.9999))
def test_every_day_reads_back_from_its_serial_number(day, time_of_day):
    serial = (day - date(1899, 12, 30)).days
    assert read_date(serial) == read_date(serial + time_of_day) == day


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_two_digit_years_are_of_this_century(day):
    assert read_date(f"{day:%d.%m.%y}") == read_date(f"{day:%d-%m-%y}") == day


@given(DAYS, st.sampled_from(SlashOrder))
def test_a_date_with_slashes_is_read_as_the_column_says_or_not_at_all(day, order):
    text = f"{day:%d/%m/%Y}" if order is SlashOrder.DAY_FIRST else f"{day:%m/%d/%Y}"
    assert read_date(text, order) == day
    alone = read_date(text)
    assert alone == day or (isinstance(alone, Flaw) and str(day) in alone.params.values())


@given(st.lists(DAYS, min_size=1), st.sampled_from(SlashOrder))
def test_a_column_in_one_order_never_proves_the_other(days, order):
    notation = "{:%d/%m/%Y}" if order is SlashOrder.DAY_FIRST else "{:%m/%d/%Y}"
    assert slash_order(map(notation.format, days)) in (order, None)


@given(DAYS, st.times().map(lambda t: t.replace(microsecond=0)))
def test_moments_read_back(day, clock):
    moment = datetime.combine(day, clock)
    assert read_moment(moment.isoformat()) == read_moment(moment.isoformat(" ")) == moment
    assert read_moment((moment - datetime.combine(date(1899, 12, 30), time())) / timedelta(days=1)) == moment


AMOUNTS = st.decimals(-(10**12), 10**12, places=2)
CURRENCIES = st.sampled_from(
    [("{}", None), ("{} zł", "PLN"), ("{}\u00a0EUR", "EUR"), ("$ {}", "USD"), ("CHF{}", "CHF")]
)
MINUSES = st.sampled_from(["-{}", "\u2212{}", "{}-", "({})", "- {}"])


@given(AMOUNTS, st.sampled_from(["", " ", ".", ",", "'", "’", "\u00a0", "\u202f", "\u2009"]), CURRENCIES, MINUSES)
def test_every_amount_reads_back_from_every_notation(amount, group, currency, minus):
    mark = "," if group in (" ", ".", "\u00a0", "\u202f") else "."
    text = f"{abs(amount):,.2f}".replace(",", "\0").replace(".", mark).replace("\0", group)
    written = currency[0].format(minus.format(text) if amount < 0 else text)
    assert read_amount(written) == Amount(amount, currency[1])


@given(st.floats(-(10**14), 10**14))
def test_typed_numbers_are_taken_as_they_are_shown(number):
    assert read_amount(number) == Amount(Decimal(repr(number)))


@given(st.integers(1, 999), st.integers(0, 999), st.sampled_from(",."))
def test_a_lone_separator_before_three_digits_is_never_guessed(left, right, mark):
    found = read_amount(f"{left}{mark}{right:03}")
    assert isinstance(found, Flaw)
    assert {Decimal(found.params["first"]), Decimal(found.params["second"])} == {
        Decimal(f"{left}.{right:03}"),
        Decimal(f"{left}{right:03}"),
    }


TYPED = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.decimals() | st.dates() | st.datetimes() | st.times()
)
NEARLY = st.text("0123456789.,-/+() 'złPLNéx€$@#!:;<>\"\n\u00a0\u2212marcnietk", max_size=24)
CELLS = st.lists(TYPED | st.text() | NEARLY, max_size=12)


@pytest.mark.parametrize("kind", list(Kind))
@given(cells=CELLS)
@example(cells=["26/03/04", "\u00b2/\u00b2/2026", "#", "<", "٣٣٣", "0", "''", "+", "1" * 400])
def test_every_cell_gets_a_value_whatever_stands_in_it(kind, cells):
    column = understand(Field("x", "x", "x", kind, choices=CYCLES), cells, Context())
    assert len(column.values) == len(cells)
    assert all(0 <= fault.position < len(cells) for fault in column.faults)
    assert len(column.currencies) == (len(cells) if kind in (Kind.AMOUNT, Kind.PAYMENT) else 0)
    assert all(isinstance(text, str) for fault in column.faults for text in fault.params.values())


@given(st.text(max_size=60) | NEARLY)
def test_contacts_read_any_text_and_only_give_what_they_accept_again(text):
    for address in read_emails(text)[0]:
        assert read_emails(address) == ((address,), ())
    for number in read_phones(text)[0]:
        assert read_phones(number) == ((number,), ())
    tax_id = read_tax_id(text)
    if isinstance(tax_id, str):
        assert read_tax_id(tax_id) == tax_id
