"""A real mail server with a real mailbox: Postfix, which copies every letter that it takes into one archive, and
Dovecot, which shows that by IMAP. Both run from a folder of their own, on ports of 127.0.0.1, never as services.

A relay in front of Postfix counts the steps of each dialogue, as the fake server does, so that a run can be killed at
any of them.
"""

import email
import email.policy
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from email.message import EmailMessage
from email.utils import getaddresses
from pathlib import Path
from pwd import getpwnam
from threading import Thread
from types import TracebackType
from typing import Self

from tests.fakes.mail_server import Act, Fate, Step, Taken, kindly

PACKAGES = ("postfix", "dovecot-imapd")
ARCHIVE, PASSWORD = "archive", "secret"
_PATIENCE = 30.0  # seconds
_BODY, _DOT = ("body", ""), ("dot", "")
_NOBODY = getpwnam("nobody").pw_uid
_MAIN = """compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
myhostname = mail.test
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
alias_maps =
local_recipient_maps =
default_transport = discard
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_peername_lookup = no
always_bcc = archive@archive.test
virtual_mailbox_domains = archive.test
virtual_mailbox_maps = static:archive/
virtual_mailbox_base = {folder}/mail
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{uid}
"""
_MASTER = """127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
proxymap unix - - n - - proxymap
postlog unix-dgram n - n - 1 postlogd
"""
_DOVECOT = """protocols = imap
listen = 127.0.0.1
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot-log
ssl = no
disable_plaintext_auth = no
mail_location = maildir:{folder}/mail/archive
first_valid_uid = 1
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={uid} home={folder}/mail
}}
namespace inbox {{
  inbox = yes
  mailbox Answers {{
    auto = create
  }}
}}
service imap-login {{
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
"""


def obstacle() -> str:
    """Why no post office can be opened here, "" when one can. In a container the programs are installed from Debian;
    elsewhere that would start them as services, so a person is asked to."""
    if os.geteuid():
        return "Postfix only starts as root"
    if not _absent():
        return ""
    command = ["apt-get", "install", "--yes", "--no-install-recommends", *PACKAGES]
    if not shutil.which("apt-get") or Path("/run/systemd/system").exists():
        return f"{' and '.join(_absent())} not found; on Debian: {' '.join(command)}"
    environ = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    return f"{' '.join(command)}: {done.stderr.strip()[-200:]}" if _absent() else ""


def _absent() -> list[str]:
    return [name for name in ("postfix", "dovecot") if not shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin")]


class PostOffice:
    """Postfix and Dovecot, from `with` to its end, in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port, self._imap_port = folder, _free_port(), _free_port()
        self._running = list[subprocess.Popen[bytes]]()

    def __enter__(self) -> Self:
        for path in (self.folder, *self.folder.parents[:1]):
            path.chmod(0o755)  # Postfix' own user must come through
        for name in ("conf", "queue", "data", "mail"):
            (self.folder / name).mkdir()
        shutil.chown(self.folder / "data", "postfix")
        shutil.chown(self.folder / "mail", _NOBODY)
        self._write("conf/main.cf", _MAIN)
        self._write("conf/master.cf", _MASTER, port=self.port)
        self._write("dovecot.conf", _DOVECOT, port=self._imap_port, password=PASSWORD)
        self._start("postfix", "-c", str(self.folder / "conf"), "start-fg")
        self._start("dovecot", "-F", "-c", str(self.folder / "dovecot.conf"))
        for port in (self.port, self._imap_port):
            _await_port(port)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> None:
        master = self.folder / "queue" / "pid" / "master.pid"  # not of the session of the script that started it
        with suppress(FileNotFoundError, ProcessLookupError):
            os.kill(int(master.read_text("ascii")), signal.SIGTERM)
        for process in self._running:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)  # of a session that was begun here
            process.wait(_PATIENCE)

    @property
    def environ(self) -> Mapping[str, str]:
        """What a firm's settings need, to look up letters in doubt in the archive."""
        mail = {"IMAP_HOST": "127.0.0.1", "IMAP_PORT": str(self._imap_port), "IMAP_SECURITY": "none"}
        mail |= {"IMAP_USERNAME": ARCHIVE, "INBOX": "Answers", "SENT_MAILBOX": "INBOX"}
        return {f"KARTOTEKA_MAIL__{key}": value for key, value in mail.items()} | {"KARTOTEKA_IMAP_PASSWORD": PASSWORD}

    def letters(self) -> list[Taken]:
        """What has arrived, when nothing is on its way any more."""
        until = time.monotonic() + _PATIENCE
        while self._queued() and time.monotonic() < until:
            time.sleep(0.02)
        assert not self._queued(), "Postfix keeps letters in its queue"
        return [_taken(path.read_bytes()) for path in self._arrived()]

    def empty(self) -> None:
        """Begin anew with an empty archive."""
        self.letters()
        for path in self._arrived():
            path.unlink()

    def _arrived(self) -> list[Path]:
        return [path for part in ("new", "cur") for path in (self.folder / "mail/archive" / part).glob("*")]

    def _queued(self) -> bool:
        queues = ("maildrop", "incoming", "active", "deferred")
        return any(path.is_file() for queue in queues for path in (self.folder / "queue" / queue).rglob("*"))

    def _write(self, name: str, text: str, **values: object) -> None:
        (self.folder / name).write_text(text.format(folder=self.folder, uid=_NOBODY, **values), "ascii")

    def _start(self, *command: str) -> None:
        environ = os.environ | {"PATH": f"{os.environ['PATH']}:/usr/sbin"}
        with (self.folder / "output").open("ab") as output:
            self._running.append(
                subprocess.Popen(command, env=environ, stdout=output, stderr=output, start_new_session=True)
            )


class Relay:
    """Where a firm hands in its letters at `office`: it tells `fate` of each step, and does as that says, as MailServer
    does."""

    def __init__(self, office: PostOffice, fate: Fate = kindly) -> None:
        self.fate, self._office = fate, office
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._connections, self._counts = 0, dict[str, int]()

    def __enter__(self) -> Self:
        self._office.empty()
        Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    @property
    def taken(self) -> list[Taken]:
        """The letters in the archive."""
        return self._office.letters()

    def tell(self, name: str, argument: str) -> Act | bytes | None:
        """What fate has in store at this step."""
        self._counts[name] = self._counts.get(name, 0) + 1
        return self.fate(Step(name, argument, self._connections, self._counts[name]))

    def _serve(self) -> None:
        while True:
            try:
                wire, _ = self._listener.accept()
            except OSError:
                return
            self._connections += 1
            Thread(target=self._hold, args=(wire,), daemon=True).start()

    def _hold(self, wire: socket.socket) -> None:
        with wire, suppress(OSError):
            if self.tell("greeting", "") is None:
                with socket.create_connection(("127.0.0.1", self._office.port)) as way:
                    try:
                        _Dialogue(self, wire, way).hold()
                    finally:  # a thread that still listens would keep it open
                        way.shutdown(socket.SHUT_RDWR)


class _Dialogue:
    """Passes on what the client says, step by step, and what the server says, as it comes."""

    def __init__(self, relay: Relay, wire: socket.socket, way: socket.socket) -> None:
        self._relay, self._wire, self._way = relay, wire, way
        self._go_on = False

    def hold(self) -> None:
        Thread(target=self._answers, daemon=True).start()
        in_letter = False
        with self._wire.makefile("rb") as client:
            for line in client:
                step = self._step(line, in_letter=in_letter)
                if step and self._relay.tell(*step) is not None:
                    return
                in_letter = in_letter or step == _BODY
                in_letter = in_letter and step != _DOT
                self._way.sendall(line)

    def _step(self, line: bytes, *, in_letter: bool) -> tuple[str, str] | None:
        """Its name and argument; None for a line in the middle of a letter."""
        if in_letter:
            return _DOT if line == b".\r\n" else None
        if self._go_on:
            self._go_on = False
            return _BODY
        name, _, argument = line.decode("ascii", "replace").rstrip().partition(" ")
        return name.upper(), argument

    def _answers(self) -> None:
        with suppress(OSError):
            while words := self._way.recv(65536):
                self._go_on = self._go_on or any(line.startswith(b"354") for line in words.split(b"\r\n"))
                self._wire.sendall(words)
            self._wire.shutdown(socket.SHUT_RDWR)


def _taken(raw: bytes) -> Taken:
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    to = tuple(address for _, address in getaddresses([str(message["To"])]))
    return Taken(str(message["Return-Path"]), to, raw)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _await_port(port: int) -> None:
    until = time.monotonic() + _PATIENCE
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
        else:
            return
