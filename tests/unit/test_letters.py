"""How a reminder reads: the default templates, the table, money and dates, and what a cell or a template cannot do."""

import re
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from lxml import html as lxml_html

from config.letter_defaults import NAMES, default_templates
from mailers.letters import LetterWriter, Sender, TemplateFault
from mailers.reminders import Attachment, Enclosed, Letter, Reminder, ReminderLine
from validators.templates import LetterTemplate

GOLDEN = Path(__file__).parent.parent / "golden" / "letters"
TODAY = date(2026, 11, 23)
SENDER = Sender("Biuro Żuraw <biuro@example.pl>", "faktury@example.pl")
LANGUAGES = ("pl", "en")
ATTACHED = (
    ((), "", ""),
    ((1,), "W załączniku przesyłamy kopię faktury FV/1/2026.", "A copy of invoice FV/1/2026 is attached."),
    (
        (1, 2),
        "W załączniku przesyłamy kopie faktur FV/1/2026, FV/2/2026.",
        "Copies of invoices FV/1/2026, FV/2/2026 are attached.",
    ),
)
STEP_DAYS = {"before": -3, "first": 1, "second": 7, "third": 14, "final": 30}


def line(number: int = 12, overdue: int = 7, **fields: Any) -> ReminderLine:
    due = TODAY - timedelta(days=overdue)
    values: dict[str, Any] = {
        "invoice": f"F-{number:04}",
        "number": f"FV/{number}/2026",
        "issued_on": due - timedelta(days=14),
        "due_on": due,
        "effective_due_on": due,
        "amount": Decimal("1234.56"),
        "remaining": Decimal("1234.56"),
        "currency": "PLN",
        "days_overdue": overdue,
        "link": "",
        "step": "+7",
    }
    return ReminderLine(**{**values, **fields})


def reminder(*lines: ReminderLine, template: str = "second", language: str = "pl", **fields: Any) -> Reminder:
    values: dict[str, Any] = {
        "client": "K-0007",
        "client_name": "Piekarnia „Pod Żabą” s.c.",
        "contact_person": "Anna Kowalska",
        "to": ("anna@example.com",),
        "language": language,
        "step": "+7",
        "template": template,
        "lines": lines or (line(),),
        "today": TODAY,
    }
    return Reminder(**{**values, **fields})


def writer(*templates: LetterTemplate) -> LetterWriter:
    return LetterWriter(templates or default_templates("en"), SENDER, "workbook-1")


def written(body: str, *lines: ReminderLine, subject: str = "S", language: str = "pl", **fields: Any) -> Letter:
    template = LetterTemplate("own", language, subject, body)
    return writer(template).write(reminder(*lines, template="own", language=language, **fields))


def plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ")


class TestDefaultTemplates:
    def test_every_step_of_the_ladder_has_its_letter_in_both_languages(self) -> None:
        assert {(t.name, t.language) for t in default_templates("en")} == {(n, c) for n in NAMES for c in LANGUAGES}

    def test_they_have_no_fault(self) -> None:
        assert writer().check() == ()

    @pytest.mark.parametrize("language", LANGUAGES)
    @pytest.mark.parametrize("name", NAMES)
    @pytest.mark.parametrize("case", ["one", "several"])
    def test_they_read_as_they_were_approved(self, name: str, language: str, case: str, regenerate: bool) -> None:
        days = STEP_DAYS[name]
        one = line(12, days, link="https://example.com/f/12")
        partly = line(15, days + 2 if days > 0 else days, amount=Decimal(2000), remaining=Decimal(500))
        lines = (one,) if case == "one" else (one, partly, line(18, days, currency="EUR"), line(21, -2))
        letter = writer().write(reminder(*lines, template=name, language=language))
        compare(GOLDEN / f"{name}.{language}.{case}.txt", f"{letter.subject}\n\n{letter.text}", regenerate)
        if name == "second":
            compare(GOLDEN / f"{name}.{language}.{case}.html", letter.html, regenerate)

    @pytest.mark.parametrize("language", LANGUAGES)
    @pytest.mark.parametrize("name", NAMES)
    @pytest.mark.parametrize(("attached", "pl", "en"), ATTACHED)
    def test_each_says_which_invoices_are_attached_and_only_then(
        self, name: str, language: str, attached: tuple[int, ...], pl: str, en: str
    ) -> None:
        files = Enclosed(tuple(Attachment(f"FV/{n}/2026", f"{n}.pdf", b"%PDF-") for n in attached))
        letter = writer().write(reminder(line(1), line(2), template=name, language=language), files)
        text = letter.text.replace("\n", " ")
        assert (pl if language == "pl" else en) in text
        assert bool(attached) == ("attached" in text or "załącznik" in text)
        assert "\n\n\n" not in letter.text

    @pytest.mark.parametrize(
        ("count", "subject", "sentence"),
        [
            (1, "faktura FV/1/2026", "faktura FV/1/2026 jest już 14 dni po terminie"),
            (2, "2 faktury", "za 2 faktury po terminie"),
            (5, "5 faktur", "za 5 faktur po terminie"),
            (12, "12 faktur", "za 12 faktur po terminie"),
            (22, "22 faktury", "za 22 faktury po terminie"),
        ],
    )
    def test_polish_numbers_take_their_noun_forms(self, count: int, subject: str, sentence: str) -> None:
        letter = writer().write(reminder(*(line(n, 14) for n in range(1, count + 1)), template="third"))
        assert letter.subject == f"Prosimy o pilną zapłatę: {subject}"
        assert sentence in letter.text.replace("\n", " ")

    @pytest.mark.parametrize("language", LANGUAGES)
    @pytest.mark.parametrize("name", NAMES)
    def test_each_says_what_to_do_when_paid_or_when_something_is_wrong(self, name: str, language: str) -> None:
        text = writer().write(reminder(template=name, language=language)).text.replace("\n", " ")
        paid, wrong = ("nie zwracać uwagi", "się nie zgadza") if language == "pl" else ("disregard", "looks wrong")
        assert paid in text
        assert wrong in text

    def test_a_demand_is_for_what_is_overdue_and_names_a_day(self) -> None:
        letter = writer().write(reminder(line(1, 30), line(2, -2), template="final"))
        assert "Wzywamy do zapłaty kwoty 1 234,56 zł do 30 listopada 2026." in plain(letter.text).replace("\n", " ")
        assert (
            "jest też faktura, której termin płatności jeszcze nie minął. Wezwanie dotyczy tylko zaległości."
            in letter.text.replace("\n", " ")
        )


class TestTable:
    def test_amounts_are_what_is_left_and_what_was_paid_is_said(self) -> None:
        text = plain(written("{{ table }}", line(remaining=Decimal("734.56"))).text)
        assert "734,56 zł" in text
        assert "z 1 234,56 zł rozliczono już 500,00 zł" in text

    def test_each_currency_has_its_total(self) -> None:
        text = plain(written("{{ table }}", line(1), line(2), line(3, currency="EUR")).text)
        assert re.search(r"Razem do zapłaty +2 469,12 zł\n +1 234,56 €\n", text)

    def test_a_single_invoice_needs_no_total(self) -> None:
        assert "Razem" not in written("{{ table }}").text

    def test_before_the_due_date_nothing_is_said_of_delay(self) -> None:
        assert "Po terminie" not in written("{{ table }}", line(1, -3), line(2, 0)).text

    def test_columns_line_up_and_stay_within_72(self) -> None:
        lines = [line(n, n, amount=Decimal(10**n), remaining=Decimal(10**n)) for n in range(1, 8)]
        rows = written("{{ table }}", *lines).text.splitlines()
        assert len({len(row) for row in rows}) == 1
        assert len(rows[0]) <= 72

    def test_long_numbers_become_a_list(self) -> None:
        long = "FAKTURA/ZALICZKOWA/KOŃCOWA/2026/11/000123456789"
        text = plain(written("{{ table }}", line(number=1), replace(line(2), number=long)).text)
        assert f"{long}\n  Termin płatności: 16 listopada 2026 (7 dni po terminie)\n  Do zapłaty: 1 234,56 zł\n" in text
        assert "Razem do zapłaty: 2 469,12 zł" in text
        assert max(map(len, text.splitlines())) <= 72

    @pytest.mark.parametrize(
        "link", ["javascript:alert(1)", "C:\\faktury", "ftp://x.pl", 'https://x.pl/"onclick=', "http://"]
    )
    def test_only_web_addresses_become_links(self, link: str) -> None:
        letter = written("{{ table }}", line(link=link))
        assert link not in letter.text
        assert {a.get("href") for a in links(letter)} == {"mailto:faktury@example.pl"}

    def test_a_web_address_is_linked_in_both_parts(self) -> None:
        letter = written("{{ table }}", line(link="https://example.com/f?a=1&b=2"))
        assert "\n  https://example.com/f?a=1&b=2\n" in letter.text
        assert links(letter)[0].get("href") == "https://example.com/f?a=1&b=2"

    def test_invoices_stand_in_the_order_of_their_due_dates(self) -> None:
        letter = written("{% for i in invoices %}{{ i.days }} {% endfor %}", line(1, 1), line(2, 30), line(3, -2))
        assert letter.text == "30 1 -2\n"


class TestWords:
    def test_english_money_and_dates(self) -> None:
        body = "{{ totals|join }} {{ today }} {{ days(1) }} {{ 2|plural('invoice', 'invoices') }} {{ day_after(8) }}"
        text = plain(written(body, language="en").text)
        assert text == "PLN 1,234.56 23 November 2026 1 day invoices 1 December 2026\n"

    def test_lines_are_wrapped_at_72_and_line_ends_of_the_author_stay(self) -> None:
        letter = written("słowo " * 40 + "\n- punkt " + "tak " * 30 + "\n\n\n\nKoniec")
        assert max(map(len, letter.text.splitlines())) <= 72
        assert "\n- punkt" in letter.text
        assert letter.text.endswith("tak\n\nKoniec\n")
        assert "<br>- punkt" in letter.html

    def test_the_other_language_helps_out_with_its_own_formats(self) -> None:
        only = writer(LetterTemplate("own", "en", "S", "{{ totals|join }}"))
        letter = only.write(reminder(template="own", language="pl"))
        assert (letter.language, plain(letter.text)) == ("en", "PLN 1,234.56\n")

    def test_a_table_within_a_sentence_stands_apart(self) -> None:
        letter = written("Przed {{ table }} po")
        assert letter.text.startswith("Przed\n\nFaktura ")
        assert letter.text.endswith("\n\npo\n")


class TestCells:
    HOSTILE = '<script>alert("x")</script> {{ 7 * 7 }} {% raw %}\r\nBcc: x@y.pl\x00\x02'

    def test_no_cell_is_read_as_template_or_html(self) -> None:
        body = "{{ client }} {{ contact }} {{ invoices[0].number }}\n\n{{ table }}"
        hostile = reminder(
            replace(line(), number=self.HOSTILE), template="own", client_name=self.HOSTILE, contact_person=self.HOSTILE
        )
        letter = writer(LetterTemplate("own", "pl", "{{ client }} {{ table }}", body)).write(hostile)
        assert "49" not in letter.text + letter.html
        assert letter.text.count("{{ 7 * 7 }} {% raw %}") >= 3
        assert not lxml_html.fromstring(letter.html).findall(".//script")
        assert letter.subject.startswith("<script>")
        assert not re.search(r"[\x00-\x09\x0b-\x1f]", letter.text + letter.html + letter.subject)
        assert "\n" not in letter.subject + letter.client_name

    def test_html_in_a_template_is_text_too(self) -> None:
        assert "a &lt;b&gt; &amp; c" in written("a <b> & c").html

    def test_nothing_in_the_html_is_fetched_from_anywhere(self) -> None:
        letter = writer().write(reminder(line(link="https://example.com/f/1")))
        assert not re.search(r"""(?i)<(img|link|script|iframe)|src=|url\(|@import""", letter.html)


class TestTemplateFaults:
    @pytest.mark.parametrize(
        ("body", "line", "code", "detail"),
        [
            ("Dzień dobry\n\n{{ klient }}", 3, "unknown_name", "klient"),
            ("a\n{% if False %}\n{{ klient }}{% endif %}", 3, "unknown_name", "klient"),
            ("a\n\n{{ invoices[0].nuber }}", 3, "unknown_name", "nuber"),
            ("a\n{% if count %}", 2, "syntax", ""),
            ("{{ client|nofilter }}", 1, "syntax", ""),
            ("a\n{{ client.__class__.__mro__ }}", 2, "forbidden", ""),
            ("a\n{{ invoices.append(1) }}", 2, "forbidden", ""),
            ("{{ 9 ** 9 ** 9 ** 9 }}", 1, "forbidden", "**"),
            ("{{ 1 / 0 }}", 1, "failed", ""),
            ("{% include 'x' %}", 1, "failed", ""),
            ("{% for i in range(10) %}{% endfor %}", 1, "unknown_name", "range"),
            ("{{ invoices[7].number }}", 1, "unknown_name", ""),
            (" \n ", 1, "blank", ""),
        ],
    )
    def test_a_fault_names_its_line_and_reason(self, body: str, line: int, code: str, detail: str) -> None:
        with pytest.raises(TemplateFault) as caught:
            written(body)
        fault = caught.value
        assert (fault.template, fault.language, fault.line, fault.code) == ("own", "pl", line, code)
        assert detail in fault.detail
        assert fault.reason.endswith(".")

    def test_a_fault_of_the_subject_has_line_0(self) -> None:
        with pytest.raises(TemplateFault, match="the subject: 'x' is not a name") as caught:
            written("a", subject="{{ x }}")
        assert caught.value.line == 0

    def test_no_template_in_any_language_is_a_fault(self) -> None:
        with pytest.raises(TemplateFault) as caught:
            writer().write(reminder(template="missing"))
        assert (caught.value.template, caught.value.code) == ("missing", "absent")

    def test_check_finds_the_first_fault_of_every_template_before_a_letter_needs_it(self) -> None:
        bad = LetterTemplate("bad", "pl", "S", "a{% if count > 1 %}{{ invoices[0].x }}{% endif %}")
        good = LetterTemplate("good", "en", "S", "{{ client }}")
        faults = writer(bad, good, replace(good, body="twice"), replace(bad, language="en")).check()
        assert [(f.template, f.language, f.code) for f in faults] == [
            ("bad", "pl", "unknown_name"),
            ("good", "en", "twice"),
            ("bad", "en", "unknown_name"),
        ]

    def test_a_sender_that_is_no_address_is_refused_at_once(self) -> None:
        with pytest.raises(ValueError, match="not one e-mail address"):
            LetterWriter((), Sender("Biuro"), "w")


class TestMessageId:
    def test_it_is_the_same_whatever_the_order_the_amount_or_the_words(self) -> None:
        first = writer().write(reminder(line(1), line(2)))
        again = writer().write(reminder(line(2), line(1, remaining=Decimal(5)), language="en", template="final"))
        assert first.message_id == again.message_id
        assert re.fullmatch(r"<kartoteka\.[0-9a-f]{32}@example\.pl>", first.message_id)

    def test_it_differs_by_workbook_invoice_step_and_attempt(self) -> None:
        other = LetterWriter(default_templates("en"), SENDER, "workbook-2")
        letters = [
            writer().write(reminder(line(1))),
            other.write(reminder(line(1))),
            writer().write(reminder(line(2))),
            writer().write(reminder(line(1), line(2))),
            writer().write(reminder(line(1, step="+14"))),
            writer().write(reminder(line(1), attempt=2)),
        ]
        assert len({letter.message_id for letter in letters}) == len(letters)


def links(letter: Letter) -> list[lxml_html.HtmlElement]:
    return list(lxml_html.fromstring(letter.html).iter("a"))


def compare(path: Path, found: str, regenerate: bool) -> None:
    if regenerate:
        path.write_text(found, "utf-8")
    assert found == path.read_text("utf-8"), f"{path.name} differs; if that is meant, run pytest with --regenerate"
