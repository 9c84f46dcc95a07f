"""The sections of the settings about the service: when it works, what it writes about itself."""

from datetime import time
from typing import Literal

from config.sections import Section, setting, whole
from config.setting_kinds import DAYS, Days, Moments, clock, every_minutes


class Schedule(Section):
    """When the service works."""

    sync: Moments = setting(
        ("08:00", "13:00"),
        "The local times of scheduled syncs.",
        'times such as ["08:00", "13:00"], or "every 30 minutes" alone (1 to 1440)',
    )
    days: Days = setting(DAYS, "The days of scheduled syncs.", f"one or more of {', '.join(DAYS)}")
    heartbeat_minutes: int = whole(
        60,
        "How many minutes pass until the service says again, on a tab of the workbook, how it does; 0 is never.",
        0,
        1440,
    )

    @property
    def every_minutes(self) -> int | None:
        """The minutes between two syncs, None when they have times of day."""
        return every_minutes(self.sync[0])

    @property
    def times(self) -> tuple[time, ...]:
        """The times of day of syncs; none when they are so many minutes apart."""
        return () if self.every_minutes else tuple(clock(moment) for moment in self.sync)

    @property
    def weekdays(self) -> frozenset[int]:
        """The days as numbers, Monday being 0 (as `date.weekday`)."""
        return frozenset(DAYS.index(day) for day in self.days)


class Logs(Section):
    """What `kartoteka run` writes about its work, on standard error."""

    level: Literal["debug", "info", "warning", "error"] = setting(
        "info", "From which level on 'kartoteka run' logs.", '"debug", "info", "warning" or "error"'
    )
    format: Literal["text", "json"] = setting("text", "How a line of its log looks.", '"text" or "json"')
