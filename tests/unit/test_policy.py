"""The reminder engine by itself: cases, a ladder and conditions in, exactly one coded answer out."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time
from typing import Any

import pytest

from config import reasons
from mailers.policy import Answer, Case, Code, Conditions, Obstacle, answer
from validators.records import Rule

DUE = date(2026, 10, 12)  # a Monday


def rule(days: int, step: str = "", **values: object) -> Rule:
    standard: Mapping[str, object] = {
        "about": "invoice",
        "counted_from": "due_on",
        "template": "first",
        "channel": "e-mail",
        "approval": False,
        "active": True,
    }
    return Rule.model_validate({"id": "r", "line": 2, **standard, "days": days, "step": step or f"{days:+d}", **values})


LADDER = (rule(-3), rule(1), rule(7), rule(14), rule(21, channel="team"), rule(30, approval=True))


def case(**values: Any) -> Case:
    return Case("invoice", "F-1", "K-1", {"due_on": DUE})._replace(**values)


OFFICE = Conditions(
    now=datetime(2026, 10, 12, 9),  # noqa: DTZ001 - the engine asks for no zone
    country="PL",
    sending_days=frozenset(range(5)),
    sending_from=time(8),
    sending_until=time(18),
    min_days_between=3,
    letters={},
    addresses={"K-1": ("a@b.pl",)},
)


def asked(moment: str, about: Case | None = None, ladder: Sequence[Rule] = LADDER, **values: Any) -> Answer:
    now = datetime.fromisoformat(moment if "T" in moment else f"{moment}T09:00")
    return answer(about or case(), ladder, replace(OFFICE, now=now, **values))


@pytest.mark.parametrize(
    ("day", "step", "send", "code"),
    [
        ("2026-10-08", "-3", False, Code.NOT_YET),
        ("2026-10-09", "-3", True, Code.DUE),
        ("2026-10-12", "-3", True, Code.DUE),  # from its day on, not on its day
        ("2026-10-13", "+1", True, Code.DUE),
        ("2026-10-16", "+1", True, Code.DUE),
        ("2026-10-17", "+1", False, Code.SENDING_HOURS),
        ("2026-10-19", "+7", True, Code.DUE),
        ("2026-10-26", "+14", True, Code.DUE),
        ("2026-11-02", "+21", True, Code.DUE),
        ("2026-11-08", "+21", True, Code.DUE),  # the team is told on a Sunday, too
        ("2026-11-11", "+30", False, Code.APPROVAL),
        ("2030-01-02", "+30", False, Code.APPROVAL),
    ],
)
def test_without_a_history_the_latest_due_step_goes(day: str, step: str, code: Code, *, send: bool) -> None:
    """Catch-up: of all steps whose day has come only the latest one."""
    found = asked(day)
    assert (found.step, found.send, found.code) == (step, send, code)


def test_a_step_goes_once_and_the_next_on_its_own_fixed_day() -> None:
    sent = case(last_step="+1", last_on=date(2026, 10, 13))
    waiting = asked("2026-10-14", sent, letters={"K-1": date(2026, 10, 13)})
    assert (waiting.code, waiting.step, waiting.next_on) == (Code.NOT_YET, "+7", date(2026, 10, 19))
    assert asked("2026-10-19", sent).send


def test_the_day_foretold_minds_weekends_holidays_and_the_distance_between_letters() -> None:
    """+1 falls on Wednesday, the last letter on Monday: Thursday it is; not on the 11th of November, nor a Saturday."""
    late = case(anchors={"due_on": date(2026, 9, 29)}, last_step="-3", last_on=date(2026, 9, 28))
    assert asked("2026-09-28", late, letters={"K-1": date(2026, 9, 28)}).next_on == date(2026, 10, 1)
    assert asked("2026-11-03", case(anchors={"due_on": date(2026, 11, 10)}, last_step="-3")).next_on == date(
        2026, 11, 12
    )
    assert asked("2026-10-01", case(anchors={"due_on": date(2026, 10, 9)}, last_step="-3")).next_on == date(
        2026, 10, 12
    )


def test_what_is_foretold_of_the_team_falls_on_the_very_day() -> None:
    """Telling the team waits for no sending day: step +21 of 3 October is Saturday 24 October."""
    found = asked("2026-10-20", case(anchors={"due_on": date(2026, 10, 3)}, last_step="+14"))
    assert (found.step, found.next_on) == ("+21", date(2026, 10, 24))
    assert asked("2026-10-24", case(anchors={"due_on": date(2026, 10, 3)}, last_step="+14")).send


@pytest.mark.parametrize(("day", "send"), [("2026-10-14", False), ("2026-10-15", False), ("2026-10-16", True)])
def test_three_days_between_letters_to_one_client(day: str, *, send: bool) -> None:
    """Counted from the day a letter really left, whatever invoice it was about."""
    found = asked(day, letters={"K-1": date(2026, 10, 13)})
    assert (found.send, found.code) == (send, Code.DUE if send else Code.INTERVAL)
    assert found.next_on == date(2026, 10, 16)


def test_the_distance_ends_on_a_sending_day_and_other_clients_do_not_count() -> None:
    assert asked("2026-10-16", letters={"K-1": date(2026, 10, 15)}).next_on == date(2026, 10, 19)
    assert asked("2026-10-16", letters={"K-2": date(2026, 10, 15)}).send
    assert asked("2026-10-16", letters={"K-1": date(2026, 10, 16)}, min_days_between=0).send


def test_the_last_step_done_finishes_the_ladder() -> None:
    found = asked("2026-12-01", case(last_step="+30", last_on=date(2026, 11, 12), approved=True))
    assert (found.code, found.step, found.next_on) == (Code.FINISHED, "", None)
    assert found.params == {"step": "+30", "on": date(2026, 11, 12)}
    assert asked("2026-12-01", ladder=()).code is Code.FINISHED


def test_a_renamed_step_is_not_sent_again() -> None:
    """Sent as +7 on the 19th and renamed since: only steps after that day are ahead."""
    renamed = (rule(1), rule(7, "drugi"), rule(14, "trzeci"))
    sent = case(last_step="+7", last_on=date(2026, 10, 19))
    assert asked("2026-10-20", sent, renamed).step == "trzeci"
    assert asked("2026-10-20", sent, renamed).code is Code.NOT_YET
    assert asked("2026-10-27", sent, renamed[:2]).code is Code.FINISHED


def test_steps_counted_from_different_dates_go_in_the_order_of_their_days() -> None:
    """Issued in September, due in October: ten days after issue comes before one day after the due date."""
    mixed = (rule(1), rule(10, "po wystawieniu", counted_from="issued_on"))
    both = case(anchors={"due_on": DUE, "issued_on": date(2026, 9, 7)})
    assert asked("2026-09-17", both, mixed).step == "po wystawieniu"
    assert asked("2026-10-14", both, mixed).step == "+1"
    assert asked("2026-10-14", both._replace(last_step="+1"), mixed).code is Code.FINISHED
    assert asked("2026-10-01", both._replace(last_step="po wystawieniu"), mixed).step == "+1"


def test_a_step_counted_from_a_date_that_is_absent_never_comes() -> None:
    assert asked("2026-10-14", ladder=(rule(1, counted_from="issued_on"),)).code is Code.FINISHED


def test_approval_lets_exactly_the_asking_step_go() -> None:
    asking = case(last_step="+14", last_on=date(2026, 10, 26), approved=True)
    assert (asked("2026-11-12", asking).step, asked("2026-11-12", asking).send) == ("+30", True)
    assert asked("2026-11-11", asking).code is Code.SENDING_HOURS


def test_what_holds_a_due_step_in_the_order_in_which_a_person_can_mend_it() -> None:
    """Approval before address, address before distance, distance before hours."""
    closed: dict[str, Any] = {"letters": {"K-1": date(2026, 11, 11)}, "addresses": {}}
    night = "2026-11-12T03:00"
    assert asked(night, **closed).code is Code.APPROVAL
    assert asked(night, case(approved=True), **closed).code is Code.NO_EMAIL
    closed["addresses"] = {"K-1": ("a@b.pl",)}
    assert asked(night, case(approved=True), **closed, bounced={"K-1": {}}).code is Code.BOUNCED
    assert asked(night, case(approved=True), **closed).code is Code.INTERVAL
    assert asked(night, case(approved=True)).code is Code.SENDING_HOURS


@pytest.mark.parametrize("code", [Code.PAID, Code.CANCELLED, Code.CREDIT, Code.PROBLEM, Code.TOO_OLD, Code.NO_DUE_DATE])
def test_an_obstacle_without_an_end_is_the_answer_whatever_is_due(code: Code) -> None:
    found = asked("2026-10-13", case(obstacle=Obstacle(code), approved=True))
    assert (found.send, found.code, found.step, found.next_on) == (False, code, "", None)


def test_a_hold_foretells_the_step_that_will_be_due_when_it_ends() -> None:
    """Held over the days of +7 and +14: on the day after, only +14 is due."""
    held = case(obstacle=Obstacle(Code.ON_HOLD, date(2026, 10, 30)), last_step="+1", last_on=date(2026, 10, 13))
    found = asked("2026-10-14", held)
    assert (found.code, found.step, found.next_on) == (Code.ON_HOLD, "+14", date(2026, 11, 2))
    short = held._replace(obstacle=Obstacle(Code.ON_HOLD, date(2026, 10, 15)))
    assert (asked("2026-10-14", short).step, asked("2026-10-14", short).next_on) == ("+7", date(2026, 10, 19))


def test_a_hold_for_ever_foretells_nothing() -> None:
    found = asked("2026-10-14", case(obstacle=Obstacle(Code.CLIENT_ON_HOLD, date.max)))
    assert (found.code, found.step, found.next_on) == (Code.CLIENT_ON_HOLD, "", None)


def test_every_code_has_a_sentence() -> None:
    assert {str(code) for code in Code} == reasons.codes()
