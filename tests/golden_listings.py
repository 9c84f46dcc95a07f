"""What an importer yields, as text for golden files: every cell with its type, so that none changes unnoticed."""

import json
from datetime import date, datetime, time
from pathlib import Path

from importers.port import Importer
from validators.rows import Cell

FOLDER = Path(__file__).parent / "golden" / "imports"


def as_json(importer: Importer, path: Path) -> str:
    """All listings that `importer` finds in `path`."""
    listings = [
        {
            "kind": listing.kind,
            "title": listing.title,
            "columns": list(listing.columns),
            "meaning": dict(listing.meaning),
            "notes": list(listing.notes),
            "rows": [
                {"line": row.line} | {name: _cell(cell) for name, cell in row.cells.items()} for row in listing.rows
            ],
        }
        for listing in importer.listings(path)
    ]
    return json.dumps({"importer": importer.name, "listings": listings}, ensure_ascii=False, indent=1) + "\n"


def _cell(cell: Cell) -> object:
    if isinstance(cell, str | bool | int | None):
        return cell
    kind = "moment" if isinstance(cell, datetime) else type(cell).__name__.lower()
    return {kind: cell.isoformat() if isinstance(cell, date | time) else str(cell)}


def golden(path: Path) -> Path:
    """The file with what the importer yields for `path`: that of `list.csv` is `list.csv.json`."""
    return path.with_name(f"{path.name}.json")


def check(importer: Importer, name: str, *, regenerate: bool) -> None:
    """The file `name` of the folder yields what its golden file says; `regenerate` writes that anew."""
    path = FOLDER / name
    found = as_json(importer, path)
    if regenerate:
        golden(path).write_text(found, "utf-8")
    assert found == golden(path).read_text("utf-8")
