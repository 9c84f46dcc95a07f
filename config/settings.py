"""The operator's settings, one frozen model for each section of kartoteka.toml. No file or environment is read here
(settings_file.py does that); a setting is one entry, from which errors, the template and the README derive."""

from datetime import time
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, NamedTuple
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationInfo, field_validator
from pydantic.fields import FieldInfo
from pydantic_core import PydanticCustomError

from config.setting_kinds import (
    DAYS,
    Address,
    Country,
    Currency,
    Days,
    Hours,
    Moments,
    Sender,
    Spreadsheet,
    Titles,
    Urls,
    Zone,
    clock,
    every_minutes,
    split_sender,
    spreadsheet_address,
    spreadsheet_id,
)
from validators.tabs import TABS


def _setting(default: object, description: str, allowed: str, *, variable: str = "", **limits: Any) -> Any:
    """A field: its default, a sentence on what it does, and what may stand there (the words of an error)."""
    return Field(
        default, description=description, json_schema_extra={"allowed": allowed, "variable": variable}, **limits
    )


def _whole(default: int, description: str, least: int, most: int) -> Any:
    return _setting(default, description, f"a whole number from {least} to {most}", ge=least, le=most)


def _need(value: str, info: ValidationInfo, key: str, *choices: str) -> str:
    """`value`, unless it is blank although `key` holds one of `choices`."""
    choice = info.data.get(key)
    if choice in choices and not value:
        raise PydanticCustomError("needed", "{why}", {"why": f'{key} = "{choice}" needs it'})
    return value


class Section(BaseModel):
    """What all sections share: frozen, without unknown keys, quiet about values in its own errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, str_strip_whitespace=True)

    @field_validator("*", mode="before")
    @classmethod
    def _no_booleans(cls, value: object) -> object:
        if isinstance(value, bool):  # pydantic would read true as the number 1
            raise ValueError(str(value))
        return value


class Workbook(Section):
    """Where the workbook is, and how it is written."""

    kind: Literal["xlsx", "google"] = _setting("xlsx", "Where the workbook is kept.", '"xlsx" or "google"')
    path: str = _setting("kartoteka.xlsx", "The workbook's file.", "the path of an .xlsx file", validate_default=True)
    spreadsheet: Spreadsheet = _setting(
        "",
        "The Google spreadsheet's address or id.",
        "the address or id of a Google spreadsheet",
        validate_default=True,
    )
    credentials: str = _setting(
        "service-account.json",
        "The Google key file; blank for application default credentials.",
        "the path of a JSON key file, or nothing",
    )
    language: Literal["pl", "en"] = _setting("pl", "The language of labels and letters.", '"pl" or "en"')
    timezone: Zone = _setting(
        "Europe/Warsaw", "The time zone of dates and hours.", 'a name of the zone database such as "Europe/Warsaw"'
    )
    country: Country = _setting(
        "PL", "The country of holidays and phone numbers.", 'a two-letter country code (ISO 3166) such as "PL"'
    )
    currency: Currency = _setting(
        "PLN", "The currency of amounts that name none.", 'a currency code (ISO 4217) such as "PLN"'
    )
    read_batch_rows: int = _whole(
        200_000, "How many rows of a Google spreadsheet are read in one request.", 100, 10_000_000
    )
    backups: int = _whole(10, "How many copies of the workbook's file are kept.", 0, 1000)
    tabs: Titles = _setting(
        {},
        "The team's own titles of tabs, by English tab name.",
        f'different titles for tabs out of {", ".join(tab.name for tab in TABS)}, such as clients = "Kontrahenci"',
        validate_default=True,
    )

    @field_validator("path")
    @classmethod
    def _path_for_xlsx(cls, value: str, info: ValidationInfo) -> str:
        return _need(value, info, "kind", "xlsx")

    @field_validator("spreadsheet")
    @classmethod
    def _spreadsheet_for_google(cls, value: str, info: ValidationInfo) -> str:
        return _need(value, info, "kind", "google")

    @property
    def spreadsheet_id(self) -> str:
        """The id within the spreadsheet's address, "" when none is set."""
        return spreadsheet_id(self.spreadsheet)

    @property
    def address(self) -> str:
        """The address at which a person opens the Google spreadsheet, "" when none is set."""
        return spreadsheet_address(self.spreadsheet_id) if self.spreadsheet else ""

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of `timezone`."""
        return ZoneInfo(self.timezone)


class Reminders(Section):
    """When letters may go, and how many."""

    mode: Literal["draft", "test", "live"] = _setting(
        "draft", "Whether letters stay here, all go to one address, or to the clients.", '"draft", "test" or "live"'
    )
    test_address: Address = _setting(
        "", "Who gets every letter in test mode.", "one e-mail address", validate_default=True
    )
    minimum_amount: Decimal = _setting(
        Decimal("5.00"), "Nobody is reminded of less than this.", 'an amount from 0 up, such as "5.00"', ge=0
    )
    min_days_between: int = _whole(3, "The least number of days between two letters to one client.", 0, 365)
    due_soon_days: int = _whole(3, "How many days before its due date an invoice is due soon.", 0, 365)
    start_at_most_days_overdue: int = _whole(
        60, "Invoices more days overdue than this when first seen wait for approval.", 0, 36500
    )
    sending_days: Days = _setting(
        DAYS[:5],
        "The days on which letters go, public holidays aside; all seven mean every day.",
        f"one or more of {', '.join(DAYS)}",
    )
    sending_hours: Hours = _setting(
        "08:00-18:00", "The local hours in which letters go.", 'hours such as "08:00-18:00", the end after the start'
    )
    max_per_run: int = _whole(100, "How many letters may go in one run.", 0, 100000)
    max_per_day: int = _whole(300, "How many letters may go in one day.", 0, 100000)

    @field_validator("test_address")
    @classmethod
    def _address_for_tests(cls, value: str, info: ValidationInfo) -> str:
        return _need(value, info, "mode", "test")

    @property
    def sending_from(self) -> time:
        """The first moment of the day at which letters go."""
        return clock(self.sending_hours.split("-")[0])

    @property
    def sending_until(self) -> time:
        """The moment from which they no longer go; `time.max` for "24:00"."""
        return clock(self.sending_hours.split("-")[1])

    @property
    def weekdays(self) -> frozenset[int]:
        """The sending days as numbers, Monday being 0 (as `date.weekday`)."""
        return frozenset(DAYS.index(day) for day in self.sending_days)


class Mail(Section):
    """How letters leave."""

    transport: Literal["folder", "smtp", "gmail"] = _setting(
        "folder", "How letters leave: as files, by a mail server, by Gmail.", '"folder", "smtp" or "gmail"'
    )
    folder: str = _setting("outbox", "Where letters are written as files.", "the path of a folder", min_length=1)
    sender: Sender = _setting(
        "Biuro <biuro@example.pl>", "Who writes.", 'an e-mail address such as "Biuro <biuro@firma.pl>"'
    )
    reply_to: Address = _setting("", "Where answers go, if not to the sender.", "one e-mail address, or nothing")
    host: str = _setting("", "The mail server.", "the name of a mail server", validate_default=True)
    port: int = _whole(587, "The mail server's port.", 1, 65535)
    security: Literal["starttls", "tls", "none"] = _setting(
        "starttls", "How the way to the mail server is secured.", '"starttls", "tls" or "none"'
    )
    username: str = _setting("", "The mail server's user; blank for none.", "a user name, or nothing")
    password: SecretStr = _setting(
        SecretStr(""),
        "The mail server's password; never in the file.",
        "a password",
        variable="KARTOTEKA_SMTP_PASSWORD",
    )

    @field_validator("host")
    @classmethod
    def _host_for_smtp(cls, value: str, info: ValidationInfo) -> str:
        return _need(value, info, "transport", "smtp")

    @property
    def sender_name(self) -> str:
        """The sender's name, "" when there is only an address."""
        return split_sender(self.sender)[0]

    @property
    def sender_address(self) -> str:
        """The sender's bare address."""
        return split_sender(self.sender)[1]


class Notify(Section):
    """Who in the team is told."""

    urls: Urls = _setting(
        (), "Where notices for the team go (Apprise).", 'Apprise addresses such as "slack://…" or "mailto://…"'
    )


class Schedule(Section):
    """When the service works."""

    sync: Moments = _setting(
        ("08:00", "13:00"),
        "The local times of scheduled syncs.",
        'times such as ["08:00", "13:00"], or "every 30 minutes" alone (1 to 1440)',
    )

    @property
    def every_minutes(self) -> int | None:
        """The minutes between two syncs, None when they have times of day."""
        return every_minutes(self.sync[0])

    @property
    def times(self) -> tuple[time, ...]:
        """The times of day of syncs; none when they are so many minutes apart."""
        return () if self.every_minutes else tuple(clock(moment) for moment in self.sync)


class State(Section):
    """What Kartoteka remembers beside the workbook."""

    folder: str = _setting(".kartoteka", "The journal, plans and backups.", "the path of a folder", min_length=1)


class Settings(Section):
    """All settings, whole and valid. `folder` is where the file lies: relative paths count from there."""

    workbook: Workbook = Workbook()
    reminders: Reminders = Reminders()
    mail: Mail = Mail()
    notify: Notify = Notify()
    schedule: Schedule = Schedule()
    state: State = State()
    folder: Path = Path()

    def resolve(self, path: str) -> Path:
        """`path` as seen from the settings file's folder."""
        return self.folder / Path(path).expanduser()

    @property
    def workbook_path(self) -> Path:
        """The workbook's file."""
        return self.resolve(self.workbook.path)

    @property
    def workbook_place(self) -> str:
        """Where a person opens the workbook: its file, or its address."""
        return self.workbook.address if self.workbook.kind == "google" else str(self.workbook_path)

    @property
    def workbook_name(self) -> str:
        """The same in a few letters, for a heading."""
        if self.workbook.kind == "google":
            return f"Google spreadsheet {self.workbook.spreadsheet_id[:8]}…"
        return self.workbook_path.name

    @property
    def credentials_path(self) -> Path | None:
        """The Google key file, None for application default credentials."""
        return self.resolve(self.workbook.credentials) if self.workbook.credentials else None

    @property
    def outbox_folder(self) -> Path:
        """Where letters are written as files."""
        return self.resolve(self.mail.folder)

    @property
    def state_folder(self) -> Path:
        """Where the journal, plans and backups are."""
        return self.resolve(self.state.folder)


class Setting(NamedTuple):
    """One setting as the README and the template show it; `variable` is its environment variable."""

    section: str
    key: str
    default: object
    description: str
    allowed: str
    variable: str
    secret: bool

    @property
    def environment_only(self) -> bool:
        """Whether it must not stand in the file: it has a variable of another name than its key's."""
        return self.variable != f"KARTOTEKA_{self.section}__{self.key}".upper()


def reference() -> tuple[Setting, ...]:
    """Every setting, in the order of the file."""
    sections = [(name, field.default) for name, field in Settings.model_fields.items()]
    return tuple(
        _described(section, key, field)
        for section, model in sections
        if isinstance(model, Section)
        for key, field in type(model).model_fields.items()
    )


def _described(section: str, key: str, field: FieldInfo) -> Setting:
    extra = field.json_schema_extra
    assert isinstance(extra, dict)
    variable = str(extra["variable"]) or f"KARTOTEKA_{section}__{key}".upper()
    secret = "SecretStr" in repr(field.annotation)
    return Setting(section, key, field.default, field.description or "", str(extra["allowed"]), variable, secret)
