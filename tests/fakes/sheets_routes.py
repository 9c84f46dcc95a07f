"""What a request to Google means: paths, verbs, scopes and parameters of the Sheets and Drive APIs. Does nothing.

Those of Sheets come from its discovery document, see sheets_schema.json; those of Drive are the few that clients use.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from tests.fakes.google_answers import Answer, bad_request, front_end, unknown_parameter
from tests.fakes.sheet_errors import invalid
from tests.fakes.sheet_schema import METHODS, QUERY, check, snake

SCOPES = "https://www.googleapis.com/auth/"
DRIVE_WRITE = frozenset(SCOPES + name for name in ("drive", "drive.file"))
DRIVE_READ = DRIVE_WRITE | {SCOPES + "drive.readonly", SCOPES + "drive.metadata.readonly"}
SHEETS_WRITE = DRIVE_WRITE | {SCOPES + "spreadsheets"}
SHEETS_READ = SHEETS_WRITE | {SCOPES + "spreadsheets.readonly", SCOPES + "drive.readonly"}
_ALL_DRIVES = {"supportsAllDrives": "boolean", "includeItemsFromAllDrives": "boolean"}
_FILE = "/drive/v3/files/{spreadsheetId}"


@dataclass(frozen=True, slots=True)
class Method:
    """One method of an API: its name, how it is called, what it takes and gives (names of schemas, "" for Drive)."""

    kind: str
    verb: str
    path: str
    scopes: frozenset[str]
    query: Mapping[str, Any] = field(default_factory=dict)
    request: str = ""
    response: str = ""

    @property
    def write(self) -> bool:
        """Whether it changes anything."""
        return self.verb != "GET"

    @property
    def service(self) -> str:
        """Whose method it is: "sheets" or "drive"."""
        return "drive" if self.kind.startswith("drive.") else "sheets"


@dataclass(frozen=True, slots=True)
class Call:
    """A request as understood: the method, what the path names, parameters and body."""

    method: Method
    names: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, Sequence[str]] = field(default_factory=dict)
    body: bytes = b""

    @property
    def book(self) -> str:
        """The spreadsheet's id, "" when the path has none."""
        return self.names.get("spreadsheetId", "")

    def first(self, name: str, otherwise: str = "") -> str:
        """The parameter `name`, the last one given when there are several."""
        return [otherwise, *self.query.get(name, ())][-1]

    def flag(self, name: str, *, otherwise: bool = False) -> bool:
        """The parameter as true or false."""
        return self.first(name, str(otherwise)).lower() in ("true", "1")

    @property
    def pretty(self) -> bool:
        """Whether the answer is to be indented: Google does unless told otherwise."""
        return self.flag("prettyPrint", otherwise=True)

    def json(self) -> dict[str, Any]:
        """The body. Raises ApiError when it is not what the method takes."""
        try:
            content = json.loads(self.body or b"{}")
        except ValueError:
            raise invalid("Invalid JSON payload received. Unexpected token.") from None
        if not isinstance(content, dict):
            raise invalid("Invalid JSON payload received. Root element must be a message.")
        if self.method.request and self.method.kind != "batchUpdate":  # batchUpdate is checked where it is done
            check(content, self.method.request)
        return content

    def flaw(self) -> Answer | None:
        """The answer to a parameter that the method does not know, or to a wrong choice."""
        for name, values in self.query.items():
            if name not in self.method.query and name not in QUERY:
                return unknown_parameter(name)
            allowed = self.method.query.get(name, "")
            wrong = [v for v in values if isinstance(allowed, Mapping) and v not in allowed["enum"]]
            if wrong:
                return _wrong_choice(name, wrong[0])
        return None


def understood(verb: str, path: str, query: Mapping[str, Sequence[str]], body: bytes) -> Call | Answer:
    """The call that a request means, or the answer to a request that means none. `path` is still percent-encoded."""
    for pattern, method in _PATHS:
        if method.verb == verb and (match := pattern.fullmatch(path)):
            names = {name: unquote(part) for name, part in match.groupdict().items()}
            return Call(method, names, query, body)
    return front_end(404)


def _methods() -> Iterator[Method]:
    for name, it in METHODS.items():
        scopes = SHEETS_READ if it["http"] == "GET" else SHEETS_WRITE
        kind = name.removeprefix("spreadsheets.")
        yield Method(kind, it["http"], "/" + it["path"], scopes, it["query"], it["request"] or "", it["response"])
    searching = {"q": "string", "pageSize": "integer", "pageToken": "string", **_ALL_DRIVES}
    yield Method("drive.list", "GET", "/drive/v3/files", DRIVE_READ, searching)
    yield Method("drive.create", "POST", "/drive/v3/files", DRIVE_WRITE, _ALL_DRIVES)
    yield Method("drive.get", "GET", _FILE, DRIVE_READ, _ALL_DRIVES)
    yield Method("drive.delete", "DELETE", _FILE, DRIVE_WRITE, _ALL_DRIVES)


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/:]+)", re.escape(path)).replace("(?P<range>[^/:]+)", _RANGE))


_RANGE = "(?P<range>[^/]+)"  # may hold a colon that a client left unquoted
_PATHS = tuple((_pattern(method.path), method) for method in _methods())


def _wrong_choice(name: str, value: str) -> Answer:
    kind = name.removeprefix("response")
    kind = {"majorDimension": "Dimension"}.get(kind, kind[0].upper() + kind[1:])
    message = f"Invalid value at '{snake(name)}' (type.googleapis.com/google.apps.sheets.v4.{kind}), \"{value}\""
    return bad_request(message, snake(name), message)
