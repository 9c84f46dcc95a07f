"""Sign-in of a service account: its key file, the token endpoint that checks assertions, the tokens given out.

RFC 7523 as Google implements it: https://developers.google.com/identity/protocols/oauth2/service-account
"""

import base64
import binascii
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from tests.fakes.google_answers import Answer

ACCOUNT = "kartoteka@biuro-testowe.iam.gserviceaccount.com"
AUDIENCE = "https://oauth2.googleapis.com/token"
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
ANYBODY = "emulator"  # the token of a client that was sent here without a key, as emulators take it
NO_ACCOUNT = "Invalid grant: account not found"
_LIFETIME = 3599
_WRONG_TIME = (
    "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. "
    "Check your iat and exp values in the JWT claim."
)


@dataclass(frozen=True, slots=True)
class Token:
    """What an access token stands for; `until` in epoch seconds."""

    account: str
    scopes: frozenset[str]
    until: float


class Accounts:
    """The token endpoint at `uri` and what it knows. `wall` tells the time of day in epoch seconds."""

    def __init__(self, uri: str, wall: Callable[[], float]) -> None:
        self.account = ACCOUNT
        self._uri, self._wall = uri, wall
        self._tokens: dict[str, Token] = {}
        self._denied: dict[str, str] = {}
        self._numbers = count(1)

    def key_file(self, path: Path) -> Path:
        """Write the account's key to `path`, readable by its owner alone."""
        path.touch(mode=0o600)
        path.chmod(0o600)
        path.write_text(json.dumps(self._key(), indent=2), "utf-8")
        return path

    def deny(self, account: str, reason: str = NO_ACCOUNT) -> None:
        """From now on the account gets no tokens, for `reason`, and the tokens it has are void."""
        self._denied[account] = reason
        self.expire()

    def expire(self) -> None:
        """Void every token given out so far."""
        self._tokens.clear()

    def token(self, header: str) -> Token | None:
        """The token of an Authorization header, if it is good today."""
        if header == f"Bearer {ANYBODY}":
            return Token(self.account, frozenset({"https://www.googleapis.com/auth/spreadsheets"}), float("inf"))
        found = self._tokens.get(header.removeprefix("Bearer "))
        return found if found and found.until > self._wall() else None

    def grant(self, body: bytes) -> Answer:
        """Answer a request for a token."""
        form = {name: values[0] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}
        if form.get("grant_type") != GRANT:
            return _refused(f"Invalid grant_type: {form.get('grant_type', '')}", "unsupported_grant_type")
        claims = _claims(form.get("assertion", ""))
        if claims is None:
            return _refused("Invalid JWT Signature.")
        if reason := self._flaw(claims):
            return _refused(reason)
        if not claims.get("scope"):
            return _refused("Invalid OAuth scope or ID token audience provided.", "invalid_scope")
        return self._given(claims)

    def _flaw(self, claims: dict[str, Any]) -> str:
        issuer, now = claims.get("iss", ""), self._wall()
        if issuer in self._denied:
            return self._denied[issuer]
        if issuer != self.account:
            return NO_ACCOUNT
        if claims.get("aud") not in (AUDIENCE, self._uri):
            return "Invalid JWT: Failed audience check."
        begins, ends = float(claims.get("iat", 0)), float(claims.get("exp", 0))
        return "" if begins <= now + 300 and now - 300 <= ends <= begins + 3600 else _WRONG_TIME

    def _given(self, claims: dict[str, Any]) -> Answer:
        text = f"ya29.test-{next(self._numbers):06d}"
        self._tokens[text] = Token(claims["iss"], frozenset(claims["scope"].split()), self._wall() + _LIFETIME)
        return Answer(200, {"access_token": text, "expires_in": _LIFETIME, "token_type": "Bearer"})

    def _key(self) -> dict[str, str]:
        return {
            "type": "service_account",
            "project_id": "biuro-testowe",
            "private_key_id": "0123456789abcdef0123456789abcdef01234567",
            "private_key": private_key_text(),
            "client_email": self.account,
            "client_id": "100000000000000000001",
            "auth_uri": "https://accounts.google.com/o/oauth2/auth",
            "token_uri": self._uri,
            "universe_domain": "googleapis.com",
        }


@cache
def private_key() -> rsa.RSAPrivateKey:
    """The account's key, made once per process: making one takes a tenth of a second."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@cache
def private_key_text() -> str:
    """The same as a key file carries it."""
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    return private_key().private_bytes(encoding, form, serialization.NoEncryption()).decode()


def _claims(assertion: str) -> dict[str, Any] | None:
    """The claims of a signed assertion; None when the signature is not by our key, or it is none at all."""
    signed, _, signature = assertion.rpartition(".")
    try:
        private_key().public_key().verify(_decoded(signature), signed.encode(), padding.PKCS1v15(), hashes.SHA256())
        claims = json.loads(_decoded(signed.partition(".")[2]))
    except (InvalidSignature, binascii.Error, ValueError):
        return None
    return claims if isinstance(claims, dict) else None


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _refused(description: str, code: str = "invalid_grant") -> Answer:
    return Answer(400, {"error": code, "error_description": description})
