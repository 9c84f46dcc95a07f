"""Which workbook a command line means, where the settings hold several. Read only when somebody asks: help must not
wait for it."""

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import typer

from validators.errors import KartotekaError


class Before(NamedTuple):
    """What stood before the command's name."""

    config: Path | None
    workbook: str


def names(context: typer.Context, incomplete: str) -> list[str]:
    """The names that the Tab key offers."""
    config = next((value for at in (context, context.parent) if at and (value := at.params.get("config"))), None)
    return [name for name, _ in _known(config, os.environ, Path.cwd()) if name.startswith(incomplete)]


def name_of(said: str, config: Path | None, environ: Mapping[str, str], folder: Path) -> str:
    """The name of the workbook that `said` means: its name, its file or its address, as the settings have it. "" when
    they do not; there may be no settings yet."""
    known = _known(config, environ, folder) if said else []
    return next((name for name, place in known if said in (name, place)), "")


def _known(config: Path | None, environ: Mapping[str, str], folder: Path) -> list[tuple[str, str]]:
    """The names and places of the workbooks that have a name; nothing where the settings cannot be read."""
    from config.settings_workbooks import CHOSEN
    from sync.opening import all_settings_at

    others = {name: value for name, value in environ.items() if name != CHOSEN}
    found: list[tuple[str, str]] = []
    with suppress(KartotekaError):
        for settings in all_settings_at(config, others, folder):
            book = settings.workbook
            found.append((book.name, book.spreadsheet if book.kind == "google" else book.path))
    return [(name, place) for name, place in found if name]
