"""A workbook in memory: for tests, and for trying a plan out before it is written anywhere. No I/O."""

from collections.abc import Mapping, Sequence

from sync.archives import movings, split
from sync.book import locate
from sync.heartbeat import Heartbeat, title
from sync.heartbeat_place import is_heartbeat, spots
from sync.placing import Put, place
from sync.plan import Plan
from sync.snapshot import Sheet, Snapshot
from sync.storage.port import Applied
from validators.errors import WorkbookMoved
from validators.rows import Cell


class MemoryWorkbook:
    """Sheets held in memory. Its register is a counter that every write moves, a person's (`edit`) included."""

    def __init__(
        self, sheets: Sequence[Sheet], workbook: str = "memory", titles: Mapping[str, str] | None = None
    ) -> None:
        self._sheets = tuple(sheets)
        self._workbook = workbook
        self._titles = titles
        self._register = 1

    def prepare(self) -> None:
        """Nothing: a write needs no more than the sheets."""

    def recover(self) -> None:
        """Nothing: a write is whole or not there."""

    def read(self) -> Snapshot:
        """Everything in it."""
        return Snapshot(str(self._register), self._workbook, self._sheets)

    def apply(self, plan: Plan, after: Snapshot) -> Applied:
        """Write the whole plan or nothing of it.

        Raises:
            WorkbookMoved: it was written to since `after`, or a record of the plan is not there.
            WrongUse: it lacks a tab or column of the plan.
        """
        if plan.empty:
            return Applied(requests=0)
        if after.register != str(self._register):
            raise WorkbookMoved("The workbook was changed since it was read.", "Nothing was written. Run again.")
        placing = place(self.read(), plan, self._titles)
        moved = movings(locate(self.read(), self._titles).get("history"), plan.archives)
        self._write(placing.puts, placing.new_sheets)
        self._sheets = split(self._sheets, moved)
        return Applied(after=self.read())

    def beat(self, heartbeat: Heartbeat) -> bool:
        """Say how the service does, on the first sheet that bears its heading."""
        found = next((sheet for sheet in self._sheets if is_heartbeat(sheet)), None)
        if found is None and not heartbeat.may_make:
            return False
        sheet = found or Sheet(title(heartbeat.titles, [s.title for s in self._sheets]), ())
        cells = spots(sheet, heartbeat).cells
        new = () if found else (sheet.title,)
        self._write([Put(sheet.title, *spot, value, "", "") for spot, value in cells.items()], new)
        return True

    def edit(self, title: str, row: int, column: int, value: Cell) -> None:
        """Type `value` into the 0-based cell of the sheet `title`, as a person would."""
        self._write([Put(title, row, column, value, "", "")])

    def replace(self, sheet: Sheet) -> None:
        """Put `sheet` in the place of the one with its title, as after a person sorted it or moved columns."""
        self._sheets = tuple(sheet if s.title == sheet.title else s for s in self._sheets)
        self._register += 1

    def arrange(self, sheets: Sequence[Sheet]) -> None:
        """Let these be all its sheets, as after a person renamed, moved or deleted some."""
        self._sheets = tuple(sheets)
        self._register += 1

    def _write(self, puts: Sequence[Put], new: Sequence[str] = ()) -> None:
        sheets = {s.title: ([list(r) for r in s.rows], set(s.formulas)) for s in self._sheets}
        sheets |= {title: ([], set()) for title in new}
        for put in puts:
            rows, formulas = sheets[put.sheet]
            rows.extend([] for _ in range(put.row + 1 - len(rows)))
            rows[put.row].extend([None] * (put.column + 1 - len(rows[put.row])))
            rows[put.row][put.column] = put.value
            formulas.discard((put.row, put.column))
        self._sheets = tuple(Sheet(title, rows, frozenset(f)) for title, (rows, f) in sheets.items())
        self._register += 1
