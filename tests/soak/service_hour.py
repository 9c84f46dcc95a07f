"""A real hour of `kartoteka run`, a sync each minute: real time, the installed command, a Google and a mail server of
our own behind real connections.

`python -m tests.soak.service_hour [MINUTES]` prints what happened. People add invoices all the time; the service is
told to end in the middle of a letter, killed, started again, cut off from Google; the mail server falls silent; the
machine's clock is set, as far as the service can see (other_clock.c), where there is a C compiler.
"""

import os
import shutil
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from email import message_from_bytes
from itertools import pairwise
from pathlib import Path
from random import Random
from signal import SIGHUP, SIGKILL, SIGTERM, Signals
from statistics import mean
from subprocess import DEVNULL, Popen, TimeoutExpired

from config.labels import event_code
from sync.snapshot import Sheet
from tests.fakes.mail_desk import quick_folder
from tests.fakes.mail_server import Act, MailServer, Step
from tests.fakes.sheets_server import SIGN_IN, FakeSheets, Logged

MINUTES = 60
QUOTA = 60
LEAVES_WITHIN = 30.0  # seconds after SIGTERM
_INVOICES = 2  # a minute
_LAST = 2.5  # minutes at the end in which nothing new comes
_SAMPLED = 15.0  # seconds
_GAP = 100.0  # seconds at most between two syncs while the service is up: a minute, a look at the clock, the sync
_ANEW = 60.0  # seconds more for each time that the clock was set back meanwhile: then the minute is counted anew
_COMPILER = shutil.which("cc")
_OTHER_CLOCK = Path(__file__).with_name("other_clock.c")
_INVOICE = ("Numer", "Klient", "Termin płatności", "Kwota brutto", "Notatki")
_SETTINGS = """[workbook]
kind = "google"
spreadsheet = "{book}"
[reminders]
mode = "live"
min_days_between = 0
sending_days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
sending_hours = "00:00-24:00"
[mail]
transport = "smtp"
host = "127.0.0.1"
port = {port}
security = "none"
sender = "Biuro <biuro@firma.example>"
[schedule]
sync = "every 1 minute"
"""


@dataclass
class Hour:
    """What happened. `left` are the seconds from each SIGTERM to the end; `looks` the moments of syncs."""

    left: list[float] = field(default_factory=list)
    looks: list[float] = field(default_factory=list)
    up: list[tuple[float, float]] = field(default_factory=list)
    memory: list[int] = field(default_factory=list)
    owed: set[str] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)


class Desk:
    """The firm, its servers and its service, for so many minutes."""

    def __init__(self, folder: Path, minutes: float) -> None:
        self.folder, self.minutes, self.hour, self.random = folder, minutes, Hour(), Random(1)
        self.google = FakeSheets(quota=QUOTA, latency=lambda: self.random.uniform(0.02, 0.2))
        self.mail = MailServer(self._at_the_mail, away=0.01)
        header = ("Nazwa", "E-mail")
        self.book = self.google.add("Kartoteka", [Sheet("Klienci", [header]), Sheet("Faktury", [_INVOICE])])
        self.google.before.append(self._at_google)
        self._meets: list[tuple[str, Callable[[], Act | None]]] = []
        self._service: Popen[bytes] | None = None
        self._since, self._number, self._told_at = 0.0, 0, 0.0
        self._away, self._back = float("inf"), float("-inf")
        self._ahead, self._set_back = 0, list[float]()

    def live(self) -> Hour:
        """From the first minute to the last."""
        with self.google, self.mail:
            self._set_up()
            begin = time.monotonic()
            self._start()
            todo = self._happenings()
            while (now := (time.monotonic() - begin) / 60) < self.minutes:
                while todo and todo[0][0] * self.minutes <= now:
                    self._say(now, todo[0][1])
                    todo.pop(0)[2]()
                self._minute(now)
                self._look_after()
                time.sleep(0.5)
            self._signal(SIGTERM)
            self._ended(LEAVES_WITHIN + 10)
        self._judge()
        return self.hour

    def _happenings(self) -> list[tuple[float, str, Callable[[], None]]]:
        """What befalls the service, and after which part of the time."""
        found = [
            (0.05, "SIGTERM in the middle of a letter", lambda: self._when("body", lambda: self._signal(SIGTERM))),
            (0.13, "kill -9 in the middle of a letter", lambda: self._when("MAIL", self._kill)),
            (0.21, "kill -9 while a write is on its way", lambda: self._when("batchUpdate", self._kill)),
            (0.28, "SIGHUP", lambda: self._signal(SIGHUP)),
            (
                0.32,
                "the mail server falls silent at a final dot, then SIGTERM",
                lambda: self._when("dot", self._silent),
            ),
            (0.44, "the clock is set 4 minutes ahead", lambda: self._set_clock(4)),
            (0.49, "the clock is set right again", lambda: self._set_clock(0)),
            (0.53, "the clock is set 26 hours ahead: Google lets nobody in", lambda: self._set_clock(26 * 60)),
            (0.60, "the clock is set right again", lambda: self._set_clock(0)),
            (0.64, "the clock is set 4 minutes back", lambda: self._set_clock(-4)),
            (0.68, "the clock is set right again", lambda: self._set_clock(0)),
            (0.72, "Google is away", self._unplug),
            (0.80, "Google is there again", self._plug),
        ]
        return [item for item in found if _COMPILER or "clock" not in item[1]]

    def _set_up(self) -> None:
        self.google.key_file(self.folder / "service-account.json")
        self._set_clock(0)
        if _COMPILER:
            made = [_COMPILER, "-shared", "-fPIC", "-o", str(self._library), str(_OTHER_CLOCK), "-ldl"]
            assert Popen(made).wait() == 0
        text = _SETTINGS.format(book=self.book.id, port=self.mail.port)
        (self.folder / "kartoteka.toml").write_text(text, encoding="utf-8")
        with Popen(self._command("init", "--yes"), cwd=self.folder, env=self._environ(), stdout=DEVNULL) as made:
            assert made.wait() == 0
        for tab in self.book.tabs:
            tab.resize(min(tab.row_count, tab.last_row + 50), tab.column_count)

    @staticmethod
    def _command(*words: str) -> list[str]:
        return [str(Path(sys.executable).with_name("kartoteka")), *words]

    def _environ(self) -> dict[str, str]:
        home = str(self.folder / "home")
        environ = os.environ | {"SHEETS_EMULATOR_HOST": self.google.url, "XDG_STATE_HOME": home}
        other = {"LD_PRELOAD": str(self._library), "OTHER_CLOCK": str(self.folder / "clock")}
        return environ | other if _COMPILER else environ

    @property
    def _library(self) -> Path:
        return self.folder / "other_clock.so"

    def _start(self) -> None:
        with (self.folder / "log.txt").open("ab") as log:
            command = self._command("run", "--yes")
            self._service = Popen(command, cwd=self.folder, env=self._environ(), stdout=DEVNULL, stderr=log)
        self._since = time.monotonic()

    def _signal(self, number: Signals) -> None:
        if self._service and self._service.poll() is None:
            self._service.send_signal(number)
            self._told_at = time.monotonic() if number is SIGTERM else self._told_at

    def _kill(self) -> None:
        self._signal(SIGKILL)

    def _silent(self) -> Act:
        self._signal(SIGTERM)
        return Act.SILENCE

    def _unplug(self) -> None:
        self.google.unplugged, self._away = True, time.monotonic()

    def _plug(self) -> None:
        self.google.unplugged, self._back = False, time.monotonic() + 120  # seconds in which it may still try again

    def _set_clock(self, minutes: int) -> None:
        if minutes < self._ahead:
            self._set_back.append(time.monotonic())
        self._ahead = minutes
        (self.folder / "clock").write_text(f"{minutes * 60}\n")

    def _when(self, kind: str, act: Callable[[], Act | None]) -> None:
        """At the next step of this kind."""
        self._meets.append((kind, act))

    def _met(self, kind: str) -> Act | None:
        if not self._meets or self._meets[0][0] != kind:
            return None
        return self._meets.pop(0)[1]()

    def _at_the_mail(self, step: Step) -> Act | None:
        return self._met(step.name)

    def _at_google(self, server: FakeSheets, request: Logged) -> None:
        self._met(request.kind)

    def _minute(self, now: float) -> None:
        """People add an invoice of a new client now and then."""
        if self._number >= now * _INVOICES or now > self.minutes - _LAST or self.google.unplugged:
            return
        self._number += 1
        name, address = f"Firma {self._number}", f"firma{self._number}@example.pl"
        due = date.today() - timedelta(days=10)  # noqa: DTZ011 - any day will do that is long enough ago
        with self.google.lock:
            self._append("Klienci", (name, address))
            self._append("Faktury", (f"FV/{self._number}", name, f"{due}", 100 + self._number, "od ręki"))
        self.hour.owed.add(address)

    def _append(self, title: str, values: tuple[object, ...]) -> None:
        tab, labels = self.book.tab(title), _INVOICE if title == "Faktury" else ("Nazwa", "E-mail")
        header = [cell.value if cell else None for cell in tab.rows[0]]
        row = tab.last_row
        if row >= tab.row_count:
            tab.insert_rows(row, 20)
        for label, value in zip(labels, values, strict=True):
            tab.set(row, header.index(label), value)

    def _look_after(self) -> None:
        """Whoever looks after the service: starts it when it has gone; and how much memory it has."""
        assert self._service
        begun = (self.folder / "log.txt").read_text("utf-8").count("run began")
        self.hour.looks += [time.monotonic()] * (begun - len(self.hour.looks))
        if self._service.poll() is not None:
            self._ended(0)
            self._start()
        elif time.monotonic() - self._since > _SAMPLED * (len(self.hour.memory) + 1):
            pages = Path(f"/proc/{self._service.pid}/statm").read_text().split()[1]
            self.hour.memory.append(int(pages) * os.sysconf("SC_PAGE_SIZE"))

    def _ended(self, within: float) -> None:
        assert self._service
        try:
            status = self._service.wait(within)
        except TimeoutExpired:
            self._service.kill()
            status = self._service.wait()
            self.hour.wrong.append("it did not leave in time")
        now = time.monotonic()
        self.hour.up.append((self._since, now))
        if status == 0:
            self.hour.left.append(now - self._told_at)
        elif status != -SIGKILL:
            self.hour.wrong.append(f"it ended with {status}")
        self._say(0, f"the service has ended with {status}")

    @staticmethod
    def _say(now: float, what: str) -> None:
        print(f"{f'{now:.1f} min' if now else '':>10}  {what}", flush=True)

    def _judge(self) -> None:
        """What must hold: each client one letter, or none and that is told; none twice; none left open in the sheet."""
        hour, log = self.hour, self.google.log
        got = Counter(address for letter in self.mail.taken for address in letter.to)
        hour.wrong += [f"{count} letters to {address}" for address, count in got.items() if count > 1]
        told = self._told()
        doubtful = {address for address, events in told.items() if events[-1] == "reminder unknown"}
        hour.wrong += [f"no letter to {address}, and nobody knows" for address in hour.owed - got.keys() - doubtful]
        hour.wrong += [f"{address}: {events}" for address, events in told.items() if events[-1] == "reminder claimed"]
        hour.wrong += [f"{a} got a letter that the sheet calls {told[a][-1]}" for a in got if a in doubtful]
        if len(doubtful) > 1:
            hour.wrong.append(f"{len(doubtful)} letters in doubt")
        hour.wrong += [f"{left:.0f} s until it left" for left in hour.left if left > LEAVES_WITHIN]
        hour.wrong += [f"never came: {kind}" for kind, _ in self._meets]
        hour.wrong += ["Google's quota was used up"] * any(request.status == 429 for request in log)
        for began, ended in hour.up:
            looks = [began, *(at for at in hour.looks if began <= at <= ended), ended]
            for a, b in pairwise(looks):
                most = _GAP + _ANEW * sum(a < at < b for at in self._set_back)
                if b - a > most and not (a < self._back and b > self._away):
                    hour.wrong.append(f"{b - a:.0f} s without a sync, from minute {(a - hour.up[0][0]) / 60:.1f} on")

    def _told(self) -> dict[str, list[str]]:
        """What the history says of the letter to each address, in its order."""
        found: dict[str, list[str]] = {}
        addresses = {str(message_from_bytes(letter.content)["Message-ID"]): letter.to[0] for letter in self.mail.taken}
        history = next(sheet.rows for sheet in self.book.snapshot() if sheet.title == "Historia")
        place = {name: history[0].index(name) for name in ("Zdarzenie", "Szczegóły")}
        for row in history[1:]:
            # Blank cells at the end of a row are not there.
            event, details = (str(row[at]) if at < len(row) else "" for at in place.values())
            event = event_code(event) or ""
            if event.startswith("reminder"):
                letter, _, words = details.partition(" ")
                if event == "reminder claimed":
                    addresses.setdefault(letter, words.partition(",")[0].strip())
                found.setdefault(addresses.get(letter, letter), []).append(event)
        return found


def main(minutes: float) -> int:
    """Print what happened. Exit status 1 when something was wrong."""
    if not _COMPILER:
        print("there is no C compiler: the machine's clock is left alone")
    with quick_folder() as folder:
        desk = Desk(folder, minutes)
        hour = desk.live()
        log = (folder / "log.txt").read_text("utf-8")
    runs, failed = log.count("run ended"), log.count("state=failed")
    asked = [request.at for request in desk.google.log if request.kind not in SIGN_IN]
    busiest = max(sum(at <= other < at + 60 for other in asked) for at in asked)
    size = len(hour.memory) // 4 or 1
    first, last = (mean(part) / 1e6 for part in (hour.memory[:size], hour.memory[-size:]))
    print(f"{minutes:g} minutes: {runs} syncs, {failed} of them failed; {len(hour.up)} starts")
    print(f"{len(hour.owed)} clients owed, {len(desk.mail.taken)} letters; the busiest minute had {busiest} requests")
    print(f"left after SIGTERM within {', '.join(f'{left:.1f}' for left in hour.left)} s")
    print(f"memory: first quarter {first:.1f} MB, last {last:.1f} MB")
    for line in hour.wrong:
        print(f"    {line}")
    return int(bool(hour.wrong))


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]) if len(sys.argv) > 1 else MINUTES))
