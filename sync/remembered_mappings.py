"""What people said of the columns of a list, kept for lists with the same columns: small files in the state folder."""

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from importers.mapping import KINDS, REASON_HEADERS, ColumnMap, target_named
from validators.errors import KartotekaError
from validators.text import fold

_ANSWERS = frozenset(map(fold, ("ID", "Notatki", "Uwagi", "Notes")))


@dataclass(frozen=True, slots=True)
class Remembered:
    """The kind of the list, and the target of each column ("" = left out)."""

    kind: str
    meaning: Mapping[str, str]


def recall(folder: Path, columns: Iterable[str]) -> Remembered | None:
    """What was said of a list with these columns; None when nothing was, or it can no longer be read.

    A list of rejected rows is the same with the columns that people are told to write their answers in.
    """
    names = list(columns)
    bare = [name for name in names if fold(name) not in _ANSWERS]
    return _kept(folder, names) or (_kept(folder, bare) if bare != names else None)


def _kept(folder: Path, columns: Iterable[str]) -> Remembered | None:
    with suppress(OSError, ValueError, KeyError, TypeError, AttributeError, KartotekaError):
        kept = json.loads(_path(folder, columns).read_text("utf-8"))
        kind, meaning = str(kept["kind"]), dict(kept["meaning"])
        if kind in KINDS:
            return Remembered(kind, {str(c): target_named(str(t), kind) for c, t in meaning.items()})
    return None


def remember(folder: Path, found: ColumnMap) -> None:
    """Keep what the columns mean. This is but a help: a state folder that cannot be written is reported elsewhere."""
    kept = {"kind": found.kind, "meaning": found.as_chosen()}
    path = _path(folder, kept["meaning"])
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_suffix(".new")
        temporary.write_text(json.dumps(kept, ensure_ascii=False, indent=1), "utf-8")
        temporary.replace(path)


def _path(folder: Path, columns: Iterable[str]) -> Path:
    """A list keeps its name when a column for reasons is added, as in the list of rejected rows."""
    reasons = set(map(fold, REASON_HEADERS))
    names = "\x1f".join(name for name in columns if fold(name) not in reasons)
    return folder / "mappings" / f"{blake2b(names.encode(), digest_size=10).hexdigest()}.json"
