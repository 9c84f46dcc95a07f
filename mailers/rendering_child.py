"""What the child process runs: a line of JSON in, a line of JSON out, until its input ends. Nothing else may live here.

It shuts itself in before the first template comes: no file can be opened, none written, no process started, and memory
is bounded (POSIX only; elsewhere the parent's clock is the only limit). CPU time is measured for each request: a
profiling timer, set anew each time, raises OutOfTime where the template is; should that not be heard, in the middle of
one long step of Python's own, the kernel ends the process a second or two later (RLIMIT_CPU, moved on each time). Both
hold when the parent is gone.
"""

import html
import json
import pprint
import signal
import sys
import textwrap
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date
from math import ceil
from types import FrameType
from typing import Any, NoReturn

from mailers.templating import Limits, OutOfTime, Unusable, filled_in, too_much

if sys.platform != "win32":
    import resource

_FOR_FILTERS = (html, pprint, textwrap)  # which Jinja2 imports only when a template uses them
# Seconds of CPU until the timer repeats itself, in case nobody heard it: time to clear away what the first one stopped.
_AGAIN = 1.0


def main() -> None:
    """Answer requests until the parent closes the pipe. The only argument is the limits, as JSON."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    limits = Limits(**json.loads(sys.argv[1]))
    _warm_up(limits)
    _shut_in(limits)
    _say({"ready": True})
    for line in sys.stdin.buffer:
        _say(_answer(json.loads(line), limits))


def _say(answer: dict[str, Any]) -> None:
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n")
    sys.stdout.buffer.flush()


def _answer(request: dict[str, Any], limits: Limits) -> dict[str, Any]:
    language, names, today = request["language"], request["names"], date.fromisoformat(request["today"])
    subject: str | None = None
    try:
        with _timed(limits.seconds):
            subject = filled_in(request["subject"], language, names, today, limits)
            return {"subject": subject, "body": filled_in(request["body"], language, names, today, limits)}
    except Unusable as fault:
        return _told(fault, in_body=subject is not None)
    except OutOfTime:  # between two steps of ours
        return _told(too_much(f"{limits.seconds:g} s"), in_body=subject is not None)


def _told(fault: Unusable, *, in_body: bool) -> dict[str, Any]:
    line = fault.line if in_body else 0
    return {"line": line, "code": fault.code, "detail": fault.detail, "reason": fault.reason}


def _warm_up(limits: Limits) -> None:
    """Load what is loaded at the first use, while files can still be opened."""
    for language in ("pl", "en"):
        filled_in("{{ day_after(7) ~ 'ą' }}", language, {}, date(2026, 11, 23), limits)
    with suppress(Unusable):
        filled_in("{{ 1 / 0 }}", "en", {}, date(2026, 11, 23), limits)


if sys.platform == "win32":

    def _shut_in(_limits: Limits) -> None:
        """There are no such limits."""

    @contextmanager
    def _timed(_seconds: float) -> Iterator[None]:
        yield

else:

    def _shut_in(limits: Limits) -> None:
        _bound(resource.RLIMIT_AS, limits.megabytes * 1024 * 1024)
        _bound(resource.RLIMIT_NOFILE, 3)
        _bound(resource.RLIMIT_FSIZE, 0)
        _bound(resource.RLIMIT_NPROC, 0)
        _bound(resource.RLIMIT_CORE, 0)

    def _bound(kind: int, most: int) -> None:
        """Lower a limit for good; a system that does not know it leaves the others."""
        _, hard = resource.getrlimit(kind)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        with suppress(OSError, ValueError):
            resource.setrlimit(kind, (most, most))

    @contextmanager
    def _timed(seconds: float) -> Iterator[None]:
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        last = ceil(time.process_time() + seconds) + 1
        resource.setrlimit(resource.RLIMIT_CPU, (last if hard == resource.RLIM_INFINITY else min(last, hard), hard))
        signal.signal(signal.SIGPROF, _out_of_time)
        signal.setitimer(signal.ITIMER_PROF, seconds, _AGAIN)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)

    def _out_of_time(_number: int, _frame: FrameType | None) -> NoReturn:
        raise OutOfTime


if __name__ == "__main__":
    main()
