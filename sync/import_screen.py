"""What a person at the terminal sees of an import: what columns mean, what would change, how it ended. Words only."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from config.import_words import text
from importers.mapping import How
from importers.shared_targets import sentence, shared
from importers.verdicts import Difference, Ruling, Verdict
from sync.import_report import Imported
from sync.importing import Lot
from sync.screen import count_of
from validators.rows import Cell, as_text
from validators.tabs import tab

_HOW = {
    How.SPELLING: "spelt nearly so",
    How.VALUES: "by its values",
    How.REMEMBERED: "as last time",
    How.CHOSEN: "as you said",
}
_SHOWN, _PLANNED = 20, 1000  # lines of one verdict; a dry run is read more closely


def columns(console: Console, lot: Lot, language: str) -> None:
    """The columns of a list, what they mean, and the first values in each; those left out last, in one line."""
    source, found = lot.source, lot.mapping
    of_what = f"{count_of(len(source), 'row', 'rows')} of {found.kind}"
    console.print(Text(f"{_named_list(lot)}: {of_what}", style="bold"))
    grid = Table.grid(padding=(0, 2))
    for meant in found.columns:
        if meant.target:
            sure = "" if meant.sure else " ?"
            how = _HOW.get(meant.how, "")
            grid.add_row(
                f"  {meant.column}",
                f"→ {label(found.kind, meant.target, language)}{sure}",
                how,
                Text(", ".join(meant.sample)),
            )
    console.print(grid)
    left = [meant.column for meant in found.columns if not meant.target]
    if left:
        console.print(Text(f"  left out: {', '.join(left)}"), soft_wrap=True)
    for note in (*notes_of_columns(lot, language), *source.notes):
        console.print(Text(f"  {note}"), soft_wrap=True)


def heading(console: Console, lot: Lot) -> None:
    """Which of several lists the next lines are about."""
    console.print(Text(_named_list(lot), style="bold"), soft_wrap=True)


def _named_list(lot: Lot) -> str:
    title = lot.source.title
    return lot.file if title in ("", lot.file, Path(lot.file).stem) else f"{lot.file}, {title}"


def notes_of_columns(lot: Lot, language: str) -> list[str]:
    """What is to be said of columns that share a field."""
    return [sentence(each, label(lot.mapping.kind, each.target, language)) for each in shared(lot.source, lot.mapping)]


def label(kind: str, target: str, language: str) -> str:
    """The target as the sheet's header calls it; a part of one by its own name."""
    return next((f.label(language) for f in tab(kind).fields if f.name == target), target.replace("_", " "))


def verdicts(console: Console, found: Imported, language: str, *, changes: bool) -> None:
    """Every row that was not taken, with the reason; with `changes` those, too, that bring or change something."""
    wanted = (Verdict.NEW, Verdict.UPDATE, Verdict.KNOWN, Verdict.DUPLICATE) if changes else ()
    most = _PLANNED if changes else _SHOWN
    told: dict[Verdict, list[str]] = {verdict: [] for verdict in (*wanted, Verdict.CONFLICT, Verdict.REJECTED)}
    count: Counter[Verdict] = Counter()
    for ruling in found.rulings:  # once: those of a long list are made as they are asked for
        if ruling.verdict in told:
            room = most - len(told[ruling.verdict])
            told[ruling.verdict] += islice(_lines(ruling, language), room)
            count[ruling.verdict] += _line_count(ruling)
    for verdict, lines in told.items():
        for line in lines:
            console.print(Text(line), soft_wrap=True)
        if count[verdict] > most:
            console.print(Text(f"… and {count[verdict] - most} more {verdict}"))


def summary(console: Console, found: Imported, *, planned: bool) -> None:
    """How many rows got which verdict; together they are all rows of the list."""
    told = [f"{number} {name}" for name, number in found.counts.items() if number]
    console.print(Text(f"{count_of(found.rows, 'row', 'rows')}: {', '.join(told) or 'none'}"))
    made = [count_of(number, name[:-1], name) for name, number in found.created.items() if number]
    if made:
        console.print(Text(f"  {'would add' if planned else 'added'} {' and '.join(made)}"))
    if found.updated:
        what = count_of(found.updated, found.lot.mapping.kind[:-1], found.lot.mapping.kind)
        console.print(Text(f"  {'would update' if planned else 'updated'} {what}"))
    if found.kept:
        what = count_of(found.kept, "record differs", "records differ")
        console.print(Text(f"  {what} from the file in cells that stay as they are; --update takes the file's"))
    if found.rejects:
        console.print(Text(f"  rows to mend and import again: {found.rejects}"), soft_wrap=True)


def batch(console: Console, rulings: Sequence[Ruling]) -> None:
    """The records of one batch that was written."""
    for ruling in rulings:
        for addition in ruling.additions:
            console.print(Text(f"  {addition.id}  {_named(addition.tab, addition.values)}"))
        for each in ruling.changes:
            console.print(Text(f"  {ruling.id}  {_changed(each)}"), soft_wrap=True)


def _lines(ruling: Ruling, language: str) -> Iterable[str]:
    where = f"row {ruling.line}"
    if ruling.verdict is Verdict.NEW:
        for addition in ruling.additions:
            yield f"new        {where}: {addition.id} {_named(addition.tab, addition.values)}"
    elif ruling.verdict in (Verdict.UPDATE, Verdict.KNOWN):
        for each in ruling.changes:
            yield f"update     {where}: {ruling.id} {_changed(each)}"
        for each in ruling.kept:
            yield f"kept       {where}: {ruling.id} {_changed(each)} (stays; --update takes the file's)"
    else:
        for reason in ruling.reasons:
            yield f"{ruling.verdict:<10} {where}: {text(reason, language)}"


def _line_count(ruling: Ruling) -> int:
    """How many lines tell of it."""
    if ruling.verdict is Verdict.NEW:
        return len(ruling.additions)
    return len(ruling.differences if ruling.verdict in (Verdict.UPDATE, Verdict.KNOWN) else ruling.reasons)


def _named(name: str, values: Mapping[str, Cell]) -> str:
    return as_text(values.get(tab(name).required[0].name)).replace("\n", " · ")


def _changed(each: Difference) -> str:
    before, after = (as_text(cell).replace("\n", " · ") or "–" for cell in (each.before, each.after))
    return f"{each.field}: {before} → {after}"
