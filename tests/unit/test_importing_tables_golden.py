"""Golden pairs of lists and address books: files as programs write them, and every cell and note that comes of them."""

from pathlib import Path

import pytest

from importers.formats import IMPORTERS, recognise
from tests.golden_listings import FOLDER, check, golden

PAIRS = {
    "clients_cp1250.csv": "CSV",
    "clients_iso8859_2.tsv": "CSV",
    "clients_utf16.txt": "CSV",
    "invoices_currencies.csv": "CSV",
    "invoices_lines.csv": "CSV",
    "invoices_items.csv": "CSV",
    "invoices_dates_told.csv": "CSV",
    "invoices_dates_open.csv": "CSV",
    "invoices_questions.csv": "CSV",
    "clients_questions.csv": "CSV",
    "purchases.csv": "CSV",
    "excel_hint.csv": "CSV",
    "google_2024.csv": "CSV",
    "google_old.csv": "CSV",
    "outlook_pl.csv": "CSV",
    "outlook_en.csv": "CSV",
    "phone_2_1.vcf": "vCard",
    "phone_3_0.vcf": "vCard",
    "cards_4_0.vcf": "vCard",
    "fakturownia_invoices.json": "Fakturownia JSON",
    "fakturownia_clients.json": "Fakturownia JSON",
    "register.xlsx": "workbook (XLSX, XLS, ODS)",
    "tab_for_each_client.xlsx": "workbook (XLSX, XLS, ODS)",
    "clients.ods": "workbook (XLSX, XLS, ODS)",
    "clients.xls": "workbook (XLSX, XLS, ODS)",
}
FILES = sorted(path for path in FOLDER.iterdir() if golden(path).exists())


@pytest.mark.parametrize("name", PAIRS)
def test_every_cell_and_note_is_as_promised(name: str, regenerate: bool) -> None:
    importer = recognise(FOLDER / name)
    assert importer.name == PAIRS[name]
    check(importer, name, regenerate=regenerate)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_of_all_formats_exactly_one_takes_it(path: Path) -> None:
    head = path.read_bytes()[:65536]
    assert len([importer.name for importer in IMPORTERS if importer.recognises(path, head)]) == 1


def test_no_file_of_the_folder_lacks_its_pair() -> None:
    made = (".json.json", ".verdicts.json")
    files = {path for path in FOLDER.iterdir() if not path.name.endswith(".json") or "fakturownia" in path.stem}
    assert not [path.name for path in files if not golden(path).exists() and not path.name.endswith(made)]
