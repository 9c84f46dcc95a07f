"""The questions of `init` for a new settings file: few, with an answer to take by Enter, each looked at as soon as it
is answered, so that a slip of the keyboard asks for one word anew and not for all of them."""

import json
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from config.setting_kinds import is_spreadsheet
from config.settings_file import settings_of
from config.settings_template import template
from validators.errors import WrongUse

Ask = Callable[..., str]
_TRIES = 3  # a person who needs more should read first
_INTRODUCTION = (
    "A few questions. Enter takes what stands in brackets; every answer can be changed later in {name}, "
    "and Ctrl+C leaves everything as it was."
)
_WORKBOOK = "The workbook: an .xlsx file, or a Google spreadsheet's address"
_KEY = "The Google key file"
_LANGUAGE = "Language of labels and letters (pl, en)"
_SENDER = "Who writes the letters: name and address"
_TAX_ID = "Your firm's own tax id, which tells sales from purchases in lists (may stay empty)"


@dataclass(frozen=True, slots=True)
class Dialogue:
    """With whom: `ask(question, default=…)` asks a person, None where nobody can be asked; `tell` says something.
    `path` is where the settings will lie; files near it are offered as answers."""

    ask: Ask | None
    tell: Callable[[str], None]
    path: Path

    def begin(self) -> None:
        """Say what comes."""
        if self.ask:
            self.tell(_INTRODUCTION.format(name=self.path.name))

    def workbook(self) -> dict[str, object]:
        """Where the workbook is, as settings."""
        answer = self._asked(_WORKBOOK, _only(self._workbooks(), "kartoteka.xlsx"), as_workbook)
        found = as_workbook(answer)
        if self.ask and "workbook.path" in found and not (self.path.parent / Path(answer).expanduser()).exists():
            self.tell(f"There is no {answer} yet: it will be made.")
        return found

    def key(self) -> str:
        """The Google key file."""
        return self._asked(
            _KEY, _only(self._keys(), "service-account.json"), lambda name: {"workbook.credentials": name}
        )

    def language(self) -> str:
        """The language of labels and letters."""
        return self._asked(_LANGUAGE, "pl", lambda language: {"workbook.language": language})

    def sender(self) -> str:
        """Who writes."""
        return self._asked(_SENDER, "Biuro <biuro@example.pl>", lambda sender: {"mail.sender": sender})

    def tax_id(self) -> str:
        """The firm's own tax id, "" when nobody says."""
        return self._asked(_TAX_ID, "", lambda tax_id: {"firm.tax_ids": [tax_id] if tax_id else []})

    def _asked(self, question: str, default: str, given: Callable[[str], Mapping[str, object]]) -> str:
        """The answer, the `default` where nobody can be asked. An answer that does not fit is asked for again; after
        some tries it is left to whoever reads all the settings to say so."""
        if self.ask is None:
            return default
        for _ in range(_TRIES):
            answer = self.ask(question, default=default).strip().strip("\"'")
            trouble = self._trouble(given(answer)) or no_new_workbook(given(answer), self.path)
            if not trouble:
                break
            self.tell(trouble)
        return answer

    def _trouble(self, given: Mapping[str, object]) -> str:
        """What is wrong with these settings alone, "" if nothing."""
        try:
            settings_of(tomllib.loads(template(given)), self.path, {})
        except WrongUse as error:
            return "\n".join(line.strip() for line in error.what.splitlines()[1:])
        return ""

    def _workbooks(self) -> list[str]:
        """The .xlsx files here that are nobody's temporary ones."""
        return [path.name for path in self.path.parent.glob("*.xlsx") if not path.name.startswith(("~$", "."))]

    def _keys(self) -> list[str]:
        """The files here that are keys of service accounts."""
        return [path.name for path in self.path.parent.glob("*.json") if _is_key(path)]


def as_workbook(answer: str) -> dict[str, object]:
    """The settings that an answer means: an address or id of a spreadsheet, else a file.

    >>> as_workbook("faktury.xlsx")
    {'workbook.path': 'faktury.xlsx'}
    """
    if is_spreadsheet(answer):
        return {"workbook.kind": "google", "workbook.spreadsheet": answer}
    return {"workbook.path": answer}


def no_new_workbook(given: Mapping[str, object], settings: Path) -> str:
    """Why no workbook can be made under the name that is `given`, "" where one can, or something lies there.

    >>> no_new_workbook({"workbook.path": "new.xls"}, Path("kartoteka.toml"))
    'There is no new.xls, and a workbook that is made needs a name that ends in .xlsx.'
    """
    name = str(given.get("workbook.path", ".xlsx"))
    if name.lower().endswith(".xlsx") or (settings.parent / Path(name).expanduser()).exists():
        return ""
    return f"There is no {name}, and a workbook that is made needs a name that ends in .xlsx."


def _only(found: list[str], default: str) -> str:
    """What was found, if there is but one choice."""
    return found[0] if len(found) == 1 else default


def _is_key(path: Path) -> bool:
    try:
        content = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(content, dict) and content.get("type") == "service_account"
