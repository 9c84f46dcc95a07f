"""Requests to Gmail's API: time-outs, a valid token, retries while they do no harm, and what an answer amounts to.

What is asked for is gmail_drafts.py's part, the words are gmail_errors.py's. Source of limits and retries:
https://developers.google.com/workspace/gmail/api/reference/quota, …/guides/handle-errors
"""

import json
import re
import ssl
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from itertools import count
from random import Random
from typing import TypeVar

import requests
from google.auth.exceptions import GoogleAuthError, TransportError
from requests.exceptions import ConnectTimeout, ProxyError, ReadTimeout, RequestException
from urllib3.exceptions import NameResolutionError, NewConnectionError, ReadTimeoutError

from mailers.gmail_errors import (
    Gone,
    Network,
    NotTaken,
    Refusal,
    Unsure,
    Who,
    refused,
    sign_in_refused,
    unreachable,
)
from mailers.gmail_sign_in import GmailAccess, GmailSession, session
from validators.errors import KartotekaError, OutOfReach, WrongUse

MAILBOX = "https://gmail.googleapis.com/gmail/v1/users/me"
PATIENCE = 75.0  # seconds for the retries of one call: limits count by the minute
_LONGEST_WAIT = 32.0
_RETRY_AFTER = re.compile(r"[Rr]etry after (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)")
_Answer = TypeVar("_Answer")
# The first that fits decides.
_BREAKS: tuple[tuple[type[BaseException], Network], ...] = (
    (ssl.SSLCertVerificationError, Network.CERTIFICATE),
    (ProxyError, Network.PROXY),
    (NameResolutionError, Network.NAME),
    (NewConnectionError, Network.REFUSED),
    (ConnectTimeout, Network.SLOW),
    (ReadTimeout, Network.SILENT),
    (ReadTimeoutError, Network.SILENT),
)


class _Passing(Exception):
    """An attempt failed in a way that another one, `wait` seconds later or more, may not."""

    def __init__(self, error: KartotekaError, *, in_doubt: bool, wait: float = 0.0) -> None:
        super().__init__(error.what)
        self.error, self.in_doubt, self.wait = error, in_doubt, wait


class _Refused(Exception):
    """Gmail answered with a refusal."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(str(refusal))
        self.refusal = refusal


class GmailConnection:
    """The API of one mailbox. It signs in at the first request; `timeouts`: to connect, and to hear anything."""

    def __init__(
        self,
        access: GmailAccess,
        sleep: Callable[[float], None],
        clock: Callable[[], float],
        chance: Random,
        timeouts: tuple[float, float],
    ) -> None:
        """`clock` tells seconds that never go back."""
        self._access, self._sleep, self._clock = access, sleep, clock
        self._chance, self._timeouts = chance, timeouts
        self._session: GmailSession | None = None
        self._renewed = False

    @property
    def who(self) -> Who:
        """For whom letters are written, and by which account.

        Raises:
            OutOfReach: the key file is missing, or no key.
        """
        if self._session is None:
            try:
                self._session = session(self._access)
            except WrongUse as error:  # found out when a letter is to leave: the rest of the run goes on without it
                raise error.told_as(OutOfReach) from error
        return self._session.who

    def close(self) -> None:
        """End the connection; the next request makes another."""
        if self._session is not None:
            end: Callable[[], None] = self._session.close
            end()

    def read(self, path: str, parameters: Mapping[str, str]) -> dict[str, object]:
        """Ask for what is at `path` below the mailbox.

        Raises:
            Gone: there is no such draft.
            OutOfReach: Gmail does not serve us, or does not answer.
        """
        try:
            return self._patiently(lambda: self._ask("GET", path, parameters), safe=True)
        except _Refused as error:
            raise self._meaning(error.refusal, path) from error

    def write(self, method: str, path: str, body: Mapping[str, object] | None = None) -> dict[str, object]:
        """Change something. Only failures after which it was certainly not done are retried.

        Raises:
            Gone: there is no such draft.
            NotTaken: Gmail refuses what is in `body`.
            Unsure: it may have been done, now or later.
            OutOfReach: Gmail does not serve us; it was not done.
        """
        try:
            return self._patiently(lambda: self._ask(method, path, {}, body), safe=False)
        except _Refused as error:
            if error.refusal.of_this_letter:
                raise NotTaken(str(error.refusal), permanent=True) from error
            raise self._meaning(error.refusal, path) from error

    def _meaning(self, refusal: Refusal, path: str) -> Exception:
        one = path.startswith("/drafts/")
        return Gone() if refusal.status == HTTPStatus.NOT_FOUND and one else refused(refusal, self.who)

    def _patiently(self, attempt: Callable[[], _Answer], *, safe: bool) -> _Answer:
        """Try until it succeeds or patience ends, with truncated exponential backoff and full jitter.

        `safe`: doing it twice does no harm.
        """
        deadline = self._clock() + PATIENCE
        self._renewed = False
        for number in count():
            try:
                return attempt()
            except _Passing as passing:
                if passing.in_doubt and not safe:
                    raise Unsure(passing.error.what.rstrip(".")) from passing
                wait = max(passing.wait, self._chance.uniform(0, min(_LONGEST_WAIT, 2.0**number)))
                if self._clock() + wait > deadline:
                    raise passing.error from passing
            self._sleep(wait)
        raise AssertionError("unreachable")

    def _ask(
        self, method: str, path: str, parameters: Mapping[str, str], body: Mapping[str, object] | None = None
    ) -> dict[str, object]:
        """One attempt."""
        ask: Callable[..., requests.Response] = self._signed_in().request
        headers = {"Content-Type": "application/json; charset=UTF-8"} if body is not None else {}
        try:
            response = ask(
                method,
                MAILBOX + path,
                params={**parameters, "prettyPrint": "false"},
                data=None if body is None else json.dumps(body).encode(),
                headers=headers,
                timeout=self._timeouts,
                allow_redirects=False,
            )
        except (GoogleAuthError, OSError) as error:
            raise _broken(error) from error
        return self._heard(response)

    def _heard(self, response: requests.Response) -> dict[str, object]:
        try:
            content: object = response.json() if response.content else {}
        except ValueError:
            content = None
        status = response.status_code
        if 200 <= status < 300 and isinstance(content, dict):
            return content
        if status < HTTPStatus.BAD_REQUEST or (content is None and status < HTTPStatus.INTERNAL_SERVER_ERROR):
            raise _Passing(unreachable(Network.UNREADABLE), in_doubt=True)
        refusal = Refusal.of(status, content, _wait(response))
        if refusal.in_doubt or refusal.limit:
            raise _Passing(refused(refusal, self.who), in_doubt=refusal.in_doubt, wait=refusal.wait)
        if refusal.status == HTTPStatus.UNAUTHORIZED and not self._renewed and self._session:
            self._session.forget_token()
            self._renewed = True
            raise _Passing(refused(refusal, self.who), in_doubt=False)
        raise _Refused(refusal)

    def _signed_in(self) -> GmailSession:
        """With a valid token. Not a part of the request, so that a failure here leaves no doubt."""
        who = self.who
        assert self._session is not None
        try:
            self._session.sign_in()
        except TransportError as error:
            raise _broken(error, in_doubt=False) from error
        except GoogleAuthError as error:
            meaning = sign_in_refused(str(error.args[0]) if error.args else "", who)
            raise (_Passing(meaning, in_doubt=False) if error.retryable else meaning) from error
        except OSError as error:
            raise _broken(error, in_doubt=False) from error
        return self._session


def _broken(error: Exception, *, in_doubt: bool = True) -> _Passing:
    causes = list(_causes(error))
    found = (trouble for kind, trouble in _BREAKS if any(isinstance(cause, kind) for cause in causes))
    # requests says so in a bare OSError when REQUESTS_CA_BUNDLE names no file.
    unset = not isinstance(error, (RequestException, GoogleAuthError)) and "certificate" in str(error)
    trouble = next(found, Network.CERTIFICATE if unset else Network.CUT)
    wait = float("inf") if trouble is Network.CERTIFICATE else 0.0  # waiting mends no certificate
    return _Passing(unreachable(trouble), in_doubt=in_doubt and not trouble.not_received, wait=wait)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what it was made of. Not __context__: that may be an earlier, unrelated one."""
    yield error
    for inner in (*error.args, getattr(error, "reason", None)):
        if isinstance(inner, BaseException):
            yield from _causes(inner)


def _wait(response: requests.Response) -> float:
    """Seconds that Google asks to wait, in the header (RFC 9110, 10.2.3) or in its words; 0 when it says neither."""
    text, date = response.headers.get("Retry-After", ""), response.headers.get("Date", "")
    if text.strip().isdecimal():
        return float(text)
    said = _RETRY_AFTER.search(response.text)
    try:
        until = datetime.fromisoformat(f"{said[1]}+00:00") if said else parsedate_to_datetime(text)
        return max(0.0, (until - parsedate_to_datetime(date)).total_seconds())
    except (TypeError, ValueError):
        return 0.0
