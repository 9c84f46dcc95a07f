"""What becomes of a file that is imported into a small workbook, as JSON: the golden pairs NAME.verdicts.json."""

import json
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from config.import_words import text
from importers.verdicts import Addition, Difference, Ruling, counts
from sync.import_report import Imported
from sync.importing import Lot
from sync.lists import Wanted, opened
from sync.report import as_json
from tests.imports_for_tests import imported
from tests.workbooks_for_tests import Desk, Values, desk

FOLDER = Path(__file__).parent / "golden" / "imports"
CLIENTS: tuple[Values, ...] = (
    {"id": "K-0001", "name": "Żuraw Sp. z o.o.", "tax_id": "5260250274", "email": "biuro@zuraw.example"},
    {"id": "K-0002", "name": "Piekarnia „Pod Żabą” s.c.", "tax_id": "9512038476", "address": "Rynek 11, Kraków"},
    {"id": "K-0003", "name": "Anna Nowak", "phone": "601 234 567"},
    {"id": "K-0004", "name": "Hafen Lager GmbH", "tax_id": "DE136695976", "phone": "+49 40 123456"},
    {"id": "K-0005", "name": "Gęś"},
)
INVOICES: tuple[Values, ...] = (
    {"number": "FV/17/2026", "client": "K-0002", "issued_on": date(2026, 3, 1), "amount": 1230},
    {"number": "1/11/2026", "client": "K-0001", "issued_on": date(2026, 11, 2), "amount": 1230},
    {"number": "RE-2026-0042", "client": "K-0004", "issued_on": date(2026, 2, 10), "amount": 120, "currency": "EUR"},
    {"number": "FV/14/2026", "client": "K-0002", "issued_on": date(2026, 2, 5), "amount": 1388},
    {"number": "FV/1/2026", "client": "Żuraw Sp. z o.o.", "amount": 1230},
)


def firm(folder: Path) -> Desk:
    """The workbook into which every file is brought."""
    return desk(folder, INVOICES, CLIENTS)


def verdicts(path: Path) -> str:
    """The whole import of the file at `path` into such a workbook, nobody asked: each list, and every row of it."""
    with TemporaryDirectory() as folder:
        found = opened(path, Wanted(trial=True), Path(folder), "PL", lambda _: None, None)
        done = imported(firm(Path(folder)), *found.lots)
    lists = [_list(lot, rulings) for lot, rulings in zip(found.lots, done.rulings, strict=True)]
    document = {"lists": lists} | ({"left out": list(found.notes)} if found.notes else {})
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def golden(path: Path) -> Path:
    """The file with the verdicts on the rows of `path`."""
    return path.with_name(f"{path.name}.verdicts.json")


def check(name: str, *, regenerate: bool) -> None:
    """The import of the file `name` ends as its golden file says; `regenerate` writes that anew."""
    path = FOLDER / name
    found = verdicts(path)
    if regenerate:
        golden(path).write_text(found, "utf-8")
    assert found == golden(path).read_text("utf-8")


def _list(lot: Lot, rulings: tuple[Ruling, ...]) -> dict[str, Any]:
    meant = {name: target for name, target in lot.mapping.as_chosen().items() if target}
    unsure = {meant.column: meant.target for meant in lot.mapping.unsure}
    told = {name: number for name, number in counts(rulings).items() if number}
    assert sum(told.values()) == Imported(lot, rulings).rows
    found = {"kind": lot.mapping.kind, "title": lot.source.title, "columns": meant, "verdicts": told}
    return found | ({"unsure": unsure} if unsure else {}) | {"rows": [_row(lot, ruling) for ruling in rulings]}


def _row(lot: Lot, ruling: Ruling) -> dict[str, Any]:
    lines = [lot.source.lines[row] for row in ruling.rows]
    return {"row": lines if len(lines) > 1 else ruling.line, "verdict": str(ruling.verdict)} | dict(_told(ruling))


def _told(ruling: Ruling) -> Iterator[tuple[str, Any]]:
    if ruling.id:
        yield "id", ruling.id
    if ruling.additions:
        yield "adds", [_addition(each) for each in ruling.additions]
    for name, found in (("writes", ruling.changes), ("keeps", ruling.kept)):
        if found:
            yield name, [_difference(each) for each in found]
    if ruling.reasons:
        yield (
            "reasons",
            [{"code": reason.code, "pl": text(reason, "pl"), "en": text(reason, "en")} for reason in ruling.reasons],
        )


def _addition(each: Addition) -> Mapping[str, Any]:
    return {"tab": each.tab, "id": each.id, **{name: as_json(cell) for name, cell in each.values.items()}}


def _difference(each: Difference) -> Mapping[str, Any]:
    return {"field": each.field, "before": as_json(each.before), "after": as_json(each.after)}
