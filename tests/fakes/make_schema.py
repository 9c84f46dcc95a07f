"""Reduces Google's discovery document of the Sheets API to what the fake needs: `make_schema.py DOCUMENT`.

Names, types and choices of every field, and the parameters of every method; no prose.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

TARGET = Path(__file__).with_name("sheets_schema.json")
FORMATS = {"int32": "int32", "google-fieldmask": "fieldmask"}


def reduced(kind: Mapping[str, Any]) -> object:
    """A field's type: the name of a schema or a plain type, [type] of an array, {"enum": [...]} or {"map": type}."""
    if "$ref" in kind:
        return kind["$ref"]
    if "enum" in kind:
        return {"enum": kind["enum"]}
    if kind["type"] == "array":
        return [reduced(kind["items"])]
    if "additionalProperties" in kind:
        return {"map": reduced(kind["additionalProperties"])}
    return FORMATS.get(kind.get("format", ""), kind["type"])


def methods(resource: Mapping[str, Any], name: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every method below `resource` by its dotted name."""
    for key, method in resource.get("methods", {}).items():
        yield (
            f"{name}.{key}",
            {
                "http": method["httpMethod"],
                "path": method["flatPath"],
                "query": {
                    parameter: [reduced(kind)] if kind.get("repeated") else reduced(kind)
                    for parameter, kind in method["parameters"].items()
                    if kind["location"] == "query"
                },
                "request": method.get("request", {}).get("$ref"),
                "response": method["response"]["$ref"],
            },
        )
    for key, inner in resource.get("resources", {}).items():
        yield from methods(inner, f"{name}.{key}".lstrip("."))


def document(discovery: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The whole reduced schema."""
    return {
        "schemas": {
            name: {field: reduced(kind) for field, kind in schema.get("properties", {}).items()}
            for name, schema in discovery["schemas"].items()
        },
        "methods": dict(methods(discovery)),
        "query": {"every method": {name: reduced(kind) for name, kind in discovery["parameters"].items()}},
    }


def text(reduction: Mapping[str, Mapping[str, Any]]) -> str:
    """As JSON with one schema or method a line, so that a new edition shows as a readable difference."""
    parts = []
    for name, entries in reduction.items():
        lines = ",\n".join(f"  {json.dumps(key)}: {json.dumps(value)}" for key, value in sorted(entries.items()))
        parts.append(f"{json.dumps(name)}: {{\n{lines}\n}}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


if __name__ == "__main__":
    TARGET.write_text(text(document(json.loads(Path(sys.argv[1]).read_text("utf-8")))), "utf-8")
