"""Several runners on one spreadsheet, stalled and resumed anywhere: each reminder is claimed by one and sent once."""

from pathlib import Path

import pytest

from tests.soak.runners import Tally, together


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Tally:
    """What one runner does."""
    return together(tmp_path_factory.mktemp("alone"), 1, 0)


def test_one_runner_claims_and_sends_every_reminder(alone: Tally) -> None:
    assert len(alone.sent) == 12
    assert alone.sent == alone.claimed
    assert set(alone.sent.values()) == {1}


@pytest.mark.parametrize(("runners", "seed", "shared"), [(2, 1, False), (3, 2, True), (5, 3, False)])
def test_however_they_are_stalled_the_sheet_ends_as_with_one(
    alone: Tally, tmp_path: Path, runners: int, seed: int, shared: bool
) -> None:
    """No reminder is claimed or sent twice, none is left out, and every plan that was written took the next step."""
    tally = together(tmp_path, runners, seed, stall=0.2, shared=shared)
    assert tally.broken(alone) == ""
    assert tally.dropped > 0, "they never got into each other's way"
