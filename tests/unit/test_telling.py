"""The team's own steps in live and draft mode: told once a run, never lost, whatever happens to the one who tells."""

from datetime import date
from pathlib import Path

import pytest

from mailers.digest import Concern
from mailers.reminders import LetterState
from sync.history import tell
from sync.report import Report
from sync.telling import concerns
from tests.fakes.team import ListeningTeam, listening
from tests.fakes.wire import Killed, Wire
from tests.workbooks_for_tests import ANNA, PIOTR, Desk, Values, desk, invoice, settings
from validators.errors import OutOfReach

TUESDAY = "2026-10-13"
OVERDUE = date(2026, 9, 21)  # on Tuesday 22 days ago: step +21, the team's
HERS: Values = {**ANNA, "owner": "Ola"}
HIS: Values = {**PIOTR, "owner": "Jan"}


def office(folder: Path, mode: str = "live", rows: int = 1, *urls: str, **values: object) -> tuple[Desk, ListeningTeam]:
    """A desk at which so many invoices of Anna are at the team's step, and Piotr has one."""
    team = ListeningTeam()
    due = [invoice(number=f"FV/{n}", due_on=OVERDUE, amount=100 * n) for n in range(1, rows + 1)]
    his = invoice(number="FP/1", client="K-0002", due_on=OVERDUE, currency="EUR")
    work = desk(folder, [*due, his], [HERS, HIS], listening(settings(mode, **values), *urls))
    work.team = team
    return work, team


def events(work: Desk, id_: str = "F-0001") -> list[str]:
    return [e.event for e in work.history("notice claimed", "notice sent") if e.id == id_]


def test_one_message_a_run_tells_of_every_step_by_owner_and_the_ladder_goes_on(tmp_path: Path) -> None:
    work, team = office(tmp_path, rows=2)
    work.sync(TUESDAY)
    (message,) = team.heard
    assert message.replace("\N{NO-BREAK SPACE}", " ") == (
        "Jan: 1 faktura, 1 230,00 €\n"
        "- Piotr Łąka: FP/1, pozostało 1 230,00 €, 22 dni po terminie (krok +21)\n\n"
        "Ola: 2 faktury, 300,00 zł\n"
        "- Anna Żuraw: FV/1, pozostało 100,00 zł, 22 dni po terminie (krok +21)\n"
        "- Anna Żuraw: FV/2, pozostało 200,00 zł, 22 dni po terminie (krok +21)\n\n"
        "Razem: 1 230,00 € + 300,00 zł\n"
    )
    assert (work.cell("invoices", "F-0001", "last_step"), work.code("2026-10-14")) == ("+21", "not_yet")
    assert work.cell("invoices", "F-0001", "why") == "Krok +30 nie wcześniej niż 21.10.2026."
    assert work.sync(f"{TUESDAY}T12:00").written == ()
    work.sync("2026-10-14")
    assert len(team.heard) == 1


def test_the_workbook_claims_a_notice_before_it_leaves_and_the_ladder_moves_after(tmp_path: Path) -> None:
    work, team = office(tmp_path)
    seen: list[object] = []
    team.before = lambda: seen.append((events(work), work.cell("invoices", "F-0001", "last_step")))
    work.sync(TUESDAY)
    assert seen == [(["notice claimed"], None)]
    assert events(work) == ["notice claimed", "notice sent"]


@pytest.mark.parametrize("moment", ["before", "after"])
def test_killed_around_the_message_the_next_run_tells_again_and_puts_it_down_once(tmp_path: Path, moment: str) -> None:
    """A message twice does no harm; one that nobody got would."""
    work, team = office(tmp_path)

    def die() -> None:
        raise Killed

    setattr(team, moment, die)
    with pytest.raises(Killed):
        work.sync(TUESDAY)
    assert events(work) == ["notice claimed"]
    setattr(team, moment, lambda: None)
    work.sync(f"{TUESDAY}T09:30")
    work.sync("2026-10-14")
    assert len(team.heard) == (1 if moment == "before" else 2)
    assert events(work) == ["notice claimed", "notice sent"]


def test_addresses_that_fail_are_tried_again_without_a_word_in_the_workbook(tmp_path: Path) -> None:
    """However often a run finds the chat out of reach, the history does not grow, and the step stays due."""
    work, team = office(tmp_path)
    team.broken = True
    outcome = work.sync(TUESDAY)
    assert outcome.told.failures == ("address 1 of [notify] urls (json) answered 500",)
    before = work.workbook.read()
    for moment in (f"{TUESDAY}T12:00", f"{TUESDAY}T13:00"):
        assert work.sync(moment).told.failures
    assert work.workbook.read() == before
    assert (work.cell("invoices", "F-0001", "last_step"), work.code(TUESDAY)) == (None, "due")
    team.broken = False
    work.sync("2026-10-14")
    assert (len(team.heard), events(work)) == (1, ["notice claimed", "notice sent"])


def test_a_failure_needs_a_person_and_stops_no_letter(tmp_path: Path) -> None:
    work, team = office(tmp_path)
    work.types("invoices", "F-0002", "due_on", date(2026, 10, 12))
    team.broken = True
    outcome = work.sync(TUESDAY)
    assert [receipt.state for receipt in outcome.receipts] == [LetterState.SENT]
    found = Report("r", work.look(TUESDAY).today.now, "done", "pl", outcome.decision, (), (), 1, 0, outcome.told)
    assert found.needs_a_person
    assert [(n.invoice, state) for n, state in found.notices] == [("F-0001", LetterState.FAILED)]


def test_what_was_paid_or_stopped_since_the_claim_is_not_told(tmp_path: Path) -> None:
    work, team = office(tmp_path, rows=2)
    team.broken = True
    work.sync(TUESDAY)
    work.types("invoices", "F-0001", "paid_on", "tak")
    work.types("clients", "K-0002", "hold_until", date(2026, 12, 1))
    team.broken = False
    work.sync(f"{TUESDAY}T12:00")
    (message,) = team.heard
    assert ("FV/2" in message, "FV/1" in message, "FP/1" in message) == (True, False, False)


def test_of_two_runners_one_tells_and_the_other_takes_over_after_an_hour(tmp_path: Path) -> None:
    work, team = office(tmp_path)

    def die() -> None:
        raise Killed

    team.before = die
    with pytest.raises(Killed):
        work.sync(TUESDAY, run="20261013T090000-aaaa0001")
    team.before = lambda: None
    work.sync(f"{TUESDAY}T09:59", run="20261013T095900-bbbb0001")
    assert team.heard == []
    work.sync(f"{TUESDAY}T10:01", run="20261013T100100-bbbb0002")
    work.sync(f"{TUESDAY}T10:02", run="20261013T100200-aaaa0002")
    assert (len(team.heard), events(work)) == (1, ["notice claimed", "notice claimed", "notice sent"])


@pytest.mark.parametrize("mode", ["draft", "test"])
def test_in_draft_and_test_mode_nothing_leaves_and_the_ladder_stands(tmp_path: Path, mode: str) -> None:
    options = {"test_address": "ja@firma.pl"} if mode == "test" else {}
    work, team = office(tmp_path, mode, **options)
    outcome = work.sync(TUESDAY)
    assert (team.heard, events(work), work.cell("invoices", "F-0001", "last_step")) == ([], [], None)
    assert [notice.invoice for notice in outcome.decision.notices] == ["F-0001", "F-0002"]
    assert work.look(TUESDAY).plan.empty


def test_without_an_address_the_step_waits_and_says_what_to_set(tmp_path: Path) -> None:
    work = desk(tmp_path, [invoice(due_on=OVERDUE)], [HERS], settings("live"))
    work.sync(TUESDAY)
    assert (work.code(TUESDAY), events(work)) == ("no_channel", [])
    assert "[notify] urls" in str(work.cell("invoices", "F-0001", "why"))


def test_an_owner_without_an_address_of_their_own_waits_and_the_others_do_not(tmp_path: Path) -> None:
    work, team = office(tmp_path, "live", 1, "OLA, Ewa=json://127.0.0.1/x")
    work.sync(TUESDAY)
    assert (work.code("2026-10-14"), work.code("2026-10-14", "F-0002")) == ("not_yet", "no_channel")
    assert "FV/1" in team.heard[0]
    assert "FP/1" not in team.heard[0]


def test_a_word_to_the_team_is_no_letter_to_the_client(tmp_path: Path) -> None:
    """The three days between letters count from the last letter, and so does the last contact."""
    work, team = office(tmp_path)
    work.types("invoices", "F-0001", "due_on", date(2026, 9, 23))
    work.sync(TUESDAY)  # +14, late
    assert work.cell("clients", "K-0001", "last_contact_on") == date(2026, 10, 13)
    work.sync("2026-10-14")  # +21, the team
    assert "FV/1" in team.heard[-1]
    assert work.cell("clients", "K-0001", "last_contact_on") == date(2026, 10, 13)
    work.types("invoices", "F-0001", "due_on", date(2026, 9, 14))
    work.types("invoices", "F-0001", "approve", "tak")
    assert [work.code(day) for day in ("2026-10-15", "2026-10-16")] == ["interval", "due"]


class TestNews:
    """What else needs a person is told once, with the next message that somebody takes."""

    def failing(self, folder: Path) -> tuple[Desk, ListeningTeam]:
        """A desk from which no letter can leave."""
        work, team = office(folder)
        work.types("invoices", "F-0001", "due_on", date(2026, 10, 12))
        work.types("invoices", "F-0002", "paid_on", "tak")

        def full(*_: object) -> None:
            raise OutOfReach("The disk is full.", "Make room.")

        work.outbox = Wire(work.outbox, before=full)
        return work, team

    def test_a_letter_that_failed_is_told_of_once_however_often_it_fails(self, tmp_path: Path) -> None:
        work, team = self.failing(tmp_path)
        for moment in (TUESDAY, f"{TUESDAY}T12:00", "2026-10-14"):
            work.sync(moment)
        (message,) = team.heard
        assert message == (
            "Do sprawdzenia:\n- List nie wyszedł: Anna Żuraw (FV/1); powód stoi przy fakturze w kolumnie „Dlaczego”\n"
        )

    def test_news_that_nobody_took_is_told_with_the_next_run(self, tmp_path: Path) -> None:
        work, team = self.failing(tmp_path)
        team.broken = True
        work.sync(TUESDAY)
        team.broken = False
        work.sync(f"{TUESDAY}T12:00")
        assert len(team.heard) == 1

    def test_what_has_settled_itself_since_is_no_news(self, tmp_path: Path) -> None:
        work, team = self.failing(tmp_path)
        team.broken = True
        work.sync(TUESDAY)
        team.broken = False
        work.types("invoices", "F-0001", "paid_on", "tak")
        work.sync(f"{TUESDAY}T12:00")
        assert team.heard == []

    def test_a_letter_in_doubt_is_told_of_once(self, tmp_path: Path) -> None:
        work, team = self.failing(tmp_path)

        def die(*_: object) -> None:
            raise Killed

        assert isinstance(work.outbox, Wire)
        work.outbox.before, work.outbox.after, work.outbox.known = lambda *_: None, die, False
        with pytest.raises(Killed):
            work.sync(TUESDAY)
        work.outbox.after = lambda *_: None
        for moment in (f"{TUESDAY}T10:00", f"{TUESDAY}T12:00"):
            work.sync(moment)
        (message,) = team.heard
        assert message.startswith("Do sprawdzenia:\n- Nie wiadomo, czy list wyszedł: Anna Żuraw (FV/1); sprawdź")

    def test_what_came_back_is_told_in_its_own_words(self, tmp_path: Path) -> None:
        work, _ = office(tmp_path)
        found, today = work.gathered(TUESDAY), work.look(TUESDAY).today
        reply = {"tab": "clients", "id": "K-0002", "field": "reply", "after": "13.10.2026: zapłacę w piątek"}
        refused = {"tab": "invoices", "id": "F-0001", "field": "last_step", "after": "+1"}
        words = "<a@b> <c@d> anna@zuraw.pl: 550 no such user"
        tell(found.past, "reply received", today.now, "r", "pl", **reply, details="<a@b> <c@d> (F-0002): zapłacę")
        for _ in range(2):
            tell(found.past, "letter bounced", today.now, "r", "pl", **refused, details=words)
        assert concerns(found, today) == (
            Concern("replied", "Piotr Łąka", "Jan", "13.10.2026: zapłacę w piątek"),
            Concern("bounced", "Anna Żuraw", "Ola", "anna@zuraw.pl: 550 no such user"),
        )

    def test_old_news_is_none(self, tmp_path: Path) -> None:
        """Who names an address for the first time is not told what happened in spring."""
        work, team = self.failing(tmp_path)
        work.team = None
        work.sync(TUESDAY)
        work.team = team
        work.outbox = Wire(work.outbox, before=lambda *_: None)
        work.sync("2026-10-25")
        assert team.heard == []
