"""What is wrong with a row, in sentences for the sheet: every problem code in Polish and English. Words only; which
problem a row has is decided by the validators.

A sentence follows the column's label and what stands in the cell, so it starts with a small letter. Half-sentences in
[brackets] are left out when a value that they need is blank.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, time
from decimal import Decimal

from config.labels import Label, yes_no
from validators.problems import Problem
from validators.rows import as_text
from validators.tabs import INVOICES, TABS, Field, Tab

LONGEST_VALUE = 60
LONGEST_PARAMETER = 120

MESSAGES: Mapping[str, Label] = {
    "required_missing": Label("brak wartości; uzupełnij tę komórkę", "nothing stands here; fill this cell in"),
    "error_cell": Label(
        "formuła zwraca błąd; popraw ją albo wpisz wartość", "the formula fails; correct it or write a value"
    ),
    "formula_unknown": Label(
        "wynik formuły nie jest znany; wpisz wartość albo otwórz plik w arkuszu kalkulacyjnym i zapisz go",
        "the formula's result is not known; write a value, or open and save the file in a spreadsheet program",
    ),
    "date_ambiguous": Label(
        "data niejednoznaczna[: {first} albo {second}]; wpisz ją w układzie rok-miesiąc-dzień[, np. {first}]",
        "ambiguous date[: {first} or {second}]; write it year first[, e.g. {first}]",
    ),
    "date_impossible": Label(
        "nie ma takiego dnia; wpisz datę, np. 2026-02-28", "there is no such day; write a date such as 2026-02-28"
    ),
    "date_unreadable": Label(
        "to nie jest data; wpisz ją w układzie rok-miesiąc-dzień, np. 2026-02-28",
        "this is not a date; write one such as 2026-02-28",
    ),
    "amount_ambiguous": Label(
        "kwota niejednoznaczna[: {first} albo {second}]; wpisz ją z groszami, np. 1234,00",
        "ambiguous amount[: {first} or {second}]; write it with two decimals, e.g. 1234.00",
    ),
    "amount_unreadable": Label(
        "to nie jest kwota; wpisz samą liczbę, np. 1234,56", "this is not an amount; write a number such as 1234.56"
    ),
    "number_is_date": Label(
        "arkusz wziął ten numer za datę[ ({day})]; wpisz go jeszcze raz z apostrofem na początku, np. '11/2026",
        "the sheet took this number for a date[ ({day})]; type it again with an apostrophe first, e.g. '11/2026",
    ),
    "amount_zero": Label(
        "kwota nie może być zerem; wpisz właściwą albo oznacz fakturę jako anulowaną",
        "an amount cannot be zero; write the right one or mark the invoice as cancelled",
    ),
    "amount_precision": Label(
        "więcej miejsc po przecinku, niż ma waluta[; liczymy {rounded}]; popraw kwotę",
        "more decimals than the currency has[; counted as {rounded}]; correct the amount",
    ),
    "currency_unknown": Label(
        "nieznana waluta[ (może {nearest}?)]; wpisz jej kod, np. PLN",
        "unknown currency[ (perhaps {nearest}?)]; write its code, e.g. PLN",
    ),
    "currency_conflict": Label(
        "przy kwocie stoi inna waluta[ ({found})]; popraw jedną z nich",
        "the amount names another currency[ ({found})]; correct one of them",
    ),
    "email_invalid": Label(
        "niepoprawny adres e-mail[: „{part}”]; popraw go, np. biuro@firma.pl",
        "not a valid e-mail address[: “{part}”]; correct it, e.g. office@company.com",
    ),
    "phone_invalid": Label(
        "niepoprawny numer telefonu[: „{part}”]; wpisz go z numerem kierunkowym, np. +48 600 700 800",
        "not a valid phone number[: “{part}”]; write it with its country code, e.g. +48 600 700 800",
    ),
    "tax_id_invalid": Label(
        "niepoprawny NIP (długość albo cyfra kontrolna); porównaj go z fakturą lub rejestrem",
        "not a valid tax id (length or check digit); compare it with an invoice or the register",
    ),
    "tax_id_dummy": Label(
        "to nie jest prawdziwy NIP; wpisz właściwy albo zostaw puste pole",
        "this is not a real tax id; write the right one or leave the cell blank",
    ),
    "choice_unknown": Label(
        "tu nie może tak być[; wpisz jedno z: {allowed}]", "this cannot stand here[; write one of: {allowed}]"
    ),
    "yes_no_unreadable": Label("wpisz „tak” albo „nie”", "write “yes” or “no”"),
    "integer_unreadable": Label(
        "to nie jest liczba całkowita; wpisz np. 7", "this is not a whole number; write e.g. 7"
    ),
    "hold_unreadable": Label(
        "wpisz datę, np. 2026-12-31, albo „zawsze”", "write a date such as 2026-12-31, or “always”"
    ),
    "paid_on_unreadable": Label(
        "wpisz datę zapłaty, np. 2026-02-28, albo „tak”, jeśli zapłacono całość",
        "write the date of payment, e.g. 2026-02-28, or “yes” if all of it is paid",
    ),
    "paid_contradiction": Label(
        "zapłacono 0, a jest data zapłaty; popraw jedno z nich",
        "nothing is paid, yet there is a date of payment; correct one of them",
    ),
    "paid_in_future": Label(
        "data zapłaty jest w przyszłości; popraw ją albo wpisz dopiero po zapłacie",
        "the date of payment lies in the future; correct it or write it once paid",
    ),
    "paid_negative": Label(
        "zapłata nie może być ujemna; wpisz, ile zapłacono do tej pory",
        "a payment cannot be negative; write what was paid so far",
    ),
    "due_before_issued": Label(
        "termin płatności jest wcześniejszy niż data wystawienia; sprawdź obie daty",
        "it is due before it was issued; check both dates",
    ),
    "duplicate_id": Label(
        "to samo ID jest w kilku wierszach[: {rows}]; usuń je w skopiowanym, a dostanie nowe",
        "several rows have this id[: {rows}]; clear it in the copied row, which then gets a new one",
    ),
    "duplicate_number": Label(
        "ten numer ma już inna faktura[ ({original})]; popraw numer albo usuń kopię",
        "another invoice has this number[ ({original})]; correct the number or delete the copy",
    ),
    "duplicate_invoice": Label(
        "ten sam klient, kwota i data[ co {original}]; usuń kopię albo wpisz w notatkach „nie duplikat[ {original}]”",
        "same client, amount and date[ as {original}]; delete the copy or note “not a duplicate[ {original}]”",
    ),
    "client_unknown": Label(
        "nie ma takiego klienta[ (najbliższy: {nearest})]; wpisz jego ID, NIP, e-mail albo nazwę z listy klientów",
        "no such client[ (nearest: {nearest})]; write its id, tax id, e-mail or name from the list of clients",
    ),
    "client_ambiguous": Label(
        "pasuje kilku klientów[: {candidates}]; wpisz ID właściwego",
        "several clients match[: {candidates}]; write the id of the right one",
    ),
    "address_bounced": Label(
        "ten adres nie przyjmuje poczty[ (od {on}: {words})]; popraw go, a list wyjdzie od razu"
        "[, albo spróbuj ponownie: kartoteka resolve {client} resend]",
        "this address takes no mail[ (since {on}: {words})]; correct it and the letter goes at once"
        "[, or try it again: kartoteka resolve {client} resend]",
    ),
    "letter_in_doubt": Label(
        "nie wiadomo, czy list[ z {on}] wyszedł; sprawdź w wysłanych"
        "[, potem: kartoteka resolve {invoice} sent albo kartoteka resolve {invoice} resend]",
        "nobody knows whether the letter[ of {on}] has left; look among the sent mail"
        "[, then: kartoteka resolve {invoice} sent, or kartoteka resolve {invoice} resend]",
    ),
    "client_email_missing": Label(
        "brak adresu, a klient ma zaległości; wpisz adres, aby mógł dostać przypomnienie",
        "no address, yet the client owes overdue amounts; write one so that a reminder can be sent",
    ),
    "vocabulary_unknown": Label(
        "nie ma tego w słowniku[ (może „{nearest}”?)]; popraw albo dopisz do słownika",
        "not in the vocabulary[ (perhaps “{nearest}”?)]; correct it or add it to the vocabulary",
    ),
    "duplicate_header": Label(
        "kilka kolumn ma ten nagłówek, a liczy się pierwsza; zmień nagłówki pozostałych",
        "several columns have this header and the first one counts; rename the others",
    ),
    "column_absent": Label(
        "brakuje tej kolumny; doda ją polecenie kartoteka init", "this column is missing; run kartoteka init to add it"
    ),
    "archive_absent": Label(
        "nie ma już karty, do której przeniesiono starsze wiersze historii; sprawdź, kto ją usunął, "
        "i przywróć ją albo jej nazwę",
        "the tab to which older rows of the history were moved is gone; bring it, or its name, back",
    ),
    "template_unknown": Label(
        "nie ma takiego szablonu[ (może „{nearest}”?)]; popraw nazwę albo dopisz szablon",
        "no such template[ (perhaps “{nearest}”?)]; correct the name or add the template",
    ),
    "template_syntax": Label(
        "szablon jest źle zapisany[ w wierszu {line}][ („{detail}”)]; popraw go",
        "the template is not well written[ in line {line}][ (“{detail}”)]; correct it",
    ),
    "template_unknown_name": Label(
        "szablon używa nieznanej nazwy[ „{detail}”][ w wierszu {line}]; popraw ją",
        "the template uses a name that nobody knows[, “{detail}”][, in line {line}]; correct it",
    ),
    "template_too_much": Label(
        "szablon przekracza granicę[ {detail}][ w wierszu {line}]; popraw go na prostszy",
        "the template goes beyond a limit[ of {detail}][, in line {line}]; correct it to a simpler one",
    ),
    "template_forbidden": Label(
        "szablon robi coś niedozwolonego[ w wierszu {line}][ („{detail}”)]; popraw go",
        "the template does what is not allowed[ in line {line}][ (“{detail}”)]; correct it",
    ),
    "template_failed": Label(
        "szablonu nie da się wypełnić[ w wierszu {line}][ („{detail}”)]; popraw go",
        "the template cannot be filled in[ in line {line}][ (“{detail}”)]; correct it",
    ),
    "template_blank": Label(
        "szablon nie ma tematu albo treści; uzupełnij go", "the template has no subject or no body; fill it in"
    ),
    "template_twice": Label(
        "ten szablon jest już wyżej i liczy się pierwszy; usuń jeden z nich",
        "this template stands above already and the first one counts; delete one of them",
    ),
    "rule_invalid": Label(
        "tej reguły nie można zastosować[: {reason}]; popraw ją[, wpisz jedno z: {allowed}]",
        "this rule cannot be used[: {reason}]; correct it[, write one of: {allowed}]",
    ),
    "duplicate_rule": Label(
        "ten krok jest już wyżej; usuń jeden z nich", "this step stands above already; delete one of them"
    ),
    "no_rules": Label(
        "brak aktywnych reguł, więc żadne przypomnienie nie wyjdzie; dodaj regułę albo włącz istniejącą",
        "no rule is active, so no reminder will go; add a rule or switch one on",
    ),
}


def text(problem: Problem, language: str) -> str:
    """The problem as one sentence in `language` ("pl" or "en"): column, what stands there, what to do.

    Values are shortened to 60 characters and lose control characters. KeyError for an unknown code.

    >>> print(text(Problem("invoices", 17, "F-0016", "due_on", "31.02.2026", "date_impossible"), "pl"))
    Termin płatności: „31.02.2026” – nie ma takiego dnia; wpisz datę, np. 2026-02-28.
    """
    return worded(problem, MESSAGES[problem.code].in_language(language), language)


def worded(problem: Problem, pattern: str, language: str) -> str:
    """The problem in the words of `pattern`, which stands elsewhere."""
    sentence = _sentence(pattern, _parameters(problem, pattern, language))
    value = _shortened(_shown(problem.value, language), LONGEST_VALUE)
    if value:
        sentence = f"„{value}” – {sentence}" if language == "pl" else f"“{value}” – {sentence}"
    place = _place(problem, language)
    return f"{place}: {sentence}." if place else f"{sentence[0].upper()}{sentence[1:]}."


def parameters(code: str) -> frozenset[str]:
    """The names of the values that the sentences of `code` can take. KeyError for an unknown code.

    >>> sorted(parameters("date_ambiguous"))
    ['first', 'second']
    """
    return frozenset(name for pattern in MESSAGES[code] for name in _names(pattern))


def _names(pattern: str) -> list[str]:
    return re.findall(r"\{(\w+)\}", pattern)


def _sentence(pattern: str, values: Mapping[str, str]) -> str:
    def half(match: re.Match[str]) -> str:
        return match[1] if all(values[name] for name in _names(match[1])) else ""

    return re.sub(r"\[([^\]]*)\]", half, pattern).format_map(values)


def _parameters(problem: Problem, pattern: str, language: str) -> dict[str, str]:
    """The values of the sentence's parameters; "" for those not given and those that say nothing."""
    choices = _allowed(problem, language)
    given = dict(problem.params) | ({"allowed": choices} if choices else {})
    whole = _shown(problem.value, language)
    cleaned = {name: _shortened(given.get(name, ""), LONGEST_PARAMETER) for name in _names(pattern)}
    meaningless = {"part": whole, "line": "0"}
    return {name: "" if value == meaningless.get(name) else value for name, value in cleaned.items()}


def _allowed(problem: Problem, language: str) -> str:
    """The fixed list of the column in the reader's language, "" when it has none."""
    if problem.field == "counted_from":
        return ", ".join(INVOICES.field(name).label(language) for name in ("due_on", "issued_on"))
    field = _field(problem)
    return ", ".join(choice.pl if language == "pl" else choice.en for choice in field.choices) if field else ""


def _place(problem: Problem, language: str) -> str:
    """The column's label, else the tab's title, else nothing (a file has columns of its own)."""
    place: Field | Tab | None = _field(problem) or _tab(problem)
    return problem.field if place is None or (problem.field and isinstance(place, Tab)) else place.label(language)


def _tab(problem: Problem) -> Tab | None:
    return next((tab for tab in TABS if tab.name == problem.tab), None)


def _field(problem: Problem) -> Field | None:
    tab = _tab(problem)
    return next((field for field in tab.fields if field.name == problem.field), None) if tab else None


def _shown(value: object, language: str) -> str:
    if isinstance(value, bool):
        return yes_no(value, language)
    if isinstance(value, str | int | float | date | time | Decimal) or value is None:
        return as_text(value)
    return str(value)


def _shortened(value: str, longest: int) -> str:
    plain = " ".join("".join(" " if unicodedata.category(c)[0] == "C" else c for c in value).split())
    return plain if len(plain) <= longest else f"{plain[: longest - 1].rstrip()}…"
