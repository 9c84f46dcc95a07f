"""The console command `kartoteka`, and `python -m sync`: runs the command line and turns errors into exit statuses."""

import gc
import io
import os
import re
import sys
from pathlib import Path

from validators.errors import KartotekaError

INTERRUPTED = 130


def main() -> None:
    """Run the command line and leave with its exit status; no traceback reaches a user without --debug."""
    _mend_streams()
    sys.exit(_status())


def _mend_streams() -> None:
    """Output that is closed, or cannot write Polish letters, is no reason to fail: the work matters more."""
    sys.stdout = sys.stdout or Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - as long as we run
    sys.stderr = sys.stderr or Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def spare_collector() -> None:
    """Let the garbage collector look seldom: a run builds many small records and throws away next to none, and
    looking through all of them again and again is a quarter of its time."""
    gc.set_threshold(1_000_000, 50, 100)


def _status() -> int:
    spare_collector()
    try:
        from typer import Abort
        from typer.exceptions import TyperException

        from sync.cli import app
    except ImportError as error:
        # `config` and `validators` are names that other packages on PyPI bear, too.
        sys.stderr.write(f"Kartoteka cannot start: {error}.\n")
        sys.stderr.write("Install it into an environment of its own: python3 -m venv .venv; pip install .\n")
        return 2
    except KeyboardInterrupt:
        return INTERRUPTED
    try:
        outcome = app(standalone_mode=False)
        if outcome == INTERRUPTED:  # typer has turned Ctrl+C into a status
            raise KeyboardInterrupt
        sys.stdout.flush()
    except KartotekaError as error:
        return _told(error.what, _for_the_workbook(error.advice), error.exit_status)
    except (Abort, KeyboardInterrupt):
        return _told("Interrupted.", "Run the same command again; it goes on where it stopped.", INTERRUPTED)
    except TyperException as error:
        return _told(error.format_message().replace("Value error, ", ""), "See 'kartoteka --help'.", 2)
    except BrokenPipeError:
        # The reader of our output has left (head, less): that is no error of ours.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return outcome if isinstance(outcome, int) else 0


def _for_the_workbook(advice: str) -> str:
    """Advice with its commands for the workbook that --workbook names, if it does."""
    from config.settings_workbooks import naming

    said = re.search(r"(?<!\S)--workbook[ =]([A-Za-z0-9_-]+)(?!\S)", " ".join(sys.argv[1:]))
    return naming(advice, said[1]) if said else advice


def _told(what: str, advice: str, status: int) -> int:
    if "--debug" in sys.argv:
        raise
    sys.stderr.write(f"{what}\n")
    if advice:
        sys.stderr.write(f"{advice}\n")
    return status


if __name__ == "__main__":
    main()
