"""A message's bytes as headers and text, whatever they are: broken MIME, false charsets, endless nesting. Pure; raises
nothing. The standard library's parser does the work; what it stumbles over is taken as it stands.
"""

import codecs
import re
from collections.abc import Iterator
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesParser
from email.policy import Compat32
from html import unescape

MOST = 65536  # bytes of a message that are looked at
_MOST_HTML = 30_000  # characters
_DEEPEST = 8  # levels of parts within parts
_WIDEST = 64  # parts of one level
_MOST_BOUNDARIES = 100
# Not charsets of mail, and slow or harmful to decode.
_NO_CHARSETS = frozenset({"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "utf-7"})
_LINE_ENDS = frozenset({"p", "div", "br", "tr", "li", "h1", "h2", "h3", "blockquote", "table"})
_UNSEEN = frozenset({"style", "script", "head", "title"})
# A tag or the beginning, and the text behind it. The standard parser's time grows with the square of a tangle.
_TAGS = re.compile(r"(?:\A|<(?:(/?)([a-zA-Z][a-zA-Z0-9]{0,20})[^<>]{0,4000}|![^<>]{0,4000})/?>)([^<]*)")
# What the standard parser raises on messages that nobody sends in earnest.
_STUMBLES = (RecursionError, MessageError, ValueError, LookupError, TypeError, AttributeError)


class _AsWritten(Compat32):
    """Headers as they stand: the standard policy hides what is not ASCII in them."""

    def header_fetch_parse(self, name: str, value: str) -> str:  # noqa: ARG002
        return value


def message_of(content: bytes) -> Message:
    """The message; its headers alone, with all else as its text, where it is more tangled than any honest one."""
    parser = BytesParser(policy=_AsWritten())
    try:
        return parser.parsebytes(content, headersonly=content.lower().count(b"boundary") > _MOST_BOUNDARIES)
    except _STUMBLES:
        return parser.parsebytes(content, headersonly=True)


def header(message: Message, name: str) -> str:
    """A header's text, "" if there is none; words in a charset that nobody knows stay as they are written.

    >>> header(message_of(b"Subject: =?utf-8?q?Odpowied=C5=BA?=\\n\\n"), "subject")
    'Odpowiedź'
    """
    try:
        raw = str(message.get(name, ""))[:4000].encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    except _STUMBLES:
        return ""
    try:
        return str(make_header(decode_header(raw)))
    except _STUMBLES:
        return raw


def media_type(message: Message) -> str:
    """The media type, "text/plain" where none can be read."""
    try:
        return message.get_content_type()
    except _STUMBLES:
        return "text/plain"


def parameter(message: Message, name: str) -> str:
    """A parameter of Content-Type in lower case, "" if it is not there."""
    try:
        return str(message.get_param(name, "")).casefold()
    except _STUMBLES:
        return ""


def parts(message: Message, depth: int = _DEEPEST) -> Iterator[Message]:
    """The message and its parts, to a sane depth and number; messages within it stay closed."""
    yield message
    inner = message.get_payload() if message.is_multipart() else ()
    if depth and isinstance(inner, list) and not media_type(message).startswith("message/"):
        for part in inner[:_WIDEST]:
            if isinstance(part, Message):
                yield from parts(part, depth - 1)


def text_of(message: Message) -> str:
    """What a person reads: the first plain text, else the first HTML without its tags."""
    texts = [part for part in parts(message) if media_type(part).startswith("text/") and not _attached(part)]
    plain = next((part for part in texts if media_type(part) == "text/plain"), None)
    if plain is not None:
        return decoded(plain)
    rich = next((part for part in texts if media_type(part) == "text/html"), None)
    return without_tags(decoded(rich)) if rich is not None else ""


def decoded(part: Message) -> str:
    """A part's text by its own charset; by UTF-8 or ISO 8859-2 where that is unknown or false."""
    try:
        raw = part.get_payload(decode=True)
    except _STUMBLES:
        raw = str(part.get_payload()).encode("utf-8", "replace")
    if not isinstance(raw, bytes):
        return ""
    for charset in (_charset(part), "utf-8"):
        try:
            return raw.decode(charset)
        except _STUMBLES:
            continue
    return raw.decode(_charset(part) if _charset(part) != "utf-8" else "iso-8859-2", "replace")


def without_tags(html: str) -> str:
    """The text of an HTML page, a line for each paragraph; what a quotation holds is marked with ">".

    >>> without_tags("<p>Zapłacimy &amp; już</p><blockquote>Dzień<br>dobry</blockquote>").split("\\n")
    ['Zapłacimy & już', '', '> Dzień', '> dobry']
    """
    words: list[str] = []
    quoted = unseen = 0
    for closing, tag, text in _TAGS.findall(_without_comments(html[:_MOST_HTML])):
        step = -1 if closing else 1
        name = tag.casefold()
        unseen = max(unseen + step * (name in _UNSEEN), 0)
        quoted = max(quoted + step * (name == "blockquote"), 0)
        if name in _LINE_ENDS:
            words.append("\n" + "> " * bool(quoted))
        if not unseen and text.strip():
            words.append(" ".join(unescape(text).splitlines()))
    return "".join(words).strip("\n")


def _without_comments(html: str) -> str:
    first, *others = html.split("<!--")
    return first + "".join(other.partition("-->")[2] for other in others)


def _charset(part: Message) -> str:
    try:
        name = codecs.lookup(str(part.get_content_charset("utf-8"))).name
    except _STUMBLES:
        return "utf-8"
    return "utf-8" if name in _NO_CHARSETS else name


def _attached(part: Message) -> bool:
    return header(part, "Content-Disposition").strip().casefold().startswith("attachment")
