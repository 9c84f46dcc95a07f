"""Signing in to Gmail: the key of a service account that may write for the sender, or a person's own sign-in.

The session itself is config/google_session.py's part, and what is said to Gmail gmail_connection.py's.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import google.auth
from google.auth import environment_vars
from google.auth.credentials import Credentials
from google.auth.exceptions import DefaultCredentialsError, GoogleAuthError
from google.oauth2 import credentials as personal
from google.oauth2 import service_account

from config.google_session import GoogleSession, SignIn, as_json, emulator_address, key_content, nobody
from config.google_session import session as opened
from mailers.gmail_errors import NEW_KEY, SCOPE, Who, sign_in_refused
from validators.errors import WrongUse

_SERVICE, _PERSON = "service_account", "authorized_user"
_NEEDED = {
    _SERVICE: ("client_email", "private_key", "token_uri"),
    _PERSON: ("refresh_token", "client_id", "client_secret"),
}
# google-auth gives its functions no types: these give them one.
_of_service: Callable[..., Credentials] = service_account.Credentials.from_service_account_info
_of_person: Callable[..., Credentials] = personal.Credentials.from_authorized_user_info
_default: Callable[..., tuple[Credentials, str | None]] = google.auth.default


@dataclass(frozen=True, slots=True)
class GmailAccess:
    """How to sign in: as whom letters are sent (a bare address), the key file (None: the machine's own default), and an
    emulator's address."""

    sender: str
    key_file: Path | None = None
    emulator: str = ""


class GmailSession(GoogleSession):
    """The session of `who`."""

    def __init__(self, credentials: Credentials, ask: SignIn, who: Who) -> None:
        super().__init__(credentials, ask)
        self.who = who


def session(access: GmailAccess) -> GmailSession:
    """A session that can sign in, and has not yet.

    Raises:
        WrongUse: the key file is missing or no key, no account is there to sign in with, or `emulator` is no address.
        OutOfReach: the machine's own default cannot be used.
    """
    emulator = emulator_address(access.emulator)
    credentials, who = _credentials(access)
    return opened(partial(GmailSession, who=who), credentials, emulator)


def _credentials(access: GmailAccess) -> tuple[Credentials, Who]:
    if access.key_file is not None:
        return _from_file(access.key_file, access.sender)
    if access.emulator and not os.environ.get(environment_vars.CREDENTIALS):
        return nobody(), Who(access.sender)
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
    content = key_content(path, "[mail] credentials", NEW_KEY)
    key = as_json(content)
    if not isinstance(key, dict) or key.get("type") not in _NEEDED:
        raise _no_key(path, _kind(content, key))
    missing = [name for name in _NEEDED[key["type"]] if not isinstance(key.get(name), str)]
    if missing:
        raise _no_key(path, f"one without {' and '.join(missing)}")
    return key


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
