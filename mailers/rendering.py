"""Templates filled in by a child process: the parent's side, which starts it, asks it, and stops it in time.

One child fills in every template of a run. It is started when the first one comes, and a new one after a template that
was too much. It gets JSON and gives JSON, has an empty environment and no files but its two pipes, and ends when they
close: with us, however we end. What it does about memory and CPU stands in mailers/rendering_child.py; the clock is
ours: a template that has not answered when `Limits.patience` is over is stopped with its process, on every system.
"""

import atexit
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

from mailers.templating import Limits, Unusable, too_much

_LIMITS = Limits()
_STARTING = 60.0  # seconds that a busy machine may need to start a process
_LAST_WORDS = 1.0  # seconds to say where a template is that was too slow
_ESCAPED = 6  # bytes of JSON for one byte of text, at most
_NEEDED = ("SYSTEMROOT",)  # without it Windows starts no process
_CPU_SPENT: int | None = None  # what a process ends with that has used up its CPU time
if sys.platform != "win32":
    _CPU_SPENT = -signal.SIGXCPU


@dataclass(frozen=True, slots=True)
class Filled:
    """A template filled in, before anything is tidied or wrapped."""

    subject: str
    body: str


class Renderer:
    """A child process that fills in templates, one at a time; several threads may ask it.

    `starts` counts the processes started so far.
    """

    def __init__(self, limits: Limits = _LIMITS) -> None:
        self.starts = 0
        self._limits = limits
        self._child: _Child | None = None
        self._lock = Lock()

    @property
    def process(self) -> int | None:
        """The id of the child, or None while there is none."""
        return self._child.process.pid if self._child else None

    def fill_in(self, subject: str, body: str, language: str, names: Mapping[str, object], today: date) -> Filled:
        """Subject and body with `names` put in (values that JSON knows); `day_after(n)` counts from `today`.

        Raises:
            Unusable: one of the two cannot be filled in (line 0 is the subject), is too much, or no process starts.
        """
        request = {"subject": subject, "body": body, "language": language, "names": names, "today": today.isoformat()}
        with self._lock:
            answer = self._answer(json.dumps(request).encode() + b"\n")
        try:
            if "code" in answer:
                raise Unusable(int(answer["line"]), str(answer["code"]), str(answer["detail"]), str(answer["reason"]))
            return Filled(str(answer["subject"]), str(answer["body"]))
        except (KeyError, TypeError, ValueError) as error:  # no child of ours says such a thing, unless made to
            self.close()
            raise Unusable(1, "failed", "", "the process that fills in templates talks nonsense.") from error

    def close(self) -> None:
        """Stop the child, if there is one. The next template starts another."""
        child, self._child = self._child, None
        if child:
            child.end()

    def _answer(self, request: bytes) -> dict[str, Any]:
        """A child that somebody else has ended is no fault of the template: it gets a second one, once."""
        for _ in range(2):
            child = self._started()
            try:
                answer = self._asked(child, request, self._limits.patience)
            except _Late as late:
                raise too_much(f"{self._limits.patience:g} s", late.line, passing=True) from None
            if answer is not None:
                return answer
            if child.process.returncode == _CPU_SPENT:
                raise too_much(f"{self._limits.seconds:g} s")
        raise too_much(f"{self._limits.megabytes} MB", passing=True)

    def _asked(self, child: "_Child", request: bytes, patience: float) -> dict[str, Any] | None:
        """The answer, or None when the child has ended instead. One whose memory or timing is in doubt is not kept.

        Raises:
            _Late: `patience`, in seconds, is over.
        """
        sound = False
        try:
            most = 2 * _ESCAPED * self._limits.kilobytes * 1024
            answer = _understood(child.said(request, patience, most))
            sound = answer is not None and answer.get("code") != "too_much"
        finally:  # of an interrupted question, too: its answer would be taken for that of the next
            if not sound:
                self.close()
        return answer

    def _started(self) -> "_Child":
        """The child that is there, or a new one that has said that it is ready."""
        if self._child and self._child.lives:
            return self._child
        self.close()
        self._child = child = _Child(self._limits)
        self.starts += 1
        with suppress(_Late):
            if self._asked(child, b"", _STARTING) is not None:
                return child
        raise _not_started("it does not answer")


@lru_cache(maxsize=1)
def shared() -> Renderer:
    """The one renderer of this process; its child ends with us."""
    renderer = Renderer()
    atexit.register(renderer.close)
    return renderer


class _Late(Exception):
    """An answer did not come in time; `line` is where the template was, or 1."""

    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


class _Child:
    """A process that fills in templates, and the thread that talks with it, so that nobody waits for ever.

    It finds modules where we do (PYTHONPATH) and nowhere else: not in the folder that we are in, not in a site's.
    """

    def __init__(self, limits: Limits) -> None:
        folders = os.pathsep.join(str(Path(folder).absolute()) for folder in sys.path)
        needed = {name: os.environ[name] for name in _NEEDED if name in os.environ}
        try:
            self.process = subprocess.Popen(  # noqa: S603 - ourselves
                [sys.executable, "-S", "-P", "-m", "mailers.rendering_child", json.dumps(asdict(limits))],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={"PYTHONPATH": folders, **needed},
                start_new_session=True,  # Ctrl+C on the terminal is meant for us
            )
        except OSError as error:
            raise _not_started(error.strerror or str(error)) from error
        self._owner = os.getpid()
        self._talk = ThreadPoolExecutor(max_workers=1)

    @property
    def lives(self) -> bool:
        """Whether it can be asked: it has not ended, and it is ours (after a fork it is not)."""
        return self._owner == os.getpid() and self.process.poll() is None

    def said(self, request: bytes, patience: float, most: int) -> bytes:
        """The line that it says to `request`, of `most` bytes; without a line end when it ends instead.

        Raises:
            _Late: `patience`, in seconds, is over.
        """
        answer = self._talk.submit(self._exchange, request, most)
        try:
            return answer.result(patience)
        except TimeoutError:
            self._nudge()
        with suppress(TimeoutError):
            line = (_understood(answer.result(_LAST_WORDS)) or {}).get("line")
            raise _Late(line if isinstance(line, int) else 1)
        raise _Late(1)

    def _nudge(self) -> None:
        """Ask it, where that can be, to stop the template as if its CPU time were spent: it then knows the line."""
        if sys.platform != "win32":
            self.process.send_signal(signal.SIGPROF)

    def end(self) -> None:
        """Stop it, whatever it does."""
        if self._owner == os.getpid():
            self.process.kill()
            self._talk.shutdown()
            self.process.wait()
            self._close()

    def _exchange(self, request: bytes, most: int) -> bytes:
        if self.process.stdin is None or self.process.stdout is None:
            return b""
        with suppress(OSError):  # it has ended, and reading says so
            self.process.stdin.write(request)
            self.process.stdin.flush()
        return self.process.stdout.readline(most)

    def _close(self) -> None:
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe:
                with suppress(OSError):  # what it has not read, nobody will
                    pipe.close()


def _understood(line: bytes) -> dict[str, Any] | None:
    """The answer in a whole line, or None."""
    try:
        answer = json.loads(line) if line.endswith(b"\n") else None
    except ValueError:
        return None
    return answer if isinstance(answer, dict) else None


def _not_started(reason: str) -> Unusable:
    sentence = f"the process that fills in templates cannot start: {reason}."
    return Unusable(1, "failed", reason, sentence, passing=True)
