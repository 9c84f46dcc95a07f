"""Invoices and clients as Fakturownia's API gives them (JSON: invoices.json, clients.json; pages one after another).

Fields: the service's API description. Invoices of costs (`income` no) are other people's claims and are left out.
"""

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

from importers.charsets import charset
from importers.disk import content
from importers.port import Listing
from validators.errors import WrongUse
from validators.rows import Cell, Row

LARGEST = 48 * 1024 * 1024
_LONGEST_RECORD = 2_000_000
_FIRST_LOOK = 32_768
_MOST = 200_000
_DECODER = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=str)
_Record: TypeAlias = dict[str, Any]
INVOICES = {
    "number": "number",
    "kind": "kind",
    "issue_date": "issued_on",
    "payment_to": "due_on",
    "price_gross": "amount",
    "currency": "currency",
    "paid": "paid",
    "paid_date": "paid_on",
    "status": "state",
    "buyer_name": "client_name",
    "buyer_tax_no": "client_tax_id",
    "buyer_email": "client_email",
    "buyer_phone": "client_phone",
    "buyer_street": "client_street",
    "buyer_post_code": "client_postal_code",
    "buyer_city": "client_city",
    "buyer_country": "client_country",
    "seller_name": "seller_name",
    "seller_tax_no": "seller_tax_id",
    "gov_id": "ksef_number",
    "corrects": "corrects_number",
    "view_url": "link",
    "description": "notes",
}
CLIENTS = {
    "name": "name",
    "first_name": "first_name",
    "last_name": "last_name",
    "person": "contact_person",
    "tax_no": "tax_id",
    "email": "email",
    "phone": "phone",
    "mobile_phone": "phone",
    "street": "street",
    "post_code": "postal_code",
    "city": "city",
    "country": "country",
    "tag_list": "tags",
    "note": "notes",
}
_START = re.compile(r'[\s,\[\]}]*(?:\{\s*"(?:invoices|clients)"\s*:\s*\[\s*)?')
_NO = {"0", "no", "false"}
_AGAIN = "Fetch it again; or export the list as CSV or XLSX, and import that."


class Fakturownia:
    """JSON of Fakturownia."""

    name = "Fakturownia JSON"

    def recognises(self, path: Path, head: bytes) -> bool:  # noqa: ARG002
        """Whether it is JSON with the names of fields that invoices or clients have there."""
        text = _text(head).lstrip()
        invoices = '"buyer_name"' in text and '"price_gross"' in text
        clients = '"tax_no"' in text and '"post_code"' in text and '"name"' in text
        return text[:1] in ("[", "{") and (invoices or clients)

    def listings(self, path: Path) -> Iterator[Listing]:
        """The invoices, then the clients, as far as the file holds any; a row's line is the record's number.

        Raises:
            WrongUse: damaged, too big, or nothing of either in it.
        """
        invoices: list[tuple[int, _Record]] = []
        clients: list[tuple[int, _Record]] = []
        costs = others = 0
        for number, record in enumerate(_records(_text(content(path, LARGEST)), path.name), start=1):
            if not {"buyer_name", "price_gross"} & record.keys():
                clients += [(number, record)] if "name" in record else []
                others += "name" not in record
            elif str(record.get("income", "1")).lower() in _NO:
                costs += 1
            else:
                invoices.append((number, record))
        notes = [f"Invoices of costs ({costs}) were left out: nobody owes them to you."] if costs else []
        notes += [f"Records that are neither invoices nor clients ({others}) were left out."] if others else []
        if not invoices and not clients:
            raise WrongUse(" ".join((f"{path} holds no invoices of sales and no clients.", *notes)), _AGAIN)
        numbers = {record.get("id"): record.get("number") for _, record in invoices}
        for _, record in invoices:
            record["corrects"] = numbers.get(record.get("from_invoice_id") or record.get("invoice_id"))
        for kind, found, meaning in (("invoices", invoices, INVOICES), ("clients", clients, CLIENTS)):
            if found:
                yield Listing(kind, path.stem, tuple(meaning), _rows(found, meaning), meaning, tuple(notes))
                notes = []


def _rows(found: Iterable[tuple[int, _Record]], fields: Iterable[str]) -> Iterator[Row]:
    for number, record in found:
        yield Row(number, "", {name: _cell(record.get(name)) for name in fields})


def _text(data: bytes) -> str:
    return data.decode(charset(data).encoding, "replace").removeprefix("\ufeff")


def _records(text: str, name: str) -> Iterator[_Record]:
    """Every object of the lists in `text`, whether one list, several after each other, or objects alone."""
    position = 0
    fields = {*INVOICES, *CLIENTS, "id", "income", "from_invoice_id", "invoice_id"}
    for _ in range(_MOST + 1):
        start = _START.match(text, position)
        position = start.end() if start else position
        if position >= len(text):
            return
        record, position = _object(text, position, name)
        yield {key: value for key, value in record.items() if key in fields}
    raise WrongUse(f"{name} holds more than {_MOST} records.", "Export a shorter period.")


def _object(text: str, position: int, name: str) -> tuple[_Record, int]:
    for most in (_FIRST_LOOK, _LONGEST_RECORD):
        try:
            found, length = _DECODER.raw_decode(text[position : position + most])
        except (ValueError, RecursionError):
            continue
        if isinstance(found, dict):
            return found, position + length
    line = text.count("\n", 0, position) + 1
    raise WrongUse(f"{name} is damaged: what begins in line {line} is no complete record.", _AGAIN)


def _cell(value: object) -> Cell:
    """Texts and numbers as they are written; several values of a list with commas between."""
    if isinstance(value, list):
        return ", ".join(item for item in value if isinstance(item, str))
    return value if isinstance(value, str | bool) else None
