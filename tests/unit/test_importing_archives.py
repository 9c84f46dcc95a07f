"""ZIPs of invoices: one list of all, every file that became no row named, and bounds that no archive gets past."""

import tracemalloc
import zipfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

import pytest

from importers import archives
from importers.archives import InvoiceArchive, readable_name
from importers.port import Listing
from tests.xml_for_tests import fa, written
from validators.errors import WrongUse


def packed(files: Mapping[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def read(folder: Path, files: Mapping[str, str | bytes] | bytes) -> Listing:
    content = files if isinstance(files, bytes) else packed(files)
    path = written(folder, content, "file.zip")
    assert InvoiceArchive().recognises(path, content[: 1 << 16])
    (listing,) = InvoiceArchive().listings(path)
    return listing


def refusal(folder: Path, content: bytes) -> str:
    with pytest.raises(WrongUse) as caught:
        read(folder, content)
    return caught.value.what


class TestLists:
    def test_each_invoice_is_a_row_that_names_its_file(self, tmp_path: Path) -> None:
        listing = read(tmp_path, {"a/1.xml": fa(), "b/2.xml": f"<Faktury>{fa() * 2}</Faktury>"})
        assert [(row.line, row.cells["file"]) for row in listing.rows] == [
            (1, "a/1.xml"),
            (2, "b/2.xml"),
            (3, "b/2.xml"),
        ]
        assert listing.columns[-1] == "file"
        assert "file" not in listing.meaning

    def test_the_name_of_each_file_tells_its_ksef_number(self, tmp_path: Path) -> None:
        number = "7372846518-20260204-5C0F12AB34CD-A1"
        (row,) = read(tmp_path, {f"x/{number}.xml": fa()}).rows
        assert row.cells["ksef_number"] == number

    @pytest.mark.parametrize(
        ("name", "content", "reason"),
        [
            ("bad.xml", fa()[:-5], "it is damaged XML, in line 1"),
            ("doctype.xml", f"<!DOCTYPE a>{fa()}", "declares a DOCTYPE"),
            ("other.xml", "<other/>", "the root <other>"),
            ("list.csv", "a;b", "it is no XML"),
            ("empty.xml", "", "it is no XML"),
            ("inner.zip", packed({"1.xml": fa()}), "a ZIP within a ZIP is not opened"),
            ("none.xml", '<JPK><KodFormularza kodSystemowy="JPK_FA (4)"/></JPK>', "it holds no invoices"),
        ],
    )
    def test_a_file_without_invoices_is_named_with_the_reason(
        self, name: str, content: str | bytes, reason: str, tmp_path: Path
    ) -> None:
        listing = read(tmp_path, {name: content, "good.xml": fa()})
        assert [row.cells["file"] for row in listing.rows] == ["good.xml"]
        (note,) = listing.notes
        assert reason in note
        assert note.endswith(f": {name}.")

    def test_if_nothing_is_left_all_reasons_are_told(self, tmp_path: Path) -> None:
        said = refusal(tmp_path, packed({"a.txt": "x", "b.xml": "<b/>"}))
        assert "holds no invoices" in said
        assert "a.txt" in said
        assert "<b>" in said

    def test_what_systems_leave_in_archives_is_passed_over(self, tmp_path: Path) -> None:
        files = {"__MACOSX/._a.xml": b"\0", ".DS_Store": b"\0", "x/.DS_Store": b"\0", "x/": b"", "x/a.xml": fa()}
        assert read(tmp_path, files).notes == ()

    def test_very_many_reasons_are_cut_short(self, tmp_path: Path) -> None:
        files = {f"{n}.xml": f"<r{n}/>" for n in range(50)} | {"good.xml": fa()}
        notes = read(tmp_path, files).notes
        assert (len(notes), notes[-1]) == (21, "There are 30 more remarks of this sort.")


class TestNames:
    @pytest.mark.parametrize(
        ("raw", "flag", "name"),
        [
            ("Łąka.xml".encode(), 0x800, "Łąka.xml"),
            ("Łąka.xml".encode(), 0, "Łąka.xml"),
            ("Łąka świąt.xml".encode("cp852"), 0, "Łąka świąt.xml"),
            (b"a\x1b[31m\n.xml", 0, "a?[31m .xml"),
        ],
    )
    def test_polish_letters_survive_and_control_signs_do_not(self, raw: bytes, flag: int, name: str) -> None:
        entry = zipfile.ZipInfo("x")
        entry.filename, entry.flag_bits = raw.decode("utf-8" if flag else "cp437"), flag
        assert readable_name(entry) == name


class TestRecognising:
    @pytest.mark.parametrize(
        "names",
        [["[Content_Types].xml", "xl/workbook.xml"], ["xl/a.xml", "[Content_Types].xml"], ["mimetype", "content.xml"]],
    )
    def test_a_workbook_is_no_archive(self, names: list[str], tmp_path: Path) -> None:
        """Wherever in it the part stands that makes it one."""
        filler = {"docProps/big.bin": bytes(range(256)) * 400}
        content = packed(filler | dict.fromkeys(names, "<x/>"), zipfile.ZIP_STORED)
        path = written(tmp_path, content)
        assert not InvoiceArchive().recognises(path, content[: 1 << 16])

    def test_what_is_no_zip_is_none(self, tmp_path: Path) -> None:
        path = written(tmp_path, "PK is how it begins")
        assert not InvoiceArchive().recognises(path, path.read_bytes())


class TestHostileArchives:
    def test_a_bomb_ends_at_the_bound_whatever_size_it_claims(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(archives, "_LARGEST_FILE", 1 << 20)
        bomb = bytearray(packed({"a.xml": b"<a>" + b" " * (50 << 20), "good.xml": fa()}))
        claimed = bomb.index(b"PK\x01\x02") + 24
        bomb[claimed : claimed + 4] = (100).to_bytes(4, "little")
        with zipfile.ZipFile(BytesIO(bomb)) as archive:
            tracemalloc.start()
            drafts = list(archives._Reading("file.zip", archive).drafts())
            _, peak = tracemalloc.get_traced_memory()
            tracemalloc.stop()
        assert peak < 10 << 20
        assert [draft.cells.get("file") for draft in drafts] == [None, "good.xml"]

    def test_many_files_that_swell_together_are_refused(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(archives, "_LARGEST_WHOLE", 1 << 20)
        assert "when unpacked" in refusal(tmp_path, packed({f"{n}.xml": b" " * (200 << 10) for n in range(9)}))

    def test_too_many_files_are_refused_before_the_directory_is_read(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(archives, "_MOST_FILES", 5)
        assert "more than 5 files" in refusal(tmp_path, packed({f"{n}.xml": "" for n in range(9)}))

    def test_an_encrypted_file_is_named(self, tmp_path: Path) -> None:
        content = bytearray(packed({"secret.xml": fa(), "good.xml": fa()}))
        content[content.index(b"PK\x01\x02") + 8] |= 1
        assert read(tmp_path, bytes(content)).notes == ("Left out, because it is encrypted: secret.xml.",)

    @pytest.mark.parametrize("cut", [5, 40, -30, -1])
    def test_a_torn_one_is_refused(self, cut: int, tmp_path: Path) -> None:
        assert "damaged ZIP" in refusal(tmp_path, packed({"a.xml": fa()})[:cut])

    def test_one_that_is_empty_is_refused(self, tmp_path: Path) -> None:
        assert "holds no invoices" in refusal(tmp_path, packed({}))
