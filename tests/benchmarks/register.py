"""A made-up Polish register of any size, always the same for the same size: values as people and files have them.

Typed and written dates, typed and written amounts, tax ids, addresses and phones in every notation, a few duplicates
and mistakes. No measuring here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from sync.snapshot import Sheet
from validators.rows import Cell

TODAY = date(2026, 11, 23)
INVOICES_PER_CLIENT = 5

_TRADES = ("Hotel", "Piekarnia", "Apteka", "Warsztat", "Drukarnia", "Kancelaria", "Szkoła", "Pensjonat", "Zakład")
_SYLLABLES = ("bra", "czy", "dą", "gło", "kę", "li", "mo", "ną", "pi", "ro", "sza", "ta", "wi", "zę", "żu", "ław")
_ENDINGS = ("nek", "ska", "wicz", "polis", "bud", "tex", "mar", "owa", "lina", "pol")
_LEGAL_FORMS = ("sp. z o.o.", "Sp. z o. o.", "S.A.", "s.c.", "sp. j.", "", "")
_STREETS = ("Długa", "Lipowa", "Kwiatowa", "Polna", "Leśna", "Słoneczna", "Krótka", "Szkolna", "Ogrodowa", "Łąkowa")
_TOWNS = ("80-180 Gdańsk", "81-340 Gdynia", "81-700 Sopot", "82-300 Elbląg", "83-110 Tczew", "84-200 Wejherowo")
_STAGES = ("Klient", "Klient", "Klient", "klient", "Oferta", "Nowy", "negocjacje ", "Zakończony", "kleint")
_TAGS = ("", "", "VIP", "vip , Vip;stały klient", "stały klient", "umowa, serwis", "osoba prywatna", "wspólnota")
_PEOPLE = ("Ewa Żuraw", "Marek Bąk", "Zofia Łącka")
_MOBILE = ("50", "51", "60", "66", "69", "72", "78", "79", "88")
_WEIGHTS = (6, 5, 7, 2, 3, 4, 5, 6, 7)  # of the digits of a Polish tax id

_CLIENT_HEADERS = (
    "Nazwa", "Osoba kontaktowa", "E-mail", "Telefon", "NIP", "Adres", "Etap", "Tagi", "Segment", "Opiekun", "Notatki",
    "Wstrzymaj do", "Powód wstrzymania", "Dodano",
)  # fmt: skip
_INVOICE_HEADERS = (
    "Numer", "Klient", "Data wystawienia", "Termin płatności", "Kwota brutto", "Waluta", "Zapłacono", "Data zapłaty",
    "Link", "Anulowana", "Wstrzymaj do", "Powód wstrzymania", "Zatwierdź", "Notatki",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Client:
    name: str
    email: str
    phone: Cell
    tax_id: str
    address: str


def sheets(clients: int, invoices: int = INVOICES_PER_CLIENT) -> tuple[Sheet, ...]:
    """The team's two tabs, as a person would have kept them: `clients` clients and `invoices` invoices for each."""
    chance = Random(clients)
    people = [_client(number, chance) for number in range(clients)]
    register = [_client_row(number, person, chance) for number, person in enumerate(people)]
    ledger = [_invoice_row(number, chance.choice(people), chance) for number in range(clients * invoices)]
    return (
        Sheet("Klienci", [("Nasi klienci",), _CLIENT_HEADERS, *register]),
        Sheet("Faktury", [_INVOICE_HEADERS, *ledger]),
    )


def client_rows(clients: int) -> Iterator[tuple[str, str, str, str, str]]:
    """Name, address, tax id, e-mail and phone of `clients` clients; about two in a hundred stand there twice."""
    chance = Random(clients)
    earlier: list[_Client] = []
    for number in range(clients):
        person = _client(number, chance)
        if earlier and chance.random() < 0.02:
            twin = chance.choice(earlier)
            person = _Client(twin.name.upper(), person.email, person.phone, "", twin.address)
        earlier.append(person)
        yield person.name, person.address, person.tax_id, person.email, "+48" + _digits(str(person.phone))[-9:]


def _client(number: int, chance: Random) -> _Client:
    stem = "".join(chance.choices(_SYLLABLES, k=3)) + chance.choice(_ENDINGS)
    name = f"{chance.choice(_TRADES)} {stem.capitalize()} {chance.choice(_LEGAL_FORMS)}".strip()
    street = f"ul. {chance.choice(_STREETS)} {chance.randint(1, 120)}"
    flat = f"/{chance.randint(1, 40)}" if chance.random() < 0.3 else ""
    return _Client(
        name,
        f"biuro{number}@firma{number % 997}.example" if chance.random() < 0.95 else "",
        _phone(number, chance),
        _tax_id(number, chance),
        f"{street}{flat}, {chance.choice(_TOWNS)}",
    )


def _phone(number: int, chance: Random) -> Cell:
    digits = chance.choice(_MOBILE) + f"{number * 37 % 10_000_000:07}"
    spaced = f"{digits[:3]} {digits[3:6]} {digits[6:]}"
    return chance.choice((spaced, f"+48 {spaced}", spaced.replace(" ", "-"), int(digits)))


def _tax_id(number: int, chance: Random) -> str:
    nine = f"{100_000_000 + number * 7919 % 800_000_000}"
    check = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, nine, strict=True)) % 11
    if check == 10:
        return ""
    ten = f"{nine}{check}"
    return ten if chance.random() < 0.5 else f"{ten[:3]}-{ten[3:6]}-{ten[6:8]}-{ten[8:]}"


def _client_row(number: int, person: _Client, chance: Random) -> tuple[Cell, ...]:
    held = chance.random() < 0.01
    return (
        person.name,
        f"{chance.choice(_PEOPLE)}" if chance.random() < 0.6 else None,
        f"jan{number}@@firma.example" if number % 400 == 7 else person.email or None,
        None if chance.random() < 0.2 else person.phone,
        person.tax_id or None,
        person.address,
        chance.choice(_STAGES),
        chance.choice(_TAGS) or None,
        chance.choice("ABC"),
        chance.choice(_PEOPLE),
        "Dzwonić po 14:00." if chance.random() < 0.2 else None,
        "zawsze" if held else None,
        "ustalone z szefem" if held else None,
        _written(TODAY - timedelta(days=chance.randint(0, 2000)), chance),
    )


def _invoice_row(number: int, person: _Client, chance: Random) -> tuple[Cell, ...]:
    issued = TODAY - timedelta(days=chance.randint(0, 900))
    due = issued + timedelta(days=chance.choice((7, 14, 14, 30)))
    amount = chance.randint(2_000, 900_000) * (-1 if chance.random() < 0.01 else 1)
    is_paid = (TODAY - due).days > chance.randint(-10, 30) and chance.random() < 0.995
    paid, paid_on = _payment(amount, due, chance) if is_paid else (None, None)
    held = not is_paid and chance.random() < 0.05
    return (
        f"FV/{number + 1}/{issued.year}",
        _debtor(number, person, chance),
        _written(issued, chance),
        "31.02.2026" if number % 500 == 13 else _written(due, chance),
        _money(amount, chance),
        "PLN" if chance.random() < 0.5 else None,
        paid,
        paid_on,
        f"https://firma.example/faktury/{number}" if chance.random() < 0.3 else None,
        chance.random() < 0.01,
        _written(TODAY + timedelta(days=10), chance) if held else None,
        "obiecał zapłacić" if held else None,
        False,
        "korekta w toku" if chance.random() < 0.05 else None,
    )


def _debtor(number: int, person: _Client, chance: Random) -> str:
    if number % 500 == 14:
        return person.name.replace("e", "ee", 1) + " Kraków"  # misspelt, so that nobody answers to it
    return chance.choice((person.name, person.name, person.tax_id or person.name, person.email or person.name))


def _payment(amount: int, due: date, chance: Random) -> tuple[Cell, Cell]:
    on = _written(min(due + timedelta(days=chance.randint(-5, 10)), TODAY), chance)
    kind = chance.random()
    if kind < 0.6:
        return _money(amount, chance), on
    if kind < 0.9:
        return None, on
    return ("tak", None) if kind < 0.97 else (_money(amount // 2, chance), on)


def _money(cents: int, chance: Random) -> Cell:
    kind = chance.random()
    if kind < 0.7:
        return cents / 100
    whole, rest = divmod(abs(cents), 100)
    grouped = f"{'-' if cents < 0 else ''}{whole:,}".replace(",", " ") + f",{rest:02}"
    return grouped if kind < 0.85 else f"{grouped} zł"


def _written(day: date, chance: Random) -> Cell:
    kind = chance.random()
    if kind < 0.8:
        return day
    return day.isoformat() if kind < 0.85 else f"{day:%d.%m.%Y}"


def _digits(text: str) -> str:
    return "".join(sign for sign in text if sign.isdigit())
