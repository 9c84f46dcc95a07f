"""One piece of work in a process of its own: `python -m tests.benchmarks.once look FILE` or `… duplicates CLIENTS`.

Nothing is remembered from an earlier run there, and the peak of its memory is that of the work. Prints one JSON object:
CPU seconds, peak of resident memory in MB, and that before the work began.
"""

import json
import pickle
import resource
import sys
from collections.abc import Callable
from pathlib import Path
from time import process_time

from sync.__main__ import spare_collector
from tests.benchmarks.office import client_keys, compare, look


def main(task: str, what: str) -> None:
    """Do `task` once, as a run of Kartoteka does it, and print what it took."""
    spare_collector()
    work = _look(Path(what)) if task == "look" else _duplicates(int(what))
    before, start = _memory(), process_time()
    work()
    took = {"seconds": process_time() - start, "peak": _memory(), "before": before}
    sys.stdout.write(json.dumps(took))


def _look(file: Path) -> Callable[[], object]:
    snapshot = pickle.loads(file.read_bytes())
    return lambda: look(snapshot)


def _duplicates(clients: int) -> Callable[[], object]:
    keys = client_keys(clients)
    return lambda: compare(keys)


def _memory() -> float:
    status = Path("/proc/self/status")
    if status.exists():  # on Linux ru_maxrss is that of the process which started this one, if it was larger
        return int(status.read_text().partition("VmHWM:")[2].split()[0]) * 1024 / 1e6
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


if __name__ == "__main__":
    main(*sys.argv[1:])
