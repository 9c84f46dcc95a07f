"""What mail servers report of a letter: that it came back, or is late. Pure; raises nothing.

RFC 3464 says how; many servers report in words of their own, in which the SMTP reply of the server that refused is the
only thing to rely on.
"""

import re
from dataclasses import dataclass
from email.message import Message

from mailers.addresses import clean
from mailers.reading_mail import decoded, header, media_type, parameter, parts, text_of

LONGEST = 200  # characters of a server's words
_SERVERS = re.compile(r"\b(mailer-daemon|postmaster|mail-daemon|mailerdaemon|mdaemon|mail\.daemon)\b", re.I)
_SUBJECTS = re.compile(
    r"(undeliver|undelivered mail|delivery (status notification|failure|incomplete|has failed|delayed)|failure notice"
    r"|mail delivery (failed|failure|system)|returned mail|message (not delivered|delayed)|warning: message"
    r"|niedostarczon|nie dostarczono|nie można dostarczyć|nie udało się dostarczyć|zwrot (wiadomości|poczty)"
    r"|zwrócon|niedoręczon|opóźnienie w dostarcz|unzustellbar|delayed mail|mail delayed)",
    re.I,
)
_STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?!\.?\d)")
_REPLY = re.compile(r"(?<![\d.])([45]\d\d)(?:[ -]+#?([45]\.\d{1,3}\.\d{1,3}))?(?=[ -])(?!\s*[-/]\s*\d)")
_ADDRESS = re.compile(r"[^\s<>\"',;:()\[\]]{1,64}@[^\s<>\"',;:()\[\]]{1,255}")
_RETURNED = re.compile(
    r"^[-_ ]*(?:received: |return-path: |message-id: |original message headers|this is a copy of)", re.I | re.M
)
_NOBODY = re.compile(
    r"(user|mailbox|recipient|account|address)[^.\n]{0,40}(unknown|not found|n.t exist|not exist|disabled|invalid)"
    r"|(unknown|no such|invalid) (user|mailbox|recipient|address)|no mailbox here|nie istnieje"
    r"|nieznany (adres|użytkownik)"
    r"|permanent (fatal )?error|permanently",
    re.I,
)
_LATE = re.compile(r"(delay|opóźni|warning: message|could not be delivered for|still being retried)", re.I)


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of a letter: `final` when no server tries any more because the address or the letter was refused
    (5.x.x); else it is late, or the servers gave up for a reason that may pass (4.x.x)."""

    final: bool
    address: str
    words: str


def is_report_of_mail_server(message: Message) -> bool:
    """Whether a mail server wrote this about another message."""
    if media_type(message) == "multipart/report":
        return parameter(message, "report-type") in ("delivery-status", "")
    if "X-Failed-Recipients" in message or _SERVERS.search(header(message, "From")):
        return True
    return header(message, "Return-Path").strip() == "<>" and bool(_SUBJECTS.search(header(message, "Subject")))


def delivery(message: Message) -> Delivery | None:
    """What the report says; None when it reports a success, or nothing that can be told.

    A report about several recipients is as bad as the worst of them: our letters have one.
    """
    groups = [group for part in parts(message) for group in _groups(part)]
    reported = [found for group in groups if (found := _of_group(group))]
    if reported:
        return next((found for found in reported if found.final), reported[0])
    if groups and all(_action(group) in ("delivered", "relayed", "expanded") for group in groups):
        return None
    return _of_words(message)


def _groups(part: Message) -> list[Message]:
    """The groups of fields of a delivery-status part, one for each recipient (RFC 3464, 2.3)."""
    if media_type(part) not in ("message/delivery-status", "message/global-delivery-status"):
        return []
    inner = part.get_payload() if part.is_multipart() else ()
    groups = inner if isinstance(inner, list) else []
    return [group for group in groups if isinstance(group, Message) and "Action" in group]


def _action(group: Message) -> str:
    return header(group, "Action").partition(" ")[0].strip().casefold()


def _of_group(group: Message) -> Delivery | None:
    if _action(group) not in ("failed", "delayed"):
        return None
    words = clean(header(group, "Diagnostic-Code").partition(";")[2]) or clean(header(group, "Status"))
    status = _STATUS.search(header(group, "Status"))
    address = header(group, "Original-Recipient") or header(group, "Final-Recipient")
    found = _ADDRESS.search(address.partition(";")[2] or address)
    final = _action(group) == "failed" and (status is None or status[1] == "5")
    return Delivery(final, found.group() if found else "", words[:LONGEST])


def _of_words(message: Message) -> Delivery | None:
    """From a report in a server's own words: the SMTP reply that it quotes decides, else its words on the address."""
    text = _RETURNED.split(text_of(message) or _first_text(message), maxsplit=1)[0][:8000]
    subject = header(message, "Subject")
    reply, status = _REPLY.search(text), _STATUS.search(text)
    nobody = _NOBODY.search(text)
    code = (reply and (reply[2] or reply[1])) or (status and status[0]) or ("5" if nobody else "")
    final = code.startswith("5") and not _LATE.search(subject)
    decisive = reply or status or nobody
    words = _line(text, decisive.start()) if decisive else clean(subject)
    address = _ADDRESS.search(header(message, "X-Failed-Recipients") or text)
    return Delivery(final, address.group() if address else "", words[:LONGEST])


def _line(text: str, at: int) -> str:
    """The line of `text` around place `at`, and the next, as one."""
    begin = text.rfind("\n", 0, at) + 1
    lines = text[begin : begin + 600].split("\n")[:2]
    return clean(" ".join(line.strip() for line in lines))


def _first_text(message: Message) -> str:
    return next((decoded(part) for part in parts(message) if media_type(part).startswith("text/")), "")
