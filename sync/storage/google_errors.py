"""What Google's refusals and a broken network mean to a person: pure, from status and message to a KartotekaError.

No requests and no exceptions of other libraries here: google_connection.py asks, this module words.
"""

import re
from enum import Enum

from config.google_session import UNFINISHED
from validators.errors import KartotekaError, OutOfReach, Trouble, WrongUse

_NEW_KEY = (
    "Make a new JSON key (Google Cloud console → IAM & Admin → Service accounts → the account → Keys → Add key → JSON) "
    "and set [workbook] credentials to it."
)
_AGAIN = "Nothing was written. Run again; if it happens again, run 'kartoteka doctor'."
_OFFICE = ("not supported for this document", "must not be an office file")
_ENABLE = "https://console.cloud.google.com/apis/library/sheets.googleapis.com"


class Network(Enum):
    """How a request failed on its way: (what happened, what to do)."""

    NAME = (
        "The address of Google's servers was not found: this machine seems to be offline.",
        "Check the internet connection and the DNS settings, then run again.",
    )
    REFUSED = (
        "No connection to Google's servers could be made.",
        "Check the internet connection and the firewall (TCP port 443 to *.googleapis.com), then run again.",
    )
    SILENT = (
        "Google's servers did not answer in time.",
        "Check the internet connection, then run again in a few minutes.",
    )
    CUT = (
        "The connection to Google broke off before the whole answer had come.",
        "Check the internet connection, then run again in a few minutes.",
    )
    UNREADABLE = (
        "What answered was not Google's Sheets API: perhaps the sign-in page of a guest network, or a filter.",
        "Open any web page in a browser on this machine, sign in to the network if it asks, then run again.",
    )
    PROXY = (
        "The proxy server of this network did not let the connection to Google through.",
        "Check HTTPS_PROXY (address, user name, password), or let it pass *.googleapis.com (TCP port 443).",
    )
    CERTIFICATE = (
        "The connection to Google is not trusted: the certificate shown is not one that this machine knows.",
        "Check date and time of this machine. If the network inspects encrypted traffic, point REQUESTS_CA_BUNDLE "
        "to the file with its certificate, or let *.googleapis.com pass uninspected.",
    )


def unreachable(trouble: Network) -> OutOfReach:
    """The error for a network that failed at the start, or did not heal while there was patience."""
    what, advice = trouble.value
    return OutOfReach(what, advice)


def share_path(account: str) -> str:
    """How to share a spreadsheet with `account` ("" when it is not known), click by click."""
    whom = account or "the address of the account that Kartoteka signs in with"
    return f"Open the spreadsheet → Share (Udostępnij) → paste {whom} → choose Editor → Send (Wyślij)."


def is_office_file(message: str) -> bool:
    """Whether Google says that the file is an .xlsx in Drive, which the Sheets API does not open."""
    return any(words in message.lower() for words in _OFFICE)


def refused(status: int, message: str, account: str = "", spreadsheet: str = "", *, write: bool = False) -> OutOfReach:
    """What Google's answer of `status` (400 and up) with its `message` means, and what a person can do about it.

    The wording of Google's messages is theirs to change: what is not recognised is passed on as it is.
    Source: https://developers.google.com/workspace/sheets/api/troubleshoot-api-errors
    """
    lower = message.lower()
    if lower.lstrip().startswith("<") and status < 500:
        return unreachable(Network.UNREADABLE)
    for words, error in _recognised(message, account).items():
        if any(word in lower for word in words):
            return error
    if status == 404:
        return _not_found(spreadsheet)
    if status == 403:
        return _not_allowed(account, spreadsheet, message, write=write)
    return _by_status(status, message)


def sign_in_refused(message: str, account: str = "") -> KartotekaError:
    """What the refusal of a sign-in (`message` of the token endpoint or of google-auth) means.

    Source: https://developers.google.com/identity/protocols/oauth2/service-account#error-codes
    """
    who = account or "the account"
    lower = message.lower()
    for words, what, advice in (
        (
            ("account not found", "account has been deleted", "disabled_client", "account disabled"),
            f"Google does not know {who}: the service account was deleted or disabled.",
            f"Enable it again in the Google Cloud console, or use another one. {_NEW_KEY}",
        ),
        (
            ("invalid jwt signature", "no key id found", "invalid_client"),
            f"Google does not accept the key of {who}: it was deleted or replaced, or the file was altered.",
            _NEW_KEY,
        ),
        (
            ("short-lived token", "reasonable timeframe", "iat and exp"),
            f"Google refuses the sign-in of {who} because the clock of this machine is wrong.",
            "Set date, time and time zone of this machine (best: let the network set its clock), then run again.",
        ),
        (
            ("expired or revoked", "reauth", "rapt", "invalid_grant: bad request"),
            "The sign-in of the personal Google account has expired or was withdrawn.",
            "Sign in again ('gcloud auth application-default login'), or set [workbook] credentials to the JSON key "
            "of a service account, which does not expire.",
        ),
        (
            ("invalid_scope", "unauthorized_client", "access_denied"),
            f"Google does not let {who} use spreadsheets: {message}.",
            "Ask the administrator of your Google Workspace, or use a service account of a project of your own.",
        ),
        (
            (UNFINISHED,),
            f"Google's sign-in gave no token ({message}).",
            "Open any web page in a browser on this machine (a guest network may ask to sign in first), "
            "then run again in a few minutes.",
        ),
    ):
        if any(word in lower for word in words):
            return OutOfReach(what, advice, trouble=Trouble.ACCESS)
    if "credentials were not found" in lower:
        return WrongUse(
            "No Google account to sign in with: the settings name no key file, and this machine has none of its own.",
            'Set [workbook] credentials = "service-account.json" to the JSON key of a service account.',
        )
    return OutOfReach(f"Signing in to Google failed: {message.rstrip('.')}.", _NEW_KEY, trouble=Trouble.ACCESS)


def cannot_create(account: str) -> OutOfReach:
    """The error for an account that may not make a spreadsheet: newer service accounts own no storage in Drive."""
    return OutOfReach(
        f"Google does not let {account or 'this account'} create a spreadsheet (many service accounts may not).",
        "Create an empty one yourself (open https://sheets.new), then share it. "
        f"{share_path(account)} Set [workbook] spreadsheet to its address.",
    )


def _recognised(message: str, account: str) -> dict[tuple[str, ...], OutOfReach]:
    """The errors that the words of Google's message tell apart, whatever the status."""
    return {
        ("has not been used in project", "it is disabled", "api is not enabled"): OutOfReach(
            "The Google Sheets API is not enabled in the Google Cloud project of the account.",
            f"Open {_enabling_address(message)} → Enable, wait two minutes, then run again.",
            trouble=Trouble.ACCESS,
        ),
        ("authentication scopes",): OutOfReach(
            "The sign-in does not cover spreadsheets.",
            "Set [workbook] credentials to the JSON key of a service account. With a personal account sign in again: "
            "'gcloud auth application-default login --scopes="
            "https://www.googleapis.com/auth/spreadsheets,https://www.googleapis.com/auth/cloud-platform'.",
            trouble=Trouble.ACCESS,
        ),
        ("unregistered callers",): OutOfReach(
            "Google was asked without a sign-in.",
            'Set [workbook] credentials = "service-account.json" to the JSON key of a service account.',
            trouble=Trouble.ACCESS,
        ),
        _OFFICE: OutOfReach(
            "The file in Google Drive is an Excel file, not a Google spreadsheet.",
            "Open it in Google Sheets → File (Plik) → Save as Google Sheets, share the new spreadsheet, "
            "and set [workbook] spreadsheet to its address.",
            trouble=Trouble.UNREADABLE,
        ),
        ("protected cell", "protected range", "edit a protected"): OutOfReach(
            f"A protected range does not let {account or 'Kartoteka'} write.",
            "Open the spreadsheet → Data (Dane) → Protected sheets and ranges → the range → allow "
            f"{account or 'the account of Kartoteka'} to edit it, or remove the protection. Nothing was written.",
            trouble=Trouble.PROTECTED,
            about=account,
        ),
        ("10000000 cells", "workbook above the limit"): OutOfReach(
            "The spreadsheet is full: Google allows 10 million cells, empty ones included.",
            "Delete empty rows and columns, unused tabs, or old history rows (keep a copy), then run again. "
            "Nothing was written.",
            trouble=Trouble.FULL,
        ),
        ("exceeds grid limits", "unable to parse range", "no grid with id", "doesn't exist"): OutOfReach(
            "A tab was deleted, renamed or made smaller while Kartoteka was at work.", _AGAIN, trouble=Trouble.MOVED
        ),
    }


def _enabling_address(message: str) -> str:
    found = re.search(r"https://console\.[^\s'\"]+", message)
    return found[0].rstrip(".,") if found else _ENABLE


def _not_found(spreadsheet: str) -> OutOfReach:
    return OutOfReach(
        f"There is no Google spreadsheet '{spreadsheet}'.",
        "Open the spreadsheet in a browser and copy its whole address into [workbook] spreadsheet; "
        "if it was deleted, take it back out of the bin in Google Drive.",
        trouble=Trouble.MISSING,
    )


def _not_allowed(account: str, spreadsheet: str, message: str, *, write: bool) -> OutOfReach:
    who = account or "the account of Kartoteka"
    if "does not have permission" not in message.lower():
        what = f"Google refused the request of {who}: {_sentence(message)}"
    elif write:
        what = f"The spreadsheet is shared with {who} for reading only, or not any more. Nothing was written."
    else:
        what = f"The spreadsheet '{spreadsheet}' is not shared with {who}."
    return OutOfReach(what, share_path(account), trouble=Trouble.NOT_SHARED, about=account)


def _by_status(status: int, message: str) -> OutOfReach:
    if status == 429:
        return OutOfReach(
            "Google's limit of requests a minute is used up.",
            "Wait a minute and run again. If it happens often, run Kartoteka on fewer machines or less often, "
            "or give each machine a service account of its own.",
        )
    if status == 401:
        what = f"Google does not accept the sign-in: {_sentence(message)}"
        return OutOfReach(what, _NEW_KEY, trouble=Trouble.ACCESS)
    if status >= 500:
        return OutOfReach(
            f"Google could not carry out the request (status {status}).",
            "Wait a few minutes and run again; the state of Google's services: https://www.google.com/appsstatus",
        )
    return OutOfReach(f"Google refused the request (status {status}): {_sentence(message)}", _AGAIN)


def _sentence(message: str) -> str:
    """Google's message as one sentence."""
    text = " ".join(message.split())[:300].rstrip(".")
    return f"{text}." if text else "it gave no reason."
