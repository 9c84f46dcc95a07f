"""The tabs in which older years of the history stand: which sheets they are, when a year moves there, and which rows
do. Pure. What stands in them counts like the history itself: nothing that was sent is forgotten when it moves.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from config.labels import event_code
from sync.book import Place, require_whole
from sync.events import moment, row
from sync.placing import end_of
from sync.plan import Archive, Plan
from sync.snapshot import Sheet, Snapshot
from validators.errors import Trouble, WorkbookMoved, WrongUse
from validators.headers import Header, find_header
from validators.rows import Cell, Table, as_text
from validators.tabs import HISTORY
from validators.text import fold

LONGEST_TITLE = 31  # Excel's
_TITLE = re.compile(r"(.+?) (\d{4})(?: \((\d+)\))?")
_RUN = re.compile(r"\d{8}T\d{6}-\w+")


@dataclass(frozen=True, slots=True)
class Moving:
    """The rows of the sheet `source` in `runs` (0-based, half-open, rising) go to the new sheet `title`, below all that
    stands down to the 0-based row `header`, which is copied there."""

    source: str
    header: int
    title: str
    runs: tuple[tuple[int, int], ...]

    @property
    def count(self) -> int:
        """How many rows move."""
        return sum(end - first for first, end in self.runs)


def archived(snapshot: Snapshot, mapped: str = "") -> tuple[Place, ...]:
    """The sheets that hold older years, by title; `mapped` is the title of the history in the settings, if any.

    A sheet of the team's own that happens to bear such a title is none.

    Raises:
        WrongUse: one of them has lost a header; what it tells of letters would be lost with it.
    """
    found = []
    for sheet in sorted((s for s in snapshot.sheets if _is_title(s.title, mapped)), key=lambda s: _order(s.title)):
        header = find_header(sheet.rows, HISTORY)
        if isinstance(header, Header):
            found.append(Place(HISTORY, sheet, header))
            require_whole(found[-1])
        elif _holds_runs(sheet):
            raise WrongUse(
                f"The tab '{sheet.title}' holds older rows of the history, but no longer their headers.",
                f"Write them above the data, as in the history itself: {', '.join(f.pl for f in HISTORY.fields)}.",
                trouble=Trouble.SHAPE,
                about=sheet.title,
            )
    return tuple(found)


def whole(history: Table, older: Sequence[Place]) -> Table:
    """The history with its older years before it, as one table."""
    if not older:
        return history
    tables = [*(place.table() for place in older), history]
    columns = {f.name: tuple(cell for each in tables for cell in each.column(f.name)) for f in HISTORY.fields}
    return Table(HISTORY, tuple(line for each in tables for line in each.lines), columns)


def absent(history: Table, older: Sequence[Place]) -> tuple[str, ...]:
    """Titles of tabs to which rows were moved, as the whole `history` tells, and which are not there."""
    labels = {event for event in set(history.column("event")) if event_code(as_text(event)) == "archived"}
    told = zip(history.column("event"), history.column("after"), strict=True) if labels else ()
    named = dict.fromkeys(as_text(title) for event, title in told if event in labels)
    present = {place.sheet.title.casefold() for place in older}
    return tuple(title for title in named if title.casefold() not in present)


def is_due(place: Place, most: int, now: datetime) -> bool:
    """Whether the history has more than `most` rows, and some of years before that of `now`."""
    rows = end_of(place.sheet) - place.header.index - 1 if place.header else 0
    return rows > most and any(year < now.year for year in _years(place))


def moving_out(place: Place, register: str, now: datetime, run: str, language: str, titles: Iterable[str]) -> Plan:
    """The plan that gives each year of the history before that of `now` a tab of its own; `titles` are in use."""
    taken = {title.casefold() for title in titles}
    archives, told = [], []
    for year in sorted(year for year in _years(place) if year < now.year):
        title = _free(place.sheet.title, year, taken)
        taken.add(title.casefold())
        archives.append(Archive(title, year))
        rows = sum(end - first for first, end in _years(place)[year])
        told.append(row(now, run, "archived", language, tab="history", after=title, details=str(rows)))
    return Plan(run, register, language, appended=tuple(told), archives=tuple(archives))


def movings(place: Place | None, archives: Sequence[Archive]) -> tuple[Moving, ...]:
    """Which rows `archives` mean.

    Raises:
        WorkbookMoved: there is no history, or no row of that year.
    """
    if not archives:
        return ()
    years = _years(place) if place else {}
    if place is None or place.header is None or any(archive.year not in years for archive in archives):
        raise WorkbookMoved("The history's older rows are not where they were.", "Nothing was written. Run again.")
    header = place.header.index
    return tuple(Moving(place.sheet.title, header, a.title, tuple(years[a.year])) for a in archives)


def split(sheets: Iterable[Sheet], moved: Sequence[Moving]) -> tuple[Sheet, ...]:
    """The sheets as they stand when the rows have moved."""
    kept = {sheet.title: sheet for sheet in sheets}
    for moving in moved:
        source = kept[moving.source]
        head = [(0, moving.header + 1)]
        kept[moving.title] = _of(source, moving.title, [*head, *moving.runs])
    for name in {moving.source for moving in moved}:
        gone = sorted(run for moving in moved for run in moving.runs if moving.source == name)
        kept[name] = _of(kept[name], name, outside(gone, len(kept[name].rows)))
    return tuple(kept.values())


def outside(runs: Iterable[tuple[int, int]], end: int) -> list[tuple[int, int]]:
    """The rows from 0 to before `end` that are in none of the `runs`.

    >>> outside([(1, 4), (6, 7)], 9)
    [(0, 1), (4, 6), (7, 9)]
    """
    edges = [0, *(edge for run in sorted(runs) for edge in run), end]
    return [(first, last) for first, last in zip(edges[::2], edges[1::2], strict=True) if first < last]


def _of(sheet: Sheet, title: str, runs: Sequence[tuple[int, int]]) -> Sheet:
    numbers = [number for first, end in runs for number in range(first, min(end, len(sheet.rows)))]
    place = {number: position for position, number in enumerate(numbers)}
    formulas = frozenset((place[r], c) for r, c in sheet.formulas if r in place)
    return Sheet(title, [sheet.rows[number] for number in numbers], formulas)


def _years(place: Place) -> Mapping[int, list[tuple[int, int]]]:
    """The rows below the header by the year they tell of; one without a readable time goes with the row above."""
    if place.header is None:
        return {}
    first, column = place.header.index + 1, place.header.columns["time"]
    rows = place.sheet.rows[first : end_of(place.sheet)]
    found: dict[int, list[tuple[int, int]]] = {}
    for year, group in groupby(enumerate(_dated(rows, column), start=first), key=lambda pair: pair[1]):
        numbers = [number for number, _ in group]
        if year is not None:
            found.setdefault(year, []).append((numbers[0], numbers[-1] + 1))
    return found


def _dated(rows: Iterable[Sequence[Cell]], column: int) -> Iterator[int | None]:
    times = [cells[column] if column < len(cells) else None for cells in rows]
    years = {time: at.year if (at := moment(time)) else None for time in set(times)}
    year: int | None = None
    for time in times:
        year = years[time] or year
        yield year


def _is_title(title: str, mapped: str) -> bool:
    found = _TITLE.fullmatch(title.strip())
    names = {fold(HISTORY.pl), fold(HISTORY.en), *([fold(_short(mapped))] if mapped else ())}
    return found is not None and fold(found[1]) in names


def _order(title: str) -> tuple[str, int]:
    found = _TITLE.fullmatch(title.strip())
    return (found[2], int(found[3] or 1)) if found else ("", 0)


def _free(history: str, year: int, taken: Iterable[str]) -> str:
    """The first title for a year that is not in use."""
    number, title = 1, f"{_short(history)} {year}"
    while title.casefold() in taken:
        number += 1
        title = f"{_short(history)} {year} ({number})"
    return title


def _short(title: str) -> str:
    return title.strip()[: LONGEST_TITLE - len(" 2026 (99)")].strip()


def _holds_runs(sheet: Sheet) -> bool:
    return any(isinstance(cell, str) and _RUN.fullmatch(cell.strip()) for row in sheet.rows for cell in row)
