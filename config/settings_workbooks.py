"""Several workbooks in one settings file: what they are called, that they do not meet, and which of them is meant."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import combinations
from pathlib import Path
from typing import Any

from config.mail_settings import EACH
from config.settings import Settings
from validators.errors import WrongUse

CHOSEN = "KARTOTEKA_WORKBOOK"
_COMMAND = re.compile(r"\bkartoteka (?!run\b|status\b)[a-z]+(?! --workbook)\b")


def unwrapped(section: object) -> object:
    """The section [workbook]; a list of one [[workbook]] means the same."""
    return section[0] if isinstance(section, list) and len(section) == 1 else section


def tables(section: object) -> list[tuple[str, Any]]:
    """Each workbook's keys, and how to speak of them: `section` is a table, or the list of several [[workbook]]."""
    if not isinstance(section, list) or not section or not all(isinstance(table, dict) for table in section):
        return [("[workbook]", section)]
    return [(f"[[workbook]] {_called(number, table)},", table) for number, table in enumerate(section, 1)]


def misnamed(section: object) -> Iterator[str]:
    """What is wrong with the names of several workbooks; whether they are names at all is looked at elsewhere."""
    if not isinstance(section, list):
        return
    for label, table in tables(section):
        if isinstance(table, dict) and str(table.get("name", "")).strip() == "":
            yield f'{label} name: blank, but each of several workbooks needs one, such as name = "biuro".'
    # Folders of some systems know no capitals.
    names = Counter(str(table["name"]).strip().casefold() for table in section if _has_name(table))
    yield from (f"[[workbook]] {name}: {count} workbooks have this name." for name, count in names.items() if count > 1)


def clashes(found: Sequence[Settings]) -> Iterator[str]:
    """Where several workbooks would get in each other's way."""
    for one, other in combinations(found, 2):
        if _same(one, other):
            names = f"{one.workbook.name} and {other.workbook.name}"
            yield f"[[workbook]] {names}: both are {one.workbook_place}; name each workbook once."
    if len(found) > 1 and (address := found[0].notify.ping.get_secret_value()) and EACH not in address:
        yield (
            f"[notify] ping: one address for several workbooks would hide that one of them fails; write {EACH} into "
            "it, where the name of each shall stand."
        )


def wanted(found: Sequence[Settings], path: Path, environ: Mapping[str, str]) -> tuple[Settings, ...]:
    """The workbook that --workbook or KARTOTEKA_WORKBOOK names, all of them when nobody does.

    Raises:
        WrongUse: there is none of that name.
    """
    name = environ.get(CHOSEN, "")
    chosen = tuple(settings for settings in found if settings.workbook.name.casefold() == name.casefold())
    if name and not chosen:
        raise WrongUse(f"There is no workbook '{name}' in {path}.", _names(found))
    return chosen if name else tuple(found)


def the_one(found: Sequence[Settings], path: Path) -> Settings:
    """The only workbook.

    Raises:
        WrongUse: there are several.
    """
    if len(found) > 1:
        raise WrongUse(f"There are {len(found)} workbooks in {path}; this is for one of them.", _names(found))
    return found[0]


def naming(text: str, name: str) -> str:
    """`text` with its commands for the workbook called `name`, "" for one without; 'run' and 'status' are for all.

    >>> naming("Run 'kartoteka sync --yes' once. Details: kartoteka status", "serwis")
    "Run 'kartoteka sync --workbook serwis --yes' once. Details: kartoteka status"
    """
    return _COMMAND.sub(rf"\g<0> --workbook {name}", text) if name else text


def _names(found: Sequence[Settings]) -> str:
    names = [settings.workbook.name for settings in found if settings.workbook.name]
    return f"Say which: --workbook {'|'.join(names)}" if names else "The one that is there has no name: say none."


def _called(number: int, table: Mapping[str, object]) -> str:
    return str(table["name"]) if _has_name(table) else f"no. {number}"


def _has_name(table: object) -> bool:
    return isinstance(table, dict) and isinstance(name := table.get("name"), str) and bool(name.strip())


def _same(one: Settings, other: Settings) -> bool:
    """Whether both are one spreadsheet, or one file, however its path is written."""
    if one.workbook.kind != other.workbook.kind:
        return False
    if one.workbook.kind == "google":
        return one.workbook.spreadsheet_id == other.workbook.spreadsheet_id
    with suppress(OSError):
        return one.workbook_path.samefile(other.workbook_path)
    return one.workbook_path.resolve() == other.workbook_path.resolve()
