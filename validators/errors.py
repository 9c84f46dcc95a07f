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

from enum import StrEnum
from typing import TypeVar

_Error = TypeVar("_Error", bound="KartotekaError")


class Trouble(StrEnum):
    """What is the matter, for those who read of an error in their own language (config/trouble_words.py)."""

    SETTINGS = "settings"
    SHAPE = "shape"  # a tab or a header is missing
    MISSING = "missing"
    UNREADABLE = "unreadable"
    LOCKED = "locked"
    MERGED = "merged"
    UNKEPT = "unkept"  # the workbook holds what a write would drop
    NOT_SHARED = "not shared"
    PROTECTED = "protected"
    FULL = "full"
    ACCESS = "access"
    OUT_OF_REACH = "out of reach"
    MAIL = "mail"
    MAIL_ACCESS = "mail access"
    DISK = "disk"
    RECORDS = "records"  # what this machine remembers is missing or damaged
    BUSY = "busy"
    MOVED = "moved"
    BRAKE = "brake"
    FIRST_LETTERS = "first letters"
    REFUSED = "refused"
    UNFORESEEN = "unforeseen"


class KartotekaError(Exception):
    """What went wrong (`what`, one sentence) and what a person can do about it (`advice`, one sentence or more).

    `trouble` is the same in a word, `about` which tab, file or account it is about, if its name helps."""

    exit_status = 2
    trouble = Trouble.SETTINGS

    def __init__(self, what: str, advice: str = "", *, trouble: Trouble | None = None, about: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.advice = advice
        self.trouble = trouble or self.trouble
        self.about = about

    def told_as(self, kind: type[_Error]) -> _Error:
        """The same as an error of `kind`."""
        return kind(self.what, self.advice, trouble=self.trouble, about=self.about)


class WrongUse(KartotekaError):
    """Wrong options or settings, or a workbook whose shape does not fit."""


class OutOfReach(KartotekaError):
    """The workbook or the mail server is out of reach."""

    exit_status = 3
    trouble = Trouble.OUT_OF_REACH


class Refused(KartotekaError):
    """Stopped for safety; nothing was changed."""

    exit_status = 4
    trouble = Trouble.REFUSED


class WorkbookMoved(Refused):
    """The workbook has moved on since it was read; nothing of the plan was written."""

    trouble = Trouble.MOVED


class StalePlan(Refused):
    """A saved plan was made for another state of the workbook, or for another day."""


class Brake(Refused):
    """More letters than usual: a person must look first."""

    trouble = Trouble.BRAKE
