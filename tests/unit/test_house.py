"""The house stands: floors, names, sizes, what may be imported, and what must not be written anywhere."""

import ast
import importlib
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PACKAGES = ("config", "importers", "mailers", "sync", "validators")
OURS = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
LONGEST = 400
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
# Distributions whose package has another name than themselves.
IMPORTED_AS = {"google-auth": "google", "python-stdnum": "stdnum"}
# Declared for what they bring at run time, imported by others: zoneinfo reads tzdata.
NOT_IMPORTED = {"tzdata"}
# What a dependency of ours brings as a part of itself.
BROUGHT_BY = {"pydantic_core": "pydantic", "urllib3": "requests"}
LINT_IMPORTS = Path(sys.executable).with_name("lint-imports")
# Each pattern is written so that it does not find itself.
BANNED = (
    r"/[w]ork/",
    r"/[r]oot/",
    r"[C]:\\Users",
    r"[p]ypi\.(org|python)",
    r"[p]ythonhosted",
    r"https?://\S*/[s]imple\b",
    r"[i]ndex-url",
    r"\bTO[D]O\b",
    r"\bFIX[M]E\b",
)


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def written_files() -> list[Path]:
    """Every file that is in the repository, or would be with the next `git add`."""
    asked = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [path for name in listed.split("\0") if name and (path := ROOT / name).is_file()]


def imports(path: Path) -> Iterator[str]:
    """The top-level names that a module imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.split(".")[0]


def needed(names: list[str], *, everywhere: bool = False) -> set[str]:
    """The distributions behind the requirements `names`, and theirs: in this environment, or in any."""
    found: set[str] = set()
    waiting = [Requirement(name) for name in names]
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        extras = requirement.extras or {""}
        wanted = requirement.marker is None or any(requirement.marker.evaluate({"extra": e}) for e in extras)
        elsewhere = everywhere and "extra" not in str(requirement.marker)
        if name in found or not (wanted or elsewhere):
            continue
        found.add(name)
        try:
            waiting += [Requirement(line) for line in metadata.requires(name) or ()]
        except metadata.PackageNotFoundError:
            assert everywhere, f"{name} is not installed"
    return found


class TestNames:
    def test_no_other_distribution_brings_a_package_of_our_names(self) -> None:
        """`config` and `validators` are on the package index, too: the day one comes along, say so here first."""
        brought = metadata.packages_distributions()
        strangers = {name: set(brought.get(name, ())) - {"kartoteka"} for name in PACKAGES}
        assert not any(strangers.values()), strangers

    @pytest.mark.parametrize("name", PACKAGES)
    def test_what_is_imported_is_ours(self, name: str) -> None:
        assert Path(str(importlib.import_module(name).__file__)).parent == ROOT / name

    def test_no_package_of_the_tests_hides_one_of_ours(self) -> None:
        folders = {path.parent for path in TESTS} - {ROOT / "tests"}
        assert not {folder.name for folder in folders} & set(PACKAGES)
        assert not {path.stem for path in TESTS} & set(PACKAGES)

    def test_names_of_test_files_are_unique(self) -> None:
        names = [path.name for path in TESTS if path.name.startswith("test_")]
        assert len(names) == len(set(names))

    def test_no_module_has_the_name_of_one_of_python(self) -> None:
        assert not [name_of(path) for path in (*OURS, *TESTS) if path.stem in sys.stdlib_module_names]

    def test_no_module_is_a_grab_bag(self) -> None:
        bags = {"utils", "util", "helpers", "common", "manager", "base", "misc"}
        assert not [name_of(path) for path in (*OURS, *TESTS) if set(path.stem.split("_")) & bags]


class TestModules:
    @pytest.mark.parametrize("package", PACKAGES)
    def test_a_package_opens_with_a_docstring_and_nothing_else(self, package: str) -> None:
        tree = ast.parse((ROOT / package / "__init__.py").read_text("utf-8"))
        assert ast.get_docstring(tree)
        assert len(tree.body) == 1

    @pytest.mark.parametrize("path", [*OURS, *TESTS], ids=name_of)
    def test_it_says_what_lives_in_it_and_stays_short(self, path: Path) -> None:
        text = path.read_text("utf-8")
        assert text.count("\n") <= LONGEST
        assert ast.get_docstring(ast.parse(text))

    def test_the_floors_are_kept(self) -> None:
        """In a process of its own: import-linter switches off every logger that is there already."""
        done = subprocess.run([LINT_IMPORTS, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout


class TestDependencies:
    def test_each_is_used(self) -> None:
        used = {name for path in OURS for name in imports(path)}
        declared = {canonicalize_name(Requirement(line).name) for line in PROJECT["dependencies"]} - NOT_IMPORTED
        assert {name for name in declared if IMPORTED_AS.get(name, name.replace("-", "_")) not in used} == set()

    def test_what_is_imported_is_declared(self) -> None:
        """Not merely there because a tool of the tests brings it."""
        declared = {canonicalize_name(Requirement(line).name) for line in PROJECT["dependencies"]}
        known = {IMPORTED_AS.get(name, name.replace("-", "_")) for name in declared} | set(PACKAGES)
        for path in OURS:
            foreign = {name for name in imports(path) if name not in sys.stdlib_module_names}
            assert {BROUGHT_BY.get(name, name) for name in foreign} <= known, name_of(path)

    def test_each_and_theirs_is_pinned_and_nothing_else(self) -> None:
        lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
        pinned = [line for line in lines if line and not line.startswith("#")]
        assert not [line for line in pinned if not re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.+!]+", line)]
        names = {canonicalize_name(line.split("==")[0]) for line in pinned}
        roots = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["dev"]]
        assert needed(roots) - names == set(), "not in constraints.txt"
        assert names - needed(roots, everywhere=True) == set(), "in constraints.txt, but nothing needs it"


class TestWords:
    def test_no_machine_and_no_registry_is_named_anywhere(self) -> None:
        pattern = re.compile("|".join(BANNED))
        found = []
        for path in written_files():
            content = path.read_bytes()
            if b"\0" not in content:
                text = content.decode("utf-8", "replace")
                found += [f"{name_of(path)}: {match[0]}" for match in pattern.finditer(text)]
        assert not found
