"""One piece of work in a process of its own: `python -m tests.benchmarks.once TASK WHAT`.

Tasks: look FILE, duplicates CLIENTS, list FILE, pandas FILE, sync FOLDER.

Nothing is remembered from an earlier run there, and the peak of its memory is that of the work. Prints one JSON object:
CPU seconds of the work and of the whole process, peak of resident memory in MB, and that before the work began.
"""

import json
import os
import pickle
import resource
import sys
from collections.abc import Callable, Mapping
from contextlib import redirect_stderr, redirect_stdout
from importlib import import_module
from io import StringIO
from pathlib import Path
from time import process_time

from sync.__main__ import spare_collector
from tests.benchmarks.office import NOW, client_keys, compare, empty, judge, look


def main(task: str, what: str) -> None:
    """Do `task` once, as a run of Kartoteka does it, and print what it took."""
    spare_collector()
    work = _TASKS[task](what)
    before, start = _memory(), process_time()
    work()
    took = {"seconds": process_time() - start, "in_all": process_time(), "peak": _memory(), "before": before}
    sys.stdout.write(json.dumps(took))


def _look(file: str) -> Callable[[], object]:
    snapshot = pickle.loads(Path(file).read_bytes())
    return lambda: look(snapshot)


def _duplicates(clients: str) -> Callable[[], object]:
    keys = client_keys(int(clients))
    return lambda: compare(keys)


def _list(file: str) -> Callable[[], object]:
    workbook = empty()
    return lambda: judge(Path(file), workbook)


def _pandas(file: str) -> Callable[[], object]:
    """The cells of the file as texts, and nothing else."""
    pandas = import_module("pandas")  # only here: it would count as memory of the others
    import_module("python_calamine")
    if file.endswith(".csv"):
        return lambda: pandas.read_csv(file, dtype=str, sep=";", encoding="utf-8-sig")
    return lambda: pandas.read_excel(file, dtype=str, engine="calamine")


def _sync(folder: str) -> Callable[[], object]:
    """The command, as of an hour in which no letter goes; what it prints goes nowhere."""

    def sync() -> None:
        os.chdir(folder)
        with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
            import_module("sync.cli").app(["sync", "--now", f"{NOW:%Y-%m-%dT%H:%M}"], standalone_mode=False)

    return sync


_TASKS: Mapping[str, Callable[[str], Callable[[], object]]] = {
    "look": _look,
    "duplicates": _duplicates,
    "list": _list,
    "pandas": _pandas,
    "sync": _sync,
}


def _memory() -> float:
    status = Path("/proc/self/status")
    if status.exists():  # on Linux ru_maxrss is that of the process which started this one, if it was larger
        return int(status.read_text().partition("VmHWM:")[2].split()[0]) * 1024 / 1e6
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


if __name__ == "__main__":
    main(*sys.argv[1:])
