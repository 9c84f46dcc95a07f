"""Jinja2's home: the sandbox in which the team's templates are filled in, and the page around the words of a letter.

Pure. The sandbox runs in a child process (mailers/rendering_child.py), because no sandbox stops a template that is only
too much work; the page is our own, takes finished text, escapes all of it, and stays with the parent.
"""

import re
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from importlib import resources
from traceback import walk_tb
from typing import NoReturn, cast

from jinja2 import Environment, StrictUndefined, Template, pass_context
from jinja2.exceptions import SecurityError, TemplateError, TemplateSyntaxError, UndefinedError
from jinja2.meta import TrackingCodeGenerator
from jinja2.nodes import Name
from jinja2.nodes import Template as Tree
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from mailers.wording import days, long_date, plural

# Stands for the table in a rendered body. No value and no template can contain it: both lose control characters.
TABLE = "\x02"
_MOST_TABLES = 20
_LONGEST_DETAIL = 200
_FILE = "<template>"
# What a template can make Python raise: wrong types and values, nesting too deep, codecs whose files stay shut.
_SLIPS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    ImportError,
    LookupError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one template may use: seconds of CPU, megabytes of memory, kilobytes of output (UTF-8), and `patience`,
    the seconds on the clock after which it is stopped whatever it does."""

    seconds: float = 2
    megabytes: int = 512
    kilobytes: int = 256
    patience: float = 5


class Unusable(Exception):
    """A template cannot be filled in: the line (from 1; 0 = the subject), and code, detail and reason as TemplateFault
    has them (mailers/letters.py). When `passing`, the machine may be the reason: it can go right another time."""

    def __init__(self, line: int, code: str, detail: str, reason: str, *, passing: bool = False) -> None:
        super().__init__(line, code, detail, reason)
        self.passing = passing
        self.line = line
        self.code = code
        self.detail = detail
        self.reason = reason


class OutOfTime(BaseException):
    """The CPU time is spent. Raised from outside into whatever is going on; Jinja2 catches every `Exception`."""


class _Lengthy(Exception):
    """The output is longer than it may be."""


class _Unknown(TemplateError):
    """A name that no template knows."""

    def __init__(self, name: str, lineno: int) -> None:
        super().__init__(name)
        self.name = name
        self.lineno = lineno


def too_much(detail: str, line: int = 1, *, passing: bool = False) -> Unusable:
    """The fault of a template that goes beyond a limit; `detail` is that limit with its unit: "2 s"."""
    reason = f"it is too much: more than {detail} for one letter."
    return Unusable(line, "too_much", detail, reason, passing=passing)


def filled_in(source: str, language: str, names: Mapping[str, object], today: date, limits: Limits) -> str:
    """The text of one template, whose words are in `language`. `names` are plain values; `today` is the day from which
    `day_after(n)` counts.

    Raises:
        Unusable: it cannot be filled in, or is too much; CPU time runs out when somebody raises OutOfTime in here.
    """

    def day_after(number: int) -> str:
        return long_date(today + timedelta(days=number), language)

    template: Template | None = None
    try:
        template = _compiled(source, language, frozenset((*names, "day_after")))
        pieces = cast("Generator[str]", template.generate({**names, "day_after": day_after}))
        return _joined(pieces, limits.kilobytes * 1024)
    except _Lengthy as error:
        raise too_much(f"{limits.kilobytes} KB", _line(error)) from None
    except MemoryError as error:
        raise too_much(f"{limits.megabytes} MB", _line(error)) from None
    except OutOfTime as error:
        line = _line(error)
        raise too_much(f"{limits.seconds:g} s", template.get_corresponding_lineno(line) if template else line) from None
    except (TemplateError, *_SLIPS) as error:
        raise _explained(error) from None


def _joined(pieces: Generator[str], room: int) -> str:
    """The pieces in one, counted while they come: an endless output is stopped where the template makes it."""
    kept, tables = [], 0
    try:
        for piece in pieces:
            # What is far too long is not looked at: that alone can take seconds.
            room -= len(piece) if len(piece) > room or piece.isascii() else len(piece.encode("utf-8", "surrogatepass"))
            tables += piece.count(TABLE) if room >= 0 else 0
            if room < 0 or tables > _MOST_TABLES:
                pieces.throw(_Lengthy())
            kept.append(piece)
    except OutOfTime as error:  # between two pieces: only the template knows its line
        pieces.throw(error)
    return "".join(kept)


@lru_cache(maxsize=64)
def _compiled(source: str, language: str, names: frozenset[str]) -> Template:
    environment = _environment(language)
    tree = environment.parse(source)
    unknown = _undeclared(tree, environment) - names - set(environment.globals)
    for node in tree.find_all(Name):
        if node.name in unknown:
            raise _Unknown(node.name, node.lineno)
    return environment.from_string(source)


def _undeclared(tree: Tree, environment: Environment) -> set[str]:
    """As jinja2.meta.find_undeclared_variables has it, but without its optimizer, which would work out constants."""
    tracking = TrackingCodeGenerator(environment)
    tracking.optimizer = None
    tracking.visit(tree)
    return tracking.undeclared_identifiers


class _Sandbox(ImmutableSandboxedEnvironment):
    """The sandbox without powers: 9**9**9 would keep us busy for hours, and so would a long range()."""

    intercepted_binops = frozenset({"**"})

    def call_binop(self, context: Context, operator: str, left: object, right: object) -> NoReturn:  # noqa: ARG002
        raise SecurityError(f"the operator {operator}")


@pass_context
def _as_it_is(_context: Context, value: object) -> object:
    return value


@lru_cache(maxsize=4)
def _environment(language: str) -> Environment:
    # Plain text is not escaped; the HTML part is made of the finished text, and all of that is. Nothing is worked out
    # while compiling (no optimizer, and a `finalize` that wants the context): what goes wrong there has no line.
    environment = _Sandbox(
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, optimized=False, finalize=_as_it_is
    )

    def plural_(number: int, *forms: str) -> str:
        return plural(number, forms, language)

    own = {"plural": plural_, "days": lambda number: days(number, language)}
    environment.globals = {"namespace": environment.globals["namespace"], **own}
    environment.filters.update(own)
    return environment


def _line(error: BaseException) -> int:
    lineno = getattr(error, "lineno", None)
    if isinstance(error, TemplateError) and isinstance(lineno, int):
        return lineno
    lines = [number for frame, number in walk_tb(error.__traceback__) if frame.f_code.co_filename == _FILE]
    return (lines[-1] if lines else None) or 1


def _explained(error: Exception) -> Unusable:
    # What the system says names files of this machine; the team reads this.
    message = "" if isinstance(error, OSError) else str(error)[:_LONGEST_DETAIL].rstrip(".")
    line = _line(error)
    if isinstance(error, _Unknown):
        return Unusable(line, "unknown_name", error.name, f"'{error.name}' is not a name that templates know.")
    if isinstance(error, UndefinedError):
        found = re.search(r"'(\w+)'(?: is undefined)?$", message)
        return Unusable(line, "unknown_name", found[1] if found else message, f"{message}.")
    if isinstance(error, SecurityError):
        return Unusable(line, "forbidden", message, f"this is not allowed in a template: {message}.")
    if isinstance(error, TemplateSyntaxError):
        return Unusable(line, "syntax", message, f"this is not Jinja2: {message}.")
    return Unusable(line, "failed", message, f"it cannot be worked out: {message or type(error).__name__}.")


@lru_cache(maxsize=1)
def page() -> Template:
    """The page around the words of a letter (mailers/layout.html); everything that it is given is escaped."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(resources.files("mailers").joinpath("layout.html").read_text("utf-8"))
