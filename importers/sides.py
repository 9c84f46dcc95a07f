"""On which side of an invoice the firm stands: what it has sold is its claim, what it has bought is not. Pure.

Exports of KSeF, e-invoices and lists of documents hold both kinds; only the tax ids tell them apart. What earlier
imports brought does not count: an import that is begun anew must come to the same verdicts.
"""

from collections.abc import Iterable, Sequence


class Sides:
    """The firm's tax ids (`ours`; none where nobody has told them), and those of the `sellers` and `buyers` of a list:
    "" or None where nothing is told."""

    def __init__(self, ours: Iterable[str], sellers: Sequence[str], buyers: Sequence[object]) -> None:
        self._ours = frozenset(ours)
        self._likely = not self._ours and _one_buyer(sellers, buyers)

    def doubt(self, seller: str, buyer: object) -> str:
        """Why an invoice is no claim of the firm: the code of a reason, "" when it may be one."""
        if not seller or seller in self._ours:
            return ""
        if self._ours:
            return "purchase" if buyer in self._ours else "other_seller"
        return "purchases_likely" if self._likely else ""


def _one_buyer(sellers: Sequence[str], buyers: Sequence[object]) -> bool:
    """Whether all that is known was sold to one buyer by several sellers: a list of purchases looks so."""
    return len(set(sellers) - {""}) > 1 and len(set(buyers)) == 1 and None not in buyers and "" not in buyers
