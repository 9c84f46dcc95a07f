"""After a write to Google: what it left wrong because people moved rows or columns meanwhile, and the batch that puts
it right. Pure; the rules are those of sync/mending.py."""

from collections import defaultdict
from collections.abc import Container, Iterator, Mapping, Set
from dataclasses import replace

from sync.mending import differences, may_have_missed, mended, realigned
from sync.plan import Plan, SetCell
from sync.recognising import Formula, Hit, Page, filled, service_columns
from sync.storage.google_answers import Known, letters, quoted
from sync.storage.google_batch import Batch, Rows, guarded, images_shown, positioned
from validators.errors import Trouble, WorkbookMoved, WrongUse
from validators.headers import Header, find_header
from validators.rows import Cell, Grid, as_text
from validators.tabs import Owner

Images = Mapping[str, Mapping[tuple[int, int], Cell]]


def unclear(batch: Batch, seen: Mapping[str, Grid]) -> list[str]:
    """The tabs of which some hits of the batch may have fallen on what a person wrote: what stood there must be asked
    for. Where nobody moved anything only cells of the team can be among them, and each was read before."""
    return [
        name
        for name, grid in seen.items()
        if batch.hits[name] and may_have_missed(batch.pages[name], batch.hits[name], grid)
    ]


def corrected(batch: Batch, seen: Mapping[str, Grid], images: Images, later: Container[str]) -> dict[str, Page]:
    """How the tabs in `seen` should stand. `images` tells by tab and place what stood where the batch hit; `later` are
    the tabs that were read some time after the batch was written.

    Raises:
        HeaderLost: the header row of a tab is gone.
    """
    pages: dict[str, Page] = {}
    for name, grid in seen.items():
        page = mended(
            batch.pages[name],
            batch.hits[name],
            grid,
            images.get(name, {}),
            replaced=batch.replaced.get(name, ()),
            later=name in later,
        )
        rows, header = batch.appended.get(name), find_header(grid, page.tab)
        if rows and isinstance(header, Header) and rows.columns != header.columns:
            hits = list(realigned(rows.columns, header.columns, rows.rows, grid))
            page = replace(page, clean=filled(page.clean, hits), wanted=filled(page.wanted, hits))
        pages[name] = page
    return pages


def repairs(
    batch: Batch, seen: Mapping[str, Grid], pages: Mapping[str, Page], computed: Mapping[int, Set[tuple[int, int]]]
) -> dict[str, list[Hit]]:
    """By tab, what must be written so that all stands as it should; in team columns only over what was seen there.

    `computed` are the cells that hold a formula, by sheet id: one that was put back stands there as what it gives.
    """
    found = {
        name: [
            hit
            for hit in _repairs(batch, name, seen[name], page)
            if not (isinstance(hit.value, Formula) and (hit.row, hit.column) in computed.get(batch.sheets[name], ()))
        ]
        for name, page in pages.items()
    }
    return {name: hits for name, hits in found.items() if hits}


def repairing(
    batch: Batch,
    seen: Mapping[str, Grid],
    pages: Mapping[str, Page],
    hits: Mapping[str, list[Hit]],
    known: Known,
) -> Batch:
    """The batch that makes `hits`. Its answer shows the other tabs too: all are looked at until, at one moment, all of
    them are right."""
    appended = {
        name: Rows(header.columns, rows.rows)
        for name, rows in batch.appended.items()
        if name in hits and isinstance(header := find_header(seen[name], pages[name].tab), Header)
    }
    return replace(
        batch,
        requests=[r for name, of in hits.items() for r in positioned(batch.sheets[name], of, known.images(name))],
        ranges={
            **batch.ranges,
            **{n: [quoted(batch.titles[n]), *images_shown(known.images(n), hits.get(n, ()))] for n in seen},
        },
        pages={**batch.pages, **pages},
        hits={name: hits.get(name, []) for name in batch.pages},
        replaced={},
        appended=appended,
        shown={**batch.shown, **dict.fromkeys(seen)},
    )


def kept_out(
    part: Plan, batch: Batch, stand: Mapping[str, Grid], computed: Mapping[int, set[tuple[int, int]]]
) -> Iterator[SetCell]:
    """Changes of the team's texts that did not take, because a formula gives them; `computed` are its formulas, by
    sheet id."""
    by_tab: dict[str, dict[tuple[str, str], SetCell]] = defaultdict(dict)
    for change in part.changes:
        if change.tab in stand and batch.pages[change.tab].tab.field(change.field).owner is not Owner.SERVICE:
            by_tab[change.tab][change.id, change.field] = change
    for name, changes in by_tab.items():
        header = find_header(stand[name], batch.pages[name].tab)
        if not isinstance(header, Header):
            continue
        fields, id_ = {column: field for field, column in header.columns.items()}, header.columns["id"]
        for row, column in sorted(computed.get(batch.sheets[name], ())):
            cells = stand[name][row] if row < len(stand[name]) else ()
            record = as_text(cells[id_]) if id_ < len(cells) else ""
            if (record, fields.get(column)) in changes:
                yield changes[record, fields[column]]


def headless(batch: Batch, name: str) -> WrongUse:
    """Without its header row nobody can tell what the columns of the tab called `name` are."""
    return WrongUse(
        f"The header row of the tab '{batch.titles[name]}' is gone since it was read.",
        "Put it back (File → Version history shows it), then run again: what was half-written is mended.",
        trouble=Trouble.SHAPE,
        about=batch.titles[name],
    )


def unsettled(batch: Batch, hits: Mapping[str, list[Hit]]) -> WorkbookMoved:
    """People moved things faster than we could put them right."""
    cells = [f"{letters(h.column)}{h.row + 1} of '{batch.titles[n]}'" for n, of in hits.items() for h in of]
    more = f" and {len(cells) - 5} more" if len(cells) > 5 else ""
    return WorkbookMoved(
        f"People moved rows or columns again and again; these cells are not yet right: {', '.join(cells[:5])}{more}.",
        "Run again when fewer people move rows and columns: it goes on where this run stopped.",
    )


def _repairs(batch: Batch, name: str, seen: Grid, page: Page) -> list[Hit]:
    # Text that could not be replaced under a condition although it stands there is set without one.
    header = find_header(page.wanted, page.tab)
    service = service_columns(page.tab, header) if isinstance(header, Header) else frozenset()
    tried = {(hit.row, hit.column) for hit in batch.hits[name] if hit.guarded}
    return [
        hit if hit.column in service or (hit.row, hit.column) in tried else guarded(hit)
        for hit in differences(seen, page.wanted)
    ]
