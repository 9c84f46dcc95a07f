"""What people see and type: numbers, dates and truth values as text, by the spreadsheet's locale. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tests.fakes.sheet_cells import EPOCH, Cell, checked, number, number_style, of_formula, plain, serial


@dataclass(frozen=True, slots=True)
class Locale:
    """How a locale writes: decimal mark, marks between groups (the first is printed), order and mark of dates."""

    decimal: str
    groups: str
    order: str
    mark: str
    truths: Mapping[str, bool]

    @property
    def patterns(self) -> Mapping[str, str]:
        """Number format patterns of a date, a time and both."""
        day = self.mark.join({"d": "dd", "m": "mm", "y": "yyyy"}[part] for part in self.order)
        return {"DATE": day, "TIME": "hh:mm:ss", "DATE_TIME": f"{day} hh:mm:ss"}


TRUTHS = {"true": True, "false": False}
LOCALES = {
    "pl_PL": Locale(",", "\u00a0 \u202f", "dmy", ".", TRUTHS | {"prawda": True, "fałsz": False}),
    "de_DE": Locale(",", ".", "dmy", ".", TRUTHS | {"wahr": True, "falsch": False}),
    "en_US": Locale(".", ",", "mdy", "/", TRUTHS),
}


def locale_of(name: str) -> Locale:
    """The locale of this name; others write as en_US."""
    return LOCALES.get(name, LOCALES["en_US"])


def displayed(cell: Cell, locale: Locale) -> str:
    """The text that a person sees in the cell."""
    value = cell.value
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    wanted: Mapping[str, Any] = cell.number_format or {}
    kind, pattern = wanted.get("type"), wanted.get("pattern")
    if kind in ("DATE", "TIME", "DATE_TIME"):
        return _date(value, pattern or locale.patterns[kind])
    return _number(value, kind, pattern or "", locale)


def _date(days: float, pattern: str) -> str:
    try:
        moment = EPOCH + timedelta(seconds=round(days * 86400))
    except OverflowError:
        return str(days)
    parts = {
        "yyyy": f"{moment.year:04}",
        "yy": f"{moment.year % 100:02}",
        "mm": f"{moment.month:02}",
        "m": str(moment.month),
        "dd": f"{moment.day:02}",
        "d": str(moment.day),
        "hh": f"{moment.hour:02}",
        "h": str(moment.hour),
        "ss": f"{moment.second:02}",
    }
    minutes = re.sub(r"(h+:)mm?", lambda found: f"{found[1]}'{moment.minute:02}'", pattern)
    return re.sub(r"'(\d+)'|yyyy|yy|mm?|dd?|hh?|ss", lambda found: found[1] or parts[found[0]], minutes)


def _number(value: float, kind: str | None, pattern: str, locale: Locale) -> str:
    if kind == "TEXT" or not (pattern or kind in ("NUMBER", "CURRENCY", "PERCENT")):
        return _general(value).replace(".", locale.decimal)
    shape = re.search(r"[#0,.]+", pattern)
    shown = shape[0] if shape else "#,##0.00"
    places = len(shown.partition(".")[2])
    scaled = value * 100 if "%" in pattern or (kind == "PERCENT" and not pattern) else value
    text = f"{scaled:{',' if ',' in shown else ''}.{places}f}"
    text = text.translate(str.maketrans(",.", locale.groups[0] + locale.decimal))
    if shape is None:
        return text + ("%" if kind == "PERCENT" else "")
    return pattern[: shape.start()].replace('"', "") + text + pattern[shape.end() :].replace('"', "")


def _general(value: float) -> str:
    if isinstance(value, int):
        return str(value)
    text = f"{value:.10g}" if abs(value) < 1e15 else f"{value:.5E}"
    return re.sub(r"0*E\+0*", "E+", text) if "E" in text else text


def typed(text: str, locale: Locale) -> Cell:
    """The cell that typing `text` gives: formulas, truths, numbers and dates are taken for what they look like."""
    checked(text)
    if text.startswith("'"):
        return plain(text[1:])
    if text.startswith(("=", "+")) and len(text) > 1:
        return of_formula(text if text.startswith("=") else f"={text}")
    if text.strip().casefold() in locale.truths:
        return plain(locale.truths[text.strip().casefold()])
    return _typed_number(text.strip(), locale) or _typed_date(text.strip(), locale) or plain(text)


def _typed_number(text: str, locale: Locale) -> Cell | None:
    body = re.sub(rf"(?<=\d)[{re.escape(locale.groups)}](?=\d{{3}}(?!\d))", "", text).replace(locale.decimal, "\0")
    match = re.fullmatch(r"(-?)(\d+(?:\0\d*)?|\0\d+)([eE][+-]?\d+)?\s*(%|zł|€|\$)?", body)
    if match is None or "." in body:
        return None
    value = float((match[1] + match[2] + (match[3] or "")).replace("\0", "."))
    if match[4] == "%":
        return Cell(number(value / 100), style=number_style("PERCENT", "0%" if value.is_integer() else "0.00%"))
    if match[4]:
        return Cell(number(value), style=number_style("CURRENCY", f'#,##0.00\u00a0"{match[4]}"'))
    return plain(number(value))


def _typed_date(text: str, locale: Locale) -> Cell | None:
    match = re.fullmatch(r"(\S+?)(?:[ T](\d{1,2}:\d{2}(?::\d{2})?))?", text)
    if match is None:
        return None
    day, hour = match[1], match[2]
    if iso := re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", day):
        found, pattern = dict(zip("ymd", iso.groups(), strict=True)), "yyyy-mm-dd"
    elif own := re.fullmatch(r"(\d+)M(\d+)M(\d{4})".replace("M", re.escape(locale.mark)), day):
        found, pattern = dict(zip(locale.order, own.groups(), strict=True)), locale.patterns["DATE"]
    else:
        return None
    try:
        moment = datetime(int(found["y"]), int(found["m"]), int(found["d"]))  # noqa: DTZ001
    except ValueError:
        return None
    if hour is None:
        return Cell(serial(moment), style=number_style("DATE", pattern))
    hours, minutes, seconds = (*map(int, hour.split(":")), 0)[:3]
    moment += timedelta(hours=hours, minutes=minutes, seconds=seconds)
    return Cell(serial(moment), style=number_style("DATE_TIME", f"{pattern} hh:mm:ss"))
