"""Files become lists whose columns are understood: by the format, by what was said last time, and by whoever can be
asked. Touches files through the importers and the state folder."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from importers.formats import recognise
from importers.mapping import ColumnMap, lacking, mapping, target_named
from importers.shared_targets import shared
from importers.source import Source, held
from sync.importing import Lot
from sync.remembered_mappings import recall, remember
from validators.errors import WrongUse

# Shows a question and gives the answer; None where nobody can be asked.
Ask = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the person who imports said of the lists: their kind ("" = as their columns tell), and what columns mean.
    Of a `trial` nothing is remembered."""

    to: str = ""
    chosen: Mapping[str, str] = field(default_factory=dict)
    trial: bool = False


@dataclass(frozen=True, slots=True)
class Opened:
    """The lists of a file, and of those that could not be used, a sentence each."""

    lots: tuple[Lot, ...]
    notes: tuple[str, ...] = ()


def opened(
    path: Path, wanted: Wanted, state: Path, country: str, show: Callable[[Lot], None], ask: Ask | None
) -> Opened:
    """Every list of the file at `path`, `show`n before anything of it is asked.

    Raises:
        WrongUse: no format fits the file, or nobody can tell what its lists are.
    """
    sources = [held(listing) for listing in recognise(path).listings(path)]
    lots: list[Lot] = []
    notes: list[str] = []
    for source in sources:
        try:
            lots.append(_lot(path, source, wanted, state, country, show, ask))
        except WrongUse as error:
            if len(sources) == 1:
                told = error.what if path.name in error.what else f"{path.name}: {error.what}"
                raise WrongUse(told, error.advice) from None
            notes.append(f"{path.name}, {source.title} ({len(source)} rows) left out: {error.what}")
    if not lots:
        raise WrongUse(f"{path.name} holds no list that can be imported.", " ".join(notes))
    return Opened(tuple(lots), tuple(notes))


def _lot(
    path: Path, source: Source, wanted: Wanted, state: Path, country: str, show: Callable[[Lot], None], ask: Ask | None
) -> Lot:
    known = recall(state, source.columns)
    if known is not None and wanted.to not in ("", known.kind):
        known = None
    to = wanted.to or (known.kind if known else "")
    found = mapping(source, to, wanted.chosen, known.meaning if known else None, country)
    lot = Lot(path.name, source, found)
    show(lot)
    settled = found if ask is None else _asked(found, ask)
    if set(shared(source, settled)) - set(shared(source, found)):  # by an answer: what follows from it is to be seen
        show(replace(lot, mapping=settled))
    missing = lacking(settled)
    if missing and len(source):
        raise WrongUse(
            f"No column of {path.name} is known to be the {missing} of {settled.kind}.",
            f'Say which: --map "Column={missing}". The columns are: {", ".join(source.columns)}.',
        )
    if not wanted.trial and (wanted.chosen or settled != found):
        remember(state, settled)
    return replace(lot, mapping=settled)


def _asked(found: ColumnMap, ask: Ask) -> ColumnMap:
    """Every proposal, confirmed or not."""
    for meant in found.unsure:
        answer = ask(
            f"Is column '{meant.column}' ({', '.join(meant.sample)}) the {meant.target}? yes, no, or another field"
        ).strip()
        if answer.casefold() in ("", "y", "yes", "t", "tak"):
            target = meant.target
        else:
            target = "" if answer.casefold() in ("n", "no", "nie") else target_named(answer, found.kind)
        found = found.chosen(meant.column, target)
    return found
