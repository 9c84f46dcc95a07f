"""What is known of the spreadsheet, and its register: a write takes the next step, which only one runner can take.

Creating developer metadata with an id that is in use fails, and with it the whole batch: Google's one compare-and-set.
The same register tells after a lost answer whether the write arrived, so that nothing is ever repeated blindly.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from sync.storage.google_answers import ANSWER, DESCRIPTION, Known, known
from sync.storage.google_connection import Connection, NotApplied, Pace, Unsure
from sync.storage.google_journal import GoogleJournal
from sync.storage.google_requests import Request, body, step_taken, titles_held
from validators.errors import KartotekaError, OutOfReach, WorkbookMoved

AGAIN = "Nothing of it was written. Run again: everything is read and decided anew."
_LONGEST_WAIT = 32.0
# For so many seconds after Google told them, ids and titles are taken for certain.
_CERTAIN = 20.0


class InDoubt(OutOfReach):
    """Nobody could tell whether a write arrived; the next run finds out."""


class Refusal(OutOfReach):
    """Google refuses a write for what it asks; nothing was written."""


class Register:
    """The register of the spreadsheet of `connection`; `journal` remembers it between runs, which saves a request."""

    def __init__(self, connection: Connection, journal: GoogleJournal, pace: Pace) -> None:
        self._connection = connection
        self._journal = journal
        self._pace = pace
        self._known: Known | None = None
        self._told_at = float("-inf")

    @property
    def known(self) -> Known:
        """What is known of the spreadsheet without its cells: as remembered, or else as Google tells now."""
        if self._known is None:
            self._known = self._journal.known() or self.describe()
        return self._known

    @property
    def is_remembered(self) -> bool:
        """Whether nothing has been asked of Google yet, but an earlier run left what it knew."""
        return self._known is None and self._journal.known() is not None

    def describe(self) -> Known:
        """What Google tells of the spreadsheet now.

        Raises:
            OutOfReach: it cannot be read.
        """
        now = self._know(known(self._connection.describe(DESCRIPTION)))
        self._told_at = self._pace.clock()
        return now

    def next(self) -> tuple[int, str]:
        """The step that the next write takes, and a token that tells it from every other write."""
        return self.known.step + 1, secrets.token_hex(8)

    def take(
        self,
        step: int,
        token: str,
        requests: Sequence[Request] = (),
        ranges: Sequence[str] = (),
        titles: Mapping[int, str] = MappingProxyType({}),
    ) -> dict[str, Any] | None:
        """Carry out `requests` once and only once, whatever becomes of questions and answers; take `step`, or fail.

        The answer shows `ranges`; it is None when it was lost, although the write arrived. `titles` are those under
        which the sheets that are written were read: should another sheet bear one now, nothing is written.

        Raises:
            WorkbookMoved: another run took the step, or what the requests name is gone; nothing was written.
            InDoubt: nobody could tell in time; it may have been written, now or later.
            OutOfReach: Google refuses; nothing was written.
        """
        if titles and self._pace.clock() - self._told_at > _CERTAIN:
            try:
                return self.take(step, token, [*titles_held(titles), *requests], ranges)
            except Refusal:
                # Not for a title: those have just been looked at, and are as they were.
                return self.take(step, token, requests, ranges)
        content = body([*step_taken(step, token), *requests], ranges)
        deadline, wait, doubtful = self._pace.clock() + self._pace.patience, 1.0, False
        while True:
            try:
                answer = self._connection.write(content, ANSWER)
            except (NotApplied, Unsure) as error:
                doubtful = doubtful or isinstance(error, Unsure)
                if self._arrived(step, token, error, doubtful=doubtful):
                    return None
                if self._pace.clock() > deadline:
                    raise InDoubt(
                        f"Google did not say whether it has written: {error.message}",
                        "Run again: what was written is found and finished, nothing is written twice.",
                    ) from error
                self._pace.sleep(wait)
                wait = min(2 * wait, _LONGEST_WAIT)
            except KartotekaError as error:
                raise error.told_as(InDoubt) if doubtful else error from error
            else:
                self._know(replace(self.known, step=step, holders={**self.known.holders, step: token}))
                return answer

    def _arrived(self, step: int, token: str, error: NotApplied | Unsure, *, doubtful: bool) -> bool:
        """Whether the write with `token` is there; False when it is not there and may be sent again."""
        stood = self.known
        try:
            now = self.describe()
        except KartotekaError as unknown:
            raise unknown.told_as(InDoubt) if doubtful else unknown from error
        if now.holders.get(step) == token:
            return True
        if now.step >= step:
            raise moved() from error
        if isinstance(error, NotApplied):
            if stood.sheets != now.sheets:
                what = "Tabs, rows or columns were removed or renamed since the spreadsheet was read."
                raise WorkbookMoved(what, AGAIN) from error
            raise self._connection.explained(error).told_as(Refusal) from error
        return False

    def _know(self, now: Known) -> Known:
        self._known = now
        self._journal.know(now)
        return now


def moved() -> WorkbookMoved:
    """Another run was faster."""
    return WorkbookMoved("Another run of Kartoteka has written since the spreadsheet was read.", AGAIN)
