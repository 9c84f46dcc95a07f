"""Who the invoices of a list are for: a client of the workbook, one that the list brings, or nobody can tell. Pure."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

from importers.client_matching import KnownClients, Match
from importers.crowds import Crowd
from importers.faces import Face, RowFaces, face
from importers.numbering import Marks
from importers.verdicts import Addition, Register, Terms
from importers.written import WrittenRows
from validators.contacts import read_emails, read_tax_id
from validators.problems import Problem
from validators.reading import start
from validators.rows import Cell, Table, as_text
from validators.tabs import CLIENTS
from validators.text import fold, words_once

_ID = re.compile(rf"{CLIENTS.prefix}-[0-9]{{4,}}")


@dataclass(frozen=True, slots=True)
class Buyer:
    """Whom an invoice is for: a client with an id; a new one (`face.id` is "") with the values of its row; or, with
    `reason`, one that a person must settle, of `candidates`, if any."""

    face: Face
    values: Mapping[str, Cell]
    reason: Problem | None = None
    candidates: tuple[str, ...] = ()

    @property
    def is_new(self) -> bool:
        """Whether the workbook and the list have no such client yet."""
        return not self.face.id


class Buyers:
    """The clients of the workbook and those that the list brings, each once. `rejected`: why an earlier import did not
    take a row, where the list is of such rows."""

    def __init__(
        self, table: Table, lines: Sequence[int], register: Register, terms: Terms, rejected: Sequence[str] = ()
    ) -> None:
        self._table, self._lines, self._terms, self._rejected = table, lines, terms, rejected
        self._reading = start(table, [""] * len(table), terms.context)
        self._values, self._faces = WrittenRows(self._reading, terms.language), RowFaces(self._reading, lines)
        known = list(map(face, register.clients))
        crowd = Crowd(map(words_once, chain(self._faces.columns["name"], (each.name for each in known))))
        self._known = KnownClients(known, crowd)
        self._marks = Marks(CLIENTS, register)
        self._found: dict[tuple[Any, ...], Buyer] = {}
        self._shared = self._shared_names()
        self._names = self._names_by_tax_id()

    @property
    def tax_ids(self) -> Sequence[object]:
        """The tax ids of the buyers, a row each, as far as they are told and right."""
        return self._reading.columns["tax_id"].values

    def of(self, position: int) -> Buyer:
        """Whom the invoice at `position` is for."""
        answer = self._terms.answers.get(self._lines[position])
        cells = (as_text(column[position]) for column in self._table.columns.values())
        told = (answer, self._is_mended(position), *cells)
        found = self._found.get(told)
        if found is None or found.is_new:
            # A new one may have come meanwhile; one that was found stays it, or it would depend on where it stands.
            found = self._found[told] = self._find(position)
        if found.reason is not None:
            return replace(found, reason=replace(found.reason, row=self._lines[position]))
        return found

    def admit(self, buyer: Buyer, line: int) -> tuple[Buyer, Addition]:
        """A new client: from now on the list knows it."""
        id_, _ = self._marks.next()
        known = buyer.face._replace(id=id_, line=line)
        self._known.add(known)
        return replace(buyer, face=known), Addition("clients", id_, line, dict(buyer.values))

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
        row = self._faces.of(position, "")
        values = self._values.of(position)
        id_ = row.name.strip().upper() if _ID.fullmatch(row.name.strip().upper()) else ""
        if id_:
            row = row._replace(name="")
        if not row.name and row.tax_id in self._names:  # another row says it
            row = row._replace(name=self._names[row.tax_id])
            values["name"] = row.name
        answer = self._terms.answers.get(row.line)
        if answer and answer in self._known.by_id:
            return Buyer(self._known.by_id[answer], values)
        if id_ and not row.name:
            return self._by_id(position, id_, row, values)
        return self._by_keys(position, row, values, answer)

    def _by_keys(self, position: int, row: Face, values: dict[str, Cell], answer: str | None) -> Buyer:
        found = self._by_text(row) or self._known.match(row, close=answer is None)
        if found.candidates and answer == "" and found.certainty not in ("sure", "if_same"):
            return self._reachable(row, values)
        if found.candidates and found.certainty in ("sure", "if_same") and len(found.candidates) == 1:
            return Buyer(found.candidates[0], values)
        if found.certainty == "same_name" and len(found.candidates) == 1:
            # An invoice tells of a client what it was then: the same name is enough, whatever else has changed.
            return Buyer(found.candidates[0], values)
        if found.certainty == "other_tax_id":
            return Buyer(row, values)
        if found.candidates:
            return self._unclear(row, values, found.candidates)
        if not row.name:
            told = any(as_text(cells[position]) for cells in self._table.columns.values())
            return Buyer(row, values, self._problem(row, "client_unnamed" if told else "required_missing", {}))
        return self._reachable(row, values)

    def _is_mended(self, position: int) -> bool:
        """Whether a person was told to say who the buyer is, and has written something else since."""
        if not self._rejected or not self._rejected[position]:
            return False
        name = as_text(self._table.column("name")[position])
        return not any(quoted in self._rejected[position] for quoted in (f"„{name}”", f"“{name}”"))

    def _by_id(self, position: int, id_: str, row: Face, values: dict[str, Cell]) -> Buyer:
        """Who is meant where an id stands in place of a name. Lists of other workbooks have ids of their own, and those
        of clients that this import brings come only at its end: so it counts where a person was asked for it."""
        found = self._known.match(row, close=False)
        row = row._replace(name=id_)
        if found.candidates and found.certainty == "sure":
            return Buyer(found.candidates[0], values)
        known = self._known.by_id.get(id_)
        if known is None:
            return Buyer(row, values, self._problem(row, "client_unnamed", {}))
        if self._is_mended(position):
            return Buyer(known, values)
        return self._unclear(row, values, (known,), "buyer_by_id")

    def _unclear(
        self, row: Face, values: dict[str, Cell], candidates: Sequence[Face], code: str = "buyer_unclear"
    ) -> Buyer:
        told = ", ".join(self.name_of(known.id) for known in candidates[:5])
        first = candidates[0]
        params = {"candidates": told, "id": first.id, "line": f"{first.line}" if first.line else ""}
        problem = self._problem(row, "buyer_several" if len(candidates) > 1 else code, params)
        return Buyer(row, values, problem, tuple(known.id for known in candidates))

    @staticmethod
    def _reachable(row: Face, values: dict[str, Cell]) -> Buyer:
        """A new client; one of whom but an address is told can be written to."""
        emails, faults = read_emails(row.name) if "@" in row.name and not row.emails else ((), ())
        if not emails or faults:
            return Buyer(row, values)
        return Buyer(row._replace(emails=tuple(e.casefold() for e in emails)), {**values, "email": row.name})

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
            if tax_id and name and not _ID.fullmatch(str(name).strip().upper()):
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
        bare = row._replace(name="", tax_id=tax_id if isinstance(tax_id, str) else None, emails=emails)
        return self._known.match(bare, close=False)

    def _problem(self, row: Face, code: str, params: Mapping[str, str]) -> Problem:
        return Problem("invoices", row.line, "", "client", row.name or row.tax_id, code, params)
