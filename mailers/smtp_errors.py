"""What a mail server may answer or refuse, and the words for it. Pure: it knows no connection and no smtplib.

Replies as RFC 5321, 4.2 has them: 2xx yes, 3xx go on, 4xx not now (passing), 5xx no (permanent).
"""

import re
import socket
import ssl
from dataclasses import dataclass
from functools import partial

from mailers.addresses import clean
from validators.errors import OutOfReach, Trouble

_out_of_reach = partial(OutOfReach, trouble=Trouble.MAIL)
_LONGEST = 300  # characters of a reply that are kept
_AGAIN = "No letter was lost: run the same command again later."
# OpenSSL's X509_V_ERR_*: what is wrong with a certificate that its owner only can mend.
_EXPIRED, _NOT_YET, _OTHER_NAME, _OTHER_ADDRESS = 10, 9, 62, 64
_STATUS = re.compile(r"(?<![\d.])5\.\d{1,3}\.\d{1,3}(?!\.?\d)")
_OF_SENDER = frozenset({"5.1.7", "5.1.8"})  # RFC 3463, 3.2
_OF_POLICY = re.compile(
    r"relay|spam|block|black|denied|policy|not permitted|not allowed|sender|spf|dkim|dmarc|authenti|reputation"
    r"|greylist|helo|reverse|ptr\b|rbl\b",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply of the server: its code, -1 if it bore none, and its words."""

    code: int
    text: str

    @classmethod
    def of(cls, answer: tuple[int, bytes]) -> "Reply":
        """The reply that smtplib read, in one line.

        >>> str(Reply.of((550, b"5.1.1 No such\\nuser here")))
        '550 5.1.1 No such user here'
        """
        return cls(answer[0], clean(answer[1].decode(errors="replace"))[:_LONGEST])

    @property
    def yes(self) -> bool:
        """Whether the server has done what it was asked."""
        return 200 <= self.code < 300

    @property
    def no(self) -> bool:
        """Whether it has refused, for now or for good."""
        return 400 <= self.code < 600

    @property
    def permanent(self) -> bool:
        """Whether it would refuse the same again."""
        return 500 <= self.code < 600

    @property
    def of_recipient(self) -> bool:
        """Whether this answer to RCPT says that the address itself takes no mail, for good (RFC 3463, 3.2 and 3.3;
        Exchange Online says 5.4.1); not that we may not send, or not such letters.

        >>> [Reply(550, words).of_recipient for words in ("5.1.1 No such user", "No such user", "5.7.1 Spam")]
        [True, True, False]
        """
        status = _STATUS.search(self.text)
        if self.permanent and status:
            return status[0].startswith(("5.1.", "5.2.", "5.4.1")) and status[0] not in _OF_SENDER
        return self.code in (550, 551, 553) and not _OF_POLICY.search(self.text)

    def __str__(self) -> str:
        return f"{self.code} {self.text}".rstrip() if self.code >= 0 else f"'{self.text}', which is no reply"


class NotTaken(Exception):
    """The server has not taken the letter: surely, and for a reason (`why`) that is permanent or passes."""

    def __init__(self, why: str, *, permanent: bool) -> None:
        super().__init__(why)
        self.why = f"{'permanent' if permanent else 'passing'}: {why}"
        self.permanent = permanent

    @classmethod
    def because(cls, reply: Reply, recipient: str = "") -> "NotTaken":
        """For a `reply` other than what was hoped for; the `recipient` is named where it speaks of that one."""
        named = f"{recipient}: " if recipient and reply.of_recipient else ""
        return cls(f"{named}{reply}", permanent=reply.permanent)


class InDoubt(Exception):
    """The letter was handed over to its last dot, and no reply came that tells what became of it."""


def unreachable(place: str, error: OSError | UnicodeError) -> OutOfReach:
    """In words: no connection to the mail server at `place`, because of `error`."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return _not_trusted(place, error)
    if isinstance(error, ssl.SSLError):
        return _out_of_reach(
            f"No secure connection to the mail server {place}: {error.reason or error}.",
            'See [mail] port and security in the settings: 587 goes with "starttls", 465 with "tls".',
        )
    if isinstance(error, (socket.gaierror, UnicodeError)):
        return _out_of_reach(f"There is no mail server {place}.", "See [mail] host in the settings, and the network.")
    why = "it does not answer" if isinstance(error, TimeoutError) else error.strerror or str(error)
    return _out_of_reach(
        f"The mail server {place} is out of reach: {why.rstrip('.')}.",
        f"See [mail] host and port in the settings, the network and its firewall. {_AGAIN}",
    )


def not_served(place: str, reply: Reply) -> OutOfReach:
    """In words: the mail server greets us with a refusal, or with no words of SMTP."""
    return _out_of_reach(
        f"The mail server {place} does not serve us: {reply}.",
        _AGAIN if reply.no and not reply.permanent else "See [mail] host and port in the settings, or ask its owner.",
    )


def no_starttls(place: str, reply: Reply | None = None) -> OutOfReach:
    """In words: the server cannot or will not make the connection secure."""
    why = f"refuses STARTTLS: {reply}" if reply else "does not offer STARTTLS"
    return _out_of_reach(
        f"The mail server {place} {why}. Nothing was said to it in the clear.",
        'Often port 465 with security = "tls" works; "none" only for a server on this machine.',
    )


def not_signed_in(place: str, username: str, reply: Reply | str) -> OutOfReach:
    """In words: the server does not let `username` in."""
    passing = isinstance(reply, Reply) and reply.no and not reply.permanent
    return _out_of_reach(
        f"The mail server {place} does not let '{username}' sign in: {reply}.",
        _AGAIN
        if passing
        else "See [mail] username in the settings and the password in KARTOTEKA_SMTP_PASSWORD (or its _FILE). "
        "Where sign-in has two steps, an app password is needed.",
        trouble=Trouble.MAIL_ACCESS,
    )


def _not_trusted(place: str, error: ssl.SSLCertVerificationError) -> OutOfReach:
    ours = "Let the owner of the mail server renew it, and see that the clock of this machine is right."
    other = "Write [mail] host as the certificate names it, or ask the owner of the mail server."
    advice = {_EXPIRED: ours, _NOT_YET: ours, _OTHER_NAME: other, _OTHER_ADDRESS: other}
    return _out_of_reach(
        f"The certificate of the mail server {place} is not valid: {error.verify_message.rstrip('.')}.",
        advice.get(
            error.verify_code, "Is it of your own making, name its authority in SSL_CERT_FILE; else do not trust it."
        ),
    )
