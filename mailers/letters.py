"""From a decided reminder and a template to a letter in words: plain text and HTML, made of the same body.

A template is plain text: a subject, and a body whose paragraphs are separated by blank lines (a single line end stays a
line end). Both are Jinja2, filled in by another process (mailers/rendering.py); all else here is pure. They know these
names:

- `client`: the client's name; `contact`: the contact person, or ""; `sender`: our name; `today`: today's date;
  `step`: the step of the ladder that sets the tone;
- `count`: how many invoices; `invoices`: the invoices, earliest due date first, each with `number`, `issued_on`,
  `due_on`, `amount`, `remaining` (what is left to pay), `settled` (what was paid or credited, or ""), `partly` (the
  same in words), `days_overdue` ("7 dni", or ""), `delay` ("7 dni po terminie", "termin za 3 dni"), `link`, `step`, and
  the whole number `days` (negative before the due date);
- `overdue`: those of `invoices` that are overdue, or all if none is; `overdue_count`: how many;
- `totals`: what is left to pay, a list with one sum for each currency; `overdue_totals`: the same of `overdue`;
- `attached`: the numbers of the invoices that go along as files, a list that may be empty;
- `table`: all invoices as a table with a total for each currency;
- `plural(n, 'faktura', 'faktury', 'faktur')`, also as a filter: the right form (in English two forms);
- `days(n)`: "1 dzień", "7 dni"; `day_after(n)`: the date n days from today.

Values are never read as templates, and everything is escaped in the HTML part.
"""

import re
import textwrap
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import css_inline

from mailers.addresses import clean, mailbox
from mailers.invoice_table import WIDTH, InvoiceTable, as_text, invoice_table, totals
from mailers.message_ids import message_id
from mailers.reminders import NOTHING, Enclosed, Letter, Reminder
from mailers.rendering import Filled, Renderer, shared
from mailers.specimens import specimens
from mailers.templating import TABLE, Unusable, page
from mailers.wording import long_date
from validators.templates import LetterTemplate

_MOST_TRIES = 3  # after so many times too much, a template is not tried for the letters that are left


class TemplateFault(Exception):
    """A template cannot be used: its name and language, the line of the body (0 = the subject), and why.

    `code` is one of `absent`, `syntax`, `unknown_name`, `forbidden`, `failed`, `blank`, `twice`, `too_much`; `detail`
    is the name, the message or the limit ("2 s", "512 MB", "256 KB") that belongs to it; `reason` says the same in an
    English sentence. Where a template that was stopped had got to is not always known: then `line` is 1.
    """

    def __init__(self, template: str, language: str, line: int, reason: str, code: str, detail: str = "") -> None:
        super().__init__(template, language, line, reason, code, detail)
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

    def __init__(
        self, templates: Sequence[LetterTemplate], sender: Sender, workbook: str, renderer: Renderer | None = None
    ) -> None:
        """`workbook` is the workbook's lasting identity (sync.snapshot.Snapshot.workbook), `renderer` what fills in the
        templates: by default the one of this process.

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
        self._renderer = renderer or shared()
        self._stopped: Counter[LetterTemplate] = Counter()
        self._given_up: dict[LetterTemplate, TemplateFault] = {}

    def write(self, reminder: Reminder, enclosed: Enclosed = NOTHING) -> Letter:
        """The letter in the client's language, or in the other one if only that has the template, with `enclosed`.

        Raises:
            TemplateFault: there is no such template, or it cannot be rendered.
        """
        return self._letter(reminder, self._template(reminder), enclosed)

    def check(self) -> tuple[TemplateFault, ...]:
        """The first fault of every template: each is rendered for made-up reminders of one and of several invoices."""
        return tuple(fault for template in self._templates if (fault := self._fault(template)))

    def _fault(self, template: LetterTemplate) -> TemplateFault | None:
        if self._by_key[_key(template.name, template.language)] is not template:
            reason = "it is there twice; the first one counts."
            return TemplateFault(template.name, template.language, 0, reason, "twice")
        try:
            return self._given_up.get(template) or _tried(template, self._sender, self._renderer)
        except TemplateFault as fault:
            return fault.with_traceback(None)

    def _template(self, reminder: Reminder) -> LetterTemplate:
        languages = (reminder.language, "en" if reminder.language == "pl" else "pl")
        for language in languages:
            template = self._by_key.get(_key(reminder.template, language))
            if template is not None:
                return template
        reason = "there is no such template."
        raise TemplateFault(reminder.template, reminder.language, 0, reason, "absent", reminder.template)

    def _letter(self, reminder: Reminder, template: LetterTemplate, enclosed: Enclosed) -> Letter:
        table = invoice_table(reminder.lines, template.language)
        names = self._names(reminder, template.language, table)
        names["attached"] = [clean(file.number) for file in enclosed.attachments]
        filled = self._filled(template, names, reminder.today)
        subject, blocks = clean(filled.subject), _blocks(filled.body)
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
            numbers=tuple(line.number for line in reminder.lines),
            workbook=self._workbook,
            enclosed=enclosed,
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
            "table": TABLE,
            "sender": self._sender_name,
            "today": long_date(reminder.today, language),
            "step": clean(reminder.step),
        }

    def _filled(self, template: LetterTemplate, names: Mapping[str, object], today: date) -> Filled:
        if template in self._given_up:
            raise self._given_up[template].with_traceback(None)
        subject, body = ("\n".join(map(_clean_line, text.splitlines())) for text in (template.subject, template.body))
        try:
            return self._renderer.fill_in(subject, body, template.language, names, today)
        except Unusable as flaw:
            fault = TemplateFault(template.name, template.language, flaw.line, flaw.reason, flaw.code, flaw.detail)
            self._stopped[template] += flaw.code == "too_much" or flaw.passing
            if self._stopped[template] >= _MOST_TRIES:
                self._given_up[template] = fault
            raise fault from flaw

    def _html(self, blocks: Sequence[str], table: InvoiceTable, subject: str, language: str) -> str:
        words = page().render(
            blocks=[None if block == TABLE else block.split("\n") for block in blocks],
            table=table,
            subject=subject,
            language=language,
            sender=self._sender_name,
            address=mailbox(self._sender.reply_to or self._sender.address)[1],
        )
        return _INLINER.inline(words)


@lru_cache(maxsize=64)
def _tried(template: LetterTemplate, sender: Sender, renderer: Renderer) -> TemplateFault | None:
    """The fault of a template alone; neither workbook nor day decides it, so it is looked for once.

    Raises:
        TemplateFault: a fault that may be the machine's. It is not remembered.
    """
    writer = LetterWriter((template,), sender, "", renderer)
    try:
        for reminder, enclosed in specimens(template.name, template.language):
            writer.write(reminder, enclosed)
    except TemplateFault as fault:
        if isinstance(fault.__cause__, Unusable) and fault.__cause__.passing:
            raise
        return fault.with_traceback(None)
    return None


def _key(name: str, language: str) -> tuple[str, str]:
    return " ".join(name.split()).casefold(), language


def _clean_line(line: str) -> str:
    """One line of a template without control characters; the spaces that begin it stay.

    >>> _clean_line("  - a\\x02b ")
    '  - a b'
    """
    kept = clean(line)
    return " " * (len(line) - len(line.lstrip(" "))) + kept if kept else ""


def _blocks(body: str) -> tuple[str, ...]:
    first, *rest = body.split(TABLE)
    parts = [first.rstrip(" "), *(part.strip(" ") for part in rest[:-1]), *(part.lstrip(" ") for part in rest[-1:])]
    apart = f"\n\n{TABLE}\n\n".join(parts) if rest else body
    lines = [line if line == TABLE else _clean_line(line) for line in apart.splitlines()]
    paragraphs = re.split(r"\n{2,}", "\n".join(lines))
    return tuple(block for paragraph in paragraphs if (block := paragraph.strip("\n")))


def _text(blocks: Sequence[str], table: InvoiceTable) -> str:
    return "\n\n".join(as_text(table) if block == TABLE else _wrapped(block) for block in blocks) + "\n"


def _wrapped(block: str) -> str:
    def wrapped(line: str) -> str:
        hanging = "  " if line.startswith(("- ", "• ")) else ""
        return textwrap.fill(line, WIDTH, subsequent_indent=hanging, break_long_words=False, break_on_hyphens=False)

    return "\n".join(map(wrapped, block.split("\n")))


_INLINER = css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)
