"""The few methods of the Drive API that clients of spreadsheets use, over the same spreadsheets in memory."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.fakes.field_masks import Tree, mask_tree, masked
from tests.fakes.google_answers import Answer, drive_error
from tests.fakes.sheets_api import Books
from tests.fakes.sheets_routes import Call
from tests.fakes.spreadsheet import Spreadsheet

CREATED = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
_FILE = ("kind", "id", "name", "mimeType", "version", "createdTime", "modifiedTime")
_LIST = ("kind", "incompleteSearch", "nextPageToken", "files")


def filed(call: Call, books: Books) -> Answer:
    """Carry out a call to Drive. Without a mask a file shows four fields, as Drive does."""
    if call.method.kind == "drive.list":
        return _masked(call, _listed(call, books), _LIST)
    if call.method.kind == "drive.create":
        title = str(call.json().get("name", "Untitled"))
        return _masked(call, _file(books.add(lambda id_: Spreadsheet(id_, title), "owner")), _FILE)
    if not books.shared.get(call.book):
        return drive_error(404, f"File not found: {call.book}.", "notFound")
    if call.method.kind == "drive.delete":
        return _deleted(call, books)
    return _masked(call, _file(books.books[call.book]), _FILE)


def _listed(call: Call, books: Books) -> dict[str, Any]:
    wanted = re.search(r'name = "(.*?)"', call.first("q"))
    seen = [b for b in books.books.values() if books.shared[b.id] and (not wanted or b.title == wanted[1])]
    return {"kind": "drive#fileList", "incompleteSearch": False, "files": [_file(book) for book in seen]}


def _deleted(call: Call, books: Books) -> Answer:
    if books.shared[call.book] != "owner":
        words = f"The user does not have sufficient permissions for file {call.book}."
        return drive_error(403, words, "insufficientFilePermissions")
    del books.books[call.book], books.shared[call.book]
    return Answer(204)


def _file(book: Spreadsheet) -> dict[str, Any]:
    """The file: its version and time of change rise with every change, though the day is made up."""
    changed = CREATED + timedelta(seconds=book.version)
    return {
        "kind": "drive#file",
        "id": book.id,
        "name": book.title,
        "mimeType": "application/vnd.google-apps.spreadsheet",
        "version": str(book.version + 1),
        "createdTime": f"{CREATED:%Y-%m-%dT%H:%M:%S}.000Z",
        "modifiedTime": f"{changed:%Y-%m-%dT%H:%M:%S}.000Z",
    }


def _masked(call: Call, content: dict[str, Any], known: tuple[str, ...]) -> Answer:
    tree: Tree | None = mask_tree(call.first("fields", "kind,id,name,mimeType,files(kind,id,name,mimeType)"))
    for name in (tree or {}) if call.first("fields") else ():
        if name not in known:
            return drive_error(400, f"Invalid field selection {name}", "invalidParameter")
    return Answer(200, masked(content, tree))
