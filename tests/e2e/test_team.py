"""The team's steps through the real command line: told at a real address, shown before, and no secret anywhere."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.e2e.running import kartoteka, make
from tests.fakes.notice_server import NoticeServer
from tests.live_desk_for_tests import overdue

SETTINGS = """[reminders]
mode = "live"
sending_days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
sending_hours = "00:00-24:00"
[mail]
sender = "Biuro <biuro@firma.example>"
[notify]
urls = ["Ewa=json://127.0.0.1:1/ewa-secret"]
"""
TABS: dict[str, list[list[object]]] = {
    "Klienci": [
        ["Nazwa", "E-mail", "Opiekun"],
        ["Żuraw", "biuro@zuraw.example", "Ola"],
        ["Łąka", "biuro@laka.example", "Jan"],
    ],
    "Faktury": [
        ["Numer", "Klient", "Termin płatności", "Kwota brutto"],
        ["FV/1", "Żuraw", overdue(25), 1230],
        ["FV/2", "Łąka", overdue(2), 100],
    ],
    "Słownik": [["Rodzaj", "Nazwa"], ["opiekun", "Ola"], ["opiekun", "Jan"]],
}


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("team")
    make(folder / "kartoteka.xlsx", TABS)
    (folder / "kartoteka.toml").write_text(SETTINGS, "utf-8")
    done = kartoteka(folder, "init", "--yes")
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def firm(ready: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(ready, tmp_path / "firm"))


@pytest.fixture
def server() -> Iterator[NoticeServer]:
    with NoticeServer() as running:
        yield running


def last_steps(firm: Path) -> list[object]:
    lines = list(load_workbook(firm / "kartoteka.xlsx")["Faktury"].values)
    return [line[lines[0].index("Ostatni krok")] for line in lines[1:]]


def test_the_team_is_told_once_and_a_broken_address_is_said_without_its_secret(
    firm: Path, server: NoticeServer
) -> None:
    server.status = 500
    broken = kartoteka(firm, "sync", "--yes", KARTOTEKA_NOTIFY__URLS=server.url)
    assert broken.returncode == 1
    assert "1 letter sent" in broken.stdout
    assert "address 1 of [notify] urls (json) answered 500" in broken.stdout
    assert last_steps(firm) == [None, "+1"]
    server.status = 200
    done = kartoteka(firm, "sync", "--json", KARTOTEKA_NOTIFY__URLS=server.url)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["notices"] == [
        {"owner": "Ola", "client": "K-0001", "step": "+21", "invoice": "F-0001", "state": "sent"}
    ]
    assert kartoteka(firm, "sync", KARTOTEKA_NOTIFY__URLS=server.url).returncode == 0
    assert (len(server.taken), last_steps(firm)) == (1, ["+21", "+1"])
    whole = broken.stdout + broken.stderr + done.stdout + done.stderr
    whole += "".join(p.read_bytes().decode("latin-1") for p in firm.rglob("*") if p.is_file())
    assert "very-secret" not in whole
    assert "T0PSECRET" not in whole


def test_what_would_be_told_is_shown_before(firm: Path, server: NoticeServer) -> None:
    planned = kartoteka(firm, "plan", KARTOTEKA_NOTIFY__URLS=server.url)
    assert "notice  step +21 to Ola: Żuraw (F-0001)  [planned]" in planned.stdout
    assert "to be told of 1 invoice" in planned.stderr
    kartoteka(firm, "preview", KARTOTEKA_NOTIFY__URLS=server.url)
    page = (firm / "preview.html").read_text("utf-8")
    assert "Zawiadomienie dla zespołu: Kartoteka" in page
    assert "- Żuraw: FV/1, pozostało 1" in page
    assert server.targets == []


def test_the_doctor_says_who_hears_of_nothing_and_what_to_set(firm: Path) -> None:
    unheard = kartoteka(firm, "doctor").stdout
    assert "nobody hears of the clients of Jan, Ola" in unheard
    assert "Name an address of theirs in [notify] urls" in unheard
    nobody = kartoteka(firm, "doctor", KARTOTEKA_NOTIFY__URLS="").stdout
    assert "nobody is told when the team's steps are due: +21" in nobody
    assert "[notify] urls, such as" in nobody
    wrong = kartoteka(firm, "doctor", KARTOTEKA_NOTIFY__URLS="slakc://very-secret")
    assert wrong.returncode == 2
    assert "address 1 of [notify] urls (slakc)" in wrong.stdout
    assert "very-secret" not in wrong.stdout + wrong.stderr
