"""Bringing lists into a Google spreadsheet: batches, kills, people at work, undo; beside what a workbook file gives."""

import io
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from importers.written import digest
from sync.book import locate
from sync.commands import bringing, keeping
from sync.commands.bringing import Wishes
from sync.commands.work import Terminal
from sync.importing import bring
from sync.lists import Wanted, opened
from sync.office import Office
from sync.storage.memory import MemoryWorkbook
from tests.fakes.fates import Fates
from tests.fakes.faults import Fault
from tests.fakes.sheets_server import FakeSheets, Logged
from tests.golden_verdicts import FOLDER
from tests.google_desk_for_tests import Firm
from validators.errors import KartotekaError
from validators.rows import as_text

LIST = """Nazwa;NIP;E-mail;Telefon;Uwagi;Dodano
Gamma sp. z o.o.;5252248481;g@gamma.pl;605 234 567;=1+1;2026-01-31
Delta Anna Kos;;d@delta.pl;1e5;0042;1.02.2026
Alfa;5260250274;;;;
Epsilon;;zły;;;
"""


def carried_out(firm: Firm, does: Callable[..., int], *words: Any) -> dict[str, Any]:
    """A command of this firm, its JSON document as it came."""
    out = io.StringIO()
    does(firm.session(None), Terminal(Console(file=out, width=160), Console(file=io.StringIO()), as_json=True), *words)
    found = json.loads(out.getvalue())
    assert isinstance(found, dict)
    return found


def brought(firm: Firm, text: str = LIST, name: str = "lista.csv", **wishes: Any) -> dict[str, Any]:
    """Import `text`."""
    path = firm.folder / name
    path.write_text(text, encoding="utf-8")
    return carried_out(firm, bringing.import_lists, [path], Wishes(**wishes), None)


def rows(firm: Firm, tab: str, *fields: str) -> list[tuple[object, ...]]:
    """The rows of a tab, as these fields."""
    table = locate(firm.session().office.workbook.read())[tab].table()
    return list(zip(*(table.column(name) for name in fields), strict=True))


def test_a_list_is_brought_in_typed_and_again_is_a_no_op(firm: Firm) -> None:
    first = brought(firm)
    assert {k: v for k, v in first["import"].items() if k in ("new", "known", "rejected")} == {
        "new": 2,
        "known": 1,
        "rejected": 1,
    }
    assert rows(firm, "clients", "id", "name", "phone", "notes", "added_on")[-2:] == [
        ("K-0003", "Gamma sp. z o.o.", "605 234 567", "=1+1", 46053),
        ("K-0004", "Delta Anna Kos", "1e5", "0042", 46054),
    ]
    before = firm.book.state()
    assert brought(firm)["import"]["known"] == 3
    assert firm.book.state()["tabs"] == before["tabs"]


def standing(office: Office) -> dict[str, list[object]]:
    """What stands in the tabs, a row each, however the storage holds days and sums."""
    tables = {name: place.table() for name, place in locate(office.workbook.read()).items()}
    columns = [map(as_text, tables["history"].column(name)) for name in ("run", "event", "id", "field", "details")]
    rows = {name: [digest(row.cells) for row in tables[name].rows()] for name in ("clients", "invoices")}
    return {**rows, "history": list(zip(*columns, strict=True))}


@pytest.mark.parametrize("name", ["clients_questions.csv", "invoices_questions.csv", "tab_for_each_client.xlsx"])
def test_a_workbook_in_memory_and_one_at_google_end_alike(firm: Firm, name: str, tmp_path: Path) -> None:
    """The same verdicts, the same rows, the same history but for the run."""
    session = firm.session()
    google = session.office
    memory = replace(google, workbook=MemoryWorkbook(google.workbook.read().sheets))
    lots = opened(FOLDER / name, Wanted(trial=True), tmp_path, "PL", lambda _: None, None).lots
    found = [bring(office, lots, session.now, session.run, size=3) for office in (google, memory)]
    assert found[0].rulings == found[1].rulings
    assert standing(google) == standing(memory)


@pytest.mark.parametrize("fault", [Fault.CLOSED, Fault.CUT, Fault.LATE, Fault.REFUSED], ids=str)
@pytest.mark.parametrize("request_", [2, 3])
def test_whatever_happens_to_a_write_no_row_comes_twice(firm: Firm, fault: Fault, request_: int) -> None:
    firm.server.faults = Fates({request_: fault})
    with suppress(KartotekaError):
        brought(firm, size=1)
    firm.server.faults = None
    firm.server.settle()
    brought(firm, size=1)
    assert [name for (name,) in rows(firm, "clients", "name")][2:] == ["Gamma sp. z o.o.", "Delta Anna Kos"]
    assert [id_ for (id_,) in rows(firm, "clients", "id")] == ["K-0001", "K-0002", "K-0003", "K-0004"]


def test_a_run_is_taken_back_but_for_what_people_edited(firm: Firm) -> None:
    before = rows(firm, "clients", "id", "name", "phone")
    run = brought(firm)["run"]
    firm.run("sync")
    firm.types("Klienci", "Delta Anna Kos", "Notatki", "ważna")
    told = carried_out(firm, keeping.undo, run)
    assert told["removed"] == ["K-0003 Gamma sp. z o.o."]
    assert told["kept"] == ["K-0004 Delta Anna Kos"]
    assert rows(firm, "clients", "id", "name", "phone") == [*before, ("K-0004", "Delta Anna Kos", "1e5")]


def test_people_who_sort_while_a_run_is_taken_back_lose_nothing(firm: Firm) -> None:
    """The rows are found by their ids wherever they have come to stand."""
    before = sorted(rows(firm, "clients", "id", "name"))
    run = brought(firm)["run"]

    def sort(server: FakeSheets, request: Logged) -> None:
        if request.kind == "batchUpdate":
            server.before.clear()
            firm.tab("Klienci").sort(0, descending=True)

    firm.server.before.append(sort)
    assert len(carried_out(firm, keeping.undo, run)["removed"]) == 2
    assert sorted(rows(firm, "clients", "id", "name")) == before
