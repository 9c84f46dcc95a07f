"""What a spreadsheet is made of: its properties, tabs, ids and limits, and the rules that all ways of writing share."""

import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sync.snapshot import Sheet
from tests.fakes.sheet_areas import Area, area_of, cells_of, split, unparsed
from tests.fakes.sheet_errors import invalid
from tests.fakes.sheet_formats import locale_of
from tests.fakes.sheet_tab import GRID, Tab, Undoable

ROWS_AT_LEAST, COLUMNS_AT_LEAST = 1000, 26
MOST_CELLS = 10_000_000


class Book(Undoable):
    """A spreadsheet with its tabs. Whoever asks without an account is its owner, to whom nothing is protected."""

    def __init__(
        self,
        id: str,  # noqa: A002  as the API calls it
        title: str,
        sheets: Sequence[Sheet] = (),
        *,
        locale: str = "pl_PL",
        time_zone: str = "Europe/Warsaw",
        rows_more: int = 0,
    ) -> None:
        self.id = id
        self.properties: dict[str, Any] = {
            "title": title,
            "locale": locale,
            "autoRecalc": "ON_CHANGE",
            "timeZone": time_zone,
        }
        self.tabs: list[Tab] = []
        self.metadata: list[dict[str, Any]] = []
        self.changes = 1
        self._chance = random.Random(id)
        for given in sheets or (Sheet("Arkusz1" if locale == "pl_PL" else "Sheet1", ()),):
            self._open(given, rows_more)

    def _open(self, given: Sheet, rows_more: int) -> None:
        rows = max(ROWS_AT_LEAST, len(given.rows) + rows_more)
        columns = max(COLUMNS_AT_LEAST, max(map(len, given.rows), default=0))
        tab = self.add_tab({"title": given.title, "gridProperties": {"rowCount": rows, "columnCount": columns}})
        tab.fill(given.rows, given.formulas)

    @property
    def title(self) -> str:
        return str(self.properties["title"])

    @property
    def locale(self) -> str:
        return str(self.properties["locale"])

    @property
    def time_zone(self) -> str:
        return str(self.properties["timeZone"])

    @property
    def version(self) -> int:
        """Rises with every change by anybody."""
        return self.changes + sum(tab.changes for tab in self.tabs)

    def tab(self, title: str) -> Tab:
        """The tab of this title.

        Raises:
            KeyError: there is none.
        """
        found = next((tab for tab in self.tabs if tab.title == title), None)
        if found is None:
            raise KeyError(title)
        return found

    def tab_of(self, sheet_id: int) -> Tab:
        """The tab of this id, that has a grid.

        Raises:
            ApiError: 400, there is none.
        """
        found = next((tab for tab in self.tabs if tab.sheet_id == sheet_id and tab.kind == GRID), None)
        if found is None:
            raise invalid(f"No grid with id: {sheet_id}")
        return found

    def add_tab(self, wanted: Mapping[str, Any]) -> Tab:
        """Add a tab with these SheetProperties; what they leave out is chosen.

        Raises:
            ApiError: 400, its title or id is in use, or the cells would be too many.
        """
        sheet_id = wanted.get("sheetId")
        title = wanted.get("title") or f"Sheet{len(self.tabs) + 1}"
        self.check_title(title)
        if any(tab.sheet_id == sheet_id for tab in self.tabs):
            raise invalid(f"Sheet with id {sheet_id} already exists.")
        index = min(len(self.tabs), wanted.get("index", len(self.tabs)))
        properties = {**wanted, "sheetId": self.new_id() if sheet_id is None else sheet_id, "title": title}
        properties.setdefault("sheetType", GRID)
        if properties["sheetType"] == GRID:
            size = {"rowCount": ROWS_AT_LEAST, "columnCount": COLUMNS_AT_LEAST}
            properties["gridProperties"] = {**size, **(wanted.get("gridProperties") or {})}
        tab = Tab(properties, locale_of(self.locale))
        self.tabs.insert(index, tab)
        self.renumber()
        self.check_size()
        return tab

    def renumber(self) -> None:
        """Let every tab know its place again."""
        for index, tab in enumerate(self.tabs):
            tab.properties["index"] = index

    def check_title(self, title: str, own: Tab | None = None) -> None:
        """Refuse a title that another tab has; case does not matter."""
        if any(tab.title.casefold() == title.casefold() and tab is not own for tab in self.tabs):
            raise invalid(f'A sheet with the name "{title}" already exists. Please enter another name.')

    def check_size(self) -> None:
        """Refuse more cells than a spreadsheet may have."""
        if sum(tab.row_count * tab.column_count for tab in self.tabs) > MOST_CELLS:
            raise invalid(
                f"This action would increase the number of cells in the workbook above the limit of {MOST_CELLS} cells."
            )

    def new_id(self) -> int:
        """An id that nothing else has; the first tab's is 0."""
        return self._chance.randrange(1, 2**31) if self.tabs else 0

    def set_locale(self, name: str) -> None:
        """Let numbers and dates be shown and typed as in this locale from now on."""
        self.properties["locale"] = name
        for tab in self.tabs:
            tab.locale = locale_of(name)
        self.changes += 1

    def place(self, text: str) -> tuple[Tab, Area]:
        """The tab and the area that a range in A1 notation names, cut to the grid.

        Raises:
            ApiError: 400, no such tab, no such notation, or it starts outside of the grid.
        """
        title, cells = split(text)
        area = cells_of(cells) if cells else Area()
        if title is None:
            tab, area = self._unquoted(text, area)
        else:
            tab = next((t for t in self.tabs if t.title == title and t.kind == GRID), None)
        if tab is None or area is None:
            raise unparsed(text)
        return tab, area.cut(tab.row_count, tab.column_count, tab.title)

    def _unquoted(self, text: str, area: Area | None) -> tuple[Tab | None, Area | None]:
        if area is not None:
            return self.tabs[0], area
        for tab in self.tabs:
            for named in tab.named_ranges:
                if named["name"] == text:
                    return tab, area_of(named["range"])
        return next((tab for tab in self.tabs if tab.title == text and tab.kind == GRID), None), Area()

    @contextmanager
    def undone_on_refusal(self) -> Iterator[None]:
        """What happens inside happens whole, or not at all when it ends in a refusal."""
        before = self.state(), [(tab, tab.state()) for tab in self.tabs]
        whole = False
        try:
            yield
            whole = True
        finally:
            if not whole:
                self.restore(before[0])
                for tab, state in before[1]:
                    tab.restore(state)

    def guard(self, tab: Tab, area: Area, account: str) -> None:
        """Refuse an edit of cells that are protected from this account.

        Raises:
            ApiError: 400, the area meets a protected range that is more than a warning.
        """
        for protected in tab.protected_ranges:
            free = (area_of(item) for item in protected.get("unprotectedRanges", ()))
            if (
                not may_edit(protected, account)
                and area_of(protected["range"]).meets(area)
                and not any(item.covers(area) for item in free)
            ):
                raise invalid(
                    "You are trying to edit a protected cell or object. "
                    "Please contact the spreadsheet owner to remove protection if you need to edit."
                )


def may_edit(protected: Mapping[str, Any], account: str) -> bool:
    """Whether `account` may edit a protected range; "" is the owner."""
    editors = protected.get("editors") or {}
    return not account or bool(protected.get("warningOnly")) or account in editors.get("users", ())
