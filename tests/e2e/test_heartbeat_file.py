"""The heartbeat of `kartoteka run` in a file: seldom, not while it is open elsewhere, and with nothing else touched."""

import json
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import pytest
from openpyxl import load_workbook

from tests.fakes.mail_desk import quick_folder
from tests.fakes.mail_server import MailServer
from tests.heartbeats_for_tests import said
from tests.live_desk_for_tests import LiveFirm
from tests.service_for_tests import ServiceFirm, until


@pytest.fixture(scope="module")
def ready() -> Iterator[LiveFirm]:
    """A firm that is set up, whose letters have left; others are copies of it."""
    with quick_folder() as folder, MailServer() as server:
        firm = LiveFirm.made(folder / "ready", server, 2)
        assert firm.run("sync", "--yes").status == 0
        yield firm


@pytest.fixture
def service(ready: LiveFirm, tmp_path: Path) -> Iterator[ServiceFirm]:
    with quick_folder() as folder, MailServer() as server:
        firm = ready.copied(folder / "firm", server)
        yield ServiceFirm(firm)
        if firm.child and firm.child.is_alive():
            firm.kill()
            firm.child.join()


def lines(service: ServiceFirm) -> dict[str, object]:
    """What stands there, nothing when there is no such tab."""
    book = load_workbook(service.firm.workbook)
    if "Kartoteka" not in book.sheetnames:
        return {}
    rows: list[list[object]] = [[cell.value for cell in row] for row in book["Kartoteka"].rows]
    return next(iter(said(rows)), {})


def backups(service: ServiceFirm) -> list[str]:
    return sorted(path.name for path in (service.firm.state / "backups").iterdir())


def test_it_is_written_once_an_hour_and_pushes_no_backup_out(service: ServiceFirm) -> None:
    kept = backups(service)
    service.start()
    service.after_runs(1, "done")
    until(lambda: (service.firm.state / "heartbeat.json").exists())
    first, content = lines(service), service.firm.workbook.read_bytes()
    service.after_runs(4, "done")
    assert service.firm.workbook.read_bytes() == content
    assert service.stop().status == 0
    assert first["Jak poszło"] == "dobrze"
    assert backups(service) == kept


def test_a_service_that_is_started_again_remembers_what_it_said(service: ServiceFirm) -> None:
    contents = []
    for _ in range(3):
        service.start()
        service.after_runs(1, "done")
        until(lambda: (service.firm.state / "heartbeat.json").exists())
        assert service.stop().status == 0
        contents.append(service.firm.workbook.read_bytes())
    assert contents == [contents[0]] * 3


@pytest.mark.parametrize("lock", ["~$kartoteka.xlsx", ".~lock.kartoteka.xlsx#"])
def test_while_the_file_is_open_it_waits_silently(service: ServiceFirm, lock: str) -> None:
    held, content = service.firm.workbook.with_name(lock), service.firm.workbook.read_bytes()
    held.write_text("", encoding="utf-8")
    service.start()
    service.after_runs(2, "done")
    assert service.firm.workbook.read_bytes() == content
    assert "WARNING" not in service.log
    held.unlink()
    until(lambda: lines(service))
    assert service.stop().status == 0


def test_in_place_only_its_own_sheet_of_the_file_changes(service: ServiceFirm) -> None:
    service.write("heartbeat_minutes = 1")
    service.start()
    service.after_runs(1, "done")
    until(lambda: (service.firm.state / "heartbeat.json").exists())
    before = parts(service.firm.workbook)
    said_before = (service.firm.state / "heartbeat.json").read_bytes()
    until(lambda: (service.firm.state / "heartbeat.json").read_bytes() != said_before)
    assert service.stop().status == 0
    after = parts(service.firm.workbook)
    changed = [name for name in before if before[name] != after[name]]
    assert before.keys() == after.keys()
    assert len(changed) == 1
    assert changed[0].startswith("xl/worksheets/")


def test_failing_syncs_are_said_and_good_ones_again(service: ServiceFirm) -> None:
    service.start()
    service.after_runs(1, "done")
    until(lambda: lines(service).get("Jak poszło") == "dobrze")
    rename(service, "Historia", "Co było")
    until(lambda: str(lines(service).get("Jak poszło")).startswith("nie udaje się od "))
    rename(service, "Co było", "Historia")
    until(lambda: lines(service).get("Jak poszło") == "dobrze")
    assert service.stop().status == 0
    assert json.loads((service.firm.state / "heartbeat.json").read_text("utf-8"))["failing_since"] is None


def rename(service: ServiceFirm, title: str, to: str) -> None:
    """A person renames a tab and saves: whole or not at all, as programs do."""
    book, draft = load_workbook(service.firm.workbook), service.firm.workbook.with_name("draft.xlsx")
    book[title].title = to
    book.save(draft)
    draft.replace(service.firm.workbook)


def parts(path: Path) -> dict[str, bytes]:
    with ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
