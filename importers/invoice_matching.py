"""Which invoice of the register a row of a list is: by KSeF number, else number, seller and day of issue. Pure."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from validators.duplicates import number_key
from validators.text import fold


@dataclass(frozen=True, slots=True)
class Paper:
    """What an invoice is recognised by; `seller` is a tax id, or "" where only one firm issues invoices."""

    id: str
    number: str
    issued_on: date | None
    amount: Decimal | None
    currency: str
    seller: str = ""
    ksef: str = ""


class KnownInvoices:
    """Invoices, to be looked up by whatever tells them."""

    def __init__(self, papers: Iterable[Paper]) -> None:
        self.by_id: dict[str, Paper] = {}
        self._by_number: dict[str, list[Paper]] = defaultdict(list)
        for paper in papers:
            self.add(paper)

    def add(self, paper: Paper) -> None:
        """One more invoice."""
        self.by_id[paper.id] = paper
        self._by_number[_key(paper.number)].append(paper)

    def of(self, row: Paper) -> list[Paper]:
        """The invoices that `row` may be: one as a rule, none for a new one.

        A KSeF number tells for certain. The same number of another seller, or of another year, is another invoice;
        of another day of one year it may be a slip, so it counts.
        """
        same = [paper for paper in self._by_number.get(_key(row.number), ()) if _may_be(paper, row)]
        certain = [paper for paper in same if row.ksef and paper.ksef == row.ksef]
        same_day = [paper for paper in same if paper.issued_on == row.issued_on]
        undated = [paper for paper in same if not (paper.issued_on and row.issued_on)]
        # Where a number stands for several days already, it comes again: this is one more.
        return certain or same_day or undated or (same if len(same) == 1 else [])


def _may_be(paper: Paper, row: Paper) -> bool:
    if row.ksef and paper.ksef:
        return row.ksef == paper.ksef
    if row.seller and paper.seller and row.seller != paper.seller:
        return False
    return not (row.issued_on and paper.issued_on and row.issued_on.year != paper.issued_on.year)


def same_number(paper: Paper, row: Paper) -> bool:
    """Whether both bear one number, however it is written."""
    return _key(paper.number) == _key(row.number)


def _key(number: str) -> str:
    return number_key(number) or fold(number) or number.strip()
