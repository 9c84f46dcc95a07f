"""What a run works with, in one value: the ports, the settings and the clock. Nothing is opened here."""

from collections.abc import Callable
from dataclasses import dataclass

from config.settings import Settings
from mailers.attachments import InvoiceFiles
from mailers.digest import Team
from mailers.listening import Archive, Ear
from mailers.outbox import Outbox
from mailers.witness import Witness
from sync.storage.port import Workbook


@dataclass(frozen=True, slots=True)
class Office:
    """What a run works with: the workbook, the way out for letters, the settings, what to tell of progress, a clock in
    seconds that never goes back, and whether to come to an end; if there are such, the way to tell the team, the ear
    for answers, the archive of what was sent, the witness of what left and the files that may go along."""

    workbook: Workbook
    outbox: Outbox
    settings: Settings
    progress: Callable[[str], None] = lambda _: None
    seconds: Callable[[], float] = lambda: 0.0
    stopping: Callable[[], bool] = lambda: False
    team: Team | None = None
    ear: Ear | None = None
    archive: Archive | None = None
    witness: Witness | None = None
    files: InvoiceFiles | None = None
