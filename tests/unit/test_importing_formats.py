"""One importer a file, or a sentence that says what the file is; the words that headers are known by."""

import os
import zipfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path, PosixPath
from typing import NoReturn

import pytest

from importers.formats import recognise
from importers.header_rows import known_headers
from importers.header_words import CLIENT_WORDS, INVOICE_WORDS
from importers.targets import CLIENT_TARGETS, INVOICE_TARGETS
from tests.xml_for_tests import written
from validators.errors import WrongUse
from validators.tabs import CLIENTS, INVOICES, Owner, Tab
from validators.text import fold


class Locked(PosixPath):
    """A file that the system does not let us open (root may open all)."""

    def open(self, *_: object, **__: object) -> NoReturn:
        raise PermissionError(13, "Permission denied")


def refusal(path: Path) -> WrongUse:
    with pytest.raises(WrongUse) as caught:
        recognise(path)
    return caught.value


class TestRefusals:
    @pytest.mark.parametrize(
        ("name", "content", "what"),
        [
            (
                "a.png",
                b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\1\0\0\0\1\0\x08\2\0\0\0" + bytes(range(256)),
                "a picture (PNG)",
            ),
            ("a.jpg", b"\xff\xd8\xff\xe0\0\x10JFIF" + bytes(range(256)), "a picture (JPEG)"),
            ("a.exe", b"MZ\x90\0\3\0\0\0" + bytes(200), "a program"),
            ("a.sh", b"#!/bin/sh\nrm -rf x\n", "a script"),
            ("a.rtf", b"{\\rtf1 abc}", "a text document (RTF)"),
            ("a.numbers", b"PK\x03\x04" + bytes(200), "a table of Apple Numbers"),
            ("a.docx", b"PK\x03\x04" + bytes(200), "a text document"),
            (
                "a.doc",
                bytes.fromhex("D0CF11E0A1B11AE1") + bytes(600) + "WordDocument".encode("utf-16-le"),
                "a text document (.doc)",
            ),
            ("a.json", b'{"a": 1}', "JSON, but not of Fakturownia"),
            ("a.sta", b":20:1234\n:25:PL1\n", "a bank statement (MT940)"),
            ("a.rar", b"Rar!\x1a\7\0" + bytes(99), "an archive (RAR)"),
            ("a.bin", bytes(5000), "blank"),
        ],
    )
    def test_it_says_what_the_file_is_and_what_to_do(
        self, name: str, content: bytes, what: str, tmp_path: Path
    ) -> None:
        error = refusal(written(tmp_path, content, name))
        assert error.what.endswith(f"it is {what}.")
        assert error.advice

    def test_a_word_document_by_another_name(self, tmp_path: Path) -> None:
        out = BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr("[Content_Types].xml", "<Types/>")
            archive.writestr("word/document.xml", "<document/>")
        assert "a ZIP, but neither a workbook" in refusal(written(tmp_path, out.getvalue(), "a.bin")).what

    def test_what_is_no_file(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "pipe")
        assert refusal(tmp_path).what.endswith("is a folder.")
        assert refusal(tmp_path / "pipe").what.endswith("is no ordinary file.")
        assert "There is no file" in refusal(tmp_path / "missing").what
        assert "empty (0 bytes)" in refusal(written(tmp_path, b"", "empty.csv")).what

    def test_what_may_not_be_read(self, tmp_path: Path) -> None:
        assert "may not be read" in refusal(Locked(written(tmp_path, b"a;b", "x.csv"))).what

    def test_a_name_that_cannot_be(self) -> None:
        assert "cannot be read" in refusal(Path("a\0b")).what


class TestWords:
    @pytest.mark.parametrize(
        ("words", "targets", "tab"),
        [(CLIENT_WORDS, CLIENT_TARGETS, CLIENTS), (INVOICE_WORDS, INVOICE_TARGETS, INVOICES)],
    )
    def test_a_header_has_one_target_of_those_there_are(
        self, words: Mapping[str, tuple[str, ...]], targets: tuple[str, ...], tab: Tab
    ) -> None:
        assert set(words) <= set(targets)
        found = {
            fold(text): f.name for f in tab.owned(Owner.TEAM, Owner.NORMALISED) for text in (f.pl, f.en, *f.synonyms)
        }
        for target, texts in words.items():
            for text in texts:
                assert found.setdefault(fold(text), target) == target, text

    def test_no_personal_number_is_ever_known(self) -> None:
        assert not [word for word in known_headers() if "pesel" in word]
