"""What one person does to a tab of the shared sheet, by seeded chance, and what becomes of every text they typed.

They know the columns by the header row as it stands at that moment, as people do. When they act is people.py's part.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from tests.fakes.sheet_tab import Tab as SheetTab
from tests.fakes.spreadsheet import Spreadsheet
from validators.headers import SEARCH_ROWS, Header, find_header
from validators.rows import Cell
from validators.tabs import TABS, Owner, Tab
from validators.text import fold

WEIGHTS: Mapping[str, float] = {
    "type": 30,  # a unique text into a team cell, of Kartoteka's columns or the team's own
    "word": 10,  # a stage in a spelling of their own
    "paste": 10,  # over service cells, never over an id
    "sort": 8,
    "insert": 8,  # a row with typed content
    "insert_empty": 3,
    "insert_above": 1,  # above the header
    "delete": 9,
    "move_row": 8,  # dragged
    "cut_row": 4,  # cut and pasted below everything; a gap stays
    "move_column": 5,
    "insert_column": 2,
    "rename": 1,  # a header, to another spelling that is understood
}
KINDS = tuple(WEIGHTS)
MOST_ROWS_ABOVE, MOST_EMPTY_COLUMNS, FEWEST_ROWS = 6, 4, 3
_MARK = "wpis-"


@dataclass(frozen=True, slots=True)
class Typed:
    """A text that a person typed: into the row whose name or number is `key` (and whose id was `id`), the column of
    `field` (or, of the team's own, of this `header`), where `before` stood."""

    text: str
    tab: str
    key: str
    id: str
    field: str
    header: str
    before: Cell


@dataclass(frozen=True, slots=True)
class View:
    """A tab as a person sees it: what it is, where its header stands, what each column is called there."""

    sheet: SheetTab
    tab: Tab
    header: Header
    names: tuple[str, ...]

    @property
    def first(self) -> int:
        """The first row below the header."""
        return self.header.index + 1

    @property
    def end(self) -> int:
        """The row after the last one with anything in it."""
        return max(self.first, self.sheet.last_row)

    @property
    def key_column(self) -> int:
        """The column of the client's name or the invoice's number."""
        return self.header.columns[self.tab.required[0].name]

    def value(self, row: int, column: int) -> Cell:
        """What stands in a cell; None where nothing does."""
        return self.sheet.cell(row, column).value

    def name(self, column: int) -> str:
        """What a column is called: the field's name, or the header as it stands, or ""."""
        return self.names[column] if column < len(self.names) else ""

    def key(self, row: int) -> str:
        """The name or number in a row, "" when there is none."""
        return str(self.value(row, self.key_column) or "")

    def id(self, row: int) -> str:
        """The id in a row, "" when there is none."""
        column = self.header.columns.get("id")
        return "" if column is None else str(self.value(row, column) or "")

    def columns(self, *owners: Owner) -> list[int]:
        """The columns of these owners, the id and the name or number apart."""
        kept = (self.header.columns.get("id"), self.key_column)
        owned = {f.name for f in self.tab.owned(*owners)}
        return [c for name, c in self.header.columns.items() if name in owned and c not in kept]

    def typeable(self) -> list[int]:
        """Where a person may write: the team's columns, those that Kartoteka does not know too."""
        closed = {*self.columns(Owner.SERVICE), self.header.columns.get("id"), self.key_column}
        return [c for c in range(len(self.names)) if c not in closed]

    def texts(self) -> Iterator[tuple[int, int, str]]:
        """Every marked text below the header: row, column, text."""
        for r, row in enumerate(self.sheet.rows[self.first :], self.first):
            for c, cell in enumerate(row):
                if cell is not None and isinstance(cell.value, str) and _MARK in cell.value:
                    yield r, c, cell.value


class Editor:
    """A person with a seed. `kinds` restricts what they do (see WEIGHTS), or weighs it; `words` are their stages.

    `typed` holds, by text, what they typed and did not themselves overwrite or delete; `stages`, by tab and name, the
    stage they last wrote there; `done` counts what they did.
    """

    def __init__(
        self,
        seed: int,
        tabs: Sequence[str] = ("Klienci", "Faktury"),
        kinds: Sequence[str] | Mapping[str, float] = KINDS,
        words: Sequence[str] = ("OFERTA", "wysłano ofertę", "Klient.", "nowy ", "do przemyślenia"),
    ) -> None:
        weights = kinds if isinstance(kinds, Mapping) else {kind: WEIGHTS[kind] for kind in kinds}
        self.kinds, self._weights = tuple(weights), tuple(weights.values())
        self.tabs, self.words = tuple(tabs), tuple(words)
        self.typed: dict[str, Typed] = {}
        self.stages: dict[tuple[str, str], str] = {}
        self.done: Counter[str] = Counter()
        self.random = Random(seed)
        self._seed, self._number = seed, 0
        self._sizes: dict[str, int] = {}
        self._names: dict[tuple[str, str], str] = {}
        self._first_names: dict[str, set[str]] = {}
        self._first_headings: dict[str, set[str]] = {}

    def edit(self, book: Spreadsheet, kind: str = "", title: str = "") -> None:
        """Do one thing, of this `kind` and in this tab if named; nothing when the tab is gone or has no header now."""
        view = see(book, title or self.random.choice(self.tabs))
        kind = kind or self.random.choices(self.kinds, self._weights)[0]
        if view is not None:
            self._learn(view)
            self.done[kind] += 1
            getattr(self, "_" + kind)(view)

    def _learn(self, view: View) -> None:
        """Remember which name goes with which id."""
        rows = range(view.first, view.end)
        self._first_names.setdefault(view.sheet.title, {view.key(row) for row in rows} - {""})
        self._first_headings.setdefault(view.sheet.title, set(view.names) - {""})
        for row in rows:
            if view.id(row) and self._is_named(view, row):
                self._names[view.sheet.title, view.id(row)] = view.key(row)

    def _is_named(self, view: View, row: int) -> bool:
        """Whether a row bears a name that a person gave it, and nothing in it speaks for another: strange things may
        stand in it at the moment."""
        title, key = view.sheet.title, view.key(row)
        given = key in self._first_names.get(title, ()) or (key in self.typed and self.typed[key].key == key)
        return given and self._names_of(view, row) == {key}

    def _typeable(self, view: View) -> list[int]:
        """Where a person writes: never under a heading that nobody wrote, nor under none while one is hidden."""
        first = self._first_headings[view.sheet.title]
        plain = {""} if first <= set(view.names) else set[str]()
        return [column for column in view.typeable() if view.name(column) in first | plain]

    def _names_of(self, view: View, row: int) -> set[str]:
        """What a row is called, as far as anybody can tell: by its name, its id, or what was typed in it."""
        names = {view.key(row), self._names.get((view.sheet.title, view.id(row)), "")}
        for column in range(len(view.names)):
            typed = self.typed.get(str(view.value(row, column)))
            if typed and (typed.field or typed.header) == view.name(column):
                names.add(typed.key)
        return names - {""}

    def lost(self, book: Spreadsheet) -> list[Typed]:
        """What they typed and nobody can find any more in its tab."""
        standing = {text for title in self.tabs for text in self._standing(book, title)}
        return [typed for typed in self.typed.values() if (typed.tab, typed.text) not in standing]

    def misplaced(self, book: Spreadsheet) -> list[Typed]:
        """What they typed and what stands, also or only, in a row or a column that it was not typed in."""
        wrong: dict[str, Typed] = {}
        for view in filter(None, (see(book, title) for title in self.tabs)):
            for row, column, text in view.texts():
                typed = self.typed.get(text)
                if typed and not self._stands(typed, view, row, column):
                    wrong[text] = typed
        return list(wrong.values())

    @staticmethod
    def _standing(book: Spreadsheet, title: str) -> Iterator[tuple[str, str]]:
        sheet = next((tab for tab in book.tabs if tab.title == title), None)
        for row in sheet.rows if sheet else ():
            for cell in row:
                if cell is not None and isinstance(cell.value, str) and _MARK in cell.value:
                    yield title, cell.value

    def _new_text(self) -> str:
        self._number += 1
        return f"{_MARK}{self._seed}-{self._number:06d}"

    def _stands(self, typed: Typed, view: View, row: int, column: int) -> bool:
        """Whether a place is where the text was typed; the row's name may be hidden under a stray value."""
        names = {view.key(row), self._names.get((view.sheet.title, view.id(row)), "")}
        return typed.key in names and (typed.field or typed.header) == view.name(column)

    def _row(self, view: View) -> int | None:
        return self.random.randrange(view.first, view.end) if view.end > view.first else None

    def _keyed_row(self, view: View) -> int | None:
        rows = self._named(view)
        return self.random.choice(rows) if rows else None

    def _named(self, view: View) -> list[int]:
        """The rows of which a person can tell whose they are. Nobody writes into one whose very name is hidden under
        something strange, or whose name is at the moment that of another row too: of the one in which its id stands."""
        rows = range(view.first, view.end)
        bearers = {self._names.get((view.sheet.title, view.id(row))): row for row in rows}
        return [row for row in rows if bearers.get(view.key(row), row) == row and self._is_named(view, row)]

    def _deletable(self, view: View) -> Sequence[int]:
        # While a text is hidden under something strange a row that shows no name may be its row: whose text goes with
        # it nobody could tell. That such rows too may be deleted is test_mending.py's part, where rows are tracked.
        visible, rows = {text for _, _, text in view.texts()}, range(view.first, view.end)
        hidden = any(typed.tab == view.sheet.title and typed.text not in visible for typed in self.typed.values())
        return self._named(view) if hidden else rows

    def _write(self, view: View, row: int, column: int, text: str) -> None:
        """Type a text that must never be lost; over a formula nothing is typed."""
        if view.sheet.cell(row, column).formula:
            return
        before = view.value(row, column)
        self._forget(view, row, column)
        view.sheet.set(row, column, text)
        name = view.name(column)
        known = name if name in view.header.columns else ""
        header = "" if known else name
        self.typed[text] = Typed(text, view.sheet.title, view.key(row), view.id(row), known, header, before)

    def _forget(self, view: View, row: int, column: int) -> None:
        """Overwriting their own text where they typed it ends its being missed, also when something strange hides it
        there at the moment; overwriting a stray copy elsewhere does not."""
        typed = self.typed.get(str(view.value(row, column)))
        if typed and self._stands(typed, view, row, column):
            del self.typed[typed.text]
        elif typed is None:
            names, visible = self._names_of(view, row), {text for _, _, text in view.texts()}
            for hidden in [t for t in self.typed.values() if t.tab == view.sheet.title and t.key in names]:
                if (hidden.field or hidden.header) == view.name(column) and hidden.text not in visible:
                    del self.typed[hidden.text]
        if view.name(column) == "stage":
            self.stages.pop((view.sheet.title, view.key(row)), None)

    def _forget_row(self, view: View, row: int) -> None:
        """With a row all that was typed into it goes, also what is hidden under a stray value at the moment."""
        names = self._names_of(view, row)
        for column in range(len(view.sheet.rows[row]) if row < len(view.sheet.rows) else 0):
            self._forget(view, row, column)
        for typed in [t for t in self.typed.values() if t.tab == view.sheet.title and t.key in names]:
            del self.typed[typed.text]

    def _type(self, view: View) -> None:
        row, columns = self._keyed_row(view), self._typeable(view)
        if row is not None and columns:
            self._write(view, row, self.random.choice(columns), self._new_text())

    def _word(self, view: View) -> None:
        row, columns = self._keyed_row(view), view.columns(Owner.NORMALISED)
        if row is None or "stage" not in view.header.columns or not columns:
            return
        column = view.header.columns["stage"]
        if not view.sheet.cell(row, column).formula:
            self._forget(view, row, column)
            self.stages[view.sheet.title, view.key(row)] = word = self.random.choice(self.words)
            view.sheet.set(row, column, word)

    def _paste(self, view: View) -> None:
        row, columns = self._row(view), view.columns(Owner.SERVICE)
        if row is None or not columns:
            return
        column, source = self.random.choice(columns), self._row(view)
        pasted = [f"wklejone {self.random.randrange(1000)}", self.random.randrange(1000), None]
        copied = view.value(source, column) if source is not None else None
        # A copy of what stands there astray for a moment is theirs, not misplaced by us.
        pasted.append(None if str(copied) in self.typed else copied)
        for target in range(row, min(view.end, row + self.random.randint(1, 3))):
            view.sheet.set(target, column, self.random.choice(pasted))

    def _sort(self, view: View) -> None:
        column = self.random.randrange(len(view.names))
        view.sheet.sort(column, view.first, descending=self.random.random() < 0.5)

    def _insert(self, view: View) -> None:
        if view.end - view.first >= 2 * self._size(view):
            return self._delete(view)
        row = self.random.randint(view.first, view.end)
        view.sheet.insert_rows(row, 1)
        key = self._new_text()
        self._write(view, row, view.key_column, key)
        columns = self._typeable(view)
        for column in self.random.sample(columns, min(len(columns), self.random.randint(0, 3))):
            self._write(view, row, column, self._new_text())
        return None

    def _insert_empty(self, view: View) -> None:
        if view.end - view.first < 2 * self._size(view):
            view.sheet.insert_rows(self.random.randint(view.first, view.end), 1)

    def _insert_above(self, view: View) -> None:
        if view.header.index < MOST_ROWS_ABOVE:
            view.sheet.insert_rows(self.random.randint(0, view.header.index), 1)

    def _delete(self, view: View) -> None:
        rows = self._deletable(view)
        if not rows or view.end - view.first <= max(FEWEST_ROWS, self._size(view) // 2):
            return
        row = self.random.choice(rows)
        self._forget_row(view, row)
        view.sheet.delete_rows(row, 1)

    def _move_row(self, view: View) -> None:
        row = self._row(view)
        if row is not None:
            to = self.random.randint(view.first, view.end)
            view.sheet.move_rows(row, 1, to)

    def _cut_row(self, view: View) -> None:
        row = self._keyed_row(view)
        if row is not None and view.end < view.sheet.row_count:
            view.sheet.cut_paste_row(row, view.end)

    def _move_column(self, view: View) -> None:
        width = len(view.names)
        first, to = self.random.randrange(width), self.random.randint(0, width)
        if to not in (first, first + 1):
            view.sheet.move_column(first, to)

    def _insert_column(self, view: View) -> None:
        if view.names.count("") < MOST_EMPTY_COLUMNS:
            view.sheet.insert_columns(self.random.randint(0, len(view.names)), 1)

    def _rename(self, view: View) -> None:
        fields = [f for f in view.tab.owned(Owner.TEAM, Owner.NORMALISED) if f.name in view.header.columns]
        chosen = self.random.choice(fields)
        spelling = self.random.choice((chosen.pl, chosen.en, *chosen.synonyms))
        look = self.random.choice((str, str.upper, str.lower, "{}:".format, " {}".format))
        view.sheet.set(view.header.index, view.header.columns[chosen.name], look(spelling))

    def _size(self, view: View) -> int:
        """How many rows the tab had when they first saw it: they keep it between half and twice that."""
        return self._sizes.setdefault(view.sheet.title, max(FEWEST_ROWS, view.end - view.first))


def see(book: Spreadsheet, title: str) -> View | None:
    """The tab titled `title` as it stands now; None when it is not there, or has no header."""
    sheet = next((tab for tab in book.tabs if tab.title == title), None)
    known = next((tab for tab in TABS if fold(title) in (fold(tab.pl), fold(tab.en))), None)
    if sheet is None or known is None:
        return None
    grid = [[cell.value if cell else None for cell in row] for row in sheet.rows[:SEARCH_ROWS]]
    header = find_header(grid, known)
    if not isinstance(header, Header):
        return None
    fields = {column: name for name, column in header.columns.items()}
    labels = [fields.get(c, str(label or "")) for c, label in enumerate(grid[header.index])]
    return View(sheet, known, header, tuple(labels))
