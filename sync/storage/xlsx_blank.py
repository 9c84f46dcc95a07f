"""Sheets that claim a million rows: formatted but blank rows below the data are cut off before anybody parses them."""

from io import BytesIO
from zipfile import ZIP_STORED, ZipFile

from sync.storage.xlsx_parts import sheet_parts

MOST_BLANK_ROWS = 20_000
_VALUES = (b"<v>", b"<v ", b"<f>", b"<f ", b"<f/", b"<is>", b"<is ")
_ROW, _ROW_END, _END = b"<row ", b"</row>", b"</sheetData>"


def without_blank_rows(content: bytes, most: int = MOST_BLANK_ROWS) -> bytes:
    """The workbook, without what lies more than `most` blank rows below the last cell of a sheet that holds anything.

    Nothing but the looks of blank rows is cut, and those so far down that nobody ever saw them: parsed, a million such
    rows cost a gigabyte and minutes.
    """
    with ZipFile(BytesIO(content)) as archive:
        cut = {}
        for part in sheet_parts(archive).values():
            xml = archive.read(part)
            start = _blank_from(xml, most)
            if start is not None:
                cut[part] = xml[:start] + xml[xml.rindex(_END) :]
        if not cut:
            return content
        result = BytesIO()
        with ZipFile(result, "w", ZIP_STORED) as target:
            for part in archive.namelist():
                target.writestr(part, cut.get(part) or archive.read(part))
    return result.getvalue()


def _blank_from(xml: bytes, most: int) -> int | None:
    """Where the rows to cut begin, or None when there are none (or the part uses prefixes, as no program does)."""
    end = xml.rfind(_END)
    last = max(xml.rfind(value, 0, end) for value in _VALUES) if end > 0 else -1
    start = xml.find(_ROW_END, last, end) if last >= 0 else xml.find(_ROW) - 1
    if start < 0 or xml.count(_ROW, start, end) <= most:
        return None
    for _ in range(most + 1):
        start = xml.index(_ROW, start + 1, end)
    return start
