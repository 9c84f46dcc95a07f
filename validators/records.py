"""The records: what a row says once it has been understood. Frozen; if one exists, it is valid.

A value that could not be understood is None (or empty) here, named in `doubtful`, and a `Problem` elsewhere: the rest
of the row is still of use. Reading rows into records is reading.py's part; what follows from them is status.py's.
"""

from datetime import date
from decimal import Decimal

from pydantic import BaseModel, ConfigDict


class Record(BaseModel):
    """What all records share: `id`, the number of the sheet row they came from, the fields that are in doubt."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    id: str
    line: int
    doubtful: frozenset[str] = frozenset()


class Client(Record):
    """One client. `stage` and `tags` are as typed; `hold_until` is date.max for "always"."""

    name: str
    contact_person: str
    email: tuple[str, ...]
    phone: tuple[str, ...]
    tax_id: str | None
    address: str
    language: str | None
    stage: str
    tags: str
    owner: str
    notes: str
    hold_until: date | None
    hold_reason: str


class Invoice(Record):
    """One invoice or credit note (negative amount). Money is in `currency`, to its minor unit.

    `paid` is what was paid so far (for a credit note: what was refunded), `marked_paid` says that a person declared it
    paid in full without an amount. `client_text` is the Client cell as typed, `client` the id it stands for.
    """

    number: str
    client_text: str
    client: str | None
    issued_on: date | None
    due_on: date | None
    amount: Decimal | None
    currency: str
    paid: Decimal
    marked_paid: bool
    link: str
    cancelled: bool
    hold_until: date | None
    hold_reason: str
    approve: bool
    notes: str
    last_step: str
    last_reminder_on: date | None

    @property
    def surplus(self) -> Decimal:
        """What was paid beyond the amount of an invoice, or is left to refund of a credit note; never negative."""
        if self.amount is None or self.cancelled:
            return Decimal(0)
        if self.amount < 0:
            return max(-self.amount - self.paid, Decimal(0))
        return max(self.paid - self.amount, Decimal(0))


class Rule(Record):
    """One reminder rule: `days` after the date in field `counted_from` (negative = before) the step is due.

    `channel` is "e-mail" or "team"; `template` names the letter; `approval` asks for a person's tick first.
    """

    about: str
    step: str
    counted_from: str
    days: int
    template: str
    channel: str
    approval: bool
    active: bool
