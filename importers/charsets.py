"""Which encoding a text was written in, from its bytes alone. Pure: no file is opened here.

Polish lists come in UTF-8, UTF-16, windows-1250, ISO 8859-2 and, from old programs, CP 852.
"""

import codecs
import re
from collections import Counter
from dataclasses import dataclass

import chardet

SAMPLE = 65_536
_BLOCK = 1 << 20
# The order matters: the mark of UTF-16 begins that of UTF-32.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LETTERS = "ĄĆĘŁŃÓŚŹŻąćęłńóśźż"
_POLISH = {name: frozenset(_LETTERS.encode(name)) for name in ("cp1250", "iso8859-2", "cp852")}
_SIGNS = {"cp1250": frozenset("„”“–—’…§°\u00a0€".encode("cp1250"))}
_SEQUENCES_OF_UTF8 = 3
_MOSTLY = 0.9
_LONGEST_LETTER = 4
_ASCII = 0x80


@dataclass(frozen=True, slots=True)
class Charset:
    """`encoding` is a codec of Python; `note` says for people what was guessed, "" when nothing was.

    When `clean`, every byte can be read; else that is not known yet.
    """

    encoding: str
    note: str = ""
    clean: bool = False


def charset(data: bytes) -> Charset:
    """The encoding of `data`: by its byte order mark, as strict UTF-8, as UTF-16 without a mark, else by its letters.

    A text that is UTF-8 up to a damaged place is UTF-8: what cannot be read there becomes U+FFFD when decoded.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return Charset(encoding)
    wide = _without_mark(data[:SAMPLE])
    if wide:
        return Charset(wide, f"The file does not name its encoding; it was read as {wide.upper()}.")
    broken = _end_of_utf8(data)
    if broken < 0 or _is_damaged_utf8(data, broken):
        return Charset("utf-8", clean=broken < 0)
    encoding = _by_letters(data[max(0, broken - 256) : broken + SAMPLE])
    return Charset(encoding, f"The file is not UTF-8; it was read as {_NAMES.get(encoding, encoding)}.")


_NAMES = {"cp1250": "windows-1250", "iso8859-2": "ISO 8859-2", "cp852": "CP 852", "cp1252": "windows-1252"}


def _without_mark(sample: bytes) -> str:
    """UTF-16 shows by zeros in every second byte; less than half of the others are zero."""
    half = len(sample) // 2
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if half < 2 or max(even, odd) < half * 0.6 or min(even, odd) > half * 0.1:
        return ""
    return "utf-16-le" if odd > even else "utf-16-be"


def _end_of_utf8(data: bytes) -> int:
    """Where `data` stops being UTF-8, or -1 when all of it is."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    for start in range(0, len(data), _BLOCK):
        pending = len(decoder.getstate()[0])
        try:
            decoder.decode(data[start : start + _BLOCK])
        except UnicodeDecodeError as error:
            return start - pending + error.start
    pending = len(decoder.getstate()[0])
    return len(data) - pending if pending else -1


def _is_damaged_utf8(data: bytes, broken: int) -> bool:
    """Letters of two bytes before the first wrong one: in another encoding so many do not pass for UTF-8."""
    cut_off = len(data) - broken < _LONGEST_LETTER
    letters = re.findall(rb"[\xc2-\xf4][\x80-\xbf]+", data[:broken])
    return len(letters) >= (1 if cut_off else _SEQUENCES_OF_UTF8)


def _by_letters(sample: bytes) -> str:
    """What chardet says, unless nine of ten letters beyond ASCII are Polish in another of the Polish encodings: it
    takes short lists for Western European ones.
    """
    try:
        guess = codecs.lookup(chardet.detect(sample[:SAMPLE])["encoding"] or "cp1250").name
    except LookupError:
        guess = "cp1250"
    high = Counter(byte for byte in sample if byte >= _ASCII)
    shares = {name: _share(high, name) for name in sorted(_POLISH, key=lambda name: name != guess)}
    best = max(shares, key=shares.__getitem__)
    if shares[best] >= _MOSTLY:
        return best
    return guess if _reads(guess, sample) else "cp1250"


def _share(high: Counter[int], encoding: str) -> float:
    """How many of the bytes beyond ASCII are Polish letters; signs of print count for nothing."""
    signs = _SIGNS.get(encoding, frozenset())
    letters = {byte: count for byte, count in high.items() if byte not in signs}
    return sum(count for byte, count in letters.items() if byte in _POLISH[encoding]) / max(1, sum(letters.values()))


def _reads(encoding: str, sample: bytes) -> bool:
    """Whether it is an encoding of text with one byte for each letter that knows every byte of `sample`."""
    try:
        return len(sample.decode(encoding)) == len(sample)
    except (UnicodeDecodeError, LookupError):
        return False
