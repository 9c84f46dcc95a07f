"""Labels: every word of the sheet exists in both languages and leads back to its code."""

import pytest

from config.labels import (
    DUPLICATE_REASONS,
    EVENTS,
    LANGUAGES,
    STATUSES,
    duplicate_label,
    event_code,
    event_label,
    status_code,
    status_label,
    yes_no,
)
from mailers.wording import plural
from validators.duplicates import Reason
from validators.status import Status

DESIGN_EVENTS = {
    *("created id", "status", "normalised", "duplicate", "problem", "imported", "updated", "held", "undone"),
    *("notice claimed", "notice sent"),
    *("reply received", "reply cleared", "letter bounced", "address cleared", "delivery delayed", "automatic reply"),
    *("reminder drafted", "reminder claimed", "reminder sent", "reminder failed", "reminder unknown"),
}


def test_every_status_and_reason_of_the_rules_has_words():
    assert set(STATUSES) == set(Status)
    assert set(DUPLICATE_REASONS) == set(Reason)


def test_every_event_of_the_design_has_words():
    assert DESIGN_EVENTS | {"resolved", "archived"} == set(EVENTS)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("partly_paid", [True, False])
@pytest.mark.parametrize("code", STATUSES)
def test_a_status_label_leads_back_to_its_code_even_retyped(code, partly_paid, language):
    label = status_label(code, partly_paid=partly_paid, language=language)
    assert status_code(label) == status_code(f" {label.upper()} ") == code


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", EVENTS)
def test_an_event_leads_back_to_its_code_from_either_language(code, language):
    assert event_code(event_label(code, language)) == code


def test_labels_of_different_codes_differ():
    for labels in (STATUSES, EVENTS, DUPLICATE_REASONS):
        for language in LANGUAGES:
            assert len({label.in_language(language) for label in labels.values()}) == len(labels)


def test_words_that_are_no_labels_lead_nowhere():
    assert status_code("Zapłacę jutro") is None
    assert event_code("") is None
    with pytest.raises(KeyError):
        event_label("exploded", "pl")


def test_the_words_of_the_design():
    assert status_label("overdue", partly_paid=True, language="en") == "Overdue, partly paid"
    assert event_label("reminder drafted", "pl") == "szkic przypomnienia"
    assert duplicate_label("K-0012", "tax_id", "en") == "K-0012: same tax id"
    assert [yes_no(answer, language) for language in LANGUAGES for answer in (True, False)] == [
        "tak",
        "nie",
        "yes",
        "no",
    ]


def test_polish_numbers_take_three_forms():
    forms = {n: plural(n, ("one", "few", "many"), "pl") for n in range(200)}
    assert {n for n, form in forms.items() if form == "one"} == {1}
    assert all(forms[n] == "few" for n in (2, 3, 4, 22, 34, 102, 124))
    assert all(forms[n] == "many" for n in (0, 5, 11, 12, 13, 14, 21, 101, 112, 113, 114))
    assert [plural(n, ("day", "days"), "en") for n in (0, 1, 2, -1)] == ["days", "day", "days", "day"]
