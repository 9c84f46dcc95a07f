"""What the team has not been told of yet, by the history: letters that failed, doubts, bounces, replies. Pure."""

from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass, field

from sync.events import Event


@dataclass(slots=True)
class News:
    """`untold` holds the events that nobody was told of, oldest first; `failures` the (invoice, step) whose failure the
    team knows of: that it failed again is no news."""

    untold: list[Event] = field(default_factory=list)
    failures: set[tuple[str, str]] = field(default_factory=set)

    def __copy__(self) -> "News":
        """The same, apart: what is added to one is not seen in the other."""
        return News(copy(self.untold), copy(self.failures))


def _new(news: News, event: Event) -> None:
    news.untold.append(event)


def _failed(news: News, event: Event) -> None:
    if (event.id, event.after) not in news.failures:
        news.untold.append(event)


def _left(news: News, event: Event) -> None:
    news.failures.discard((event.id, event.after))


def _told(news: News, event: Event) -> None:
    """A notice about no invoice says that the team knows all that came before."""
    if not event.id:
        news.failures.update((e.id, e.after) for e in news.untold if e.event == "reminder failed")
        news.untold.clear()


HANDLERS: Mapping[str, Callable[[News, Event], None]] = {
    "reminder failed": _failed,
    "reminder unknown": _new,
    "letter bounced": _new,
    "reply received": _new,
    "reminder sent": _left,
    "notice sent": _told,
}
