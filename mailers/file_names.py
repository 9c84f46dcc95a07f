"""Under which names the PDF of an invoice may lie, and what it is called in a letter. Pure; looks for no file."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Protocol

from mailers.addresses import clean
from mailers.reminders import Enclosed

_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f]')  # what no file name may hold on one system or another
_WITHIN = re.compile(r'[<>:"\\|?*\x00-\x1f]')
_LONGEST = 100  # characters of a name in a letter


class Files(Protocol):
    """Where the PDFs of invoices are found."""

    def enclosed(self, numbers: Sequence[str], shared: frozenset[str]) -> Enclosed:
        """What goes with one letter about the invoices `numbers`, and why the others do not; `shared` are the names
        that may mean several invoices."""
        ...


def folded(name: str) -> str:
    """The name as it is compared: without regard to case, and to how a letter with an accent is stored.

    >>> folded("Zażółć.PDF") == folded(unicodedata.normalize("NFD", "zażółć.pdf"))
    True
    """
    return unicodedata.normalize("NFC", name).casefold()


def file_names(number: str) -> tuple[str, ...]:
    """The names that the PDF of invoice `number` may have, folded, the preferred one first: with "-", or with "_", for
    every character that cannot stand in a file name, or in folders, one for each "/".

    >>> file_names("FV/12/2026")
    ('fv-12-2026.pdf', 'fv_12_2026.pdf', 'fv/12/2026.pdf')
    """
    plain = folded(number.strip())
    if not plain:
        return ()
    names = [f"{_FORBIDDEN.sub(instead, plain)}.pdf" for instead in "-_"]
    return tuple(dict.fromkeys([*names, f"{_WITHIN.sub('-', plain)}.pdf"]))


def shared(numbers: Iterable[str]) -> frozenset[str]:
    """The names that belong to more than one of `numbers`: nobody can tell whose file that is.

    >>> sorted(shared(["FV/1", "FV-1", "FV/2", "fv/2"]))
    ['fv-1.pdf']
    """
    different = {folded(number.strip()) for number in numbers}
    counts = Counter(name for number in different for name in file_names(number))
    return frozenset(name for name, count in counts.items() if count > 1)


def shown_name(number: str) -> str:
    """What the file is called in a letter.

    >>> shown_name("FV/12/2026")
    'FV-12-2026.pdf'
    """
    return f"{_FORBIDDEN.sub('-', clean(number))[:_LONGEST].strip(' .') or 'PDF'}.pdf"
