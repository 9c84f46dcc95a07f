"""The layout of the image and the units: one folder and /tmp can be written, and nothing else; a user without rights.

It is made with mount namespaces, which only root may have; elsewhere this is skipped, and says so.
"""

import os
import shutil
import site
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.running import CLIENTS, INVOICES, make

ROOT = Path(__file__).parents[2]
NOBODY = 10001
NEEDED = ("unshare", "setpriv", "mount", "findmnt")
# $1 the interpreter's home, $2 its packages, $3 this checkout, $4 the folder that may be written, then a command.
LAYOUT = """
set -eu
mount --make-rprivate /
mount -t tmpfs -o mode=0755 tmpfs /mnt
mkdir /mnt/python /mnt/packages /mnt/checkout /mnt/data
mount --bind "$1" /mnt/python
mount --bind "$2" /mnt/packages
mount --bind "$3" /mnt/checkout
mount --bind "$4" /mnt/data
mount -t tmpfs tmpfs /tmp
findmnt --raw --noheadings --output TARGET | grep -vxE '/mnt/data|/tmp|/(proc|sys|dev)(/.*)?' | while read -r at; do
    mount -o remount,bind,ro "$at" 2>/dev/null || true  # what lies hidden under /mnt now
done
mount -t tmpfs -o ro tmpfs /dev/shm
cd /mnt/data
exec setpriv --reuid 10001 --regid 10001 --clear-groups --no-new-privs --bounding-set=-all --inh-caps=-all \\
    env -i PATH=/usr/bin:/bin LANG=C.UTF-8 LD_LIBRARY_PATH=/mnt/python/lib PYTHONHOME=/mnt/python \\
    PYTHONPATH=/mnt/checkout:/mnt/packages \\
    KARTOTEKA_SCHEDULE__SYNC="every 1 minute" sh -euc "$5"
"""
PYTHON = f"/mnt/python/bin/python{sys.version_info.major}.{sys.version_info.minor}"
KARTOTEKA = f"{PYTHON} -m sync"
# The service is told to end as soon as it has synced.
SERVICE = f"""
{KARTOTEKA} run & service=$!
until grep -qs '"last_good": {{' .kartoteka/status.json; do kill -0 $service; sleep 0.1; done
kill -TERM $service
wait $service
{KARTOTEKA} status
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A volume that belongs to a user without rights, with a workbook in it."""
    lacking = [tool for tool in NEEDED if shutil.which(tool) is None]
    if os.name != "posix" or os.geteuid() != 0 or lacking:
        pytest.skip(f"needs root, and {', '.join(NEEDED)}: a mount namespace is made")
    if subprocess.run(
        ["unshare", "--mount", "mount", "--make-rprivate", "/"], capture_output=True, check=False
    ).returncode:
        pytest.skip("this machine gives no mount namespaces, not even to root")
    folder = tmp_path / "data"
    folder.mkdir()
    people: list[list[object]] = [["Alfa sp. z o.o.", "alfa@example.pl", None]]
    bills: list[list[object]] = [["FV/1", "Alfa sp. z o.o.", "2026-10-01", 100, None]]
    make(folder / "kartoteka.xlsx", {"Klienci": [[*CLIENTS], *people], "Faktury": [[*INVOICES], *bills]})
    for path in (folder, folder / "kartoteka.xlsx"):
        os.chown(path, NOBODY, NOBODY)
    return folder


def carried_out(folder: Path, script: str) -> "subprocess.CompletedProcess[str]":
    """What the script comes to in that layout."""
    places = [sys.base_prefix, next(p for p in site.getsitepackages() if "site-packages" in p), str(ROOT), str(folder)]
    words = ["unshare", "--mount", "sh", "-c", LAYOUT, "layout", *places, script]
    return subprocess.run(words, capture_output=True, text=True, timeout=300, check=False)


def test_nothing_else_can_be_written(data: Path) -> None:
    """Else the tests below would show nothing."""
    places = "/ /mnt /mnt/checkout /mnt/python /etc /var /var/tmp /dev/shm"
    tried = f"for at in {places}; do touch $at/probe 2>/dev/null && echo $at; done"
    done = carried_out(data, f"id -u; touch ours /tmp/ours; {tried}; true")
    assert (done.returncode, done.stdout) == (0, f"{NOBODY}\n"), done.stderr
    assert (data / "ours").stat().st_uid == NOBODY


def test_it_is_set_up_syncs_serves_and_tells_how_it_is(data: Path) -> None:
    done = carried_out(data, f"{KARTOTEKA} init --yes && {SERVICE}")
    assert done.returncode == 0, done.stderr
    assert "All is well." in done.stdout
    assert not (data / ".kartoteka" / "service.json").exists()
    assert {path.name for path in data.iterdir()} >= {"kartoteka.toml", "kartoteka.xlsx", ".kartoteka"}
