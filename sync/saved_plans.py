"""A plan as a file: saved by `plan --save`, carried out by `sync --plan`, and refused when it no longer fits."""

import dataclasses
import json
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from mailers.reminders import Letter
from sync.plan import AppendRow, Plan, SetCell
from validators.errors import OutOfReach, StalePlan, WrongUse
from validators.rows import Cell

FORMAT = 1
_TYPES: Mapping[str, Callable[[str], Cell]] = {
    "moment": datetime.fromisoformat,
    "date": date.fromisoformat,
    "decimal": Decimal,
}
_ADVICE = "Make a new one with 'kartoteka plan --save FILE'."


class SavedPlan(BaseModel):
    """A plan and its letters, as decided at `now` for the workbook with identity `workbook`."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_bytes="base64", val_json_bytes="base64")

    format: int = FORMAT
    now: datetime
    workbook: str
    plan: dict[str, Any]
    letters: tuple[Letter, ...]

    def restored(self) -> Plan:
        """The plan with its typed values."""
        parts = self.plan
        changes = tuple(SetCell(**{k: _restored(v) for k, v in c.items()}) for c in parts["changes"])
        rows = tuple(
            AppendRow(row["tab"], {k: _restored(v) for k, v in row["values"].items()}) for row in parts["appended"]
        )
        return Plan(parts["run"], parts["register"], parts["language"], changes=changes, appended=rows)


def save(path: Path, plan: Plan, letters: tuple[Letter, ...], now: datetime, workbook: str) -> None:
    """Write the plan to `path`.

    Raises:
        OutOfReach: the file cannot be written.
    """
    parts = {
        "run": plan.run,
        "register": plan.register,
        "language": plan.language,
        "changes": [{k: _kept(v) for k, v in dataclasses.asdict(c).items()} for c in plan.changes],
        "appended": [{"tab": r.tab, "values": {k: _kept(v) for k, v in r.values.items()}} for r in plan.appended],
    }
    saved = SavedPlan(now=now, workbook=workbook, plan=parts, letters=letters)
    try:
        path.write_text(saved.model_dump_json(indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise OutOfReach(f"The plan cannot be saved to {path}: {error.strerror}.", "Choose another place.") from error


def load(path: Path, now: datetime, workbook: str) -> SavedPlan:
    """The plan saved in `path`, if it was made today and for this workbook.

    Raises:
        WrongUse: there is no such file, or it holds no plan.
        StalePlan: it was made on another day or for another workbook.
    """
    try:
        saved = SavedPlan.model_validate(json.loads(path.read_text(encoding="utf-8")))
        saved.restored()
    except OSError as error:
        raise WrongUse(f"The plan {path} cannot be read: {error.strerror}.", _ADVICE) from error
    except (ValueError, ValidationError, KeyError, TypeError) as error:
        raise WrongUse(f"{path} holds no plan of this version of Kartoteka.", _ADVICE) from error
    if saved.workbook != workbook:
        raise StalePlan(f"The plan {path} was made for another workbook.", _ADVICE)
    if saved.now.astimezone(now.tzinfo).date() != now.date():
        raise StalePlan(f"The plan {path} was made on {saved.now.date()}: statuses change from day to day.", _ADVICE)
    return saved


def _kept(value: object) -> object:
    """A cell as JSON, with its type where JSON has none of its own."""
    if isinstance(value, datetime):
        return {"moment": value.isoformat()}
    if isinstance(value, date):
        return {"date": value.isoformat()}
    if isinstance(value, Decimal):
        return {"decimal": str(value)}
    return value


def _restored(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return value
    (kind, text), *_ = value.items()
    return _TYPES[kind](text)
