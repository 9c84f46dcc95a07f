"""Letters by Gmail: what becomes of them, whatever Gmail answers or does not, and what the journal says meanwhile."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from email import message_from_bytes
from pathlib import Path

import pytest

from mailers.answers import Kind, understand
from mailers.gmail import GmailAccess
from mailers.gmail_connection import PATIENCE
from mailers.gmail_drafts import TRIES
from mailers.journal import Progress
from mailers.journalled import REST
from mailers.mime import to_bytes
from mailers.reminders import LetterState
from tests.contracts.test_outbox import LETTER
from tests.fakes import returned_mail
from tests.fakes.gmail_api import Act, FakeGmail, Fate, Step, fails, refusal, too_fast, too_many
from tests.fakes.gmail_desk import NOW, GmailDesk, access_to, gmail_desks
from tests.fakes.google_answers import Answer, front_end
from validators.errors import OutOfReach

ID = LETTER.message_id
OURS = replace(LETTER, message_id=returned_mail.OURS)
NEXT = replace(LETTER, message_id="<kartoteka.4567@example.pl>", invoices=("F-0002",))
SENT, FAILED, UNKNOWN = LetterState.SENT, LetterState.FAILED, LetterState.UNKNOWN
DOWN = refusal(503, "The service is currently unavailable.", "backendError")
EXPIRED = refusal(401, "Invalid Credentials", "authError")
Opener = Callable[[GmailAccess], GmailDesk]


@pytest.fixture
def gmail() -> Iterator[FakeGmail]:
    with FakeGmail() as server:
        yield server


@pytest.fixture
def opened() -> Iterator[Opener]:
    with gmail_desks() as opener:
        yield opener


@pytest.fixture
def desk(gmail: FakeGmail, opened: Opener) -> GmailDesk:
    return opened(access_to(gmail))


def lost_then_unreachable(step: Step) -> Act | None:
    """The answer to the first letter gets lost, and then the network is gone."""
    return {"send": Act.LOST, "get": Act.CLOSED}.get(step.kind)


class TestLetters:
    def test_one_is_laid_down_and_sent_as_it_was_written(self, gmail: FakeGmail, desk: GmailDesk) -> None:
        state, detail = desk.send(LETTER)
        assert (state, detail[:14]) == (SENT, "Gmail message ")
        assert gmail.heard == ["create", "send"]
        assert gmail.box.sent == [f"References: {ID}\r\n".encode() + to_bytes(LETTER, NOW)]
        assert desk.journal.content(ID) == to_bytes(LETTER, NOW)
        assert (gmail.box.drafts, desk.journal.answer(ID)) == ({}, detail)

    @pytest.mark.parametrize("keeps", [True, False])
    def test_who_answers_or_returns_it_names_the_letter_even_if_gmail_gave_it_another_message_id(
        self, gmail: FakeGmail, desk: GmailDesk, keeps: bool
    ) -> None:
        gmail.keeps_message_ids = keeps
        assert desk.send(OURS)[0] is SENT
        sent = message_from_bytes(gmail.box.sent[0])
        assert (sent["Message-ID"] == OURS.message_id) is keeps
        thread = f"In-Reply-To: {sent['Message-ID']}\r\nReferences: {sent['References']} {sent['Message-ID']}\r\n"
        reply = understand(f"From: anna@zuraw.pl\r\n{thread}\r\nZapłacone.\r\n".encode(), NOW)
        assert reply
        assert (reply.kind, reply.letter) == (Kind.REPLY, OURS.message_id)
        head = gmail.box.sent[0].partition(b"\r\n\r\n")[0].decode().replace("\r\n", "\n")
        bounce = returned_mail.postfix_bounce().replace(f"Message-ID: {returned_mail.OURS}", head)
        returned = understand(bounce.encode(), NOW)
        assert returned
        assert (returned.kind, returned.letter) == (Kind.BOUNCE, OURS.message_id)

    def test_the_journal_says_so_before_each_step(self, gmail: FakeGmail, desk: GmailDesk) -> None:
        said = list[tuple[str, Progress | None, bool]]()

        def told(step: Step) -> None:
            with closing(desk.outbox._open_journal()) as journal:
                said.append((step.kind, journal.progress(ID), journal.draft(ID) != ""))

        gmail.fate = told
        desk.send(LETTER)
        assert said == [("create", Progress.SENDING, False), ("send", Progress.DOT, True)]

    def test_no_more_go_in_a_minute_than_the_settings_say(self, gmail: FakeGmail, opened: Opener) -> None:
        desk = opened(access_to(gmail))
        desk.outbox._per_minute = 30
        for number in range(4):
            desk.send(replace(LETTER, message_id=f"<{number}@x>", invoices=(f"F-{number}",)))
        assert desk.clock.now() == 6.0

    def test_names_and_letters_of_any_language_arrive_unharmed(self, gmail: FakeGmail, desk: GmailDesk) -> None:
        letter = replace(LETTER, to=('"Żółw, Zażółć" <anna@żuraw.pl>',), subject="Zażółć 🐢", text=".\nżółć\n" * 999)
        assert desk.send(letter)[0] is SENT
        assert [sent.partition(b"\r\n")[2] for sent in gmail.box.sent] == [to_bytes(letter, NOW)]

    def test_doctor_sees_the_mailbox_and_sends_nothing(self, gmail: FakeGmail, opened: Opener) -> None:
        assert opened(access_to(gmail)).outbox.examine() == "Gmail as biuro@example.pl, signed in as biuro@example.pl"
        other = opened(replace(access_to(gmail), sender="faktury@example.pl"))
        assert "faktury@example.pl has to be one of its 'Send mail as' addresses" in other.outbox.examine()
        assert gmail.heard == ["profile", "profile"]


class TestRefusals:
    @pytest.mark.parametrize("step", ["create", "send"])
    def test_one_that_is_about_the_letter_is_permanent_and_stops_no_other(
        self, gmail: FakeGmail, desk: GmailDesk, step: str
    ) -> None:
        gmail.fate = fails(step, refusal(400, "Invalid To header", "invalidArgument"), times=1)
        assert desk.send(LETTER) == (FAILED, "permanent: 400 Invalid To header")
        assert desk.outbox.holds(ID) is False
        assert desk.send(NEXT)[0] is SENT
        assert (gmail.box.drafts, len(gmail.box.sent)) == ({}, 1)

    @pytest.mark.parametrize("step", ["create", "send"])
    @pytest.mark.parametrize("answer", [too_fast(), refusal(429, "Too many concurrent requests", "rateLimitExceeded")])
    def test_the_limit_of_a_minute_is_waited_for(
        self, gmail: FakeGmail, desk: GmailDesk, step: str, answer: Answer
    ) -> None:
        gmail.fate = fails(step, answer, times=3)
        assert desk.send(LETTER)[0] is SENT
        assert desk.clock.waits == [1, 2, 4]
        assert len(gmail.box.sent) == 1

    @pytest.mark.parametrize("answer", [too_many("2099-01-01T00:00:00.000Z"), too_fast()])
    def test_a_limit_that_lasts_ends_the_sending_and_leaves_no_doubt(
        self, gmail: FakeGmail, desk: GmailDesk, answer: Answer
    ) -> None:
        gmail.fate = fails("send", answer)
        with pytest.raises(OutOfReach, match="is used up"):
            desk.send(LETTER)
        assert desk.journal.progress(ID) is Progress.FAILED
        asked = len(gmail.heard)
        with pytest.raises(OutOfReach):
            desk.send(NEXT)
        assert len(gmail.heard) == asked
        assert desk.clock.now() <= PATIENCE
        gmail.fate = fails("nothing", Act.LOST)
        desk.clock.sleep(REST)
        assert (desk.outbox.holds(ID), desk.outbox.holds(NEXT.message_id)) == (False, None)
        assert [desk.send(letter)[0] for letter in (LETTER, NEXT)] == [SENT, SENT]
        assert (gmail.box.drafts, len(gmail.box.sent)) == ({}, 2)

    @pytest.mark.parametrize("step", ["create", "send"])
    def test_a_token_that_has_expired_is_renewed_once(
        self, gmail: FakeGmail, opened: Opener, tmp_path: Path, step: str
    ) -> None:
        desk = opened(replace(access_to(gmail), key_file=gmail.key_file(tmp_path / "key.json")))
        gmail.fate = fails(step, EXPIRED, times=1)
        assert desk.send(LETTER)[0] is SENT
        gmail.fate = fails(step, EXPIRED)
        with pytest.raises(OutOfReach, match="does not accept the sign-in"):
            desk.send(NEXT)
        assert (gmail.counts["token"], len(gmail.box.sent)) == (3, 1)

    @pytest.mark.parametrize("step", ["create", "send"])
    @pytest.mark.parametrize(
        ("answer", "words"),
        [
            (refusal(403, "Delegation denied for x@y.pl", "forbidden"), "may not write letters"),
            (refusal(403, "no", "domainPolicy"), "administrator of the domain"),
            (refusal(403, "Insufficient Permission", "insufficientPermissions"), "does not cover writing"),
            (refusal(403, "Gmail API has not been used in project 1 before", "accessNotConfigured"), "not enabled"),
            (refusal(400, "Mail service not enabled", "failedPrecondition"), "has no Gmail mailbox"),
            (refusal(403, "Something new", "new"), "403 Something new"),
        ],
    )
    def test_one_that_is_about_the_account_ends_the_sending(
        self, gmail: FakeGmail, desk: GmailDesk, step: str, answer: Answer, words: str
    ) -> None:
        gmail.fate = fails(step, answer)
        with pytest.raises(OutOfReach, match=words) as raised:
            desk.send(LETTER)
        assert raised.value.advice
        assert desk.outbox.holds(ID) is False
        assert not gmail.box.sent

    def test_the_api_that_is_not_switched_on(self, gmail: FakeGmail, desk: GmailDesk) -> None:
        gmail.api_enabled = False
        with pytest.raises(OutOfReach, match="not enabled") as raised:
            desk.outbox.examine()
        assert "library/gmail.googleapis.com" in raised.value.advice

    def test_a_draft_that_somebody_took_away_is_laid_down_anew(self, gmail: FakeGmail, desk: GmailDesk) -> None:
        def taken(step: Step) -> None:
            if step == Step("send", 1):
                gmail.box.drafts.clear()

        gmail.fate = taken
        assert desk.send(LETTER) == (FAILED, "passing: the draft is gone: somebody deleted or sent it")
        assert desk.send(LETTER)[0] is SENT
        assert len(gmail.box.sent) == 1


class TestLostAnswers:
    @pytest.mark.parametrize("act", [Act.LOST, Act.RESET, Act.CUT, Act.FAILED])
    def test_of_a_letter_that_left_the_draft_tells(self, gmail: FakeGmail, desk: GmailDesk, act: Act) -> None:
        gmail.fate = fails("send", act)
        assert desk.send(LETTER) == (SENT, "Gmail has sent it, but its answer got lost: the draft is gone")
        assert gmail.heard == ["create", "send", "get"]
        assert len(gmail.box.sent) == 1

    @pytest.mark.parametrize("answer", [Act.CLOSED, DOWN, front_end(503), Answer(200, page="<html>guests</html>")])
    def test_of_one_that_did_not_the_same_draft_goes_again(
        self, gmail: FakeGmail, desk: GmailDesk, answer: Act | Answer
    ) -> None:
        gmail.fate = fails("send", answer, times=TRIES - 1)
        assert desk.send(LETTER)[0] is SENT
        assert gmail.heard == ["create", *["send", "get"] * (TRIES - 1), "send"]
        assert len(gmail.box.sent) == 1

    def test_one_that_is_carried_out_late_makes_no_second_letter(self, gmail: FakeGmail, desk: GmailDesk) -> None:
        gmail.fate = fails("send", Act.LATE, times=1)
        assert desk.send(LETTER)[0] is SENT
        gmail.settle()
        assert len(gmail.box.sent) == 1

    def test_late_just_before_the_second_try(self, gmail: FakeGmail, desk: GmailDesk) -> None:
        def late(step: Step) -> Act | None:
            if step == Step("send", 2):
                gmail.settle()
            return Act.LATE if step == Step("send", 1) else None

        gmail.fate = late
        assert desk.send(LETTER)[0] is SENT
        assert len(gmail.box.sent) == 1

    def test_a_letter_that_failed_cannot_leave_any_more(self, gmail: FakeGmail, desk: GmailDesk) -> None:
        gmail.fate = fails("send", Act.LATE)
        state, detail = desk.send(LETTER)
        assert (state, detail[:9]) == (FAILED, "passing: ")
        gmail.settle()
        assert (gmail.box.sent, gmail.box.drafts) == ([], {})
        gmail.fate = fails("nothing", Act.LOST)
        assert desk.send(LETTER)[0] is SENT
        assert len(gmail.box.sent) == 1

    def test_one_that_left_at_the_last_moment_counts_as_sent(self, gmail: FakeGmail, desk: GmailDesk) -> None:
        def late(step: Step) -> Act | None:
            if step.kind == "delete":
                gmail.settle()
            return Act.LATE if step.kind == "send" else None

        gmail.fate = late
        assert desk.send(LETTER)[0] is SENT
        assert len(gmail.box.sent) == 1

    @pytest.mark.parametrize("act", [Act.LOST, Act.LATE, DOWN])
    def test_one_that_may_still_leave_is_unknown_if_its_draft_may_have_been_deleted(
        self, gmail: FakeGmail, desk: GmailDesk, act: Act | Answer
    ) -> None:
        gmail.fate = lambda step: {"send": Act.LATE, "delete": act}.get(step.kind)
        state, _ = desk.send(LETTER)
        assert state is UNKNOWN
        gmail.fate = fails("nothing", Act.LOST)
        desk.clock.sleep(REST)
        gmail.settle()
        assert desk.outbox.holds(ID) is None
        assert desk.send(LETTER)[0] is UNKNOWN
        assert len(gmail.box.sent) == (0 if act is Act.LOST else 1)

    @pytest.mark.parametrize(
        "then", [refusal(400, "What?", "badRequest"), refusal(403, "no", "domainPolicy"), too_fast()]
    )
    @pytest.mark.parametrize("late", [True, False])
    def test_a_refusal_after_a_lost_answer_says_nothing_of_the_first_try(
        self, gmail: FakeGmail, desk: GmailDesk, then: Answer, late: bool
    ) -> None:
        def fate(step: Step) -> Act | Answer | None:
            if late and step == Step("send", 2):
                gmail.settle()
            return (Act.LATE if step.count == 1 else then) if step.kind == "send" else None

        gmail.fate = fate
        assert desk.send(LETTER)[0] is (SENT if late else FAILED)
        gmail.settle()
        assert len(gmail.box.sent) == late

    def test_a_deletion_that_is_carried_out_late_is_not_taken_for_a_letter_that_left(
        self, gmail: FakeGmail, desk: GmailDesk
    ) -> None:
        def fate(step: Step) -> Act | None:
            if step == Step("delete", 2):
                gmail.settle()
                return None
            return {"send": Act.CLOSED, "delete": Act.LATE}.get(step.kind)

        gmail.fate = fate
        assert desk.send(LETTER)[0] is UNKNOWN
        assert (desk.outbox.holds(ID), gmail.box.sent) == (None, [])

    @pytest.mark.parametrize("act", [Act.LOST, Act.RESET, Act.CUT, Act.FAILED, Act.CLOSED, DOWN])
    def test_of_a_draft_it_is_swept_away(self, gmail: FakeGmail, desk: GmailDesk, act: Act | Answer) -> None:
        gmail.fate = fails("create", act, times=TRIES - 1)
        assert desk.send(LETTER)[0] is SENT
        assert (gmail.box.drafts, len(gmail.box.sent)) == ({}, 1)

    @pytest.mark.parametrize("flaw", ["indexed", "keeps_message_ids"])
    def test_a_draft_that_is_not_found_lies_there_unsent(self, gmail: FakeGmail, desk: GmailDesk, flaw: str) -> None:
        setattr(gmail, flaw, False)
        gmail.fate = fails("create", Act.LOST, times=1)
        assert desk.send(LETTER)[0] is SENT
        assert (len(gmail.box.drafts), len(gmail.box.sent)) == (1, 1)

    def test_no_draft_at_all_is_a_failure_that_passes(self, gmail: FakeGmail, desk: GmailDesk) -> None:
        gmail.fate = fails("create", DOWN)
        state, detail = desk.send(LETTER)
        assert (state, detail[:9]) == (FAILED, "passing: ")
        assert desk.outbox.holds(ID) is False

    def test_where_gmail_cannot_be_asked_it_is_unknown_till_it_can(self, gmail: FakeGmail, desk: GmailDesk) -> None:
        gmail.fate = lost_then_unreachable
        assert desk.send(LETTER)[0] is UNKNOWN
        with pytest.raises(OutOfReach):
            desk.outbox.holds(ID)
        assert desk.send(LETTER)[0] is UNKNOWN
        gmail.fate = fails("nothing", Act.LOST)
        desk.clock.sleep(REST)
        assert desk.outbox.holds(ID) is True
        assert desk.send(LETTER)[0] is SENT
        assert len(gmail.box.sent) == 1

    @pytest.mark.parametrize("act", list(Act))
    @pytest.mark.parametrize("step", ["create", "send", "get", "delete", "list"])
    def test_any_of_them_leaves_one_letter_at_most_and_the_next_try_just_one(
        self, gmail: FakeGmail, desk: GmailDesk, step: str, act: Act
    ) -> None:
        """Every second answer gets lost as well, so that each kind of request happens."""
        other: Fate = fails("create" if step == "list" else "send", Act.LATE, times=1)
        gmail.fate = lambda met: act if met.kind == step and met.count == 1 else other(met)
        desk.send(LETTER)
        assert len(gmail.box.sent) <= 1
        gmail.settle()
        gmail.fate = fails("nothing", Act.LOST)
        desk.clock.sleep(REST)
        desk.outbox.claim([LETTER], NOW)
        assert desk.send(LETTER)[0] is SENT
        gmail.settle()
        assert len(gmail.box.sent) == 1
