"""What was read: every sheet of a workbook at one moment, as raw grids. Finding tabs in them is book.py's part."""

from dataclasses import dataclass, field

from validators.rows import Grid


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: title, rows of raw cells (ragged, the first is sheet row 1), 0-based (row, column) of computed cells.

    Computed cells show their last known result in `rows`. Error cells are texts such as "#REF!".
    """

    title: str
    rows: Grid
    formulas: frozenset[tuple[int, int]] = frozenset()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All sheets as read at one moment.

    `register` changes with every write by anybody (a digest of the file; a counter and a digest of the spreadsheet);
    `workbook` is the workbook's own lasting identity, the same after renames and writes; `requests` is how many reads
    it took.
    """

    register: str
    workbook: str
    sheets: tuple[Sheet, ...]
    requests: int = field(default=1, compare=False)
