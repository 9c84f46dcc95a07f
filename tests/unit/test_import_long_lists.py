"""What keeps imports of long lists quick and small changes nothing of what they decide."""

import io
import tracemalloc
from collections import Counter, UserDict

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from importers.client_matching import KnownClients
from importers.columnar import Kept
from importers.crowds import Crowd
from importers.faces import Face
from importers.numbering import Marks, numbered
from importers.rulings import Rulings
from importers.shaping import numbered as table_of
from importers.tables import lay_out
from importers.verdicts import Addition, Difference, Register, Ruling, Verdict
from importers.written import RowValues, WrittenRows, digest
from sync import import_screen as screen
from sync.import_report import Imported
from sync.imported import details
from tests.imports_for_tests import lot
from validators.columns import Context, understand
from validators.duplicates import SHARED_BY_MANY
from validators.errors import WrongUse
from validators.names import name_key, name_key_once
from validators.reading import start
from validators.rows import as_text
from validators.tabs import CLIENTS
from validators.text import fold, words_of_all, words_once
from validators.vocabulary import Vocabulary

PHONE = "+48600100200"
REGISTER = Register((), (), {}, {}, Vocabulary(()), {"clients": 41})
NAMES = st.lists(
    st.sampled_from(["Żuraw", "sp.", "z", "o.o.", "S.C.", "i", "IV", "Vita", "12", "3a", "GmbH", "w likwidacji", "_"])
    | st.text(max_size=5),
    max_size=6,
).map(" ".join)


class Counted(UserDict):
    """A dict that counts how often it is asked."""

    asked = 0

    def __getitem__(self, key):
        self.asked += 1
        return super().__getitem__(key)


def test_a_number_of_many_clients_is_followed_no_further_than_it_counts():
    known = KnownClients((Face(f"K-{i:04}", f"Firma Alfa {i}", phones=(PHONE,)) for i in range(500)), Crowd(()))
    known.by_id = Counted(known.by_id)
    assert not known.match(Face("", "Inny Zupełnie", phones=(PHONE,))).candidates
    assert known.by_id.asked == SHARED_BY_MANY + 1


def test_a_client_that_has_changed_is_no_longer_found_by_what_it_was():
    faces = Face("K-0001", "Żuraw", phones=(PHONE,)), Face("K-0001", "Bocian", phones=("+48600100201",))
    known = KnownClients(faces, Crowd(()))
    assert known.named("Żuraw") == []
    assert [each.id for each in known.named("bocian")] == ["K-0001"]


def test_a_name_of_very_many_clients_is_followed_to_those_of_the_same_house():
    faces = [Face(f"K-{i:04}", "Klient detaliczny", address=f"Długa {i}, Gdańsk") for i in range(2000)]
    known = KnownClients([*faces, Face("K-2000", "Klient detaliczny")], Crowd(()))
    row = Face("", "Klient Detaliczny", address="ul. Długa 1234, Gdańsk")
    assert [each.id for each in known.match(row).candidates] == ["K-1234", "K-2000"]
    known.by_id = Counted(known.by_id)
    assert known.match(Face("", "Klient detaliczny", address="Długa 5, Gdańsk")).candidates[0].id == "K-0005"
    assert known.by_id.asked < 100
    known.add(Face("K-2001", "Klient detaliczny", address="Krótka 9001, Gdynia"))
    told = known.match(Face("", "Klient detaliczny", address="Krótka 9001, Gdynia"))
    assert [each.id for each in told.candidates] == ["K-2001", "K-2000"]


def test_values_that_wait_are_those_that_were_decided():
    table = table_of(CLIENTS, {"name": ["Firma 3"], "phone": [PHONE], "email": ["x@"]}, 1)
    rows = WrittenRows(start(table, [""], Context()), "pl")
    waiting = RowValues(rows, 0)
    assert waiting == {"name": "Firma 3", "phone": PHONE, "email": "x@"} == rows.of(0)
    assert {"id": "K-0003", **waiting} == {"id": "K-0003", **rows.of(0)}
    assert len(waiting) == 3
    assert "address" not in waiting


def test_the_id_promised_with_a_mark_is_the_one_that_takes_its_place():
    marks = Marks(CLIENTS, REGISTER)
    (first, one), (second, two) = marks.next(), marks.next()
    rulings = [
        Ruling(Verdict.NEW, (0,), 2, one, additions=(Addition("clients", one, 2, {}),)),
        Ruling(Verdict.NEW, (1,), 3, two, additions=(Addition("clients", two, 3, {}),)),
        Ruling(Verdict.KNOWN, (2,), 4, first),
        Ruling(Verdict.KNOWN, (3,), 5, second),
        Ruling(Verdict.KNOWN, (4,), 6, "K~new3"),
    ]
    assert [ruling.id for ruling in numbered(rulings, REGISTER)] == ["K-0042", "K-0043", "K-0042", "K-0043", "K~new3"]


def test_the_history_tells_the_digest_of_a_row_that_says_just_what_is_written():
    values = {"name": "Żuraw", "phone": PHONE}
    implied, said = (Addition("clients", "K-0001", 2, values, told) for told in ("", digest(values)))
    assert details("lista.csv", 2, 1, "pl", implied) == details("lista.csv", 2, 1, "pl", said)
    assert f"row:{digest(values)}" in details("lista.csv", 2, 1, "pl", implied)


@given(NAMES)
def test_a_name_that_is_not_remembered_is_understood_alike(name):
    assert name_key_once(name) == name_key(name)
    assert words_once(name).replace(" ", "") == fold(name)


@given(st.lists(NAMES | st.text(st.characters(codec="cp1250")), max_size=5))
def test_names_folded_together_are_folded_as_each_alone(names):
    assert list(words_of_all(names)) == list(map(words_once, names))


def test_names_are_folded_together_where_one_has_letters_of_another_alphabet():
    names = ["Żuraw"] * 1500 + ["Київ", "Straße ½", "a\nb"] + ["Łąka"] * 1500
    assert list(words_of_all(names)) == list(map(words_once, names))


@given(st.lists(st.text(max_size=8) | st.sampled_from(["#REF!", "#1", " x ", ""]), max_size=5))
def test_a_column_of_texts_is_read_as_each_cell_would_be(cells):
    name = CLIENTS.field("name")
    whole = understand(name, cells, Context())
    alone = [understand(name, [cell, 1], Context()) for cell in cells]  # the number has each cell looked at by itself
    assert list(whole.values) == [each.values[0] for each in alone]
    assert [fault.position for fault in whole.faults] == [i for i, each in enumerate(alone) if each.faults]
    assert all(value is None or value == as_text(cell) for value, cell in zip(whole.values, cells, strict=True))


def test_a_few_wide_rows_among_narrow_ones_take_no_more_room_than_they_fill():
    narrow, wide = ["Żuraw", ""], ["Żuraw"] + ["x"] * 400
    kept = Kept()
    tracemalloc.start()
    for _ in kept.keeping((line, wide if line % 1000 == 5 else narrow) for line in range(1, 20_001)):
        pass
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size < 5_000_000  # as a rectangle: 64 MB


def test_a_row_of_delimiters_is_a_row_of_what_stands_before_them():
    header = ["Nazwa", "NIP", *[""] * 300]
    records = [(1, header), (2, ["Żuraw", "1", *[""] * 300]), (3, header), (4, ["Łąka", "2"])]
    kept = Kept()
    layout = lay_out(kept.keeping(records))
    assert [row.cells for row in kept.rows(layout)] == [{"Nazwa": "Żuraw", "NIP": "1"}, {"Nazwa": "Łąka", "NIP": "2"}]


def test_a_list_of_few_rows_that_would_fill_the_memory_is_refused():
    records = [(1, [f"k{i}" for i in range(2000)]), *((line, ["x"]) for line in range(2, 3_000))]
    with pytest.raises(WrongUse, match="4000000 cells"):
        lay_out([records])


class TestTellingOfALongList:
    """Its verdicts are made as they are asked for, and never held all at once."""

    @staticmethod
    def told(found: Imported) -> str:
        page = io.StringIO()
        screen.verdicts(Console(file=page, width=200), found, "pl", changes=True)
        screen.summary(Console(file=page, width=200), found, planned=True)
        return page.getvalue()

    def test_each_is_made_three_times_at_most(self):
        made: Counter[int] = Counter()

        def plain(position: int) -> Ruling:
            made[position] += 1
            return Ruling(Verdict.NEW, (position,), position + 2, f"K-{position}", additions=(addition(position),))

        found = Imported(lot([{"Nazwa": f"Firma {n}"} for n in range(1500)]), Rulings(1500, {}, plain))
        page = self.told(found)
        assert (found.writes, found.needs_a_person, found.updated) == (1500, False, 0)
        assert max(made.values()) <= 3
        assert page.count("\nnew ") == 999
        assert page.endswith("… and 500 more new\n1500 rows: 1500 new\n  would add 1500 clients\n")

    def test_a_record_that_the_list_brings_and_changes_is_no_updated_one(self):
        change = (Difference("notes", None, "x"),)
        told = {
            0: Ruling(Verdict.CONFLICT, (0,), 2, "K-1", differences=change),
            1: Ruling(Verdict.NEW, (1,), 3, "K-1", additions=(addition(1),)),
            2: Ruling(Verdict.UPDATE, (2,), 4, "K-2", differences=(*change, Difference("email", "a", "b", kept=True))),
        }
        found = Imported(lot([{"Nazwa": f"Firma {n}"} for n in range(3)]), [told[n] for n in range(3)])
        assert (found.created["clients"], found.updated, found.kept, found.writes) == (1, 1, 1, 3)


def addition(position: int) -> Addition:
    return Addition("clients", f"K-{position}", position + 2, {"name": f"Firma {position}"})
