"""Why a row of an imported list was not taken as it is, in sentences for the list's owner, in Polish and English.

Words only; which reason a row has is decided by the importers. Problems with single cells that the sheet knows too
have their sentences in messages.py. Half-sentences in [brackets] are left out when a value that they need is blank.
"""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from config import messages
from config.labels import Label
from config.reasons import money
from validators.problems import Problem

REASON = Label("Powód odrzucenia", "Reason for rejection")

# What a list tells of an invoice beside the columns of the sheet.
_PARTS = {
    "kind": Label("Rodzaj dokumentu", "Kind of document"),
    "state": Label("Stan", "State"),
    "remaining": Label("Pozostało", "Remaining"),
}
SENTENCES: Mapping[str, Label] = {
    "not_an_invoice": Label(
        "to nie jest faktura, więc nie ma jej w rozliczeniach; usuń wiersz albo popraw rodzaj dokumentu",
        "this is no invoice and nothing is owed for it; delete the row or correct the kind of document",
    ),
    "draft_invoice": Label(
        "faktura jest dopiero szkicem; wystaw ją i zaimportuj ponownie",
        "the invoice is only a draft; issue it, then import it again",
    ),
    "correction_sign": Label(
        "korekta z kwotą dodatnią; wpisz minus, jeśli klient ma dostać zwrot, albo usuń rodzaj, jeśli ma dopłacić",
        "a correction with a positive amount; write a minus if the client gets money back, or clear the kind if not",
    ),
    "payment_unclear": Label(
        "nie wiadomo, ile zapłacono; wpisz kwotę zapłaconą do tej pory",
        "nobody can tell how much was paid; write the amount paid so far",
    ),
    "too_long": Label(
        "za długi tekst (komórka mieści 32 767 znaków); skróć go",
        "too long a text (a cell holds 32,767 characters); shorten it",
    ),
    "client_unnamed": Label(
        "nie ma takiego klienta, a nowy musi mieć nazwę; wpisz nazwę nabywcy",
        "there is no such client, and a new one needs a name; write the buyer's name",
    ),
    "purchase": Label(
        "to zakup: nabywcą jest Twoja firma; usuń wiersz albo popraw swój NIP w ustawieniach (firm, tax_ids)",
        "this is a purchase, for the buyer is your firm; delete the row, or correct your tax ids in the settings "
        "(firm, tax_ids)",
    ),
    "other_seller": Label(
        "sprzedawcą nie jest Twoja firma; usuń wiersz albo dopisz ten NIP w ustawieniach (firm, tax_ids)",
        "the seller is not your firm; delete the row, or add this tax id to the settings (firm, tax_ids)",
    ),
    "purchases_likely": Label(
        "jeden nabywca i wielu sprzedawców: to wygląda na zakupy; wpisz NIP swojej firmy w ustawieniach (firm, "
        "tax_ids) i zaimportuj ponownie",
        "one buyer and many sellers: this looks like purchases; write your firm's tax id in the settings (firm, "
        "tax_ids), then import it again",
    ),
    "correction_zero": Label(
        "ta korekta nie zmienia kwoty, więc w rozliczeniach nic nie trzeba robić; usuń wiersz",
        "this correction changes no amount, so nothing is left to do; delete the row",
    ),
    "other_tax_id": Label(
        "te same dane ma {candidates}, ale z innym NIP-em[ ({other})]; popraw NIP[ albo, jeśli to inna firma, "
        "dopisz w notatkach „nie duplikat {id}”]",
        "{candidates} is reached the same way but has another tax id[ ({other})]; correct it[ or, if this is another "
        "firm, note “not a duplicate {id}”]",
    ),
    "same_email": Label(
        "ten adres ma już {candidates}, pod inną nazwą; wpisz {id} w kolumnie ID, jeśli to ten sam klient, a jeśli "
        "inny, dopisz w notatkach „nie duplikat {id}”",
        "{candidates} has this address, under another name; write {id} in a column ID if it is the same client, or "
        "note “not a duplicate {id}” if it is not",
    ),
    "same_phone": Label(
        "ten numer ma już {candidates}, pod inną nazwą; wpisz {id} w kolumnie ID, jeśli to ten sam klient, a jeśli "
        "inny, dopisz w notatkach „nie duplikat {id}”",
        "{candidates} has this number, under another name; write {id} in a column ID if it is the same client, or "
        "note “not a duplicate {id}” if it is not",
    ),
    "same_name": Label(
        "tak samo nazywa się {candidates}; wpisz {id} w kolumnie ID, jeśli to ten sam klient, a jeśli inny, dopisz "
        "w notatkach „nie duplikat {id}”",
        "{candidates} has the same name; write {id} in a column ID if it is the same client, or note “not a duplicate "
        "{id}” if it is not",
    ),
    "close_name": Label(
        "podobnie nazywa się {candidates}; wpisz {id} w kolumnie ID, jeśli to ten sam klient, a jeśli inny, dopisz "
        "w notatkach „nie duplikat {id}”",
        "{candidates} has a similar name; write {id} in a column ID if it is the same client, or note “not a duplicate "
        "{id}” if it is not",
    ),
    "several": Label(
        "pasuje kilku klientów: {candidates}; wpisz ID właściwego w kolumnie ID",
        "several clients fit: {candidates}; write the id of the right one in a column ID",
    ),
    "other_id": Label(
        "to ID ma tu {candidates}; usuń ID z pliku, jeśli to inny klient, a jeśli ten sam, popraw nazwę w arkuszu",
        "{candidates} has this id here; clear the id in the file if it is another client, or correct the name in the "
        "sheet if it is the same",
    ),
    "other_number": Label(
        "{id} to tu faktura {other}; usuń ID z pliku, jeśli to inna faktura, a jeśli ta sama, popraw numer w arkuszu",
        "{id} is invoice {other} here; clear the id in the file if it is another invoice, or correct the number in the "
        "sheet if it is the same",
    ),
    "contradicts_row": Label(
        "ten sam zapis jest w wierszu {line}, a tam: „{other}”; zostaw właściwy",
        "the same record stands in row {line}, with “{other}”; keep the right one",
    ),
    "duplicate_row": Label(
        "to samo co wiersz {line}[ ({id})]",
        "the same as row {line}[ ({id})]",
    ),
    "other_amount": Label(
        "faktura {id} o tym numerze ma inną kwotę: {other}; popraw ją w arkuszu albo w pliku",
        "invoice {id} of this number has another amount: {other}; correct it in the sheet or in the file",
    ),
    "other_buyer": Label(
        "faktura {id} o tym numerze ma innego nabywcę: {other}; popraw go w arkuszu albo w pliku",
        "invoice {id} of this number has another buyer: {other}; correct it in the sheet or in the file",
    ),
    "other_date": Label(
        "faktura {id} o tym numerze ma inną datę wystawienia: {other}; popraw ją w arkuszu albo w pliku",
        "invoice {id} of this number was issued on another day: {other}; correct it in the sheet or in the file",
    ),
    "several_invoices": Label(
        "ten numer ma kilka faktur: {candidates}; zostaw w arkuszu jedną z nich",
        "several invoices have this number: {candidates}; keep one of them in the sheet",
    ),
    "buyer_several": Label(
        "pasuje kilku klientów: {candidates}; wpisz NIP albo ID właściwego",
        "several clients fit: {candidates}; write the tax id or the id of the right one",
    ),
    "buyer_unclear": Label(
        "nie wiadomo, czy nabywca to {candidates}; wpisz jego NIP albo nazwę jak w arkuszu, a jeśli to ktoś inny, "
        "dodaj go najpierw do klientów",
        "nobody can tell whether the buyer is {candidates}; write the tax id, or the name as in the sheet, or if it is "
        "somebody else, add them to the clients first",
    ),
    "buyer_by_id": Label(
        "to ID ma tu {candidates}, ale plik może pochodzić z innego arkusza; wpisz zamiast ID nazwę albo NIP nabywcy",
        "{candidates} has this id here, but the file may come from another workbook; write the buyer's name or tax id "
        "instead",
    ),
}


def text(problem: Problem, language: str) -> str:
    """The reason as one sentence in `language`: what it is about, what stands there, what to do.

    KeyError for an unknown code.

    >>> print(text(Problem("invoices", 7, "", "state", "draft", "draft_invoice"), "en"))
    State: “draft” – the invoice is only a draft; issue it, then import it again.
    """
    if problem.code == "other_amount":
        others = dict(problem.params) | {"other": _sum(problem.params["other"], language)}
        problem = replace(problem, value=_sum(str(problem.value), language), params=others)
    if problem.field in _PARTS:
        problem = replace(problem, field=_PARTS[problem.field].in_language(language))
    if problem.code in SENTENCES:
        problem = problem if problem.field else replace(problem, tab="")
        return messages.worded(problem, SENTENCES[problem.code].in_language(language), language)
    return messages.text(problem, language)


def _sum(told: str, language: str) -> str:
    """An amount with the code of its currency, as people write it: "1230.00 PLN" is „1 230,00 zł”."""
    amount, _, currency = told.partition(" ")
    return money(Decimal(amount), currency, language)
