"""Defaults: a new workbook starts with rows that Kartoteka itself understands without a problem."""

import pytest

from config.defaults import reminder_rules, vocabulary
from config.letter_defaults import default_templates
from validators.columns import Context
from validators.reading import read_rules
from validators.rows import Table
from validators.tabs import REMINDERS, VOCABULARY, VOCABULARY_KINDS
from validators.text import fold

LANGUAGES = ("pl", "en")


def words(row):
    return [row["name"], *filter(None, str(row["synonyms"]).split("; "))]


@pytest.mark.parametrize("language", LANGUAGES)
def test_rows_have_the_fields_of_their_tabs(language):
    for tab, rows in ((VOCABULARY, vocabulary(language)), (REMINDERS, reminder_rules(language))):
        for row in rows:
            assert list(row) == [field.name for field in tab.fields]


@pytest.mark.parametrize("language", LANGUAGES)
def test_fixed_values_are_written_in_the_workbooks_language(language):
    for tab, rows in ((VOCABULARY, vocabulary(language)), (REMINDERS, reminder_rules(language))):
        for row in rows:
            for field in tab.fields:
                if field.choices:
                    assert row[field.name] in {getattr(choice, language) for choice in field.choices}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_word_of_the_vocabulary_has_two_meanings_within_its_kind(language):
    for kind in VOCABULARY_KINDS:
        rows = [row for row in vocabulary(language) if row["kind"] == getattr(kind, language)]
        folded = [fold(word) for row in rows for word in words(row)]
        assert len(folded) == len(set(folded))


def test_stages_stand_in_the_order_of_the_pipeline_and_two_of_them_end_it():
    stages = [row for row in vocabulary("pl") if row["kind"] == "etap"]
    names = "Nowy, Kontakt, Oferta, Negocjacje, Klient, Wstrzymany, Zakończony, Utracony"
    assert [row["name"] for row in stages] == names.split(", ")
    assert [row["name"] for row in stages if row["closed"] == "tak"] == ["Zakończony", "Utracony"]


def test_the_vocabulary_names_no_owner():
    assert {row["kind"] for row in vocabulary("en")} == {"stage", "tag", "source"}


def test_the_ladder_of_the_design():
    rules = reminder_rules("pl")
    assert [row["step"] for row in rules] == ["-3", "+1", "+7", "+14", "+21", "+30"]
    assert [row["days"] for row in rules] == [-3, 1, 7, 14, 21, 30]
    assert [row["channel"] for row in rules] == ["e-mail"] * 4 + ["zespół", "e-mail"]
    assert [row["step"] for row in rules if row["approval"] == "tak"] == ["+30"]
    assert {row["counted_from"] for row in rules} == {"termin płatności"}
    assert {row["counted_from"] for row in reminder_rules("en")} == {"due on"}


@pytest.mark.parametrize("workbook", LANGUAGES)
def test_every_letter_of_the_ladder_has_a_template_in_both_languages(workbook):
    templates = {(template.name, template.language) for template in default_templates(workbook)}
    used = {str(row["template"]) for row in reminder_rules(workbook) if row["channel"] == "e-mail"}
    assert {(name, language) for name in used for language in LANGUAGES} == templates


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_rules_read_back_without_a_problem(language):
    rows = reminder_rules(language)
    columns = {field.name: [row[field.name] for row in rows] for field in REMINDERS.fields}
    parsed = read_rules(Table(REMINDERS, tuple(range(2, len(rows) + 2)), columns), Context())
    assert parsed.problems == ()
    assert [(r.about, r.step, r.days, r.channel, r.approval, r.active, r.counted_from) for r in parsed.records] == [
        ("invoice", f"{days:+d}", days, "team" if days == 21 else "e-mail", days == 30, True, "due_on")
        for days in (-3, 1, 7, 14, 21, 30)
    ]
