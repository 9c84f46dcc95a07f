"""`kartoteka run` for several workbooks in one process, live at a mail server: what becomes of one is nothing to the
others, each has its own journal, and they come and go with the settings."""

import json
import os
import re
import signal
import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from sync.commands import work
from sync.journeys import Outcome, sync
from sync.office import Office as Work
from sync.opening import alone, settings_at
from tests.fakes.mail_desk import quick_folder
from tests.fakes.mail_server import MailServer
from tests.fakes.notice_server import NoticeServer
from tests.live_desk_for_tests import SETTINGS, LiveFirm
from tests.service_for_tests import ServiceFirm, quick, until

SERWIS, MONTAZ = ("serwis", 1), ("montaz", 2)  # names, and how many clients they have
ALL = Counter({"firma1@example.pl": 2, "firma2@example.pl": 1})  # each is a client of those that know them


@pytest.fixture(scope="module")
def ready() -> Iterator[Path]:
    """Workbooks that are set up, each with clients who owe for invoices of the same numbers."""
    with quick_folder() as folder, MailServer() as server:
        for name, clients in (SERWIS, MONTAZ):
            LiveFirm.made(folder / name, server, clients)
        yield folder


class Office(ServiceFirm):
    """A folder with these workbooks, and a service for those that its settings name."""

    def __init__(self, folder: Path, ready: Path, server: MailServer) -> None:
        folder.mkdir()
        for name in ("serwis", "montaz"):
            (folder / f"{name}.xlsx").write_bytes((ready / name / "kartoteka.xlsx").read_bytes())
        (folder / "zepsuty.xlsx").write_bytes(b"PK\x03\x04 nobody can read this")
        super().__init__(LiveFirm(folder, server))

    def write(self, *settings: str) -> None:
        """Add lines to the settings: what is said first are those of every firm."""
        path = self.firm.folder / "kartoteka.toml"
        before = path.read_text("utf-8") if path.exists() else SETTINGS
        path.write_text("\n".join([before, *settings, ""]), "utf-8")

    def has(self, *names: str) -> None:
        """The settings name these workbooks, and no other."""
        path = self.firm.folder / "kartoteka.toml"
        others = re.sub(r'\[\[workbook\]\]\nname = ".*"\npath = ".*"\n', "", path.read_text("utf-8"))
        tables = "".join(f'[[workbook]]\nname = "{name}"\npath = "{name}.xlsx"\n' for name in names)
        path.write_text(tables + others, "utf-8")

    def runs_of(self, name: str, *ends: str) -> int:
        """How many runs for this workbook have ended (so) by the log."""
        end = f"(?:{'|'.join(ends)})" if ends else ""
        return len(re.findall(rf'run ended workbook={name} run=\S+ state="?{end}', self.log))

    def after_runs_of(self, name: str, count: int, *ends: str) -> None:
        """Wait until so many have."""
        until(lambda: self.runs_of(name, *ends) >= count)

    def journal(self, name: str) -> Counter[str]:
        """How many letters have come how far, by the journal for this workbook."""
        return self.firm.progress(f"{name}/letters.sqlite")


@pytest.fixture
def office(ready: Path) -> Iterator[Office]:
    with quick_folder() as folder, MailServer() as server:
        office = Office(folder / "office", ready, server)
        yield office
        if (child := office.firm.child) and child.is_alive():
            office.firm.kill()
            child.join()


class TestOneThatFails:
    def test_does_not_stop_the_others_and_the_team_hears_of_it_once(self, office: Office) -> None:
        with NoticeServer() as chat:
            office.write(f'[notify]\nurls = ["{chat.url}"]')
            office.has("serwis", "zepsuty", "montaz")
            office.start("--yes")
            for name, end in (("serwis", "done"), ("zepsuty", "failed"), ("montaz", "done")):
                office.after_runs_of(name, 2, end)
            asked, only = office.status(), office.beside("status", "--json", "--workbook", "serwis")
            shown = office.beside("status")
            assert office.stop().status == 0
        assert office.firm.received == ALL
        assert [title for title, _ in chat.taken] == ["Kartoteka nie może pracować: zepsuty"]
        assert (asked["status"], asked["well"]) == (1, False)
        assert {name: each["well"] for name, each in asked["workbooks"].items()} == {
            "serwis": True,
            "zepsuty": False,
            "montaz": True,
        }
        assert (only.status, json.loads(only.out)["well"]) == (0, True)
        assert [line for line in shown.out.splitlines() if not line.startswith(" ")] == ["serwis", "zepsuty", "montaz"]
        assert shown.out.count("  All is well.") == 2
        assert "Pliku z arkuszem nie da się odczytać: zepsuty.xlsx." in chat.taken[0][1]
        assert shown.status == 1
        assert list(office.firm.state.rglob("service.json")) == []

    def test_does_not_stop_the_others_although_its_state_cannot_be_written(self, office: Office) -> None:
        """From the start on; it is served as soon as that is mended."""
        office.has("serwis", "montaz")
        office.firm.state.mkdir()
        (office.firm.state / "serwis").touch()
        office.start("--yes")
        office.after_runs_of("montaz", 1, "done")
        assert "put off: The state folder" in office.log
        assert office.runs_of("serwis") == 0
        (office.firm.state / "serwis").unlink()
        office.after_runs_of("serwis", 1, "done")
        assert office.stop().status == 0
        assert office.firm.received == ALL

    def test_that_fails_in_an_unforeseen_way_does_not_either(self, office: Office) -> None:
        office.has("serwis", "montaz")
        office.start("--yes", before=lambda: setattr(work, "run_sync", _broken_for_serwis))
        office.after_runs_of("montaz", 2, "done")
        office.after_runs_of("serwis", 2, "failed")
        assert office.stop().status == 0
        assert "unforeseen workbook=serwis" in office.log


def _broken_for_serwis(office: Work, now: datetime, run: str, *, approve_volume: bool) -> Outcome:
    if office.settings.workbook.name == "serwis":
        raise ZeroDivisionError
    return sync(office, now, run, approve_volume=approve_volume)


class TestAdvice:
    def test_names_the_workbook_it_is_for(self, office: Office) -> None:
        """Whoever copies a command out of it asks for the right workbook."""
        with NoticeServer() as chat:
            office.write(f'[notify]\nurls = ["{chat.url}"]')
            office.has("serwis", "montaz")
            before = office.firm.run("status")
            office.start("--workbook", "serwis")
            office.after_runs_of("serwis", 1, "failed")
            after = office.stop()
            refused = office.firm.run("sync", "--workbook", "montaz")
        for name in ("serwis", "montaz"):
            assert f"Start one: kartoteka sync --workbook {name}\n" in before.out
        assert "run 'kartoteka sync --workbook serwis --yes' once." in after.err
        assert "kartoteka sync --workbook serwis --yes" in chat.taken[0][1]
        assert "run 'kartoteka sync --workbook montaz --yes' once." in refused.err
        assert office.firm.received == Counter()


class TestEachJournal:
    def test_knows_the_letters_of_its_own_workbook_only(self, office: Office) -> None:
        """Invoices of the same ids and numbers are claimed in both, and each client of each gets one letter."""
        office.has("serwis", "montaz")
        office.start("--yes")
        for name in ("serwis", "montaz"):
            office.after_runs_of(name, 2, "done")
        office.stop()
        assert (office.journal("serwis"), office.journal("montaz")) == (Counter(sent=1), Counter(sent=2))
        assert office.firm.received == ALL
        assert not (office.firm.state / "letters.sqlite").exists()

    def test_is_unhurt_when_the_process_is_killed_while_it_sends_for_another(self, office: Office) -> None:
        office.has("serwis", "montaz")
        office.start("--yes")
        until(lambda: office.journal("montaz")["sent"] or office.journal("serwis")["sent"])
        office.firm.kill()
        office.firm.ended()
        office.start("--yes")
        for name in ("serwis", "montaz"):
            office.after_runs_of(name, 1, "done")
        assert office.stop().status == 0
        doubts = Counter(office.journal("serwis") + office.journal("montaz"))["unknown"]
        assert all(office.firm.received[who] <= count for who, count in ALL.items())
        assert office.firm.received.total() >= ALL.total() - doubts


class TestTheWatchdog:
    def test_of_each_hears_of_its_own_workbook_only(self, office: Office) -> None:
        with NoticeServer() as watchdog:
            watchdog.status = 204
            address = watchdog.url.partition("@")[2].partition("/")[0]
            office.write(f'[notify]\nping = "http://{address}/key/{{workbook}}"')
            office.has("serwis", "zepsuty")
            for name in ("serwis", "zepsuty"):
                office.firm.run("sync", "--yes", "--workbook", name)
        assert watchdog.targets == ["/key/serwis/start", "/key/serwis", "/key/zepsuty/start", "/key/zepsuty/fail"]


class TestOneThatIsHeldByAnother:
    def test_waits_while_the_others_go_on_and_the_team_hears_when_it_is_late(self, office: Office) -> None:
        with NoticeServer() as chat:
            office.write(f'[notify]\nurls = ["{chat.url}"]')
            office.has("serwis", "montaz")
            folder = office.firm.folder
            settings = settings_at(folder / "kartoteka.toml", {"KARTOTEKA_WORKBOOK": "serwis"}, folder)
            with alone(settings):
                office.start("--yes")
                until(lambda: chat.taken)
                office.after_runs_of("montaz", 3, "done")
                assert office.runs_of("serwis") == 0
            office.after_runs_of("serwis", 2, "done")
            assert office.stop().status == 0
        assert [title for title, _ in chat.taken] == [
            "Kartoteka nie może pracować: serwis",
            "Kartoteka znów pracuje: serwis",
        ]
        assert office.log.count("put off") == 1
        assert office.firm.received == ALL

    def test_is_served_when_the_service_of_its_own_is_over(self, office: Office) -> None:
        office.has("serwis", "montaz")
        own = LiveFirm(office.firm.folder / "own", office.firm.server)
        own.folder.mkdir()
        config = str(office.firm.folder / "kartoteka.toml")
        own.start("run", "--yes", "--workbook", "serwis", "--config", config, before=quick(time.time()))
        try:
            until((office.firm.state / "serwis" / "service.json").exists)
            office.start("--yes")
            office.after_runs_of("montaz", 1, "done")
            assert "put off: Another 'kartoteka run' is at work here. workbook=serwis" in office.log
        finally:
            os.kill(own.child.pid if own.child and own.child.pid else 0, signal.SIGTERM)
            assert own.ended().status == 0
        office.after_runs_of("serwis", 1, "done")
        assert office.stop().status == 0
        assert office.firm.received == ALL

    def test_a_second_service_for_all_of_them_is_refused(self, office: Office) -> None:
        office.has("serwis", "montaz")
        office.start("--yes")
        for words in (("run",), ("run", "--workbook", "serwis")):
            other = office.beside(*words)
            assert other.status == 4
            assert "Another 'kartoteka run' is at work here." in other.err
        assert office.stop().status == 0


class TestSettings:
    def test_that_are_read_again_bring_workbooks_and_take_them_away(self, office: Office) -> None:
        office.has("serwis")
        office.start("--yes")
        office.after_runs_of("serwis", 1, "done")
        office.has("montaz", "serwis")
        office.signal(signal.SIGHUP)
        office.after_runs_of("montaz", 1, "done")
        office.has("montaz")
        office.signal(signal.SIGHUP)
        until(lambda: not (office.firm.state / "serwis" / "service.json").exists())
        served = office.runs_of("serwis")
        office.after_runs_of("montaz", office.runs_of("montaz") + 2, "done")
        assert office.runs_of("serwis") == served
        assert office.stop().status == 0
        assert office.firm.received == ALL

    def test_in_which_one_workbook_does_not_fit_stay_as_they_were_for_all(self, office: Office) -> None:
        office.has("serwis", "montaz")
        office.start("--yes")
        office.after_runs_of("serwis", 1, "done")
        office.has("serwis", "serwis")
        office.signal(signal.SIGHUP)
        until(lambda: "2 workbooks have this name" in office.log)
        for name in ("serwis", "montaz"):
            office.after_runs_of(name, office.runs_of(name) + 1, "done")
        assert office.stop().status == 0
