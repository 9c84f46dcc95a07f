"""The files in the state folder that tell how the service is: `status.json`, written by every sync, `service.json`,
written by a service at work, and the lock that it holds. What they mean is health.py's part."""

import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from filelock import FileLock, Timeout
from pydantic import TypeAdapter, ValidationError

from sync.health import NOTHING_KNOWN, VERSION, Health, Service
from validators.errors import OutOfReach, Refused, Trouble

_LOG = logging.getLogger(__name__)
_HEALTH, _SERVICE = TypeAdapter(Health), TypeAdapter(Service)
_LOCK_SECONDS = 2  # `kartoteka status` holds it for an instant, to see whether it is free
_Known = TypeVar("_Known")


def health(folder: Path) -> Health:
    """What is known; nothing when there is no such file, or none that this version understands."""
    known = _read(folder / "status.json", _HEALTH)
    return known if known and known.version == VERSION else NOTHING_KNOWN


def service(folder: Path) -> Service | None:
    """What the service at work says of itself, None when there is none."""
    return _read(folder / "service.json", _SERVICE)


def keep_health(folder: Path, known: Health) -> None:
    """Write it, whole or not at all. That it cannot be written is logged: a sync does not fail for it."""
    _write(folder / "status.json", _HEALTH.dump_json(known, indent=2))


def keep_service(folder: Path, known: Service) -> None:
    """Write it, whole or not at all."""
    _write(folder / "service.json", _SERVICE.dump_json(known, indent=2))


@contextmanager
def only_service(folder: Path) -> Iterator[None]:
    """One service at a time for one state folder; a killed one leaves nothing locked.

    Raises:
        Refused: another one is at work.
        OutOfReach: the state folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / "service.lock", timeout=_LOCK_SECONDS)
        lock.acquire()
    except Timeout as error:
        raise Refused(
            "Another 'kartoteka run' is at work here.",
            "See 'kartoteka status'; stop that one first.",
            trouble=Trouble.BUSY,
        ) from error
    except OSError as error:
        raise OutOfReach(
            f"The state folder {folder} cannot be written: {error.strerror}.",
            "Set [state] folder to a place where you may write.",
            trouble=Trouble.DISK,
        ) from error
    try:
        yield
    finally:
        with suppress(OSError):
            (folder / "service.json").unlink(missing_ok=True)
        lock.release()


def at_work(folder: Path) -> bool | None:
    """Whether a service is at work there; None when this user may not look."""
    if not (folder / "service.lock").exists():
        return False
    try:
        with FileLock(folder / "service.lock", timeout=0):
            return False
    except Timeout:
        return True
    except OSError:
        return None


def as_json(known: Health | Service | None) -> object:
    """The same as JSON values."""
    return None if known is None else json.loads(TypeAdapter(type(known)).dump_json(known))


def _read(path: Path, kind: TypeAdapter[_Known]) -> _Known | None:
    try:
        return kind.validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValidationError) as error:
        _LOG.warning("%s cannot be read (%s); it is written anew by the next sync", path.name, type(error).__name__)
        return None


def _write(path: Path, content: bytes) -> None:
    draft = path.with_name(f"{path.name}.new")
    try:
        with draft.open("wb") as file:
            file.write(content + b"\n")
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:
        _LOG.warning("%s cannot be written: %s", path.name, error.strerror)
