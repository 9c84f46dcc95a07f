"""The text of a new kartoteka.toml, made from the description of every setting. Nothing is written to disk here."""

import json
from collections.abc import Mapping
from itertools import groupby

from config.settings import Setting, reference
from config.settings_versions import current

_TOP = """\
# Settings of Kartoteka. Each can also come from the environment: KARTOTEKA_MAIL__HOST stands for host in [mail].
# Paths count from the folder of this file. After a change run: kartoteka doctor
# Several workbooks: one [[workbook]] for each in place of [workbook], each with a name of its own.
version = {version}
"""


def template(given: Mapping[str, object] | None = None) -> str:
    """The commented settings file, with `given` values (by "section.key") in place of defaults.

    Raises:
        KeyError: a name in `given` is no setting that may stand in the file.

    >>> 'language = "en"' in template({"workbook.language": "en"}).splitlines()
    True
    """
    values = dict(given or {})
    sections = groupby(reference(), key=lambda setting: setting.section)
    top = _TOP.format(version=current())
    text = "\n".join([top, *(_section(name, list(settings), values) for name, settings in sections)])
    if values:
        raise KeyError(", ".join(values))
    return text


def _section(name: str, settings: list[Setting], values: dict[str, object]) -> str:
    lines = [f"[{name}]"]
    for setting in settings:
        if setting.environment_only:
            lines.append(f"# {setting.key}: from the environment, {setting.variable} or {setting.variable}_FILE")
            continue
        value = values.pop(f"{name}.{setting.key}", setting.default)
        lines.append(f"# {_comment(setting)}")
        lines += _table(name, setting, value) if isinstance(value, Mapping) else [_pair(setting.key, value)]
    return "\n".join(lines) + "\n"


def _table(section: str, setting: Setting, value: Mapping[str, object]) -> list[str]:
    """A section of its own: it must be the last of its section's settings."""
    return [f"[{section}.{setting.key}]", *(_pair(json.dumps(key), item) for key, item in value.items())]


def _pair(key: str, value: object) -> str:
    return f"{key} = {_toml(value)}"


def _comment(setting: Setting) -> str:
    return f"{setting.description.removesuffix('.')}: {setting.allowed}."


def _toml(value: object) -> str:
    """`value` as TOML: JSON writes the same texts, numbers and lists, but for one control character."""
    if isinstance(value, bool | int):
        return json.dumps(value)
    if isinstance(value, list | tuple):
        return f"[{', '.join(_toml(item) for item in value)}]"
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")
