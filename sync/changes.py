"""What differs between the workbook as read and as it should be, as changes with their history. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from sync import history
from sync.gather import Gathered
from sync.plan import AppendRow, SetCell
from validators.rows import Cell, Table, as_text, is_blank

# A counter that moves every day is no event; these tell something happened.
TOLD = {"status": "status", "duplicate_of": "duplicate", "problems": "problem", "reply": "held"}


@dataclass(frozen=True, slots=True)
class Log:
    """Who writes the history: the moment, the run, the language of the workbook."""

    now: datetime
    run: str
    language: str

    def row(self, event: str, **values: Cell) -> AppendRow:
        """A history row about `event`."""
        return history.row(self.now, self.run, event, self.language, **values)


def new_ids(found: Gathered, tab: str, log: Log) -> Iterator[tuple[SetCell, AppendRow]]:
    """An id for every row that has none, with the row's own words in the history."""
    table = found.tables[tab]
    if "id" not in table.columns:
        return
    told = table.tab.required[0].name
    for position in found.fresh[tab]:
        id_ = found.ids[tab][position]
        change = SetCell(tab, id_, "id", None, id_, "new row", table.key(position))
        name = as_text(table.column(told)[position])
        yield change, log.row("created id", tab=tab, id=id_, field="id", after=id_, details=name)


def service_changes(
    found: Gathered, tab: str, wanted: Mapping[str, Mapping[str, Cell]], log: Log
) -> Iterator[tuple[SetCell, AppendRow | None]]:
    """Every service cell that must change. `wanted` maps field names to values by record id; ids that it does not
    name keep what stands there."""
    table = found.tables[tab]
    for field, values in wanted.items():
        if field not in table.columns:
            continue
        seen: set[str] = set()
        for id_, before in zip(found.ids[tab], table.column(field), strict=True):
            after = values.get(id_, before)
            if after is before or same(before, after) or id_ in seen:
                continue
            seen.add(id_)
            event = TOLD.get(field) if not (field == "status" and is_blank(before)) else None
            told = log.row(event, tab=tab, id=id_, field=field, before=before, after=after) if event else None
            yield SetCell(tab, id_, field, before, after, field), told


def tidied(
    table: Table, ids: Sequence[str], field: str, wanted: Mapping[str, str], log: Log
) -> Iterator[tuple[SetCell, AppendRow]]:
    """Stage and tag cells that the vocabulary writes otherwise; the old text goes to the history. Formulas stay."""
    for position, (id_, before) in enumerate(zip(ids, table.column(field), strict=True)):
        after = wanted.get(id_)
        if after is None or after == before or (position, field) in table.formulas:
            continue
        told = log.row("normalised", tab=table.tab.name, id=id_, field=field, before=before, after=after)
        yield SetCell(table.tab.name, id_, field, before, after, "normalised"), told


def same(before: Cell, after: Cell) -> bool:
    """Whether a reader would see no difference: blanks are alike, a date is its serial number, 5.0 is 5.

    >>> same(None, ""), same(46000, date(2025, 12, 9)), same(12.3, Decimal("12.30"))
    (True, True, True)
    """
    if before == after and isinstance(before, bool) == isinstance(after, bool):
        return True
    if after is None or before is None:
        return is_blank(before) and is_blank(after)
    if isinstance(after, date):
        return _as_date(before) == (after.date() if isinstance(after, datetime) else after)
    if isinstance(after, (int, float, Decimal)) and isinstance(before, (int, float)) and not isinstance(before, bool):
        return Decimal(str(before)) == Decimal(str(after))
    return False


def _as_date(cell: Cell) -> date | None:
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    if isinstance(cell, (int, float)) and not isinstance(cell, bool) and 0 < cell < 2958466:
        return (history.EPOCH + timedelta(days=cell)).date()
    return None
