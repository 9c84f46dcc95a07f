"""Who the invoices of a list are for: a client of the workbook, one that the list brings, or nobody can tell. Pure."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from importers.client_matching import Face, KnownClients, Match, face
from importers.client_verdicts import row_face
from importers.numbering import Marks
from importers.verdicts import Addition, Register, Terms, row_values
from importers.written import digest
from validators.contacts import read_emails, read_tax_id
from validators.problems import Problem
from validators.reading import start
from validators.rows import Cell, Table, as_text
from validators.tabs import CLIENTS
from validators.text import fold


@dataclass(frozen=True, slots=True)
class Buyer:
    """Whom an invoice is for: a client with an id; a new one (`face.id` is "") with the values of its row; or, with
    `reason`, one that a person must settle."""

    face: Face
    values: Mapping[str, Cell]
    reason: Problem | None = None

    @property
    def is_new(self) -> bool:
        """Whether the workbook and the list have no such client yet."""
        return not self.face.id


class Buyers:
    """The clients of the workbook and those that the list brings, each once."""

    def __init__(self, table: Table, lines: Sequence[int], register: Register, terms: Terms) -> None:
        self._table, self._lines, self._terms = table, lines, terms
        self._reading = start(table, [""] * len(table), terms.context)
        self._values = row_values(self._reading, terms.language)
        self._known = KnownClients(map(face, register.clients))
        self._marks = Marks(CLIENTS)
        self._found: dict[tuple[Any, ...], Buyer] = {}
        self._shared = self._shared_names()
        self._names = self._names_by_tax_id()

    def of(self, position: int) -> Buyer:
        """Whom the invoice at `position` is for."""
        told = tuple(as_text(cells[position]) for cells in self._table.columns.values())
        found = self._found.get(told)
        if found is None or found.is_new:
            # A new one may have come meanwhile; one that was found stays it, or it would depend on where it stands.
            found = self._found[told] = self._find(position)
        if found.reason is not None:
            return replace(found, reason=replace(found.reason, row=self._lines[position]))
        return found

    def admit(self, buyer: Buyer, line: int) -> tuple[Buyer, Addition]:
        """A new client: from now on the list knows it."""
        id_ = self._marks.next()
        known = replace(buyer.face, id=id_, line=line)
        self._known.add(known)
        return replace(buyer, face=known), Addition("clients", id_, line, dict(buyer.values), digest(buyer.values))

    def cell(self, buyer: Buyer) -> str:
        """What stands in the invoice's Client cell: the name, where it can mean nobody else, else the id."""
        known = self._known.by_id[buyer.face.id]
        alone = len(self._known.named(known.name)) == 1 and fold(known.name) not in self._shared
        return known.name if alone and not known.name[:1].isdecimal() else known.id

    def name_of(self, id_: str | None) -> str:
        """Id and name of a client, for a person."""
        known = self._known.by_id.get(id_ or "")
        return f"{known.id} {known.name}".strip() if known else ""

    def _find(self, position: int) -> Buyer:
        row = row_face(self._reading, position, line=self._lines[position])
        values = self._values(position)
        if not row.name and row.tax_id in self._names:  # another row says it
            row = replace(row, name=self._names[row.tax_id])
            values["name"] = row.name
        by_id = self._known.by_id.get(row.name.strip().upper())
        if by_id is not None:
            return Buyer(by_id, values)
        found = self._by_text(row) or self._known.match(row, close=False)
        if found.candidates and found.certainty in ("sure", "if_same") and len(found.candidates) == 1:
            return Buyer(found.candidates[0], values)
        if found.certainty == "same_name" and len(found.candidates) == 1:
            # An invoice tells of a client what it was then: the same name is enough, whatever else has changed.
            return Buyer(found.candidates[0], values)
        if found.certainty == "other_tax_id":
            return Buyer(row, values)
        if found.candidates:
            candidates = ", ".join(self.name_of(known.id) for known in found.candidates[:5])
            code = "buyer_several" if len(found.candidates) > 1 else "buyer_unclear"
            return Buyer(row, values, self._problem(row, code, {"candidates": candidates}))
        if not row.name:
            told = any(as_text(cells[position]) for cells in self._table.columns.values())
            return Buyer(row, values, self._problem(row, "client_unnamed" if told else "required_missing", {}))
        return self._reachable(row, values)

    @staticmethod
    def _reachable(row: Face, values: dict[str, Cell]) -> Buyer:
        """A new client; one of whom but an address is told can be written to."""
        emails, faults = read_emails(row.name) if "@" in row.name and not row.emails else ((), ())
        if not emails or faults:
            return Buyer(row, values)
        return Buyer(replace(row, emails=tuple(e.casefold() for e in emails)), {**values, "email": row.name})

    def _shared_names(self) -> set[str]:
        """Names that several buyers of the list bear, by their tax ids."""
        ids: dict[str, set[object]] = defaultdict(set)
        columns = self._reading.columns
        for name, tax_id in zip(columns["name"].values, columns["tax_id"].values, strict=True):
            if tax_id and name:
                ids[fold(str(name))].add(tax_id)
        return {name for name, found in ids.items() if len(found) > 1}

    def _names_by_tax_id(self) -> dict[str, str]:
        columns = self._reading.columns
        pairs = zip(columns["tax_id"].values, columns["name"].values, strict=True)
        found: dict[str, str] = {}
        for tax_id, name in pairs:
            if tax_id and name:
                found.setdefault(str(tax_id), str(name))
        return found

    def _by_text(self, row: Face) -> Match | None:
        """Who is meant where the cell for the buyer's name holds a tax id or an address."""
        if row.tax_id or row.emails or self._known.named(row.name):
            return None
        tax_id = read_tax_id(row.name, self._terms.context.country) if any(map(str.isdecimal, row.name)) else None
        emails = tuple(e.casefold() for e in read_emails(row.name)[0]) if "@" in row.name else ()
        if not isinstance(tax_id, str) and not emails:
            return None
        bare = replace(row, name="", tax_id=tax_id if isinstance(tax_id, str) else None, emails=emails)
        return self._known.match(bare, close=False)

    def _problem(self, row: Face, code: str, params: Mapping[str, str]) -> Problem:
        return Problem("invoices", row.line, "", "client", row.name or row.tax_id, code, params)
