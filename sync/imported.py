"""What the history tells of imports: which row of a file became which record, in which batch; and the workbook as
importers need it. Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from config.labels import Label
from importers.verdicts import Addition, Register
from importers.written import digest
from sync.gather import Gathered
from sync.history import Event, events
from validators.tabs import CLIENTS, INVOICES

_TOLD = Label("{file}, wiersz {line}, porcja {batch}", "{file}, row {line}, batch {batch}")
_TOKENS = re.compile(r" \| (?:\w+:\S+ ?)+$")


@dataclass(frozen=True, slots=True)
class Import:
    """One row of a file that became the record `id` of `tab`, or changed it: in `batch` of `run`. `row` is the digest
    of what the file said, `written` that of what was written (the same, unless several rows of the file gave to it);
    `named` where another row of the file said that it had this id.
    """

    tab: str
    id: str
    run: str
    batch: int
    row: str = ""
    written: str = ""
    seller: str = ""
    ksef: str = ""
    named: bool = False


def details(file: str, line: int, batch: int, language: str, addition: Addition | None = None) -> str:
    """What the history keeps of one imported row: for people first, then for the next import and for undo."""
    tokens = {"batch": str(batch)}
    if addition is not None:
        written = digest(addition.values)
        tokens |= {"row": addition.digest or written, "as": "" if addition.digest in ("", written) else written}
        tokens |= {"seller": "".join(addition.seller.split()), "ksef": "".join(addition.ksef.split())}
        tokens |= {"named": "1" if addition.named else ""}
    told = _TOLD.in_language(language).format(file=" ".join(file.split()), line=line, batch=batch)
    return f"{told} | {' '.join(f'{name}:{value}' for name, value in tokens.items() if value)}"


def imports(past: Iterable[Event]) -> list[Import]:
    """Every row that was imported or updated, oldest first."""
    return [_import(event) for event in past if event.event in ("imported", "updated")]


def _import(event: Event) -> Import:
    found = _TOKENS.search(event.details)
    tokens = dict(token.split(":", 1) for token in found[0][3:].split()) if found else {}
    batch, row = tokens.get("batch", ""), tokens.get("row", "")
    number = int(batch) if batch.isdecimal() else 0
    written, seller, ksef = tokens.get("as", row), tokens.get("seller", ""), tokens.get("ksef", "")
    return Import(event.tab, event.id, event.run, number, row, written, seller, ksef, "named" in tokens)


def register(found: Gathered) -> Register:
    """The workbook as read, with the ids that rows without one are about to get, and what the history tells."""
    past = imports(events(found.tables["history"])) if "history" in found.places else []
    present = {(tab, id_) for tab in ("clients", "invoices") for id_ in found.ids[tab]}
    standing = [each for each in past if (each.tab, each.id) in present]
    return Register(
        found.clients,
        found.invoices,
        found.tables,
        found.ids,
        found.vocabulary,
        {tab.name: _highest(found, tab.name, tab.prefix) for tab in (CLIENTS, INVOICES)},
        {(each.tab, each.row): each.id for each in standing if each.row},
        {each.id: (each.seller, each.ksef) for each in standing if each.seller or each.ksef},
        frozenset(each.id for each in standing if each.named),
    )


def _highest(found: Gathered, tab: str, prefix: str) -> int:
    given: Mapping[str, None] = dict.fromkeys([*found.ids[tab], *(id_ for t, id_ in found.past.known_ids if t == tab)])
    numbers = (id_.removeprefix(f"{prefix}-") for id_ in given if id_.startswith(f"{prefix}-"))
    return max((int(number) for number in numbers if number.isdecimal()), default=0)
