"""Clients and invoices that stand in the register twice are found, in groups, with the reason; no others are."""

from datetime import date
from decimal import Decimal

import pytest

from validators.duplicates import (
    ClientKeys,
    Duplicate,
    InvoiceKeys,
    Reason,
    duplicate_clients,
    duplicate_invoices,
    number_key,
    silenced_ids,
)

STREET = "ul. Długa 5, 00-950 Warszawa"


def client(
    number: int, name: str = "", address: str = "", tax_id: str | None = None,
    emails: tuple[str, ...] = (), phones: tuple[str, ...] = (), notes: str = "",
) -> ClientKeys:  # fmt: skip
    return ClientKeys(f"K-{number:04}", name or f"Firma{number}", address, tax_id, emails, phones, notes)


def found(*clients: ClientKeys) -> list[tuple[int, int, str]]:
    return [(int(d.id[2:]), int(d.original[2:]), d.reason.value) for d in duplicate_clients(clients)]


def names(one: str, other: str, address: str = STREET, other_address: str = STREET) -> bool:
    return bool(found(client(1, one, address), client(2, other, other_address)))


def test_nothing_in_common_is_no_duplicate() -> None:
    assert found() == []
    assert found(client(1), client(2, tax_id="5260250274"), client(3, emails=("a@b.pl",))) == []


def test_the_oldest_of_a_group_is_the_original() -> None:
    rows = [client(1, tax_id="1"), client(2, tax_id="1", emails=("a@b.pl",)), client(3, emails=("a@b.pl",))]
    assert found(*rows) == [(2, 1, "tax_id"), (3, 1, "email")]


def test_the_direct_tie_to_the_original_names_the_reason() -> None:
    rows = [
        client(1, phones=("+48601",)),
        client(2, tax_id="1", phones=("+48601",)),
        client(3, tax_id="1", phones=("+48601",)),
    ]
    assert found(*rows) == [(2, 1, "phone"), (3, 1, "phone")]


def test_the_strongest_of_several_direct_ties_names_the_reason() -> None:
    one = client(1, "Zielony Ogród", STREET, "1", ("a@b.pl",), ("+48601",))
    assert found(one, client(2, "Zielony Ogród", STREET, "1", ("a@b.pl",), ("+48601",))) == [(2, 1, "tax_id")]
    assert found(one, client(2, "Zielony Ogród", STREET, None, ("a@b.pl",), ("+48601",))) == [(2, 1, "email")]
    assert found(one, client(2, "Zielony Ogród", STREET, None, (), ("+48601",))) == [(2, 1, "phone")]
    assert found(one, client(2, "Zielony Ogród", STREET)) == [(2, 1, "name")]


def test_branches_that_share_a_tax_id_are_duplicates_whatever_their_names() -> None:
    assert found(client(1, "Bank Oddział 1", tax_id="1"), client(2, "Bank Oddział 2", tax_id="1")) == [(2, 1, "tax_id")]


def test_an_office_line_shared_by_more_than_twenty_is_no_identity() -> None:
    assert len(found(*(client(n, phones=("+48601",)) for n in range(20)))) == 19
    assert found(*(client(n, phones=("+48601",)) for n in range(21))) == []
    assert len(found(*(client(n, tax_id="1") for n in range(21)))) == 20


def test_close_names_at_one_address_are_duplicates() -> None:
    assert names("Zielony Ogród Sp. z o.o.", "ZIELONY OGROD spółka z ograniczoną odpowiedzialnością")
    assert names("Jan Kowalski", "Kowalski Jan", other_address="Długa 5, Warszawa")
    assert names("Żuraw s.c.", "Zurow s.c.") is False
    assert names("Budimex", "Budimexx S.A.")


def test_close_names_at_different_addresses_are_not() -> None:
    assert not names("Zielony Ogród", "Zielony Ogród", other_address="ul. Krótka 8, Warszawa")
    assert not names("Zielony Ogród", "Zielony Ogród", other_address="ul. Długa 6, 00-950 Warszawa")


@pytest.mark.parametrize("address", ["", STREET, "Warszawa"])
def test_without_an_address_a_firm_is_known_by_its_name_and_a_person_is_not(address: str) -> None:
    assert names("Zielony Ogród Sp. z o.o.", "Zielony Ogród", address, "")
    assert not names("Zielony Ogród", "Zielony Ogrod 2", address, "")
    assert not names("Zielony Ogród", "Zielone Ogrody", address, "")
    assert not names("Jan Kowalski", "Jan Kowalski", address, "")
    assert not names("Biuro Rachunkowe", "Biuro Rachunkowe", address, "")


def test_a_blank_address_does_not_tie_branches_that_have_different_ones() -> None:
    rows = [client(n, "Zielony Ogród", a) for n, a in enumerate(["", "Długa 5, Łódź", "Krótka 8, Łódź"])]
    assert found(*rows) == []
    assert found(*rows[:2], client(3, "Zielony Ogród", "ul. Długa 5")) == [(1, 0, "name"), (3, 0, "name")]


def test_different_tax_ids_keep_close_names_apart_but_not_shared_keys() -> None:
    one, other = client(1, "Zielony Ogród", STREET, "1"), client(2, "Zielony Ogród", STREET, "2")
    assert found(one, other) == []
    assert found(client(1, tax_id="1", emails=("a@b.pl",)), client(2, tax_id="2", emails=("a@b.pl",))) == [
        (2, 1, "email")
    ]
    assert found(one, other, client(3, "Zielony Ogród", STREET)) == [(3, 1, "name")]


@pytest.mark.parametrize("note", ["nie duplikat K-0001", "VIP; NIE JEST DUPLIKATEM: k-1.", "Not a duplicate of K0001"])
def test_a_note_of_either_side_unties_the_pair(note: str) -> None:
    assert found(client(1, tax_id="1"), client(2, tax_id="1", notes=note)) == []
    assert found(client(2, tax_id="1", notes=note), client(1, tax_id="1")) == []


def test_a_note_unties_the_pair_and_not_the_group() -> None:
    rows = [client(1, tax_id="1"), client(2, tax_id="1"), client(3, tax_id="1", notes="nie duplikat K-0001")]
    assert found(*rows) == [(2, 1, "tax_id"), (3, 2, "tax_id")]


def test_a_note_may_name_several() -> None:
    assert silenced_ids("nie duplikat K-0012, K-0013; k-14 i K 15. K-0016 to inna firma") == {
        "k12",
        "k13",
        "k14",
        "k15",
    }
    assert silenced_ids("duplikat K-0012") == frozenset()
    rows = [client(n, tax_id="1") for n in (1, 2)]
    assert found(*rows, client(3, tax_id="1", notes="nie duplikat K-0001, K-0002")) == [(2, 1, "tax_id")]


def test_many_clients_at_one_address_are_still_told_apart() -> None:
    trades = [f"Usługi {chr(97 + n % 26) * 3}{chr(97 + n // 26) * 4}" for n in range(300)]
    rows = [client(n, name, STREET) for n, name in enumerate(trades)]
    assert found(*rows, client(301, "Zielony Żuraw", STREET), client(302, "zurow zielony", STREET)) == [
        (302, 301, "name")
    ]


def invoice(
    id_: int, number: str, owner: str | None = None, amount: str = "100", day: int | None = 1, notes: str = ""
) -> InvoiceKeys:
    issued = date(2026, 3, day) if day else None
    return InvoiceKeys(f"F-{id_:04}", number, owner, Decimal(amount), "PLN", issued, notes)


def test_the_same_number_is_the_same_invoice() -> None:
    rows = [invoice(1, "FV/1/12", "K-1"), invoice(2, "fv / 1 / 12", "K-2", "7"), invoice(3, "FV/11/2", "K-3")]
    assert duplicate_invoices(rows) == (Duplicate("F-0002", "F-0001", Reason.NUMBER),)


def test_the_same_client_amount_currency_and_day_is_the_same_invoice() -> None:
    rows = [invoice(1, "1/26", "K-1", "-100"), invoice(2, "2/26", "K-1", "-100.00"), invoice(3, "3/26", "K-1", "100")]
    assert duplicate_invoices(rows) == (Duplicate("F-0002", "F-0001", Reason.SAME_INVOICE),)


def test_what_is_not_known_ties_no_invoices() -> None:
    assert duplicate_invoices([invoice(1, "", None), invoice(2, "", None)]) == ()
    assert duplicate_invoices([invoice(1, "brak", "K-1", day=None), invoice(2, "brak", "K-1", day=None)]) == ()


def test_a_note_unties_invoices_too() -> None:
    assert duplicate_invoices([invoice(1, "1/26"), invoice(2, "1/26", notes="nie duplikat F-0001")]) == ()


@pytest.mark.parametrize(("one", "other"), [("FV/1/12", "FV/11/2"), ("FV 1/2", "FV 12"), ("A1", "B1"), ("1/2", "12")])
def test_separators_of_numbers_mean_something(one: str, other: str) -> None:
    assert number_key(one) != number_key(other)
