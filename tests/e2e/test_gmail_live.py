"""Live mode by Gmail, through the real command line: who gets a letter, what the sheet says, what the doctor sees."""

import signal
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from mailers import gmail as loaded_once_before_the_forks  # noqa: F401
from tests.fakes.gmail_api import Act, FakeGmail, Step, fails, kindly, refusal, too_many
from tests.fakes.google_answers import disabled
from tests.fakes.mail_desk import quick_folder
from tests.fakes.mail_server import MailServer
from tests.live_desk_for_tests import Done, LiveFirm

ONE_EACH = Counter({"firma1@example.pl": 1, "firma2@example.pl": 1, "firma3@example.pl": 1})
SENDER = "biuro@firma.example"


@dataclass
class GmailFirm:
    """A firm whose letters leave by Gmail; its mail server is to hear nothing."""

    firm: LiveFirm
    gmail: FakeGmail
    key: Path

    def run(self, *words: str, before: Callable[[], None] = lambda: None, **environ: str) -> Done:
        """Carry out a command."""
        self.start(*words, before=before, **environ)
        return self.firm.ended()

    def start(self, *words: str, before: Callable[[], None] = lambda: None, **environ: str) -> None:
        """Begin a command."""
        settings = {
            "KARTOTEKA_MAIL__TRANSPORT": "gmail",
            "KARTOTEKA_MAIL__CREDENTIALS": str(self.key),
            "SHEETS_EMULATOR_HOST": self.gmail.url,
        }
        self.firm.start(*words, before=before, environ=settings | environ)

    def killed_at(self, kind: str, number: int, act: Act | None) -> Done:
        """A sync, killed when the `number`-th request of this kind has come in; `act` says what becomes of that."""

        def fatal(step: Step) -> Act | None:
            if step != Step(kind, number):
                return None
            self.firm.kill()
            return act

        self.gmail.fate = fatal
        done = self.run("sync", "--yes")
        self.gmail.fate = kindly
        return done

    def events(self) -> Counter[str]:
        """How many rows of the history there are about letters, by event."""
        return Counter(told.event for told in self.firm.told())


@pytest.fixture(scope="module")
def ready() -> Iterator[LiveFirm]:
    """A firm that is set up, with three clients who owe; others are copies of it."""
    with quick_folder() as folder, MailServer() as server:
        yield LiveFirm.made(folder / "ready", server, 3)
        assert not server.heard


@pytest.fixture
def firm(ready: LiveFirm) -> Iterator[GmailFirm]:
    with quick_folder() as folder, FakeGmail(users=(SENDER,)) as gmail:
        key = gmail.key_file(folder / "gmail-key.json")
        yield GmailFirm(ready.copied(folder / "firm"), gmail, key)


def said(done: Done) -> str:
    """What a person reads, in one line."""
    return " ".join((done.out + done.err).split())


def test_letters_go_to_each_client_once_and_never_again(firm: GmailFirm) -> None:
    done = firm.run("sync", "--yes")
    assert (done.status, firm.gmail.received) == (0, ONE_EACH)
    assert firm.events() == {"reminder claimed": 3, "reminder sent": 3}
    assert firm.firm.progress() == {"sent": 3}
    heard = Counter(firm.gmail.heard)
    assert heard == {"token": 1, "create": 3, "send": 3}
    assert firm.run("sync", "--yes").status == 0
    assert (Counter(firm.gmail.heard), firm.gmail.box.drafts) == (heard, {})


def test_a_test_goes_to_one_address_and_the_letters_are_still_to_come(firm: GmailFirm) -> None:
    firm.firm.into(mode="test")
    firm.run("sync", "--yes")
    firm.run("sync", "--yes")
    assert firm.gmail.received == {"ja@firma.example": 3}
    firm.firm.into(mode="live")
    firm.run("sync", "--yes")
    assert firm.gmail.received == ONE_EACH + Counter({"ja@firma.example": 3})


@pytest.mark.parametrize("act", [None, Act.CLOSED])
@pytest.mark.parametrize(("kind", "number"), [("token", 1), ("create", 2), ("send", 1), ("send", 3)])
def test_a_run_that_was_killed_is_taken_up_and_leaves_no_doubt(
    firm: GmailFirm, kind: str, number: int, act: Act | None
) -> None:
    assert firm.killed_at(kind, number, act).status == -signal.SIGKILL
    for _ in range(2):
        assert firm.run("sync", "--yes").status == 0
    assert (firm.gmail.received, firm.gmail.box.drafts) == (ONE_EACH, {})
    assert firm.events()["reminder sent"] == 3
    assert firm.events()["reminder unknown"] == 0


@pytest.mark.parametrize("act", [Act.LOST, Act.CLOSED, Act.LATE])
def test_letters_in_doubt_are_settled_by_their_drafts_as_soon_as_gmail_can_be_asked(firm: GmailFirm, act: Act) -> None:
    """A draft that is gone has left; one that still lies there has not, is taken back, and goes anew."""
    unheard = {"send": act, "get": disabled("gmail", "Gmail")}
    firm.gmail.fate = lambda step: unheard.get(step.kind) if firm.gmail.counts["send"] else None
    done = firm.run("sync", "--yes")
    assert done.status in (1, 3)
    assert firm.events()["reminder unknown"] == 3
    assert "In doubt" in done.out
    heard = len(firm.gmail.heard)
    assert "3 letters in doubt" in said(firm.run("doctor"))
    assert set(firm.gmail.heard[heard:]) <= {"token", "profile"}
    firm.gmail.fate = kindly
    assert firm.run("sync", "--yes").status == 0
    firm.gmail.settle()
    assert (firm.gmail.received, firm.gmail.box.drafts) == (ONE_EACH, {})
    assert firm.events()["reminder sent"] == 3
    assert firm.run("sync", "--yes").status == 0
    assert firm.gmail.received == ONE_EACH


def test_one_bad_address_does_not_stop_the_rest(firm: GmailFirm) -> None:
    firm.gmail.fate = fails("send", refusal(400, "Invalid To header", "invalidArgument"), times=1)
    done = firm.run("sync", "--yes")
    assert sum(firm.gmail.received.values()) == 2
    assert firm.events()["reminder failed"] == 1
    assert "Invalid To header" in said(done)


def test_a_used_up_limit_stops_the_sending_and_the_next_run_goes_on(firm: GmailFirm) -> None:
    firm.gmail.fate = fails("send", too_many("2099-01-01T00:00:00.000Z"), first=2)
    done = firm.run("sync", "--yes")
    assert done.status == 3
    assert f"Gmail's limit for {SENDER} is used up" in said(done)
    firm.gmail.fate = kindly
    firm.run("sync", "--yes")
    assert (firm.gmail.received, firm.gmail.box.drafts) == (ONE_EACH, {})


def test_without_the_right_to_write_letters_nothing_leaves_and_the_path_is_told(firm: GmailFirm) -> None:
    firm.gmail.accounts.delegated = frozenset()
    done = firm.run("sync", "--yes")
    assert (done.status, firm.gmail.received) == (3, Counter())
    for words in ("domain-wide delegation", "100000000000000000001", "gmail.compose", SENDER):
        assert words in said(done)
    assert firm.gmail.heard == ["token"]


@pytest.mark.parametrize(
    ("flaw", "words"),
    [
        ("", f"letters go by Gmail as {SENDER}, signed in as kartoteka@biuro-testowe.iam.gserviceaccount.com"),
        ("api", "https://console.cloud.google.com/apis/library/gmail.googleapis.com"),
        ("user", f"Google knows no user {SENDER}"),
        ("key", "does not exist"),
    ],
)
def test_the_doctor_signs_in_and_says_what_is_wrong(firm: GmailFirm, flaw: str, words: str) -> None:
    if flaw == "api":
        firm.gmail.api_enabled = False
    if flaw == "user":
        firm.gmail.accounts.users = ("someone@else.pl",)
    if flaw == "key":
        firm.key = firm.key.with_name("gone.json")
    done = firm.run("doctor")
    assert words in said(done)
    assert (done.status == 0) == (not flaw)
    assert not set(firm.gmail.heard) - {"token", "profile"}
