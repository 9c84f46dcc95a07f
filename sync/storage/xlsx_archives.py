"""Older rows of the history in an .xlsx workbook go to sheets of their own, with all that stands in their cells."""

from collections.abc import Iterable, Sequence
from copy import copy

from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from sync.archives import Moving, outside
from validators.errors import Refused


def move_out(book: Workbook, moved: Sequence[Moving]) -> None:
    """Make the new sheets, each with a copy of what stands above the rows, and take these out where they stood.

    Raises:
        Refused: some of the rows are merged with others.
    """
    for moving in moved:
        source = book[moving.source]
        _check(source, moving)
        target = book.copy_worksheet(source)
        target.title = moving.title
        target.sheet_properties.codeName = None  # one name for two sheets is none
        target.freeze_panes = source.freeze_panes
        target.print_title_rows = source.print_title_rows
        _keep(target, [(0, moving.header + 1), *moving.runs])
    for name in {moving.source for moving in moved}:
        source = book[name]
        gone = [run for moving in moved for run in moving.runs if moving.source == name]
        _keep(source, outside(gone, source.max_row))


def _check(sheet: Worksheet, moving: Moving) -> None:
    """What is bound to its place, and what openpyxl would leave behind, stays where it is."""
    below = moving.header + 2
    bound = [merged.coord for merged in sheet.merged_cells.ranges if merged.max_row >= below]
    cells = (cell for row in sheet.iter_rows(min_row=below) for cell in row)
    bound += [c.coordinate for c in cells if c.hyperlink or (c.data_type == "f" and not isinstance(c.value, str))]
    if bound:
        raise Refused(
            f"Merged cells, links or array formulas stand in the tab '{moving.source}' ({', '.join(bound[:3])}), "
            "so its older rows cannot be moved.",
            "Remove them there. Nothing was changed.",
        )


def _keep(sheet: Worksheet, runs: Iterable[tuple[int, int]]) -> None:
    """Let the rows in `runs` (0-based, half-open) stand one below the other from the first row on, and no others."""
    last, heights = get_column_letter(sheet.max_column), dict(sheet.row_dimensions)
    sheet.row_dimensions.clear()
    height, end = 0, sheet.max_row
    for first, after in runs:
        if first != height:
            sheet.move_range(f"A{first + 1}:{last}{after}", rows=height - first, translate=True)
        for number in range(first + 1, after + 1):
            if number in heights:
                row = copy(heights[number])
                row.index = number - first + height
                sheet.row_dimensions[row.index] = row
        height += after - first
    if height < end:
        sheet.delete_rows(height + 1, end - height)
