"""Several workbooks in one settings file: each has settings, state and drafts of its own; what does not fit is said."""

from collections.abc import Callable
from pathlib import Path

import pytest

from config.settings import Settings
from config.settings_file import load, load_all
from validators.errors import WrongUse

TWO = """
[[workbook]]
name = "serwis"
path = "serwis.xlsx"
[[workbook]]
name = "montaz"
kind = "google"
spreadsheet = "1AbC-x_9"
language = "en"
[workbook.tabs]
clients = "Kontrahenci"
[reminders]
max_per_day = 7
"""
Written = Callable[[str], Path]


@pytest.fixture
def file(tmp_path: Path) -> Written:
    """Writes kartoteka.toml and returns its path."""

    def write(text: str) -> Path:
        (tmp_path / "kartoteka.toml").write_text(text, "utf-8")
        return tmp_path / "kartoteka.toml"

    return write


def complaint(path: Path, **environ: str) -> str:
    with pytest.raises(WrongUse) as caught:
        load_all(path, environ)
    return f"{caught.value}\n{caught.value.advice}"


class TestEachOfSeveral:
    def test_has_settings_of_its_own_and_those_that_are_shared(self, file: Written) -> None:
        serwis, montaz = load_all(file(TWO), {})
        assert (serwis.workbook.path, serwis.workbook.language, serwis.workbook.tabs) == ("serwis.xlsx", "pl", {})
        assert (montaz.workbook.kind, montaz.workbook.language) == ("google", "en")
        assert montaz.workbook.tabs == {"clients": "Kontrahenci"}
        assert serwis.reminders == montaz.reminders
        assert serwis.reminders.max_per_day == 7

    def test_keeps_its_state_and_its_letters_apart_from_the_others(self, file: Written) -> None:
        path = file(TWO)
        folders = [(one.state_folder, one.outbox_folder) for one in load_all(path, {})]
        here = path.parent
        assert folders == [(here / ".kartoteka" / name, here / "outbox" / name) for name in ("serwis", "montaz")]

    def test_has_a_watchdog_of_its_own(self, file: Written) -> None:
        found = load_all(file(TWO + '[notify]\nping = "https://hc-ping.com/key/{workbook}"'), {})
        assert [one.watchdog for one in found] == ["https://hc-ping.com/key/serwis", "https://hc-ping.com/key/montaz"]

    def test_is_called_by_its_name_before_people(self, file: Written) -> None:
        assert [one.workbook_name for one in load_all(file(TWO), {})] == ["serwis", "montaz"]

    @pytest.mark.parametrize("name", ["montaz", "Montaz"])
    def test_can_be_named_alone(self, file: Written, name: str) -> None:
        path = file(TWO)
        assert load(path, {"KARTOTEKA_WORKBOOK": name}).workbook.spreadsheet == "1AbC-x_9"
        assert load_all(path, {"KARTOTEKA_WORKBOOK": name}) == (load(path, {"KARTOTEKA_WORKBOOK": name}),)

    def test_takes_shared_settings_from_the_environment(self, file: Written) -> None:
        found = load_all(file(TWO), {"KARTOTEKA_REMINDERS__MAX_PER_DAY": "3"})
        assert [one.reminders.max_per_day for one in found] == [3, 3]


class TestAListOfOne:
    @pytest.mark.parametrize("rest", ["", 'path = "faktury.xlsx"\nbackups = 3\n[workbook.tabs]\nclients = "Firmy"'])
    def test_is_the_same_as_a_section(self, file: Written, rest: str) -> None:
        one, environ = load_all(file(f"[[workbook]]\n{rest}"), {}), {"KARTOTEKA_WORKBOOK__LANGUAGE": "en"}
        assert one == load_all(file(f"[workbook]\n{rest}"), {})
        assert one[0].state_folder.name == ".kartoteka"
        assert load(file(f"[[workbook]]\n{rest}"), environ) == load(file(f"[workbook]\n{rest}"), environ)

    def test_complains_in_the_same_words(self, file: Written) -> None:
        assert complaint(file("[[workbook]]\nbackups = -1")) == complaint(file("[workbook]\nbackups = -1"))

    def test_may_have_a_name(self, file: Written) -> None:
        path = file('[workbook]\nname = "serwis"')
        for environ in ({}, {"KARTOTEKA_WORKBOOK": "serwis"}):
            assert load(path, environ).state_folder == path.parent / ".kartoteka" / "serwis"


class TestWrongSettings:
    def test_are_named_with_the_workbook_they_belong_to_all_at_once_and_each_once(self, file: Written) -> None:
        text = TWO.replace('language = "en"', 'language = "de"') + '[[workbook]]\npatch = "x"\n[mail]\nport = 0'
        said = complaint(file(text), KARTOTEKA_WORKBOOK__BACKUPS="3")
        for line in (
            '[[workbook]] montaz, language: "de" stands there; allowed: "pl" or "en".',
            "[[workbook]] no. 3, patch: no such key. Did you mean path?",
            "[[workbook]] no. 3, name: blank, but each of several workbooks needs one",
            "KARTOTEKA_WORKBOOK__BACKUPS: of which of the [[workbook]]?",
        ):
            assert line in said
        assert said.count("[mail] port: 0 stands there") == 1

    @pytest.mark.parametrize("name", ["a/b", "..", "-x", "żuraw", "a b", "x" * 25])
    def test_are_names_that_are_no_good_as_a_folder(self, file: Written, name: str) -> None:
        assert f'[[workbook]] {name}, name: "{name}" stands there' in complaint(file(TWO.replace("serwis", name)))

    def test_are_names_that_some_folders_do_not_tell_apart(self, file: Written) -> None:
        assert "[[workbook]] serwis: 2 workbooks have this name." in complaint(file(TWO.replace("montaz", "Serwis")))

    def test_are_two_entries_for_one_file_however_it_is_written(self, file: Written, tmp_path: Path) -> None:
        (tmp_path / "serwis.xlsx").touch()
        (tmp_path / "link.xlsx").symlink_to(tmp_path / "serwis.xlsx")
        for same in ("serwis.xlsx", "./x/../serwis.xlsx", str(tmp_path / "serwis.xlsx"), "link.xlsx"):
            said = complaint(file(f'{TWO}[[workbook]]\nname = "x"\npath = "{same}"'))
            assert f"[[workbook]] serwis and x: both are {tmp_path / 'serwis.xlsx'}" in said

    def test_are_two_entries_for_one_spreadsheet_however_it_is_written(self, file: Written) -> None:
        address = "https://docs.google.com/spreadsheets/d/1AbC-x_9/edit?gid=0"
        text = f'{TWO}[[workbook]]\nname = "x"\nkind = "google"\nspreadsheet = "{address}"'
        assert "[[workbook]] montaz and x: both are " in complaint(file(text))

    def test_are_one_watchdog_for_several(self, file: Written) -> None:
        said = complaint(file(TWO + '[notify]\nping = "https://hc-ping.com/secret-uuid"'))
        assert "[notify] ping: one address for several workbooks" in said
        assert "secret-uuid" not in said

    @pytest.mark.parametrize("text", ["workbook = []", 'workbook = ["a"]', 'workbook = ["a", "b"]', "workbook = 3"])
    def test_are_lists_of_something_else(self, file: Written, text: str) -> None:
        said = complaint(file(text), KARTOTEKA_WORKBOOK__BACKUPS="3")
        assert "The settings in" in said

    def test_name_the_workbooks_when_none_is_said_or_another(self, file: Written) -> None:
        path = file(TWO)
        with pytest.raises(WrongUse, match="There are 2 workbooks in") as caught:
            load(path, {})
        assert caught.value.advice == "Say which: --workbook serwis|montaz"
        assert "There is no workbook 'biuro' in" in complaint(path, KARTOTEKA_WORKBOOK="biuro")
        assert "has no name: say none" in complaint(file(""), KARTOTEKA_WORKBOOK="biuro")


def test_the_one_workbook_needs_no_name(file: Written) -> None:
    path = file("")
    assert load_all(path, {}) == (Settings(folder=path.parent),)
