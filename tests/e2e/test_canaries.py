"""Secrets and addresses that would be known anywhere are looked for wherever Kartoteka writes, and are not there.

The journal of letters holds the letters, the folder of backups copies of the workbook: they are named, and hold no
secret. All else that lies in the state folder, every log line at INFO and what commands print name ids only; but
`import` shows a person the rows of the list that is imported.
"""

import json
import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile, is_zipfile

import pytest

from config.logs import AsJson, WithoutAddresses
from tests.fakes.clocks import VirtualClock
from tests.fakes.mail_desk import quick_folder
from tests.fakes.mail_server import MailServer, fails
from tests.fakes.sheets_server import FakeSheets
from tests.google_desk_for_tests import FAKTURY, KLIENCI, Firm
from tests.live_desk_for_tests import LiveFirm
from tests.service_for_tests import ServiceFirm, until

PASSWORD, PING, TOKEN = "kanarek-smtp-93c1", "kanarek-ping-93c1", "kanarek-token-93c1"
ADDRESS = re.compile(r"(?:firma|gil)\d@", re.IGNORECASE)
LETTERS = ("letters.sqlite", "letters-test.sqlite", "backups")
NO_SUCH_USER = b"550 5.1.1 <firma1@example.pl>: no such user here"
LIST = "Nazwa;E-mail;NIP\nGil jeden;gil1@lista.example;\nGil dwa;gil2@lista.example;123\n;gil3@lista.example;\n"


class Aviary:
    """A firm whose mail server wants a password, and all that was ever said there."""

    def __init__(self, folder: Path, post: MailServer) -> None:
        firm, self.post = LiveFirm.made(folder, post, 2), post
        firm.environ = {"KARTOTEKA_SMTP_PASSWORD": PASSWORD, "KARTOTEKA_MAIL__USERNAME": "biuro"}
        notify = f'[notify]\nurls = ["json://127.0.0.1:1/{TOKEN}"]\nping = "http://127.0.0.1:1/{PING}"'
        self.service = ServiceFirm(firm, notify)
        (folder / "lista.csv").write_text(LIST, encoding="utf-8")
        self.said: list[tuple[str, str]] = []

    @property
    def firm(self) -> LiveFirm:
        return self.service.firm

    def does(self, *words: str) -> int:
        """Carry out a command, keep what it said, and give its exit status."""
        done = self.firm.run(*words)
        self.said += [(f"{words[0]}: answer", done.out), (f"{words[0]}: log", done.err)]
        return done.status

    def serves(self, form: str) -> str:
        """Let the service log in that form until a run has ended; its log."""
        self.firm.environ = {**self.firm.environ, "KARTOTEKA_LOGS__FORMAT": form}
        self.service.start("--yes")
        until(lambda: "run ended" in self.service.log)
        done = self.service.stop()
        self.said.append((f"run, logs as {form}", done.out + done.err))
        return done.err


@pytest.fixture
def aviary() -> Iterator[Aviary]:
    with quick_folder() as folder, MailServer() as post:
        yield Aviary(folder / "firm", post)


def test_no_secret_and_no_address_is_found_anywhere(aviary: Aviary) -> None:
    """Whether all goes well, or the mail server, the workbook or a client's address say no."""
    aviary.does("doctor")
    assert aviary.does("import", "lista.csv", "--to", "clients", "--yes") == 1
    aviary.post.users = {"biuro": "another"}
    assert aviary.does("sync", "--yes") == 3
    aviary.post.users, aviary.post.fate = {"biuro": PASSWORD}, fails("RCPT", NO_SUCH_USER, times=1)
    said = aviary.serves("text")
    assert "letter failed" in said
    assert "why=permanent" in said
    assert len(aviary.post.taken) == 1
    assert '"run ended"' in aviary.serves("json")
    aviary.firm.workbook.rename(aviary.firm.folder / "away.xlsx")
    assert '"state": "failed"' in aviary.serves("json")
    aviary.does("status")
    aviary.does("doctor")
    state, outside = list(texts_in(aviary.firm.state)), list(texts_in(aviary.firm.home))
    assert {"letters.sqlite", "status.json"} <= {str(path) for path, _ in state}
    assert outside, "the witness has noted nothing"
    for secret in (PASSWORD, PING, TOKEN):
        assert [name for name, text in aviary.said if secret in text] == [], secret
        assert [path for path, text in (*state, *outside) if secret in text] == [], secret
    # Who imports a list is shown its rows.
    said = [(name, text) for name, text in aviary.said if name != "import: answer"]
    assert [(name, ADDRESS.findall(text)) for name, text in said if ADDRESS.search(text)] == []
    named = [(path, text) for path, text in state if path.parts[0].partition("-wal")[0] not in LETTERS]
    assert [path for path, text in (*named, *outside) if ADDRESS.search(text)] == []


def test_no_line_of_a_key_file_is_found_anywhere(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """At a Google that lets us in, and one that no longer does."""
    clock, said = VirtualClock(), []
    with FakeSheets(clock=clock) as google:
        firm = Firm(google, google.add("Kartoteka", [KLIENCI, FAKTURY]), tmp_path / "firm", clock)
        firm.trimmed()
        with caplog.at_level("INFO"):
            said += [firm.run(command) for command in ("init", "sync")]
            google.deny(google.account)
            google.expire_tokens()
            said.append(firm.run("sync"))
        key = json.loads(firm.key.read_text("utf-8"))
    assert [done.status for done in said] == [0, 0, 3]
    texts = [*(done.out + done.err for done in said), caplog.text, *(text for _, text in texts_in(firm.state))]
    for secret in (key["private_key_id"], *key["private_key"].split("\n")[1:3]):
        assert len(secret) > 20
        assert not any(secret in text for text in texts)
    log = "\n".join(AsJson().format(line) + WithoutAddresses().format(line) for line in caplog.records)
    assert not re.search(r"(alfa|beta)@", log)


def test_the_search_finds_what_is_there(aviary: Aviary) -> None:
    """Else nothing would ever be found."""
    with ZipFile(aviary.firm.state / "packed.xlsx", "w") as packed:
        packed.writestr("sharedStrings.xml", "Firma1@example.pl")
    (aviary.firm.state / "note.json").write_text(PASSWORD)
    found = dict(texts_in(aviary.firm.state))
    assert PASSWORD in found[Path("note.json")]
    assert ADDRESS.search(found[Path("packed.xlsx")])


def texts_in(folder: Path) -> Iterator[tuple[Path, str]]:
    """Every file, and what is packed in it."""
    for path in (path for path in folder.rglob("*") if path.is_file()):
        content = path.read_bytes()
        parts = [content]
        if is_zipfile(BytesIO(content)):
            with ZipFile(path) as archive:
                parts += [archive.read(name) for name in archive.namelist()]
        for part in parts:
            yield path.relative_to(folder), part.decode("utf-8", "replace") + part.decode("utf-16-le", "replace")
