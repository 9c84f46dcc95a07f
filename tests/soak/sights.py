"""What a spreadsheet holds in the end, to be compared: whatever differs from run to run by right is left out."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sync.snapshot import Sheet
from sync.storage.google_answers import IMAGES
from validators.rows import Cell

Told = tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Sight:
    """What stands in the spreadsheet in the end: the tabs cell by cell, blanks alike; the history's rows, counted,
    without times and runs; the letters by name."""

    tabs: Mapping[str, Sequence[Sequence[Cell]]]
    history: Counter[Told]
    letters: tuple[str, ...]

    def unlike(self, other: "Sight") -> str:
        """The first thing in which the other differs, "" when there is none."""
        for title, rows in self.tabs.items():
            there = other.tabs.get(title, ())
            for number, (ours, theirs) in enumerate(zip(rows, there, strict=False), 1):
                if ours != theirs:
                    return f"{title}, row {number}: {list(theirs)} instead of {list(ours)}"
            if len(rows) != len(there):
                return f"{title}: {len(there)} rows instead of {len(rows)}"
        lacking, surplus = set(self.history) - set(other.history), other.history - self.history
        if lacking or surplus:
            return f"history: lacks {list(lacking)}, has too much {list(surplus)}"
        return "" if self.letters == other.letters else f"letters: {other.letters} instead of {self.letters}"


def sight(sheets: Sequence[Sheet], letters: Iterable[str] = ()) -> Sight:
    """What stands in `sheets`, and the names of the `letters` that were made. What the last write copied into hidden
    tabs before it fell depends on how often there was something to put right."""
    tabs = {sheet.title: _plain(sheet.rows) for sheet in sheets if not sheet.title.startswith(IMAGES)}
    history = Counter(row[2:] for row in tabs.pop("Historia")[1:])
    return Sight(tabs, history, tuple(sorted(letters)))


def _plain(rows: Sequence[Sequence[Cell]]) -> list[tuple[Cell, ...]]:
    width = max((len(row) for row in rows), default=0)
    return [tuple(None if cell == "" else cell for cell in (*row, *[None] * (width - len(row)))) for row in rows]
