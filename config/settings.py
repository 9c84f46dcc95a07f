"""The operator's settings, one frozen model for each section of kartoteka.toml. No file or environment is read here
(settings_file.py does that); a setting is one entry, from which errors, the template and the README derive."""

from datetime import time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from pydantic import ValidationInfo, field_validator
from pydantic.fields import FieldInfo

from config.mail_settings import EACH, Mail, Notify
from config.sections import Section, need, setting, whole
from config.service_settings import Logs, Schedule
from config.setting_kinds import (
    DAYS,
    Address,
    Country,
    Currency,
    Days,
    Hours,
    Name,
    Spreadsheet,
    TaxIds,
    Titles,
    Zone,
    clock,
    spreadsheet_address,
    spreadsheet_id,
)
from validators.tabs import TABS


class Workbook(Section):
    """Where the workbook is, and how it is written."""

    name: Name = setting(
        "",
        "What the workbook is called, where there are several; its state and drafts are kept in folders of that name.",
        'up to 24 letters from a to z, digits, "-" and "_", or nothing',
    )
    kind: Literal["xlsx", "google"] = setting("xlsx", "Where the workbook is kept.", '"xlsx" or "google"')
    path: str = setting("kartoteka.xlsx", "The workbook's file.", "the path of an .xlsx file", validate_default=True)
    spreadsheet: Spreadsheet = setting(
        "",
        "The Google spreadsheet's address or id.",
        "the address or id of a Google spreadsheet",
        validate_default=True,
    )
    credentials: str = setting(
        "service-account.json",
        "The Google key file; blank for application default credentials.",
        "the path of a JSON key file, or nothing",
    )
    language: Literal["pl", "en"] = setting("pl", "The language of labels and letters.", '"pl" or "en"')
    timezone: Zone = setting(
        "Europe/Warsaw", "The time zone of dates and hours.", 'a name of the zone database such as "Europe/Warsaw"'
    )
    country: Country = setting(
        "PL", "The country of holidays and phone numbers.", 'a two-letter country code (ISO 3166) such as "PL"'
    )
    currency: Currency = setting(
        "PLN", "The currency of amounts that name none.", 'a currency code (ISO 4217) such as "PLN"'
    )
    read_batch_rows: int = whole(
        200_000, "How many rows of a Google spreadsheet are read in one request.", 100, 10_000_000
    )
    backups: int = whole(10, "How many copies of the workbook's file are kept.", 0, 1000)
    history_rows: int = whole(
        20_000, "With more rows than this, the history's older years go to tabs of their own.", 1, 1_000_000
    )
    tabs: Titles = setting(
        {},
        "The team's own titles of tabs, by English tab name.",
        f'different titles for tabs out of {", ".join(tab.name for tab in TABS)}, such as clients = "Kontrahenci"',
        validate_default=True,
    )

    @field_validator("path")
    @classmethod
    def _path_for_xlsx(cls, value: str, info: ValidationInfo) -> str:
        return need(value, info, "kind", "xlsx")

    @field_validator("spreadsheet")
    @classmethod
    def _spreadsheet_for_google(cls, value: str, info: ValidationInfo) -> str:
        return need(value, info, "kind", "google")

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


class Firm(Section):
    """Whose workbook it is."""

    tax_ids: TaxIds = setting(
        (),
        "The firm's own tax ids, by which an import tells its sales from its purchases.",
        'tax ids such as "5260250274", or none',
    )


class Reminders(Section):
    """When letters may go, and how many."""

    mode: Literal["draft", "test", "live"] = setting(
        "draft", "Whether letters stay here, all go to one address, or to the clients.", '"draft", "test" or "live"'
    )
    test_address: Address = setting(
        "", "Who gets every letter in test mode.", "one e-mail address", validate_default=True
    )
    minimum_amount: Decimal = setting(
        Decimal("5.00"), "Nobody is reminded of less than this.", 'an amount from 0 up, such as "5.00"', ge=0
    )
    min_days_between: int = whole(3, "The least number of days between two letters to one client.", 0, 365)
    due_soon_days: int = whole(3, "How many days before its due date an invoice is due soon.", 0, 365)
    start_at_most_days_overdue: int = whole(
        60, "Invoices more days overdue than this when first seen wait for approval.", 0, 36500
    )
    sending_days: Days = setting(
        DAYS[:5],
        "The days on which letters go, public holidays aside; all seven mean every day.",
        f"one or more of {', '.join(DAYS)}",
    )
    sending_hours: Hours = setting(
        "08:00-18:00", "The local hours in which letters go.", 'hours such as "08:00-18:00", the end after the start'
    )
    max_per_run: int = whole(100, "How many letters may go in one run.", 0, 100000)
    max_per_day: int = whole(300, "How many letters may go in one day.", 0, 100000)

    @field_validator("test_address")
    @classmethod
    def _address_for_tests(cls, value: str, info: ValidationInfo) -> str:
        return need(value, info, "mode", "test")

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


class State(Section):
    """What Kartoteka remembers beside the workbook."""

    folder: str = setting(".kartoteka", "The journal, plans and backups.", "the path of a folder", min_length=1)
    letters_days: int = whole(
        365,
        "For how many days the journal keeps the words of letters; that they were sent it keeps for ever.",
        1,
        36500,
    )

    @property
    def kept_words(self) -> timedelta:
        """How long the words of letters are kept in the journal."""
        return timedelta(days=self.letters_days)


class Settings(Section):
    """All settings for one workbook, whole and valid. `folder` is where the file lies: relative paths count from it."""

    workbook: Workbook = Workbook()
    firm: Firm = Firm()
    reminders: Reminders = Reminders()
    mail: Mail = Mail()
    notify: Notify = Notify()
    schedule: Schedule = Schedule()
    state: State = State()
    logs: Logs = Logs()
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
        """The same in a few letters, for a heading; its name if it has one."""
        if self.workbook.name:
            return self.workbook.name
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
        return self.resolve(self.mail.folder) / self.workbook.name

    @property
    def state_folder(self) -> Path:
        """Where the journal, plans and backups are."""
        return self.resolve(self.state.folder) / self.workbook.name

    @property
    def watchdog(self) -> str:
        """The address of the watchdog that is called for this workbook, "" for none. Secret."""
        return self.notify.ping.get_secret_value().replace(EACH, self.workbook.name)


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
