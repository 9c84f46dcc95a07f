"""Whose invoice it is: by id, tax id, e-mail or name, in that order, and only when exactly one client answers."""

from pathlib import Path

import pytest

from tests.workbooks_for_tests import desk
from validators.debtors import ClientIndex, Found

CLIENTS = (
    {
        "id": "K-0001",
        "name": "Żuraw sp. z o.o.",
        "tax_id": "525-224-84-81",
        "email": "biuro@zuraw.pl; faktury@zuraw.pl",
    },
    {"id": "K-0002", "name": "Jan Kowalski", "email": "jan@kowalski.pl"},
    {"id": "K-0003", "name": "JAN KOWALSKI", "email": "wspolny@biuro.pl"},
    {"id": "K-0004", "name": "Łąka", "email": "wspolny@biuro.pl"},
    {"id": "K-0005", "name": "K-0001"},  # a name that looks like another's id
)


@pytest.fixture
def index(tmp_path: Path) -> ClientIndex:
    return ClientIndex(desk(tmp_path, [], CLIENTS).gathered().clients)


@pytest.mark.parametrize(
    ("text", "client"),
    [
        ("K-0004", "K-0004"),
        (" k-0004 ", "K-0004"),
        ("K0004", "K-0004"),
        ("5252248481", "K-0001"),
        ("525-224-84-81", "K-0001"),
        ("PL 525 224 84 81", "K-0001"),
        ("Biuro@Zuraw.PL", "K-0001"),
        ("faktury@zuraw.pl", "K-0001"),
        ("żuraw SP Z OO", "K-0001"),
        ("Laka", "K-0004"),
        ("K-0001", "K-0001"),  # an id goes before a name
    ],
)
def test_the_one_client_that_is_meant(index: ClientIndex, text: str, client: str) -> None:
    assert index.find(text) == Found(client)


@pytest.mark.parametrize(
    ("text", "candidates"), [("Jan Kowalski", ("K-0002", "K-0003")), ("wspolny@biuro.pl", ("K-0003", "K-0004"))]
)
def test_where_two_answer_nobody_is_chosen_and_both_are_named(
    index: ClientIndex, text: str, candidates: tuple[str, ...]
) -> None:
    assert index.find(text) == Found(None, candidates=candidates)


@pytest.mark.parametrize(
    ("text", "nearest"),
    [("Jan Kowalsky", "Jan Kowalski"), ("Zuraw sp zoo", "Żuraw sp. z o.o."), ("Ktoś inny", ""), ("?", "")],
)
def test_where_nobody_answers_the_nearest_is_named_and_not_taken(index: ClientIndex, text: str, nearest: str) -> None:
    found = index.find(text)
    if found.id is None:
        assert (found.candidates, found.nearest) == ((), nearest)
    else:
        assert (text, found.id) == ("Zuraw sp zoo", "K-0001")  # folded, it is the very name


def test_no_clients_no_answer() -> None:
    assert ClientIndex([]).find("Jan") == Found(None)
