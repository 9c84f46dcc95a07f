"""What a message in the mailbox says about a letter of ours: a bounce, a delay, an automatic or a person's reply, or
nothing. Pure: bytes in, one value out; whatever the bytes are, it raises nothing.

A letter is known by its Message-ID (message_ids.py), which a reply names in In-Reply-To or References (RFC 5322, 3.6.4)
and a bounce in the headers that it returns (RFC 3462). What a bounce reports is bounces.py's part, the first lines of a
reply quoting.py's, the bytes reading_mail.py's.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from email.message import Message
from enum import StrEnum
from hashlib import blake2b

from mailers.addresses import clean
from mailers.bounces import Delivery, delivery, is_report_of_mail_server
from mailers.quoting import first_lines
from mailers.reading_mail import MOST, header, media_type, message_of, parameter, text_of

_OURS = re.compile(r"kartoteka\.[0-9a-f]{32}@[A-Za-z0-9._-]{1,255}")
_MESSAGE_ID = re.compile(r"<[^<>\s@]{1,120}@[^<>\s@]{1,120}>")
_ADDRESS = re.compile(r"[^\s<>\"',;:()]{1,64}@[^\s<>\"',;:()]{1,255}")
# RFC 3834, and what was in use before it; only the headers that no person's program writes.
_MACHINE_HEADERS = ("X-Autoreply", "X-Autorespond", "X-Autoresponder", "X-Auto-Reply-From", "X-Mail-Autoreply")
_MACHINE_PRECEDENCE = frozenset({"auto_reply", "bulk", "junk"})
_MACHINE_SUBJECT = re.compile(
    r"(automatic reply|auto(matic)?[- ]?(reply|response)|autoreply|out of (the )?office|ooo\b"
    r"|odpowiedź automatyczna|automatyczna odpowiedź|auto(matyczna )?odpowiedź|autoodpowiedź|poza biurem"
    r"|nieobecność|jestem na urlopie|automatische antwort|abwesenheit|réponse automatique|respuesta automática"
    r"|risposta automatica|automatisch antwoord|autosvar|automatická odpověď|automatinis atsakymas"
    r"|автоматический ответ|автоматична відповідь)",
    re.I,
)


class Kind(StrEnum):
    """What a message is to a letter. A BOUNCE is final, a DELAY passes; both come from mail servers."""

    BOUNCE = "bounce"
    DELAY = "delay"
    AUTOMATIC = "automatic"
    REPLY = "reply"


@dataclass(frozen=True, slots=True)
class Response:
    """What came back for the letter with the Message-ID `letter`: `own_id` is the message's own, `arrived` when the
    mailbox got it (aware), `sender` who wrote, `words` its first lines or the server's words, on one line; `address`
    the recipient that a bounce speaks of, "" when it names none."""

    kind: Kind
    letter: str
    own_id: str
    arrived: datetime
    sender: str
    words: str
    address: str = ""


def may_concern(headers: bytes) -> bool:
    """Whether the whole message is worth reading: it names a letter of ours, or a mail server wrote it."""
    message = message_of(headers[:MOST])
    return bool(_OURS.search(_threads(message)) or is_report_of_mail_server(message))


def understand(content: bytes, arrived: datetime) -> Response | None:
    """What the message says about a letter of ours, None when it says nothing. Read receipts and reports of success
    (RFC 8098, RFC 3464) say nothing: neither is an answer.

    Only the first 64 KB are looked at.
    """
    content = content[:MOST]
    message = message_of(content)
    if media_type(message) == "multipart/report" and parameter(message, "report-type") == "disposition-notification":
        return None
    if is_report_of_mail_server(message):
        report = delivery(message)
        returned = (content.decode("latin-1"), text_of(message))
        letter = next((found for text in (_threads(message), *returned) if (found := _letter(text))), "")
        return _of_server(message, letter, report, content, arrived) if report and letter else None
    letter = _letter(_threads(message))
    if not letter:
        return None
    kind = Kind.AUTOMATIC if is_automatic(message) else Kind.REPLY
    words = first_lines(text_of(message))
    return Response(kind, letter, _own_id(message, content), arrived, _sender(message), words)


def is_automatic(message: Message) -> bool:
    """Whether a machine answers in the place of a person (RFC 3834, and what Exchange and others write)."""
    submitted = header(message, "Auto-Submitted").partition(";")[0].strip().casefold()
    if submitted not in ("", "no") or any(name in message for name in _MACHINE_HEADERS):
        return True
    # A person's reply that came by way of a group's address bears the group's precedence.
    if "List-Id" not in message and header(message, "Precedence").strip().casefold() in _MACHINE_PRECEDENCE:
        return True
    return bool(_MACHINE_SUBJECT.match(header(message, "Subject")))


def _of_server(message: Message, letter: str, report: Delivery, content: bytes, arrived: datetime) -> Response:
    kind = Kind.BOUNCE if report.final else Kind.DELAY
    return Response(
        kind, letter, _own_id(message, content), arrived, _sender(message), report.words, clean(report.address)
    )


def _threads(message: Message) -> str:
    """The headers that tell which messages this one answers, the surest first."""
    chain = header(message, "References").split()
    return " ".join([header(message, "In-Reply-To"), *reversed(chain), header(message, "Original-Message-ID")])


def _letter(text: str) -> str:
    found = _OURS.search(text)
    return f"<{found.group().rstrip('.-')}>" if found else ""


def _own_id(message: Message, content: bytes) -> str:
    """The message's own Message-ID; one made from the content where it has none that can be used."""
    found = _MESSAGE_ID.fullmatch(clean(header(message, "Message-ID")))
    return found.group() if found else f"<{blake2b(content, digest_size=12).hexdigest()}@no-message-id>"


def _sender(message: Message) -> str:
    found = _ADDRESS.findall(header(message, "From"))
    return clean(found[-1]) if found else ""
