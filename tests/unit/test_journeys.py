"""The main journey in live and draft mode: claim before send, and what a kill, a race or a full disk leaves behind."""

from collections.abc import Callable
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from mailers.folder import FolderOutbox
from mailers.reminders import Letter, LetterState
from sync.journeys import ROUNDS
from sync.plan import Plan
from sync.snapshot import Snapshot
from sync.storage.memory import MemoryWorkbook
from sync.storage.port import Applied
from tests.fakes.wire import Killed, Wire
from tests.workbooks_for_tests import Desk, at, desk, invoice, settings
from validators.errors import OutOfReach, WorkbookMoved, WrongUse

TUESDAY = "2026-10-13"
LETTERS = ("reminder drafted", "reminder claimed", "reminder sent", "reminder failed", "reminder unknown")


def live(folder: Path, count: int = 1, **options: object) -> tuple[Desk, Wire]:
    """A live desk with so many clients, one invoice each, due yesterday."""
    clients = [
        {"id": f"K-{n:04}", "name": f"Firma {n * 7919}", "email": f"biuro@firma{n}.pl"} for n in range(1, count + 1)
    ]
    rows = [invoice(number=f"FV/{n}", client=f"K-{n:04}", amount=100 + n) for n in range(1, count + 1)]
    wire = Wire(FolderOutbox(folder / "outbox", LetterState.SENT))
    return desk(folder, rows, clients, settings("live", **options), wire), wire


def told(office: Desk, *ids: str) -> list[str]:
    return [e.event.removeprefix("reminder ") for e in office.history(*LETTERS) if not ids or e.id in ids]


def test_the_workbook_claims_a_letter_before_it_leaves(tmp_path: Path) -> None:
    """At the moment of sending, the history and *Ostatni krok* already say so."""
    office, wire = live(tmp_path)
    seen: list[object] = []
    wire.before = lambda _, letter: seen.append(
        (office.cell("invoices", letter.invoices[0], "last_step"), told(office))
    )
    office.sync(TUESDAY)
    assert seen == [("+1", ["claimed"])]
    assert told(office) == ["claimed", "sent"]


def test_killed_between_claim_and_letter_the_next_run_sends_it_exactly_once(tmp_path: Path) -> None:
    office, wire = live(tmp_path)

    def die(*_: object) -> None:
        raise Killed

    wire.before = die
    with pytest.raises(Killed):
        office.sync(TUESDAY)
    assert (told(office), office.files()) == (["claimed"], [])
    wire.before = lambda *_: None
    for moment in (f"{TUESDAY}T10:00", f"{TUESDAY}T11:00", "2026-10-14"):
        office.sync(moment)
    assert len(office.files()) == 1
    assert told(office) == ["claimed", "failed", "claimed", "sent"]
    assert office.cell("invoices", "F-0001", "last_step") == "+1"


def test_killed_between_letter_and_record_the_next_run_records_it_and_sends_no_second(tmp_path: Path) -> None:
    office, wire = live(tmp_path)

    def die(*_: object) -> None:
        raise Killed

    wire.after = die
    with pytest.raises(Killed):
        office.sync(TUESDAY)
    assert (told(office), len(office.files())) == (["claimed"], 1)
    wire.after = lambda *_: None
    for moment in (f"{TUESDAY}T10:00", f"{TUESDAY}T11:00", "2026-10-14"):
        office.sync(moment)
    assert told(office) == ["claimed", "sent"]
    assert (len(office.files()), len(wire.tried)) == (1, 1)


def test_killed_in_the_midst_of_many_every_client_has_exactly_one_letter(tmp_path: Path) -> None:
    """Five claimed, two written, the third torn: three more go, none goes twice."""
    office, wire = live(tmp_path, 5)

    def die_at_third(number: int, _: Letter) -> None:
        if number == 3:
            raise Killed

    wire.before = die_at_third
    with pytest.raises(Killed):
        office.sync(TUESDAY)
    wire.before = lambda *_: None
    office.sync(f"{TUESDAY}T10:00")
    assert len(office.files()) == 5
    assert [told(office, f"F-{n:04}")[-1] for n in range(1, 6)] == ["sent"] * 5
    assert office.look(f"{TUESDAY}T10:00").plan.empty


def test_a_way_out_that_cannot_tell_leaves_the_letter_unknown_and_never_sends_it_again(tmp_path: Path) -> None:
    office, wire = live(tmp_path)

    def die(*_: object) -> None:
        raise Killed

    wire.after, wire.known = die, False
    with pytest.raises(Killed):
        office.sync(TUESDAY)
    wire.after = lambda *_: None
    for moment in (f"{TUESDAY}T10:00", "2026-10-14", "2026-10-15"):
        office.sync(moment)
    assert told(office) == ["claimed", "unknown"]
    assert len(wire.tried) == 1


@pytest.mark.parametrize("mode", ["draft", "test"])
@pytest.mark.parametrize("left", [False, True])
def test_a_live_claim_that_stands_open_waits_for_live_mode(tmp_path: Path, mode: str, *, left: bool) -> None:
    """Whether its letter has left or not, and whatever lies among the drafts under its name."""
    office, wire = live(tmp_path)

    def die(_: int, letter: Letter) -> None:
        FolderOutbox(tmp_path / "drafts").send(letter, at(TUESDAY))
        raise Killed

    wire.before, wire.after = (wire.before, die) if left else (die, wire.after)
    with pytest.raises(Killed):
        office.sync(TUESDAY)
    of_live_mode = office.settings
    for drafts in ("drafts", "no drafts"):
        office.settings, office.outbox = settings(mode, test_address="ja@x.pl"), FolderOutbox(tmp_path / drafts)
        for moment in (f"{TUESDAY}T10:00", "2026-10-14"):
            office.sync(moment)
            assert office.look(moment).plan.empty
    assert told(office) == ["claimed"]
    wire.before = wire.after = lambda *_: None
    office.settings, office.outbox = of_live_mode, wire
    office.sync("2026-10-14T10:00")
    assert told(office) == (["claimed", "sent"] if left else ["claimed", "failed", "claimed", "sent"])
    assert len(office.files()) == 1


def test_out_of_reach_in_the_midst_the_rest_is_put_down_as_failed_and_goes_next_time(tmp_path: Path) -> None:
    """The ladder of those that failed stands where it stood; the next run sends each once."""
    office, wire = live(tmp_path, 4)

    def full(number: int, _: Letter) -> None:
        if number >= 3:
            raise OutOfReach("The disk is full.", "Make room.")

    wire.before = full
    outcome = office.sync(TUESDAY)
    assert [r.state for r in outcome.receipts] == [LetterState.SENT] * 2 + [LetterState.FAILED] * 2
    assert told(office, "F-0003", "F-0004") == ["claimed", "claimed", "failed", "failed"]
    assert office.cell("invoices", "F-0003", "last_step") is None
    wire.before = lambda *_: None
    office.sync(f"{TUESDAY}T10:00")
    assert len(office.files()) == 4
    assert told(office, "F-0003") == ["claimed", "failed", "claimed", "sent"]
    assert office.sync(f"{TUESDAY}T11:00").letters == ()


def test_after_a_failure_the_ladder_stands_where_the_letter_before_left_it(tmp_path: Path) -> None:
    office, wire = live(tmp_path)
    office.sync(TUESDAY)

    def full(*_: object) -> None:
        raise OutOfReach("The disk is full.")

    wire.before = full
    office.sync("2026-10-19")
    assert office.cell("invoices", "F-0001", "last_step") == "+1"
    assert (office.code("2026-10-19"), office.answer("2026-10-19").step) == ("due", "+7")


class Busy(MemoryWorkbook):
    """A workbook in which a person types just before our next `races` writes."""

    races = 0
    typed: Callable[[], None]

    def apply(self, plan: Plan, after: Snapshot) -> Applied:
        if self.races:
            self.races -= 1
            self.typed()
        return super().apply(plan, after)


def busy(folder: Path, races: int, typed: Callable[[Desk], None]) -> tuple[Desk, Wire]:
    office, wire = live(folder)
    workbook = Busy(office.workbook.read().sheets)
    office.workbook = workbook
    workbook.races, workbook.typed = races, lambda: typed(office)
    return office, wire


def test_a_payment_typed_between_read_and_write_stops_the_letter(tmp_path: Path) -> None:
    """The plan that lost the race is dropped and everything decided anew: paid, so nothing goes."""
    office, wire = busy(tmp_path, 1, lambda d: d.types("invoices", "F-0001", "paid_on", "tak"))
    office.sync(TUESDAY)
    assert (wire.tried, told(office)) == ([], [])
    assert office.cell("invoices", "F-0001", "status") == "Opłacona"
    assert office.told.count("The workbook has moved on: deciding anew") == 1


def test_a_race_about_something_else_costs_no_letter_and_doubles_none(tmp_path: Path) -> None:
    office, wire = busy(tmp_path, 3, lambda d: d.types("invoices", "F-0001", "notes", f"dzwonić {len(d.told)}"))
    office.sync(TUESDAY)
    assert (len(wire.tried), told(office)) == (1, ["claimed", "sent"])


def test_a_workbook_that_never_rests_ends_the_run_with_nothing_sent(tmp_path: Path) -> None:
    office, wire = busy(tmp_path, ROUNDS, lambda d: d.types("invoices", "F-0001", "notes", f"{len(d.told)}"))
    with pytest.raises(WorkbookMoved):
        office.sync(TUESDAY)
    assert (wire.tried, told(office)) == ([], [])


def test_drafts_never_move_the_ladder_and_the_history_tells_of_each_once(tmp_path: Path) -> None:
    """Day after day the same step is due and its one draft lies there; the next step's draft takes its place."""
    office = desk(tmp_path, [invoice()])
    for moment in (TUESDAY, f"{TUESDAY}T12:00", "2026-10-14", "2026-10-15"):
        office.sync(moment)
        assert (told(office), len(office.files())) == (["drafted"], 1)
        assert office.cell("invoices", "F-0001", "last_step") is None
    first = office.files()
    office.sync("2026-10-19")
    assert told(office) == ["drafted", "drafted"]
    assert (len(office.files()), office.files() == first) == (1, False)


def test_a_draft_follows_a_part_payment_and_goes_when_the_rest_is_paid(tmp_path: Path) -> None:
    office = desk(tmp_path, [invoice()])
    office.sync(TUESDAY)
    office.types("invoices", "F-0001", "paid", 1000)
    office.sync(f"{TUESDAY}T12:00")
    (draft,) = office.folder.glob("*.eml")
    parts = message_from_bytes(draft.read_bytes(), policy=default).get_body(("plain",))
    assert parts is not None
    assert "230,00" in parts.get_content()
    office.types("invoices", "F-0001", "paid", 1230)
    office.sync(f"{TUESDAY}T15:00")
    assert office.files() == []


def test_a_draft_that_a_person_took_away_is_not_made_again(tmp_path: Path) -> None:
    office = desk(tmp_path, [invoice()])
    office.sync(TUESDAY)
    next(office.folder.glob("*.eml")).unlink()
    office.sync("2026-10-14")
    assert office.files() == []


def test_a_draft_killed_before_the_workbook_tells_of_it_is_not_doubled(tmp_path: Path) -> None:
    office = desk(tmp_path, [invoice()])
    office.outbox.send(office.look(TUESDAY).fresh[0], office.look(TUESDAY).today.now)
    office.sync(TUESDAY)
    assert (told(office), len(office.files())) == (["drafted"], 1)


def test_in_draft_mode_a_folder_out_of_reach_ends_the_run_and_writes_nothing(tmp_path: Path) -> None:
    office = desk(tmp_path, [invoice()])
    (tmp_path / "outbox").write_text("a file where the folder should be")
    before = office.workbook.read()
    with pytest.raises(OutOfReach):
        office.sync(TUESDAY)
    assert office.workbook.read() == before


def test_a_workbook_without_the_tabs_of_a_sync_is_refused_with_advice(tmp_path: Path) -> None:
    office = desk(tmp_path)
    office.workbook = MemoryWorkbook(office.workbook.read().sheets[:2])
    with pytest.raises(WrongUse) as refusal:
        office.sync(TUESDAY)
    assert "kartoteka init" in refusal.value.advice
