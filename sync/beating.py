"""When the service says in the workbook how it does: after a sync, seldom, and at once where what stands there is no
longer true. What it said last is kept in `heartbeat.json` in the state folder; what is said is heartbeat.py's part.

It is the service's alone: a single sync reads once and writes nothing, and nobody is promised the next one.
"""

import logging
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from config.settings import Settings
from sync.health import End
from sync.heartbeat import Course, heartbeat
from sync.moments import Timetable
from sync.recording import Recording
from sync.storage.port import Workbook
from validators.errors import KartotekaError, OutOfReach

_LOG = logging.getLogger(__name__)
# Syncs an hour apart begin some seconds more or less than an hour apart.
_SLACK = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Said:
    """What was said last: `at` which moment, since when syncs fail (None: they do not), and the settings on which
    depends where it stands and what is promised."""

    at: datetime
    failing_since: datetime | None
    settings: str

    def stands(self, now: datetime, pause: timedelta, settings: str, *, failing: bool) -> bool:
        """Whether it is true at `now`, and younger than `pause`."""
        is_true = failing is (self.failing_since is not None) and settings == self.settings
        return is_true and timedelta() <= now - self.at < pause


def beat(workbook: Workbook, settings: Settings, recording: Recording, now: datetime) -> None:
    """Say how the sync went that began at `now` (aware), if it is time to. No failure of it is more than a log line."""
    minutes, last = settings.schedule.heartbeat_minutes, recording.health.last_run
    if not minutes or last is None:
        return
    pause, failing = timedelta(minutes=minutes) - _SLACK, last.end is End.FAILED
    book, timetable = settings.workbook, Timetable.of(settings)
    path = settings.state_folder / "heartbeat.json"
    ours = f"{settings.workbook_place} {book.language} {book.timezone} {settings.schedule!r}"
    said = _said(path)
    if said and said.stands(now, pause, ours, failing=failing):
        return
    since = ((said.failing_since if said else None) or last.began) if failing else None
    course = _course(recording, since)
    wanted = heartbeat(course, timetable, pause, now, book.language, is_file=book.kind == "xlsx")
    try:
        if workbook.beat(wanted):
            _keep(path, Said(now, since, ours))
    except KartotekaError as error:
        level = logging.WARNING if isinstance(error, OutOfReach) else logging.DEBUG
        _LOG.log(level, "the workbook does not say how the service does: %s", error.what)


def _course(recording: Recording, failing_since: datetime | None) -> Course:
    good, outcome = recording.health.last_good, recording.outcome
    problems = len(outcome.decision.problems) if outcome else 0
    return Course(good.ended if good else None, failing_since, problems, recording.needs_a_person)


def _said(path: Path) -> Said | None:
    with suppress(OSError, ValidationError):
        return TypeAdapter(Said).validate_json(path.read_bytes())
    return None


def _keep(path: Path, said: Said) -> None:
    """That it cannot be kept only means that it is said again after the next sync."""
    draft = path.with_name(f"{path.name}.new")
    with suppress(OSError):
        draft.write_bytes(TypeAdapter(Said).dump_json(said) + b"\n")
        draft.replace(path)
