"""Signing in to Google, whatever is done there: a session that carries a token, asked for once, and an emulator in
Google's place. Who signs in, and what a refusal means, those know who use it.
"""

import json
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import requests
from google.auth.credentials import Credentials
from google.auth.exceptions import RefreshError, TransportError
from google.auth.transport.requests import AuthorizedSession, Request
from google.oauth2 import credentials as personal
from google.oauth2 import service_account
from requests.adapters import HTTPAdapter

from validators.errors import WrongUse

UNFINISHED = "without a token"  # what an answer of the token endpoint is that gives none
_TIMEOUTS = (10, 60)
_LARGEST_KEY = 100_000
# google-auth gives its functions no types: these give them one.
_with_token: Callable[..., Credentials] = personal.Credentials
_asker: Callable[..., Callable[..., Any]] = Request
_not_asked: Callable[[str], TransportError] = TransportError
_no_token: Callable[..., RefreshError] = RefreshError


class SignIn:
    """Asks a token endpoint once. google-auth would repeat a failure with waits of its own: the caller's are meant."""

    def __init__(self, session: requests.Session) -> None:
        self._ask = _asker(session)

    def __call__(self, url: str, method: str = "GET", **how: Any) -> Any:
        """The answer of the endpoint `url`; `how` are the body, headers and time-out that google-auth wants.

        Raises:
            TransportError: no answer.
            RefreshError: one that asks for another try, or no JSON where a token must be.
        """
        # A look-up for Google's own data centres, in a thread of its own: nothing that is needed here.
        if url.endswith("/allowedLocations"):
            raise _not_asked("not needed")
        answer = self._ask(url=url, method=method, **how | {"timeout": _TIMEOUTS})
        passing = answer.status == HTTPStatus.TOO_MANY_REQUESTS or answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR
        if passing or (method == "POST" and not isinstance(as_json(answer.data), dict)):
            raise _no_token(f"answered {answer.status} {UNFINISHED}", retryable=True)
        return answer


class GoogleSession(AuthorizedSession):
    """Carries the token of `credentials`. It repeats nothing: neither after a 401 nor after a failure."""

    def __init__(self, credentials: Credentials, ask: SignIn) -> None:
        start: Callable[..., None] = super().__init__
        start(credentials, auth_request=ask, refresh_status_codes=())
        self._ask = ask
        self.auth = _as_it_is
        # Google compresses answers only for clients that say so in both headers.
        self.headers["User-Agent"] = "kartoteka (gzip)"

    def sign_in(self) -> None:
        """Get a token, unless there is a valid one.

        Raises:
            TransportError: the token endpoint could not be reached.
            RefreshError: it does not accept the account or key, or (`retryable`) could not say.
        """
        if not self.credentials.valid:
            self.credentials.refresh(self._ask)

    def forget_token(self) -> None:
        """Take up another token before the next request."""
        self.credentials.token = None


_Session = TypeVar("_Session", bound=GoogleSession)


def session(kind: Callable[[Credentials, SignIn], _Session], credentials: Credentials, emulator: str) -> _Session:
    """A session that can sign in, and has not yet; its traffic goes to `emulator` (scheme, host, port) if not ""."""
    plain = requests.Session()
    plain.auth = _as_it_is
    asking = kind(credentials, SignIn(plain))
    if emulator:
        asking.mount("https://", Redirected(emulator))
        if not isinstance(credentials, service_account.Credentials):  # whose key names where to sign in
            plain.mount("https://", Redirected(emulator))
    return asking


class Redirected(HTTPAdapter):
    """Sends what is meant for https://….googleapis.com to `emulator` instead, past any proxy; leaves the rest alone."""

    def __init__(self, emulator: str) -> None:
        super().__init__()
        self._emulator = emulator

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """Send it, with scheme and host of the emulator."""
        parts = urlsplit(request.url or "")
        if f".{parts.hostname}".endswith(".googleapis.com"):
            request = request.copy()
            request.url = f"{self._emulator}{parts._replace(scheme='', netloc='').geturl()}"
            kwargs["proxies"] = {}
        return super().send(request, *args, **kwargs)


def nobody() -> Credentials:
    """What an emulator is content with."""
    return _with_token("emulator")


def emulator_address(emulator: str) -> str:
    """Scheme, host and port of an emulator; "" when there is none.

    Raises:
        WrongUse: it is no address.
    """
    if not emulator:
        return ""
    try:
        parts = urlsplit(emulator if "://" in emulator else f"http://{emulator}")
        sound = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        sound = False
    if not sound:
        raise WrongUse(
            f"SHEETS_EMULATOR_HOST is '{emulator}', which is no address.",
            "Write it as http://127.0.0.1:9023, or unset it to use Google.",
        )
    return f"{parts.scheme}://{parts.netloc}"


def key_content(path: Path, setting: str, new_key: str) -> bytes:
    """What the key file holds that `setting` names; `new_key` says how to get one.

    Raises:
        WrongUse: it is not there, or cannot be read.
    """
    try:
        if path.is_dir():
            raise WrongUse(f"The key file {path} is a folder.", f"Name the file in it. {new_key}")
        with path.open("rb") as file:
            return file.read(_LARGEST_KEY)
    except FileNotFoundError:
        raise WrongUse(f"The key file {path} does not exist.", f"Correct {setting}. {new_key}") from None
    except OSError as error:
        raise WrongUse(
            f"The key file {path} cannot be read: {error.strerror}.",
            "Let the account that runs Kartoteka read it, and nobody else (chmod 600).",
        ) from error


def as_json(content: bytes) -> object:
    """The content, None when it is no JSON."""
    try:
        return json.loads(content.decode("utf-8-sig"))
    except ValueError:
        return None


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Keeps requests from replacing Google's token by a password of the machine's .netrc."""
    return request
