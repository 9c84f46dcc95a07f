"""A shared workbook in an .xlsx file: read whole, written whole, never half. How it is done lies in xlsx_*.py.

The fingerprint of the file is its register; a lock, a look at who has it open, and an atomic rename do the rest.
"""

import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path

from sync.archives import Moving, movings
from sync.book import locate
from sync.heartbeat import Heartbeat
from sync.placing import Placing, place
from sync.plan import Plan
from sync.snapshot import Snapshot
from sync.storage.port import Applied
from sync.storage.replacing import fingerprint, only_writer, refuse_if_open, replace
from sync.storage.xlsx_heartbeat import with_heartbeat
from sync.storage.xlsx_reading import snapshot
from sync.storage.xlsx_safety import check_writable, sound
from sync.storage.xlsx_writing import rewritten, standing
from validators.errors import OutOfReach, Trouble, WorkbookMoved

_MOVED = "Nothing was written. Run again: everything is read and decided anew."


class XlsxWorkbook:
    """The workbook at `path`. `state` is Kartoteka's own folder: the last `backups` versions go to `state/backups`.

    With `create`, a file that is not there reads as an empty workbook, and the first `apply` makes it. `titles` maps
    tab names to titles of the team's own; `patience` is how many seconds to wait for another run that is writing.
    """

    def __init__(
        self,
        path: Path,
        state: Path,
        *,
        backups: int = 10,
        create: bool = False,
        titles: Mapping[str, str] | None = None,
        patience: float = 5.0,
    ) -> None:
        self._path = path
        self._state = state
        self._backups = backups
        self._create = create
        self._titles = titles
        self._patience = patience
        # Not derived from the path: a new workbook must never take up the identity of one that was deleted there.
        self._newborn = str(uuid.uuid4())

    def prepare(self) -> None:
        """Nothing: a write needs no more than the sheets."""

    def recover(self) -> None:
        """Nothing: a write is whole or not there."""

    def read(self) -> Snapshot:
        """Everything in it.

        Raises:
            OutOfReach: it is not there, may not be read, or is no sound .xlsx workbook.
            Refused: it holds what a write would drop, such as a chart.
        """
        return self._snapshot(self._content())

    def apply(self, plan: Plan, after: Snapshot) -> Applied:
        """Write the whole plan or nothing of it. An empty plan does not touch the file.

        Raises:
            WorkbookMoved: the file has changed since `after`, or a record of the plan is not there.
            OutOfReach: the file or its folder may not be written, or the disk is full.
            Refused: it is open in another program, another run is writing, or a write would drop what it holds.
            WrongUse: it lacks a tab or column of the plan.
        """
        if plan.empty:
            return Applied(requests=0)
        target = self._path.resolve()
        if self._create:
            _make_folder(target.parent)
        elif not target.exists():
            self._content()
        with only_writer(target, self._patience):
            refuse_if_open(self._path)
            old = self._content()
            if (fingerprint(old) if old is not None else "") != after.register:
                raise WorkbookMoved(f"{self._path.name} was changed since it was read.", _MOVED)
            # The same fingerprint is the same file: `after` says where everything stands without reading it again.
            placing = place(after, plan, self._titles)
            moved = movings(locate(after, self._titles).get("history"), plan.archives)
            new = self._rewritten(old, plan, placing, after.workbook, moved)
            refuse_if_open(self._path)
            replace(target, new, old, self._state / "backups", self._backups)
        if placing.headers or moved:
            return Applied()
        return Applied(after=Snapshot(fingerprint(new), after.workbook, tuple(standing(after.sheets, placing.puts))))

    def beat(self, heartbeat: Heartbeat) -> bool:
        """Say how the service does, unless the file is in use: it waits for nobody, and pushes no backup out.

        Raises:
            OutOfReach: the file is not there, may not be read or written, or is no workbook.
            Refused: it is open in another program, or another run is writing.
            WorkbookMoved: somebody saved it just now.
        """
        if not self._content():
            return False
        target = self._path.resolve()
        with only_writer(target, 0):
            refuse_if_open(self._path)
            old = self._content()
            new = with_heartbeat(self._path.name, old, heartbeat, (self._titles or {}).values()) if old else None
            if new:
                refuse_if_open(self._path)
                replace(target, new, old, self._state / "backups", keep=0)
        return new is not None

    def _rewritten(
        self, old: bytes | None, plan: Plan, placing: Placing, identity: str, moved: Sequence[Moving]
    ) -> bytes:
        if old is not None:
            with sound(self._path.name):
                check_writable(self._path.name, old)
        return rewritten(self._path.name, old, placing, identity, plan.language, moved)

    def _snapshot(self, content: bytes | None) -> Snapshot:
        if content is None:
            return Snapshot("", self._newborn, ())
        return snapshot(self._path, content)

    def _content(self) -> bytes | None:
        try:
            return self._path.read_bytes()
        except FileNotFoundError:
            if self._create:
                return None
            raise OutOfReach(
                f"There is no workbook at {self._path}.",
                "Run 'kartoteka init' to make one, or correct [workbook] path in the settings.",
                trouble=Trouble.MISSING,
                about=self._path.name,
            ) from None
        except IsADirectoryError:
            raise OutOfReach(
                f"{self._path} is a folder, not a workbook.",
                "Write the path of the .xlsx file into [workbook] path.",
                trouble=Trouble.MISSING,
                about=self._path.name,
            ) from None
        except PermissionError:
            raise OutOfReach(
                f"{self._path} may not be read.",
                "Allow the account that runs Kartoteka to read the file.",
                trouble=Trouble.DISK,
            ) from None
        except OSError as error:
            raise OutOfReach(
                f"{self._path} cannot be read: {error.strerror or error}.",
                "Check [workbook] path and the disk.",
                trouble=Trouble.DISK,
            ) from error


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutOfReach(
            f"The folder {folder} cannot be made: {error.strerror or error}.",
            "Correct [workbook] path in the settings.",
            trouble=Trouble.DISK,
        ) from error
