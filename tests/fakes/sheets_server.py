"""A Google of our own at 127.0.0.1 that real clients talk to: who may ask, how often, and what goes wrong.

What the calls mean is sheets_routes.py's part, what they do sheets_api.py's, the bytes on the wire http_wire.py's.
"""

import json
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from threading import RLock
from traceback import format_exception
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from sync.snapshot import Sheet
from tests.fakes.clocks import VirtualClock
from tests.fakes.drive_api import filed
from tests.fakes.faults import LOST, Fault, Faults
from tests.fakes.field_masks import BadMask
from tests.fakes.google_accounts import NO_ACCOUNT, Accounts, Token
from tests.fakes.google_answers import (
    Answer,
    bad_mask,
    disabled,
    error,
    failure,
    front_end,
    insufficient_scope,
    over_quota,
    unauthenticated,
    unregistered,
)
from tests.fakes.http_wire import Reply, Request, Wire
from tests.fakes.sheet_errors import ApiError
from tests.fakes.sheets_api import Books, answered
from tests.fakes.sheets_routes import Call, understood
from tests.fakes.spreadsheet import Spreadsheet

SIGN_IN = ("token", "allowedLocations")  # google-auth asks the second beside the first work, in a thread of its own


@dataclass
class Logged:
    """One request as it was met. `status` is what the server decided, though the client may never have heard of it;
    0 while it waits to be applied late. `bytes_out` counts the body as sent (gzip), `bytes_plain` before."""

    at: float
    method: str
    path: str
    kind: str
    query: Mapping[str, list[str]]
    body: bytes
    book: str = ""
    status: int = 0
    bytes_out: int = 0
    bytes_plain: int = 0
    fault: Fault = Fault.NONE

    @property
    def json(self) -> Any:
        """The body as sent."""
        return json.loads(self.body)


@dataclass
class _Late:
    due: float
    call: Call
    logged: Logged


@dataclass
class _Quota:
    """A sliding minute of requests, by kind of request ("Read", "Write")."""

    limit: int
    taken: dict[str, deque[float]] = field(default_factory=lambda: {"Read": deque(), "Write": deque()})

    def over(self, kind: str, now: float) -> bool:
        taken = self.taken[kind]
        while taken and taken[0] <= now - 60:
            taken.popleft()
        if len(taken) >= self.limit:
            return True
        taken.append(now)
        return False


class FakeSheets:
    """Google Sheets, Drive and sign-in at `url`, from `with` to its end.

    `clock` counts seconds for the log, the quota (requests a minute, reads and writes apart; None: none) and late
    writes; `wall` tells epoch seconds for the Date header and for tokens. `latency` gives the seconds that a request
    needs on its way: waited on the clock when that is a VirtualClock, else really.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.monotonic,
        quota: int | None = None,
        faults: Faults | None = None,
        latency: Callable[[], float] | None = None,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self.log: list[Logged] = []
        self.before: list[Callable[[FakeSheets, Logged], None]] = []
        self.faults = faults
        self.api_enabled = True
        self.unplugged = False  # True: requests end in a reset, neither logged nor carried out
        self.lock = RLock()
        self._clock, self._latency = clock, latency
        self._sleep = _sleep_of(clock)
        self._quota = _Quota(quota) if quota is not None else None
        self._late: list[_Late] = []
        self._library = Books()
        self._wire = Wire(self._respond, wall)
        self.url = self._wire.url
        self._accounts = Accounts(f"{self.url}/token", wall)
        self.account = self._accounts.account

    def __enter__(self) -> Self:
        self._wire.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        for failure_of_ours in self._wire.failures:
            if raised is None:
                raise failure_of_ours
            raised.add_note("The fake itself failed:\n" + "".join(format_exception(failure_of_ours)))

    def stop(self) -> None:
        """Go away for good: no more connections, and those that stand end. A request in whose middle this is called
        is still carried out, unheard."""
        self._wire.stop()

    @property
    def books(self) -> dict[str, Spreadsheet]:
        """The spreadsheets by id."""
        return self._library.books

    @property
    def shared(self) -> dict[str, str]:
        """What the account may do with each spreadsheet by id: "owner", "writer", "reader", or "" for nothing."""
        return self._library.shared

    def add(
        self,
        title: str,
        sheets: Sequence[Sheet] = (),
        *,
        locale: str = "pl_PL",
        time_zone: str = "Europe/Warsaw",
        shared: str = "writer",
    ) -> Spreadsheet:
        """A new spreadsheet of somebody's, shared with the account as "writer", "reader" or "" (not at all)."""
        with self.lock:
            return self._library.add(
                lambda id_: Spreadsheet(id_, title, sheets, locale=locale, time_zone=time_zone), shared
            )

    def key_file(self, path: Path) -> Path:
        """Write the account's key to `path`, mode 0600."""
        return self._accounts.key_file(path)

    def deny(self, account: str, reason: str = NO_ACCOUNT) -> None:
        """Refuse the account from now on, as for a deleted account or a revoked key ("Invalid JWT Signature.")."""
        self._accounts.deny(account, reason)

    def expire_tokens(self) -> None:
        """Void every access token given out so far."""
        self._accounts.expire()

    def count(self, *kinds: str) -> int:
        """How many API requests there were, of these kinds or of all; sign-in counts only when it is named."""
        return sum(1 for r in self.log if (r.kind in kinds if kinds else r.kind not in SIGN_IN))

    def settle(self) -> None:
        """Apply at once every write that was still to be applied late."""
        with self.lock:
            self._apply_late(float("inf"))

    def _respond(self, request: Request) -> Reply:
        if self._latency is not None:
            self._sleep(self._latency())
        with self.lock:
            if self.unplugged:
                return Reply(0, b"", "", "reset")
            self._apply_late(self._clock())
            url = urlsplit(request.target)
            query = parse_qs(url.query, keep_blank_values=True)
            logged = Logged(self._clock(), request.method, url.path, "unknown", query, request.body)
            self.log.append(logged)
            answer, call = self._met(request, logged)
            pretty = call.pretty if call else True
            reply = Reply(answer.status, answer.body(pretty=pretty), answer.content_type, _drop(logged.fault))
            reply = reply.squeezed() if request.gzip else reply
            logged.bytes_out, logged.bytes_plain = len(reply.body), reply.plain or len(reply.body)
            return reply

    def _met(self, request: Request, logged: Logged) -> tuple[Answer, Call | None]:
        if signed := self._signed_in(request, logged):
            return signed, None
        call = understood(request.method, logged.path, logged.query, request.body)
        if isinstance(call, Answer):
            logged.status = call.status
            return call, None
        logged.kind, logged.book = call.method.kind, call.book
        barred = self._barred(request, call) or self._misfortune(call, logged)
        answer = barred or self._carried_out(call, logged)
        logged.status = logged.status or (0 if logged.fault is Fault.LATE else answer.status)
        if logged.fault is Fault.FAILED and self.faults and answer.status < HTTPStatus.BAD_REQUEST:
            answer = self._failure(self.faults.status(applied=True))
        return answer, call

    def _signed_in(self, request: Request, logged: Logged) -> Answer | None:
        answer: Answer | None = None
        if logged.path == "/token" and request.method == "POST":
            logged.kind, answer = "token", self._accounts.grant(request.body)
        elif logged.path.endswith("/allowedLocations"):
            logged.kind, answer = "allowedLocations", Answer(200, {"locations": [], "encodedLocations": "0x0"})
        logged.status = answer.status if answer else 0
        return answer

    def _barred(self, request: Request, call: Call) -> Answer | None:
        if not request.authorization:
            return unregistered()
        token = self._accounts.token(request.authorization)
        if token is None:
            return unauthenticated()
        return self._unfit(token, call) or self._exhausted(call) or call.flaw()

    def _unfit(self, token: Token, call: Call) -> Answer | None:
        service = call.method.service
        if not self.api_enabled:
            return disabled(service, f"Google {service.capitalize()}")
        return None if token.scopes & call.method.scopes else insufficient_scope(service)

    def _exhausted(self, call: Call) -> Answer | None:
        kind = "Write" if call.method.write else "Read"
        if self._quota and call.method.service == "sheets" and self._quota.over(kind, self._clock()):
            return over_quota(kind, self._quota.limit)
        return None

    def _misfortune(self, call: Call, logged: Logged) -> Answer | None:
        if self.faults is None:
            return None
        logged.fault = self.faults.draw(write=call.method.write)
        if logged.fault is Fault.REFUSED:
            return self._failure(self.faults.status())
        if logged.fault is Fault.LATE:
            self._late.append(_Late(self._clock() + self.faults.late_by, call, logged))
            return Answer(200)
        return None

    def _failure(self, code: int) -> Answer:
        return front_end(code) if self.faults and self.faults.html() else failure(code)

    def _carried_out(self, call: Call, logged: Logged) -> Answer:
        for act in self.before:
            act(self, logged)
        try:
            if call.method.service == "drive":
                return filed(call, self._library)
            return answered(call, self._library, self.account)
        except BadMask as bad:
            return bad_mask(str(bad))
        except ApiError as refused:
            return error(refused.code, refused.message, status=refused.status)

    def _apply_late(self, now: float) -> None:
        due = [late for late in self._late if late.due <= now]
        self._late = [late for late in self._late if late.due > now]
        for late in due:
            late.logged.status = self._carried_out(late.call, late.logged).status


def _drop(fault: Fault) -> str:
    if fault in (Fault.RESET, Fault.CUT):
        return fault.value
    return "closed" if fault is Fault.LATE or (fault in LOST and fault is not Fault.FAILED) else ""


def _sleep_of(clock: Callable[[], float]) -> Callable[[float], None]:
    owner = getattr(clock, "__self__", clock)
    return owner.sleep if isinstance(owner, VirtualClock) else time.sleep
