"""The service's loop: waits, is woken by signals, lets one sync follow the other. When they are due is moments.py's
part, what a sync is commands/duties.py's. The library `schedule` is not used: it compares naive local times, so that
in the night when clocks are set back it would sync an hour early, and twice.
"""

import logging
import os
import select
import signal
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import FrameType
from typing import Protocol

from config.logs import About
from sync.moments import Timetable
from validators.errors import OutOfReach

_LOG = logging.getLogger(__name__)
LONGEST_WAIT = 30.0  # seconds between two looks at the clock: it may be set, and the machine may sleep
_PUT_OFF = timedelta(seconds=30)  # until a workbook is tried again that somebody else was at work on
GRACE = 25  # seconds in which a run that was told to end may come to its end
_SHORT_PAUSE = 2.0  # seconds; who must end still waits for so long, as politeness to a server asks, but not longer


class TimeIsUp(KeyboardInterrupt):
    """A run that was told to end has not done so in time."""


class Signals:
    """What the world tells this process. SIGTERM and SIGINT: come to an end; SIGHUP: read the settings again."""

    def __init__(self) -> None:
        self.stopping = False
        self._hung_up = False
        self._ours, self._theirs = socket.socketpair()

    @contextmanager
    def heard(self) -> Iterator[None]:
        """As long as this lasts, signals are told to us."""
        for end in (self._ours, self._theirs):
            end.settimeout(0)
        woken_before = signal.set_wakeup_fd(self._theirs.fileno(), warn_on_full_buffer=False)
        means = {signal.SIGTERM: self._stop, signal.SIGINT: self._stop, signal.SIGHUP: self._hang_up}
        before = {number: signal.signal(number, act) for number, act in means.items()}
        before[signal.SIGALRM] = signal.signal(signal.SIGALRM, self._leave)
        try:
            yield
        finally:
            signal.alarm(0)
            for number, act in before.items():
                signal.signal(number, act)
            signal.set_wakeup_fd(woken_before)
            self._ours.close()
            self._theirs.close()

    def take_hang_up(self) -> bool:
        """Whether there was a SIGHUP since this was last asked."""
        taken, self._hung_up = self._hung_up, False
        return taken

    def wait(self, seconds: float) -> None:
        """Wait so long, or until the next signal."""
        if not (self.stopping or self._hung_up) and select.select([self._ours], [], [], max(0.0, seconds))[0]:
            with suppress(BlockingIOError):
                self._ours.recv(4096)

    def sleep(self, seconds: float) -> None:
        """Wait so long within a run.

        Raises:
            OutOfReach: we must end, and would wait for longer than a moment.
        """
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            if not self.stopping:
                self.wait(left)
            elif left > _SHORT_PAUSE:
                raise OutOfReach("Kartoteka was stopped while it waited.", "The next run goes on from there.")
            else:
                time.sleep(left)

    def _stop(self, number: int, _: FrameType | None) -> None:
        if self.stopping and number == signal.SIGINT:  # twice Ctrl+C: somebody is in a hurry
            raise KeyboardInterrupt
        if not self.stopping:
            self.stopping = True
            signal.alarm(GRACE)

    def _hang_up(self, _: int, __: FrameType | None) -> None:
        self._hung_up = True

    def _leave(self, _: int, __: FrameType | None) -> None:
        """Time is up. A run may be cut off at any point; the next one mends what it left."""
        raise TimeIsUp


class Duties(Protocol):
    """What the loop is to do for one workbook. `last` is since when the timetable is to be served, None if it never
    was."""

    last: datetime | None

    @property
    def name(self) -> str:
        """The name of the workbook, "" where it has none."""
        ...

    @property
    def timetable(self) -> Timetable:
        """When to sync."""
        ...

    def sync(self, now: datetime) -> bool:
        """Carry out a sync, whatever comes of it: it is `last` then. False when it must be put off: somebody else is at
        work."""
        ...


class Rounds(Protocol):
    """The duties for all workbooks."""

    @property
    def duties(self) -> Sequence[Duties]:
        """Those of each workbook."""
        ...

    def read_again(self, now: datetime) -> None:
        """Take over changed settings; the duties may be others then."""
        ...


@dataclass
class _Turn:
    """When the turn of one workbook comes, and what was last said of that. `put_off` is when it is tried again, `ripe`
    since when it is due: what was never served is due now, at whatever moment that is asked."""

    duties: Duties
    put_off: datetime | None = None
    ripe: datetime | None = None
    announced: datetime | None = None

    def due(self, now: datetime) -> datetime:
        """When its next sync is due. A moment that a clock set back has moved far ahead does not count."""
        due = self.duties.timetable.due(self.duties.last, now)
        if self.put_off:
            due = max(due, min(self.put_off, now + _PUT_OFF))
        self.ripe = min(self.ripe or due, due) if due <= now else None
        return self.ripe or due

    def take(self, now: datetime) -> None:
        """Carry the sync out, or put it off."""
        self.put_off = None if self.duties.sync(now) else now + _PUT_OFF
        self.ripe = None

    def wait(self, due: datetime, now: datetime) -> None:
        """There is time until `due`."""
        if self.put_off:
            return
        if self.duties.last is None or self.duties.last > now:  # a clock set back: else its moment would stay ahead
            self.duties.last = now
        if due != self.announced:
            there = due.astimezone(self.duties.timetable.zone)
            about = {"next_run": there.isoformat(timespec="seconds"), "process": os.getpid()}
            with About(workbook=self.duties.name):
                _LOG.info("waiting", extra={"data": about})
            self.announced = due


def serve(rounds: Rounds, signals: Signals, clock: Callable[[], datetime]) -> None:
    """Carry out one sync after the other, that which is due first, until we are told to end. Who had a turn comes after
    the others that are due at the same moment."""
    turns = [_Turn(duties) for duties in rounds.duties]
    while not signals.stopping:
        if signals.take_hang_up():
            rounds.read_again(clock())
            turns = [_Turn(duties) for duties in rounds.duties]
        now = clock()
        moments = [turn.due(now) for turn in turns]
        first = min(moments)
        if first <= now:
            turn = turns.pop(moments.index(first))
            turn.take(now)
            turns.append(turn)
            continue
        for turn, due in zip(turns, moments, strict=True):
            turn.wait(due, now)
        signals.wait(min((first - now).total_seconds(), LONGEST_WAIT))
