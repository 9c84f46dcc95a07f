"""Signing in to Google: the key file, what may be wrong with it, and a session that carries the token.

With an emulator all Google traffic is redirected here, at the transport. Nothing about spreadsheets.
"""

import json
import os
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import google.auth
import requests
from google.auth import environment_vars
from google.auth.credentials import Credentials
from google.auth.exceptions import GoogleAuthError, RefreshError, TransportError
from google.auth.transport.requests import AuthorizedSession, Request
from google.oauth2 import credentials as personal
from google.oauth2 import service_account
from requests.adapters import HTTPAdapter

from sync.storage.google_errors import SIGN_IN_UNFINISHED, sign_in_refused
from validators.errors import WrongUse

_TIMEOUTS = (10, 60)
_LARGEST_KEY = 100_000
_MAKE_KEY = (
    "Make a JSON key: Google Cloud console → IAM & Admin → Service accounts → the account → Keys → Add key → "
    "Create new key → JSON; then set [workbook] credentials to the downloaded file."
)
# google-auth gives its functions no types: these give them one.
_from_key: Callable[..., Credentials] = service_account.Credentials.from_service_account_info
_with_token: Callable[..., Credentials] = personal.Credentials
_asker: Callable[..., Callable[..., Any]] = Request
_not_asked: Callable[[str], TransportError] = TransportError
_no_token: Callable[..., RefreshError] = RefreshError


@dataclass(frozen=True, slots=True)
class Access:
    """How to sign in: a service account's key (None: the machine's own default), an emulator's address, the scopes."""

    key_file: Path | None
    emulator: str = ""
    scopes: tuple[str, ...] = ("https://www.googleapis.com/auth/spreadsheets",)


def account_of(key_file: Path) -> str:
    """The address of the service account whose key this is: the one to share the spreadsheet with.

    Raises:
        WrongUse: there is no such file, it cannot be read, or it is no key of a service account: it says what it is.
    """
    return str(_key(key_file)["client_email"])


def key_mode_advice(path: Path) -> str:
    """What to do when other accounts of this machine may read the key; "" when all is well, or rights mean nothing."""
    try:
        open_to_others = os.name != "nt" and path.stat().st_mode & 0o077
    except OSError:
        return ""
    if not open_to_others:
        return ""
    return f"Other accounts of this machine can read {path}. Run: chmod 600 {shlex.quote(str(path))}"


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
        # A look-up for Google's own data centres, in a thread of its own: nothing that a spreadsheet needs.
        if url.endswith("/allowedLocations"):
            raise _not_asked("not needed")
        answer = self._ask(url=url, method=method, **how | {"timeout": _TIMEOUTS})
        passing = answer.status == HTTPStatus.TOO_MANY_REQUESTS or answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR
        if passing or (method == "POST" and not _is_object(answer.data)):
            raise _no_token(f"answered {answer.status} {SIGN_IN_UNFINISHED}", retryable=True)
        return answer


class Session(AuthorizedSession):
    """Carries the token of `credentials`. It repeats nothing: neither after a 401 nor after a failure."""

    def __init__(self, credentials: Credentials, ask: SignIn) -> None:
        start: Callable[..., None] = super().__init__
        start(credentials, auth_request=ask, refresh_status_codes=())
        self._ask = ask
        self.auth = _as_it_is
        # Google compresses answers only for clients that say so in both headers.
        self.headers["User-Agent"] = "kartoteka (gzip)"

    @property
    def account(self) -> str:
        """The address that it signs in with; "" when Google has not told."""
        address = getattr(self.credentials, "service_account_email", "") or getattr(self.credentials, "account", "")
        return address if "@" in address else ""

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


def session(access: Access) -> Session:
    """A session that can sign in, and has not yet.

    Raises:
        WrongUse: the key file is missing or no key, no account is there to sign in with, or `emulator` is no address.
        OutOfReach: the machine's own default cannot be used.
    """
    emulator = _address(access.emulator)
    try:
        credentials = _credentials(access)
    except GoogleAuthError as error:
        raise sign_in_refused(str(error.args[0]) if error.args else "") from error
    plain = requests.Session()
    plain.auth = _as_it_is
    asking = Session(credentials, SignIn(plain))
    if emulator:
        asking.mount("https://", Redirected(emulator))
        if not isinstance(credentials, service_account.Credentials):
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


def _credentials(access: Access) -> Credentials:
    if access.key_file is not None:
        key = _key(access.key_file)
        try:
            return _from_key(key, scopes=access.scopes)
        except (ValueError, TypeError) as error:
            raise _no_key(access.key_file, "a service-account key whose private key is damaged") from error
    if access.emulator and not os.environ.get(environment_vars.CREDENTIALS):
        return _with_token("emulator")
    default: Callable[..., tuple[Credentials, str | None]] = google.auth.default
    return default(scopes=access.scopes)[0]


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


def _key(path: Path) -> dict[str, Any]:
    """The service-account key in the file, with all that signing in needs."""
    content = _content(path)
    try:
        key = json.loads(content.decode("utf-8-sig"))
    except ValueError:
        raise _no_key(path, _kind_of_bytes(content)) from None
    if not isinstance(key, dict) or key.get("type") != "service_account":
        raise _no_key(path, _kind_of_json(key))
    missing = [name for name in ("client_email", "private_key", "token_uri") if not isinstance(key.get(name), str)]
    if missing:
        raise _no_key(path, f"a service-account key without {' and '.join(missing)}")
    return key


def _content(path: Path) -> bytes:
    try:
        if path.is_dir():
            raise WrongUse(f"The key file {path} is a folder.", f"Name the file in it. {_MAKE_KEY}")
        with path.open("rb") as file:
            return file.read(_LARGEST_KEY)
    except FileNotFoundError:
        raise WrongUse(f"The key file {path} does not exist.", f"Correct [workbook] credentials. {_MAKE_KEY}") from None
    except OSError as error:
        raise WrongUse(
            f"The key file {path} cannot be read: {error.strerror}.",
            "Let the account that runs Kartoteka read it, and nobody else (chmod 600).",
        ) from error


def _no_key(path: Path, kind: str) -> WrongUse:
    return WrongUse(f"{path} is no key of a service account but {kind}.", _MAKE_KEY)


def _kind_of_bytes(content: bytes) -> str:
    text = content.strip()
    if not text:
        return "an empty file"
    if text.startswith(b"AIza"):
        return "an API key, which cannot open a spreadsheet that is not public"
    if text.startswith(b"-----BEGIN"):
        return "a bare private key (PEM), which does not say whose it is"
    if text.startswith(b"\x30"):
        return "a key in the old P12 format"
    if text.startswith(b"{"):
        return "damaged JSON: perhaps it was cut off, or edited"
    if text.startswith(b"<"):
        return "a web page"
    return "something else than JSON"


def _kind_of_json(key: object) -> str:
    if not isinstance(key, dict):
        return "some other JSON"
    if "installed" in key or "web" in key:
        return "an OAuth client secret, which is for sign-in by a person in a browser"
    if key.get("type") == "authorized_user" or "refresh_token" in key or "access_token" in key:
        return "the sign-in of a person (to use that of this machine, leave [workbook] credentials blank)"
    if "type" in key:
        return f"a key of the kind '{key['type']}' (to use it, name it in {environment_vars.CREDENTIALS} instead)"
    return "some other JSON"


def _is_object(data: bytes) -> bool:
    try:
        return isinstance(json.loads(data), dict)
    except ValueError:
        return False
