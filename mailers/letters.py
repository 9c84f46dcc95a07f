"""From a decided reminder and a template to a letter in words: plain text and HTML, made of the same body. Pure.

A template is plain text: a subject, and a body whose paragraphs are separated by blank lines (a single line end stays a
line end). Both are Jinja2, sandboxed. They know these names:

- `client`: the client's name; `contact`: the contact person, or ""; `sender`: our name; `today`: today's date;
  `step`: the step of the ladder that sets the tone;
- `count`: how many invoices; `invoices`: the invoices, earliest due date first, each with `number`, `issued_on`,
  `due_on`, `amount`, `remaining` (what is left to pay), `settled` (what was paid or credited, or ""), `partly` (the
  same in words), `days_overdue` ("7 dni", or ""), `delay` ("7 dni po terminie", "termin za 3 dni"), `link`, `step`, and
  the whole number `days` (negative before the due date);
- `overdue`: those of `invoices` that are overdue, or all if none is; `overdue_count`: how many;
- `totals`: what is left to pay, a list with one sum for each currency; `overdue_totals`: the same of `overdue`;
- `table`: all invoices as a table with a total for each currency;
- `plural(n, 'faktura', 'faktury', 'faktur')`, also as a filter: the right form (in English two forms);
- `days(n)`: "1 dzień", "7 dni"; `day_after(n)`: the date n days from today.

Values are never read as templates, and everything is escaped in the HTML part.
"""

import re
import textwrap
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from importlib import resources
from typing import NoReturn

import css_inline
from jinja2 import Environment, StrictUndefined, Template
from jinja2.exceptions import SecurityError, TemplateError, TemplateSyntaxError, UndefinedError
from jinja2.meta import find_undeclared_variables
from jinja2.nodes import Name
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from mailers.addresses import clean, mailbox
from mailers.invoice_table import WIDTH, InvoiceTable, as_text, invoice_table, totals
from mailers.message_ids import message_id
from mailers.reminders import Letter, Reminder
from mailers.specimens import specimens
from mailers.wording import days, long_date, plural
from validators.templates import LetterTemplate

# Stands for the table in a rendered body. No value and no template can contain it: `clean` takes it out of both.
_TABLE = "\x02"
_SLIPS = (ArithmeticError, AttributeError, LookupError, MemoryError, RecursionError, TypeError, ValueError)
_MISTAKES = (TemplateError, *_SLIPS)


class TemplateFault(Exception):
    """A template cannot be used: its name and language, the line of the body (0 = the subject), and why.

    `code` is one of `absent`, `syntax`, `unknown_name`, `forbidden`, `failed`, `blank`, `twice`; `detail` is the name
    or the message that belongs to it; `reason` says the same in an English sentence.
    """

    def __init__(self, template: str, language: str, line: int, reason: str, code: str, detail: str = "") -> None:
        super().__init__(template, language, line, reason)
        self.template = template
        self.language = language
        self.line = line
        self.reason = reason
        self.code = code
        self.detail = detail

    def __str__(self) -> str:
        place = f"line {self.line}" if self.line else "the subject"
        return f"Template '{self.template}' ({self.language}), {place}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Sender:
    """Whom letters come from: `address` as "Biuro <biuro@example.pl>"; `reply_to` likewise, or "" for the same."""

    address: str
    reply_to: str = ""


class LetterWriter:
    """Words reminders with the team's templates. Of two templates of one name and language the first one counts."""

    def __init__(self, templates: Sequence[LetterTemplate], sender: Sender, workbook: str) -> None:
        """`workbook` is the workbook's lasting identity (sync.snapshot.Snapshot.workbook).

        Raises:
            ValueError: the sender's address, or the one for replies, is no e-mail address.
        """
        name, address = mailbox(sender.address)
        if sender.reply_to:
            mailbox(sender.reply_to)
        self._sender = sender
        self._sender_name = name or address
        self._workbook = workbook
        self._templates = tuple(templates)
        self._by_key = {_key(t.name, t.language): t for t in reversed(self._templates)}

    def write(self, reminder: Reminder) -> Letter:
        """The letter in the client's language, or in the other one if only that has the template.

        Raises:
            TemplateFault: there is no such template, or it cannot be rendered.
        """
        return self._letter(reminder, self._template(reminder))

    def check(self) -> tuple[TemplateFault, ...]:
        """The first fault of every template: each is rendered for made-up reminders of one and of several invoices."""
        return tuple(fault for template in self._templates if (fault := self._fault(template)))

    def _fault(self, template: LetterTemplate) -> TemplateFault | None:
        if self._by_key[_key(template.name, template.language)] is not template:
            reason = "it is there twice; the first one counts."
            return TemplateFault(template.name, template.language, 0, reason, "twice")
        return _tried(template, self._sender)

    def _template(self, reminder: Reminder) -> LetterTemplate:
        languages = (reminder.language, "en" if reminder.language == "pl" else "pl")
        for language in languages:
            template = self._by_key.get(_key(reminder.template, language))
            if template is not None:
                return template
        reason = "there is no such template."
        raise TemplateFault(reminder.template, reminder.language, 0, reason, "absent", reminder.template)

    def _letter(self, reminder: Reminder, template: LetterTemplate) -> Letter:
        table = invoice_table(reminder.lines, template.language)
        names = self._names(reminder, template.language, table)
        subject = clean(_rendered(template, template.subject, names, subject=True))
        blocks = _blocks(_rendered(template, template.body, names))
        for line, text in ((0, subject), (1, "".join(blocks))):
            if not text:
                raise TemplateFault(template.name, template.language, line, "nothing stands there.", "blank")
        return Letter(
            client=reminder.client,
            client_name=clean(reminder.client_name),
            to=reminder.to,
            sender=clean(self._sender.address),
            reply_to=clean(self._sender.reply_to),
            subject=subject,
            text=_text(blocks, table),
            html=self._html(blocks, table, subject, template.language),
            message_id=message_id(reminder, self._workbook, self._sender.address),
            step=reminder.step,
            language=template.language,
            invoices=tuple(line.invoice for line in reminder.lines),
            steps=tuple((line.invoice, line.step) for line in reminder.lines),
        )

    def _names(self, reminder: Reminder, language: str, table: InvoiceTable) -> dict[str, object]:
        late = [line for line in reminder.lines if line.days_overdue > 0] or reminder.lines
        overdue = [row for row in table.rows if row["days"] > 0] or list(table.rows)
        return {
            "client": clean(reminder.client_name),
            "contact": clean(reminder.contact_person),
            "invoices": list(table.rows),
            "count": len(table.rows),
            "overdue": overdue,
            "overdue_count": len(overdue),
            "totals": list(totals(reminder.lines, language)),
            "overdue_totals": list(totals(late, language)),
            "table": _TABLE,
            "sender": self._sender_name,
            "today": long_date(reminder.today, language),
            "step": clean(reminder.step),
            "day_after": lambda n: long_date(reminder.today + timedelta(days=n), language),
        }

    def _html(self, blocks: Sequence[str], table: InvoiceTable, subject: str, language: str) -> str:
        page = _layout().render(
            blocks=[None if block == _TABLE else block.split("\n") for block in blocks],
            table=table,
            subject=subject,
            language=language,
            sender=self._sender_name,
            address=mailbox(self._sender.reply_to or self._sender.address)[1],
        )
        return _INLINER.inline(page)


@lru_cache(maxsize=64)
def _tried(template: LetterTemplate, sender: Sender) -> TemplateFault | None:
    """The fault of a template alone; neither workbook nor day decides it, so it is looked for once."""
    writer = LetterWriter((template,), sender, "")
    try:
        for reminder in specimens(template.name, template.language):
            writer.write(reminder)
    except TemplateFault as fault:
        return fault.with_traceback(None)
    return None


def _key(name: str, language: str) -> tuple[str, str]:
    return " ".join(name.split()).casefold(), language


def _rendered(template: LetterTemplate, source: str, names: Mapping[str, object], *, subject: bool = False) -> str:
    source = "\n".join(_clean_line(line) for line in source.splitlines())
    try:
        return _compiled(source, template.language, frozenset(names)).render(names)
    except _MISTAKES as error:
        line = 0 if subject else _line(error)
        code, detail, reason = _explained(error)
        raise TemplateFault(template.name, template.language, line, reason, code, detail) from error


def _clean_line(line: str) -> str:
    """One line of a template without control characters; the spaces that begin it stay.

    >>> _clean_line("  - a\\x02b ")
    '  - a b'
    """
    kept = clean(line)
    return " " * (len(line) - len(line.lstrip(" "))) + kept if kept else ""


class _Unknown(TemplateError):
    """A name that no template knows."""

    def __init__(self, name: str, lineno: int) -> None:
        super().__init__(name)
        self.name = name
        self.lineno = lineno


@lru_cache(maxsize=256)
def _compiled(source: str, language: str, names: frozenset[str]) -> Template:
    environment = _environment(language)
    tree = environment.parse(source)
    unknown = find_undeclared_variables(tree) - names - set(environment.globals)
    for node in tree.find_all(Name):
        if node.name in unknown:
            raise _Unknown(node.name, node.lineno)
    return environment.from_string(source)


class _Sandbox(ImmutableSandboxedEnvironment):
    """The sandbox without powers: 9**9**9 would keep us busy for hours, and so would a long range()."""

    intercepted_binops = frozenset({"**"})

    def call_binop(self, context: Context, operator: str, left: object, right: object) -> NoReturn:  # noqa: ARG002
        raise SecurityError(f"the operator {operator}")


@lru_cache(maxsize=4)
def _environment(language: str) -> Environment:
    # Plain text is not escaped; the HTML part is made of the finished text, and all of that is.
    environment = _Sandbox(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)

    def plural_(number: int, *forms: str) -> str:
        return plural(number, forms, language)

    own = {"plural": plural_, "days": lambda number: days(number, language)}
    environment.globals = {"namespace": environment.globals["namespace"], **own}
    environment.filters.update(own)
    return environment


def _line(error: BaseException) -> int:
    lineno = getattr(error, "lineno", None)
    if isinstance(lineno, int):
        return lineno
    frames = [f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename == "<template>"]
    return (frames[-1] if frames else None) or 1


def _explained(error: BaseException) -> tuple[str, str, str]:
    message = str(error).rstrip(".")
    if isinstance(error, _Unknown):
        return "unknown_name", error.name, f"'{error.name}' is not a name that templates know."
    if isinstance(error, UndefinedError):
        found = re.search(r"'(\w+)'(?: is undefined)?$", message)
        return "unknown_name", found[1] if found else message, f"{message}."
    if isinstance(error, SecurityError):
        return "forbidden", message, f"this is not allowed in a template: {message}."
    if isinstance(error, TemplateSyntaxError):
        return "syntax", message, f"this is not Jinja2: {message}."
    return "failed", message, f"it cannot be worked out: {message or type(error).__name__}."


def _blocks(body: str) -> tuple[str, ...]:
    apart = re.sub(f" *{_TABLE} *", f"\n\n{_TABLE}\n\n", body)
    lines = [line if line == _TABLE else _clean_line(line) for line in apart.splitlines()]
    paragraphs = re.split(r"\n{2,}", "\n".join(lines))
    return tuple(block for paragraph in paragraphs if (block := paragraph.strip("\n")))


def _text(blocks: Sequence[str], table: InvoiceTable) -> str:
    return "\n\n".join(as_text(table) if block == _TABLE else _wrapped(block) for block in blocks) + "\n"


def _wrapped(block: str) -> str:
    def wrapped(line: str) -> str:
        hanging = "  " if line.startswith(("- ", "• ")) else ""
        return textwrap.fill(line, WIDTH, subsequent_indent=hanging, break_long_words=False, break_on_hyphens=False)

    return "\n".join(map(wrapped, block.split("\n")))


_INLINER = css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)


@lru_cache(maxsize=1)
def _layout() -> Template:
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(resources.files("mailers").joinpath("layout.html").read_text("utf-8"))
