"""E-mail addresses, telephone numbers and tax ids as people write them. What is not plain is understood once a process.

The rules themselves are email-validator's, phonenumbers' and python-stdnum's; here texts are split and tidied for them.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from functools import cache, lru_cache

import phonenumbers
from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email
from phonenumbers import (
    Leniency,
    NumberParseException,
    PhoneMetadata,
    PhoneNumberDesc,
    PhoneNumberFormat,
    PhoneNumberMatcher,
)
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
_PLAIN_LENGTH = 63  # of the whole address, so that no label can be longer
_SPECIAL_USE = sorted({re.escape(name.rpartition(".")[2]) for name in SPECIAL_USE_DOMAIN_NAMES})
# Of what is as plain as this the libraries' answers are known beforehand, at a twentieth of the time.
_PLAIN_ADDRESS = re.compile(
    rf"(?=.{{,{_PLAIN_LENGTH}}}\Z)[a-z0-9]++(?:[._+-][a-z0-9]++)*+@(?:[a-z0-9]++(?:-[a-z0-9]++)*+\.)++"
    rf"(?!(?:{'|'.join(_SPECIAL_USE)})\Z)[a-z]{{2,}}"
)
plain_address = _PLAIN_ADDRESS.fullmatch
_PLAIN_PHONE = re.compile(r"(?:\+48[ -]?)?([0-9]{3})[ -]?([0-9]{3})[ -]?([0-9]{3})")

_EXTENSION = re.compile(r"(?:\b(?:wewn(?:ętrzny)?|wew|ext|int|w|x)[. :]*|#\s*)[0-9]{1,6}\b", re.IGNORECASE)
_PHONE_SEPARATORS = re.compile(r"[,;|\n]|\b(?:lub|albo|oraz|i|or|and)\b|/ ", re.IGNORECASE)
_WORDS = re.compile(r"[^\W\d_]+[.:]?")

_TAX_LABEL = re.compile(r"(?:(?:NIP|NR|VAT|TAX|UE|EU|ID|NO)(?![A-Z])[\s.:#-]*)+")
_PREFIXED = re.compile(r"[A-Z]{2}")

_NIP, _DUMMIES = 10, frozenset(str(digit) * 10 for digit in range(10))
# What each digit adds to the checksum, modulo 11, and which sums fit.
_WEIGHED = [
    bytes(max(code - ord("0"), 0) * weight % 11 for code in range(256)) for weight in (6, 5, 7, 2, 3, 4, 5, 6, 7, -1)
]
_FITTING = bytes(total % 11 == 0 for total in range(256))


def read_emails(text: str) -> tuple[tuple[str, ...], tuple[Flaw, ...]]:
    """The addresses of `text`, each once, and one `email_invalid` flaw (param `part`) for everything else in it.

    They may stand with names (`Jan <a@b.pl>`) and be separated by commas, semicolons, spaces or lines. Syntax only
    (RFC 5321, 5322, 6531), no look-up; domains in lower case, local parts as written; test domains (RFC 2606) pass.

    >>> read_emails("Jan <jan@FIRMA.pl>; biuro@firma.pl.")
    (('jan@firma.pl', 'biuro@firma.pl'), ())
    """
    return ((text,), ()) if plain_address(text) else _all_emails(text)


@lru_cache(_REMEMBERED)
def _all_emails(text: str) -> tuple[tuple[str, ...], tuple[Flaw, ...]]:
    if len(text) > _LONGEST:
        return (), (_bad_part("email_invalid", text),)
    bare = _REMARK.sub(" ", _MAILTO_QUERY.sub(" ", text.translate(_INVISIBLE)))
    bare = _NAMED_ADDRESS.sub(r" \1 ", bare)
    parts = [part.strip(_AROUND) for part in re.split(r"[,;\s]+", _MAIL_LABEL.sub(" ", bare))]
    good, flaws = _sort_out("email_invalid", ((part, _emails(part)) for part in parts if part.strip("/|-–")))
    if len(flaws) > 1:  # a sentence instead of an address has many words, and one fault
        bad = ", ".join(flaw.params["part"] for flaw in flaws) if good else text.strip()
        return good, (_bad_part("email_invalid", bad),)
    return good, flaws


def _emails(part: str) -> tuple[str, ...]:
    try:
        return (validate_email(part, check_deliverability=False, test_environment=True).normalized,)
    except EmailNotValidError:
        return ()


def read_phones(text: str, region: str = "PL") -> tuple[tuple[str, ...], tuple[Flaw, ...]]:
    """The numbers of `text` in E.164, each once, and a warning `phone_invalid` (param `part`) for what is none.

    `region` (ISO 3166) is the country of numbers without a prefix. Words, extensions and the old trunk 0 are set aside.

    >>> read_phones("tel. 601 234 567 wew. 12, (0-22) 123 45 67")
    (('+48601234567', '+48221234567'), ())
    """
    if region == "PL" and (written := _PLAIN_PHONE.fullmatch(text)):
        number = f"+48{written[1]}{written[2]}{written[3]}"
        if plain_number()(number):
            return (number,), ()
    return _all_phones(text, region)


@lru_cache(_REMEMBERED)
def _all_phones(text: str, region: str) -> tuple[tuple[str, ...], tuple[Flaw, ...]]:
    if len(text) > _LONGEST:
        return (), (_bad_part("phone_invalid", text, Severity.WARNING),)
    pieces = _PHONE_SEPARATORS.split(_EXTENSION.sub(" ", text.translate(_INVISIBLE)))
    parts = [piece.strip() for piece in pieces if any(c.isdigit() for c in piece)] or [text.strip()]
    found = ((part, _numbers(_WORDS.sub(" ", part).replace("(0)", ""), region)) for part in parts)
    return _sort_out("phone_invalid", found, Severity.WARNING)


@cache
def plain_number() -> Callable[[str], object]:
    """What tells (by anything true) a number that may stand as it is: a Polish one in E.164, nine digits after +48. By
    phonenumbers' own patterns: what its `is_valid_number` does, once for all of them."""
    known = PhoneMetadata.metadata_for_region("PL")
    assert known is not None
    kinds = (
        *(known.mobile, known.fixed_line, known.premium_rate, known.toll_free, known.shared_cost, known.voip),
        *(known.personal_number, known.pager, known.uan, known.voicemail),
    )
    nine = f"(?={_nine(known.general_desc)}\\Z)(?:{'|'.join(filter(None, map(_nine, kinds)))})"
    return re.compile(rf"\+48{nine}").fullmatch


def _nine(kind: PhoneNumberDesc | None) -> str:
    """The pattern of the nine-digit numbers of a kind, "" when it has none."""
    pattern = kind.national_number_pattern if kind and 9 in (kind.possible_length or (9,)) else None
    return f"(?:{pattern})" if pattern else ""


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


def plain_nips(texts: Sequence[str | None]) -> list[str]:
    """Of each text the NIP that stands there alone, in digits and hyphens; "" for all else.

    The checksums are worked out for all of them at once, each in a byte of one large number: none goes beyond 100.

    >>> plain_nips(["526-025-02-74", "5260250275", None, "NIP 5260250274"])
    ['5260250274', '', '', '']
    """
    bare = [digits if text and len(digits := text.replace("-", "")) == _NIP else "" for text in texts]
    numbers = "".join(bare)
    if numbers and not (numbers.isascii() and numbers.isdigit()):
        bare = [digits if digits.isascii() and digits.isdigit() else "" for digits in bare]
        numbers = "".join(bare)
    written, count = numbers.encode(), len(numbers) // _NIP
    weighed = (written[place::_NIP].translate(table) for place, table in enumerate(_WEIGHED))
    sums = sum(int.from_bytes(each, "little") for each in weighed).to_bytes(count, "little")
    fits = iter(sums.translate(_FITTING))
    return [digits if digits and next(fits) and digits not in _DUMMIES else "" for digits in bare]


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
