"""A Google spreadsheet in memory that answers like the Sheets API. No HTTP, no quota, no faults: those are others'."""

from collections.abc import Sequence
from typing import Any

from sync.snapshot import Sheet
from tests.fakes import sheet_metadata, sheet_requests, sheet_rules, sheet_structure, sheet_values
from tests.fakes.sheet_areas import Area
from tests.fakes.sheet_book import Book, may_edit
from tests.fakes.sheet_cells import Cell
from tests.fakes.sheet_errors import ApiError, invalid, unbuilt
from tests.fakes.sheet_reading import FORMATTED, SERIAL, sheet, value_range
from tests.fakes.sheet_schema import Message, check
from tests.fakes.sheet_tab import GRID, Tab

__all__ = ["ApiError", "Cell", "Spreadsheet", "Tab"]

KINDS = sheet_requests.KINDS | sheet_structure.KINDS | sheet_rules.KINDS | sheet_metadata.KINDS


class Spreadsheet(Book):
    """A spreadsheet, asked and told as the API is. Whoever comes without an account is its owner."""

    def snapshot(self) -> tuple[Sheet, ...]:
        """What stands in every tab: dates as serial numbers, errors as "#REF!", nothing as None, no empty ends."""
        return tuple(_sheet(tab) for tab in self.tabs if tab.kind == GRID)

    def get(self, *, include_grid_data: bool = False, ranges: Sequence[str] = (), account: str = "") -> dict[str, Any]:
        """The whole Spreadsheet resource, of all tabs or of those that `ranges` name.

        Raises:
            ApiError: 400, a range that is not there.
        """
        wanted: dict[int, list[Area]] = {}
        for tab, area in map(self.place, ranges):
            wanted.setdefault(tab.sheet_id, []).append(area)
        sheets = []
        for tab in self.tabs:
            if wanted and tab.sheet_id not in wanted:
                continue
            areas = wanted.get(tab.sheet_id, [Area(0, tab.row_count, 0, tab.column_count)])
            edits = [may_edit(item, account) for item in tab.protected_ranges]
            sheets.append(sheet(tab, areas if include_grid_data else None, edits))
        named = [item for tab in self.tabs for item in tab.named_ranges]
        answer = {
            "spreadsheetId": self.id,
            "properties": dict(self.properties),
            "sheets": sheets,
            "spreadsheetUrl": f"https://docs.google.com/spreadsheets/d/{self.id}/edit",
        }
        optional = {"namedRanges": named, "developerMetadata": list(self.metadata)}
        return answer | {name: items for name, items in optional.items() if items}

    def values_get(
        self,
        range: str,  # noqa: A002  as the API calls it
        *,
        render: str = FORMATTED,
        date_render: str = SERIAL,
        major: str = "ROWS",
    ) -> dict[str, Any]:
        """`spreadsheets.values.get`: a ValueRange.

        Raises:
            ApiError: 400, a range that is not there.
        """
        tab, area = self.place(range)
        return value_range(tab, area, render, date_render, major)

    def values_batch_get(
        self, ranges: Sequence[str], *, render: str = FORMATTED, date_render: str = SERIAL, major: str = "ROWS"
    ) -> dict[str, Any]:
        """`spreadsheets.values.batchGet`: a ValueRange for each range.

        Raises:
            ApiError: 400, a range that is not there.
        """
        found = [self.values_get(r, render=render, date_render=date_render, major=major) for r in ranges]
        return {"spreadsheetId": self.id, **({"valueRanges": found} if found else {})}

    def batch_update(self, body: Message, *, account: str = "") -> dict[str, Any]:
        """`spreadsheets.batchUpdate`: all or nothing, in order.

        Raises:
            ApiError: 400 for what Google refuses, 501 for what this fake does not do; nothing was changed.
        """
        check(body, "BatchUpdateSpreadsheetRequest")
        if not body.get("requests"):
            raise invalid("Must specify at least one request.")
        with self.undone_on_refusal():
            replies = [self._carry_out(n, request, account) for n, request in enumerate(body["requests"])]
            answer: dict[str, Any] = {"spreadsheetId": self.id, "replies": replies}
            if body.get("includeSpreadsheetInResponse"):
                answer["updatedSpreadsheet"] = self.get(
                    include_grid_data=bool(body.get("responseIncludeGridData")),
                    ranges=body.get("responseRanges") or (),
                    account=account,
                )
            self.changes += 1
        return answer

    def _carry_out(self, number: int, request: Message, account: str) -> dict[str, Any]:
        kinds = [kind for kind, content in request.items() if content is not None]
        if len(kinds) != 1:
            more = f"oneof field 'kind' is already set. Cannot set '{kinds[1]}'" if kinds else "No request set."
            raise invalid(f"Invalid requests[{number}]: {more}")
        kind = kinds[0]
        if kind not in KINDS:
            raise unbuilt(kind)
        try:
            reply = KINDS[kind](self, request[kind], account)
        except ApiError as refusal:
            if refusal.code != 400:
                raise
            raise invalid(f"Invalid requests[{number}].{kind}: {refusal.message}") from refusal
        return {} if reply is None else {kind: reply}

    def values_update(
        self,
        range: str,  # noqa: A002
        values: Sequence[Sequence[Any]],
        input_option: str,
        *,
        major: str = "ROWS",
        account: str = "",
    ) -> dict[str, Any]:
        """`spreadsheets.values.update`: None skips a cell, "" clears it; the grid grows when the range starts inside.

        Raises:
            ApiError: 400, a range that is not there or too small for the values.
        """
        with self.undone_on_refusal():
            return sheet_values.update(self, range, values, input_option, major, account)

    def values_append(
        self,
        range: str,  # noqa: A002
        values: Sequence[Sequence[Any]],
        input_option: str,
        insert_option: str = "OVERWRITE",
        *,
        account: str = "",
    ) -> dict[str, Any]:
        """`spreadsheets.values.append`: below what it takes for the table, from the column where that begins.

        Raises:
            ApiError: 400, a range that is not there.
        """
        with self.undone_on_refusal():
            return sheet_values.append(self, range, values, input_option, insert_option, account)

    def values_batch_update(self, body: Message, *, account: str = "") -> dict[str, Any]:
        """`spreadsheets.values.batchUpdate`: all or nothing.

        Raises:
            ApiError: 400, as for `values_update`.
        """
        check(body, "BatchUpdateValuesRequest")
        with self.undone_on_refusal():
            return sheet_values.batch_update(self, body, account)

    def values_batch_clear(self, ranges: Sequence[str], *, account: str = "") -> dict[str, Any]:
        """`spreadsheets.values.batchClear`: the values go, the looks stay.

        Raises:
            ApiError: 400, a range that is not there.
        """
        with self.undone_on_refusal():
            cleared = [sheet_values.clear(self, text, account) for text in ranges]
        return {"spreadsheetId": self.id, "clearedRanges": cleared}

    def values_clear(self, range: str, *, account: str = "") -> dict[str, Any]:  # noqa: A002
        """`spreadsheets.values.clear`.

        Raises:
            ApiError: 400, a range that is not there.
        """
        cleared = self.values_batch_clear([range], account=account)["clearedRanges"]
        return {"spreadsheetId": self.id, "clearedRange": cleared[0]}

    def metadata_search(self, body: Message) -> dict[str, Any]:
        """`spreadsheets.developerMetadata.search`.

        Raises:
            ApiError: 400, no data filter or not a lookup of metadata.
        """
        check(body, "SearchDeveloperMetadataRequest")
        found = sheet_metadata.search(self, body.get("dataFilters") or ())
        return {"matchedDeveloperMetadata": found} if found else {}

    def metadata_get(self, metadata_id: int) -> dict[str, Any]:
        """`spreadsheets.developerMetadata.get`.

        Raises:
            ApiError: 404, there is none of this id.
        """
        found = sheet_metadata.search(self, [{"developerMetadataLookup": {"metadataId": metadata_id}}])
        if not found:
            raise ApiError(404, "NOT_FOUND", "Requested entity was not found.")
        return dict(found[0]["developerMetadata"])


def _sheet(tab: Tab) -> Sheet:
    rows = [[None if cell is None else cell.value for cell in row] for row in tab.rows]
    for row in rows:
        while row and row[-1] is None:
            row.pop()
    while rows and not rows[-1]:
        rows.pop()
    formulas = {(r, c) for r, row in enumerate(tab.rows) for c, cell in enumerate(row) if cell and cell.formula}
    return Sheet(tab.title, rows, frozenset(formulas))
