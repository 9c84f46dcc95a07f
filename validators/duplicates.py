"""Which clients and which invoices stand in the register twice: pure, in groups. Names are compared in names.py.

Cost grows nearly linearly: rows meet only where they share a key. The price is three limits, each named below.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import chain, combinations, islice, takewhile
from typing import TypeAlias, TypeVar

from validators.names import AddressKey, NameKey, Nearness, address_key, addresses_near, name_key, names_close
from validators.text import fold, fold_words

CHAIN = 50  # how far along a chain of rows the one is sought that shares something with its last
SHARED_BY_MANY = 20  # an e-mail address or phone of more clients than this is an office line, no identity
SMALL_BLOCK = 10  # at one house number of a street, more clients than this are compared by the words of their names
LARGE_BLOCK = (
    200  # a word of a name borne by more clients than this at one address, or a firm at more addresses, ties nobody
)


class Reason(StrEnum):
    """Why two rows are held to be one; earlier members are stronger."""

    TAX_ID = "tax_id"
    EMAIL = "email"
    PHONE = "phone"
    NAME = "name"
    NUMBER = "number"
    SAME_INVOICE = "same_invoice"


_STRENGTH = {reason: rank for rank, reason in enumerate(Reason)}
_Key: TypeAlias = tuple[str, Hashable]  # the value of a reason, as an enum hashes slowly
_TAX_ID, _EMAIL, _PHONE, _, _NUMBER, _SAME_INVOICE = (reason.value for reason in Reason)
K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class ClientKeys:
    """What a client is compared by: tax id compact, e-mail addresses in lower case, phones in E.164, name, address and
    notes as typed."""

    id: str
    name: str
    address: str
    tax_id: str | None
    emails: tuple[str, ...]
    phones: tuple[str, ...]
    notes: str


@dataclass(frozen=True, slots=True)
class InvoiceKeys:
    """What an invoice is compared by; `client` is the client's id, None where unknown."""

    id: str
    number: str
    client: str | None
    amount: Decimal | None
    currency: str | None
    issued_on: date | None
    notes: str


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Row `id` belongs to the group whose oldest row is `original`. It shares `reason` with it, or else with the row
    `via`, which is older than it and stands between the two."""

    id: str
    original: str
    reason: Reason
    via: str = ""

    @property
    def partner(self) -> str:
        """The row that shares the reason."""
        return self.via or self.original


def duplicate_clients(clients: Sequence[ClientKeys]) -> tuple[Duplicate, ...]:
    """Every client that stands in the register already; `clients` oldest first.

    Clients are tied by the same tax id, e-mail address or phone (unless more than 20 clients share it), or by close
    names and addresses. A name alone ties firms of two distinctive words, never persons. Different tax ids keep close
    names apart. "nie duplikat K-0012" in the notes of either side unties that pair.
    """
    keys = _identities([_client_keys(c) for c in clients])
    ties = _Ties(keys, _silenced([c.id for c in clients], [c.notes for c in clients]))
    for positions in _by_name(clients):
        ties.tie(positions, Reason.NAME)
    return ties.duplicates(
        [c.id for c in clients],
        lambda i, j: _tied_by_name(_profile(clients[i], i), _profile(clients[j], j)),
        lambda i, j: _conflict(clients[i].tax_id, clients[j].tax_id),
    )


def duplicate_invoices(invoices: Sequence[InvoiceKeys]) -> tuple[Duplicate, ...]:
    """Every invoice that stands in the register already; `invoices` oldest first, all of one seller.

    Invoices are tied by the same number, or the same client, amount, currency and day of issue.
    "nie duplikat F-0003" in the notes of either side unties that pair.
    """
    keys = [_invoice_keys(i) for i in invoices]
    ties = _Ties(keys, _silenced([i.id for i in invoices], [i.notes for i in invoices]))
    return ties.duplicates([i.id for i in invoices])


def number_key(number: str) -> str:
    """An invoice number without regard to case, spaces and the kind of separator; "" if it has no digit.

    >>> number_key("fv - 1 / 12") == number_key("FV/1/12") != number_key("FV/11/2")
    True
    """
    parts = re.findall(r"[^\W\d_]+|\d+", fold_words(number))
    return "/".join(parts) if any(p.isdigit() for p in parts) else ""


def _client_keys(client: ClientKeys) -> tuple[_Key, ...]:
    tax_id: list[_Key] = [(_TAX_ID, client.tax_id)] if client.tax_id else []
    emails = [(_EMAIL, e) for e in dict.fromkeys(client.emails) if e]
    return (*tax_id, *emails, *((_PHONE, p) for p in dict.fromkeys(client.phones) if p))


def _invoice_keys(invoice: InvoiceKeys) -> tuple[_Key, ...]:
    number = number_key(invoice.number)
    same = (invoice.client, invoice.amount, invoice.currency, invoice.issued_on)
    known = invoice.client and invoice.currency and None not in same
    numbered: tuple[_Key, ...] = ((_NUMBER, number),) if number else ()
    return (*numbered, (_SAME_INVOICE, same)) if known else numbered


def _identities(keys: Sequence[tuple[_Key, ...]]) -> list[tuple[_Key, ...]]:
    count: dict[_Key, int] = defaultdict(int)
    for key in (k for row in keys for k in row):
        count[key] += 1
    return [tuple(k for k in row if k[0] == _TAX_ID or count[k] <= SHARED_BY_MANY) for row in keys]


_SILENCER = re.compile(
    r"\b(?:nie (?:jest |to )?duplikat(?:em|u)?(?: z)?|not (?:a )?duplicate(?: of)?)"
    r"((?: (?:i |oraz |ani |lub |and |or |nor )?[a-z]{1,2} ?\d+\b)+)"
)
_ID = re.compile(r"\b([a-z]{1,2}) ?0*(\d+)\b")


def silenced_ids(notes: str) -> frozenset[str]:
    """The ids, folded and without leading zeros, that `notes` declare to be no duplicates of this row.

    >>> sorted(silenced_ids("Stały klient. NIE DUPLIKAT K-0012, k-13; not a duplicate of F-3"))
    ['f3', 'k12', 'k13']
    """
    if "dup" not in notes.lower():
        return frozenset()
    declared = (m[1] for part in re.split(r"[.!?\n]", notes) for m in _SILENCER.finditer(fold_words(part)))
    return frozenset(a + b for ids in declared for a, b in _ID.findall(ids))


def _silenced(ids: Sequence[str], notes: Sequence[str]) -> dict[int, set[int]]:
    declared = {i: found for i, text in enumerate(notes) if (found := silenced_ids(text))}
    pairs: dict[int, set[int]] = defaultdict(set)
    if not declared:
        return pairs
    positions: dict[str, list[int]] = defaultdict(list)
    for i, id_ in enumerate(ids):
        positions[re.sub(r"(?<=[a-z])0+(?=\d)", "", fold(id_))].append(i)
    for i, found in declared.items():
        for j in (p for id_ in found for p in positions.get(id_, ())):
            pairs[i].add(j)
            pairs[j].add(i)
    return pairs


_Test: TypeAlias = Callable[[int, int], bool]


def _never(_one: int, _other: int) -> bool:
    return False


@dataclass(slots=True)
class _Ties:
    """Rows tied into groups (union-find by position), and the strongest reason that ties each row to any other."""

    keys: Sequence[tuple[_Key, ...]]
    silenced: Mapping[int, set[int]]
    parent: list[int] = field(init=False)
    strongest: dict[int, Reason] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.parent = list(range(len(self.keys)))
        for key, positions in _blocks((key, i) for i, row in enumerate(self.keys) for key in row):
            self.tie(positions, Reason(key[0]))

    def tie(self, positions: Sequence[int], reason: Reason) -> None:
        """Tie every two rows at `positions` that are not a silenced pair."""
        for component in _components(positions, self.silenced):
            for i in component if len(component) > 1 else ():
                self.parent[max(self.root(i), self.root(component[0]))] = min(self.root(i), self.root(component[0]))
                self.strongest[i] = min(reason, self.strongest.get(i, reason), key=_STRENGTH.__getitem__)

    def root(self, i: int) -> int:
        while self.parent[i] != i:
            self.parent[i] = i = self.parent[self.parent[i]]
        return i

    def duplicates(self, ids: Sequence[str], named: _Test = _never, differ: _Test = _never) -> tuple[Duplicate, ...]:
        """One for every row but the oldest of its group. A row never names an original that it is declared not to be,
        nor one that it came to by names alone and that is known to `differ`: then the next oldest is named."""
        groups: dict[int, list[int]] = defaultdict(list)
        for i in sorted(self.strongest):
            groups[self.root(i)].append(i)
        found: dict[int, Duplicate] = {}
        for members in groups.values():
            for i in members[1:]:
                older = (o for o in takewhile(i.__gt__, members) if not self._denied(o, i, differ))
                if (original := next(older, None)) is not None:
                    partner, reason = self._partner(original, older, i, named)
                    via = "" if partner == original else ids[partner]
                    found[i] = Duplicate(ids[i], ids[original], reason, via)
        return tuple(found[i] for i in sorted(found))

    def _denied(self, original: int, i: int, differ: _Test) -> bool:
        if original in self.silenced.get(i, ()):
            return True
        return Reason.NAME in (self.strongest[i], self.strongest[original]) and differ(original, i)

    def _partner(self, original: int, others: Iterator[int], i: int, named: _Test) -> tuple[int, Reason]:
        """The oldest row that is itself tied to `i`, and why; of a long chain only the beginning is looked at."""
        for older in (original, *islice(others, CHAIN)):
            if reason := self._direct(older, i, named):
                return older, reason
        return original, self.strongest[i]

    def _direct(self, older: int, i: int, named: _Test) -> Reason | None:
        shared = set(self.keys[older])
        exact = next((Reason(key[0]) for key in self.keys[i] if key in shared), None)
        return exact or (Reason.NAME if named(older, i) else None)


def _components(positions: Sequence[int], silenced: Mapping[int, set[int]]) -> Iterator[list[int]]:
    """Connected parts of rows of which all are tied but silenced pairs; time is linear in rows and silencers."""
    unseen = list(positions)
    while unseen:
        component = [unseen[0]]
        unseen = unseen[1:]
        for i in component:
            if not unseen:
                break
            apart = silenced.get(i, ())
            component += [j for j in unseen if j not in apart]
            unseen = [j for j in unseen if j in apart]
        yield component


def _blocks(keyed: Iterable[tuple[K, V]]) -> Iterator[tuple[K, list[V]]]:
    """What shares a key, of keys that are shared: most are not, and get no list."""
    first: dict[K, V] = {}
    blocks: dict[K, list[V]] = {}
    for key, value in keyed:
        if key in blocks:
            blocks[key].append(value)
        elif key in first:
            blocks[key] = [first[key], value]
        else:
            first[key] = value
    return iter(blocks.items())


@dataclass(frozen=True, slots=True, eq=False)
class _Profile:
    """Rows that look the same by name, address and tax id."""

    name: NameKey
    address: AddressKey
    tax_id: str | None
    positions: list[int]


def _profile(client: ClientKeys, *positions: int) -> _Profile:
    return _Profile(name_key(client.name), address_key(client.address), client.tax_id, list(positions))


def _conflict(one: str | None, other: str | None) -> bool:
    return bool(one and other and one != other)


def _tied_by_name(one: _Profile, other: _Profile) -> bool:
    if _conflict(one.tax_id, other.tax_id) or not names_close(one.name, other.name):
        return False
    near = addresses_near(one.address, other.address)
    if near is Nearness.UNKNOWN:
        return one.name.sorted == other.name.sorted and one.name.telling and other.name.telling
    return near is Nearness.SAME


def _by_name(clients: Sequence[ClientKeys]) -> Iterator[list[int]]:
    """Positions of clients of which every two are tied by name: if two profiles are tied, so are all rows of each."""
    alike: dict[tuple[str, str, str | None], list[int]] = defaultdict(list)
    for i, client in enumerate(clients):
        alike[client.name, client.address, client.tax_id].append(i)
    profiles = [_profile(clients[rows[0]], *rows) for rows in alike.values()]
    yield from (p.positions for p in profiles if len(p.positions) > 1 and _tied_by_name(p, p))
    for one, other in chain(_neighbours(profiles), _without_address(profiles)):
        yield one.positions + other.positions


def _neighbours(profiles: Sequence[_Profile]) -> Iterator[tuple[_Profile, _Profile]]:
    """Profiles tied by name at one address. Those meet that share a house number and an end of the street's name."""
    for (start, _, _), block in _blocks((door, p) for p in profiles for door in _doors(p.address)):
        small = [block] if len(block) <= SMALL_BLOCK else _by_words(block)
        for one, other in chain.from_iterable(combinations(part, 2) for part in small):
            if not start and one.address.street[:3] == other.address.street[:3]:
                continue  # they have met at the other end of the name
            if _tied_by_name(one, other):
                yield one, other


def _doors(address: AddressKey) -> set[tuple[str, str, str]]:
    streets = (address.street,) if address.street else address.words
    first = address.numbers[:1]
    return {door for s in streets for n in first for door in ((s[:3], "", n), ("", s[-3:], n))}


def _by_words(block: Sequence[_Profile]) -> Iterator[list[_Profile]]:
    ends = ((end, p) for p in block for end in {e for w in p.name.words for e in (w[:4], w[-4:])})
    return (part for _, part in _blocks(ends) if len(part) <= LARGE_BLOCK)


def _without_address(profiles: Sequence[_Profile]) -> Iterator[tuple[_Profile, _Profile]]:
    """Profiles of one telling name of which one lacks an address. Where the other ones disagree about theirs, it could
    be any of them and is tied to none."""
    for _, block in _blocks((p.name.sorted, p) for p in profiles):
        for place in (p for p in block if not p.address.numbers and len(block) <= LARGE_BLOCK):
            named = set(place.address.words)
            fuller = [p for p in block if p is not place and named <= set(p.address.words) and _tied_by_name(place, p)]
            if all(_agree(one, other) for one, other in combinations(fuller, 2)):
                yield from ((place, p) for p in fuller)


def _agree(one: _Profile, other: _Profile) -> bool:
    near = addresses_near(one.address, other.address)
    return near is not Nearness.DIFFERENT and not _conflict(one.tax_id, other.tax_id)
