"""One cell of the fake, how Google stores a value in it and says it in JSON. Displayed text is sheet_formats.py's."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias

from tests.fakes.sheet_errors import invalid, unbuilt
from tests.fakes.sheet_formulas import ERRORS, evaluated
from tests.fakes.sheet_schema import Path_, merged

Value: TypeAlias = str | int | float | bool | None
Style: TypeAlias = Mapping[str, Any]

LONGEST_TEXT = 50_000
EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001  sheets know no time zones
KEPT = ("userEnteredValue", "userEnteredFormat", "dataValidation", "note")


class Cell(NamedTuple):
    """What stands in a cell. Frozen: a change puts another cell in its place.

    `value` is what the sheet works with (a date is its serial number); `formula` what was typed, if it computes;
    `error` the message of an error cell, whose value is then a text such as "#DIV/0!".
    """

    value: Value = None
    formula: str | None = None
    error: str | None = None
    style: Style | None = None
    validation: Mapping[str, Any] | None = None
    note: str | None = None

    @property
    def number_format(self) -> Mapping[str, Any] | None:
        """Its own number format: {"type": …, "pattern": …}."""
        return (self.style or {}).get("numberFormat")

    @property
    def filled(self) -> bool:
        """Whether it holds data, and not only looks."""
        return self.value is not None or self.formula is not None


BLANK = Cell()


@lru_cache(maxsize=200_000, typed=True)
def plain(value: Value) -> Cell:
    """A cell of nothing but this value; the same object for the same value, because sheets repeat themselves."""
    return Cell(value) if value not in ("", None) else BLANK


def number(value: float) -> int | float:
    """A number as Google keeps it, a double, and as JSON shows it: 5, not 5.0."""
    double = float(value)
    return int(double) if double.is_integer() and abs(double) < 1e15 else double


def serial(moment: date | datetime | time) -> int | float:
    """Days since 1899-12-30, as Sheets keeps dates; negative before it."""
    if isinstance(moment, time):
        moment = datetime.combine(EPOCH, moment)
    if not isinstance(moment, datetime):
        moment = datetime(moment.year, moment.month, moment.day)  # noqa: DTZ001
    return number((moment.replace(tzinfo=None) - EPOCH) / timedelta(days=1))


def of_python(value: object, patterns: Mapping[str, str]) -> Cell:
    """The cell of a Python value: dates as serial numbers with a format, texts as they are, None and "" empty."""
    if isinstance(value, str):
        return plain(value)
    if isinstance(value, date | time):
        kind = "DATE_TIME" if isinstance(value, datetime) else "DATE" if isinstance(value, date) else "TIME"
        return Cell(serial(value), style=number_style(kind, patterns[kind]))
    if isinstance(value, Decimal | float | int) and not isinstance(value, bool):
        return plain(number(float(value)))
    return plain(value if isinstance(value, bool) else None)


@lru_cache(maxsize=1000)
def number_style(kind: str, pattern: str) -> Style:
    """A cell format of nothing but a number format."""
    return {"numberFormat": {"type": kind, "pattern": pattern}}


def computed(cell: Cell) -> Cell:
    """The same cell as the result of a formula; the formula is made up to give just that."""
    if isinstance(cell.value, str) and cell.value in ERRORS:
        return cell._replace(formula="=1/0", error="This result was here when the sheet was opened.")
    text = str(cell.value).replace('"', '""')
    return cell._replace(formula=f'="{text}"' if isinstance(cell.value, str) else f"={text.upper()}")


def of_extended(value: Mapping[str, Any]) -> Cell:
    """The cell that an ExtendedValue enters; a `stringValue` is never parsed.

    Raises:
        ApiError: 400, two kinds at once, a text too long, a formula without `=`, an error entered by hand.
    """
    given = {kind: item for kind, item in value.items() if item is not None}
    if len(given) > 1:
        raise invalid(f"ExtendedValue: oneof field 'value' is already set. Cannot set '{list(given)[1]}'")
    for kind, item in given.items():
        if kind == "numberValue":
            return plain(number(item))
        if kind == "formulaValue":
            return of_formula(item)
        if kind == "errorValue":
            raise invalid("ErrorValue cannot be entered.")
        return plain(checked(item))
    return BLANK


def of_formula(formula: str, shows: Value = None) -> Cell:
    """A formula's cell; it shows `shows` or what a very small evaluator makes of it."""
    if not formula.startswith("="):
        raise invalid(f"Invalid formula {formula!r}: it must start with '='.")
    value, error = (shows, None) if shows is not None else evaluated(checked(formula))
    return Cell(value, formula, error)


def checked(text: Any) -> Any:
    """The text, if a cell can hold it."""
    if isinstance(text, str) and len(text) > LONGEST_TEXT:
        raise invalid(f"Your input contains more than the maximum of {LONGEST_TEXT} characters in a single cell.")
    return text


def with_data(cell: Cell, data: Mapping[str, Any], mask: Sequence[Path_]) -> Cell:
    """The cell after CellData is written under a field mask: what the mask names and `data` lacks is cleared."""
    for path in mask:
        for name in KEPT if path[0] == "*" else (path[0],):
            cell = _with_field(cell, name, data, path[1:])
    return cell


def _with_field(cell: Cell, name: str, data: Mapping[str, Any], rest: Path_) -> Cell:
    if name == "userEnteredValue":
        new = of_extended(data.get(name) or {})
        return cell._replace(value=new.value, formula=new.formula, error=new.error)
    if name == "userEnteredFormat":
        return cell._replace(style=merged(cell.style, data.get(name), rest) or None)
    if name == "dataValidation":
        return cell._replace(validation=merged(cell.validation, data.get(name), rest) or None)
    if name == "note":
        return cell._replace(note=data.get(name) or None)
    raise unbuilt(f"writing of CellData.{name}")


def entered(cell: Cell, new: Cell) -> Cell:
    """The cell after its value was entered anew; its looks stay unless the new value brings a format."""
    style = {**(cell.style or {}), **new.style} if new.style else cell.style
    return cell._replace(value=new.value, formula=new.formula, error=new.error, style=style)


def sort_key(value: Value) -> tuple[int, float, str]:
    """Numbers come before texts, texts before truth values."""
    if isinstance(value, bool):
        return 2, value, ""
    if isinstance(value, str):
        return 1, 0, value.casefold()
    return 0, value or 0, ""


def resource(cell: Cell, displayed: str) -> dict[str, Any]:
    """The cell as CellData; what is not set is left out."""
    data: dict[str, Any] = {}
    if cell.filled:
        effective = extended(cell)
        data["userEnteredValue"] = effective if cell.formula is None else {"formulaValue": cell.formula}
        data["effectiveValue"] = effective
        data["formattedValue"] = displayed
    if cell.style:
        data["userEnteredFormat"] = data["effectiveFormat"] = dict(cell.style)
    if cell.validation:
        data["dataValidation"] = dict(cell.validation)
    if cell.note:
        data["note"] = cell.note
    return data


def extended(cell: Cell) -> dict[str, Any]:
    """The effective value as an ExtendedValue."""
    if cell.error is not None:
        return {"errorValue": {"type": ERRORS.get(str(cell.value), "ERROR"), "message": cell.error}}
    if isinstance(cell.value, bool):
        return {"boolValue": cell.value}
    return {"stringValue" if isinstance(cell.value, str) else "numberValue": cell.value}
