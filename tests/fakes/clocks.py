"""Time that passes only when someone waits: one clock for a client, a server and the people beside them."""

from threading import Lock


class VirtualClock:
    """Seconds since `start`. Waiting takes no real time; whoever sleeps moves everybody's clock."""

    def __init__(self, start: float = 0.0) -> None:
        self._now = start
        self._lock = Lock()

    def now(self) -> float:
        """The present moment, in seconds."""
        return self._now

    __call__ = now

    def sleep(self, seconds: float) -> None:
        """Let `seconds` pass; never back."""
        with self._lock:
            self._now += max(0.0, seconds)
