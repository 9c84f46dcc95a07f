"""`kartoteka` as a process whose time is virtual: `python -m tests.soak.virtual_service CLOCK WORDS…`.

Time stands in the file CLOCK, which several processes share; it passes only where somebody waits. Between two syncs the
process writes down how much memory it holds.
"""

import gc
import mmap
import os
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

from sync import cli, scheduler
from sync.__main__ import main as kartoteka
from sync.opening import Machine
from tests.fakes.clocks import VirtualClock

_NOW, _STOP, _ASLEEP, _AWAKE = range(4)
NEVER = float("inf")
_WAIT = 900.0  # seconds that the service waits at once: a year has a million half minutes
_SAMPLED = 6 * 3600.0  # seconds between two looks at the memory


class SharedClock(VirtualClock):
    """Seconds since the epoch, in a file. Only one process at a time lets them pass: the others wait for its requests.

    A service that waits is told to end at `stop`; it is `asleep` with its machine from one moment until another.
    """

    def __init__(self, path: Path, start: float | None = None) -> None:
        super().__init__()
        self.path = path
        if start is not None:
            path.write_bytes(bytes(32))
        with path.open("r+b") as file:
            self._cells = memoryview(mmap.mmap(file.fileno(), 32)).cast("d")
        if start is not None:
            self._cells[_NOW] = start
            self.stop_at(NEVER)
            self.sleep_from(NEVER, NEVER)

    def now(self) -> float:
        """The present moment."""
        return self._cells[_NOW]

    def sleep(self, seconds: float) -> None:
        """Let `seconds` pass."""
        self._cells[_NOW] += max(0.0, seconds)

    def stop_at(self, moment: float) -> None:
        """From `moment` on, a service that waits is told to end."""
        self._cells[_STOP] = moment

    def sleep_from(self, moment: float, until: float) -> None:
        """The machine sleeps from `moment` on."""
        self._cells[_ASLEEP], self._cells[_AWAKE] = moment, until

    def rest(self, seconds: float) -> None:
        """Wait so long at most, without work."""
        self.sleep(min(seconds, max(0.0, self._cells[_STOP] - self.now())))
        if self._cells[_ASLEEP] <= self.now() < self._cells[_AWAKE]:
            self._cells[_NOW] = self._cells[_AWAKE]
        if self.now() >= self._cells[_STOP]:
            os.kill(os.getpid(), signal.SIGTERM)


class _Scales:
    """What the process holds while it rests, now and then: moment, resident bytes, blocks of Python's."""

    def __init__(self, path: Path) -> None:
        self._path, self._last, self._looks = path, 0.0, 0

    def look(self, now: float) -> None:
        """Put it down, unless that was done a moment ago."""
        if now - self._last < _SAMPLED:
            return
        self._last, self._looks = now, self._looks + 1
        if self._looks == 2:
            gc.freeze()  # what is loaded by now need not be looked through after each sync: half of the time
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        with self._path.open("a") as file:
            file.write(f"{now} {pages * mmap.PAGESIZE} {sys.getallocatedblocks()}\n")


def main(path: Path, words: list[str]) -> None:
    """Carry out a command in virtual time."""
    clock, scales = SharedClock(path), _Scales(path.with_name("memory.txt"))

    def wait(signals: scheduler.Signals, seconds: float) -> None:
        if not signals.stopping:
            scales.look(clock.now())
            clock.rest(seconds)

    setattr(cli, "_clock", lambda: datetime.fromtimestamp(clock.now(), UTC))  # noqa: B010 - in a process of our own
    setattr(cli, "_machine", lambda *_: Machine(dict(os.environ), clock.sleep, clock.now))  # noqa: B010
    setattr(scheduler, "time", SimpleNamespace(monotonic=clock.now, sleep=clock.sleep))  # noqa: B010
    setattr(scheduler, "LONGEST_WAIT", _WAIT)  # noqa: B010
    setattr(scheduler.Signals, "wait", wait)  # noqa: B010
    sys.argv = ["kartoteka", *words]
    kartoteka()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
