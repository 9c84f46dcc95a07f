"""What openpyxl forgets when it saves, put back from the file as it was: formula results, and parts of sheets that
stand on their own. Works on the XML of the saved file; knows nothing of tabs and fields."""

import re
from collections.abc import Iterator, Mapping
from copy import copy
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

from lxml import etree

from sync.storage.xlsx_parts import MAIN, computed, parse, sheet_parts

# The children of a worksheet in the order that the standard demands (18.3.1.99).
_ORDER = (
    "sheetPr", "dimension", "sheetViews", "sheetFormatPr", "cols", "sheetData", "sheetCalcPr",
    "sheetProtection", "protectedRanges", "scenarios", "autoFilter", "sortState", "dataConsolidate",
    "customSheetViews", "mergeCells", "phoneticPr", "conditionalFormatting", "dataValidations", "hyperlinks",
    "printOptions", "pageMargins", "pageSetup", "headerFooter", "rowBreaks", "colBreaks", "customProperties",
    "cellWatches", "ignoredErrors", "smartTags", "drawing", "legacyDrawing", "legacyDrawingHF", "picture",
    "oleObjects", "controls", "webPublishItems", "tableParts", "extLst",
)  # fmt: skip
_CARRIED = ("protectedRanges", "phoneticPr", "ignoredErrors", "extLst")
_WORTH = re.compile(rb"<(?:\w+:)?(?:f|" + "|".join(_CARRIED).encode() + rb")[\s/>]")
_APP = "docProps/app.xml"
_APPLICATION = re.compile(rb"<Application>[^<]*</Application>")


def put_back(before: bytes | None, saved: bytes) -> bytes:
    """The workbook `saved`, with what it lost of `before`.

    The program that wrote it is named Kartoteka: LibreOffice trusts results under Excel's name and would not compute
    them again.
    """
    replaced = dict(_restored(before, saved)) if before is not None else {}
    result = BytesIO()
    with ZipFile(BytesIO(saved)) as source, ZipFile(result, "w", ZIP_DEFLATED) as target:
        for part in source.infolist():
            content = replaced.get(part.filename) or source.read(part)
            if part.filename == _APP:
                content = _APPLICATION.sub(b"<Application>Kartoteka</Application>", content)
            target.writestr(part.filename, content)
    return result.getvalue()


def _restored(before: bytes, saved: bytes) -> Iterator[tuple[str, bytes]]:
    with ZipFile(BytesIO(before)) as old, ZipFile(BytesIO(saved)) as new:
        parts = sheet_parts(new)
        for title, part in sheet_parts(old).items():
            xml = old.read(part)
            if title in parts and _WORTH.search(xml):
                was, now = parse(xml), parse(new.read(parts[title]))
                _results(was, now)
                _elements(was, now)
                yield parts[title], etree.tostring(now, xml_declaration=True, encoding="UTF-8", standalone=True)


def _results(was: etree._Element, now: etree._Element) -> None:
    """Give every formula that still stands its last known result: `<v>` and its type `t`."""
    known: Mapping[tuple[int, int], etree._Element] = {(c.row, c.column): c.cell for c in computed(was)}
    for row, column, cell in computed(now):
        old = known.get((row, column))
        result = old.findtext(f"{MAIN}v") if old is not None else None
        if old is None or result is None:
            continue
        for stale in cell.findall(f"{MAIN}v"):
            cell.remove(stale)
        etree.SubElement(cell, f"{MAIN}v").text = result
        cell.set("t", old.get("t", "n"))


def _elements(was: etree._Element, now: etree._Element) -> None:
    for name in _CARRIED:
        found = was.find(f"{MAIN}{name}")
        if found is not None and now.find(f"{MAIN}{name}") is None:
            now.insert(_place(now, name), copy(found))


def _place(sheet: etree._Element, name: str) -> int:
    rank = _ORDER.index(name)
    before = [i for i, child in enumerate(sheet) if _ORDER.index(etree.QName(child).localname) < rank]
    return before[-1] + 1 if before else 0
