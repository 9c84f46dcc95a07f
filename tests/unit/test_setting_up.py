"""What a person answers, or a flag says, becomes the settings of the workbook that was meant."""

import tomllib
from pathlib import Path

import pytest

from sync.commands.setting_up import Wishes, settings_file
from sync.opening import Machine
from validators.errors import WrongUse

ID = "1AbCdEfGhIjKlMnOpQrStUvWxYz0123456789_-abcde"
ADDRESS = f"https://docs.google.com/spreadsheets/d/{ID}/edit#gid=0"


class Person:
    """Answers what they know, else takes what is offered; remembers what was asked."""

    def __init__(self, **answers: str) -> None:
        self.answers, self.asked = answers, list[str]()

    def __call__(self, question: str, default: str) -> str:
        self.asked.append(question)
        return next((answer for word, answer in self.answers.items() if word in question.lower()), default)


def made(folder: Path, wishes: Wishes, person: Person | None = None, **environ: str) -> dict[str, str]:
    """The workbook's section of the settings that come of it."""
    machine = Machine(environ, lambda _: None, lambda: 0.0)
    path = settings_file(None, folder, machine, wishes, person, lambda _: None)
    section: dict[str, str] = tomllib.loads(path.read_text("utf-8"))["workbook"]
    return section


@pytest.mark.parametrize("workbook", [ADDRESS, ID])
def test_a_person_may_answer_with_an_address_or_an_id(tmp_path: Path, workbook: str) -> None:
    person = Person(workbook=workbook, key="klucz.json")
    found = made(tmp_path, Wishes(), person)
    assert (found["kind"], found["spreadsheet"], found["credentials"]) == ("google", workbook, "klucz.json")


def test_whoever_keeps_a_file_is_not_asked_for_a_key(tmp_path: Path) -> None:
    person = Person(workbook="faktury.xlsx")
    found = made(tmp_path, Wishes(), person)
    assert (found["kind"], found["path"]) == ("xlsx", "faktury.xlsx")
    assert not [question for question in person.asked if "key" in question]


@pytest.mark.parametrize(
    ("workbook", "kind"),
    [("faktury.xlsx", "xlsx"), ("faktury", "xlsx"), ("a/b/c.xlsx", "xlsx"), (ID, "google"), (ADDRESS, "google")],
)
def test_flags_tell_a_file_from_a_spreadsheet(tmp_path: Path, workbook: str, kind: str) -> None:
    assert made(tmp_path, Wishes(workbook))["kind"] == kind


def test_no_key_file_means_the_sign_in_of_the_machine(tmp_path: Path) -> None:
    assert made(tmp_path, Wishes(ID, credentials=""))["credentials"] == ""


@pytest.mark.parametrize("address", ["https://docs.google.com/spreadsheets/u/0/", "https://example.com/lista.xlsx"])
def test_an_address_without_a_spreadsheet_in_it_is_refused_and_nothing_made(tmp_path: Path, address: str) -> None:
    with pytest.raises(WrongUse) as refused:
        made(tmp_path, Wishes(address))
    assert "address or id of a Google spreadsheet" in refused.value.what
    assert not list(tmp_path.iterdir())


def test_the_id_and_the_address_of_one_spreadsheet_are_no_contradiction(tmp_path: Path) -> None:
    first = made(tmp_path, Wishes(ADDRESS))
    assert made(tmp_path, Wishes(ID)) == first


def test_what_the_environment_overrules_is_no_silent_loss(tmp_path: Path) -> None:
    with pytest.raises(WrongUse) as refused:
        made(tmp_path, Wishes(language="pl"), KARTOTEKA_WORKBOOK__LANGUAGE="en")
    assert "--language" in refused.value.what
    with pytest.raises(WrongUse):
        made(tmp_path, Wishes(create="Nowy"), KARTOTEKA_WORKBOOK__SPREADSHEET=ID)
    assert not list(tmp_path.iterdir())
