"""The words of the message to the team: plural forms, groups, sums, and nothing in a cell that a chat would obey."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from mailers.digest import Concern, digest, share
from mailers.reminders import Notice

DAY = date(2026, 10, 13)
NOTICE = Notice("F-0001", "FV/1", "K-0001", "Żuraw", "Ola", Decimal("100.00"), "PLN", 22, "+21")
REPLY = Concern("replied", "Kłos", "Jan", "zapłacę w piątek")


def shown(*notices: Notice, concerns: tuple[Concern, ...] = (), language: str = "pl") -> str:
    return digest(notices, concerns, language, DAY).text.replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    ("count", "pl", "en"),
    [
        (1, "1 faktura do rozmowy z klientem", "1 invoice to talk about with the client"),
        (2, "2 faktury do rozmowy z klientem", "2 invoices to talk about with the clients"),
        (5, "5 faktur do rozmowy z klientem", "5 invoices to talk about with the clients"),
        (22, "22 faktury do rozmowy z klientem", "22 invoices to talk about with the clients"),
    ],
)
def test_the_title_counts_in_the_right_form(count: int, pl: str, en: str) -> None:
    assert digest([NOTICE] * count, [], "pl", DAY).title == f"Kartoteka, 13.10.2026: {pl}"
    assert digest([NOTICE] * count, [], "en", DAY).title == f"Kartoteka, 2026-10-13: {en}"


@pytest.mark.parametrize(
    ("count", "pl"), [(1, "1 sprawa do"), (3, "3 sprawy do"), (5, "5 spraw do"), (112, "112 spraw do")]
)
def test_other_matters_are_counted_too(count: int, pl: str) -> None:
    assert pl in digest([], [REPLY] * count, "pl", DAY).title


def test_in_english() -> None:
    assert shown(NOTICE, replace(NOTICE, owner="", currency="EUR"), concerns=(REPLY,), language="en") == (
        "Ola: 1 invoice, PLN 100.00\n"
        "- Żuraw: FV/1, left to pay: PLN 100.00, 22 days overdue (step +21)\n\n"
        "No owner: 1 invoice, €100.00\n"
        "- Żuraw: FV/1, left to pay: €100.00, 22 days overdue (step +21)\n\n"
        "Total: €100.00 + PLN 100.00\n\n"
        "To look at:\n"
        "- A client answered: Kłos (zapłacę w piątek); letters wait until somebody empties the cell “Reply”\n"
    )


@pytest.mark.parametrize(
    ("kind", "advice"),
    [
        ("failed", "powód stoi przy fakturze w kolumnie „Dlaczego”"),
        ("unknown", "sprawdź w wysłanych; dalej jak w kolumnie „Problemy”"),
        ("bounced", "popraw go w arkuszu, a list wyjdzie ponownie"),
        ("replied", "listy czekają, aż ktoś opróżni komórkę „Odpowiedź”"),
    ],
)
def test_every_matter_says_what_to_do(kind: str, advice: str) -> None:
    assert shown(concerns=(replace(REPLY, kind=kind),)).endswith(f"Kłos (zapłacę w piątek); {advice}\n")


@pytest.mark.parametrize("kind", ["failed", "unknown", "bounced", "replied"])
def test_every_kind_of_matter_has_words_in_both_languages(kind: str) -> None:
    words = {shown(concerns=(replace(REPLY, kind=kind),), language=language) for language in ("pl", "en")}
    assert len(words) == 2
    assert not any(kind in text.split() for text in words)


def test_owners_who_are_spelled_differently_are_one_and_nobodys_come_last() -> None:
    text = shown(replace(NOTICE, owner=""), NOTICE, replace(NOTICE, owner="OLA "), replace(NOTICE, owner="Jan"))
    assert [line.partition(":")[0] for line in text.splitlines() if line.endswith("zł") and "-" not in line] == [
        "Jan",
        "Ola",
        "Bez opiekuna",
        "Razem",
    ]


def test_a_share_is_what_belongs_to_the_owners_or_everything() -> None:
    items = (NOTICE, replace(NOTICE, owner="Jan"), replace(NOTICE, owner=""))
    assert share(items, frozenset({"ola"})) == items[:1]
    assert share(items, frozenset()) == items


@pytest.mark.parametrize(
    "evil", ["@everyone", "<!channel>", "<https://x.example|faktura>", "a\nRazem: 0 zł", "\u202ex"]
)
def test_what_a_cell_says_is_neither_a_mention_nor_a_link_nor_a_line_of_its_own(evil: str) -> None:
    text = shown(replace(NOTICE, client_name=evil, number=evil, owner=evil), concerns=(replace(REPLY, detail=evil),))
    assert evil not in text
    assert "<" not in text
    assert len(text.splitlines()) == len(shown(NOTICE, concerns=(REPLY,)).splitlines())


def test_a_name_of_a_thousand_letters_is_cut() -> None:
    assert max(map(len, shown(replace(NOTICE, client_name="x" * 1000)).splitlines())) < 250
