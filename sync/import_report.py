"""What an import did or would do, as data: verdicts counted, and the JSON document in the shape that `sync` has.

Words for a terminal are import_screen.py's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from config.import_words import text
from importers.verdicts import Difference, Ruling, Verdict, counts
from sync.importing import Lot
from sync.report import Report, as_json


@dataclass(frozen=True, slots=True)
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

    @property
    def counts(self) -> dict[str, int]:
        """How many rows got each verdict."""
        return counts(self.rulings)

    @property
    def kept(self) -> int:
        """How many records differ from the file in cells that stay as people have them."""
        return sum(1 for ruling in self.rulings if ruling.kept and ruling.verdict in (Verdict.KNOWN, Verdict.UPDATE))

    @property
    def created(self) -> dict[str, int]:
        """How many records are added, by tab."""
        tabs = [addition.tab for ruling in self._carried_out for addition in ruling.additions]
        return {name: tabs.count(name) for name in ("clients", "invoices")}

    @property
    def updated(self) -> int:
        """How many records that were there get or got other cells."""
        added = {addition.id for ruling in self._carried_out for addition in ruling.additions}
        return len({ruling.id for ruling in self._carried_out if ruling.changes} - added)

    @property
    def _carried_out(self) -> Sequence[Ruling]:
        return self.rulings if self.written is None else self.written

    @property
    def needs_a_person(self) -> bool:
        """Whether a row was rejected, or waits for a choice."""
        return any(ruling.verdict in (Verdict.REJECTED, Verdict.CONFLICT) for ruling in self.rulings)


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
            "notes": list(self.notes),
            "lists": lists,
        }


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
