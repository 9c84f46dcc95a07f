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
    """Answers what they know, one answer after the other, else takes what is offered; remembers what was asked, what
    was offered and what they were told."""

    def __init__(self, **answers: str | list[str]) -> None:
        self.answers = {word: [said] if isinstance(said, str) else list(said) for word, said in answers.items()}
        self.asked, self.offered, self.told = list[str](), list[str](), list[str]()

    def __call__(self, question: str, default: str) -> str:
        self.asked.append(question)
        self.offered.append(default)
        said = next((said for word, said in self.answers.items() if word in question.lower()), [])
        return (said.pop(0) if len(said) > 1 else said[0]) if said else default


def settings(folder: Path, wishes: Wishes, person: Person | None = None, **environ: str) -> dict[str, dict[str, str]]:
    """The settings that come of it."""
    machine = Machine(environ, lambda _: None, lambda: 0.0)
    path = settings_file(None, folder, machine, wishes, person, person.told.append if person else lambda _: None)
    return tomllib.loads(path.read_text("utf-8"))


def made(folder: Path, wishes: Wishes, person: Person | None = None, **environ: str) -> dict[str, str]:
    """The workbook's section of the settings that come of it."""
    return settings(folder, wishes, person, **environ)["workbook"]


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
    (tmp_path / "faktury").touch()
    assert made(tmp_path, Wishes(workbook))["kind"] == kind


@pytest.mark.parametrize("name", ["faktury.xls", "faktury"])
def test_a_workbook_is_made_only_under_a_name_that_excel_opens(tmp_path: Path, name: str) -> None:
    with pytest.raises(WrongUse, match=r"ends in \.xlsx"):
        made(tmp_path, Wishes(name))
    assert not list(tmp_path.iterdir())
    person = Person(workbook=[name, "Faktury.XLSX"])
    assert made(tmp_path, Wishes(), person)["path"] == "Faktury.XLSX"
    assert f"There is no {name}, and a workbook that is made needs a name that ends in .xlsx." in person.told


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


class TestTheDialogue:
    def test_asks_each_thing_once_says_before_what_comes_and_tells_how_to_leave(self, tmp_path: Path) -> None:
        person = Person()
        made(tmp_path, Wishes(), person)
        assert [question.split(":")[0].split(" (")[0] for question in person.asked] == [
            "The workbook",
            "Language of labels and letters",
            "Who writes the letters",
            "Your firm's own tax id, which tells sales from purchases in lists",
        ]
        assert "Enter takes what stands in brackets" in person.told[0]

    def test_asks_nothing_that_a_flag_says_nor_anything_when_settings_stand(self, tmp_path: Path) -> None:
        person = Person()
        wishes = Wishes("faktury.xlsx", "en", "Office <office@firm.example>", tax_id="526-025-02-74")
        made(tmp_path, wishes, person)
        made(tmp_path, Wishes(), person)
        assert person.asked == []

    def test_without_anybody_to_ask_flags_and_defaults_are_enough(self, tmp_path: Path) -> None:
        found = settings(tmp_path, Wishes(language="en"))
        assert (found["workbook"]["path"], found["workbook"]["language"]) == ("kartoteka.xlsx", "en")

    def test_offers_the_workbook_and_the_key_that_lie_there(self, tmp_path: Path) -> None:
        (tmp_path / "Faktury 2026.xlsx").touch()
        (tmp_path / "~$Faktury 2026.xlsx").touch()
        person = Person()
        assert made(tmp_path, Wishes(), person)["path"] == "Faktury 2026.xlsx"
        other = tmp_path / "other"
        other.mkdir()
        (other / "biuro-1a2b.json").write_text('{"type": "service_account"}')
        (other / "package.json").write_text("{}")
        person = Person(workbook=ID)
        assert made(other, Wishes(), person)["credentials"] == "biuro-1a2b.json"

    def test_offers_no_file_where_there_are_several(self, tmp_path: Path) -> None:
        for name in ("a.xlsx", "b.xlsx"):
            (tmp_path / name).touch()
        person = Person()
        made(tmp_path, Wishes(), person)
        assert person.offered[0] == "kartoteka.xlsx"

    def test_asks_again_for_the_one_answer_that_does_not_fit(self, tmp_path: Path) -> None:
        person = Person(language=["polski", "pl"], writes=["Biuro", "Biuro <biuro@firma.example>"])
        found = settings(tmp_path, Wishes(), person)
        assert (found["workbook"]["language"], found["mail"]["sender"]) == ("pl", "Biuro <biuro@firma.example>")
        assert len(person.asked) == 4 + 2
        assert any('"polski" stands there; allowed: "pl" or "en"' in told for told in person.told)

    def test_takes_the_firms_tax_id_as_people_write_it_and_asks_again_for_a_wrong_one(self, tmp_path: Path) -> None:
        person = Person(tax=["526-025-02-75", "PL 526-025-02-74"])
        assert settings(tmp_path, Wishes(), person)["firm"]["tax_ids"] == ["PL 526-025-02-74"]
        assert settings(tmp_path, Wishes(tax_id="5260250274")) == settings(tmp_path, Wishes())
        with pytest.raises(WrongUse, match="--tax-id"):
            settings(tmp_path, Wishes(tax_id="5252248481"))

    def test_gives_up_after_some_tries_and_makes_nothing(self, tmp_path: Path) -> None:
        person = Person(language="po polsku")
        with pytest.raises(WrongUse):
            made(tmp_path, Wishes(), person)
        assert not list(tmp_path.iterdir())

    def test_takes_an_answer_between_quotes_as_a_file_manager_copies_it(self, tmp_path: Path) -> None:
        assert made(tmp_path, Wishes(), Person(workbook='"a b.xlsx" '))["path"] == "a b.xlsx"
