"""Beside people at work nothing is written into a wrong row and no character is lost: short runs of the soak."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.fakes.people import Adversary, People
from tests.soak.beside_people import soak

# What hurts most, in this order and in one tab, just before a write.
SCRIPTS = (
    ("type", "move_column", "sort"),
    ("insert", "move_column", "move_column"),
    ("insert_column", "type", "delete", "sort"),
    ("move_column", "type", "insert_above"),
    ("rename", "cut_row", "move_column", "type"),
)


@pytest.mark.parametrize(("rate", "syncs", "seed"), [(0.2, 6, 1), (1, 8, 2), (5, 6, 3)])
def test_beside_people_nothing_is_lost_and_nothing_stands_in_a_wrong_row(
    tmp_path: Path, rate: float, syncs: int, seed: int
) -> None:
    tally = soak(tmp_path, syncs, lambda clock: People(seed, rate, clock=clock.now), seed)
    assert (tally.lost, tally.misplaced, tally.wrong, tally.twice) == ([], [], [], [])
    assert (tally.syncs, tally.unsettled) == (syncs, 0)


@pytest.mark.parametrize("repairs", [0, 3])
def test_whoever_strikes_between_our_steps_costs_nobody_a_character(tmp_path: Path, repairs: int) -> None:
    """Between reading and writing, and between writing and repairing."""
    tally = soak(tmp_path, 8, lambda _: Adversary(4, repairs=repairs))
    assert (tally.lost, tally.misplaced, tally.wrong, tally.twice) == ([], [], [], [])
    assert max(tally.rounds) >= 1, "nobody was met"


@pytest.mark.parametrize("script", SCRIPTS, ids=" ".join)
def test_what_was_typed_at_the_last_moment_is_put_back_where_it_belongs(tmp_path: Path, script: Sequence[str]) -> None:
    tally = soak(tmp_path, 3, lambda _: Adversary(6, repairs=1, script=script))
    assert (tally.lost, tally.misplaced, tally.wrong, tally.twice) == ([], [], [], [])


@pytest.mark.parametrize("rate", [0.2, 1])
def test_beside_a_big_tab_of_which_answers_show_only_some_columns(tmp_path: Path, rate: float) -> None:
    tally = soak(tmp_path, 6, lambda clock: People(6, rate, clock=clock.now), whole=0)
    assert (tally.lost, tally.misplaced, tally.wrong, tally.twice) == ([], [], [], [])


@pytest.mark.parametrize(("whole", "seed"), [(60_000, 2), (0, 1)])
def test_rows_that_hold_nothing_but_a_new_name_are_known_when_columns_move(
    tmp_path: Path, whole: int, seed: int
) -> None:
    """Our first id falls on the very name: what stood there is all that tells the row."""
    met = ("insert", "delete", "move_column")
    tally = soak(tmp_path, 5, lambda _: Adversary(seed, kinds=met), whole=whole)
    assert (tally.lost, tally.misplaced, tally.wrong, tally.twice) == ([], [], [], [])
