"""A team that listens: what it was told, and addresses that fail when a test says so."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date

from config.mail_settings import Notify
from config.settings import Settings
from mailers.digest import Concern, Told, digest
from mailers.reminders import Notice


@dataclass
class ListeningTeam:
    """Takes every notice, unless `broken`; `before` may raise, as a kill does."""

    broken: bool = False
    before: Callable[[], None] = lambda: None
    after: Callable[[], None] = lambda: None
    heard: list[str] = field(default_factory=list)

    def tell(self, notices: Sequence[Notice], concerns: Sequence[Concern], language: str, today: date) -> Told:
        self.before()
        if self.broken:
            return Told(failures=("address 1 of [notify] urls (json) answered 500",))
        self.heard.append(digest(notices, concerns, language, today).text)
        self.after()
        return Told(tuple(notices), tuple(concerns))


def listening(settings: Settings, *urls: str) -> Settings:
    """The settings with addresses for the team: everybody's, unless said otherwise."""
    notify = Notify.model_validate({"urls": urls or ("json://127.0.0.1",)})
    return settings.model_copy(update={"notify": notify})
