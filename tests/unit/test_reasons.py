"""The sentences of *Dlaczego*: every answer that can arise reads well in both languages."""

from datetime import date

import pytest

from config.reasons import sentence


@pytest.mark.parametrize(
    ("code", "params", "pl", "en"),
    [
        ("paid", {}, "Opłacona.", "Paid."),
        (
            "not_yet",
            {"on": date(2026, 10, 1)},
            "Krok +7 nie wcześniej niż 1.10.2026.",
            "Step +7 not before 2026-10-01.",
        ),
        (
            "on_hold",
            {"until": date(2026, 10, 3), "why": "spór"},
            "Wstrzymana do 3.10.2026: spór.",
            "On hold until 2026-10-03: spór.",
        ),
        ("on_hold", {"until": date.max, "why": ""}, "Wstrzymana bezterminowo.", "On hold until further notice."),
        (
            "finished",
            {"step": "", "on": None},
            "Nie ma żadnego aktywnego kroku przypomnień.",
            "There is no active reminder step.",
        ),
        (
            "finished",
            {"step": "+30", "on": None},
            "Wszystkie kroki wykorzystane; dalej decyduje zespół.",
            "All steps are used up; the team decides what follows.",
        ),
        (
            "problem",
            {"fields": ("amount", "due_on"), "repeated": ""},
            "Nie przypominamy, póki dane są niepewne: Kwota brutto, Termin płatności.",
            "No reminder while the data is in doubt: Gross amount, Due on.",
        ),
        (
            "problem",
            {"fields": (), "repeated": "F-0001"},
            "Nie przypominamy, póki dane są niepewne: numer taki sam jak w F-0001.",
            "No reminder while the data is in doubt: same number as F-0001.",
        ),
        (
            "approval",
            {},
            "Krok +7 czeka na zgodę: zaznacz kolumnę „Zatwierdź”.",
            "Step +7 waits for approval: tick the column “Approve”.",
        ),
    ],
)
def test_sentences_in_both_languages(code: str, params: dict[str, object], pl: str, en: str) -> None:
    assert sentence(code, "+7", "e-mail", params, "pl") == pl
    assert sentence(code, "+7", "e-mail", params, "en") == en


def test_an_unknown_code_is_a_bug_and_says_so() -> None:
    with pytest.raises(KeyError):
        sentence("perhaps", "+7", "e-mail", {}, "pl")
