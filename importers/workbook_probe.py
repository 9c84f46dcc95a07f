"""What a child process does first with a binary workbook (XLS, XLSB): reads all of it, within bounds of memory, time.

A damaged one can make calamine end the process or take all memory; then it is this process that ends. Bounds are POSIX
only. Nothing else may live here.
"""

import sys
from io import BytesIO

from python_calamine import CalamineWorkbook

_MEMORY = 900 * 1024 * 1024
_SECONDS = 20

if sys.platform != "win32":
    import resource

    def _shut_in() -> None:
        for kind, most in (
            (resource.RLIMIT_AS, _MEMORY),
            (resource.RLIMIT_CPU, _SECONDS),
            (resource.RLIMIT_CORE, 0),
            (resource.RLIMIT_FSIZE, 0),
        ):
            _, hard = resource.getrlimit(kind)
            bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
            resource.setrlimit(kind, (bound, bound))
else:

    def _shut_in() -> None:
        """There are no such limits."""


def main() -> None:
    """Read the workbook on standard input; the exit status is 0 when all of it can be read."""
    data = sys.stdin.buffer.read()
    _shut_in()
    book = CalamineWorkbook.from_filelike(BytesIO(data))
    for position in range(len(book.sheet_names)):
        sheet = book.get_sheet_by_index(position)
        for _ in zip(range(2), sheet.iter_rows(), strict=False):
            pass


if __name__ == "__main__":
    main()
