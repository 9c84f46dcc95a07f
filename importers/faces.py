"""What a client is recognised by: of the workbook, of a row, of a record that grows while a list is read. Pure."""

from collections.abc import Callable, Sequence
from itertools import chain
from operator import itemgetter
from typing import Any, NamedTuple

from importers.standing import Standing
from validators.packed import Singles
from validators.reading import Reading
from validators.records import Client
from validators.rows import as_text


class Face(NamedTuple):
    """What a client is recognised by, understood; `line` is its line of the file, 0 for one of the workbook."""

    id: str
    name: str
    contact: str = ""
    tax_id: str | None = None
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    address: str = ""
    line: int = 0

    @property
    def keys(self) -> tuple[str, ...]:
        """By what it is reached, or known to offices."""
        return (*((self.tax_id,) if self.tax_id else ()), *self.emails, *self.phones)


def face(client: Client) -> Face:
    """What a client of the workbook is recognised by."""
    emails = tuple(email.casefold() for email in client.email)
    names = client.name, client.contact_person
    return Face(client.id, *names, client.tax_id, emails, client.phone, client.address)


class RowFaces:
    """What the rows of a list are recognised by, in `columns`; they stand in those `lines` of the file."""

    def __init__(self, reading: Reading, lines: Sequence[int]) -> None:
        fields = ("name", "contact_person", "tax_id", "email", "phone", "address")
        self.columns: dict[str, Sequence[Any]] = {name: reading.values(name) for name in fields}
        self.columns["email"] = _casefolded(self.columns["email"])
        self._cells = [*self.columns.values(), lines]

    def of(self, position: int, id_: str) -> Face:
        """What the row at a position is recognised by, with an id."""
        return Face._make((id_, *map(itemgetter(position), self._cells)))


def _casefolded(column: Sequence[tuple[str, ...]]) -> Sequence[tuple[str, ...]]:
    if isinstance(column, Singles):
        return column.mapped(str.casefold)
    whole = "".join(chain.from_iterable(column))
    return column if whole == whole.casefold() else [tuple(map(str.casefold, emails)) for emails in column]


def grown(known: Face, standing: Standing) -> Face:
    """What a client is recognised by when its record has taken something over from a row."""
    values: Callable[[str], Any] = standing.values.get
    name, contact, address = (as_text(standing.cells.get(field)) for field in ("name", "contact_person", "address"))
    emails = tuple(dict.fromkeys(email.casefold() for email in values("email") or ()))
    phones = tuple(dict.fromkeys(values("phone") or ()))
    return Face(known.id, name, contact, values("tax_id"), emails, phones, address, known.line)
