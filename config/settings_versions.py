"""Versions of the settings file: an older one is brought up to date as text, so that a person's comments stay; a newer
one is refused. Pure: files are read in settings_file.py, and written where settings are made.
"""

import re
from collections.abc import Callable
from typing import Any

from validators.errors import WrongUse

KEY = "version"


def _counted(text: str) -> str:
    """Files of the time before versions were counted hold the same keys, and get the line that counts them."""
    end = "\r\n" if text.partition("\n")[0].endswith("\r") else "\n"
    return re.sub(r"\A((?:[ \t]*#[^\n]*\n)*)", rf"\1{KEY} = 1{end}", text, count=1)


# One for each version, in order: a file of version 0 sees them all. Lines end as the file has it: a step keeps that.
STEPS: tuple[Callable[[str], str], ...] = (_counted,)


def current() -> int:
    """The version of the files that this Kartoteka writes."""
    return len(STEPS)


def version_of(data: dict[str, Any], path: object) -> int:
    """The version of the settings `data`, read from `path`; files that tell none are of version 0.

    Raises:
        WrongUse: a newer Kartoteka wrote them, or what stands there is no version.
    """
    if KEY not in data:
        return 0
    version = data[KEY]
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        raise WrongUse(
            f"The settings in {path} cannot be used:\n  {KEY}: no version stands there; allowed: {current()}.",
            f"Write {KEY} = {current()}, then run 'kartoteka doctor'.",
        )
    if version > current():
        raise WrongUse(
            f"The settings in {path} were written by a newer Kartoteka: they are of version {version}, and this one "
            f"knows versions up to {current()}.",
            "Install that Kartoteka again, or put back the copy of the settings that it kept.",
        )
    return version


def brought_up(text: str, version: int) -> str:
    """The text of a settings file of `version` as one of the current version.

    >>> brought_up("# Ours.\\n[mail]\\nport = 25\\n", 0)
    '# Ours.\\nversion = 1\\n[mail]\\nport = 25\\n'
    """
    for step in STEPS[version:]:
        text = step(text)
    return text
