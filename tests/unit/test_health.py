"""How the service is: what a run leaves behind, what is complained of, files that are damaged or locked."""

import os
from dataclasses import replace
from datetime import datetime, time, timedelta
from multiprocessing import get_context
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from sync import health_files
from sync.health import NOTHING_KNOWN, End, Ended, Health, Service, complaints
from sync.moments import Timetable
from validators.errors import Refused

WARSAW = ZoneInfo("Europe/Warsaw")
NOW = datetime(2026, 11, 23, 8, 0, tzinfo=WARSAW)
TABLE = Timetable(WARSAW, (time(8), time(13)), None, frozenset(range(7)))


def ended(end: End, hours: float = 0.0) -> Ended:
    began = NOW + timedelta(hours=hours)
    return Ended("r", began, began + timedelta(minutes=1), end, "No way." if end is End.FAILED else "")


def said(health: Health, hours: float, service: Service | None = None, at_work: bool | None = False) -> str:
    return " ".join(complaints(health, service, TABLE, NOW + timedelta(hours=hours), at_work=at_work))


class TestHealth:
    def test_a_good_run_ends_a_row_of_failures(self) -> None:
        health = NOTHING_KNOWN.after(ended(End.FAILED)).after(ended(End.FAILED, 5))
        assert (health.failures, health.last_good, health.served) == (2, None, NOW + timedelta(hours=5))
        well = health.after(ended(End.NEEDS_A_PERSON, 24))
        assert (well.failures, well.last_good) == (0, ended(End.NEEDS_A_PERSON, 24))

    def test_a_run_that_was_stopped_is_made_up_for(self) -> None:
        health = NOTHING_KNOWN.after(ended(End.DONE)).after(ended(End.STOPPED, 5))
        assert (health.served, health.last_good) == (NOW, ended(End.DONE))

    def test_all_is_well_until_two_moments_have_passed(self) -> None:
        health = NOTHING_KNOWN.after(ended(End.DONE))
        assert said(health, 24) == ""
        assert "the last was 2026-11-23 08:01" in said(health, 24.1)

    def test_a_failed_run_is_named_with_its_reason(self) -> None:
        assert (
            said(NOTHING_KNOWN.after(ended(End.DONE)).after(ended(End.FAILED, 5)), 6) == "The last run failed: No way."
        )

    def test_what_a_run_left_undone_is_named_until_one_does_it(self) -> None:
        """Though it counts as good; what is wrong in rows is for the team."""
        left = replace(ended(End.NEEDS_A_PERSON), error="The history is not sorted.", advice="Sort it.")
        health = NOTHING_KNOWN.after(left)
        assert said(health, 1) == "The last run left work undone: The history is not sorted. Sort it."
        assert said(health.after(ended(End.NEEDS_A_PERSON, 5)), 6) == ""

    def test_nothing_known_is_not_well_unless_a_service_waits_for_its_first_moment(self) -> None:
        waiting = Service(1, NOW, NOW + timedelta(hours=5))
        assert "No sync has gone well here yet" in said(NOTHING_KNOWN, 0)
        assert said(NOTHING_KNOWN, 4, waiting, at_work=True) == ""
        assert "there was none yet" in said(NOTHING_KNOWN, 25, waiting, at_work=True)

    def test_a_service_that_was_killed_is_missed_at_once(self) -> None:
        health, service = NOTHING_KNOWN.after(ended(End.DONE)), Service(4711, NOW, NOW)
        assert "process 4711" in said(health, 1, service, at_work=False)
        assert said(health, 1, service, at_work=None) == ""


class TestFiles:
    def test_give_back_what_was_kept(self, tmp_path: Path) -> None:
        health = NOTHING_KNOWN.after(ended(End.FAILED))
        health_files.keep_health(tmp_path, health)
        assert health_files.health(tmp_path) == health
        assert [path.name for path in tmp_path.iterdir()] == ["status.json"]

    @pytest.mark.parametrize("content", ["", "{", "[]", '{"served": "yesterday"}', '{"version": 2}'])
    def test_that_nobody_understands_count_as_none(self, tmp_path: Path, content: str) -> None:
        (tmp_path / "status.json").write_text(content)
        assert health_files.health(tmp_path) == NOTHING_KNOWN

    def test_that_cannot_be_written_stop_nothing(self, tmp_path: Path) -> None:
        (tmp_path / "status.json.new").mkdir()
        health_files.keep_health(tmp_path, replace(NOTHING_KNOWN, failures=1))
        assert health_files.health(tmp_path) == NOTHING_KNOWN

    def test_there_is_one_service_at_a_time(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(health_files, "_LOCK_SECONDS", 0.1)
        assert health_files.at_work(tmp_path) is False
        with health_files.only_service(tmp_path):
            assert health_files.at_work(tmp_path) is True
            with pytest.raises(Refused), health_files.only_service(tmp_path):
                pass
        assert health_files.at_work(tmp_path) is False

    def test_a_killed_service_leaves_nothing_locked(self, tmp_path: Path) -> None:
        def killed() -> None:
            with health_files.only_service(tmp_path):
                health_files.keep_service(tmp_path, Service(os.getpid(), NOW, NOW))
                os.kill(os.getpid(), 9)

        child = get_context("fork").Process(target=killed)
        child.start()
        child.join()
        assert health_files.service(tmp_path) == Service(child.pid or 0, NOW, NOW)
        assert health_files.at_work(tmp_path) is False
