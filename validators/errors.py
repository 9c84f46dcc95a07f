"""The errors a user can meet: each says what is wrong and what to do, and knows its exit status.

    KartotekaError
    ├── WrongUse            2  wrong options, settings, or a workbook whose tabs or headers do not fit
    ├── OutOfReach          3  the workbook or the mail server cannot be reached, read or written
    └── Refused             4  stopped for safety
        ├── WorkbookMoved      somebody wrote since our read: read again, decide anew
        ├── StalePlan          a saved plan no longer fits the workbook
        └── Brake              more letters than usual

A bad *row* is never an exception: it is a `Problem` (problems.py).
"""


class KartotekaError(Exception):
    """What went wrong (`what`, one sentence) and what a person can do about it (`advice`, one sentence or more)."""

    exit_status = 2

    def __init__(self, what: str, advice: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.advice = advice


class WrongUse(KartotekaError):
    """Wrong options or settings, or a workbook whose shape does not fit."""


class OutOfReach(KartotekaError):
    """The workbook or the mail server is out of reach."""

    exit_status = 3


class Refused(KartotekaError):
    """Stopped for safety; nothing was changed."""

    exit_status = 4


class WorkbookMoved(Refused):
    """The workbook has moved on since it was read; nothing of the plan was written."""


class StalePlan(Refused):
    """A saved plan was made for another state of the workbook, or for another day."""


class Brake(Refused):
    """More letters than usual: a person must look first."""
