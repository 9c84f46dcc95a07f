"""`kartoteka run` as a process of its own whose minutes are quick, in front of a mail server of our own."""

import json
import os
import re
import signal
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from sync import cli, opening, scheduler
from sync.commands import service  # noqa: F401 - loaded once, before the forks
from tests.live_desk_for_tests import Done, LiveFirm

MINUTE = 1.5  # seconds of ours
PATIENCE = 60.0  # seconds


def quick(
    began: float, *, grace: int = scheduler.GRACE, before: Callable[[], None] = lambda: None
) -> Callable[[], None]:
    """What makes minutes quick, from `began` (seconds since the epoch) on; to be done in the child."""

    def hurry() -> None:
        def clock() -> datetime:
            return datetime.fromtimestamp(began, UTC) + timedelta(minutes=(time.time() - began) / MINUTE)

        setattr(cli, "_clock", clock)  # noqa: B010 - in a process of our own
        setattr(scheduler, "LONGEST_WAIT", 0.05)  # noqa: B010
        setattr(scheduler, "GRACE", grace)  # noqa: B010
        setattr(opening, "LOCK_SECONDS", 0.2)  # noqa: B010
        before()

    return hurry


class ServiceFirm:
    """A firm in whose folder the service works."""

    def __init__(self, firm: LiveFirm, *settings: str) -> None:
        """`settings` are lines that come to those of the firm."""
        self.firm, self._began = firm, time.time()
        self.write('[schedule]\nsync = "every 1 minute"', *settings)

    def write(self, *settings: str) -> None:
        """Add lines to the settings."""
        path = self.firm.folder / "kartoteka.toml"
        path.write_text("\n".join([path.read_text("utf-8"), *settings, ""]), encoding="utf-8")

    def start(self, *words: str, grace: int = scheduler.GRACE, before: Callable[[], None] = lambda: None) -> None:
        """Start the service; it is at work on return."""
        self.firm.start("run", *words, before=quick(self._began, grace=grace, before=before))
        until(lambda: self._child in self.pids)

    def signal(self, number: signal.Signals) -> None:
        """Tell it something."""
        os.kill(self._child, number)

    def stop(self) -> Done:
        """End it by SIGTERM."""
        self.signal(signal.SIGTERM)
        return self.firm.ended()

    def status(self) -> dict[str, Any]:
        """What `kartoteka status --json` says, with its exit status."""
        done = self.beside("status", "--json")
        return {"status": done.status, **json.loads(done.out)}

    def beside(self, *words: str) -> Done:
        """Carry out a command while the service goes on."""
        other = LiveFirm(self.firm.folder / "beside", self.firm.server, self.firm.state.name, self.firm.environ)
        other.folder.mkdir(exist_ok=True)
        config = str(self.firm.folder / "kartoteka.toml")
        return other.run(*words, "--config", config, before=quick(self._began))

    @property
    def _child(self) -> int:
        assert self.firm.child
        return self.firm.child.pid or 0

    @property
    def pids(self) -> list[int]:
        """The processes that services say they are, one for each workbook."""
        told = (path.read_text("utf-8") for path in self.firm.state.rglob("service.json"))
        return [int(json.loads(text)["pid"]) for text in told]

    @property
    def log(self) -> str:
        """What it has logged so far."""
        return (self.firm.folder / "err.txt").read_text("utf-8")

    def runs(self, *ends: str) -> int:
        """How many runs have ended (so) by the log."""
        return len(re.findall(r"run ended .*state=" + (f"(?:{'|'.join(ends)})" if ends else ""), self.log))

    def after_runs(self, count: int, *ends: str) -> None:
        """Wait until so many runs have ended (so)."""
        until(lambda: self.runs(*ends) >= count)


def until(true: Callable[[], object]) -> None:
    """Wait until something has come to be."""
    over = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < over, "it has not come to be in time"
        time.sleep(0.02)
