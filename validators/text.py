"""How two texts are held to be the same: without case, accents, spaces and punctuation. Nothing else lives here."""

import re
import unicodedata
from functools import lru_cache

# NFKD splits ó into o and an accent, but leaves these letters whole.
_WHOLE = str.maketrans({"ł": "l", "Ł": "l", "đ": "d", "ø": "o", "ß": "ss", "æ": "ae", "œ": "oe", "ı": "i"})

_NO_LETTER_OR_DIGIT = re.compile(r"[\W_]+")


@lru_cache(maxsize=65536)
def fold(text: str) -> str:
    """Letters and digits of `text` only, lower case, without accents.

    >>> fold(" Termin płatności: ")
    'terminplatnosci'
    >>> fold("VIP") == fold("v.i.p.")
    True
    """
    return "".join(fold_words(text).split())


@lru_cache(maxsize=65536)
def fold_words(text: str) -> str:
    """As `fold`, with one space between words.

    >>> fold_words("Zakład  Usługowy „Żuraw”")
    'zaklad uslugowy zuraw'
    """
    plain = text.translate(_WHOLE)
    if not plain.isascii():
        split = unicodedata.normalize("NFKD", plain).translate(_WHOLE)
        plain = "".join(c for c in split if not unicodedata.combining(c))
    return _NO_LETTER_OR_DIGIT.sub(" ", plain.casefold()).strip()
