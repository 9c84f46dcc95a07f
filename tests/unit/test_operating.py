"""The guide for operators and what deploy/ holds are true: settings load, commands exist, units and image fit us."""

import re
import shlex
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from config.settings_file import load_all
from tests.docs_tables import blocks, commands

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "operating.md").read_text("utf-8")
SERVICE, SYNC = ROOT / "deploy" / "kartoteka.service", ROOT / "deploy" / "kartoteka-sync.service"
TIMER = ROOT / "deploy" / "kartoteka-sync.timer"
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")


class TestTheGuide:
    @pytest.mark.parametrize("block", blocks(GUIDE, "toml"))
    def test_its_settings_are_settings(self, tmp_path: Path, block: str) -> None:
        path = tmp_path / "kartoteka.toml"
        path.write_text(block, "utf-8")
        load_all(path, {})

    def test_its_commands_and_options_exist(self) -> None:
        known = {name: {o for p in params for o in (*p.opts, *p.secondary_opts)} for name, params in commands().items()}
        lines = [line for kind in ("console", "sh") for block in blocks(GUIDE, kind) for line in block.splitlines()]
        said = "\n".join([*lines, *re.findall(r"`[^`\n]+`", GUIDE)])
        used = re.findall(r"(?:^|[`$/ ])kartoteka (?!kartoteka\b)([a-z]+)((?: --[a-z-]+)*)", said, re.M)
        assert {"run", "status", "sync", "doctor", "init"} <= {name for name, _ in used}
        for name, options in used:
            assert name in known, name
            assert set(options.split()) <= known[name]

    def test_its_scripts_are_shell(self) -> None:
        for block in blocks(GUIDE, "sh"):
            subprocess.run(["bash", "-n"], input=block, text=True, check=True)

    def test_a_command_by_hand_is_given_what_the_service_has(self, tmp_path: Path) -> None:
        """Whatever stands in a password; run here as whoever runs the tests."""
        (by_hand,) = [block for block in blocks(GUIDE, "sh") if "runuser" in block]
        (tmp_path / "environment").write_text("# ours\nKARTOTEKA_SMTP_PASSWORD='a b$HOME\"d #x'\n")
        stub = tmp_path / "kartoteka"
        stub.write_text('#!/bin/sh\necho "$PWD|$KARTOTEKA_SMTP_PASSWORD|$XDG_STATE_HOME|$*"\n')
        stub.chmod(0o755)
        here = by_hand.replace("/opt/kartoteka/bin/kartoteka", str(stub)).replace("runuser -u kartoteka --", "")
        here = here.replace("cd /var/lib/kartoteka\n", f"cd {tmp_path}\n").replace("/etc/kartoteka", str(tmp_path))
        done = subprocess.run(["sh", "-c", here], capture_output=True, text=True, check=True)
        said = f'{tmp_path}|a b$HOME"d #x|/var/lib/kartoteka-witness|sync --yes\n'
        assert (done.stdout, done.stderr) == (said, "")

    def test_its_links_and_files_lead_somewhere(self) -> None:
        headings = {
            re.sub(r"[^a-z0-9 -]", "", h.lower()).replace(" ", "-") for h in re.findall(r"^#+ (.+)", GUIDE, re.M)
        }
        assert set(re.findall(r"\]\(#([^)]+)\)", GUIDE)) <= headings
        for path in re.findall(r"\bdeploy/[\w.-]+\w", GUIDE):
            assert (ROOT / path).exists(), path


class TestUnits:
    @pytest.mark.parametrize(("unit", "command"), [(SERVICE, "run"), (SYNC, "sync")])
    def test_start_a_command_that_exists_as_a_user_without_rights(self, unit: Path, command: str) -> None:
        text = unit.read_text("utf-8")
        assert f"ExecStart=/opt/kartoteka/bin/kartoteka {command}\n" in text
        assert command in commands()
        assert "User=kartoteka\n" in text

    def test_are_hardened_alike(self) -> None:
        service, sync = (
            set(path.read_text("utf-8").split("UMask=")[1].split("[Install]")[0].split()) for path in (SERVICE, SYNC)
        )
        assert service == sync
        assert {"ProtectSystem=strict", "NoNewPrivileges=yes", "CapabilityBoundingSet="} <= service

    def test_leave_the_service_the_time_it_asks_for(self) -> None:
        text = SERVICE.read_text("utf-8")
        (stop,) = re.findall(r"TimeoutStopSec=(\d+)", text)
        assert int(stop) > 30
        assert "KillMode=mixed" in text

    @pytest.mark.parametrize("unit", [SERVICE, SYNC, TIMER], ids=lambda unit: unit.name)
    def test_hold_sections_remarks_and_settings_only(self, unit: Path) -> None:
        assert all(re.fullmatch(r"|#.*|\[\w+\]|\w+=.*", line) for line in unit.read_text("utf-8").splitlines())

    def test_are_what_systemd_takes(self, tmp_path: Path) -> None:
        judge = shutil.which("systemd-analyze")
        if judge is None:
            pytest.skip("systemd-analyze is not installed here: nobody has judged the units")
        for unit in (SERVICE, SYNC, TIMER):
            text = unit.read_text("utf-8").replace("/opt/kartoteka/bin/kartoteka", "/bin/true")
            (tmp_path / unit.name).write_text(text, "utf-8")
        names = [str(tmp_path / unit.name) for unit in (SERVICE, SYNC, TIMER)]
        told = subprocess.run([judge, "verify", *names], capture_output=True, text=True, check=False)
        assert (told.returncode, told.stderr) == (0, "")


class TestTheImage:
    def test_holds_all_that_the_installation_needs(self) -> None:
        project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
        packages = project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
        copied = {word for line in re.findall(r"^COPY (?!--)(.+)", DOCKERFILE, re.M) for word in shlex.split(line)[:-1]}
        assert copied == {*packages, "constraints.txt", "pyproject.toml", "README.md", "LICENSE"}
        let_in = set(re.findall(r"^!(.+)", (ROOT / ".dockerignore").read_text("utf-8"), re.M))
        assert let_in == copied

    def test_runs_the_service_as_nobody_in_particular_and_says_how_it_is(self) -> None:
        words = dict(re.findall(r"^([A-Z]+) (.+)", DOCKERFILE.split("\nFROM ")[2], re.M))
        assert (words["USER"], words["ENTRYPOINT"], words["CMD"]) == ("10001:10001", '["kartoteka"]', '["run"]')
        assert words["HEALTHCHECK"].endswith('CMD ["kartoteka", "status"]')
        assert (words["WORKDIR"], words["VOLUME"]) == ("/data", "/data /witness")
