"""The sample's invoices: what is open, told one by one, and the paid history of the firm's contracts. Data only."""

from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from sync.sample.values import Day, Entry, Fall, Formula, Line, WithYear, Written

LINKS = "https://faktury.zuraw.example/f/"


class Numbering(StrEnum):
    """How a document gets its number: as an invoice, as a correction, or by mistake as the one before it."""

    INVOICE = "FV"
    CORRECTION = "KOR"
    REPEATED = "repeated"


@dataclass(frozen=True, slots=True)
class Bill:
    """One invoice before it has a number: the day it was issued on, how it is numbered, its cells."""

    issued: Day
    line: Line
    numbering: Numbering = Numbering.INVOICE


def bill(
    client: str | int,
    amount: str | Formula,
    overdue: int,
    *,
    term: int = 14,
    fall: Fall = Fall.WORKING,
    written: Written = Written.TYPED,
    issued: Written = Written.TYPED,
    marked: bool = False,
    numbering: Numbering = Numbering.INVOICE,
    **more: Entry,
) -> Bill:
    """An invoice `overdue` by that many days (negative = days to go), payable `term` days after its issue.

    An amount such as "12.50" is a number in the sheet; any other notation is the text that somebody typed.
    """
    issue = Day(-overdue, issued, fall, less=term)
    told = {"client": client, "issued_on": issue, "due_on": Day(-overdue, written, fall), "amount": _amount(amount)}
    return Bill(issue, Line(told | more, marked), numbering)


def _amount(amount: str | Formula) -> Entry:
    if isinstance(amount, Formula):
        return amount
    whole, _, cents = amount.removeprefix("-").partition(".")
    return Decimal(amount) if whole.isdecimal() and cents.isdecimal() and len(cents) == 2 else amount


# One invoice is one entry of a table; a line to each value would hide it.
# fmt: off
CHASED = (
    bill("Hotel Bryza sp. z o.o.", "1845.00", 14, link=LINKS + "8f31"),
    bill("hotel bryza sp. z o.o. ", "1 234,56 zł", 8, written=Written.DOTTED),
    bill("Hotel Bryza sp. z o.o.", "615.00", 1),
    bill("999-258-17-65", Formula("=1000*1.23", Decimal(1230)), 7, link=LINKS + "91c0"),
    bill("piekarnia@zlotyklos.example", "430.50", 1, term=7),
    bill("Piekarnia „Złoty Kłos” Halina Mąka", "246.00", -3, term=21),
    bill("NZOZ Przychodnia Pod Lipami", "2 460,00 PLN", -3, link=LINKS + "a7e2"),
    bill("9991506313", "615.00", 21, written=Written.ISO),
    bill("Szkoła Językowa Papuga sp. j.", "799.50", 15),
    bill("Szkoła Językowa Papuga sp. j.", "799.50", 23, paid=Decimal(300), notes="reszta po feriach"),
    bill("Nordwind Kältetechnik GmbH", "1480.00", 7, currency="EUR", link=LINKS + "b003"),
    bill("accounts@harbourlights.example.com", "920.00", 1, currency="eur", issued=Written.ISO),
    bill("Fabryka Guzików S.A.", "3690.00", 30, approve=True, link=LINKS + "c114", notes="Ewa: wysyłamy wezwanie"),
    bill("faktury@fabrykaguzikow.example", "3690.00", 21),
    bill("Osiedle Bursztynowe Development sp. z o.o.", "12300.00", 35, marked=True, approve="nie"),
    bill("Osiedle Bursztynowe Development sp. z o.o.", "4.920,00", 8, issued=Written.WORDS),
    bill("Biuro Rachunkowe Cyferka", "369.00", 0, fall=Fall.ANY),
    bill("Spółdzielnia Mieszkaniowa „Mewa”", "2460.00", 14, paid=Decimal(1000), paid_on=Day(-5)),
    bill("Spółdzielnia Mieszkaniowa „Mewa”", "738.00", 15, hold_until=Day(-1), hold_reason="obiecała zapłacić wczoraj"),
    bill("Pensjonat Wydma", "1107.00", 25, fall=Fall.SATURDAY),
    bill("lukasz.zadlo@poczta.example", "184.50", 7, written=Written.WORDS),
)

KEPT_BACK = (
    bill("Warsztat Samochodowy Kłódka Zbigniew Kłódka", "1353.00", 30, marked=True),
    bill("Zakład Fryzjerski Lok", "276.75", 8),
    bill("Jan Wiśniewski Usługi Stolarskie", "492.00", 15),
    bill("Stanisław Ółć", "221.40", 21),
    bill("Parafia św. Floriana", "1599.00", 23),
    bill("Przedszkole Niezapominajka", "861.00", 8),
    bill("Apteka Rumiankowa Ewa Zioło", "553.50", 14, hold_until=Day(5),
         hold_reason="obiecała zapłacić do końca tygodnia"),
    bill("Drukarnia Czcionka sp. z o.o. sp.k.", "1968.00", 30, hold_until="zawsze",
         hold_reason="reklamacja, kwota sporna"),
    bill("Centrum Ogrodnicze Konwalia sp. z o.o.", "676.50", 21, hold_until=Day(10, Written.DOTTED),
         hold_reason="obiecał zapłacić po dostawie"),
    bill("Solarium Promyczek", "3.50", 8, notes="różnica z zaokrągleń"),
    bill("Pralnia Bąbel", "430.50", 21, cancelled="tak", notes="wystawiona dwa razy"),
    bill("Serwis Rowerowy Szprycha", "307.50", 7, cancelled=True),
    bill("Muzeum Guzika i Nici", "984.00", 8, currency="PLZ"),
    bill("Archiwum Map i Planów", "1,234", 15),
    bill("Zakłady Mleczarskie Łaciata", "1476.00", 8, notes="nie ma na liście klientów?"),
    bill("Wspólnota Mieszkaniowa Słoneczna", "676.50", 8, notes="która to?"),
    bill("Kwiaciarnia Piwonia", "492.00", 15),
    bill("Kwiaciarnia Piwonia", "-492.00", -4, numbering=Numbering.CORRECTION, notes="korekta całości"),
    bill("Marek Ćma – fotografia", "332.10", 15, due_on=None),
    bill("Zakład Usług Komunalnych Wodnik Sp. z o.o.", "2214.00", 50, due_on=WithYear("31.02.{year}", ago=60)),
    bill("Firma Handlowa Mydło i Powidło", "615.00", 75, marked=True, notes="firma zamknięta"),
    bill("Firma Handlowa Mydło i Powidło", "307.50", 110, marked=True),
    bill("Tartak Wióry P.P.H.U.", "1 722,00", 66),
    bill("Solarium Promyczek", "246.00", 200),
    bill("Teatr Miniatura Cieni", "2829.00", 280, written=Written.DOTTED),
)

QUIET = (
    bill("Magazyny Portowe Sp. Komandytowa", "1414.50", -10),
    bill("Hotel Bryza sp. z o.o.", "1845.00", -12),
    bill("Nordwind Kältetechnik GmbH", "640.00", -9, currency="EUR"),
    bill("Böttcher & Söhne OHG", "1,250.00", -12, currency="EUR"),
    bill("Klub Sportowy Fala Rumia", "799.50", -8),
    bill("Klub Sportowy Fala Rumia", "-199.50", -10, numbering=Numbering.CORRECTION, notes="rabat po odbiorze"),
    bill("Agencja Reklamowa Kropka i Kreska", "123.00", -9),
    bill("Agencja Reklamowa Kropka i Kreska", "600.00", 40, paid=Decimal(650), paid_on=Day(-38),
         notes="zapłacili za dużo"),
    bill("Kancelaria Radcy Prawnego Paragraf", "369.00", 28, paid=Decimal("396.00"), paid_on=Day(-30),
         notes="czeski błąd w przelewie"),
    bill("Liceum im. Marii Niezłomnej", "0.00", -11, notes="przegląd gwarancyjny, bezpłatny"),
    bill("Szpital Weterynaryjny Cztery Łapy", "984.00", -11),
    bill("Szpital Weterynaryjny Cztery Łapy", "147.60", -11, numbering=Numbering.REPEATED),
    bill("Stacja Paliw Pod Wiatrakiem", "538.00", -13),
    bill("Stacja Paliw Pod Wiatrakiem", "538.00", -13, notes="wpisana jeszcze raz?"),
    bill("Ośrodek Wypoczynkowy Szyszka", "1537.50", 20, paid="tak"),
    bill("Fundacja Morze Możliwości", Formula("=ROUND(330*1.23,2)", Decimal("405.90")), 12, paid="405,90",
         paid_on=Day(-10)),
    bill("Tartak Wióry P.P.H.U.", "861.00", 316, issued_on=WithYear("03/04/{year}", ago=330), paid_on="tak"),
    bill(9993523534, "553.50", 90, paid=Decimal("553.50"), paid_on=Day(-92)),
    bill("Stowarzyszenie Miłośników Parowozów", "492.00", 17, paid_on=Day(-15, Written.DOTTED), paid=Decimal(492)),
    bill("Osiedle Bursztynowe Development sp. z o.o.", "-615.00", 130, numbering=Numbering.CORRECTION, cancelled="tak"),
    bill("Grażyna Brzęczyszczykiewicz", "258.30", 5, paid_on=Day(-6)),
    bill("Instal-Plus sp. z o.o.", "2091.00", 4, paid="2091,00", paid_on=Day(-4, Written.ISO)),
    bill("Sklep Zoologiczny Chomik", "344.40", 9, paid_on="tak"),
)

# Client as written on the invoice, gross amount, months between two invoices.
CONTRACTS: tuple[tuple[str, str, int], ...] = (
    ("Hotel Bryza sp. z o.o.", "1845.00", 1),
    ("9991506313", "615.00", 1),
    ("faktury@fabrykaguzikow.example", "3690.00", 1),
    ("Biuro Rachunkowe Cyferka", "369.00", 1),
    ("Spółdzielnia Mieszkaniowa „Mewa”", "2460.00", 1),
    ("Drukarnia Czcionka sp. z o.o. sp.k.", "738.00", 1),
    ("recepcja@czterylapy.example", "984.00", 1),
    ("999-258-17-65", "1230.00", 3),
    ("Piekarnia „Złoty Kłos” Halina Mąka", "246.00", 3),
    ("NZOZ Przychodnia Pod Lipami", "2 460,00", 3),
    ("Magazyny Portowe Sp. Komandytowa", "1414.50", 3),
    ("Apteka Rumiankowa Ewa Zioło", "553.50", 3),
    ("PRALNIA BĄBEL", "430.50", 3),
    ("Centrum Ogrodnicze Konwalia sp. z o.o.", "676.50", 3),
    ("Parafia św. Floriana", "1599.00", 3),
)
# fmt: on
MONTHS_BACK = 8


def history() -> tuple[Bill, ...]:
    """Every contract's invoices of two to nine months ago, all paid, noted down in the ways in which people do that."""
    found: list[Bill] = []
    for position, (client, amount, every) in enumerate(CONTRACTS):
        for month in range(1, MONTHS_BACK + 1, every):
            overdue = 30 * month + 20 + position
            found.append(_paid(bill(client, amount, overdue), overdue, len(found)))
    return tuple(found)


def _paid(unpaid: Bill, overdue: int, turn: int) -> Bill:
    amount, day = unpaid.line.cells["amount"], Day(-overdue - turn % 6 + 3)
    ways: tuple[dict[str, Entry], ...] = (
        {"paid": amount, "paid_on": day},
        {"paid_on": day},
        {"paid": amount, "paid_on": replace(day, written=Written.DOTTED)},
        {"paid": "tak"},
        {"paid": amount, "paid_on": day},
        {"paid_on": "tak"},
        {"paid": amount, "paid_on": replace(day, written=Written.DASHED)},
    )
    return replace(unpaid, line=Line(dict(unpaid.line.cells) | ways[turn % len(ways)]))


BILLS = CHASED + KEPT_BACK + QUIET + history()
