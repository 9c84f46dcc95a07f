"""The verdict on every row of a list of invoices, and the clients that they bring. Pure: the same list and the same
workbook, the same verdicts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from importers.buyers import Buyer, Buyers
from importers.invoice_matching import KnownInvoices, Paper, same_number
from importers.numbering import Marks, numbered
from importers.rulings import settled
from importers.shaping import Shaped
from importers.sides import Sides
from importers.standing import Standing, Standings, differences
from importers.verdicts import Addition, Difference, Register, Ruling, Terms, Verdict, faults_of
from importers.written import WrittenRows, digest
from validators.contacts import read_tax_id
from validators.debtors import ClientIndex
from validators.invoices import read_invoices
from validators.names import name_key, names_close
from validators.problems import Problem, Severity
from validators.reading import Reading, start
from validators.records import Invoice
from validators.rows import Cell, Table, as_text, is_blank
from validators.tabs import INVOICES
from validators.text import fold

# A clash in one of these is for a person; the rest can be updated.
_IDENTITY = frozenset({"number", "client", "amount", "currency", "issued_on"})
_PAYMENT = frozenset({"paid", "paid_on"})


def judge_invoices(shaped: Shaped, register: Register, terms: Terms) -> list[Ruling]:
    """One ruling for each invoice of the list, in its order."""
    judge = _Judge(shaped, register, terms)
    rulings = judge.with_clients(settled(judge.ruling, range(len(shaped)), _may_settle).values())
    return list(numbered(rulings, register))


def _may_settle(ruling: Ruling) -> bool:
    """Whether it hangs on whom the invoice is for."""
    codes = {reason.code for reason in ruling.reasons}
    return ruling.verdict is Verdict.CONFLICT or (ruling.verdict is Verdict.REJECTED and codes == {"client_unnamed"})


class _Judge:
    def __init__(self, shaped: Shaped, register: Register, terms: Terms) -> None:
        self._shaped, self._register, self._terms = shaped, register, terms
        # Whose the invoices are is found by more than one cell, in buyers.py.
        buyers = ["-"] * len(shaped)
        table = Table(INVOICES, shaped.table.lines, {**shaped.table.columns, "client": buyers})
        ids = [f"#{position}" for position in range(len(shaped))]
        self._reading = start(table, ids, terms.context)
        self._written = WrittenRows(self._reading, terms.language)
        parsed = read_invoices(table, ids, terms.context, ClientIndex(()), terms.currency, terms.today)
        self._rows = parsed.records
        self._faults = faults_of(shaped, replace_problems(self._reading, parsed.problems), {"client"})
        self._ids, sellers, self._ksef = (shaped.key(name) for name in ("id", "seller", "ksef"))
        self._sellers = [_tax_id(text, terms.context.country) for text in sellers]
        assert shaped.buyers is not None
        self._buyers = Buyers(shaped.buyers, shaped.lines, register, terms, shaped.rejected)
        self._sides = Sides(terms.ours, self._sellers, self._buyers.tax_ids)
        self._papers = KnownInvoices(_paper(invoice, register) for invoice in register.invoices)
        self._invoices = {invoice.id: invoice for invoice in register.invoices}
        self._brought: dict[str, Addition] = {}
        self._owners: dict[str, str | None] = {i.id: i.client for i in register.invoices}
        self._standings = Standings(INVOICES, register, terms.context)
        self._marks = Marks(INVOICES, register)

    def ruling(self, position: int) -> Ruling:
        """The verdict on one invoice."""
        blank = Ruling(Verdict.REJECTED, self._shaped.rows(position), self._shaped.lines[position])
        buyer = self._buyers.of(position)
        faults = [*self._faults.get(position, ())]
        if buyer.reason is not None and buyer.reason.code in ("client_unnamed", "required_missing"):
            faults.append(buyer.reason)
        if faults:
            return replace(blank, reasons=tuple(faults))
        paper = self._row_paper(position)
        imported = self._imported(position, paper, buyer)
        if imported and not self._terms.update:
            return replace(blank, verdict=Verdict.KNOWN, id=imported)  # whatever people made of it since
        if doubt := self._sides.doubt(paper.seller, self._buyers.tax_ids[position]):
            return self._not_ours(blank, position, paper, doubt)
        same = [self._papers.by_id[imported]] if imported else self._same(position, paper)
        buyer = self._told_by(same, buyer, certain=bool(imported))
        if buyer.reason is not None:
            return replace(blank, verdict=Verdict.CONFLICT, reasons=(buyer.reason,))
        return self._beside(blank, position, same, paper, buyer) if same else self._new(blank, position, paper, buyer)

    def _beside(self, blank: Ruling, position: int, same: Sequence[Paper], paper: Paper, buyer: Buyer) -> Ruling:
        """The verdict on an invoice whose number stands here already."""
        if len(same) > 1:
            candidates = ", ".join(known.id for known in same)
            told = self._problem(blank, same[0].id, "several_invoices", "number", paper.number, candidates=candidates)
            return replace(blank, verdict=Verdict.CONFLICT, id=same[0].id, reasons=(told,))
        clashes = self._other_number(blank, position, same[0], paper) or tuple(
            self._clashes(blank, same[0], paper, buyer)
        )
        if clashes:
            return replace(blank, verdict=Verdict.CONFLICT, id=same[0].id, reasons=clashes)
        return self._matched(blank, position, same[0].id)

    def _not_ours(self, blank: Ruling, position: int, paper: Paper, doubt: str) -> Ruling:
        value = paper.seller if doubt == "other_seller" else str(self._buyers.tax_ids[position])
        verdict = Verdict.CONFLICT if doubt == "purchases_likely" else Verdict.REJECTED
        return replace(blank, verdict=verdict, reasons=(self._problem(blank, "", doubt, "", value),))

    def _told_by(self, same: Sequence[Paper], buyer: Buyer, *, certain: bool) -> Buyer:
        """The buyer, where its row leaves open who that is but the invoice that stands here tells."""
        owners = {self._owners[known.id] for known in same}
        if buyer.reason is None or len(owners) != 1 or not (certain or owners <= set(buyer.candidates)):
            return buyer
        return replace(buyer, face=buyer.face._replace(id=owners.pop() or ""), reason=None)

    def _imported(self, position: int, paper: Paper, buyer: Buyer) -> str:
        """The id of the record that an earlier import made of just this row."""
        imported = self._register.imported
        return imported.get(("invoices", self._digest(position, paper, buyer)), "") if imported else ""

    def _same(self, position: int, paper: Paper) -> list[Paper]:
        known = self._papers.by_id.get(self._ids[position])
        return [known] if known is not None else self._papers.of(paper)

    def _row_paper(self, position: int) -> Paper:
        row, ksef = self._rows[position], "".join(self._ksef[position].split())
        return Paper("", row.number, row.issued_on, row.amount, row.currency, self._sellers[position], ksef)

    def _new(self, ruling: Ruling, position: int, paper: Paper, buyer: Buyer) -> Ruling:
        if buyer.is_new:
            buyer, client = self._buyers.admit(buyer, ruling.line)
            self._brought[client.id] = client
        id_, _ = self._marks.next()
        values = self._values(position) | {"client": self._buyers.cell(buyer)}
        told = self._digest(position, paper, buyer)
        addition = Addition("invoices", id_, ruling.line, values, told, paper.seller, paper.ksef)
        self._papers.add(replace(paper, id=id_))
        self._invoices[id_], self._owners[id_] = self._rows[position], buyer.face.id
        self._standings.add(Standing(id_, dict(values), self._meanings(position), is_new=True, line=ruling.line))
        return replace(ruling, verdict=Verdict.NEW, id=id_, additions=(addition,))

    def with_clients(self, rulings: Iterable[Ruling]) -> list[Ruling]:
        """The rulings with each new client in that of its first invoice, so that they are written together."""
        waiting = dict(self._brought)
        found = []
        for ruling in sorted(rulings, key=lambda ruling: ruling.round):
            owner = self._owners.get(ruling.id) if ruling.additions else None
            client = waiting.pop(owner, None) if owner else None
            if client is not None:
                ruling = replace(ruling, additions=(replace(client, line=ruling.line), *ruling.additions))
            found.append(ruling)
        return sorted(found, key=lambda ruling: ruling.rows)

    def _digest(self, position: int, paper: Paper, buyer: Buyer) -> str:
        """Of the row as the file has it, its buyer among it."""
        whose = buyer.values.get("tax_id") or buyer.values.get("name") or buyer.values.get("email")
        return digest({**self._values(position), "client": whose, "seller": paper.seller, "ksef": paper.ksef})

    def _matched(self, ruling: Ruling, position: int, id_: str) -> Ruling:
        standing = self._standings.of(id_)
        cells = {name: cell for name, cell in self._values(position).items() if name not in _IDENTITY - {"issued_on"}}
        update = self._terms.update and not standing.is_new
        told = differences(
            INVOICES, standing, cells, self._meanings(position), self._register.vocabulary, update=update
        )
        told = self._payments(told, self._rows[position], self._invoices[id_])
        first = standing.line = standing.line or ruling.line
        contradicted = tuple(d for d in told if not is_blank(d.before))
        ruling = replace(ruling, id=id_, differences=told)
        if contradicted and first != ruling.line and (standing.is_new or self._terms.update):
            if not standing.is_new:
                ruling = replace(ruling, differences=tuple(replace(d, kept=True) for d in told))
            standing.take(ruling.changes, self._meanings(position))
            reasons = tuple(
                self._problem(
                    ruling, id_, "contradicts_row", d.field, d.after, other=as_text(d.before), line=str(first)
                )
                for d in contradicted
            )
            return replace(ruling, verdict=Verdict.CONFLICT, reasons=reasons)
        standing.take(ruling.changes, self._meanings(position))
        if standing.is_new:
            same = self._problem(ruling, id_, "duplicate_row", "", None, line=str(first))
            return replace(ruling, verdict=Verdict.DUPLICATE, reasons=(same,))
        return replace(ruling, verdict=Verdict.UPDATE if ruling.changes else Verdict.KNOWN)

    def _payments(self, told: tuple[Difference, ...], row: Invoice, known: Invoice) -> tuple[Difference, ...]:
        """The two cells of payment go together: both say the same in different words, or both are kept, or none."""
        paid = [d for d in told if d.field in _PAYMENT]
        if not paid:
            return told
        rest = tuple(d for d in told if d.field not in _PAYMENT)
        if row.paid == known.paid:
            return rest + tuple(d for d in paid if d.field == "paid_on" and known.paid and is_blank(d.before))
        kept = any(d.kept for d in paid)
        return rest + tuple(replace(d, kept=kept) for d in paid)

    def _other_number(self, ruling: Ruling, position: int, known: Paper, row: Paper) -> tuple[Problem, ...]:
        """The row bears the id of an invoice of another number: so it is with the ids of another workbook."""
        if known.id != self._ids[position] or same_number(known, row):
            return ()
        return (self._problem(ruling, known.id, "other_number", "number", row.number, other=known.number),)

    def _clashes(self, ruling: Ruling, known: Paper, row: Paper, buyer: Buyer) -> Any:
        if known.amount is not None and (known.amount, known.currency) != (row.amount, row.currency):
            told = f"{known.amount} {known.currency}".strip()
            yield self._problem(ruling, known.id, "other_amount", "amount", f"{row.amount} {row.currency}", other=told)
        if not self._is_buyer(self._invoices[known.id], self._owners[known.id], buyer):
            other = self._buyers.name_of(self._owners[known.id]) or self._invoices[known.id].client_text
            told = buyer.face.name or buyer.face.tax_id or ""
            yield self._problem(ruling, known.id, "other_buyer", "client", told, other=other)
        if known.issued_on and row.issued_on and known.issued_on != row.issued_on:
            told = known.issued_on.isoformat()
            yield self._problem(ruling, known.id, "other_date", "issued_on", row.issued_on, other=told)

    def _is_buyer(self, known: Invoice, owner: str | None, buyer: Buyer) -> bool:
        """Whether the invoice that stands is for this client, too; one whose client nobody knows goes by its words."""
        if owner is not None:
            return owner == buyer.face.id
        text = known.client_text
        told = {fold(each) for each in (buyer.face.name, buyer.face.tax_id or "", *buyer.face.emails)} - {""}
        return not text or fold(text) in told or names_close(name_key(text), name_key(buyer.face.name))

    def _values(self, position: int) -> dict[str, Cell]:
        values = self._written.of(position)
        row = self._rows[position]
        values |= {"amount": row.amount}
        if "currency" in values or row.currency != self._terms.currency:
            values["currency"] = row.currency
        if isinstance(self._reading.columns["paid"].values[position], Decimal):
            values["paid"] = row.paid
        return {name: cell for name, cell in values.items() if name != "client" and cell is not None}

    def _meanings(self, position: int) -> dict[str, Any]:
        return {name: column.values[position] for name, column in self._reading.columns.items()}

    @staticmethod
    def _problem(ruling: Ruling, id_: str, code: str, field: str, value: Cell, **params: str) -> Problem:
        told: Mapping[str, str] = {"id": id_, **params}
        return Problem("invoices", ruling.line, id_, field, value, code, told, Severity.WARNING)


def replace_problems(reading: Reading, problems: tuple[Problem, ...]) -> Reading:
    """The reading with everything that was found wrong with its invoices, as invoices and not only as cells."""
    return replace(reading, problems=list(problems))


def _tax_id(text: str, country: str) -> str:
    """A seller's tax id, compact; one that is none as it is written."""
    found = read_tax_id(text, country)
    return found if isinstance(found, str) else "".join(text.split())


def _paper(invoice: Invoice, register: Register) -> Paper:
    origin = register.origins.get(invoice.id, ("", ""))
    return Paper(invoice.id, invoice.number, invoice.issued_on, invoice.amount, invoice.currency, *origin)
