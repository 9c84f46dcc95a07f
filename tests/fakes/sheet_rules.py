"""The requests of a batch about what is laid over ranges: protection, conditional formats, bands, names, the filter."""

from collections.abc import Callable
from typing import Any

from tests.fakes.sheet_areas import area_of
from tests.fakes.sheet_book import Book, may_edit
from tests.fakes.sheet_errors import ApiError, invalid, unbuilt
from tests.fakes.sheet_requests import Kind, Reply
from tests.fakes.sheet_schema import Message, mask_paths, merged
from tests.fakes.sheet_tab import Tab

Shelf = Callable[[Tab], list[dict[str, Any]]]


def _ranged(book: Book, item: Message) -> Tab:
    place = item.get("range")
    if place is None:
        raise invalid("Must specify a range.")
    tab = book.tab_of(place.get("sheetId") or 0)
    tab.area(place)
    return tab


def _fresh(book: Book, item: Message, name: str, shelf: Shelf, id_of: Callable[[int], Any] = int) -> dict[str, Any]:
    used = {other[name] for tab in book.tabs for other in shelf(tab)}
    chosen = item.get(name)
    if chosen in used:
        raise invalid(f"{name} {chosen} already exists.")
    kept = {key: value for key, value in item.items() if value is not None}
    return {**kept, name: id_of(book.new_id()) if chosen is None else chosen}


def _found(book: Book, name: str, wanted: Any, shelf: Shelf) -> tuple[Tab, dict[str, Any]]:
    for tab in book.tabs:
        for item in shelf(tab):
            if item[name] == wanted:
                return tab, item
    raise invalid(f"There is no {name} {wanted}.")


def _protected(tab: Tab) -> list[dict[str, Any]]:
    return tab.protected_ranges


def _named(tab: Tab) -> list[dict[str, Any]]:
    return tab.named_ranges


def _banded(tab: Tab) -> list[dict[str, Any]]:
    return tab.banded_ranges


def _with_editor(item: dict[str, Any], account: str) -> dict[str, Any]:
    """Whoever protects a range may edit it; a mere warning has no editors."""
    if item.get("warningOnly"):
        return {name: value for name, value in item.items() if name != "editors"}
    editors = item.get("editors") or {}
    users = list(editors.get("users", ()))
    return {**item, "editors": {**editors, "users": users + [account] * (bool(account) and account not in users)}}


def add_protected_range(book: Book, content: Message, account: str) -> Reply:
    """`addProtectedRange`."""
    wanted = content.get("protectedRange") or {}
    if wanted.get("namedRangeId") or wanted.get("tableId"):
        raise unbuilt("protection of named ranges and tables")
    tab = _ranged(book, wanted)
    item = _with_editor(_fresh(book, wanted, "protectedRangeId", _protected), account)
    tab.protected_ranges.append(item)
    tab.changes += 1
    return {"protectedRange": {**item, "requestingUserCanEdit": True}}


def update_protected_range(book: Book, content: Message, account: str) -> Reply:
    """`updateProtectedRange`."""
    wanted = content.get("protectedRange") or {}
    tab, item = _found(book, "protectedRangeId", wanted.get("protectedRangeId"), _protected)
    _may_change(item, account)
    new = dict(item)
    for path in mask_paths(content.get("fields"), "ProtectedRange"):
        new = merged(new, wanted, path)
    new = _with_editor({**new, "protectedRangeId": item["protectedRangeId"]}, account)
    tab.protected_ranges = [new if other is item else other for other in tab.protected_ranges]
    tab.changes += 1
    return None


def delete_protected_range(book: Book, content: Message, account: str) -> Reply:
    """`deleteProtectedRange`."""
    tab, item = _found(book, "protectedRangeId", content.get("protectedRangeId"), _protected)
    _may_change(item, account)
    tab.protected_ranges.remove(item)
    tab.changes += 1
    return None


def _may_change(item: Message, account: str) -> None:
    if not may_edit(item, account):
        raise ApiError(403, "PERMISSION_DENIED", "The caller does not have permission")


def _rule(book: Book, content: Message) -> tuple[Tab, dict[str, Any]]:
    rule = content.get("rule") or {}
    ranges = rule.get("ranges") or []
    if not ranges or len({place.get("sheetId") or 0 for place in ranges}) > 1:
        raise invalid("A conditional format rule needs ranges, all of one sheet.")
    if bool(rule.get("booleanRule")) == bool(rule.get("gradientRule")):
        raise invalid("A conditional format rule needs exactly one of booleanRule and gradientRule.")
    tab = book.tab_of(ranges[0].get("sheetId") or 0)
    for place in ranges:
        tab.area(place)
    return tab, dict(rule)


def add_conditional_format_rule(book: Book, content: Message, account: str) -> Reply:
    """`addConditionalFormatRule`: before the rule that has this index now."""
    tab, rule = _rule(book, content)
    index = content.get("index") or 0
    if not 0 <= index <= len(tab.conditional_formats):
        raise invalid(f"Invalid index {index}: the sheet has {len(tab.conditional_formats)} rules.")
    tab.conditional_formats.insert(index, rule)
    tab.changes += 1
    return None


def delete_conditional_format_rule(book: Book, content: Message, account: str) -> Reply:
    """`deleteConditionalFormatRule`."""
    tab = book.tab_of(content.get("sheetId") or 0)
    index = content.get("index") or 0
    if not 0 <= index < len(tab.conditional_formats):
        raise invalid(f"No conditional format on sheet: {tab.sheet_id} at index: {index}")
    tab.changes += 1
    return {"rule": tab.conditional_formats.pop(index)}


def add_named_range(book: Book, content: Message, account: str) -> Reply:
    """`addNamedRange`."""
    wanted = content.get("namedRange") or {}
    if not wanted.get("name"):
        raise invalid("Must specify a name.")
    if any(item["name"].casefold() == wanted["name"].casefold() for tab in book.tabs for item in tab.named_ranges):
        raise invalid(f'A named range with the name "{wanted["name"]}" already exists.')
    tab = _ranged(book, wanted)
    item = _fresh(book, wanted, "namedRangeId", _named, str)
    tab.named_ranges.append(item)
    tab.changes += 1
    return {"namedRange": item}


def delete_named_range(book: Book, content: Message, account: str) -> Reply:
    """`deleteNamedRange`."""
    tab, item = _found(book, "namedRangeId", content.get("namedRangeId"), _named)
    tab.named_ranges.remove(item)
    tab.changes += 1
    return None


def add_banding(book: Book, content: Message, account: str) -> Reply:
    """`addBanding`: bands never overlap."""
    wanted = content.get("bandedRange") or {}
    tab = _ranged(book, wanted)
    area = area_of(wanted["range"])
    if any(area_of(item["range"]).meets(area) for item in tab.banded_ranges):
        raise invalid(
            "You cannot add alternating background colors to a range that already has alternating background colors."
        )
    item = _fresh(book, wanted, "bandedRangeId", _banded)
    tab.banded_ranges.append(item)
    tab.changes += 1
    return {"bandedRange": item}


def delete_banding(book: Book, content: Message, account: str) -> Reply:
    """`deleteBanding`."""
    tab, item = _found(book, "bandedRangeId", content.get("bandedRangeId"), _banded)
    tab.banded_ranges.remove(item)
    tab.changes += 1
    return None


def set_basic_filter(book: Book, content: Message, account: str) -> Reply:
    """`setBasicFilter`: kept and shown; the fake hides no rows and sorts none."""
    wanted = content.get("filter") or {}
    if wanted.get("sortSpecs"):
        raise unbuilt("setBasicFilter with sortSpecs")
    tab = _ranged(book, wanted)
    tab.basic_filter = dict(wanted)
    tab.changes += 1
    return None


def clear_basic_filter(book: Book, content: Message, account: str) -> Reply:
    """`clearBasicFilter`."""
    tab = book.tab_of(content.get("sheetId") or 0)
    tab.basic_filter = None
    tab.changes += 1
    return None


KINDS: dict[str, Kind] = {
    "addProtectedRange": add_protected_range,
    "updateProtectedRange": update_protected_range,
    "deleteProtectedRange": delete_protected_range,
    "addConditionalFormatRule": add_conditional_format_rule,
    "deleteConditionalFormatRule": delete_conditional_format_rule,
    "addNamedRange": add_named_range,
    "deleteNamedRange": delete_named_range,
    "addBanding": add_banding,
    "deleteBanding": delete_banding,
    "setBasicFilter": set_basic_filter,
    "clearBasicFilter": clear_basic_filter,
}
