"""Letters by a mail server, against a bare loop of smtplib: the same letters, worded by both, on one connection to the
same server in another process. Ours are in the journal, on the disk, before they leave."""

import multiprocessing
import os
import smtplib
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory

from mailers.journal import LetterJournal
from mailers.journal_file import this_boot
from mailers.mime import to_bytes
from mailers.reminders import Letter, LetterState
from mailers.smtp import SmtpOutbox, SmtpServer
from mailers.witness import Witness
from tests.benchmarks.measuring import ROOT
from tests.fakes.mail_server import MailServer, Step

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
FEATURES = ("SIZE 10000000", "8BITMIME", "PIPELINING")
AWAY = 0.01  # seconds
_GOLDEN = ROOT / "tests" / "golden" / "letters"


@dataclass(frozen=True, slots=True)
class Raced:
    """Letters a second to one kind of server, round by round; how many syncs of the journal ours took for each."""

    server: str
    bare: Sequence[float]
    ours: Sequence[float]
    syncs: float

    @property
    def ratios(self) -> list[float]:
        """Ours against the bare loop of the same round."""
        return [ours / bare for ours, bare in zip(self.ours, self.bare, strict=True)]


def raced(count: int, rounds: int) -> Iterator[Raced]:
    """Send `count` letters in each way to each kind of server, taking turns."""
    yield _raced("in memory, on this machine", {}, count, rounds)
    yield _raced("on this machine, each letter on the disk before it is taken", {"keeps": True}, count, rounds)
    yield _raced(f"in memory, {1000 * AWAY:.0f} ms away", {"away": AWAY}, count, rounds)


def _raced(name: str, kind: dict[str, float], count: int, rounds: int) -> Raced:
    bare, ours, syncs = list[float](), list[float](), 0.0
    with _server(**kind) as port:
        for number in range(rounds):
            bare.append(count / _seconds(partial(_bare, port, _letters(count, f"bare{number}"))))
            with TemporaryDirectory() as folder:
                witness = Witness(Path(folder) / "witness")
                opens = partial(_Counted, Path(folder) / "letters.sqlite", this_boot(), witness)
                ours.append(count / _seconds(partial(_ours, port, _letters(count, f"ours{number}"), opens)))
            syncs = _Counted.syncs / count
    return Raced(name, bare, ours, syncs)


def _bare(port: int, letters: Sequence[Letter]) -> None:
    with smtplib.SMTP("127.0.0.1", port, local_hostname="localhost") as smtp:
        for letter in letters:
            smtp.sendmail("biuro@example.pl", letter.to, to_bytes(letter, NOW))


def _ours(port: int, letters: Sequence[Letter], opens: Callable[[], LetterJournal]) -> None:
    outbox = SmtpOutbox(SmtpServer("127.0.0.1", port, "none"), opens, time.sleep, time.monotonic)
    outbox.claim(letters, NOW)
    for letter in letters:
        assert outbox.send(letter, NOW).state is LetterState.SENT
    outbox.close()


class _Counted(LetterJournal):
    """Counts its syncs: those of claims and releases, for the other writes of a run need none."""

    syncs = 0

    def __init__(self, path: Path, boot: str, witness: Witness) -> None:
        super().__init__(path, boot, witness)
        _Counted.syncs = 0

    def claim_all(self, letters: Iterable[tuple[Letter, bytes]], now: datetime) -> None:
        _Counted.syncs += 1
        super().claim_all(letters, now)

    def release(self, message_ids: Iterable[str]) -> None:
        _Counted.syncs += 1
        super().release(message_ids)


def _letters(count: int, tag: str) -> list[Letter]:
    text, html = ((_GOLDEN / f"second.pl.one.{kind}").read_text("utf-8") for kind in ("txt", "html"))
    subject, sender = "Przypomnienie o płatności: faktura FV/12/2026", "Biuro Żuraw <biuro@example.pl>"
    first = Letter("K-0001", (), sender, "", subject, text, html, "", "+7", "pl", ())
    return [
        replace(
            first,
            to=(f"k{n}@example.com",),
            message_id=f"<{tag}.{n}@example.pl>",
            invoices=(f"F-{tag}-{n}",),
            numbers=(f"FV/{tag}/{n}",),
        )
        for n in range(count)
    ]


@contextmanager
def _server(*, keeps: float = False, away: float = 0.0) -> Iterator[int]:
    """A mail server in another process; its port. `keeps`: a letter is on the disk before it is taken."""
    here, there = multiprocessing.Pipe()
    child = multiprocessing.get_context("fork").Process(target=_serve, args=(there, keeps, away), daemon=True)
    child.start()
    yield here.recv()
    here.send("enough")
    child.join()


def _serve(pipe: Connection, keeps: float, away: float) -> None:
    with TemporaryDirectory() as folder:

        def kept(step: Step) -> None:
            if keeps and step.name == "dot":
                with (Path(folder) / f"{step.connection}.{step.count}").open("wb") as file:
                    file.write(b"x" * 8192)
                    file.flush()
                    os.fsync(file.fileno())

        with MailServer(kept, features=FEATURES, away=away) as server:
            pipe.send(server.port)
            pipe.recv()


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
