"""The words by which lists of invoices say what kind of document it is and how far it is paid. Data only.

Sources: the documented fields of Fakturownia, Xero, Zoho, FreshBooks, Stripe; KSeF FA(3) and JPK_FA for the codes.
"""

from collections.abc import Mapping
from enum import StrEnum, auto

from validators.text import fold


class Kind(StrEnum):
    """What is no plain invoice: money back, a difference to an earlier invoice, or no claim at all."""

    CREDIT_NOTE = auto()
    CORRECTION = auto()
    OTHER = auto()


class State(StrEnum):
    """How far an invoice has come; what says nothing of payment has none."""

    PAID = auto()
    PARTLY = auto()
    UNPAID = auto()
    CANCELLED = auto()
    DRAFT = auto()


_KIND_WORDS = {
    Kind.CREDIT_NOTE: "credit note|credit|381|nota kredytowa|nota uznaniowa|korekta in minus|refund|ACCRECCREDIT",
    Kind.CORRECTION: (
        "korekta|kor|kor_zal|kor_roz|faktura korygująca|korygująca|fv korekta|korekta faktury|korekta sprzedaży|"
        "correction|correction invoice|corrective|corrective invoice|corrected|384"
    ),
    Kind.OTHER: (
        "proforma|pro forma|faktura proforma|faktura pro forma|pro forma invoice|estimate|quote|oferta|wycena|"
        "zamówienie|client_order|kp|kw|wz|dw|correction_note|nota korygująca|325"
    ),
}
_STATE_WORDS = {
    State.PAID: (
        "paid|fully paid|paid in full|opłacona|opłacone|opłacony|opłacono|zapłacona|zapłacone|zapłacony|zapłacono|"
        "uregulowana|uregulowane|rozliczona|rozliczone|settled|zamknięta|opłacona w całości"
    ),
    State.PARTLY: (
        "partial|partially paid|partly paid|part paid|częściowo opłacona|częściowo opłacone|opłacona częściowo|"
        "częściowo zapłacona|zapłacona częściowo|częściowa|częściowo|częściowo uregulowana|częściowo rozliczona"
    ),
    State.UNPAID: (
        "unpaid|not paid|nieopłacona|nieopłacone|nieopłacony|niezapłacona|niezapłacone|nie zapłacono|nieuregulowana|"
        "nierozliczona|do zapłaty|open|outstanding|overdue|po terminie|przeterminowana"
    ),
    State.CANCELLED: (
        "void|voided|cancelled|canceled|deleted|anulowana|anulowane|anulowany|anulowano|unieważniona|usunięta|rejected"
    ),
    State.DRAFT: "draft|szkic|robocza|roboczy|wersja robocza|brudnopis|w przygotowaniu",
}
KINDS: Mapping[str, Kind] = {fold(w): code for code, line in _KIND_WORDS.items() for w in line.split("|")}
STATES: Mapping[str, State] = {fold(w): code for code, line in _STATE_WORDS.items() for w in line.split("|")}
# Codes of documents whose amount is the difference, with its sign: KSeF FA (P_15 of a KOR), JPK_FA.
SIGNED = frozenset({"KOR", "KOR_ZAL", "KOR_ROZ", "KOREKTA"})
