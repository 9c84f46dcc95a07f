"""Texts that cells of an XLSX workbook share, put back into the cells, so that a piece of a sheet needs no more. Pure.

An entry among the shared strings has the content of a string within a cell, and moves as it stands (ISO/IEC 29500-1,
18.4.8 and 18.3.1.53: both are CT_Rst).
"""

import re
from array import array
from collections.abc import Iterable
from itertools import accumulate

_ROOT = re.compile(rb"<((?:\w+:)?)sst[\s>]")
_PLAIN = re.compile(rb"<si><t>([^<]*)</t></si>")
_CELL = re.compile(rb""" t=["']s["']([^>]{0,200})>\s*<((?:\w+:)?)v>\s*([0-9]{1,9})\s*</\2v>""")


class SharedStrings:
    """The shared strings of a workbook: each as the XML of its entry, or where that is but one text, as this."""

    def __init__(self, blocks: Iterable[bytes]) -> None:
        """`blocks` are the XML of their part; none when there is none."""
        self._entries, self._ends = bytearray(), array("I", [0])
        rest, prefix = b"", None
        for block in blocks:
            rest += block
            if prefix is None:
                root = _ROOT.search(rest)
                prefix = root[1] if root else b""
            rest = rest[self._take(rest, b"<%bsi" % prefix, b"</%bsi>" % prefix) :]

    def _take(self, xml: bytes, begin: bytes, end: bytes) -> int:
        """Take the entries that are complete; the place behind them."""
        whole = xml[: xml.rfind(end) + len(end)] if end in xml else b""
        plain = _PLAIN.findall(whole)
        if plain and len(plain) == whole.count(begin):  # nearly always, and many times as fast
            self._ends.extend([len(self._entries) + size for size in accumulate(map(len, plain))])
            self._entries += b"".join(plain)
            return len(whole)
        place = 0
        while (start := xml.find(begin, place)) >= 0:
            start = xml.find(b">", start) + 1
            blank = xml[start - 2 : start] == b"/>"
            stop = start if blank else xml.find(end, start)
            if not start or stop < 0:
                break
            entry = xml[start:stop]
            text = entry[3:-4]
            self._entries += text if entry == b"<t>%b</t>" % text and b"<" not in text else entry
            self._ends.append(len(self._entries))
            place = stop
        return place

    def weight(self, sheet: bytes) -> int:
        """How many bytes they are where the cells of a sheet, or of a part of it, have them, each its own."""
        numbers = [int(cell[2]) for cell in _CELL.findall(sheet)]
        count, ends = len(self._ends) - 1, self._ends
        return sum(ends[number + 1] - ends[number] for number in numbers if number < count)

    def put_into(self, sheet: bytes) -> bytes | None:
        """The XML of a sheet, its cells with texts of their own; None where not every cell plainly says its entry."""
        shared = shared_cells(sheet)
        if not shared:
            return sheet
        try:
            whole, found = _CELL.subn(self._cell, sheet)
        except IndexError:
            return None
        return whole if found == shared else None

    def _cell(self, cell: re.Match[bytes]) -> bytes:
        after, prefix, number = cell.groups()
        place = int(number)
        entry = bytes(self._entries[self._ends[place] : self._ends[place + 1]])
        string = entry if entry.startswith(b"<") else b"<t>%b</t>" % entry
        return b' t="inlineStr"%b><%bis>%b</%bis>' % (after, prefix, string, prefix)


def shared_cells(sheet: bytes) -> int:
    """How many cells of a sheet, or of a part of it, share their texts."""
    return sheet.count(b'"s"') + sheet.count(b"'s'")


def longest_entry(blocks: Iterable[bytes]) -> int:
    """About how long the longest entry is: no less, in bytes of XML."""
    longest = begun = 0
    for block in blocks:
        first, *others = map(len, block.split(b"si>"))
        longest = max(longest, begun + first, *others)
        begun = others[-1] if others else begun + first
    return longest
