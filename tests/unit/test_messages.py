"""Messages: every problem is one sentence in each language that says where, what stands there, and what to do."""

import re
from datetime import date
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.messages import MESSAGES, parameters, text
from validators.problems import Problem

LANGUAGES = ("pl", "en")
ENGLISH = re.compile(r"\b(the|is|are|not|write|correct|cell|row|date|amount|this|and|or|no|such|with|add|yes)\b")
POLISH = re.compile(r"[ąćęłńóśźż„]|\b(jest|nie|albo|wpisz|popraw|kolumna|czy|to nie)\b")
ROOT = Path(__file__).parents[2]


def problem(code="date_impossible", value="31.02.2026", field="due_on", tab="invoices", **params):
    return Problem(tab, 17, "F-0016", field, value, code, params)


def test_the_sentence_of_the_brief():
    assert text(problem(), "pl") == "Termin płatności: „31.02.2026” – nie ma takiego dnia; wpisz datę, np. 2026-02-28."
    assert text(problem(), "en") == "Due on: “31.02.2026” – there is no such day; write a date such as 2026-02-28."


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", MESSAGES)
def test_every_sentence_reads_whole_whichever_values_are_blank(code, language):
    names = sorted(parameters(code))
    for count in range(len(names) + 1):
        for chosen in combinations(names, count):
            for value in ("x", ""):
                said = text(problem(code, value, "notes", **dict.fromkeys(chosen, "ZZZ")), language)
                assert not re.search(r"[\[\]{}]|  |\(\)|: ;|; ;|“”|„”|\?\.|\.\.| [;,.]", said), said
                assert said.endswith(".")
                assert len(said) < 250
                halves = set(re.findall(r"\[[^\]]*\]", MESSAGES[code].in_language(language)))
                whole = [half for half in halves if set(re.findall(r"\{(\w+)\}", half)) <= set(chosen)]
                assert ("ZZZ" in said) == bool(whole)


@pytest.mark.parametrize("code", MESSAGES)
def test_each_language_keeps_to_itself_and_gives_advice(code):
    polish, english = MESSAGES[code]
    assert not ENGLISH.search(re.sub(r"\{\w+\}|kartoteka init", "", polish)), polish
    assert not POLISH.search(english), english
    assert set(re.findall(r"\{\w+\}", polish)) == set(re.findall(r"\{\w+\}", english))
    assert polish[0].islower()
    assert english[0].islower()
    advice = "wpisz|popraw|uzupełnij|usuń|sprawdź|porównaj|zmień|dodaj|doda "
    assert re.search(advice, polish), polish


def test_every_code_that_the_validators_report_has_words():
    calls = r'(?:Flaw\(|report\(position, "\w+", )"(\w+)"'
    found = {c for path in (ROOT / "validators").glob("*.py") for c in re.findall(calls, path.read_text("utf-8"))}
    assert {"date_ambiguous", "duplicate_id"} <= found
    assert found <= set(MESSAGES)


def test_lists_are_given_in_the_readers_language():
    said = problem("choice_unknown", "fax", "channel", "clients", allowed="e-mail, phone")
    assert text(said, "pl") == "Kanał kontaktu: „fax” – tu nie może tak być; wpisz jedno z: e-mail, telefon."
    assert text(said, "en") == "Channel: “fax” – this cannot stand here; write one of: e-mail, phone."
    rule = problem("rule_invalid", "sprzedaż", "counted_from", "reminders")
    assert "Termin płatności, Data wystawienia" in text(rule, "pl")


def test_the_bad_one_of_several_addresses_is_named_a_single_one_not_twice():
    assert "e-mail: „b@” – " not in text(problem("email_invalid", "b@", "email", "clients", part="b@"), "pl")
    assert "adres e-mail: „b@”; popraw" in text(
        problem("email_invalid", "a@b.pl, b@", "email", "clients", part="b@"), "pl"
    )


def test_a_fault_without_a_line_names_none():
    assert "wierszu" not in text(problem("template_syntax", "first", "body", "templates", line="0", detail="?"), "pl")


def test_blank_cells_and_whole_tabs_read_naturally():
    assert text(problem("required_missing", None, "number"), "pl") == "Numer: brak wartości; uzupełnij tę komórkę."
    assert text(problem("no_rules", "", "", "reminders"), "en").startswith("Reminders: no rule is active")
    assert text(problem("date_impossible", "x", "Due", "list.csv"), "en").startswith("Due: “x” – ")
    assert text(problem("no_rules", "", "", ""), "pl").startswith("Brak aktywnych reguł")


def test_values_are_shown_as_a_person_would_type_them():
    assert "„2026-12-24”" in text(problem("paid_in_future", date(2026, 12, 24), "paid"), "pl")
    assert "„12”" in text(problem("amount_zero", 12.0, "amount"), "pl")
    assert "“yes”" in text(problem("date_unreadable", value=True), "en")


@given(st.text(), st.text())
def test_nothing_in_a_cell_breaks_or_floods_the_sentence(value, part):
    said = text(problem("email_invalid", value, "email", "clients", part=part), "pl")
    assert "\n" not in said
    assert "\x00" not in said
    assert len(said) < 60 + 120 + 120


def test_long_values_are_cut_at_sixty_characters():
    assert f"„{'x' * 59}…”" in text(problem(value="x" * 61), "pl")
    assert f"„{'x' * 60}”" in text(problem(value="x" * 60), "pl")


def test_an_unknown_code_is_an_error_of_ours():
    with pytest.raises(KeyError, match="no_such_code"):
        text(problem("no_such_code"), "pl")
