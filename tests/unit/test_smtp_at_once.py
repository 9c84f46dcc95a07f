"""Letters to a mail server that takes MAIL, RCPT and DATA in one breath (PIPELINING, RFC 2920): fewer waits, and every
refusal told apart as before."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from mailers.reminders import Letter, LetterState
from tests.contracts.test_outbox import LETTER
from tests.fakes.mail_desk import desks, place_of
from tests.fakes.mail_server import Act, Fate, MailServer, Step, fails
from tests.unit.test_smtp import ID, NEXT, Opener, commands

FEATURES = ("SIZE 10000000", "8BITMIME", "PIPELINING")
SENT, FAILED = LetterState.SENT, LetterState.FAILED
SPEECH = ["MAIL", "RCPT", "DATA"]
TWO = replace(LETTER, to=("old@x.pl", "anna@x.pl"))


@pytest.fixture
def opened() -> Iterator[Opener]:
    with desks() as opener:
        yield opener


def served(fate: Fate = lambda _: None) -> MailServer:
    return MailServer(fate, features=FEATURES)


def sent(opened: Opener, server: MailServer, *letters: Letter) -> list[LetterState]:
    desk = opened(place_of(server))
    return [desk.send(letter)[0] for letter in letters]


def test_what_begins_a_letter_is_one_turn_and_its_end_another(opened: Opener) -> None:
    with MailServer(features=FEATURES, away=0.02) as server:
        desk = opened(place_of(server))
        desk.send(NEXT)
        before = server.turns
        assert desk.send(TWO)[0] is SENT
        assert server.turns - before == 2
    assert server.taken[1].to == ("old@x.pl", "anna@x.pl")


@pytest.mark.parametrize("step", [*SPEECH, "dot"])
def test_a_permanent_refusal_fails_that_letter_only_and_the_connection_stays(opened: Opener, step: str) -> None:
    with served(fails(step, b"550 5.7.1 no", times=1)) as server:
        desk = opened(place_of(server))
        assert desk.send(LETTER) == (FAILED, "permanent: 550 5.7.1 no")
        assert desk.outbox.holds(ID) is False
        assert desk.send(NEXT)[0] is SENT
    assert server.connections == 1
    assert len(server.taken) == 1


@pytest.mark.parametrize("step", [*SPEECH, "dot"])
@pytest.mark.parametrize("words", [b"451 4.7.1 greylisted", b"421 4.3.2 going down", b"452 full queue", b"what?"])
def test_a_passing_refusal_is_met_with_one_more_try(opened: Opener, step: str, words: bytes) -> None:
    with served(fails(step, words, times=1)) as server:
        states = sent(opened, server, LETTER)
    assert states == [LetterState.UNKNOWN if (step, words) == ("dot", b"what?") else SENT]
    assert len(server.taken) == states.count(SENT)


@pytest.mark.parametrize("act", [Act.CUT, Act.RESET])
@pytest.mark.parametrize("step", SPEECH)
def test_a_break_is_met_with_one_more_try(opened: Opener, step: str, act: Act) -> None:
    with served(fails(step, act, times=1)) as server:
        assert sent(opened, server, LETTER) == [SENT]
    assert (server.connections, len(server.taken)) == (2, 1)


@pytest.mark.parametrize(("words", "connections"), [(b"550 5.1.1 gone", 1), (b"452 4.2.2 mailbox full", 2)])
def test_one_bad_recipient_does_not_keep_the_letter_from_the_other(
    opened: Opener, words: bytes, connections: int
) -> None:
    with served(fails("old@x.pl", words)) as server:
        state, detail = opened(place_of(server)).send(TWO)
    assert (state, detail) == (SENT, f"250 2.0.0 queued as 1; not to old@x.pl: {words.decode()}")
    assert [taken.to for taken in server.taken] == [("anna@x.pl",)]
    assert server.connections == connections


def test_a_server_that_awaits_a_letter_though_it_refused_its_recipient_gets_no_dot(opened: Opener) -> None:
    """RFC 2920, 3.1: it may answer 354 all the same."""

    def fate(step: Step) -> bytes | None:
        refusing = {"RCPT": b"550 5.1.1 gone", "DATA": b"354 go on"}
        return refusing.get(step.name) if step.connection == 1 else None

    with served(fate) as server:
        assert sent(opened, server, LETTER, NEXT) == [FAILED, SENT]
    assert commands(server) == ["EHLO", *SPEECH, "EHLO", *SPEECH]
    assert len(server.taken) == 1


def test_a_refusal_before_a_break_is_not_forgotten_over_it(opened: Opener) -> None:
    outcomes = {"MAIL": b"550 5.7.1 no", "RCPT": Act.CUT}
    with served(lambda step: outcomes.get(step.name) if step.connection == 1 else None) as server:
        desk = opened(place_of(server))
        assert desk.send(LETTER) == (FAILED, "permanent: 550 5.7.1 no")
        assert desk.send(NEXT)[0] is SENT
    assert (server.connections, len(server.taken)) == (2, 1)


def test_a_server_that_does_not_offer_it_hears_one_command_after_the_other(opened: Opener) -> None:
    with MailServer(fails("MAIL", b"550 no", times=1)) as server:
        assert sent(opened, server, LETTER, NEXT) == [FAILED, SENT]
    assert commands(server)[:4] == ["EHLO", "MAIL", "RSET", "MAIL"]
