"""Notices by the real Apprise at a small server of our own: what arrives, and what a failure says and never says."""

import logging
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest

from mailers.digest import Concern, Digest, Told
from mailers.notices import AppriseTeam
from mailers.reminders import Notice
from tests.fakes.notice_server import NoticeServer, dripping

DAY = date(2026, 10, 13)
EVERYBODY: frozenset[str] = frozenset()
OLA = Notice("F-0001", "FV/1", "K-0001", "Żuraw", "Ola", Decimal("100.00"), "PLN", 22, "+21")
JAN = Notice("F-0002", "FV/2", "K-0002", "Łąka", "Jan", Decimal("200.00"), "PLN", 21, "+21")
ANSWERED = Concern("replied", "Kłos", "Jan", "zapłacę w piątek")
SECRETS = ("very-secret", "T0PSECRET", "hooks", "bot")


@pytest.fixture
def server() -> Iterator[NoticeServer]:
    with NoticeServer() as running:
        yield running


def tell(*addresses: tuple[frozenset[str], str], seconds: float = 5.0) -> Told:
    return AppriseTeam(addresses, seconds).tell([OLA, JAN], [ANSWERED], "pl", DAY)


def test_what_is_told_arrives_whole(server: NoticeServer) -> None:
    assert tell((EVERYBODY, server.url)) == Told((OLA, JAN), (ANSWERED,))
    ((title, text),) = server.taken
    assert title == "Kartoteka, 13.10.2026: 2 faktury do rozmowy z klientem, 1 sprawa do sprawdzenia"
    assert "- Żuraw: FV/1, pozostało 100,00" in text
    assert "- Klient odpisał: Kłos (zapłacę w piątek)" in text


def test_an_address_of_an_owner_gets_what_is_theirs_and_nothing_else(server: NoticeServer) -> None:
    with NoticeServer() as hers, NoticeServer() as nobodys:
        addresses = ((EVERYBODY, server.url), (frozenset({"ola"}), hers.url), (frozenset({"ewa"}), nobodys.url))
        assert tell(*addresses) == Told((OLA, JAN), (ANSWERED,))
        assert (len(server.taken), len(nobodys.targets)) == (1, 0)
        ((_, text),) = hers.taken
        assert ("FV/1" in text, "FV/2" in text, "Kłos" in text) == (True, False, False)


def test_what_is_about_nobodys_clients_goes_to_the_addresses_for_everybody_or_to_all(server: NoticeServer) -> None:
    with NoticeServer() as hers, NoticeServer() as broken:
        broken.status = 404
        told = Digest("Kartoteka nie może pracować", "…")
        own = (frozenset({"ola"}), hers.url)
        both = AppriseTeam(((EVERYBODY, server.url), own, (EVERYBODY, broken.url))).announce(told)
        assert both == (1, ("address 3 of [notify] urls (json) answered 404",))
        assert (len(server.taken), len(hers.taken)) == (1, 0)
        assert AppriseTeam((own,)).announce(told) == (1, ())
        assert len(hers.taken) == 1


def test_what_one_address_took_is_told_although_another_fails(server: NoticeServer) -> None:
    with NoticeServer() as broken:
        broken.status = 404
        told = tell((EVERYBODY, broken.url), (frozenset({"jan"}), server.url))
    assert (told.notices, told.concerns) == ((JAN,), (ANSWERED,))
    assert told.failures == ("address 1 of [notify] urls (json) answered 404",)


def test_concerns_of_which_some_reached_nobody_are_all_told_again(server: NoticeServer) -> None:
    hers = Concern("failed", "Żuraw", "Ola", "FV/1")
    with NoticeServer() as broken:
        broken.status = 500
        team = AppriseTeam([(frozenset({"ola"}), broken.url), (frozenset({"jan"}), server.url)])
        told = team.tell([], [hers, ANSWERED], "pl", DAY)
    assert (told.concerns, len(told.failures), len(server.taken)) == ((), 1, 1)


@pytest.mark.parametrize("status", [301, 400, 401, 404, 429, 500])
def test_a_refusal_is_told_with_its_number_and_without_the_address(
    server: NoticeServer, status: int, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    server.status = status
    for name in ("", "apprise", "urllib3", "requests"):
        caplog.set_level(logging.DEBUG, name)
    told = tell((EVERYBODY, server.url))
    assert told.failures == (f"address 1 of [notify] urls (json) answered {status}",)
    said = caplog.text + "".join(capsys.readouterr()) + repr(told)
    assert not [secret for secret in SECRETS if secret in said]


def test_a_service_that_hangs_up_or_is_not_there_is_a_failure(server: NoticeServer) -> None:
    server.closed = True
    told = tell((EVERYBODY, server.url), (EVERYBODY, "json://127.0.0.1:1/very-secret"))
    assert told.notices == ()
    assert told.failures == tuple(f"address {n} of [notify] urls (json) did not take the notice" for n in (1, 2))


def test_a_service_that_never_comes_to_an_end_is_given_up_in_time() -> None:
    began = time.monotonic()
    with dripping() as url:
        told = tell((EVERYBODY, url), seconds=1.0)
        assert told.failures == ("address 1 of [notify] urls (json) did not answer within 1 s",)
    assert time.monotonic() - began < 10


def test_the_process_does_not_wait_at_its_end_for_a_service_that_was_given_up() -> None:
    code = "import sys; from tests.unit.test_notices import *; tell((EVERYBODY, sys.argv[1]), seconds=0.5)"
    began = time.monotonic()
    with dripping() as url:
        done = subprocess.run([sys.executable, "-c", code, url], capture_output=True, timeout=30, check=True)
        assert time.monotonic() - began < 20
    assert (done.stdout, done.stderr) == (b"", b"")


def test_an_address_that_apprise_does_not_know_is_named_by_its_number_only() -> None:
    team = AppriseTeam([(EVERYBODY, "json://127.0.0.1:1"), (EVERYBODY, "nonsense://very-secret")])
    assert team.unusable() == ("address 2 of [notify] urls (nonsense)",)
    told = tell((EVERYBODY, "nonsense://very-secret"))
    assert told.failures == ("address 1 of [notify] urls (nonsense) is no address that Apprise can use",)


def test_a_long_message_goes_in_parts_and_nothing_of_it_is_lost(server: NoticeServer) -> None:
    many = [_numbered(n) for n in range(1, 801)]
    told = AppriseTeam([(EVERYBODY, server.url)]).tell(many, [], "pl", DAY)
    assert told.failures == ()
    assert len(server.taken) > 1
    whole = "".join(text for _, text in server.taken)
    assert [n for n in range(1, 801) if f"FV/{n:03}/2026" not in whole] == []


def _numbered(number: int) -> Notice:
    return Notice(
        f"F-{number}", f"FV/{number:03}/2026", "K-1", "Zakład Usługowy", "Ola", Decimal(number), "PLN", 22, "+21"
    )


def test_apprise_is_loaded_only_when_somebody_is_told() -> None:
    code = "import sys, sync.cli, sync.commands.work, mailers.notices; sys.exit('apprise' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0
