"""Calls to a watchdog that notices when syncs stay away (healthchecks.io and the like): an address, nothing else.

Whatever becomes of a call, nothing follows from it here: it is the watchdog that will miss it. The address is a secret.
"""

import logging
from collections.abc import Callable, Mapping
from threading import Thread
from typing import Literal

_LOG = logging.getLogger(__name__)
SECONDS = 5.0  # for one call, whatever the other side does
Moment = Literal["start", "good", "failed"]
_ENDINGS: Mapping[Moment, str] = {"start": "/start", "good": "", "failed": "/fail"}


def ping(address: str, what: Moment, seconds: float = SECONDS) -> None:
    """Call `address`, or what stands below it for a beginning or a failure; "" is no address. Never raises."""
    if not address:
        return
    # A thread that nobody waits for: a server may answer byte by byte for ever, which no time-out of requests ends. It
    # logs nothing itself: by the time it ends there may be no log any more.
    ended: list[str] = []
    call = Thread(target=_call, args=(address.rstrip("/") + _ENDINGS[what], seconds, ended.append), daemon=True)
    call.start()
    call.join(seconds)
    trouble = ended[0] if ended else f"did not answer within {seconds:g} s"
    if trouble:
        _LOG.warning("The watchdog of [notify] ping %s", trouble)


def _call(url: str, seconds: float, end: Callable[[str], None]) -> None:
    """Make the call; `end` is told what was wrong, "" when nothing was."""
    import requests  # here: most commands call nobody

    try:
        with requests.get(url, timeout=seconds, stream=True) as answer:
            end("" if answer.ok else f"answered {answer.status_code}")
    except (requests.RequestException, UnicodeError) as error:
        end(f"is out of reach ({type(error).__name__})")
