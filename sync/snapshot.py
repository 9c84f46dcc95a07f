"""What was read: every sheet of a workbook at one moment, as raw grids. Finding tabs in them is book.py's part."""

from dataclasses import dataclass

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

    `register` changes with every write by anybody (a digest of the file, a counter in the spreadsheet);
    `workbook` is the workbook's own lasting identity, the same after renames and writes.
    """

    register: str
    workbook: str
    sheets: tuple[Sheet, ...]
