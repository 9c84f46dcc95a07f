"""Finding the header row and its columns: any language, order and spelling, titles above, and what is missing."""

from collections.abc import Sequence

import pytest

from validators.headers import SEARCH_ROWS, Header, NoHeader, find_header
from validators.tabs import CLIENTS, INVOICES, TABS, Tab

NEEDED = ("Numer", "Klient", "Kwota brutto")


def header(*rows: Sequence[object], tab: Tab = INVOICES) -> Header:
    found = find_header(rows, tab)
    assert isinstance(found, Header)
    return found


def missing(*rows: Sequence[object], tab: Tab = INVOICES) -> NoHeader:
    found = find_header(rows, tab)
    assert isinstance(found, NoHeader)
    return found


@pytest.mark.parametrize("tab", TABS, ids=lambda tab: tab.name)
@pytest.mark.parametrize("language", ["pl", "en"])
def test_every_tab_is_found_by_its_own_headers_in_both_languages(tab: Tab, language: str) -> None:
    found = header([f.label(language) for f in tab.fields], tab=tab)
    assert found.columns == {f.name: position for position, f in enumerate(tab.fields)}
    assert (found.duplicates, found.absent) == ((), ())


@pytest.mark.parametrize(
    "labels",
    [
        ("numer", "KLIENT", "kwota brutto"),
        (" Numer: ", "Klient*", "Kwota  Brutto"),
        ("Number", "Client", "Gross amount"),
        ("Numer faktury", "Kontrahent", "Gross amount"),
        ("Numer", "Nabywca", "kwota\nbrutto"),
    ],
)
def test_spelling_case_accents_language_and_synonyms_do_not_matter(labels: Sequence[str]) -> None:
    assert header(labels).columns == {"number": 0, "client": 1, "amount": 2}


def test_columns_stand_in_any_order_beside_unknown_ones() -> None:
    found = header(("Kolor", "Kwota brutto", None, 5, "Klient", "", "Termin płatności", "Numer"))
    assert found.columns == {"amount": 1, "client": 4, "due_on": 6, "number": 7}
    assert "status" in found.absent


def test_titles_and_notes_may_stand_above() -> None:
    """Even one that mentions a header."""
    assert header(("Faktury 2026",), (), ("Klient", "patrz niżej"), NEEDED, ("FV/1", "K-0001", 5)).index == 3


def test_the_first_whole_header_counts_and_only_the_first_sixty_rows_are_searched() -> None:
    assert header(NEEDED, NEEDED).index == 0
    assert header(*[("tytuł",)] * (SEARCH_ROWS - 1), NEEDED).index == SEARCH_ROWS - 1
    assert missing(*[("tytuł",)] * SEARCH_ROWS, NEEDED).line == 0


def test_a_header_that_stands_twice_is_named_and_the_first_counts() -> None:
    found = header((*NEEDED, "Notatki", "Client", "notatki"))
    assert (found.columns["client"], found.columns["notes"]) == (1, 3)
    assert found.duplicates == ("Client", "notatki")


def test_what_is_missing_is_named_with_what_comes_nearest() -> None:
    found = missing(("Faktury",), ("Numer", "Klyent", "Termin płatności"))
    assert found.line == 2
    assert [(f.name, near) for f, near in found.missing] == [("client", "Klyent"), ("amount", "")]


@pytest.mark.parametrize("rows", [[], [()], [(None, "")], [("a", "b")], [(1, True, None)]])
def test_without_any_header_everything_required_is_missing(rows: Sequence[Sequence[object]]) -> None:
    found = missing(*rows, tab=CLIENTS)
    assert (found.line, [f.name for f, _ in found.missing]) == (0, ["name"])
