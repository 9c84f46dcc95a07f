"""The doctor tells what keeps Kartoteka out of a Google spreadsheet, and lets others be: in virtual time."""

import io
import json
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from rich.console import Console

from sync.commands import examining, questioning
from sync.commands.work import Terminal
from sync.opening import Machine
from sync.snapshot import Sheet
from sync.storage.google_journal import GoogleJournal, Pending
from tests.fakes.clocks import VirtualClock
from tests.fakes.sheets_server import FakeSheets
from tests.fakes.spreadsheet import Spreadsheet
from validators.errors import OutOfReach

Found = dict[str, dict[str, object]]


class Office:
    """A folder with settings for a spreadsheet of `server`, and what commands tell there."""

    def __init__(self, server: FakeSheets, folder: Path, book: Spreadsheet, options: str = "") -> None:
        self.server, self.folder, self.book = server, folder, book
        self.key = server.key_file(folder / "service-account.json")
        self.told = io.StringIO()
        self.write(f'kind = "google"\nspreadsheet = "{book.id}"\n{options}')

    def write(self, workbook: str) -> None:
        """Settings of this workbook."""
        text = f'[workbook]\n{workbook}\n[mail]\nsender = "Biuro <biuro@firma.example>"\n'
        (self.folder / "kartoteka.toml").write_text(text, "utf-8")

    def doctor(self, late: float = 0) -> tuple[int, Found]:
        """Exit status and findings by name; the machine's clock is `late` seconds behind."""
        status, printed = self._run(examining.doctor, late)
        return status, {finding["name"]: finding for finding in json.loads(printed)}

    def live(self) -> int:
        """The exit status."""
        return self._run(questioning.live)[0]

    def _run(self, command: Callable[..., int], late: float = 0) -> tuple[int, str]:
        clock, out = VirtualClock(), io.StringIO()
        machine = Machine({"SHEETS_EMULATOR_HOST": self.server.url}, clock.sleep, clock.now)
        terminal = Terminal(Console(file=out), Console(file=self.told, width=200), as_json=True)
        now = datetime.fromtimestamp(time.time(), UTC) - timedelta(seconds=late)
        return command(None, self.folder, machine, now, terminal), out.getvalue()


@pytest.fixture
def office(tmp_path: Path):
    with FakeSheets() as server:
        yield Office(server, tmp_path, server.add("Żuraw", [Sheet("Klienci", [("Nazwa", "E-mail", "NIP")])]))


def test_a_clock_that_is_off_by_minutes_is_told_of_and_by_how_much(office: Office) -> None:
    status, found = office.doctor(late=150)
    assert (found["skew"]["well"], status) == (False, 2)
    told = re.search(r"(\d+) seconds behind", str(found["skew"]["seen"]))
    assert told
    assert 149 <= int(told[1]) <= 170  # what the doctor itself takes is behind, too
    assert found["write"]["well"], "the rest is looked at all the same"
    assert "60 minutes ahead" in str(office.doctor(late=-3600)[1]["skew"]["seen"])


@pytest.mark.parametrize("late", [-45, 0, 45])
def test_a_minute_more_or_less_is_well(office: Office, late: float) -> None:
    assert office.doctor(late)[1]["skew"]["well"]


def test_another_time_zone_is_a_warning(office: Office) -> None:
    assert office.doctor()[1]["locale"] == {
        "name": "locale",
        "well": True,
        "seen": "pl_PL, Europe/Warsaw",
        "advice": "",
    }
    office.book.properties["timeZone"] = "America/New_York"
    line = office.doctor()[1]["locale"]
    assert (line["well"], "Europe/Warsaw" in str(line["advice"])) == (True, True)


def test_ranges_that_keep_us_out_are_named_and_mere_warnings_are_not(office: Office) -> None:
    cells = {"sheetId": office.book.tab("Klienci").sheet_id, "startRowIndex": 0, "endRowIndex": 1}
    for warning, text in ((True, "tylko ostrzeżenie"), (False, "nagłówki Anny")):
        item = {"range": cells, "description": text, "warningOnly": warning}
        office.book.batch_update({"requests": [{"addProtectedRange": {"protectedRange": item}}]})
    line = office.doctor()[1]["protection"]
    assert "nagłówki Anny" in str(line["seen"])
    assert "tylko ostrzeżenie" not in str(line["seen"])
    assert (line["well"], office.server.account in str(line["advice"])) == (True, True)


def test_a_missing_tab_ends_in_advice_and_what_is_around_is_looked_at_too(office: Office) -> None:
    status, found = office.doctor()
    assert (found["tabs"]["well"], status) == (False, 2)
    assert "kartoteka init" in str(found["tabs"]["advice"])
    assert {"outbox", "sender", "state", "clock"} <= set(found)
    assert "rows" not in found


@pytest.mark.parametrize("content", ["", "{", '{"type": "authorized_user"}'])
def test_a_file_that_is_no_key_is_told_of_before_google_is_asked(office: Office, content: str) -> None:
    office.key.write_text(content)
    status, found = office.doctor()
    assert (found["key file"]["well"], status, office.server.count()) == (False, 2, 0)
    assert "Make a JSON key" in str(found["key file"]["advice"])
    assert "sign-in" not in found


def test_a_deleted_account_fails_at_its_sign_in(office: Office) -> None:
    office.server.deny(office.server.account)
    status, found = office.doctor()
    assert (found["account"]["well"], found["sign-in"]["well"], status) == (True, False, 3)


def test_a_write_that_an_earlier_run_left_unfinished_is_told_of(office: Office) -> None:
    journal = GoogleJournal(office.folder / ".kartoteka", office.book.id)
    assert not office.doctor()[1]["journal"]["advice"]
    journal.begin(Pending(1, "token", {}, {}))
    line = office.doctor()[1]["journal"]
    assert (line["well"], "kartoteka sync" in str(line["advice"])) == (True, True)
    (path,) = (office.folder / ".kartoteka").glob("*.pending.json")
    path.write_text("{")
    assert not office.doctor()[1]["journal"]["well"]


def test_live_leaves_no_spreadsheet_behind(office: Office) -> None:
    """Exit status 1: the fake takes words for numbers, which our code does not expect."""
    assert office.live() == 1
    assert list(office.server.books) == [office.book.id]


def test_live_names_the_spreadsheet_that_could_not_be_deleted(office: Office) -> None:
    def taken_over(server: FakeSheets, request: object) -> None:
        server.shared.update(dict.fromkeys(server.books, "writer"))

    office.server.before.append(taken_over)
    with pytest.raises(OutOfReach):
        office.live()
    (left,) = [book for book in office.server.books.values() if book is not office.book]
    assert "Still there" in office.told.getvalue()
    assert left.id in office.told.getvalue().split("Still there")[1]


def test_live_makes_nothing_with_an_account_that_cannot_delete_it(office: Office) -> None:
    office.server.api_enabled = False
    with pytest.raises(OutOfReach) as refused:
        office.live()
    assert "Drive API" in refused.value.advice
    assert list(office.server.books) == [office.book.id]
