"""One spreadsheet at Google, asked politely: paced, retried while that is certain to be harmless, counted.

Every request to Google passes here. What is read and written, and what a doubtful write left behind, is google.py's.
"""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from itertools import count
from random import Random, SystemRandom
from typing import Any, Literal, TypeVar
from urllib.parse import quote

import requests
from google.auth.exceptions import GoogleAuthError
from gspread.http_client import HTTPClient, ParamsType
from gspread.urls import (
    DRIVE_FILES_API_V3_URL,
    SPREADSHEET_BATCH_UPDATE_URL,
    SPREADSHEET_URL,
    SPREADSHEET_VALUES_BATCH_URL,
    SPREADSHEETS_API_V4_BASE_URL,
)

from sync.storage.google_errors import Network, cannot_create, is_office_file, refused, unreachable
from sync.storage.google_failures import NotApplied, Passing, Refusal, Unsure, understood, unreadable
from sync.storage.google_sign_in import Access, Session, account_of, session
from validators.errors import KartotekaError, OutOfReach
from validators.rows import Cell

__all__ = ["Connection", "NotApplied", "Pace", "Unsure"]

LONGEST_WAIT = 32.0
# Seconds: rounding must not put a 61st request into a minute.
_MARGIN = 1e-6
_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast and how long to ask, in seconds: `interval` at least between the starts of two requests, `patience`
    in all for the retries of one call. `clock` never goes back.
    """

    sleep: Callable[[float], None]
    clock: Callable[[], float]
    interval: float = 1.0
    patience: float = 120.0


class Connection:
    """The spreadsheet `spreadsheet_id`; signs in at the first request. `timeouts`: to connect, and to hear anything.

    `requests` counts the attempts, "read" and "write" apart; `last_date` is the Date header of the last answer.
    """

    def __init__(
        self,
        spreadsheet_id: str,
        access: Access,
        pace: Pace,
        *,
        chance: Random | None = None,
        timeouts: tuple[float, float] = (10, 180),
    ) -> None:
        self.spreadsheet_id = spreadsheet_id
        self.requests: Counter[str] = Counter()
        self.last_date = ""
        self._access = access
        self._pace = pace
        self._chance = chance or SystemRandom()
        self._timeouts = timeouts
        self._client: HTTPClient | None = None
        self._session: Session | None = None
        self._renewed = False
        self._may_start = float("-inf")

    @property
    def account(self) -> str:
        """The address to share the spreadsheet with; "" when it is not known (yet).

        Raises:
            WrongUse: the key file is missing, or no key.
        """
        if self._session is not None:
            return self._session.account
        return account_of(self._access.key_file) if self._access.key_file else ""

    def sign_in(self) -> None:
        """Get a token without a request to the spreadsheet; nothing happens while there is a valid one.

        Raises:
            OutOfReach: Google does not accept the account or key, or cannot be reached.
            WrongUse: the key file is missing, or no key.
        """
        self._patiently(self._signed_in, safe=True)

    def values(self, ranges: Sequence[str]) -> list[list[list[Cell]]]:
        """One grid for each range (A1 notation), ragged, [] for an empty one; dates as serial numbers.

        Raises:
            NotApplied: a range is not there (400).
            OutOfReach: no access, or no answer in time.
        """
        params: ParamsType = {
            "ranges": list(ranges),
            "valueRenderOption": "UNFORMATTED_VALUE",
            "dateTimeRenderOption": "SERIAL_NUMBER",
        }

        def attempt() -> list[list[list[Cell]]]:
            answer = self._get(SPREADSHEET_VALUES_BATCH_URL, params, "valueRanges(range,values)")
            found = answer.get("valueRanges", [])
            if len(found) != len(ranges):
                raise Passing(unreachable(Network.CUT), doubtful=True)
            return [grid.get("values", []) for grid in found]

        return self._read(attempt)

    def describe(self, fields: str, ranges: Sequence[str] = (), *, grid: bool = False) -> dict[str, Any]:
        """What spreadsheets.get tells under the mask `fields`; with `grid` the cells of `ranges` too.

        Raises:
            NotApplied: a range is not there (400).
            OutOfReach: no access, or no answer in time.
        """
        params: ParamsType = {"ranges": list(ranges), "includeGridData": "true" if grid else "false"}
        return self._read(lambda: self._get(SPREADSHEET_URL, params, fields))

    def write(self, body: Mapping[str, object], fields: str = "") -> dict[str, Any]:
        """Carry out the spreadsheets.batchUpdate `body`, all or nothing; the answer under the mask `fields`.

        Only failures after which it was certainly not applied are retried.

        Raises:
            NotApplied: Google refused it.
            Unsure: it may have been applied, now or later: read before anything else is written.
            OutOfReach: no access, or it could not be sent in time; it was not applied.
        """
        try:
            return self._patiently(
                lambda: self._post(SPREADSHEET_BATCH_UPDATE_URL % self._id, body, fields), safe=False
            )
        except NotApplied as error:
            if error.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
                raise self.explained(error) from error
            raise

    def create(self, title: str, locale: str, time_zone: str) -> str:
        """Make a new spreadsheet that belongs to the account; its id.

        Raises:
            OutOfReach: the account may not, or it is not certain that there is one now.
        """
        body = {"properties": {"title": title, "locale": locale, "timeZone": time_zone}}
        try:
            answer = self._patiently(
                lambda: self._post(SPREADSHEETS_API_V4_BASE_URL, body, "spreadsheetId"), safe=False
            )
            return str(answer["spreadsheetId"])
        except NotApplied as error:
            if error.status == HTTPStatus.FORBIDDEN and "does not have permission" in error.message:
                raise cannot_create(self.account) from error
            raise self.explained(error) from error
        except (Unsure, KeyError) as error:
            raise OutOfReach(
                "It is not certain that the spreadsheet was created: Google's answer did not arrive whole.",
                "Run again; an empty spreadsheet may be left over in the account's Google Drive.",
            ) from error

    def call(
        self, method: Literal["get", "post"], url: str, content: Mapping[str, object] | None = None
    ) -> dict[str, Any]:
        """Any other call of Google's APIs, for questions that Kartoteka's own work does not ask; its whole answer.

        Raises:
            NotApplied: Google refused it.
            Unsure: it was a "post", and may have been carried out.
            OutOfReach: no answer in time.
        """
        data = None if content is None else json.dumps(content).encode()
        kind: Literal["read", "write"] = "read" if method == "get" else "write"
        return self._patiently(lambda: self._ask(kind, method, url, {}, data), safe=method == "get")

    def delete_file(self, spreadsheet_id: str) -> None:
        """Delete a spreadsheet for good; needs a Drive scope. That it is gone already is no error.

        Raises:
            OutOfReach: no access, or no answer in time.
        """
        url = f"{DRIVE_FILES_API_V3_URL}/{quote(spreadsheet_id, safe='')}"
        try:
            self._patiently(lambda: self._ask("write", "delete", url, {}), safe=True)
        except NotApplied as error:
            if error.status != HTTPStatus.NOT_FOUND:
                raise self.explained(error) from error

    def explained(self, refusal: NotApplied) -> KartotekaError:
        """What a refused write means, and what a person can do about it."""
        return refused(refusal.status, refusal.message, self.account, self.spreadsheet_id, write=True)

    @property
    def _id(self) -> str:
        return quote(self.spreadsheet_id, safe="")

    def _read(self, attempt: Callable[[], _Answer]) -> _Answer:
        try:
            return self._patiently(attempt, safe=True)
        except NotApplied as error:
            if error.status == HTTPStatus.BAD_REQUEST and not is_office_file(error.message):
                raise
            raise refused(error.status, error.message, self.account, self.spreadsheet_id) from error

    def _patiently(self, attempt: Callable[[], _Answer], *, safe: bool) -> _Answer:
        """Try until it succeeds or patience ends, with truncated exponential backoff and full jitter.

        `safe`: doing it twice does no harm. Source: https://developers.google.com/workspace/sheets/api/limits
        """
        deadline = self._pace.clock() + self._pace.patience
        self._renewed = False
        for number in count():
            try:
                return attempt()
            except Passing as passing:
                if passing.doubtful and not safe:
                    raise Unsure(passing.error.what) from passing
                wait = max(passing.wait, self._chance.uniform(0, LONGEST_WAIT if number > 4 else 2.0**number))
                if self._pace.clock() + wait > deadline:
                    raise passing.error from passing
            self._pace.sleep(wait)
        raise AssertionError("unreachable")

    def _get(self, url: str, params: ParamsType, fields: str) -> dict[str, Any]:
        return self._ask("read", "get", url % self._id, {**params, "fields": fields, "prettyPrint": "false"})

    def _post(self, url: str, body: Mapping[str, object], fields: str) -> dict[str, Any]:
        params: ParamsType = {"prettyPrint": "false"}
        if fields:
            params["fields"] = fields
        # Half the size of what requests would send: no blanks, and Polish letters as they are.
        data = json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
        return self._ask("write", "post", url, params, data)

    def _ask(
        self, kind: Literal["read", "write"], method: str, url: str, params: ParamsType, data: bytes | None = None
    ) -> dict[str, Any]:
        """One attempt."""
        client = self._signed_in()
        self._await_turn()
        self.requests[kind] += 1
        headers = {"Content-Type": "application/json; charset=UTF-8"} if data is not None else None
        try:
            response = client.request(method, url, params=params, data=data, headers=headers)
        except (Refusal, GoogleAuthError, OSError) as error:
            raise self._understood(error) from error
        return {} if method == "delete" else _object(response)

    def _signed_in(self) -> HTTPClient:
        """gspread's client with a valid token. Not a part of the request, so that a failure here leaves no doubt."""
        if self._client is None or self._session is None:
            self._session = session(self._access)
            self._session.hooks["response"].append(self._hear)
            self._client = HTTPClient(self._session.credentials, self._session)
            self._client.set_timeout(self._timeouts)
        try:
            self._session.sign_in()
        except (GoogleAuthError, OSError) as error:
            raise understood(error, self.account, sent=False) from error
        return self._client

    def _await_turn(self) -> None:
        early = self._may_start - self._pace.clock()
        if early > 0:
            self._pace.sleep(early + _MARGIN)
        self._may_start = self._pace.clock() + self._pace.interval

    def _hear(self, response: requests.Response, *_: object, **__: object) -> None:
        """Called for each answer, before gspread, whose APIError does not survive every body."""
        self.last_date = response.headers.get("Date", "")
        if response.status_code >= HTTPStatus.BAD_REQUEST:
            raise Refusal(response)

    def _understood(self, error: Exception) -> Exception:
        meaning = understood(error, self.account)
        expired = isinstance(meaning, NotApplied) and meaning.status == HTTPStatus.UNAUTHORIZED
        if not expired or self._renewed or self._session is None:
            return meaning
        self._session.forget_token()
        self._renewed = True
        return Passing(refused(HTTPStatus.UNAUTHORIZED, str(meaning), self.account), doubtful=False)


def _object(response: requests.Response) -> dict[str, Any]:
    try:
        answer = response.json()
    except ValueError as error:
        raise unreadable(response) from error
    if not isinstance(answer, dict):
        raise unreadable(response)
    return answer
