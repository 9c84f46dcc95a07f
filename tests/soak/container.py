"""The Dockerfile carried out without a container engine: each step in a clean folder, then the image as it is run.

This machine stands in for the base image: an overlay over its root takes what the steps write and is thrown away, and
Python lies at /usr/local, as there. Then the root is read-only, the volumes and /tmp alone can be written, and a user
without rights works. It needs root on Linux, for mount namespaces; pip fetches what constraints.txt names.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from string import Template
from tempfile import TemporaryDirectory

CHECKOUT = Path(__file__).parents[2]
SYSTEM_PATH = "/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin"
PATIENCE = 60.0  # seconds in which the service must be well, and in which it must end
LONGEST = 1800  # seconds for one step
_INSIDE = "KARTOTEKA_CONTAINER_INSIDE"


class Broken(Exception):
    """A step failed; the message is what it said."""


def instructions(text: str) -> list[tuple[str, str]]:
    """What a Dockerfile says, in pairs of an instruction and the rest of its line; lines that go on are one.

    >>> instructions("# no\\nFROM a AS b\\nRUN one \\\\\\n && two\\n")
    [('FROM', 'a AS b'), ('RUN', 'one  && two')]
    """
    lines = (line for line in text.splitlines() if not line.lstrip().startswith("#"))
    whole = re.sub(r"\\\n", "", "\n".join(lines))
    pairs = (line.strip().partition(" ") for line in whole.splitlines() if line.strip())
    return [(word.upper(), rest.strip()) for word, _, rest in pairs]


@dataclass
class Image:
    """One stage: a root of its own, and what the Dockerfile has said of how it is run."""

    root: Path
    home: Path  # the interpreter's
    workdir: str = "/"
    user: str = ""
    environ: dict[str, str] = field(default_factory=lambda: {"PATH": SYSTEM_PATH})
    volumes: tuple[str, ...] = ()
    entry: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    health: tuple[str, ...] = ()
    signal: str = "SIGTERM"

    def mounted(self) -> "Image":
        """The same with its root in place: what is written there stays beside it."""
        upper, work = (self.root.with_name(f"{self.root.name}.{part}") for part in ("upper", "work"))
        for folder in (self.root, upper, work):
            folder.mkdir()
        layers = f"lowerdir=/,upperdir={upper},workdir={work}"
        _done("mount", "-t", "overlay", "overlay", "-o", layers, str(self.root))
        if self.home != Path("/usr"):
            _done("mount", "--bind", str(self.home), f"{self.root}/usr/local")
        _done("mount", "-t", "proc", "proc", f"{self.root}/proc")
        _done("mount", "--bind", "/dev", f"{self.root}/dev")
        _done("chroot", str(self.root), "/sbin/ldconfig")
        return self

    def read_only(self, volumes: Path) -> None:
        """From now on /tmp and the volumes, with what the image has there, are all that can be written."""
        for number, name in enumerate(self.volumes):
            _done("cp", "--archive", f"{self.root}{name}", str(volumes / str(number)))
            _done("mount", "--bind", str(volumes / str(number)), f"{self.root}{name}")
        _done("mount", "-t", "tmpfs", "tmpfs", f"{self.root}/tmp")
        for place in ("", "/usr/local", "/dev"):
            with suppress(Broken):  # /usr/local is no mount of its own where the machine's own Python is taken
                _done("mount", "-o", "remount,bind,ro", f"{self.root}{place}")

    def built(self, step: str, rest: str, stages: Mapping[str, "Image"]) -> None:
        """Carry out one instruction."""
        if step == "WORKDIR":
            self.workdir = rest
            (self.root / rest.lstrip("/")).mkdir(parents=True, exist_ok=True)
        elif step == "COPY":
            self._copy(shlex.split(rest), stages)
        elif step == "RUN":
            given = {**os.environ, "HOME": "/root", **self.environ}
            _done(*self._inside("sh", "-ec", rest), environ=given)
        else:
            self._say(step, rest)

    def start(self, *words: str) -> "subprocess.Popen[str]":
        """Start a command of the image, as an engine does with all rights taken away."""
        user, _, group = self.user.partition(":")
        rights = f"--reuid {user} --regid {group} --clear-groups --no-new-privs --bounding-set=-all --inh-caps=-all"
        plain = ["setpriv", *rights.split(), *words]
        said = subprocess.PIPE
        return subprocess.Popen(
            self._inside(*plain), env=self.environ, text=True, stdout=said, stderr=subprocess.STDOUT
        )

    def does(self, *words: str) -> str:
        """What a command of the image says; it must go well."""
        with self.start(*words) as child:
            said, _ = child.communicate(timeout=LONGEST)
        if child.returncode:
            raise Broken(f"exit status {child.returncode}\n{said}")
        return said

    def _inside(self, *words: str) -> list[str]:
        return ["chroot", str(self.root), "sh", "-c", 'cd "$0" && exec "$@"', self.workdir, *words]

    def _copy(self, words: list[str], stages: Mapping[str, "Image"]) -> None:
        source = CHECKOUT
        if words[0].startswith("--from="):
            source = stages[words.pop(0).partition("=")[2]].root
        *froms, target = words
        for each in froms:
            there = source / each.lstrip("/")
            onto = self.root / str(Path(self.workdir, target)).lstrip("/")
            if there.is_dir():
                ignored = None if source != CHECKOUT else shutil.ignore_patterns("__pycache__")
                shutil.copytree(there, onto, symlinks=True, ignore=ignored, dirs_exist_ok=True)
            else:
                shutil.copy(there, onto)

    def _say(self, step: str, rest: str) -> None:
        if step == "ENV":
            for name, _, value in (word.partition("=") for word in shlex.split(rest)):
                self.environ[name] = Template(value).substitute(self.environ)
        elif step == "USER":
            self.user = rest
        elif step == "VOLUME":
            self.volumes = tuple(rest.split())
        elif step == "STOPSIGNAL":
            self.signal = rest
        elif step in ("ENTRYPOINT", "CMD"):
            setattr(self, {"ENTRYPOINT": "entry", "CMD": "command"}[step], tuple(json.loads(rest)))
        elif step == "HEALTHCHECK":
            self.health = tuple(json.loads(rest.partition("CMD ")[2]))
        else:
            raise Broken(f"{step} is no instruction that is known here: teach tests/soak/container.py")


def build(text: str, room: Path, home: Path) -> Image:
    """The last stage of the Dockerfile, with a line for each step."""
    stages: dict[str, Image] = {}
    image: Image | None = None
    for step, rest in instructions(text):
        began = time.monotonic()
        with _Told(f"{step} {rest}"):
            if step == "FROM":
                image = Image(room / f"stage{len(stages)}", home).mounted()
                stages[rest.partition(" AS ")[2] or str(len(stages))] = image
            elif image is None:
                raise Broken("a Dockerfile begins with FROM")
            else:
                image.built(step, rest, stages)
        print(f"ok  {time.monotonic() - began:6.1f} s  {step} {_short(rest)}", flush=True)
    assert image
    return image


def run(image: Image) -> None:
    """The image as it is run: set up, synced, asked for its health, and served until it is told to stop."""
    places = "/ /opt /opt/kartoteka /etc /usr/local /var /var/tmp"
    tried = f"for at in {places}; do touch $at/probe 2>/dev/null && echo $at; done"
    for words, expected in (
        (
            ("sh", "-c", f"id -u; touch /tmp/ours ./ours; {tried}; rm /tmp/ours ./ours"),
            f"{image.user.partition(':')[0]}\n",
        ),
        ((*image.entry, "--help"), None),
        ((*image.entry, "init", "--yes"), None),
        ((*image.entry, "check"), None),
        ((*image.entry, "sync"), None),
        (image.health, None),
    ):
        began = time.monotonic()
        with _Told(shlex.join(words)):
            said = image.does(*words)
            if expected is not None and said != expected:
                raise Broken(f"it said {said!r}, not {expected!r}")
        print(f"ok  {time.monotonic() - began:6.1f} s  {_short(shlex.join(words))}", flush=True)
    with _Told(shlex.join([*image.entry, *image.command])):
        began = time.monotonic()
        _serve(image)
    print(f"ok  {time.monotonic() - began:6.1f} s  {shlex.join([*image.entry, *image.command])}, then {image.signal}")


def _serve(image: Image) -> None:
    """The service is well while it works, and ends by the signal of the image."""
    with image.start(*image.entry, *image.command) as service:
        over = time.monotonic() + PATIENCE
        while "by the service" not in image.does(*image.health):
            if service.poll() is not None or time.monotonic() > over:
                service.kill()
                raise Broken(f"the service did not come to work\n{service.communicate()[0]}")
            time.sleep(0.2)
        _done("kill", "-s", image.signal.removeprefix("SIG"), str(service.pid))
        try:
            said, _ = service.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            service.kill()
            raise Broken(f"the service did not end\n{service.communicate()[0]}") from None
    if service.returncode:
        raise Broken(f"exit status {service.returncode}\n{said}")


class _Told:
    """What breaks in here is told with the name of the step."""

    def __init__(self, step: str) -> None:
        self._step = step

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, (Broken, OSError, subprocess.TimeoutExpired, shutil.Error)):
            raise SystemExit(f"failed: {_short(self._step)}\n{error}") from error


def _done(*words: str, environ: Mapping[str, str] | None = None) -> None:
    """Carry out a command of this machine; it must go well."""
    done = subprocess.run(
        words, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=LONGEST, check=False
    )
    if done.returncode:
        raise Broken(f"exit status {done.returncode}\n{done.stdout}")


def _short(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= 90 else f"{words[:89]}…"


def _prefix(python: str) -> Path:
    code = "import sys; print(sys.base_prefix)"
    return Path(subprocess.run([python, "-c", code], capture_output=True, text=True, check=True).stdout.strip())


def main(words: Sequence[str]) -> int:
    """Build and run, in a namespace whose mounts end with it. Exit status 1 when a step failed."""
    if not os.environ.get(_INSIDE):
        if sys.platform != "linux" or os.geteuid() != 0:
            raise SystemExit("This needs root on Linux: it mounts an overlay in a namespace of its own.")
        again = [sys.executable, "-m", "tests.soak.container", *words]
        os.execvpe("unshare", ["unshare", "--mount", "--propagation", "private", *again], {**os.environ, _INSIDE: "1"})
    home = _prefix(words[0] if words else sys.executable)
    with TemporaryDirectory() as folder:
        _done("mount", "-t", "tmpfs", "-o", "mode=0755", "tmpfs", folder)
        try:
            image = build((CHECKOUT / "Dockerfile").read_text("utf-8"), Path(folder), home)
            volumes = Path(folder) / "volumes"
            volumes.mkdir()
            image.read_only(volumes)
            run(image)
        finally:
            _done("umount", "--lazy", folder)
    print(f"Every step of the Dockerfile goes well, with the Python of {home}, and so does what it makes.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
