"""What comes back for a letter is understood: bounces of real servers, replies of real programs, machines, receipts."""

from base64 import b64encode
from datetime import UTC, datetime

import pytest

from mailers.answers import Kind, Response, may_concern, understand
from mailers.quoting import first_lines
from mailers.reading_mail import without_tags
from tests.fakes import returned_mail
from tests.fakes.returned_mail import OURS, TO, reply

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


def understood(message: str | bytes) -> Response | None:
    return understand(message if isinstance(message, bytes) else message.encode(), NOW)


def kind(message: str | bytes) -> Kind | None:
    found = understood(message)
    return found.kind if found else None


class TestBounces:
    @pytest.mark.parametrize(
        ("sample", "words"),
        [
            (returned_mail.postfix_bounce, "550 5.1.1"),
            (returned_mail.exchange_bounce, "550 5.1.10 RESOLVER.ADR.RecipientNotFound"),
            (returned_mail.gmail_bounce, "550-5.1.1 The email account"),
            (returned_mail.o2_bounce, "550 5.1.1 Konto nie istnieje"),
            (returned_mail.wp_bounce, "Sorry, no mailbox here by that name. (#5.1.1)"),
        ],
    )
    def test_name_letter_address_and_the_servers_words(self, sample: returned_mail.Sample, words: str) -> None:
        found = understood(sample(OURS, TO))
        assert found
        assert (found.kind, found.letter, found.address) == (Kind.BOUNCE, OURS, TO)
        assert words in found.words

    @pytest.mark.parametrize(
        "message",
        [
            returned_mail.exim_delay(),
            returned_mail.gmail_bounce(delayed=True),
            returned_mail.postfix_bounce(status="4.4.1", action="delayed"),
            returned_mail.postfix_bounce(status="4.4.1"),  # the server has given up; the address may be sound
        ],
    )
    def test_that_may_pass_are_delays(self, message: str) -> None:
        assert kind(message) is Kind.DELAY

    @pytest.mark.parametrize("message", [returned_mail.delivered(), returned_mail.read_receipt()])
    def test_and_receipts_of_success_are_no_answer(self, message: str) -> None:
        assert understood(message) is None

    def test_of_other_peoples_letters_are_not_ours(self) -> None:
        assert understood(returned_mail.postfix_bounce("<other@firma.example>")) is None

    def test_with_their_text_in_base64_are_found_too(self) -> None:
        text = returned_mail.o2_bounce()
        head, _, body = text.partition("\n\n")
        coded = b64encode(body.encode()).decode()
        assert kind(f"{head.replace('8bit', 'base64')}\n\n{coded}") is Kind.BOUNCE

    def test_of_a_person_called_postmaster_without_any_code_stop_nothing(self) -> None:
        text = reply("We are looking into it.").replace("Anna Żuraw <anna@zuraw.pl>", "postmaster@zuraw.pl")
        assert kind(text) is Kind.DELAY

    def test_in_the_worst_of_several_recipients_count(self) -> None:
        group = "Final-Recipient: rfc822; inny@zuraw.pl\nAction: delivered\nStatus: 2.0.0\n\n"
        text = returned_mail.postfix_bounce().replace("Final-Recipient:", f"{group}Final-Recipient:", 1)
        assert kind(text) is Kind.BOUNCE


POLISH = "Dzień dobry,\nfaktura zapłacona wczoraj, w załączeniu potwierdzenie.\nPozdrawiam\nAnna Żuraw\n"
FIRST = "Dzień dobry, faktura zapłacona wczoraj, w załączeniu potwierdzenie. Pozdrawiam Anna Żuraw"
QUOTED = "> Dzień dobry,\n> prosimy o zapłatę faktury FV/1.\n> Biuro\n"
REPLIES = {
    "Thunderbird, Polish": f"{POLISH}\nW dniu 22.11.2026 o 08:00, Biuro pisze:\n{QUOTED}",
    "Thunderbird, English": f"{POLISH}\nOn 22/11/2026 08:00, Biuro wrote:\n{QUOTED}",
    "Gmail, Polish": f"{POLISH}\nniedz., 22 lis 2026 o 08:00 Biuro <biuro@firma.example> napisał(a):\n\n{QUOTED}",
    "Gmail, English, wrapped": f"{POLISH}\nOn Sun, Nov 22, 2026 at 8:00 AM Biuro Rachunkowe Sp. z o.o.\n"
    f"<biuro@firma.example> wrote:\n\n{QUOTED}",
    "Outlook, Polish": f"{POLISH}\nFrom: Biuro <biuro@firma.example>\nSent: niedziela, 22 listopada 2026 08:00\n"
    "To: Anna\nSubject: Przypomnienie\n\nProsimy o zapłatę.",
    "Outlook, all Polish": f"{POLISH}\nOd: Biuro <biuro@firma.example>\nWysłano: niedziela, 22 listopada 2026 08:00\n"
    "Do: Anna\nTemat: Przypomnienie\n\nProsimy o zapłatę.",
    "Outlook on the web": f"{POLISH}\n________________________________\nOd: Biuro <biuro@firma.example>\n\nProsimy.",
    "iPhone, Polish": f"{POLISH}\nWysłane z iPhone'a\n\nWiadomość napisana przez Biuro <biuro@firma.example> "
    f"w dniu 22.11.2026, o godz. 08:00:\n\n{QUOTED}",
    "iPhone, English": f"{POLISH}\nSent from my iPhone\n\n> On 22 Nov 2026, at 08:00, Biuro <b@x.pl> wrote:\n{QUOTED}",
    "Samsung": f"{POLISH}\n-------- Oryginalna wiadomość --------\nOd: Biuro\nProsimy o zapłatę.",
    "o2 and wp": f"{POLISH}\nDnia 22 listopada 2026 08:00 Biuro &lt;biuro@firma.example&gt; napisał(a):\n\nProsimy.",
    "interia": f"{POLISH}\n-----Wiadomość oryginalna-----\nOd: Biuro\nProsimy o zapłatę.",
    "with a signature": f"{POLISH}\n-- \nŻuraw sp. z o.o.\ntel. 600 700 800",
    "below the quotation": f"W dniu 22.11.2026 o 08:00, Biuro pisze:\n{QUOTED}\n{POLISH}",
    "plain": POLISH,
    "with carriage returns": POLISH.replace("\n", "\r\n"),
}


class TestReplies:
    @pytest.mark.parametrize("text", REPLIES.values(), ids=REPLIES.keys())
    def test_show_what_the_person_wrote_and_nothing_quoted(self, text: str) -> None:
        found = understood(reply(text))
        assert found
        assert (found.kind, found.letter, found.own_id, found.sender) == (Kind.REPLY, OURS, "<reply1@zuraw.pl>", TO)
        assert found.words == FIRST

    def test_may_be_html_alone(self) -> None:
        html = (
            "<html><head><style>p {color: red}</style></head><body><p>Zapłacimy w&nbsp;piątek.</p>"
            "<div class=gmail_quote>W dniu 22.11.2026 o 08:00 Biuro pisze:<blockquote>Prosimy</blockquote></div></body>"
        )
        found = understood(reply(html).replace("text/plain", "text/html"))
        assert found
        assert found.words.replace("\xa0", " ") == "Zapłacimy w piątek."

    def test_may_be_one_of_several_parts(self) -> None:
        head, _, body = reply("Zapłacone.").partition("MIME-Version")
        parts = f"--b\nContent-{body.partition('Content-')[2]}\n--b\nContent-Type: text/html\n\n<p>x\n--b--\n"
        found = understood(f"{head}MIME-Version: 1.0\nContent-Type: multipart/alternative; boundary=b\n\n{parts}")
        assert found
        assert found.words == "Zapłacone."

    def test_without_text_are_replies_all_the_same(self) -> None:
        found = understood(reply(""))
        assert found
        assert (found.kind, found.words) == (Kind.REPLY, "")

    @pytest.mark.parametrize("charset", ["iso-8859-2", "windows-1250", "utf-16"])
    def test_may_come_in_any_charset(self, charset: str) -> None:
        head, _, _ = reply("").partition("\n\n")
        message = head.replace("utf-8", charset).encode() + b"\n\n" + "Zapłacę żółtą".encode(charset)
        found = understood(message)
        assert found
        assert charset == "utf-16" or found.words == "Zapłacę żółtą"

    @pytest.mark.parametrize("charset", ["no-such", "idna", "punycode", "rot13", "x\0y", "utf-7", "'"])
    def test_in_a_false_charset_are_read_as_well_as_may_be(self, charset: str) -> None:
        found = understood(reply("Zapłacone.").replace("charset=utf-8", f'charset="{charset}"'))
        assert found
        assert "Zap" in found.words

    def test_that_came_by_a_group_address_are_a_persons(self) -> None:
        headers = "Precedence: list\nList-Id: <biuro.firma.example>\n"
        assert kind(reply("Zapłacone.", headers=headers)) is Kind.REPLY
        assert kind(reply("Zapłacone.", headers="Precedence: bulk\nList-Id: <b.x>\n")) is Kind.REPLY

    def test_name_the_letter_in_references_alone_too(self) -> None:
        text = reply("Dobrze.").replace(f"In-Reply-To: {OURS}\n", "").replace(OURS, f"<first@x> {OURS} <last@y>")
        assert kind(text) is Kind.REPLY

    def test_to_other_letters_are_not_ours(self) -> None:
        assert understood(reply("Dobrze.", "<someone@else>")) is None

    def test_that_quote_our_id_in_their_text_only_are_not_ours(self) -> None:
        assert understood(reply(f"see {OURS}", "<someone@else>")) is None

    def test_with_hostile_ids_get_one_of_our_making(self) -> None:
        for own in ("", "<x y@z>", "<" + "a" * 500 + "@b>", "<a@b> <c@d>", "none"):
            found = understood(reply("Dobrze.", own=own))
            assert found
            assert found.own_id.endswith("@no-message-id>")


class TestMachines:
    @pytest.mark.parametrize(
        "headers",
        [
            "Auto-Submitted: auto-replied\n",
            "Auto-Submitted: auto-generated; x=y\n",
            "X-Autoreply: yes\n",
            "X-Autorespond: Re\n",
            "Precedence: auto_reply\n",
            "Precedence: bulk\n",
            "Precedence: junk\n",
        ],
    )
    def test_are_known_by_their_headers(self, headers: str) -> None:
        assert kind(reply("Jestem na urlopie.", headers=headers)) is Kind.AUTOMATIC

    @pytest.mark.parametrize(
        "subject",
        [
            "Automatic reply: Przypomnienie",
            "Odpowiedź automatyczna: Przypomnienie",
            "Autoodpowiedź: jestem poza biurem",
            "Out of Office: x",
            "Out of the office Re: x",
            "Poza biurem",
            "Nieobecność: x",
            "Automatische Antwort: x",
            "Réponse automatique : x",
            "Автоматична відповідь: x",
        ],
    )
    def test_are_known_by_their_subjects(self, subject: str) -> None:
        assert kind(reply("x").replace("Re: Przypomnienie", subject)) is Kind.AUTOMATIC

    @pytest.mark.parametrize("headers", ["Auto-Submitted: no\n", "X-Auto-Response-Suppress: OOF\n", "X-Mailer: x\n"])
    def test_are_not_seen_in_persons(self, headers: str) -> None:
        assert kind(reply("Dobrze.", headers=headers)) is Kind.REPLY

    def test_that_exchange_is(self) -> None:
        found = understood(returned_mail.away())
        assert found
        assert found.kind is Kind.AUTOMATIC
        assert found.words.startswith("Jestem na urlopie")


def test_only_what_may_concern_us_is_read_whole() -> None:
    """The rest of the mailbox is nobody's business."""
    samples = [returned_mail.postfix_bounce(), returned_mail.o2_bounce(), returned_mail.wp_bounce(), reply("x")]
    assert [may_concern(sample.partition("\n\n")[0].encode()) for sample in samples] == [True] * 4
    strangers = [reply("x", "<someone@else>"), "Subject: hello\n\nx", "", "\0\0"]
    assert [may_concern(sample.partition("\n\n")[0].encode()) for sample in strangers] == [False] * 4


def test_long_replies_are_cut_and_are_one_line() -> None:
    told = first_lines("Słowo " * 100 + "\r\n\x00\u202e")
    assert len(told) == 200
    assert told.endswith("…")
    assert told.isprintable()


def test_html_without_end_is_read() -> None:
    assert without_tags("<p>Dobrze<b>, <!-- > <<< <x y='") == "Dobrze, "
