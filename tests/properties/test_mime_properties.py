"""Whatever a sheet holds, a message has each header once, only its own recipients, and the words that were meant."""

import email
import email.policy
from datetime import UTC, datetime
from email.header import decode_header, make_header
from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mailers.addresses import clean, mailbox
from mailers.mime import to_bytes
from mailers.reminders import Letter

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
ONCE = ("From", "To", "Reply-To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type")

special = st.sampled_from('\r\n\x00\x0b\x85\u2028\u202e"<>@,;:\\=?_ ąŻ')
nasty = st.text(st.one_of(st.characters(), special), max_size=200)
local = st.from_regex(r"[a-h0-9+_-]{1,20}(\.[a-h0-9]{1,20}){0,2}", fullmatch=True)
addresses = st.builds("{}@{}.pl".format, local, st.text("abcdef", min_size=1, max_size=60))


def letter(**fields: Any) -> Letter:
    values: dict[str, Any] = {
        "client": "K-0001",
        "to": ("anna@example.com",),
        "sender": "Biuro <biuro@example.pl>",
        "reply_to": "",
        "subject": "Przypomnienie",
        "text": "Dzień dobry\n",
        "html": "<p>Dzień dobry</p>\n",
        "message_id": "<kartoteka.0123@example.pl>",
        "step": "+7",
        "language": "pl",
        "invoices": ("F-0001",),
    }
    return Letter(**{**values, **fields})


def parsed(sent: Letter) -> EmailMessage:
    message = email.message_from_bytes(to_bytes(sent, NOW), policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


@given(subject=nasty, name=nasty, reply=nasty)
@example(subject="=?utf-8?q?Bcc?= =?utf-8?q?x?=", name="=?utf-8?q?a?=", reply="a, b@c.pl,")
@example(subject="a\r\nBcc: x@y.pl", name='"quoted" <x@y.pl>', reply="x@y.pl,")
@example(subject="ą" * 300, name='ą"' * 100, reply="Kowalska, Anna " * 40)
@example(subject="x" * 1500, name="x" * 1500, reply="x y " * 400)
def test_no_text_of_a_cell_adds_a_header_or_a_recipient(subject: str, name: str, reply: str) -> None:
    sender, reply_to = f"{name} <biuro@example.pl>", f"{reply} <odpowiedzi@example.pl>"
    message = parsed(letter(subject=subject, sender=sender, reply_to=reply_to))
    assert {header: len(message.get_all(header, [])) for header in ONCE} == dict.fromkeys(ONCE, 1)
    assert len(message.keys()) == len(ONCE) + 2
    assert [a.addr_spec for a in message["To"].addresses] == ["anna@example.com"]
    assert [a.addr_spec for a in message["From"].addresses] == ["biuro@example.pl"]
    assert [a.addr_spec for a in message["Reply-To"].addresses] == ["odpowiedzi@example.pl"]


@given(nasty)
@example("  wiele   spacji  \u200b ")
@example("=?utf-8?b?xIU=?= ą")
@example("ab " * 60 + "ą" * 90 + " " + "ć" * 90)
def test_a_subject_arrives_as_it_was_without_controls(subject: str) -> None:
    assert parsed(letter(subject=subject))["Subject"] == clean(subject)


@given(nasty)
def test_the_senders_name_arrives_as_it_was(name: str) -> None:
    sender = f"{name} <biuro@example.pl>"
    # Not by the modern parser: in Python 3.11 it leaves a space between two encoded words (RFC 2047, 6.2 drops it).
    raw = str(email.message_from_bytes(to_bytes(letter(sender=sender), NOW))["From"]).replace("\r\n", "")
    phrase, address = raw[: -len("<biuro@example.pl>")], raw[-len("<biuro@example.pl>") :]
    assert address.strip("<>") == "biuro@example.pl"
    assert str(make_header(decode_header(phrase.strip()))) == mailbox(sender)[0]


@given(st.lists(addresses, min_size=1, max_size=30, unique=True))
def test_exactly_the_recipients_of_the_letter_are_written_to(to: list[str]) -> None:
    assert [a.addr_spec for a in parsed(letter(to=tuple(to)))["To"].addresses] == to


@given(text=nasty, html=nasty)
def test_both_parts_arrive_whole(text: str, html: str) -> None:
    message = parsed(letter(text=text, html=html))
    parts = [part.get_content().replace("\r\n", "\n") for part in message.iter_parts()]
    assert parts == [_as_mail(text), _as_mail(html)]


@given(nasty)
def test_a_recipient_is_one_address_or_refused(entry: str) -> None:
    try:
        message = parsed(letter(to=(entry,)))
    except ValueError:
        return
    assert len(message["To"].addresses) == 1


@given(subject=nasty, name=nasty, text=nasty)
def test_no_line_is_longer_than_mail_servers_take(subject: str, name: str, text: str) -> None:
    raw = to_bytes(letter(subject=subject, sender=f"{name} <biuro@example.pl>", text=text), NOW)
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert b"\n" not in raw.replace(b"\r\n", b"")


@pytest.mark.parametrize("to", [(), ("",), ("a@b.pl, c@d.pl",), ("a@b.pl\r\nBcc: c@d.pl",), ("a b@c.pl",), ("ania",)])
def test_what_is_not_one_address_each_is_refused(to: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match=r"address|recipient"):
        to_bytes(letter(to=to), NOW)


def _as_mail(text: str) -> str:
    """Line ends as mail has them, and a last one."""
    lines = text.encode(errors="replace").decode().replace("\r\n", "\n").replace("\r", "\n")
    return lines if lines.endswith("\n") else lines + "\n"
