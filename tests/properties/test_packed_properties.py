"""A packed column is the column: whatever is read from it, and whatever is understood of it."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from importers.safe_cells import any_longer, safe
from validators.columns import Context, understand
from validators.packed import Packed, Singles, extended, held_like, joined
from validators.tabs import CLIENTS
from validators.text import words_of_all, words_once

TEXTS = st.text(max_size=6) | st.sampled_from(
    ["Żuraw", "\0", "a\0b", "\ud800", "'=1", "\x07x", "#REF!", "😀", " x ", ""]
)
COLUMNS = st.lists(st.none() | TEXTS, max_size=12)
WRITTEN = TEXTS | st.sampled_from(
    ["a@b.pl", "A@B.pl", "a@b.pl, c@d.pl", "x@", "601234567", "601 234 567; 602 345 678", "5260250274", "DE136695976"]
)
BLANKS = st.sampled_from(["", None])


@given(COLUMNS, BLANKS, st.integers(1, 5))
@example(["\0"] * 3, None, 2)
def test_it_has_the_texts_that_were_given(texts, blank, size):
    packed, plain = Packed(texts, blank), [text or blank for text in texts]
    assert list(packed) == plain
    assert [packed[i] for i in range(len(packed))] == plain
    assert [text for part in packed.parts(size) for text in part] == plain
    assert list(packed.with_blank("-")) == [text or "-" for text in texts]
    longest = max(map(len, filter(None, texts)), default=0)
    assert packed.longest >= longest
    assert any_longer(plain, longest - 1) or not longest
    assert not any_longer(plain, longest)


def test_few_long_texts_are_handed_out_at_once():
    texts = ["a", "ż" * 400_000, "b" * 700_000, "", "c" * 3_000_000, "d", "e"]
    packed = Packed(texts)
    assert [len(part) for part in packed.parts(4)] == [2, 2, 1, 2]
    assert list(packed) == texts


@given(COLUMNS, st.slices(12), st.slices(12))
def test_a_part_of_it_is_as_of_a_list(texts, one, other):
    packed, plain = Packed(texts, None), [text or None for text in texts]
    assert list(packed[one]) == plain[one]
    assert list(packed[one][other]) == plain[one][other]
    assert list(joined([packed[one], packed[other]])) == [*plain[one], *plain[other]]


@pytest.mark.parametrize("index", [3, -4, 10**9])
def test_beyond_its_ends_there_is_nothing(index):
    for column in (Packed(["a", "b", "c"]), Singles(["a", None, None], {2: ("b", "c")})):
        with pytest.raises(IndexError):
            column[index]


@given(COLUMNS, COLUMNS, st.sampled_from([[], [1.5], [None, "x"]]))
def test_cells_that_are_added_stand_behind_the_others(first, then, last):
    column = extended(extended(Packed(first), then), last)
    assert [cell or "" for cell in column] == [cell or "" for cell in (*first, *then, *last)]


@given(st.lists(st.lists(TEXTS.filter(bool), max_size=3).map(tuple), max_size=8), st.integers(0, 8))
def test_cells_of_several_texts_are_as_tuples(cells, cut):
    def held(part):
        texts = [cell[0] if len(cell) == 1 else None for cell in part]
        return Singles(Packed(texts, None), {i: cell for i, cell in enumerate(part) if len(cell) > 1})

    whole = joined([held(cells[:cut]), held(cells[cut:])])
    assert list(whole) == cells
    assert [whole[i] for i in range(-len(cells), 0)] == cells
    assert list(whole.mapped(str.upper)) == [tuple(map(str.upper, cell)) for cell in cells]


@given(st.sampled_from(["name", "notes", "stage", "tags", "email", "phone", "tax_id"]), st.lists(WRITTEN, max_size=8))
@settings(max_examples=400)
def test_it_is_understood_as_a_list_is(field, cells):
    plain = understand(CLIENTS.field(field), cells, Context())
    packed = understand(CLIENTS.field(field), Packed(cells), Context())
    assert (list(packed.values), packed.faults) == (list(plain.values), plain.faults)


@given(COLUMNS)
def test_it_is_made_safe_as_a_list_is(texts):
    assert list(safe(Packed(texts))) == [text or "" for text in safe(texts)]


@given(st.lists(TEXTS, max_size=8))
def test_its_words_are_those_of_a_list(texts):
    assert list(held_like(Packed(texts), words_of_all(Packed(texts)))) == list(map(words_once, texts))
