"""Columns of a list become columns of the clients tab: names, contact persons and addresses are put together. Pure.

Nothing is understood here but what is needed to put parts together; invoices go further, in invoice_shaping.py.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import repeat

from importers.day_order import with_one_order
from importers.mapping import JOINED, ColumnMap
from importers.source import Source
from importers.targets import CLIENT_PARTS
from validators.columns import Fault, alike
from validators.rows import Cell, Table, as_text, is_blank, texts
from validators.tabs import CLIENTS, Tab
from validators.text import fold

Columns = Mapping[str, Sequence[Cell]]
_HERE = frozenset({"", "pl", "pol", "polska", "poland", "rp"})
_ADDRESS = ("address", "street", "building", "postal_code", "city", "country")


@dataclass(frozen=True, slots=True)
class Shaped:
    """A list as rows of a tab, numbered from 1. For each row of `table`, `groups` holds its positions in the source
    (none: each row stands for itself) and `lines` its first line there; `keys` what tells records apart beside their
    own fields ("id", "seller", "ksef"), `faults` by field what is wrong before any cell was understood, `buyers` who
    the invoices are for, a row each (None: the rows are clients themselves). `rejected`: why an earlier import took no
    row of these, if one has."""

    table: Table
    groups: Sequence[tuple[int, ...]]
    lines: Sequence[int]
    keys: Mapping[str, Sequence[str]] = field(default_factory=dict)
    faults: tuple[tuple[str, Fault], ...] = ()
    buyers: Table | None = None
    rejected: Sequence[str] = ()

    def __len__(self) -> int:
        return len(self.lines)

    def rows(self, position: int) -> tuple[int, ...]:
        """The positions in the source of the row at a position of the table."""
        return self.groups[position] if self.groups else (position,)

    def key(self, name: str) -> Sequence[str]:
        """The texts of a key column; all "" when the list has none."""
        return self.keys.get(name) or alike("", len(self))


def shape_clients(source: Source, found: ColumnMap) -> Shaped:
    """The rows of a list of clients."""
    given = with_one_order(merged(source, found), CLIENTS)
    columns = {name: cells for name, cells in given.items() if name not in (*CLIENT_PARTS, "id")}
    columns |= _people(given)
    columns |= _joined(given, "email", "phone")
    if set(_ADDRESS) & given.keys():
        columns["address"] = addresses(given)
    keys = {"id": texts(given["id"])} if "id" in given else {}
    return Shaped(numbered(CLIENTS, columns, len(source)), (), source.lines, keys)


def numbered(tab: Tab, columns: Columns, count: int) -> Table:
    """A table whose rows are numbered from 1: lines of a file may stand twice, as in an archive of files."""
    return Table(tab, range(1, count + 1), columns)


def merged(source: Source, found: ColumnMap) -> dict[str, Sequence[Cell]]:
    """One column for each target: of several the first that is filled, or all of them where a cell holds several."""
    given: dict[str, Sequence[Cell]] = {}
    for target, names in found.by_target().items():
        columns = [source.columns[name] for name in names]
        if len(columns) == 1:
            given[target] = columns[0]
        elif target in JOINED:
            given[target] = [joined(cells, mark(target)) for cells in zip(*columns, strict=True)]
        else:
            given[target] = [_first(cells) for cells in zip(*columns, strict=True)]
    return given


def mark(target: str) -> str:
    """What stands between several values of one cell."""
    return "\n" if target == "notes" else ", "


def joined(cells: Iterable[Cell], between: str) -> Cell:
    """All that is filled, each once."""
    filled = dict.fromkeys(text for cell in cells if (text := as_text(cell)))
    return between.join(filled) or None


def addresses(given: Columns, prefix: str = "") -> Sequence[Cell]:
    """An address a row, of the whole one and of its parts: street, postcode and town, country unless it is Poland."""
    columns = {name: given[prefix + name] for name in _ADDRESS if prefix + name in given}
    if list(columns) == ["address"]:
        return columns["address"]
    count = len(next(iter(columns.values())))
    parts = [texts(columns[name]) if name in columns else [""] * count for name in _ADDRESS]
    return [_address(*each) or None for each in zip(*parts, strict=True)]


def _address(whole: str, street: str, building: str, code: str, city: str, country: str) -> str:
    lines = [whole, f"{street} {building}".strip() if fold(street) not in fold(whole) or not whole else ""]
    town = f"{code} {city}".strip()
    lines.append("" if whole and fold(city) in fold(whole) and code in whole else town)
    lines.append("" if fold(country) in _HERE or (whole and fold(country) in fold(whole)) else country)
    return ", ".join(line for line in lines if line)


def _people(given: Columns) -> dict[str, Sequence[Cell]]:
    """Name and contact person: a firm's name goes before a person's, who then is whom to ask for."""
    parts = ("name", "company", "first_name", "middle_name", "last_name", "contact_person")
    known = {part: texts(given[part]) for part in parts if part in given}
    if set(known) <= {"name", "contact_person"} and "name" in known:
        return {}
    columns: list[Iterable[str]] = [known.get(part) or repeat("") for part in parts]
    count = len(next(iter(known.values()), ()))
    people = [_person(*each) for each in zip(range(count), *columns, strict=False)]
    return {"name": [name or None for name, _ in people], "contact_person": [who or None for _, who in people]}


def _person(_: int, name: str, company: str, first: str, middle: str, last: str, contact: str) -> tuple[str, str]:
    person = " ".join(part for part in (first, middle, last) if part)
    candidates = [text for text in (company, name, person) if text]
    if not candidates:
        return contact, ""
    others = [text for text in (contact, *candidates[1:]) if text and fold(text) != fold(candidates[0])]
    return candidates[0], others[0] if others else ""


def _joined(given: Columns, *names: str) -> dict[str, Sequence[Cell]]:
    """E-mail addresses and phones of both columns in one cell."""
    found: dict[str, Sequence[Cell]] = {}
    for name in names:
        columns = [given[column] for column in (name, f"{name}_2") if column in given]
        if len(columns) > 1:
            found[name] = [joined(cells, ", ") for cells in zip(*columns, strict=True)]
        elif columns:
            found[name] = columns[0]
    return found


def _first(cells: Iterable[Cell]) -> Cell:
    return next((cell for cell in cells if not is_blank(cell)), None)
