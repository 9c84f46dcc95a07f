"""What the Google workbook keeps in the state folder: what is known of the spreadsheet, and a write under way.

A write is put down before it is sent and struck out when all of it stands where it belongs: a run that was killed in
between is finished by the next.
"""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sync.mending import differences
from sync.recognising import Hit, Page, filled
from sync.storage.google_answers import Known, remembered
from sync.storage.google_requests import plain
from validators.errors import OutOfReach, Trouble
from validators.rows import Grid
from validators.tabs import tab

_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Pending:
    """A write under way: its step of the register, its token there, and for each tab what stood and what was set.

    Of a repair the write before it has arrived and left something wrong, whether or not the repair arrives. `divided`
    are the titles of the sheets among which it divides the history, if it does.
    """

    step: int
    token: str
    pages: Mapping[str, Page]
    hits: Mapping[str, Sequence[Hit]]
    is_repair: bool = False
    divided: Sequence[str] = ()


class GoogleJournal:
    """The files about the spreadsheet `spreadsheet_id` in `folder`."""

    def __init__(self, folder: Path, spreadsheet_id: str) -> None:
        self._known = folder / f"google-{spreadsheet_id}.json"
        self._pending = folder / f"google-{spreadsheet_id}.pending.json"

    def known(self) -> Known | None:
        """What was known of the spreadsheet last; None when nothing was, or the file cannot be understood."""
        try:
            return remembered(self._known.read_text("utf-8"))
        except (OSError, ValueError):
            return None

    def know(self, known: Known) -> None:
        """Keep `known`. That it cannot be kept only costs a request next time."""
        try:
            _replace(self._known, known.as_json())
        except OutOfReach:
            return

    def begin(self, pending: Pending) -> None:
        """Put a write down, for good, before it is sent.

        Raises:
            OutOfReach: the state folder cannot be written.
        """
        pages = {name: _kept(page, pending.hits.get(name, ())) for name, page in pending.pages.items()}
        parts = {"step": pending.step, "token": pending.token, "pages": pages, "is_repair": pending.is_repair}
        whole = {"format": _FORMAT, **parts, "divided": list(pending.divided)}
        _replace(self._pending, json.dumps(whole, ensure_ascii=False))

    def pending(self) -> Pending | None:
        """The write that was under way when a run ended, if there is one.

        Raises:
            OutOfReach: the file is there, but cannot be understood.
        """
        try:
            parts = json.loads(self._pending.read_text("utf-8"))
            if parts["format"] != _FORMAT:
                raise ValueError(parts["format"])
            hits = {name: [Hit(*cell) for cell in kept["hits"]] for name, kept in parts["pages"].items()}
            pages = {
                name: Page(tab(name), kept["clean"], filled(kept["clean"], [Hit(*cell) for cell in kept["wanted"]]))
                for name, kept in parts["pages"].items()
            }
            step, token = int(parts["step"]), str(parts["token"])
        except FileNotFoundError:
            return None
        except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
            raise OutOfReach(
                f"{self._pending} tells of a write that was interrupted, but cannot be read.",
                "Look at the last rows of the sheet's history; when they are right, remove this file and run again.",
                trouble=Trouble.RECORDS,
            ) from error
        return Pending(step, token, pages, hits, parts.get("is_repair", False), parts.get("divided", ()))

    def end(self) -> None:
        """The write stands, or was certainly not made."""
        self._pending.unlink(missing_ok=True)


def _kept(page: Page, hits: Sequence[Hit]) -> dict[str, Any]:
    cells = [(h.row, h.column, plain(h.value), plain(h.before), h.guarded) for h in hits]
    # Of a repair, more than it sets: what landed right in the write before shall stand too.
    wanted = [(h.row, h.column, plain(h.value)) for h in differences(page.clean, page.wanted)]
    return {"clean": _plain(page.clean), "wanted": wanted, "hits": cells}


def _plain(grid: Grid) -> list[list[Any]]:
    return [[plain(cell) for cell in row] for row in grid]


def _replace(path: Path, text: str) -> None:
    draft = path.with_suffix(".new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with draft.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:
        raise OutOfReach(
            f"{path} cannot be written: {error.strerror}.",
            "Set [state] folder to a place where you may write.",
            trouble=Trouble.DISK,
        ) from error
