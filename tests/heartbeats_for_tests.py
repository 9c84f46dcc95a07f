"""Heartbeats for tests: a timetable, and what stands on a tab of a workbook."""

from collections.abc import Sequence
from datetime import time, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from config.heartbeat_words import LABELS, is_label
from sync.moments import Timetable

_Cell = TypeVar("_Cell")

WARSAW = ZoneInfo("Europe/Warsaw")


def timetable(*times: str, every: int = 0, days: Sequence[int] = range(7)) -> Timetable:
    """Every so many minutes, or at these times, or at eight and one o'clock."""
    if every:
        return Timetable(WARSAW, (), timedelta(minutes=every), frozenset(days))
    return Timetable(WARSAW, tuple(map(time.fromisoformat, times or ("08:00", "13:00"))), None, frozenset(days))


def said(rows: Sequence[Sequence[_Cell]]) -> list[dict[str, _Cell]]:
    """Each heartbeat that stands in `rows`: its values by label."""
    found: list[dict[str, _Cell]] = []
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            if isinstance(cell, str) and is_label(cell, ""):
                lines = [line[column : column + 2] for line in rows[number + 1 : number + 1 + len(LABELS)]]
                found.append({str(label): value for label, value in lines})
    return found
