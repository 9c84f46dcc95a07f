"""Letters that another machine has claimed: they are its own for an hour, then nobody can tell; none is sent twice."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from mailers.memory import MemoryOutbox
from mailers.reminders import Letter, LetterState, Receipt
from sync.journeys import sync
from sync.office import Office
from sync.opening import Machine, open_session
from sync.runs import run_id, same_machine
from tests.workbooks_for_tests import Desk, at, desk, invoice, settings

NOW = at("2026-10-13")


class Killed(BaseException):
    """The process ends here, as by kill -9."""


@dataclass
class Deadly(MemoryOutbox):
    """A way out whose first letter kills the run that sends it, before it leaves."""

    tried: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(LetterState.SENT)

    def send(self, letter: Letter, now: datetime) -> Receipt:
        self.tried.append(letter.message_id)
        if len(self.tried) == 1:
            raise Killed
        return super().send(letter, now)


@pytest.fixture
def claimed(tmp_path: Path) -> Desk:
    """A desk whose only reminder was claimed on the machine "aaaa" by a run that died before it was sent."""
    office = desk(tmp_path, [invoice()], options=settings("live"), outbox=Deadly())
    with pytest.raises(Killed):
        sync(office.office, NOW, run_id(NOW, "aaaa", "1"))
    return office


def run(office: Desk, mark: str, minutes: int, outbox: MemoryOutbox | None = None) -> list[str]:
    """A run on the machine `mark`, so many minutes later; what the history tells of reminders then."""
    now = NOW + timedelta(minutes=minutes)
    theirs: Office = replace(office.office, outbox=outbox) if outbox else office.office
    sync(theirs, now, run_id(now, mark, "2"))
    return [e.event.removeprefix("reminder ") for e in office.history() if e.event.startswith("reminder")]


def test_another_machine_leaves_a_claim_alone_for_an_hour(claimed: Desk) -> None:
    """The runner that claimed it may be about to send it: so it did when two runners met, and the letter left twice."""
    elsewhere = MemoryOutbox(LetterState.SENT)
    assert run(claimed, "bbbb", 59, elsewhere) == ["claimed"]
    assert elsewhere.letters == {}


def test_after_an_hour_nobody_can_tell_and_no_machine_sends_it_by_itself(claimed: Desk) -> None:
    elsewhere = MemoryOutbox(LetterState.SENT)
    assert run(claimed, "bbbb", 61, elsewhere) == ["claimed", "unknown"]
    assert run(claimed, "bbbb", 200, elsewhere) == ["claimed", "unknown"]
    assert run(claimed, "aaaa", 300) == ["claimed", "unknown"]
    assert elsewhere.letters == {}


@pytest.mark.parametrize("minutes", [1, 300])
def test_the_machine_that_claimed_it_knows_what_became_of_it(claimed: Desk, minutes: int) -> None:
    assert run(claimed, "aaaa", minutes) == ["claimed", "failed", "claimed", "sent"]


def test_the_runs_of_one_machine_bear_its_mark(tmp_path: Path) -> None:
    """The state folder keeps it; another state folder is another machine."""

    def opened(folder: str, token: str) -> str:
        options = settings().model_copy(update={"folder": tmp_path / folder})
        machine = Machine({}, lambda _: None, lambda: 0.0)
        return open_session(options, NOW, None, token, machine).run

    first, second, other = opened("here", "7f3a"), opened("here", "99ab"), opened("there", "c1e0")
    assert (first, second) == ("20261013T090000-7f3a7f3a", "20261013T090000-7f3a99ab")
    assert same_machine(first, second)
    assert not same_machine(first, other)


def test_a_mark_that_a_kill_left_half_written_is_made_anew(tmp_path: Path) -> None:
    options = settings().model_copy(update={"folder": tmp_path})
    options.state_folder.mkdir()
    (options.state_folder / "machine").write_text("7f", "utf-8")
    machine = Machine({}, lambda _: None, lambda: 0.0)
    assert open_session(options, NOW, None, "99ab", machine).run == "20261013T090000-99ab99ab"
    assert (options.state_folder / "machine").read_text("utf-8") == "99ab"
