"""Dates, day counts and plurals as a letter words them, in Polish and English (Babel). Pure, no templates."""

from datetime import date

from babel.dates import format_date

_LOCALES = {"pl": "pl_PL", "en": "en_GB"}


def long_date(day: date, language: str) -> str:
    """`day` in words.

    >>> long_date(date(2026, 11, 16), "pl"), long_date(date(2026, 11, 16), "en")
    ('16 listopada 2026', '16 November 2026')
    """
    return format_date(day, "long", locale=_locale(language))


def plural(number: int, forms: tuple[str, ...], language: str) -> str:
    """The form of a noun that goes with `number`: one, few, many in Polish; one, more in English.

    Missing forms are taken from the last one given.

    >>> [plural(n, ("faktura", "faktury", "faktur"), "pl") for n in (1, 2, 5, 12, 22, 25)]
    ['faktura', 'faktury', 'faktur', 'faktur', 'faktury', 'faktur']
    """
    number = abs(number)
    few = language == "pl" and number % 10 in (2, 3, 4) and number % 100 not in (12, 13, 14)
    index = 0 if number == 1 else 1 if few or language != "pl" else 2
    return forms[min(index, len(forms) - 1)]


def days(number: int, language: str) -> str:
    """A number of days.

    >>> days(1, "pl"), days(22, "pl"), days(1, "en"), days(7, "en")
    ('1 dzień', '22 dni', '1 day', '7 days')
    """
    return f"{number} {plural(number, ('dzień', 'dni') if language == 'pl' else ('day', 'days'), language)}"


def delay(overdue: int, language: str) -> str:
    """How an invoice stands to its due date; `overdue` in days, negative before it.

    >>> delay(7, "pl"), delay(0, "pl"), delay(-3, "en")
    ('7 dni po terminie', 'termin dziś', 'due in 3 days')
    """
    if language == "pl":
        after, today, before = "{} po terminie", "termin dziś", "termin za {}"
    else:
        after, today, before = "{} overdue", "due today", "due in {}"
    pattern = after if overdue > 0 else before if overdue else today
    return pattern.format(days(abs(overdue), language))


def _locale(language: str) -> str:
    return _LOCALES.get(language, "en_GB")
