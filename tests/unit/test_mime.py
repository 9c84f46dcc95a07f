"""How a letter becomes a message: its headers, its two parts, the same bytes every time."""

import email
import email.policy
from dataclasses import replace
from datetime import datetime
from email.message import EmailMessage
from zoneinfo import ZoneInfo

from mailers.mime import to_bytes, to_message
from mailers.reminders import Letter

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=ZoneInfo("Europe/Warsaw"))
LETTER = Letter(
    client="K-0001",
    to=("anna@example.com", "Jan <jan@żuraw.pl>"),
    sender="Biuro Żuraw <biuro@example.pl>",
    reply_to="faktury@example.pl",
    subject="Przypomnienie o płatności: faktura FV/12/2026",
    text="Dzień dobry\n",
    html="<p>Dzień dobry</p>\n",
    message_id="<kartoteka.0123@example.pl>",
    step="+7",
    language="pl",
    invoices=("F-0001",),
)


def parsed(letter: Letter = LETTER) -> EmailMessage:
    message = email.message_from_bytes(to_bytes(letter, NOW), policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def test_every_header_that_mail_programs_need_is_there() -> None:
    headers = {name: str(value) for name, value in parsed().items() if name not in ("Content-Type", "MIME-Version")}
    assert headers == {
        "From": "Biuro Żuraw <biuro@example.pl>",
        "To": "anna@example.com, jan@xn--uraw-99a.pl",
        "Reply-To": "faktury@example.pl",
        "Subject": "Przypomnienie o płatności: faktura FV/12/2026",
        "Date": "Mon, 23 Nov 2026 08:00:00 +0100",
        "Message-ID": "<kartoteka.0123@example.pl>",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        "Content-Language": "pl",
    }


def test_the_message_itself_reads_like_what_is_sent() -> None:
    message = to_message(LETTER, NOW)
    assert message["Subject"] == LETTER.subject
    assert [a.addr_spec for a in message["To"].addresses] == ["anna@example.com", "jan@xn--uraw-99a.pl"]


def test_text_comes_first_and_html_is_its_alternative() -> None:
    message = parsed()
    assert message.get_content_type() == "multipart/alternative"
    parts = list(message.iter_parts())
    assert [(p.get_content_type(), p.get_content_charset()) for p in parts] == [
        ("text/plain", "utf-8"),
        ("text/html", "utf-8"),
    ]
    assert [p.get_content().strip() for p in parts] == [LETTER.text.strip(), LETTER.html.strip()]


def test_without_an_address_for_replies_there_is_no_such_header() -> None:
    assert parsed(replace(LETTER, reply_to=""))["Reply-To"] is None


def test_turning_marks_and_line_ends_do_not_reach_a_header() -> None:
    subject = parsed(replace(LETTER, subject="FV\u202e1\r\nBcc: x@y.pl\x00"))["Subject"]
    assert subject == "FV1 Bcc: x@y.pl"


def test_the_same_letter_and_moment_give_the_same_bytes() -> None:
    assert to_bytes(LETTER, NOW) == to_bytes(replace(LETTER), NOW)
