"""The words that Kartoteka writes into the sheet, in Polish and English, and the way back from a word to its code.

Headers and titles of tabs stand with the tabs (validators/tabs.py), sentences in messages.py and reasons.py.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from validators.duplicates import Reason
from validators.status import Status
from validators.tabs import NO, TABS, YES, tab
from validators.text import fold

LANGUAGES = ("pl", "en")


class Label(NamedTuple):
    """One word or phrase in both languages."""

    pl: str
    en: str

    def in_language(self, language: str) -> str:
        """The words in `language`; English for any but "pl"."""
        return self.pl if language == "pl" else self.en


STATUSES: Mapping[str, Label] = {
    Status.CANCELLED: Label("Anulowana", "Cancelled"),
    Status.CREDIT_NOTE: Label("Korekta", "Credit note"),
    Status.OVERPAID: Label("Nadpłacona", "Overpaid"),
    Status.PAID: Label("Opłacona", "Paid"),
    Status.SETTLED: Label("Rozliczona", "Settled"),
    Status.NO_DUE_DATE: Label("Brak terminu", "No due date"),
    Status.OVERDUE: Label("Po terminie", "Overdue"),
    Status.DUE_TODAY: Label("Termin dziś", "Due today"),
    Status.DUE_SOON: Label("Termin wkrótce", "Due soon"),
    Status.NOT_DUE: Label("Przed terminem", "Not due"),
}
PARTLY_PAID = Label(", częściowo opłacona", ", partly paid")
EVENTS: Mapping[str, Label] = {
    "created id": Label("nadano ID", "created id"),
    "status": Label("status", "status"),
    "normalised": Label("ujednolicono", "normalised"),
    "duplicate": Label("duplikat", "duplicate"),
    "problem": Label("problem", "problem"),
    "imported": Label("zaimportowano", "imported"),
    "updated": Label("zaktualizowano", "updated"),
    "reminder drafted": Label("szkic przypomnienia", "reminder drafted"),
    "reminder claimed": Label("przypomnienie w toku", "reminder claimed"),
    "reminder sent": Label("przypomnienie wysłane", "reminder sent"),
    "reminder failed": Label("przypomnienie niewysłane", "reminder failed"),
    "reminder unknown": Label("przypomnienie niepewne", "reminder unknown"),
    "notice claimed": Label("zawiadomienie zespołu w toku", "notice claimed"),
    "notice sent": Label("zawiadomiono zespół", "notice sent"),
    "reply received": Label("odpowiedź klienta", "reply received"),
    "reply cleared": Label("odpowiedź załatwiona", "reply cleared"),
    "letter bounced": Label("list wrócił", "letter bounced"),
    "address cleared": Label("adres znów w użyciu", "address cleared"),
    "delivery delayed": Label("doręczenie opóźnione", "delivery delayed"),
    "automatic reply": Label("odpowiedź automatyczna", "automatic reply"),
    "held": Label("wstrzymano", "held"),
    "resolved": Label("rozstrzygnięto", "resolved"),
    "undone": Label("cofnięto", "undone"),
    "archived": Label("przeniesiono do archiwum", "archived"),
}
DUPLICATE_REASONS: Mapping[str, Label] = {
    Reason.TAX_ID: Label("ten sam NIP", "same tax id"),
    Reason.EMAIL: Label("ten sam e-mail", "same e-mail"),
    Reason.PHONE: Label("ten sam telefon", "same phone"),
    Reason.NAME: Label("podobna nazwa i adres", "similar name and address"),
    Reason.NUMBER: Label("ten sam numer", "same number"),
    Reason.SAME_INVOICE: Label("ten sam klient, kwota i data wystawienia", "same client, amount and issue date"),
}
ALWAYS = Label("zawsze", "always")

_STATUS_CODES = {
    fold(label.in_language(language) + mark): str(code)
    for code, label in STATUSES.items()
    for language in LANGUAGES
    for mark in ("", PARTLY_PAID.in_language(language))
}
_FIELDS = {t.name: {f.name: f for f in t.fields} for t in TABS}
_EVENT_CODES = {fold(text): code for code, label in EVENTS.items() for text in label}


def status_label(code: str, *, partly_paid: bool, language: str) -> str:
    """The status as the sheet shows it. KeyError for an unknown code.

    >>> status_label("overdue", partly_paid=True, language="pl")
    'Po terminie, częściowo opłacona'
    """
    mark = PARTLY_PAID.in_language(language) if partly_paid else ""
    return STATUSES[code].in_language(language) + mark


def status_code(label: str) -> str | None:
    """The code of a status label of either language, with or without the mark of part payment; None if it is none.

    >>> status_code("Overdue, partly paid")
    'overdue'
    """
    return _STATUS_CODES.get(fold(label))


def event_label(code: str, language: str) -> str:
    """An event as the history shows it. KeyError for an unknown code.

    >>> event_label("reminder drafted", "pl")
    'szkic przypomnienia'
    """
    return EVENTS[code].in_language(language)


def event_code(label: str) -> str | None:
    """The code of an event's label of either language; None if it is none.

    >>> event_code("nadano ID"), event_code("Reminder sent")
    ('created id', 'reminder sent')
    """
    return _EVENT_CODES.get(fold(label))


def duplicate_label(original: str, reason: str, language: str, via: str = "") -> str:
    """The flag of a duplicate: the oldest row's id and the reason, with the row that shares it if that is another.
    KeyError for an unknown reason.

    >>> duplicate_label("K-0012", "tax_id", "pl"), duplicate_label("K-0012", "phone", "en", via="K-0030")
    ('K-0012: ten sam NIP', 'K-0012: same phone as K-0030')
    """
    shared = f" {'co' if language == 'pl' else 'as'} {via}" if via else ""
    return f"{original}: {DUPLICATE_REASONS[reason].in_language(language)}{shared}"


def field_label(tab_name: str, field_name: str, language: str) -> str:
    """The header of a column; what is no column of ours comes back as it is.

    >>> field_label("clients", "stage", "pl"), field_label("clients", "", "pl")
    ('Etap', '')
    """
    fields = _FIELDS.get(tab_name, {})
    return fields[field_name].label(language) if field_name in fields else field_name


def tab_label(tab_name: str, language: str) -> str:
    """The title of a tab; what is no tab of ours comes back as it is."""
    return tab(tab_name).label(language) if tab_name in _FIELDS else tab_name


@lru_cache(maxsize=1024)
def place_names(tab_title: str, header: str) -> tuple[str, str]:
    """The names of the tab and the field that a title and a header of either language stand for.

    >>> place_names("Klienci", "Etap"), place_names("Invoices", "status")
    (('clients', 'stage'), ('invoices', 'status'))
    """
    titles = {fold(word): t.name for t in TABS for word in (t.name, t.pl, t.en)}
    found = titles.get(fold(tab_title), tab_title)
    fields = _FIELDS.get(found, {}).values()
    headers = {fold(word): f.name for f in fields for word in (f.name, f.pl, f.en)}
    return found, headers.get(fold(header), header)


def yes_no(answer: object, language: str) -> str:
    """The word for yes when `answer` is true, else for no.

    >>> yes_no(True, "pl"), yes_no(None, "en")
    ('tak', 'no')
    """
    choice = YES if answer else NO
    return choice.pl if language == "pl" else choice.en
