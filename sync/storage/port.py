"""The port that every kind of workbook implements. One contract test class runs on all of them."""

from dataclasses import dataclass
from typing import Protocol

from sync.heartbeat import Heartbeat
from sync.plan import Plan, SetCell
from sync.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Applied:
    """A plan was written in `requests` writes, with `reads` more to see where it landed. `kept_out` are changes of
    the team's cells that did not take, although nobody changed the cell: a formula stands there. `after` is the
    workbook as it stands now, where that is known without reading it again: the next plan may be made on it."""

    requests: int = 1
    reads: int = 0
    kept_out: tuple[SetCell, ...] = ()
    after: Snapshot | None = None


class Workbook(Protocol):
    """A shared workbook."""

    def prepare(self) -> None:
        """Add what safe writing needs and people need not see; nothing when it is there. Once, when it is set up.

        Raises:
            OutOfReach: the workbook cannot be read.
        """
        ...

    def recover(self) -> None:
        """Finish what a run that was killed left half-done; nothing when there is nothing. Before a run's first read.

        Raises:
            OutOfReach: the workbook cannot be read or written.
        """
        ...

    def read(self) -> Snapshot:
        """Everything in it, at one moment.

        Raises:
            OutOfReach: it does not exist or cannot be read; the advice says what to do.
            Refused: it holds what a write would destroy.
        """
        ...

    def apply(self, plan: Plan, after: Snapshot) -> Applied:
        """Write the whole plan or nothing of it, provided no other run wrote since `after` was read.

        A file also refuses when a person saved since. In a sheet that people type in, values follow their record and
        what a person typed meanwhile is kept; a plan too large for one write goes in several, each whole. Rows that go
        to tabs of their own (`archives`) go in one write, and stand in one tab only, whatever people do meanwhile.

        Raises:
            WorkbookMoved: somebody wrote since; nothing was changed.
            OutOfReach: it cannot be written; nothing was changed, or the next `recover` finishes it.
            Refused: it is open in another program.
        """
        ...

    def beat(self, heartbeat: Heartbeat) -> bool:
        """Say how the service does, on a tab of its own that no plan knows; False when there is none, and none may be
        made. It is found wherever people have moved it, whatever they call it, and nothing that they typed is written
        over; when they deleted it, it is made again.

        Nobody waits for it, and nothing is lost with it: it takes no step of the register of a spreadsheet, so that no
        plan of another run fails for it, and of two services whoever is last is right. A file becomes another one by
        it, as by any write.

        Raises:
            WorkbookMoved: somebody wrote just now; nothing was changed.
            OutOfReach: it cannot be read or written.
            Refused: it is open in another program, or another run is writing.
        """
        ...
