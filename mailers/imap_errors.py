"""Why a mailbox cannot be read, and what to do, in words. Pure: it knows no connection and no imaplib."""

import socket
import ssl
from collections.abc import Sequence

from mailers.addresses import clean
from validators.errors import OutOfReach

_LONGEST = 300  # characters of a server's words that are kept
_MEANWHILE = "Letters go on leaving; bounces and answers are read by the next run that can."
_NAMED = 12  # folders in one sentence


def unreachable(place: str, error: OSError | UnicodeError) -> OutOfReach:
    """No connection to the mailbox's server at `place`."""
    if isinstance(error, ssl.SSLCertVerificationError):
        why = f"its certificate is not valid: {error.verify_message.rstrip('.')}"
        return OutOfReach(
            f"The mailbox server {place} is not trusted: {why}.",
            "Write [mail] imap_host as the certificate names it, or ask the owner of the server to renew it.",
        )
    if isinstance(error, ssl.SSLError):
        return OutOfReach(
            f"No secure connection to the mailbox server {place}: {error.reason or error}.",
            'See [mail] imap_port and imap_security: 993 goes with "tls", 143 with "starttls".',
        )
    if isinstance(error, (socket.gaierror, UnicodeError)):
        return OutOfReach(f"There is no mailbox server {place}.", "See [mail] imap_host in the settings.")
    why = "it does not answer" if isinstance(error, TimeoutError) else error.strerror or str(error)
    return OutOfReach(
        f"The mailbox server {place} is out of reach: {why.rstrip('.')}.",
        f"See [mail] imap_host and imap_port in the settings, and the network. {_MEANWHILE}",
    )


def garbled(place: str, error: object) -> OutOfReach:
    """The server breaks off, refuses a command that every server knows, or does not speak IMAP."""
    return OutOfReach(
        f"The mailbox server {place} cannot be read: {_told(error)}.",
        f"See [mail] imap_host and imap_port in the settings, or ask the owner of the server. {_MEANWHILE}",
    )


def no_starttls(place: str) -> OutOfReach:
    """The server cannot make the connection secure."""
    return OutOfReach(
        f"The mailbox server {place} does not offer STARTTLS. Nothing was said to it in the clear.",
        'Often port 993 with imap_security = "tls" works; "none" only for a server on this machine.',
    )


def not_signed_in(place: str, username: str, error: object) -> OutOfReach:
    """The server does not let `username` in."""
    return OutOfReach(
        f"The mailbox server {place} does not let '{username}' sign in: {_told(error)}.",
        "See [mail] imap_username (blank: username) and the password in KARTOTEKA_IMAP_PASSWORD or its _FILE (blank: "
        "the mail server's). Where sign-in has two steps, an app password is needed; IMAP may have to be switched on.",
    )


def no_folder(place: str, name: str, words: str, folders: Sequence[str]) -> OutOfReach:
    """There is no folder `name`, or it cannot be opened."""
    known = f"It has: {', '.join(folders[:_NAMED])}{' …' if len(folders) > _NAMED else ''}. " if folders else ""
    return OutOfReach(
        f"The mailbox at {place} has no folder '{name}': {_told(words)}.",
        f"{known}Correct [mail] inbox or sent_mailbox in the settings.",
    )


def _told(error: object) -> str:
    words = error.args[0] if isinstance(error, Exception) and error.args else error
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else str(words)
    return clean(text)[:_LONGEST].rstrip(". ") or "it gives no reason"
