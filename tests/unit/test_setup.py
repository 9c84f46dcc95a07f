"""Setting a workbook up: what it lacks is added, nothing that stands is moved, and twice changes nothing."""

from collections.abc import Sequence

import pytest

from config.settings import Settings
from sync.book import locate, require
from sync.journeys import NEEDED
from sync.plan import Plan
from sync.setup import setup
from sync.snapshot import Sheet
from sync.storage.memory import MemoryWorkbook
from tests.making import KLIENCI, NOTATNIK
from tests.workbooks_for_tests import ANNA, sheet
from validators.errors import WrongUse
from validators.tabs import TABS

VOCABULARY = Sheet("Słownik", [("Rodzaj", "Nazwa"), ("etap", "Mój etap")])


def options(language: str = "pl") -> Settings:
    return Settings.model_validate({"workbook": {"language": language}})


def set_up(*sheets: Sheet, language: str = "pl") -> tuple[Plan, MemoryWorkbook]:
    workbook = MemoryWorkbook(sheets)
    snapshot = workbook.read()
    plan = setup(snapshot, options(language), "r")
    workbook.apply(plan, after=snapshot)
    return plan, workbook


@pytest.mark.parametrize("language", ["pl", "en"])
@pytest.mark.parametrize("sheets", [(), (KLIENCI,), (NOTATNIK, VOCABULARY), (Sheet("Faktury", []),)])
def test_afterwards_everything_is_there_and_a_second_time_changes_nothing(
    sheets: Sequence[Sheet], language: str
) -> None:
    _, workbook = set_up(*sheets, language=language)
    snapshot = workbook.read()
    require(locate(snapshot), snapshot, *NEEDED)
    places = locate(snapshot)
    assert all(place.header is not None and place.header.absent == () for place in places.values())
    assert len(places) == len(TABS)
    assert setup(snapshot, options(language), "r2").empty


def test_an_empty_workbook_gets_every_tab_with_the_rules_to_begin_with() -> None:
    plan, workbook = set_up()
    assert plan.tabs == tuple(tab.name for tab in TABS)
    assert [s.title for s in workbook.read().sheets] == [tab.pl for tab in TABS]
    rows = {name: len(place.table()) for name, place in locate(workbook.read()).items()}
    assert (rows["clients"], rows["invoices"], rows["history"], rows["reminders"]) == (0, 0, 0, 6)
    assert min(rows["vocabulary"], rows["templates"]) > 0


def test_every_cell_that_stood_stands_where_it_stood() -> None:
    """New columns come right of the old ones; titles, unknown columns and other sheets are untouched."""
    _, workbook = set_up(KLIENCI, NOTATNIK)
    after = {s.title: s for s in workbook.read().sheets}
    assert [tuple(row) for row in after["Notatnik Ani"].rows] == NOTATNIK.rows
    for number, row in enumerate(KLIENCI.rows):
        assert list(after["Klienci"].rows[number])[: len(row)] == list(row)


def test_a_vocabulary_of_the_teams_own_is_not_filled_with_ours() -> None:
    plan, _ = set_up(VOCABULARY)
    assert "vocabulary" not in {row.tab for row in plan.appended}
    assert {row.tab for row in plan.appended} == {"reminders", "templates"}
    assert {(c.tab, c.field) for c in plan.columns} == {("vocabulary", "synonyms"), ("vocabulary", "closed")}


def test_a_tab_with_only_a_header_is_filled() -> None:
    plan, _ = set_up(Sheet("Słownik", [("Rodzaj", "Nazwa", "Synonimy", "Zamknięty")]))
    assert "vocabulary" in {row.tab for row in plan.appended}
    assert "vocabulary" not in plan.tabs


def test_the_workbooks_language_decides_new_labels_and_never_renames_old_ones() -> None:
    _, workbook = set_up(sheet("clients", [ANNA], fields=["name"]), language="en")
    titles = {s.title: s for s in workbook.read().sheets}
    assert {"Klienci", "Invoices", "Templates"} <= set(titles)
    assert list(titles["Klienci"].rows[0])[:3] == ["Nazwa", "ID", "Contact person"]


def test_a_tab_whose_headers_do_not_fit_is_left_to_a_person() -> None:
    with pytest.raises(WrongUse):
        set_up(Sheet("Faktury", [("Nr", "Kto", "Ile")]))
