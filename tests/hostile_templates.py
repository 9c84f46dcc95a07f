"""Templates that try to get out of the sandbox, or are far too much for it."""

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
    "{{ 'x' * 200000000 }}",
    "{{ 'x' * 300000 }}",
    "{{ 'ą' * 140000 }}",
    "{{ ('\\u0149\\ufb03' * 18000000).upper() }}",
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
    "{{ ('ab' * 3000000)|unique|list }}",
    "{{ 'x'|batch(1000000000, 'y')|list }}",
    "{{ 'x'|slice(1000000000)|list }}",
    "{{ ('x' * 10000000)|replace('x', 'y' * 80) }}",
    "{{ 'x'.join('y' * 60000000) }}",
    "{{ (['x'] * 100000000)|join }}",
    "{{ (['x'] * 10000000)|pprint }}",
    "{{ ('x ' * 10000000)|title }}",
    "{{ '\\x02' * 1000 }}",
]
# The kernel has to end these, the last on slow machines only: one step of Python's own, in which it hears nothing.
DEAF = [
    "{% set n = namespace(l=[1], m=[1]) %}"
    + TWICE
    + "{% set n.l = [n.l, n.l] %}{% set n.m = [n.m, n.m] %}{% endfor %}{{ n.l == n.m }}",
    "{% set n = namespace(l=(1,)) %}" + TWICE + "{% set n.l = (n.l, n.l) %}{% endfor %}{{ {n.l: 1} }}",
    "{{ ('x' * 50000000)|list|length }}",
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
