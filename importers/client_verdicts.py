"""The verdict on every row of a list of clients. Pure: the same list and the same workbook, the same verdicts."""

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import chain, compress, count
from operator import not_
from typing import Any

from importers.client_matching import NOBODY, KnownClients, Match, is_another
from importers.crowds import Crowd, everybody
from importers.faces import Face, RowFaces, face, grown
from importers.numbering import Marks, numbered
from importers.rulings import Rulings, settled
from importers.shaping import Shaped
from importers.standing import Standing, Standings, clash, differences
from importers.verdicts import (
    Addition,
    Difference,
    Register,
    Ruling,
    Terms,
    Verdict,
    faults_of,
)
from importers.written import RowValues, WrittenRows, digest, text_of
from validators.columns import alike
from validators.names import name_key, names_close
from validators.packed import held_like
from validators.problems import Problem, Severity
from validators.reading import start
from validators.rows import Cell, as_text, is_blank
from validators.tabs import CLIENTS
from validators.text import words_of_all

# A row that is found by its contact person brings no name of its own.
_NAMES = frozenset({"name", "contact_person"})
_NUMBERS = "I"  # of four bytes


def judge_clients(shaped: Shaped, register: Register, terms: Terms) -> Rulings:
    """One ruling for each row of the list, in its order."""
    judge = _Judge(shaped, register, terms)
    found = settled(judge.told, judge.compared(), _may_settle, judge.has_news, judge.plain)
    for position, each in zip(found, numbered(found.values(), register, len(shaped) - len(found)), strict=True):
        found[position] = each
    return Rulings(len(shaped), found, judge.plain)


def _may_settle(ruling: Ruling) -> bool:
    return ruling.verdict is Verdict.CONFLICT


def _about(
    ruling: Ruling, id_: str, code: str, params: Mapping[str, str], field: str = "", value: Cell = None
) -> Problem:
    """Something to say of a row of the file, as a problem."""
    return Problem("clients", ruling.line, id_, field, value, code, params, Severity.WARNING)


class _Judge:
    def __init__(self, shaped: Shaped, register: Register, terms: Terms) -> None:
        self._shaped, self._register, self._terms = shaped, register, terms
        self._reading = start(shaped.table, alike("", len(shaped)), terms.context)
        self._values = WrittenRows(self._reading, terms.language)
        self._faces = RowFaces(self._reading, shaped.lines)
        self._faults = faults_of(shaped, self._reading)
        self._ids, self._notes = shaped.key("id"), shaped.table.columns.get("notes")
        self._named = Counter(self._ids)
        known, columns = list(map(face, register.clients)), self._faces.columns
        named = held_like(columns["name"], words_of_all(columns["name"]))
        theirs = list(words_of_all([each.name for each in known]))
        crowd = Crowd(chain(named, theirs))
        self._known = KnownClients(known, crowd)
        # What a person answered or an earlier import did may tie any row to any client: then all are compared.
        self._unseen = not (terms.answers or register.imported)
        self._tells = not self._unseen or any(self._ids)
        told = chain((words.replace(" ", "") for words in theirs), *(each.keys for each in known))
        keys = [columns[name] for name in ("tax_id", "email", "phone")]
        self._meetings = crowd.meetings(named, keys, told) if self._unseen else everybody(len(shaped))
        self._standings = Standings(CLIENTS, register, terms.context)
        self._made_of = self._imported_lines()
        self._marks = Marks(CLIENTS, register)
        self._made = self._made_before()
        self._numbers = array(_NUMBERS, [0]) * len(shaped)  # those of the marks of new rows
        self._brought: dict[str, int] = {}
        self._judged_at: dict[int, int] = {}  # how many clients had been added by then

    def _made_before(self) -> dict[str, int]:
        """Of records that may be updated, the line whose they are: it names their id, or an earlier import made them of
        it. Other rows about them come after it, wherever they stand."""
        if not self._terms.update:
            return {}
        named = zip(self._ids, self._shaped.lines, strict=True)
        lines: dict[str, int] = {}
        for id_, line in named:
            lines.setdefault(id_, line)
        for id_, line in self._made_of.items():
            lines.setdefault(id_, line)
        for id_, line in self._agreeing():
            lines.setdefault(id_, line)
        return lines

    def _agreeing(self) -> Iterator[tuple[str, int]]:
        """Records, and the lines of rows that contradict nothing in them: so stands what an earlier import wrote."""
        for position, line in enumerate(self._shaped.lines):
            found = self._said_to_be(position) or self._match(position, self._faces.of(position, self._marks.ahead))
            if position not in self._faults and found.candidates and found.certainty == "sure":
                cells, values = self._said(position)
                standing = self._standings.of(found.candidates[0].id)
                told = self._differing(standing, found, cells, values, update=True)
                if not any(not is_blank(d.before) for d in clash(CLIENTS, told)):
                    yield standing.id, line

    def _imported_lines(self) -> dict[str, int]:
        """The records that an earlier import made of rows of this list, and their lines."""
        lines: dict[str, int] = {}
        asked = self._terms.update or not self._register.named.isdisjoint(self._ids)
        for position in range(len(self._shaped)) if self._register.imported and asked else ():
            id_ = self._imported(position)
            lines.setdefault(id_, self._shaped.lines[position])
        return lines

    def compared(self) -> Iterator[int]:
        """The positions of all rows but those that are plainly new: sound, and nothing of theirs is that of a client or
        of a row above."""
        plain, first = self._meetings.alone.copy(), self._meetings.first.copy()
        named = compress(count(), map(self._known.by_id.__contains__, self._ids)) if any(self._ids) else ()
        for position in (*self._faults, *named):
            plain[position] = first[position] = False
        begin = 0
        for end in (*compress(count(), map(not_, plain)), len(plain)):
            if begin < end:
                self._numbers[begin:end] = array(_NUMBERS, self._marks.skip(end - begin))
            begin = end + 1
            if end < len(plain) and first[end]:
                self._brings(end, self._faces.of(end, self._marks.ahead))
            elif end < len(plain):
                yield end

    def plain(self, position: int) -> Ruling:
        """The verdict on a row that is plainly new."""
        return self._addition(position, self._marks.id_of(self._numbers[position]))

    def told(self, position: int) -> Ruling | None:
        """The verdict on one row; None when it is new, and that is all."""
        if position in self._faults:
            return replace(self._blank(position), reasons=tuple(self._faults[position]))
        self._judged_at[position] = self._known.added
        row, found = self._faces.of(position, self._marks.ahead), self._said_to_be(position) if self._tells else None
        if found is None:
            found = self._match(position, row)
        if found.by == "id" and is_another(found.candidates[0], row):
            found = found if row.line in self._terms.answers else found._replace(certainty="other_id")
        if not found.candidates:
            self._brings(position, row)
            return None
        blank, cells, values = self._blank(position), *self._said(position)
        if found.certainty == "sure":
            return self._matched(blank, found, cells, values)
        if found.certainty == "if_same":
            return self._same_or_asked(blank, found, cells, values)
        return self._asked(blank, found)

    def has_news(self, position: int, ruling: Ruling) -> bool:
        """Whether anything may be told otherwise of a row than when it was judged."""
        row, since = self._faces.of(position, ""), self._judged_at[position]
        return not self._unseen or self._known.has_news(row, ruling.id, since)

    def _blank(self, position: int) -> Ruling:
        return Ruling(Verdict.REJECTED, (position,), self._shaped.lines[position])

    def _said(self, position: int) -> tuple[dict[str, Cell], dict[str, Any]]:
        """The cells of a row as they would be written, and what they mean."""
        cells = self._values.of(position)
        return cells, {name: self._reading.columns[name].values[position] for name in cells}

    def _said_to_be(self, position: int) -> Match | None:
        """Who a row is by what a person answered, an earlier import did, or the row says itself."""
        answer = self._terms.answers.get(self._shaped.lines[position])
        for id_, by in ((answer, "id"), (self._imported(position), "import"), (self._own_id(position), "id")):
            if id_ and id_ in self._known.by_id and (answer is None or id_ == answer):
                return Match("sure", (self._known.by_id[id_],), by)
        return None

    def _own_id(self, position: int) -> str:
        """The id that the row says it has; "" where it said so before an import gave that id to another row of this
        list: the row's own is the id of another workbook."""
        id_, line = self._ids[position], self._shaped.lines[position]
        return "" if id_ in self._register.named and self._made_of.get(id_, line) != line else id_

    def _match(self, position: int, row: Face) -> Match:
        if self._terms.answers.get(row.line) == "":
            return NOBODY
        return self._known.match(row, text_of(self._notes[position]) if self._notes else "")

    def _imported(self, position: int) -> str:
        """The id of the record that an earlier import made of just this row."""
        imported = self._register.imported
        return imported.get(("clients", digest(self._values.of(position))), "") if imported else ""

    def _brings(self, position: int, row: Face) -> None:
        """From now on the row is a client, with the next mark, which it bears."""
        (self._numbers[position],) = self._marks.skip(1)
        self._brought[row.id] = position
        self._known.add(row)

    def _addition(self, position: int, id_: str) -> Ruling:
        line = self._shaped.lines[position]
        named = self._named[id_] > (self._ids[position] == id_)
        addition = Addition("clients", id_, line, RowValues(self._values, position), named=named)
        return Ruling(Verdict.NEW, (position,), line, id_, additions=(addition,))

    def _standing(self, id_: str) -> Standing:
        """The record as it stands; what the list brings is put together when another row is about it, too."""
        if (position := self._brought.pop(id_, None)) is not None:
            line = self._shaped.lines[position]
            self._standings.add(Standing(id_, *self._said(position), is_new=True, line=line))
        return self._standings.of(id_)

    def _matched(self, ruling: Ruling, found: Match, cells: dict[str, Cell], values: dict[str, Any]) -> Ruling:
        standing, whose = self._standing(found.candidates[0].id), found.candidates[0]
        if found.by == "import" and not self._terms.update:
            return replace(ruling, verdict=Verdict.KNOWN, id=standing.id)  # whatever people made of it since
        inside = self._is_inside(standing, ruling)
        told = self._differing(standing, found, cells, values, update=self._terms.update and not inside)
        tax_id = next((d for d in told if d.field == "tax_id" and d.before), None)
        # Found by anything but its id, a record has the tax id of the row from now on, or it is another.
        if (
            tax_id is not None
            and values.get("tax_id")
            and (standing.values.get("tax_id") or found.by not in ("id", "import"))
        ):
            return self._asked(ruling, Match("other_tax_id", (whose,), "tax_id"))
        first = standing.line = standing.line or self._made.get(standing.id, ruling.line)
        contradicted = told if inside else clash(CLIENTS, told)
        contradicted = tuple(d for d in contradicted if not is_blank(d.before))
        ruling = replace(ruling, id=standing.id, differences=told)
        if contradicted and first != ruling.line and (inside or self._terms.update):
            ruling = replace(ruling, differences=told if inside else _all_kept(told))
            self._take(standing, ruling.changes, values)
            return replace(ruling, verdict=Verdict.CONFLICT, reasons=_contradicting(ruling, first, contradicted))
        self._take(standing, ruling.changes, values)
        if inside:
            same = _about(ruling, standing.id, "duplicate_row", {"line": str(first), "id": standing.id})
            return replace(ruling, verdict=Verdict.DUPLICATE, reasons=(same,))
        return replace(ruling, verdict=Verdict.UPDATE if ruling.changes else Verdict.KNOWN)

    def _take(self, standing: Standing, told: tuple[Difference, ...], values: dict[str, Any]) -> None:
        if told:
            standing.take(told, values)
            self._known.add(grown(self._known.by_id[standing.id], standing))

    def _is_inside(self, standing: Standing, ruling: Ruling) -> bool:
        """Whether the record comes from another row of this very list, in this run or an earlier one."""
        earlier = self._terms.update and self._made_of.get(standing.id, ruling.line) != ruling.line
        return standing.is_new or earlier

    def _differing(
        self, standing: Standing, found: Match, cells: dict[str, Cell], values: dict[str, Any], *, update: bool
    ) -> tuple[Difference, ...]:
        bare = {n: c for n, c in cells.items() if n not in _NAMES} if found.by == "contact" else cells
        told = differences(CLIENTS, standing, bare, values, self._register.vocabulary, update=update)
        return told if update else tuple(d for d in told if not _is_spelling(d))

    def _same_or_asked(self, ruling: Ruling, found: Match, cells: dict[str, Cell], values: dict[str, Any]) -> Ruling:
        for candidate in found.candidates:
            standing = self._standing(candidate.id)
            if not self._differing(standing, found, cells, values, update=False):
                return self._matched(ruling, Match("sure", (candidate,), "name"), cells, values)
        return self._asked(ruling, found._replace(certainty="same_name"))

    def _asked(self, ruling: Ruling, found: Match) -> Ruling:
        """A person must choose: the one client that it could be, or all of them."""
        first = found.candidates[0]
        candidates = ", ".join(f"{known.id} {known.name}".strip() for known in found.candidates[:5])
        line = f"{first.line}" if first.line else ""
        field = {"tax_id": "tax_id", "email": "email", "phone": "phone"}.get(found.by, "name")
        value = self._reading.table.column(field)[ruling.rows[0]]  # a client is one row of the source
        params = {"candidates": candidates, "id": first.id, "line": line}
        if found.certainty == "other_tax_id":
            params["other"] = as_text(self._standing(first.id).cells.get("tax_id"))
        reason = _about(ruling, first.id, found.certainty, params, field, value)
        return Ruling(Verdict.CONFLICT, ruling.rows, ruling.line, first.id, (reason,))


def _is_spelling(found: Difference) -> bool:
    """Whether it is but another spelling of the name."""
    names = name_key(as_text(found.before)), name_key(as_text(found.after))
    return found.field == "name" and names_close(*names)


def _contradicting(ruling: Ruling, line: int, found: Iterable[Difference]) -> tuple[Problem, ...]:
    """What two rows of the file say differently of one client."""
    params = {"line": str(line)}
    return tuple(
        _about(ruling, ruling.id, "contradicts_row", params | {"other": as_text(d.before)}, d.field, d.after)
        for d in found
    )


def _all_kept(found: Iterable[Difference]) -> tuple[Difference, ...]:
    return tuple(replace(each, kept=True) for each in found)
