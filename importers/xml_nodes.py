"""XML as plain values: elements by their local names, and what the head of a file tells of the rest. Pure, no parser.

Names are local ones everywhere: the namespaces of these forms change with each version, and files carry draft ones.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple


class Node(NamedTuple):
    """An element: local name, own text with white space made single, attributes by local name, child elements."""

    name: str
    text: str = ""
    attributes: Mapping[str, str] = {}
    children: tuple["Node", ...] = ()

    def every(self, path: str) -> Iterator["Node"]:
        """The elements at `path`, local names with "/" between, in the order of the file."""
        name, _, rest = path.partition("/")
        for child in self.children:
            if child.name == name:
                if rest:
                    yield from child.every(rest)
                else:
                    yield child

    def first(self, path: str) -> "Node":
        """The first element at `path`; NOTHING when there is none."""
        return next(self.every(path), NOTHING)

    def value(self, *paths: str) -> str:
        """The first text that stands at any of `paths`, looked up in turn; "" for none."""
        return next((node.text for path in paths for node in self.every(path) if node.text), "")

    def values(self, path: str) -> list[str]:
        """Every text at `path`, blank ones left out."""
        return [node.text for node in self.every(path) if node.text]

    def fields(self) -> dict[str, str]:
        """The text of each child, by name: of several of one name the first that has any."""
        found: dict[str, str] = {}
        for child in self.children:
            if child.text and child.name not in found:
                found[child.name] = child.text
        return found

    def below(self, name: str) -> Iterator["Node"]:
        """Every element called `name` within, at whatever depth, in the order of the file."""
        for child in self.children:
            if child.name == name:
                yield child
            yield from child.below(name)

    def has(self, path: str) -> bool:
        """Whether there is an element at `path`, be it empty."""
        return self.first(path) is not NOTHING


NOTHING = Node("")


def printable(text: str, longest: int = 160) -> str:
    """What a stranger's file says, fit for a message: one line, no control signs, cut where it is too long.

    >>> printable("a\\x1b[2J\\nb")
    'a?[2J b'
    """
    shown = "".join(sign if sign.isprintable() else "?" for sign in " ".join(text[: 4 * longest].split()))
    return shown if len(shown) <= longest else f"{shown[: longest - 1]}…"


class Opening(NamedTuple):
    """What the head of an XML file tells: root, its namespace, the root's children seen so far, and of a Polish tax
    form its code with version ("FA (3)"). `doctype` means that it declares one, and nothing further was read."""

    root: str
    namespace: str = ""
    children: frozenset[str] = frozenset()
    form: str = ""
    doctype: bool = False
