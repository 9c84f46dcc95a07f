"""The bytes of a file that somebody named: bounded, or a sentence why there are none. No format lives here."""

import stat
from pathlib import Path

from validators.errors import WrongUse

HEAD = 65_536
LARGEST = 100 * 1024 * 1024


def head(path: Path) -> bytes:
    """The first 64 KiB of the file.

    Raises:
        WrongUse: it is no ordinary file, cannot be read, or nothing is in it.
    """
    return _read(path, HEAD)


def content(path: Path, largest: int = LARGEST) -> bytes:
    """All bytes of the file, as they stand at one moment: what is appended meanwhile waits for the next import.

    Raises:
        WrongUse: it is no ordinary file, cannot be read, is empty, or has more than `largest` bytes.
    """
    found = _read(path, largest + 1)
    if len(found) > largest:
        raise WrongUse(
            f"{path} is larger than {largest // 1024**2} MB.", "Split the list into several files and import each."
        )
    return found


def _read(path: Path, most: int) -> bytes:
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise WrongUse(f"{path} is a folder.", "Name the files in it.")
        if not stat.S_ISREG(mode):
            raise WrongUse(f"{path} is no ordinary file.", "Save the list as a file first, then import that.")
        with path.open("rb") as file:
            found = file.read(most)
    except FileNotFoundError:
        raise WrongUse(f"There is no file {path}.", "Check the name and the folder.") from None
    except PermissionError:
        raise WrongUse(f"{path} may not be read by you.", "Ask for the right to read it, or copy it.") from None
    except (OSError, ValueError) as error:
        raise WrongUse(f"{path} cannot be read: {error}.", "Copy it to this computer and try again.") from error
    if not found:
        raise WrongUse(f"{path} is empty (0 bytes).", "Export the list again, or name another file.")
    return found
