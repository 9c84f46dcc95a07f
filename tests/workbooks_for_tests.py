"""A desk for tests: a workbook in memory with rows given by field, a folder for letters, and a person's edits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from config.settings import Settings
from mailers.attachments import InvoiceFiles
from mailers.digest import Team
from mailers.folder import FolderOutbox
from mailers.outbox import Outbox
from mailers.policy import Answer
from mailers.reminders import LetterState
from sync.book import locate
from sync.decide import Decision
from sync.gather import Gathered, gather
from sync.history import Event, events
from sync.journeys import Outcome, look, sync
from sync.office import Office
from sync.setup import setup
from sync.snapshot import Sheet
from sync.storage.memory import MemoryWorkbook
from sync.undo import Undoing, undo
from validators.rows import Cell
from validators.tabs import tab

WARSAW = ZoneInfo("Europe/Warsaw")
Values = Mapping[str, Cell]
ANNA: Values = {"id": "K-0001", "name": "Anna Żuraw", "email": "anna@zuraw.pl"}
PIOTR: Values = {"id": "K-0002", "name": "Piotr Łąka", "email": "piotr@laka.pl"}


def at(text: str) -> datetime:
    """The local time in Warsaw; a day alone is nine in the morning."""
    return datetime.fromisoformat(text if "T" in text else f"{text}T09:00").replace(tzinfo=WARSAW)


def run_of(now: datetime) -> str:
    """The id of the run at `now`."""
    return f"{now:%Y%m%dT%H%M%S}-test"


def invoice(**values: Cell) -> Values:
    """An invoice of Anna over 1230,00 zł, due on Monday 12 October 2026, unless said otherwise."""
    standard: Values = {
        "number": "FV/1",
        "client": "K-0001",
        "issued_on": date(2026, 9, 28),
        "due_on": date(2026, 10, 12),
        "amount": 1230,
    }
    return {**standard, **values}


def sheet(name: str, rows: Sequence[Values], fields: Sequence[str] = (), title: Sequence[Sequence[Cell]] = ()) -> Sheet:
    """A tab under its Polish name with these rows; `fields` are its columns, `title` the rows above the header."""
    described = tab(name)
    names = fields or [f.name for f in described.fields if f.owner != "service" or f.name == "id"]
    header = [described.field(n).pl for n in names]
    return Sheet(described.pl, [*title, header, *([row.get(n) for n in names] for row in rows)])


def settings(mode: str = "draft", **reminders: object) -> Settings:
    """Settings of the standard values but for these."""
    return Settings.model_validate({"reminders": {"mode": mode, **reminders}})


@dataclass
class Desk:
    """A workbook that is set up, the way out, and the settings: all that a run needs."""

    workbook: MemoryWorkbook
    outbox: Outbox
    settings: Settings
    folder: Path
    told: list[str] = field(default_factory=list)
    team: Team | None = None
    invoice_files: InvoiceFiles | None = None

    @property
    def office(self) -> Office:
        team, files = self.team, self.invoice_files
        return Office(self.workbook, self.outbox, self.settings, self.told.append, team=team, files=files)

    def sync(self, moment: str, *, approve_volume: bool = False, run: str = "") -> Outcome:
        now = at(moment)
        return sync(self.office, now, run or run_of(now), approve_volume=approve_volume)

    def look(self, moment: str) -> Decision:
        now = at(moment)
        return look(self.office, now, run_of(now))[1]

    def answer(self, moment: str, id_: str = "F-0001") -> Answer:
        return next(a for a in self.look(moment).today.answers if a.id == id_)

    def code(self, moment: str, id_: str = "F-0001") -> str:
        return str(self.answer(moment, id_).code)

    def gathered(self, moment: str = "2026-10-01") -> Gathered:
        return gather(self.workbook.read(), self.settings, at(moment))

    def cell(self, name: str, id_: str, column: str) -> Cell:
        table = locate(self.workbook.read())[name].table()
        return table.column(column)[table.ids().index(id_)]

    def types(self, name: str, id_: str, column: str, value: Cell) -> None:
        """A person types `value` into the cell."""
        place = locate(self.workbook.read())[name]
        assert place.header is not None
        table = place.table()
        line = table.lines[table.ids().index(id_)]
        self.workbook.edit(place.sheet.title, line - 1, place.header.columns[column], value)

    def history(self, *names: str) -> list[Event]:
        """The events of these names (all when there are none), oldest first."""
        past = events(locate(self.workbook.read())["history"].table())
        return [event for event in past if not names or event.event in names]

    def files(self) -> list[str]:
        """The names of the letters in the outbox."""
        return sorted(path.name for path in self.folder.glob("*.eml"))

    def undo(self, moment: str, target: str) -> Undoing:
        """Take the run `target` back."""
        now, snapshot = at(moment), self.workbook.read()
        undoing = undo(gather(snapshot, self.settings, now), target, f"undo-{moment}", snapshot.register, now, "pl")
        self.workbook.apply(undoing.plan, after=snapshot)
        return undoing


def desk(
    folder: Path,
    invoices: Sequence[Values] = (),
    clients: Sequence[Values] = (ANNA, PIOTR),
    options: Settings | None = None,
    outbox: Outbox | None = None,
    sheets: Sequence[Sheet] | None = None,
) -> Desk:
    """A desk with these rows, ready for a first sync. Live letters are files that count as sent."""
    options = options or settings()
    numbered = [{"id": f"F-{n:04}", **row} for n, row in enumerate(invoices, 1)]
    workbook = MemoryWorkbook(
        sheets if sheets is not None else (sheet("clients", clients), sheet("invoices", numbered))
    )
    snapshot = workbook.read()
    workbook.apply(setup(snapshot, options, "setup"), after=snapshot)
    state = LetterState.SENT if options.reminders.mode == "live" else LetterState.DRAFT
    return Desk(workbook, outbox or FolderOutbox(folder / "outbox", state), options, folder / "outbox")
