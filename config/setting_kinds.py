"""What a setting may hold: annotated types that check and tidy one value each, for settings.py. No model lives here."""

import json
import re
from collections.abc import Mapping
from datetime import time
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from babel.numbers import is_currency
from email_validator import EmailNotValidError, validate_email
from holidays.registry import COUNTRIES
from pydantic import AfterValidator, BeforeValidator, Field, SecretStr
from pydantic_core import PydanticCustomError
from stdnum.pl import nip

from validators.tabs import TABS

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_HOURS = re.compile(r"(\d{1,2}:\d{2})\s*[-–]\s*(\d{1,2}:\d{2})")
_EVERY = re.compile(r"every (\d{1,4}) minutes?")
_SENDER = re.compile(r"(?:(?P<name>[^<>]*)<(?P<address>[^<>]*)>|(?P<bare>[^<>]*))")
_NOTICE = re.compile(r"(?:(?P<names>[^:/=]+)=)?(?P<url>[A-Za-z0-9]+://.+)")
# Google's ids have 44 characters; a file's name without its ending is shorter.
_ID = re.compile(r"[A-Za-z0-9_-]{25,}")
# Shorter than such an id, and good as a folder and on a command line.
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,23}")
_SPREADSHEET = re.compile(r"(?:https://docs\.google\.com/.*/d/(?!e/))?([A-Za-z0-9_-]+)(?:[/?#].*)?")


def clock(text: str) -> time:
    """The time of day written "HH:MM"; "24:00" is the last moment of the day. ValueError when there is none such.

    >>> clock("8:05"), clock("24:00")
    (datetime.time(8, 5), datetime.time(23, 59, 59, 999999))
    """
    if text == "24:00":
        return time.max
    hour, minute = text.split(":")
    return time(int(hour), int(minute))


def _hours(text: str) -> str:
    match = _HOURS.fullmatch(text)
    if not match or clock(match[1]) >= clock(match[2]):
        raise ValueError(text)
    return f"{match[1].zfill(5)}-{match[2].zfill(5)}"


def every_minutes(text: str) -> int | None:
    """The number in "every N minutes", None for a time of day."""
    match = _EVERY.fullmatch(text.lower())
    return int(match[1]) if match else None


def _moment(text: str) -> str:
    every = every_minutes(text)
    if every and every <= 1440:
        return f"every {every} minutes"
    if not re.fullmatch(r"\d{1,2}:\d{2}", text):
        raise ValueError(text)
    return clock(text).strftime("%H:%M") if text != "24:00" else "00:00"


def _moments(moments: tuple[str, ...]) -> tuple[str, ...]:
    if not moments or (len(moments) > 1 and any(m.startswith("every") for m in moments)):
        raise ValueError(moments)
    return tuple(sorted(set(moments)))


def _days(days: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(day for day in DAYS if day in days)


def _zone(key: str) -> str:
    try:
        ZoneInfo(key)
    except (KeyError, OSError) as error:  # "Europe" is a folder of the zone database, "" the folder itself
        raise ValueError(key) from error
    return key


def _country(code: str) -> str:
    # Asked for its holidays, the library would read those of all countries: a tenth of a second for every command.
    if not any(code.upper() in codes for _, *codes in COUNTRIES.values()):
        raise ValueError(code)
    return code.upper()


def _currency(code: str) -> str:
    if not is_currency(code.upper()):
        raise ValueError(code)
    return code.upper()


def _address(text: str) -> str:
    if not text:
        return text
    try:
        return validate_email(text, check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError as error:
        raise ValueError(text) from error


def _sender(text: str) -> str:
    name, address = split_sender(text)
    if not address or any(ord(c) < 32 for c in text):
        raise ValueError(text)
    address = _address(address)
    return f"{name} <{address}>" if name else address


def split_sender(text: str) -> tuple[str, str]:
    """Name and address of a sender; the name may hold anything but angle brackets.

    >>> split_sender("Zakład „Żuraw”, biuro <biuro@zuraw.pl>")
    ('Zakład „Żuraw”, biuro', 'biuro@zuraw.pl')
    """
    match = _SENDER.fullmatch(text.strip())
    if not match:
        return "", ""
    return (match["name"] or "").strip().strip('"').strip(), (match["address"] or match["bare"] or "").strip()


def spreadsheet_id(text: str) -> str:
    """The id within a spreadsheet's address, or the id itself; "" when it is neither.

    >>> spreadsheet_id("https://docs.google.com/spreadsheets/d/1AbC-x_9/edit#gid=0")
    '1AbC-x_9'
    """
    match = _SPREADSHEET.fullmatch(text)
    return match[1] if match else ""


def spreadsheet_address(id_: str) -> str:
    """The address at which a person opens the Google spreadsheet of this id."""
    return f"https://docs.google.com/spreadsheets/d/{id_}/edit"


def is_spreadsheet(text: str) -> bool:
    """Whether `text` means a spreadsheet at Google, by its address or id, rather than a file.

    >>> [is_spreadsheet(text) for text in ("https://docs.google.com/x", "1AbC-x_9" * 5, "faktury.xlsx", "faktury")]
    [True, True, False, False]
    """
    return text.startswith(("https://", "http://", "docs.google.com/")) or bool(_ID.fullmatch(text))


def _spreadsheet(text: str) -> str:
    if text and not spreadsheet_id(text):
        raise ValueError(text)
    return text


def split_notice(text: str) -> tuple[tuple[str, ...], str]:
    """The names before an Apprise address, and the address: "" when it is none. No names mean everybody.

    >>> split_notice("Anna Nowak, Piotr=slack://abc?x=y"), split_notice("json://host")
    ((('Anna Nowak', 'Piotr'), 'slack://abc?x=y'), ((), 'json://host'))
    """
    match = _NOTICE.fullmatch(text.strip())
    if not match:
        return (), ""
    return tuple(name.strip() for name in (match["names"] or "").split(",") if name.strip()), match["url"]


def _name(text: str) -> str:
    if text and not _NAME.fullmatch(text):
        raise ValueError(text)
    return text


def _apprise(url: SecretStr) -> SecretStr:
    if not split_notice(url.get_secret_value())[1]:
        raise ValueError
    return url


def _ping(url: SecretStr) -> SecretStr:
    if not re.fullmatch(r"(https?://[^\s/?#]+[^\s?#]*)?", url.get_secret_value()):
        raise ValueError
    return url


def _tax_id(text: str) -> str:
    """Compact. Ten digits alone are a Polish NIP; ids of other countries have their prefix, or another length."""
    compact = re.sub(r"[\s./-]", "", text).upper()
    if polish := re.fullmatch(r"(?:PL)?([0-9]{10})", compact):
        compact = polish[1]
    if not re.fullmatch(r"(?=(?:\D*\d){5})[A-Z0-9]{6,20}", compact) or (polish and not nip.is_valid(compact)):
        raise ValueError(text)
    return compact


def _titles(titles: Mapping[str, str]) -> Mapping[str, str]:
    for name in titles.keys() - {tab.name for tab in TABS}:
        raise PydanticCustomError("unknown_tab", "{tab}", {"tab": name})
    kept = {name: title.strip() for name, title in titles.items() if title.strip()}
    if len(set(kept.values())) < len(kept):
        raise ValueError(titles)
    return kept


def _listed(value: object) -> object:
    """A list written as text, as in an environment variable: JSON, or items between commas or line ends."""
    if not isinstance(value, str):
        return value
    if value.lstrip().startswith(("[", "{")):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return tuple(part.strip() for part in re.split(r"[,\n]", value) if part.strip())


def _lower(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


Listed = BeforeValidator(_listed)
Day = Annotated[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], BeforeValidator(_lower)]
Days = Annotated[tuple[Day, ...], Listed, AfterValidator(_days), Field(min_length=1)]
Hours = Annotated[str, AfterValidator(_hours)]
Moments = Annotated[tuple[Annotated[str, AfterValidator(_moment)], ...], Listed, AfterValidator(_moments)]
Zone = Annotated[str, AfterValidator(_zone)]
Country = Annotated[str, Field(min_length=2, max_length=2), AfterValidator(_country)]
Currency = Annotated[str, AfterValidator(_currency)]
Address = Annotated[str, AfterValidator(_address)]
Sender = Annotated[str, AfterValidator(_sender)]
Name = Annotated[str, AfterValidator(_name)]
Spreadsheet = Annotated[str, AfterValidator(_spreadsheet)]
Urls = Annotated[tuple[Annotated[SecretStr, AfterValidator(_apprise)], ...], Listed]
Ping = Annotated[SecretStr, AfterValidator(_ping)]
TaxIds = Annotated[tuple[Annotated[str, AfterValidator(_tax_id)], ...], Listed]
Titles = Annotated[Mapping[str, str], Listed, AfterValidator(_titles)]
