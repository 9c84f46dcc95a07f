"""E-mail addresses, telephone numbers and tax ids as people write them. Each text is understood once a process.

The rules themselves are email-validator's, phonenumbers' and python-stdnum's; here texts are split and tidied for them.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from phonenumbers import Leniency, NumberParseException, PhoneNumberFormat, PhoneNumberMatcher
from stdnum.eu import vat
from stdnum.exceptions import ValidationError
from stdnum.pl import nip

from validators.flaws import Flaw
from validators.problems import Severity

_REMEMBERED = 65536
# Longer texts are notes that strayed into the column, and slow to take apart.
_LONGEST = 1000

_INVISIBLE = str.maketrans(dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff\u00ad"))
_NAMED_ADDRESS = re.compile(r'(?<![^,;\n>])(?:"[^"\n]*"|[^<>@;\n"])*<([^<>]*)>')
_MAIL_LABEL = re.compile(r"(?:mailto|e-?mail|mail)\s*:\s*", re.IGNORECASE)
_MAILTO_QUERY = re.compile(r"\?(?:subject|body|cc|bcc)=[^\s<>]*", re.IGNORECASE)
_REMARK = re.compile(r"\([^()@]*\)")
_AROUND = "'\"`<>()[]„”“«».,:"

_EXTENSION = re.compile(r"(?:\b(?:wewn(?:ętrzny)?|wew|ext|int|w|x)[. :]*|#\s*)[0-9]{1,6}\b", re.IGNORECASE)
_PHONE_SEPARATORS = re.compile(r"[,;|\n]|\b(?:lub|albo|oraz|i|or|and)\b|/ ", re.IGNORECASE)
_WORDS = re.compile(r"[^\W\d_]+[.:]?")

_TAX_LABEL = re.compile(r"(?:(?:NIP|NR|VAT|TAX|UE|EU|ID|NO)(?![A-Z])[\s.:#-]*)+")
_PREFIXED = re.compile(r"[A-Z]{2}")


@lru_cache(_REMEMBERED)
def read_emails(text: str) -> tuple[tuple[str, ...], tuple[Flaw, ...]]:
    """The addresses of `text`, each once, and an `email_invalid` flaw (param `part`) for everything else in it.

    They may stand with names (`Jan <a@b.pl>`) and be separated by commas, semicolons, spaces or lines. Syntax only
    (RFC 5321, 5322, 6531), no look-up; domains in lower case, local parts as written; test domains (RFC 2606) pass.

    >>> read_emails("Jan <jan@FIRMA.pl>; biuro@firma.pl.")
    (('jan@firma.pl', 'biuro@firma.pl'), ())
    """
    if len(text) > _LONGEST:
        return (), (_bad_part("email_invalid", text),)
    plain = _REMARK.sub(" ", _MAILTO_QUERY.sub(" ", text.translate(_INVISIBLE)))
    plain = _NAMED_ADDRESS.sub(r" \1 ", plain)
    parts = [part.strip(_AROUND) for part in re.split(r"[,;\s]+", _MAIL_LABEL.sub(" ", plain))]
    return _sort_out("email_invalid", ((part, _emails(part)) for part in parts if part.strip("/|-–")))


def _emails(part: str) -> tuple[str, ...]:
    try:
        return (validate_email(part, check_deliverability=False, test_environment=True).normalized,)
    except EmailNotValidError:
        return ()


@lru_cache(_REMEMBERED)
def read_phones(text: str, region: str = "PL") -> tuple[tuple[str, ...], tuple[Flaw, ...]]:
    """The numbers of `text` in E.164, each once, and a warning `phone_invalid` (param `part`) for what is none.

    `region` (ISO 3166) is the country of numbers without a prefix. Words, extensions and the old trunk 0 are set aside.

    >>> read_phones("tel. 601 234 567 wew. 12, (0-22) 123 45 67")
    (('+48601234567', '+48221234567'), ())
    """
    if len(text) > _LONGEST:
        return (), (_bad_part("phone_invalid", text, Severity.WARNING),)
    pieces = _PHONE_SEPARATORS.split(_EXTENSION.sub(" ", text.translate(_INVISIBLE)))
    parts = [piece.strip() for piece in pieces if any(c.isdigit() for c in piece)] or [text.strip()]
    found = ((part, _numbers(_WORDS.sub(" ", part).replace("(0)", ""), region)) for part in parts)
    return _sort_out("phone_invalid", found, Severity.WARNING)


def _numbers(part: str, region: str) -> tuple[str, ...]:
    """The numbers of `part`; none when any of its digits belong to no valid number."""
    without_trunk = re.sub(r"^(\(?)0[- ]?(?=[1-9])", r"\1", part.strip())
    for candidate in (part, without_trunk):
        number = _number(candidate, region)
        if number:
            return (number,)
    matches = list(PhoneNumberMatcher(part, region, leniency=Leniency.VALID))
    rest = part
    for match in matches:
        rest = rest.replace(match.raw_string, "", 1)
    if any(c.isdigit() for c in rest):
        return ()
    return tuple(_e164(match.number) for match in matches)


def _number(text: str, region: str) -> str:
    try:
        number = phonenumbers.parse(text, region)
    except NumberParseException:
        return ""
    return _e164(number) if phonenumbers.is_valid_number(number) and not number.extension else ""


def _e164(number: phonenumbers.PhoneNumber) -> str:
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


@lru_cache(_REMEMBERED)
def read_tax_id(text: str, country: str = "PL") -> str | Flaw:
    """The tax id of `text`, compact: a Polish NIP as ten digits, another EU VAT number with its prefix.

    `country` is that of ids without a prefix. Flaws, both warnings: tax_id_dummy (one digit repeated, as in
    9999999999, although some of those pass the checksum), tax_id_invalid (length, checksum, or not of the EU).

    >>> read_tax_id("NIP: PL 526-025-02-74"), read_tax_id("de 136 695 976")
    ('5260250274', 'DE136695976')
    """
    plain = text[:_LONGEST].strip().upper().removesuffix(".0")
    label = _TAX_LABEL.match(plain)
    plain = re.sub(r"[\s./-]", "", plain[label.end() :] if label else plain)
    number = plain if _PREFIXED.match(plain) else country + plain
    digits = number[2:]
    if len(digits) > 1 and digits.isdecimal() and len(set(digits)) == 1:
        return Flaw("tax_id_dummy", severity=Severity.WARNING)
    try:
        return nip.validate(digits) if number.startswith("PL") else vat.validate(number)
    except ValidationError:
        return Flaw("tax_id_invalid", severity=Severity.WARNING)


def _sort_out(
    code: str, found: Iterable[tuple[str, tuple[str, ...]]], severity: Severity = Severity.ERROR
) -> tuple[tuple[str, ...], tuple[Flaw, ...]]:
    good: dict[str, None] = {}
    flaws: list[Flaw] = []
    for part, values in found:
        good.update(dict.fromkeys(values))
        if not values:
            flaws.append(_bad_part(code, part, severity))
    return tuple(good), tuple(flaws)


def _bad_part(code: str, part: str, severity: Severity = Severity.ERROR) -> Flaw:
    return Flaw(code, {"part": part if len(part) <= 80 else f"{part[:79]}…"}, severity)
