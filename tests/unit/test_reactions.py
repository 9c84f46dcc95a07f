"""What answers and failures on record mean: whose letters wait, for how long, and what lets them go again."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from config.outcomes import OUTCOMES, outcome, outcome_text
from mailers.answers import Kind, Response
from sync.changes import Log
from sync.events import Event
from sync.history import Facts, facts
from sync.reactions import Setback
from sync.replies import put_down
from tests.workbooks_for_tests import ANNA, at, desk, invoice, settings
from validators.rows import Cell

ONE, TWO, THEIRS = "<kartoteka.1@x.pl>", "<kartoteka.2@x.pl>", "<reply@zuraw.pl>"
MON = datetime(2026, 10, 12, 9, 0)  # noqa: DTZ001 - local, as the tab holds it
ADDRESS = "anna@zuraw.pl"


def event(name: str, details: str, at: datetime = MON, **values: str) -> Event:
    usual = {"run": "r1", "tab": "invoices", "id": "F-0001", "field": "last_step", "before": "", "after": "+1"}
    return Event(on=at.date(), event=name, details=details, at=at, **(usual | values))


def failures(*details: str, letter: str = ONE) -> Facts:
    """Claims that failed, an hour apart."""
    told = []
    for number, detail in enumerate(details):
        moment, own = MON + timedelta(hours=number), letter.replace("1", str(number + 1))
        told.append(event("reminder claimed", f"{own} {ADDRESS}", moment))
        told.append(event("reminder failed", f"{own} {detail}", moment))
    return facts(told)


class TestFailures:
    @pytest.mark.parametrize("words", ["trwała odmowa: 554 5.7.1 no", "permanent: 554 5.7.1 no", "passing: 451 later"])
    def test_that_a_server_told_of_are_counted_in_both_languages(self, words: str) -> None:
        found = failures(words, words).reactions.setbacks[ADDRESS]
        assert (found.failures, found.at, found.pause) == (2, MON + timedelta(hours=1), timedelta(hours=1))

    @pytest.mark.parametrize(
        "words",
        [
            "nie wysłano: The mail server is out of reach.",
            "nie wysłano: w międzyczasie F-0001: Opłacona.",
            "ustalono po przerwanym przebiegu",
            "recovered",
            "rozstrzygnął człowiek: resend",
            "",
        ],
    )
    def test_of_no_server_are_tried_again_at_once(self, words: str) -> None:
        assert failures(words).reactions.setbacks == {}

    def test_of_a_letter_about_three_invoices_are_one(self) -> None:
        rows = [event("reminder claimed", f"{ONE} {ADDRESS}", id=f"F-{n}") for n in range(3)]
        rows += [event("reminder failed", f"{ONE} passing: 451 later", id=f"F-{n}") for n in range(3)]
        assert facts(rows).reactions.setbacks[ADDRESS].failures == 1

    def test_end_with_a_letter_that_left(self) -> None:
        found = [event("reminder claimed", f"{ONE} {ADDRESS}"), event("reminder failed", f"{ONE} passing: 451 x")]
        found += [event("reminder claimed", f"{TWO} {ADDRESS}"), event("reminder sent", f"{TWO} 250 ok")]
        assert facts(found).reactions.setbacks == {}

    def test_of_the_address_mark_it(self) -> None:
        found = failures(f"trwała odmowa: {ADDRESS.upper()}: 550 5.1.1 no such user").reactions
        assert found.dead[ADDRESS] == (MON.date(), "550 5.1.1 no such user")
        assert found.setbacks == {}

    def test_wait_half_an_hour_doubled_to_a_day(self) -> None:
        minutes = [Setback(n, MON, "").pause.total_seconds() / 60 for n in range(1, 9)]
        assert minutes == [30, 60, 120, 240, 480, 960, 1440, 1440]


class TestBounces:
    BOUNCE = f"{ONE} {THEIRS} {ADDRESS}: 550 5.1.1 gone"

    def test_put_the_ladder_back_and_raise_the_attempt(self) -> None:
        rows = [event("reminder claimed", f"{ONE} {ADDRESS}"), event("reminder sent", f"{ONE} 250 ok")]
        found = facts([*rows, event("letter bounced", self.BOUNCE)])
        assert found.ladder["F-0001"] == ("", None)
        assert found.attempts["F-0001", "+1"] == 1
        assert found.reactions.returned == {ONE}

    def test_of_an_older_letter_leave_the_newer_one_alone(self) -> None:
        rows = [event("reminder claimed", f"{ONE} {ADDRESS}"), event("reminder sent", f"{ONE} 250 ok")]
        rows += [event(name, TWO, before="+1", after="+7") for name in ("reminder claimed", "reminder sent")]
        assert facts([*rows, event("letter bounced", self.BOUNCE)]).ladder["F-0001"] == ("+7", MON.date())

    def test_end_a_doubt(self) -> None:
        rows = [event("reminder claimed", ONE), event("reminder unknown", ONE), event("letter bounced", self.BOUNCE)]
        found = facts(rows)
        assert (found.unknown, found.open_claims(), found.ladder["F-0001"]) == ({}, (), ("", None))

    def test_are_over_when_the_address_was_cleared(self) -> None:
        cleared = event("address cleared", "resend", before=ADDRESS.upper(), tab="clients", id="K-0001")
        assert facts([event("letter bounced", self.BOUNCE), cleared]).reactions.dead == {}


def response(kind: Kind, letter: str, own: str = THEIRS, words: str = "Dobrze.", days: int = 0) -> Response:
    arrived = datetime(2026, 10, 13, 8, 0, tzinfo=UTC) + timedelta(days=days)
    return Response(kind, letter, own, arrived, ADDRESS, words)


class TestPuttingDown:
    @pytest.fixture
    def office(self, tmp_path: Path) -> "Office":
        return Office(tmp_path)

    def test_tells_each_answer_once(self, office: "Office") -> None:
        twice = [response(Kind.REPLY, office.letter), response(Kind.REPLY, office.letter)]
        assert office.told(twice) == ["reply received"]

    def test_tells_nothing_of_letters_that_the_history_does_not_know(self, office: "Office") -> None:
        assert office.told([response(Kind.REPLY, ONE), response(Kind.BOUNCE, ONE)]) == []

    def test_tells_of_one_bounce_of_a_letter_only(self, office: "Office") -> None:
        both = [response(Kind.BOUNCE, office.letter, f"<{n}@x>") for n in range(2)]
        assert office.told(both) == ["letter bounced"]

    def test_tells_the_oldest_first(self, office: "Office") -> None:
        kinds = [(Kind.REPLY, 2), (Kind.DELAY, 0), (Kind.AUTOMATIC, 1)]
        heard = [response(kind, office.letter, f"<{days}@x>", days=days) for kind, days in kinds]
        assert office.told(heard) == ["delivery delayed", "automatic reply", "reply received"]


class Office:
    """A desk whose one letter has gone on a Tuesday."""

    def __init__(self, folder: Path) -> None:
        self.desk = desk(folder, [invoice()], [ANNA], settings("live"))
        self.desk.sync("2026-10-13")
        self.letter = self.desk.history("reminder sent")[0].message_id

    def told(self, heard: Sequence[Response]) -> list[str]:
        found = self.desk.gathered("2026-10-14")
        log = Log(at("2026-10-14"), "r2", "en")
        return [str(row.values["event"]) for row in put_down(found, heard, log)]


@pytest.mark.parametrize("reply", ["zadzwonił, zapłaci", 12, date(2026, 10, 12)])
def test_whatever_a_person_writes_into_the_column_holds_too(tmp_path: Path, reply: Cell) -> None:
    office = desk(tmp_path, [invoice()], [ANNA])
    office.types("clients", "K-0001", "reply", reply)
    assert office.code("2026-10-13") == "client_on_hold"
    office.types("clients", "K-0001", "reply", "  ")
    assert office.code("2026-10-13") == "due"


@pytest.mark.parametrize("language", ["pl", "en"])
def test_every_beginning_of_an_outcome_is_known_again(language: str) -> None:
    for code in OUTCOMES:
        told = outcome_text(f"{code}: 550 a: b", language, failed=True)
        assert outcome(told) == (code, "550 a: b")
        assert outcome(outcome_text(code, language, failed=False)) == (code, "")
    assert outcome_text("250 2.0.0 ok: queued", language, failed=False) == "250 2.0.0 ok: queued"
