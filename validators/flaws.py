"""Why a value could not be understood, as data. Its words live in config/messages.py, its place in columns.Fault."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from validators.problems import Severity


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing wrong with one value: `code` is a key of the messages, `params` what their sentence needs."""

    code: str
    params: Mapping[str, str] = dataclasses.field(default_factory=lambda: MappingProxyType({}))
    severity: Severity = Severity.ERROR
