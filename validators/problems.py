"""A bad row is data: what is wrong, where, what stands there. The words for a reader live in config/messages.py."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Generic, TypeVar

T = TypeVar("T")


class Severity(StrEnum):
    """An *error* keeps the value from being used; a *warning* does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with one cell or row.

    `tab` and `field` are English field names (tabs.py), `row` is the number of the row in the sheet (1 = first) or in
    the file, `id` the record's id or "" when it has none yet, `value` what stands there, `code` the kind of problem
    (a key of config/messages.py) and `params` the values its sentence needs.
    """

    tab: str
    row: int
    id: str
    field: str
    value: object
    code: str
    params: Mapping[str, str] = dataclasses.field(default_factory=lambda: MappingProxyType({}))
    severity: Severity = Severity.ERROR


@dataclass(frozen=True, slots=True)
class Parsed(Generic[T]):
    """The records that could be read and everything that could not: never one without the other."""

    records: tuple[T, ...]
    problems: tuple[Problem, ...]
