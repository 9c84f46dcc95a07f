"""What a workbook lacks before Kartoteka can work in it, as a plan: tabs, columns, defaults. Pure.

Nothing that stands is moved, renamed or overwritten; planning again after applying gives an empty plan.
"""

from collections.abc import Iterator, Mapping

from config import defaults
from config.letter_defaults import default_templates
from config.settings import Settings
from sync.book import Place, locate
from sync.plan import AddColumn, AppendRow, Plan
from sync.snapshot import Snapshot
from validators.rows import Cell
from validators.tabs import TABS, Tab


def setup(snapshot: Snapshot, settings: Settings, run: str) -> Plan:
    """The plan that makes `snapshot` a complete workbook in the settings' language.

    Raises:
        WrongUse: a tab is there twice or lacks its required headers; a person must decide first.
    """
    places = locate(snapshot, settings.workbook.tabs)
    lacking = tuple(tab.name for tab in TABS if tab.name not in places or places[tab.name].header is None)
    columns = tuple(column for place in places.values() for column in _columns(place))
    appended = tuple(
        AppendRow(tab.name, values)
        for tab in TABS
        if _is_bare(places.get(tab.name))
        for values in _defaults(tab, settings.workbook.language)
    )
    language = settings.workbook.language
    return Plan(run, snapshot.register, language, tabs=lacking, columns=columns, appended=appended)


def _columns(place: Place) -> Iterator[AddColumn]:
    """The columns that a tab lacks, Kartoteka's own last, in the order of the description."""
    if place.header is None:
        return
    for name in place.header.absent:
        yield AddColumn(place.tab.name, name)


def _is_bare(place: Place | None) -> bool:
    return place is None or len(place.table()) == 0


def _defaults(tab: Tab, language: str) -> Iterator[Mapping[str, Cell]]:
    if tab.name == "vocabulary":
        yield from defaults.vocabulary(language)
    elif tab.name == "reminders":
        yield from defaults.reminder_rules(language)
    elif tab.name == "templates":
        for letter in default_templates(language):
            yield {
                "template": letter.name,
                "language": letter.language,
                "subject": letter.subject,
                "body": letter.body,
            }
