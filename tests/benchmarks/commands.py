"""Whole commands, each a process of its own, from its start to its end: help; quiet and busy syncs of a file and of a
Google spreadsheet, whose fake is not counted."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from sync.snapshot import Sheet
from tests.benchmarks.google import INVOICES, INVOICES_PER_CLIENT, begun_anew, desk
from tests.benchmarks.measuring import Alone, alone, spread, start_up
from tests.benchmarks.office import look, set_up
from tests.benchmarks.register import sheets
from tests.making import written

Row = Sequence[str]


@dataclass(frozen=True, slots=True)
class Syncs:
    """Two syncs of a workbook of `rows` clients and invoices: with nothing to do, and after `paid` were paid."""

    rows: int
    paid: int
    quiet: Alone
    busy: Alone


def head(sizes: Sequence[int]) -> Row:
    """The heading of the table."""
    return ("", *(f"{_count(size):,} rows" for size in sizes), "aim")


def lines(sizes: Sequence[int], rounds: int) -> Iterator[Row]:
    """The table, for workbooks of so many clients and four times as many invoices."""
    helped = spread([start_up() for _ in range(rounds)], " s")
    yield ("`kartoteka --help`, on the clock", helped, *[""] * (len(sizes) - 1), "< 0.4 s")
    yield from _lines("a file", [_of_file(size) for size in sizes])
    yield from _lines("Google", [_of_google(size) for size in sizes])


def _lines(kind: str, found: Sequence[Syncs]) -> Iterator[Row]:
    paid = " / ".join(f"{syncs.paid:,}" for syncs in found)
    quiet, busy = f"{kind}, nothing to do", f"{kind}, {paid} invoices paid"
    for what, took in ((quiet, [syncs.quiet for syncs in found]), (busy, [syncs.busy for syncs in found])):
        yield (f"{what}: CPU time", *(f"{one.in_all:.1f} s" for one in took), "")
        yield (f"{what}: peak of memory", *(f"{one.peak:,.0f} MB" for one in took), "")


def _of_file(clients: int) -> Syncs:
    ready = _ready(clients)
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "kartoteka.toml").write_text("", encoding="utf-8")
        workbook = written(folder / "kartoteka.xlsx", ready)
        before = workbook.read_bytes()
        quiet = alone("sync", folder)
        assert workbook.read_bytes() == before
        paid = [_paid(sheet, _most(clients)) if sheet.title == INVOICES else sheet for sheet in ready]
        written(workbook, paid)
        return Syncs(_count(clients), _most(clients), quiet, alone("sync", folder))


def _of_google(clients: int) -> Syncs:
    with desk(_ready(clients)) as google, TemporaryDirectory() as name:
        folder = Path(name)
        google.server.key_file(folder / "service-account.json")
        settings = f'[workbook]\nkind = "google"\nspreadsheet = "{google.book.id}"\n'
        (folder / "kartoteka.toml").write_text(settings, encoding="utf-8")
        environ = {"SHEETS_EMULATOR_HOST": google.server.url}
        quiet = alone("sync", folder, **environ)
        google.pay(_most(clients))
        return Syncs(_count(clients), _most(clients), quiet, alone("sync", folder, **environ))


def _ready(clients: int) -> list[Sheet]:
    """A workbook after its first sync, its history begun anew."""
    workbook = set_up(sheets(clients, INVOICES_PER_CLIENT))
    new = workbook.read()
    workbook.apply(look(new, "first").plan, new)
    return [begun_anew(sheet) for sheet in workbook.read().sheets]


def _paid(sheet: Sheet, most: int) -> Sheet:
    """The sheet of invoices, of which somebody notes that the first `most` open ones are paid."""
    header, *rows = sheet.rows
    paid, on = header.index("Zapłacono"), header.index("Data zapłaty")
    open_ = [number for number, row in enumerate(rows) if not row[paid] and not row[on]][:most]
    changed = {n: [*rows[n][:paid], "tak", *rows[n][paid + 1 :]] for n in open_}
    return Sheet(sheet.title, [header, *(changed.get(n, row) for n, row in enumerate(rows))])


def _count(clients: int) -> int:
    return clients * (1 + INVOICES_PER_CLIENT)


def _most(clients: int) -> int:
    return max(clients // 40, 2)
