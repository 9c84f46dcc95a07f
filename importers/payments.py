"""What a list says of payment, in whatever columns, as the two cells Paid and Paid on of the invoices tab. Pure.

The tab's rule (validators/invoices.py): a date or *yes* alone means that all of it is paid; a sum is what was paid so
far. So a date of part payment never stands there without its sum.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from importers.words import STATES, State
from validators.columns import Context, Fault, understand
from validators.problems import Severity
from validators.rows import Cell, is_blank, texts
from validators.tabs import INVOICES
from validators.text import fold

_ZERO = Decimal(0)


@dataclass(slots=True)
class Payments:
    """The payments of `count` invoices: `given` holds their cells by target, and gets the two columns; what cannot be
    reconciled goes to `faults`."""

    given: dict[str, Sequence[Cell]]
    faults: list[tuple[str, Fault]]
    count: int
    context: Context

    def settle(self) -> None:
        """Fill Paid and Paid on where flags, states or what is left to pay say more than they do."""
        self._move_days()
        if not {"paid_flag", "state", "remaining"} & self.given.keys():
            return
        paid, paid_on = list(self._column("paid")), list(self._column("paid_on"))
        sums = self._understood("paid", "paid")
        amounts, left = self._understood("amount", "amount"), self._understood("remaining", "amount")
        states = self._states()
        for position in range(self.count):
            amount, rest = amounts[position], left[position]
            if isinstance(amount, Decimal) and isinstance(rest, Decimal) and is_blank(paid[position]):
                paid[position] = self._so_far(position, amount, rest)
            elif is_blank(paid[position]):
                paid_on[position] = self._in_full(position, states[position], paid_on[position])
            elif sums[position] == _ZERO and states[position] in (State.PAID, State.PARTLY):
                self._fault(position, "paid", "payment_unclear", paid[position])
        self.given |= {"paid": paid, "paid_on": paid_on}

    def _move_days(self) -> None:
        """A day under Paid is the day of payment: as *yes* alone it would be lost."""
        sums, paid, paid_on = self._understood("paid", "paid"), [*self._column("paid")], [*self._column("paid_on")]
        days = self._understood("paid", "paid_on") if any(value is True for value in sums) else ()
        for position, day in enumerate(days):
            if sums[position] is True and isinstance(day, date) and is_blank(paid_on[position]):
                paid[position], paid_on[position] = None, paid[position]
        if days:
            self.given |= {"paid": paid, "paid_on": paid_on}

    def _so_far(self, position: int, amount: Decimal, rest: Decimal) -> Cell:
        so_far = amount - rest if amount >= 0 else rest - amount
        if so_far < 0 or (so_far == 0 and not is_blank(self._column("paid_on")[position])):
            self._fault(position, "remaining", "payment_unclear", rest)
        return so_far if so_far > 0 else None

    def _in_full(self, position: int, state: State | date | None, paid_on: Cell) -> Cell:
        if state is State.PARTLY or (state is State.UNPAID and not is_blank(paid_on)):
            self._fault(position, "paid", "payment_unclear", paid_on)
        if isinstance(state, date):
            return paid_on if not is_blank(paid_on) else state
        return True if state is State.PAID and is_blank(paid_on) else paid_on

    def _states(self) -> list[State | date | None]:
        """What a flag or state says of payment; a flag may be the day of it."""
        flags = self._column("paid_flag")
        read = self._understood("paid_flag", "paid_on")
        words = zip(texts(flags), texts(self._column("state")), strict=True)
        found: list[State | date | None] = []
        for flag, value, (text, state) in zip(flags, read, words, strict=True):
            told = STATES.get(fold(text)) or STATES.get(fold(state))
            if isinstance(value, date):
                found.append(value)
            elif value is True:
                found.append(State.PAID)
            elif is_blank(flag) or told:
                found.append(told)
            else:
                found.append(State.UNPAID)
        return found

    def _understood(self, target: str, field: str) -> Sequence[object]:
        return understand(INVOICES.field(field), self._column(target), self.context).values

    def _column(self, name: str) -> Sequence[Cell]:
        return self.given.get(name) or [None] * self.count

    def _fault(self, position: int, field: str, code: str, value: Cell) -> None:
        self.faults.append((field, Fault(position, code, {"value": texts([value])[0]}, Severity.ERROR)))
