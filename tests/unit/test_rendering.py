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

import pytest
from jinja2.filters import FILTERS

from mailers.letters import LetterWriter, Sender, TemplateFault
from mailers.rendering import Renderer
from mailers.specimens import specimens
from mailers.templating import Limits, Unusable
from validators.templates import LetterTemplate

TODAY = date(2026, 11, 23)
NAMES = {"client": "Ala", "count": 2, "invoices": [{"number": "FV/1"}, {"number": "FV/2"}]}
SENDER = Sender("Biuro <biuro@example.pl>")
QUICK = Limits(seconds=0.3, patience=4)
REFUSED = {"forbidden", "unknown_name", "syntax", "failed"}
SLOW = (
    "{% set s = 'x' * 1000 %}{% set y %}{% for a in s %}{% for b in s %}{% for c in s %}"
    "{% endfor %}{% endfor %}{% endfor %}{% endset %}"
)

ESCAPES = r"""
{{ ''.__class__.__mro__ }}
{{ ''.__class__.__mro__[1].__subclasses__() }}
{% for c in [].__class__.__base__.__subclasses__() %}{{ c }}{% endfor %}
{{ ().__class__.__bases__[0].__subclasses__() }}
{{ (1).__class__.__base__ }}
{{ {}.__class__.mro() }}
{{ true.__class__ }}
{{ ''|attr('__class__') }}
{{ ''|attr('__init__') }}
{{ ''['__class__'] }}
{{ ''['__cla' ~ 'ss__'] }}
{{ ''['\x5f\x5fclass\x5f\x5f'] }}
{{ client|attr('format')|attr('__self__') }}
{{ client.encode.__self__ }}
{{ ''.join.__call__.__self__ }}
{{ [].__reduce_ex__(2) }}
{{ client.__doc__.__class__ }}
{{ invoices|map('attr', '__class__')|map('attr', '__mro__')|join }}
{{ invoices|map(attribute='__class__')|join }}
{{ invoices|map(attribute='__class__.__mro__')|list }}
{{ invoices|sort(attribute='__class__') }}
{{ invoices|groupby('__class__') }}
{{ invoices|selectattr('__class__')|list }}
{{ invoices|sum(attribute='__class__') }}
{{ invoices|unique(attribute='__class__')|list }}
{{ invoices|max(attribute='__class__') }}
{{ [1]|map('__class__')|list }}
{{ [1]|select('__class__')|list }}
{{ '{0.__class__}'.format(client) }}
{{ '{0.__class__.__init__.__globals__}'.format(plural) }}
{{ '{x.__class__}'.format_map({'x': client}) }}
{{ ('{0.__class__}'|attr('format'))(client) }}
{{ '{0.__class__}'|format(client) }}
{% set f = '{0.__class__}'.format %}{{ f(client) }}
{{ ['{0.__class__}']|map('format', client)|list }}
{{ ('{0.__class__}'|escape).format(client) }}
{{ ('{0.__class__}'|safe).format(client) }}
{{ ('%s'|safe) % client.__class__ }}
{{ (client|escape).__html__.__globals__ }}
{{ (client|escape).format.__globals__ }}
{{ '%s'|format(plural.__globals__) }}
{{ plural.__closure__[0].cell_contents }}
{{ days.__code__.co_consts }}
{{ day_after.__globals__ }}
{{ lipsum.__globals__ }}
{{ cycler.__init__.__globals__.os.popen('id').read() }}
{{ joiner|attr('__init__') }}
{{ range.__class__ }}
{{ dict.__base__ }}
{{ namespace.__init__.__globals__ }}
{{ namespace().__class__ }}
{{ namespace(a=1)._Namespace__attrs }}
{% set n = namespace() %}{% set n.__class__ = 1 %}{{ n.__class__ }}
{% set n = namespace() %}{{ n.__setitem__.__globals__ }}
{{ self.__class__ }}
{{ self.__init__.__globals__ }}
{{ self._TemplateReference__context }}
{% block a %}{{ self.a.__func__.__globals__ }}{% endblock %}
{% block a %}{{ super.__globals__ }}{% endblock %}
{% for i in [1] %}{{ loop.__class__ }}{% endfor %}
{% for i in [1] %}{{ loop._iterable }}{% endfor %}
{% for i in [1] %}{{ loop.__init__.__globals__ }}{% endfor %}
{% macro m() %}{{ caller.__globals__ }}{% endmacro %}{% call m() %}x{% endcall %}
{% macro m() %}{{ m._func.__globals__ }}{% endmacro %}{{ m() }}
{% macro m() %}{{ varargs.__class__ }}{% endmacro %}{{ m(1) }}
{% include '/etc/passwd' %}
{% import 'os' as os %}{{ os.environ }}
{% from 'os' import environ %}{{ environ }}
{% extends '/etc/passwd' %}
{{ invoices.append(1) }}
{{ invoices[0].update({'number': 'x'}) }}
{{ invoices[0].pop('number') }}
{{ (invoices|map(attribute='number')).gi_frame }}
{{ (invoices|batch(1)).gi_frame.f_globals }}
{{ client.encode('idna') }}
{{ config }}
{{ request.application.__globals__ }}
{{ environment.globals }}
{{ context.environment }}
{{ __builtins__ }}
{{ __import__('os').system('id') }}
{{ open('/etc/passwd').read() }}
{{ eval('1') }}
{% debug %}
{% do client.x() %}
{{ 9 ** 9 }}
""".strip().split("\n")

TWICE = "{% for i in 'x' * 100 %}"
BOMBS = [
    "{{ 'x' * 1000000000 }}",
    "{{ 'x' * 400000000 }}",
    "{{ 'x' * 300000 }}",
    "{{ 'ą' * 140000 }}",
    "{{ ('\\u0149\\ufb03' * 50000000).upper() }}",
    SLOW,
    "{% set s = 'x' * 1000 %}{% for a in s %}{% for b in s %}{% for c in s %}.{% endfor %}{% endfor %}{% endfor %}",
    "{{ client.center(1000000000) }}",
    "{{ client|center(1000000000) }}",
    "{{ client.zfill(1000000000) }}",
    "{{ client|indent(1000000000) }}",
    "{{ ('a\\n' * 1000000)|indent(1000) }}",
    "{{ ('a ' * 10000000)|wordwrap(1) }}",
    "{{ ('a ' * 100000)|wordwrap(10, wrapstring='x' * 10000) }}",
    "{% filter center(1000000000) %}x{% endfilter %}",
    "{{ '\\t'.expandtabs(1000000000) }}",
    "{{ '%1000000000s' % client }}",
    "{{ '%1000000000s'|format(client) }}",
    "{{ '%.1000000000f' % 1 }}",
    "{{ '{:>1000000000}'.format(client) }}",
    "{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(40) }}",
    "{% set n = namespace(l=[1]) %}" + TWICE + "{% set n.l = n.l + n.l %}{% endfor %}",
    "{% set n = namespace(l='x') %}" + TWICE + "{% set n.l = n.l ~ n.l %}{% endfor %}",
    "{% set n = namespace(l=9999999999) %}" + TWICE + "{% set n.l = n.l * n.l %}{% endfor %}",
    "{% set n = namespace(l=[1]) %}" + TWICE + "{% set n.l = [n.l, n.l] %}{% endfor %}{{ n.l }}",
    "{{ ('x' * 50000000)|list|length }}",
    "{{ ('ab' * 3000000)|unique|list }}",
    "{{ 'x'|batch(1000000000, 'y')|list }}",
    "{{ 'x'|slice(1000000000)|list }}",
    "{{ ('x' * 100000000)|replace('x', 'yyyyyyyy') }}",
    "{{ 'x'.join('y' * 100000000) }}",
    "{{ (['x'] * 100000000)|join }}",
    "{{ (['x'] * 10000000)|pprint }}",
    "{{ ('x ' * 10000000)|title }}",
    "{{ '\\x02' * 1000 }}",
]
# The kernel has to end these: one step of Python's own, in which it hears nothing.
DEAF = [
    "{% set n = namespace(l=[1], m=[1]) %}"
    + TWICE
    + "{% set n.l = [n.l, n.l] %}{% set n.m = [n.m, n.m] %}{% endfor %}{{ n.l == n.m }}",
    "{% set n = namespace(l=(1,)) %}" + TWICE + "{% set n.l = (n.l, n.l) %}{% endfor %}{{ {n.l: 1} }}",
]
TOO_DEEP = [
    "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "{% for i in invoices recursive %}{{ loop(invoices) }}{% endfor %}",
    "{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}",
    "{{ 1" + "+1" * 20000 + " }}",
    "{% if 1 %}" * 2000 + "{% endif %}" * 2000,
    "{% for a in client %}" * 30 + "{% endfor %}" * 30,
    "{{ 10 ** 10 ** 10 }}",
    "{% for i in range(1000000000) %}{% endfor %}",
]


@pytest.fixture(scope="module")
def quick() -> Iterator[Renderer]:
    renderer = Renderer(QUICK)
    yield renderer
    renderer.close()


@pytest.fixture
def own() -> Iterator[Renderer]:
    renderer = Renderer(QUICK)
    yield renderer
    renderer.close()


def filled(renderer: Renderer, body: str, subject: str = "S") -> str:
    return renderer.fill_in(subject, body, "pl", NAMES, TODAY).body


def fault_of(renderer: Renderer, body: str, subject: str = "S") -> Unusable:
    with pytest.raises(Unusable) as caught:
        filled(renderer, body, subject)
    assert filled(renderer, "{{ invoices[0].number }} {{ client }}") == "FV/1 Ala"
    return caught.value


def child_of(renderer: Renderer) -> int:
    filled(renderer, "a")
    assert renderer.process is not None
    return renderer.process


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
        started = time.monotonic()
        fault = fault_of(quick, "a\n" + body)
        assert fault.code == "too_much"
        assert (fault.detail, fault.line) in {("0.3 s", 2), ("512 MB", 2), ("256 KB", 2), ("4 s", 2), ("4 s", 1)}
        assert time.monotonic() - started < 2 * QUICK.patience

    @pytest.mark.parametrize("body", DEAF)
    def test_what_does_not_hear_us_is_stopped_with_its_process(self, quick: Renderer, body: str) -> None:
        assert fault_of(quick, body).code == "too_much"

    @pytest.mark.parametrize("body", TOO_DEEP)
    def test_what_is_too_deep_or_has_too_much_power_is_refused(self, quick: Renderer, body: str) -> None:
        assert fault_of(quick, body).code in REFUSED

    def test_a_bomb_in_the_subject_has_line_0(self, quick: Renderer) -> None:
        assert (fault_of(quick, "a", SLOW).line, fault_of(quick, "a", "{{ 1 / 0 }}").line) == (0, 0)

    def test_a_child_that_stands_still_is_stopped_when_patience_is_over(self) -> None:
        renderer = Renderer(Limits(patience=0.5))
        os.kill(child_of(renderer), signal.SIGSTOP)
        fault = fault_of(renderer, "a")
        assert (fault.code, fault.detail, fault.passing) == ("too_much", "0.5 s", True)
        renderer.close()

    def test_output_up_to_the_limit_is_whole(self, quick: Renderer) -> None:
        assert filled(quick, "{{ 'ą' * (128 * 1024) }}") == "ą" * 128 * 1024

    def test_each_template_has_all_of_its_time(self, own: Renderer) -> None:
        work = "{% set s = 'x' * 200 %}{% for a in s %}{% for b in s %}{% endfor %}{% endfor %}x"
        spent = time.monotonic()
        while time.monotonic() - spent < 3 * QUICK.seconds:
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
        signal.setitimer(signal.ITIMER_REAL, 0.1)
        with pytest.raises(KeyboardInterrupt):
            filled(own, SLOW)
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
