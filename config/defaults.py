"""What a new workbook starts with, as data: the vocabulary and the reminder rules, in Polish and English.

Rows are values by field, as `AppendRow` takes them; the texts of the letters are letter_defaults.py's part.
"""

from collections.abc import Mapping
from typing import NamedTuple

from config.labels import Label, yes_no
from config.letter_defaults import NAMES
from validators.rows import Cell
from validators.tabs import ABOUTS, INVOICES, RULE_CHANNELS, VOCABULARY_KINDS, Choice

_STAGE, _TAG, _, _SOURCE = VOCABULARY_KINDS
_INVOICE = ABOUTS[0]
_EMAIL, _TEAM = RULE_CHANNELS


class _Entry(NamedTuple):
    kind: Choice
    name: Label
    synonyms: Label = Label("", "")
    closed: bool = False


# The order of the stages is the order of the pipeline.
_VOCABULARY = (
    _Entry(_STAGE, Label("Nowy", "New"), Label("nowy klient; zapytanie; lead", "new client; enquiry; lead")),
    _Entry(
        _STAGE,
        Label("Kontakt", "Contacted"),
        Label("w kontakcie; po rozmowie; rozmowa", "in contact; contact; talked"),
    ),
    _Entry(
        _STAGE,
        Label("Oferta", "Offer"),
        Label("wysłano ofertę; oferta wysłana; wycena", "offer sent; quote; quoted; proposal"),
    ),
    _Entry(_STAGE, Label("Negocjacje", "Negotiation"), Label("w negocjacjach; ustalenia", "negotiating; in talks")),
    _Entry(
        _STAGE, Label("Klient", "Client"), Label("wygrany; aktywny; umowa podpisana", "customer; won; active; signed")
    ),
    _Entry(_STAGE, Label("Wstrzymany", "On hold"), Label("zawieszony; przerwa; pauza", "paused; suspended; waiting")),
    _Entry(
        _STAGE,
        Label("Zakończony", "Completed"),
        Label("zakończona współpraca; zamknięty; archiwum", "ended; closed; finished; archived"),
        closed=True,
    ),
    _Entry(
        _STAGE,
        Label("Utracony", "Lost"),
        Label("przegrany; stracony; rezygnacja; zrezygnował", "declined; gave up; churned"),
        closed=True,
    ),
    _Entry(_TAG, Label("VIP", "VIP"), Label("ważny; kluczowy", "important; key account")),
    _Entry(_TAG, Label("stały klient", "regular"), Label("stały; stała współpraca", "regular client; repeat client")),
    _Entry(_TAG, Label("nowy", "new"), Label("nowy klient; pierwsze zlecenie", "new client; first job")),
    _Entry(_TAG, Label("umowa", "contract"), Label("z umową; umowa stała", "under contract; agreement")),
    _Entry(_TAG, Label("abonament", "subscription"), Label("abonent; ryczałt", "subscriber; retainer; flat rate")),
    _Entry(_TAG, Label("serwis", "service"), Label("serwisowanie; przegląd; konserwacja", "servicing; maintenance")),
    _Entry(_TAG, Label("jednorazowy", "one-off"), Label("jednorazowe zlecenie", "one-time; single job")),
    _Entry(_TAG, Label("firma", "company"), Label("B2B; przedsiębiorca", "B2B; business")),
    _Entry(
        _TAG, Label("osoba prywatna", "private person"), Label("prywatny; konsument; B2C", "private; B2C; consumer")
    ),
    _Entry(_TAG, Label("wspólnota", "housing association"), Label("spółdzielnia; zarządca", "cooperative; landlord")),
    _Entry(
        _SOURCE, Label("polecenie", "referral"), Label("z polecenia; polecony; rekomendacja", "referred; word of mouth")
    ),
    _Entry(_SOURCE, Label("strona www", "website"), Label("www; strona; internet; formularz", "web; internet; form")),
    _Entry(_SOURCE, Label("wyszukiwarka", "search engine"), Label("Google; mapy Google", "Google; Google Maps")),
    _Entry(
        _SOURCE,
        Label("media społecznościowe", "social media"),
        Label("Facebook; Instagram; LinkedIn", "Facebook; Instagram; LinkedIn"),
    ),
    _Entry(_SOURCE, Label("telefon", "phone"), Label("zadzwonił; rozmowa telefoniczna", "call; telephone")),
    _Entry(_SOURCE, Label("targi", "trade fair"), Label("wystawa; konferencja", "fair; exhibition; conference")),
    _Entry(_SOURCE, Label("reklama", "advertising"), Label("ulotka; ogłoszenie; prasa", "ad; leaflet; press")),
    _Entry(_SOURCE, Label("inne", "other"), Label("inny; pozostałe", "others")),
)


class _Step(NamedTuple):
    days: int
    template: str
    channel: Choice = _EMAIL
    approval: bool = False


LADDER = (
    _Step(-3, "before"),
    _Step(1, "first"),
    _Step(7, "second"),
    _Step(14, "third"),
    _Step(21, "", _TEAM),
    _Step(30, "final", approval=True),
)


def vocabulary(language: str) -> tuple[Mapping[str, Cell], ...]:
    """The rows of the tab *vocabulary*: stages in pipeline order, tags, sources. Owners are the team's to add."""
    return tuple(
        {
            "kind": _written(entry.kind, language),
            "name": entry.name.in_language(language),
            "synonyms": entry.synonyms.in_language(language),
            "closed": yes_no(entry.closed, language) if entry.kind is _STAGE else "",
        }
        for entry in _VOCABULARY
    )


def reminder_rules(language: str) -> tuple[Mapping[str, Cell], ...]:
    """The rows of the tab *reminders*: the ladder of an invoice, steps named by their days from the due date.

    >>> [row["step"] for row in reminder_rules("pl")]
    ['-3', '+1', '+7', '+14', '+21', '+30']
    """
    return tuple(
        {
            "about": _written(_INVOICE, language),
            "step": f"{step.days:+d}",
            "counted_from": INVOICES.field("due_on").label(language).lower(),
            "days": step.days,
            "template": NAMES[step.template].in_language(language) if step.template else "",
            "channel": _written(step.channel, language),
            "approval": yes_no(step.approval, language),
            "active": yes_no(answer=True, language=language),
        }
        for step in LADDER
    )


def _written(choice: Choice, language: str) -> str:
    return choice.pl if language == "pl" else choice.en
