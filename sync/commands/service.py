"""The service and how it is: `kartoteka run`, `kartoteka status`. The loop itself is scheduler.py's part, what is done
for each workbook is duties.py's."""

import logging
from collections.abc import Iterable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import datetime

from config.logs import About, Running
from config.settings import Settings
from config.settings_workbooks import naming
from sync import health_files, scheduler
from sync.commands.duties import Duties, Surroundings
from sync.commands.work import Terminal
from sync.health import Health, Service, complaints
from sync.moments import Timetable
from sync.runs import service_id
from sync.scheduler import Signals, TimeIsUp
from validators.errors import KartotekaError

_LOG = logging.getLogger(__name__)


def run(surroundings: Surroundings, *, may_begin: bool = False) -> int:
    """Sync each workbook whenever the timetable says so, until SIGTERM or SIGINT; SIGHUP reads the settings again. Exit
    status 0.

    Raises:
        WrongUse: the settings do not fit.
        KartotekaError: no workbook can be served: another service is at work here, or no state folder can be written.
    """
    everyone = surroundings.read()
    signals = Signals()
    rounds = _Rounds(surroundings, signals, may_begin)
    here = surroundings.clock().astimezone(everyone[0].workbook.zone)
    with Running(service_id(here, surroundings.token())):
        with closing(rounds), signals.heard(), suppress(TimeIsUp):
            rounds.begin(everyone, surroundings.clock())
            scheduler.serve(rounds, signals, surroundings.clock)
        _LOG.info("stopped")
    return 0


@dataclass
class _Rounds:
    """The duties for each workbook of the settings. A workbook is known again by its state folder."""

    surroundings: Surroundings
    signals: Signals
    may_begin: bool
    duties: list[Duties] = field(default_factory=list)

    def begin(self, everyone: Sequence[Settings], now: datetime) -> None:
        """Take up all that can be. One that cannot does not keep the others from being served.

        Raises:
            KartotekaError: none can be.
        """
        troubles = self._go_by(everyone, now)
        if len(troubles) == len(everyone):
            raise troubles[0][1]
        _put_off(troubles, now)

    def read_again(self, now: datetime) -> None:
        """Workbooks that have come are served from now on, those that are gone no more."""
        try:
            everyone = self.surroundings.read()
        except KartotekaError as error:
            _LOG.error("The settings stay as they were: %s %s", error.what, error.advice)
            return
        _put_off(self._go_by(everyone, now), now)
        _LOG.info("settings read again")

    def close(self) -> None:
        """Serve no workbook any more."""
        for duties in self.duties:
            duties.let_go()

    def _go_by(self, everyone: Sequence[Settings], now: datetime) -> list[tuple[Duties, KartotekaError]]:
        """What kept workbooks from being taken up."""
        self.surroundings.log_as(everyone[0])
        before = {duties.settings.state_folder: duties for duties in self.duties}
        self.duties = []
        for settings in everyone:
            duties = before.pop(settings.state_folder, None)
            if duties:
                duties.go_by(settings, now)
            self.duties.append(duties or Duties(self.surroundings, settings, self.signals, self.may_begin, now))
        for gone in before.values():
            gone.let_go()
        return [(duties, error) for duties in self.duties if (error := _trouble(duties, now))]


def _trouble(duties: Duties, now: datetime) -> KartotekaError | None:
    try:
        duties.take_up(now)
    except KartotekaError as error:
        return error
    return None


def _put_off(troubles: Iterable[tuple[Duties, KartotekaError]], now: datetime) -> None:
    """They are tried again when a sync is due."""
    for duties, error in troubles:
        with About(workbook=duties.name):
            duties.put_off(error, now)


@dataclass(frozen=True, slots=True)
class _Seen:
    """How the service of one workbook is, by its files; `wrong` is what is complained of."""

    name: str
    health: Health
    service: Service | None
    at_work: bool | None
    next_run: datetime
    wrong: tuple[str, ...]

    def as_json(self) -> dict[str, object]:
        """The same as JSON values."""
        return {
            "well": not self.wrong,
            "complaints": list(self.wrong),
            "at_work": self.at_work,
            "next_run": self.next_run.isoformat(timespec="seconds"),
            "service": health_files.as_json(self.service),
            "health": health_files.as_json(self.health),
        }

    def lines(self) -> list[str]:
        """The same for people."""
        lines = list(self.wrong) or ["All is well."]
        for name, run_ in (("Last good sync", self.health.last_good), ("Last run", self.health.last_run)):
            if run_:
                lines.append(f"{name}: {run_.ended:%Y-%m-%d %H:%M} ({run_.run}, {run_.end})")
        by = "timetable; no service is at work here"
        if self.service and self.at_work is not False:
            by = f"service, process {self.service.pid}"
        return [*lines, f"Next run: {self.next_run:%Y-%m-%d %H:%M} (by the {by})"]


def status(everyone: Sequence[Settings], clock: datetime, terminal: Terminal) -> int:
    """How it is, and what comes next, for each workbook. Exit status 1 when something is not well."""
    seen = [_seen(settings, clock) for settings in everyone]
    well = not any(each.wrong for each in seen)
    if terminal.as_json:
        several = {"well": well, "workbooks": {each.name: each.as_json() for each in seen}}
        terminal.document(several if len(seen) > 1 else seen[0].as_json())
        return int(not well)
    for each in seen:
        if len(seen) > 1:
            terminal.out.print(each.name, style="bold", markup=False)
        for line in each.lines():
            terminal.out.print(f"  {line}" if len(seen) > 1 else line, soft_wrap=True, markup=False)
    return int(not well)


def _seen(settings: Settings, clock: datetime) -> _Seen:
    folder, now = settings.state_folder, clock.astimezone(settings.workbook.zone)
    health, service, at_work = health_files.health(folder), health_files.service(folder), health_files.at_work(folder)
    timetable = Timetable.of(settings)
    name = settings.workbook.name
    wrong = tuple(naming(each, name) for each in complaints(health, service, timetable, now, at_work=at_work))
    due = timetable.due(health.served, now).astimezone(settings.workbook.zone)
    next_run = service.next_run if service and at_work is not False else due
    return _Seen(name, health, service, at_work, next_run, wrong)
