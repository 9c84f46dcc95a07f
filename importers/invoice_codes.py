"""Kinds of invoices by the codes of UN/CEFACT list 1001, as EN 16931 uses them in UBL and CII alike. Pure."""

from datetime import date
from decimal import Decimal

from importers.xml_invoices import Draft, amount, claimed
from importers.xml_nodes import printable

# Source: EN 16931 code lists, "UNTDID 1001": the codes which that norm counts as credit notes.
CREDIT_NOTES = frozenset(("81", "83", "261", "262", "296", "308", "381", "396", "420", "458", "532"))
CORRECTED = "384"
_KINDS = {
    "325": "proforma",
    "326": "partial invoice",
    "380": "invoice",
    "383": "debit note",
    CORRECTED: "corrective invoice",
    "386": "prepayment invoice",
    "389": "self-billed invoice",
    **dict.fromkeys(CREDIT_NOTES, "credit note"),
}

_LONGEST_TERMS = 300
TERM_IN_WORDS = "A due date in words only, kept in Notes"
NEGATIVE_CREDIT = "A credit note with a negative total, taken as a credit all the same"
DEDUCTED = "Less is to be paid than the gross amount, and the rest counts as paid"


def kind_of(code: str, *, credit: bool) -> str:
    """The kind in words, or the code itself where EN 16931 has none for it."""
    return "credit note" if credit else _KINDS.get(code, code)


def put_due(draft: Draft, due: date | str, words: list[str]) -> None:
    """The due date, or else the terms of payment in the document's own words."""
    draft.put("due_on", due)
    if words and not due:
        draft.note(printable("; ".join(words), _LONGEST_TERMS))
        draft.remarks.append(TERM_IN_WORDS)


def put_money(draft: Draft, gross: str, due: str, prepaid: str, rounding: str, *, credit: bool) -> None:
    """Amount and payment out of a document's totals. Rule BR-CO-16: due = gross − prepaid + rounding.

    A credit note's totals are positive in these formats, so its amount is turned round.
    """
    whole, asked = amount(gross or due), amount(due)
    if isinstance(whole, str):
        draft.put("amount", whole)
        return
    before, odd = (value if isinstance(value := amount(text), Decimal) else Decimal(0) for text in (prepaid, rounding))
    whole, paid = _claim(
        draft, whole + odd, asked if isinstance(asked, Decimal) else whole + odd - before, credit=credit
    )
    draft.put("amount", -whole if credit else whole)
    draft.put("paid", paid or None)


def _claim(draft: Draft, whole: Decimal, due: Decimal, *, credit: bool) -> tuple[Decimal, Decimal]:
    if credit:
        if whole < 0:
            draft.remarks.append(NEGATIVE_CREDIT)
        return claimed(abs(whole), abs(due))
    if whole <= 0 or due < 0:
        return whole, Decimal(0)
    if due < whole:
        draft.remarks.append(DEDUCTED)
    return claimed(whole, due)
