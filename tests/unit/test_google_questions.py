"""`doctor --live` asks what it says it asks. What is answered here are the fake's assumptions, not Google's word."""

from pathlib import Path

import pytest

from sync.storage.google_connection import Connection, Pace
from sync.storage.google_questions import DRIVE_SCOPE, QUESTIONS, Answer, answers
from sync.storage.google_sign_in import Access
from tests.fakes.clocks import VirtualClock
from tests.fakes.sheets_server import FakeSheets, Logged

SCOPES = ("https://www.googleapis.com/auth/spreadsheets", DRIVE_SCOPE)


def asked(server: FakeSheets, folder: Path, *scopes: str) -> dict[str, Answer]:
    """The answers of `server`, in virtual time, by question."""
    clock = VirtualClock()
    access = Access(server.key_file(folder / "key.json"), server.url, scopes)
    connection = Connection("", access, Pace(clock.sleep, clock.now))
    connection.spreadsheet_id = connection.create("Notatnik", "pl_PL", "Europe/Warsaw")
    return {answer.question: answer for answer in answers(connection, clock.now)}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> list[Answer]:
    with FakeSheets() as server:
        return list(asked(server, tmp_path_factory.mktemp("live"), *SCOPES).values())


def test_every_question_is_answered(told: list[Answer]) -> None:
    assert [answer.question for answer in told] == [question.text for question in QUESTIONS]
    assert not [answer for answer in told if answer.agrees is None]


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("id in use", ("Status 400", "Nothing of the batch was written.")),
        ("fails at its end", ("Nothing.", "No grid with id")),
        ("metadata that is not there", ("no error",)),
        ("delete and create", ("Yes.",)),
        ("follow the values", ("stays in its row",)),
        ("appendCells write under a filter", ("row 5", "where 4 rows stood", "now has 4")),
        ("values.append", ("row 5",)),
        ("findReplace", ('"0042" became a number', '"=1+1" became', '"21.11.2026" became a number')),
        ("take over from those above", ("Not the number format",)),
        ("copy a sheet", ("Yes.",)),
        ("date without a pattern", ("21.11.2026 in pl_PL", "11/21/2026 in en_US", "21.11.2026 in de_DE")),
        ("Drive", ("version after 1.0 s", "modifiedTime after 1.0 s")),
    ],
)
def test_an_answer_says_what_was_seen(told: list[Answer], question: str, words: tuple[str, ...]) -> None:
    (answer,) = [answer for answer in told if question in answer.question]
    assert [word for word in words if word not in answer.answer] == []


def test_only_the_fake_that_takes_words_for_numbers_disagrees_with_what_the_code_assumes(told: list[Answer]) -> None:
    assert [answer.question for answer in told if not answer.agrees] == [
        "Does findReplace take its replacement for what it looks like?"
    ]


def test_that_a_history_would_be_divided_otherwise_than_meant_is_found(tmp_path: Path) -> None:
    """As a Google would that counts rows anew between the requests of a batch."""

    def counts_anew(server: FakeSheets, request: Logged) -> None:
        if b"duplicateSheet" in request.body:
            server.books[request.book].tabs[-1].insert_rows(1)

    with FakeSheets() as server:
        server.before.append(counts_anew)
        (answer,) = [answer for question, answer in asked(server, tmp_path, *SCOPES).items() if "copy a" in question]
    assert (answer.agrees, answer.answer[:38]) == (False, "Not as meant. The rows stand otherwise")


def test_a_question_that_google_refuses_to_answer_stops_no_other(tmp_path: Path) -> None:
    """Without the right to Drive: only Drive's own question stays open."""
    with FakeSheets() as server:
        found = asked(server, tmp_path, SCOPES[0])
    open_ = [answer for answer in found.values() if answer.agrees is None]
    assert [answer.question for answer in open_] == ["How long until Drive notices a write?"]
    assert "insufficient" in open_[0].answer
