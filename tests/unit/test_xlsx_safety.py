"""Files that are no workbook, workbooks that a write would harm, places that cannot be written: said, not suffered."""

import os
import resource
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from filelock import FileLock
from openpyxl import Workbook, load_workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment

from sync.storage.replacing import replace
from sync.storage.xlsx import XlsxWorkbook
from tests.making import client, edited, plan, repacked, written
from validators.errors import KartotekaError, OutOfReach, Refused, WorkbookMoved

CHANGE = plan(client("K-0001", "problems", "x"))
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return written(tmp_path / "klienci.xlsx")


def opened(path: Path, backups: int = 10) -> XlsxWorkbook:
    return XlsxWorkbook(path, path.parent / ".kartoteka", patience=0.05, backups=backups)


def refused(path: Path) -> KartotekaError:
    """The error that reading the file ends in."""
    with pytest.raises(KartotekaError) as error:
        opened(path).read()
    assert error.value.what
    assert error.value.advice
    assert error.value.exit_status in (3, 4)
    return error.value


# What is no workbook


def test_a_missing_workbook_is_named_with_the_way_out(tmp_path: Path) -> None:
    error = refused(tmp_path / "brak.xlsx")
    assert "brak.xlsx" in error.what
    assert "kartoteka init" in error.advice


def test_a_folder_is_no_workbook(tmp_path: Path) -> None:
    assert "folder" in refused(tmp_path).what


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"Nazwa;NIP\r\nABC;123\r\n", "text file"),
        ("\ufeffNazwa;Łódź".encode(), "text file"),
        (b"<html><table></table>", "web page"),
        (b"<?xml version='1.0'?><Workbook/>", "XML"),
        (OLE, "password-protected or in the old .xls"),
        (b"\x00\x01\x02\x03" * 99, "not an .xlsx"),
        (b"PK\x03\x04" + bytes(500), "cut off"),
    ],
)
def test_what_the_file_is_instead_is_said(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "klienci.xlsx"
    path.write_bytes(content)
    assert said in refused(path).what


@pytest.mark.parametrize(
    ("part", "said"), [("xl/workbook.bin", ".xlsb"), ("mimetype", "OpenDocument"), ("zdjecie.jpg", "not a workbook")]
)
def test_other_zips_are_told_apart(tmp_path: Path, part: str, said: str) -> None:
    path = tmp_path / "klienci.xlsx"
    with ZipFile(path, "w") as archive:
        archive.writestr(part, "x")
    assert said in refused(path).what


@pytest.mark.parametrize("broken", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/styles.xml", "_rels/.rels"])
@pytest.mark.parametrize("content", [b"", b"<a", b"\xff\xfe<worksheet>", b"<nic/>"])
def test_damaged_parts_are_no_traceback(path: Path, broken: str, content: bytes) -> None:
    repacked(path, lambda name, old: content if name == broken else old)
    with suppress(OutOfReach):
        opened(path).read()


def test_a_file_cut_or_garbled_anywhere_is_no_traceback(path: Path) -> None:
    whole = path.read_bytes()
    for place in range(0, len(whole), max(1, len(whole) // 60)):
        for content in (whole[:place], whole[:place] + b"\xff\x00\xff" + whole[place + 3 :]):
            path.write_bytes(content)
            with suppress(KartotekaError):
                opened(path).read()


def test_a_zip_bomb_is_refused_before_it_is_unpacked(path: Path) -> None:
    repacked(path, lambda _, old: old, {"xl/worksheets/sheet9.xml": bytes(150_000_000)})
    assert "unpacks to" in refused(path).what


def test_xml_entities_are_refused(path: Path) -> None:
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>'
    repacked(path, lambda name, old: bomb if name == "xl/worksheets/sheet1.xml" else old)
    assert "entities" in refused(path).what


# What a write would drop


def test_a_chart_is_refused_and_its_sheet_named(path: Path) -> None:
    def add(book: Workbook) -> None:
        chart = BarChart()
        chart.add_data(Reference(book["Klienci"], min_col=9, min_row=3, max_row=5))
        book.worksheets[3].add_chart(chart, "F2")

    edited(path, add)
    before = path.read_bytes()
    error = refused(path)
    assert isinstance(error, Refused)
    assert "a chart (sheet 'Notatnik Ani')" in error.what
    assert "another file" in error.advice
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ("xl/vbaProject.bin", "macros"),
        ("xl/media/image1.png", "a picture"),
        ("xl/pivotTables/pivotTable1.xml", "a pivot table"),
        ("xl/pivotCache/pivotCacheDefinition1.xml", "a pivot table"),
        ("xl/slicers/slicer1.xml", "a slicer"),
        ("xl/threadedComments/threadedComment1.xml", "threaded comments"),
        ("xl/ctrlProps/ctrlProp1.xml", "form controls"),
        ("xl/activeX/activeX1.bin", "form controls"),
        ("xl/embeddings/oleObject1.bin", "an embedded object"),
        ("xl/metadata.xml", "spill"),
        ("xl/connections.xml", "a data connection"),
        ("xl/chartsheets/sheet1.xml", "a chart"),
        ("xl/wynalazek/2030.xml", "does not know"),
    ],
)
def test_parts_that_would_be_lost_are_refused_by_name(path: Path, part: str, said: str) -> None:
    repacked(path, lambda _, old: old, {part: b"<x/>"})
    assert said in refused(path).what


@pytest.mark.parametrize(
    ("element", "said"),
    [
        ('<legacyDrawingHF r:id="rId9"/>', "header or footer"),
        ('<picture r:id="rId9"/>', "background picture"),
        ('<extLst><ext uri="{78C0D931-6437-407d-A8EE-F0AAD7539E65}"/></extLst>', "newer kind"),
        ('<extLst><ext uri="{00000000-0000-0000-0000-000000000000}"/></extLst>', "newer Excel"),
    ],
)
def test_elements_that_would_be_lost_are_refused_with_their_sheet(path: Path, element: str, said: str) -> None:
    def add(name: str, old: bytes) -> bytes:
        linked = element.replace(
            "r:id", 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" r:id'
        )
        return old.replace(b"</worksheet>", linked.encode() + b"</worksheet>") if name.endswith("/sheet2.xml") else old

    repacked(path, add)
    assert said in refused(path).what
    assert "'Faktury'" in refused(path).what


def test_plain_notes_are_welcome(path: Path) -> None:
    edited(path, lambda book: setattr(book["Klienci"]["B3"], "comment", Comment("dzwonić rano", "Ania")))
    opened(path).apply(CHANGE, opened(path).read())
    assert load_workbook(path)["Klienci"]["B3"].comment.text == "dzwonić rano"


# Who else has it open


@pytest.mark.parametrize(
    ("lock", "content", "said"),
    [
        (".~lock.klienci.xlsx#", "Anna Nowak,anna,biuro,21.11.2026 08:00,file:///home;", "LibreOffice by Anna Nowak"),
        (".~lock.klienci.xlsx#", ",anna,biuro", "LibreOffice by anna"),
        (".~lock.klienci.xlsx#", "", "LibreOffice."),
        ("~$klienci.xlsx", "\x04Anna", "Excel."),
    ],
)
def test_a_workbook_open_in_a_program_is_left_alone(path: Path, lock: str, content: str, said: str) -> None:
    before = opened(path).read()
    path.with_name(lock).write_text(content, encoding="utf-8")
    with pytest.raises(Refused) as error:
        opened(path).apply(CHANGE, before)
    assert said in error.value.what
    assert lock in error.value.advice
    assert opened(path).read() == before


def test_two_runs_do_not_write_at_once(path: Path) -> None:
    before = opened(path).read()
    with FileLock(path.with_name(".klienci.xlsx.lock")), pytest.raises(Refused, match="Another run"):
        opened(path).apply(CHANGE, before)
    opened(path).apply(CHANGE, before)


# Where it cannot be written


def intact(path: Path, before: bytes) -> bool:
    return path.read_bytes() == before and not list(path.parent.rglob("*.new"))


def test_a_read_only_file_is_not_replaced(path: Path) -> None:
    before = opened(path).read()
    path.chmod(0o444)
    with pytest.raises(OutOfReach, match="may not be written"):
        opened(path).apply(CHANGE, before)
    path.chmod(0o644)
    assert opened(path).read() == before


@contextmanager
def nobody() -> Iterator[Path]:
    """A folder seen by an account without special rights; root itself may read and write everything."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o777)
    written(folder / "klienci.xlsx").chmod(0o666)
    special = os.geteuid() == 0
    if special:
        os.seteuid(65534)
    try:
        yield folder / "klienci.xlsx"
    finally:
        if special:
            os.seteuid(0)
        folder.chmod(0o777)
        shutil.rmtree(folder)


def as_root_if_special(path: Path, mode: int) -> None:
    user = os.geteuid()
    if os.getuid() == 0:
        os.seteuid(0)
    path.chmod(mode)
    os.seteuid(user)


def test_without_the_right_to_read_it_says_so() -> None:
    with nobody() as path:
        as_root_if_special(path, 0o200)
        assert "may not be read" in refused(path).what


def test_without_the_right_to_write_the_folder_it_says_so() -> None:
    with nobody() as path:
        before = opened(path).read()
        as_root_if_special(path.parent, 0o555)
        with pytest.raises(OutOfReach) as error:
            opened(path).apply(CHANGE, before)
        assert "Allow the account" in error.value.advice
        assert opened(path).read() == before


FULL = """
import resource, signal, sys
from pathlib import Path
from sync.storage.replacing import replace
from sync.storage.xlsx import XlsxWorkbook
from tests.making import client, plan
from validators.errors import OutOfReach

path = Path(sys.argv[1])
workbook = XlsxWorkbook(path, path.parent / ".kartoteka", backups=int(sys.argv[2]))
before = workbook.read()
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    workbook.apply(plan(client("K-0001", "problems", "x")), before)
except OutOfReach as error:
    print(error.what)
"""


@pytest.mark.parametrize("backups", [0, 10])
def test_no_room_for_the_new_workbook_or_its_backup_leaves_the_old_one(path: Path, backups: int) -> None:
    """A limit on the size of files stands for the full disk: it needs no mount and no rights."""
    before = path.read_bytes()
    ended = subprocess.run(
        [sys.executable, "-c", FULL, str(path), str(backups)],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        check=False,
    )
    assert "no room on the disk" in ended.stdout, ended.stderr
    assert intact(path, before)
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] != 1000


# How it is replaced


def test_permissions_stay(path: Path) -> None:
    path.chmod(0o640)
    opened(path).apply(CHANGE, opened(path).read())
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_link_stays_a_link(path: Path) -> None:
    link = path.parent / "skrot" / "klienci.xlsx"
    link.parent.mkdir()
    link.symlink_to(path)
    opened(link).apply(CHANGE, opened(link).read())
    assert link.is_symlink()
    assert opened(path).read().sheets[0].rows[2][9] == "x"


def test_an_empty_plan_does_not_touch_the_file(path: Path) -> None:
    before = path.stat()
    opened(path).apply(plan(), opened(path).read())
    assert path.stat() == before
    assert [p.name for p in path.parent.iterdir()] == ["klienci.xlsx"]


def test_the_newest_backups_are_kept_and_only_of_this_workbook(path: Path) -> None:
    backups = path.parent / ".kartoteka" / "backups"
    backups.mkdir(parents=True)
    (backups / "klienci-stare-20260101T000000-000000000000.xlsx").write_bytes(b"cudze")
    contents = []
    for text in "abcde":
        contents.append(path.read_bytes())
        opened(path, backups=2).apply(plan(client("K-0001", "problems", text)), opened(path).read())
    kept = {p.read_bytes() for p in backups.iterdir()}
    assert kept == {b"cudze", contents[-1], contents[-2]}


def test_a_save_by_somebody_in_the_last_moment_wins(path: Path) -> None:
    old = path.read_bytes()
    path.write_bytes(b"ktos zapisal")
    with pytest.raises(WorkbookMoved):
        replace(path, b"nowe", old, path.parent / "kopie", 3)
    assert intact(path, b"ktos zapisal")


def test_with_create_a_missing_file_reads_as_empty_and_is_made_by_the_first_write(tmp_path: Path) -> None:
    workbook = XlsxWorkbook(tmp_path / "nowy" / "k.xlsx", tmp_path / "state", create=True)
    before = workbook.read()
    assert (before.register, before.sheets) == ("", ())
    assert not (tmp_path / "nowy").exists()
    workbook.apply(plan(tabs=["clients", "history"]), before)
    after = workbook.read()
    assert [s.title for s in after.sheets] == ["Klienci", "Historia"]
    assert after.workbook == before.workbook
    with pytest.raises(WorkbookMoved):
        workbook.apply(plan(tabs=["invoices"]), before)


def test_a_new_workbook_never_takes_the_identity_of_a_deleted_one(tmp_path: Path) -> None:
    identities = set()
    for _ in range(2):
        workbook = XlsxWorkbook(tmp_path / "k.xlsx", tmp_path / "state", create=True)
        workbook.apply(plan(tabs=["clients"]), workbook.read())
        identities.add(workbook.read().workbook)
        (tmp_path / "k.xlsx").unlink()
    assert len(identities) == 2


def test_bombs_of_one_gigabyte_cost_no_memory_to_refuse(tmp_path: Path) -> None:
    packed = BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as archive, archive.open("xl/workbook.xml", "w") as part:
        for _ in range(110):
            part.write(bytes(1_000_000))
    (tmp_path / "k.xlsx").write_bytes(packed.getvalue())
    assert "unpacks to" in refused(tmp_path / "k.xlsx").what
