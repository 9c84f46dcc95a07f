"""`make bench`: measures and prints a Markdown table; `--write` puts it into the README, `--quick` only tries it."""

import argparse
import sys
from pathlib import Path

from sync.__main__ import spare_collector
from tests.benchmarks.measuring import QUICK, ROOT, Measured, Sizes, Times, measure, spread
from tests.benchmarks.register import INVOICES_PER_CLIENT

START, END = "<!-- bench -->", "<!-- /bench -->"


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
        ("`kartoteka --help`, on the clock", spread(found.help, " s"), "< 0.4 s"),
    ]
    head = ["| what | measured | aim |", "|---|---|---|"]
    return "\n".join([*head, *(f"| {' | '.join(row)} |" for row in rows)])


def placed(page: str, content: str) -> str:
    """`page` with `content` between the marks; unchanged when it does not bear both."""
    before, start, rest = page.partition(START)
    _, end, after = rest.partition(END)
    return f"{before}{start}\n{content}\n{end}{after}" if start and end else page


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
    parser.add_argument("--write", action="store_true", help=f"put the table between {START} and {END} of the README")
    options = parser.parse_args(arguments)
    content = table(measure(QUICK if options.quick else Sizes()))
    sys.stdout.write(f"{content}\n")
    if options.write:
        readme: Path = ROOT / "README.md"
        readme.write_text(placed(readme.read_text(encoding="utf-8"), content), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
