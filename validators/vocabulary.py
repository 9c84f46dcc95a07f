"""The team's own words for stages, tags, owners and sources: matching what was typed to them, and tidying it. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from rapidfuzz.distance import OSA

from validators.text import fold

# In hundredths of the longer word, a slip being a letter wrong, missing, added, or swapped with its neighbour:
# one slip in five letters is close, and no other name may come almost as near.
CLOSE = 80.0
MARGIN = 8.0
NEAR = 60.0
SHORTEST_CLOSE = 4


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the vocabulary. `kind` is "stage", "tag", "owner" or "source"; `closed`: ends the road."""

    kind: str
    name: str
    synonyms: tuple[str, ...] = ()
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Match:
    """The canonical name of what was typed, or None and the nearest name ("" if none is near)."""

    name: str | None
    nearest: str = ""


class Vocabulary:
    """Every entry, ready for matching. Where two claim one spelling, a name goes before a synonym, an earlier entry
    before a later one."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._names: dict[str, dict[str, str]] = {}
        self._synonyms: dict[str, dict[str, str]] = {}
        self._closed: set[str] = set()
        self._matches: dict[tuple[str, str], Match] = {}
        for entry in entries:
            self._add(entry)
        self._spellings = {kind: self._synonyms[kind] | names for kind, names in self._names.items()}

    def _add(self, entry: Entry) -> None:
        name = entry.name.strip()
        names = self._names.setdefault(entry.kind, {})
        synonyms = self._synonyms.setdefault(entry.kind, {})
        name = names.setdefault(_key(name), name) if name else ""
        for synonym in entry.synonyms if name else ():
            if synonym.strip():
                synonyms.setdefault(_key(synonym), name)
        if name and entry.closed and entry.kind == "stage":
            self._closed.add(name)

    def names(self, kind: str) -> tuple[str, ...]:
        """The canonical names of a kind, in the order of the tab."""
        return tuple(self._names.get(kind, {}).values())

    def closed(self, stage: str) -> bool:
        """Whether a stage, however it is spelt, ends the road."""
        return self.match("stage", stage).name in self._closed

    def match(self, kind: str, text: str) -> Match:
        """The entry that `text` means: by name, by synonym, then by close spelling if one clear best is there.

        Case, accents, spaces and punctuation do not count. A kind without entries knows every text.
        """
        asked = (kind, text)
        if asked not in self._matches:
            self._matches[asked] = self._match(kind, text)
        return self._matches[asked]

    def _match(self, kind: str, text: str) -> Match:
        spellings = self._spellings.get(kind)
        if not spellings:
            return Match(text)
        key = _key(text)
        return Match(spellings[key]) if key in spellings else _closest(key, spellings)


def _key(text: str) -> str:
    """What a word is known by; one made of punctuation only ("+", "?") stands for itself."""
    return fold(text) or text.strip()


def _closest(key: str, spellings: dict[str, str]) -> Match:
    scores: dict[str, float] = {}
    close: dict[str, float] = {}
    for spelling, name in spellings.items():
        score = 100 * OSA.normalized_similarity(key, spelling)
        scores[name] = max(score, scores.get(name, 0.0))
        if _digits(spelling) == _digits(key) and len(spelling) >= SHORTEST_CLOSE:
            close[name] = max(score, close.get(name, 0.0))
    nearest, best = max(scores.items(), key=lambda s: s[1])
    second = max((s for name, s in scores.items() if name != nearest), default=0.0)
    clear = close.get(nearest, 0.0) >= CLOSE and best - second >= MARGIN
    if clear and len(key) >= SHORTEST_CLOSE:
        return Match(nearest)
    return Match(None, nearest if best >= NEAR else "")


def _digits(text: str) -> list[str]:
    return re.findall(r"\d+", text)


def split_tags(text: str) -> tuple[str, ...]:
    """The tags of a cell: `,`, `;`, `|` or a line break stands between them, blanks are dropped.

    >>> split_tags("VIP; ogród,, dach ")
    ('VIP', 'ogród', 'dach')
    """
    return tuple(tag for part in re.split(r"[,;|\r\n]", text) if (tag := part.strip()))


def tidy_tags(vocabulary: Vocabulary, text: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """A cell of tags in canonical spelling, `, ` between, each once, the first one stays; and every unknown tag, which
    stays as typed, with the name nearest to it. A name with a separator in it is never written. Tidying twice changes
    nothing more.

    >>> tidy_tags(Vocabulary([Entry("tag", "VIP"), Entry("tag", "Ogród")]), "ogrod;V.I.P.,Ogród; basen")
    ('Ogród, VIP, basen', (('basen', ''),))
    """
    tidy: dict[str, str] = {}
    unknown: dict[str, tuple[str, str]] = {}
    for tag in split_tags(text):
        match = vocabulary.match("tag", tag)
        name = match.name if match.name and split_tags(match.name) == (match.name,) else tag
        if _key(name) not in tidy and match.name is None:
            unknown[_key(name)] = (tag, match.nearest)
        tidy.setdefault(_key(name), name)
    return ", ".join(tidy.values()), tuple(unknown.values())


def tidy_one(vocabulary: Vocabulary, kind: str, text: str) -> tuple[str, Match]:
    """A cell that holds one name, in canonical spelling, and its match; a blank or unknown one stays exactly as typed.

    >>> tidy_one(Vocabulary([Entry("stage", "Oferta", ("wycena",))]), "stage", " WYCENA ")
    ('Oferta', Match(name='Oferta', nearest=''))
    """
    match = vocabulary.match(kind, text) if text.strip() else Match(text)
    return (text if match.name is None else match.name), match
