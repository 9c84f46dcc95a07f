"""Names of mail folders as people and as IMAP write them: modified UTF-7 (RFC 3501, 5.1.3). Pure."""

import base64
import binascii
import re


def wire_name(name: str) -> str:
    """A folder's name as IMAP writes it.

    >>> wire_name("Wysłane"), wire_name("A&B")
    ('Wys&AUI-ane', 'A&-B')
    """
    return re.sub(r"&|[^\x20-\x7e]+", lambda found: _shifted(found[0]), name)


def folder_name(wire: str) -> str:
    """A folder's name as people write it; what is no modified UTF-7 stays as it is.

    >>> folder_name("Wys&AUI-ane"), folder_name("A&-B"), folder_name("A&B")
    ('Wysłane', 'A&B', 'A&B')
    """
    return re.sub(r"&([A-Za-z0-9+,]*)-", lambda found: _unshifted(found[1], found[0]), wire)


def _shifted(text: str) -> str:
    if text == "&":
        return "&-"
    told = base64.b64encode(text.encode("utf-16-be", "surrogatepass")).decode().rstrip("=").replace("/", ",")
    return f"&{told}-"


def _unshifted(told: str, whole: str) -> str:
    if not told:
        return "&"
    try:
        return base64.b64decode(told.replace(",", "/") + "=" * (-len(told) % 4)).decode("utf-16-be")
    except (binascii.Error, UnicodeError):
        return whole
