"""What becomes of workbooks: tabs, typed and merged cells, a tab for each client; damaged, locked, hostile ones."""

import zipfile
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import Workbook

from importers import workbook_limits
from importers.port import Listing
from importers.workbooks import Workbooks
from tests.golden_listings import FOLDER
from tests.raw_workbooks import raw_workbook, worksheet
from tests.xml_for_tests import written
from validators.errors import WrongUse
from validators.tabs import VOCABULARY

Grid = Sequence[Sequence[object]]


def saved(folder: Path, tabs: Mapping[str, Grid], merged: str = "") -> Path:
    book = Workbook()
    book.remove(book.worksheets[0])
    for title, rows in tabs.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
        if merged:
            sheet.merge_cells(merged)
    path = folder / "book.xlsx"
    book.save(path)
    return path


def read(path: Path) -> list[Listing]:
    assert Workbooks().recognises(path, path.read_bytes()[:65536])
    return list(Workbooks().listings(path))


def refusal(path: Path) -> str:
    with pytest.raises(WrongUse) as caught:
        list(Workbooks().listings(path))
    return caught.value.what


def raw(folder: Path, rows: str, method: int = zipfile.ZIP_DEFLATED) -> Path:
    """A workbook whose only sheet has these rows, as text."""
    return written(folder, raw_workbook(worksheet(rows), method=method), "raw.xlsx")


class TestCells:
    def test_they_keep_their_types(self, tmp_path: Path) -> None:
        (listing,) = read(saved(tmp_path, {"A": [["Nazwa", "NIP", "Dodano"], ["007", 5260250274, date(2026, 3, 4)]]}))
        assert list(next(listing.rows).cells.values()) == ["007", 5260250274.0, date(2026, 3, 4)]

    def test_a_length_of_time_becomes_text(self, tmp_path: Path) -> None:
        (listing,) = read(saved(tmp_path, {"A": [["Nazwa", "NIP"], ["A", timedelta(hours=30)]]}))
        assert next(listing.rows).cells["NIP"] == "1 day, 6:00:00"

    def test_a_zero_is_no_blank(self, tmp_path: Path) -> None:
        (listing,) = read(saved(tmp_path, {"A": [["Nazwa", "NIP"], [0, None], ["A", 1]]}))
        assert [row.line for row in listing.rows] == [2, 3]

    def test_a_cell_merged_downwards_counts_for_each_row(self, tmp_path: Path) -> None:
        rows: Grid = [["Klient", "Numer", "Kwota"], ["A", "1", 5], [None, "2", 6], [None, "3", 7], [None, "4", 8]]
        (listing,) = read(saved(tmp_path, {"F": rows}, "A2:A4"))
        assert [row.cells["Klient"] for row in listing.rows] == ["A", "A", "A", ""]

    def test_rows_keep_their_numbers_below_blank_ones(self, tmp_path: Path) -> None:
        rows: Grid = [[], [], ["Nazwa", "NIP"], [], ["A", "1"]]
        (listing,) = read(saved(tmp_path, {"A": rows}))
        assert [row.line for row in listing.rows] == [5]

    def test_errors_and_formulas_without_a_result_are_blank_and_counted(self, tmp_path: Path) -> None:
        cells = '<c r="A2" t="e"><v>#REF!</v></c><c r="B2"><f>1+1</f></c><c r="C2"><v>7</v></c>'
        names = "".join(
            f'<c r="{c}1" t="str"><v>{v}</v></c>' for c, v in zip("ABC", ("Nazwa", "NIP", "Tel"), strict=True)
        )
        (listing,) = read(raw(tmp_path, f'<row r="1">{names}</row><row r="2">{cells}</row>'))
        assert next(listing.rows).cells == {"Nazwa": "", "NIP": "", "Tel": 7.0}
        assert "#REF! (1)" in listing.notes[0]
        assert "Formulas whose results are not in the file (1)" in listing.notes[1]


class TestTabs:
    def test_each_with_known_headers_is_a_list(self, tmp_path: Path) -> None:
        lists = {"K": [["Nazwa", "NIP"], ["A", "1"]], "F": [["Numer", "Klient"], ["1", "A"]]}
        tabs: dict[str, Grid] = {**lists, "Info": [["a"], ["b"]]}
        found = read(saved(tmp_path, tabs))
        assert [listing.title for listing in found] == ["K", "F"]
        assert found[0].notes == ("Tabs without known headers were left out: Info (2 rows).",)

    def test_where_no_header_is_known_every_tab_is_kept(self, tmp_path: Path) -> None:
        tabs: dict[str, Grid] = {"a": [["x", "y"], [1, 2]], "b": [["z", "v"], [3, 4]]}
        assert [listing.title for listing in read(saved(tmp_path, tabs))] == ["a", "b"]


class TestTabForEachClient:
    INVOICES = (["Numer", "Data", "Kwota"], ["1", "2026-01-02", 5])

    def test_the_title_is_the_client_of_each_row(self, tmp_path: Path) -> None:
        found = read(saved(tmp_path, {"Żuraw": self.INVOICES, "Gęś s.c.": self.INVOICES}))
        assert [next(listing.rows).cells["Klient"] for listing in found] == ["Żuraw", "Gęś s.c."]
        assert {listing.kind for listing in found} == {"invoices"}

    @pytest.mark.parametrize("titles", [("styczeń", "luty"), ("2025", "2026"), ("Arkusz1", "Arkusz2"), ("Żuraw",)])
    def test_titles_that_say_when_or_nothing_are_no_clients(self, titles: Sequence[str], tmp_path: Path) -> None:
        found = read(saved(tmp_path, dict.fromkeys(titles, self.INVOICES)))
        assert not [listing for listing in found if "Klient" in listing.columns]

    def test_forms_become_one_list_of_clients(self, tmp_path: Path) -> None:
        forms: dict[str, Grid] = {
            "Żuraw": [["NIP:", 5260250274], ["E-mail", "a@b.pl"]],
            "Nowak": [["Imię", "Jan"], ["Nazwisko", "Nowak"], ["Telefon: 601 234 567"]],
        }
        (clients,) = read(saved(tmp_path, forms))
        first, second = clients.rows
        assert (clients.kind, first.cells) == ("clients", {"Nazwa": "Żuraw", "NIP": 5260250274.0, "E-mail": "a@b.pl"})
        assert second.cells == {"Imię": "Jan", "Nazwisko": "Nowak", "Telefon": "601 234 567"}

    def test_the_name_in_the_form_goes_before_the_title(self, tmp_path: Path) -> None:
        tabs: dict[str, Grid] = {"zuraw": [["Nazwa", "Żuraw Sp. z o.o."], ["NIP", "1"], [], *self.INVOICES]}
        clients, invoices = read(saved(tmp_path, tabs))
        assert next(clients.rows).cells["Nazwa"] == next(invoices.rows).cells["Klient"] == "Żuraw Sp. z o.o."


class TestHostile:
    @pytest.mark.parametrize("place", ["Z1048576", "XFD1048576", "XFD9999"])
    def test_cells_too_far_apart_are_not_laid_out(self, place: str, tmp_path: Path) -> None:
        row = place.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
        far = f'<row r="{row}"><c r="{place}"><v>1</v></c></row>'
        assert "stretch over" in refusal(raw(tmp_path, f'<row r="1"><c r="A1"><v>1</v></c></row>{far}'))

    def test_cells_without_content_do_not_count(self, tmp_path: Path) -> None:
        blank = '<row r="1048576"><c r="XFD1048576" s="1"/><c r="XFC1048576"></c></row>'
        names = '<row r="1"><c r="A1" t="str"><v>Nazwa</v></c></row><row r="2"><c r="A2"><v>1</v></c></row>'
        (listing,) = read(raw(tmp_path, names + blank))
        assert len(list(listing.rows)) == 1

    def test_a_zip_bomb_is_refused_by_its_sizes(self, tmp_path: Path) -> None:
        assert "zip bomb" in refusal(raw(tmp_path, " " * 30_000_000))

    def test_repeated_rows_of_ods_count_each(self) -> None:
        cell = b'<table:table-cell office:value-type="float" table:number-columns-repeated="1000"/>'
        ods = b'<table:table><table:table-row table:number-rows-repeated="90000">' + cell + b"</table:table-row>"
        with pytest.raises(WrongUse, match="90000000 cells"):
            workbook_limits.blank_cells(packed({"content.xml": ods}), "x.ods")

    def test_far_cells_of_xlsb_count(self) -> None:
        row, cell = b"\x00\x04" + (1_000_000).to_bytes(4, "little"), b"\x02\x04" + (9_000).to_bytes(4, "little")
        with pytest.raises(WrongUse, match="stretch over"):
            workbook_limits.blank_cells(packed({"xl/worksheets/sheet1.bin": row + cell}), "x.xlsb")

    def test_ten_thousand_columns_are_no_list(self, tmp_path: Path) -> None:
        assert "more than 2000 columns" in refusal(saved(tmp_path, {"A": [range(10_000), range(10_000)]}))

    def test_a_locked_workbook_is_said_to_be_locked(self, tmp_path: Path) -> None:
        locked = bytes.fromhex("D0CF11E0A1B11AE1") + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le") + b"\0\0"
        path = written(tmp_path, locked, "locked.xlsx")
        assert Workbooks().recognises(path, locked)
        assert refusal(path).endswith("is protected by a password.")

    @pytest.mark.parametrize("name", ["register.xlsx", "clients.ods", "clients.xls"])
    @pytest.mark.parametrize("part", [0.2, 0.6, 0.97])
    def test_half_a_file_is_damaged(self, name: str, part: float, tmp_path: Path) -> None:
        whole = (FOLDER / name).read_bytes()
        assert refusal(written(tmp_path, whole[: int(len(whole) * part)], name)).endswith(".")

    def test_an_empty_workbook_holds_no_rows(self, tmp_path: Path) -> None:
        assert "holds no rows" in refusal(saved(tmp_path, {"A": [], "B": [["Nazwa", "NIP"]]}))


def packed(parts: Mapping[str, bytes]) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def test_of_a_workbook_of_kartoteka_only_clients_and_invoices_are_read(tmp_path: Path) -> None:
    own = [[field.pl for field in VOCABULARY.fields], ["etap", "Nowy", "", ""]]
    path = saved(tmp_path, {"Klienci": [["Nazwa", "NIP"], ["Alfa", ""]], "Słownik": own})
    (found,) = read(path)
    assert (found.title, found.notes) == (
        "Klienci",
        ("Tabs in which Kartoteka keeps its own were left out: Słownik (2 rows).",),
    )
