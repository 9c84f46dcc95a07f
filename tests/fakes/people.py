"""People who edit beside us: at their own pace, or exactly where it hurts. What they do is editing.py's part."""

import time
from collections.abc import Callable, Mapping, Sequence

from tests.fakes.editing import KINDS, Editor, Typed, see
from tests.fakes.sheets_server import FakeSheets, Logged

__all__ = ["KINDS", "Adversary", "People", "Typed", "see"]


class People(Editor):
    """People who together do `rate` things a second of `clock`, each independent of the last (Poisson)."""

    def __init__(
        self,
        seed: int,
        rate: float,
        tabs: Sequence[str] = ("Klienci", "Faktury"),
        clock: Callable[[], float] = time.monotonic,
        kinds: Sequence[str] | Mapping[str, float] = KINDS,
    ) -> None:
        super().__init__(seed, tabs, kinds)
        self._rate, self._clock = rate, clock
        self._next = clock() + self._pause()

    def act(self, server: FakeSheets, request: Logged) -> None:
        """Do all that was to be done until now, before `request` is carried out."""
        book = server.books.get(request.book)
        while self._next <= self._clock():
            self._next += self._pause()
            if book is not None:
                self.edit(book)

    def _pause(self) -> float:
        return self.random.expovariate(self._rate) if self._rate > 0 else float("inf")


class Adversary(Editor):
    """Somebody who acts just before each batchUpdate: between our read and our write, between our write and our repair.

    The first write of a sync is always met, then as many more as `repairs` says; `begin` starts to count anew. Each
    time one to `at_once` things happen, of any of `kinds`; or those of the `script`, in its order and in one tab.
    """

    def __init__(
        self,
        seed: int,
        kinds: Sequence[str] | Mapping[str, float] = KINDS,
        *,
        repairs: int = 0,
        at_once: int = 3,
        script: Sequence[str] = (),
        tabs: Sequence[str] = ("Klienci", "Faktury"),
    ) -> None:
        super().__init__(seed, tabs, kinds)
        self._repairs, self._at_once, self._script = repairs, at_once, tuple(script)
        self.begin()

    def begin(self) -> None:
        """A new sync begins: its writes are met again."""
        self._left = 1 + self._repairs

    def act(self, server: FakeSheets, request: Logged) -> None:
        """Strike, if it is a write that is to be met."""
        book = server.books.get(request.book)
        if request.kind != "batchUpdate" or book is None or self._left == 0:
            return
        self._left -= 1
        if self._script:
            title = self.random.choice(self.tabs)
            for kind in self._script:
                self.edit(book, kind, title)
        else:
            for _ in range(self.random.randint(1, self._at_once)):
                self.edit(book)
