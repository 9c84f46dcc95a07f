"""The Message-ID of a reminder: the same letter always bears the same one, so that it can be known again. Pure."""

import json
from hashlib import blake2b

from mailers.addresses import mailbox
from mailers.reminders import Reminder


def message_id(reminder: Reminder, workbook: str, sender: str) -> str:
    """`<kartoteka.DIGEST@DOMAIN>` (RFC 5322, 3.6.4): the digest of workbook, invoices with their steps, and attempt.

    An invoice is known by its id and its number, so that one which takes over an id is never taken for the old one.
    DOMAIN is the sender's. The order of the invoices, amounts and words do not matter.

    Raises:
        ValueError: `sender` is not one address.
    """
    pairs = sorted((line.invoice, line.number, line.step) for line in reminder.lines)
    told = json.dumps([workbook, pairs, reminder.attempt], ensure_ascii=True).encode()
    domain = mailbox(sender)[1].rpartition("@")[2].lower()
    return f"<kartoteka.{blake2b(told, digest_size=16).hexdigest()}@{domain}>"
