"""What a table of OpenDocument is when it is laid out: what stands in the file once may be repeated. Pure.

Format: OpenDocument 1.3 part 3, 19.676 and 19.679.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

_TAG = re.compile(rb"<(?:\w+:)?(?:(table|table-row)|(?:covered-)?table-cell)(?=[\s/>])([^>]*)")
_REPEATED = re.compile(rb"""number-(?:rows|columns)-repeated\s*=\s*["']([0-9]{1,12})""")
_MARKUP = 200  # bytes of a cell that are not its text


def laid_out(blocks: Iterable[bytes]) -> tuple[int, int]:
    """Of the tables in a part, given in blocks: how many cells they stretch over, each from its first to its last that
    holds anything; and about how many bytes of text stand in these."""
    cells = text = 0
    table = _Table()
    for block in blocks:
        place = 0
        for tag in _TAG.finditer(block):
            table.length += tag.start() - place
            place = tag.end()
            times = _REPEATED.search(tag[2])
            number = int(times[1]) if times else 1
            if tag[1] == b"table":
                cells, text, table = cells + table.cells(), text + table.text, _Table()
            elif tag[1]:
                table.row(number)
            else:
                table.cell(number, b"value-type" in tag[2] or not tag[2].endswith(b"/"), len(tag[2]))
        table.length += len(block) - place
    return cells + table.cells(), text + table.text


@dataclass(slots=True)
class _Table:
    """A table on its way: rows before the present one, its repetitions, its cells, and the filled among them; text, and
    the length of the last cell and how often it stands in its row."""

    before: int = 0
    times: int = 0
    width: int = 0
    filled: int = 0
    last: int = 0
    widest: int = 0
    text: int = 0
    length: int = 0
    repeated: int = 0

    def row(self, times: int) -> None:
        self._finish()
        self.before, self.times, self.width, self.filled = self.before + self.times, times, 0, 0

    def cell(self, times: int, filled: bool, length: int) -> None:
        self._weigh()
        self.width += times
        self.filled = self.width if filled else self.filled
        self.length, self.repeated = length, times if filled else 0

    def cells(self) -> int:
        self._finish()
        return self.last * self.widest

    def _weigh(self) -> None:
        self.text += max(self.length - _MARKUP, 0) * self.repeated * self.times
        self.length = self.repeated = 0

    def _finish(self) -> None:
        self._weigh()
        if self.filled:
            self.last, self.widest = self.before + self.times, max(self.widest, self.filled)
