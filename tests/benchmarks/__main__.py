"""`make bench`: measures and prints Markdown tables; `--write` puts them into the README, `--quick` only tries them."""

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from sync.__main__ import spare_collector
from tests.benchmarks import commands, lists
from tests.benchmarks.google import Counted, counted
from tests.benchmarks.letters import Raced, raced
from tests.benchmarks.measuring import QUICK, ROOT, Measured, Sizes, Times, measure, spread
from tests.benchmarks.register import INVOICES_PER_CLIENT
from tests.benchmarks.rivals import Cost, Work, assignment, compared

# Of the Google part: clients of the two workbooks; rows, cells and new rows of the work that rivals do too.
GOOGLE, GOOGLE_QUICK = ((20, 20_000), (10_000, 500, 200)), ((10, 20), (100, 20, 20))
# Of the letters: how many in a round, and rounds.
LETTERS, LETTERS_QUICK = (200, 5), (5, 1)
# Of whole commands: clients of the workbooks, and rounds of --help.
COMMANDS, COMMANDS_QUICK = ((20, 2_000, 20_000), 5), ((4,), 1)


def table(found: Measured) -> str:
    """What was measured, as Markdown."""
    sizes, ten = found.sizes, found.sizes.large / found.sizes.small
    rows = [
        *_look(sizes.small, found.small),
        *_look(sizes.large, found.large),
        (
            f"growth for {ten:.0f} times the rows, in new processes",
            f"{found.cold_growth:.1f}",
            f"≤ {1.1 * ten:.0f}",
        ),
        ("the same, again and again in one process", spread(found.growth), ""),
        ("the same, `json.loads` alone", spread(found.json_growth), ""),
        *_duplicates(found),
    ]
    return _markdown(("what", "measured", "aim"), rows)


def google_tables(counts: Sequence[Counted], job: Work, costs: dict[str, Cost]) -> str:
    """The requests of syncs, and what the same work costs in different ways, as Markdown."""
    busy = " / ".join(f"{c.paid:,}" for c in counts)
    written = " / ".join(f"{c.cells:,} + {c.appended:,}" for c in counts)
    syncs = [
        ("nothing to do", *(f"{c.quiet}" for c in counts), "1"),
        (f"{busy} invoices paid ({written} cells and rows written)", *(f"{c.busy}" for c in counts), "2"),
        ("the first, where everything changes", *(f"{c.first:,}" for c in counts), ""),
    ]
    cells, rows = len(job.plan.changes), len(job.plan.appended)
    what = f"2 tabs of {job.rows:,} rows read, {cells:,} cells set, {rows:,} rows appended"
    return "\n\n".join(
        (
            _markdown(("requests of one sync with Google", *(f"{c.rows:,} rows" for c in counts), "aim"), syncs),
            _markdown(
                (what, "requests", "sent", "received", "client CPU", "cells left wrong"),
                [(name, *_cost(cost)) for name, cost in costs.items()],
            ),
        )
    )


def letters_table(found: Sequence[Raced], count: int) -> str:
    """Letters a second by ours and by a bare loop, as Markdown."""
    rows = [(r.server, spread(r.bare), spread(r.ours), spread(r.ratios), "≥ 0.8", f"{r.syncs:.2f}") for r in found]
    head = (
        f"{count} letters to a mail server",
        "bare smtplib, a second",
        "ours, a second",
        "ratio",
        "aim",
        "syncs each",
    )
    return _markdown(head, rows)


def placed(page: str, content: str, name: str = "bench") -> str:
    """`page` with `content` between the marks called `name`; unchanged when it does not bear both."""
    before, start, rest = page.partition(f"<!-- {name} -->")
    _, end, after = rest.partition(f"<!-- /{name} -->")
    return f"{before}{start}\n{content}\n{end}{after}" if start and end else page


def _markdown(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    first, *others = (f"| {' | '.join(line)} |" for line in (head, *rows))
    return "\n".join((first, "|" + "---|" * len(head), *others))


def _cost(cost: Cost) -> tuple[str, ...]:
    sent, received = (f"{size / 1e6:,.2f} MB" for size in (cost.sent, cost.received))
    return f"{cost.requests:,}", sent, received, f"{cost.seconds:.2f} s", f"{cost.wrong:,}"


def _look(clients: int, times: Times) -> list[tuple[str, str, str]]:
    size = f"{clients:,} clients + {clients * INVOICES_PER_CLIENT:,} invoices"
    alone = times.alone
    return [
        (f"{size}: parse, validate, decide, against `json.loads` of the same values", spread(times.ratios), "≤ 5"),
        (f"{size}: the same, CPU time", spread(times.look, " s"), ""),
        (f"{size}: in a new process, nothing remembered", f"{alone.seconds:.2f} s", ""),
        (f"{size}: first sync, where everything changes", f"{times.first:.2f} s", ""),
        (f"{size}: peak memory (the workbook itself)", f"{alone.peak:,.0f} MB ({alone.before:,.0f} MB)", ""),
    ]


def _duplicates(found: Measured) -> list[tuple[str, str, str]]:
    few, many = found.compared
    what = f"duplicates alone, {found.sizes.compared:,} clients"
    return [
        (f"{what}: CPU time", f"{many.seconds:.1f} s", "< 10 s"),
        (f"{what}: peak memory", f"{many.peak:,.0f} MB", "< 1,000 MB"),
        (f"{what}: growth from a tenth of them", f"{many.seconds / few.seconds:.1f}", ""),
    ]


def main(arguments: list[str]) -> None:
    """Measure, print, and write where asked to."""
    spare_collector()
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="tiny sizes: shows that it works, measures nothing")
    parser.add_argument("--write", action="store_true", help="put the tables between their marks in the README")
    parser.add_argument("--only", choices=PARTS, help="one part of it")
    options = parser.parse_args(arguments)
    for name in [options.only] if options.only else PARTS:
        content = PARTS[name](quick=options.quick)
        sys.stdout.write(f"{content}\n\n")
        if options.write:
            readme: Path = ROOT / "README.md"
            readme.write_text(placed(readme.read_text(encoding="utf-8"), content, name), encoding="utf-8")


def _bench(*, quick: bool) -> str:
    return table(measure(QUICK if quick else Sizes()))


def _google(*, quick: bool) -> str:
    workbooks, size = GOOGLE_QUICK if quick else GOOGLE
    job = assignment(*size)
    return google_tables([counted(clients) for clients in workbooks], job, compared(job))


def _letters(*, quick: bool) -> str:
    count, rounds = LETTERS_QUICK if quick else LETTERS
    return letters_table(list(raced(count, rounds)), count)


def _lists(*, quick: bool) -> str:
    sizes = lists.QUICK if quick else lists.Sizes()
    rows = [*lists.lines(lists.measured(sizes)), *lists.request_lines(lists.sent(sizes))]
    return _markdown(("what", "measured", "aim"), rows)


def _commands(*, quick: bool) -> str:
    sizes, rounds = COMMANDS_QUICK if quick else COMMANDS
    return _markdown(commands.head(sizes), commands.lines(sizes, rounds))


PARTS = {
    "bench-commands": _commands,
    "bench": _bench,
    "bench-google": _google,
    "bench-letters": _letters,
    "bench-lists": _lists,
}


if __name__ == "__main__":
    main(sys.argv[1:])
