"""A Gmail of our own at 127.0.0.1: drafts of mailboxes, sending that consumes them, and what goes wrong on the way.

Paths, parameters, fields and scopes as in Google's discovery document (revision 20261005); errors as in the guide
"handle-errors" and in public reports. The bytes on the wire are http_wire.py's part, sign-in is gmail_accounts.py's.
"""

import base64
import binascii
import email
import email.policy
import email.utils
import json
import re
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum, auto
from itertools import count
from pathlib import Path
from threading import RLock
from traceback import format_exception
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlsplit

from tests.fakes.gmail_accounts import COMPOSE, GmailAccounts
from tests.fakes.google_accounts import Token
from tests.fakes.google_answers import (
    STATUSES,
    Answer,
    disabled,
    front_end,
    insufficient_scope,
    unauthenticated,
    unknown_parameter,
    unregistered,
)
from tests.fakes.http_wire import Reply, Request, Wire

SENDER = "biuro@example.pl"
_EVERY = {"prettyPrint", "alt", "fields", "key", "quotaUser", "access_token", "callback", "oauth_token", "$.xgafv"}
_SCOPES = {COMPOSE, "https://mail.google.com/", "https://www.googleapis.com/auth/gmail.modify"}
_DRAFT = {"id", "message"}
_MESSAGE = {"id", "threadId", "labelIds", "snippet", "historyId", "internalDate", "payload", "sizeEstimate", "raw"}
_METHODS: tuple[tuple[str, str, str, frozenset[str]], ...] = (
    ("profile", "GET", r"/gmail/v1/users/([^/]+)/profile", frozenset()),
    ("list", "GET", r"/gmail/v1/users/([^/]+)/drafts", frozenset({"q", "maxResults", "pageToken", "includeSpamTrash"})),
    ("create", "POST", r"/gmail/v1/users/([^/]+)/drafts", frozenset()),
    ("send", "POST", r"/gmail/v1/users/([^/]+)/drafts/send", frozenset()),
    ("get", "GET", r"/gmail/v1/users/([^/]+)/drafts/([^/]+)", frozenset({"format"})),
    ("delete", "DELETE", r"/gmail/v1/users/([^/]+)/drafts/([^/]+)", frozenset()),
)
_ADDRESS = re.compile(r"[^\s@<>,]+@[^\s@<>,]+\.[^\s@<>,]+")


class Act(StrEnum):
    """What goes wrong with a request, beside a plain answer that comes instead of its being carried out."""

    CLOSED = auto()  # not carried out, no answer
    LOST = auto()  # carried out, then no answer
    RESET = auto()  # carried out, then a reset
    CUT = auto()  # carried out, then half of the answer
    FAILED = auto()  # carried out, then 503 as if it had not been
    LATE = auto()  # no answer, carried out when `settle` is called


@dataclass(frozen=True, slots=True)
class Step:
    """One request: its kind ("token", "create", …) and which of its kind it is, counted from 1."""

    kind: str
    count: int


Fate = Callable[[Step], "Act | Answer | None"]


def kindly(_: Step) -> None:
    """All goes well."""


def fails(kind: str, how: "Act | Answer", *, times: int = 1000, first: int = 1) -> Fate:
    """The requests `kind` fail, from the `first` on, so many `times`."""
    return lambda step: how if step.kind == kind and first <= step.count < first + times else None


@dataclass
class Mailbox:
    """What lies in one mailbox: drafts by id, and the messages that were sent."""

    drafts: dict[str, bytes] = field(default_factory=dict)
    sent: list[bytes] = field(default_factory=list)


class FakeGmail:
    """Gmail and its sign-in at `url`, from `with` to its end. `fate` decides what becomes of each request.

    `keeps_message_ids`: whether a draft bears the Message-ID that it was given; `indexed`: whether the search knows of
    drafts. Both are open with the real one.
    """

    def __init__(self, fate: Fate = kindly, *, users: tuple[str, ...] = (SENDER,)) -> None:
        self.fate = fate
        self.heard: list[str] = []
        self.counts: Counter[str] = Counter()
        self.mailboxes = {user: Mailbox() for user in users}
        self.api_enabled = self.keeps_message_ids = self.indexed = True
        self.lock = RLock()
        self._numbers = count(1)
        self._late: list[Callable[[], Answer]] = []
        self._wire = Wire(self._respond, time.time)
        self.url = self._wire.url
        self.accounts = GmailAccounts(f"{self.url}/token", time.time)
        self.accounts.users = users

    def __enter__(self) -> Self:
        self._wire.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._wire.stop()
        for failure in self._wire.failures:
            if raised is None:
                raise failure
            raised.add_note("The fake itself failed:\n" + "".join(format_exception(failure)))

    @property
    def box(self) -> Mailbox:
        """The mailbox of the first user."""
        return next(iter(self.mailboxes.values()))

    @property
    def received(self) -> Counter[str]:
        """How many letters each address has got."""
        messages = [email.message_from_bytes(raw, policy=email.policy.SMTP) for raw in self.box.sent]
        return Counter(address for _, address in email.utils.getaddresses([str(m["To"]) for m in messages]))

    def key_file(self, path: Path) -> Path:
        """Write the service account's key to `path`."""
        return self.accounts.key_file(path)

    def settle(self) -> None:
        """Carry out what is still to be carried out late."""
        with self.lock:
            late, self._late = self._late, []
            for act in late:
                act()

    def _respond(self, request: Request) -> Reply:
        with self.lock:
            url = urlsplit(request.target)
            answer, drop = self._met(request, url.path, parse_qs(url.query, keep_blank_values=True))
            return Reply(answer.status, answer.body(), answer.content_type, drop)

    def _met(self, request: Request, path: str, query: Mapping[str, list[str]]) -> tuple[Answer, str]:
        kind, names, known = _understood(request.method, path)
        self.heard.append(kind)
        self.counts[kind] += 1
        fate = self.fate(Step(kind, self.counts[kind]))
        if isinstance(fate, Answer):
            return fate, ""

        def act() -> Answer:
            if kind == "token":
                return self.accounts.grant(request.body)
            return self._barred(request, kind, names, query, known) or self._done(kind, names, query, request.body)

        if fate is Act.LATE:
            self._late.append(act)
        if fate in (Act.CLOSED, Act.LATE):
            return Answer(200), "closed"
        answer = act()
        if fate is Act.FAILED:
            return refusal(503, "The service is currently unavailable.", "backendError"), ""
        return answer, {Act.LOST: "closed", Act.RESET: "reset", Act.CUT: "cut"}.get(fate, "") if fate else ""

    def _barred(
        self, request: Request, kind: str, names: tuple[str, ...], query: Mapping[str, list[str]], known: frozenset[str]
    ) -> Answer | None:
        if kind == "unknown":
            return front_end(404)
        if not request.authorization:
            return unregistered()
        token = self.accounts.token(request.authorization)
        if token is None:
            return unauthenticated()
        if not self.api_enabled:
            return disabled("gmail", "Gmail")
        if not token.scopes & _SCOPES:
            return insufficient_scope("gmail")
        strange = [name for name in query if name not in known | _EVERY]
        return unknown_parameter(strange[0]) if strange else self._closed_to(token, names[0])

    def _closed_to(self, token: Token, user: str) -> Answer | None:
        if token.account not in self.mailboxes:  # a service account that acts for nobody
            return refusal(400, "Precondition check failed.", "failedPrecondition", "FAILED_PRECONDITION")
        if user not in ("me", token.account):
            return refusal(403, f"Delegation denied for {token.account}", "forbidden")
        self._box = self.mailboxes[token.account]
        self._user = token.account
        return None

    def _done(self, kind: str, names: tuple[str, ...], query: Mapping[str, list[str]], body: bytes) -> Answer:
        if kind == "profile":
            total = len(self._box.sent) + len(self._box.drafts)
            told = {"messagesTotal": total, "threadsTotal": total, "historyId": "1"}
            return Answer(200, {"emailAddress": self._user, **told})
        if kind == "list":
            return self._listed(query.get("q", [""])[-1])
        if kind in ("get", "delete"):
            return self._one(kind, names[1])
        return self._written(kind, body)

    def _written(self, kind: str, body: bytes) -> Answer:
        try:
            content = json.loads(body or b"{}")
        except ValueError:
            return refusal(400, "Invalid JSON payload received. Unexpected token.", "parseError")
        strange = _strange(content)
        if strange:
            message = f'Invalid JSON payload received. Unknown name "{strange}": Cannot find field.'
            return refusal(400, message, "badRequest")
        return self._created(content) if kind == "create" else self._sent(content)

    def _created(self, content: Mapping[str, Any]) -> Answer:
        raw = content.get("message", {}).get("raw", "")
        if not raw:
            return refusal(400, "Missing draft message", "invalidArgument")
        try:
            message = base64.b64decode(raw, altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            return refusal(400, "Invalid value for ByteString: " + raw[:20], "invalidArgument")
        number = next(self._numbers)
        if not self.keeps_message_ids:
            message = re.sub(rb"(?im)^message-id: .*$", b"Message-ID: <CA%d@mail.gmail.com>\r" % number, message)
        draft = f"r-{10**18 + number}"
        self._box.drafts[draft] = message
        return Answer(200, _draft(draft, number))

    def _sent(self, content: Mapping[str, Any]) -> Answer:
        draft = str(content.get("id", ""))
        if not draft:
            return refusal(400, "Missing draft id", "invalidArgument")
        if draft not in self._box.drafts:
            return _not_found()
        raw = self._box.drafts[draft]
        message = email.message_from_bytes(raw, policy=email.policy.SMTP)
        addresses = [address for _, address in email.utils.getaddresses([str(message["To"] or "")])]
        if not addresses:
            return refusal(400, "Recipient address required", "invalidArgument")
        if not all(_ADDRESS.fullmatch(address) for address in addresses):
            return refusal(400, "Invalid To header", "invalidArgument")
        del self._box.drafts[draft]
        self._box.sent.append(raw)
        number = next(self._numbers)
        return Answer(200, {"id": f"{number:016x}", "threadId": f"{number:016x}", "labelIds": ["SENT"]})

    def _one(self, kind: str, draft: str) -> Answer:
        if draft not in self._box.drafts:
            return _not_found()
        if kind == "delete":
            del self._box.drafts[draft]
            return Answer(200, {})
        return Answer(200, _draft(draft, 1))

    def _listed(self, search: str) -> Answer:
        wanted = search.removeprefix("rfc822msgid:") if search else ""
        found = [d for d, raw in self._box.drafts.items() if not search or (self.indexed and _bears(raw, wanted))]
        listed = [_draft(draft, 1) for draft in found]
        return Answer(
            200, {"drafts": listed, "resultSizeEstimate": len(listed)} if listed else {"resultSizeEstimate": 0}
        )


def refusal(code: int, message: str, reason: str, status: str = "") -> Answer:
    """An error as the Gmail API words it."""
    inner = {"message": message, "domain": "global", "reason": reason}
    named = status or STATUSES.get(code, "UNKNOWN")
    return Answer(code, {"error": {"code": code, "message": message, "errors": [inner], "status": named}})


def too_fast() -> Answer:
    """More requests a minute than one user may make."""
    return refusal(403, "User Rate Limit Exceeded", "userRateLimitExceeded")


def too_many(until: str) -> Answer:
    """More letters a day than one user may send; until a moment such as "2026-11-23T18:00:00.000Z"."""
    return refusal(429, f"User-rate limit exceeded.  Retry after {until} (Mail sending)", "rateLimitExceeded")


def _understood(method: str, path: str) -> tuple[str, tuple[str, ...], frozenset[str]]:
    if path == "/token" and method == "POST":
        return "token", (), frozenset()
    for kind, verb, pattern, known in _METHODS:
        found = re.fullmatch(pattern, path)
        if found and verb == method:
            return kind, tuple(unquote(part) for part in found.groups()), known
    return "unknown", (), frozenset()


def _strange(content: object) -> str:
    """A name that a Draft or its message does not have, "" if all are known."""
    if not isinstance(content, dict):
        return "root"
    message = content.get("message", {})
    strange = [*(set(content) - _DRAFT), *(set(message) - _MESSAGE)]
    return next(iter(strange), "")


def _bears(raw: bytes, message_id: str) -> bool:
    return str(email.message_from_bytes(raw)["Message-ID"]).strip("<> ") == message_id


def _draft(draft: str, number: int) -> dict[str, Any]:
    return {"id": draft, "message": {"id": f"{number:016x}", "threadId": f"{number:016x}", "labelIds": ["DRAFT"]}}


def _not_found() -> Answer:
    return refusal(404, "Requested entity was not found.", "notFound")
