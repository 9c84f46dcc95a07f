"""Contacts that Google and Outlook export as CSV: what their columns mean, where else to look for a cell. Pure.

Sets of headers: Google Contacts before and since 2024; Outlook for the desktop, in English and Polish; Outlook.com.
Polish Outlook exports PESEL (a personal number): like birthdays and names of children it is left out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from validators.rows import Cell, Row

_JOINT = " ::: "  # Google's, between several values of one cell
_STAR = "* "  # Google's, before what is primary, and before groups of its own such as "* myContacts"


@dataclass(frozen=True, slots=True)
class AddressBook:
    """What the columns mean ("" = left out), and where else to look for cells.

    `instead`: where nothing stands in any column of the first group, the cells of the second are taken, one for one.
    """

    meaning: Mapping[str, str] = field(default_factory=dict)
    instead: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = ()

    def tidied(self, row: Row) -> Row:
        """`row` with one separator between several values, and cells where `meaning` looks for them."""
        cells = dict(row.cells)
        for name, cell in cells.items():
            if isinstance(cell, str) and (_JOINT in cell or cell.startswith(_STAR)):
                cells[name] = _separated(cell)
        for wanted, others in self.instead:
            if not any(cells.get(name) for name in wanted):
                moved = zip(wanted, others, strict=False)
                cells.update({name: cells.pop(other, "") for name, other in moved if name in self.meaning})
        return Row(row.line, row.id, cells)


def _separated(cell: str) -> Cell:
    values = [value.strip() for value in cell.split(_JOINT)]
    return ", ".join(value for value in values if not value.startswith(_STAR))


_ADDRESS = ("street", "postal_code", "city", "country")


def _google(names: tuple[str, str, str], company: str, tags: str, whole: str) -> tuple[dict[str, str], "_Instead"]:
    fixed = dict(zip(names, ("first_name", "middle_name", "last_name"), strict=True))
    first = ("Street", "Postal Code", "City", "Country")
    address = tuple(f"Address 1 - {part}" for part in first)
    fixed |= {company: "company", tags: "tags", "Notes": "notes", **dict(zip(address, _ADDRESS, strict=True))}
    fixed |= {f"E-mail {n} - Value": "email" for n in range(1, 21)}
    fixed |= {f"Phone {n} - Value": "phone" for n in range(1, 21)}
    return fixed, ((names, (whole,)), (address, ("Address 1 - Formatted",)))


_Instead = tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]
_GOOGLE = _google(("First Name", "Middle Name", "Last Name"), "Organization Name", "Labels", "File As")
_GOOGLE_OLD = _google(
    ("Given Name", "Additional Name", "Family Name"), "Organization 1 - Name", "Group Membership", "Name"
)


def _outlook(
    words: Mapping[str, str], business: tuple[str, ...], home: tuple[str, ...]
) -> tuple[dict[str, str], _Instead]:
    return {**words, **dict(zip(business, _ADDRESS, strict=True))}, ((business, home),)


_PARTS = ("Street", "Postal Code", "City", "Country/Region")
_OUTLOOK_WORDS = {
    "First Name": "first_name",
    "Middle Name": "middle_name",
    "Last Name": "last_name",
    "Company": "company",
    **dict.fromkeys(("E-mail Address", "E-mail 2 Address", "E-mail 3 Address"), "email"),
    **dict.fromkeys(("Mobile Phone", "Business Phone", "Business Phone 2", "Company Main Phone"), "phone"),
    **dict.fromkeys(("Primary Phone", "Home Phone", "Home Phone 2", "Other Phone", "Car Phone"), "phone"),
    "Categories": "tags",
    "Notes": "notes",
}
_PARTS_PL = ("ulica", "kod pocztowy", "miejscowość", "kraj")
_OUTLOOK_WORDS_PL = {
    "Imię": "first_name",
    "Drugie imię": "middle_name",
    "Nazwisko": "last_name",
    "Firma": "company",
    **dict.fromkeys(("Adres e-mail", "Adres e-mail 2", "Adres e-mail 3"), "email"),
    **dict.fromkeys(("Telefon komórkowy", "Telefon służbowy", "Telefon służbowy 2", "Telefon podstawowy"), "phone"),
    **dict.fromkeys(("Główny telefon do firmy", "Telefon domowy", "Telefon domowy 2", "Inny telefon"), "phone"),
    "Telefon w samochodzie": "phone",
    "Kategorie": "tags",
    "Notatki": "notes",
}
_OUTLOOK, _OUTLOOK_OLDER = (
    _outlook(
        {**_OUTLOOK_WORDS},
        tuple(f"Business {part}" for part in (*_PARTS[:3], country)),
        tuple(f"Home {part}" for part in (*_PARTS[:3], country)),
    )
    for country in ("Country/Region", "Country")
)
_OUTLOOK_PL = _outlook(
    _OUTLOOK_WORDS_PL,
    tuple(f"Adres służbowy - {part}" for part in _PARTS_PL),
    tuple(f"Adres domowy - {part}" for part in _PARTS_PL),
)
# A list is an address book when it has all columns of the first item: no other program combines them.
_BOOKS = (
    (frozenset({"First Name", "Last Name", "Organization Name", "File As", "Labels"}), *_GOOGLE),
    (frozenset({"Given Name", "Family Name", "Group Membership"}), *_GOOGLE_OLD),
    (frozenset({"First Name", "Last Name", "E-mail Address", "Business Country/Region"}), *_OUTLOOK),
    (frozenset({"First Name", "Last Name", "E-mail Address", "Business Country"}), *_OUTLOOK_OLDER),
    (frozenset({"Imię", "Nazwisko", "Adres e-mail", "Adres służbowy - ulica"}), *_OUTLOOK_PL),
)


def address_book(columns: Sequence[str]) -> AddressBook:
    """The address book whose export has these columns; one without `meaning` when it is none that is known here."""
    for signature, meaning, instead in _BOOKS:
        if signature <= set(columns):
            return AddressBook({name: meaning.get(name, "") for name in columns}, instead)
    return AddressBook()
