"""`kartoteka run` and `kartoteka status` as processes: signals in the middle of sending, kills, failures, settings."""

import json
import re
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Never

import pytest

from sync.commands import work
from sync.opening import alone, settings_at
from tests.fakes.mail_desk import quick_folder
from tests.fakes.mail_server import Act, MailServer, Step, fails, kindly
from tests.fakes.notice_server import NoticeServer
from tests.live_desk_for_tests import LiveFirm, once
from tests.service_for_tests import ServiceFirm, until

CLIENTS = 4
ONE_EACH = Counter({f"firma{n}@example.pl": 1 for n in range(1, CLIENTS + 1)})


@pytest.fixture(scope="module")
def ready() -> Iterator[LiveFirm]:
    """A firm that is set up, with clients who owe; others are copies of it."""
    with quick_folder() as folder, MailServer() as server:
        yield LiveFirm.made(folder / "ready", server, CLIENTS)


@pytest.fixture
def live(ready: LiveFirm, tmp_path: Path) -> Iterator[LiveFirm]:
    with quick_folder() as folder, MailServer() as server:
        firm = ready.copied(folder / "firm", server)
        yield firm
        if firm.child and firm.child.is_alive():
            firm.kill()
            firm.child.join()


@pytest.fixture
def firm(live: LiveFirm) -> ServiceFirm:
    return ServiceFirm(live)


class TestByItself:
    def test_it_syncs_again_and_again_and_each_client_gets_one_letter(self, firm: ServiceFirm) -> None:
        firm.start("--yes")
        firm.after_runs(2, "done")
        assert (firm.status()["well"], firm.status()["at_work"]) == (True, True)
        done = firm.stop()
        assert (done.status, done.out) == (0, "")
        assert firm.firm.received == ONE_EACH
        assert not (firm.firm.state / "service.json").exists()

    def test_its_log_names_runs_and_ids_but_nobody(self, firm: ServiceFirm) -> None:
        """One line an event; nothing of the mail server's or the clients' but what is an id."""
        firm.write('[logs]\nformat = "json"')
        firm.start("--yes")
        until(lambda: firm.log.count('"run ended"') >= 1)
        firm.stop()
        lines = [json.loads(line) for line in firm.log.splitlines()]
        letters = [line for line in lines if line["message"] == "letter sent"]
        assert {line["client"] for line in letters} == {f"K-{n:04}" for n in range(1, CLIENTS + 1)}
        assert all(re.fullmatch(r"\d{8}T\d{6}-[0-9a-f]{8}", line["run"]) for line in letters)
        assert not re.search(r"firma\d|Firma \d|example\.pl", firm.log)

    def test_every_line_of_its_log_says_which_run_it_belongs_to(self, firm: ServiceFirm) -> None:
        """What goes wrong before the workbook is read, too; where no run is at work, it is the service that speaks."""
        firm.write('[logs]\nformat = "json"\n[notify]\nping = "http://127.0.0.1:1/uuid"')
        firm.start("--yes", before=lambda: setattr(work, "run_sync", _broken))
        until(lambda: firm.log.count('"run ended"') >= 2)
        firm.signal(signal.SIGHUP)
        until(lambda: "settings read again" in firm.log)
        firm.stop()
        runs: dict[str, list[str]] = {}
        for line in map(json.loads, firm.log.splitlines()):
            runs.setdefault(line["run"], []).append(line["message"])
        (of_service,) = (messages for run, messages in runs.items() if run.startswith("service-"))
        assert {"waiting", "settings read again", "stopped"} == set(of_service)
        first = next(iter(run for run in runs if not run.startswith("service-")))
        (of_watchdog,) = {message for message in runs[first] if "watchdog" in message}
        assert runs[first][:3] == ["run began", of_watchdog, "run ended"]
        assert runs[first][-1] == "unforeseen"
        assert re.fullmatch(r"\d{8}T\d{6}-[0-9a-f]{8}", first)
        assert firm.status()["health"]["last_run"]["run"] in runs

    def test_a_letter_stands_in_its_log_as_soon_as_it_has_left(self, firm: ServiceFirm) -> None:
        seen: list[int] = []

        def look(step: Step) -> None:
            if step.name == "MAIL":
                seen.append(firm.log.count("letter sent"))

        firm.firm.server.fate = look
        firm.start("--yes")
        firm.after_runs(1, "done")
        assert firm.stop().status == 0
        assert seen == list(range(CLIENTS))
        assert firm.log.count("letter sent") == CLIENTS

    def test_the_first_letters_wait_for_a_yes_and_the_team_hears_of_it_once(self, firm: ServiceFirm) -> None:
        with NoticeServer() as chat:
            firm.write(f'[notify]\nurls = ["{chat.url}"]')
            firm.start()
            firm.after_runs(3, "failed")
            asked = firm.status()
            firm.stop()
        assert (asked["status"], asked["well"], firm.firm.received) == (1, False, Counter())
        assert "first run in live mode" in asked["complaints"][0]
        assert [title for title, _ in chat.taken] == ["Kartoteka nie może pracować: kartoteka.xlsx"]
        assert "kartoteka sync --yes" in chat.taken[0][1]
        assert "example.pl" not in firm.log

    def test_a_second_service_in_the_same_folder_is_refused(self, firm: ServiceFirm) -> None:
        firm.start("--yes")
        other = firm.beside("run")
        assert other.status == 4
        assert "Another 'kartoteka run' is at work here." in other.err
        assert firm.stop().status == 0

    def test_beside_another_run_it_waits_and_syncs_when_that_is_over(self, firm: ServiceFirm) -> None:
        folder = firm.firm.folder
        with alone(settings_at(folder / "kartoteka.toml", {}, folder)):
            firm.start("--yes")
            until(lambda: "put off" in firm.log)
            assert firm.firm.received == Counter()
        firm.after_runs(1, "done")
        assert firm.stop().status == 0
        assert firm.firm.received == ONE_EACH


class TestTheEnd:
    @pytest.mark.parametrize("step", ["MAIL", "dot"])
    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
    def test_in_the_middle_of_sending_the_letter_in_hand_is_finished_and_the_sheet_knows_all(
        self, firm: ServiceFirm, step: str, number: signal.Signals
    ) -> None:
        firm.firm.server.fate = once(step, lambda: firm.signal(number))
        firm.start("--yes")
        assert firm.firm.ended().status == 0
        assert firm.firm.received == Counter({"firma1@example.pl": 1})
        events = Counter(told.event for told in firm.firm.told())
        assert events == {"reminder claimed": CLIENTS, "reminder sent": 1, "reminder failed": CLIENTS - 1}
        assert all("Kartoteka została zatrzymana" in told.details for told in firm.firm.told("reminder failed"))
        assert list(firm.firm.state.glob("letters.sqlite-*")) == []
        assert firm.status()["health"]["last_run"]["end"] == "stopped"

    def test_is_made_up_for_at_once_by_the_next_service(self, firm: ServiceFirm) -> None:
        firm.firm.server.fate = once("dot", lambda: firm.signal(signal.SIGTERM))
        firm.start("--yes")
        firm.firm.ended()
        firm.firm.server.fate = kindly
        firm.start("--yes")
        firm.after_runs(1, "done")
        assert firm.stop().status == 0
        assert firm.firm.received == ONE_EACH

    def test_comes_in_time_although_the_mail_server_is_silent(self, firm: ServiceFirm) -> None:
        """That letter is in doubt, as after a kill; no other is, and none goes twice."""
        firm.firm.server.fate = fails("dot", Act.SILENCE, times=1)
        firm.start("--yes", grace=1)
        until(lambda: firm.firm.progress()["dot"] == 1)
        assert firm.stop().status == 0
        firm.firm.server.fate = kindly
        firm.start("--yes")
        firm.after_runs(1)
        firm.stop()
        assert firm.firm.received == ONE_EACH - Counter(["firma1@example.pl"])
        assert len(firm.firm.told("reminder unknown")) == 1

    def test_comes_at_once_in_a_pause_between_letters(self, firm: ServiceFirm) -> None:
        firm.firm.environ = {"KARTOTEKA_MAIL__MAX_PER_MINUTE": "1"}
        firm.start("--yes")
        until(lambda: len(firm.firm.server.taken) == 1)
        assert firm.stop().status == 0
        assert Counter(told.event for told in firm.firm.told())["reminder failed"] == CLIENTS - 1

    def test_by_a_kill_loses_nothing_and_doubles_nothing(self, firm: ServiceFirm) -> None:
        firm.firm.server.fate = once("DATA", lambda: firm.firm.kill())
        firm.start("--yes")
        assert firm.firm.ended().status == -signal.SIGKILL
        killed = firm.status()
        assert (killed["status"], killed["at_work"]) == (1, False)
        assert "is gone without a farewell" in killed["complaints"][0]
        assert "by the timetable; no service is at work here" in firm.firm.run("status").out
        firm.firm.server.fate = kindly
        firm.start("--yes")
        firm.after_runs(1, "done")
        assert (firm.stop().status, firm.firm.received) == (0, ONE_EACH)


class TestFailures:
    def test_are_told_once_and_that_it_is_well_again_once(self, firm: ServiceFirm) -> None:
        away = firm.firm.folder / "away.xlsx"
        with NoticeServer() as chat:
            firm.write(f'[notify]\nurls = ["{chat.url}"]')
            firm.start("--yes")
            firm.after_runs(1, "done")
            firm.firm.workbook.rename(away)
            firm.after_runs(2, "failed")
            ill = firm.status()
            away.rename(firm.firm.workbook)
            firm.after_runs(3, "done")
            firm.stop()
        assert [title.partition(" pracować")[0].partition(":")[0] for title, _ in chat.taken] == [
            "Kartoteka nie może",
            "Kartoteka znów pracuje",
        ]
        assert "Nie ma arkusza: kartoteka.xlsx." in chat.taken[0][1]
        assert "There is no workbook" not in chat.taken[0][1]
        assert "ERROR sync.commands.duties: There is no workbook at" in firm.log
        assert (ill["status"], ill["health"]["told"]) == (1, True)
        assert "kartoteka.xlsx" in ill["complaints"][0]

    def test_that_nobody_foresaw_do_not_end_the_service(self, firm: ServiceFirm) -> None:
        """A bug of ours: its log says where, `status` says that, and the next run comes at its time."""
        firm.start("--yes", before=lambda: setattr(work, "run_sync", _broken))
        firm.after_runs(2, "failed")
        asked = firm.status()
        assert firm.stop().status == 0
        assert "an error it did not expect (ZeroDivisionError)" in asked["complaints"][0]
        assert "ERROR sync.commands.duties: unforeseen" in firm.log
        assert "in _broken" in firm.log
        assert "ola@" not in firm.log

    def test_that_cannot_be_told_are_logged_without_the_secret(self, firm: ServiceFirm) -> None:
        firm.write('[notify]\nurls = ["json://127.0.0.1:1/x"]')
        whole = firm.firm.workbook.read_bytes()
        firm.firm.workbook.write_bytes(whole[: len(whole) // 2])
        firm.start("--yes")
        firm.after_runs(1, "failed")
        firm.firm.workbook.write_bytes(whole)
        firm.after_runs(1, "done")
        assert firm.stop().status == 0
        assert "The team was not told" in firm.log
        assert "127.0.0.1:1" not in firm.log


def _broken(*_: object, **__: object) -> Never:
    raise ZeroDivisionError("ola@example.pl")


class TestSettings:
    def test_are_read_again_after_a_hang_up(self, firm: ServiceFirm) -> None:
        firm.firm.into(mode="draft")
        firm.start("--yes")
        firm.after_runs(1)
        assert firm.firm.received == Counter()
        firm.firm.into(mode="live")
        firm.signal(signal.SIGHUP)
        until(lambda: firm.firm.received == ONE_EACH)
        assert firm.stop().status == 0

    def test_that_do_not_fit_are_named_and_the_old_ones_stay(self, firm: ServiceFirm) -> None:
        firm.start("--yes")
        firm.after_runs(1)
        firm.firm.into(mode="sometimes")
        firm.signal(signal.SIGHUP)
        until(lambda: "The settings stay as they were" in firm.log)
        assert '[reminders] mode: "sometimes" stands there' in firm.log
        firm.after_runs(firm.runs() + 1, "done")
        assert firm.stop().status == 0

    def test_that_do_not_fit_at_the_start_end_it(self, firm: ServiceFirm) -> None:
        firm.firm.into(mode="sometimes")
        assert firm.firm.run("run").status == 2
        assert firm.firm.run("status").status == 2


class TestStatus:
    def test_knows_of_syncs_that_cron_starts(self, firm: ServiceFirm) -> None:
        assert firm.firm.run("status").status == 1
        assert firm.firm.run("sync", "--yes").status == 0
        done = firm.firm.run("status")
        assert done.status == 0
        assert done.out.startswith("All is well.")
        assert "no service is at work here" in done.out

    def test_calls_the_watchdog_around_each_sync(self, firm: ServiceFirm) -> None:
        with NoticeServer() as watchdog:
            watchdog.status = 204
            address = watchdog.url.partition("@")[2].partition("/")[0]
            firm.write(f'[notify]\nping = "http://{address}/uuid"')
            firm.firm.run("sync", "--yes")
            firm.firm.workbook.rename(firm.firm.folder / "away.xlsx")
            firm.firm.run("sync")
        assert watchdog.targets == ["/uuid/start", "/uuid", "/uuid/start", "/uuid/fail"]

    def test_a_watchdog_that_is_away_stops_nothing(self, firm: ServiceFirm) -> None:
        firm.write('[notify]\nping = "http://127.0.0.1:1/very-secret"')
        done = firm.firm.run("sync", "--yes")
        assert (done.status, firm.firm.received) == (0, ONE_EACH)
        assert "very-secret" not in done.err
