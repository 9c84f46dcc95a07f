"""The preview: one page that shows every letter, needs nothing from outside, and lets no letter out of its frame."""

import re
from dataclasses import replace

from lxml import html as lxml_html

from mailers.preview import page
from mailers.reminders import Letter

LETTER = Letter(
    client="K-0001",
    to=("anna@example.com",),
    sender="Biuro <biuro@example.pl>",
    reply_to="",
    subject="Przypomnienie o płatności",
    text="Do zapłaty: 1 234,56 zł\n",
    html="<!DOCTYPE html><html><body><p>Do zapłaty: 1 234,56 zł</p></body></html>",
    message_id="<kartoteka.0123@example.pl>",
    step="+7",
    language="pl",
    invoices=("F-0001", "F-0002"),
    client_name="Piekarnia „Pod Żabą”",
)


def test_the_index_names_client_step_invoices_subject_and_recipient_and_leads_to_the_letter() -> None:
    tree = lxml_html.fromstring(page([LETTER], "Podgląd", "pl", ["Tryb: szkic."]))
    cells = ["".join(map(str, cell.itertext())) for cell in tree.iter("td")]
    assert cells == ["Piekarnia „Pod Żabą” K-0001", "+7", "F-0001, F-0002", LETTER.subject, "anna@example.com"]
    assert [a.get("href") for a in tree.iter("a")] == ["#letter-1", "#top"]
    assert [article.get("id") for article in tree.iter("article")] == ["letter-1"]


def test_each_letter_stands_in_a_sandbox_beside_its_plain_text() -> None:
    tree = lxml_html.fromstring(page([LETTER, LETTER], "Podgląd", "pl"))
    frames = list(tree.iter("iframe"))
    assert [frame.get("srcdoc") for frame in frames] == [LETTER.html] * 2
    assert [frame.get("sandbox") for frame in frames] == [""] * 2
    assert ["".join(map(str, pre.itertext())) for pre in tree.iter("pre")] == [LETTER.text] * 2


def test_nothing_that_a_cell_says_becomes_markup() -> None:
    evil = '"><script>alert(1)</script>$title'
    letter = replace(
        LETTER,
        client=evil,
        client_name=evil,
        to=(evil,),
        subject=evil,
        step=evil,
        invoices=(evil,),
        text=evil,
        html=evil,
    )
    tree = lxml_html.fromstring(page([letter], evil, "pl", [evil]))
    assert not list(tree.iter("script"))
    assert tree.findtext(".//title") == evil


def test_the_page_needs_no_network_and_no_scripts() -> None:
    shown = page([replace(LETTER, html="")], "Podgląd", "en")
    assert not re.search(r"(?i)<script|https?://|src=|url\(|@import", shown)
    assert "default-src 'none'" in shown


def test_without_letters_it_says_so_in_the_readers_language() -> None:
    assert "Żadna wiadomość nie czeka" in page([], "Podgląd", "pl")
    assert "No letter is due today." in page([], "Preview", "en")
