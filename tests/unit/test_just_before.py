"""Letters leave only about what is still due in a look at the workbook that is not older than ten minutes."""

from dataclasses import replace
from pathlib import Path

import pytest

from mailers.reminders import LetterState
from sync.journeys import sync
from sync.posting import FRESH_SECONDS
from tests.fakes.clocks import VirtualClock
from tests.unit.test_journeys import TUESDAY, live, told
from tests.workbooks_for_tests import at, run_of

DONE = "2026-10-13"


@pytest.mark.parametrize(
    ("tab", "id_", "column", "value"),
    [
        ("invoices", "F-0003", "paid_on", DONE),
        ("invoices", "F-0003", "cancelled", True),
        ("clients", "K-0003", "hold_until", "always"),
        ("clients", "K-0003", "email", "nowy@firma3.pl"),
        ("clients", "K-0003", "email", None),
    ],
)
def test_what_changes_while_letters_leave_stops_those_that_leave_ten_minutes_later(
    tmp_path: Path, tab: str, id_: str, column: str, value: object
) -> None:
    office, wire = live(tmp_path, 4)
    clock = VirtualClock()

    def slow(number: int, _: object) -> None:
        if number == 1:
            office.types(tab, id_, column, value)
        clock.sleep(FRESH_SECONDS + 1)

    wire.before = slow
    done = sync(replace(office.office, seconds=clock), at(TUESDAY), run_of(at(TUESDAY)))
    states = {receipt.message_id: receipt.state for receipt in done.receipts}
    assert sorted(states.values()) == [LetterState.FAILED, *[LetterState.SENT] * 3]
    assert (len(wire.tried), len(office.files())) == (3, 3)
    assert told(office, "F-0003") == ["claimed", "failed"]


def test_a_look_counts_for_ten_minutes(tmp_path: Path) -> None:
    office, wire = live(tmp_path, 4)
    clock = VirtualClock()
    wire.before = lambda *_: clock.sleep(FRESH_SECONDS / 4)
    done = sync(replace(office.office, seconds=clock), at(TUESDAY), run_of(at(TUESDAY)))
    assert done.reads == 3  # to decide, before the letters leave, and for what became of them
