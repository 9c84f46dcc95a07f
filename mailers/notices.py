"""The way to the team: chats, mail and whatever else Apprise knows. The only module that knows Apprise.

The addresses hold secrets: they are never named, only counted, and nothing that a service says is passed on but the
number of an error.
"""

import logging
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING

from mailers.digest import Concern, Digest, Told, digest, share
from mailers.reminders import Notice

if TYPE_CHECKING:
    from apprise import Apprise
    from apprise.result import AppriseResult

SECONDS = 30.0  # for one address, whatever it does
_NOWHERE = logging.NullHandler()
_ANSWER = re.compile(r"error=(\d{3})\b")


class AppriseTeam:
    """Tells the team by Apprise. `addresses` pairs the owners (folded; none for everybody's) with an Apprise URL."""

    def __init__(self, addresses: Sequence[tuple[frozenset[str], str]], seconds: float = SECONDS) -> None:
        self._addresses = tuple(addresses)
        self._seconds = seconds

    def tell(self, notices: Sequence[Notice], concerns: Sequence[Concern], language: str, today: date) -> Told:
        """Send each address its share, one after the other. What one address took counts as told, whatever the others
        do: nobody reads the same twice because somebody else's address is broken. Concerns count as told together."""
        meant: set[Notice | Concern] = set()
        heard: set[Notice | Concern] = set()
        failures = []
        for number, (owners, url) in enumerate(self._addresses, start=1):
            own, matters = share(notices, owners), share(concerns, owners)
            if not (own or matters):
                continue
            meant.update(matters)
            trouble = self._sent(url, digest(own, matters, language, today))
            if trouble:
                failures.append(f"{_name(number, url)} {trouble}")
            else:
                heard.update(own, matters)
        told = tuple(c for c in concerns if c in heard) if meant <= heard else ()
        return Told(tuple(n for n in notices if n in heard), told, tuple(failures))

    def announce(self, message: Digest) -> tuple[int, tuple[str, ...]]:
        """Send a message that is about nobody's clients to the addresses for everybody, to all if there are none such.
        How many took it, and who did not, in words without secrets."""
        numbered = list(enumerate(self._addresses, start=1))
        meant = [(n, url) for n, (owners, url) in numbered if not owners] or [(n, url) for n, (_, url) in numbered]
        troubles = [(_name(number, url), self._sent(url, message)) for number, url in meant]
        failures = tuple(f"{name} {trouble}" for name, trouble in troubles if trouble)
        return len(meant) - len(failures), failures

    def unusable(self) -> tuple[str, ...]:
        """The addresses that Apprise cannot read, by number and kind. Nothing is sent."""
        with _silence():
            named = [(_name(n, url), _opened(url)) for n, (_, url) in enumerate(self._addresses, start=1)]
        return tuple(name for name, way in named if way is None)

    def _sent(self, url: str, message: Digest) -> str:
        """Why the message did not arrive, or ""."""
        with _silence():
            way = _opened(url)
            if way is None:
                return "is no address that Apprise can use"
            result = _within(self._seconds, way, message)
        if result is None:
            return f"did not answer within {self._seconds:g} s"
        if result:
            return ""
        answer = _ANSWER.search(" ".join(entry.message for entry in result.logs()))
        return f"answered {answer[1]}" if answer else "did not take the notice"


def _name(number: int, url: str) -> str:
    return f"address {number} of [notify] urls ({url.partition('://')[0].lower()})"


def _within(seconds: float, way: "Apprise", message: Digest) -> "AppriseResult | None":
    """What came of the message, None when nothing did in time. Apprise's own limit would have us wait for the service
    when we end; a thread that nobody waits for does not."""
    answers: SimpleQueue[AppriseResult] = SimpleQueue()

    def notify() -> None:
        answers.put(way.notify(message.text, title=message.title, body_format="text"))

    Thread(target=notify, daemon=True).start()
    try:
        return answers.get(timeout=seconds)
    except Empty:
        logging.getLogger("apprise").disabled = True  # what it still says of this service is for nobody
        return None


def _opened(url: str) -> "Apprise | None":
    """The service at `url`, or None; long messages go to it in parts, unless the address says otherwise."""
    # Loaded only where it is used: with all that it brings it takes a while.
    from apprise import Apprise, AppriseAsset, OverflowMode

    way = Apprise(asset=AppriseAsset(service_timeout=0))
    if not way.add(url):
        return None
    if "overflow=" not in url:
        for service in way.services:
            service.overflow_mode = OverflowMode.SPLIT
    return way


@contextmanager
def _silence() -> Iterator[None]:
    """What the libraries say about an address stays out of our logs, at whatever level: it may hold the secret."""
    loggers = [logging.getLogger(name) for name in ("urllib3", "requests", "oauthlib", "apprise")]
    before = [logger.propagate for logger in loggers]
    for logger in loggers:
        logger.propagate = False
        logger.addHandler(_NOWHERE)
    try:
        yield
    finally:
        for logger, propagates in zip(loggers, before, strict=True):
            logger.propagate = propagates
            logger.removeHandler(_NOWHERE)
