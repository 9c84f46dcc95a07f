"""Amounts: exact, with every sign and separator people use; what has two readings is not guessed."""

from decimal import Decimal

import pytest

from validators.amounts import Amount, currencies, decimal_sign, read_amount, read_currency
from validators.flaws import Flaw


def code(found: object) -> str:
    assert isinstance(found, Flaw), found
    return found.code


@pytest.mark.parametrize(
    ("cell", "amount"),
    [
        (5, "5"),
        (0.1, "0.1"),
        (1234.56, "1234.56"),
        (Decimal("12.50"), "12.50"),
        ("1234", "1234"),
        ("1 234,56", "1234.56"),
        ("1\u00a0234,56", "1234.56"),
        ("1\u202f234,56", "1234.56"),
        ("1\u2009234,56", "1234.56"),
        ("1'234.56", "1234.56"),
        ("1’234’567.5", "1234567.5"),
        ("1.234,56", "1234.56"),
        ("1,234.56", "1234.56"),
        ("1.234.567,00", "1234567.00"),
        ("1.234.567", "1234567"),
        ("1,234,567.89", "1234567.89"),
        ("12 345 678", "12345678"),
        (",50", "0.50"),
        ("12,-", "12"),
        ("1 234,--", "1234"),
        ("0,234", "0.234"),
        ("1234,567", "1234.567"),
        ("1 234,567", "1234.567"),
        ("1.234,567", "1234.567"),
        ("(120,00)", "-120.00"),
        ("-5", "-5"),
        ("5-", "-5"),
        ("\u22125", "-5"),
        ("–5,20", "-5.20"),
        ("+5", "5"),
        ("  5  ", "5"),
    ],
)
def test_every_notation_is_read_exactly(cell, amount):
    found = read_amount(cell)
    assert found == Amount(Decimal(amount))
    assert str(found.value) == amount


@pytest.mark.parametrize(
    ("text", "amount", "currency"),
    [
        ("1 234,56 zł", "1234.56", "PLN"),
        ("120 zł.", "120", "PLN"),
        ("5zł", "5", "PLN"),
        ("12,- zł", "12", "PLN"),
        ("PLN 5", "5", "PLN"),
        ("5 000 pln", "5000", "PLN"),
        ("$5", "5", "USD"),
        ("-$5.00", "-5.00", "USD"),
        ("$-5.00", "-5.00", "USD"),
        ("($5.50)", "-5.50", "USD"),
        ("(120,00) zł", "-120.00", "PLN"),
        ("5 €", "5", "EUR"),
        ("EUR 5", "5", "EUR"),
        ("£1,234.50", "1234.50", "GBP"),
        ("5 Kč", "5", "CZK"),
        ("CHF 5", "5", "CHF"),
        ("500 kr", "500", None),
        ("zł 5 PLN", "5", "PLN"),
    ],
)
def test_a_currency_beside_the_amount_is_noticed(text, amount, currency):
    assert read_amount(text) == Amount(Decimal(amount), currency)


@pytest.mark.parametrize(
    "cell",
    [
        "1 23,4",
        "1,23,456",
        "1 ,5",
        "1.234 567,5",
        "0.123.456",
        "0 123",
        "12 34",
        "12\n345",
        "12,",
        "1e5",
        "5 abc",
        "5k",
        "5%",
        "ok. 500",
        "5 EUR USD",
        "PLN 5 EUR",
        "--5",
        "(-5)",
        "(5",
        "5)",
        "-",
        "zł",
        "",
        ".",
        "12.03.2026",
        "2026-03-04",
        "1_000",
        "٣",
        "9" * 60,
        "9" * 5000,
        True,
        float("nan"),
        float("inf"),
        1e300,
        10**400,
        Decimal("NaN"),
        Decimal("sNaN"),
        None,
    ],
)
def test_what_is_no_amount_is_unreadable(cell):
    assert code(read_amount(cell)) == "amount_unreadable"


@pytest.mark.parametrize(
    ("text", "first", "second"),
    [("1,234", "1.234", "1234"), ("12.000", "12.000", "12000"), ("-1.234 zł", "-1.234", "-1234")],
)
def test_a_lone_separator_before_three_digits_shows_both_readings(text, first, second):
    assert read_amount(text) == Flaw("amount_ambiguous", {"first": first, "second": second})


def test_the_column_decides_the_decimal_sign():
    assert read_amount("1,234", ",").value == read_amount("1.234", ".").value == Decimal("1.234")
    assert read_amount("1,234", ".").value == read_amount("1.234", ",").value == Decimal(1234)


@pytest.mark.parametrize(
    ("cells", "sign"),
    [
        (["5,5"], ","),
        (["1 234,56 zł"], ","),
        (["1.234,56"], ","),
        (["1.234.567"], ","),
        (["1,234.56"], "."),
        (["5.50", "1,234"], "."),
        (["5,50", "5.50"], ""),
        (["1,234", "12.000", "7", "1 234"], ""),
        ([5.5, Decimal("5.5"), None, True, "abc 5,5"], ""),
    ],
)
def test_amounts_as_text_vote_on_the_decimal_sign_and_typed_numbers_do_not(cells, sign):
    assert decimal_sign(cells) == sign


@pytest.mark.parametrize(
    ("cell", "currency"), [("PLN", "PLN"), (" eur ", "EUR"), ("zł", "PLN"), ("ZŁ.", "PLN"), ("€", "EUR"), ("Kč", "CZK")]
)
def test_currencies_are_known_by_code_and_by_sign(cell, currency):
    assert read_currency(cell) == currency


@pytest.mark.parametrize(("cell", "nearest"), [("PLZ", "PLN"), ("EURO5", "EUR"), ("HRK", ""), (7, ""), ("kr", "")])
def test_unknown_currencies_name_the_nearest(cell, nearest):
    found = read_currency(cell)
    assert code(found) == "currency_unknown"
    if nearest:
        assert found.params == {"nearest": nearest}


def test_only_money_of_today_is_a_currency():
    assert {"PLN", "EUR", "UAH", "JPY"} <= set(currencies())
    assert not {"PLZ", "DEM", "HRK", "XAU"} & set(currencies())
