"""The port that every kind of workbook implements. One contract test class runs on all of them."""

from dataclasses import dataclass
from typing import Protocol

from sync.plan import Plan
from sync.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Applied:
    """A plan was written; `register` is the workbook's new state, `requests` how many writes it took."""

    register: str
    requests: int = 1


class Workbook(Protocol):
    """A shared workbook."""

    def read(self) -> Snapshot:
        """Everything in it, at one moment.

        Raises:
            OutOfReach: it does not exist or cannot be read; the advice says what to do.
            Refused: it holds what a write would destroy.
        """
        ...

    def apply(self, plan: Plan, after: Snapshot) -> Applied:
        """Write the whole plan or nothing of it, provided nobody wrote since `after` was read.

        Raises:
            WorkbookMoved: somebody wrote since; nothing was changed.
            OutOfReach: it cannot be written; nothing was changed.
            Refused: it is open in another program.
        """
        ...
