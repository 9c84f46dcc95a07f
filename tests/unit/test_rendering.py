"""The child process that fills in templates: nothing gets out of it, nothing keeps it, and the next letter is right."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from types import FrameType
from typing import NoReturn

import pytest
from jinja2.filters import FILTERS

from mailers.letters import LetterWriter, Sender, TemplateFault
from mailers.rendering import Renderer
from mailers.specimens import specimens
from mailers.templating import Limits, OutOfTime, Unusable, filled_in
from tests.hostile_templates import BOMBS, DEAF, ESCAPES, SLOW, TOO_DEEP
from validators.templates import LetterTemplate

TODAY = date(2026, 11, 23)
NAMES = {"client": "Ala", "count": 2, "invoices": [{"number": "FV/1"}, {"number": "FV/2"}]}
SENDER = Sender("Biuro <biuro@example.pl>")
QUICK = Limits(seconds=0.3, patience=10)
# For what is refused by itself, sooner or later: it shall not be stopped before, on a slow machine either.
PATIENT = Limits(seconds=20, patience=60)
REFUSED = {"forbidden", "unknown_name", "syntax", "failed"}


class Late(str):
    """A piece of output during whose counting the time is over."""

    __slots__ = ()

    def __str__(self) -> str:
        return self

    def isascii(self) -> NoReturn:
        raise OutOfTime


@pytest.fixture(scope="module")
def quick() -> Iterator[Renderer]:
    renderer = Renderer(QUICK)
    yield renderer
    renderer.close()


@pytest.fixture(scope="module")
def patient() -> Iterator[Renderer]:
    renderer = Renderer(PATIENT)
    yield renderer
    renderer.close()


@pytest.fixture
def own() -> Iterator[Renderer]:
    renderer = Renderer(QUICK)
    yield renderer
    renderer.close()


def filled(renderer: Renderer, body: str, subject: str = "S") -> str:
    return renderer.fill_in(subject, body, "pl", NAMES, TODAY).body


def filled_for(seconds: float, renderer: Renderer, body: str) -> str:
    signal.setitimer(signal.ITIMER_REAL, seconds)
    return filled(renderer, body)


def fault_of(renderer: Renderer, body: str, subject: str = "S") -> Unusable:
    with pytest.raises(Unusable) as caught:
        filled(renderer, body, subject)
    assert filled(renderer, "{{ invoices[0].number }} {{ client }}") == "FV/1 Ala"
    return caught.value


def child_of(renderer: Renderer) -> int:
    filled(renderer, "a")
    assert renderer.process is not None
    return renderer.process


def cpu_of(process: int) -> float:
    """Seconds of CPU that a process has used so far: the 14th and 15th field of its stat (man proc_pid_stat)."""
    fields = Path(f"/proc/{process}/stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def is_there(process: int) -> bool:
    try:
        os.kill(process, 0)
        return "Z" not in Path(f"/proc/{process}/stat").read_text("utf-8").rpartition(")")[2].split()[0]
    except (ProcessLookupError, FileNotFoundError):
        return False


class TestNothingGetsOut:
    @pytest.mark.parametrize("body", ESCAPES)
    def test_a_way_out_is_refused_and_the_next_letter_is_right(self, quick: Renderer, body: str) -> None:
        fault = fault_of(quick, "a\n" + body)
        assert (fault.code in REFUSED, fault.line) == (True, 2)
        assert "/" not in fault.detail.replace("/etc/passwd", "")

    def test_the_child_knows_no_secret_and_holds_no_file(self, own: Renderer, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("KARTOTEKA_SMTP_PASSWORD", "zażółć")
        process = child_of(own)
        environment = Path(f"/proc/{process}/environ").read_text("utf-8").split("\0")
        assert {entry.partition("=")[0] for entry in environment} - {""} == {"PYTHONPATH"}
        assert {entry.name for entry in Path(f"/proc/{process}/fd").iterdir()} == {"0", "1", "2"}

    def test_what_may_not_be_seen_is_not_even_shown_as_a_list(self, quick: Renderer) -> None:
        assert filled(quick, "{{ ['']|map('attr', '__class__')|list }}") == "[Undefined]"

    def test_the_values_of_one_letter_are_not_there_for_the_next(self, quick: Renderer) -> None:
        filled(quick, "{% set kept = client %}{% macro m() %}x{% endmacro %}")
        assert fault_of(quick, "{{ kept }}").code == "unknown_name"
        assert fault_of(quick, "{{ m() }}").code == "unknown_name"


class TestNothingIsTooMuch:
    @pytest.mark.parametrize("body", BOMBS)
    def test_a_bomb_is_stopped_in_its_line_and_the_next_letter_is_right(self, quick: Renderer, body: str) -> None:
        child_of(quick)
        started = time.monotonic()
        with pytest.raises(Unusable) as caught:
            filled(quick, "a\n" + body)
        assert time.monotonic() - started < 2 * QUICK.patience
        fault = caught.value
        assert fault.code == "too_much"
        assert (fault.detail, fault.line) in {("0.3 s", 2), ("512 MB", 2), ("256 KB", 2), ("10 s", 2), ("10 s", 1)}
        assert filled(quick, "{{ client }}") == "Ala"

    @pytest.mark.parametrize("body", DEAF)
    def test_what_does_not_hear_us_is_stopped_with_its_process(self, quick: Renderer, body: str) -> None:
        assert fault_of(quick, body).code == "too_much"

    @pytest.mark.parametrize("body", TOO_DEEP)
    def test_what_is_too_deep_or_has_too_much_power_is_refused(self, patient: Renderer, body: str) -> None:
        assert fault_of(patient, body).code in REFUSED

    def test_a_bomb_in_the_subject_has_line_0(self, quick: Renderer) -> None:
        assert (fault_of(quick, "a", SLOW).line, fault_of(quick, "a", "{{ 1 / 0 }}").line) == (0, 0)

    def test_time_that_is_over_between_two_pieces_of_output_has_the_templates_line(self) -> None:
        with pytest.raises(Unusable) as caught:
            filled_in("a\n{{ client }}\n", "pl", {"client": Late("Ala")}, TODAY, QUICK)
        assert (caught.value.code, caught.value.line) == ("too_much", 2)

    def test_a_child_that_stands_still_is_stopped_when_patience_is_over(self) -> None:
        renderer = Renderer(Limits(patience=3))
        os.kill(child_of(renderer), signal.SIGSTOP)
        fault = fault_of(renderer, "a")
        assert (fault.code, fault.detail, fault.passing) == ("too_much", "3 s", True)
        renderer.close()

    def test_output_up_to_the_limit_is_whole(self, quick: Renderer) -> None:
        assert filled(quick, "{{ 'ą' * (128 * 1024) }}") == "ą" * 128 * 1024

    def test_each_template_has_all_of_its_time(self, own: Renderer) -> None:
        work = "{% set s = 'x' * 200 %}{% for a in s %}{% for b in s %}{% endfor %}{% endfor %}x"
        child = child_of(own)
        while cpu_of(child) < 3 * QUICK.seconds:
            assert filled(own, work) == "x"
        assert own.starts == 1


class TestOneChild:
    def test_it_is_started_for_the_first_template_and_serves_all(self, own: Renderer) -> None:
        assert LetterWriter((), SENDER, "w", own).check() == ()
        assert own.process is None
        for number in range(50):
            assert filled(own, f"{number} {{{{ client }}}}") == f"{number} Ala"
        assert own.starts == 1

    def test_one_that_somebody_ended_is_replaced(self, own: Renderer) -> None:
        os.kill(child_of(own), signal.SIGKILL)
        assert filled(own, "{{ client }}") == "Ala"

    def test_an_interrupted_question_leaves_no_answer_to_the_next(self, own: Renderer) -> None:
        def interrupt(_number: int, _frame: FrameType | None) -> None:
            raise KeyboardInterrupt

        child_of(own)
        before = signal.signal(signal.SIGALRM, interrupt)
        with pytest.raises(KeyboardInterrupt):
            filled_for(0.1, own, SLOW)
        signal.signal(signal.SIGALRM, before)
        assert filled(own, "{{ client }}") == "Ala"

    @pytest.mark.parametrize("busy", [False, True])
    def test_it_goes_when_its_parent_is_killed(self, busy: bool) -> None:
        program = f"""
from datetime import date
from mailers.rendering import shared
shared().fill_in("a", "b", "pl", {{}}, date(2026, 11, 23))
print(shared().process, flush=True)
shared().fill_in("a", {SLOW!r} if {busy} else "b", "pl", {{}}, date(2026, 11, 23))
print("done", flush=True)
input()
"""
        command = [sys.executable, "-c", program]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as parent:
            assert parent.stdout is not None
            child = int(parent.stdout.readline())
            assert is_there(child)
            if not busy:
                parent.stdout.readline()
            parent.kill()
        latest = time.monotonic() + 30
        while is_there(child) and time.monotonic() < latest:
            time.sleep(0.05)
        assert not is_there(child)

    @pytest.mark.parametrize(
        "answer", ["nonsense", "[]", "{}", '{"code": "failed"}', '{"code": 1, "line": "x"}', "x" * 100, "x" * 4_000_000]
    )
    def test_a_child_that_talks_nonsense_is_not_believed(
        self, own: Renderer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, answer: str
    ) -> None:
        (tmp_path / "answer").write_text(answer + "\n", "utf-8")
        impostor = tmp_path / "python"
        impostor.write_text(f"#!/bin/sh\necho '{{}}'\nread request\ncat '{tmp_path}/answer'\n", "utf-8")
        impostor.chmod(0o755)
        with monkeypatch.context() as patch:
            patch.setattr(sys, "executable", str(impostor))
            with pytest.raises(Unusable):
                filled(own, "a")
        assert filled(own, "{{ client }}") == "Ala"

    def test_no_filter_needs_a_file_that_stays_shut(self, quick: Renderer) -> None:
        shut = []
        for name in FILTERS:
            try:
                filled(quick, "{{ 'a<b> http://x.pl'|" + name + " }}")
            except Unusable as fault:
                shut += [name] if "OSError" in fault.reason or "import" in fault.reason.lower() else []
        assert not shut

    def test_what_does_not_render_does_not_load_it(self) -> None:
        program = "import sys, sync.cli; sys.exit(bool({'jinja2', 'mailers.rendering'} & set(sys.modules)))"
        assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


class TestLetters:
    BOMB = LetterTemplate("bomb", "pl", "S", "a\n" + SLOW)
    GOOD = LetterTemplate("good", "pl", "{{ client }}", "a")

    def test_a_template_that_is_too_much_waits_and_others_go(self, own: Renderer) -> None:
        writer = LetterWriter((self.BOMB, self.GOOD), SENDER, "w", own)
        for reminder, _ in (*specimens("bomb", "pl"), *specimens("bomb", "pl")):
            with pytest.raises(TemplateFault) as caught:
                writer.write(reminder)
            assert (caught.value.code, caught.value.line, caught.value.template) == ("too_much", 2, "bomb")
            assert str(caught.value).endswith("line 2: it is too much: more than 0.3 s for one letter.")
        assert own.starts == 3  # then it is not tried any more
        assert [fault.template for fault in writer.check()] == ["bomb"]
        assert writer.write(*specimens("good", "pl")[0]).subject.startswith("Zakład")

    def test_a_machine_that_cannot_start_a_process_is_not_held_against_a_template(
        self, own: Renderer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        writer = LetterWriter((self.GOOD,), SENDER, "w", own)
        with monkeypatch.context() as patch:
            patch.setattr(sys, "executable", "/nowhere/python")
            assert [(fault.code, fault.line) for fault in writer.check()] == [("failed", 1)]
        assert writer.check() == ()
