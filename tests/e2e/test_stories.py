"""What a person and a schedule do with the command, from the first minute to taking a run back."""

import ctypes
import email
import email.policy
import json
import os
import random
import resource
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.e2e.running import CLIENTS, INVOICES, cells, command, kartoteka, make

MONDAY = ("--now", "2026-11-23T08:00")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demo as `make demo` makes it, on a known day."""
    folder = tmp_path_factory.mktemp("demo") / "demo"
    done = kartoteka(folder.parent, "demo", "demo", *MONDAY)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def firm(tmp_path: Path) -> Path:
    """A small firm's workbook, set up but not yet synced."""
    clients = [[*CLIENTS, "Etap", "Tagi"], ["Alfa sp. z o.o.", "alfa@example.pl", "5260250274", "KLIENT ", "vip , Vip"]]
    invoices = [INVOICES, *([f"FV/{n}", "Alfa sp. z o.o.", "2026-11-13", 100 + n, None] for n in range(30))]
    make(tmp_path / "kartoteka.xlsx", {"Klienci": clients, "Faktury": invoices})
    assert kartoteka(tmp_path, "init", "--yes").returncode == 0
    return tmp_path


def test_the_demo_again_changes_nothing_and_sends_nothing(demo: Path) -> None:
    before = (demo / "kartoteka.xlsx").read_bytes()
    letters = {path.name: path.read_bytes() for path in (demo / "outbox").iterdir()}
    assert len(letters) >= 10
    done = kartoteka(demo.parent, "demo", "demo", *MONDAY)
    assert "up to date" in done.stdout
    assert (demo / "kartoteka.xlsx").read_bytes() == before
    assert {path.name: path.read_bytes() for path in (demo / "outbox").iterdir()} == letters


def test_the_demo_shows_what_it_promises(demo: Path) -> None:
    """Ids, tidied stages, statuses, balances, duplicates, problems, a sentence for every open invoice, a history."""
    report = json.loads(kartoteka(demo, "plan", "--json", *MONDAY).stdout)
    assert (report["rows"]["clients"], report["changes"], report["appended"]) == (60, [], [])
    statuses = {invoice["status"] for invoice in report["invoices"]}
    assert statuses >= {"cancelled", "credit_note", "overpaid", "paid", "settled", "no_due_date", "overdue"}
    assert statuses >= {"due_today", "due_soon", "not_due"}
    sheet = load_workbook(demo / "kartoteka.xlsx")["Faktury"]
    header = {cell.value: cell.column - 1 for cell in sheet[3]}
    for row in sheet.iter_rows(min_row=4, values_only=True):
        if row[header["Status"]] and row[header["Status"]].startswith(("Po terminie", "Przed", "Termin", "Brak")):
            assert row[header["Dlaczego"]]
    assert any(client["duplicate_of"] for client in report["clients"])
    assert {letter["state"] for letter in report["letters"]} == {"draft"}
    told = {invoice for letter in report["letters"] for invoice in letter["invoices"]}
    assert told <= {answer["invoice"] for answer in report["answers"] if answer["send"]}


def test_every_letter_of_the_demo_can_be_read_and_names_what_is_left(demo: Path) -> None:
    for path in (demo / "outbox").glob("*.eml"):
        message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        assert message["Message-ID"].strip("<>") == path.stem
        assert message["Auto-Submitted"] == "auto-generated"
        for kind in ("plain", "html"):
            part = message.get_body((kind,))
            assert part is not None
            assert "zł" in part.get_content() or "€" in part.get_content()


def test_a_sync_can_be_taken_back_but_not_what_a_person_wrote_since(firm: Path) -> None:
    run = json.loads(kartoteka(firm, "sync", "--json", *MONDAY).stdout)["run"]
    book = load_workbook(firm / "kartoteka.xlsx")
    assert (book["Klienci"]["D2"].value, book["Klienci"]["E2"].value) == ("Klient", "VIP")
    book["Klienci"]["E2"] = "VIP, umowa"
    book.save(firm / "kartoteka.xlsx")
    done = kartoteka(firm, "undo", run)
    assert done.returncode == 1
    assert "kept      K-0001, Tagi" in done.stdout
    sheet = load_workbook(firm / "kartoteka.xlsx")["Klienci"]
    assert (sheet["D2"].value, sheet["E2"].value) == ("KLIENT", "VIP, umowa")
    kartoteka(firm, "sync", *MONDAY)
    assert load_workbook(firm / "kartoteka.xlsx")["Klienci"]["D2"].value == "KLIENT"


def test_a_saved_plan_does_what_a_sync_would(firm: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    twin = tmp_path_factory.mktemp("twin")
    for name in ("kartoteka.xlsx", "kartoteka.toml"):
        (twin / name).write_bytes((firm / name).read_bytes())
    kartoteka(twin, "sync", *MONDAY)
    assert kartoteka(firm, "plan", "--save", "plan.json", *MONDAY).returncode == 0
    done = kartoteka(firm, "sync", "--plan", "plan.json", *MONDAY)
    assert done.returncode == 0, done.stderr
    assert cells(firm / "kartoteka.xlsx") == cells(twin / "kartoteka.xlsx")
    assert "up to date" in kartoteka(firm, "sync", *MONDAY).stdout


def test_a_dry_run_writes_nothing(firm: Path) -> None:
    before = (firm / "kartoteka.xlsx").read_bytes()
    report = json.loads(kartoteka(firm, "sync", "--dry-run", "--json", *MONDAY).stdout)
    assert report["state"] == "planned"
    assert report["changes"]
    assert (firm / "kartoteka.xlsx").read_bytes() == before
    assert not (firm / "outbox").exists()


def test_sorting_the_rows_between_two_syncs_moves_no_value(firm: Path) -> None:
    kartoteka(firm, "sync", *MONDAY)
    book = load_workbook(firm / "kartoteka.xlsx")
    sheet = book["Faktury"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
    sheet.delete_rows(2, len(rows))
    for row in reversed(rows):
        sheet.append(row)
    book.save(firm / "kartoteka.xlsx")
    assert "up to date" in kartoteka(firm, "sync", *MONDAY).stdout


def test_two_runs_at_once_end_as_one(firm: Path) -> None:
    runs = [subprocess.Popen(command("sync", *MONDAY), cwd=firm, stdout=subprocess.PIPE) for _ in range(3)]
    assert {run.wait(timeout=120) for run in runs} <= {0, 4}
    history = cells(firm / "kartoteka.xlsx")["Historia"]
    created = [row[3] for row in history if row[1] == "nadano ID"]
    assert len(created) == len(set(created)) == 31
    assert len(list((firm / "outbox").glob("*.eml"))) == 1


def test_kill_9_at_any_moment_and_the_same_command_again_ends_in_the_same_workbook(firm: Path) -> None:
    start = (firm / "kartoteka.xlsx").read_bytes()
    kartoteka(firm, "sync", *MONDAY)
    undisturbed = cells(firm / "kartoteka.xlsx")
    dice = random.Random(7)
    for _ in range(8):
        (firm / "kartoteka.xlsx").write_bytes(start)
        run = subprocess.Popen(command("sync", *MONDAY), cwd=firm, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        time.sleep(dice.uniform(0.3, 1.5))
        run.kill()
        run.wait()
        assert kartoteka(firm, "sync", *MONDAY).returncode == 0
        assert cells(firm / "kartoteka.xlsx") == undisturbed


def test_ctrl_c_ends_with_130_and_a_whole_workbook(firm: Path) -> None:
    (firm / ".kartoteka" / "run.lock").unlink()
    run = subprocess.Popen(command("sync", *MONDAY), cwd=firm, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while not (firm / ".kartoteka" / "run.lock").exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    run.send_signal(signal.SIGINT)
    _, told = run.communicate(timeout=60)
    assert run.returncode in (0, 130)
    assert "Traceback" not in told
    assert load_workbook(firm / "kartoteka.xlsx").sheetnames[:2] == ["Klienci", "Faktury"]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 300 kB where the system lets us make one; else a folder, and a limit on the size of files."""
    place = tmp_path / "disk"
    place.mkdir()
    libc = ctypes.CDLL(None, use_errno=True)
    mounted = libc.mount(b"tmpfs", str(place).encode(), b"tmpfs", 0, b"size=300k") == 0
    yield place
    if mounted:
        libc.umount2(str(place).encode(), 2)


def test_a_full_disk_is_said_and_the_old_workbook_stays(small_disk: Path) -> None:
    clients = [CLIENTS, *([f"Firma {n}", f"f{n}@example.pl", None] for n in range(1500))]
    make(small_disk / "kartoteka.xlsx", {"Klienci": clients, "Faktury": [INVOICES]})
    (small_disk / "kartoteka.toml").write_text("")
    if os.path.ismount(small_disk):
        free = os.statvfs(small_disk)
        (small_disk / "ballast").write_bytes(b"x" * max(free.f_bavail * free.f_frsize - 20_000, 0))
    before = (small_disk / "kartoteka.xlsx").read_bytes()
    limit = None if os.path.ismount(small_disk) else 20_000
    done = subprocess.run(
        command("init", "--yes"),
        cwd=small_disk,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=(lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))) if limit else None,
    )
    assert done.returncode == 3, done.stderr
    assert "no room on the disk" in done.stderr
    assert "Traceback" not in done.stderr
    assert (small_disk / "kartoteka.xlsx").read_bytes() == before
