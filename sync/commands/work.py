"""The commands that do the job or show what it would do: sync, plan, check, preview."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console

from mailers.digest import Digest, digest
from mailers.forgetting import forget
from mailers.preview import page
from mailers.reminders import LetterState
from sync import saved_plans, screen, telling
from sync.commands.answers import heard
from sync.decide import Decision
from sync.journeys import Outcome, apply_saved, look
from sync.journeys import sync as run_sync
from sync.office import Office
from sync.opening import Session, alone, journal_path
from sync.recording import Recording
from sync.report import Report, problem_json, states
from sync.service_values import why
from validators.errors import OutOfReach, Refused, Trouble, WrongUse
from validators.status import OPEN

_NAMED = 3  # clients in one line


@dataclass(frozen=True, slots=True)
class Terminal:
    """Where output goes: `out` for what was asked for, `err` for everything else; `as_json` for one document."""

    out: Console
    err: Console
    as_json: bool = False

    @contextmanager
    def busy(self, session: Session) -> Iterator[Office]:
        """The session's office, telling what it is at: on a terminal only, and gone when the work is done."""
        if not self.err.is_terminal:
            yield session.office
            return
        with self.err.status("Reading the workbook …") as status:
            yield replace(session.office, progress=lambda step: status.update(f"{step} …"))

    def tell(self, text: str) -> None:
        """Say something beside what was asked for."""
        self.err.print(text, soft_wrap=True, markup=False)

    def document(self, data: object) -> None:
        """One JSON document on standard output; escaped where the output cannot write every letter."""
        plain = not self.out.encoding.startswith("utf")
        self.out.file.write(json.dumps(data, ensure_ascii=plain, indent=2) + "\n")


def sync(
    session: Session,
    terminal: Terminal,
    *,
    approve_volume: bool = False,
    may_begin: bool | Callable[[str], bool] | None = True,
    following: Sequence[str] = (),
) -> int:
    """The main job. Exit status 0, or 1 when something needs a person.

    `may_begin` says whether the very first letters of live mode may leave: yes, no, or whom to ask.

    Raises:
        OutOfReach: no letter could leave; everything else was done, and told.
    """
    if not session.is_now and session.settings.reminders.mode == "live":
        raise WrongUse("--now is not for live mode: letters would leave.", "Use 'kartoteka plan --now …' to look.")
    with alone(session.settings), ExitStack() as during:
        recording = during.enter_context(_recorded(session)) if session.is_now else None
        report, outcome = in_turn(session, terminal, recording, approve_volume=approve_volume, may_begin=may_begin)
    _show(session, terminal, report, following or [*_kept_here(outcome), *_next_steps(session, report)])
    for line in _undone(outcome) if terminal.as_json else ():
        terminal.tell(line)
    if outcome.barred:
        raise outcome.barred
    return int(report.needs_a_person or bool(_undone(outcome)))


def _recorded(session: Session) -> Recording:
    return Recording(session.settings, session.run, session.now, session.office.seconds, session.office.stopping)


def in_turn(
    session: Session,
    terminal: Terminal,
    recording: Recording | None,
    *,
    approve_volume: bool = False,
    may_begin: bool | Callable[[str], bool] | None = True,
) -> tuple[Report, Outcome]:
    """The main job of somebody who is alone here: what it did, shown to nobody yet, but put down."""
    with closing(session.office.outbox):
        if recording:
            _forget(session)
        if session.settings.reminders.mode == "live" and may_begin is not True:
            _begun(session, terminal, may_begin)
        with terminal.busy(session) as office:
            outcome = run_sync(office, session.now, session.run, approve_volume=approve_volume)
    report = _done(session, outcome)
    if recording:
        recording.outcome, recording.needs_a_person = outcome, report.needs_a_person or bool(_undone(outcome))
    return report, outcome


def _forget(session: Session) -> None:
    """The words of letters go after their time, in every mode, those of the others as well."""
    for mode in ("live", "test"):
        forget(journal_path(session.settings, mode), session.settings.state.kept_words, session.now)


def _kept_here(outcome: Outcome) -> Iterator[str]:
    """Why letters were not sent, of which nobody knows, and why the team was not told."""
    names = {letter.message_id: letter.client_name for letter in outcome.letters}
    reasons: dict[str, list[str]] = {}
    for receipt in outcome.receipts:
        if receipt.state is LetterState.FAILED:
            reasons.setdefault(receipt.detail, []).append(names.get(receipt.message_id, receipt.message_id))
    for reason, clients in reasons.items():
        more = f" and {len(clients) - _NAMED} more" if len(clients) > _NAMED else ""
        yield f"Not sent to {', '.join(clients[:_NAMED])}{more}: {reason}"
    for invoices in outcome.decision.found.past.unknown.values():
        yield f"In doubt: nobody knows whether the letter about {', '.join(invoices)} has left. Look among the mail"
        yield f"that was sent, then say what you found: kartoteka resolve {invoices[0]} sent|resend"
    for archive in (archive for plan in outcome.written for archive in plan.archives):
        yield f"The history's rows of {archive.year} stand in the tab '{archive.title}' now."
    yield from (*heard(outcome), *_undone(outcome))
    for failure in outcome.told.failures:
        yield f"The team: {failure}. 'kartoteka doctor' looks at the addresses; the next run tells again."


def _undone(outcome: Outcome) -> list[str]:
    """What the run left undone, and what to do, for whoever keeps Kartoteka going."""
    left = (("Answers were not read", outcome.unheard), ("The history keeps its older years", outcome.unmoved))
    return [f"{matter}: {error.what} {error.advice}".rstrip() for matter, error in left if error]


def _begun(session: Session, terminal: Terminal, may_begin: bool | Callable[[str], bool] | None) -> None:
    """The first letters of all go only after somebody has seen them.

    Raises:
        Refused: nobody can be asked, or the answer is no.
    """
    begun = session.settings.state_folder / "live"
    if begun.exists():
        return
    with terminal.busy(session) as office:  # not while we ask: it would wipe the question away
        _, decision = look(office, session.now, session.run)
    earlier = decision.found.past.sent_in.keys() - {letter.message_id for letter in decision.fresh}
    if decision.fresh and not earlier:
        for letter in decision.fresh:
            terminal.tell(f"{', '.join(letter.to)}  {letter.client_name}: {letter.subject}")
        count = screen.count_of(len(decision.fresh), "letter", "letters")
        if not callable(may_begin) or not may_begin(f"These are the first {count} of live mode. Let them leave?"):
            raise Refused(
                f"The first run in live mode would send {count}; nothing was sent.",
                "Look at 'kartoteka preview'; if all is right, run 'kartoteka sync --yes' once.",
                trouble=Trouble.FIRST_LETTERS,
            )
    if decision.fresh or earlier:
        begun.touch()


def plan(session: Session, terminal: Terminal, save: Path | None = None) -> int:
    """Every cell that would change and every letter that would go, writing nothing but the file asked for."""
    with terminal.busy(session) as office:
        snapshot, decision = look(office, session.now, session.run)
    report = _planned(session, decision)
    if save:
        saved_plans.save(save, decision.plan, decision.fresh, session.now, snapshot.workbook)
    if terminal.as_json:
        terminal.document(report.as_json())
    else:
        screen.changes(terminal.out, report)
        _why_not(terminal, report)
        saved = [f"Saved to {save}. Carry it out with: kartoteka sync --plan {save}"] if save else []
        screen.summary(terminal.err, report, _heading(session), saved)
    return int(report.needs_a_person)


def apply(session: Session, terminal: Terminal, path: Path) -> int:
    """Carry out a saved plan, if the workbook is still as it was."""
    if session.settings.reminders.mode == "live":
        raise WrongUse(
            "A saved plan cannot be carried out in live mode: payments may have come in since.",
            "Run 'kartoteka sync', or set [reminders] mode = \"draft\".",
        )
    with alone(session.settings), closing(session.office.outbox), terminal.busy(session) as office:
        snapshot, decision = look(office, session.now, session.run)
        saved = saved_plans.load(path, session.now, snapshot.workbook)
        stored = saved.restored()
        receipts = apply_saved(office, stored, saved.letters, session.now)
    letters = states(saved.letters, receipts, ())
    plans = () if stored.empty else (stored,)
    report = Report(stored.run, session.now, "done", session.language, decision, plans, letters, 2, len(plans))
    _show(session, terminal, report, _next_steps(session, report))
    return int(report.needs_a_person)


def check(session: Session, terminal: Terminal) -> int:
    """Validate every row and list what is wrong; nothing is written. Works before `init` too."""
    with terminal.busy(session) as office:
        _, decision = look(office, session.now, session.run, strict=False)
    found = [p for p in decision.problems if p.code not in ("no_rules", "column_absent")]
    if terminal.as_json:
        terminal.document({"problems": [problem_json(p, session.language) for p in found]})
    else:
        screen.problems(terminal.out, found, session.language)
        rows = screen.count_of(len(decision.found.clients) + len(decision.found.invoices), "row", "rows")
        count = screen.count_of(len(found), "problem", "problems")
        terminal.err.print(f"{rows} checked, {count}.")
    return int(bool(found))


def preview(session: Session, terminal: Terminal, output: Path) -> int:
    """The letters that would go, as one HTML page."""
    with terminal.busy(session) as office:
        _, decision = look(office, session.now, session.run)
    letters = decision.today.letters
    title = f"Kartoteka – {session.now:%Y-%m-%d %H:%M}"
    try:
        output.write_text(page(letters, title, session.language, digest=_digest(session, decision)), encoding="utf-8")
    except OSError as error:
        raise OutOfReach(f"{output} cannot be written: {error.strerror}.", "Choose another --output.") from error
    if terminal.as_json:
        terminal.document(_planned(session, decision).as_json() | {"page": str(output)})
    else:
        count = screen.count_of(len(letters), "letter", "letters")
        terminal.out.print(f"{count} written to {output}: open it in a browser.", soft_wrap=True)
    return 0


def _digest(session: Session, decision: Decision) -> Digest | None:
    """What the team would be told, if anything."""
    news = telling.concerns(decision.found, decision.today) if session.office.team else ()
    if not (decision.notices or news):
        return None
    return digest(decision.notices, news, session.language, session.now.date())


def _planned(session: Session, decision: Decision) -> Report:
    letters = states(decision.today.letters, (), decision.found.past.drafted)
    plans = () if decision.plan.empty else (decision.plan,)
    return Report(session.run, session.now, "planned", session.language, decision, plans, letters, 1, 0)


def dry_run(session: Session, terminal: Terminal) -> int:
    """What `sync` would do, as its own report."""
    with terminal.busy(session) as office:
        _, decision = look(office, session.now, session.run)
    report = _planned(session, decision)
    _show(session, terminal, report, ["Nothing was written: this was a dry run."])
    return int(report.needs_a_person)


def _done(session: Session, outcome: Outcome) -> Report:
    letters = states(outcome.letters, outcome.receipts, outcome.decision.found.past.drafted)
    return Report(
        session.run,
        session.now,
        "done",
        session.language,
        outcome.decision,
        outcome.written,
        letters,
        outcome.reads,
        outcome.writes,
        outcome.told,
    )


def _show(session: Session, terminal: Terminal, report: Report, following: Sequence[str]) -> None:
    if terminal.as_json:
        terminal.document(report.as_json())
    else:
        screen.summary(terminal.out, report, _heading(session), following)


def _why_not(terminal: Terminal, report: Report) -> None:
    """Of open invoices only: that the others get no letter needs no reason."""
    standings = report.decision.today.standings
    for answer in report.decision.today.answers:
        if not answer.send and (answer.id not in standings or standings[answer.id].status in OPEN):
            terminal.out.print(f"{answer.id}  {why(answer, report.language)}", soft_wrap=True, highlight=False)


def _heading(session: Session) -> str:
    name = session.settings.workbook_name
    return f"Kartoteka · {name} · {session.now:%Y-%m-%d %H:%M} · {session.settings.reminders.mode} mode"


def _next_steps(session: Session, report: Report) -> list[str]:
    lines = [f"Open {session.settings.workbook_place}"]
    if any(state is LetterState.DRAFT for _, state in report.letters):
        lines.append(f"Read the drafts in {session.settings.outbox_folder}, or all on one page: kartoteka preview")
    files = session.office.files
    if files and any(letter.enclosed.missing for letter, _ in report.letters):
        lines.append(f"Invoices to attach are looked for in {files.folder}")
    if report.needs_a_person:
        lines.append("See what needs a person: kartoteka check")
    return lines
