"""What the doctor says: checks, one after the other, and the lines that come of them. What is checked is not here."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from sync.commands.work import Terminal
from validators.errors import KartotekaError


@dataclass(frozen=True, slots=True)
class Seen:
    """What a check saw, and what would be better to do although it is well."""

    text: str
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to look at; what follows a `gate` that is not well cannot be looked at."""

    name: str
    look: Callable[[], Seen]
    gate: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: what was looked at, whether it is well, what was seen, what to do. A line that is well and yet has
    advice is a warning: the run does not fail for it. `status` is the exit status of what is not well."""

    name: str
    well: bool
    seen: str
    advice: str = ""
    status: int = 0


def examine(checks: Iterable[Check]) -> Iterator[Finding]:
    """Carry checks out, one after the other, as far as one allows the next."""
    for check in checks:
        try:
            seen = check.look()
        except KartotekaError as error:
            yield Finding(check.name, well=False, seen=error.what, advice=error.advice, status=error.exit_status)
            if check.gate:
                return
        else:
            yield Finding(check.name, well=True, seen=seen.text, advice=seen.advice)


def show(terminal: Terminal, finding: Finding) -> None:
    """One finding as a line, its advice below."""
    mark = "[red]no [/]" if not finding.well else "[yellow]!  [/]" if finding.advice else "[green]ok [/]"
    terminal.out.print(mark, end=" ")
    terminal.out.print(f"{finding.name:<11} {finding.seen}", soft_wrap=True, markup=False)
    if finding.advice:
        terminal.out.print(f"                {finding.advice}", soft_wrap=True, markup=False)
