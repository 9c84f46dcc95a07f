"""Live mode by a mail server, killed at any command, journal write, touch of a file, or moment: the runs after it send
what is left, nothing twice, and whoever may have got a letter is named.

`python -m tests.soak.crashes [fake|postfix [KILLS [LETTERS]]]` kills at every moment of a small firm, then at random
ones of a bigger firm, run after run, and prints a table: at the fake server, whose doubts stay, and at Postfix, whose
archive is looked up. A short run is in the test suite.
"""

import multiprocessing
import os
import signal
import sqlite3
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from tests.fakes.mail_desk import quick_folder
from tests.fakes.mail_server import Act, MailServer, Step, kindly
from tests.live_desk_for_tests import NOTHING, LiveFirm
from tests.soak.post_office import PostOffice, Relay, obstacle

MOST_KILLS = 100  # of one firm
BIG = 100  # clients; more would not get a letter on one day
MOST_SYNCS = 4  # one to find out, one to send, one for what failed, one that finds nothing to do
WATCHED = {"open", "os.rename", "os.remove", "os.mkdir", "os.chmod", "os.listdir", "os.scandir"}
_LOOKING = ("SELECT", "PRAGMA quick_check", "PRAGMA user_version", "PRAGMA synchronous")
TELL = 60  # seconds
COLUMNS = ("kills", "letters", "twice", "lost", "unknown", "stuck")


@dataclass(frozen=True, slots=True)
class Kill:
    """Signal 9 at the `number`-th (from 1) step of the mail server's dialogue, which it then acts as it says; journal
    statement or file operation; or after so many seconds (`place` "time")."""

    place: str
    number: float
    act: Act | None = None


@dataclass(frozen=True, slots=True)
class Ending:
    """What came of a firm that was killed: the `kills` that hit, what the runs after them left (`at_dot`: how many
    letters the journal has between dot and answer), and what was left when a person had settled the doubts."""

    kills: int
    letters: int
    at_dot: int
    twice: int
    lost: int
    unknown: int
    stuck: int

    @property
    def broken(self) -> str:
        """The promise that was not kept, "" when all were."""
        promises = {
            f"{self.twice} letters twice": self.twice,
            f"{self.lost} letters lost": self.lost,
            f"{self.stuck} letters stuck": self.stuck,
            f"{self.unknown} letters in doubt, {self.at_dot} at the dot": self.unknown != self.at_dot,
            f"{self.unknown} letters in doubt after {self.kills} kills": self.unknown > self.kills,
        }
        return ", ".join(words for words, is_broken in promises.items() if is_broken)


class Moments:
    """Counts what happens in a child, and ends that at the `fatal`-th; 0: never."""

    def __init__(self, place: str, fatal: int = 0) -> None:
        self._place, self._fatal = place, fatal
        self._met = multiprocessing.get_context("fork").Value("i", 0)

    @property
    def met(self) -> int:
        """How many there were."""
        return int(self._met.value)

    def watch(self) -> None:
        """Begin, in the child: nobody else sees what is exchanged there."""
        if self._place == "journal":
            setattr(sqlite3, "connect", partial(sqlite3.connect, factory=_watched(self._moment)))  # noqa: B010
        else:
            fsync = os.fsync  # raises no audit event
            setattr(os, "fsync", lambda file: self._around(fsync, file))  # noqa: B010
            sys.addaudithook(self._audited)

    def _audited(self, event: str, arguments: tuple[object, ...]) -> None:
        if event in WATCHED and any(name in str(arguments) for name in ("kartoteka.xlsx", ".kartoteka", ".jsonl")):
            self._moment()

    def _around(self, fsync: Callable[[int], None], file: int) -> None:
        self._moment()
        fsync(file)
        self._moment()

    def _moment(self) -> None:
        self._met.value += 1
        if self._met.value == self._fatal:
            os.kill(os.getpid(), signal.SIGKILL)


def _watched(moment: Callable[[], None]) -> type[sqlite3.Connection]:
    class Watched(sqlite3.Connection):
        def execute(self, statement: str, values: Any = (), /) -> sqlite3.Cursor:
            if statement.startswith(_LOOKING):
                return super().execute(statement, values)
            moment()
            done = super().execute(statement, values)
            moment()
            return done

    return Watched


@dataclass
class Victim:
    """A firm whose runs are killed, one after the other, until there is nothing left to do."""

    firm: LiveFirm
    clients: int
    kills: int = 0

    def attack(self, kill: Kill) -> bool:
        """One run, killed if it lives to the moment; whether it was."""
        if kill.place == "server":
            self.firm.server.fate = self._fatal(kill)
            done = self.firm.run("sync", "--yes")
            self.firm.server.fate = kindly
        elif kill.place == "time":
            self.firm.start("sync", "--yes")
            time.sleep(kill.number)
            self.firm.kill()
            done = self.firm.ended()
        else:
            done = self.firm.run("sync", "--yes", before=Moments(kill.place, int(kill.number)).watch)
        killed = done.status == -signal.SIGKILL
        self.kills += killed
        return killed

    def _fatal(self, kill: Kill) -> Callable[[Step], Act | None]:
        steps = 0

        def fate(_: Step) -> Act | None:
            nonlocal steps
            steps += 1
            if steps != kill.number:
                return None
            self.firm.kill()
            return kill.act

        return fate

    def last(self, event: str) -> set[str]:
        """One invoice of each letter whose last event is `event`."""
        last = {told.message_id: told for told in self.firm.told()}
        return {told.invoice for told in last.values() if told.event == event}

    def rested(self) -> bool:
        """Sync undisturbed until there is nothing to do; False when that never comes."""
        for _ in range(MOST_SYNCS):
            before = self.firm.workbook.read_bytes()
            self.firm.run("sync", "--yes")
            if before == self.firm.workbook.read_bytes():
                return True
        return False

    def ending(self) -> Ending:
        """What the runs after the kills leave; then a person says what became of each letter in doubt."""
        stuck = int(not self.rested()) + len(self.last("reminder claimed"))
        addresses, in_doubt = self._addresses(), self.last("reminder unknown")
        at_dot, got = self.firm.progress()["dot"], set(self.firm.received)
        silent = set(addresses.values()) - got - {addresses[invoice] for invoice in in_doubt}
        for invoice in in_doubt:
            word = "sent" if addresses[invoice] in got else "resend"
            stuck += self.firm.run("resolve", invoice, word).status != 0
        if in_doubt:
            stuck += int(not self.rested()) + len(self.last("reminder unknown"))
        received = self.firm.received
        lost = len(silent | (set(addresses.values()) - set(received)))
        twice = sum(received.values()) - len(received)
        return Ending(self.kills, self.clients, at_dot, twice, lost, len(in_doubt), stuck)

    def _addresses(self) -> dict[object, str]:
        """Where the letter about an invoice goes, by its id."""
        names = self.firm.cells("Faktury", "Klient")
        addresses = [f"firma{str(name).removeprefix('Firma ')}@example.pl" for name in names]
        return dict(zip(self.firm.cells("Faktury", "ID"), addresses, strict=True))


@dataclass(frozen=True)
class Ground:
    """A firm in `folder` whose `clients` all owe; each try begins with it anew. `moments` tells how many an
    undisturbed run has, by place."""

    folder: Path
    clients: int
    steps: tuple[str, ...]
    moments: dict[str, float] = field(default_factory=dict)
    office: PostOffice | None = None

    @classmethod
    def made(cls, folder: Path, clients: int, invoices: int = 1, office: PostOffice | None = None) -> "Ground":
        with MailServer() as server:
            LiveFirm.made(folder, server, clients, invoices=invoices)
        ground = cls(folder, clients, (), office=office)
        with ground.victim() as victim:
            steps = list[str]()
            victim.firm.server.fate = lambda step: steps.append(step.name)
            began = time.monotonic()
            victim.firm.run("sync", "--yes")
            moments: dict[str, float] = {"time": time.monotonic() - began, "server": len(steps)}
        for place in ("journal", "file"):
            with ground.victim() as victim:
                watched = Moments(place)
                victim.firm.run("sync", "--yes", before=watched.watch)
                moments[place] = watched.met
        return cls(folder, clients, tuple(steps), moments, office)

    @contextmanager
    def victim(self) -> Iterator[Victim]:
        """A copy of the firm, at a mail server of its own, or at the post office with an empty archive."""
        environ = self.office.environ if self.office else NOTHING
        with quick_folder() as folder, Relay(self.office) if self.office else MailServer() as server:
            yield Victim(LiveFirm(self.folder, server, environ=environ).copied(folder / "firm"), self.clients)

    def ending(self, kills: Iterable[Kill]) -> Ending:
        """How a firm ends that was killed so, one run after the other."""
        with self.victim() as victim:
            for kill in kills:
                victim.attack(kill)
            return victim.ending()

    def each(self) -> Iterator[tuple[str, Kill]]:
        """Every moment of an undisturbed run."""
        for number, step in enumerate(self.steps, 1):
            yield f"mail server, {step}", Kill("server", number)
            if step == "dot":
                yield "mail server, dot, letter not taken", Kill("server", number, Act.CUT)
        for place in ("journal", "file"):
            for number in range(1, int(self.moments[place]) + 1):
                yield f"{place}, every operation", Kill(place, number)

    def series(self, seed: int) -> Ending:
        """A firm killed at random moments, run after run, until a run comes to its end before it meets its moment."""
        random = Random(seed)
        with self.victim() as victim:
            for _ in range(MOST_KILLS):
                place = random.choice(list(self.moments))
                left = 1 - len(victim.firm.received) / self.clients
                most = self.moments[place] * (1 if place == "file" else max(left, 0.1))
                early = most * random.random() ** 2  # late kills leave little to do
                number = early if place == "time" else 1 + int(early)
                act = random.choice((None, Act.CUT)) if place == "server" else None
                if not victim.attack(Kill(place, number, act)):
                    break
            return victim.ending()


def _once(ground: Ground, kill: Kill) -> Ending:
    return ground.ending([kill])


def endings(folder: Path, kills: int, letters: int) -> Iterator[tuple[str, Ending]]:
    """Every moment of a small firm, then series on a bigger one until there were so many `kills` and `letters`."""
    small, big = Ground.made(folder / "small", 3, 2), Ground.made(folder / "big", BIG)
    met = went = 0
    at_once = len(os.sched_getaffinity(0))
    with ProcessPoolExecutor(at_once, multiprocessing.get_context("fork")) as workers:
        names, each = zip(*small.each(), strict=True)
        for name, ending in zip(names, workers.map(partial(_once, small), each), strict=True):
            met, went = met + ending.kills, went + ending.letters
            yield name, ending
        seeds = iter(range(1_000_000))
        while met < kills or went < letters:
            some = [next(seeds) for _ in range(4 * at_once)]
            for ending in workers.map(big.series, some):
                met, went = met + ending.kills, went + ending.letters
                yield "random moments, run after run", ending


def endings_at(office: PostOffice, folder: Path, kills: int, letters: int) -> Iterator[tuple[str, Ending]]:
    """The same at a real mail server, whose archive is looked up; one firm after the other, for it is one archive."""
    small, big = Ground.made(folder / "small", 3, 2, office), Ground.made(folder / "big", BIG, office=office)
    met = went = 0
    for name, kill in small.each():
        if kill.place == "server":
            ending = small.ending([kill])
            met, went = met + ending.kills, went + ending.letters
            yield name, ending
    seeds = iter(range(1_000_000))
    while met < kills or went < letters:
        ending = big.series(next(seeds))
        met, went = met + ending.kills, went + ending.letters
        yield "random moments, run after run", ending


def shown(title: str, endings: Iterable[tuple[str, Ending]]) -> int:
    """Print what came of the kills as a table, also when somebody ends it; how many promises were broken."""
    table: dict[str, Counter[str]] = {}
    broken, told = 0, time.monotonic()
    with suppress(KeyboardInterrupt):
        for name, ending in endings:
            counts = table.setdefault(name, Counter())
            counts.update({column: getattr(ending, column) for column in COLUMNS})
            if ending.broken:
                broken += 1
                print(f"{name}: {ending.broken}", flush=True)
            if time.monotonic() - told > TELL:
                told = time.monotonic()
                print(f"so far: {dict(sum(table.values(), Counter()))}", file=sys.stderr, flush=True)
    table["all"] = sum(table.values(), Counter())
    print(f"{title}\n{'killed at':<40}" + "".join(f"{column:>9}" for column in COLUMNS))
    for name, counts in table.items():
        print(f"{name:<40}" + "".join(f"{counts[column]:>9}" for column in COLUMNS), flush=True)
    return broken


def main(words: Sequence[str]) -> int:
    """Kill, and print what came of it. Exit status 1 when a promise was broken."""
    place, kills, letters = words[0] if words else "", *(int(word) for word in (*words[1:], "1000", "10000")[:2])
    broken, reason = 0, obstacle() if place != "fake" else ""
    with quick_folder() as folder:
        if place != "postfix":
            broken += shown("A mail server without a mailbox to look into", endings(folder / "fake", kills, letters))
        if reason:
            print(f"Postfix with Dovecot: skipped, for {reason}.")
        elif place != "fake":
            with TemporaryDirectory() as name, PostOffice(Path(name)) as office:
                title = "Postfix, its archive looked up by Dovecot"
                broken += shown(title, endings_at(office, folder / "postfix", kills, letters))
    return int(bool(broken))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
