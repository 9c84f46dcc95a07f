"""The `fields` parameter of Google's APIs: an answer cut down to what a mask names.

Syntax: https://developers.google.com/workspace/sheets/api/guides/field-masks
"""

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from tests.fakes.sheet_schema import known, paths

Tree: TypeAlias = dict[str, Any]  # of trees; None: everything below


class BadMask(ValueError):
    """The mask names a field that is not there; the argument is its path."""


def mask_tree(text: str, schema: str = "") -> Tree | None:
    """The mask as a tree of names; None for everything. A `schema` says which names there are.

    Raises:
        BadMask: a path that `schema` does not have.
        ApiError: 400, it cannot be read as a mask.
    """
    found = paths(text or "*")
    for path in found:
        if schema and not known(path, schema):
            raise BadMask(".".join(path))
    return _tree(found)


def masked(value: Any, tree: Tree | None) -> Any:
    """What of `value` the mask lets through; lists are passed element by element."""
    if tree is None:
        return value
    if isinstance(value, list):
        return [masked(element, tree) for element in value]
    if isinstance(value, Mapping):
        return {name: masked(value[name], below) for name, below in tree.items() if name in value}
    return value


def _tree(found: Iterable[tuple[str, ...]]) -> Tree | None:
    below: dict[str, list[tuple[str, ...]]] = {}
    for path in found:
        if not path or path[0] == "*":
            return None
        below.setdefault(path[0], []).append(path[1:])
    return {name: _tree(rest) for name, rest in below.items()}
