"""Stages and tags are matched to the team's own words: exactly, by synonym, then by one clear close spelling."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validators.vocabulary import Entry, Match, Vocabulary, split_tags, tidy_one, tidy_tags

WORDS = Vocabulary(
    [
        Entry("stage", "Nowy", ("lead", "nowa")),
        Entry("stage", "Oferta wysłana", ("wycena",)),
        Entry("stage", "Umowa", ("podpisana",)),
        Entry("stage", "Przegrany", ("Umowa", "stracony"), closed=True),
        Entry("tag", "VIP"),
        Entry("tag", "Ogród"),
        Entry("tag", "Dach 2024"),
        Entry("tag", "Sprzątanie biura"),
        Entry("tag", "Sprzątanie biur"),
    ]
)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Nowy", "Nowy"), (" NOWY ", "Nowy"), ("lead", "Nowy"), ("oferta-wyslana", "Oferta wysłana"),
        ("Wycena!", "Oferta wysłana"),
        ("oferta wysłąna", "Oferta wysłana"), ("przegrny", "Przegrany"), ("podpisna", "Umowa"),
    ],
)  # fmt: skip
def test_case_accents_synonyms_and_slips_are_understood(text: str, name: str) -> None:
    assert WORDS.match("stage", text) == Match(name)


def test_a_name_goes_before_another_entrys_synonym() -> None:
    assert WORDS.match("stage", "umowa") == Match("Umowa")


@pytest.mark.parametrize(
    ("kind", "text", "nearest"),
    [
        ("tag", "Dach 2025", "Dach 2024"),
        ("tag", "sprzątanie biurr", None),
        ("tag", "vlp", "VIP"),
        ("tag", "qqqq", ""),
        ("tag", "", ""),
    ],
)
def test_what_is_not_clear_is_not_guessed_but_named(kind: str, text: str, nearest: str | None) -> None:
    match = WORDS.match(kind, text)
    assert match.name is None
    assert nearest is None or match.nearest == nearest


def test_a_kind_without_entries_knows_every_text() -> None:
    assert WORDS.match("source", "Targi") == Match("Targi")
    assert tidy_one(WORDS, "source", " Targi ")[0] == " Targi "


def test_names_keep_the_order_of_the_tab_and_double_entries_count_once() -> None:
    words = Vocabulary([Entry("tag", "B"), Entry("tag", "A"), Entry("tag", "b", ("beta",)), Entry("tag", " ", ("x",))])
    assert words.names("tag") == ("B", "A")
    assert words.names("stage") == ()
    assert words.match("tag", "BETA") == Match("B")
    assert words.match("tag", "x").name is None


def test_closed_stages_are_known_by_any_spelling() -> None:
    assert WORDS.closed("Przegrany")
    assert WORDS.closed("stracony")
    assert not WORDS.closed("Nowy")
    assert not WORDS.closed("")
    assert not WORDS.closed("coś innego")


def test_tags_are_split_at_every_usual_separator() -> None:
    assert split_tags(" a, b;c|d\ne\r\n,, ;") == ("a", "b", "c", "d", "e")
    assert split_tags("  ") == ()


def test_tags_are_tidied_and_unknown_ones_stay() -> None:
    assert tidy_tags(WORDS, "ogrod; Basen ;V.I.P.;basen, OGRÓD") == ("Ogród, Basen, VIP", (("Basen", ""),))
    assert tidy_tags(Vocabulary([Entry("tag", "Dach, rynny")]), "dach rynny") == ("dach rynny", ())
    assert tidy_tags(WORDS, "") == ("", ())


def test_an_unknown_stage_stays_exactly_as_typed() -> None:
    assert tidy_one(WORDS, "stage", " Umówione ")[0] == " Umówione "
    assert tidy_one(WORDS, "stage", "  ") == ("  ", Match("  "))


ANY_TEXT = st.text(alphabet="abcdeAŁóśż 12,;|\n+-?.", max_size=12)
ANY_WORDS = st.lists(st.builds(Entry, st.sampled_from(["tag", "stage"]), ANY_TEXT, st.tuples(ANY_TEXT)), max_size=6)


@given(ANY_WORDS, st.lists(ANY_TEXT, max_size=5).map(";".join))
def test_tidying_tags_twice_changes_nothing_more(entries: list[Entry], text: str) -> None:
    words = Vocabulary(entries)
    tidy, unknown = tidy_tags(words, text)
    assert tidy_tags(words, tidy) == (tidy, unknown)


@given(ANY_WORDS, ANY_TEXT)
def test_tidying_one_twice_changes_nothing_more(entries: list[Entry], text: str) -> None:
    words = Vocabulary(entries)
    tidy, _ = tidy_one(words, "stage", text)
    assert tidy_one(words, "stage", tidy)[0] == tidy


@given(ANY_WORDS)
def test_every_name_means_itself(entries: list[Entry]) -> None:
    words = Vocabulary(entries)
    assert all(words.match(kind, name) == Match(name) for kind in ("tag", "stage") for name in words.names(kind))
