"""From a plan to one batch for Google: requests, what its answer shall show, and how to tell where it landed. Pure."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache

from config.labels import event_code
from sync.book import Place, locate
from sync.placing import Layout, Placing, end_of, place
from sync.plan import Plan
from sync.recognising import Hit, Page, filled
from sync.snapshot import Sheet, Snapshot
from sync.storage.google_answers import GridSheet, Known, columns_shown, letters, quoted
from sync.storage.google_look import look
from sync.storage.google_requests import (
    Request,
    cells_set,
    columns_made,
    images_taken,
    number_format,
    plain,
    rows_appended,
    text_replaced,
)
from validators.headers import SEARCH_ROWS
from validators.rows import Cell, Grid, Table, as_text, is_blank
from validators.tabs import VOCABULARY_KINDS, Owner, tab
from validators.text import fold

# An answer shows a whole tab up to this many cells: what people did meanwhile is then seen without another request.
WHOLE_CELLS = 60_000
LARGEST_REQUEST = 2_000_000  # bytes; Google's advice
_NEW_ROWS = 1000


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows that were appended to a tab, and the columns their fields went to."""

    columns: Mapping[str, int]
    rows: Sequence[Mapping[str, Cell]]


@dataclass(frozen=True, slots=True)
class Batch:
    """One write. `requests` lack the step of the register. By tab: `pages` as they shall stand, `hits` the cells set
    by position, `replaced` the texts that are replaced all down a column from a row on, `appended` the new rows,
    `sheets` and `titles` where it lies; of the answer, the `ranges` it shows and their columns in `shown` (None: all).
    """

    requests: Sequence[Request]
    ranges: Mapping[str, Sequence[str]] = field(default_factory=dict)
    pages: Mapping[str, Page] = field(default_factory=dict)
    hits: Mapping[str, Sequence[Hit]] = field(default_factory=dict)
    replaced: Mapping[str, Sequence[Hit]] = field(default_factory=dict)
    appended: Mapping[str, Rows] = field(default_factory=dict)
    shown: Mapping[str, Sequence[int] | None] = field(default_factory=dict)
    sheets: Mapping[str, int] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)


def parts(plan: Plan, largest: int = LARGEST_REQUEST) -> Iterator[Plan]:
    """`plan` in pieces of at most about `largest` bytes, each with its own history; one record is never split.

    Whatever tells of letters stays together and comes last: it is claimed in one write or not at all.
    """
    if plan.tabs or plan.columns:
        yield plan
        return
    letters = {str(r.values.get("id")) for r in plan.appended if _is_about_letters(r.values)}
    sizes: dict[str, int] = {}
    for change in plan.changes:
        name = "" if change.id in letters else change.id
        sizes[name] = sizes.get(name, 0) + 240 + len(json.dumps(as_text(change.after)))
    for row in plan.appended:
        name = _name(row.values, letters)
        sizes[name] = sizes.get(name, 0) + _format_size(row.tab) + sum(map(_value_size, row.values.values()))
    numbers, number, room = {}, 0, largest * 19 // 20
    for name in [*(n for n in sizes if n), *(n for n in sizes if not n)]:
        if sizes[name] > room:
            number, room = number + 1, largest * 19 // 20
        numbers[name] = number
        room -= sizes[name]
    for wanted in sorted(set(numbers.values())):
        yield replace(
            plan,
            changes=tuple(c for c in plan.changes if numbers["" if c.id in letters else c.id] == wanted),
            appended=tuple(r for r in plan.appended if numbers[_name(r.values, letters)] == wanted),
        )


@cache
def _format_size(name: str) -> int:
    """The bytes of a row of this tab without its values, when the sheet has all columns of the tab."""
    formats = (number_format(field) for field in tab(name).fields)
    return 14 + sum(3 if number is None else 41 + len(json.dumps(number)) for number in formats)


def _value_size(value: Cell) -> int:
    return 37 + len(json.dumps(as_text(value), ensure_ascii=False).encode("utf-8", "replace"))


def compose(
    plan: Plan, base: Snapshot, titles: Mapping[str, str] | None, known: Known, whole: int = WHOLE_CELLS
) -> Batch:
    """The batch that carries `plan` out on the workbook as read in `base`.

    Raises:
        WorkbookMoved: a record of the plan is not there.
        WrongUse: the workbook lacks a tab or column of the plan.
    """
    placing = place(base, plan, titles)
    places = locate(base, titles)
    ids = _sheet_ids(placing, known)
    grids = {sheet.title: sheet.rows for sheet in base.sheets}
    touched = {put.tab for put in placing.puts} | set(plan.tabs)
    requests = [*_room(placing, known, ids), *_look(placing, plan, places, known, ids)]
    pages: dict[str, Page] = {}
    hits: dict[str, list[Hit]] = {}
    replaced: dict[str, list[Hit]] = {}
    for name in (n for n in placing.layouts if n in touched):
        layout = placing.layouts[name]
        headers = [Hit(p.row, p.column, p.value) for p in placing.headers if p.tab == name]
        clean = filled(grids.get(layout.sheet, ()), headers)
        pinned, everywhere = _sorted(name, placing, layout, clean)
        hits[name], replaced[name] = pinned, everywhere
        pages[name] = Page(tab(name), clean, filled(clean, pinned))
        requests += cells_set(ids[layout.sheet], headers)
        requests += [text_replaced(ids[layout.sheet], h.column, h.row, h.before, h.value) for h in everywhere]
        requests += positioned(ids[layout.sheet], pinned, known.images(name))
    appended = {
        name: Rows(placing.layouts[name].columns, [r.values for r in plan.appended if r.tab == name])
        for name in dict.fromkeys(row.tab for row in plan.appended)
    }
    requests += [rows_appended(ids[placing.layouts[n].sheet], tab(n), a.columns, a.rows) for n, a in appended.items()]
    standing = [n for n in pages if not placing.layouts[n].new]
    shown = {n: _shown(placing, n, pages[n].clean, whole) for n in standing}
    return Batch(
        requests,
        {n: _ranges(placing.layouts[n], shown[n], known.images(n), hits[n]) for n in standing},
        {n: pages[n] for n in standing},
        {n: hits[n] for n in standing},
        {n: replaced[n] for n in standing},
        {n: a for n, a in appended.items() if n in standing},
        shown,
        {n: ids[placing.layouts[n].sheet] for n in standing},
        {n: placing.layouts[n].sheet for n in standing},
    )


def positioned(sheet_id: int, hits: Sequence[Hit], images: GridSheet | None) -> list[Request]:
    """Requests for cells by position: all are imaged, then guarded texts replaced and others set."""
    guarded = [h for h in hits if h.guarded]
    free = [h for h in hits if not h.guarded]
    return [
        *(images_taken(sheet_id, images, hits) if images else ()),
        *cells_set(sheet_id, free),
        *(text_replaced(sheet_id, h.column, h.row, h.before, h.value, h.row + 1) for h in guarded),
    ]


def guarded(hit: Hit) -> Hit:
    """The same, to be written only where the old text still stands, if Google can tell."""
    can = isinstance(hit.value, str | None) and isinstance(hit.before, str) and not is_blank(hit.before)
    return replace(hit, guarded=can)


def _sorted(name: str, placing: Placing, layout: Layout, clean: Grid) -> tuple[list[Hit], list[Hit]]:
    """Cells to set by position; and texts to replace wherever they stand in their column, one for each text."""
    pinned: list[Hit] = []
    texts: dict[tuple[int, Cell, Cell], list[Hit]] = {}
    for put in (p for p in placing.cells if p.tab == name):
        stood = clean[put.row][put.column] if put.row < len(clean) and put.column < len(clean[put.row]) else None
        hit = Hit(put.row, put.column, put.value, stood)
        if tab(name).field(put.field).owner is Owner.SERVICE:
            pinned.append(hit)
        elif guarded(hit).guarded:
            texts.setdefault((put.column, stood, put.value), []).append(guarded(hit))
        else:
            pinned.append(hit)
    everywhere = []
    for (column, before, _), found in texts.items():
        below = clean[layout.header + 1 :]
        if sum(1 for row in below if column < len(row) and row[column] == before) == len(found):
            everywhere.append(replace(found[0], row=layout.header + 1))
        else:
            pinned += found
    return pinned, everywhere


def _shown(placing: Placing, name: str, clean: Grid, whole: int) -> Sequence[int] | None:
    """Which columns of a tab the answer shows beside its head: all (None), those that tell of moves, or none."""
    layout = placing.layouts[name]
    puts = [put for put in placing.cells if put.tab == name]
    if not puts:
        return ()
    if sum(map(len, clean)) <= whole:
        return None
    telling = [layout.columns[f.name] for f in tab(name).required]
    ids = [layout.columns["id"]] if "id" in layout.columns else []
    return sorted({*ids, *telling, *(put.column for put in puts)})


def images_shown(images: GridSheet | None, hits: Sequence[Hit]) -> list[str]:
    """The range in which the images of `hits` lie, if there are any."""
    if images is None or not hits:
        return []
    rows, columns = [hit.row for hit in hits], [hit.column for hit in hits]
    cells = f"{letters(min(columns))}{min(rows) + 1}:{letters(max(columns))}{max(rows) + 1}"
    return [quoted(images.title, cells)]


def _ranges(layout: Layout, shown: Sequence[int] | None, images: GridSheet | None, hits: Sequence[Hit]) -> list[str]:
    if shown is None:
        return [quoted(layout.sheet), *images_shown(images, hits)]
    head = SEARCH_ROWS if shown else layout.header + 1
    return columns_shown(layout.sheet, shown, head)


def _sheet_ids(placing: Placing, known: Known) -> dict[str, int]:
    ids = {sheet.title: sheet.id for sheet in known.sheets}
    free = (number for number in range(known.step + 1, 2**31) if number not in ids.values())
    return ids | {title: next(free) for title in placing.new_sheets}


def _room(placing: Placing, known: Known, ids: Mapping[str, int]) -> Iterator[Request]:
    standing = {sheet.title: sheet.columns for sheet in known.sheets}
    for layout in placing.layouts.values():
        if not layout.new:
            yield from columns_made(ids[layout.sheet], standing[layout.sheet], max(layout.columns.values()) + 1)


def _look(
    placing: Placing, plan: Plan, places: Mapping[str, Place], known: Known, ids: Mapping[str, int]
) -> list[Request]:
    if not any(layout.added for layout in placing.layouts.values()):
        return []
    rows = {sheet.title: sheet.rows for sheet in known.sheets}
    rows |= dict.fromkeys(placing.new_sheets, _NEW_ROWS)
    return look(placing, ids, plan, dict(_kinds(placing, plan, places)), plan.language, rows)


def _kinds(placing: Placing, plan: Plan, places: Mapping[str, Place]) -> Iterator[tuple[str, tuple[int, int]]]:
    """Where the entries of each kind stand on the vocabulary's sheet, when they stand together."""
    if "vocabulary" not in placing.layouts:
        return
    table = places["vocabulary"].table() if "vocabulary" in places else Table(tab("vocabulary"), (), {})
    rows = [(line - 1, kind) for line, kind in zip(table.lines, table.column("kind"), strict=True)]
    new = (row.values.get("kind") for row in plan.appended if row.tab == "vocabulary")
    rows += enumerate(new, start=placing.layouts["vocabulary"].end)
    for choice in VOCABULARY_KINDS:
        names = {fold(text) for text in (choice.pl, choice.en, *choice.synonyms)}
        lines = [row for row, kind in rows if fold(as_text(kind)) in names]
        if lines and lines == list(range(lines[0], lines[-1] + 1)):
            yield choice.code, (lines[0], lines[-1] + 1)


def _is_about_letters(values: Mapping[str, Cell]) -> bool:
    return (event_code(as_text(values.get("event"))) or "").startswith("reminder")


def with_appended(base: Snapshot, plan: Plan, titles: Mapping[str, str] | None) -> tuple[Sheet, ...]:
    """The sheets of `base` with the rows that `plan` appended, but for those that an answer has shown already."""
    places = locate(base, titles)
    sheets = {sheet.title: sheet for sheet in base.sheets}
    for name in dict.fromkeys(row.tab for row in plan.appended):
        place = places[name]
        assert place.header is not None
        columns, shown = place.header.columns, set(place.table().ids()) - {""}
        rows = list(place.sheet.rows[: end_of(place.sheet)])
        for row in plan.appended:
            if row.tab != name or (tab(name).prefix and as_text(row.values.get("id")) in shown):
                continue
            cells: list[Cell] = [None] * (max(columns.values()) + 1)
            for field_, value in row.values.items():
                cells[columns[field_]] = plain(value)
            rows.append(cells)
        sheets[place.sheet.title] = replace(place.sheet, rows=rows)
    return tuple(sheets.values())


def _name(values: Mapping[str, Cell], letters: Iterable[str]) -> str:
    id_ = as_text(values.get("id"))
    return "" if id_ in letters else id_
