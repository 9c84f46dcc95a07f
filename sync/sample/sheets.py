"""The realistic workbook that `kartoteka demo` starts from: what a small service firm kept by hand before Kartoteka.

Only the firm's own columns, in an order of its own, with everything that real life brings; dates move with today, so
that the same picture arises on any day. Pure; writing it as a file is storage/xlsx_sample.py's part.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal

from sync.sample.clients import CLIENTS, OWNERS
from sync.sample.invoices import BILLS, Bill, Numbering
from sync.sample.values import Column, Day, Entry, Formula, Line, SampleCell, SampleSheet, settle

FIRM = "Serwis Instalacji Żuraw"
CLIENT_COLUMNS = (
    Column("folder_number", "Nr teczki", 10),
    Column("name", "Nazwa firmy", 46),
    Column("tax_id", "NIP:", 16),
    Column("address", "ADRES", 44),
    Column("phone", "telefon", 22),
    Column("email", "E-mail", 36),
    Column("contact_person", "Osoba  kontaktowa", 20),
    Column("folder_colour", "Kolor teczki", 12),
    Column("stage", "Etap", 18),
    Column("tags", "TAGI", 24),
    Column("segment", "segment", 9),
    Column("owner", "Opiekun", 14),
    Column("source", "Źródlo", 12),
    Column("cycle", "Cykl", 12),
    Column("boiler_key", "Klucz do kotłowni", 24),
    Column("called_by", "Kto dzwonił", 18),
    Column("next_step_on", "Następny krok - data", 13),
    Column("next_step", "Następny krok:", 26),
    Column("channel", "Kanał kontaktu", 11),
    Column("language", "Jezyk", 9),
    Column("marketing_consent", "Zgoda marketingowa?", 26),
    Column("hold_until", "WSTRZYMAJ DO", 13),
    Column("hold_reason", "Powod wstrzymania", 28),
    Column("notes", "Notatki", 40),
    Column("added_on", "dodano", 12),
)
INVOICE_COLUMNS = (
    Column("number", "Numer faktury", 17),
    Column("job", "Nr zlecenia", 11),
    Column("issued_on", "Data\nwystawienia", 19),
    Column("client", "Kontrahent", 44),
    Column("amount", "kwota brutto", 15),
    Column("currency", "Waluta", 8),
    Column("due_on", "TERMIN PŁATNOŚCI:", 19),
    Column("paid_on", "Data zapłaty", 13),
    Column("paid", "zapłacono", 13),
    Column("issued_by", "Kto wystawił", 13),
    Column("link", "Link", 36),
    Column("cancelled", "anulowana?", 11),
    Column("hold_until", "Wstrzymaj do", 13),
    Column("hold_reason", "Powód wstrzymania", 32),
    Column("approve", "ZATWIERDŹ", 11),
    Column("notes", "Notatki", 30),
)
PRICE_COLUMNS = (
    Column("service", "Usługa", 46),
    Column("unit", "jm.", 8),
    Column("net", "Cena netto", 13),
    Column("rate", "VAT", 8),
    Column("gross", "Cena brutto", 13),
)
PRICES = (
    ("Przegląd kotłowni gazowej", "szt.", "450.00", "0.23"),
    ("Przegląd instalacji w budynku mieszkalnym", "lokal", "65.00", "0.08"),
    ("Wymiana pompy obiegowej (robocizna)", "szt.", "380.00", "0.23"),
    ("Czyszczenie wymiennika", "szt.", "520.00", "0.23"),
    ("Dojazd poza Trójmiasto", "km", "2.40", "0.23"),
    ("Pogotowie instalacyjne, noc i święta", "godz.", "310.00", "0.23"),
)
COLOURS = ("czerwona", "zielona", "niebieska", "żółta", "szara")
NEW_NUMBERS_SINCE = Day(-125)
_BLANK_AFTER = {14: 1, 33: 2, 50: 1}


def sample(today: date) -> tuple[SampleSheet, ...]:
    """The firm's workbook as it stood on `today`: its clients, its invoices, and a price list of its own."""
    return (_clients(today), _invoices(today), _prices(today))


def _clients(today: date) -> SampleSheet:
    lines: list[Line] = []
    for position, line in enumerate(CLIENTS, start=1):
        lines += [Line(_habits(position) | dict(line.cells), line.marked)]
        lines += [Line({})] * _BLANK_AFTER.get(position, 0)
    note = "Czerwone teczki stoją w szafie przy oknie. Żółty wiersz = dzwonić przed wyjazdem!"
    return _sheet("Klienci", f"{FIRM} – klienci", note, 4, CLIENT_COLUMNS, lines, today)


def _habits(position: int) -> dict[str, Entry]:
    """What the firm notes down about everybody."""
    return {
        "folder_number": f"{position:04d}",
        "folder_colour": COLOURS[position * 7 % len(COLOURS)],
        "owner": OWNERS[position % len(OWNERS)],
        "source": ("polecenie", "strona www", None, "targi", None)[position % 5],
        "added_on": Day(-900 + 13 * position),
    }


def _invoices(today: date) -> SampleSheet:
    lines = [_entered(turn, bill, number) for turn, (bill, number) in enumerate(numbered(BILLS, today), start=1)]
    lines.insert(60, Line({}))
    note = "Brutto! Zaliczki wpisywać w „zapłacono”. Nowa numeracja od zmiany programu."
    return _sheet("Faktury", f"{FIRM} – faktury sprzedaży", note, 3, INVOICE_COLUMNS, lines, today)


def _entered(turn: int, bill: Bill, number: str) -> Line:
    issuer = OWNERS[turn % 2].split()[0]
    own: dict[str, Entry] = {"number": number, "job": f"Z{700 + turn * 3:05d}", "issued_by": issuer}
    return Line(own | dict(bill.line.cells), bill.line.marked)


def numbered(bills: Iterable[Bill], today: date) -> Iterator[tuple[Bill, str]]:
    """The bills in the order of issue, each with its number: `FV/12/2026`, since the firm's change of program
    `FV 2026/11/07`, corrections `KOR/3/2026`; a repeated number is that of the bill before."""
    counts: dict[str, int] = {}
    number = ""
    for bill in sorted(bills, key=lambda b: b.issued.on(today)):
        issued = bill.issued.on(today)
        if bill.numbering is not Numbering.REPEATED:
            pattern = _pattern(bill.numbering, issued, today)
            counts[pattern] = counts.get(pattern, 0) + 1
            number = pattern.format(counts[pattern])
        yield bill, number


def _pattern(numbering: Numbering, issued: date, today: date) -> str:
    if numbering is Numbering.INVOICE and issued >= NEW_NUMBERS_SINCE.on(today):
        return f"FV {issued:%Y/%m}/{{:02d}}"
    return f"{numbering}/{{}}/{issued:%Y}"


def _prices(today: date) -> SampleSheet:
    lines: list[Line] = []
    for row, (service, unit, net, rate) in enumerate(PRICES, start=4):
        gross = (Decimal(net) * (1 + Decimal(rate))).quantize(Decimal("0.01"))
        formula = Formula(f"=ROUND(C{row}*(1+D{row}),2)", gross)
        price: dict[str, Entry] = {"net": Decimal(net), "rate": Decimal(rate), "gross": formula}
        lines.append(Line({"service": service, "unit": unit} | price))
    return _sheet("Cennik", f"{FIRM} – cennik", "Ceny obowiązują do odwołania.", 3, PRICE_COLUMNS, lines, today)


def _sheet(
    title: str, banner: str, note: str, header_row: int, columns: tuple[Column, ...], lines: list[Line], today: date
) -> SampleSheet:
    rows = tuple(_row(line, columns, today) for line in lines)
    marked = frozenset(i for i, line in enumerate(lines) if line.marked)
    return SampleSheet(title, banner, note, header_row, columns, rows, marked)


def _row(line: Line, columns: tuple[Column, ...], today: date) -> tuple[SampleCell, ...]:
    if not line.cells:
        return ()
    return tuple(settle(line.cells.get(column.field), today) for column in columns)
