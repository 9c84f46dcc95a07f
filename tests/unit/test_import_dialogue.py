"""What a person at the terminal is asked during an import, and what the answers do; without one nobody is asked."""

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from sync.commands import bringing
from sync.commands.bringing import Wishes
from sync.commands.work import Terminal
from sync.office import Office
from sync.opening import Machine, Session, open_session, settings_at
from sync.setup import setup
from tests.e2e.running import CLIENTS, cells, make


class Person:
    """Somebody who gives the answers in turn, to the questions that hold these words."""

    def __init__(self, *answers: tuple[str, str]) -> None:
        self._answers: Iterator[tuple[str, str]] = iter(answers)

    def __call__(self, question: str) -> str:
        words, answer = next(self._answers)
        assert words in question, question
        return answer

    @property
    def done(self) -> bool:
        """Whether every question was asked."""
        return next(self._answers, None) is None


@pytest.fixture
def session(tmp_path: Path) -> Session:
    make(tmp_path / "firma.xlsx", {"Klienci": [CLIENTS, ["Alfa Instal sp. z o.o.", "biuro@alfa.pl", ""]]})
    (tmp_path / "kartoteka.toml").write_text('[workbook]\npath = "firma.xlsx"\n', encoding="utf-8")
    settings = settings_at(None, {}, tmp_path)
    found = open_session(
        settings, datetime(2026, 11, 23, tzinfo=UTC), None, "abcd", Machine({}, lambda _: None, lambda: 0)
    )
    office: Office = found.office
    snapshot = office.workbook.read()
    office.workbook.apply(setup(snapshot, settings, "setup"), snapshot)
    return found


def brought(session: Session, text: str, ask: Person | None, **wishes: Any) -> tuple[int, str]:
    """The exit status, and what was shown."""
    path = session.settings.folder / "lista.csv"
    path.write_text(text, encoding="utf-8")
    out = io.StringIO()
    terminal = Terminal(Console(file=out, width=160), Console(file=io.StringIO()))
    return bringing.import_lists(session, terminal, [path], Wishes(**wishes), ask), out.getvalue()


def names(session: Session) -> list[object]:
    header, *rows = cells(session.settings.folder / "firma.xlsx")["Klienci"]
    return [row[header.index("Nazwa")] for row in rows]


FIRMS = "Nazwa;E-mail\n" + "".join(f"Firma {n} Północ;f{n}@firma.pl\n" for n in range(6))


def test_between_batches_one_may_look_and_stop(session: Session) -> None:
    person = Person(("Batch 1 of 3", "continue"), ("Batch 2 of 3", "look"), ("Batch 2 of 3", "stop"))
    status, shown = brought(session, FIRMS, person, size=2)
    assert (status, person.done, len(names(session))) == (0, True, 5)
    assert "Firma 3 Północ" in shown
    assert "Run the same command again" in shown


def test_a_close_name_is_asked_and_the_answer_counts(session: Session) -> None:
    text = "Nazwa;Telefon\nAlfa Instl sp. z o.o.;601 234 567\n"
    assert brought(session, text, None)[0] == 1
    assert len(names(session)) == 1
    person = Person(("is it K-0001 Alfa Instal sp. z o.o.?", "yes"))
    assert (brought(session, text, person)[0], person.done, len(names(session))) == (0, True, 1)
    assert "601 234 567" in str(cells(session.settings.folder / "firma.xlsx")["Klienci"])


INVOICES = "Numer;Nabywca;Kwota brutto\nF/1;Alfa Instl sp. z o.o.;10\nF/2;Alfa Instl sp. z o.o.;20\n"


@pytest.mark.parametrize(("answer", "clients"), [("yes", 1), ("no", 2)])
def test_whom_several_invoices_are_for_is_asked_once_and_known_from_then_on(
    session: Session, answer: str, clients: int
) -> None:
    assert brought(session, INVOICES, None)[0] == 1
    person = Person(("is it K-0001 Alfa Instal sp. z o.o.?", answer))
    assert (brought(session, INVOICES, person)[0], person.done, len(names(session))) == (0, True, clients)
    assert "2 known" in brought(session, INVOICES, None)[1]


def test_a_person_may_say_that_it_is_another(session: Session) -> None:
    person = Person(("is it K-0001", "no"))
    assert brought(session, "Nazwa\nAlfa Instl sp. z o.o.\n", person)[0] == 0
    assert names(session) == ["Alfa Instal sp. z o.o.", "Alfa Instl sp. z o.o."]


def test_a_column_that_only_its_values_tell_is_asked_and_remembered(session: Session) -> None:
    text = "Nazwa;Dzwonić\nBeta;601 234 567\n"
    person = Person(("Is column 'Dzwonić' (601 234 567) the phone?", ""))
    assert brought(session, text, person)[0] == 0
    assert person.done
    shown = brought(session, text, None, dry_run=True)[1]
    assert "as last time" in shown
    assert "601 234 567" in str(cells(session.settings.folder / "firma.xlsx")["Klienci"])


PEOPLE = "Imię i nazwisko;Dawniej;Dzwonić\nAnna Żuraw;Anna Kos;601 234 567\n;Jan Kos;\nEwa Lis;ewa lis;\n"
SHARED = "Imię i nazwisko, Dawniej → Nazwa: of each row the first that is filled counts"


def test_of_several_columns_for_one_field_it_is_said_which_counts(session: Session) -> None:
    both = {"Imię i nazwisko": "name", "Dawniej": "name"}
    shown = brought(session, PEOPLE, None, chosen=both, dry_run=True)[1]
    assert f"{SHARED}; rows in which another says something else: 1." in shown
    assert [line.split()[-2:] for line in shown.splitlines() if line.startswith("new")] == [
        ["Anna", "Żuraw"],
        ["Jan", "Kos"],
        ["Ewa", "Lis"],
    ]


def test_that_an_answer_gives_a_field_another_column_is_shown_too(session: Session) -> None:
    person = Person(("Is column 'Dzwonić'", "contact_person"))
    text = "Nazwa;Osoba kontaktowa;Dzwonić\nBeta;Ewa;601 234 567\n"
    assert "Osoba kontaktowa, Dzwonić → Osoba kontaktowa" in brought(session, text, person)[1]


def test_what_a_format_itself_puts_together_is_no_news(session: Session) -> None:
    text = "First Name,Last Name,E-mail Address,Home Street,Business Street\nAnna,Żuraw,a@zuraw.pl,Długa 5,Krótka 7\n"
    assert "first that is filled" not in brought(session, text, None, dry_run=True)[1]
