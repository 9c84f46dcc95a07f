"""Workbooks for tests: sheets in a few words, the same as an .xlsx file, and edits as a person makes them."""

from collections.abc import Callable, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from sync.plan import AppendRow, Plan, SetCell
from sync.snapshot import Sheet
from validators.rows import Cell

CLIENTS = ("ID", "Nazwa", "E-mail", "Telefon", "NIP", "Etap", "Kolor auta", "Dodano", "Saldo", "Problemy")
INVOICES = ("ID", "Numer", "Klient", "Termin płatności", "Kwota brutto", "Anulowana", "Status", "Pozostało")
HISTORY = ("Czas", "Przebieg", "Zdarzenie", "Karta", "ID", "Pole", "Przed", "Po", "Szczegóły")

KLIENCI = Sheet(
    "Klienci",
    [
        ("Nasi klienci",),
        CLIENTS,
        ("K-0001", "Żuraw sp. z o.o.", "biuro@zuraw.pl", "+48 600", "0042", "oferta", "czerwony"),
        ("K-0002", "NA", "na@na.pl", "1e5", "5252248481", "Klient", "zielony", None, 10.5, "stary"),
        (None, "Łąka", "", "", "", "Nowy", "biały"),
    ],
)
FAKTURY = Sheet("Faktury", [INVOICES, ("F-0001", "FV/1", "K-0001", "2026-11-01", 1230, False)])
HISTORIA = Sheet("Historia", [HISTORY])
NOTATNIK = Sheet("Notatnik Ani", [("nie ruszać", 1.5), (), (True, None, "zażółć")])
SHEETS = (KLIENCI, FAKTURY, HISTORIA, NOTATNIK)


def plan(*changes: SetCell, appended: Sequence[AppendRow] = (), tabs: Sequence[str] = (), **rest: object) -> Plan:
    """A plan of these changes."""
    return Plan("run-1", "", "pl", tuple(tabs), (), tuple(changes), tuple(appended))


def client(id_: str, field: str, after: Cell, before: Cell = None) -> SetCell:
    """A change of a client."""
    return SetCell("clients", id_, field, before, after)


def written(path: Path, sheets: Sequence[Sheet] = SHEETS) -> Path:
    """The sheets as an .xlsx file at `path`; texts stay texts."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for sheet in sheets:
        _fill(book.create_sheet(sheet.title), sheet.rows)
    book.save(path)
    return path


def replaced(path: Path, sheet: Sheet) -> None:
    """Put `sheet` in the place of the one with its title, in the file at `path`."""
    book = load_workbook(path)
    standing = book[sheet.title]
    position = book.index(standing)
    book.remove(standing)
    _fill(book.create_sheet(sheet.title, position), sheet.rows)
    book.save(path)


def edited(path: Path, change: Callable[[Workbook], None]) -> None:
    """Open the file, change it, save it: a person at work."""
    book = load_workbook(path, rich_text=True)
    change(book)
    book.save(path)


def repacked(path: Path, change: Callable[[str, bytes], bytes], added: Mapping[str, bytes] | None = None) -> None:
    """Change the parts of a zip by name, and add some."""
    result = BytesIO()
    with ZipFile(path) as source, ZipFile(result, "w", ZIP_DEFLATED) as target:
        for part in source.namelist():
            target.writestr(part, change(part, source.read(part)))
        for part, content in (added or {}).items():
            target.writestr(part, content)
    path.write_bytes(result.getvalue())


def _fill(sheet: Worksheet, rows: Sequence[Sequence[Cell]]) -> None:
    for line, row in enumerate(rows, start=1):
        for column, value in enumerate(row, start=1):
            cell = sheet.cell(line, column)
            cell.value = value
            if isinstance(value, str):
                cell.data_type = "s"
