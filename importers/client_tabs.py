"""Workbooks with a tab for each client: its title is the client, in it a form, a list of invoices, or both. Pure."""

from collections.abc import Iterable, Mapping, Sequence

from importers.header_rows import column_names
from importers.mapping import headers
from importers.port import Listing
from importers.tables import Record
from validators.rows import Cell, Row, is_blank
from validators.text import fold, fold_words

CLIENT_COLUMN, NAME_COLUMN = "Klient", "Nazwa"
_LONGEST_LABEL = 60
_SHARE_OF_PAIRS = 0.6
_KNOWN_LABELS = 2
_NAMES = {"name", "company", "first_name", "last_name"}
_SUMS = {"amount", "line_amount", "remaining", "due_on"}
_BUYERS = {"client", "client_name", "client_tax_id", "client_email"}
# Titles that say what is in a tab, or when; a client's name never is one word of these and a number.
_GENERIC = frozenset(
    (
        *("arkusz", "sheet", "karta", "tab", "tabelle", "feuille", "feuille1", "dane", "data", "lista", "list", "baza"),
        *("faktury", "faktura", "invoices", "invoice", "klienci", "klient", "clients", "client", "kontrahenci"),
        *("sprzedaz", "sales", "rok", "year", "kwartal", "quarter", "q1", "q2", "q3", "q4", "i", "ii", "iii", "iv"),
        *("styczen", "luty", "marzec", "kwiecien", "maj", "czerwiec", "lipiec", "sierpien", "wrzesien", "pazdziernik"),
        *("listopad", "grudzien", "january", "february", "march", "april", "may", "june", "july", "august"),
        *(
            "september",
            "october",
            "november",
            "december",
            "zaplacone",
            "niezaplacone",
            "paid",
            "unpaid",
            "nowe",
            "stare",
        ),
        *("archiwum", "archive", "razem", "suma", "podsumowanie", "summary", "info", "instrukcja", "slownik", "kopia"),
    )
)


def is_a_client(title: str) -> bool:
    """Whether the title of a tab could be a client: it says more than what is in the tab, or of which time.

    >>> is_a_client("Żuraw Sp. z o.o."), is_a_client("Arkusz1"), is_a_client("maj 2026"), is_a_client("Faktury")
    (True, False, False, False)
    """
    return any(not word.isdecimal() and word.rstrip("0123456789") not in _GENERIC for word in fold_words(title).split())


def form(records: Iterable[Record]) -> dict[str, Cell]:
    """The labels and values of a form (a label in one cell, its value in the next; or "NIP: 526…" in one), in order.

    {} when it is none: two labels at least are known headers of clients, and six of ten filled rows are pairs.
    """
    pairs: list[tuple[str, Cell]] = []
    others = 0
    for _, cells in records:
        filled = [cell for cell in cells if not is_blank(cell)]
        pair = _pair(filled)
        if pair:
            pairs.append(pair)
        elif filled:
            others += 1
    known = {fold(label) for label, _ in pairs if _means(label, "clients")}
    if len(known) < _KNOWN_LABELS or len(pairs) < _SHARE_OF_PAIRS * (len(pairs) + others):
        return {}
    names = column_names([label for label, _ in pairs], len(pairs))
    return {name: value for name, (_, value) in zip(names, pairs, strict=True)}


def _pair(filled: Sequence[Cell]) -> tuple[str, Cell] | None:
    first = filled[0] if filled else None
    if not isinstance(first, str):
        return None
    label, _, value = (part.strip() for part in first.partition(":"))
    if len(label) > _LONGEST_LABEL:
        return None
    if len(filled) > 1:
        return None if value else (label, filled[1])
    return (label, value or None) if _means(label, "clients") else None


def name_in(found: Mapping[str, Cell]) -> Cell:
    """The name that a form gives the client, None when it gives none."""
    return next(
        (value for label, value in found.items() if _means(label, "clients") in _NAMES and not is_blank(value)), None
    )


def lacks_only_the_client(columns: Iterable[str]) -> bool:
    """Whether these are columns of invoices without one for the client."""
    targets = {_means(column, "invoices") for column in columns}
    return "number" in targets and bool(targets & _SUMS) and not targets & _BUYERS


def _means(label: str, kind: str) -> str:
    return headers(kind).get(fold(label), ("", 0))[0]


def clients_listing(forms: Mapping[str, tuple[int, Mapping[str, Cell]]]) -> Listing:
    """One list of all clients of a workbook; `forms` holds position (1 = first) and form by the title of the tab."""
    rows = []
    columns: dict[str, None] = {}
    for title, (position, found) in forms.items():
        cells: dict[str, Cell] = {} if name_in(found) is not None else {NAME_COLUMN: title}
        cells |= {label: value for label, value in found.items() if label not in cells}
        columns |= dict.fromkeys(cells)
        rows.append(Row(position, "", cells))
    note = f"Forms of clients were found in {len(forms)} tabs: the row is the number of the tab."
    return Listing("clients", "", tuple(columns), iter(rows), notes=(note,))
