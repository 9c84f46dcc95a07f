"""The work that is measured: a workbook made up, set up, synced once and quiet; one look at it; duplicates
alone; a list judged."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from config.settings import Settings
from importers.verdicts import Ruling
from mailers.memory import MemoryOutbox
from sync.decide import Decision, Moment, decide
from sync.gather import gather
from sync.importing import look as look_at_list
from sync.lists import Wanted, opened
from sync.office import Office as Desk
from sync.setup import setup
from sync.snapshot import Sheet, Snapshot
from sync.storage.memory import MemoryWorkbook
from tests.benchmarks.register import client_rows, sheets
from validators.duplicates import ClientKeys, duplicate_clients
from validators.tabs import CLIENTS, INVOICES

# After hours: every answer is worked out, none of them is a letter, so that jinja2 is not what is measured.
NOW = datetime(2026, 11, 23, 19, 0, tzinfo=ZoneInfo("Europe/Warsaw"))
SETTINGS = Settings(folder=Path())


@dataclass(frozen=True, slots=True)
class Office:
    """A workbook before and after its first sync, and the cells of the latter as JSON text."""

    new: Snapshot
    quiet: Snapshot
    text: str


def office(clients: int) -> Office:
    """A workbook of `clients` clients and five times as many invoices."""
    workbook = set_up(sheets(clients))
    new = workbook.read()
    workbook.apply(look(new, "first").plan, new)
    quiet = workbook.read()
    return Office(new, quiet, json.dumps([sheet.rows for sheet in quiet.sheets], default=str, ensure_ascii=False))


def set_up(sheets: Sequence[Sheet]) -> MemoryWorkbook:
    """A workbook of `sheets` with all that a first sync needs."""
    workbook = MemoryWorkbook(sheets)
    workbook.apply(setup(workbook.read(), SETTINGS, "setup"), workbook.read())
    return workbook


def look(snapshot: Snapshot, run: str = "again") -> Decision:
    """Parse, validate and decide: what every sync does between reading and writing."""
    return decide(gather(snapshot, SETTINGS, NOW), SETTINGS, Moment(NOW, run, snapshot.register, snapshot.workbook))


def client_keys(clients: int) -> list[ClientKeys]:
    """What `clients` clients are compared by."""
    return [
        ClientKeys(
            f"K-{number:04}", name, address, tax_id.replace("-", "") or None, (email,) if email else (), (phone,), ""
        )
        for number, (name, address, tax_id, email, phone) in enumerate(client_rows(clients), 1)
    ]


def compare(keys: list[ClientKeys]) -> int:
    """How many of them stand there twice."""
    return len(duplicate_clients(keys))


def empty() -> MemoryWorkbook:
    """A workbook with all that a first sync needs, in which nobody stands."""
    return set_up([Sheet(tab.pl, [[field.pl for field in tab.required]]) for tab in (CLIENTS, INVOICES)])


def judge(file: Path, workbook: MemoryWorkbook) -> Sequence[Ruling]:
    """Read a list, map it, validate and decide: what an import does before it writes."""
    with TemporaryDirectory() as state:
        (lot,) = opened(file, Wanted(), Path(state), "PL", lambda _: None, None).lots
    return look_at_list(Desk(workbook, MemoryOutbox(), SETTINGS), lot, NOW).rulings
