"""The values of a reminder's life: decided (`Reminder`), rendered (`Letter`), gone or not (`Receipt`). No logic."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class ReminderLine:
    """One invoice of a letter. `remaining` is what is left to pay in `currency`; `due_on` is the date on the invoice,
    `effective_due_on` the working day that counts; `days_overdue` is negative before that day. `step` is its own."""

    invoice: str
    number: str
    issued_on: date | None
    due_on: date
    effective_due_on: date
    amount: Decimal
    remaining: Decimal
    currency: str
    days_overdue: int
    link: str
    step: str


@dataclass(frozen=True, slots=True)
class Reminder:
    """One letter to one client, decided but not yet worded: the highest step among its lines sets template and tone.

    `attempt` counts from 1 and rises only when a person asks for the letter to be sent again.
    """

    client: str
    client_name: str
    contact_person: str
    to: tuple[str, ...]
    language: str
    step: str
    template: str
    lines: tuple[ReminderLine, ...]
    today: date
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class Attachment:
    """The PDF of invoice `number`, as it goes with a letter; `name` is the file's name there."""

    number: str
    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Enclosed:
    """What goes with a letter; `missing` pairs the numbers of invoices that are not attached with the reason."""

    attachments: tuple[Attachment, ...] = ()
    missing: tuple[tuple[str, str], ...] = ()


NOTHING = Enclosed()


@dataclass(frozen=True, slots=True)
class Letter:
    """A reminder in words, ready to leave. `message_id` has angle brackets (RFC 5322) and is the same for the same
    workbook, invoices, steps and attempt. `steps` pairs each invoice with its own step; `step` is the highest.
    `numbers` are those of the invoices of `steps`; `workbook` is the lasting identity of the workbook they are in."""

    client: str
    to: tuple[str, ...]
    sender: str
    reply_to: str
    subject: str
    text: str
    html: str
    message_id: str
    step: str
    language: str
    invoices: tuple[str, ...]
    client_name: str = ""
    steps: tuple[tuple[str, str], ...] = ()
    numbers: tuple[str, ...] = ()
    workbook: str = ""
    enclosed: Enclosed = NOTHING


@dataclass(frozen=True, slots=True)
class Notice:
    """A step of the team that is due: `owner` ("" if the client has none) shall talk to the client about an invoice.

    `remaining` is what is left to pay in `currency`; `days_overdue` is negative before the day that counts.
    """

    invoice: str
    number: str
    client: str
    client_name: str
    owner: str
    remaining: Decimal
    currency: str
    days_overdue: int
    step: str


class LetterState(StrEnum):
    """What became of a letter."""

    PLANNED = "planned"
    DRAFT = "draft"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What an outbox says of a letter: its state, and the server's or the folder's own words."""

    message_id: str
    state: LetterState
    detail: str = ""
