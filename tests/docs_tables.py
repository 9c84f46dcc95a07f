"""The README: its chapters, its blocks of code, and the tables in it that derive from the code, as Markdown.

test_docs.py compares the tables, and writes them anew.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import typer
from typer.core import TyperArgument, TyperGroup, TyperOption

from config.labels import EVENTS, STATUSES
from config.settings import reference
from sync.cli import app
from sync.storage.google_questions import QUESTIONS
from validators.tabs import TABS, Field, Kind, Owner, Tab

README = Path(__file__).parents[1] / "README.md"
Parameter = TyperOption | TyperArgument

_HOLDS = {
    Kind.TEXT: "text",
    Kind.LONG: "text",
    Kind.EMAILS: "e-mail addresses, `,` or `;` between",
    Kind.PHONES: "phone numbers, any notation",
    Kind.TAX_ID: "Polish NIP or EU VAT number",
    Kind.DATE: "date",
    Kind.HOLD: "date, or `zawsze` / `always`",
    Kind.AMOUNT: "amount",
    Kind.PAYMENT: "amount so far, or yes for all of it",
    Kind.PAID_ON: "date, or yes when the day is unknown",
    Kind.CURRENCY: "ISO 4217 code; blank = the workbook's",
    Kind.YES_NO: "yes or no",
    Kind.INTEGER: "whole number",
    Kind.MOMENT: "date and time",
}
_OWNERS = {Owner.TEAM: "team", Owner.NORMALISED: "team, tidied", Owner.SERVICE: "Kartoteka"}
_MARKED = re.compile(r"(<!-- table: (\w+) -->\n).*?(<!-- /table -->)", re.DOTALL)


def chapter(title: str) -> str:
    """The README from the heading `title` to the next heading of the same kind or a higher one."""
    found = re.search(rf"^(#+) {re.escape(title)}\n(.*?)(?=^#{{1,2}} |\Z)", README.read_text("utf-8"), re.M | re.S)
    assert found, title
    return found[2]


def blocks(text: str, kind: str) -> list[str]:
    """The blocks of code of this kind in `text`."""
    return re.findall(rf"^ *```{kind}\n(.*?)^ *```", text, re.M | re.S)


def script(title: str) -> str:
    """The one block of commands in the chapter `title`, without its prompts."""
    (block,) = blocks(chapter(title), "console")
    lines = block.splitlines()
    assert all(line.startswith("$ ") for line in lines)
    return "\n".join(line.removeprefix("$ ") for line in lines)


def rewritten(text: str) -> str:
    """The README's `text` with every marked table as the code gives it. KeyError for a table that nobody knows."""
    return _MARKED.sub(lambda found: f"{found[1]}{TABLES[found[2]]()}\n{found[3]}", text)


def names(text: str) -> list[str]:
    """The names of the tables that `text` marks."""
    return [found[2] for found in _MARKED.finditer(text)]


def commands() -> Mapping[str, list[Parameter]]:
    """Each command with its parameters, as the command line knows them."""
    return {name: list(command.params) for name, command in _group().commands.items()}


def _group() -> TyperGroup:
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    return group


def _commands() -> str:
    rows = [(_usage(name, command.params), _sentence(command.help)) for name, command in _group().commands.items()]
    return _table(("command", "what it does"), rows)


def _options() -> str:
    group = _group()
    found: dict[tuple[str, str], list[str]] = {}
    for parameter in group.params:
        found.setdefault((_named(parameter), _sentence(parameter.help)), []).append("before the command")
    for name, command in group.commands.items():
        for parameter in command.params:
            found.setdefault((_named(parameter), _sentence(parameter.help)), []).append(f"`{name}`")
    rows = [(option, text, ", ".join(places)) for (option, text), places in found.items()]
    return _table(("option", "what it does", "where"), rows)


def _settings() -> str:
    rows = []
    for setting in reference():
        name = "–" if setting.environment_only else f"`[{setting.section}] {setting.key}`"
        default = "" if setting.environment_only else _value(setting.default)
        text = f"{_sentence(setting.description)} Allowed: {setting.allowed}."
        rows.append((name, default, text, f"`{setting.variable}`"))
    return _table(("setting", "default", "what it does", "environment"), rows)


def _tabs() -> str:
    parts = []
    for tab in TABS:
        rows = [(f"`{f.name}`", _header(f.pl, f), f.en, _OWNERS[f.owner], _holds(f)) for f in tab.fields]
        parts += [f"**{_title(tab)}**\n", _table(("field", "Polish", "English", "owner", "holds"), rows), ""]
    return "\n".join(parts).rstrip() + "\n"


def _statuses() -> str:
    return _table(("code", "Polish", "English"), [(f"`{code}`", pl, en) for code, (pl, en) in STATUSES.items()])


def _events() -> str:
    return _table(("event", "Polish"), [(f"`{code}`", label.pl) for code, label in EVENTS.items()])


def _questions() -> str:
    return _table(("question to Google", "Kartoteka assumes"), [(q.text, q.assumed) for q in QUESTIONS])


TABLES: Mapping[str, Callable[[], str]] = {
    "commands": _commands,
    "options": _options,
    "settings": _settings,
    "tabs": _tabs,
    "statuses": _statuses,
    "events": _events,
    "questions": _questions,
}


def _usage(name: str, parameters: Iterable[Parameter]) -> str:
    arguments = [_named(p) for p in parameters if p.param_type_name == "argument"]
    return " ".join([f"`kartoteka {name}", *(a.strip("`") for a in arguments)]) + "`"


def _named(parameter: Parameter) -> str:
    """An option with what must follow it, or an argument: `--save PATH`, `ID`, `[DIRECTORY]`."""
    if parameter.param_type_name == "argument":
        word = (parameter.metavar or str(parameter.name).upper()).strip("[]")
        return f"`{word}`" if parameter.required else f"`[{word}]`"
    spelled = ", ".join([*parameter.opts, *parameter.secondary_opts])
    value = parameter.metavar or _VALUES.get(str(parameter.name), "TEXT")
    return f"`{spelled}`" if parameter.is_flag else f"`{spelled} {value}`"


_VALUES = {"config": "FILE", "saved": "FILE", "save": "FILE", "output": "FILE", "workbook": "FILE", "now": "TIME"}


def _holds(field: Field) -> str:
    if field.choices:
        return ", ".join(f"`{c.pl}`" if c.pl == c.en else f"`{c.pl}` / `{c.en}`" for c in field.choices)
    if field.vocabulary:
        several = "any" if field.kind is Kind.MANY_OF else "one"
        return f"{several} of the vocabulary ({field.vocabulary})"
    return _HOLDS[field.kind]


def _header(label: str, field: Field) -> str:
    return f"{label} (required)" if field.required else label


def _title(tab: Tab) -> str:
    return f"{tab.pl} / {tab.en}" + (f" (ids `{tab.prefix}-0001`, …)" if tab.prefix else "")


def _value(value: object) -> str:
    if isinstance(value, tuple):
        value = list(value)
    return f"`{json.dumps(value if isinstance(value, int | list | dict) else str(value), ensure_ascii=False)}`"


def _sentence(text: str | None) -> str:
    words = " ".join((text or "").split())
    return words if words.endswith(".") or not words else f"{words}."


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines) + "\n"
