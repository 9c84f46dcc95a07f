"""What must hold of duplicates whatever the rows: order, independence of strangers, silence, growth."""

import dataclasses
from collections import defaultdict
from time import process_time

from hypothesis import given
from hypothesis import strategies as st

from validators.duplicates import ClientKeys, Reason, duplicate_clients
from validators.names import address_key, addresses_near, name_key, names_close

NAMES = ["Zielony Ogród", "Zielony Ogrod sp. z o.o.", "Jan Kowalski", "Kowalski Jan", "Budimex", "BUDIMEKS S.A.", ""]
ADDRESSES = ["", "Łódź", "ul. Długa 5, Łódź", "Dluga 5", "Długa 5/7, 90-001 Łódź", "Krótka 8, Łódź"]


def rows(size: int = 8, notes: bool = True, tax_ids: tuple[str | None, ...] = (None, None, "1", "2")):
    said = st.sampled_from(["", "", "", "nie duplikat K-0001", "not a duplicate K-0002, K-0003"] if notes else [""])
    fields = st.tuples(
        st.sampled_from(NAMES),
        st.sampled_from(ADDRESSES),
        st.sampled_from(tax_ids),
        st.sampled_from([(), (), ("a@b.pl",), ("c@d.pl",), ("a@b.pl", "c@d.pl")]),
        st.sampled_from([(), (), ("+48601",), ("+48602",)]),
        said,
    )
    return st.lists(fields, max_size=size).map(lambda found: [ClientKeys(f"K-{i:04}", *f) for i, f in enumerate(found)])


def groups(clients: list[ClientKeys]) -> set[frozenset[str]]:
    members: dict[str, set[str]] = defaultdict(set)
    for d in duplicate_clients(clients):
        members[d.original] |= {d.original, d.id}
    return {frozenset(m) for m in members.values()}


@given(rows())
def test_an_original_is_always_earlier_and_every_row_is_flagged_once(clients: list[ClientKeys]) -> None:
    found = duplicate_clients(clients)
    position = {c.id: i for i, c in enumerate(clients)}
    assert all(position[d.original] < position[d.id] for d in found)
    assert [d.id for d in found] == sorted({d.id for d in found})


@given(rows())
def test_a_silenced_pair_is_never_named(clients: list[ClientKeys]) -> None:
    notes = {c.id: c.notes for c in clients}
    assert all(d.original not in notes[d.id] and d.id not in notes[d.original] for d in duplicate_clients(clients))


@given(rows())
def test_names_alone_never_tie_two_tax_ids(clients: list[ClientKeys]) -> None:
    tax_id = {c.id: c.tax_id for c in clients}
    by_name = [d for d in duplicate_clients(clients) if d.reason is Reason.NAME]
    assert all(not tax_id[d.id] or tax_id[d.partner] in (None, tax_id[d.id]) for d in by_name)


@given(rows(size=6), rows(size=6))
def test_strangers_change_nothing(clients: list[ClientKeys], others: list[ClientKeys]) -> None:
    strangers = [
        ClientKeys(f"X-{i}", f"obcy {o.name}", f"{o.address} 99 Zabrze", o.tax_id and f"9{o.tax_id}", (), (), "")
        for i, o in enumerate(others)
    ]
    found = [d for d in duplicate_clients([*strangers, *clients]) if d.id.startswith("K")]
    assert tuple(found) == duplicate_clients(clients)


@given(rows(notes=False, tax_ids=(None, "1")), st.randoms())
def test_order_decides_the_original_and_not_the_group(clients: list[ClientKeys], shuffler) -> None:
    shuffled = clients[1:]
    shuffler.shuffle(shuffled)
    assert groups([*clients[:1], *shuffled]) == groups(clients)


@given(rows(notes=False))
def test_blank_rows_between_change_nothing(clients: list[ClientKeys]) -> None:
    blank = [ClientKeys(f"X-{i}", "", "", None, (), (), "") for i in range(3)]
    assert duplicate_clients([*blank, *clients, *blank]) == duplicate_clients(clients)


@given(rows(notes=False))
def test_an_exact_copy_of_a_row_with_an_identity_is_always_found(clients: list[ClientKeys]) -> None:
    with_identity = [c for c in clients if c.tax_id or c.emails]
    copies = [dataclasses.replace(c, id=f"Y-{i}") for i, c in enumerate(with_identity)]
    flagged = {d.id for d in duplicate_clients([*clients, *copies])}
    assert flagged >= {c.id for c in copies}


TEXTS = st.text(alphabet="abkż AIVX15./,-", max_size=16)


@given(TEXTS, TEXTS)
def test_comparing_is_symmetric(one: str, other: str) -> None:
    assert names_close(name_key(one), name_key(other)) == names_close(name_key(other), name_key(one))
    mine, theirs = address_key(one), address_key(other)
    assert addresses_near(mine, theirs) is addresses_near(theirs, mine)


def register(size: int) -> list[ClientKeys]:
    """Clients of one town, three in ten with the same word in their names."""
    syllables = ["ko", "wal", "no", "bu", "dex", "tra", "mar", "zie", "lin", "gra", "ter", "wis", "kar"]
    word = [a + b + c for a in syllables for b in syllables for c in syllables]
    return [
        ClientKeys(
            f"K-{i}",
            f"{'Usługi ' if i % 10 < 3 else ''}{word[i * 7 % 2197]} {word[i * i % 2197]}",
            f"{word[i * 13 % 997]} {i % 149}, Kraków",
            None,
            (f"{i}@x.pl",),
            (),
            "",
        )
        for i in range(size)
    ]


def test_cost_grows_nearly_linearly() -> None:
    def seconds(size: int) -> float:
        clients = register(size)
        start = process_time()
        duplicate_clients(clients)
        return process_time() - start

    seconds(500)
    assert seconds(16000) < 30 * max(seconds(2000), 0.05)
