"""The one module that touches lxml: XML becomes plain nodes in one bounded pass. What they mean lives elsewhere.

No entity, no DTD, no address is ever followed: a file with a DOCTYPE is refused before anything in it is read, which
no e-invoice needs.
"""

import re
from collections import deque
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from functools import lru_cache
from typing import NamedTuple, cast

from lxml import etree

from importers.xml_nodes import Node, Opening, printable
from validators.errors import WrongUse

_PIECE = 1 << 16
_HEAVIEST = 8 << 20  # characters of one invoice, with 64 for each element
_ELEMENT = 64
_DEEPEST = 60
_MOST_NAMES = 10_000
# A tag, with or without text behind it, that is as long as no invoice: its attributes would fill the memory.
_ENDLESS_TAG = re.compile(rb"<[^!?<][^<]{%d}" % _HEAVIEST)
_NO_ATTRIBUTES: Mapping[str, str] = {}
_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_AGAIN = "Export it again from the program that wrote it."


class Source(NamedTuple):
    """An XML file, wherever it comes from: its name for messages, and its bytes."""

    name: str
    content: bytes


def looks_like_xml(head: bytes) -> bool:
    """Whether the first character that is neither a byte order mark nor blank is `<`."""
    for mark in _MARKS:
        head = head.removeprefix(mark)
    return head.lstrip(b" \t\r\n\0").startswith(b"<")


@lru_cache(maxsize=4)
def opening(head: bytes) -> Opening | None:
    """What the head of a file (some 64 KiB) tells of it; None when it is not XML, or its root does not show yet."""
    if not looks_like_xml(head):
        return None
    target = _Opening()
    # What was seen before a fault still tells what was meant.
    with suppress(etree.XMLSyntaxError, _Doctype):
        parser = _parser(target)
        parser.feed(_from_first_sign(head))
        parser.close()  # short files are not looked at before
    return target.found()


def records(source: Source, wanted: Collection[str], unread: Collection[str] = ()) -> Iterator[Node]:
    """The outermost elements called one of `wanted`, each as soon as it is complete; elements called one of `unread`
    are left out with all that is in them.

    Raises:
        WrongUse: it is not well-formed, declares a DOCTYPE, or one record is too big or too deep for an invoice.
    """
    if _ENDLESS_TAG.search(source.content):
        raise _too_heavy(source.name)
    target = _Records(source.name, wanted, unread)
    parser = _parser(target)
    try:
        content = _from_first_sign(source.content)
        for start in range(0, len(content), _PIECE):
            parser.feed(content[start : start + _PIECE])
            while target.complete:
                yield target.complete.popleft()
        parser.close()
    except etree.XMLSyntaxError as error:
        raise WrongUse(f"{source.name} is damaged XML, in line {error.lineno}: {_reason(error)}.", _AGAIN) from error
    except _Doctype as error:
        raise WrongUse(f"{source.name} declares a DOCTYPE, which no e-invoice has.", _AGAIN) from error
    yield from target.complete


def _parser(target: "_Opening | _Records") -> etree.XMLParser:
    return etree.XMLParser(
        target=cast("etree.ParserTarget", target),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=False,
        recover=False,
    )


def _from_first_sign(content: bytes) -> bytes:
    """Without blanks before the first sign: some programs write a blank line there, which XML forbids."""
    return content.lstrip(b" \t\r\n") if content[:1].isspace() else content


def _reason(error: etree.XMLSyntaxError) -> str:
    """What libxml2 says, without the place, and without the piece of the file that it may go on with."""
    return printable(str(error.msg).partition("\n")[0].rsplit(", line ", 1)[0].rstrip(". "))


def _local(tag: str) -> str:
    return tag[tag.rfind("}") + 1 :]


def _too_heavy(file: str) -> WrongUse:
    return WrongUse(f"{file} holds an invoice larger than {_HEAVIEST >> 20} MB.", _AGAIN)


class _Doctype(Exception):
    """The file declares a DOCTYPE."""


class _Opening:
    """Notes what the first elements are called."""

    def __init__(self) -> None:
        self._root = ""
        self._depth = 0
        self._children: set[str] = set()
        self._form = ""
        self._doctype = ""

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self._depth += 1
        self._root = self._root or tag
        if self._depth == 2:
            self._children.add(_local(tag))
        if _local(tag) == "KodFormularza" and not self._form:
            self._form = " ".join(attributes.get("kodSystemowy", "").split())

    def end(self, _tag: str) -> None:
        self._depth -= 1

    def doctype(self, name: str, _public: str | None, _system: str | None) -> None:
        self._doctype = name or "?"
        raise _Doctype

    def close(self) -> None:
        """Nothing is left to do."""

    def found(self) -> Opening | None:
        if self._doctype:
            return Opening(_local(self._doctype), doctype=True)
        if not self._root:
            return None
        namespace = self._root[1 : self._root.rfind("}")] if "}" in self._root else ""
        return Opening(_local(self._root), namespace, frozenset(self._children), self._form)


class _Names(dict[str, str]):
    """The local name of each tag, worked out when it is first met; "" for those that are not read."""

    def __init__(self, unread: Collection[str]) -> None:
        self._unread = unread

    def __missing__(self, tag: str) -> str:
        name = _local(tag)
        self[tag] = name = "" if name in self._unread else name
        return name


class _Records:
    """Builds the wanted elements, and forgets all others at once.

    `_open` has an entry for each element that is being built: its name, attributes, texts and complete children.
    """

    def __init__(self, file: str, wanted: Collection[str], unread: Collection[str]) -> None:
        self.complete: deque[Node] = deque()
        self._file = file
        self._wanted = frozenset(wanted)
        self._names = _Names(unread)
        self._open: list[tuple[str, Mapping[str, str], list[str], list[Node]]] = []
        self._depth = self._skipped = self._weight = 0

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise WrongUse(f"{self._file} nests its elements {self._depth} deep, as no e-invoice does.", _AGAIN)
        name = "" if self._skipped else self._names[tag]
        if len(self._names) > _MOST_NAMES:
            raise WrongUse(
                f"{self._file} has more than {_MOST_NAMES:,} kinds of elements, as no e-invoice has.", _AGAIN
            )
        if not name:
            self._skipped += 1
        elif self._open or name in self._wanted:
            self._weigh(_ELEMENT)
            self._open.append((name, self._named(attributes) if attributes else _NO_ATTRIBUTES, [], []))

    def data(self, text: str) -> None:
        if self._open and not self._skipped:
            self._weigh(len(text))
            self._open[-1][2].append(text)

    def end(self, _tag: str) -> None:
        self._depth -= 1
        if self._skipped:
            self._skipped -= 1
        elif self._open:
            name, attributes, texts, children = self._open.pop()
            text = " ".join("".join(texts).split()) if texts else ""
            node = Node(name, text, attributes, tuple(children))
            if self._open:
                self._open[-1][3].append(node)
            else:
                self._weight = 0
                self.complete.append(node)

    def doctype(self, _name: str, _public: str | None, _system: str | None) -> None:
        raise _Doctype

    def close(self) -> None:
        """Nothing is left to do."""

    def _named(self, attributes: Mapping[str, str]) -> Mapping[str, str]:
        self._weigh(sum(_ELEMENT + len(value) for value in attributes.values()))
        return {_local(key): value for key, value in attributes.items()}

    def _weigh(self, more: int) -> None:
        self._weight += more
        if self._weight > _HEAVIEST:
            raise _too_heavy(self._file)
