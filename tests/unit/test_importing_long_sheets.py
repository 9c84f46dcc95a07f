"""A long sheet is read in pieces: the same rows as of the whole, and never all of it at once."""

import tracemalloc
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from importers.long_sheets import Lengths, long_sheets
from importers.workbook_sheets import sheets
from importers.workbooks import Workbooks
from tests.raw_workbooks import raw_workbook, text_cell, worksheet
from tests.xml_for_tests import written
from validators.errors import WrongUse
from validators.rows import Cell, is_blank

PATH = Path("list.xlsx")
WHOLE = Lengths(whole=1 << 30)
TEXTS = st.text("Żółć &<>'\"=1 ", max_size=12).filter(str.strip) | st.sampled_from(["<row r=", "</sheetData>", "#REF!"])
SHARED = (
    "<si><t>Żuraw</t></si>",
    '<si><t xml:space="preserve"> dwa  odstępy </t></si>',
    "<si><r><t>Pół</t></r><r><rPr><b/></rPr><t>gruba</t></r></si>",
    "<si><t>a &amp; b &lt; c</t></si>",
    "<si><t/></si>",
    "<si/>",
    "<si><t></t></si>",
    '<si><t>漢字</t><rPh sb="0" eb="2"><t>かんじ</t></rPh><phoneticPr fontId="1"/></si>',
    "<si><t>_x0041_ a\nb</t></si>",
    '<si><t>"s"</t></si>',
)
PREFIXES = st.sampled_from(["", "", "x:"])


def filled(data: bytes, lengths: Lengths) -> Mapping[tuple[int, int], Cell]:
    """Every cell in which anything stands, by line and column."""
    (found,) = sheets(data, PATH, lengths)
    rows = list(found.sheet.records())
    assert [line for line, _ in rows] == list(range(1, len(rows) + 1))
    return {(line, i): cell for line, cells in rows for i, cell in enumerate(cells) if not is_blank(cell)}


@st.composite
def sheet_texts(draw: st.DrawFn) -> str:
    """The XML of a sheet: texts, numbers, dates, blanks, rows that are left out, cells that are merged."""
    p = draw(PREFIXES)
    rows = []
    line = 0
    for step in draw(st.lists(st.integers(1, 4), min_size=1, max_size=40)):
        line += step
        cells = []
        for column in sorted(draw(st.sets(st.sampled_from("ABCDE"))) | ({"A"} if not rows else set())):
            place = f"{column}{line}"
            number, blank = f'<{p}c r="{place}"><{p}v>7.5</{p}v></{p}c>', f'<{p}c r="{place}" s="0"/>'
            type_ = draw(st.sampled_from([' t="s"', " t='s'", ' s="0" t="s"', ' t="s" s="0"', ' t = "s"', '\tt="s"']))
            shared = f'<{p}c r="{place}"{type_}><{p}v>{draw(st.integers(0, len(SHARED) - 1))}</{p}v></{p}c>'
            text = text_cell(place, draw(TEXTS), p)
            # Of the whole, columns count from the first that is filled.
            cells.append(
                text if not rows and column == "A" else draw(st.sampled_from([text, shared, shared, number, blank]))
            )
        spans = draw(st.sampled_from(["", ' spans="1:5"', ' ht="15" customHeight="1"']))
        rows.append(f'<{p}row{spans} r="{line}">{"".join(cells)}</{p}row>')
    ranges = draw(st.lists(st.tuples(st.sampled_from("ABCDE"), st.integers(1, 60), st.integers(1, 20)), max_size=3))
    merged = "".join(f'<{p}mergeCell ref="{c}{top}:{c}{top + more}"/>' for c, top, more in ranges)
    return worksheet("".join(rows), f"<{p}mergeCells>{merged}</{p}mergeCells>" if merged else "", p)


@given(sheet_texts(), st.integers(1, 3000))
@settings(max_examples=300)
def test_in_pieces_of_whatever_length_the_same_cells_are_read(xml: str, piece: int) -> None:
    data = raw_workbook(xml, "".join(SHARED))
    assert filled(data, Lengths(0, piece)) == filled(data, WHOLE)


def test_a_long_sheet_is_read_in_many_pieces() -> None:
    """So that the property above is not about one piece."""
    rows = "".join(f'<row r="{line}">{text_cell(f"A{line}", "Żuraw")}</row>' for line in range(1, 101))
    (sheet,) = long_sheets(raw_workbook(worksheet(rows)), Lengths(0, 60)).values()
    assert len(list(sheet.workbooks())) > 50


def test_texts_that_cells_share_are_at_hand_in_each_piece() -> None:
    rows = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>{n % 7}</v></c></row>' for n in range(1, 200))
    data = raw_workbook(worksheet(rows), "".join(f"<si><t>Łąka {n}</t></si>" for n in range(7)))
    assert filled(data, Lengths(0, 300)) == {(n, 0): f"Łąka {n % 7}" for n in range(1, 200)}


def test_an_entry_that_is_not_there_is_said_to_be_damage() -> None:
    data = raw_workbook(worksheet('<row r="1"><c r="A1" t="s"><v>9</v></c></row>'), "<si><t>Łąka</t></si>")
    for lengths in (WHOLE, Lengths(0, 10)):
        with pytest.raises(WrongUse, match="damaged"):
            filled(data, lengths)


def test_rows_in_disorder_are_said_to_be_damage_where_they_cannot_be_put_in_order() -> None:
    def row(number: int) -> str:
        return f'<row r="{number}">{text_cell(f"A{number}", f"{number}" * 50)}</row>'

    data = raw_workbook(worksheet("".join(map(row, (1, 2, 8, 9, 3, 4, 10)))))
    assert [line for line, _ in filled(data, WHOLE)] == [1, 2, 3, 4, 8, 9, 10]
    with pytest.raises(WrongUse, match="row 3 stands below row 9"):
        filled(data, Lengths(0, 60))


@pytest.mark.parametrize(
    "rows",
    [
        "<row><c><v>1</v></c></row>" * 90,
        f'<row r="1">{text_cell("A1", "x" * 5000)}</row>',
        '<row r="1"><c r="A1"><v>1</v></c></row>' + "<row><c><v>2</v></c></row>" * 90,
    ],
)
def test_rows_that_do_not_say_where_they_stand_are_read_all_the_same(rows: str) -> None:
    data = raw_workbook(worksheet(rows))
    assert filled(data, Lengths(0, 100)) == filled(data, WHOLE)


def test_a_sheet_that_cannot_be_cut_is_read_as_a_whole() -> None:
    """Nine megabytes without a place where a row begins."""
    rows = '<row r="1"><c r="A1"><v>1</v></c></row>' + "<row><c><v>2</v></c></row>" * 350_000
    data = raw_workbook(worksheet(rows))
    assert long_sheets(data, Lengths()) == {}
    assert len(filled(data, Lengths())) == 350_001


def test_a_list_of_many_rows_takes_a_part_of_what_its_cells_would(tmp_path: Path) -> None:
    header = "".join(text_cell(f"{c}1", name) for c, name in zip("ABC", ("Nazwa", "Adres", "NIP"), strict=True))
    line = (
        '<row r="{0}"><c r="A{0}" t="str"><v>Żuraw {0}</v></c><c r="B{0}" t="str"><v>ul. Łąkowa {0}, Łódź</v></c></row>'
    )
    rows = "".join(map(line.format, range(2, 70_002)))
    path = written(tmp_path, raw_workbook(worksheet(f'<row r="1">{header}</row>{rows}')), "long.xlsx")
    tracemalloc.start()
    (listing,) = Workbooks().listings(path)
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    cells = [row.cells for row in listing.rows]
    assert (len(cells), cells[-1]["Nazwa"], cells[-1]["Adres"]) == (70_000, "Żuraw 70001", "ul. Łąkowa 70001, Łódź")
    assert held < 8_000_000  # as objects: 18 MB
