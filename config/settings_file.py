"""Finding and reading kartoteka.toml: the file and the environment become `Settings`, one for each workbook, or one
error that names everything wrong with them. What a setting means and may hold stands in settings.py."""

import json
import tomllib
from codecs import BOM_UTF8
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError
from pydantic_core import ErrorDetails
from rapidfuzz import fuzz, process

from config.settings import Setting, Settings, reference
from config.settings_versions import KEY, brought_up, current, version_of
from config.settings_workbooks import CHOSEN, clashes, misnamed, tables, the_one, unwrapped, wanted
from validators.errors import WrongUse
from validators.tabs import TABS

NAME = "kartoteka.toml"
PREFIX = "KARTOTEKA_"
CONFIG = "KARTOTEKA_CONFIG"
_SETTINGS = {(s.section, s.key): s for s in reference()}
_VARIABLES = {s.variable: s for s in reference()} | {f"{PREFIX}{s.section}__{s.key}".upper(): s for s in reference()}
_SECTIONS = tuple(dict.fromkeys(s.section for s in reference()))
_TABS = f"{PREFIX}WORKBOOK__TABS__"


def find(argument: Path | None, environ: Mapping[str, str], cwd: Path) -> Path:
    """Where the settings are: `argument` (--config), else kartoteka.toml in `cwd`, else what KARTOTEKA_CONFIG names.

    When none of them is given, the path at which kartoteka.toml would lie; `load` says what to do.
    """
    if argument is not None:
        return cwd / argument
    here = cwd / NAME
    named = environ.get(CONFIG, "")
    return cwd / Path(named).expanduser() if named and not here.exists() else here


def load(path: Path, environ: Mapping[str, str]) -> Settings:
    """The settings of the only workbook, or of that which `KARTOTEKA_WORKBOOK` names; see `load_all`.

    Raises:
        WrongUse: as there; or there are several workbooks, and none is named.
    """
    return the_one(load_all(path, environ), path)


def load_all(path: Path, environ: Mapping[str, str]) -> tuple[Settings, ...]:
    """The settings of the file at `path`, those of each workbook; environment variables win over it.

    `KARTOTEKA_MAIL__HOST` stands for `host` in `[mail]`, likewise for every key; lists are JSON or have commas between.
    `KARTOTEKA_SMTP_PASSWORD` is the mail server's password. Secrets can be read from files: `…_FILE`.
    `KARTOTEKA_WORKBOOK` names a workbook: the others are left out.

    Raises:
        WrongUse: the file cannot be read, or anything in it or in the environment does not fit; everything at once.
    """
    text = _text(path)
    data = _parsed(text, path)
    version = version_of(data, path)
    if version < current():
        data = _parsed(brought_up(text, version), path)
    return _all_of(data, path, environ)


class Upgrade(NamedTuple):
    """An older settings file brought up to date: its whole text with its line ends, the version it has now, and
    whether nothing changes but that the version stands in it."""

    text: str
    version: int
    only_counted: bool


def upgraded(path: Path) -> Upgrade | None:
    """What an older settings file would be; None when it is current.

    Raises:
        WrongUse: it cannot be read, or a newer Kartoteka wrote it.
    """
    text = _text(path)
    data = _parsed(text, path)
    version = version_of(data, path)
    if version == current():
        return None
    newer = brought_up(text, version)
    mark = "\ufeff" if path.read_bytes().startswith(BOM_UTF8) else ""
    return Upgrade(mark + newer, version, {**_parsed(newer, path), KEY: None} == {**data, KEY: None})


def settings_of(data: dict[str, Any], path: Path, environ: Mapping[str, str]) -> Settings:
    """The settings that a file at `path` with the content `data` would give, be it there or not; see `load`.

    Raises:
        WrongUse: anything in it or in the environment does not fit; everything at once.
    """
    return the_one(_all_of(data, path, environ), path)


def _all_of(data: dict[str, Any], path: Path, environ: Mapping[str, str]) -> tuple[Settings, ...]:
    version_of(data, path)
    draft = _Draft({name: section for name, section in data.items() if name != KEY})
    draft.take_out_strangers()
    draft.override(environ, path.parent)
    found = draft.settings(path.parent)
    if draft.errors:
        # Raised outside of the handler: pydantic's error holds the values, secrets among them.
        raise WrongUse(_several(path, dict.fromkeys(draft.errors)), "Correct this, then run 'kartoteka doctor'.")
    return wanted(found, path, environ)


def _text(path: Path) -> str:
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        raise WrongUse(
            f"There is no settings file {path}.",
            "Run 'kartoteka init' to make one, or say where it is: --config FILE.",
        ) from None
    except IsADirectoryError:
        raise WrongUse(f"{path} is a folder, not a settings file.", f"Name the file in it: {path / NAME}.") from None
    except OSError as error:
        raise WrongUse(
            f"The settings file {path} cannot be read: {error.strerror}.", "Allow this user to read it."
        ) from None
    try:
        return text.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = text[: error.start].count(b"\n") + 1
        raise WrongUse(f"The settings file {path} is not UTF-8 (line {line}).", "Save it as UTF-8.") from None


def _parsed(text: str, path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise WrongUse(
            f"The settings file {path} is not valid TOML: {error}.",
            'Text stands between quotes: key = "text"; sections between brackets: [mail].',
        ) from None


@dataclass
class _Draft:
    """Settings in the making: values by section and key, the variables that some came from, the errors so far."""

    data: dict[str, Any]
    errors: list[str] = field(default_factory=list)
    origins: dict[tuple[str, ...], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if "workbook" in self.data:
            self.data["workbook"] = unwrapped(self.data["workbook"])

    def take_out_strangers(self) -> None:
        for stranger in [name for name in self.data if name not in _SECTIONS]:
            del self.data[stranger]
            self.errors.append(f"[{stranger}]: no such section.{_meant(stranger, _SECTIONS)}")
        for secret in (s for s in _VARIABLES.values() if s.environment_only):
            section = self.data.get(secret.section)
            if isinstance(section, dict) and section.pop(secret.key, None) is not None:
                self.errors.append(
                    f"[{secret.section}] {secret.key}: does not belong in the file; put it into the environment as "
                    f"{secret.variable}, or into a file that {secret.variable}_FILE names."
                )

    def override(self, environ: Mapping[str, str], folder: Path) -> None:
        for name in sorted(n for n in environ if n.startswith(PREFIX) and n not in (CONFIG, CHOSEN)):
            setting = _VARIABLES.get(name)
            kept_in = _VARIABLES.get(name.removesuffix("_FILE"))
            if setting:
                self._put((setting.section, setting.key), environ[name], name)
            elif name.startswith(_TABS):
                self._put(("workbook", "tabs", name.removeprefix(_TABS).lower()), environ[name], name)
            elif kept_in and kept_in.secret:
                self._put_secret(kept_in, environ[name], name, folder)
            else:
                self._stranger(name)

    def _stranger(self, name: str) -> None:
        """A variable without "__" may be another program's, unless it is nearly one of ours."""
        near = _meant(name, [*_VARIABLES, CONFIG, CHOSEN], 60 if "__" in name else 85)
        if near or "__" in name:
            self.errors.append(f"{name}: no such setting.{near}")

    def _put(self, place: tuple[str, ...], value: str, name: str) -> None:
        if place in self.origins:
            self.errors.append(f"{self.origins[place]} and {name} are both set; unset one of them.")
            return
        if isinstance(self.data.get(place[0]), list):
            self.errors.append(f"{name}: of which of the [[workbook]]? With several, set it in the file, for each.")
            return
        self.origins[place] = name
        holder: Any = self.data
        for step in place[:-1]:
            holder = holder.setdefault(step, {})
            if not isinstance(holder, dict):
                if place[:2] in self.origins:
                    self.errors.append(f"{self.origins[place[:2]]} and {name} are both set; unset one of them.")
                return
        holder[place[-1]] = value

    def _put_secret(self, setting: Setting, file: str, name: str, folder: Path) -> None:
        if not file:
            return
        try:
            secret = (folder / Path(file).expanduser()).read_text(encoding="utf-8-sig").rstrip("\r\n")
        except OSError as error:
            self.errors.append(f"{name}: the file {file} cannot be read: {error.strerror}.")
        except UnicodeDecodeError:
            self.errors.append(f"{name}: the file {file} is not UTF-8 text.")
        else:
            self._put((setting.section, setting.key), secret, name)

    def settings(self, folder: Path) -> list[Settings]:
        """The settings of each workbook; what does not fit is among the errors from then on."""
        section, found = self.data.get("workbook", {}), list[Settings]()
        for label, table in tables(section):
            try:
                found.append(Settings.model_validate(self.data | {"workbook": table, "folder": folder}))
            except ValidationError as error:
                self.errors += [self.sentence(e, label) for e in error.errors(include_url=False)]
        self.errors += [*misnamed(section), *clashes(found)]
        return found

    def sentence(self, error: ErrorDetails, workbook: str = "[workbook]") -> str:
        """What is wrong; `workbook` says whose section [workbook] it is about."""
        place = tuple(str(step) for step in error["loc"])
        section, key = place[0], place[1] if len(place) > 1 else ""
        setting = _SETTINGS.get((section, key))
        if not key:
            return f"[{section}]: a single value stands there; allowed: a section with keys of its own."
        if setting is None:
            return f"{self._name(place[:2], workbook)}: no such key.{_meant_key(section, key)}"
        name = self._name(place, workbook)
        if error["type"] == "unknown_tab":
            return f"{name}: no tab '{error['msg']}'.{_meant(error['msg'], [tab.name for tab in TABS])}"
        if error["type"] == "needed":
            return f"{name}: blank, but {error['msg']}; allowed: {setting.allowed}."
        value = "what" if setting.secret else _shown(error["input"])
        return f"{name}: {value} stands there{' does not fit' if setting.secret else ''}; allowed: {setting.allowed}."

    def _name(self, place: tuple[str, ...], workbook: str) -> str:
        """The variable that the value came from, else section and key."""
        origin = self.origins.get(place[:3]) or self.origins.get(place[:2])
        return origin or f"{workbook if place[0] == 'workbook' else f'[{place[0]}]'} {place[1]}"


def _several(path: Path, errors: Iterable[str]) -> str:
    return "\n".join([f"The settings in {path} cannot be used:", *(f"  {e}" for e in errors)])


def _meant(name: str, known: Iterable[str], least: float = 60) -> str:
    near = process.extractOne(name, list(known), scorer=fuzz.ratio, score_cutoff=least)
    return f" Did you mean {near[0]}?" if near else ""


def _meant_key(section: str, key: str) -> str:
    elsewhere = [s for s, k in _SETTINGS if k == key]
    if elsewhere:
        return f" It belongs in {' or '.join(f'[{s}]' for s in elsewhere)}."
    return _meant(key, [k for s, k in _SETTINGS if s == section])


def _shown(value: object) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(_shown(item) for item in value) or "an empty list"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return "a section"
    text = str(value)
    short = text if len(text) <= 60 else f"{text[:59]}…"
    return json.dumps(short, ensure_ascii=False) if isinstance(value, str) else short
