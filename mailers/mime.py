"""A letter as an e-mail message (RFC 5322, MIME): the same letter and moment always give the same bytes. Pure.

Headers are written here and not by the standard policies, which in older Pythons lose quotation marks when they fold a
long name, so that one address could become two.
"""

import re
from datetime import datetime
from email.header import Header
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from urllib.parse import quote

from mailers.addresses import clean, mailbox, recipients
from mailers.reminders import Attachment, Letter

LINE = 76
_CHARSET = "utf-8''"
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]*")  # what a name may hold without quotation marks


def to_message(letter: Letter, now: datetime) -> EmailMessage:
    """`letter` as a message dated `now` (aware): text and HTML, to the recipients of `letter.to` and nobody else.

    `Auto-Submitted` (RFC 3834) and `X-Auto-Response-Suppress` keep machines from answering.

    Raises:
        ValueError: a recipient, the sender or the address for replies is not one e-mail address.
    """
    message = EmailMessage(policy=_POLICY)
    message["From"] = _mailbox(letter.sender)
    message["To"] = f",{_POLICY.linesep} ".join(recipients(letter.to))
    if letter.reply_to:
        message["Reply-To"] = _mailbox(letter.reply_to)
    message["Subject"] = _encoded(clean(letter.subject), len("Subject: "))
    message["Date"] = format_datetime(now)
    message["Message-ID"] = re.sub(r"\s", "", clean(letter.message_id))
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(_sendable(letter.text), cte="quoted-printable")
    message.add_alternative(_sendable(letter.html), subtype="html", cte="quoted-printable")
    boundary = re.sub(r"\W", "_", letter.message_id, flags=re.ASCII)[:60]
    message.set_boundary(f"=_{boundary}")
    if letter.enclosed.attachments:
        message.make_mixed(boundary=f"=.{boundary}")
    for file in letter.enclosed.attachments:
        message.attach(_attached(file))
    message["Content-Language"] = re.sub(r"[^A-Za-z-]", "", letter.language)
    return message


def to_bytes(letter: Letter, now: datetime) -> bytes:
    """The message as it goes over the wire, lines ended by CR LF. Raises ValueError as `to_message` does."""
    return to_message(letter, now).as_bytes()


class _AsWritten(EmailPolicy):
    """Headers stay exactly as `to_message` wrote them, folds and all."""

    def header_store_parse(self, name: str, value: str) -> tuple[str, str]:
        return name, value

    def header_fetch_parse(self, name: str, value: str) -> str:
        # asked many times while the parts are put together, and most of the time that a message takes
        return value if name.lower().startswith(("content-", "mime-")) else super().header_fetch_parse(name, value)

    def fold(self, name: str, value: str) -> str:
        return f"{name}: {value}{self.linesep}"

    def fold_binary(self, name: str, value: str) -> bytes:
        return self.fold(name, value).encode()


_POLICY = _AsWritten(linesep="\r\n", max_line_length=LINE)


def _attached(file: Attachment) -> EmailMessage:
    part = EmailMessage(policy=_POLICY)
    part.set_content(file.content, maintype="application", subtype="pdf", cte="base64")
    part["Content-Disposition"] = f"attachment;{_POLICY.linesep} {_file_name(clean(file.name))}"
    return part


def _file_name(name: str) -> str:
    """The parameter that names a file: quoted where that can be, else in UTF-8, in pieces of whole characters that
    fit on a line (RFC 2231, 3 and 4).

    >>> _file_name("FV-1.pdf"), _file_name("ą.pdf")
    ('filename="FV-1.pdf"', "filename*=utf-8''%C4%85.pdf")
    """
    if re.fullmatch(r"[A-Za-z0-9!#$&+.^_`{}~ -]{1,60}", name):
        return f'filename="{name}"'
    pieces = [""]
    for character in map(_percent, name):
        if len(pieces[-1]) + len(character) > LINE - len(" filename*99*=utf-8'';"):
            pieces.append("")
        pieces[-1] += character
    if len(pieces) == 1:
        return f"filename*={_CHARSET}{pieces[0]}"
    numbered = (f"filename*{n}*={'' if n else _CHARSET}{piece}" for n, piece in enumerate(pieces))
    return f";{_POLICY.linesep} ".join(numbered)


def _percent(character: str) -> str:
    return quote(character.encode(errors="replace"), safe="")


def _mailbox(text: str) -> str:
    name, address = mailbox(text)
    if not name:
        return address
    plain = _ATOMS.fullmatch(name) and "=?" not in name and len(name) <= LINE - len("Reply-To: ")
    phrase = name if plain else _words(name, len("Reply-To: "))
    return f"{phrase}{_POLICY.linesep} <{address}>"


def _encoded(text: str, used: int) -> str:
    if text.isascii() and "=?" not in text and all(len(word) < LINE for word in text.split()):
        return Header(text, "us-ascii", maxlinelen=LINE, continuation_ws=" ", header_name=" " * used).encode(
            splitchars=" ", linesep=_POLICY.linesep
        )
    return _words(text, used)


def _words(text: str, used: int) -> str:
    return Header(text, "utf-8", maxlinelen=LINE, header_name=" " * used).encode(linesep=_POLICY.linesep)


def _sendable(text: str) -> str:
    return text.encode(errors="replace").decode()
