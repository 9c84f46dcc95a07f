"""The methods of the Sheets API over spreadsheets in memory, and who may use which. No transport, no sign-in here."""

from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from typing import Any, TypeAlias

from tests.fakes.field_masks import mask_tree, masked
from tests.fakes.google_answers import Answer, error
from tests.fakes.sheet_errors import invalid, unbuilt
from tests.fakes.sheets_routes import Call
from tests.fakes.spreadsheet import Spreadsheet

Content: TypeAlias = dict[str, Any]


class Books:
    """Spreadsheets by id, and what the one account may do with each: "owner", "writer", "reader", or "" for nothing."""

    def __init__(self) -> None:
        self.books: dict[str, Spreadsheet] = {}
        self.shared: dict[str, str] = {}
        self._made = 0

    def add(self, make: Callable[[str], Spreadsheet], role: str) -> Spreadsheet:
        """Take in the spreadsheet that `make` gives for a new id."""
        self._made += 1
        digest = sha256(str(self._made).encode()).digest()
        book = make("1" + urlsafe_b64encode(digest).decode().rstrip("="))
        self.books[book.id], self.shared[book.id] = book, role
        return book


def answered(call: Call, books: Books, account: str) -> Answer:
    """Carry out a call to Sheets, whole or not at all.

    Raises:
        ApiError: as Google refuses it.
        BadMask: the `fields` mask names what is not there.
    """
    tree = mask_tree(call.first("fields"), call.method.response)
    if barred := _barred(call, books):
        return barred
    if call.method.kind == "create":
        content = _created(call, books)
    elif call.method.kind in _DONE:
        whose = "" if books.shared[call.book] == "owner" else account  # to the owner nothing is protected
        content = _DONE[call.method.kind](call, books.books[call.book], whose)
    else:
        raise unbuilt(call.method.kind)
    return Answer(200, masked(content, tree))


def _barred(call: Call, books: Books) -> Answer | None:
    if not call.book:
        return None
    if call.book not in books.books:
        return error(404, "Requested entity was not found.")
    role = books.shared[call.book]
    if role in ("owner", "writer") or (role == "reader" and not call.method.write):
        return None
    return error(403, "The caller does not have permission")


def _created(call: Call, books: Books) -> dict[str, Any]:
    body = call.json()
    asked = body.get("properties", {})
    title = asked.get("title", "Untitled spreadsheet")
    locale, zone = asked.get("locale", "en_US"), asked.get("timeZone", "Etc/GMT")
    book = books.add(lambda id_: Spreadsheet(id_, title, locale=locale, time_zone=zone), "owner")
    if body.get("sheets"):
        _replace_tabs(book, body["sheets"])
    return book.get(include_grid_data=False, ranges=())


def _replace_tabs(book: Spreadsheet, sheets: Sequence[Mapping[str, Any]]) -> None:
    book.tabs.clear()
    for sheet in sheets:
        if sheet.keys() - {"properties"}:
            raise unbuilt(f"create with sheets.{', sheets.'.join(sheet.keys() - {'properties'})}")
        book.add_tab(sheet.get("properties", {}))


def _get(call: Call, book: Spreadsheet, account: str) -> Content:
    # Google ignores includeGridData when there is a mask: what the mask names is what comes.
    tree = mask_tree(call.first("fields"))
    sheets = tree.get("sheets", {}) if tree is not None else None
    named = sheets is None or "data" in sheets
    grid = named if call.first("fields") else call.flag("includeGridData")
    return book.get(include_grid_data=grid, ranges=call.query.get("ranges", ()), account=account)


def _batch_update(call: Call, book: Spreadsheet, account: str) -> Content:
    return book.batch_update(call.json(), account=account)


def _values_batch_get(call: Call, book: Spreadsheet, _: str) -> Content:
    return book.values_batch_get(call.query.get("ranges", ()), **_rendering(call))


def _values_get(call: Call, book: Spreadsheet, _: str) -> Content:
    return book.values_get(call.names["range"], **_rendering(call))


def _values_update(call: Call, book: Spreadsheet, account: str) -> Content:
    body = call.json()
    major, values = body.get("majorDimension", "ROWS"), body.get("values", [])
    return book.values_update(call.names["range"], values, _input_option(call), major=major, account=account)


def _values_append(call: Call, book: Spreadsheet, account: str) -> Content:
    body = call.json()
    if body.get("majorDimension", "ROWS") != "ROWS":
        raise unbuilt("values.append by columns")
    insert = call.first("insertDataOption", "OVERWRITE")
    values = body.get("values", [])
    return book.values_append(call.names["range"], values, _input_option(call), insert, account=account)


def _values_batch_update(call: Call, book: Spreadsheet, account: str) -> Content:
    return book.values_batch_update(call.json(), account=account)


def _values_clear(call: Call, book: Spreadsheet, account: str) -> Content:
    return book.values_clear(call.names["range"], account=account)


def _values_batch_clear(call: Call, book: Spreadsheet, account: str) -> Content:
    return book.values_batch_clear(call.json().get("ranges", ()), account=account)


def _metadata_get(call: Call, book: Spreadsheet, _: str) -> Content:
    if not call.names["metadataId"].isdecimal():
        raise invalid(f"Invalid value at 'metadata_id' (TYPE_INT32), \"{call.names['metadataId']}\"")
    return book.metadata_get(int(call.names["metadataId"]))


def _metadata_search(call: Call, book: Spreadsheet, _: str) -> Content:
    return book.metadata_search(call.json())


_DONE: Mapping[str, Callable[[Call, Spreadsheet, str], Content]] = {
    "get": _get,
    "batchUpdate": _batch_update,
    "values.batchGet": _values_batch_get,
    "values.get": _values_get,
    "values.update": _values_update,
    "values.append": _values_append,
    "values.batchUpdate": _values_batch_update,
    "values.clear": _values_clear,
    "values.batchClear": _values_batch_clear,
    "developerMetadata.get": _metadata_get,
    "developerMetadata.search": _metadata_search,
}


def _rendering(call: Call) -> dict[str, str]:
    return {
        "render": call.first("valueRenderOption", "FORMATTED_VALUE"),
        "date_render": call.first("dateTimeRenderOption", "SERIAL_NUMBER"),
        "major": "COLUMNS" if call.first("majorDimension") == "COLUMNS" else "ROWS",
    }


def _input_option(call: Call) -> str:
    option = call.first("valueInputOption")
    if option not in ("RAW", "USER_ENTERED"):
        raise invalid("'valueInputOption' is required but not specified")
    return option
