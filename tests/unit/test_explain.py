"""What `explain` says of an invoice and of a client, beside the history."""

from datetime import date
from pathlib import Path

import pytest

from sync.explain import Explanation, explain
from tests.workbooks_for_tests import desk, invoice


@pytest.mark.parametrize(
    ("language", "amount", "paid", "left", "open_"),
    [
        ("pl", "1 230,00 zł", "30,50 zł", "1 199,50 zł", ["1 199,50 zł", "50,00 €"]),
        ("en", "PLN 1,230.00", "PLN 30.50", "PLN 1,199.50", ["PLN 1,199.50", "€50.00"]),
    ],
)
def test_amounts_are_written_as_in_the_sheet(
    tmp_path: Path, language: str, amount: str, paid: str, left: str, open_: list[str]
) -> None:
    due = date(2026, 10, 12)
    owed = [invoice(amount=1230, paid=30.5, due_on=due), invoice(number="FV/2", amount=50, currency="EUR", due_on=due)]
    decision = desk(tmp_path, owed).look("2026-10-13")
    about, client = (told(explain(decision, id_, language)) for id_ in ("F-0001", "K-0001"))
    assert (about["amount"], about["paid so far"], about["remaining"]) == (amount, paid, left)
    assert [sorted(client[name].split("; ")) for name in ("open", "overdue")] == [open_, open_]


def told(explanation: Explanation) -> dict[str, str]:
    return {name: text.replace("\N{NO-BREAK SPACE}", " ") for name, text in explanation.facts}
