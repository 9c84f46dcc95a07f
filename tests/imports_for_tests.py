"""Lists for tests: rows in a few words, and what an import makes of them on a workbook in memory or anywhere."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from importers.mapping import mapping
from importers.port import Listing
from importers.source import Source, held
from importers.verdicts import Ruling, counts
from sync.importing import BATCH, Between, Brought, Lot, bring, look
from sync.office import Office
from tests.workbooks_for_tests import Desk, at, run_of
from validators.rows import Cell, Row

DAY = "2026-11-23"


def listing(rows: Sequence[Mapping[str, Cell]], kind: str = "", columns: Sequence[str] = ()) -> Listing:
    """A list with these rows; the first stands in line 2 of its file."""
    names = columns or list(dict.fromkeys(name for row in rows for name in row))
    found = (Row(line, "", row) for line, row in enumerate(rows, 2))
    return Listing(kind, "", tuple(names), found)


def lot(rows: Sequence[Mapping[str, Cell]], to: str = "", file: str = "lista.csv", **chosen: str) -> Lot:
    """The same, its columns understood as they would be without anybody to ask."""
    source: Source = held(listing(rows))
    return Lot(file, source, mapping(source, to, chosen))


def imported(
    desk: Desk | Office,
    *lots: Lot,
    moment: str = DAY,
    size: int = BATCH,
    update: bool = False,
    between: Between | None = None,
) -> Brought:
    """Bring the lists into the workbook of `desk`."""
    office = desk.office if isinstance(desk, Desk) else desk
    now = at(moment)
    return bring(office, lots, now, run_of(now), size=size, update=update, between=between)


def rulings(desk: Desk, wanted: Lot, *, update: bool = False, **answers: str) -> tuple[Ruling, ...]:
    """What every row is to the workbook, without writing anything."""
    told = {int(line.removeprefix("line")): id_ for line, id_ in answers.items()}
    return look(desk.office, replace(wanted, answers=told), at(DAY), update=update).rulings


def verdicts(found: Sequence[Ruling]) -> list[str]:
    """The verdicts, a row each."""
    return [str(ruling.verdict) for ruling in found]


def codes(found: Ruling) -> list[str]:
    """The codes of the reasons."""
    return [reason.code for reason in found.reasons]


def count(found: Brought) -> dict[str, int]:
    """How many rows got each verdict, those that none got left out."""
    return {name: n for name, n in counts(r for of in found.rulings for r in of).items() if n}


def rows_of(desk: Desk, tab: str, *fields: str) -> list[tuple[Cell, ...]]:
    """The rows of a tab, as these fields."""
    table = desk.gathered().tables[tab]
    return list(zip(*(table.column(name) for name in fields), strict=True))


def files(folder: Path) -> Iterator[str]:
    """The names of the files in a folder, sorted."""
    yield from sorted(path.name for path in folder.iterdir() if path.is_file())
