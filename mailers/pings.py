"""Calls to a watchdog that notices when syncs stay away (healthchecks.io and the like): an address, nothing else.

Whatever becomes of a call, nothing follows from it here: it is the watchdog that will miss it. The address is a secret.
"""

import logging
from collections.abc import Mapping
from threading import Thread
from typing import Literal

import requests

_LOG = logging.getLogger(__name__)
SECONDS = 5.0  # for one call, whatever the other side does
Moment = Literal["start", "good", "failed"]
_ENDINGS: Mapping[Moment, str] = {"start": "/start", "good": "", "failed": "/fail"}


def ping(address: str, what: Moment, seconds: float = SECONDS) -> None:
    """Call `address`, or what stands below it for a beginning or a failure; "" is no address. Never raises."""
    if not address:
        return
    # A thread that nobody waits for: a server may answer byte by byte for ever, which no time-out of requests ends.
    call = Thread(target=_call, args=(address.rstrip("/") + _ENDINGS[what], seconds), daemon=True)
    call.start()
    call.join(seconds)
    if call.is_alive():
        _LOG.warning("The watchdog of [notify] ping did not answer within %g s", seconds)


def _call(url: str, seconds: float) -> None:
    try:
        with requests.get(url, timeout=seconds, stream=True) as answer:
            if not answer.ok:
                _LOG.warning("The watchdog of [notify] ping answered %d", answer.status_code)
    except (requests.RequestException, UnicodeError) as error:
        _LOG.warning("The watchdog of [notify] ping is out of reach (%s)", type(error).__name__)
