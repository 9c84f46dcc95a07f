"""Whatever lies in a mailbox is survived: broken MIME, false charsets, endless nesting, injected headers, size."""

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailers.addresses import clean
from mailers.answers import Response, may_concern, understand
from mailers.folder_names import folder_name, wire_name
from mailers.quoting import first_lines
from sync.events import Event
from tests.fakes import returned_mail
from tests.fakes.returned_mail import OURS, reply

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
SAMPLES = [
    returned_mail.postfix_bounce(),
    returned_mail.exchange_bounce(),
    returned_mail.gmail_bounce(),
    returned_mail.o2_bounce(),
    returned_mail.wp_bounce(),
    returned_mail.exim_delay(),
    returned_mail.read_receipt(),
    returned_mail.away(),
    reply("Dobrze."),
]
NAMES = ["Content-Type", "Subject", "From", "In-Reply-To", "Content-Transfer-Encoding", "Auto-Submitted", "Message-ID"]
VALUES = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        [
            "multipart/mixed; boundary=",
            'multipart/report; report-type="delivery-status"; boundary="B1"',
            "message/rfc822",
            "message/delivery-status",
            "text/plain; charset*0*=utf-8''%C5; charset*1=x",
            "=?utf-8?b?////?=",
            "=?no-such?q?=C5=BA?=",
            "=?idna?q?xn--?=",
            "x-uuencode",
            "base64",
            OURS,
            f"{OURS}\r\nBcc: x@y.pl",
        ]
    ),
)


def sound(found: Response | None) -> bool:
    """Whether a value is fit for one line of the history."""
    if found is None:
        return True
    texts = (found.letter, found.own_id, found.sender, found.words, found.address)
    return all(text == clean(text) and len(text) < 420 for text in texts)


@given(st.binary(max_size=3000))
def test_any_bytes_are_survived(content: bytes) -> None:
    assert sound(understand(content, NOW))
    assert may_concern(content) in (True, False)


@settings(max_examples=300)
@given(st.sampled_from(SAMPLES), st.data())
def test_real_messages_with_bytes_changed_are_survived(sample: str, data: st.DataObject) -> None:
    content = bytearray(sample.encode())
    for _ in range(data.draw(st.integers(1, 5))):
        start = data.draw(st.integers(0, len(content)))
        end = min(len(content), start + data.draw(st.integers(0, 30)))
        content[start:end] = data.draw(st.binary(max_size=30))
    assert sound(understand(bytes(content), NOW))


@settings(max_examples=300)
@given(st.sampled_from(SAMPLES), st.lists(st.tuples(st.sampled_from(NAMES), VALUES), max_size=5))
def test_real_messages_with_headers_put_before_them_are_survived(sample: str, headers: list[tuple[str, str]]) -> None:
    put = "".join(f"{name}: {value}\n" for name, value in headers)
    assert sound(understand((put + sample).encode("utf-8", "surrogatepass"), NOW))


@given(st.text(max_size=500))
def test_first_lines_are_one_printable_line(text: str) -> None:
    told = first_lines(text)
    assert told == clean(told)
    assert len(told) <= 200


@given(st.text(max_size=80), st.text(max_size=80))
def test_what_a_stranger_writes_never_passes_for_the_ids_of_a_row(words: str, own: str) -> None:
    """The history knows letter and answer by what stands first in the details."""
    found = understand(reply(words, own=own.replace("\n", " ")).encode("utf-8", "surrogatepass"), NOW)
    if found:
        details = f"{found.letter} {found.own_id} {found.sender} (F-0001): {found.words}"
        event = Event(None, "r", "reply received", "clients", "K-0001", "reply", "", "", details)
        assert (event.message_id, event.answer_id) == (found.letter, found.own_id)


@pytest.mark.parametrize(
    "content",
    [
        b"Content-Type: multipart/mixed; boundary=a\n\n" + b"--a\nContent-Type: multipart/mixed; boundary=a\n\n" * 2000,
        b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(1500)),
        b"Content-Type: message/rfc822\n\n" * 3000,
        b"From: mailer-daemon@x\nContent-Type: text/html\n\n" + b"<a " * 30_000,
        b"From: mailer-daemon@x\nContent-Type: text/html\n\n" + b"<!--" * 20_000,
        b"From: mailer-daemon@x\n\n" + b"user " * 20_000,
        b"From: mailer-daemon@x\n\n" + b"550 " * 20_000,
        b"From: " + b"a@" * 30_000 + b"\nIn-Reply-To: " + OURS.encode() + b"\n\n" + b"> " * 30_000,
        b"Subject: " + b"=?utf-8?q?x?= " * 6000 + b"\nIn-Reply-To: " + OURS.encode() + b"\n\nx",
        b"In-Reply-To: " + OURS.encode() + b"\n\n" + b"-" * 60_000,
        b"In-Reply-To: " + OURS.encode() + b"\n\n" + b"On " * 20_000 + b"wrote:",
        b"References: " + b"<" * 60_000 + b"\n\nx",
        b"In-Reply-To: " + OURS.encode() + b"\nContent-Type: text/plain; charset=punycode\n\na-" + b"z" * 60_000,
        b"In-Reply-To: " + OURS.encode() + b"\nContent-Transfer-Encoding: x-uuencode\n\nbegin 6 a\n" + b"\xff" * 60_000,
        b"X" * 10_000_000,
    ],
    ids=lambda content: content[:40].decode("latin-1").replace("\n", " "),
)
def test_no_message_takes_long(content: bytes) -> None:
    begun = time.process_time()
    assert sound(understand(content, NOW))
    may_concern(content)
    assert time.process_time() - begun < 3


@given(st.text())
def test_names_of_folders_come_back_as_they_were(name: str) -> None:
    encodable = name.encode("utf-8", "ignore").decode()
    assert folder_name(wire_name(encodable)) == encodable
    assert wire_name(encodable).isascii()
