"""Sign-in to Gmail: a service account that may act for users of a domain, and a person's refresh token.

https://developers.google.com/identity/protocols/oauth2/service-account#delegatingauthority
"""

import base64
import binascii
import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from tests.fakes.google_accounts import ANYBODY, GRANT, Accounts, Token
from tests.fakes.google_answers import Answer

CLIENT = "100000000000000000001"
COMPOSE = "https://www.googleapis.com/auth/gmail.compose"
REFRESH = "1//refresh-token"
_UNAUTHORIZED = (
    "Client is unauthorized to retrieve access tokens using this method, or client not authorized for any of the "
    "scopes requested."
)


class GmailAccounts(Accounts):
    """Accounts whose service account may use `delegated` scopes for `users`; the first of them has a refresh token."""

    delegated: frozenset[str] = frozenset({COMPOSE})
    granted: frozenset[str] = frozenset({COMPOSE})  # what the person agreed to
    users: tuple[str, ...] = ()

    def token(self, header: str) -> Token | None:
        """As of other APIs; a client without a key is the first user."""
        if header == f"Bearer {ANYBODY}":
            return Token(self.users[0], frozenset({COMPOSE}), float("inf"))
        return super().token(header)

    def grant(self, body: bytes) -> Answer:
        """Answer a request for a token: of a service account for itself or for a user, or of a person."""
        form = {name: values[0] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}
        if form.get("grant_type") == "refresh_token":
            return self._refreshed(form)
        subject = _claims(form).get("sub", "") if form.get("grant_type") == GRANT else ""
        answer = super().grant(body)
        if not subject or answer.status != 200:
            return answer
        text = answer.content["access_token"]
        token = self._tokens.pop(text)
        if subject not in self.users:
            return _refused("invalid_grant", "Invalid email or User ID")
        if not token.scopes <= self.delegated:
            return Answer(401, {"error": "unauthorized_client", "error_description": _UNAUTHORIZED})
        self._tokens[text] = replace(token, account=subject)
        return answer

    def person_file(self, path: Path) -> Path:
        """Write the sign-in of the first user to `path`."""
        content = {"type": "authorized_user", "client_id": "c", "client_secret": "s", "refresh_token": REFRESH}
        path.write_text(json.dumps(content), "utf-8")
        return path

    def _refreshed(self, form: dict[str, str]) -> Answer:
        if form.get("refresh_token") != REFRESH or self._denied:
            return _refused("invalid_grant", "Token has been expired or revoked.")
        scopes = frozenset(form.get("scope", " ".join(self.granted)).split())
        if not scopes <= self.granted:
            return _refused("invalid_scope", "Bad Request")
        return self._given({"iss": self.users[0], "scope": " ".join(scopes)})


def _claims(form: dict[str, str]) -> dict[str, Any]:
    part = form.get("assertion", "..").split(".")[1]
    try:
        found = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (binascii.Error, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _refused(code: str, description: str) -> Answer:
    return Answer(400, {"error": code, "error_description": description})
