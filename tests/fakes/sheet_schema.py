"""The reduced schema of the Sheets API: which fields a message may have, and what a field mask may name."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from tests.fakes.sheet_errors import invalid

Message: TypeAlias = Mapping[str, Any]
Path_: TypeAlias = tuple[str, ...]

SCHEMA: Mapping[str, Any] = json.loads(Path(__file__).with_name("sheets_schema.json").read_text("utf-8"))
SCHEMAS: Mapping[str, Mapping[str, Any]] = SCHEMA["schemas"]
METHODS: Mapping[str, Mapping[str, Any]] = SCHEMA["methods"]
QUERY: Mapping[str, Any] = SCHEMA["query"]["every method"]
PLAIN: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "fieldmask": (str,),
    "boolean": (bool,),
    "int32": (int,),
    "integer": (int,),
    "number": (int, float),
    "any": (object,),
}
WORDS = {"string": "TYPE_STRING", "boolean": "TYPE_BOOL", "int32": "TYPE_INT32", "number": "TYPE_DOUBLE"}


def check(message: object, schema: str) -> None:
    """Refuse unknown fields, unknown choices and wrong types anywhere in `message`, as Google's JSON parser does.

    Raises:
        ApiError: 400, one line for each violation.
    """
    wrong = list(_violations(message, schema, ""))
    if wrong:
        raise invalid("\n".join(f"Invalid JSON payload received. {w}" if "Unknown name" in w else w for w in wrong))


def _violations(value: object, kind: Any, path: str) -> Iterator[str]:
    if value is None:
        return
    if isinstance(kind, list):
        yield from _in_list(value, kind[0], path)
    elif isinstance(kind, dict):
        yield from _in_choice_or_map(value, kind, path)
    elif kind in PLAIN:
        if not isinstance(value, PLAIN[kind]) or (isinstance(value, bool) and kind not in ("boolean", "any")):
            yield f"Invalid value at '{path}' ({WORDS.get(kind, kind)}), {json.dumps(value)}"
    elif not isinstance(value, Mapping):
        yield f"Invalid value at '{path}' (type.googleapis.com/google.apps.sheets.v4.{kind}), {json.dumps(value)}"
    else:
        yield from _in_message(value, kind, path)


def _in_list(value: object, kind: Any, path: str) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"Invalid value at '{path}', {json.dumps(value)}: not an array"
        return
    for number, item in enumerate(value):
        yield from _violations(item, kind, f"{path}[{number}]")


def _in_choice_or_map(value: object, kind: Message, path: str) -> Iterator[str]:
    if "map" in kind:
        for key, item in value.items() if isinstance(value, Mapping) else ():
            yield from _violations(item, kind["map"], f"{path}[{json.dumps(key)}]")
    elif value not in kind["enum"]:
        name = "".join(part.capitalize() for part in path.rpartition(".")[2].split("_"))
        yield f"Invalid value at '{path}' (type.googleapis.com/google.apps.sheets.v4.{name}), {json.dumps(value)}"


def _in_message(value: Message, schema: str, path: str) -> Iterator[str]:
    fields = SCHEMAS[schema]
    for key, item in value.items():
        if key in fields:
            yield from _violations(item, fields[key], f"{path}.{snake(key)}".lstrip("."))
        else:
            yield f"Unknown name {json.dumps(key)}{f' at {path!r}' if path else ''}: Cannot find field."


def snake(name: str) -> str:
    """`userEnteredValue` as Google names it in errors: `user_entered_value`."""
    return re.sub("[A-Z]", lambda letter: "_" + letter[0].lower(), name)


def paths(mask: str) -> list[Path_]:
    """The paths of a field mask: `a.b,c(d,e/f)` names a.b, c.d and c.e.f.

    Raises:
        ApiError: 400, brackets that do not match or an empty name.
    """
    found: list[Path_] = []
    prefixes: list[Path_] = [()]
    current: Path_ = ()
    closed = False
    for token in re.findall(r"[(),]|[^(),]+", mask):
        if token == "(":
            prefixes.append(current)
        elif token in "),":
            found += [] if closed else [current]
            closed = token == ")"
            current = prefixes[-1] if token == "," else ()
            if token == ")" and len(prefixes) > 1:
                prefixes.pop()
        else:
            current, closed = (*prefixes[-1], *re.split(r"[./]", token.strip())), False
    found += [] if closed else [current]
    if mask.count("(") != mask.count(")") or any(not name for path in found for name in path) or () in found:
        raise invalid(f"Request contains an invalid argument. Invalid field mask {mask!r}.")
    return found


def mask_paths(mask: object, schema: str) -> list[Path_]:
    """The paths of an obligatory `fields` mask of a write into a message of kind `schema`.

    Raises:
        ApiError: 400, no mask or a path that `schema` does not have.
    """
    if not mask:
        raise invalid("At least one field must be listed in 'fields'. (Use '*' to indicate all fields.)")
    found = paths(str(mask))
    for path in found:
        if not known(path, schema):
            raise invalid(f"Invalid field: {'.'.join(map(snake, path))}")
    return found


def known(path: Path_, schema: Any) -> bool:
    """Whether `path` leads to a field of `schema`."""
    kind: Any = schema
    for name in path:
        while isinstance(kind, list):
            kind = kind[0]
        if name == "*":
            return True
        if not isinstance(kind, str) or name not in SCHEMAS.get(kind, {}):
            return False
        kind = SCHEMAS[kind][name]
    return True


def chosen(message: Message, *names: str) -> list[str]:
    """Which of these fields are set; False is as good as not, 0 is not."""
    return [name for name in names if message.get(name) is not None and message[name] is not False]


def merged(old: Message | None, new: Message | None, path: Path_) -> dict[str, Any]:
    """`old` with what stands at `path` in `new`, or without it when `new` has nothing there."""
    standing, coming = dict(old or {}), new or {}
    if path == () or path[0] == "*":
        return dict(coming)
    name, rest = path[0], path[1:]
    if rest:
        inner = merged(standing.get(name), coming.get(name), rest)
        standing[name] = inner or None
    else:
        standing[name] = coming.get(name)
    if standing[name] is None:
        del standing[name]
    return standing
