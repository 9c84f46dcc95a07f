"""What is read at a glance is read as the libraries read it: with a space beside it every text goes the long way."""

from random import Random

from hypothesis import example, given, settings
from hypothesis import strategies as st

from validators.contacts import plain_nips, read_emails, read_phones, read_tax_id
from validators.flaws import Flaw

LABELS = st.text("abxn019-", min_size=1, max_size=8) | st.text("az-", min_size=55, max_size=66)
TOPS = st.sampled_from(
    ["pl", "com", "example", "test", "local", "invalid", "localhost", "onion", "arpa", "p1", "x", "PL"]
)
DOMAINS = st.lists(LABELS, max_size=3).flatmap(lambda labels: TOPS.map(lambda top: ".".join([*labels, top])))
LOCALS = st.text("abzI019._+-'&ą", min_size=1, max_size=8) | st.sampled_from(["info", "Info", "x", "e-mail", "a" * 70])
ADDRESSES = st.builds("{}{}{}".format, LOCALS, st.sampled_from(["@"] * 9 + ["@@", " @", "", "\n@"]), DOMAINS)
PHONES = st.builds(
    "{}{}{}{}{}{}".format,
    st.sampled_from(["", "", "+48", "+48 ", "+48-", "48", "0", "+49", "0048"]),
    st.integers(0, 999).map("{:03}".format),
    st.sampled_from(["", " ", "-", ".", "\u00a0", "  "]),
    st.integers(0, 9999).map("{:03}".format),
    st.sampled_from(["", " ", "-", "\n", "x"]),
    st.integers(0, 999).map("{:03}".format),
)
DIGITS = st.text("0123456789", min_size=9, max_size=11) | st.integers(0, 9).map(lambda digit: str(digit) * 10)

NUMBERS = st.none() | st.builds(
    lambda digits, notation: notation.format(digits, digits[3:6], digits[6:8], digits[8:]),
    DIGITS | st.sampled_from(["5260250274", "7372846518", "1060000062"]),
    st.sampled_from(["{}", "{0[0]}{0[1]}{0[2]}-{1}-{2}-{3}", "NIP {}", "{}.0", " {}", "PL{}"]),
)


@given(ADDRESSES)
@example("Info@firma.pl")
@example("a@xn--j1aef.pl")
@example(f"a@{'b' * 63}.{'c' * 63}.{'d' * 63}.{'e' * 60}.pl")
@example("a@b.pl\n")
@settings(max_examples=1_000)
def test_a_plain_address_is_what_email_validator_says(text):
    assert read_emails(text) == read_emails(f" {text}")


@given(PHONES, st.sampled_from(["PL", "PL", "DE"]))
@settings(max_examples=500)
def test_a_plain_phone_is_what_phonenumbers_says(text, region):
    assert read_phones(text, region) == read_phones(f" {text}", region)


def test_every_beginning_of_a_polish_number_is_what_phonenumbers_says():
    chance = Random(48)
    for start in range(10_000):
        text = f"{start:04}{chance.randrange(100_000):05}"
        assert read_phones(text) == read_phones(f" {text}"), text


@given(st.lists(NUMBERS, max_size=20))
@example(["5260250274", None, "5260250275", "0000000000", "1111111111", "x260250274", "٥٢٦٠٢٥٠٢٧٤", "526-025-02-74"])
@settings(max_examples=500)
def test_a_plain_nip_is_what_stdnum_says(texts):
    """Of many at once, each as by itself; whatever is nothing but a NIP and hyphens is found."""
    for text, found in zip(texts, plain_nips(texts), strict=True):
        alone = read_tax_id(text or "", "PL")
        assert found in ("", alone)
        assert found or isinstance(alone, Flaw) or not set(text or "") <= set("0123456789-")


@given(st.integers(100_000_000, 999_999_999))
def test_the_last_digit_of_a_nip_decides(nine):
    check = sum(w * int(d) for w, d in zip((6, 5, 7, 2, 3, 4, 5, 6, 7), str(nine), strict=True)) % 11
    good = [digit for digit, found in enumerate(plain_nips([f"{nine}{digit}" for digit in range(10)])) if found]
    assert good == ([] if check == 10 or set(str(nine)) == {str(check)} else [check])
