"""Signing in to Gmail: the key of a service account that may write for the sender, or a person's own sign-in.

With an emulator Google's traffic is redirected here, at the transport. What is said to Gmail is gmail_connection.py's.
"""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import google.auth
import requests
from google.auth import environment_vars
from google.auth.credentials import Credentials
from google.auth.exceptions import DefaultCredentialsError, GoogleAuthError, RefreshError, TransportError
from google.auth.transport.requests import AuthorizedSession, Request
from google.oauth2 import credentials as personal
from google.oauth2 import service_account
from requests.adapters import HTTPAdapter

from mailers.gmail_errors import NEW_KEY, SCOPE, SIGN_IN_UNFINISHED, Who, sign_in_refused
from validators.errors import WrongUse

_TIMEOUTS = (10, 60)
_LARGEST_KEY = 100_000
_SERVICE, _PERSON = "service_account", "authorized_user"
_NEEDED = {
    _SERVICE: ("client_email", "private_key", "token_uri"),
    _PERSON: ("refresh_token", "client_id", "client_secret"),
}
# google-auth gives its functions no types: these give them one.
_of_service: Callable[..., Credentials] = service_account.Credentials.from_service_account_info
_of_person: Callable[..., Credentials] = personal.Credentials.from_authorized_user_info
_with_token: Callable[..., Credentials] = personal.Credentials
_default: Callable[..., tuple[Credentials, str | None]] = google.auth.default
_asker: Callable[..., Callable[..., Any]] = Request
_not_asked: Callable[[str], TransportError] = TransportError
_no_token: Callable[..., RefreshError] = RefreshError


@dataclass(frozen=True, slots=True)
class GmailAccess:
    """How to sign in: as whom letters are sent (a bare address), the key file (None: the machine's own default), and an
    emulator's address."""

    sender: str
    key_file: Path | None = None
    emulator: str = ""


class GmailSession(AuthorizedSession):
    """Carries the token of `credentials`. It repeats nothing: neither after a 401 nor after a failure."""

    def __init__(self, credentials: Credentials, ask: "_SignIn", who: Who) -> None:
        start: Callable[..., None] = super().__init__
        start(credentials, auth_request=ask, refresh_status_codes=())
        self._ask = ask
        self.auth = _as_it_is
        self.who = who
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


def session(access: GmailAccess) -> GmailSession:
    """A session that can sign in, and has not yet.

    Raises:
        WrongUse: the key file is missing or no key, no account is there to sign in with, or `emulator` is no address.
        OutOfReach: the machine's own default cannot be used.
    """
    emulator = _address(access.emulator)
    credentials, who = _credentials(access)
    plain = requests.Session()
    plain.auth = _as_it_is
    asking = GmailSession(credentials, _SignIn(plain), who)
    if emulator:
        asking.mount("https://", _Redirected(emulator))
        if not isinstance(credentials, service_account.Credentials):  # whose key names where to sign in
            plain.mount("https://", _Redirected(emulator))
    return asking


class _SignIn:
    """Asks a token endpoint once. google-auth would repeat a failure with waits of its own: the caller's are meant."""

    def __init__(self, session: requests.Session) -> None:
        self._ask = _asker(session)

    def __call__(self, url: str, method: str = "GET", **how: Any) -> Any:
        # A look-up for Google's own data centres, in a thread of its own: nothing that letters need.
        if url.endswith("/allowedLocations"):
            raise _not_asked("not needed")
        answer = self._ask(url=url, method=method, **how | {"timeout": _TIMEOUTS})
        passing = answer.status == HTTPStatus.TOO_MANY_REQUESTS or answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR
        if passing or (method == "POST" and not isinstance(_json(answer.data), dict)):
            raise _no_token(f"answered {answer.status} {SIGN_IN_UNFINISHED}", retryable=True)
        return answer


class _Redirected(HTTPAdapter):
    """Sends what is meant for https://….googleapis.com to `emulator` instead, past any proxy; leaves the rest alone."""

    def __init__(self, emulator: str) -> None:
        super().__init__()
        self._emulator = emulator

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        parts = urlsplit(request.url or "")
        if f".{parts.hostname}".endswith(".googleapis.com"):
            request = request.copy()
            request.url = f"{self._emulator}{parts._replace(scheme='', netloc='').geturl()}"
            kwargs["proxies"] = {}
        return super().send(request, *args, **kwargs)


def _credentials(access: GmailAccess) -> tuple[Credentials, Who]:
    if access.key_file is not None:
        return _from_file(access.key_file, access.sender)
    if access.emulator and not os.environ.get(environment_vars.CREDENTIALS):
        return _with_token("emulator"), Who(access.sender)
    try:
        found = _default(scopes=[SCOPE])[0]
    except DefaultCredentialsError as error:
        raise sign_in_refused(str(error.args[0]) if error.args else "", Who(access.sender)) from error
    if isinstance(found, service_account.Credentials):
        named: Callable[[str], Credentials] = found.with_subject
        return named(access.sender), Who(access.sender, found.service_account_email)
    return found, Who(access.sender)


def _from_file(path: Path, sender: str) -> tuple[Credentials, Who]:
    key = _key(path)
    try:
        if key["type"] == _PERSON:
            return _of_person(key, scopes=[SCOPE]), Who(sender)
        who = Who(sender, key["client_email"], str(key.get("client_id", "")))
        return _of_service(key, scopes=[SCOPE], subject=sender), who
    except (ValueError, TypeError, GoogleAuthError) as error:
        raise _no_key(path, "a service-account key whose private key is damaged") from error


def _key(path: Path) -> dict[str, Any]:
    """What the file holds: the key of a service account or the sign-in of a person, with all that signing in needs."""
    content = _content(path)
    key = _json(content)
    if not isinstance(key, dict) or key.get("type") not in _NEEDED:
        raise _no_key(path, _kind(content, key))
    missing = [name for name in _NEEDED[key["type"]] if not isinstance(key.get(name), str)]
    if missing:
        raise _no_key(path, f"one without {' and '.join(missing)}")
    return key


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_LARGEST_KEY)
    except FileNotFoundError:
        raise WrongUse(f"The key file {path} does not exist.", f"Correct [mail] credentials. {NEW_KEY}") from None
    except OSError as error:
        raise WrongUse(
            f"The key file {path} cannot be read: {error.strerror}.",
            "Name the file in [mail] credentials, and let the account that runs Kartoteka read it (chmod 600).",
        ) from error


def _no_key(path: Path, kind: str) -> WrongUse:
    return WrongUse(f"{path} is no key that Gmail can be used with, but {kind}.", NEW_KEY)


def _kind(content: bytes, key: object) -> str:
    if isinstance(key, Mapping):
        if "installed" in key or "web" in key:
            return "an OAuth client secret: whoever sends has yet to sign in with it in a browser"
        return f"a key of the kind '{key['type']}'" if "type" in key else "some other JSON"
    if not content.strip():
        return "an empty file"
    if content.lstrip().startswith(b"{"):
        return "damaged JSON: perhaps it was cut off, or edited"
    return "something else"


def _json(content: bytes) -> object:
    """The content, None when it is no JSON."""
    try:
        return json.loads(content.decode("utf-8-sig"))
    except ValueError:
        return None


def _address(emulator: str) -> str:
    """Scheme, host and port of an emulator; "" when there is none."""
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


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Keeps requests from replacing Google's token by a password of the machine's .netrc."""
    return request
