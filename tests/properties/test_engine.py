"""What must hold of the engine whatever people have typed: over made-up workbooks, in draft and in live mode."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import settings as given_settings
from hypothesis import strategies as st

from config import reasons
from sync import saved_plans
from sync.book import locate
from sync.decide import Decision
from sync.snapshot import Sheet, Snapshot
from tests.workbooks_for_tests import Desk, at, desk, settings
from tests.workbooks_made_up import workbooks
from validators.headers import Header
from validators.records import Invoice
from validators.rows import Cell
from validators.status import OPEN, Standing, Status
from validators.tabs import CLIENTS, INVOICES, Owner, tab

NOW = "2026-10-14"
EVERY_DAY = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
MODES = st.sampled_from(["draft", "live"])
SOUND = (Status.PAID, Status.CANCELLED, Status.OVERPAID, Status.SETTLED, Status.CREDIT_NOTE)
few = given_settings(max_examples=40, deadline=None)


@contextmanager
def made(sheets: Sequence[Sheet], mode: str = "draft") -> Iterator[Desk]:
    with TemporaryDirectory() as folder:
        yield desk(Path(folder), sheets=sheets, options=settings(mode, sending_days=EVERY_DAY))


@few
@given(workbooks(), MODES)
def test_idempotent_after_a_sync_there_is_nothing_left_to_do(sheets: Sequence[Sheet], mode: str) -> None:
    """Plan, apply, plan again: an empty plan and no new letter; a second sync writes nothing."""
    with made(sheets, mode) as office:
        office.sync(NOW)
        decision = office.look(NOW)
        assert (decision.plan.changes, decision.plan.appended) == ((), ())
        assert decision.fresh == ()
        before = office.workbook.read()
        office.sync(NOW)
        assert office.workbook.read() == before


@few
@given(workbooks())
def test_own_cells_only_no_plan_names_a_team_field_but_stage_and_tags(sheets: Sequence[Sheet]) -> None:
    with made(sheets) as office:
        plan = office.look(NOW).plan
        owners = {(c.tab, c.field): tab(c.tab).field(c.field).owner for c in plan.changes}
        assert Owner.TEAM not in owners.values()
        assert {key for key, owner in owners.items() if owner is Owner.NORMALISED} <= {
            ("clients", "stage"),
            ("clients", "tags"),
        }
        assert {row.tab for row in plan.appended} <= {"history"}


@few
@given(workbooks(), MODES)
def test_own_cells_only_every_other_cell_stands_as_it_stood(sheets: Sequence[Sheet], mode: str) -> None:
    """Cell by cell, before and after: title rows, unknown columns, team columns, and every formula of theirs."""
    with made(sheets, mode) as office:
        before = office.workbook.read()
        office.sync(NOW)
        after = office.workbook.read()
        for name in ("clients", "invoices"):
            place = locate(before)[name]
            assert place.header is not None
            ours = {c for f, c in place.header.columns.items() if tab(name).field(f).owner is Owner.SERVICE}
            tidied = {place.header.columns.get("stage"), place.header.columns.get("tags")} - {None}
            old, new = _cells(before, place.sheet.title), _cells(after, place.sheet.title)
            formulas = place.sheet.formulas
            for spot, value in old.items():
                row, column = spot
                free = row > place.header.index and (column in ours or (column in tidied and spot not in formulas))
                assert free or (new[spot] == value and type(new[spot]) is type(value)), spot
            assert {s for s in formulas if s[1] not in ours} <= _sheet(after, place.sheet.title).formulas


@few
@given(workbooks())
def test_total_every_row_has_exactly_one_answer_and_every_open_invoice_a_reason(sheets: Sequence[Sheet]) -> None:
    with made(sheets) as office:
        decision = office.look(NOW)
        answered = [answer.id for answer in decision.today.answers]
        assert sorted(answered) == sorted(set(decision.found.ids["invoices"]))
        assert {str(answer.code) for answer in decision.today.answers} <= reasons.codes()
        office.sync(NOW)
        for invoice in decision.found.invoices:
            if decision.today.standings[invoice.id].status in OPEN:
                assert str(office.cell("invoices", invoice.id, "why")).strip()


@few
@given(workbooks())
def test_letters_go_only_to_whom_they_may_and_one_to_a_client(sheets: Sequence[Sheet]) -> None:
    """Never for what is paid, cancelled, covered, held or in doubt; every line says what is left."""
    with made(sheets) as office:
        decision = office.look(NOW)
        answers = {answer.id: answer for answer in decision.today.answers}
        invoices = {invoice.id: invoice for invoice in decision.found.invoices}
        clients = [letter.client for letter in decision.today.letters]
        assert len(clients) == len(set(clients))
        written = {id_ for letter in decision.today.letters for id_ in letter.invoices}
        assert written == {a.id for a in answers.values() if a.send and a.rule and a.rule.channel == "e-mail"}
        for letter in decision.today.letters:
            assert len(letter.to) == 1
            assert letter.to[0].count("@") == 1
            for id_ in letter.invoices:
                assert _may_be_reminded_of(invoices[id_], decision)
                assert invoices[id_].client == letter.client


def _may_be_reminded_of(invoice: Invoice, decision: Decision) -> bool:
    standing = decision.today.standings[invoice.id]
    client = next(c for c in decision.found.clients if c.id == invoice.client)
    held = any(hold and hold >= at(NOW).date() for hold in (invoice.hold_until, client.hold_until))
    doubtful = invoice.doubtful & {
        "amount",
        "currency",
        "due_on",
        "paid",
        "client",
        "number",
        "cancelled",
        "hold_until",
    }
    return bool(standing.status not in SOUND and standing.remaining and not held and not doubtful)


@given_settings(max_examples=15, deadline=None)
@given(workbooks(), st.lists(st.integers(0, 9), min_size=2, max_size=6))
def test_never_twice_and_never_too_soon_over_many_days(sheets: Sequence[Sheet], gaps: Sequence[int]) -> None:
    """Live runs with gaps between them: each step of an invoice goes once, upwards, three days between a client's."""
    with made(sheets, "live") as office:
        day, last = date(2026, 10, 5), dict[str, date]()
        steps: dict[str, list[int]] = defaultdict(list)
        for gap in gaps:
            day += timedelta(days=gap)
            for letter in office.sync(f"{day}").letters:
                assert (day - last.get(letter.client, date.min)).days >= 3
                last[letter.client] = day
                for id_, step in letter.steps:
                    steps[id_].append(int(step))
        assert all(done == sorted(set(done)) for done in steps.values())


@few
@given(workbooks())
def test_money_neither_comes_into_being_nor_gets_lost_in_the_set_off(sheets: Sequence[Sheet]) -> None:
    """By client and currency: what was invoiced less what was paid and credited is what is open less unused credit;
    credit lies idle only where nothing is open."""
    with made(sheets) as office:
        decision = office.look(NOW)
        standing, accounts = decision.today.standings, defaultdict(list)
        for invoice in decision.found.invoices:
            if invoice.client and invoice.currency and invoice.amount is not None and "paid" not in invoice.doubtful:
                accounts[invoice.client, invoice.currency].append(invoice)
        for (client, currency), invoices in accounts.items():
            remaining = sum((_known(standing[i.id]) for i in invoices), Decimal(0))
            used = sum((standing[i.id].credit for i in invoices), Decimal(0))
            pool = sum((i.surplus for i in invoices), Decimal(0))
            assert sum(map(_owed, invoices), Decimal(0)) == remaining - (pool - used)
            assert used <= pool
            assert not remaining or used == pool
            assert all(_known(standing[i.id]) >= 0 for i in invoices)
            balance = decision.today.balances.get(client)
            assert remaining == (balance.open.get(currency, Decimal(0)) if balance else 0)


def _owed(invoice: Invoice) -> Decimal:
    """What the row alone says is owed: negative where the firm owes the client."""
    if invoice.cancelled or invoice.amount is None:
        return Decimal(0)
    return invoice.amount - invoice.paid if invoice.amount >= 0 else min(invoice.amount + invoice.paid, Decimal(0))


def _known(standing: Standing) -> Decimal:
    assert standing.remaining is not None
    return standing.remaining


@few
@given(workbooks(sound_ids=True), st.integers(0, 999))
def test_the_order_of_rows_and_columns_decides_nothing(sheets: Sequence[Sheet], seed: int) -> None:
    """Sort the sheet, move its columns: the same standings, the same answers, the same letters."""
    with made(sheets) as office, made([_shuffled(sheet, seed) for sheet in sheets]) as other:
        mine, theirs = office.look(NOW).today, other.look(NOW).today
        assert mine.standings == theirs.standings
        assert {a.id: a[:5] for a in mine.answers} == {a.id: a[:5] for a in theirs.answers}
        assert {x.message_id: x for x in mine.letters} == {x.message_id: x for x in theirs.letters}
        assert mine.balances == theirs.balances


@few
@given(workbooks())
def test_a_saved_plan_comes_back_as_it_was(sheets: Sequence[Sheet]) -> None:
    with made(sheets) as office:
        decision = office.look(NOW)
        path = office.folder.with_name("plan.json")
        saved_plans.save(path, decision.plan, decision.fresh, at(NOW), "memory")
        saved = saved_plans.load(path, at(NOW), "memory")
        assert saved.restored() == decision.plan
        assert saved.letters == decision.fresh


def _shuffled(sheet: Sheet, seed: int) -> Sheet:
    """The same rows and columns in another order; formulas move with their cells."""
    name = CLIENTS if sheet.title in (CLIENTS.pl, CLIENTS.en) else INVOICES
    header = locate(Snapshot("", "", (sheet,)))[name.name].header
    assert isinstance(header, Header)
    width = max(map(len, sheet.rows))
    columns, rows = list(range(width)), list(range(header.index + 1, len(sheet.rows)))
    Random(seed).shuffle(columns)
    Random(seed).shuffle(rows)
    order = [*range(header.index + 1), *rows]
    grid = [[(*sheet.rows[r], *[None] * width)[c] for c in columns] for r in order]
    moved = {(order.index(r), columns.index(c)) for r, c in sheet.formulas}
    return Sheet(sheet.title, grid, frozenset(moved))


def _sheet(snapshot: Snapshot, title: str) -> Sheet:
    return next(sheet for sheet in snapshot.sheets if sheet.title == title)


def _cells(snapshot: Snapshot, title: str) -> dict[tuple[int, int], Cell]:
    rows = _sheet(snapshot, title).rows
    return {(r, c): cell for r, row in enumerate(rows) for c, cell in enumerate(row)}
