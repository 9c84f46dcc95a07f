"""Sales in the Polish Standard Audit Files JPK_FA and JPK_V7 (V7M, V7K): the importer class is `JpkInvoices`.

Neither tells due dates or payments. Source of the rules: the forms' XSD and brochures of the Ministry of Finance.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from importers.ksef_numbers import ksef_number
from importers.xml_files import Source, records
from importers.xml_invoices import Draft, XmlImporter, amount, day, plain_nip
from importers.xml_nodes import Node, Opening

_UNREAD = ("FakturaWiersz", "ZamowienieWiersz", "ZakupWiersz", "Deklaracja")
_HEADS = ("Naglowek", "Podmiot1")
_FA, _V7 = "JPK_FA", "JPK_V7"

# Net and VAT of what was sold. K_12 and K_14 are parts of K_11 and K_13; K_23 to K_36 tax purchases, stock and devices.
_SOLD = tuple(f"K_{number}" for number in (10, 11, 13, *range(15, 23)))
_MARGIN = "SprzedazVAT_Marza"
_SELF_TAXED = tuple(f"K_{number}" for number in (*range(23, 37), 360))
_NO_INVOICE = {"RO": "a cash register's report", "WEW": "an internal document"}
_NOBODY = "BRAK"

ADVANCE = "An advance invoice records money received, and counts as paid"
SELF_TAXED = "Left out, because it only taxes purchases or stock (K_23 to K_36)"
BAD_DEBT = "Left out, because it is a tax relief for a bad debt, which is still owed"
BAD_NUMBER = "The KSeF number fails its checksum, and is not taken"
WRONG_COUNT = "The file's own count of its records is {told}, but {found} stand in it"


class JpkInvoices(XmlImporter):
    """JPK_FA: its invoices; JPK_V7: its sales register. The form's code tells them apart, whatever its version."""

    name = "JPK"

    def knows(self, opening: Opening) -> bool:
        """A root `JPK` of one of the two forms."""
        form = opening.form.replace(" ", "")
        return opening.root == "JPK" and (form.startswith((f"{_FA}(", f"{_V7}M(", f"{_V7}K(")) or form == _FA)

    def invoices(self, source: Source) -> Iterator[Draft]:
        """Every invoice of a JPK_FA, every row of the sales register of a JPK_V7."""
        head, found = _Head(), 0
        wanted = (*_HEADS, *_READERS, "FakturaCtrl", "SprzedazCtrl")
        for node in records(source, wanted, _UNREAD):
            if node.name in _READERS:
                found += 1
                yield _READERS[node.name](node, head)
            elif node.name in _HEADS:
                head.read(node)
            else:
                yield from _counted(node, found)


def _counted(control: Node, found: int) -> Iterator[Draft]:
    told = control.value("LiczbaFaktur", "LiczbaWierszySprzedazy")
    if told.isdecimal() and int(told) != found:
        yield Draft(name=control.name, remarks=[WRONG_COUNT.format(told=told, found=found)], left_out=True)


def _invoice(node: Node, head: "_Head") -> Draft:
    """One `Faktura` of a JPK_FA; on a correction (KOREKTA) its P_15 is the difference."""
    told = node.fields().get
    draft = Draft()
    draft.put("number", told("P_2A") or told("P_2"))
    draft.put("issued_on", day(told("P_1", "")))
    gross = amount(told("P_15", ""))
    draft.put("amount", gross)
    draft.put("currency", told("KodWaluty") or head.currency)
    draft.put("client_name", _somebody(told("P_3A", "")))
    draft.put("client_address", told("P_3B"))
    draft.put("client_tax_id", _prefixed(told("P_5A", ""), _somebody(told("P_5B", ""))))
    draft.put("seller_name", told("P_3C") or head.seller_name)
    draft.put("seller_tax_id", plain_nip(told("P_4B", "")) or head.seller_tax_id)
    draft.put("kind", told("RodzajFaktury"))
    draft.put("corrects_number", told("NrFaKorygowanej"))
    draft.note(told("PrzyczynaKorekty", ""))
    if told("RodzajFaktury") == "ZAL" and isinstance(gross, Decimal) and gross > 0:
        draft.put("paid", gross)
        draft.put("paid_flag", cell=True)
        draft.remarks.append(ADVANCE)
    return draft


def _sale(node: Node, head: "_Head") -> Draft:
    """One `SprzedazWiersz` of a JPK_V7: amounts are in PLN, and the gross one is not told but summed up."""
    fields = node.fields()
    told = fields.get
    draft = Draft()
    draft.put("number", told("DowodSprzedazy"))
    draft.put("issued_on", day(told("DataWystawienia", "")))
    gross = _gross(fields)
    draft.put("amount", gross)
    draft.put("currency", "PLN")
    draft.put("client_name", _somebody(told("NazwaKontrahenta", "")))
    draft.put("client_tax_id", _prefixed(told("KodKrajuNadaniaTIN", ""), _somebody(told("NrKontrahenta", ""))))
    draft.put("seller_name", head.seller_name)
    draft.put("seller_tax_id", head.seller_tax_id)
    draft.put("kind", told("TypDokumentu"))
    draft.put("ksef_number", ksef_number(told("NrKSeF", "")))
    if told("NrKSeF") and "ksef_number" not in draft.cells:
        draft.remarks.append(BAD_NUMBER)
    reason = _no_claim(fields, gross)
    if reason:
        draft.left_out = True
        draft.remarks.append(reason)
    return draft


def _gross(fields: Mapping[str, str]) -> Decimal | str | None:
    """Net and VAT together; under a margin scheme the K_ fields hold the margin only, and the gross sale is told."""
    whole = fields.get(_MARGIN)
    values = [amount(text) for text in ([whole] if whole else [fields[name] for name in _SOLD if name in fields])]
    unreadable = [value for value in values if isinstance(value, str)]
    if unreadable or not values:
        return unreadable[0] if unreadable else None
    return sum((value for value in values if isinstance(value, Decimal)), Decimal(0))


def _no_claim(fields: Mapping[str, str], gross: Decimal | str | None) -> str:
    """Why a row of the register is no claim on a client; "" when it is one."""
    kind = fields.get("TypDokumentu", "")
    if kind in _NO_INVOICE:
        return f"Left out, because it is {_NO_INVOICE[kind]} ({kind})"
    if fields.get("KorektaPodstawyOpodt") in ("1", "true"):
        return BAD_DEBT
    return SELF_TAXED if not gross and any(amount(fields.get(name, "0")) for name in _SELF_TAXED) else ""


@dataclass(slots=True)
class _Head:
    """What stands once in the file, and goes for all its invoices."""

    seller_name: str = ""
    seller_tax_id: str = ""
    currency: str = ""

    def read(self, node: Node) -> None:
        """`Naglowek`, or `Podmiot1` of either form, of a firm or a person."""
        if node.name == "Podmiot1":
            names = ("PelnaNazwa", "ImiePierwsze", "Nazwisko")
            self.seller_name = " ".join(found.text for name in names for found in node.below(name))
            self.seller_tax_id = plain_nip(next((found.text for found in node.below("NIP")), ""))
        else:
            self.currency = node.value("DomyslnyKodWaluty")


def _prefixed(prefix: str, number: str) -> str:
    """The number with its country; Polish ones go without."""
    if not number or prefix.upper() in ("", "PL") or number.upper().startswith(prefix.upper()):
        return number
    return prefix + number


def _somebody(text: str) -> str:
    return "" if text.upper() == _NOBODY else text


_READERS: Mapping[str, Callable[[Node, _Head], Draft]] = {"Faktura": _invoice, "SprzedazWiersz": _sale}
