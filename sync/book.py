"""Finding Kartoteka's tabs among the sheets of a snapshot: pure. Says what is missing, twice there, or misnamed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from sync.snapshot import Sheet, Snapshot
from validators.errors import Trouble, WrongUse
from validators.headers import Header, NoHeader, find_header
from validators.rows import Table, table
from validators.tabs import HISTORY, TABS, Field, Owner, Tab
from validators.text import fold


@dataclass(frozen=True, slots=True)
class Place:
    """Where a tab lies: its sheet and its header. `header` is None when the sheet is wholly empty."""

    tab: Tab
    sheet: Sheet
    header: Header | None

    def table(self) -> Table:
        """The tab's rows; none when the sheet is empty."""
        if self.header is None:
            return Table(self.tab, (), {})
        return table(self.tab, self.header, self.sheet.rows, self.sheet.formulas)


def locate(snapshot: Snapshot, titles: Mapping[str, str] | None = None) -> dict[str, Place]:
    """Every tab that the workbook has, by English tab name. `titles` maps tab names to titles of the team's own.

    Raises:
        WrongUse: two sheets match one tab, or a sheet lacks a required header.
    """
    found: dict[str, Place] = {}
    for tab in TABS:
        sheet = _sheet(snapshot, tab, (titles or {}).get(tab.name, ""))
        if sheet is not None:
            found[tab.name] = Place(tab, sheet, _header(sheet, tab))
    return found


def require(places: Mapping[str, Place], snapshot: Snapshot, *names: str) -> None:
    """Raise WrongUse unless the tabs `names` are there, each with its id column, and the history whole."""
    for tab in TABS:
        place = places.get(tab.name)
        if tab.name not in names:
            continue
        if place is None or place.header is None:
            raise WrongUse(
                _absent(snapshot, tab),
                "Run 'kartoteka init' to add what is missing; it changes nothing else.",
                trouble=Trouble.SHAPE,
                about=f"{tab.pl} ({tab.en})",
            )
        require_whole(place)


def require_whole(place: Place) -> None:
    """Raise WrongUse unless a tab of records has its id column, and one of the history all of them."""
    tab = place.tab
    needed = ("id",) if tab.prefix else tuple(f.name for f in tab.fields) if tab is HISTORY else ()
    lacking = [tab.field(n) for n in needed if place.header and n not in place.header.columns]
    if lacking:
        raise WrongUse(
            f"The tab '{place.sheet.title}' has no column {', '.join(repr(f.pl) for f in lacking)}.",
            "If it is there under another header, give that its name back: a new column starts empty. "
            "Else run 'kartoteka init', which adds what is missing and changes nothing else.",
            trouble=Trouble.SHAPE,
            about=_headers(place.sheet, lacking),
        )


def absent_columns(place: Place) -> tuple[str, ...]:
    """Service fields of the tab that have no column: what Kartoteka knows but cannot show."""
    if place.header is None:
        return ()
    return tuple(f.name for f in place.tab.owned(Owner.SERVICE) if f.name not in place.header.columns)


def _sheet(snapshot: Snapshot, tab: Tab, mapped: str) -> Sheet | None:
    wanted = {fold(mapped)} if mapped else {fold(tab.pl), fold(tab.en)}
    matches = [s for s in snapshot.sheets if fold(s.title) in wanted]
    if len(matches) > 1:
        names = " and ".join(f"'{s.title}'" for s in matches)
        raise WrongUse(
            f"Two tabs match '{tab.pl}': {names}.",
            f'Rename one of them, or say which one to use in the settings: [workbook.tabs] {tab.name} = "…".',
            trouble=Trouble.SHAPE,
            about=" = ".join(s.title for s in matches),
        )
    if mapped and not matches:
        raise WrongUse(
            f"The settings map the tab '{tab.name}' to '{mapped}', but the workbook has no such tab.",
            f"It has: {_titles(snapshot)}. Correct [workbook.tabs] {tab.name} in the settings.",
            trouble=Trouble.SHAPE,
            about=mapped,
        )
    return matches[0] if matches else None


def _header(sheet: Sheet, tab: Tab) -> Header | None:
    if not any(cell not in (None, "") for row in sheet.rows for cell in row):
        return None
    header = find_header(sheet.rows, tab)
    if isinstance(header, Header):
        return header
    about = _headers(sheet, (field for field, _ in header.missing))
    raise WrongUse(_lacking(sheet, header), _header_advice(header), trouble=Trouble.SHAPE, about=about)


def _headers(sheet: Sheet, missing: Iterable[Field]) -> str:
    return f"{sheet.title} / {', '.join(f'{field.pl} ({field.en})' for field in missing)}"


def _lacking(sheet: Sheet, header: NoHeader) -> str:
    names = ", ".join(f"'{f.pl}' ({f.en})" for f, _ in header.missing)
    where = f"row {header.line} comes closest but lacks" if header.line else "no row of the first 60 carries"
    return f"The tab '{sheet.title}' has no header row: {where} {names}."


def _header_advice(header: NoHeader) -> str:
    near = [f"Did you mean '{f.pl}' where '{cell}' stands?" for f, cell in header.missing if cell]
    return " ".join(
        [*near, "Write these headers into one row above the data; their order and what stands above do not matter."]
    )


def _absent(snapshot: Snapshot, tab: Tab) -> str:
    titles = {fold(s.title): s.title for s in snapshot.sheets}
    near = process.extractOne(fold(tab.pl), titles.keys(), scorer=fuzz.ratio, score_cutoff=60)
    hint = f" The nearest is '{titles[near[0]]}'." if near and near[0] not in (fold(tab.pl), fold(tab.en)) else ""
    return f"The workbook has no tab '{tab.pl}' ({tab.en}) with headers. It has: {_titles(snapshot)}.{hint}"


def _titles(snapshot: Snapshot) -> str:
    return ", ".join(f"'{s.title}'" for s in snapshot.sheets) or "no tabs at all"
