"""What the service does for one workbook: a sync each time, whatever comes of it; the team hears when it goes ill, and
when it goes well again. When its turn comes is scheduler.py's part, which workbooks there are is service.py's."""

import gc
import io
import logging
import os
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import TracebackType

from rich.console import Console

from config import service_words
from config.logs import About, Running
from config.settings import Settings
from config.settings_workbooks import naming
from config.trouble_words import troubled
from mailers.digest import Digest
from sync import beating, health_files
from sync.commands import work
from sync.commands.work import Terminal
from sync.health import End, Ended, Health, Service
from sync.moments import Timetable
from sync.opening import Machine, alone, new_run, open_session, team
from sync.recording import Recording
from sync.scheduler import Signals
from sync.storage.port import Workbook
from validators.errors import KartotekaError, OutOfReach

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the service is given: this machine, the real clock, a new token for each run, how to read the settings (of
    each workbook), and how to log as they say."""

    machine: Machine
    clock: Callable[[], datetime]
    token: Callable[[], str]
    read: Callable[[], tuple[Settings, ...]]
    log_as: Callable[[Settings], None]


@dataclass
class Duties:
    """A sync each time, as `kartoteka sync` does it: a session of its own, from settings that were read once. `began`
    is since when, `last` since when the timetable is served."""

    surroundings: Surroundings
    settings: Settings
    signals: Signals
    may_begin: bool
    began: datetime
    last: datetime | None = field(init=False)
    _held: ExitStack | None = field(default=None, init=False)
    _waits_since: datetime | None = field(default=None, init=False)
    _waits_for: str = field(default="", init=False)
    _delay_was_told: bool | None = field(default=None, init=False)  # None: there was no reason yet

    def __post_init__(self) -> None:
        folder = self.settings.state_folder
        killed = health_files.service(folder)
        since = killed.began if killed else self.began
        # An interval that was never served begins with a sync; times of day are waited for.
        self.last = health_files.health(folder).served or (None if self.timetable.every else since)

    @property
    def name(self) -> str:
        """The name of the workbook, "" where it has none."""
        return self.settings.workbook.name

    @property
    def timetable(self) -> Timetable:
        """When to sync."""
        return Timetable.of(self.settings)

    def take_up(self, now: datetime) -> None:
        """From now on this is the workbook's one service; nothing happens when it is already.

        Raises:
            Refused: another one is at work.
            OutOfReach: the state folder cannot be written.
        """
        if self._held:
            return
        with ExitStack() as held:
            held.enter_context(health_files.only_service(self.settings.state_folder))
            self._held = held.pop_all()
        self._announce(now)

    def let_go(self) -> None:
        """From now on this is the workbook's service no more."""
        if self._held:
            self._held.close()
            self._held = None

    def go_by(self, settings: Settings, now: datetime) -> None:
        """Take over changed settings."""
        self.settings = settings
        if self._held:
            self._announce(now)

    def sync(self, now: datetime) -> bool:
        """Carry out a sync, whatever comes of it. False when it must be put off: somebody else is at work."""
        with About(workbook=self.name), ExitStack() as turn:
            try:
                self.take_up(now)
                turn.enter_context(alone(self.settings))
            except KartotekaError as error:
                self.put_off(error, now)
                return False
            self._waits_since, self._waits_for = None, ""
            self._delay_was_told = self._delay_was_told or None  # what was told stands until all is well again
            here, token = now.astimezone(self.settings.workbook.zone), self.surroundings.token()
            with Running(new_run(self.settings, here, token)) as run, _Undeterred():
                self._carry_out(here, token, run.id)
        self.last = now
        self._announce(now)
        gc.collect()  # it looks seldom by itself (spare_collector), and we are here to stay
        return True

    def put_off(self, error: KartotekaError, now: datetime) -> None:
        """Say once why the workbook must wait; tell the team when it still does at the time of its next sync."""
        self._waits_since = self._waits_since or now
        if error.what != self._waits_for:
            self._waits_for = error.what
            _LOG.warning("put off: %s", error.what)
        if self._delay_was_told is None and self.timetable.due(self._waits_since, now) <= now:
            since = self._waits_since.astimezone(self.settings.workbook.zone)
            self._delay_was_told = self._told(self._ill(since, error))

    def _carry_out(self, now: datetime, token: str, run: str) -> None:
        machine = replace(self.surroundings.machine, sleep=self.signals.sleep)
        recording = Recording(self.settings, run, now, machine.seconds, self._stopping)
        workbook: Workbook | None = None
        try:
            with recording:
                session = open_session(self.settings, now, None, token, machine)
                session = replace(session, office=replace(session.office, stopping=self._stopping))
                workbook = session.office.workbook
                work.in_turn(session, _silent(), recording, may_begin=self.may_begin)
        except OutOfReach:
            workbook = None  # it would be asked in vain once more
            raise
        finally:
            if (last := recording.health.last_run) and last.end is not End.STOPPED:
                self._tell_how_it_went(recording.health, last, recording.trouble)
                if workbook:
                    beating.beat(workbook, self.settings, recording, now)

    def _stopping(self) -> bool:
        return self.signals.stopping

    def _tell_how_it_went(self, known: Health, last: Ended, trouble: KartotekaError | None) -> None:
        """The team is told once when runs begin to fail, once when they go well again; told is what somebody took."""
        failed = trouble is not None
        if failed:
            _LOG.error("%s %s", last.error, naming(last.advice, self.name))
        if failed is (known.told or self._delay_was_told is True):
            return
        began, language = last.began, self.settings.workbook.language
        well = service_words.well_again(self.settings.workbook_name, began, language)
        if self._told(self._ill(began, trouble) if trouble else well):
            health_files.keep_health(self.settings.state_folder, replace(known, told=failed))
            self._delay_was_told = None

    def _ill(self, began: datetime, error: KartotekaError) -> tuple[str, str]:
        name, language = self.settings.workbook_name, self.settings.workbook.language
        why = naming(troubled(error.trouble, error.about, language), self.name)
        return service_words.not_well(name, began, why, language)

    def _told(self, message: tuple[str, str]) -> bool:
        """Whether somebody took this message for the team."""
        way = team(self.settings)
        if way is None:
            return False
        taken, failures = way.announce(Digest(*message))
        for failure in failures:
            _LOG.warning("The team was not told: %s", failure)
        return taken > 0

    def _announce(self, now: datetime) -> None:
        zone = self.settings.workbook.zone
        service = Service(os.getpid(), self.began.astimezone(zone), self.timetable.due(self.last, now).astimezone(zone))
        health_files.keep_service(self.settings.state_folder, service)


class _Undeterred:
    """Whatever goes wrong within, the service goes on: the recording has put it down, and the next run may succeed."""

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> bool:
        if isinstance(error, Exception) and not isinstance(error, KartotekaError):
            _LOG.error("unforeseen", exc_info=error)
        return isinstance(error, Exception)


def _silent() -> Terminal:
    """A run of the service speaks through the log only."""
    return Terminal(Console(quiet=True), Console(quiet=True, file=io.StringIO()))
