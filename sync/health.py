"""How the service is, by what its last runs came to: pure. Where that is kept is health_files.py's part."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from sync.moments import Timetable

VERSION = 1


class End(StrEnum):
    """How a run ended."""

    DONE = "done"
    NEEDS_A_PERSON = "needs a person"
    FAILED = "failed"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Ended:
    """One run that is over; moments are aware. `error` and `advice` say why it failed, or could not do all of its work,
    "" otherwise."""

    run: str
    began: datetime
    ended: datetime
    end: End
    error: str = ""
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Health:
    """What is known of past syncs. `served` is the beginning of the last that was carried through, well or not: what
    the timetable has had since was missed. `told` is whether the team knows that runs fail, `failures` how many did."""

    last_run: Ended | None = None
    last_good: Ended | None = None
    served: datetime | None = None
    failures: int = 0
    told: bool = False
    version: int = VERSION

    def after(self, run: Ended) -> "Health":
        """The same when `run` is over, too. One that was stopped was neither good nor bad, and is made up for."""
        if run.end is End.STOPPED:
            return replace(self, last_run=run)
        if run.end is End.FAILED:
            return replace(self, last_run=run, served=run.began, failures=self.failures + 1)
        return replace(self, last_run=run, last_good=run, served=run.began, failures=0)


NOTHING_KNOWN = Health()


@dataclass(frozen=True, slots=True)
class Service:
    """What a service at work says of itself: its process, since when it works, when the next sync is due."""

    pid: int
    began: datetime
    next_run: datetime


def complaints(
    health: Health, service: Service | None, timetable: Timetable, now: datetime, *, at_work: bool | None
) -> Iterator[str]:
    """What is not well, in sentences; nothing when all is. `at_work` is whether the service is, None if unknown."""
    if service and at_work is False:
        yield f"The service (process {service.pid}) is gone without a farewell. Start it again: kartoteka run"
    if health.last_run and health.last_run.end is End.FAILED:
        yield f"The last run failed: {health.last_run.error} {health.last_run.advice}".rstrip()
    elif health.last_run and health.last_run.error:
        yield f"The last run left work undone: {health.last_run.error} {health.last_run.advice}".rstrip()
    since = health.last_good.ended if health.last_good else service.began if service else None
    if since is None:
        yield "No sync has gone well here yet. Start one: kartoteka sync"
    elif timetable.is_late(since, now):
        good = f"the last was {since:%Y-%m-%d %H:%M}" if health.last_good else "there was none yet"
        yield f"Two scheduled syncs have passed without a good one; {good}."
