"""The service and how it is: `kartoteka run`, `kartoteka status`. The loop itself is scheduler.py's part."""

import gc
import io
import logging
import os
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import TracebackType
from typing import Any

from rich.console import Console

from config import service_words
from config.settings import Settings
from mailers.digest import Digest
from sync import health_files, scheduler
from sync.commands import work
from sync.commands.work import Terminal
from sync.health import End, Ended, Health, Service, complaints
from sync.moments import Timetable
from sync.opening import Machine, alone, open_session, team
from sync.recording import Recording
from sync.scheduler import Signals, TimeIsUp
from validators.errors import KartotekaError

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the service is given: this machine, the real clock, a new token for each run, how to read the settings,
    and how to log as they say."""

    machine: Machine
    clock: Callable[[], datetime]
    token: Callable[[], str]
    read: Callable[[], Settings]
    log_as: Callable[[Settings], None]


def run(surroundings: Surroundings, *, may_begin: bool = False) -> int:
    """Sync whenever the timetable says so, until SIGTERM or SIGINT; SIGHUP reads the settings again. Exit status 0.

    Raises:
        WrongUse: the settings do not fit.
        Refused: another service is at work here.
    """
    settings = surroundings.read()
    signals = Signals()
    with health_files.only_service(settings.state_folder), signals.heard(), suppress(TimeIsUp):
        duties = _Duties(surroundings, settings, signals, may_begin, surroundings.clock())
        scheduler.serve(duties, signals, surroundings.clock)
    _LOG.info("stopped")
    return 0


@dataclass
class _Duties:
    """A sync each time, as `kartoteka sync` does it: a session of its own, from settings that were read once."""

    surroundings: Surroundings
    settings: Settings
    signals: Signals
    may_begin: bool
    began: datetime
    last: datetime | None = field(init=False)

    def __post_init__(self) -> None:
        self.surroundings.log_as(self.settings)
        folder = self.settings.state_folder
        killed = health_files.service(folder)
        since = killed.began if killed else self.began
        # An interval that was never served begins with a sync; times of day are waited for.
        self.last = health_files.health(folder).served or (None if self.timetable.every else since)
        self._announce(self.began)

    @property
    def timetable(self) -> Timetable:
        return Timetable.of(self.settings)

    def sync(self, now: datetime) -> bool:
        with ExitStack() as turn:
            try:
                turn.enter_context(alone(self.settings))
            except KartotekaError as error:
                _LOG.warning("put off: %s", error.what)
                return False
            with _Undeterred():
                self._carry_out(now)
        self.last = now
        self._announce(now)
        gc.collect()  # it looks seldom by itself (spare_collector), and we are here to stay
        return True

    def read_again(self, now: datetime) -> None:
        try:
            settings = self.surroundings.read()
        except KartotekaError as error:
            _LOG.error("The settings stay as they were: %s %s", error.what, error.advice)
            return
        if settings.state_folder != self.settings.state_folder:
            _LOG.error("The settings stay as they were: another [state] folder needs the service to be started anew.")
            return
        self.settings = settings
        self.surroundings.log_as(settings)
        _LOG.info("settings read again")
        self._announce(now)

    def _carry_out(self, now: datetime) -> None:
        machine = replace(self.surroundings.machine, sleep=self.signals.sleep)
        here = now.astimezone(self.settings.workbook.zone)
        recording = Recording(self.settings, here, machine.seconds, self._stopping)
        try:
            with recording:
                session = open_session(self.settings, now, None, self.surroundings.token(), machine)
                session = replace(session, office=replace(session.office, stopping=self._stopping))
                work.in_turn(session, _silent(), recording, may_begin=self.may_begin)
        finally:
            if (last := recording.health.last_run) and last.end is not End.STOPPED:
                self._tell_how_it_went(recording.health, last)

    def _stopping(self) -> bool:
        return self.signals.stopping

    def _tell_how_it_went(self, known: Health, last: Ended) -> None:
        """The team is told once when runs begin to fail, once when they go well again; told is what somebody took."""
        failed = last.end is End.FAILED
        if failed:
            _LOG.error("%s %s", last.error, last.advice, extra={"data": {"run": last.run}})
        way = team(self.settings)
        if failed is known.told or way is None:
            return
        taken, failures = way.announce(Digest(*self._news(last)))
        for failure in failures:
            _LOG.warning("The team was not told: %s", failure)
        if taken:
            health_files.keep_health(self.settings.state_folder, replace(known, told=not known.told))

    def _news(self, last: Ended) -> tuple[str, str]:
        name, language = self.settings.workbook_name, self.settings.workbook.language
        if last.end is End.FAILED:
            return service_words.not_well(name, last.began, f"{last.error}\n{last.advice}".strip(), language)
        return service_words.well_again(name, last.began, language)

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


def status(settings: Settings, clock: datetime, terminal: Terminal) -> int:
    """How it is, and what comes next. Exit status 1 when something is not well."""
    folder, now = settings.state_folder, clock.astimezone(settings.workbook.zone)
    health, service, at_work = health_files.health(folder), health_files.service(folder), health_files.at_work(folder)
    timetable = Timetable.of(settings)
    wrong = list(complaints(health, service, timetable, now, at_work=at_work))
    due = timetable.due(health.served, now).astimezone(settings.workbook.zone)
    next_run = service.next_run if service and at_work is not False else due
    if terminal.as_json:
        told: dict[str, Any] = {"well": not wrong, "complaints": wrong, "at_work": at_work}
        told["next_run"] = next_run.isoformat(timespec="seconds")
        terminal.document(told | {"service": health_files.as_json(service), "health": health_files.as_json(health)})
        return int(bool(wrong))
    _show(terminal, health, service, next_run, wrong)
    return int(bool(wrong))


def _show(terminal: Terminal, health: Health, service: Service | None, next_run: datetime, wrong: list[str]) -> None:
    for line in wrong or ["All is well."]:
        terminal.out.print(line, soft_wrap=True, markup=False)
    for name, run in (("Last good sync", health.last_good), ("Last run", health.last_run)):
        if run:
            terminal.out.print(f"{name}: {run.ended:%Y-%m-%d %H:%M} ({run.run}, {run.end})", soft_wrap=True)
    who = f"by the service, process {service.pid}" if service else "by the timetable; no service is at work here"
    terminal.out.print(f"Next run: {next_run:%Y-%m-%d %H:%M} ({who})", soft_wrap=True)
