"""Names and addresses are compared as a person would: legal forms, case, accents and order of words set aside."""

import pytest

from validators.names import Nearness, address_key, addresses_near, name_key, names_close, without_legal_form


@pytest.mark.parametrize(
    "form",
    [
        "Sp. z o.o.", "Sp.z o.o.", "sp zoo", "SP. Z O. O.", "Sp. z.o.o.", "spółka z o.o.",
        "Spółka z ograniczoną odpowiedzialnością", "Sp. z ogr. odp.", "z o.o.", "S.A.", "SA", "spółka akcyjna",
        "P.S.A.", "prosta spółka akcyjna", "sp.j.", "sp. j.", "Spj", "spółka jawna", "sp. k.", "sp.k.",
        "spółka komandytowa", "Sp. z o.o. Sp. k.", "S.K.A.", "spółka komandytowo-akcyjna", "sp. p.",
        "spółka partnerska", "s.c.", "SC", "spółka cywilna", "sp. z o.o. w likwidacji", "GmbH", "GmbH & Co. KG",
        "Ltd.", "LLC", "Inc.", "s.r.o.", "spol. s r.o.", "a.s.", "S.r.l.", "B.V.",
    ],
)  # fmt: skip
def test_a_legal_form_at_the_end_is_set_aside(form: str) -> None:
    assert without_legal_form(f"Zielony Żuraw, {form}") == "zielony zuraw"


@pytest.mark.parametrize(
    "form",
    ["P.P.H.U.", "PHU", "F.H.U.", "PPHU", "Przedsiębiorstwo Produkcyjno-Handlowo-Usługowe", "Firma Handlowo-Usługowa"],
)
def test_customary_forms_in_front_are_set_aside(form: str) -> None:
    assert without_legal_form(f"{form} „Żuraw”") == "zuraw"


@pytest.mark.parametrize(
    ("name", "bare"),
    [
        ("Żuraw s.c. Jan Nowak, Anna Kot", "zuraw jan nowak anna kot"),
        ("Alfa Sp. z o.o. Oddział w Krakowie", "alfa oddzial w krakowie"),
        ("SA Transport", "sa transport"),
        ("Day Spa", "day spa"),
        ("Zakład Usługowy Żuraw", "zaklad uslugowy zuraw"),
        ("Instalacje C.O.", "instalacje c o"),
        ("Spółka Zdrowie", "spolka zdrowie"),
        ("S.A.", "s a"),
        ("Sp. z o.o.", "sp z o o"),
    ],
)
def test_only_what_is_a_legal_form_is_stripped(name: str, bare: str) -> None:
    assert without_legal_form(name) == bare


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Jan Kowalski", "KOWALSKI Jan"),
        ("Jan Kowalski", "J. Kowalski"),
        ("Jan Kowalski", "Jan Kowlaski"),
        ("Auto-Serwis Nowak", "Autoserwis Nowak"),
        ("Budimex S.A.", "BUDIMEXX"),
        ("Kowalski i Syn", "Kowalski & Syn sp. j."),
        ("Zakład Usługowy Żuraw", "Zaklad Uslug. Zuraw"),
    ],
)
def test_spellings_of_one_name_are_close(one: str, other: str) -> None:
    assert names_close(name_key(one), name_key(other))
    assert names_close(name_key(other), name_key(one))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Jan Kowalski", "Anna Kowalska"),
        ("Jan Kowalski", "Jan Nowak"),
        ("Kancelaria Adwokacka A. Nowak", "Kancelaria Adwokacka B. Nowak"),
        ("Marian Kowalski", "Marian Kowalska"),
        ("Przedszkole nr 12", "Przedszkole nr 13"),
        ("Bank Oddział 1", "Bank Oddział 2"),
        ("Bank Oddział I w Krakowie", "Bank Oddział II w Krakowie"),
        ("Bank Oddział I", "Bank Oddział V"),
        ("Zielony Ogród", "Zielony Ogród 2"),
        ("", ""),
        ("!!!", "???"),
    ],
)
def test_names_of_two_are_not_close(one: str, other: str) -> None:
    assert not names_close(name_key(one), name_key(other))
    assert not names_close(name_key(other), name_key(one))


@pytest.mark.parametrize(
    ("one", "other", "near"),
    [
        ("ul. Długa 5/7, 00-950 Warszawa", "DLUGA 5 m. 7 Warszawa", Nearness.SAME),
        ("ul. Długa 5", "Długa 5, Warszawa", Nearness.SAME),
        ("ul. Długa 5, Warszawa", "00-950 Warszawa, Długa 5", Nearness.SAME),
        ("al. Jerozolimskie 5A", "Aleje Jerozolimskie 5 a", Nearness.SAME),
        ("ul. Gen. Andersa 5, Łódź", "Andersa 5, Lodz", Nearness.SAME),
        ("ul. Gen. Andersa 5", "ul. Generała Andersa 5", Nearness.SAME),
        ("Kilińskiego 5, Łódź", "Kilinskego 5, Łódź", Nearness.SAME),
        ("Długa 5/7", "Długa 5/9", Nearness.DIFFERENT),
        ("Długa 5", "Długa 6", Nearness.DIFFERENT),
        ("Długa 5, Warszawa", "Długa 5, Kraków", Nearness.DIFFERENT),
        ("Długa 5, Konstancin-Jeziorna", "Lipa 5, Konstancin-Jeziorna", Nearness.DIFFERENT),
        ("Leśna 5, 05-500 Nowa Wieś", "Leśna 5, 32-020 Nowa Wieś", Nearness.DIFFERENT),
        ("", "Długa 5, Warszawa", Nearness.UNKNOWN),
        ("", "", Nearness.UNKNOWN),
        ("Warszawa", "Warszawa", Nearness.UNKNOWN),
        ("Warszawa", "Długa 5, Warszawa", Nearness.UNKNOWN),
        ("Kraków", "Długa 5, Warszawa", Nearness.DIFFERENT),
        ("Kraków", "Warszawa", Nearness.DIFFERENT),
    ],
)
def test_addresses_are_the_same_different_or_not_known(one: str, other: str, near: Nearness) -> None:
    assert addresses_near(address_key(one), address_key(other)) is near
    assert addresses_near(address_key(other), address_key(one)) is near


@pytest.mark.parametrize("name", ["Zielony Ogród", "Jan Kowalski Sp. z o.o.", "Zakład Usługowy Żuraw Biały"])
def test_a_name_of_two_distinctive_words_tells_a_firm(name: str) -> None:
    assert name_key(name).telling


@pytest.mark.parametrize(
    "name", ["Jan Kowalski", "Oleksandr Shevchenko", "Biuro Rachunkowe", "Zakład Usługowy", "Żuraw", ""]
)
def test_persons_and_common_words_tell_nobody(name: str) -> None:
    assert not name_key(name).telling
