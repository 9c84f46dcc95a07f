"""The sample of `kartoteka demo`: it holds everything that real life brings, the same on any day, and opens."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.de import vat
from stdnum.pl import nip

from sync.book import locate
from sync.sample.clients import OWNERS
from sync.sample.sheets import CLIENT_COLUMNS, INVOICE_COLUMNS, sample
from sync.sample.values import Formula, SampleCell, SampleSheet
from sync.storage.xlsx import XlsxWorkbook
from sync.storage.xlsx_sample import write_sample
from validators.dates import read_date
from validators.errors import OutOfReach, WrongUse
from validators.headers import Header, find_header
from validators.tabs import CLIENTS, INVOICES, Owner
from validators.text import fold
from validators.workdays import effective_due_date

MONDAY = date(2026, 11, 23)
DAYS = (MONDAY, date(2028, 2, 29), date(2027, 1, 1))
LADDER = {-3: (-3, 0), 1: (1, 6), 7: (7, 13), 14: (14, 20), 21: (21, 29), 30: (30, 60)}


def rows(sheet: SampleSheet) -> list[dict[str, Any]]:
    """The filled rows by field; formulas show their results."""
    names = [column.field for column in sheet.columns]
    return [dict(zip(names, map(shown, cells), strict=True)) for cells in sheet.rows if cells]


def shown(cell: SampleCell) -> Any:
    return cell.result if isinstance(cell, Formula) else cell


def clients(today: date = MONDAY) -> list[dict[str, Any]]:
    return rows(sample(today)[0])


def invoices(today: date = MONDAY) -> list[dict[str, Any]]:
    return rows(sample(today)[1])


def column(found: list[dict[str, Any]], name: str) -> list[Any]:
    return [row[name] for row in found]


def client_of(text: object, found: list[dict[str, Any]]) -> set[str]:
    """The names of the clients that an invoice's Client cell stands for."""
    wanted = fold(str(text)).removeprefix("pl")
    return {
        c["folder_number"]
        for c in found
        if wanted in (fold(c["name"]), fold(str(c["tax_id"])).removeprefix("pl"))
        or str(text).strip() in str(c["email"]).split(", ")
    }


def chased(today: date) -> Iterator[tuple[dict[str, Any], int]]:
    """Invoices that nobody paid, cancelled or put on hold, with their days from the effective due date."""
    for row in invoices(today):
        if row["paid_on"] or row["paid"] == "tak" or row["cancelled"] or row["hold_until"]:
            continue
        due = read_date(row["due_on"]) if row["due_on"] else None
        if isinstance(due, date) and not str(row["amount"]).startswith("-"):
            yield row, (today - effective_due_date(due, "PL")).days


def steps(today: date) -> dict[int, Counter[str]]:
    """For each step of the ladder, how many invoices of which client (as written) are at it."""
    found: dict[int, Counter[str]] = defaultdict(Counter)
    for row, late in chased(today):
        for step, (first, last) in LADDER.items():
            if first <= late <= last:
                found[step][fold(str(row["client"]))] += 1
    return dict(found)


@pytest.mark.parametrize("today", DAYS)
def test_the_sample_has_sixty_clients_a_hundred_and_fifty_invoices_and_a_tab_of_its_own(today):
    assert [(s.title, len(rows(s))) for s in sample(today)] == [("Klienci", 60), ("Faktury", 149), ("Cennik", 6)]
    assert all(() in sheet.rows for sheet in sample(today)[:2])


def test_headers_are_found_below_the_title_and_only_the_teams_columns_are_there():
    for sheet, tab in zip(sample(MONDAY), (CLIENTS, INVOICES), strict=False):
        grid = [[sheet.banner], [sheet.note], *[[]] * (sheet.header_row - 3), [c.header for c in sheet.columns]]
        header = find_header(grid, tab)
        assert isinstance(header, Header)
        assert header.index == sheet.header_row - 1
        assert not header.duplicates
        team = {f.name for f in tab.owned(Owner.TEAM, Owner.NORMALISED)} - {"documents"}
        assert set(header.columns) == team
        assert all(sheet.columns[number].field == name for name, number in header.columns.items())
    assert {"Kolor teczki", "Klucz do kotłowni", "Kto dzwonił", "Nr teczki"} <= {c.header for c in CLIENT_COLUMNS}
    assert "TERMIN PŁATNOŚCI:" in {c.header for c in INVOICE_COLUMNS}


def test_tax_numbers_are_sound_but_for_one_with_a_wrong_check_digit_and_one_british():
    found = [str(t) for t in column(clients(), "tax_id") if t]
    unsound = [t for t in found if not nip.is_valid(t) and not vat.is_valid(t)]
    assert len(found) > 45
    assert len(unsound) == 2
    assert [t for t in unsound if not t.startswith("GB")] == ["999-151-99-89"]
    assert sum(isinstance(t, int) for t in column(clients(), "tax_id")) == 1


def test_every_address_is_one_that_nobody_has():
    texts = [str(cell) for sheet in sample(MONDAY) for cells in sheet.rows for cell in map(shown, cells) if cell]
    domains = {m.rstrip(">") for text in texts for m in re.findall(r"@([^\s,@]+)", text)}
    domains |= {m for text in texts for m in re.findall(r"https?://([^/]+)", text)}
    assert len(domains) > 40
    assert {d for d in domains if not re.fullmatch(r"(.+\.)?(example|example\.pl|example\.com)", d)} == set()


def test_clients_bring_every_trouble_of_a_list_kept_by_hand():
    found = clients()
    emails = column(found, "email")
    assert "jan@@example.pl" in emails
    assert None in emails
    assert any(", " in str(e) for e in emails)
    assert {"kleint", "Ofertta", "KLIENT", "negocjacje ", "czeka na kotłownię"} <= set(column(found, "stage"))
    assert "vip , Vip;stały klient" in column(found, "tags")
    assert "zawsze" in column(found, "hold_until")
    assert sum(isinstance(h, date) for h in column(found, "hold_until")) == 2
    assert all(c["hold_reason"] for c in found if c["hold_until"])
    assert column(found, "folder_number")[:2] == ["0001", "0002"]
    assert {c["language"] for c in found} > {"en", "angielski"}
    assert len([c for c in column(found, "marketing_consent") if c]) >= 4
    assert len([c for c in column(found, "next_step_on") if c]) >= 4
    assert set(column(found, "owner")) == set(OWNERS)
    assert len({re.sub(r"\d", "9", str(p)) for p in column(found, "phone")}) >= 12


def test_clients_hold_three_pairs_that_are_the_same_and_one_that_only_sounds_so():
    found = clients()
    numbers = Counter(re.sub(r"\D", "", str(c["tax_id"])) for c in found if c["tax_id"])
    phones = Counter(re.sub(r"\D", "", str(c["phone"]))[-9:] for c in found)
    names = Counter(fold(c["name"]) for c in found)
    assert [n for n in numbers.values() if n > 1] == [2]
    assert [n for n in phones.values() if n > 1] == [2]
    assert [name for name, n in names.items() if n > 1] == [fold("Wspólnota Mieszkaniowa Słoneczna")]
    assert len({c["address"] for c in found if "Wodnik" in c["name"]}) == 1


def test_invoices_bring_every_trouble_of_a_list_kept_by_hand():
    found = invoices()
    amounts, dues, issues = column(found, "amount"), column(found, "due_on"), column(found, "issued_on")
    assert {"1 234,56 zł", "4.920,00", "2 460,00 PLN", "1,234", Decimal("3.50"), Decimal("0.00")} <= set(amounts)
    assert any(isinstance(a, Decimal) and a < 0 for a in amounts)
    assert {"31.02.2026", None} < set(dues)
    assert "03/04/2025" in issues
    assert any(re.fullmatch(r"\d{1,2} [a-zźś]+ \d{4}", str(i)) for i in issues)
    assert any(re.fullmatch(r"\d\d\.\d\d\.\d{4}", str(i)) for i in dues)
    assert any(isinstance(i, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", i) for i in dues)
    assert {"EUR", "eur", "PLZ", None} == set(column(found, "currency"))
    assert {"tak", True} < set(column(found, "cancelled"))
    assert "tak" in column(found, "paid_on")
    assert "tak" in column(found, "paid")
    assert {True, "nie"} < set(column(found, "approve"))
    assert len([x for x in column(found, "link") if x]) >= 5
    assert [r["hold_until"] for r in found if "obiecała" in str(r["hold_reason"])]
    assert "reklamacja, kwota sporna" in column(found, "hold_reason")
    paid = [
        (r["paid"], r["amount"]) for r in found if isinstance(r["paid"], Decimal) and isinstance(r["amount"], Decimal)
    ]
    assert {p < a for p, a in paid} == {True, False}
    assert sum(p > a for p, a in paid) == 2


def test_numbers_come_in_three_styles_and_one_stands_twice():
    found = column(invoices(), "number")
    styles = {re.sub(r"\d+", "9", number) for number in found}
    assert styles == {"FV/9/9", "FV 9/9/9", "KOR/9/9"}
    assert len(found) - len(set(found)) == 1


def test_one_invoice_is_entered_twice_under_two_numbers():
    alike = Counter((r["client"], r["amount"], r["issued_on"]) for r in invoices())
    assert [n for n in alike.values() if n > 1] == [2]


def test_invoices_name_their_client_by_name_number_and_address_one_nobody_knows_one_meant_twice():
    known = clients()
    named = {r["client"]: client_of(r["client"], known) for r in invoices()}
    assert [n for n, found in named.items() if not found] == ["Zakłady Mleczarskie Łaciata"]
    assert [n for n, found in named.items() if len(found) > 1] == ["Wspólnota Mieszkaniowa Słoneczna"]
    assert sum("@" in str(n) for n in named) >= 4
    assert sum(str(n).replace("-", "").isdecimal() for n in named) >= 3


@settings(max_examples=60)
@given(st.dates(date(2026, 1, 1), date(2040, 12, 31)))
def test_on_any_day_every_step_of_the_ladder_is_due_at_three_clients_or_more(today):
    found = steps(today)
    assert {step: len(by_client) >= 3 for step, by_client in found.items() if step > 0} == dict.fromkeys(
        (1, 7, 14, 21, 30), True
    )


@settings(max_examples=60)
@given(st.dates(date(2026, 1, 1), date(2040, 12, 31)))
def test_the_same_picture_arises_on_any_day(today):
    later = {step: found for step, found in steps(today).items() if step > 0}
    assert later == {step: found for step, found in steps(MONDAY).items() if step > 0}
    assert column(clients(today), "name") == column(clients(), "name")
    assert Counter(map(str, column(invoices(today), "amount"))) == Counter(map(str, column(invoices(), "amount")))


@pytest.mark.parametrize("today", DAYS)
def test_three_clients_are_about_to_be_due_and_one_of_them_today(today):
    soon = steps(today)[-3]
    assert len(soon) >= 3
    assert today in column(invoices(today), "due_on")


def test_one_client_has_three_invoices_for_one_letter():
    hotel = [step for step, found in steps(MONDAY).items() if found[fold("Hotel Bryza sp. z o.o.")]]
    assert sorted(hotel) == [1, 7, 14]


def test_old_debts_and_debtors_without_address_are_there_too():
    late = list(chased(MONDAY))
    assert sum(days > 60 for _, days in late) >= 4
    silent = {c["name"] for c in clients() if c["email"] in (None, "jan@@example.pl")}
    assert len(silent & {r["client"] for r, days in late if days > 0}) == 3


@settings(max_examples=30)
@given(st.dates(date(2026, 1, 1), date(2040, 12, 31)))
def test_every_day_that_is_ambiguous_stays_so_and_every_impossible_one_impossible(today):
    flawed = {row[f] for row in invoices(today) for f in ("issued_on", "due_on") if row[f] and unread(row[f])}
    assert {re.sub(r"\d{4}", "", str(f)) for f in flawed} == {"31.02.", "03/04/"}
    assert all(int(str(f)[-4:]) in (today.year, today.year - 1) for f in flawed)


def unread(cell: Any) -> bool:
    return not isinstance(read_date(cell), date)


@pytest.mark.parametrize("today", DAYS)
def test_the_file_is_the_same_byte_for_byte_on_the_same_day(tmp_path: Path, today):
    write_sample(tmp_path / "a.xlsx", today)
    write_sample(tmp_path / "b.xlsx", today)
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


@pytest.mark.parametrize("today", DAYS)
def test_the_file_opens_and_says_what_the_sample_says_with_the_result_of_every_formula(tmp_path: Path, today):
    write_sample(tmp_path / "sample.xlsx", today)
    snapshot = XlsxWorkbook(tmp_path / "sample.xlsx", tmp_path / "state").read()
    assert set(locate(snapshot)) == {"clients", "invoices"}
    for found, sheet in zip(snapshot.sheets, sample(today), strict=True):
        assert found.title == sheet.title
        for written, cells in zip(found.rows[sheet.header_row :], sheet.rows, strict=True):
            assert [plain(c) for c in written][: len(cells)] == [plain(shown(c)) for c in cells][: len(written)]
        assert found.formulas == {
            (row, number)
            for row, cells in enumerate(sheet.rows, start=sheet.header_row)
            for number, cell in enumerate(cells)
            if isinstance(cell, Formula)
        }
    assert sum(len(sheet.formulas) for sheet in snapshot.sheets) == 10


def plain(cell: Any) -> Any:
    """A cell as a file can hold it: no numbers but floats, no blank text."""
    if isinstance(cell, Decimal | int) and not isinstance(cell, bool):
        return float(cell)
    day = cell.date() if hasattr(cell, "date") else cell
    return day if day != "" else None


def test_a_file_that_is_there_is_never_overwritten(tmp_path: Path):
    theirs = tmp_path / "kartoteka.xlsx"
    theirs.write_bytes(b"theirs")
    with pytest.raises(WrongUse):
        write_sample(theirs, MONDAY)
    assert theirs.read_bytes() == b"theirs"


def test_a_folder_that_is_not_there_is_named(tmp_path: Path):
    with pytest.raises(OutOfReach, match="nowhere"):
        write_sample(tmp_path / "nowhere" / "sample.xlsx", MONDAY)


def test_no_client_was_added_after_today():
    assert all(c["added_on"] <= MONDAY - timedelta(days=30) for c in clients())
