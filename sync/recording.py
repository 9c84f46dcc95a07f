"""What every sync leaves behind, however it was started and however it ends: how it went, and a call to the watchdog.

It is held while the run's lock is, so that two runs never write at once.
"""

import logging
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Self

from config.logs import Running
from config.settings import Settings
from mailers.pings import Moment, ping
from sync import health_files
from sync.health import End, Ended
from sync.journeys import Outcome
from validators.errors import KartotekaError, Trouble

_LOG = logging.getLogger(__name__)


class Recording:
    """Around one sync. Who is inside puts down `outcome` and `needs_a_person`; what is raised there counts as well.
    Afterwards `trouble` is why it failed, None when it did not."""

    def __init__(
        self, settings: Settings, run: str, began: datetime, seconds: Callable[[], float], stopping: Callable[[], bool]
    ) -> None:
        """`run` is its id; `began` is aware; `seconds` is a clock that never goes back; `stopping` is whether a run
        was told to end."""
        self.outcome: Outcome | None = None
        self.needs_a_person = False
        self.trouble: KartotekaError | None = None
        self.health = health_files.health(settings.state_folder)
        self._settings, self._began, self._run = settings, began, Running(run)
        self._seconds, self._start, self._stopping = seconds, seconds(), stopping

    def __enter__(self) -> Self:
        self._run.__enter__()
        _LOG.info("run began", extra={"data": {"mode": self._settings.reminders.mode}})
        self._ping("start")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        trouble = error or (self.outcome.barred if self.outcome else None)
        ended = self._ended(trouble)
        self.health = self.health.after(ended)
        health_files.keep_health(self._settings.state_folder, self.health)
        self._tell(ended)
        if ended.end is not End.STOPPED:
            self._ping("failed" if ended.end is End.FAILED else "good")
        self._run.__exit__()

    def _ended(self, trouble: BaseException | None) -> Ended:
        zone = self._settings.workbook.zone
        now = (self._began.astimezone(UTC) + timedelta(seconds=self._seconds() - self._start)).astimezone(zone)
        if isinstance(trouble, KeyboardInterrupt) or self._stopping():
            return Ended(self._run.id, self._began, now, End.STOPPED)
        if trouble:
            self.trouble = trouble if isinstance(trouble, KartotekaError) else _unforeseen(trouble)
            return Ended(self._run.id, self._began, now, End.FAILED, self.trouble.what, self.trouble.advice)
        if self.outcome and (left := self.outcome.unmoved):
            return Ended(self._run.id, self._began, now, End.NEEDS_A_PERSON, left.what, left.advice)
        return Ended(self._run.id, self._began, now, End.NEEDS_A_PERSON if self.needs_a_person else End.DONE)

    def _tell(self, ended: Ended) -> None:
        counts = self._counts(self.outcome) if self.outcome else {}
        seconds = round(self._seconds() - self._start, 1)
        _LOG.info("run ended", extra={"data": {"state": str(ended.end), "seconds": seconds, **counts}})

    def _counts(self, outcome: Outcome) -> dict[str, object]:
        states = Counter(str(receipt.state) for receipt in outcome.receipts)
        return {
            "changes": sum(len(plan.changes) for plan in outcome.written),
            "problems": len(outcome.decision.problems),
            "reads": outcome.reads,
            "writes": outcome.writes,
            **states,
        }

    def _ping(self, what: Moment) -> None:
        ping(self._settings.watchdog, what)


def _unforeseen(error: BaseException) -> KartotekaError:
    what = f"Kartoteka met an error it did not expect ({type(error).__name__})."
    return KartotekaError(what, "Its log says more; please report it.", trouble=Trouble.UNFORESEEN)
