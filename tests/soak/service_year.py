"""A year of `kartoteka run` in virtual time: was every letter right, was no sync left out, was Google asked politely?

`python -m tests.soak.service_year [WEEKS [SEED]]` prints a table; some weeks are in the test suite. The service is a
process of its own, with the real command line, real connections to a Google, a mail server and a chat of our own, real
signals. People type and move things; Google, the mail server and the machine fail. What the letters should have been is
year_oracle.py's part.
"""

import email
import json
import os
import re
import sys
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from email.message import EmailMessage
from email.policy import default
from multiprocessing import get_context
from pathlib import Path
from random import Random
from statistics import mean
from subprocess import DEVNULL, Popen
from time import perf_counter

from sync.snapshot import Sheet
from tests.fakes.editing import Editor
from tests.fakes.faults import Fault, Faults
from tests.fakes.http_wire import Reply, Request
from tests.fakes.mail_desk import quick_folder
from tests.fakes.mail_server import Act, MailServer, Step
from tests.fakes.notice_server import NoticeServer
from tests.fakes.sheets_server import SIGN_IN, FakeSheets, Logged
from tests.fakes.spreadsheet import Spreadsheet
from tests.soak import virtual_service
from tests.soak.virtual_service import NEVER, SharedClock
from tests.soak.year_oracle import ZONE, Deed, Posted, Run, judged, out_of_time, scheduled
from tests.soak.year_scenario import HEADERS, Span, Year, year

ROOT = Path(__file__).parents[2]
FIRST, WEEKS = date(2026, 11, 23), 52
TIMES = (time(2, 30), time(8), time(13))
QUOTA = 60  # requests a minute, reads and writes apart
MOVES = ("sort", "insert_empty", "move_row", "cut_row", "move_column", "insert_column")
_MOVED = 0.1  # of all requests are met by somebody who moves something
_SPARE_ROWS = 20
_PAUSE = 90.0  # seconds from an accident to the next start
_NUMBER = re.compile(r"FV/\d+/2026")
_TOLD = re.compile(r"(FV/\d+/2026),[^\n]*\(krok \+21\)")


@dataclass
class Lived:
    """What happened: `memory` holds moment, resident bytes and Python's blocks; `minutes` when Google was asked."""

    runs: list[Run] = field(default_factory=list)
    posted: list[Posted] = field(default_factory=list)
    told: list[tuple[float, str]] = field(default_factory=list)
    awake: list[tuple[float, float]] = field(default_factory=list)
    memory: list[tuple[float, float, float]] = field(default_factory=list)
    asked: list[float] = field(default_factory=list)
    refused: int = 0
    accidents: int = 0
    moves: int = 0
    wrong: list[str] = field(default_factory=list)

    @property
    def busiest(self) -> int:
        """The most requests in any minute."""
        minute, most = deque[float](), 0
        for at in self.asked:
            minute.append(at)
            while minute[0] <= at - 60:
                minute.popleft()
            most = max(most, len(minute))
        return most


class Chat(NoticeServer):
    """The team's chat, which knows when it was told something."""

    def __init__(self, clock: SharedClock) -> None:
        super().__init__()
        self.moments: list[float] = []
        self._clock = clock

    def _respond(self, request: Request) -> Reply:
        self.moments.append(self._clock.now())
        return super()._respond(request)


class World:
    """Everything around the service, and the time that passes."""

    def __init__(self, story: Year, folder: Path, seed: int, *, afresh: bool) -> None:
        """Each start of the service is a new interpreter if it is to be `afresh`, else a fork of this one."""
        self.story, self.folder, self.lived = story, folder, Lived()
        self.clock = SharedClock(folder / "clock", story.begin - 1800)
        self.random, self._editor = Random(seed), Editor(seed, kinds=MOVES)
        self._deeds, self._blows = deque(story.deeds), deque(story.blows)
        self._faults = Faults(seed, refused=0.1, lost=0.02, late=0.0)
        self._afresh, self._child = afresh, 0
        self.mail, self.chat = MailServer(self._at_the_mail), Chat(self.clock)
        self.google = FakeSheets(clock=self.clock.now, quota=QUOTA, latency=self._on_the_way)
        self.book = self.google.add("Kartoteka", [Sheet(title, [header]) for title, header in HEADERS.items()])
        self.google.before.append(self._at_google)

    def live(self) -> Lived:
        """From the first day to the last."""
        with self.google, self.mail, self.chat:
            self._set_up()
            self.clock.sleep(self.story.begin - self.clock.now())
            downs = deque(self.story.down)
            while self.clock.now() < self.story.end:
                down = downs[0] if downs else Span(self.story.end, self.story.end)
                if self._work(down.begin) and downs:
                    downs.popleft()
                    self.clock.sleep(down.end - self.clock.now())
                else:
                    self.clock.sleep(_PAUSE)
                while downs and downs[0].begin <= self.clock.now():
                    downs.popleft()
        self._trim()
        self._read_memory()
        self._judge()
        return self.lived

    def _work(self, until: float) -> bool:
        """Let the service work until it is told to end; whether that was not by accident."""
        self.clock.stop_at(until)
        asleep = next(
            (s for s in self.story.asleep if s.begin > self.clock.now() and s.end < until), Span(NEVER, NEVER)
        )
        self.clock.sleep_from(asleep.begin, asleep.end)
        began = self.clock.now()
        log = self.folder / "log.txt"
        status = self._carried_out(log, "run", "--yes")
        ended = self.clock.now()
        slept = asleep.end <= ended
        self.lived.awake += [(began, asleep.begin), (asleep.end, ended)] if slept else [(began, ended)]
        self._read_log(log)
        as_told = ended >= until
        self.lived.accidents += not as_told
        if status not in (0, -9):
            self.lived.wrong.append(f"the service ended with {status}: {log.read_text()[-500:]}")
        return as_told

    def _carried_out(self, log: Path, *words: str) -> int:
        """A command in virtual time, and how it ended; a process of its own, which may be hit by signals."""
        words = (*words, "--config", str(self.folder / "kartoteka.toml"))
        os.environ |= {"SHEETS_EMULATOR_HOST": self.google.url, "XDG_STATE_HOME": str(self.folder / "home")}
        if self._afresh:
            command = [sys.executable, "-m", "tests.soak.virtual_service", str(self.clock.path), *words]
            with log.open("wb") as err, Popen(command, cwd=ROOT, stdout=DEVNULL, stderr=err) as fresh:
                self._child = fresh.pid
                return fresh.wait()
        forked = get_context("fork").Process(target=_forked, args=(log, self.clock.path, words))
        forked.start()
        self._child = forked.pid or 0
        forked.join()
        return forked.exitcode or 0

    def _set_up(self) -> None:
        self.google.key_file(self.folder / "service-account.json")
        (self.folder / "kartoteka.toml").write_text(
            f"""[workbook]
kind = "google"
spreadsheet = "{self.book.id}"
[reminders]
mode = "live"
[mail]
transport = "smtp"
host = "127.0.0.1"
port = {self.mail.port}
security = "none"
sender = "Biuro <biuro@firma.example>"
[notify]
urls = ["{self.chat.url}"]
[schedule]
sync = {json.dumps([f"{at:%H:%M}" for at in self.story.times])}
[logs]
format = "json"
""",
            encoding="utf-8",
        )
        log = self.folder / "log.txt"
        assert self._carried_out(log, "init", "--yes") == 0, log.read_text("utf-8")
        for tab in self.book.tabs:  # nobody need wait for a thousand formatted rows
            tab.resize(min(tab.row_count, tab.last_row + _SPARE_ROWS), tab.column_count)

    def _on_the_way(self) -> float:
        """A request is on its way to Google: how long, and into what weather."""
        now = self.clock.now()
        self.google.unplugged = any(now in span for span in self.story.away)
        self.google.faults = self._faults if any(now in span for span in self.story.trouble) else None
        return self.random.uniform(0.1, 0.5)

    def _at_google(self, server: FakeSheets, request: Logged) -> None:
        """A request has arrived: what people have done until now, what somebody does at this moment, and what befalls
        the service meanwhile."""
        now = self.clock.now()
        self._trim(1)
        while self._deeds and self._deeds[0].at <= now:
            typed(self.book, self._deeds.popleft())
        if request.kind not in SIGN_IN and self.random.random() < _MOVED:
            self._editor.edit(self.book)
            self.lived.moves += 1
        kind = "batchUpdate" if request.kind == "batchUpdate" else "read"
        self._strike(kind if request.kind not in SIGN_IN else "")

    def _strike(self, kind: str) -> None:
        now = self.clock.now()
        if self._blows and self._blows[0].at <= now and self._blows[0].kind == kind:
            os.kill(self._child, self._blows.popleft().signal)
        while self._blows and self._blows[0].at < now - 7 * 86400:  # there was no such moment
            self._blows.popleft()

    def _at_the_mail(self, step: Step) -> bytes | Act | None:
        now = self.clock.now()
        if any(now in span for span in self.story.shut):
            return Act.CUT
        self._strike(step.name)
        if step.name == "RCPT":
            grey = next((a for span, a in self.story.greylists if now in span and a in step.argument), "")
            if grey:
                self.lived.posted.append(Posted(now, grey, refused=True))
                return b"451 4.7.1 come back later"
        if step.name == "dot":
            self.lived.posted.append(Posted(now, ""))
        return None

    def _trim(self, keep: int = 0) -> None:
        """Take what the log of Google's requests tells, and let it go: a year is long."""
        log = self.google.log
        done = log[: len(log) - keep]
        self.lived.asked += [request.at for request in done if request.kind not in SIGN_IN]
        self.lived.refused += sum(request.status == 429 and request.fault is Fault.NONE for request in done)
        del log[: len(done)]

    def _read_log(self, path: Path) -> None:
        begun: list[tuple[str, float]] = []
        ends: dict[str, str] = {}
        for line in path.read_text("utf-8").splitlines():
            try:
                said = json.loads(line)
            except ValueError:
                self.lived.wrong.append(f"a strange line in the log: {line}")
                continue
            if said["message"] == "run began":
                begun.append((said["run"], _moment(said["run"])))
            elif said["message"] == "run ended":
                ends[said["run"]] = said["state"]
            elif said["message"] == "unforeseen":
                self.lived.wrong.append(said["error"])
        self.lived.runs += [Run(at, ends.get(run, "")) for run, at in begun]

    def _read_memory(self) -> None:
        for line in (self.folder / "memory.txt").read_text().splitlines():
            at, resident, blocks = map(float, line.split())
            self.lived.memory.append((at, resident, blocks))

    def _judge(self) -> None:
        lived, letters = self.lived, iter(self.mail.taken)
        lived.posted = [p if p.refused else _read(p.at, next(letters).content) for p in lived.posted]
        lived.told = list(self._notices())
        moments = scheduled(self.story.begin, self.story.end, self.story.times)
        lived.wrong += out_of_time(lived.awake, moments, lived.runs)
        lived.wrong += judged(self.story.deeds, lived.runs, lived.posted, lived.told)
        lived.wrong += ["Google's quota was used up"] * bool(lived.refused)

    def _notices(self) -> Iterator[tuple[float, str]]:
        """Of which invoices the team was told, and when."""
        for at, (_, text) in zip(self.chat.moments, self.chat.taken, strict=True):
            for number in _TOLD.findall(text):
                yield at, number


def _forked(log: Path, clock: Path, words: Sequence[str]) -> None:
    with log.open("w", encoding="utf-8") as err, Path(os.devnull).open("w", encoding="utf-8") as out:
        sys.stdout, sys.stderr = out, err  # in a process of our own
        virtual_service.main(clock, list(words))


def typed(book: Spreadsheet, deed: Deed) -> None:
    """Somebody types what the deed says, into a row of their own or a new one, as the columns stand now."""
    tab = book.tab(deed.tab)
    rows = [[cell.value if cell else None for cell in row] for row in tab.rows]
    key = HEADERS[deed.tab][0]
    top = next(n for n, row in enumerate(rows) if key in row)
    column = rows[top].index(key)
    own = (n for n, row in enumerate(rows) if n > top and column < len(row) and row[column] == deed.key)
    row = next(own, tab.last_row)
    if row >= tab.row_count:
        tab.insert_rows(row)
    for header, value in deed.cells.items():
        tab.set(row, rows[top].index(header), value)


def _moment(run: str) -> float:
    return datetime.strptime(run[:15], "%Y%m%dT%H%M%S").replace(tzinfo=ZONE).timestamp()


def _read(at: float, content: bytes) -> Posted:
    letter = email.message_from_bytes(content, policy=default)
    assert isinstance(letter, EmailMessage)
    body = letter.get_body(("plain",))
    assert body
    text = " ".join(body.get_content().split())
    return Posted(at, str(letter["To"]), frozenset(_NUMBER.findall(text)), str(letter["Subject"]), text)


def lived(weeks: int, seed: int, first: date = FIRST, times: Sequence[time] = TIMES, *, afresh: bool = True) -> Lived:
    """So many weeks of a firm, and what was wrong with them."""
    with quick_folder() as folder:
        return World(year(first, weeks, tuple(times), seed), folder, seed, afresh=afresh).live()


def main(weeks: int, seed: int) -> int:
    """Print the year by quarters. Exit status 1 when something was wrong."""
    started = perf_counter()
    told = lived(weeks, seed)
    begin = told.runs[0].at
    quarter = weeks * 7 * 86400 / 4
    print(f"{weeks} weeks, {told.accidents} accidents, {told.moves} moves, {perf_counter() - started:.0f} s")
    print(f"{'quarter':>7}{'syncs':>7}{'not whole':>11}{'letters':>9}{'told':>6}{'requests':>10}{'MB':>8}{'blocks':>9}")
    for number in range(4):
        span = Span(begin + number * quarter - 1, begin + (number + 1) * quarter - 1)
        runs = [run for run in told.runs if run.at in span]
        held = [look for look in told.memory if look[0] in span]
        print(
            f"{number + 1:>7}{len(runs):>7}{sum(not run.whole for run in runs):>11}"
            f"{sum(p.at in span and not p.refused for p in told.posted):>9}{sum(at in span for at, _ in told.told):>6}"
            f"{sum(at in span for at in told.asked):>10}{mean(m for _, m, _ in held) / 1e6:>8.1f}"
            f"{mean(b for _, _, b in held):>9,.0f}"
        )
    began, ended = max(told.awake, key=lambda span: span[1] - span[0])
    held = [look for look in told.memory if began <= look[0] < ended]
    for name, part in (("first", held[: len(held) // 4]), ("last", held[-len(held) // 4 :])):
        told_of = f"{mean(m for _, m, _ in part) / 1e6:.1f} MB, {mean(b for _, _, b in part):,.0f} blocks"
        print(f"the {name} quarter of the longest {(ended - began) / 86400:.0f} days without a start: {told_of}")
    print(f"busiest minute: {told.busiest} requests, of {QUOTA} reads and {QUOTA} writes that are allowed")
    for line in told.wrong:
        print(f"    {line}")
    return int(bool(told.wrong))


if __name__ == "__main__":
    asked = [int(number) for number in sys.argv[1:]]
    sys.exit(main(*(asked + [WEEKS, 1][len(asked) :])))
