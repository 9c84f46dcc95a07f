"""How two texts are held to be the same: without case, accents, spaces and punctuation. Nothing else lives here."""

import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from itertools import chain

# NFKD splits ó into o and an accent, but leaves these letters whole.
_WHOLE = str.maketrans({"ł": "l", "Ł": "l", "đ": "d", "ø": "o", "ß": "ss", "æ": "ae", "œ": "oe", "ı": "i"})


_CODE_PAGE, _AT_ONCE = "cp1250", 1000


class _Plain(dict[int, str]):
    """What each character is folded to, worked out when it is first met: `str.translate` does the rest."""

    def __missing__(self, code: int) -> str:
        split = unicodedata.normalize("NFKD", chr(code).translate(_WHOLE)).translate(_WHOLE)
        kept = "".join(c for c in split if not unicodedata.combining(c)).casefold()
        self[code] = plain = "".join(c if c.isalnum() else " " for c in kept)
        return plain


_PLAIN = _Plain()


@lru_cache(maxsize=262_144)
def fold(text: str) -> str:
    """Letters and digits of `text` only, lower case, without accents.

    >>> fold(" Termin płatności: ")
    'terminplatnosci'
    >>> fold("VIP") == fold("v.i.p.")
    True
    """
    return words_once(text).replace(" ", "")


@lru_cache(maxsize=262_144)
def fold_words(text: str) -> str:
    """As `fold`, with one space between words.

    >>> fold_words("Zakład  Usługowy „Żuraw”")
    'zaklad uslugowy zuraw'
    """
    return words_once(text)


def words_once(text: str) -> str:
    """As `fold_words`, for texts of which long lists have many, each once or twice: nothing is remembered."""
    return " ".join(text.translate(_PLAIN).split())


def words_of_all(texts: Sequence[str]) -> Iterator[str]:
    """`words_once` of each of the texts; of many it takes half the time."""
    parts = (texts[i : i + _AT_ONCE] for i in range(0, len(texts), _AT_ONCE))
    return chain.from_iterable(map(_words_of_part, parts))


def _words_of_part(texts: Sequence[str]) -> Iterator[str]:
    """A table of 256 bytes folds many times faster than one of all characters: enough for what Polish and its
    neighbours write."""
    try:
        data = "\n".join(texts).encode(_CODE_PAGE)
    except UnicodeEncodeError:
        return map(words_once, texts)
    folds, simple = _byte_table()
    if data.translate(None, simple) or data.count(b"\n") >= len(texts):
        return map(words_once, texts)
    return (" ".join(words.split()) for words in data.translate(folds).decode("ascii").split("\n"))


@cache
def _byte_table() -> tuple[bytes, bytes]:
    """What each byte is folded to, and those that are folded to one letter, digit or space."""
    plain = [_PLAIN[ord(bytes([code]).decode(_CODE_PAGE, "replace"))] for code in range(256)]
    plain[ord("\n")] = "\n"  # between two texts
    simple = bytes(code for code, text in enumerate(plain) if len(text) == 1 and text.isascii())
    return bytes(ord(text) if code in simple else 0 for code, text in enumerate(plain)), simple
