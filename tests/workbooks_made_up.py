"""Workbooks as hypothesis makes them up: what people type, columns in any order, and everything that goes wrong."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

from hypothesis import strategies as st

from sync.snapshot import Sheet
from validators.rows import Cell
from validators.tabs import CLIENTS, INVOICES, Owner, Tab

JUNK: Sequence[Cell] = (
    None, "", " ", "#REF!", "=1+1", "NA", "1e5", "0042", "-", "a\nb", "😀", "{{ client }}", "{% if %}", "|", "K-0001",
    "x" * 300,
    True, False, 0, -1, 1.5, 46000, 10**20, 1e300, date(2026, 2, 28),
    datetime.fromisoformat("2026-10-05T13:30"), Decimal("3.14"),
)  # fmt: skip
DATES: Sequence[Cell] = (
    None, date(2026, 9, 1), date(2026, 9, 29), date(2026, 10, 10), date(2026, 10, 12), date(2026, 10, 30), 46296,
    "2026-10-01", "12.10.2026", "31.02.2026", "03/04/2026", "29.02.2028", "jutro", date(2019, 1, 1), date(2026, 12, 24),
)  # fmt: skip
HOLDS: Sequence[Cell] = (None, None, None, date(2026, 10, 13), date(2026, 10, 12), "zawsze", "31.10.2026", "do jutra")
MONEY: Sequence[Cell] = (
    100, 1230, "1 234,56 zł", "1.234,56", "1,234", "(120,00)", -50, -1230.0, 0.1, 99.999, "12 EUR", "100 CHF", "sto",
    5, 4.99,
)  # fmt: skip
PAID: Sequence[Cell] = (None, None, None, 100, 40, "tak", "nie", 1300, -5, "50,00", "12.10.2026", "częściowo", 0)
NAMES = ("Anna Żuraw", "ANNA ZURAW", "Łąka sp. z o.o.", "Laka", "Firma", "Firma", "Zażółć S.A.")
POOLS: Mapping[str, Sequence[Cell]] = {
    "name": NAMES,
    "email": (None, "a@firma.pl", "b@laka.pl", "a@firma.pl; c@d.pl", "jan@@x.pl", "brak", "a@firma.pl, zły@@adres"),
    "phone": (None, "600 700 800", "+48 600700800", "600700800; 12 3", 600700800),
    "tax_id": (None, "5252248481", "525-224-84-81", "PL5252248481", "123-456-78-90", 5252248481),
    "language": (None, "pl", "en", "polski", "klingoński"),
    "stage": (None, "klient", "KLIENT", "ofrta", "wycena", "Zupełnie inny", "Nowy "),
    "tags": (None, "vip , Vip;stały klient", "VIP", "vip;nieznany", ",;,", "serwis,,serwis"),
    "notes": (None, "nie duplikat K-0001", "not a duplicate K-0002", "zadzwonić"),
    "hold_until": HOLDS,
    "number": ("FV/1", "fv 1", *(f"FV/{n}/2026" for n in range(2, 30)), 4, 5.0, "KOR/1"),
    "client": (*["K-0001", "K-0002"] * 6, *NAMES, "525-224-84-81", "a@firma.pl", "nikt", " k-0001 "),
    "issued_on": DATES,
    "due_on": DATES,
    "amount": MONEY,
    "currency": (None, None, "PLN", "EUR", "zł", "PLZ", "JPY"),
    "paid": PAID,
    "paid_on": (None, None, None, "tak", date(2026, 10, 1), date(2027, 1, 1), "kiedyś"),
    "cancelled": (None, None, None, True, "tak", "nie", "może"),
    "approve": (None, True, "tak"),
}
FREE = ("Kolor auta", "Uwagi szefa", "zysk %", "ID zewnętrzne")


# What most rows hold; the others of a field are drawn for a few odd cells of a row.
SOUND: Mapping[str, Sequence[Cell]] = {
    "name": ("Anna Żuraw", "Łąka sp. z o.o.", "Firma"),
    "email": ("a@firma.pl", "b@laka.pl", None),
    "stage": ("Klient", "wycena", None),
    "tags": ("VIP", "vip , Vip;stały klient", None),
    "number": tuple(f"FV/{n}" for n in range(30)),
    "client": ("K-0001", "K-0002"),
    "due_on": (date(2026, 9, 22), date(2026, 10, 6), date(2026, 10, 12), date(2026, 10, 16), None),
    "amount": (100, 1230.5, "1 234,56 zł", -300),
    "paid": (None, None, 40, 1300, "tak"),
}
_ANY = {field: st.sampled_from((*pool, *pool, *JUNK)) for field, pool in POOLS.items()}
_SOUND = {field: st.sampled_from(pool) for field, pool in SOUND.items()}


@st.composite
def lines(draw: st.DrawFn, columns: Sequence[str]) -> Mapping[str, Cell]:
    """A row as people type it: up to three of its cells may hold anything."""
    odd = draw(st.sets(st.sampled_from([name for name in columns if name in _ANY]), max_size=3))
    sound = {name: draw(_SOUND[name]) for name in columns if name in _SOUND and name not in odd}
    return sound | {name: draw(_ANY[name]) for name in columns if name in odd}


@st.composite
def sheets(draw: st.DrawFn, tab: Tab, most: int, *, sound_ids: bool = False) -> Sheet:
    """A tab with title rows, shuffled columns, unknown ones, blank rows, formulas; ids given, missing or twice.

    With `sound_ids` every row has an id of its own.
    """
    team = [f.name for f in tab.owned(Owner.TEAM, Owner.NORMALISED)]
    optional = [f.name for f in tab.fields if not f.required and f.name != "id"]
    absent = draw(st.sets(st.sampled_from(optional), max_size=6))
    columns: list[str] = [f.name for f in tab.fields if f.name != "id" and f.name not in absent]
    if sound_ids or draw(st.booleans()):
        columns.append("id")
    columns += draw(st.lists(st.sampled_from(FREE), unique=True, max_size=2))
    columns = list(draw(st.permutations(columns)))
    rows: list[Sequence[Cell]] = [("Nasze dane", None, "2026")] * draw(st.integers(0, 2))
    language = draw(st.sampled_from(["pl", "en"]))
    rows.append([name if name in FREE else tab.field(name).label(language) for name in columns])
    formulas: set[tuple[int, int]] = set()
    for number in range(1, 1 + draw(st.sampled_from([most, most // 2, most - 1, 1, 0]))):
        if draw(st.integers(0, 9)) == 0:
            rows.append(())
        own = f"{tab.prefix}-{number:04}"
        id_ = own if sound_ids else draw(st.sampled_from([own] * 5 + [None, None, "", f"{tab.prefix}-0001", "A/7"]))
        row = {**draw(lines(columns)), "id": id_}
        written = [name for name in columns if name in team]
        if draw(st.integers(0, 5)) == 0 and written:
            formulas.add((len(rows), columns.index(draw(st.sampled_from(written)))))
        rows.append([row.get(name, "tekst" if name in FREE else None) for name in columns])
    return Sheet(tab.label(language), rows, frozenset(formulas))


def workbooks(*, sound_ids: bool = False) -> st.SearchStrategy[tuple[Sheet, Sheet]]:
    """The tabs of clients and of invoices."""
    return st.tuples(sheets(CLIENTS, 3, sound_ids=sound_ids), sheets(INVOICES, 6, sound_ids=sound_ids))
