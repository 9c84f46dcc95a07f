"""Real gspread and google-auth, with all that is meant for Google sent to a fake. Ours to compare with, not to sell."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from google.auth.exceptions import TransportError
from google.auth.transport.requests import AuthorizedSession, Request
from google.oauth2.service_account import Credentials
from gspread.http_client import HTTPClient
from requests.adapters import HTTPAdapter

from tests.fakes.sheets_server import FakeSheets

SHEETS, DRIVE = "https://www.googleapis.com/auth/spreadsheets", "https://www.googleapis.com/auth/drive"


def connected(server: FakeSheets, key: Path, *scopes: str) -> HTTPClient:
    """gspread's client, as the account whose key is written to `key`; `scopes`: that of spreadsheets unless named."""
    credentials = Credentials.from_service_account_file(str(server.key_file(key)), scopes=scopes or (SHEETS,))
    session = AuthorizedSession(credentials, auth_request=_sign_in)
    session.mount("https://", _ToFake(server.url))
    client = HTTPClient(auth=None, session=session)
    client.set_timeout(60)
    return client


class _ToFake(HTTPAdapter):
    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url

    def send(self, request: Any, *args: Any, **options: Any) -> Any:
        request.url = self._url + urlsplit(request.url)._replace(scheme="", netloc="").geturl()
        return super().send(request, *args, **options)


def _sign_in(url: str, **how: Any) -> Any:
    """Fetch a token; what google-auth also asks for, in a thread of its own, is not on this machine."""
    if url.endswith("/allowedLocations"):
        raise TransportError("not asked for")
    return Request()(url=url, **how)
