"""The command `import`: lists of clients and invoices into the workbook, batch by batch."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from importers.verdicts import Ruling, Verdict
from sync import import_screen as screen
from sync import rejects
from sync.batches import Origin, batches, plan
from sync.changes import Log
from sync.commands.work import Terminal
from sync.decide import Moment, decide
from sync.gather import gather
from sync.import_report import Imported, ImportReport
from sync.importing import BATCH, Between, Brought, Looked, Lot, Written, bring, look
from sync.lists import Ask, Opened, Wanted, opened
from sync.office import Office
from sync.opening import Session, alone
from sync.plan import Plan
from sync.remembered_mappings import remember
from sync.report import Report
from sync.snapshot import Snapshot
from sync.storage.memory import MemoryWorkbook
from validators.errors import WrongUse

_ASKED = frozenset({"close_name", "same_name", "same_email", "same_phone", "buyer_unclear", "buyer_by_id"})
_HEAD = 65_536
_WHOSE = (
    "Tell Kartoteka your firm's tax id, so that purchases are told from sales: tax_ids in the section firm of "
    "kartoteka.toml."
)


@dataclass(frozen=True, slots=True)
class Wishes:
    """The options of the command."""

    to: str = ""
    chosen: Mapping[str, str] = field(default_factory=dict)
    size: int = BATCH
    update: bool = False
    dry_run: bool = False
    rejects: Path | None = None


def chosen(texts: Sequence[str]) -> dict[str, str]:
    """The meaning of `--map "Kolumna=field"`.

    Raises:
        WrongUse: there is no "=" in it.
    """
    pairs = [text.rpartition("=") for text in texts]
    wrong = next((text for text, (column, _, _) in zip(texts, pairs, strict=True) if not column), None)
    if wrong is not None:
        raise WrongUse(f"--map {wrong}: there is no field in it.", 'Write it like --map "Kolumna=name".')
    return {column.strip(): target.strip() for column, _, target in pairs}


def import_lists(session: Session, terminal: Terminal, files: Sequence[Path], wishes: Wishes, ask: Ask | None) -> int:
    """Import `files`. Exit status 1 when rows were rejected or wait for a choice. Nobody is asked without `ask`.

    Raises:
        WrongUse: a file, its columns or an option do not fit; nothing was written.
        KartotekaError: the workbook cannot be reached; what was written stays, and the next run goes on.
    """
    if wishes.size < 1:
        raise WrongUse(f"--batch-size {wishes.size}: a batch has one record at least.", "Leave it out for 50.")
    if wishes.rejects and not wishes.rejects.parent.is_dir():
        raise WrongUse(f"--rejects {wishes.rejects}: there is no such folder.", "Nothing was imported. Make it first.")
    paths: dict[int, Path] = {}
    lots: list[Lot] = []
    notes: list[str] = []
    for path in files:
        found = _opened(session, terminal, path, wishes, ask)
        paths |= {len(lots) + i: path for i in range(len(found.lots))}
        lots += found.lots
        notes += found.notes
    if not session.settings.firm.tax_ids and any("seller_tax_id" in lot.mapping.by_target() for lot in lots):
        notes.append(_WHOSE)
    with alone(session.settings):
        if wishes.dry_run:
            report = _planned(session, terminal, lots, wishes, notes)
        else:
            report = _imported(session, terminal, lots, paths, wishes, notes, ask)
    _show(session, terminal, report)
    return int(report.needs_a_person)


def _opened(session: Session, terminal: Terminal, path: Path, wishes: Wishes, ask: Ask | None) -> Opened:
    book, state = session.settings.workbook, session.settings.state_folder

    def show(lot: Lot) -> None:
        if not terminal.as_json:
            screen.columns(terminal.out, lot, session.language)

    return opened(path, Wanted(wishes.to, wishes.chosen, wishes.dry_run), state, book.country, show, ask)


def _planned(
    session: Session, terminal: Terminal, lots: Sequence[Lot], wishes: Wishes, notes: Sequence[str]
) -> ImportReport:
    """What the import would do. Lists after the first are decided on the workbook as those before would leave it. The
    plans are made only for a document that holds them."""
    log = Log(session.now, session.run, session.language)
    lists: list[Imported] = []
    plans: list[Plan] = []
    snapshot: Snapshot | None = None
    standing: Snapshot | None = None
    with terminal.busy(session) as office:
        for lot in lots:
            looked = look(office, lot, session.now, update=wishes.update, snapshot=standing)
            snapshot = snapshot or looked.snapshot
            lists.append(Imported(lot, looked.rulings))
            origin = Origin(lot.file, lot.mapping.kind)
            for number, batch in enumerate(batches(looked.rulings, wishes.size) if terminal.as_json else (), 1):
                plans.append(plan(batch, number, origin, looked.found, snapshot.register, log, first=number == 1))
            if len(lists) < len(lots):
                standing = _tried(session, looked, origin, log)
    assert snapshot is not None
    decision = decide(
        gather(snapshot, session.settings, session.now),
        session.settings,
        Moment(session.now, session.run, snapshot.register, snapshot.workbook),
        sending=False,
    )
    reads = snapshot.requests
    report = Report(session.run, session.now, "planned", session.language, decision, tuple(plans), (), reads, 0)
    return ImportReport(lists, report, sum(-(-found.writes // wishes.size) for found in lists), notes)


def _tried(session: Session, looked: Looked, origin: Origin, log: Log) -> Snapshot:
    """The workbook as it would stand with all that a list brings."""
    trial = MemoryWorkbook(looked.snapshot.sheets, looked.snapshot.workbook, session.settings.workbook.tabs)
    for whole in batches(looked.rulings, len(looked.rulings) or 1):
        trial.apply(plan(whole, 1, origin, looked.found, trial.read().register, log, first=True), trial.read())
    return trial.read()


def _imported(
    session: Session,
    terminal: Terminal,
    lots: Sequence[Lot],
    paths: Mapping[int, Path],
    wishes: Wishes,
    notes: Sequence[str],
    ask: Ask | None,
) -> ImportReport:
    if ask is not None:
        lots = [_answered(session, terminal, lot, wishes, ask) for lot in lots]
    with _told(session, terminal, ask) as (office, between):
        brought = bring(office, lots, session.now, session.run, size=wishes.size, update=wishes.update, between=between)
    lists = [
        Imported(lot, rulings, _rejected(session, lot, rulings, paths[number], wishes, lots), written)
        for number, (lot, rulings, written) in enumerate(zip(lots, brought.rulings, brought.written, strict=True))
    ]
    return ImportReport(lists, _report(session, brought), len(brought.plans), notes)


def _report(session: Session, brought: Brought) -> Report:
    snapshot = brought.standing
    if snapshot is None:
        snapshot = session.office.workbook.read()
        brought.reads += snapshot.requests
    decision = decide(
        gather(snapshot, session.settings, session.now),
        session.settings,
        Moment(session.now, session.run, snapshot.register, snapshot.workbook),
        sending=False,
    )
    state = "stopped" if brought.stopped else "done"
    counts = brought.reads, brought.writes
    return Report(session.run, session.now, state, session.language, decision, tuple(brought.plans), (), *counts)


def _answered(session: Session, terminal: Terminal, lot: Lot, wishes: Wishes, ask: Ask) -> Lot:
    """Ask whether rows are the clients of the workbook that they resemble."""
    with terminal.busy(session) as office:
        rulings = look(office, lot, session.now, update=wishes.update).rulings
    answers: dict[int, str] = {}
    words: dict[object, str] = {}
    for ruling in filter(_can_be_asked, rulings):
        reason = ruling.reasons[0]
        # A buyer has many invoices, and is the same on all of them.
        same = (reason.value, reason.params["id"]) if lot.mapping.kind == "invoices" else ruling.line
        if same not in words:
            question = f"Row {ruling.line}, '{reason.value}': is it {reason.params['candidates']}?"
            words[same] = ask(f"{question} yes, no (a new client), skip, or stop asking").strip().casefold()[:2]
        if words[same] in ("st", "ko"):
            break
        if words[same] in ("y", "ye", "t", "ta"):
            answers[ruling.line] = reason.params["id"]
        elif words[same] in ("n", "no", "ni"):
            answers[ruling.line] = ""
    return replace(lot, answers=answers)


def _can_be_asked(ruling: Ruling) -> bool:
    """One candidate, and in the workbook already: what this run brings has no lasting id yet."""
    reasons = ruling.reasons
    return (
        ruling.verdict is Verdict.CONFLICT
        and reasons[0].code in _ASKED
        and not reasons[0].params.get("line")
        and "," not in reasons[0].params.get("candidates", "")
    )


@contextmanager
def _told(session: Session, terminal: Terminal, ask: Ask | None) -> Iterator[tuple[Office, Between | None]]:
    """The office with its progress shown, and what is asked between batches."""
    if ask is None:
        with terminal.busy(session) as office:
            yield office, None
        return

    def between(written: Written) -> bool:
        count = len(written.rulings)
        while True:
            question = f"Batch {written.number} of {written.last} is written ({count} records). continue, look or stop?"
            word = ask(question).strip().casefold()[:1]
            if word in ("s", "k"):
                return False
            if word != "l":
                return True
            screen.batch(terminal.out, written.rulings)
            terminal.out.print(f"Open {session.settings.workbook_place}", soft_wrap=True)

    office = replace(session.office, progress=lambda step: terminal.tell(f"{step} …"))
    yield (office if terminal.err.is_terminal else session.office), between


def _rejected(
    session: Session, lot: Lot, rulings: Sequence[Ruling], path: Path, wishes: Wishes, lots: Sequence[Lot]
) -> Path | None:
    """Write the rows that need a person beside the file; its columns are known again when they come back."""
    left = rejects.rejected(rulings)
    if not left:
        return None
    several = sum(1 for other in lots if other.file == lot.file) > 1
    place = wishes.rejects or rejects.place_beside(path, lot.source.title if several else "")
    with path.open("rb") as file:
        delimiter = rejects.delimiter_of(file.read(_HEAD), list(lot.source.columns))
    remember(session.settings.state_folder, lot.mapping)
    return rejects.write(place, rejects.content(lot.source, left, session.language, delimiter))


def _show(session: Session, terminal: Terminal, report: ImportReport) -> None:
    if terminal.as_json:
        terminal.document(report.as_json())
        return
    planned = report.report.state == "planned"
    for note in report.notes:
        terminal.tell(note)
    for found in report.lists:
        if len(report.lists) > 1:
            screen.heading(terminal.out, found.lot)
        screen.verdicts(terminal.out, found, session.language, changes=planned)
        screen.summary(terminal.out, found, planned=planned)
    for line in _next_steps(session, report):
        terminal.out.print(line, soft_wrap=True, markup=False)


def _next_steps(session: Session, report: ImportReport) -> Iterator[str]:
    state = report.report.state
    if state == "planned":
        yield "Nothing was written: this was a dry run."
        return
    if state == "stopped":
        yield "Stopped. Run the same command again to go on from here."
    if report.batches:
        yield f"Take it back: kartoteka undo {session.run}   (one batch alone: {session.run}/1)"
        yield "Next: kartoteka sync"
