"""The parts of an .xlsx file as they lie in its zip: which sheet is which part, and the formulas and results it keeps.

ECMA-376 part 1 (SpreadsheetML) and part 2 (packaging). Read only; openpyxl is not needed here.
"""

import posixpath
from collections.abc import Container, Iterator
from typing import NamedTuple
from zipfile import ZipFile

from lxml import etree

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_CUSTOM = "docProps/custom.xml"
_PACKAGE = "{http://schemas.openxmlformats.org/package/2006/relationships}"


class Computed(NamedTuple):
    """A formula cell: 0-based row and column, the cell itself."""

    row: int
    column: int
    cell: etree._Element


def parse(content: bytes) -> etree._Element:
    """The root of an XML part; entities are not resolved, nothing is fetched.

    Raises:
        lxml.etree.XMLSyntaxError: it is damaged.
    """
    return etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True))


def workbook_part(archive: ZipFile) -> str:
    """The name of the workbook part; KeyError when there is none."""
    for relation in parse(archive.read("_rels/.rels")).iter(f"{_PACKAGE}Relationship"):
        if relation.get("Type", "").endswith("/officeDocument"):
            return _absolute("", relation.get("Target", ""))
    raise KeyError("workbook")


def sheet_parts(archive: ZipFile) -> dict[str, str]:
    """The name of the part of every sheet, by title, in the order of the tabs."""
    book = workbook_part(archive)
    folder, name = posixpath.split(book)
    relations = parse(archive.read(f"{folder}/_rels/{name}.rels".lstrip("/")))
    targets = {r.get("Id"): _absolute(folder, r.get("Target", "")) for r in relations.iter(f"{_PACKAGE}Relationship")}
    sheets = parse(archive.read(book)).iter(f"{MAIN}sheet")
    return {sheet.get("name", ""): targets[sheet.get(_RELATION)] for sheet in sheets}


def part_of_workbook(archive: ZipFile, kind: str) -> str:
    """The part that the workbook refers to as `kind`, such as "styles"; "" when there is none."""
    folder, name = posixpath.split(workbook_part(archive))
    for relation in parse(archive.read(f"{folder}/_rels/{name}.rels".lstrip("/"))).iter(f"{_PACKAGE}Relationship"):
        if relation.get("Type", "").endswith(f"/{kind}"):
            return _absolute(folder, relation.get("Target", ""))
    return ""


def custom_property(archive: ZipFile, name: str) -> str:
    """The custom document property `name` as text, "" when there is none."""
    if _CUSTOM not in archive.namelist():
        return ""
    for found in parse(archive.read(_CUSTOM)):
        if found.get("name") == name:
            return "".join(str(text) for text in found.itertext()).strip()
    return ""


def related_parts(archive: ZipFile, part: str) -> tuple[str, ...]:
    """The parts that `part` refers to."""
    folder, name = posixpath.split(part)
    path = f"{folder}/_rels/{name}.rels"
    if path not in archive.namelist():
        return ()
    relations = parse(archive.read(path)).iter(f"{_PACKAGE}Relationship")
    return tuple(_absolute(folder, r.get("Target", "")) for r in relations if r.get("TargetMode") != "External")


def computed(sheet: etree._Element) -> Iterator[Computed]:
    """Every formula cell of a sheet part."""
    return (Computed(row, column, cell) for (row, column), cell in _cells(sheet) if cell.find(f"{MAIN}f") is not None)


def cells_at(sheet: etree._Element, spots: Container[tuple[int, int]]) -> dict[tuple[int, int], etree._Element]:
    """The cells of a sheet part at these 0-based (row, column), as far as there are any."""
    return {spot: cell for spot, cell in _cells(sheet) if spot in spots}


def _cells(sheet: etree._Element) -> Iterator[tuple[tuple[int, int], etree._Element]]:
    """Each cell with its 0-based (row, column). Cells and rows without a reference follow the one before (18.3.1.4)."""
    line = 0
    for row in sheet.iter(f"{MAIN}row"):
        line = int(float(row.get("r", line + 1)))
        column = 0
        for cell in row:
            reference = cell.get("r")
            column = _column(reference) if reference else column + 1
            yield (line - 1, column - 1), cell


def defined_names(archive: ZipFile) -> dict[str, str]:
    """What each name of the whole workbook refers to; names that hold on one sheet only are left out (18.2.5)."""
    names = parse(archive.read(workbook_part(archive))).iter(f"{MAIN}definedName")
    return {n.get("name", ""): (n.text or "").strip() for n in names if n.get("localSheetId") is None}


def has_1904_dates(archive: ZipFile) -> bool:
    """Whether dates count from 1904 on, as on old Macs (18.2.28)."""
    settings = parse(archive.read(workbook_part(archive))).find(f"{MAIN}workbookPr")
    return settings is not None and settings.get("date1904") in ("1", "true")


def _column(reference: str) -> int:
    number = 0
    for letter in reference.rstrip("0123456789"):
        number = number * 26 + ord(letter) - 64
    return number


def _absolute(folder: str, target: str) -> str:
    return target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
