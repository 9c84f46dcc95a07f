"""What Gmail's refusals and a broken network mean for a letter, and the words for it. Pure: it asks nobody.

Source: https://developers.google.com/workspace/gmail/api/guides/handle-errors. The wording of Google's messages is
theirs to change: what is not recognised is passed on as it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import partial

from config.google_session import UNFINISHED
from mailers.addresses import clean
from validators.errors import KartotekaError, OutOfReach, Trouble, WrongUse

_out_of_reach = partial(OutOfReach, trouble=Trouble.MAIL)
_no_access = partial(OutOfReach, trouble=Trouble.MAIL_ACCESS)
SCOPE = "https://www.googleapis.com/auth/gmail.compose"
DELEGATE = (
    "In the Google Admin console (admin.google.com) → Security → Access and data control → API controls → "
    "Manage domain-wide delegation → Add new: client ID {client}, scope " + SCOPE + ". It can take a few minutes, "
    "sometimes a day, to work."
)
NEW_KEY = (
    "Make a JSON key: Google Cloud console → IAM & Admin → Service accounts → the account → Keys → Add key → "
    "Create new key → JSON; then set [mail] credentials to the downloaded file."
)
AGAIN = "No letter was lost: run the same command again later."
_LONGEST = 300  # characters of a message that are kept
_LIMITS = frozenset(
    {"rateLimitExceeded", "userRateLimitExceeded", "dailyLimitExceeded", "quotaExceeded", "RATE_LIMIT_EXCEEDED"}
)
# The server, or one on the way, gave up waiting; what was done by then is not said.
_GAVE_UP = frozenset({408, 499})


class Network(Enum):
    """How a request failed on its way: (what happened, what to do, whether it was certainly not received)."""

    NAME = ("the address of Google's servers was not found", "Check the internet connection and DNS.", True)
    REFUSED = ("no connection could be made", "Check the internet connection and the firewall.", True)
    PROXY = ("the proxy server did not let the connection through", "Check HTTPS_PROXY.", True)
    CERTIFICATE = (
        "the certificate shown is not one that this machine knows",
        "Check the clock of this machine; if the network inspects traffic, name its certificate in REQUESTS_CA_BUNDLE.",
        True,
    )
    SLOW = ("no connection could be made in time", "Check the internet connection.", True)
    SILENT = ("no answer came in time", "Check the internet connection.", False)
    CUT = ("the connection broke off before the whole answer had come", "Check the internet connection.", False)
    UNREADABLE = (
        "what answered was not Gmail's API: perhaps the sign-in page of a guest network, or a filter",
        "Open any web page in a browser on this machine, and sign in to the network if it asks.",
        False,
    )

    @property
    def not_received(self) -> bool:
        """Whether the request certainly did not come to Google."""
        return self.value[2]


class NotTaken(Exception):
    """Gmail has not sent the letter, for a reason (`why`) that is permanent or passes. With `late` it was asked and did
    not answer: as long as the draft lies there, it may still be sent."""

    def __init__(self, why: str, *, permanent: bool = False, late: bool = False) -> None:
        super().__init__(why)
        self.why = f"{'permanent' if permanent else 'passing'}: {why}"
        self.late = late


class InDoubt(Exception):
    """Gmail was asked to send a draft; no answer came, and it cannot be asked for the draft either."""


class Unsure(Exception):
    """What was asked for may have been done, now or later: no answer came, or one that does not tell."""


class Gone(Exception):
    """There is no such draft (any more)."""


@dataclass(frozen=True, slots=True)
class Who:
    """Whose letters they are: the sender's address, and the service account and its client id, "" when it is none."""

    sender: str
    account: str = ""
    client: str = ""

    def __str__(self) -> str:
        return f"{self.account} for {self.sender}" if self.account else self.sender


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer with a status of 400 and up: Google's words, its reasons, and the seconds that it asks to wait."""

    status: int
    message: str = ""
    reasons: frozenset[str] = frozenset()
    wait: float = 0.0

    @classmethod
    def of(cls, status: int, body: object, wait: float) -> "Refusal":
        """From the JSON `body` of an answer, whatever it is.

        >>> Refusal.of(400, {"error": {"message": "Invalid To header"}}, 0.0).message
        'Invalid To header'
        """
        error = body.get("error") if isinstance(body, Mapping) else None
        if not isinstance(error, Mapping):
            return cls(status, "", frozenset(), wait)
        listed = [item for name in ("errors", "details") for item in _items(error.get(name)) if "reason" in item]
        reasons = frozenset(str(item["reason"]) for item in listed)
        return cls(status, clean(str(error.get("message", "")))[:_LONGEST].rstrip("."), reasons, wait)

    @property
    def limit(self) -> bool:
        """Whether it is one of Google's limits, which passes."""
        return self.status == 429 or bool(self.reasons & _LIMITS)

    @property
    def in_doubt(self) -> bool:
        """Whether what was asked for may have been done, now or later."""
        return (self.status >= 500 and self.status != 501) or self.status in _GAVE_UP

    @property
    def of_this_letter(self) -> bool:
        """Whether it is about this one letter, and others may fare better."""
        return self.status in (400, 413) and "failedPrecondition" not in self.reasons

    def __str__(self) -> str:
        return f"{self.status} {self.message}".rstrip()


def unreachable(trouble: Network) -> OutOfReach:
    """In words: Gmail was not reached."""
    return _out_of_reach(f"Gmail is out of reach: {trouble.value[0]}.", f"{trouble.value[1]} {AGAIN}")


def refused(refusal: Refusal, who: Who) -> OutOfReach:
    """In words: Gmail does not serve `who`, whatever the letter."""
    if refusal.limit:
        return _out_of_reach(
            f"Gmail's limit for {who.sender} is used up: {refusal}.",
            f"{AGAIN} A day's limit of letters is Google's (support.google.com/a/answer/166852); "
            "[mail] max_per_minute spreads them.",
        )
    lower = refusal.message.lower()
    for words, what, advice in _RECOGNISED:
        if any(word in lower or word in refusal.reasons for word in words):
            return _no_access(what.format(who=who, sender=who.sender, said=refusal), _advice(advice, who))
    if refusal.status >= 500:
        return _out_of_reach(f"Gmail could not carry out a request: {refusal}.", AGAIN)
    if refusal.status == 401:
        return _no_access(f"Gmail does not accept the sign-in of {who}: {refusal}.", _advice(DELEGATE, who))
    return _out_of_reach(f"Gmail refused a request of {who}: {refusal}.", "Run 'kartoteka doctor'.")


def sign_in_refused(message: str, who: Who) -> KartotekaError:
    """In words: the token endpoint, or google-auth before it, gives no token (`message`).

    Source: https://developers.google.com/identity/protocols/oauth2/service-account#error-codes
    """
    message = clean(message)[:_LONGEST].rstrip(".")
    lower = message.lower()
    if "credentials were not found" in lower:
        return WrongUse(
            "No Google account to sign in to Gmail with: [mail] credentials is blank, and this machine has none.",
            'Set [mail] credentials = "gmail-key.json" to the JSON key of a service account.',
        )
    for words, what, advice in _NO_TOKEN:
        if any(word in lower for word in words):
            return _no_access(what.format(who=who, sender=who.sender, said=message), _advice(advice, who))
    return _no_access(f"Signing in to Gmail as {who} failed: {message}.", _advice(DELEGATE, who))


_RECOGNISED: tuple[tuple[tuple[str, ...], str, str], ...] = (
    (
        ("has not been used in project", "it is disabled", "accessNotConfigured", "SERVICE_DISABLED"),
        "The Gmail API is not enabled in the Google Cloud project of the account.",
        "Open https://console.cloud.google.com/apis/library/gmail.googleapis.com → the project → Enable, wait two "
        "minutes, then run again.",
    ),
    (
        ("authentication scopes", "ACCESS_TOKEN_SCOPE_INSUFFICIENT", "insufficientPermissions"),
        "The sign-in of {who} does not cover writing letters.",
        DELEGATE,
    ),
    (
        ("failedPrecondition", "mail service not enabled", "precondition check failed"),
        "{sender} has no Gmail mailbox: {said}.",
        "Set [mail] sender to the address of a user of your Google Workspace for whom Gmail is switched on.",
    ),
    (
        ("domainPolicy",),
        "The administrator of the domain of {sender} does not allow such programs to use Gmail.",
        "Ask the administrator: Admin console → Security → Access and data control → API controls.",
    ),
    (("delegation denied",), "{who} may not write letters in this mailbox: {said}.", DELEGATE),
)
_NO_TOKEN: tuple[tuple[tuple[str, ...], str, str], ...] = (
    (
        (UNFINISHED,),
        "Google's sign-in gave no token ({said}).",
        f"Open any web page in a browser on this machine: a guest network may ask to sign in. {AGAIN}",
    ),
    (
        ("account not found", "account has been deleted", "disabled_client", "account disabled"),
        "Google does not know the service account {who}: it was deleted or disabled.",
        f"Enable it again in the Google Cloud console, or use another one. {NEW_KEY}",
    ),
    (
        ("invalid jwt signature", "no key id found", "invalid_client"),
        "Google does not accept the key of {who}: it was deleted or replaced, or the file was altered.",
        NEW_KEY,
    ),
    (
        ("short-lived token", "reasonable timeframe", "iat and exp"),
        "Google refuses the sign-in of {who} because the clock of this machine is wrong.",
        "Let the network set date, time and time zone of this machine, then run again.",
    ),
    (
        ("invalid email or user id", "not a valid email"),
        "Google knows no user {sender}: {said}.",
        "Set [mail] sender to the address of a user of your Google Workspace (no group, no alias, no gmail.com).",
    ),
    (
        ("unauthorized_client", "access_denied"),
        "Google does not let {who} write letters: {said}.",
        DELEGATE,
    ),
    (
        ("expired or revoked", "reauth", "rapt", "invalid_grant: bad request", "invalid_scope"),
        "The sign-in of the person in [mail] credentials has expired, was withdrawn, or does not cover Gmail: {said}.",
        f"Sign in anew with the scope {SCOPE}, or use the key of a service account, which does not expire.",
    ),
)


def _advice(advice: str, who: Who) -> str:
    if advice is DELEGATE and not who.account:
        return f"Sign in anew, with the scope {SCOPE}, as {who.sender}."
    return advice.replace("{client}", who.client or "of the key file")


def _items(value: object) -> list[Mapping[str, object]]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []
