"""How two texts are held to be the same: without case, accents, spaces and punctuation. Nothing else lives here."""

import unicodedata
from functools import lru_cache

# NFKD splits ó into o and an accent, but leaves these letters whole.
_WHOLE = str.maketrans({"ł": "l", "Ł": "l", "đ": "d", "ø": "o", "ß": "ss", "æ": "ae", "œ": "oe", "ı": "i"})


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
