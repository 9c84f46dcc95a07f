"""Waiting without time going by: a clock that remembers every wait, and chance that always takes the longest."""

from collections.abc import Callable
from random import Random

from tests.fakes.clocks import VirtualClock


class Waits(VirtualClock):
    """A clock that remembers how long was slept, and tells `then` after each time how often."""

    def __init__(self) -> None:
        super().__init__()
        self.waits: list[float] = []
        self.then: Callable[[int], object] = lambda _: None

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        super().sleep(seconds)
        self.then(len(self.waits))


class Widest(Random):
    """No chance at all: always the longest wait."""

    def uniform(self, a: float, b: float) -> float:
        return b
