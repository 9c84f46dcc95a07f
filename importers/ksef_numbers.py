"""The number that KSeF gives an invoice: it stands in no invoice, but in the name of its file. Pure."""

import re

_NUMBER = re.compile(r"(?<![0-9A-Za-z])([0-9]{10}-[0-9]{8}-[0-9A-F]{6}-?[0-9A-F]{6})-([0-9A-F]{2})(?![0-9A-Za-z])")


def checksum(text: str) -> str:
    """CRC-8 (polynomial 07, start 00) of `text`, two hexadecimal digits, as KSeF appends it.

    Source: docs of KSeF 2.0, "Numer KSeF": taken over the first 32 characters, dashes included.

    >>> checksum("5265877635-20250626-010080DD2B5E")
    '26'
    """
    rest = 0
    for byte in text.encode():
        rest ^= byte
        for _ in range(8):
            rest = (rest << 1 ^ 0x07) & 0xFF if rest & 0x80 else rest << 1
    return f"{rest:02X}"


def ksef_number(name: str) -> str:
    """The KSeF number within a file's name whose checksum fits; "" where there is none.

    Numbers of before KSeF 2.0 have one more dash, between the groups of six digits; their checksum may leave it out.

    >>> ksef_number("faktura_5265877635-20250626-010080DD2B5E-26.xml")
    '5265877635-20250626-010080DD2B5E-26'
    >>> ksef_number("5265877635-20250626-010080DD2B5E-27.xml")
    ''
    """
    for body, check in _NUMBER.findall(name.upper()):
        plain = body[:26] + body[26:].replace("-", "")
        if check in (checksum(body), checksum(plain)):
            return f"{body}-{check}"
    return ""


def has_ksef_number(name: str) -> bool:
    """Whether something of the shape of a KSeF number stands in `name`, right or wrong."""
    return _NUMBER.search(name.upper()) is not None
