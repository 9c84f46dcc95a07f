"""What goes wrong on the way to Google and back, by seeded chance. Decides only; the server carries it out."""

from collections import Counter
from enum import StrEnum, auto
from random import Random


class Fault(StrEnum):
    """What happens to one request. All but NONE and REFUSED leave the client of a write in doubt."""

    NONE = auto()
    REFUSED = auto()  # 429, 500 or 503 before anything was done
    CLOSED = auto()  # applied, then the connection ends without an answer
    RESET = auto()  # the same, by a reset
    CUT = auto()  # applied, then half of the answer
    FAILED = auto()  # applied, then 500 or 503 as if it had not been
    LATE = auto()  # no answer, applied later


LOST = (Fault.CLOSED, Fault.RESET, Fault.CUT, Fault.FAILED)


class Faults:
    """Shares of requests: `refused`; of writes `lost` (applied unheard) and `late` (applied `late_by` seconds later).

    `ways` are the ways in which an answer gets lost. `counted` tells how often each befell: by the name of the fault,
    and "lost" for all of LOST together.
    """

    def __init__(
        self,
        seed: int,
        refused: float = 0.2,
        lost: float = 0.05,
        late: float = 0.02,
        late_by: float = 30.0,
        ways: tuple[Fault, ...] = LOST,
    ) -> None:
        self.refused, self.lost, self.late, self.late_by, self.ways = refused, lost, late, late_by, ways
        self.counted: Counter[str] = Counter()
        self._random = Random(seed)

    def draw(self, *, write: bool) -> Fault:
        """The fate of the next request."""
        chance = self._random.random()
        fault = self._fault(chance, write=write)
        if fault is not Fault.NONE:
            self.counted[fault] += 1
        if fault in LOST:
            self.counted["lost"] += 1
        return fault

    def status(self, *, applied: bool = False) -> int:
        """The status of a refusal; one of a write that was `applied` after all is a 5xx."""
        return self._random.choice((500, 503) if applied else (429, 500, 503))

    def html(self) -> bool:
        """Whether Google's front end answers instead of the API."""
        return self._random.random() < 0.3

    def _fault(self, chance: float, *, write: bool) -> Fault:
        if chance < self.refused:
            return Fault.REFUSED
        if write and chance < self.refused + self.lost:
            return self._random.choice(self.ways)
        if write and chance < self.refused + self.lost + self.late:
            return Fault.LATE
        return Fault.NONE
