"""What becomes of text files: encodings, delimiters, headers anywhere, quotation marks gone wrong, and hostile ones."""

import codecs
from pathlib import Path

import pytest

from importers.charsets import charset
from importers.csv_files import LARGEST, CsvFiles
from importers.delimiters import delimited
from importers.port import Listing
from tests.xml_for_tests import written
from validators.errors import WrongUse

POLISH = "Nazwa;NIP;Miasto;Uwagi\nŻuraw Sp. z o.o.;5260250274;Łódź;źle płaci\nZakład Ćma;;Świdnica;\nGęś;;Ząbki;ąśź\n"


def read(folder: Path, content: str | bytes, name: str = "list.csv") -> Listing:
    (listing,) = CsvFiles().listings(written(folder, content, name))
    return listing


def cells(folder: Path, content: str | bytes) -> list[dict[str, object]]:
    return [dict(row.cells) for row in read(folder, content).rows]


def refusal(folder: Path, content: str | bytes) -> str:
    with pytest.raises(WrongUse) as caught:
        list(read(folder, content).rows)
    return caught.value.what


class TestEncodings:
    @pytest.mark.parametrize(
        "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1250", "iso8859-2", "cp852"]
    )
    @pytest.mark.parametrize("rows", [1, 3, 900])
    def test_polish_letters_survive(self, encoding: str, rows: int) -> None:
        head, *lines = POLISH.splitlines()
        data = "\n".join([head, *(lines * rows)[:rows]]).encode(encoding)
        assert data.decode(charset(data).encoding) == data.decode(encoding)

    def test_letters_that_come_late_decide_too(self) -> None:
        data = b"Nazwa;NIP\n" + b"Firma;1\n" * 30_000 + "Żółć;2\nŚwit;3\n".encode("cp1250")
        assert charset(data).encoding == "cp1250"

    def test_half_a_letter_at_the_end_is_shown_and_noted(self, tmp_path: Path) -> None:
        listing = read(tmp_path, "Nazwa;NIP\nŻuraw;1\nGę".encode()[:-1])
        assert [row.cells["Nazwa"] for row in listing.rows] == ["Żuraw", "G\ufffd"]
        assert "Characters that cannot be read (1)" in listing.notes[0]

    def test_a_damaged_place_does_not_change_the_encoding(self) -> None:
        assert charset("Żółw Łódź Gęś".encode() + b"\xff" + b" x" * 500).encoding == "utf-8"

    def test_nuls_are_left_out_and_counted(self, tmp_path: Path) -> None:
        listing = read(tmp_path, b"Nazwa;NIP\nFir\0ma;1\n")
        assert next(listing.rows).cells == {"Nazwa": "Firma", "NIP": "1"}
        assert listing.notes == ("NUL characters (1) were left out.",)

    def test_every_encoding_found_is_one_that_python_knows(self) -> None:
        for data in (b"", b"\xff", bytes(range(256)) * 300, b"\xff\xfe\0", b"\0" * 99):
            assert codecs.lookup(charset(data).encoding)


class TestDelimiters:
    @pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
    def test_each_is_found(self, delimiter: str) -> None:
        text = POLISH.replace(";", delimiter)
        assert delimited(text.encode(), "utf-8").delimiter == delimiter

    def test_headers_decide_where_amounts_have_commas(self) -> None:
        text = "Numer;Kwota\n1,2,3;1,00\n2,3,4;2,00\n3,4,5;3,00\n"
        assert delimited(text.encode(), "utf-8").delimiter == ";"

    def test_the_first_line_of_excel_says_it(self, tmp_path: Path) -> None:
        listing = read(tmp_path, "sep=|\r\na;b|c;d\r\n1|2\r\n")
        assert listing.columns == ("a;b", "c;d")
        assert [row.line for row in listing.rows] == [3]

    def test_one_column_is_one_column(self, tmp_path: Path) -> None:
        assert cells(tmp_path, "E-mail\njan@a.pl\nb@c.pl\n") == [{"E-mail": "jan@a.pl"}, {"E-mail": "b@c.pl"}]


class TestHeaders:
    def test_lines_above_and_totals_below_are_named(self, tmp_path: Path) -> None:
        listing = read(tmp_path, "Raport\n\nKlient;x\nNumer;Kwota brutto;Klient\n1;2;A\nRazem;2;\n")
        assert [(row.line, row.cells["Numer"]) for row in listing.rows] == [(5, "1")]
        assert "line 1 “Raport”" in listing.notes[0]
        assert "line 6 “Razem 2”" in listing.notes[1]

    @pytest.mark.parametrize("name", ["Razem Sp. z o.o.", "Total Fitness", "Suma Krzysztof", "Strona Internetowa s.c."])
    def test_a_client_is_no_total(self, name: str, tmp_path: Path) -> None:
        assert cells(tmp_path, f"Nazwa;NIP;Miasto\nA;1;B\n{name};;\n")[-1]["Nazwa"] == name

    def test_a_list_without_headers_keeps_its_first_row(self, tmp_path: Path) -> None:
        listing = read(tmp_path, "jan@a.pl;601234567;12,50\nb@c.pl;602;3\n")
        assert listing.columns == ("Column 1", "Column 2", "Column 3")
        assert [row.line for row in listing.rows] == [1, 2]
        assert "No row with headers" in listing.notes[0]

    def test_a_header_that_stands_again_on_each_page_is_no_row(self, tmp_path: Path) -> None:
        assert len(cells(tmp_path, "Nazwa;NIP\nA;1\nNazwa;NIP\nB;2\n")) == 2

    def test_names_are_different_even_where_the_numbered_one_exists(self, tmp_path: Path) -> None:
        listing = read(tmp_path, "Nazwa;Waluta;Waluta 2;Waluta;;Column 5\n1;2;3;4;5;6\n")
        assert len(set(listing.columns)) == 6
        assert list(next(listing.rows).cells.values()) == ["1", "2", "3", "4", "5", "6"]

    def test_cells_beyond_the_header_are_kept_under_a_number(self, tmp_path: Path) -> None:
        assert cells(tmp_path, "Nazwa;NIP\nA;1;;x\n") == [{"Nazwa": "A", "NIP": "1", "Column 4": "x"}]

    def test_a_short_row_is_no_error(self, tmp_path: Path) -> None:
        assert cells(tmp_path, "Nazwa;NIP;Miasto\nA\n") == [{"Nazwa": "A"}]


class TestQuotes:
    def test_a_cell_may_go_on_over_lines(self, tmp_path: Path) -> None:
        listing = read(tmp_path, 'Nazwa;NIP\n"A\n\nB";1\nC;2\n')
        assert [(row.line, row.cells["Nazwa"]) for row in listing.rows] == [(2, "A\n\nB"), (5, "C")]

    def test_a_quotation_mark_that_is_never_closed_swallows_nothing(self, tmp_path: Path) -> None:
        rows = "".join(f"Firma {n};{n}\n" for n in range(1000))
        listing = read(tmp_path, f'Nazwa;NIP\n"Żuraw;0\n{rows}')
        assert sum(1 for _ in listing.rows) == 1001
        assert "Quotation marks that are never closed (1), in line 2" in listing.notes[0]

    def test_nor_when_another_closes_it_by_chance(self, tmp_path: Path) -> None:
        listing = read(tmp_path, 'Nazwa;NIP\n"Żuraw;0\nA;1\n"B";2\nC;3\n')
        assert [row.cells["NIP"] for row in listing.rows] == ["0", "1", "2", "3"]

    def test_quotation_marks_within_a_name_are_kept(self, tmp_path: Path) -> None:
        found = cells(tmp_path, 'Nazwa;NIP\nPHU "X" s.c.;1\n"PHU ""Y""";2\n"PHU "Z" s.c.";3\n')
        assert [row["Nazwa"] for row in found] == ['PHU "X" s.c.', 'PHU "Y"', 'PHU Z" s.c."']

    def test_lines_of_any_kind_end_a_row(self, tmp_path: Path) -> None:
        assert len(cells(tmp_path, 'Nazwa;NIP\r"A";1\rB;2\r\nC;3\nD;4')) == 4


class TestHostile:
    @pytest.mark.parametrize(
        "content",
        [
            b"Nazwa;NIP\n" + b"a" * 5_000_000,
            b'Nazwa;NIP\n"' + b"a" * 5_000_000 + b'";1\n',
            b"Nazwa;NIP\n" + b";" * 900_000 + b"x\n",
            b"Nazwa;NIP\n" + b'"a\n' * 5_000,
            b";" * 10_000 + b"\n" + b"1;" * 10_000,
            b"Nazwa;NIP\n",
            b"\n\n ; ; \n",
            b"a;b\n" * 1_060_000,
        ],
        ids=["line", "cell", "columns", "quotes", "wide", "header only", "blank", "rows"],
    )
    def test_it_ends_in_a_sentence(self, content: bytes, tmp_path: Path) -> None:
        assert refusal(tmp_path, content).endswith(".")

    def test_blank_lines_without_number_hide_nothing(self, tmp_path: Path) -> None:
        found = cells(tmp_path, b"Nazwa;NIP\nA;1\n" + b";;\n" * 200_000 + b"B;2\n")
        assert [row["Nazwa"] for row in found] == ["A", "B"]

    def test_a_file_beyond_the_bound_is_not_read(self, tmp_path: Path) -> None:
        path = tmp_path / "huge.csv"
        with path.open("wb") as file:
            file.truncate(LARGEST + 1)
        with pytest.raises(WrongUse, match="larger than 64 MB"):
            list(CsvFiles().listings(path))

    def test_what_is_appended_after_the_read_began_waits(self, tmp_path: Path) -> None:
        path = written(tmp_path, "Nazwa;NIP\nA;1\n", "list.csv")
        (listing,) = CsvFiles().listings(path)
        path.write_text("Nazwa;NIP\nA;1\nB;2\nC;3;4;5\n")
        assert len(list(listing.rows)) == 1

    @pytest.mark.parametrize(
        "start", [b"<a/>", b'{"a": 1}', b"[1]", b"BEGIN:VCARD", b"%PDF-1", b":20:1", b"\x89PNG\r\n"]
    )
    def test_other_kinds_of_text_are_not_taken(self, start: bytes, tmp_path: Path) -> None:
        assert not CsvFiles().recognises(tmp_path / "x.csv", start + bytes(range(20)) * 9)
