"""From a snapshot to records: the first half of every journey. Pure; decides nothing, loses nothing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from config.settings import Settings
from sync import archives, history
from sync.book import Place, absent_columns, locate
from sync.snapshot import Snapshot
from validators.columns import Context, understand
from validators.debtors import ClientIndex
from validators.invoices import read_invoices
from validators.problems import Problem, Severity
from validators.reading import read_clients, read_rules
from validators.records import Client, Invoice, Rule
from validators.rows import Table, as_text
from validators.tabs import CLIENTS, INVOICES, TABS, TEMPLATES, VOCABULARY, Tab
from validators.templates import LetterTemplate
from validators.vocabulary import Entry, Vocabulary


@dataclass(frozen=True, slots=True)
class Gathered:
    """All that a workbook says at one moment. `ids` holds the id of every row of a tab, new ones already given;
    `fresh` the positions of the rows that had none."""

    places: Mapping[str, Place]
    tables: Mapping[str, Table]
    ids: Mapping[str, Sequence[str]]
    fresh: Mapping[str, Sequence[int]]
    clients: tuple[Client, ...]
    invoices: tuple[Invoice, ...]
    rules: tuple[Rule, ...]
    templates: tuple[LetterTemplate, ...]
    vocabulary: Vocabulary
    past: history.Facts
    problems: tuple[Problem, ...]


def gather(snapshot: Snapshot, settings: Settings, now: datetime) -> Gathered:
    """Everything `snapshot` says, as records and problems; `now` is in the workbook's time zone.

    Raises:
        WrongUse: a tab is there twice or lacks its required headers.
    """
    places = locate(snapshot, settings.workbook.tabs)
    tables = {tab.name: places[tab.name].table() if tab.name in places else Table(tab, (), {}) for tab in TABS}
    older = archives.archived(snapshot, settings.workbook.tabs.get("history", ""))
    tables["history"] = archives.whole(tables["history"], older)
    past = history.facts(history.events(tables["history"]))
    ids, fresh = {}, {}
    for tab in (CLIENTS, INVOICES):
        ids[tab.name], fresh[tab.name] = _identify(tab, tables[tab.name].ids(), past.known_ids)
    _forget_copied_steps(tables["invoices"], ids["invoices"], fresh["invoices"], past)
    context = Context(settings.workbook.country)
    clients = read_clients(tables["clients"], ids["clients"], context)
    invoices = read_invoices(
        tables["invoices"],
        ids["invoices"],
        context,
        ClientIndex(clients.records),
        settings.workbook.currency,
        now.date(),
    )
    rules = read_rules(tables["reminders"], context)
    gone = (_archive_problem(title) for title in archives.absent(tables["history"], older))
    problems = (*clients.problems, *invoices.problems, *rules.problems, *_shape_problems(places.values()), *gone)
    return Gathered(
        places,
        tables,
        ids,
        fresh,
        clients.records,
        invoices.records,
        rules.records,
        _templates(tables["templates"], context, settings.workbook.language),
        _vocabulary(tables["vocabulary"], context),
        past,
        problems,
    )


def _identify(tab: Tab, found: Sequence[str], known: Iterable[tuple[str, str]]) -> tuple[list[str], list[int]]:
    """Ids for the rows that have none, counted on from the highest ever given: an id is never used again."""
    given = {id_ for name, id_ in known if name == tab.name}.union(found)
    numbers = (id_.removeprefix(f"{tab.prefix}-") for id_ in given if id_.startswith(f"{tab.prefix}-"))
    last = max((int(number) for number in numbers if number.isdecimal()), default=0)
    fresh = [position for position, id_ in enumerate(found) if not id_]
    ids = list(found)
    for number, position in enumerate(fresh, start=last + 1):
        ids[position] = f"{tab.prefix}-{number:04}"
    return ids, fresh


def _forget_copied_steps(table: Table, ids: Sequence[str], fresh: Sequence[int], past: history.Facts) -> None:
    """A row that people copied to write a new invoice still shows the reminders of the old one: they do not count.

    They do where the row is an old one that has lost its id: its number is that of an invoice no longer there.
    """
    present = set(ids)
    known = {id_: number for (tab, id_), number in past.named.items() if tab == table.tab.name}
    lost = {number for id_, number in known.items() if id_ not in present}
    numbers = table.column("number")
    for position in fresh:
        if known and as_text(numbers[position]) not in lost:
            past.ladder[ids[position]] = ("", None)


def _vocabulary(table: Table, context: Context) -> Vocabulary:
    kinds = understand(VOCABULARY.field("kind"), table.column("kind"), context).values
    closed = understand(VOCABULARY.field("closed"), table.column("closed"), context).values
    names, synonyms = table.column("name"), table.column("synonyms")
    return Vocabulary(
        Entry(str(kind), as_text(name), tuple(s.strip() for s in as_text(others).split(";") if s.strip()), bool(ends))
        for kind, name, others, ends in zip(kinds, names, synonyms, closed, strict=True)
        if kind and as_text(name)
    )


def _templates(table: Table, context: Context, language: str) -> tuple[LetterTemplate, ...]:
    languages = understand(TEMPLATES.field("language"), table.column("language"), context).values
    texts = zip(table.column("template"), languages, table.column("subject"), table.column("body"), strict=True)
    return tuple(
        LetterTemplate(as_text(name), str(own or language), as_text(subject), str(body or ""))
        for name, own, subject, body in texts
        if as_text(name)
    )


def _shape_problems(places: Iterable[Place]) -> Iterable[Problem]:
    """What is odd about a tab as a whole: headers that stand twice, service columns that have gone."""
    for place in places:
        if place.header is None:
            continue
        line = place.header.index + 1
        for label in place.header.duplicates:
            yield Problem(place.tab.name, line, "", "", label, "duplicate_header", severity=Severity.WARNING)
        for name in absent_columns(place):
            yield Problem(place.tab.name, line, "", name, None, "column_absent", severity=Severity.WARNING)


def _archive_problem(title: str) -> Problem:
    return Problem("history", 0, "", "", title, "archive_absent", severity=Severity.WARNING)


def ladder(rules: Iterable[Rule], about: str) -> tuple[Rule, ...]:
    """The active rules about `about`, by days."""
    return tuple(sorted((r for r in rules if r.about == about and r.active), key=lambda rule: rule.days))
