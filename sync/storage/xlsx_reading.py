"""From the bytes of an .xlsx file to a snapshot: its cells, and the workbook's own lasting identity."""

import uuid
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

from sync.snapshot import Snapshot
from sync.storage.replacing import fingerprint
from sync.storage.xlsx_blank import without_blank_rows
from sync.storage.xlsx_cells import sheets
from sync.storage.xlsx_parts import custom_property
from sync.storage.xlsx_safety import check_readable, check_writable, sound

IDENTITY = "kartoteka"


def snapshot(path: Path, content: bytes) -> Snapshot:
    """All sheets of the workbook `content`, which lies at `path`.

    Raises:
        OutOfReach: it is no workbook, or damaged; the advice says what to do.
        Refused: it is too big to be a register, or holds what a write would drop.
    """
    with sound(path.name):
        check_readable(path.name, content)
        check_writable(path.name, content)
        with ZipFile(BytesIO(content)) as archive:
            identity = custom_property(archive, IDENTITY) or _first_identity(path, content)
        return Snapshot(fingerprint(content), identity, sheets(without_blank_rows(content, most=0)))


def _first_identity(path: Path, content: bytes) -> str:
    """The identity of a workbook that has none yet, the same for the same file in the same state."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{path.resolve().as_posix()}#{fingerprint(content)}"))
