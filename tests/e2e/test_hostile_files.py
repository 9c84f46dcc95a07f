"""Files that went wrong, or are meant to do harm: an import says why not, or reads them; soon, and in little memory."""

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.hostile_files import put_into

MEGABYTES = 500
# Seconds of the processor: a whole workbook of a million blank rows is looked through, all else is refused at once.
SECONDS, SECONDS_OF_A_MILLION_ROWS = 1.0, 6.0
LONG = {"blank.xlsx"}
BROUGHT = {"blank.xlsx", "rows.csv", "nuls.csv", "half.csv", "formulas.csv"}
MEASURED = r"""
import json, re, resource, sys, tempfile, time
from pathlib import Path
from sync.lists import Wanted, opened
from tests.imports_for_tests import imported
from tests.workbooks_for_tests import desk
from validators.errors import WrongUse

def brought(path, folder):
    found = opened(path, Wanted(), folder, "PL", lambda _: None, None)
    done = imported(desk(folder), *found.lots)
    return sum(len(lot.source) for lot in found.lots), sum(len(r.rows) for of in done.rulings for r in of)

told = {}
for name in sys.argv[1:]:
    before = time.process_time()
    try:
        with tempfile.TemporaryDirectory() as folder:
            outcome = brought(Path(name), Path(folder))
    except WrongUse as error:
        outcome = f"{error.what} {error.advice}"
    told[Path(name).name] = outcome, time.process_time() - before
status = Path("/proc/self/status")  # what getrusage tells holds the size of the process that started this one
kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
if status.exists():
    kilobytes = int(re.search(r"VmHWM:\s*([0-9]+)", status.read_text())[1])
print(json.dumps([told, kilobytes // 1024]))
"""


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, tuple[Any, float]], int]:
    """What became of each file and how long it took, and the most memory that was used."""
    files = put_into(tmp_path_factory.mktemp("hostile"))
    asked = [sys.executable, "-c", MEASURED, *map(str, files)]
    done = subprocess.run(asked, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    told, memory = json.loads(done.stdout)
    return told, memory


def test_each_is_refused_in_a_sentence_or_brought_in_with_every_row(measured: tuple[dict[str, Any], int]) -> None:
    told, _ = measured
    refused = {name: outcome for name, (outcome, _) in told.items() if isinstance(outcome, str)}
    assert set(told) - set(refused) == BROUGHT
    assert all(words.endswith((".", "?")) and len(words) < 400 for words in refused.values()), refused
    assert all(rows == judged > 0 for name in BROUGHT for rows, judged in [told[name][0]])


def test_it_takes_little_time_and_memory(measured: tuple[dict[str, Any], int]) -> None:
    told, memory = measured
    slow = {n: s for n, (_, s) in told.items() if s > (SECONDS_OF_A_MILLION_ROWS if n in LONG else SECONDS)}
    assert not slow
    assert memory < MEGABYTES
