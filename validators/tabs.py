"""Every tab of the workbook, described once, as data: fields, labels, owner, kind of value.

Reading, writing, `init`, problems and the documentation derive from this page. A new column is one entry here; a new
tab is one `Tab`. No logic lives here beyond look-up by name.
"""

from dataclasses import dataclass
from enum import StrEnum, auto


class Owner(StrEnum):
    """Whose column it is. Kartoteka writes to SERVICE, to NORMALISED only to tidy what stands there, to TEAM never."""

    TEAM = auto()
    NORMALISED = auto()
    SERVICE = auto()


class Kind(StrEnum):
    """What a cell of the column holds once it has been understood."""

    TEXT = auto()  # str
    EMAILS = auto()  # tuple of addresses
    PHONES = auto()  # tuple of E.164 numbers
    TAX_ID = auto()  # str, compact
    DATE = auto()  # date
    HOLD = auto()  # date, or date.max for "always"
    AMOUNT = auto()  # Decimal
    PAYMENT = auto()  # Decimal so far, or True for "all of it"
    PAID_ON = auto()  # date, or True for "paid, day unknown"
    CURRENCY = auto()  # ISO 4217 code
    YES_NO = auto()  # bool
    INTEGER = auto()  # int
    CHOICE = auto()  # code out of Field.choices
    ONE_OF = auto()  # canonical name out of the vocabulary
    MANY_OF = auto()  # tuple of canonical names
    MOMENT = auto()  # datetime
    LONG = auto()  # str, shown wrapped in a wide column


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a fixed list: its code, how it is written in each language, what else is understood."""

    code: str
    pl: str
    en: str
    synonyms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Field:
    """One column: field name, its header in Polish and English, kind of value, owner.

    `vocabulary` names the kind of vocabulary entry for ONE_OF and MANY_OF; `width` is in characters.
    """

    name: str
    pl: str
    en: str
    kind: Kind = Kind.TEXT
    owner: Owner = Owner.TEAM
    required: bool = False
    choices: tuple[Choice, ...] = ()
    vocabulary: str = ""
    width: int = 14
    synonyms: tuple[str, ...] = ()

    def label(self, language: str) -> str:
        """The header as written in `language` ("pl" or "en")."""
        return self.pl if language == "pl" else self.en


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab: its name, titles, fields in the order in which `init` writes them, and the prefix of its record ids."""

    name: str
    pl: str
    en: str
    fields: tuple[Field, ...]
    prefix: str = ""

    def label(self, language: str) -> str:
        """The tab's title as written in `language`."""
        return self.pl if language == "pl" else self.en

    def field(self, name: str) -> Field:
        """The field called `name`; KeyError when the tab has none such."""
        for candidate in self.fields:
            if candidate.name == name:
                return candidate
        raise KeyError(name)

    def owned(self, *owners: Owner) -> tuple[Field, ...]:
        """The fields that belong to any of `owners`."""
        return tuple(f for f in self.fields if f.owner in owners)

    @property
    def required(self) -> tuple[Field, ...]:
        """The fields without which a row means nothing."""
        return tuple(f for f in self.fields if f.required)


_S, _N = Owner.SERVICE, Owner.NORMALISED
YES = Choice("yes", "tak", "yes", ("t", "y", "true", "prawda", "1", "x"))
NO = Choice("no", "nie", "no", ("n", "false", "fałsz", "0", "-"))
LANGUAGES = (Choice("pl", "pl", "pl", ("polski", "polish")), Choice("en", "en", "en", ("angielski", "english")))
CHANNELS = (
    Choice("e-mail", "e-mail", "e-mail", ("mail", "poczta")),
    Choice("phone", "telefon", "phone", ("tel", "telephone")),
)
SEGMENTS = (Choice("A", "A", "A"), Choice("B", "B", "B"), Choice("C", "C", "C"))
CYCLES = (
    Choice("monthly", "miesięczny", "monthly", ("co miesiąc", "miesięcznie")),
    Choice("quarterly", "kwartalny", "quarterly", ("co kwartał", "kwartalnie")),
    Choice("seasonal", "sezonowy", "seasonal", ("sezonowo",)),
)
VOCABULARY_KINDS = (
    Choice("stage", "etap", "stage"),
    Choice("tag", "tag", "tag", ("tagi", "tags")),
    Choice("owner", "opiekun", "owner"),
    Choice("source", "źródło", "source"),
)
ABOUTS = (
    Choice("invoice", "faktura", "invoice", ("faktury", "invoices")),
    Choice("visit", "wizyta", "visit", ("wizyty", "visits")),
    Choice("lead", "lead", "lead", ("leady", "leads", "szansa")),
    Choice("service", "serwis", "service", ("cykl", "service cycle")),
)
RULE_CHANNELS = (Choice("e-mail", "e-mail", "e-mail", ("mail",)), Choice("team", "zespół", "team"))

CLIENTS = Tab(
    "clients",
    "Klienci",
    "Clients",
    (
        Field("id", "ID", "ID", owner=_S, width=9),
        Field("name", "Nazwa", "Name", required=True, width=34, synonyms=("Nazwa firmy", "Company")),
        Field("contact_person", "Osoba kontaktowa", "Contact person", width=22),
        Field("email", "E-mail", "E-mail", Kind.EMAILS, width=30, synonyms=("Mail", "Adres e-mail")),
        Field("phone", "Telefon", "Phone", Kind.PHONES, width=17),
        Field("tax_id", "NIP", "Tax ID", Kind.TAX_ID, width=15),
        Field("address", "Adres", "Address", width=34),
        Field("channel", "Kanał kontaktu", "Channel", Kind.CHOICE, choices=CHANNELS, width=15),
        Field("language", "Język", "Language", Kind.CHOICE, choices=LANGUAGES, width=8),
        Field("stage", "Etap", "Stage", Kind.ONE_OF, _N, vocabulary="stage", width=16),
        Field("tags", "Tagi", "Tags", Kind.MANY_OF, _N, vocabulary="tag", width=24),
        Field("segment", "Segment", "Segment", Kind.CHOICE, choices=SEGMENTS, width=9),
        Field("owner", "Opiekun", "Owner", Kind.ONE_OF, vocabulary="owner", width=18),
        Field("source", "Źródło", "Source", Kind.ONE_OF, vocabulary="source", width=16),
        Field("cycle", "Cykl", "Cycle", Kind.CHOICE, choices=CYCLES, width=12),
        Field("next_step_on", "Następny krok – data", "Next step on", Kind.DATE, width=13),
        Field("next_step", "Następny krok", "Next step", width=24),
        Field("notes", "Notatki", "Notes", Kind.LONG, width=34),
        Field("documents", "Dokumenty", "Documents", width=18),
        Field("marketing_consent", "Zgoda marketingowa", "Marketing consent", width=22),
        Field("hold_until", "Wstrzymaj do", "Hold until", Kind.HOLD, width=13),
        Field("hold_reason", "Powód wstrzymania", "Hold reason", width=22),
        Field("added_on", "Dodano", "Added on", Kind.DATE, width=12),
        Field("open_balance", "Saldo", "Open balance", Kind.AMOUNT, _S, width=15),
        Field("overdue_balance", "Zaległości", "Overdue balance", Kind.AMOUNT, _S, width=15),
        Field("last_contact_on", "Ostatni kontakt", "Last contact on", Kind.DATE, _S, width=15),
        Field("reply", "Odpowiedź", "Reply", Kind.LONG, _S, width=40),
        Field("duplicate_of", "Duplikat", "Duplicate of", owner=_S, width=26),
        Field("problems", "Problemy", "Problems", Kind.LONG, _S, width=90),
    ),
    prefix="K",
)

INVOICES = Tab(
    "invoices",
    "Faktury",
    "Invoices",
    (
        Field("id", "ID", "ID", owner=_S, width=9),
        Field("number", "Numer", "Number", required=True, width=18, synonyms=("Numer faktury", "Invoice number")),
        Field("client", "Klient", "Client", required=True, width=32, synonyms=("Kontrahent", "Nabywca", "Customer")),
        Field("issued_on", "Data wystawienia", "Issued on", Kind.DATE, width=13),
        Field("due_on", "Termin płatności", "Due on", Kind.DATE, width=13),
        Field("amount", "Kwota brutto", "Gross amount", Kind.AMOUNT, required=True, width=15),
        Field("currency", "Waluta", "Currency", Kind.CURRENCY, width=9),
        Field("paid", "Zapłacono", "Paid", Kind.PAYMENT, width=15),
        Field("paid_on", "Data zapłaty", "Paid on", Kind.PAID_ON, width=13),
        Field("link", "Link", "Link", width=16),
        Field("cancelled", "Anulowana", "Cancelled", Kind.YES_NO, width=11),
        Field("hold_until", "Wstrzymaj do", "Hold until", Kind.HOLD, width=13),
        Field("hold_reason", "Powód wstrzymania", "Hold reason", width=24),
        Field("approve", "Zatwierdź", "Approve", Kind.YES_NO, width=11),
        Field("notes", "Notatki", "Notes", Kind.LONG, width=30),
        Field("client_id", "ID klienta", "Client ID", owner=_S, width=10),
        Field("status", "Status", "Status", owner=_S, width=28),
        Field("remaining", "Pozostało", "Remaining", Kind.AMOUNT, _S, width=15),
        Field("days_overdue", "Dni po terminie", "Days overdue", Kind.INTEGER, _S, width=11),
        Field("last_step", "Ostatni krok", "Last step", owner=_S, width=13),
        Field("last_reminder_on", "Ostatnie przypomnienie", "Last reminder", Kind.DATE, _S, width=15),
        Field("next_step", "Następny krok", "Next step", owner=_S, width=10),
        Field("next_reminder_on", "Następne przypomnienie", "Next reminder", Kind.DATE, _S, width=15),
        Field("why", "Dlaczego", "Why", Kind.LONG, _S, width=72),
        Field("problems", "Problemy", "Problems", Kind.LONG, _S, width=90),
    ),
    prefix="F",
)

HISTORY = Tab(
    "history",
    "Historia",
    "History",
    (
        Field("time", "Czas", "Time", Kind.MOMENT, _S, required=True, width=17),
        Field("run", "Przebieg", "Run", owner=_S, required=True, width=25),
        Field("event", "Zdarzenie", "Event", owner=_S, required=True, width=22),
        Field("tab", "Karta", "Tab", owner=_S, width=10),
        Field("id", "ID", "ID", owner=_S, width=9),
        Field("field", "Pole", "Field", owner=_S, width=18),
        Field("before", "Przed", "Before", owner=_S, width=24),
        Field("after", "Po", "After", owner=_S, width=24),
        Field("details", "Szczegóły", "Details", Kind.LONG, _S, width=50),
    ),
)

VOCABULARY = Tab(
    "vocabulary",
    "Słownik",
    "Vocabulary",
    (
        Field("kind", "Rodzaj", "Kind", Kind.CHOICE, required=True, choices=VOCABULARY_KINDS, width=12),
        Field("name", "Nazwa", "Name", required=True, width=26),
        Field("synonyms", "Synonimy", "Synonyms", width=46),
        Field("closed", "Zamknięty", "Closed", Kind.YES_NO, width=11),
    ),
)

REMINDERS = Tab(
    "reminders",
    "Przypomnienia",
    "Reminders",
    (
        Field("about", "Dotyczy", "About", Kind.CHOICE, required=True, choices=ABOUTS, width=12),
        Field("step", "Krok", "Step", required=True, width=10),
        Field("counted_from", "Liczone od", "Counted from", width=20),
        Field("days", "Dni", "Days", Kind.INTEGER, required=True, width=8),
        Field("template", "Szablon", "Template", width=18),
        Field("channel", "Kanał", "Channel", Kind.CHOICE, choices=RULE_CHANNELS, width=12),
        Field("approval", "Wymaga zgody", "Approval", Kind.YES_NO, width=13),
        Field("active", "Aktywny", "Active", Kind.YES_NO, width=10),
    ),
)

TEMPLATES = Tab(
    "templates",
    "Szablony",
    "Templates",
    (
        Field("template", "Szablon", "Template", required=True, width=18),
        Field("language", "Język", "Language", Kind.CHOICE, choices=LANGUAGES, width=8),
        Field("subject", "Temat", "Subject", required=True, width=50),
        Field("body", "Treść", "Body", Kind.LONG, required=True, width=90),
    ),
)

TABS = (CLIENTS, INVOICES, HISTORY, VOCABULARY, REMINDERS, TEMPLATES)


def tab(name: str) -> Tab:
    """The tab called `name` in English; KeyError when there is none such."""
    for candidate in TABS:
        if candidate.name == name:
            return candidate
    raise KeyError(name)
