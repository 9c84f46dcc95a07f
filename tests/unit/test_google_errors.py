"""What Google's refusals mean: each is told apart by status and words, and ends in something to do."""

from socket import gaierror

import pytest
from requests.exceptions import ConnectionError as Unconnected
from requests.exceptions import ProxyError
from urllib3 import HTTPSConnectionPool
from urllib3.connection import HTTPSConnection
from urllib3.exceptions import MaxRetryError, NameResolutionError

from sync.storage.google_errors import Network, refused, sign_in_refused, unreachable
from sync.storage.google_failures import Passing, understood
from validators.errors import KartotekaError, OutOfReach, WrongUse

WHO = "kartoteka@biuro-123.iam.gserviceaccount.com"
DISABLED = (
    "Google Sheets API has not been used in project 123 before or it is disabled. Enable it by visiting "
    "https://console.developers.google.com/apis/api/sheets.googleapis.com/overview?project=123 then retry."
)
REFUSALS = [
    (404, "Requested entity was not found.", "no Google spreadsheet 'book-1'", "address"),
    (403, "The caller does not have permission", "not shared with " + WHO, f"Share (Udostępnij) → paste {WHO}"),
    (403, DISABLED, "not enabled", "overview?project=123 → Enable"),
    (403, "The API is not enabled", "not enabled", "library/sheets.googleapis.com → Enable"),
    (403, "Request had insufficient authentication scopes.", "does not cover spreadsheets", "gcloud"),
    (403, "Method doesn't allow unregistered callers (callers without …)", "without a sign-in", "credentials"),
    (403, "Billing is off.", "Billing is off.", "Share"),
    (403, "<!DOCTYPE html><title>Blocked</title>", "not Google's Sheets API", "browser"),
    (400, "This operation is not supported for this document", "Excel file", "Save as Google Sheets"),
    (400, "You are trying to edit a protected cell or object.", "protected range", WHO),
    (400, "… increase the number of cells in the workbook above the limit of 10000000 cells.", "10 million", "Delete"),
    (400, "Range ('K'!A2001) exceeds grid limits. Max rows: 1000", "A tab was deleted", "Run again"),
    (400, "Unable to parse range: 'X'!A1", "A tab was deleted", "Run again"),
    (400, "Invalid requests[0].updateCells: No grid with id: 7", "A tab was deleted", "Run again"),
    (400, "Something new.", "(status 400): Something new.", "doctor"),
    (400, "", "it gave no reason", "doctor"),
    (429, "Quota exceeded for quota metric 'Read requests'", "requests a minute", "Wait a minute"),
    (401, "Request had invalid authentication credentials.", "does not accept the sign-in", "new JSON key"),
    (503, "The service is currently unavailable.", "status 503", "few minutes"),
    (502, "<html>", "status 502", "few minutes"),
]
SIGN_INS = [
    ("invalid_grant: Invalid grant: account not found", "deleted or disabled", "new JSON key"),
    ("invalid_grant: Invalid JWT Signature.", "deleted or replaced", "new JSON key"),
    ("invalid_grant: Invalid JWT: Token must be a short-lived token (60 minutes)", "clock", "Set date, time"),
    ("invalid_grant: Token has been expired or revoked.", "personal Google account", "gcloud auth"),
    ("unauthorized_client: Client is unauthorized", "does not let", "administrator"),
    ("something new", "failed: something new.", "new JSON key"),
]


def tidy(error: KartotekaError) -> None:
    """It can be read aloud: sentences, no names of classes."""
    for text in (error.what, error.advice):
        assert text.rstrip("\"'").endswith((".", "appsstatus", "service-account.json"))
        assert not any(word in text for word in ("Error", "Exception", "None", "HTTPSConnection"))


@pytest.mark.parametrize(("status", "message", "what", "advice"), REFUSALS)
def test_a_refusal_says_what_is_wrong_and_what_to_do(status: int, message: str, what: str, advice: str) -> None:
    error = refused(status, message, WHO, "book-1")
    tidy(error)
    assert what in error.what
    assert advice in error.advice
    assert isinstance(error, OutOfReach)


@pytest.mark.parametrize("account", ["", WHO])
def test_a_write_that_may_not_says_that_the_share_is_for_reading(account: str) -> None:
    error = refused(403, "The caller does not have permission", account, "book-1", write=True)
    tidy(error)
    assert "reading only" in error.what
    assert "Editor" in error.advice


@pytest.mark.parametrize(("message", "what", "advice"), SIGN_INS)
def test_a_sign_in_that_is_refused(message: str, what: str, advice: str) -> None:
    error = sign_in_refused(message, WHO)
    tidy(error)
    assert what in error.what
    assert advice in error.advice
    assert error.exit_status == 3


def test_no_account_at_all_is_a_matter_of_settings() -> None:
    assert isinstance(sign_in_refused("Your default credentials were not found. To set up …"), WrongUse)


@pytest.mark.parametrize("trouble", Network)
def test_every_failure_of_the_network_is_told_in_sentences(trouble: Network) -> None:
    tidy(unreachable(trouble))


def test_a_name_that_is_not_found_means_offline_and_leaves_no_doubt() -> None:
    connection = HTTPSConnection("sheets.googleapis.com")
    reason = NameResolutionError("sheets.googleapis.com", connection, gaierror(-2, "Name or service not known"))
    passing = understood(Unconnected(MaxRetryError(HTTPSConnectionPool("x"), "/", reason)), WHO)
    assert isinstance(passing, Passing)
    assert (passing.doubtful, passing.error.what) == (False, unreachable(Network.NAME).what)


def test_a_proxy_that_lets_nothing_through_leaves_no_doubt() -> None:
    passing = understood(ProxyError("Tunnel connection failed: 407"), WHO)
    assert isinstance(passing, Passing)
    assert (passing.doubtful, passing.error.what) == (False, unreachable(Network.PROXY).what)


def test_what_nobody_thought_of_leaves_doubt() -> None:
    passing = understood(Unconnected("?"), WHO)
    assert isinstance(passing, Passing)
    assert passing.doubtful
