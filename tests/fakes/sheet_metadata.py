"""Developer metadata of the fake: the requests that create, change and delete it, and the search for it."""

from collections.abc import Iterator, Sequence
from typing import Any

from tests.fakes.sheet_areas import ROWS
from tests.fakes.sheet_book import Book
from tests.fakes.sheet_errors import invalid, unbuilt
from tests.fakes.sheet_requests import Kind, Reply
from tests.fakes.sheet_schema import Message, chosen, mask_paths, merged
from tests.fakes.sheet_structure import span

MOST_CHARACTERS = 30_000
Item = dict[str, Any]


def create(book: Book, content: Message, account: str) -> Reply:
    """`createDeveloperMetadata`: an id in use is refused, and so the whole batch: the one compare-and-set there is."""
    wanted = content.get("developerMetadata") or {}
    used = {item["metadataId"] for item in _all(book)}
    wished = wanted.get("metadataId")
    if wished in used:
        raise invalid(f"Developer metadata with id {wished} already exists.")
    item = _checked(book, {**wanted, "metadataId": book.new_id() if wished is None else wished})
    _store(book, item)
    return {"developerMetadata": item}


def update(book: Book, content: Message, account: str) -> Reply:
    """`updateDeveloperMetadata`: all that match."""
    mask = mask_paths(content.get("fields"), "DeveloperMetadata")
    found = _matching(book, content.get("dataFilters") or ())
    changed = []
    for item in found:
        new: Item = dict(item)
        for path in mask:
            new = merged(new, content.get("developerMetadata"), path)
        _remove(book, [item])
        changed.append(_checked(book, {**new, "metadataId": item["metadataId"]}))
        _store(book, changed[-1])
    return {"developerMetadata": changed} if changed else {}


def delete(book: Book, content: Message, account: str) -> Reply:
    """`deleteDeveloperMetadata`: all that match; none is no error."""
    found = _matching(book, [content.get("dataFilter") or {}])
    _remove(book, found)
    return {"deletedDeveloperMetadata": found} if found else {}


def search(book: Book, filters: Sequence[Message]) -> list[dict[str, Any]]:
    """What matches any of the filters, as MatchedDeveloperMetadata."""
    if not filters:
        raise invalid("Must specify at least one data filter.")
    return [
        {"developerMetadata": item, "dataFilters": [f for f in filters if _matches(item, _lookup(f))]}
        for item in _matching(book, filters)
    ]


def _all(book: Book) -> Iterator[Item]:
    yield from book.metadata
    for tab in book.tabs:
        yield from tab.metadata


def _store(book: Book, item: Item) -> None:
    sheet_id = _sheet_id(item["location"])
    shelf = book.metadata if sheet_id is None else book.tab_of(sheet_id).metadata
    shelf.append(item)
    if sum(len(i["metadataKey"]) + len(i.get("metadataValue", "")) for i in shelf) > MOST_CHARACTERS:
        raise invalid(f"Developer metadata exceeds the limit of {MOST_CHARACTERS} characters.")


def _remove(book: Book, items: Sequence[Item]) -> None:
    gone = {item["metadataId"] for item in items}
    book.metadata = [item for item in book.metadata if item["metadataId"] not in gone]
    for tab in book.tabs:
        tab.metadata = [item for item in tab.metadata if item["metadataId"] not in gone]


def _checked(book: Book, item: Item) -> Item:
    if not item.get("metadataKey"):
        raise invalid("DeveloperMetadata.metadataKey must be specified.")
    if item.get("visibility") not in ("DOCUMENT", "PROJECT"):
        raise invalid("DeveloperMetadata.visibility must be specified.")
    given = item.get("location") or {}
    places = chosen(given, "spreadsheet", "sheetId", "dimensionRange")
    if len(places) != 1:
        raise invalid("DeveloperMetadataLocation: exactly one of spreadsheet, sheetId, dimensionRange must be set.")
    kept = {name: value for name, value in item.items() if value not in (None, "")}
    return {**kept, "location": {"locationType": _located(book, given, places[0]), places[0]: given[places[0]]}}


def _located(book: Book, given: Message, place: str) -> str:
    if place == "spreadsheet":
        return "SPREADSHEET"
    if place == "sheetId":
        book.tab_of(given["sheetId"])
        return "SHEET"
    tab, dimension, start, end = span(book, given["dimensionRange"])
    if end - start != 1:
        raise invalid("DeveloperMetadataLocation.dimensionRange must be a single row or column.")
    if end > (tab.row_count if dimension == ROWS else tab.column_count):
        raise invalid("DeveloperMetadataLocation.dimensionRange is outside of the grid.")
    return "ROW" if dimension == ROWS else "COLUMN"


def _sheet_id(location: Message) -> int | None:
    if "dimensionRange" in location:
        return int(location["dimensionRange"].get("sheetId") or 0)
    return location.get("sheetId")


def _lookup(data_filter: Message) -> Message:
    if set(data_filter) != {"developerMetadataLookup"}:
        raise unbuilt("data filters other than developerMetadataLookup")
    lookup: Message = data_filter["developerMetadataLookup"]
    if not any(value is not None for value in lookup.values()):
        raise invalid("Must specify at least one field of the developer metadata lookup.")
    return lookup


def _matching(book: Book, filters: Sequence[Message]) -> list[Item]:
    lookups = [_lookup(item) for item in filters]
    return [item for item in _all(book) if any(_matches(item, lookup) for lookup in lookups)]


def _matches(item: Message, lookup: Message) -> bool:
    plain = ("metadataId", "metadataKey", "metadataValue", "visibility")
    if any(lookup.get(name) is not None and lookup[name] != item.get(name) for name in plain):
        return False
    kind, place = lookup.get("locationType"), lookup.get("metadataLocation")
    if kind is not None and kind != item["location"]["locationType"]:
        return False
    if place is None:
        return True
    if lookup.get("locationMatchingStrategy") == "INTERSECTING_LOCATION":
        return bool(place.get("spreadsheet")) or _sheet_id(place) == _sheet_id(item["location"])
    return all(item["location"].get(name) == value for name, value in place.items() if value is not None)


KINDS: dict[str, Kind] = {
    "createDeveloperMetadata": create,
    "updateDeveloperMetadata": update,
    "deleteDeveloperMetadata": delete,
}
