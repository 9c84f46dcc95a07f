"""Which column of a list means which target: by the format, by what was chosen before, by its header, by its values.

Pure. Nothing is guessed silently: each column carries how its meaning is known, and what is not sure is asked.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum, auto
from functools import cache

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from importers.header_words import CLIENT_WORDS, INVOICE_WORDS
from importers.source import Source, sample
from importers.targets import CLIENT_TARGETS, INVOICE_TARGETS
from importers.telling import SURE_BY_VALUES, told_by_values
from validators.errors import WrongUse
from validators.rows import Cell
from validators.tabs import CLIENTS, INVOICES, Owner, Tab
from validators.text import fold

LEFT_OUT = "-"
REASON_HEADERS = ("Powód odrzucenia", "Reason for rejection")
KINDS = ("clients", "invoices")
# One slip in five letters is close, and no other target may come almost as near.
_CLOSE, _MARGIN, _SHORTEST = 0.8, 0.08, 5
# A list with so many of the columns that Kartoteka writes comes from a workbook of Kartoteka's.
_OURS = 5
# Targets that several columns may fill together.
JOINED = frozenset({"email", "phone", "notes", "tags", "documents", "client_email", "client_phone"})
_NAMES = ("name", "company", "first_name", "last_name")
_POSTAL_CODE = re.compile(r"\d\d[- ]?\d{3}")
_BUYERS = ("client", "client_name", "client_tax_id", "client_email")


class How(StrEnum):
    """How the meaning of a column is known; the first members go before the later ones."""

    CHOSEN = auto()
    REMEMBERED = auto()
    FORMAT = auto()
    WORD = auto()
    SPELLING = auto()
    VALUES = auto()
    NOTHING = auto()


@dataclass(frozen=True, slots=True)
class Meant:
    """One column: its `target` ("" = left out), how that is known, and the first values in it. Of one that is not
    `sure` the target is a proposal: a person should confirm it."""

    column: str
    target: str
    how: How
    sure: bool = True
    sample: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """What the columns of a list mean: of `kind` "clients" or "invoices"."""

    kind: str
    columns: tuple[Meant, ...]

    @property
    def unsure(self) -> tuple[Meant, ...]:
        """The proposals that nobody has confirmed."""
        return tuple(meant for meant in self.columns if not meant.sure)

    def by_target(self) -> dict[str, list[str]]:
        """The columns of each target, in the order of the list; proposals count once they are confirmed."""
        found: dict[str, list[str]] = defaultdict(list)
        for meant in self.columns:
            if meant.target and meant.sure:
                found[meant.target].append(meant.column)
        return dict(found)

    def chosen(self, column: str, target: str) -> "ColumnMap":
        """The same with the meaning of one column settled by a person; "" leaves it out."""
        settled = (
            replace(m, target=target, how=How.CHOSEN, sure=True) if m.column == column else m for m in self.columns
        )
        return replace(self, columns=tuple(settled))

    def as_chosen(self) -> dict[str, str]:
        """Every column with its target, as it is remembered."""
        return {meant.column: meant.target if meant.sure else "" for meant in self.columns}


def mapping(
    source: Source,
    to: str = "",
    chosen: Mapping[str, str] | None = None,
    remembered: Mapping[str, str] | None = None,
    country: str = "PL",
) -> ColumnMap:
    """What the columns of `source` mean. `to` names the kind of list, "" where its columns shall tell; `chosen` maps
    columns to targets as a person said, `remembered` as somebody confirmed for a list with the same columns.

    Raises:
        WrongUse: a chosen column or target does not exist, or nobody can tell whether these are clients or invoices.
    """
    wanted = _chosen(source, chosen or {})
    kind = to or source.kind or _kind(source, {**(remembered or {}), **wanted})
    _check_targets(wanted, kind)
    found = _Finding(source, kind)
    found.take(wanted, How.CHOSEN)
    found.take({c: t for c, t in (remembered or {}).items() if c in source.columns}, How.REMEMBERED)
    if source.kind in ("", kind):
        found.take(dict(source.meaning), How.FORMAT)
    found.take(dict.fromkeys(_written_by_us(source, kind), ""), How.FORMAT)
    found.by_word()
    if not source.meaning:  # a format that knows its columns leaves nothing to be guessed
        found.by_spelling()
        found.by_values(country)
    found.leave_out()
    return found.result()


def lacking(found: ColumnMap) -> str:
    """What the mapping lacks to become records: "name"; "number", "amount" or "client"; "" when nothing."""
    targets = found.by_target()
    if found.kind == "clients":
        return "" if any(name in targets for name in _NAMES) else "name"
    if "number" not in targets:
        return "number"
    if not {"amount", "line_amount"} & targets.keys():
        return "amount"
    return "" if any(buyer in targets for buyer in _BUYERS) else "client"


def target_named(text: str, kind: str) -> str:
    """The target that a person means by `text`: its name, or a label of the tab; "" for one that is to be left out.

    Raises:
        WrongUse: there is none such; the nearest is named.
    """
    if text.strip() in ("", LEFT_OUT):
        return ""
    known = _labels(kind) | {fold(name): name for name in _targets(kind)}
    key = fold(text)
    if key in known:
        return known[key]
    near = process.extractOne(key, known.keys(), scorer=fuzz.ratio, score_cutoff=50)
    hint = f" The nearest is '{known[near[0]]}'." if near else ""
    raise WrongUse(f"There is no field '{text}' in {kind}.{hint}", f"Fields are: {', '.join(_targets(kind))}.")


class _Finding:
    """The meaning of each column, found step by step; a target of one value is given away once."""

    def __init__(self, source: Source, kind: str) -> None:
        self._source, self._kind = source, kind
        self._found: dict[str, Meant] = {}
        self._taken: set[str] = set()

    def take(self, meaning: Mapping[str, str], how: How, *, sure: bool = True) -> None:
        for column, target in meaning.items():
            if column in self._source.columns and column not in self._found:
                self._found[column] = Meant(column, target, how, sure, sample(self._source.columns[column]))
                self._taken.update({target} - {""})

    def by_word(self) -> None:
        """By its header. Of several columns with one meaning the first counts, in the order of the list of words."""
        words = headers(self._kind)
        reasons = [column for column in self._open() if is_of_reasons(column)]
        self.take(dict.fromkeys(reasons, ""), How.FORMAT)
        ranked = sorted((words[key][1], column) for column in self._open() if (key := fold(column)) in words)
        order = {column: i for i, column in enumerate(self._source.columns)}
        for _, column in sorted(ranked, key=lambda pair: (pair[0], order[pair[1]])):
            target = words[fold(column)][0]
            if (target in self._taken and target not in JOINED) or _is_symbol(column, self._source.columns[column]):
                self.take({column: ""}, How.WORD)
            else:
                self.take({column: target}, How.WORD)

    def by_spelling(self) -> None:
        words = headers(self._kind)
        for column in self._open():
            target = _closest(fold(column), words)
            if target and target not in self._taken:
                self.take({column: target}, How.SPELLING)

    def by_values(self, country: str) -> None:
        for column in self._open():
            target = told_by_values(self._source.columns[column], self._kind, country)
            if target == "amount" and "line_amount" in self._taken:
                continue  # a list of lines has quantities and rates
            if target and target not in self._taken:
                self.take({column: target}, How.VALUES, sure=target in SURE_BY_VALUES)

    def leave_out(self) -> None:
        """What nobody knows the meaning of."""
        self.take(dict.fromkeys(self._open(), ""), How.NOTHING)

    def _open(self) -> list[str]:
        return [column for column in self._source.columns if column not in self._found]

    def result(self) -> ColumnMap:
        return ColumnMap(self._kind, tuple(self._found[column] for column in self._source.columns))


def _is_symbol(column: str, cells: Sequence[Cell]) -> bool:
    """Whether "Kod" is what a program calls its clients by ("ALFA", "K001"), no postal code."""
    texts = sample(cells) if fold(column) == "kod" else ()
    return bool(texts) and not any(map(_POSTAL_CODE.search, texts))


def is_of_reasons(column: str) -> bool:
    """Whether the column holds the reasons of rejection, as in a list that an import has written."""
    return fold(column) in map(fold, REASON_HEADERS)


@cache
def headers(kind: str) -> Mapping[str, tuple[str, int]]:
    """By folded header, the target it means and its rank: the sheet's own labels first."""
    words: dict[str, tuple[str, int]] = {}
    for key, target in _labels(kind).items():
        words.setdefault(key, (target, 0))
    for target, texts in (CLIENT_WORDS if kind == "clients" else INVOICE_WORDS).items():
        for rank, text in enumerate(texts, start=1):
            words.setdefault(fold(text), (target, rank))
    for target in _targets(kind):
        words.setdefault(fold(target), (target, 1))
    return words


@cache
def _labels(kind: str) -> dict[str, str]:
    tab: Tab = CLIENTS if kind == "clients" else INVOICES
    fields = [field for field in tab.fields if field.name in _targets(kind)]
    synonyms = {fold(text): field.name for field in fields for text in field.synonyms}
    return synonyms | {fold(text): field.name for field in fields for text in (field.en, field.pl)}


def _written_by_us(source: Source, kind: str) -> list[str]:
    """The columns that Kartoteka itself has written and will write anew: in them a status says nothing of payment, and
    "ID klienta" is no tax id."""
    fields = (CLIENTS if kind == "clients" else INVOICES).owned(Owner.SERVICE)
    labels = {fold(text) for field in fields if field.name != "id" for text in (field.en, field.pl)}
    found = [column for column in source.columns if fold(column) in labels]
    return found if len(found) >= _OURS else []


def _targets(kind: str) -> tuple[str, ...]:
    return CLIENT_TARGETS if kind == "clients" else INVOICE_TARGETS


def _closest(key: str, words: Mapping[str, tuple[str, int]]) -> str:
    if len(key) < _SHORTEST:
        return ""
    near = process.extract(key, words.keys(), scorer=OSA.normalized_similarity, score_cutoff=_CLOSE - _MARGIN, limit=8)
    best: dict[str, float] = {}
    for text, score, _ in near:
        target = words[text][0]
        best[target] = max(score, best.get(target, 0.0))
    ranked = sorted(best.items(), key=lambda pair: -pair[1])
    clear = ranked and ranked[0][1] >= _CLOSE and (len(ranked) == 1 or ranked[0][1] - ranked[1][1] >= _MARGIN)
    return ranked[0][0] if clear else ""


def _chosen(source: Source, chosen: Mapping[str, str]) -> dict[str, str]:
    """`chosen` by the names of the source's columns."""
    known = {fold(column) or column: column for column in source.columns}
    found: dict[str, str] = {}
    for text, target in chosen.items():
        column = text if text in source.columns else known.get(fold(text) or text)
        if column is None:
            near = process.extractOne(fold(text), known.keys(), scorer=fuzz.ratio, score_cutoff=50)
            hint = f" The nearest is '{known[near[0]]}'." if near else ""
            raise WrongUse(f"The list has no column '{text}'.{hint}", f"It has: {', '.join(source.columns)}.")
        found[column] = target
    return found


def _check_targets(wanted: dict[str, str], kind: str) -> None:
    for column, text in wanted.items():
        wanted[column] = target_named(text, kind)


def _kind(source: Source, given: Mapping[str, str]) -> str:
    """Clients or invoices, by what the columns mean when read as either.

    Raises:
        WrongUse: nobody can tell, or it does not even look like such a list.
    """
    invoices, clients = (_meanings(source, kind, given) for kind in ("invoices", "clients"))
    told: dict[str, Callable[[], bool]] = {
        "invoices": lambda: "number" in invoices and bool(invoices & {"amount", "line_amount", "due_on", "remaining"}),
        "clients": lambda: bool(clients & set(_NAMES)),
    }
    for kind, is_it in told.items():
        if is_it():
            return kind
    if not invoices | clients:
        first = next(iter(source.columns), "Column 1")
        raise WrongUse(
            f"This does not look like a list of clients or invoices, no column of it is known: {_named(source)}.",
            f'If it is one, say what its columns mean: --to clients --map "{first}=name". If not, look for the list '
            "itself: in the program that it comes from, export it as CSV or XLSX.",
        )
    raise WrongUse(
        f"Nobody can tell from its columns whether this is a list of clients or of invoices: {_named(source)}.",
        'Say it: --to clients or --to invoices. Name columns where needed: --map "Column=name".',
    )


def _meanings(source: Source, kind: str, given: Mapping[str, str]) -> set[str]:
    words = headers(kind)
    by_header = {words[key][0] for column in source.columns if (key := fold(column)) in words}
    return by_header | {fold_target(target, kind) for target in given.values()}


def fold_target(text: str, kind: str) -> str:
    """The target that `text` names, "" when it names none of this kind."""
    return headers(kind).get(fold(text), ("", 0))[0]


def _named(source: Source) -> str:
    names: Sequence[str] = list(source.columns)
    return ", ".join(names[:12]) + (f" and {len(names) - 12} more" if len(names) > 12 else "")
