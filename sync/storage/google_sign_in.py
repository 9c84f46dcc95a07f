"""Signing in to Google: the key file, what may be wrong with it, and a session that carries the token.

The session itself is config/google_session.py's part. Nothing about spreadsheets.
"""

import os
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import google.auth
from google.auth import environment_vars
from google.auth.credentials import Credentials
from google.auth.exceptions import GoogleAuthError
from google.oauth2 import service_account

from config.google_session import GoogleSession, as_json, emulator_address, key_content, nobody
from config.google_session import session as opened
from sync.storage.google_errors import sign_in_refused
from validators.errors import WrongUse

_MAKE_KEY = (
    "Make a JSON key: Google Cloud console → IAM & Admin → Service accounts → the account → Keys → Add key → "
    "Create new key → JSON; then set [workbook] credentials to the downloaded file."
)
# google-auth gives its functions no types: these give them one.
_from_key: Callable[..., Credentials] = service_account.Credentials.from_service_account_info


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


class Session(GoogleSession):
    """A session that knows its account."""

    @property
    def account(self) -> str:
        """The address that it signs in with; "" when Google has not told."""
        address = getattr(self.credentials, "service_account_email", "") or getattr(self.credentials, "account", "")
        return address if "@" in address else ""


def session(access: Access) -> Session:
    """A session that can sign in, and has not yet.

    Raises:
        WrongUse: the key file is missing or no key, no account is there to sign in with, or `emulator` is no address.
        OutOfReach: the machine's own default cannot be used.
    """
    emulator = emulator_address(access.emulator)
    try:
        credentials = _credentials(access)
    except GoogleAuthError as error:
        raise sign_in_refused(str(error.args[0]) if error.args else "") from error
    return opened(Session, credentials, emulator)


def _credentials(access: Access) -> Credentials:
    if access.key_file is not None:
        key = _key(access.key_file)
        try:
            return _from_key(key, scopes=access.scopes)
        except (ValueError, TypeError) as error:
            raise _no_key(access.key_file, "a service-account key whose private key is damaged") from error
    if access.emulator and not os.environ.get(environment_vars.CREDENTIALS):
        return nobody()
    default: Callable[..., tuple[Credentials, str | None]] = google.auth.default
    return default(scopes=access.scopes)[0]


def _key(path: Path) -> dict[str, Any]:
    """The service-account key in the file, with all that signing in needs."""
    content = key_content(path, "[workbook] credentials", _MAKE_KEY)
    key = as_json(content)
    if key is None:
        raise _no_key(path, _kind_of_bytes(content))
    if not isinstance(key, dict) or key.get("type") != "service_account":
        raise _no_key(path, _kind_of_json(key))
    missing = [name for name in ("client_email", "private_key", "token_uri") if not isinstance(key.get(name), str)]
    if missing:
        raise _no_key(path, f"a service-account key without {' and '.join(missing)}")
    return key


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
