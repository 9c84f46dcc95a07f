"""E-mails, phones and tax ids: what people write around them is set aside, what is wrong is named, the rest is kept."""

import pytest

from validators.contacts import read_emails, read_phones, read_tax_id
from validators.flaws import Flaw
from validators.problems import Severity


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("jan@firma.pl", ("jan@firma.pl",)),
        ("Jan.Kowalski@FIRMA.PL", ("Jan.Kowalski@firma.pl",)),
        ("a@b.pl, c@d.pl;e@f.pl g@h.pl\ni@j.pl", ("a@b.pl", "c@d.pl", "e@f.pl", "g@h.pl", "i@j.pl")),
        ("a@b.pl / c@d.pl", ("a@b.pl", "c@d.pl")),
        ("a@b.pl, a@B.pl", ("a@b.pl",)),
        ("Jan Kowalski <jan@firma.pl>", ("jan@firma.pl",)),
        ('"Kowalski, Jan" <jan@firma.pl>, Anna <a@firma.pl>', ("jan@firma.pl", "a@firma.pl")),
        ("Kowalski, Jan <jan@firma.pl>", ("jan@firma.pl",)),
        ("a@b.pl, Jan <c@d.pl>", ("a@b.pl", "c@d.pl")),
        ("mailto:jan@firma.pl?subject=Faktura", ("jan@firma.pl",)),
        ("<mailto:jan@firma.pl>", ("jan@firma.pl",)),
        ("E-mail: jan@firma.pl.", ("jan@firma.pl",)),
        ("'jan@firma.pl'", ("jan@firma.pl",)),
        ("„jan@firma.pl”", ("jan@firma.pl",)),
        ("\u200bjan@firma.pl\u00a0", ("jan@firma.pl",)),
        ("biuro@żuraw.pl", ("biuro@żuraw.pl",)),
        ("a@b.test, a@b.example", ("a@b.test", "a@b.example")),
        ("o'neil+faktury@b.pl", ("o'neil+faktury@b.pl",)),
        ("jan@firma.pl (Jan), (a@b.pl)", ("jan@firma.pl", "a@b.pl")),
        ("who?@b.pl", ("who?@b.pl",)),
        ("-", ()),
    ],
)
def test_addresses_are_found_however_they_are_written(text, addresses):
    assert read_emails(text) == (addresses, ())


@pytest.mark.parametrize(
    ("text", "good", "bad"),
    [
        ("jan@@x.pl, a@b.pl", ("a@b.pl",), ["jan@@x.pl"]),
        ("brak", (), ["brak"]),
        ("nie ma e-maila", (), ["nie ma e-maila"]),
        ("zły; a@b.pl, gorszy", ("a@b.pl",), ["zły, gorszy"]),
        ("jan@firma", (), ["jan@firma"]),
        ("a@b.pl Bcc: c@d.pl", ("a@b.pl", "c@d.pl"), ["Bcc"]),
        ("jan kowalski@firma.pl", ("kowalski@firma.pl",), ["jan"]),
        ("a\x00@b.pl", (), ["a\x00@b.pl"]),
        ("a\u202e@b.pl", (), ["a\u202e@b.pl"]),
    ],
)
def test_a_bad_address_is_named_and_the_good_ones_stay(text, good, bad):
    addresses, flaws = read_emails(text)
    assert addresses == good
    assert [flaw.params["part"] for flaw in flaws] == bad
    assert {(flaw.code, flaw.severity) for flaw in flaws} == {("email_invalid", Severity.ERROR)}


def test_no_address_holds_whitespace_or_control_characters():
    addresses, _ = read_emails("a@b.pl\r\nBcc:\tx@y.pl\x0bz@w.pl\x1f")
    assert not any(c.isspace() or not c.isprintable() for address in addresses for c in address)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("601234567", ("+48601234567",)),
        ("601 234 567", ("+48601234567",)),
        ("601-234-567", ("+48601234567",)),
        ("+48 601 234 567", ("+48601234567",)),
        ("0048 601234567", ("+48601234567",)),
        ("48601234567", ("+48601234567",)),
        ("0601234567", ("+48601234567",)),
        ("(0-22) 123 45 67", ("+48221234567",)),
        ("22/123-45-67", ("+48221234567",)),
        ("+48 (0) 22 123 45 67", ("+48221234567",)),
        ("tel. 601 234 567 wew. 12", ("+48601234567",)),
        ("tel.: 22 123 45 67 (w. 5)", ("+48221234567",)),
        ("22 123 45 67 x12", ("+48221234567",)),
        ("kom. 601 234 567 (Jan)", ("+48601234567",)),
        ("601234567, 602234567", ("+48601234567", "+48602234567")),
        ("601234567 602234567", ("+48601234567", "+48602234567")),
        ("601 234 567 / 602 234 567", ("+48601234567", "+48602234567")),
        ("601234567/602234567", ("+48601234567", "+48602234567")),
        ("601 234 567 lub 602 234 567", ("+48601234567", "+48602234567")),
        ("601234567\n601 234 567", ("+48601234567",)),
        ("601234567, Jan", ("+48601234567",)),
        ("+49 30 901820", ("+4930901820",)),
    ],
)
def test_numbers_become_e164(text, numbers):
    assert read_phones(text) == (numbers, ())


@pytest.mark.parametrize(
    ("text", "good", "bad"),
    [
        ("12345", (), "12345"),
        ("601234567, 123", ("+48601234567",), "123"),
        ("22 123 45 67/68", (), "22 123 45 67/68"),
        ("brak", (), "brak"),
    ],
)
def test_a_bad_number_is_a_warning_and_the_good_ones_stay(text, good, bad):
    assert read_phones(text) == (good, (Flaw("phone_invalid", {"part": bad}, Severity.WARNING),))


def test_numbers_without_prefix_are_of_the_region():
    assert read_phones("030 901820", "DE") == (("+4930901820",), ())


@pytest.mark.parametrize(
    "text",
    [
        "5260250274",
        "526-025-02-74",
        "526 025 02 74",
        "PL5260250274",
        "pl 526-025-02-74",
        "NIP: 5260250274",
        "NIP 526-025-02-74",
        "NIP5260250274",
        "VAT UE: PL5260250274",
        "5260250274.0",
    ],
)
def test_a_polish_tax_id_is_ten_digits(text):
    assert read_tax_id(text) == "5260250274"


@pytest.mark.parametrize(("text", "number"), [("DE136695976", "DE136695976"), ("de 136 695 976", "DE136695976")])
def test_an_eu_vat_number_keeps_its_prefix(text, number):
    assert read_tax_id(text) == number


def test_numbers_without_prefix_are_of_the_country():
    assert read_tax_id("136695976", "DE") == "DE136695976"


@pytest.mark.parametrize("text", ["5260250275", "526025027", "GB123456789", "brak", "5260250274 i 5260250274", "²²"])
def test_a_bad_tax_id_is_a_warning(text):
    assert read_tax_id(text) == Flaw("tax_id_invalid", severity=Severity.WARNING)


@pytest.mark.parametrize("text", ["0000000000", "1111111111", "9999999999", "222-222-22-22", "PL9999999999"])
def test_a_repeated_digit_is_a_dummy_even_where_its_checksum_fits(text):
    assert read_tax_id(text) == Flaw("tax_id_dummy", severity=Severity.WARNING)


@pytest.mark.parametrize("read", [read_emails, read_phones])
def test_a_note_that_strayed_into_the_column_is_one_short_flaw(read):
    values, flaws = read("a, <" * 5000)
    assert values == ()
    assert len(flaws) == 1
    assert len(flaws[0].params["part"]) == 80
