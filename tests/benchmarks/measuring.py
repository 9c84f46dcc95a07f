"""Taking times and ratios. Times are CPU seconds of one process, so that neighbours on the machine count for little."""

import json
import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter, process_time

from sync.snapshot import Snapshot
from tests.benchmarks.office import Office, look, office

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is measured: clients of the two workbooks, clients compared alone, repetitions."""

    small: int = 2_000
    large: int = 20_000
    compared: int = 100_000
    rounds: int = 3


QUICK = Sizes(small=20, large=40, compared=200, rounds=1)


@dataclass(frozen=True, slots=True)
class Alone:
    """What one piece of work took in a process of its own: CPU seconds, those of the whole process, peak of memory and
    memory before, in MB."""

    seconds: float
    in_all: float
    peak: float
    before: float


@dataclass(frozen=True, slots=True)
class Times:
    """CPU seconds of one workbook, round by round: reading its JSON text, a quiet look, and (once) the first sync."""

    json: Sequence[float]
    look: Sequence[float]
    first: float
    alone: Alone

    @property
    def ratios(self) -> list[float]:
        """How many times as long as `json.loads` a quiet look takes, each with its neighbour in time."""
        return [ours / theirs for ours, theirs in zip(self.look, self.json, strict=True)]


@dataclass(frozen=True, slots=True)
class Measured:
    """Everything the table shows. `compared` are duplicates alone at a tenth and at all of `sizes.compared`."""

    sizes: Sizes
    small: Times
    large: Times
    compared: tuple[Alone, Alone]

    @property
    def growth(self) -> list[float]:
        """How many times as long the large workbook takes, round by round."""
        return [large / small for large, small in zip(self.large.look, self.small.look, strict=True)]

    @property
    def json_growth(self) -> list[float]:
        """The same for `json.loads`: what the machine's caches make of ten times as much memory."""
        return [large / small for large, small in zip(self.large.json, self.small.json, strict=True)]

    @property
    def cold_growth(self) -> float:
        """The same for looks of which each is the first of its process, as in every run."""
        return self.large.alone.seconds / self.small.alone.seconds


def measure(sizes: Sizes) -> Measured:
    """Measure everything; the rounds of both workbooks and of json take turns."""
    offices = [office(sizes.small), office(sizes.large)]
    rounds = [[_round(one) for one in offices] for _ in range(sizes.rounds)]
    small, large = (
        Times([r[i][0] for r in rounds], [r[i][1] for r in rounds], seconds(partial(look, one.new)), _cold(one.quiet))
        for i, one in enumerate(offices)
    )
    compared = (alone("duplicates", sizes.compared // 10), alone("duplicates", sizes.compared))
    return Measured(sizes, small, large, compared)


def seconds(work: Callable[[], object]) -> float:
    """The CPU seconds of `work`."""
    start = process_time()
    work()
    return process_time() - start


def spread(values: Sequence[float], unit: str = "") -> str:
    """The median and, where there are several, the range: "3.1 (2.9..3.4) s"."""
    middle = _number(median(values))
    between = f" ({_number(min(values))}..{_number(max(values))})" if len(values) > 1 else ""
    return f"{middle}{between}{unit}"


def _number(value: float) -> str:
    return f"{value:.2f}" if value < 10 else f"{value:,.{int(value < 100)}f}"


def _round(one: Office) -> tuple[float, float]:
    return seconds(lambda: json.loads(one.text)), seconds(lambda: look(one.quiet))


def _cold(snapshot: Snapshot) -> Alone:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "snapshot"
        file.write_bytes(pickle.dumps(snapshot))
        return alone("look", str(file))


def alone(task: str, what: object, **environ: str) -> Alone:
    """What `task` (of once.py) takes in a new process."""
    command = [sys.executable, "-m", "tests.benchmarks.once", task, str(what)]
    done = subprocess.run(command, cwd=ROOT, env=os.environ | environ, capture_output=True, check=True)
    return Alone(**json.loads(done.stdout))


def start_up() -> float:
    """Seconds on the clock of `kartoteka --help`."""
    start = perf_counter()
    subprocess.run([sys.executable, "-m", "sync", "--help"], cwd=ROOT, capture_output=True, check=True)
    return perf_counter() - start
