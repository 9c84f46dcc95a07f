"""Golden pairs of whole imports: each file brought into a small workbook, and the verdict on every row of it."""

import pytest

from tests.golden_verdicts import FOLDER, check, golden

FILES = sorted(path.name for path in FOLDER.iterdir() if path.with_name(f"{path.name}.json").exists())


@pytest.mark.parametrize("name", FILES)
def test_every_verdict_is_as_promised(name: str, regenerate: bool) -> None:
    check(name, regenerate=regenerate)


def test_no_verdicts_are_of_a_file_that_is_gone() -> None:
    wanted = {golden(FOLDER / name).name for name in FILES}
    assert {path.name for path in FOLDER.iterdir() if path.name.endswith(".verdicts.json")} == wanted
