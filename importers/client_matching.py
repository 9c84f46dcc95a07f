"""Which client of the register a row of a list is: by id, tax id, e-mail, phone, then by name, never by a guess. Pure.

Rows of the list that become clients are looked up like those of the workbook: a run that is interrupted and begun anew
comes to the same decisions.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache
from itertools import chain, islice
from typing import NamedTuple

from importers.crowds import Crowd
from importers.faces import Face
from validators.duplicates import SHARED_BY_MANY, silenced_ids
from validators.names import Nearness, address_key, addresses_near, name_key_once, names_close
from validators.text import fold, words_once

_MANY = 50  # of a name that more clients bear, those at the row's address are looked at
_FEW = 8192  # names remembered: those that are compared with others


class Match(NamedTuple):
    """Who a row is: `candidates` (none: a new client), and how surely.

    "sure": the first of them; "if_same": the first that has nothing else than the row; or what a person must choose
    about: "other_tax_id", "same_email", "same_phone", "same_name", "close_name", "several", "other_id". `by` is
    the key that told.
    """

    certainty: str
    candidates: tuple[Face, ...] = ()
    by: str = ""


NOBODY = Match("sure")


def is_another(known: Face, row: Face) -> bool:
    """Whether `row` bears the id of `known` but is somebody else: another name, and nothing by which both are reached.
    So it is with the ids of another workbook."""
    return set(known.keys).isdisjoint(row.keys) and not _names_agree(known, row)


class KnownClients:
    """Clients, to be looked up by whatever tells them; `crowd` are their names and those of the list."""

    def __init__(self, faces: Iterable[Face], crowd: Crowd) -> None:
        self.by_id: dict[str, Face] = {}
        self._crowd = crowd
        # Most keys have one client: no collection for each of these.
        self._first: dict[str, dict[str, str]] = {"tax_id": {}, "email": {}, "phone": {}, "name": {}}
        self._others: dict[tuple[str, str], dict[str, None]] = defaultdict(dict)
        self._ends: dict[str, list[str]] = {}
        self._places: dict[str, dict[str, list[str]]] = {}
        self._changed: set[str] = set()
        self.added, self._last = 0, dict[str, int]()  # how many were added, and when each was last
        for known in faces:
            self.add(known)

    def add(self, known: Face) -> None:
        """One more client, or one of which more is known now."""
        id_ = known.id
        if id_ in self.by_id:
            self._changed.add(id_)
        self.by_id[id_] = known
        self.added += 1
        self._last[id_] = self.added
        for by, key in _keys(known):
            if self._first[by].setdefault(key, id_) != id_:
                self._others[by, key][id_] = None
        words, name = _asked(known.name)
        for end in self._crowd.ends(words):
            block = self._ends.setdefault(end, [])
            if id_ not in block:
                block.append(id_)
        if name in self._places:
            self._places[name].setdefault(_house(known), []).append(id_)

    def has_news(self, row: Face, id_: str, since: int) -> bool:
        """Whether a client by which `row` could be told, or that of this id, was added or has changed since `added`
        was so much."""
        last = self._last
        if last.get(id_, 0) > since:
            return True
        several: list[Collection[str]] = [self._ends.get(end, ()) for end in self._crowd.ends(_asked(row.name).words)]
        for by, key in _keys(row):
            if last.get(self._first[by].get(key, ""), 0) > since:
                return True
            if others := self._others.get((by, key)):
                several.append(others)
        # Where very many share a key, to try again is quicker than to look.
        return any(len(ids) > _MANY or any(last.get(one, 0) > since for one in ids) for ids in several)

    def named(self, name: str) -> list[Face]:
        """The clients of exactly this name, case, accents and punctuation aside."""
        return self._kept("name", _asked(name).folded, ())

    def match(self, row: Face, notes: str = "", *, close: bool = True) -> Match:
        """Who `row` is. "nie duplikat K-0012" in its `notes` rules that client out; without `close` names count only
        when they are the same."""
        apart = silenced_ids(notes) if notes else ()
        if row.tax_id and (found := self._kept("tax_id", row.tax_id, apart)):
            return self._one_of(found, row, "tax_id")
        reached = self._reached(row, apart)
        if reached:
            return self._by_contact(reached, row)
        same = [known for known in self._namesakes(row, apart) if not _differ(known, row)]
        if same:
            return _by_name(same, row)
        near = self._near(row, apart) if close else ()
        return Match("close_name", near, "name") if near else NOBODY

    def _namesakes(self, row: Face, apart: Collection[str]) -> list[Face]:
        """The clients of just this name; of very many, those of the same house and some of none."""
        name = _asked(row.name).folded
        found = self._kept("name", name, apart, _MANY + 1)
        if len(found) <= _MANY:
            return found
        if name not in self._places:
            places = self._places[name] = {}
            for known in self._kept("name", name, ()):
                places.setdefault(_house(known), []).append(known.id)
        places = self._places[name]
        there = dict.fromkeys((*places.get(_house(row), ()), *places.get("", ())[:_MANY]))
        return [known for known in self._of("name", name, there) if not (apart and _folded(known.id) in apart)]

    def _reached(self, row: Face, apart: Collection[str]) -> dict[str, tuple[Face, str]]:
        """Those that share an address or number with `row`, by id; what many share is an office's, no identity."""
        found: dict[str, tuple[Face, str]] = {}
        for by, keys in (("email", row.emails), ("phone", row.phones)):
            for key in keys:
                known = self._kept(by, key, apart, SHARED_BY_MANY + 1)
                for each in known if len(known) <= SHARED_BY_MANY else ():
                    found.setdefault(each.id, (each, by))
        return found

    def _by_contact(self, reached: dict[str, tuple[Face, str]], row: Face) -> Match:
        fitting = [known for known, _ in reached.values() if not _differ(known, row)]
        if not fitting:
            return Match("other_tax_id", tuple(known for known, _ in reached.values()), "tax_id")
        agreeing = [known for known in fitting if _names_agree(known, row)]
        if not agreeing:
            by = reached[fitting[0].id][1]
            return Match(f"same_{by}", tuple(known for known in fitting if reached[known.id][1] == by), by)
        found = self._one_of(agreeing, row, reached[agreeing[0].id][1])
        if found.certainty == "sure" and not names_close(_name_key(found.candidates[0].name), _name_key(row.name)):
            return found._replace(by="contact")
        return found

    def _one_of(self, found: list[Face], row: Face, by: str) -> Match:
        if len(found) > 1:
            exact = [known for known in found if fold(known.name) == fold(row.name)]
            found = exact if len(exact) == 1 else found
        return Match("sure" if len(found) == 1 else "several", tuple(found), by)

    def _near(self, row: Face, apart: Collection[str]) -> tuple[Face, ...]:
        """Those whose name may be another spelling of this one, unless something says that they are others."""
        blocks = [block for end in self._crowd.ends(_asked(row.name).words) if (block := self._ends.get(end))]
        alike = (self.by_id[id_] for id_ in dict.fromkeys(chain.from_iterable(blocks)))
        return (
            tuple(
                known
                for known in alike
                if not (apart and _folded(known.id) in apart)
                and not _differ(known, row)
                and names_close(_name_key(known.name), _name_key(row.name))
                and _may_be_one(known, row)
            )
            if blocks
            else ()
        )

    def _kept(self, by: str, key: str, apart: Collection[str], most: int | None = None) -> list[Face]:
        """The clients of a key; only `most` of them where there are more."""
        first = self._first[by].get(key)
        if first is None:
            return []
        found = self._of(by, key, chain([first], self._others.get((by, key), ())))
        return list(islice((known for known in found if _folded(known.id) not in apart) if apart else found, most))

    def _of(self, by: str, key: str, ids: Iterable[str]) -> Iterator[Face]:
        for known in map(self.by_id.__getitem__, ids):
            # It may have been otherwise when it was added.
            if known.id not in self._changed or (by, key) in _keys(known):
                yield known


def _keys(known: Face) -> Iterator[tuple[str, str]]:
    if known.tax_id:
        yield "tax_id", known.tax_id
    for email in known.emails:
        yield "email", email
    for phone in known.phones:
        yield "phone", phone
    if name := _asked(known.name).folded:
        yield "name", name


class _Name(NamedTuple):
    """A name as it is looked up: its folded words, and these in one."""

    words: str
    folded: str


@lru_cache(maxsize=16)  # one row is asked about several times in a row
def _asked(name: str) -> _Name:
    words = words_once(name)
    return _Name(words, words.replace(" ", ""))


_name_key = lru_cache(maxsize=_FEW)(name_key_once)


def _by_name(same: list[Face], row: Face) -> Match:
    fitting = tuple(known for known in same if not _contradict(known, row))
    telling = _name_key(row.name).telling
    if not fitting:
        others = tuple(k for k in same if telling or _near(k.address, row.address) is not Nearness.DIFFERENT)
        return Match("same_name", others, "name") if others else NOBODY
    return Match("sure" if telling and len(same) == 1 else "if_same", fitting, "name")


def _may_be_one(known: Face, row: Face) -> bool:
    """Whether a close name is worth a question."""
    near = _near(known.address, row.address)
    return near is Nearness.SAME or (near is Nearness.UNKNOWN and not _contradict(known, row))


def _near(one: str, other: str) -> Nearness:
    return addresses_near(address_key(one), address_key(other))


def _house(known: Face) -> str:
    return next(iter(address_key(known.address).numbers), "")


def _differ(known: Face, row: Face) -> bool:
    """Whether they bear different tax ids."""
    return bool(known.tax_id and row.tax_id and known.tax_id != row.tax_id)


def _contradict(known: Face, row: Face) -> bool:
    """Whether they are reached elsewhere, or live elsewhere."""
    emails = known.emails and row.emails and not set(known.emails) & set(row.emails)
    phones = known.phones and row.phones and not set(known.phones) & set(row.phones)
    return bool(emails or phones) or _near(known.address, row.address) is Nearness.DIFFERENT


def _names_agree(known: Face, row: Face) -> bool:
    if not row.name or not known.name:
        return True
    pairs = ((known.name, row.name), (known.contact, row.name), (known.name, row.contact))
    return any(names_close(_name_key(one), _name_key(other)) for one, other in pairs if one and other)


def _folded(id_: str) -> str:
    return re.sub(r"(?<=[a-z])0+(?=\d)", "", fold(id_))
