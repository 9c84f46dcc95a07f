"""What every row of a list is to the workbook: exactly one verdict, with its reasons. The values; who decides them
stands in client_verdicts.py and invoice_verdicts.py. Pure.
"""

from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum, auto

from importers.safe_cells import any_longer
from importers.shaping import Shaped
from importers.written import LONGEST, text_of
from validators.columns import Context
from validators.problems import Problem, Severity
from validators.reading import Reading
from validators.records import Client, Invoice
from validators.rows import Cell, Table
from validators.vocabulary import Vocabulary


class Verdict(StrEnum):
    """What becomes of a row. *Conflict*: a person must choose; *rejected*: a person must mend it first."""

    NEW = auto()
    KNOWN = auto()
    UPDATE = auto()
    CONFLICT = auto()
    DUPLICATE = auto()
    REJECTED = auto()


@dataclass(frozen=True, slots=True)
class Difference:
    """A cell that the file has otherwise than the workbook: `after` is the file's, and written unless it is `kept`."""

    field: str
    before: Cell
    after: Cell
    kept: bool = False


@dataclass(frozen=True, slots=True)
class Addition:
    """A row to be added: its team values by field. `digest` is that of the row as the file has it, "" when it says just
    these values; `line` is its line there; `seller` and `ksef` tell an invoice from others of its number; `named` where
    another row of the file says that it has this id."""

    tab: str
    id: str
    line: int
    values: Mapping[str, Cell]
    digest: str = ""
    seller: str = ""
    ksef: str = ""
    named: bool = False


@dataclass(frozen=True, slots=True)
class Ruling:
    """The verdict on one record: the `rows` of the source (positions) that it stands in, the first of its lines, the
    id of the record that it is, becomes or clashes with, and what follows: additions or differences. What was decided
    in a later `round` rests on rows below it, and is written after them."""

    verdict: Verdict
    rows: tuple[int, ...]
    line: int
    id: str = ""
    reasons: tuple[Problem, ...] = ()
    additions: tuple[Addition, ...] = ()
    differences: tuple[Difference, ...] = ()
    round: int = 0

    @property
    def changes(self) -> tuple[Difference, ...]:
        """The cells to be written."""
        return tuple(d for d in self.differences if not d.kept)

    @property
    def kept(self) -> tuple[Difference, ...]:
        """The cells that stay as people have them, although the file has them otherwise."""
        return tuple(d for d in self.differences if d.kept)


@dataclass(frozen=True, slots=True)
class Register:
    """The workbook as importers need it. `tables` and `ids` by tab; `numbers` the highest id number ever given by tab;
    `imported` the id of each row that an earlier import added, by digest; `origins` seller and KSeF number by id;
    `named` the ids of which a list spoke before its import gave them to other rows."""

    clients: Sequence[Client]
    invoices: Sequence[Invoice]
    tables: Mapping[str, Table]
    ids: Mapping[str, Sequence[str]]
    vocabulary: Vocabulary
    numbers: Mapping[str, int] = field(default_factory=dict)
    imported: Mapping[tuple[str, str], str] = field(default_factory=dict)
    origins: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    named: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Terms:
    """How to decide: whether the file's cells go before the sheet's (`update`), the default `currency`, the day, the
    `language` of the workbook, what a person answered, by line: the id of the client that it is, "" for a new one; and
    the firm's own tax ids (`ours`; none: not told)."""

    context: Context
    currency: str
    today: date
    language: str
    update: bool = False
    answers: Mapping[int, str] = field(default_factory=dict)
    ours: Sequence[str] = ()


def counts(rulings: Iterable[Ruling]) -> dict[str, int]:
    """How many rows of the file got each verdict, none left out: their sum is the number of rows."""
    found: Counter[str] = Counter()
    for ruling in rulings:
        found[str(ruling.verdict)] += len(ruling.rows)
    return {str(verdict): found[str(verdict)] for verdict in Verdict}


def faults_of(shaped: Shaped, reading: Reading, leave: Container[str] = ()) -> dict[int, list[Problem]]:
    """What keeps rows out, by position: errors of their cells but those of the fields to `leave`, what was found while
    they took shape, and texts that no spreadsheet could hold."""
    found: dict[int, list[Problem]] = {}
    name = shaped.table.tab.name
    told_before = {(fault.position, field_) for field_, fault in shaped.faults}
    for problem in reading.problems:
        known = (problem.row - 1, problem.field) in told_before
        if problem.severity is Severity.ERROR and problem.field not in leave and not known:
            position = problem.row - 1
            found.setdefault(position, []).append(replace(problem, row=shaped.lines[position], id=""))
    for field_, fault in shaped.faults:
        line, value = shaped.lines[fault.position], fault.params.get("value")
        told = Problem(name, line, "", field_, value, fault.code, fault.params)
        found.setdefault(fault.position, []).append(told)
    for field_, cells in reading.table.columns.items():
        for position, cell in enumerate(cells if any_longer(cells, LONGEST) else ()):
            if isinstance(cell, str) and len(text_of(cell)) > LONGEST:
                told = Problem(name, shaped.lines[position], "", field_, cell[:100], "too_long")
                found.setdefault(position, []).append(told)
    return found
