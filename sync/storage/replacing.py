"""Replacing a file others may have open: one writer at a time, a backup, all of it or nothing, also when killed midway.

Knows files, not spreadsheets.
"""

import errno
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from hashlib import sha256
from itertools import product
from pathlib import Path

from filelock import FileLock, Timeout

from validators.errors import OutOfReach, Refused, Trouble, WorkbookMoved

_NO_SPACE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}


def fingerprint(content: bytes) -> str:
    """The SHA-256 of `content`, in hex."""
    return sha256(content).hexdigest()


@contextmanager
def only_writer(path: Path, patience: float) -> Iterator[None]:
    """Hold the lock beside `path` (`.NAME.lock`; the kernel lets go of it when a process dies), or wait for it.

    Raises:
        Refused: another run still holds it after `patience` seconds.
        OutOfReach: the lock file cannot be made.
    """
    lock = FileLock(path.with_name(f".{path.name}.lock"), timeout=patience)
    with _explained(path):
        try:
            lock.acquire()
        except Timeout:
            raise Refused(
                f"Another run of Kartoteka is writing to {path.name}.",
                "Wait until it has ended, then run again.",
                trouble=Trouble.BUSY,
            ) from None
    try:
        yield
    finally:
        lock.release()


def refuse_if_open(path: Path) -> None:
    """Raise Refused when Excel (`~$NAME`) or LibreOffice (`.~lock.NAME#`) has the file, or a link to it, open."""
    locks = {".~lock.{}#": "LibreOffice", "~${}": "Excel"}
    for place, lock in product({path, path.resolve()}, locks):
        held = place.with_name(lock.format(place.name))
        if held.exists():
            who = _person(held) if locks[lock] == "LibreOffice" else ""
            by = f" by {who}" if who else ""
            raise Refused(
                f"{path.name} is open in {locks[lock]}{by}.",
                "Save and close it there, then run again. "
                f"If nobody has it open, a crash left the file '{held.name}' behind: delete it.",
                trouble=Trouble.LOCKED,
                about=", ".join(each for each in (path.name, locks[lock], who) if each),
            )


def replace(path: Path, content: bytes, old: bytes | None, backups: Path, keep: int) -> None:
    """Put `content` in the place of the file, of which `old` was read (None: there was none), keeping a backup.

    The backup goes to the folder `backups`, where the newest `keep` of this file stay. Its permissions stay too.

    Raises:
        WorkbookMoved: the file no longer holds `old`.
        OutOfReach: no room, or no right, to write; the file is as it was.
    """
    target = path.resolve()
    with _explained(path):
        _sweep(target)
        if old is not None:
            _check_writable(target)
            _back_up(path, target, old, backups, keep)
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
        temporary = target.with_name(f".{target.name}.{os.getpid()}.new")
        try:
            _write(temporary, content)
            if old is not None:
                _take_over(target, temporary)
            _check_unmoved(target, old)
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)
        _sync_folder(target.parent)


def _person(lock: Path) -> str:
    with suppress(OSError):
        name, login, *_ = [*lock.read_text(encoding="utf-8", errors="replace").split(","), "", ""]
        return name.strip() or login.strip()
    return ""


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in _NO_SPACE:
            raise OutOfReach(
                f"There is no room on the disk to write {path.name}; it is as it was.",
                "Free some space (or raise the quota), then run again.",
                trouble=Trouble.DISK,
            ) from error
        if error.errno in _FORBIDDEN:
            raise OutOfReach(
                f"{error.filename or path} may not be written.",
                f"Allow the account that runs Kartoteka to write {path.name}, its folder and the state folder.",
                trouble=Trouble.DISK,
            ) from error
        raise OutOfReach(
            f"{path.name} could not be written: {error.strerror or error}.",
            "It is as it was. Run again.",
            trouble=Trouble.DISK,
        ) from error


def _check_writable(target: Path) -> None:
    if not target.stat().st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH):
        raise OSError(errno.EACCES, "read-only", str(target))
    with target.open("r+b"):
        pass


def _check_unmoved(target: Path, old: bytes | None) -> None:
    now = target.read_bytes() if target.exists() else None
    if now != old:
        raise WorkbookMoved(f"{target.name} was saved by somebody just now.", "Nothing was written. Run again.")


def _back_up(path: Path, target: Path, old: bytes, backups: Path, keep: int) -> None:
    if keep < 1:
        return
    backups.mkdir(parents=True, exist_ok=True)
    _sweep(backups / path.name)
    saved = datetime.fromtimestamp(target.stat().st_mtime, UTC).strftime("%Y%m%dT%H%M%S")
    copy = backups / f"{path.stem}-{saved}-{fingerprint(old)[:12]}{path.suffix}"
    temporary = backups / f".{path.name}.{os.getpid()}.new"
    try:
        _write(temporary, old)
        temporary.chmod(stat.S_IMODE(target.stat().st_mode))
        temporary.replace(copy)
    finally:
        temporary.unlink(missing_ok=True)
    ours = re.compile(rf"{re.escape(path.stem)}-\d{{8}}T\d{{6}}-[0-9a-f]{{12}}{re.escape(path.suffix)}")
    copies = [p for p in backups.iterdir() if ours.fullmatch(p.name)]
    for outdated in sorted(copies, key=lambda p: (p.stat().st_mtime_ns, p.name))[:-keep]:
        outdated.unlink(missing_ok=True)


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _take_over(target: Path, temporary: Path) -> None:
    """Give `temporary` the owner and permissions of `target`; a foreign owner only where the system lets us."""
    was = target.stat()
    with suppress(PermissionError):
        os.chown(temporary, was.st_uid, was.st_gid)
    temporary.chmod(stat.S_IMODE(was.st_mode))


def _sweep(target: Path) -> None:
    """Remove what killed runs left behind; the lock makes sure that no other run is at it."""
    for leftover in target.parent.iterdir() if target.parent.is_dir() else ():
        if leftover.name.startswith(f".{target.name}.") and leftover.name.endswith(".new"):
            leftover.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    with suppress(OSError):  # some network file systems cannot; the rename itself stands
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
