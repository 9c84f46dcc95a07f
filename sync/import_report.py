"""What an import did or would do, as data: verdicts counted, and the JSON document in the shape that `sync` has.

Words for a terminal are import_screen.py's.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from config.import_words import text
from importers.shared_targets import sentence, shared
from importers.verdicts import Difference, Ruling, Verdict, counts
from sync.importing import Lot
from sync.report import Report, as_json


@dataclass(frozen=True)
class Imported:
    """One list of the import: its verdicts, where its rejected rows are (None: there are none), and what of it was
    `written` when the import was stopped (None: it was not)."""

    lot: Lot
    rulings: Sequence[Ruling]
    rejects: Path | None = None
    written: Sequence[Ruling] | None = None

    @property
    def rows(self) -> int:
        """The rows of the list; the verdicts add up to as many."""
        return len(self.lot.source)

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many rows got each verdict."""
        return counts(self.rulings)

    @property
    def kept(self) -> int:
        """How many records differ from the file in cells that stay as people have them."""
        return self._sums.kept

    @property
    def created(self) -> dict[str, int]:
        """How many records are added, by tab."""
        return {name: self._carried_out.created[name] for name in ("clients", "invoices")}

    @property
    def updated(self) -> int:
        """How many records that were there get or got other cells."""
        return len(self._carried_out.changed)

    @property
    def writes(self) -> int:
        """How many records of the list are to be written."""
        return self._sums.writes

    @property
    def needs_a_person(self) -> bool:
        """Whether a row was rejected, or waits for a choice."""
        return bool(self.counts[Verdict.REJECTED] or self.counts[Verdict.CONFLICT])

    @cached_property
    def _sums(self) -> "_Sums":
        return _sums(self.rulings)

    @cached_property
    def _carried_out(self) -> "_Sums":
        return self._sums if self.written is None else _sums(self.written)


@dataclass(slots=True)
class _Sums:
    """What is counted of verdicts: records that are added, by tab, those that stay as they are, those to be written,
    and the ids of those that were there and change."""

    created: Counter[str] = field(default_factory=Counter)
    changed: set[str] = field(default_factory=set)
    kept: int = 0
    writes: int = 0


def _sums(rulings: Sequence[Ruling]) -> _Sums:
    """Counted in one go: the verdicts on a long list are made as they are asked for."""
    found = _Sums()
    for ruling in rulings:
        for addition in ruling.additions:
            found.created[addition.tab] += 1
        if ruling.changes:
            found.changed.add(ruling.id)
        found.kept += bool(ruling.kept) and ruling.verdict in (Verdict.KNOWN, Verdict.UPDATE)
        found.writes += bool(ruling.additions or ruling.changes)
    if found.changed:
        found.changed.difference_update(addition.id for ruling in rulings for addition in ruling.additions)
    return found


@dataclass(frozen=True, slots=True)
class ImportReport:
    """The whole import: `report` is what `sync` would tell of the workbook now, with the plans of this run."""

    lists: Sequence[Imported]
    report: Report
    batches: int = 0
    notes: Sequence[str] = field(default_factory=tuple)

    @property
    def needs_a_person(self) -> bool:
        """Whether a row of any list was rejected, or waits for a choice."""
        return any(found.needs_a_person for found in self.lists)

    def as_json(self) -> dict[str, Any]:
        """The report with the key `import`; `problems` are those of the rows of the file, by its lines."""
        language = self.report.language
        problems = [
            {
                "tab": reason.tab,
                "row": ruling.line,
                "id": ruling.id or None,
                "field": reason.field,
                "value": as_json(reason.value),
                "severity": str(reason.severity),
                "code": reason.code,
                "message": text(reason, language),
                "verdict": str(ruling.verdict),
            }
            for found in self.lists
            for ruling in found.rulings
            for reason in ruling.reasons
        ]
        return self.report.as_json() | {"problems": problems, "import": self._import()}

    def _import(self) -> dict[str, Any]:
        lists = [_list(found) for found in self.lists]
        files, kinds = ({one[key] for one in lists} for key in ("file", "kind"))
        sums = {key: sum(one[key] for one in lists) for key in ("rows", *map(str, Verdict), "kept")}
        created = {tab: sum(one["created"][tab] for one in lists) for tab in ("clients", "invoices")}
        return {
            "file": ", ".join(sorted(files)),
            "kind": kinds.pop() if len(kinds) == 1 else "",
            **sums,
            "created": created,
            "batches": self.batches,
            "rejects": [one["rejects"] for one in lists if one["rejects"]],
            "notes": [*self.notes, *_notes(self.lists)],
            "lists": lists,
        }


def _notes(lists: Sequence[Imported]) -> Iterator[str]:
    """What a person should know of the columns of these lists."""
    for found in lists:
        for each in shared(found.lot.source, found.lot.mapping):
            yield f"{found.lot.file}: {sentence(each, each.target)}"


def _list(found: Imported) -> dict[str, Any]:
    return {
        "file": found.lot.file,
        "title": found.lot.source.title,
        "kind": found.lot.mapping.kind,
        "rows": found.rows,
        **found.counts,
        "kept": found.kept,
        "created": found.created,
        "columns": found.lot.mapping.as_chosen(),
        "rejects": str(found.rejects) if found.rejects else None,
        "differs": [
            {"row": ruling.line, "id": ruling.id, **_difference(each)}
            for ruling in found.rulings
            if ruling.verdict in (Verdict.KNOWN, Verdict.UPDATE)
            for each in ruling.kept
        ],
    }


def _difference(each: Difference) -> Mapping[str, Any]:
    return {"field": each.field, "before": as_json(each.before), "after": as_json(each.after)}
