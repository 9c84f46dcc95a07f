"""What a failed request to Google leaves behind: refused, passing, or in doubt. From exceptions and answers; no I/O."""

import ssl
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from http import HTTPStatus

import requests
from google.auth.exceptions import GoogleAuthError, TransportError
from requests.exceptions import ConnectTimeout, ProxyError, ReadTimeout, RequestException
from requests.exceptions import SSLError as BrokenTLS
from urllib3.exceptions import NameResolutionError, NewConnectionError, ReadTimeoutError

from sync.storage.google_errors import Network, refused, sign_in_refused, unreachable
from validators.errors import KartotekaError

# The server, or one on the way, gave up waiting; what was done by then is not said.
_GAVE_UP = frozenset({HTTPStatus.REQUEST_TIMEOUT, 499})
# The first that fits decides: what went wrong, whether the request was certainly not received.
_BREAKS: tuple[tuple[type[BaseException], Network, bool], ...] = (
    (ssl.SSLCertVerificationError, Network.CERTIFICATE, True),
    (ProxyError, Network.PROXY, True),
    (NameResolutionError, Network.NAME, True),
    (NewConnectionError, Network.REFUSED, True),
    (ConnectTimeout, Network.SILENT, True),
    (ReadTimeout, Network.SILENT, False),
    (ReadTimeoutError, Network.SILENT, False),
    (BrokenTLS, Network.CUT, False),
)


class NotApplied(Exception):
    """Google refused the request (4xx but 429): nothing of it was applied."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"{status}: {message}")
        self.status = status
        self.message = message


class Unsure(Exception):
    """A write whose answer did not come, or cannot be read: it may have been applied, now or later."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Passing(Exception):
    """An attempt failed in a way that another one, `wait` seconds later or more, may not.

    `doubtful`: if it was a write, it may have been applied all the same.
    """

    def __init__(self, error: KartotekaError, *, doubtful: bool, wait: float = 0.0) -> None:
        super().__init__(error.what)
        self.error = error
        self.doubtful = doubtful
        self.wait = wait


class Refusal(Exception):
    """An answer with a status of 400 and up, read to its end."""

    def __init__(self, response: requests.Response) -> None:
        super().__init__(response.status_code)
        self.status = response.status_code
        self.headers = response.headers
        self.message = _message(response)


def understood(error: Exception, account: str, *, sent: bool = True) -> NotApplied | Passing | KartotekaError:
    """What to raise for an `error` of a request, or of the sign-in before it (not `sent`).

    A `Passing` is worth another attempt, anything else is not.
    """
    if isinstance(error, Refusal):
        return _refusal(error, account)
    if isinstance(error, TransportError) or not isinstance(error, GoogleAuthError):
        return _break(error, sent=sent and not isinstance(error, TransportError))
    meaning = sign_in_refused(str(error.args[0]) if error.args else "", account)
    return Passing(meaning, doubtful=False) if error.retryable else meaning


def unreadable(response: requests.Response) -> Passing:
    """For an answer that should have been JSON: cut off, or a web page of somebody else."""
    page = "html" in response.headers.get("Content-Type", "").lower()
    return Passing(unreachable(Network.UNREADABLE if page else Network.CUT), doubtful=True)


def _refusal(refusal: Refusal, account: str) -> NotApplied | Passing:
    wait = _retry_after(refusal.headers.get("Retry-After", ""), refusal.headers.get("Date", ""))
    failed = refusal.status >= HTTPStatus.INTERNAL_SERVER_ERROR and refusal.status != HTTPStatus.NOT_IMPLEMENTED
    doubtful = failed or refusal.status in _GAVE_UP
    if doubtful or refusal.status == HTTPStatus.TOO_MANY_REQUESTS:
        return Passing(refused(refusal.status, refusal.message, account), doubtful=doubtful, wait=wait)
    return NotApplied(refusal.status, refusal.message)


def _break(error: Exception, *, sent: bool) -> Passing:
    causes = list(_causes(error))
    for kind, trouble, certain in _BREAKS:
        if any(isinstance(cause, kind) for cause in causes):
            return _broken(trouble, doubtful=sent and not certain)
    # requests says so in a bare OSError when REQUESTS_CA_BUNDLE names no file.
    setup = not isinstance(error, RequestException) and "certificate" in str(error)
    return _broken(Network.CERTIFICATE if setup else Network.CUT, doubtful=sent)


def _broken(trouble: Network, *, doubtful: bool) -> Passing:
    # Waiting mends no certificate.
    wait = float("inf") if trouble is Network.CERTIFICATE else 0.0
    return Passing(unreachable(trouble), doubtful=doubtful, wait=wait)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what it was made of. Not __context__: that may be an earlier, unrelated one."""
    yield error
    for inner in (*error.args, getattr(error, "reason", None)):
        if isinstance(inner, BaseException):
            yield from _causes(inner)


def _retry_after(text: str, date: str) -> float:
    """Seconds to wait, from a number or a date (RFC 9110, 10.2.3); 0 when it says neither."""
    if text.strip().isdecimal():
        return float(text)
    try:
        return (parsedate_to_datetime(text) - parsedate_to_datetime(date)).total_seconds()
    except (TypeError, ValueError):
        return 0.0


def _message(response: requests.Response) -> str:
    try:
        return str(response.json()["error"]["message"])
    except (ValueError, KeyError, TypeError):
        return response.text[:1000]
