"""Text from cells and settings made safe for a letter: no control characters, no second recipient. Pure."""

import re
import unicodedata
from functools import lru_cache

# Marks that turn the reading direction: they can make one address look like another.
_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_DOTTED = r'[^\s@<>()\[\],;:"\\.]+(?:\.[^\s@<>()\[\],;:"\\.]+)*'
_ADDRESS = re.compile(f"{_DOTTED}@{_DOTTED}")


def clean(text: str) -> str:
    """`text` on one line: control characters and line ends become spaces, reading-direction marks go.

    >>> clean("Biuro\\r\\nBcc: x@y.pl ")
    'Biuro Bcc: x@y.pl'
    """
    if not (text.isascii() and text.isprintable()):
        text = "".join(map(_safe, text))
    return re.sub(" {2,}", " ", text).strip(" ")


@lru_cache(maxsize=4096)
def _safe(character: str) -> str:
    category = unicodedata.category(character)
    if category in ("Cc", "Zl", "Zp"):
        return " "
    if category == "Cs":  # half of a pair: cannot be encoded
        return "\ufffd"
    return "" if character in _TURNING else character


def mailbox(text: str) -> tuple[str, str]:
    """The display name ("" if none) and the bare address of exactly one mailbox, the domain in ASCII.

    Raises:
        ValueError: `text` is not one address, with or without a name.

    >>> mailbox('"Kowalska, Anna" <anna@żuraw.pl>')
    ('Kowalska, Anna', 'anna@xn--uraw-99a.pl')
    """
    name, address = "", clean(text)
    if address.endswith(">"):
        name, _, address = address[:-1].rpartition("<")
    address = address.strip()
    if not _ADDRESS.fullmatch(address):
        raise ValueError(f"'{clean(text)}' is not one e-mail address.")
    local, _, domain = address.rpartition("@")
    return " ".join(name.replace('\\"', "'").replace('"', " ").split()), f"{local}@{_ascii(domain, text)}"


def _ascii(domain: str, text: str) -> str:
    if domain.isascii():
        return domain
    try:
        return domain.encode("idna").decode()
    except UnicodeError as error:
        raise ValueError(f"'{clean(text)}' has a domain that cannot be written in ASCII.") from error


def recipients(to: tuple[str, ...]) -> tuple[str, ...]:
    """The bare addresses of a letter's `to`, each once: one for each entry, whatever else stands in it.

    Raises:
        ValueError: there is none, or an entry is not one address.
    """
    if not to:
        raise ValueError("The letter has no recipient.")
    return tuple(dict.fromkeys(mailbox(entry)[1] for entry in to))
