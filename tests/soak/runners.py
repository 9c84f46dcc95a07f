"""Several runners on one spreadsheet, each stalled at any moment while the others go on: who claims, who sends.

`python -m tests.soak.runners` tries many interleavings and prints a table; a short run is in the test suite.
"""

import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from threading import Condition, Thread
from typing import Any

from config.settings import Settings
from mailers.memory import MemoryOutbox
from mailers.outbox import Outbox
from mailers.reminders import Letter, LetterState, Receipt
from sync.book import locate
from sync.history import events
from sync.journeys import sync
from sync.office import Office
from sync.setup import setup
from sync.snapshot import Sheet, Snapshot
from sync.storage.google import GoogleWorkbook
from sync.storage.google_answers import BASE
from sync.storage.google_connection import Connection, Pace
from sync.storage.google_sign_in import Access
from tests.fakes.clocks import VirtualClock
from tests.fakes.sheets_server import FakeSheets
from tests.fakes.spreadsheet import Spreadsheet
from tests.google_for_tests import google_workbook
from tests.soak.sights import Sight, sight
from tests.workbooks_for_tests import at, settings, sheet
from validators.errors import WorkbookMoved

NOW = at("2026-11-23T09:00")
CLIENTS = 6
PATIENCE = 60  # real seconds that a runner waits for its turn: more means that the others hang


class Turns:
    """Lets one of several threads work at a time. At every gate chance decides, by `seed`, who goes on; with `stall`
    a thread is left out for the next 3 to 40 turns of the others."""

    def __init__(self, names: Sequence[str], seed: int, stall: float) -> None:
        self._random, self._stall = Random(seed), stall
        self._working, self._asleep = list(names), dict[str, int]()
        self._turn = Condition()
        self._now = self._random.choice(self._working)

    def begin(self, name: str) -> None:
        """Wait for the first turn."""
        with self._turn:
            self._await(name)

    def gate(self, name: str) -> None:
        """Let others go on, for a while or for longer."""
        with self._turn:
            if self._random.random() < self._stall:
                self._asleep[name] = self._random.randint(3, 40)
            self._pass_on()
            self._await(name)

    def end(self, name: str) -> None:
        """Leave for good."""
        with self._turn:
            self._working.remove(name)
            self._asleep.pop(name, None)
            if self._working:
                self._pass_on()

    def _pass_on(self) -> None:
        self._asleep = {name: turns - 1 for name, turns in self._asleep.items() if turns > 1}
        awake = [name for name in self._working if name not in self._asleep]
        self._now = self._random.choice(awake or self._working)
        self._turn.notify_all()

    def _await(self, name: str) -> None:
        assert self._turn.wait_for(lambda: self._now == name, PATIENCE), "the other runners hang"


class GatedConnection(Connection):
    """A connection with a gate before and after each request."""

    def __init__(self, gate: Callable[[], None], *parts: Any) -> None:
        super().__init__(*parts, chance=Random(1))
        self._gate = gate

    def values(self, *parts: Any) -> Any:
        return self._between(lambda: super(GatedConnection, self).values(*parts))

    def describe(self, *parts: Any, **options: Any) -> Any:
        return self._between(lambda: super(GatedConnection, self).describe(*parts, **options))

    def write(self, *parts: Any) -> Any:
        return self._between(lambda: super(GatedConnection, self).write(*parts))

    def _between(self, request: Callable[[], Any]) -> Any:
        self._gate()
        try:
            return request()
        finally:
            self._gate()


@dataclass
class GatedOutbox:
    """A way out with a gate before and after each letter; `sent` names them all."""

    inner: Outbox
    gate: Callable[[], None]
    sent: list[Letter] = field(default_factory=list)

    def send(self, letter: Letter, now: Any) -> Receipt:
        self.gate()
        self.sent.append(letter)
        receipt = self.inner.send(letter, now)
        self.gate()
        return receipt

    def holds(self, message_id: str) -> bool | None:
        return self.inner.holds(message_id)

    def withdraw(self, message_id: str) -> bool:
        return self.inner.withdraw(message_id)

    def withdrawn(self, message_id: str) -> bool:
        return self.inner.withdrawn(message_id)

    def claim(self, letters: Sequence[Letter], now: Any) -> None:
        self.inner.claim(letters, now)

    def is_behind(self, letters: Mapping[str, bool]) -> bool:
        return self.inner.is_behind(letters)

    def returned(self, message_id: str, now: Any) -> None:
        self.inner.returned(message_id, now)

    def close(self) -> None:
        self.inner.close()

    def settle(self, message_id: str, *, sent: bool, now: Any) -> None:
        self.inner.settle(message_id, sent=sent, now=now)


@dataclass
class Tally:
    """What several runners did together. `sent` and `claimed` count the reminders by invoice and step, `steps` are
    those of the register in the order in which they were taken, `moved` counts plans dropped, `gave_up` runs."""

    sight: Sight
    sent: Counter[tuple[str, str]]
    claimed: Counter[tuple[str, str]]
    steps: list[int]
    dropped: int
    gave_up: int

    def broken(self, alone: "Tally") -> str:
        """The promise that was not kept, when one runner alone leaves what `alone` tells; "" when all were."""
        if self.sent != alone.sent:
            return f"sent too often {dict(self.sent - alone.sent)}, not at all {dict(alone.sent - self.sent)}"
        if self.claimed != alone.claimed:
            return f"claimed too often {dict(self.claimed - alone.claimed)}"
        if self.steps != list(range(self.steps[0], self.steps[0] + len(self.steps))):
            return f"steps of the register: {self.steps}"
        return alone.sight.unlike(self.sight)


def together(folder: Path, runners: int, seed: int, *, stall: float = 0.1, shared: bool = False) -> Tally:
    """`runners` sync at once, with one outbox if `shared`; then each of them once more, undisturbed."""
    clock, names = VirtualClock(), [f"{number:04x}" for number in range(runners)]
    turns, common = Turns(names, seed, stall), MemoryOutbox(LetterState.SENT)
    with FakeSheets(clock=clock.now) as server:
        book, options = server.add("Kartoteka", _register()), settings("live", sending_hours="00:00-24:00")
        _set_up(server, book, folder / "set-up", clock, options)
        first = len(server.log)
        offices, outboxes, gates = {}, [], []
        for name in names:
            gate, pace = _Gate(turns, name), Pace(clock.sleep, clock.now)
            outbox = GatedOutbox(common if shared else MemoryOutbox(LetterState.SENT), gate)
            access = Access(server.key_file(folder / f"{name}.json"), server.url)
            workbook = GoogleWorkbook(GatedConnection(gate, book.id, access, pace), folder / name, pace)
            offices[name] = Office(workbook, outbox, options)
            outboxes.append(outbox)
            gates.append(gate)
        gave_up = _at_once(turns, offices)
        for gate in gates:
            gate.open.append(True)
        for name, office in offices.items():
            sync(office, NOW, _run(name), approve_volume=True)
        writes = [request for request in server.log[first:] if request.kind == "batchUpdate"]
        return Tally(
            sight(book.snapshot()),
            Counter(step for outbox in outboxes for letter in outbox.sent for step in letter.steps),
            _told(book, "reminder claimed"),
            [_step(request.json) for request in writes if request.status == 200],
            sum(1 for request in writes if request.status != 200),
            gave_up,
        )


@dataclass(frozen=True, slots=True)
class _Gate:
    turns: Turns
    name: str
    open: list[bool] = field(default_factory=list)

    def __call__(self) -> None:
        if not self.open:
            self.turns.gate(self.name)


def _at_once(turns: Turns, offices: Mapping[str, Office]) -> int:
    """How many of the runs gave up because the others were faster again and again."""
    gave_up: list[str] = []
    failed: list[BaseException] = []

    def work(name: str) -> None:
        try:
            turns.begin(name)
            sync(offices[name], NOW, _run(name), approve_volume=True)
        except WorkbookMoved:
            gave_up.append(name)
        except BaseException as error:
            failed.append(error)
        finally:
            turns.end(name)

    threads = [Thread(target=work, args=(name,), daemon=True) for name in offices]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for error in failed:
        raise error
    return len(gave_up)


def _run(name: str) -> str:
    return f"{NOW:%Y%m%dT%H%M%S}-{name}"


def _set_up(server: FakeSheets, book: Spreadsheet, folder: Path, clock: VirtualClock, options: Settings) -> None:
    workbook = google_workbook(server, book, folder, clock)
    snapshot = workbook.read()
    workbook.apply(setup(snapshot, options, "setup"), after=snapshot)


def _told(book: Spreadsheet, name: str) -> Counter[tuple[str, str]]:
    """How often the history tells this of each invoice and step."""
    table = locate(Snapshot("", "", book.snapshot()))["history"].table()
    return Counter((event.id, event.after) for event in events(table) if event.event == name)


def _step(body: Mapping[str, Any]) -> int:
    """The step of the register that a write takes."""
    created = next(r["createDeveloperMetadata"] for r in body["requests"] if "createDeveloperMetadata" in r)
    return int(created["developerMetadata"]["metadataId"]) - BASE


def _register() -> tuple[Sheet, ...]:
    clients = [
        {"name": f"Firma {n}", "email": f"firma{n}@example.pl", "stage": ("oferta", "Klient")[n % 2]}
        for n in range(CLIENTS)
    ]
    invoices = [
        {
            "number": f"FV/{n}",
            "client": f"Firma {n % CLIENTS}",
            "due_on": (NOW - timedelta(days=3 + n)).date(),
            "amount": 100 + n,
        }
        for n in range(2 * CLIENTS)
    ]
    return sheet("clients", clients), sheet("invoices", invoices)


def main(seeds: int) -> int:
    """Try `seeds` interleavings of two to five runners and print what came of them. Exit status 1 when a promise was
    broken."""
    status = 0
    print(f"{'runners':<24}{'tries':>7}{'sent':>6}{'plans dropped':>15}{'gave up':>9}{'broken':>8}")
    for shared in (True, False):
        for runners in (2, 3, 4, 5):
            tries, broken, dropped, gave_up, sent = 0, 0, 0, 0, 0
            with TemporaryDirectory() as folder:
                alone = together(Path(folder) / "alone", 1, 0)
                for seed in range(seeds):
                    tally = together(Path(folder) / str(seed), runners, seed, stall=0.05 * (seed % 5), shared=shared)
                    tries, dropped, gave_up = tries + 1, dropped + tally.dropped, gave_up + tally.gave_up
                    sent += tally.sent.total()
                    if flaw := tally.broken(alone):
                        broken += 1
                        print(f"    seed {seed}: {flaw}", flush=True)
            outbox = "one outbox" if shared else "outboxes of their own"
            print(f"{f'{runners}, {outbox}':<24}{tries:>7}{sent:>6}{dropped:>15}{gave_up:>9}{broken:>8}", flush=True)
            status = status or int(bool(broken))
    return status


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100))
