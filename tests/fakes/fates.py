"""What goes wrong, request by request, as a test says: for moments that chance would seldom meet."""

from collections.abc import Callable, Mapping

from tests.fakes.faults import Fault, Faults


class Fates(Faults):
    """The fault of each request by its number, counted from 1 over reads and writes alike; `late_by` in seconds.

    `strike` is called when a request with a fault has arrived, before anything of it is done.
    """

    def __init__(
        self,
        faults: Mapping[int, Fault],
        strike: Callable[[], None] = lambda: None,
        *,
        late_by: float = float("inf"),
    ) -> None:
        super().__init__(0, 0.0, 0.0, 0.0, late_by)
        self.seen = 0
        self._faults, self._strike = faults, strike

    def draw(self, *, write: bool) -> Fault:
        """The fate of the next request."""
        self.seen += 1
        fault = self._faults.get(self.seen, Fault.NONE)
        if self.seen in self._faults:
            self.counted[fault] += 1
            self._strike()
        return fault

    def status(self, *, applied: bool = False) -> int:
        """Always one that leaves the client in doubt."""
        return 503

    def html(self) -> bool:
        """Never."""
        return False
